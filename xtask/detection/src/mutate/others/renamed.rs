//! Other names for the program's variables.

use std::collections::BTreeSet;

use model::Language;

use crate::case::Case;
use crate::mutate::Script;
use crate::mutate::random::Random;

/// Variables the languages have of their own.
const KNOWN: &[&str] = &[
    "$_",
    "$0",
    "$1",
    "$2",
    "$this",
    "$_GET",
    "$_POST",
    "$_REQUEST",
    "$_SERVER",
    "$_COOKIE",
    "$_FILES",
    "$GLOBALS",
    "$ENV",
    "$ARGV",
    "$STDIN",
    "$STDOUT",
    "$STDERR",
    "$SIG",
    "$ERRNO",
];

/// Short and long names.
pub fn rewrite(script: &Script) -> Vec<(String, Case)> {
    let names = match script.language {
        Some(Language::Perl | Language::Php) => with_sigil(&script.text),
        Some(Language::JavaScript) => declared(&script.text, &["var ", "let ", "const "]),
        Some(Language::Lua) => declared(&script.text, &["local "]),
        _ => BTreeSet::new(),
    };
    if names.is_empty() {
        return Vec::new();
    }
    let mut random = Random::new(script.seed());
    let mut all = Vec::new();
    for (how, letters) in [("short names", 2), ("long names", 18)] {
        let mut text = script.text.clone();
        for name in &names {
            text = renamed(&text, name, &random.name(letters));
        }
        all.push((how.to_owned(), script.with(&text)));
    }
    all
}

/// Names behind a `$`, if nothing else goes by them.
fn with_sigil(text: &str) -> BTreeSet<String> {
    let names = text.split('$').skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        format!("${}", &rest[..end.unwrap_or(rest.len())])
    });
    let is_own = |name: &String| name.len() > 1 && !KNOWN.contains(&name.as_str());
    // An array or hash of that name is written with another sigil.
    let is_scalar = |name: &String| {
        let bare = &name[1..];
        !text.contains(&format!("@{bare}"))
            && !text.contains(&format!("%{bare}"))
            && !text.contains(&format!("{name}["))
            && !text.contains(&format!("{name}{{"))
    };
    names.filter(is_own).filter(is_scalar).collect()
}

/// Single names behind a keyword that declares, if they are nowhere an attribute or a key.
fn declared(text: &str, keywords: &[&str]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for keyword in keywords {
        for rest in text.split(keyword).skip(1) {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            names.insert(rest[..end.unwrap_or(rest.len())].to_owned());
        }
    }
    names.retain(|name| {
        name.len() > 1
            && name != "function"
            && !text.contains(&format!(".{name}"))
            && !text.contains(&format!("{name}:"))
            && !["'", "\""]
                .iter()
                .any(|quote| text.contains(&format!("{quote}{name}{quote}")))
    });
    names
}

/// Whole words only.
fn renamed(text: &str, name: &str, new: &str) -> String {
    let new = if name.starts_with('$') {
        format!("${new}")
    } else {
        new.to_owned()
    };
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, found) = rest.split_at(at);
        let after = &found[name.len()..];
        let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let starts = name.starts_with('$') || !before.chars().next_back().is_some_and(inside);
        let ends = !after.chars().next().is_some_and(inside);
        result.push_str(before);
        result.push_str(if starts && ends { &new } else { name });
        rest = after;
    }
    result.push_str(rest);
    result
}
