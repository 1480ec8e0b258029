//! Escape by the container runtime's own door: a container that owns the host is asked for.

use model::{Act, Behavior, Confidence, Protocol, Rule, Severity, Value};

use super::orders::started;
use super::vocabulary::as_sure_as_it_runs;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct DockerSocket;

static RULE: Rule = Rule {
    id: "escape/docker-socket",
    title: "Asks the runtime for a container that owns the host",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1610", "T1611"],
    what: "Through the runtime's socket or client, code starts a container that holds the root folder of the host, or is privileged with its processes, and goes on inside it.",
    why: "Whoever commands the runtime is root on the host.",
    benign: "Builders and agents of CI start containers; agents that watch the host hold its root folder, read-only. Neither is reported.",
    next: "Do not mount the runtime's socket into this image. List the containers that its hosts started.",
};

/// A text without white space, for comparing JSON however it is laid out.
fn squeezed(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '\\')
        .collect()
}

/// Whether a request's body asks for the host: its root folder, its privileges, its processes.
fn asks_for_host(body: &str) -> bool {
    let body = squeezed(body);
    let writable_root = body.match_indices("\"/:/").any(|(at, _)| {
        let bind = body.get(at + 1..).unwrap_or_default();
        let bind = bind.split('"').next().unwrap_or(bind);
        !bind.ends_with(":ro")
    });
    let mounts_root = body.contains("\"Source\":\"/\"") && !body.contains("\"ReadOnly\":true");
    let owns = body.contains("\"Privileged\":true")
        && (body.contains("\"PidMode\":\"host\"") || body.contains("\"Cmd\":"));
    writable_root || mounts_root || owns
}

/// What `docker run` is given of the host.
fn given(arguments: &[Value]) -> Option<&'static str> {
    let is_root = |word: &Value| {
        let bind = word
            .text
            .split_once('=')
            .map_or(word.text.as_str(), |(_, bind)| bind);
        bind.starts_with("/:/") && !bind.ends_with(":ro") && !bind.contains(":ro,")
            || word.text.contains("source=/,")
            || word.text.contains("src=/,")
    };
    let has = |wanted: &str| arguments.iter().any(|word| word.text == wanted);
    let pids = has("--pid=host")
        || arguments
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a.text == "--pid" && b.text == "host"));
    match () {
        () if arguments.iter().any(is_root) => Some("the root folder of the host"),
        () if has("--privileged") && pids => Some("the processes of the host"),
        () => None,
    }
}

impl Detector<Subject<'_>> for DockerSocket {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        let acts = &subject.program.acts;
        let over_socket = acts.iter().any(|act| match &act.behavior {
            Behavior::Connect {
                protocol: Protocol::Unix,
                host,
                ..
            } => ["docker.sock", "podman.sock", "containerd.sock", "crio.sock"]
                .iter()
                .any(|end| host.text.ends_with(end)),
            _ => false,
        });
        let asks_creation = acts.iter().any(|act| match &act.behavior {
            Behavior::Fetch { url, .. } => url.text.contains("/containers/create"),
            Behavior::Send { data, .. } => data.text.contains("/containers/create"),
            _ => false,
        });
        for (at, act) in acts.iter().enumerate() {
            let sign = match &act.behavior {
                Behavior::Send { data, .. } if asks_creation && asks_for_host(&data.text) => {
                    let over = if over_socket {
                        "its socket"
                    } else {
                        "the network"
                    };
                    Sign::new(format!(
                        "Over {over}, asks the runtime for a container that owns the host."
                    ))
                }
                _ => match by_client(subject, act, acts.get(at + 1..).unwrap_or_default()) {
                    Some(sign) => sign,
                    None => continue,
                },
            };
            let confidence = sign.confidence.unwrap_or(Confidence::High);
            reporter.act(
                act,
                sign.confidence(as_sure_as_it_runs(subject, confidence)),
            );
        }
    }
}

/// `docker run -v /:/mnt … chroot /mnt`, by a program that runs by itself.
fn by_client(subject: &Subject<'_>, act: &Act, later: &[Act]) -> Option<Sign> {
    let (program, arguments) = started(act)?;
    if !matches!(program.base_name(), "docker" | "podman" | "nerdctl" | "ctr") {
        return None;
    }
    let given = given(arguments)?;
    // What it runs inside follows it, one step further in.
    let mut inside = later
        .iter()
        .take_while(|later| later.steps.len() > act.steps.len());
    // Changing root there is told by itself.
    let goes_on = inside.any(|inner| {
        matches!(
            inner.behavior,
            Behavior::Write { .. } | Behavior::Fetch { .. } | Behavior::Schedule { .. }
        )
    });
    let confidence = if goes_on && subject.runs_by_itself() {
        Confidence::Medium
    } else {
        Confidence::Low
    };
    Some(Sign::new(format!("Starts a container that holds {given}.")).confidence(confidence))
}

#[cfg(test)]
mod tests {
    use model::Step;

    use super::*;
    use crate::technique::check::{connect, findings};

    const BODY: &str = r#"{"Image": "alpine", "HostConfig": {"Binds": ["/:/mnt"]}}"#;

    fn asked(body: &str, url: &str) -> usize {
        let acts = [
            Behavior::Connect {
                connection: 1,
                protocol: Protocol::Unix,
                host: Value::literal("/var/run/docker.sock"),
                port: Value::default(),
            },
            connect(2, "localhost", "80"),
            Behavior::Send {
                connection: 2,
                data: Value::literal(body),
            },
            Behavior::Fetch {
                url: Value::literal(url),
                to: None,
            },
        ];
        findings(&DockerSocket, &acts).len()
    }

    #[test]
    fn a_container_that_owns_the_host_hits() {
        assert_eq!(asked(BODY, "http://localhost/v1.41/containers/create"), 1);
        let acts = [connect(1, "x", "2375")];
        assert!(findings(&DockerSocket, &acts).is_empty());
    }

    #[test]
    fn other_containers_miss() {
        let body = r#"{"Image":"app","HostConfig":{"Binds":["/data:/data","/:/host:ro"]}}"#;
        assert_eq!(asked(body, "http://localhost/containers/create"), 0);
        assert_eq!(asked(BODY, "http://localhost/containers/json"), 0);
    }

    #[test]
    fn a_client_that_goes_on_hits() {
        let words = ["run", "-v", "/:/mnt", "alpine", "chroot", "/mnt"];
        let client = crate::technique::check::execute("docker", &words, model::Stream::Inherited);
        let mut inner = Behavior::Write {
            path: Value::literal("/mnt/etc/motd"),
            content: Value::literal("x"),
            append: false,
        }
        .bare();
        inner.steps = vec![Step::new("docker")];
        let program = model::Program {
            language: model::Language::Shell,
            declared: true,
            steps: Vec::new(),
            acts: vec![client.bare(), inner],
        };
        let reach = model::Reach::Start { chain: Vec::new() };
        let found = crate::technique::check::with_program(&DockerSocket, &program, &reach);
        assert_eq!(found[0].confidence, Confidence::Medium);
    }
}
