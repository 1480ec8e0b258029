//! Programs that run another command given as their arguments: env, nohup, sudo, timeout, xargs, find -exec and the like.

use model::{Behavior, Provenance, Step, Stream, Value};

use super::{Arguments, Call, Grammar, Ran, execute, run as run_call};
use crate::world::World;

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

/// Most commands one `find` may run.
const FIND_COMMANDS: usize = 16;

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    match name {
        "env" => Some(env(world, call)),
        "command" => Some(command(world, call)),
        "sudo" | "doas" => Some(sudo(world, call)),
        "su" | "runuser" => Some(su(world, call)),
        "timeout" | "gtimeout" => Some(timeout(world, call)),
        "xargs" | "gxargs" => Some(xargs(world, call)),
        "find" => Some(find(world, call)),
        "watch" => Some(watch(world, call)),
        "script" => Some(script(world, call)),
        "flock" => Some(flock(world, call)),
        "start-stop-daemon" => Some(start_stop_daemon(world, call)),
        "screen" => Some(screen(world, call)),
        "tmux" => Some(tmux(world, call)),
        "at" | "batch" => Some(at(world, name, call)),
        "parallel" => Some(parallel(world, call)),
        "chroot" => Some(chroot(world, call)),
        "proot" => Some(proot(world, call)),
        "nsenter" => Some(nsenter(world, call)),
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
        None => Ran::Prints(Value::unknown(Provenance::Output("env".to_owned()))),
    }
}

/// Words at white space; quotes around one are dropped.
pub fn split_words(value: &Value) -> Vec<Value> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut open) = (String::new(), None, false);
    for c in value.text.chars() {
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

fn xargs(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(
        call,
        "adEInLPs",
        &[
            "arg-file",
            "delimiter",
            "max-args",
            "max-procs",
            "max-chars",
            "max-lines",
            "process-slot-var",
        ],
    );
    let input = match arguments.value(&["a", "arg-file"]) {
        Some(path) => world.content_of(path),
        None => call.input_value(world),
    };
    let mut words = arguments.operands.clone();
    if words.is_empty() {
        words.push(Value::literal("echo"));
    }
    let items = |input: &Value| -> Vec<Value> {
        if crate::world::is_placeholder(input) {
            return vec![input.map_text(|text| text.trim().to_owned())];
        }
        if arguments.has(&["0", "null"]) {
            return split_at(input, '\0');
        }
        match arguments.value(&["d", "delimiter"]) {
            Some(delimiter) => {
                let text = delimiter.text.replace("\\n", "\n").replace("\\0", "\0");
                split_at(input, text.chars().next().unwrap_or('\n'))
            }
            None => split_words(input),
        }
    };
    let replaced = arguments
        .value(&["I", "replace"])
        .map(|value| value.text.clone());
    let replaced = replaced.or_else(|| arguments.has(&["i", "replace"]).then(|| "{}".to_owned()));
    let words = match replaced.filter(|mark| !mark.is_empty()) {
        Some(mark) => {
            let lines = if crate::world::is_placeholder(&input) {
                vec![input.clone()]
            } else {
                split_at(&input, '\n')
            };
            let line = lines.into_iter().next().unwrap_or_default();
            words
                .iter()
                .map(|word| replace(word, &mark, &line))
                .collect()
        }
        None => {
            words.extend(items(&input));
            words
        }
    };
    let mut next = call.clone();
    next.input = Stream::Null;
    becomes(world, &next, &words)
}

/// The parts of a value between separators, empty ones dropped.
fn split_at(value: &Value, separator: char) -> Vec<Value> {
    let parts = value.text.split(separator).filter(|part| !part.is_empty());
    parts
        .map(|part| value.map_text(|_| part.to_owned()))
        .collect()
}

/// `word` with `mark` replaced by `value`.
fn replace(word: &Value, mark: &str, value: &Value) -> Value {
    if !word.text.contains(mark) {
        return word.clone();
    }
    // Once is enough to carry the value; a mark many times over could grow without bound.
    let mut out = Value::literal("");
    let mut parts = word.text.splitn(4, mark);
    out.append(&word.map_text(|_| parts.next().unwrap_or_default().to_owned()));
    for part in parts {
        out.append(value);
        out.append(&word.map_text(|_| part.to_owned()));
    }
    out
}

fn find(world: &mut World, call: &Call) -> Ran {
    let paths: Vec<Value> = call
        .arguments
        .iter()
        .skip_while(|argument| matches!(argument.text.as_str(), "-H" | "-L" | "-P"))
        .take_while(|argument| !argument.text.starts_with(['-', '(', '!']))
        .cloned()
        .collect();
    let mut names = call.arguments.windows(2).filter_map(|pair| match pair {
        [option, value]
            if matches!(
                option.text.as_str(),
                "-name" | "-iname" | "-path" | "-wholename"
            ) =>
        {
            Some(value)
        }
        _ => None,
    });
    // What is found is named by the folder and the pattern.
    let mut found = paths
        .first()
        .cloned()
        .unwrap_or_else(|| Value::literal("."));
    if let Some(name) = names.next_back() {
        found.append(&Value::literal("/"));
        found.append(name);
    }
    let found = Value {
        known: false,
        ..found
    }
    .with_source(Provenance::Output("find".to_owned()));
    if call
        .arguments
        .iter()
        .any(|argument| argument.text == "-delete")
    {
        world.act(Behavior::Delete {
            path: found.clone(),
        });
    }
    let mut commands = find_commands(&call.arguments);
    let last = commands.pop();
    for words in commands {
        let words: Vec<Value> = words
            .iter()
            .map(|word| replace(word, "{}", &found))
            .collect();
        if let Some(next) = call.of_words(&words) {
            run_call(world, next);
        }
    }
    match last {
        Some(words) => {
            let words: Vec<Value> = words
                .iter()
                .map(|word| replace(word, "{}", &found))
                .collect();
            becomes(world, call, &words)
        }
        None => Ran::Prints(found),
    }
}

/// The commands after `-exec` and its relatives, up to `;` or `+`.
fn find_commands(arguments: &[Value]) -> Vec<Vec<Value>> {
    let mut commands = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if matches!(
            argument.text.as_str(),
            "-exec" | "-execdir" | "-ok" | "-okdir"
        ) && commands.len() < FIND_COMMANDS
        {
            let ends = |word: &&Value| !matches!(word.text.as_str(), ";" | "\\;" | "+");
            commands.push(rest.by_ref().take_while(ends).cloned().collect());
        }
    }
    commands
}

