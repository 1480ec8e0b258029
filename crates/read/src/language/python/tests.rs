//! Scripts and what they do.

use model::{Behavior, Budget, Stream};

use crate::world::{Lowered, World};

mod benign;
mod hostile;
mod machine;
mod obfuscated;
mod plain;
mod sources;

/// Lowers a script with the default budget.
fn lowered(script: &str) -> Lowered {
    let budget = Budget::default();
    let mut world = World::new(&budget);
    super::lower(&mut world, script);
    world.finish()
}

/// What a script does itself, one act a line: not what a shell that it starts does.
fn acts(script: &str) -> Vec<String> {
    const SHELLS: [&str; 4] = ["os.system", "os.popen", "getoutput", "subprocess"];
    lowered(script)
        .acts
        .iter()
        .filter(|act| {
            !act.steps
                .iter()
                .any(|step| SHELLS.contains(&step.0.as_str()))
        })
        .map(|act| shown(&act.behavior))
        .collect()
}

fn stream(stream: &Stream) -> String {
    match stream {
        Stream::Inherited => "-".to_owned(),
        Stream::Null => "null".to_owned(),
        Stream::File(path) => format!("file:{path}"),
        Stream::Connection(connection) => format!("#{connection}"),
        Stream::Text(value) if value.text.is_empty() => "pipe".to_owned(),
        Stream::Text(value) => format!("text:{value}"),
        Stream::Unknown => "?".to_owned(),
    }
}

/// An act in a line; evaluated and written text is cut.
fn shown(behavior: &Behavior) -> String {
    let short = |text: &str| text.chars().take(60).collect::<String>();
    match behavior {
        Behavior::Connect {
            connection,
            protocol,
            host,
            port,
        } => {
            format!("connect#{connection} {protocol:?} {host}:{port}")
        }
        Behavior::Listen {
            connection,
            protocol,
            host,
            port,
        } => {
            format!("listen#{connection} {protocol:?} {host}:{port}")
        }
        Behavior::Send { connection, data } => {
            let output = if data.is_output() { " (output)" } else { "" };
            format!("send#{connection} {}{output}", short(&data.text))
        }
        Behavior::Fetch { url, to } => match to {
            Some(to) => format!("fetch {url} to {to}"),
            None => format!("fetch {url}"),
        },
        Behavior::Evaluate { language, code } => {
            format!("evaluate {}: {}", language.name(), short(&code.text))
        }
        Behavior::Execute {
            program,
            arguments,
            input,
            output,
        } => {
            let words: Vec<String> = std::iter::once(program)
                .chain(arguments)
                .map(ToString::to_string)
                .collect();
            format!(
                "execute {} <{} >{}",
                words.join(" "),
                stream(input),
                stream(output)
            )
        }
        Behavior::Write {
            path,
            content,
            append,
        } => {
            let arrow = if *append { ">>" } else { ">" };
            format!("write {}{arrow}{path}", short(&content.text))
        }
        Behavior::Read { path } => format!("read {path}"),
        Behavior::SetMode { path, mode } => format!("chmod {mode} {path}"),
        Behavior::Delete { path } => format!("delete {path}"),
        Behavior::Kill { target } => format!("kill {target}"),
        Behavior::Mount { source, target } => format!("mount {source} {target}"),
        Behavior::ChangeRoot { root } => format!("chroot {root}"),
        Behavior::EnterNamespace { target } => format!("setns {target}"),
        Behavior::SetVariable { name, value } => format!("set {name}={value}"),
        Behavior::GrantAccess { key_type, .. } => format!("grant {key_type}"),
        Behavior::Schedule { when, command, .. } => format!("schedule {when} {command}"),
        other => format!("{other:?}"),
    }
}

/// Asserts that the acts of each script are exactly these.
fn check(table: &[(&str, &[&str])]) {
    let mut wrong = Vec::new();
    for (script, expected) in table {
        let found = acts(script);
        if found != *expected {
            wrong.push(format!(
                "--- script\n{script}\n--- expected\n{expected:#?}\n--- found\n{found:#?}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} wrong\n{}",
        wrong.len(),
        table.len(),
        wrong.join("\n")
    );
}

/// Asserts that each script does (among others) all of these, in this order.
fn check_among(table: &[(&str, &[&str])]) {
    let mut wrong = Vec::new();
    for (script, expected) in table {
        let found = acts(script);
        let mut rest = found.iter();
        let missing = expected
            .iter()
            .find(|wanted| !rest.any(|act| act.contains(**wanted)));
        if let Some(missing) = missing {
            wrong.push(format!(
                "--- script\n{script}\n--- missing\n{missing}\n--- found\n{found:#?}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} wrong\n{}",
        wrong.len(),
        table.len(),
        wrong.join("\n")
    );
}
