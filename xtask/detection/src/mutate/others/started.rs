//! The program started by a shell, by the image itself, or under another name.

use model::Language;

use crate::case::Case;
use crate::mutate::Script;
use crate::mutate::encode::{base64, shell_quoted};

/// Every way.
pub fn rewrite(script: &Script) -> Vec<(String, Case)> {
    let (interpreter, option) = match script.language {
        Some(Language::Perl) => ("perl", "-e"),
        Some(Language::Php) => ("php", "-r"),
        Some(Language::Ruby) => ("ruby", "-e"),
        Some(Language::JavaScript) => ("node", "-e"),
        Some(Language::Lua) => ("lua", "-e"),
        _ => return Vec::new(),
    };
    let text = script.text.trim_end();
    // `php -r` takes code without the opening tag.
    let code = text
        .trim_start_matches("<?php")
        .trim_end_matches("?>")
        .trim();
    let quoted = shell_quoted(code);
    let shell = |body: String| Case::of_file("start.sh", &format!("#!/bin/bash\n{body}\n"));
    let with = |mut case: Case, path: &str, content: String| {
        case.files.push((path.to_owned(), content.into(), 0o755));
        case
    };
    let path = "usr/local/bin/tool";
    let all = [
        (
            "shell, code",
            shell(format!("{interpreter} {option} {quoted}")),
        ),
        (
            "shell, document",
            shell(format!("{interpreter} <<'END_OF_IT'\n{text}\nEND_OF_IT")),
        ),
        (
            "shell, piped",
            shell(format!(
                "echo {} | base64 -d | {interpreter}",
                base64(script.text.as_bytes())
            )),
        ),
        (
            "shell, a file",
            shell(format!(
                "cat > /tmp/.w <<'END_OF_IT'\n{text}\nEND_OF_IT\n{interpreter} /tmp/.w &"
            )),
        ),
        (
            "entrypoint, code",
            Case::of_entrypoint(&[interpreter, option, code]),
        ),
        (
            "entrypoint, unnamed file",
            with(
                Case::of_entrypoint(&[interpreter, "/srv/app"]),
                "srv/app",
                script.text.clone(),
            ),
        ),
        (
            "interpreter line",
            with(
                Case::of_entrypoint(&["/usr/local/bin/tool"]),
                path,
                format!("#!/usr/bin/env {interpreter}\n{}", script.text),
            ),
        ),
        (
            "crontab",
            with(
                Case::of_place(
                    "etc/crontab",
                    &format!("* * * * * root {interpreter} /usr/lib/.u\n"),
                ),
                "usr/lib/.u",
                format!("#!/usr/bin/{interpreter}\n{}", script.text),
            ),
        ),
    ];
    all.into_iter()
        .map(|(name, case)| (name.to_owned(), case))
        .collect()
}
