//! Bind shell: an interpreter that takes its orders from whoever connects.

use model::{Behavior, Confidence, Rule, Severity};

use super::orders::decided_by;
use super::vocabulary::{End, as_sure_as_it_runs, connection, is_loopback, ordered_over};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct BindShell;

static RULE: Rule = Rule {
    id: "shell/bind",
    title: "Shell for whoever connects",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1059.004", "T1571"],
    what: "A shell or another interpreter whose standard input is an accepted connection, or code that is received over one and run, with no login in between.",
    why: "Anybody who can reach the port commands the container.",
    benign: "Debug consoles of development images do this on purpose, mostly on the loopback address, which is not reported. A socket server that runs no interpreter is not reported.",
    next: "Do not run the image where its ports can be reached. If it ran, look for connections to the port.",
};

impl Detector<Subject<'_>> for BindShell {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            // What a web request holds is told as such.
            if decided_by(act).is_some_and(|code| code.requested_as().is_some()) {
                continue;
            }
            let end = ordered_over(act).and_then(|number| connection(subject.program, number));
            let Some(End::Incoming(host, port)) = end else {
                continue;
            };
            if !host.text.is_empty()
                && host.text != "0.0.0.0"
                && host.text != "::"
                && is_loopback(host)
            {
                continue;
            }
            let door = if port.text.is_empty() {
                "a port that cannot be told".to_owned()
            } else {
                format!("port {port}")
            };
            // Evaluating what a server receives is bad; handing out a shell is meant.
            let meant = matches!(act.behavior, Behavior::Execute { .. });
            let confidence = match (meant, subject.runs_by_itself()) {
                (true, _) => Confidence::High,
                (false, true) if port.known => Confidence::Medium,
                // A library that can evaluate what it receives, or waits where it is told to, does so
                // only if a program asks it to.
                (false, _) => Confidence::Low,
            };
            let sign = Sign::new(format!("Takes commands from whoever connects to {door}."));
            reporter.act(
                act,
                sign.confidence(as_sure_as_it_runs(subject, confidence)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Behavior as B, Protocol, Stream, Value};

    use super::*;
    use crate::technique::check::{execute, findings};

    fn listen(host: &str, port: &str) -> B {
        B::Listen {
            connection: 1,
            protocol: Protocol::Tcp,
            host: Value::literal(host),
            port: Value::literal(port),
        }
    }

    #[test]
    fn evaluating_weighs_only_where_the_port_is_told() {
        let evaluate = || B::Evaluate {
            language: model::Language::Python,
            code: Value::unknown(model::Provenance::Received(1)),
        };
        assert_eq!(
            findings(&BindShell, &[listen("", "4444"), evaluate()]).len(),
            1
        );
        let mut library = listen("", "");
        if let B::Listen { port, .. } = &mut library {
            *port = Value::unknown(model::Provenance::Argument);
        }
        assert!(findings(&BindShell, &[library, evaluate()]).is_empty());
    }

    #[test]
    fn a_shell_on_an_accepted_connection_hits() {
        for host in ["", "0.0.0.0", "192.0.2.7"] {
            let acts = [
                listen(host, "4444"),
                execute("/bin/sh", &[], Stream::Connection(1)),
            ];
            assert_eq!(
                findings(&BindShell, &acts),
                ["Takes commands from whoever connects to port 4444."],
                "{host}"
            );
        }
    }

    #[test]
    fn servers_and_loopback_consoles_miss() {
        assert!(findings(&BindShell, &[listen("", "80")]).is_empty());
        assert!(
            findings(
                &BindShell,
                &[
                    listen("127.0.0.1", "1"),
                    execute("sh", &[], Stream::Connection(1))
                ]
            )
            .is_empty()
        );
        assert!(
            findings(
                &BindShell,
                &[listen("", "1"), execute("cat", &[], Stream::Connection(1))]
            )
            .is_empty()
        );
    }
}
