//! Code in the strings of data: JSON and YAML that carry commands, scripts and encoded payloads.
//!
//! Most strings are no code. A text is searched once for words that code has; only strings that
//! hold one are looked at as code, and only long ones as encoded.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use model::Step;

use super::encoded;
use crate::artifact::{Artifact, Member, Reader, Told};
use crate::guess;

/// Shortest string that is looked at.
const SHORTEST: usize = 16;

/// Shortest string that is looked at as encoded.
const ENCODED: usize = 64;

/// Longest text whose strings are looked at: configuration is short, and data sets are long.
const LONGEST: usize = 4 << 20;

/// Most strings of one text that are followed.
const MOST: usize = 256;

/// Words one of which stands in nearly all code that acts.
static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::new([
        "curl ", "wget ", "/bin/", "/dev/", "/tmp/", "bash", "python", "perl ", "import ", "exec",
        "eval", "socket", "base64", "$(", "require(", "<?php", "chmod ", "| sh", "|sh", "nc ",
        "/etc/",
    ])
    .ok()
});

/// Reads the strings of a text that is JSON or YAML.
pub fn open(reader: &mut Reader, artifact: &Artifact) {
    if artifact.content.len() > LONGEST {
        return;
    }
    let text = String::from_utf8_lossy(artifact.content);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let is_json = start.starts_with(['{', '[']);
    if !is_json && !is_yaml(start) {
        return;
    }
    let mut found = quoted(&text);
    if !is_json {
        found.extend(blocks(&text));
        found.extend(plain(&text));
    }
    for string in found.into_iter().take(MOST) {
        look(reader, artifact, string);
    }
}

/// Whether a text is a list or a mapping of YAML: its first line that says anything is an item or
/// a key.
fn is_yaml(text: &str) -> bool {
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    line.is_some_and(|line| {
        let key = line.split_once(':').is_some_and(|(key, value)| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "_-./\"'".contains(c);
            key.chars().all(plain) && (value.is_empty() || value.starts_with(' '))
        });
        line == "---" || line.starts_with("--- ") || line.starts_with("- ") || key
    })
}

/// Looks at a string as code, or as encoded.
fn look(reader: &mut Reader, artifact: &Artifact, string: Found) {
    let Found { text, key } = string;
    let step = if key.is_empty() {
        "string".to_owned()
    } else {
        format!("string {key}")
    };
    if let Some(language) = guess::language(&text) {
        let mut member = Member::new(*b"", artifact.further(step));
        member.told = Told::Guess(language);
        reader.decoded(&member, text.into_bytes());
    } else if let Some((name, decoded)) = encoded::decode(text.trim().as_bytes()) {
        let mut steps = artifact.further(step);
        steps.push(Step::new(name));
        reader.decoded(&Member::new(*b"", steps), decoded);
    }
}

/// A string that may be code.
struct Found {
    text: String,
    /// The key it stands behind, if that is told.
    key: String,
}

/// Whether a string is worth a look.
fn may_be(text: &str) -> bool {
    let encoded = text.len() >= ENCODED && !text.trim().contains(' ');
    let code = || WORDS.as_ref().is_some_and(|words| words.is_match(text));
    text.len() >= SHORTEST && (encoded || text.contains([' ', ';', '(', '\n']) && code())
}

/// Strings in double quotes, with their escapes undone. Lines of a list whose items end in a line
/// break are put together: notebooks keep code that way.
fn quoted(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut lines = String::new();
    let mut key = String::new();
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'"', text.as_bytes().get(at..).unwrap_or_default()) {
        let start = at + open + 1;
        let Some(end) = closing(text, start) else {
            break;
        };
        let raw = text.get(start..end).unwrap_or_default();
        at = end + 1;
        let after = text.get(at..).unwrap_or_default().trim_start();
        if after.starts_with(':') {
            key = shown_key(raw);
            take_lines(&mut lines, &key, &mut found);
            continue;
        }
        if raw.ends_with("\\n") && (after.starts_with(',') || !lines.is_empty())
            || !lines.is_empty()
        {
            lines.push_str(&unescaped(raw));
            if after.starts_with(',') {
                continue;
            }
            take_lines(&mut lines, &key, &mut found);
            continue;
        }
        if may_be(raw) {
            found.push(Found {
                text: unescaped(raw),
                key: key.clone(),
            });
        }
    }
    take_lines(&mut lines, &key, &mut found);
    found
}

fn take_lines(lines: &mut String, key: &str, found: &mut Vec<Found>) {
    let text = std::mem::take(lines);
    if may_be(&text) {
        found.push(Found {
            text,
            key: key.to_owned(),
        });
    }
}

/// A key as a step shows it.
fn shown_key(raw: &str) -> String {
    model::text::cut(&model::text::printable(raw.as_bytes()), 64)
}

/// The quote that closes a string.
fn closing(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = start;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// A string with JSON's escapes undone (RFC 8259 section 7).
fn unescaped(raw: &str) -> String {
    serde_json::from_str(&format!("\"{raw}\""))
        .unwrap_or_else(|_| raw.replace("\\n", "\n").replace("\\\"", "\""))
}

/// Block scalars of YAML (`|` and `>`), with their indentation gone.
fn blocks(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let head = line.trim_end();
        let mark = head.trim_end_matches(['-', '+', '1', '2', '3', '4']);
        if !(mark.ends_with([':', '-']) || mark.ends_with(" |") || mark.ends_with(" >"))
            || mark.ends_with(':')
        {
            continue;
        }
        if !mark.ends_with('|') && !mark.ends_with('>') {
            continue;
        }
        let outer = line.len() - line.trim_start().len();
        let mut block = String::new();
        let mut indent = None;
        while let Some(next) = lines.peek() {
            let own = next.len() - next.trim_start().len();
            if !next.trim().is_empty() && own <= outer {
                break;
            }
            let indent = *indent.get_or_insert(own);
            block.push_str(next.get(indent..).unwrap_or_else(|| next.trim_start()));
            block.push('\n');
            lines.next();
        }
        if may_be(&block) {
            let key = line.trim().split(':').next().unwrap_or_default();
            found.push(Found {
                text: block,
                key: shown_key(key.trim_start_matches("- ")),
            });
        }
    }
    found
}

/// Plain scalars of YAML, behind `key: ` and `- `.
fn plain(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        let item = line.strip_prefix("- ").unwrap_or(line);
        let (key, value) = match item.split_once(": ") {
            Some((key, value)) if !key.contains(' ') => (key, value),
            _ if item.len() < line.len() => ("", item),
            _ => continue,
        };
        let value = value.trim().trim_matches('\'');
        if !value.starts_with(['"', '[', '{', '|', '>', '#']) && may_be(value) {
            found.push(Found {
                text: value.to_owned(),
                key: shown_key(key),
            });
        }
    }
    found
}
