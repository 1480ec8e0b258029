//! The program started by a shell, by the image itself, and from other files.

use crate::case::Case;
use crate::mutate::Script;
use crate::mutate::encode::{base64, shell_quoted};

use super::encoded::is_python_2;

/// Every place.
#[expect(clippy::too_many_lines, reason = "a table, one way an entry")]
pub fn rewrite(script: &Script) -> Vec<(String, Case)> {
    let text = script.text.as_str();
    let python = if is_python_2(text) {
        "python2"
    } else {
        "python3"
    };
    let encoded = base64(text.as_bytes());
    let quoted = shell_quoted(text.trim_end());
    let run = format!("import base64;exec(base64.b64decode(\"{encoded}\"))");
    let shell = |body: String| Case::of_file("start.sh", &format!("#!/bin/bash\n{body}\n"));
    let with = |mut case: Case, path: &str| {
        case.files.push((path.to_owned(), text.into(), 0o755));
        case
    };
    let mut all = vec![
        ("shell, -c", shell(format!("{python} -c {quoted}"))),
        (
            "shell, document",
            shell(format!("{python} - <<'END_OF_IT'\n{text}\nEND_OF_IT")),
        ),
        (
            "shell, piped",
            shell(format!("echo {encoded} | base64 -d | {python}")),
        ),
        (
            "shell, variable",
            shell(format!("P={quoted}\n{python} -c \"$P\" &")),
        ),
        (
            "shell, a file",
            shell(format!(
                "cat > /tmp/.w.py <<'END_OF_IT'\n{text}\nEND_OF_IT\nnohup {python} /tmp/.w.py >/dev/null 2>&1 &"
            )),
        ),
        ("entrypoint, -c", Case::of_entrypoint(&[python, "-c", text])),
        (
            "entrypoint, -u -c",
            Case::of_entrypoint(&[python, "-u", "-c", text]),
        ),
        (
            "entrypoint, unnamed file",
            with(Case::of_entrypoint(&[python, "/srv/app"]), "srv/app"),
        ),
        (
            "entrypoint, module",
            with(Case::of_entrypoint(&[python, "-m", "agent"]), "agent.py"),
        ),
        ("imported by the entrypoint", {
            let mut case = with(
                Case::of_entrypoint(&[python, "/app/main.py"]),
                "app/settings.py",
            );
            case.files.push((
                "app/main.py".to_owned(),
                b"import settings\nprint('ready')\n".to_vec(),
                0o644,
            ));
            case
        }),
        (
            "site-packages hook",
            with(
                Case::of_entrypoint(&[python, "/app/main.py"]),
                "usr/lib/python3/dist-packages/sitecustomize.py",
            ),
        ),
        (
            "crontab",
            with(
                Case::of_place(
                    "etc/crontab",
                    &format!("* * * * * root {python} /usr/lib/.u.py\n"),
                ),
                "usr/lib/.u.py",
            ),
        ),
        (
            "unit",
            with(
                Case::of_place(
                    "etc/systemd/system/a.service",
                    &format!("[Service]\nExecStart=/usr/bin/{python} /opt/a.py\n"),
                ),
                "opt/a.py",
            ),
        ),
        (
            "started by shell",
            with(
                Case::of_file(
                    "start.sh",
                    &format!("#!/bin/sh\ncd /opt/tool\n{python} tool.py &\n"),
                ),
                "opt/tool/tool.py",
            ),
        ),
        (
            "interpreter line",
            with(
                Case::of_entrypoint(&["/usr/local/bin/tool"]),
                "usr/local/bin/tool",
            ),
        ),
    ];
    if python == "python3" {
        all.push(("shell, encoded", shell(format!("{python} -c '{run}'"))));
        all.push((
            "crontab, encoded",
            Case::of_place(
                "etc/cron.d/a",
                &format!("@hourly root {python} -c '{run}'\n"),
            ),
        ));
    }
    let body = text.to_owned();
    if let Some((_, case)) = all.iter_mut().find(|(name, _)| *name == "interpreter line")
        && let Some((_, content, _)) = case.files.last_mut()
    {
        *content = format!("#!/usr/bin/env {python}\n{body}").into();
    }
    all.into_iter()
        .map(|(name, case)| (name.to_owned(), case))
        .collect()
}