fn watch(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(call, "nq", &["interval", "equexit"]);
    if arguments.operands.is_empty() {
        return Ran::Delivered(execute(world, call));
    }
    if arguments.has(&["x", "exec"]) {
        return becomes(world, call, &arguments.operands);
    }
    Ran::becomes(call.of_shell_code(joined(&arguments.operands)))
}

fn script(_world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "cEoBImOT",
        long: &[
            "command",
            "echo",
            "log-in",
            "log-out",
            "log-io",
            "log-timing",
            "output-limit",
        ],
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    match arguments.value(&["c", "command"]) {
        Some(code) => Ran::becomes(call.of_shell_code(code.clone())),
        // BSD: the command follows the file.
        None => becomes_or_shell(call, arguments.operands_from(1)),
    }
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

fn start_stop_daemon(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "xapunckrNdsRPIO",
        long: &[
            "exec",
            "startas",
            "pidfile",
            "user",
            "name",
            "chuid",
            "group",
            "chroot",
            "nicelevel",
            "chdir",
            "signal",
            "retry",
            "procsched",
            "iosched",
            "umask",
            "output",
            "stdout",
            "stderr",
            "wait",
            "env",
        ],
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let program = arguments
        .value(&["a", "startas"])
        .or_else(|| arguments.value(&["x", "exec"]));
    match program {
        Some(program) if !arguments.has(&["K", "stop"]) => {
            Ran::becomes(call.of(program.clone(), arguments.operands.clone()))
        }
        _ => Ran::Delivered(execute(world, call)),
    }
}

fn screen(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(call, "SceTphst", &[]);
    // `screen -S name -X stuff 'command'` types into a running one.
    if arguments.has(&["X"]) {
        return match arguments.operands.as_slice() {
            [word, typed, ..] if word.text == "stuff" => {
                Ran::becomes(call.of_shell_code(typed.clone()))
            }
            _ => Ran::Delivered(execute(world, call)),
        };
    }
    becomes(world, call, &arguments.operands)
}

fn tmux(world: &mut World, call: &Call) -> Ran {
    let outer = parse(call, "LSfc", &[]);
    let Some((verb, rest)) = outer.operands.split_first() else {
        return Ran::Delivered(execute(world, call));
    };
    let inner = parse(&call.of(verb.clone(), rest.to_vec()), "censtxyFlpt", &[]);
    match verb.text.as_str() {
        "new" | "new-session" | "new-window" | "neww" | "split-window" | "splitw" | "run-shell"
        | "run" | "respawn-pane"
            if !inner.operands.is_empty() =>
        {
            Ran::becomes(call.of_shell_code(joined(&inner.operands)))
        }
        "send-keys" | "send" => {
            let is_key = |word: &Value| matches!(word.text.as_str(), "Enter" | "C-m" | "ENTER");
            let typed: Vec<Value> = inner
                .operands
                .iter()
                .filter(|word| !is_key(word))
                .cloned()
                .collect();
            Ran::becomes(call.of_shell_code(joined(&typed)))
        }
        _ => Ran::Delivered(execute(world, call)),
    }
}

fn at(world: &mut World, name: &str, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "qfto",
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    if arguments.has(&["l", "r", "d"]) {
        return Ran::Delivered(execute(world, call));
    }
    let when = match arguments.value(&["t"]) {
        Some(time) => time.clone(),
        None => joined(&arguments.operands),
    };
    let command = match arguments.value(&["f"]) {
        Some(path) => world.content_of(path),
        None => call.input_value(world),
    };
    world.act(Behavior::Schedule {
        when,
        command: command.clone(),
    });
    let streams = [Stream::Null, Stream::Null, Stream::Null];
    world.with_standard(streams, Vec::new(), |world| {
        world.evaluate(model::Language::Shell, &command, Step::new(name))
    });
    Ran::silent()
}

fn parallel(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(
        call,
        "jPaNnLdSIv",
        &[
            "jobs",
            "max-procs",
            "arg-file",
            "delay",
            "timeout",
            "sshlogin",
            "joblog",
            "results",
            "colsep",
            "retries",
        ],
    );
    let is_mark = |word: &&Value| !matches!(word.text.as_str(), ":::" | "::::" | ":::+");
    let template: Vec<Value> = arguments
        .operands
        .iter()
        .take_while(is_mark)
        .cloned()
        .collect();
    let given: Vec<Value> = arguments.operands_from(template.len() + 1).to_vec();
    let item = match (given.first(), arguments.operand(template.len())) {
        (Some(path), Some(mark)) if mark.text == "::::" => world.content_of(path),
        (Some(item), _) => item.clone(),
        (None, _) => call.input_value(world),
    };
    let mut next = call.clone();
    next.input = Stream::Null;
    if template.is_empty() {
        // Without a command, each item is one.
        let all = if given.is_empty() {
            item
        } else {
            lines(&given)
        };
        return Ran::becomes(next.of_shell_code(all));
    }
    let item = item.map_text(|text| text.trim_end().to_owned());
    let mut words: Vec<Value> = template
        .iter()
        .map(|word| replace(word, "{}", &item))
        .collect();
    if words == template {
        words.push(item);
    }
    Ran::becomes(next.of_shell_code(joined(&words)))
}

/// Values as lines of one text.
fn lines(values: &[Value]) -> Value {
    values.iter().fold(Value::literal(""), |mut all, value| {
        all.append(value);
        all.append(&Value::literal("\n"));
        all
    })
}

fn chroot(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(call, "ugG", &["userspec", "groups"]);
    let Some(root) = arguments.operand(0) else {
        return Ran::Delivered(execute(world, call));
    };
    world.act(Behavior::ChangeRoot { root: root.clone() });
    becomes_or_shell(call, arguments.operands_from(1))
}

fn proot(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(
        call,
        "rRbmqwkvS",
        &["rootfs", "bind", "mount", "cwd", "pwd", "qemu"],
    );
    if let Some(root) = arguments.value(&["r", "R", "S", "rootfs"]) {
        world.act(Behavior::ChangeRoot { root: root.clone() });
    }
    becomes_or_shell(call, &arguments.operands)
}

fn nsenter(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(call, "tSG", &["target", "setuid", "setgid"]);
    let target = arguments.value(&["t", "target"]).cloned();
    // Without a target the namespaces are given as files: `--mount=/host/proc/1/ns/mnt`.
    let by_file = || {
        let names = [
            "mount", "m", "pid", "p", "net", "n", "uts", "u", "ipc", "i", "all", "a",
        ];
        arguments.values(&names).next().cloned()
    };
    let target = target
        .or_else(by_file)
        .unwrap_or_else(|| Value::unknown(Provenance::Unknown));
    world.act(Behavior::EnterNamespace { target });
    becomes_or_shell(call, &arguments.operands)
}
