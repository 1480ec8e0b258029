//! Programs that run a command later, again, or behind a terminal of its own: at, watch, screen,
//! tmux, script, start-stop-daemon.

use model::{Behavior, Language, Step, Stream, Trigger, Value};

use super::{becomes, becomes_or_shell, joined, parse};
use crate::command::{Arguments, Call, Grammar, Ran, execute};
use crate::world::World;

pub fn watch(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(call, "nq", &["interval", "equexit"]);
    if arguments.operands.is_empty() {
        return Ran::Delivered(execute(world, call));
    }
    if arguments.has(&["x", "exec"]) {
        return becomes(world, call, &arguments.operands);
    }
    Ran::becomes(call.of_shell_code(joined(&arguments.operands)))
}

pub fn script(_world: &mut World, call: &Call) -> Ran {
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

pub fn start_stop_daemon(world: &mut World, call: &Call) -> Ran {
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

pub fn screen(world: &mut World, call: &Call) -> Ran {
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

pub fn tmux(world: &mut World, call: &Call) -> Ran {
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

pub fn at(world: &mut World, name: &str, call: &Call) -> Ran {
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
        trigger: Trigger::Clock,
        when,
        command: command.clone(),
    });
    let streams = [Stream::Null, Stream::Null, Stream::Null];
    world.with_standard(streams, Vec::new(), |world| {
        world.evaluate(Language::Shell, &command, Step::new(name))
    });
    Ran::silent()
}
