//! Programs that pack and unpack: tar, zip, 7z, cpio.

use model::{Behavior, Language, Provenance, Step, Value};

use super::{Arguments, Call, Grammar, Ran};
use crate::world::World;

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    match name {
        "tar" | "gtar" | "bsdtar" => Some(tar(world, name, call)),
        "unzip" | "unrar" | "7z" | "7za" | "7zr" | "cpio" => {
            unpack(world, name, call).or_else(|| pack(world, name, call))
        }
        "zip" | "rar" => pack(world, name, call),
        _ => None,
    }
}

/// What is packed, from the files that it is packed of.
fn packed(world: &mut World, name: &str, paths: &[Value]) -> Value {
    let mut packed = Value::unknown(Provenance::Output(name.to_owned()));
    for path in paths {
        let content = world.content_of(path);
        if world.written(&path.text).is_none() {
            world.act(Behavior::Read { path: path.clone() });
        }
        for source in content.from {
            packed = packed.with_source(source);
        }
    }
    packed
}

/// `zip [-P password] archive file…`, `7z a [-ppassword] archive file…`.
fn pack(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    let grammar = Grammar {
        short: if name == "zip" { "PbtnxiUO" } else { "" },
        long: &["password", "exclude", "include", "out"],
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let operands = match (name, arguments.operands.split_first()) {
        ("zip", _) => arguments.operands.as_slice(),
        (_, Some((verb, rest))) if verb.text == "a" => rest,
        _ => return None,
    };
    let (archive, paths) = operands.split_first()?;
    let mut content = packed(world, name, paths);
    let has_password = arguments.has(&["P", "e", "password", "encrypt", "p", "hp"]);
    if has_password {
        content = content.with_source(Provenance::Encrypted(name.to_owned()));
    }
    let removes = arguments.has(&["m", "move"])
        || call
            .arguments
            .iter()
            .any(|word| matches!(word.text.as_str(), "-sdel" | "-df"));
    if removes {
        for path in paths {
            world.act(Behavior::Delete { path: path.clone() });
        }
    }
    if archive.text == "-" {
        return Some(Ran::Prints(content));
    }
    if has_password {
        world.write(archive.clone(), content, false);
    } else {
        world.remember(archive, content, false);
    }
    Some(Ran::silent())
}

/// What lies in an unpacked archive came from where the archive came from.
fn unpacked(world: &mut World, archive: &Value, folder: Option<&Value>) {
    if archive.fetched_from().is_some()
        || archive.received_over().is_some()
        || archive.was_decoded()
    {
        let here = Value::literal("");
        world.remember_folder(folder.unwrap_or(&here), archive.clone());
    }
}

fn tar(world: &mut World, name: &str, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "fCTXIKbgHLNVF",
        long: &[
            "file",
            "directory",
            "files-from",
            "exclude",
            "exclude-from",
            "use-compress-program",
            "to-command",
            "checkpoint-action",
            "checkpoint",
            "owner",
            "group",
            "mode",
            "transform",
            "strip-components",
            "format",
        ],
        ..Grammar::default()
    };
    // The old form has no dash: `tar xzf archive`.
    let mut words = call.arguments.clone();
    if let Some(first) = words.first_mut()
        && !first.text.starts_with('-')
    {
        first.text.insert(0, '-');
    }
    let arguments = Arguments::parse(&grammar, &words);
    let actions = arguments
        .values(&["checkpoint-action"])
        .filter_map(|action| {
            let code = action.text.strip_prefix("exec=")?;
            Some(action.map_text(|_| code.to_owned()))
        });
    let commands: Vec<Value> = actions
        .chain(
            arguments
                .values(&["to-command", "I", "use-compress-program"])
                .cloned(),
        )
        .collect();
    for code in commands
        .iter()
        .filter(|code| code.text.contains([' ', ';', '|']))
    {
        world.evaluate(Language::Shell, code, Step::new(format!("{name} command")));
    }
    let file = arguments
        .value(&["f", "file"])
        .filter(|file| file.text != "-");
    let folder = arguments.value(&["C", "directory"]);
    if arguments.has(&["x", "extract", "get"]) {
        let archive = match file {
            Some(path) => world.content_of(path),
            None => call.input_value(world),
        };
        unpacked(world, &archive, folder);
        let prints = arguments.has(&["O", "to-stdout"]);
        return Ran::Prints(if prints { archive } else { Value::literal("") });
    }
    if !arguments.has(&["c", "create"]) {
        return Ran::Prints(Value::unknown(Provenance::Output(name.to_owned())));
    }
    let packed = packed(world, name, &arguments.operands);
    match file {
        Some(path) => {
            world.remember(path, packed, false);
            Ran::silent()
        }
        None => Ran::Prints(packed),
    }
}

fn unpack(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    let arguments = Arguments::parse(
        &Grammar {
            short: "dopPxDHI",
            ..Grammar::default()
        },
        &call.arguments,
    );
    let (archive, folder) = match name {
        "cpio" => (call.input_value(world), arguments.value(&["D"])),
        "unzip" => {
            // -o and -x are flags or take several values here.
            let arguments = Arguments::parse(
                &Grammar {
                    short: "dP",
                    ..Grammar::default()
                },
                &call.arguments,
            );
            let archive = world.content_of(arguments.operand(0)?);
            unpacked(world, &archive, arguments.value(&["d"]));
            let prints = arguments.has(&["p"]);
            return Some(Ran::Prints(if prints {
                archive
            } else {
                Value::literal("")
            }));
        }
        _ => {
            let verb = arguments.operand(0)?.text.as_str();
            if !matches!(verb, "x" | "e") {
                return None;
            }
            (
                world.content_of(arguments.operand(1)?),
                arguments.value(&["o"]),
            )
        }
    };
    unpacked(world, &archive, folder);
    Some(Ran::silent())
}
