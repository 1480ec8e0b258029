//! Scripts and what they do.

use model::{Behavior, Budget, Stream};

use crate::world::{Lowered, World};

mod benign;
mod obfuscated;
mod plain;

/// Lowers a script with the default budget.
fn lowered(script: &str) -> Lowered {
    let budget = Budget::default();
    let mut world = World::new(&budget);
    super::lower(&mut world, script);
    world.finish()
}

/// What a script does, one act a line.
fn acts(script: &str) -> Vec<String> {
    lowered(script)
        .acts
        .iter()
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
        Behavior::Connect { host, port, .. } => format!("connect {host}:{port}"),
        Behavior::Listen { host, port, .. } => format!("listen {host}:{port}"),
        Behavior::Send { connection, data } => format!("send#{connection} {}", short(&data.text)),
        Behavior::Fetch { url, to: Some(to) } => format!("fetch {url} to {to}"),
        Behavior::Fetch { url, to: None } => format!("fetch {url}"),
        Behavior::Evaluate { language, code } => {
            format!("evaluate {}: {}", language.name(), short(&code.text))
        }
        Behavior::Execute {
            program,
            arguments,
            input,
            output,
        } => {
            let words: Vec<&str> = arguments.iter().map(|word| word.text.as_str()).collect();
            format!(
                "execute {program} {} <{} >{}",
                words.join(" "),
                stream(input),
                stream(output)
            )
        }
        Behavior::Write { path, content, .. } => format!("write {path}: {}", short(&content.text)),
        other => format!("{other:?}"),
    }
}

/// Whether a script does something that begins so.
fn does(script: &str, act: &str) -> bool {
    let all = acts(script);
    let found = all.iter().any(|own| own.starts_with(act));
    assert!(found, "{act} is not among {all:#?} of {script}");
    found
}
