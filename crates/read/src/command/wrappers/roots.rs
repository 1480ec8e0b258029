//! Programs that run a command in another root folder or other namespaces: chroot, proot, nsenter,
//! pivot_root, switch_root, systemd-nspawn.

use model::{Behavior, Provenance, Value};

use super::{becomes_or_shell, parse};
use crate::command::{Arguments, Call, Grammar, Ran, execute};
use crate::world::World;

pub fn chroot(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(call, "ugG", &["userspec", "groups"]);
    let Some(root) = arguments.operand(0) else {
        return Ran::Delivered(execute(world, call));
    };
    world.act(Behavior::ChangeRoot { root: root.clone() });
    becomes_or_shell(call, arguments.operands_from(1))
}

pub fn proot(world: &mut World, call: &Call) -> Ran {
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

pub fn nsenter(world: &mut World, call: &Call) -> Ran {
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

/// Goes to another root; what follows the program's own `operands` is run there.
pub fn change_root(world: &mut World, call: &Call, operands: usize) -> Ran {
    let arguments = Arguments::parse(
        &Grammar {
            short: "c",
            stops: true,
            ..Grammar::default()
        },
        &call.arguments,
    );
    let Some(root) = arguments.operand(0) else {
        return Ran::Delivered(execute(world, call));
    };
    world.act(Behavior::ChangeRoot { root: root.clone() });
    match call.of_words(arguments.operands_from(operands)) {
        Some(next) => Ran::becomes(next),
        None => Ran::silent(),
    }
}

pub fn nspawn(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "DiMuEpU",
        long: &[
            "directory",
            "image",
            "machine",
            "user",
            "setenv",
            "bind",
            "bind-ro",
        ],
        stops: true,
        single_dash: false,
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    if let Some(root) = arguments.value(&["D", "directory"]) {
        world.act(Behavior::ChangeRoot { root: root.clone() });
    }
    match call.of_words(&arguments.operands) {
        Some(next) => Ran::becomes(next),
        None => Ran::Delivered(execute(world, call)),
    }
}
