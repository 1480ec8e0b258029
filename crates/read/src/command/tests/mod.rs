//! Command lines and what they do, as tables: a line, and the acts or the text it yields.

use model::{Behavior, Budget, Protocol, Stream, Value};

use super::wrappers::split_words;
use super::{Call, run};
use crate::world::World;

mod changing;
mod decoding;
mod editing;
mod fetching;
mod hostile;
mod leaving;
mod mining;
mod networks;
mod starting;

/// What one command line did.
struct Outcome {
    acts: Vec<String>,
    printed: Value,
    gaps: usize,
}

/// Runs `setup` in a new world, then one command line with `input` piped in (or nothing).
fn outcome(setup: impl FnOnce(&mut World), line: &str, input: Option<Value>) -> Outcome {
    let budget = Budget::default();
    let mut world = World::new(&budget);
    setup(&mut world);
    let words = split_words(&Value::literal(line));
    let mut call = Call::new(words[0].clone(), words[1..].to_vec());
    if let Some(input) = input {
        call.input = Stream::Text(input);
    }
    let printed = run(&mut world, call);
    let lowered = world.finish();
    Outcome {
        acts: lowered.acts.iter().map(|act| show(&act.behavior)).collect(),
        printed,
        gaps: lowered.gaps.len(),
    }
}

fn acts(line: &str) -> Vec<String> {
    outcome(|_| {}, line, None).acts
}

/// What a line prints, its input being `input`.
fn prints(line: &str, input: &str) -> Value {
    outcome(|_| {}, line, Some(Value::literal(input))).printed
}

/// Checks a table of lines and their acts, which ` ; ` separates.
fn check(table: &[(&str, &str)]) {
    for (line, expected) in table {
        assert_eq!(acts(line).join(" ; "), *expected, "{line}");
    }
}

/// Checks a table of lines, inputs and what is printed.
fn check_prints(table: &[(&str, &str, &str)]) {
    for (line, input, expected) in table {
        let printed = prints(line, input);
        assert_eq!(printed.as_known(), Some(*expected), "{line}: {printed:?}");
    }
}

/// An act in a few words.
fn show(behavior: &Behavior) -> String {
    let words =
        |values: &[Value]| -> String { values.iter().map(|value| format!(" {value}")).collect() };
    match behavior {
        Behavior::Connect {
            connection,
            protocol,
            host,
            port,
        } => format!("connect {connection}{} {host} {port}", transport(*protocol)),
        Behavior::Listen {
            connection,
            protocol,
            host,
            port,
        } => format!("listen {connection}{} {host}:{port}", transport(*protocol)),
        Behavior::Send { connection, data } => format!("send {connection} {data}"),
        Behavior::Fetch { url, to: Some(to) } => format!("fetch {url} > {to}"),
        Behavior::Fetch { url, to: None } => format!("fetch {url}"),
        Behavior::Evaluate { language, code } => format!("evaluate {} `{code}`", language.name()),
        Behavior::Execute {
            program,
            arguments,
            input,
            output,
        } => {
            format!(
                "execute {program}{}{}{}",
                words(arguments),
                stream(" <", input),
                stream(" >", output)
            )
        }
        Behavior::Write {
            path,
            content,
            append,
        } => format!(
            "write {path} {} `{content}`",
            if *append { ">>" } else { ">" }
        ),
        Behavior::Read { path } => format!("read {path}"),
        Behavior::SetMode { path, mode } => format!("mode {mode} {path}"),
        Behavior::SetAttribute { path, attribute } => format!("attribute {attribute} {path}"),
        Behavior::Delete { path } => format!("delete {path}"),
        Behavior::Kill { target } => format!("kill {target}"),
        Behavior::LoadModule { module } => format!("module {module}"),
        Behavior::Mount { source, target } => format!("mount {source} {target}"),
        Behavior::ChangeRoot { root } => format!("root {root}"),
        Behavior::EnterNamespace { target } => format!("namespace {target}"),
        Behavior::Schedule { when, command, .. } => format!("schedule {when} `{command}`"),
        Behavior::Preload { library } => format!("preload {library}"),
        Behavior::SetKernelParameter { name, value } => format!("kernel {name}={value}"),
        Behavior::WriteMsr { register } => format!("msr {register}"),
        Behavior::NameProcess { name } => format!("name {name}"),
        Behavior::SetVariable { name, value } => format!("variable {name}={value}"),
        Behavior::Mine {
            pool,
            account,
            algorithm,
        } => format!("mine {pool} {account} {algorithm}"),
        Behavior::GrantAccess { .. } => "grant".to_owned(),
        other => format!("{other:?}"),
    }
}

fn transport(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "",
        Protocol::Udp => " udp",
        Protocol::Tls => " tls",
        Protocol::Unix => " unix",
        Protocol::Other => " other",
    }
}

fn stream(mark: &str, stream: &Stream) -> String {
    match stream {
        Stream::Inherited => String::new(),
        Stream::Null => format!("{mark}null"),
        Stream::File(path) => format!("{mark}{path}"),
        Stream::Connection(connection) => format!("{mark}#{connection}"),
        Stream::Text(value) => format!("{mark}`{value}`"),
        Stream::Unknown => format!("{mark}?"),
    }
}
