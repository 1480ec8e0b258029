//! The committed example is what the code makes, and is what its README says.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::ZlibDecoder;

use super::actor::Actor;
use super::image::{Image, Node};
use super::{files, images};
use crate::bless;

#[test]
fn the_committed_files_are_what_the_code_makes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(bless::EXAMPLE);
    let committed = bless::read_folder(&folder).unwrap();
    let made = files().unwrap();
    let committed_names: Vec<_> = committed.keys().collect();
    let made_names: Vec<_> = made.keys().collect();
    assert_eq!(committed_names, made_names, "run `cargo xtask example`");
    for (name, content) in &made {
        assert!(
            committed.get(name) == Some(content),
            "{} differs: run `cargo xtask example`",
            name.display()
        );
    }
}

#[test]
fn every_malicious_image_has_one_twin() {
    let (malicious, twins) = images(&Actor::new().unwrap()).unwrap();
    let names = |images: &[Image], account: &str| -> Vec<_> {
        let names = images
            .iter()
            .map(|image| image.name.strip_prefix(account).unwrap().to_owned());
        names.collect()
    };
    let malicious = names(&malicious, "docker123321/");
    assert_eq!(malicious.len(), 17);
    assert_eq!(malicious, names(&twins, "twins/"));
    assert_eq!(malicious.iter().collect::<BTreeSet<_>>().len(), 17);
}

#[test]
fn the_ties_are_as_the_readme_says() {
    let actor = Actor::new().unwrap();
    let (malicious, twins) = images(&actor).unwrap();
    for tie in actor.ties() {
        let expected: BTreeSet<_> = tie.images.iter().copied().collect();
        let found: BTreeSet<_> = malicious
            .iter()
            .filter(|image| text(image).contains(&tie.value))
            .filter_map(|image| image.name.strip_prefix("docker123321/"))
            .collect();
        assert_eq!(found, expected, "{} {}", tie.kind, tie.value);
        if tie.kind.contains("host") {
            assert!(!twins.iter().any(|image| text(image).contains(&tie.value)));
        }
    }
}

#[test]
fn the_ties_hold_all_images_together_but_no_single_one_does() {
    let ties = Actor::new().unwrap().ties();
    let mut reached: BTreeSet<_> = ["tomcat"].into();
    while let Some(next) = ties.iter().find(|tie| {
        let known = tie
            .images
            .iter()
            .filter(|name| reached.contains(*name))
            .count();
        known > 0 && known < tie.images.len()
    }) {
        reached.extend(&next.images);
    }
    assert_eq!(reached.len(), 17, "{reached:?}");
    assert!(ties.iter().all(|tie| tie.images.len() <= 5));
}

#[test]
fn only_addresses_for_documentation_are_named() {
    let (malicious, twins) = images(&Actor::new().unwrap()).unwrap();
    for image in malicious.iter().chain(&twins) {
        let text = text(image);
        for word in text.split(|c: char| !(c.is_ascii_digit() || c == '.')) {
            let parts: Vec<_> = word.split('.').collect();
            let is_address =
                parts.len() == 4 && parts.iter().all(|part| part.parse::<u8>().is_ok());
            let documented = [
                "192.0.2.",
                "198.51.100.",
                "203.0.113.",
                "127.0.0.1",
                "0.0.0.0",
            ]
            .iter()
            .any(|prefix| word.starts_with(prefix));
            assert!(!is_address || documented, "{}: {word}", image.name);
        }
        for url in text.split("://").skip(1) {
            let host = url.split(|c: char| !(c.is_ascii_alphanumeric() || ".-".contains(c)));
            let host = host.into_iter().next().unwrap();
            let safe = host.ends_with(".invalid")
                || host.ends_with("example.com")
                || host.starts_with(|c: char| c.is_ascii_digit())
                || host.is_empty();
            assert!(safe, "{}: {host}", image.name);
        }
    }
}

/// Everything an image says: settings, files, and what is packed in them.
fn text(image: &Image) -> String {
    let mut text = String::new();
    for value in image.settings.values() {
        collect_strings(value, &mut text);
    }
    for step in &image.history {
        text.push_str(&step.created_by);
        text.push('\n');
        for node in step.layer.iter().flat_map(|layer| &layer.nodes) {
            if let Node::File(_, _, content) = node {
                text.push_str(&String::from_utf8_lossy(content));
                text.push('\n');
            }
        }
    }
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    let packed: Vec<_> = text
        .split(|c| !is_base64(c))
        .map(|word| word.strip_prefix("JOB=").unwrap_or(word))
        .filter(|word| word.len() >= 40)
        .filter_map(|word| STANDARD.decode(word).ok())
        .collect();
    for bytes in packed {
        let mut inflated = String::new();
        if ZlibDecoder::new(bytes.as_slice())
            .read_to_string(&mut inflated)
            .is_err()
        {
            inflated = String::from_utf8_lossy(&bytes).into_owned();
        }
        text.push_str(&inflated);
    }
    text
}

fn collect_strings(value: &serde_json::Value, text: &mut String) {
    use serde_json::Value;
    match value {
        Value::String(word) => {
            text.push_str(word);
            text.push('\n');
        }
        Value::Array(values) => values.iter().for_each(|value| collect_strings(value, text)),
        Value::Object(values) => values
            .values()
            .for_each(|value| collect_strings(value, text)),
        _ => {}
    }
}
