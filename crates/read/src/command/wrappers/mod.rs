//! Programs that run another command given as their arguments: env, nohup, sudo, timeout, chroot and the like.

use model::{Behavior, Provenance, Value};

use super::{Arguments, Call, Grammar, Ran, execute};
use crate::world::World;

mod roots;
mod sessions;
mod several;

/// A program that runs the command that follows its own options and operands, changing nothing
/// that matters here.
struct Prefix {
    names: &'static [&'static str],
    /// Letters of its short options that take a value.
    short: &'static str,
    /// Its long options that take a value in the next argument.
    long: &'static [&'static str],
    /// Operands of its own before the command.
    operands: usize,
}

const fn prefix(
    names: &'static [&'static str],
    short: &'static str,
    long: &'static [&'static str],
    operands: usize,
) -> Prefix {
    Prefix {
        names,
        short,
        long,
        operands,
    }
}

const PREFIXES: &[Prefix] = &[
    prefix(
        &[
            "nohup",
            "setsid",
            "builtin",
            "busybox",
            "toybox",
            "eatmydata",
            "catchsegv",
            "fakeroot",
            "unbuffer",
            "linux32",
            "linux64",
            "torify",
            "torsocks",
            "tsocks",
            "catatonit",
            "with-contenv",
            "dbus-run-session",
            "noglob",
            "nocorrect",
            "coproc",
            "rlwrap",
            "disown",
            "xvfb-run",
            "nocache",
        ],
        "",
        &[],
        0,
    ),
    // The dynamic linker runs the program it is given (ld.so(8)).
    prefix(
        &[
            "ld.so",
            "ld-linux.so.2",
            "ld-linux-x86-64.so.2",
            "ld-linux-aarch64.so.1",
            "ld-linux-armhf.so.3",
            "ld-musl-x86_64.so.1",
            "ld-musl-aarch64.so.1",
        ],
        "",
        &["library-path", "inhibit-rpath", "audit", "preload", "argv0"],
        0,
    ),
    prefix(&["exec"], "a", &[], 0),
    prefix(&["nice"], "n", &["adjustment"], 0),
    prefix(&["ionice"], "cnpPu", &["class", "classdata"], 0),
    prefix(&["stdbuf"], "ioe", &["input", "output", "error"], 0),
    prefix(&["time", "gtime"], "fo", &["format", "output"], 0),
    prefix(
        &["strace", "ltrace"],
        "aeEIoOpPsSuXbFln",
        &["trace", "output"],
        0,
    ),
    prefix(
        &["proxychains", "proxychains4", "proxychains-ng"],
        "f",
        &[],
        0,
    ),
    prefix(&["dumb-init"], "r", &["rewrite"], 0),
    prefix(
        &["tini", "tini-static", "docker-init", "tini-amd64"],
        "pe",
        &[],
        0,
    ),
    prefix(&["chpst"], "uUbe/nldmoprfct", &[], 0),
    prefix(&["softlimit"], "adfmoprstcl", &[], 0),
    prefix(&["prlimit"], "p", &["pid", "output"], 0),
    prefix(
        &["setpriv"],
        "",
        &[
            "reuid",
            "regid",
            "groups",
            "inh-caps",
            "bounding-set",
            "securebits",
            "pdeathsig",
        ],
        0,
    ),
    prefix(&["numactl"], "iNCmpP", &[], 0),
    prefix(&["cpulimit"], "lpe", &["limit", "pid", "exe"], 0),
    prefix(&["cgexec"], "g", &[], 0),
    prefix(
        &["systemd-run"],
        "pEutH",
        &[
            "unit",
            "property",
            "description",
            "slice",
            "uid",
            "gid",
            "setenv",
            "on-active",
            "on-boot",
            "on-calendar",
            "working-directory",
            "machine",
            "service-type",
        ],
        0,
    ),
    prefix(&["systemd-cat"], "tp", &["identifier", "priority"], 0),
    prefix(&["systemd-inhibit"], "", &["what", "who", "why", "mode"], 0),
    prefix(&["firejail", "pgrphack"], "", &[], 0),
    prefix(
        &[
            "setarch",
            "chrt",
            "setuidgid",
            "s6-setuidgid",
            "gosu",
            "su-exec",
            "faketime",
            "envdir",
            "s6-envdir",
            "setlock",
        ],
        "",
        &[],
        1,
    ),
    prefix(&["taskset"], "", &[], 1),
    prefix(
        &["unshare"],
        "SGRw",
        &[
            "setuid",
            "setgid",
            "root",
            "wd",
            "map-user",
            "map-group",
            "propagation",
            "setgroups",
        ],
        0,
    ),
];

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    match name {
        "env" => Some(env(world, call)),
        "command" => Some(command(world, call)),
        "sudo" | "doas" => Some(sudo(world, call)),
        "su" | "runuser" => Some(su(world, call)),
        "timeout" | "gtimeout" => Some(timeout(world, call)),
        "xargs" | "gxargs" => Some(several::xargs(world, call)),
        "find" => Some(several::find(world, call)),
        "watch" => Some(sessions::watch(world, call)),
        "script" => Some(sessions::script(world, call)),
        "flock" => Some(flock(world, call)),
        "start-stop-daemon" => Some(sessions::start_stop_daemon(world, call)),
        "screen" => Some(sessions::screen(world, call)),
        "tmux" => Some(sessions::tmux(world, call)),
        "at" | "batch" => Some(sessions::at(world, name, call)),
        "parallel" => Some(several::parallel(world, call)),
        "chroot" => Some(roots::chroot(world, call)),
        "proot" => Some(roots::proot(world, call)),
        "pivot_root" => Some(roots::change_root(world, call, 2)),
        "switch_root" => Some(roots::change_root(world, call, 1)),
        "systemd-nspawn" => Some(roots::nspawn(world, call)),
        "nsenter" => Some(roots::nsenter(world, call)),
        _ => plain(world, name, call),
    }
}

