//! The script in other places that run it: the image's own fields, schedules, units, profiles,
//! and files that something of these starts.

use model::{Healthcheck, ImageConfig};

use crate::case::Case;
use crate::mutate::Script;
use crate::mutate::encode::{base64, shell_quoted};

/// Every place.
pub fn rewrite(script: &Script) -> Vec<(String, Case)> {
    let text = script.text.trim_end();
    let code = format!("echo {} | base64 -d | bash", base64(text.as_bytes()));
    let mut all = fields(text, &code);
    all.extend(files(script, &code));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut lines = lines.collect::<Vec<_>>();
    if let (Some(line), true) = (lines.pop(), lines.is_empty())
        && !line.contains('%')
    {
        let place = |path: &str, content: String| Case::of_place(path, &content);
        all.push((
            "one line of a crontab".to_owned(),
            place("etc/crontab", format!("*/5 * * * * root {line}\n")),
        ));
        all.push((
            "one line of a profile".to_owned(),
            place("etc/profile.d/z.sh", format!("{line}\n")),
        ));
    }
    all
}

/// Fields of the image.
fn fields(text: &str, code: &str) -> Vec<(String, Case)> {
    let case = |name: &str, case: Case| (name.to_owned(), case);
    let mut health = Case::of_entrypoint(&["/usr/sbin/daemon"]);
    health.config.healthcheck = Some(Healthcheck {
        test: vec!["CMD-SHELL".to_owned(), code.to_owned()],
    });
    let mut variable = Case::of_entrypoint(&["sh", "-c", "eval \"$RUN\""]);
    variable.config.env = vec![format!("RUN={text}")];
    let mut split = Case::of_entrypoint(&["/bin/sh", "-c"]);
    split.config.cmd = vec![text.to_owned()];
    let shell_form = ImageConfig {
        cmd: vec!["/bin/sh".to_owned(), "-c".to_owned(), code.to_owned()],
        ..ImageConfig::default()
    };
    vec![
        case(
            "entrypoint in exec form",
            Case::of_entrypoint(&["bash", "-c", text]),
        ),
        case(
            "entrypoint, encoded",
            Case::of_entrypoint(&["/bin/bash", "-c", code]),
        ),
        case("entrypoint and command", split),
        case(
            "command in shell form",
            Case {
                files: Vec::new(),
                config: shell_form,
            },
        ),
        case(
            "entrypoint behind tini",
            Case::of_entrypoint(&["/usr/bin/tini", "--", "sh", "-c", code]),
        ),
        case("health check", health),
        case("variable and eval", variable),
    ]
}

/// Files that the system or the entrypoint runs.
#[expect(clippy::too_many_lines, reason = "a table, one way an entry")]
fn files(script: &Script, code: &str) -> Vec<(String, Case)> {
    let place = |path: &str, content: String| Case::of_place(path, &content);
    let started_by = |start: &[&str], path: &str, content: &str| {
        let mut case = Case::of_entrypoint(start);
        case.files.push((path.to_owned(), content.into(), 0o755));
        case
    };
    let with = |mut case: Case, path: &str| {
        case.files
            .push((path.to_owned(), script.text.clone().into(), 0o755));
        case
    };
    let unit = |start: &str| {
        format!(
            "[Unit]\nDescription=Sync\nAfter=network.target\n[Service]\nType=simple\nExecStart={start}\nRestart=always\n[Install]\nWantedBy=multi-user.target\n"
        )
    };
    let quoted = shell_quoted(code);
    let unit_path = "etc/systemd/system/sync.service";
    let all = [
        (
            "cron.d",
            place(
                "etc/cron.d/sync",
                format!("SHELL=/bin/bash\n*/10 * * * * root {code}\n"),
            ),
        ),
        (
            "crontab of root",
            place("var/spool/cron/crontabs/root", format!("@reboot {code}\n")),
        ),
        (
            "crontab that starts a file",
            with(
                place(
                    "etc/crontab",
                    "* * * * * root /bin/bash /usr/local/sbin/.sync\n".to_owned(),
                ),
                "usr/local/sbin/.sync",
            ),
        ),
        (
            "cron.hourly",
            with(
                Case::of_place("etc/motd", "hello\n"),
                "etc/cron.hourly/sync",
            ),
        ),
        (
            "unit",
            place(unit_path, unit(&format!("/bin/bash -c {quoted}"))),
        ),
        (
            "unit that starts a file",
            with(place(unit_path, unit("/opt/agent/run")), "opt/agent/run"),
        ),
        (
            "unit, ExecStartPre",
            place(
                unit_path,
                unit("/bin/true").replace(
                    "ExecStart=",
                    &format!("ExecStartPre=-/bin/sh -c {quoted}\nExecStart="),
                ),
            ),
        ),
        (
            "profile.d",
            place("etc/profile.d/lang.sh", format!("{}\n", script.text)),
        ),
        (
            ".bashrc of root",
            place(
                "root/.bashrc",
                format!("alias ll='ls -l'\n{}\n", script.text),
            ),
        ),
        (
            "init.d",
            with(Case::of_place("etc/motd", "hello\n"), "etc/init.d/sync"),
        ),
        (
            "rc.local",
            with(Case::of_place("etc/motd", "hello\n"), "etc/rc.local"),
        ),
        (
            "entrypoint script that sources it",
            with(
                started_by(
                    &["/entrypoint.sh"],
                    "entrypoint.sh",
                    "#!/bin/bash\nset -e\n. /lib/.common\nexec \"$@\"\n",
                ),
                "lib/.common",
            ),
        ),
        (
            "entrypoint script that starts it",
            with(
                started_by(
                    &["/docker-entrypoint.sh"],
                    "docker-entrypoint.sh",
                    "#!/bin/sh\n/usr/lib/agent/helper &\nexec nginx\n",
                ),
                "usr/lib/agent/helper",
            ),
        ),
        (
            "under a picture's name",
            with(
                Case::of_entrypoint(&["bash", "/srv/www/logo.jpg"]),
                "srv/www/logo.jpg",
            ),
        ),
        (
            "under a name without extension",
            with(
                Case::of_entrypoint(&["/usr/bin/dbus-helper"]),
                "usr/bin/dbus-helper",
            ),
        ),
        (
            "under a library's name",
            with(
                Case::of_entrypoint(&["sh", "/usr/lib/libz.so.1"]),
                "usr/lib/libz.so.1",
            ),
        ),
        (
            "supervisor",
            place(
                "etc/supervisor/conf.d/sync.conf",
                format!("[program:sync]\ncommand=/bin/bash -c {quoted}\nautostart=true\n"),
            ),
        ),
        (
            "behind a long honest part",
            with(started_by(&["/bin/bash", "/start"], "start", ""), "unused"),
        ),
    ];
    let mut all: Vec<_> = all
        .into_iter()
        .map(|(name, case)| (name.to_owned(), case))
        .collect();
    // The last is filled here: a start script of many lines with the payload in its middle.
    if let Some((_, case)) = all.last_mut() {
        let honest = "log() { printf '%s %s\\n' \"$(date)\" \"$1\"; }\nfor f in /etc/app/*.conf; do\n  [ -r \"$f\" ] && log \"using $f\"\ndone\n";
        let long = format!(
            "#!/bin/bash\n{}\n{}\n{}\nexec /usr/sbin/nginx -g 'daemon off;'\n",
            honest.repeat(20),
            script.text,
            honest.repeat(20)
        );
        case.files = vec![("start".to_owned(), long.into(), 0o755)];
    }
    all
}
