//! What a person sees, at several widths.

use unicode_width::UnicodeWidthStr;

use super::*;
use crate::cli::FailOn;
use crate::samples;

fn look(width: usize) -> Look {
    Look {
        fail_on: FailOn::Suspicious,
        verbose: false,
        quiet: false,
        errors_told: false,
        width,
        color: false,
    }
}

#[test]
fn at_a_glance() {
    let text = render(&samples::document(), look(80));
    let file = "src/render/text/expected-80.txt";
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(file, &text).unwrap();
    }
    let expected = std::fs::read_to_string(file).unwrap();
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn everything_with_verbose() {
    let text = render(
        &samples::document(),
        Look {
            verbose: true,
            ..look(80)
        },
    );
    for part in [
        "Private key",
        "Whoever listens there controls the container.",
        "A drill of a red team; ask who built the image.",
        "4c1f0a9e2b7d",
        "the drill of May (until 2030-05-31)",
        "# buildkit",
        "layer 3 removes or replaces it",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn quiet_is_one_line_an_image() {
    let text = render(
        &samples::document(),
        Look {
            quiet: true,
            ..look(80)
        },
    );
    let first_words: Vec<_> = text.lines().map(|l| l.split(' ').next().unwrap()).collect();
    assert_eq!(
        first_words,
        ["malicious", "unwanted", "incomplete", "clean", "error"]
    );
}

/// Only lines with a target or file name that is to be copied may be longer than the page.
#[test]
fn lines_keep_to_the_width() {
    for width in [40, 60, 80, 140] {
        for verbose in [false, true] {
            let text = render(
                &samples::document(),
                Look {
                    verbose,
                    ..look(width)
                },
            );
            for line in text.lines() {
                let names_image = ["registry", "oci-dir:", "docker-archive:", "image"]
                    .iter()
                    .any(|name| line.contains(name));
                assert!(names_image || line.width() <= width, "{width}: {line}");
            }
        }
    }
}

#[test]
fn nothing_from_an_image_reaches_the_terminal_raw() {
    let hostile = "\u{1b}[2J\u{9b}\u{202e}\r\n\u{7}";
    let mut document = samples::document();
    for judged in &mut document.reports {
        judged.report.target.push_str(hostile);
        for finding in &mut judged.report.findings {
            for text in [
                &mut finding.id,
                &mut finding.rule,
                &mut finding.title,
                &mut finding.evidence,
                &mut finding.detail,
                &mut finding.why,
                &mut finding.benign,
                &mut finding.next,
            ] {
                text.push_str(hostile);
            }
            finding.attack.push(hostile.to_owned());
            finding.place.path = Some(hostile.to_owned());
            finding.place.instruction = Some(hostile.to_owned());
            finding.place.steps.push(model::Step::new(hostile));
            finding.reach = model::Reach::Start {
                chain: vec![hostile.to_owned()],
            };
        }
        for item in &mut judged.suppressed {
            item.reason.push_str(hostile);
        }
        for gap in &mut judged.report.gaps {
            gap.reason.0.push_str(hostile);
        }
    }
    for failure in &mut document.errors {
        failure.target.push_str(hostile);
        failure.message.push_str(hostile);
        failure.advice = Some(hostile.to_owned());
    }
    // Without colours every escape would be one from outside (and stripping must not hide it, so
    // the coloured text is looked at too: it may hold nothing but colours).
    let coloured = Look {
        color: true,
        verbose: true,
        ..look(100)
    };
    let text = render(&document, coloured);
    let rest = text.replace("\u{1b}[", "");
    assert!(
        !rest.chars().any(|c| c != '\n' && model::text::is_unsafe(c)),
        "{rest:?}"
    );
    assert!(!text.contains("\u{1b}[2J"));
}

#[test]
fn clean_images_alone_are_short() {
    let document = Document::new(vec![samples::clean()], vec![]);
    assert_eq!(
        render(&document, look(80)),
        "clean       dir:rootfs\n1 image: 1 clean\n"
    );
    let none = Document::new(vec![], vec![]);
    assert_eq!(render(&none, look(80)), "0 images: nothing was scanned\n");
}
