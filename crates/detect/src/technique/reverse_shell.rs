//! Reverse shell: an interpreter that takes its orders from an outgoing connection.

use model::{Act, Confidence, Protocol, Rule, Severity};

use super::vocabulary::{
    End, as_sure_as_it_runs, connection, destination, is_loopback, ordered_over,
};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct ReverseShell;

static RULE: Rule = Rule {
    id: "shell/reverse",
    title: "Reverse shell",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1059.004", "T1095"],
    what: "A shell or another interpreter whose standard input is an outgoing connection, or code that is received over one and run: however that is spelled, in whatever language, behind whatever encoding.",
    why: "Whoever listens at the other end types commands into the container, from the moment it starts, past any firewall that only looks at incoming connections.",
    benign: "Penetration-testing images carry such code on purpose. A health check that only opens a port and reads nothing into a shell is not reported.",
    next: "Do not run the image. If it ran, treat the container and what it could reach as taken over; block the address and look for it in your connection logs.",
};

impl Detector<Subject<'_>> for ReverseShell {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            if let Some(sign) = sign(subject, act) {
                reporter.act(act, sign);
            }
        }
    }
}

fn sign(subject: &Subject<'_>, act: &Act) -> Option<Sign> {
    let End::Outgoing(protocol, host, port) = connection(subject.program, ordered_over(act)?)?
    else {
        return None;
    };
    if protocol == Protocol::Unix || is_loopback(host) {
        return None;
    }
    let detail = format!("Takes its commands from {}.", destination(host, port));
    // Who supplies the address decides who is at the other end.
    let confidence = if host.is_supplied() {
        Confidence::Medium
    } else {
        Confidence::High
    };
    Some(Sign::new(detail).confidence(as_sure_as_it_runs(subject, confidence)))
}

#[cfg(test)]
mod tests {
    use model::{Behavior as B, Language, Provenance, Stream, Value};

    use super::*;
    use crate::technique::check::{connect, execute, findings};

    #[test]
    fn a_shell_on_an_outgoing_connection_hits() {
        let acts = [
            connect(1, "192.0.2.1", "4444"),
            execute("/bin/bash", &["-i"], Stream::Connection(1)),
        ];
        assert_eq!(
            findings(&ReverseShell, &acts),
            ["Takes its commands from 192.0.2.1:4444."]
        );
        let received = Value::unknown(Provenance::Received(1));
        let acts = [
            connect(1, "evil.example", "1"),
            B::Evaluate {
                language: Language::Python,
                code: received,
            },
        ];
        assert_eq!(findings(&ReverseShell, &acts).len(), 1);
    }

    #[test]
    fn other_uses_of_connections_miss() {
        let cases = [
            vec![connect(1, "192.0.2.1", "5432")],
            vec![
                connect(1, "127.0.0.1", "1"),
                execute("sh", &[], Stream::Connection(1)),
            ],
            vec![
                connect(1, "192.0.2.1", "1"),
                execute("tar", &["x"], Stream::Connection(1)),
            ],
            vec![
                connect(1, "192.0.2.1", "1"),
                execute("sh", &["x.sh"], Stream::Inherited),
            ],
        ];
        for acts in cases {
            assert!(findings(&ReverseShell, &acts).is_empty(), "{acts:?}");
        }
    }
}