/// The command of `words`, or what the program does without one.
fn becomes(world: &mut World, call: &Call, words: &[Value]) -> Ran {
    match call.of_words(words) {
        Some(next) => Ran::becomes(next),
        None => Ran::Delivered(execute(world, call)),
    }
}

/// The command of `words`, or a shell if there is none.
fn becomes_or_shell(call: &Call, words: &[Value]) -> Ran {
    let shell = || call.of(Value::literal("sh"), vec![Value::literal("-i")]);
    Ran::becomes(call.of_words(words).unwrap_or_else(shell))
}

fn parse(call: &Call, short: &'static str, long: &'static [&'static str]) -> Arguments {
    let grammar = Grammar {
        short,
        long,
        stops: true,
        single_dash: false,
    };
    Arguments::parse(&grammar, &call.arguments)
}

fn plain(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    let name = if name.starts_with("busybox") {
        "busybox"
    } else {
        name
    };
    let known = PREFIXES.iter().find(|known| known.names.contains(&name))?;
    let arguments = parse(call, known.short, known.long);
    // `nice -5 command`: a number where an option stands is one that parsing skipped.
    Some(becomes(
        world,
        call,
        arguments.operands_from(known.operands),
    ))
}

/// Name and value of an assignment in front of a command.
fn assignment(word: &Value) -> Option<(String, Value)> {
    let (name, value) = word.text.split_once('=')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then(|| (name.to_owned(), word.map_text(|_| value.to_owned())))
}

/// Records the assignments `words` start with, and returns the rest.
fn assignments<'a>(world: &mut World, mut words: &'a [Value]) -> &'a [Value] {
    while let Some((first, rest)) = words.split_first()
        && let Some((name, value)) = assignment(first)
    {
        if name == "LD_PRELOAD" && !value.text.is_empty() {
            world.act(Behavior::Preload {
                library: value.clone(),
            });
        }
        world.act(Behavior::SetVariable { name, value });
        words = rest;
    }
    words
}

