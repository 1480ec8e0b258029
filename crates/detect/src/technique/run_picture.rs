//! Running a picture: code taken out of a file that is named, or is, something to look at.

use model::{Behavior, Confidence, Provenance, Rule, Severity};

use super::vocabulary::{as_sure_as_it_runs, is_interpreter, is_picture_name};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct RunPicture;

static RULE: Rule = Rule {
    id: "evasion/run-picture",
    title: "Runs a file that is named like a picture",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1036.008"],
    what: "An interpreter is given a file whose name is that of a picture, a font or a document, or a part of it is cut out and run.",
    why: "The name is there so that nobody looks at the code. Scanners that go by extension skip the file.",
    benign: "No honest use is known. A program that shows or converts a picture is not reported.",
    next: "Read the file as text from the layer named here. Do not run the image.",
};

impl Detector<Subject<'_>> for RunPicture {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let file = match &act.behavior {
                Behavior::Evaluate { code, .. } => code.from.iter().find_map(picture),
                Behavior::Execute { program, .. } if is_picture_name(&program.text) => {
                    Some(program.text.as_str())
                }
                Behavior::Execute {
                    program, arguments, ..
                } if is_interpreter(program) => {
                    // The script is the first operand; what follows are its own arguments.
                    let script = arguments
                        .iter()
                        .find(|argument| !argument.text.starts_with('-'));
                    let inline = arguments.iter().any(|argument| {
                        matches!(argument.text.as_str(), "-c" | "-e" | "-m" | "-r")
                    });
                    script
                        .filter(|_| !inline)
                        .map(|script| script.text.as_str())
                        .filter(|text| is_picture_name(text))
                }
                _ => None,
            };
            if let Some(file) = file {
                let confidence = as_sure_as_it_runs(subject, Confidence::High);
                reporter.act(
                    act,
                    Sign::new(format!("Runs {file} as code.")).confidence(confidence),
                );
            }
        }
    }
}

fn picture(from: &Provenance) -> Option<&str> {
    match from {
        Provenance::File(path) if is_picture_name(path) => Some(path),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use model::{Behavior as B, Language, Stream, Value};

    use super::*;
    use crate::technique::check::{execute, findings};

    #[test]
    fn the_end_of_a_name_is_no_name() {
        for line in [".css", "{{output of #rules}.css"] {
            assert!(findings(&RunPicture, &[execute(line, &[], Stream::Inherited)]).is_empty());
        }
    }

    #[test]
    fn pictures_that_run_hit() {
        assert_eq!(
            findings(
                &RunPicture,
                &[execute("bash", &["/opt/logo.jpg", "-s"], Stream::Inherited)]
            )
            .len(),
            1
        );
        assert_eq!(
            findings(
                &RunPicture,
                &[execute("/tmp/a.png", &[], Stream::Inherited)]
            )
            .len(),
            1
        );
        let code = Value::unknown(Provenance::File("/x/LOGO.JPG".to_owned()));
        assert_eq!(
            findings(
                &RunPicture,
                &[B::Evaluate {
                    language: Language::Shell,
                    code
                }]
            )
            .len(),
            1
        );
    }

    #[test]
    fn pictures_that_are_shown_miss() {
        assert!(
            findings(
                &RunPicture,
                &[execute("convert", &["a.png", "b.jpg"], Stream::Inherited)]
            )
            .is_empty()
        );
        assert!(
            findings(
                &RunPicture,
                &[execute(
                    "python3",
                    &["resize.py", "a.png"],
                    Stream::Inherited
                )]
            )
            .is_empty()
        );
    }
}
