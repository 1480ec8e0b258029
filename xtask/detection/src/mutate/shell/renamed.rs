//! Other names for variables and functions, and noise between the lines.

use std::collections::BTreeSet;

use crate::case::Case;
use crate::mutate::Script;
use crate::mutate::random::Random;

use super::spelled::preceded;

/// Names that mean something to the shell or to what it starts.
const KNOWN: &[&str] = &[
    "PATH",
    "HOME",
    "IFS",
    "SHELL",
    "USER",
    "PWD",
    "LD_PRELOAD",
    "COPROC",
    "TERM",
    "DISPLAY",
    "LANG",
    "PS1",
    "RANDOM",
    "REPLY",
    "HISTFILE",
    "BASH_ENV",
    "ENV",
    "PROMPT_COMMAND",
];

/// Renamings and noise.
pub fn rewrite(script: &Script) -> Vec<(String, Case)> {
    let mut all = Vec::new();
    let names = assigned(&script.text);
    let mut random = Random::new(script.seed());
    if !names.is_empty() {
        for (how, letters) in [("short names", 1), ("long names", 14)] {
            let mut text = script.text.clone();
            for name in &names {
                text = renamed(&text, name, &random.name(letters));
            }
            all.push((how.to_owned(), script.with(&text)));
        }
    }
    let text = preceded(NOISE, &script.text);
    all.push(("noise before".to_owned(), script.with(&text)));
    if !script.text.contains("<<")
        && !script.text.contains("\\\n")
        && !is_quoted_over_lines(&script.text)
    {
        let noisy = |line: &str| {
            format!(
                "{line}\n\n# {}\n: \"${{{}:=1}}\"",
                random.name(9),
                random.name(4)
            )
        };
        let head = if script.text.starts_with("#!") { 1 } else { 0 };
        let mut lines: Vec<String> = script.text.lines().take(head).map(str::to_owned).collect();
        lines.extend(script.text.lines().skip(head).map(noisy));
        if !is_compound(&script.text) {
            all.push((
                "noise between lines".to_owned(),
                script.with(&(lines.join("\n") + "\n")),
            ));
            let joined: Vec<_> = script
                .text
                .lines()
                .skip(head)
                .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
                .collect();
            if joined.iter().all(|line| !line.trim_end().ends_with('&')) {
                all.push((
                    "on one line".to_owned(),
                    script.with(&(joined.join("; ") + "\n")),
                ));
            }
        }
    }
    all.push((
        "no line end".to_owned(),
        script.with(script.text.trim_end()),
    ));
    all
}

const NOISE: &str = "# Copyright the authors. Starts the service.\nVERSION=1.4.2\nDEBUG=${DEBUG:-0}\n\
    log() { [ \"$DEBUG\" = 1 ] && echo \"$*\" >&2; return 0; }\nlog \"version $VERSION\"\n\
    [ -n \"${CONFIG:-}\" ] && [ -r \"$CONFIG\" ] && . \"$CONFIG\"\nmkdir -p /var/run/service";

fn is_compound(text: &str) -> bool {
    let words = ["{", "do\n", "then\n", "case ", "(\n", "do ", "then "];
    words.iter().any(|word| text.contains(word))
}

/// Whether a quote is open at the end of some line.
fn is_quoted_over_lines(text: &str) -> bool {
    text.lines().any(|line| {
        ['\'', '"']
            .iter()
            .any(|quote| line.matches(*quote).count() % 2 == 1)
    })
}

/// Variables that the script assigns.
fn assigned(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for word in text.split([' ', '\n', ';', '(', '&', '|', '\t']) {
        if let Some((name, _)) = word.split_once('=')
            && is_name(name)
            && !KNOWN.contains(&name)
        {
            names.insert(name.to_owned());
        }
    }
    // A name that also stands for itself somewhere cannot be told from a word.
    names.retain(|name| text.contains(&format!("${name}")) || text.contains(&format!("${{{name}")));
    names
}

fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `$name`, `${name…` and `name=` with another name.
fn renamed(text: &str, name: &str, new: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, found) = rest.split_at(at);
        let after = &found[name.len()..];
        let last = before.chars().last();
        let next = after.chars().next();
        let ends = !next.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        let is_use = ends && (last == Some('$') || before.ends_with("${"));
        let starts = last.is_none_or(|c| " \n;(&|\t".contains(c));
        let is_assignment = starts && next == Some('=');
        result.push_str(before);
        result.push_str(if is_use || is_assignment { new } else { name });
        rest = after;
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_variable_is_renamed() {
        let text = "h=1; echo $h ${h} ${h}x host $host h";
        assert_eq!(
            renamed(text, "h", "q"),
            "q=1; echo $q ${q} ${q}x host $host h"
        );
    }
}