fn env(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(call, "uCSP", &["unset", "chdir", "split-string"]);
    let words = assignments(world, &arguments.operands).to_vec();
    if let Some(split) = arguments.value(&["S", "split-string"]) {
        let mut all = split_words(split);
        all.extend(words);
        let words = assignments(world, &all).to_vec();
        return becomes(world, call, &words);
    }
    match call.of_words(&words) {
        Some(next) => Ran::becomes(next),
        None => Ran::Prints(Value::unknown(Provenance::Environment(String::new()))),
    }
}

/// Most words a text is split to: about as many arguments as a system takes of short ones.
pub const MOST_WORDS: usize = 4_096;

/// Words at white space, up to [`MOST_WORDS`]; quotes around one are dropped.
pub fn split_words(value: &Value) -> Vec<Value> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut open) = (String::new(), None, false);
    for c in value.text.chars() {
        if words.len() >= MOST_WORDS {
            return words;
        }
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (None, '"' | '\'') => (quote, open) = (Some(c), true),
            (None, c) if c.is_whitespace() => {
                if open {
                    words.push(value.map_text(|_| std::mem::take(&mut word)));
                }
                open = false;
            }
            (_, c) => {
                word.push(c);
                open = true;
            }
        }
    }
    if open {
        words.push(value.map_text(|_| word));
    }
    words
}

fn command(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(call, "", &[]);
    if arguments.has(&["v", "V"]) {
        let found = arguments.operands.first().cloned().unwrap_or_default();
        let path = found
            .map_text(|name| format!("/usr/bin/{}\n", name.rsplit('/').next().unwrap_or(name)));
        return Ran::Prints(
            Value {
                known: false,
                ..path
            }
            .with_source(Provenance::Output("command".to_owned())),
        );
    }
    becomes(world, call, &arguments.operands)
}

fn sudo(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(
        call,
        "ugpCDRrtThU",
        &[
            "user",
            "group",
            "prompt",
            "close-from",
            "chdir",
            "chroot",
            "role",
            "type",
            "command-timeout",
            "host",
            "other-user",
        ],
    );
    let words = assignments(world, &arguments.operands).to_vec();
    let takes_shell = arguments.has(&["s", "i", "shell", "login"]);
    match (words.is_empty(), takes_shell) {
        (true, true) => becomes_or_shell(call, &[]),
        (false, true) => Ran::becomes(call.of_shell_code(joined(&words))),
        (_, false) => becomes(world, call, &words),
    }
}

/// Words as the one text that a shell is handed.
fn joined(words: &[Value]) -> Value {
    let mut code = Value::literal("");
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            code.append(&Value::literal(" "));
        }
        code.append(word);
    }
    code
}

fn su(world: &mut World, call: &Call) -> Ran {
    // Options may stand after the user; what follows the user goes to the shell.
    let grammar = Grammar {
        short: "csgGuwT",
        long: &[
            "command",
            "session-command",
            "shell",
            "group",
            "supp-group",
            "user",
        ],
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    if let Some(code) = arguments.value(&["c", "command", "session-command"]) {
        return Ran::becomes(call.of_shell_code(code.clone()));
    }
    if arguments.has(&["u", "user"]) {
        return becomes(world, call, &arguments.operands);
    }
    Ran::becomes(call.of(Value::literal("sh"), Vec::new()))
}

fn timeout(world: &mut World, call: &Call) -> Ran {
    // Old busybox: `timeout -t 5 command`.
    if call
        .arguments
        .first()
        .is_some_and(|first| first.text.starts_with("-t"))
    {
        let arguments = parse(call, "ts", &[]);
        return becomes(world, call, &arguments.operands);
    }
    let arguments = parse(call, "ks", &["kill-after", "signal"]);
    becomes(world, call, arguments.operands_from(1))
}

fn flock(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(call, "wE", &["timeout", "wait", "conflict-exit-code"]);
    match arguments.operands_from(1) {
        [option, code, ..] if matches!(option.text.as_str(), "-c" | "--command") => {
            Ran::becomes(call.of_shell_code(code.clone()))
        }
        // A descriptor number alone locks and runs nothing.
        [] => Ran::silent(),
        words => becomes(world, call, words),
    }
}
