//! Scripts and what they do, as tables: a script, and its acts in a few words each.

use model::{Behavior, Budget, Language, Protocol, Provenance, Stream, Value};

use crate::world::{Lowered, World};

mod flow;
mod hostile;
mod streams;
mod words;

/// Lowers a script in a new world.
fn lowered(script: &str) -> Lowered {
    let budget = Budget::default();
    let mut world = World::new(&budget);
    super::lower(&mut world, script);
    world.finish()
}

/// The acts of a script, ` ; ` between them.
fn acts(script: &str) -> String {
    let shown: Vec<String> = lowered(script)
        .acts
        .iter()
        .map(|act| show(&act.behavior))
        .collect();
    shown.join(" ; ")
}

/// What a script prints.
fn prints(script: &str) -> Value {
    let budget = Budget::default();
    let mut world = World::new(&budget);
    super::lower(&mut world, script)
}

/// Checks a table of scripts and acts.
fn check(table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .map(|(script, expected)| (script, acts(script), expected))
        .filter(|(_, found, expected)| found != *expected)
        .map(|(script, found, expected)| format!("{script}\n   found {found}\nexpected {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Checks a table of scripts and what they print, which has to be known.
fn check_prints(table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .map(|(script, expected)| (script, prints(script), expected))
        .filter(|(_, found, expected)| found.as_known() != Some(**expected))
        .map(|(script, found, expected)| {
            format!("{script}\n   found {found:?}\nexpected {expected:?}")
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// An act in a few words.
fn show(behavior: &Behavior) -> String {
    match behavior {
        Behavior::Connect {
            connection,
            protocol,
            host,
            port,
        } => {
            let udp = if *protocol == Protocol::Udp {
                " udp"
            } else {
                ""
            };
            format!("connect {connection}{udp} {host} {port}")
        }
        Behavior::Listen {
            connection,
            host,
            port,
            ..
        } => {
            format!("listen {connection} {host}:{port}")
        }
        Behavior::Send { connection, data } => format!("send {connection} {}", line(data)),
        Behavior::NameProcess { name } => format!("name {name}"),
        Behavior::Fetch { url, to: Some(to) } => format!("fetch {url} > {to}"),
        Behavior::Fetch { url, to: None } => format!("fetch {url}"),
        Behavior::Evaluate { language, code } => {
            let language = if *language == Language::Shell {
                ""
            } else {
                language.name()
            };
            format!("eval{language} {}{}", line(code), sources(code))
        }
        Behavior::Execute {
            program,
            arguments,
            input,
            output,
        } => {
            let words: String = arguments
                .iter()
                .map(|word| format!(" {}", line(word)))
                .collect();
            let (input, output) = (stream("<", input), stream(">", output));
            format!("{program}{}{words}{input}{output}", sources(program))
        }
        Behavior::Write {
            path,
            content,
            append,
        } => {
            format!(
                "write {path} {}{}",
                if *append { "+" } else { "" },
                line(content)
            )
        }
        Behavior::Read { path } => format!("read {path}"),
        Behavior::SetMode { path, mode } => format!("mode {mode} {path}"),
        Behavior::Delete { path } => format!("delete {path}"),
        Behavior::SetVariable { name, value } => format!("set {name}={value}"),
        Behavior::Schedule { when, command, .. } => format!("schedule {when} {command}"),
        other => format!("{other:?}"),
    }
}

fn line(value: &Value) -> String {
    value.text.trim_end().replace('\n', "|")
}

fn sources(value: &Value) -> String {
    let short = |from: &Provenance| match from {
        Provenance::Received(connection) => Some(format!("received {connection}")),
        Provenance::Fetched(_) => Some("fetched".to_owned()),
        Provenance::Decoded(scheme) => Some(scheme.clone()),
        _ => None,
    };
    let shown: Vec<String> = value.from.iter().filter_map(short).collect();
    if shown.is_empty() {
        String::new()
    } else {
        format!(" [{}]", shown.join(" "))
    }
}

fn stream(sign: &str, stream: &Stream) -> String {
    match stream {
        Stream::Connection(connection) => format!(" {sign}#{connection}"),
        Stream::File(path) => format!(" {sign}{path}"),
        Stream::Text(value) if !value.text.is_empty() => format!(" {sign}'{}'", line(value)),
        _ => String::new(),
    }
}
