//! Programs that change the system: mount, insmod, sysctl, kill and the like.

use model::{Behavior, Value};

use super::{Arguments, Call, Grammar, Ran, execute};
use crate::world::World;

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    match name {
        "mount" => Some(mount(world, call)),
        "insmod" | "modprobe" => Some(load_module(world, name, call)),
        "sysctl" => Some(sysctl(world, call)),
        "wrmsr" => Some(wrmsr(world, call)),
        "kill" => Some(kill(world, call)),
        "pkill" | "killall" | "skill" | "killall5" | "xkill" => Some(kill_by_name(world, call)),
        "fuser" => Some(fuser(world, call)),
        _ => None,
    }
}

fn parse(call: &Call, short: &'static str, long: &'static [&'static str]) -> Arguments {
    let grammar = Grammar {
        short,
        long,
        ..Grammar::default()
    };
    Arguments::parse(&grammar, &call.arguments)
}

fn mount(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(
        call,
        "toLUNOp",
        &["types", "options", "source", "target", "label", "uuid"],
    );
    let named = (arguments.value(&["source"]), arguments.value(&["target"]));
    let (source, target) = match (named, arguments.operands.as_slice()) {
        ((Some(source), Some(target)), _) | (_, [source, target, ..]) => {
            (source.clone(), target.clone())
        }
        // A remount, or an entry of fstab.
        (_, [target]) => (
            arguments
                .value(&["L", "U", "label", "uuid"])
                .cloned()
                .unwrap_or_default(),
            target.clone(),
        ),
        _ => return Ran::Delivered(execute(world, call)),
    };
    world.act(Behavior::Mount { source, target });
    Ran::silent()
}

fn load_module(world: &mut World, name: &str, call: &Call) -> Ran {
    let arguments = parse(call, "Cd", &["config", "dirname", "set-version"]);
    if arguments.has(&[
        "r",
        "remove",
        "n",
        "dry-run",
        "show-depends",
        "c",
        "V",
        "version",
    ]) {
        return Ran::Delivered(execute(world, call));
    }
    // The rest are the module's parameters, unless several are asked for.
    let takes_all = name == "modprobe" && arguments.has(&["a", "all"]);
    let count = if takes_all {
        arguments.operands.len()
    } else {
        1
    };
    for module in arguments.operands.iter().take(count) {
        let mut module = module.clone();
        let content = world.written(&module.text);
        let sources = content.map(|content| content.from.clone());
        for source in sources.into_iter().flatten() {
            module = module.with_source(source);
        }
        world.act(Behavior::LoadModule { module });
    }
    Ran::silent()
}

fn sysctl(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(call, "pr", &["load", "pattern"]);
    let mut sets = false;
    for operand in &arguments.operands {
        if let Some((name, value)) = operand.text.split_once('=') {
            sets = true;
            world.act(Behavior::SetKernelParameter {
                name: operand.map_text(|_| name.trim().replace('/', ".")),
                value: operand.map_text(|_| value.trim().to_owned()),
            });
        }
    }
    if sets {
        Ran::silent()
    } else {
        Ran::Delivered(execute(world, call))
    }
}

fn wrmsr(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(call, "p", &["processor"]);
    match arguments.operand(0) {
        Some(register) => {
            world.act(Behavior::WriteMsr {
                register: register.clone(),
            });
            Ran::silent()
        }
        None => Ran::Delivered(execute(world, call)),
    }
}

/// Ends what `targets` name.
fn end(world: &mut World, targets: &[Value]) -> Ran {
    for target in targets {
        world.act(Behavior::Kill {
            target: target.clone(),
        });
    }
    Ran::silent()
}

/// Whether a word is a signal with a dash: `-9`, `-KILL`, `-SIGKILL`.
fn is_signal(word: &Value) -> bool {
    word.text.strip_prefix('-').is_some_and(|name| {
        let name = name.strip_prefix("SIG").unwrap_or(name);
        !name.is_empty()
            && (name.bytes().all(|byte| byte.is_ascii_digit())
                || name.len() > 1
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()))
    })
}

/// The call without signals.
fn without_signals(call: &Call) -> Call {
    let words = call.arguments.iter().filter(|word| !is_signal(word));
    call.of(call.program.clone(), words.cloned().collect())
}

fn kill(world: &mut World, call: &Call) -> Ran {
    // Signal 0 only asks whether the process is there.
    if call
        .arguments
        .iter()
        .any(|word| matches!(word.text.as_str(), "-0" | "-l" | "-L"))
    {
        return Ran::silent();
    }
    let arguments = parse(&without_signals(call), "sn", &["signal"]);
    end(world, &arguments.operands)
}

fn kill_by_name(world: &mut World, call: &Call) -> Ran {
    if call.arguments.iter().any(|word| word.text == "-0") {
        return Ran::silent();
    }
    let arguments = parse(
        &without_signals(call),
        "sgGPtuUFyo",
        &[
            "signal",
            "pgroup",
            "group",
            "parent",
            "terminal",
            "euid",
            "uid",
            "user",
            "pidfile",
            "ns",
            "younger-than",
            "older-than",
        ],
    );
    if arguments.operands.is_empty()
        && let Some(user) = arguments.value(&["u", "U", "user", "uid", "euid"])
    {
        return end(world, std::slice::from_ref(user));
    }
    end(world, &arguments.operands)
}

fn fuser(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(&without_signals(call), "n", &["namespace"]);
    if arguments.has(&["k", "kill"]) {
        return end(world, &arguments.operands);
    }
    Ran::Delivered(execute(world, call))
}
