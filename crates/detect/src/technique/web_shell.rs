//! Web shell: a server that runs what a request says.

use model::{Act, Behavior, Confidence, Language, Provenance, Rule, Severity, Value};

use super::orders::{decided_by, is_chosen_elsewhere};
use super::vocabulary::as_sure_as_it_runs;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct WebShell;

static RULE: Rule = Rule {
    id: "collection/web-shell",
    title: "Runs what a web request holds",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1505.003", "T1059"],
    what: "A parameter, header, cookie or the body of a request is evaluated as code, or is the command that is run: however it is encoded in between.",
    why: "Anybody who can send a request to the server commands it.",
    benign: "A request that fills in an argument of a fixed command is a weakness, not a backdoor, and is reported as information. Consoles of development servers do it behind a login.",
    next: "Look for requests to this path in the logs of every server that ran the image, and treat it as taken over.",
};

impl Detector<Subject<'_>> for WebShell {
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
    let code = decided_by(act)?;
    let part = code.requested_as()?;
    let what = match act.behavior {
        Behavior::Evaluate { language, .. } => format!("{} code", language.name()),
        _ => "a program".to_owned(),
    };
    if !is_chosen_elsewhere(code) || starts_what_is_there(act, code) {
        let detail = format!("Fills in {what} with `{part}` of a request.");
        return Some(
            Sign::new(detail)
                .severity(Severity::Low)
                .confidence(Confidence::Low),
        );
    }
    // A page runs because it lies there; a server has to be started by something.
    let is_page = matches!(subject.program.language, Language::Php | Language::Java);
    let confidence = if is_page || subject.runs_by_itself() {
        Confidence::High
    } else {
        Confidence::Medium
    };
    let detail = format!("Runs `{part}` of a request as {what}.");
    Some(Sign::new(detail).confidence(as_sure_as_it_runs(subject, confidence)))
}

/// Whether it is the path of the request that names the program or script to start: a server that
/// answers with what programs of its folder print.
fn starts_what_is_there(act: &Act, code: &Value) -> bool {
    let is_path = |from: &Provenance| match from {
        Provenance::Request(part) => matches!(part.as_str(), "path" | "PATH_INFO" | "REQUEST_URI"),
        _ => true,
    };
    let is_shell = matches!(
        act.behavior,
        Behavior::Evaluate {
            language: Language::Shell,
            ..
        }
    );
    code.from.iter().all(is_path) && !is_shell
}

#[cfg(test)]
mod tests {
    use model::Stream;

    use super::*;
    use crate::technique::check::findings;

    fn shell(before: &str, after: &str) -> usize {
        let mut code = Value::literal(before);
        code.append(&Value::unknown(Provenance::Request("GET[cmd]".to_owned())));
        code.append(&Value::literal(after));
        let evaluate = Behavior::Evaluate {
            language: Language::Shell,
            code,
        };
        findings(&WebShell, &[evaluate]).len()
    }

    #[test]
    fn a_command_from_a_request_hits() {
        for (before, after) in [("", ""), ("", " 2>&1"), ("cd /tmp; ", ""), ("sh -c '", "'")] {
            assert_eq!(shell(before, after), 1, "{before}…{after}");
        }
    }

    #[test]
    fn an_argument_from_a_request_is_a_weakness() {
        assert_eq!(shell("ping -c 1 ", ""), 0);
        assert_eq!(shell("convert in.png ", " out.png"), 0);
    }

    #[test]
    fn a_server_of_programs_is_no_shell() {
        let execute = |part: &str| {
            let program = Value::unknown(Provenance::Request(part.to_owned()));
            let execute = Behavior::Execute {
                program,
                arguments: Vec::new(),
                input: Stream::Inherited,
                output: Stream::Inherited,
            };
            findings(&WebShell, &[execute]).len()
        };
        assert_eq!(execute("path"), 0);
        assert_eq!(execute("query"), 1);
    }

    #[test]
    fn other_code_misses() {
        let evaluate = |code| {
            [Behavior::Evaluate {
                language: Language::Php,
                code,
            }]
        };
        assert!(findings(&WebShell, &evaluate(Value::literal("echo 1;"))).is_empty());
        let argument = Value::unknown(Provenance::Argument);
        assert!(findings(&WebShell, &evaluate(argument)).is_empty());
    }
}
