//! Command lines made to break the reader.

use model::{Provenance, Value};
use proptest::prelude::*;

use super::*;

/// Every modelled name, so that each is met with arguments that make no sense.
const NAMES: &[&str] = &[
    "sh",
    "bash",
    "busybox",
    "python3",
    "perl",
    "awk",
    "env",
    "sudo",
    "xargs",
    "find",
    "nohup",
    "timeout",
    "su",
    "script",
    "flock",
    "tmux",
    "screen",
    "at",
    "parallel",
    "chroot",
    "nsenter",
    "proot",
    "echo",
    "printf",
    "cat",
    "base64",
    "base32",
    "basenc",
    "openssl",
    "xxd",
    "uudecode",
    "gzip",
    "xz",
    "zstd",
    "bunzip2",
    "tr",
    "rev",
    "cut",
    "fold",
    "sed",
    "head",
    "tail",
    "grep",
    "sort",
    "uniq",
    "wc",
    "paste",
    "strings",
    "jq",
    "seq",
    "basename",
    "dirname",
    "expr",
    "cp",
    "ln",
    "install",
    "chmod",
    "chattr",
    "rm",
    "dd",
    "tee",
    "crontab",
    "tar",
    "unzip",
    "curl",
    "wget",
    "aria2c",
    "http",
    "ftpget",
    "tftp",
    "scp",
    "rsync",
    "git",
    "pip",
    "nc",
    "ncat",
    "socat",
    "telnet",
    "ssh",
    "telnetd",
    "mount",
    "modprobe",
    "sysctl",
    "wrmsr",
    "kill",
    "pkill",
    "fuser",
    "switch_root",
    "systemd-nspawn",
    "watch",
    "start-stop-daemon",
    "./x",
];

fn word() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[-]{0,2}[a-zA-Z0-9]{0,4}",
        "[-]{1,2}[a-z-]{1,12}=?[a-z0-9:/.]{0,8}",
        "\\PC{0,12}",
        "[a-z0-9:/.@]{0,16}",
        "[sy/,;0-9$!{}()\\\\*.a-c\\[\\]gpd]{0,16}",
        Just("{}".to_owned()),
        Just("sh".to_owned()),
        Just("-c".to_owned()),
    ];
    (text, prop::bool::weighted(0.8)).prop_map(|(text, known)| Value {
        text,
        known,
        from: if known {
            Vec::new()
        } else {
            vec![Provenance::Unknown]
        },
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn no_command_line_panics(
        name in prop::sample::select(NAMES),
        words in prop::collection::vec(word(), 0..8),
        input in prop::option::of(word()),
        to_file: bool,
    ) {
        let budget = Budget { fuel: 50_000, ..Budget::default() };
        let mut world = World::new(&budget);
        let mut call = Call::new(name.into(), words);
        call.input = input.map_or(Stream::Inherited, Stream::Text);
        if to_file {
            call.output = Stream::File("/tmp/out".into());
        }
        run(&mut world, call);
        world.finish();
    }
}

#[test]
fn wrappers_without_end_run_out_of_fuel() {
    let words = vec![Value::literal("env"); 200_000];
    let budget = Budget::default();
    let mut world = World::new(&budget);
    run(&mut world, Call::new("env".into(), words));
    assert_eq!(world.finish().gaps.len(), 1);
}

#[test]
fn output_does_not_grow_without_bound() {
    let budget = Budget {
        unfolded: 1 << 20,
        program_text: 1 << 16,
        ..Budget::default()
    };
    let mut world = World::new(&budget);
    world.remember(&"a".into(), "x".repeat(1 << 10).into(), false);
    for _ in 0..40 {
        let mut call = Call::new("cat".into(), vec!["a".into(), "a".into()]);
        call.output = Stream::File("a".into());
        run(&mut world, call);
    }
    assert!(world.content_of(&"a".into()).text.len() <= 1 << 20);
    let long = "a".repeat(1 << 15);
    for words in [
        vec!["s/a/bbbbbbbbbbbbbbbb/g".to_owned()],
        vec![format!("s/a/{long}/g")],
    ] {
        let mut call = Call::new("sed".into(), words.into_iter().map(Value::from).collect());
        call.input = Stream::Text(long.clone().into());
        assert!(run(&mut world, call).text.len() <= 1 << 18);
    }
    let wide = run(
        &mut world,
        Call::new(
            "printf".into(),
            vec!["%999999999d%999999s".into(), "1".into()],
        ),
    );
    assert!(wide.text.len() < 10_000);
    assert!(!world.finish().gaps.is_empty());
}

#[test]
fn a_bomb_is_cut_off_with_a_gap() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![b'x'; 4 << 20]).unwrap();
    let bomb = crate::encoding::to_text(&encoder.finish().unwrap());
    let budget = Budget {
        unfolded: 1 << 20,
        ..Budget::default()
    };
    let mut world = World::new(&budget);
    let mut call = Call::new("zcat".into(), Vec::new());
    call.input = Stream::Text(bomb.into());
    let printed = run(&mut world, call);
    assert!(printed.text.len() <= 1 << 20);
    assert_eq!(world.finish().gaps.len(), 1);
}

#[test]
fn a_script_that_starts_itself_ends() {
    let write = |world: &mut World| {
        world.remember(
            &"/tmp/x".into(),
            "#!/bin/sh\n/tmp/x & /tmp/x\n".into(),
            false,
        )
    };
    let outcome = outcome(write, "/tmp/x", None);
    assert!(!outcome.acts.is_empty());
    assert!(outcome.gaps <= 64);
}

#[test]
fn work_that_grows_with_the_text_is_paid_for() {
    let budget = Budget {
        fuel: 100_000,
        ..Budget::default()
    };
    let mut world = World::new(&budget);
    let long = Value::literal("a ".repeat(1 << 16));
    let mut runs = 0;
    while world.burn(1) {
        let mut call = Call::new("grep".into(), vec!["-E".into(), "(a* *)*b".into()]);
        call.input = Stream::Text(long.clone());
        run(&mut world, call);
        let mut call = Call::new("tr".into(), vec!["a-zA-Z".into(), "b-zA-Za".into()]);
        call.input = Stream::Text(long.clone());
        run(&mut world, call);
        runs += 1;
    }
    assert!(runs < 10, "{runs}");
}

#[test]
fn a_value_does_not_name_a_million_sources() {
    let words = (0..50_000).map(|at| Value::unknown(Provenance::Environment(format!("A{at}"))));
    let budget = Budget::default();
    let mut world = World::new(&budget);
    let printed = run(&mut world, Call::new("echo".into(), words.collect()));
    assert!(printed.from.len() < 100);
}
