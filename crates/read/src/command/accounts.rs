//! Programs that make accounts and set passwords: useradd, usermod, adduser, chpasswd, passwd.
//!
//! Only what opens a door is an act, as in [`crate::language::accounts`].

use model::{Behavior, Password, Provenance, Value};

use super::{Arguments, Call, Grammar, Ran, execute};
use crate::language::accounts::password;
use crate::world::World;

/// Options of shadow's tools and of `adduser` that take a value.
const GRAMMAR: Grammar = Grammar {
    short: "bcdefgGhkKlpPRsuZ",
    long: &[
        "base-dir",
        "comment",
        "home-dir",
        "home",
        "expiredate",
        "inactive",
        "gid",
        "groups",
        "ingroup",
        "skel",
        "key",
        "login",
        "password",
        "prefix",
        "root",
        "shell",
        "uid",
        "selinux-user",
        "gecos",
        "conf",
        "firstuid",
        "lastuid",
    ],
    stops: false,
    single_dash: false,
};

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    match name {
        "useradd" | "usermod" | "adduser" => Some(change(world, name, call)),
        "chpasswd" => Some(set_passwords(world, call)),
        "passwd" => Some(set_password(world, call)),
        _ => None,
    }
}

fn change(world: &mut World, name: &str, call: &Call) -> Ran {
    // `-l` is a flag of useradd and the new name for usermod; `-h` is a folder for BusyBox.
    let grammar = Grammar {
        short: if name == "useradd" {
            "bcdefgGkKpPRsuZ"
        } else {
            GRAMMAR.short
        },
        ..GRAMMAR
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let uid = arguments.value(&["u", "uid"]).cloned().unwrap_or_default();
    let secret = match arguments.value(&["p", "password"]) {
        Some(hash) if hash.known => password(&hash.text),
        _ => Password::Unsaid,
    };
    // A number that whoever starts the program may choose is theirs, whatever stands in for it.
    let chosen =
        |from: &Provenance| matches!(from, Provenance::Environment(_) | Provenance::Argument);
    let is_root =
        uid.as_known().is_some_and(|uid| uid.parse() == Ok(0_u32)) && !uid.from.iter().any(chosen);
    let opens = is_root || matches!(secret, Password::Empty | Password::Fixed);
    if let Some(account) = arguments.operands.first()
        && opens
    {
        world.act(Behavior::SetAccount {
            name: account.clone(),
            uid: if is_root { Value::literal("0") } else { uid },
            password: secret,
            shell: arguments
                .value(&["s", "shell"])
                .cloned()
                .unwrap_or_default(),
        });
    }
    Ran::Delivered(execute(world, call))
}

/// A name whose password becomes a fixed one. What the user supplies is the user's.
fn fix(world: &mut World, name: &str, secret: &str) {
    if name.is_empty() || secret.is_empty() || format!("{name}{secret}").contains('{') {
        return;
    }
    world.act(Behavior::SetAccount {
        name: Value::literal(name),
        uid: Value::default(),
        password: Password::Fixed,
        shell: Value::default(),
    });
}

/// `name:password` lines.
fn set_passwords(world: &mut World, call: &Call) -> Ran {
    let input = call.input_value(world);
    for line in input.text.lines() {
        if !world.burn(1) {
            break;
        }
        if let Some((name, secret)) = line.trim().split_once(':') {
            fix(world, name, secret);
        }
    }
    Ran::Delivered(execute(world, call))
}

/// `passwd -d name` takes the password away; text on its input sets one.
fn set_password(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "inrwxR",
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let root = Value::literal("root");
    let name = arguments.operands.first().unwrap_or(&root);
    if arguments.has(&["d", "delete"]) {
        world.act(Behavior::SetAccount {
            name: name.clone(),
            uid: Value::default(),
            password: Password::Empty,
            shell: Value::default(),
        });
    } else {
        let input = call.input_value(world);
        if let Some(line) = input.text.lines().next().filter(|_| input.known) {
            fix(world, &name.text, line);
        }
    }
    Ran::Delivered(execute(world, call))
}
