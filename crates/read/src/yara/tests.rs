//! Compiling and applying rules.

use model::{Confidence, Severity};

use super::*;

fn no_file(_: &RuleFile, _: &str) -> Result<RuleFile, String> {
    Err("there is no such file".to_owned())
}

fn file(text: &str) -> RuleFile {
    RuleFile {
        name: "a.yar".to_owned(),
        text: text.to_owned(),
    }
}

#[test]
fn a_match_says_who_wrote_the_rule_and_where_it_is() {
    let text = r#"
        rule planted : implant {
            meta:
                description = "Planted marker"
                author = "A. Author"
                license = "CC0-1.0"
                score = 80
            strings:
                $marker = "MARKER"
            condition:
                $marker and filename == "x.bin"
        }"#;
    let (rules, problems) = compile(&[file(text)], &no_file);
    assert_eq!((rules.len(), problems), (1, Vec::new()));
    let found = rules.matches("opt/x.bin", b"..MARKER..").unwrap();
    let [one] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (
            one.name.as_str(),
            one.file.as_str(),
            one.author.as_str(),
            one.licence.as_str()
        ),
        ("planted", "a.yar", "A. Author", "CC0-1.0")
    );
    assert_eq!(
        (one.severity, one.confidence),
        (Severity::High, Confidence::Medium)
    );
    assert_eq!(one.tags, ["implant"]);
    assert_eq!((one.strings[0].offset, one.strings[0].length), (2, 6));
    assert_eq!(one.strings[0].text, "MARKER");
    assert!(
        rules
            .matches("opt/y.bin", b"..MARKER..")
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_rule_that_does_not_compile_is_named_and_the_rest_load() {
    let text = "import \"nosuch\"\nrule good { condition: true }\nrule bad { condition: unknown_thing }\n\
        rule worse { strings: $a = /(/ condition: $a }\nrule after { condition: good }";
    let (rules, problems) = compile(&[file(text)], &no_file);
    assert_eq!(rules.len(), 2);
    let named: Vec<_> = problems
        .iter()
        .map(|p| (p.line, p.rule.as_deref()))
        .collect();
    assert_eq!(named, [(1, None), (3, Some("bad")), (4, Some("worse"))]);
    assert!(problems.iter().all(|problem| !problem.message.is_empty()));
    assert_eq!(rules.matches("x", b"x").unwrap().len(), 2);
}

#[test]
fn private_rules_are_used_and_not_reported() {
    let text = "private rule inner { strings: $a = \"abc\" condition: $a }\nrule outer { condition: inner }";
    let (rules, problems) = compile(&[file(text)], &no_file);
    assert!(problems.is_empty(), "{problems:?}");
    let found = rules.matches("x", b"abc").unwrap();
    let names: Vec<_> = found.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["outer"]);
}

#[test]
fn included_files_are_read_once_and_a_circle_ends() {
    let read = |from: &RuleFile, path: &str| {
        assert_eq!(path, "b.yar");
        Ok(RuleFile {
            name: "b.yar".to_owned(),
            text: if from.name == "a.yar" {
                "include \"b.yar\"\nrule b { condition: true }".to_owned()
            } else {
                String::new()
            },
        })
    };
    let (rules, problems) = compile(&[file("include \"b.yar\"\nrule a { condition: b }")], &read);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(rules.len(), 2);
}

#[test]
fn modules_of_public_sets_are_there() {
    let text = "import \"pe\"\nimport \"elf\"\nimport \"math\"\nimport \"hash\"\nimport \"console\"\nimport \"time\"\n\
        rule a { condition: math.entropy(0, filesize) >= 0 and elf.type != 9 or pe.is_pe }\n\
        rule b { condition: hash.md5(0, filesize) == \"900150983cd24fb0d6963f7d28e17f72\" }";
    let (rules, problems) = compile(&[file(text)], &no_file);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(rules.matches("x", b"abc").unwrap().len(), 1);
}
