//! What Ruby does.

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
        "(", "[", "{", "a[", "a(", "\"#{", "!", "->", "eval(", "if a\n", "a ?b :", "def a\n",
        "<<A\n", "%w[", "begin\n",
    ] {
        acts(&part.repeat(20_000));
    }
}

#[test]
fn texts_are_computed() {
    let cases = [
        ("'abc'.reverse", "cba"),
        ("'a-b'.tr('-', '+')", "a+b"),
        ("[97, 98].pack('C*')", "ab"),
        ("['6162'].pack('H*')", "ab"),
        ("'YWI='.unpack1('m')", "ab"),
        ("%w[a b].map(&:upcase).join", "AB"),
        ("(1..3).map { |n| (n + 96).chr }.join", "abc"),
        ("'abcdef'[1..2]", "bc"),
        ("'abcdef'[1, 3]", "bcd"),
        ("'%s-%02d' % ['a', 7]", "a-07"),
        ("'6162'.scan(/../).map { |h| h.hex.chr }.join", "ab"),
        ("[1, 2, 3].inject { |a, b| a + b }", "6"),
    ];
    for (expression, expected) in cases {
        let code = format!("system('x ' + ({expression}).to_s)");
        assert_eq!(
            acts(&code).first(),
            Some(&format!("shell: x {expected}")),
            "{expression}"
        );
    }
}

#[test]
fn methods_blocks_and_objects() {
    let code = "class A\n  def initialize(c); @c = c; end\n  def each; yield @c; end\nend\n\
        A.new('id').each { |c| system(c) }\n";
    assert_eq!(acts(code).first().map(String::as_str), Some("shell: id"));
    let code = "def go(a, b = 'ls')\n  a + b\nend\nsystem go('x ')";
    assert_eq!(acts(code).first().map(String::as_str), Some("shell: x ls"));
}

#[test]
fn streams_are_bound_to_connections() {
    let code = "s = TCPSocket.new('a.example', 1); spawn('sh', [:in, :out] => s)";
    assert_eq!(
        acts(code),
        ["connect a.example:1", "shell: sh", "run sh on #1"]
    );
}
