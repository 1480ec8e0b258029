//! Mass scanning: many hosts are looked at for doors that stand open.

use std::collections::BTreeSet;

use model::{Act, Behavior, Confidence, Program, Provenance, Rule, Severity, Value};

use super::orders::started;
use super::vocabulary::{as_sure_as_it_runs, host_of};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct MassScan;

static RULE: Rule = Rule {
    id: "discovery/mass-scan",
    title: "Scans many hosts",
    severity: Severity::High,
    confidence: Confidence::Low,
    attack: &["T1046", "T1595.001"],
    what: "A scanner that is made for whole networks is started, above all for the ports of container runtimes, clusters and databases.",
    why: "Worms look for their next host this way.",
    benign: "Tools of security teams scan. A scan alone is reported as information; over the whole Internet, or for the doors of container runtimes, it weighs more.",
    next: "Look what the program does with the hosts that it finds.",
};

/// Programs that look at many hosts.
const SCANNERS: &[&str] = &[
    "masscan",
    "zmap",
    "zgrab",
    "zgrab2",
    "pnscan",
    "nmap",
    "rustscan",
    "naabu",
    "fscan",
    "hping3",
    "unicornscan",
    "arp-scan",
    "netdiscover",
    "shodan",
    "fping",
];

/// Ports behind which machines are taken over: of runtimes, clusters, databases, build servers.
const DOORS: &[&str] = &[
    "2375", "2376", "2377", "4243", "10250", "10255", "6443", "2379", "6379", "8088", "9200",
    "5432", "27017", "8983", "50070", "7001", "8080", "22", "23",
];

/// Doors that nobody looks for but to get in.
const RUNTIME_DOORS: &[&str] = &["2375", "2376", "4243", "10250", "10255", "6379", "8088"];

/// The name of the scanner that an act starts.
fn scanner(act: &Act) -> Option<(&str, &[Value])> {
    let (program, arguments) = started(act)?;
    let name = program.base_name();
    SCANNERS.contains(&name).then_some((name, arguments))
}

/// Whether a source is something that a program finds out of itself about other hosts: what a
/// scanner prints or writes, numbers drawn at random, and the hosts that others logged in to.
pub fn finds_hosts(program: &Program) -> impl Fn(&Provenance) -> bool {
    let written: BTreeSet<String> = program
        .acts
        .iter()
        .filter_map(scanner)
        .flat_map(|(_, arguments)| arguments.iter().map(|word| word.text.clone()))
        .filter(|word| word.len() > 1 && !word.starts_with('-'))
        .collect();
    move |from| match from {
        Provenance::Output(name) => SCANNERS.contains(&name.as_str()) || name == "random",
        Provenance::File(path) => {
            written.contains(path)
                || [
                    "/known_hosts",
                    "/.bash_history",
                    "/.ssh/config",
                    "/.zsh_history",
                ]
                .iter()
                .any(|end| path.ends_with(end))
        }
        _ => false,
    }
}

impl Detector<Subject<'_>> for MassScan {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Some((name, arguments)) = scanner(act) else {
                continue;
            };
            let all = |word: &Value| {
                word.text == "0.0.0.0/0" || word.text == "0/0" || word.text.ends_with(".0.0.0/8")
            };
            let everywhere = arguments.iter().any(all);
            let ports: Vec<&str> = arguments
                .iter()
                .flat_map(|word| ports(&word.text))
                .collect();
            let door = ports.iter().find(|port| RUNTIME_DOORS.contains(port));
            let fast = matches!(name, "masscan" | "zmap" | "pnscan" | "zgrab" | "zgrab2");
            if !fast && ports.is_empty() && !everywhere {
                continue;
            }
            let confidence = match (everywhere, door) {
                (true, Some(_)) => Confidence::Medium,
                (false, Some(_)) if fast && subject.runs_by_itself() => Confidence::Medium,
                _ => Confidence::Low,
            };
            let what = door.map_or_else(String::new, |port| format!(" for port {port}"));
            let where_to = if everywhere {
                "the whole Internet"
            } else {
                "many hosts"
            };
            let sign = Sign::new(format!("Scans {where_to}{what} with {name}."));
            reporter.act(
                act,
                sign.confidence(as_sure_as_it_runs(subject, confidence)),
            );
        }
    }
}

/// The ports that a word of a scanner's options names, as far as they are doors.
fn ports(word: &str) -> impl Iterator<Item = &str> {
    let list = word.trim_start_matches("-p").trim_start_matches("--ports=");
    let is_list = list
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b',' | b'-' | b':'));
    let list = if is_list { list } else { "" };
    list.split(',').filter(|port| DOORS.contains(port))
}

/// Whether an act opens a connection, a request or a client to a host that the program found.
pub fn reaches_found(act: &Act, finds: &impl Fn(&Provenance) -> bool) -> bool {
    let is_found = |value: &Value| value.from.iter().any(finds);
    match &act.behavior {
        Behavior::Connect { host, .. } => is_found(host) && is_untold(&host.text),
        Behavior::Fetch { url, .. } => is_found(url) && is_untold(host_of(&url.text)),
        Behavior::Execute { arguments, .. } => arguments
            .iter()
            .any(|word| is_found(word) && names_host(&word.text)),
        _ => false,
    }
}

/// Whether a host cannot be told from its beginning on, or is an address that is made up.
fn is_untold(host: &str) -> bool {
    host.starts_with(|c: char| c == '{' || c.is_ascii_digit()) && host.contains('{')
}

/// Whether a word is a host that cannot be told, with a user, a scheme, a port or a path at most.
fn names_host(word: &str) -> bool {
    let word = word.split_once("://").map_or(word, |(_, rest)| rest);
    let host = match word.split_once('@') {
        Some((user, host)) if !user.contains(['{', ' ']) => host,
        _ => word,
    };
    let end = host.rsplit('}').next().unwrap_or_default();
    is_untold(host) && (end.is_empty() || end.starts_with([':', '.', '/']))
}

#[cfg(test)]
mod tests {
    use model::Stream;

    use super::*;
    use crate::technique::check::{execute, findings, full};

    fn run(line: &str) -> [Behavior; 1] {
        let words: Vec<&str> = line.split(' ').collect();
        [execute(words[0], &words[1..], Stream::Inherited)]
    }

    #[test]
    fn doors_of_runtimes_weigh() {
        assert_eq!(
            findings(&MassScan, &run("masscan 0.0.0.0/0 -p2375 --rate 10000")).len(),
            1
        );
        assert_eq!(findings(&MassScan, &run("zmap -p 2375 -o /tmp/o")).len(), 1);
    }

    #[test]
    fn a_scan_of_one_host_is_nothing() {
        assert!(full(&MassScan, &run("nmap -sV 192.0.2.1")).is_empty());
        assert!(findings(&MassScan, &run("nmap -p 22,80 192.0.2.0/24")).is_empty());
    }
}
