//! Programs that change files: cp, mv, chmod, tee, dd, crontab, chattr, tar and the like.

use model::{Behavior, Language, Provenance, Step, Value};

use super::text::source;
use super::{Arguments, Call, Grammar, Ran, execute};
use crate::language;
use crate::world::{World, is_placeholder};

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    match name {
        "cp" | "mv" | "ln" | "install" | "gcp" => Some(copy(world, name, call)),
        "chmod" => Some(chmod(world, call)),
        "chattr" => Some(chattr(world, call)),
        "rm" | "unlink" | "shred" | "truncate" | "srm" | "wipe" => Some(delete(world, call)),
        "chown" | "chgrp" | "mkdir" | "rmdir" | "touch" | "mkfifo" | "lsattr" | "popd"
        | "patch" | "fallocate" => Some(Ran::silent()),
        "cd" | "pushd" => {
            let folder = call
                .arguments
                .iter()
                .find(|word| !word.text.starts_with('-'));
            world.enter_folder(&folder.cloned().unwrap_or_default());
            Some(Ran::silent())
        }
        "mknod" => mknod(call),
        "dd" => Some(dd(world, call)),
        "tee" => Some(tee(world, call)),
        "crontab" => Some(crontab(world, call)),
        "gcc" | "cc" | "g++" | "c++" | "clang" | "clang++" | "tcc" | "musl-gcc" | "rustc"
        | "ld" => Some(compile(world, call)),
        "tar" | "gtar" | "bsdtar" => Some(tar(world, name, call)),
        "unzip" | "unrar" | "7z" | "7za" | "7zr" | "cpio" => unpack(world, name, call),
        _ => None,
    }
}

/// Last components of paths that are folders on every system: a copy to one of them keeps its name.
const FOLDERS: &[&str] = &[
    "bin",
    "sbin",
    "lib",
    "lib64",
    "etc",
    "tmp",
    "opt",
    "root",
    "home",
    "var",
    "usr",
    "local",
    "shm",
    "share",
    "run",
    "cron.d",
    "cron.hourly",
    "cron.daily",
    "cron.weekly",
    "cron.monthly",
    "init.d",
    "profile.d",
    "rc.d",
    "system",
    "crontabs",
    ".ssh",
    ".",
];

/// Where a copy of `from` to `to` ends.
fn destination(from: &Value, to: &Value, is_folder: bool) -> Value {
    if !is_folder && !to.text.ends_with('/') && !FOLDERS.contains(&to.base_name()) {
        return to.clone();
    }
    let mut path = to.map_text(|text| format!("{}/", text.trim_end_matches('/')));
    path.append(&from.map_text(|text| {
        text.trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or(text)
            .to_owned()
    }));
    path
}

fn copy(world: &mut World, name: &str, call: &Call) -> Ran {
    let grammar = Grammar {
        short: if name == "install" { "mogtS" } else { "tS" },
        long: &["target-directory", "suffix", "mode", "owner", "group"],
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    if name == "install" && arguments.has(&["d", "directory"]) {
        return Ran::silent();
    }
    let folder = arguments.value(&["t", "target-directory"]);
    let (sources, to) = match (folder, arguments.operands.split_last()) {
        (Some(folder), _) => (arguments.operands.as_slice(), folder.clone()),
        // `ln -s target` makes a link of that name here.
        (None, Some((only, []))) if name == "ln" => {
            (std::slice::from_ref(only), Value::literal("."))
        }
        (None, Some((to, sources))) => (sources, to.clone()),
        (None, None) => return Ran::silent(),
    };
    let is_folder =
        folder.is_some() || sources.len() > 1 || arguments.has(&["D"]) && to.text.ends_with('/');
    for from in sources {
        let path = destination(from, &to, is_folder);
        if name != "ln" && world.written(&from.text).is_none() {
            world.act(Behavior::Read { path: from.clone() });
        }
        let content = world.content_of(from);
        if language::of_data_path(&path.text).is_some() {
            world.write(path.clone(), content, false);
        } else {
            world.remember(&path, content, false);
        }
        if let Some(mode) = arguments.value(&["m", "mode"]) {
            world.act(Behavior::SetMode {
                path,
                mode: mode.clone(),
            });
        }
    }
    Ran::silent()
}

fn chmod(world: &mut World, call: &Call) -> Ran {
    let is_option = |word: &&Value| {
        word.text.starts_with("--")
            || matches!(
                word.text.as_str(),
                "-R" | "-v" | "-f" | "-c" | "-Rf" | "-fR" | "-Rv" | "-vR"
            )
    };
    let words: Vec<&Value> = call
        .arguments
        .iter()
        .filter(|word| !is_option(word))
        .collect();
    if let Some((mode, paths)) = words.split_first() {
        for path in paths {
            world.act(Behavior::SetMode {
                path: (*path).clone(),
                mode: (*mode).clone(),
            });
        }
    }
    Ran::silent()
}

fn chattr(world: &mut World, call: &Call) -> Ran {
    let mut attribute = Value::literal("");
    for word in &call.arguments {
        match word.text.as_str() {
            "-R" | "-V" | "-f" | "-Rf" | "--" => {}
            text if text.starts_with(['+', '-', '=']) => attribute.append(word),
            _ => world.act(Behavior::SetAttribute {
                path: word.clone(),
                attribute: attribute.clone(),
            }),
        }
    }
    Ran::silent()
}

fn delete(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "nsr",
        long: &["iterations", "size", "random-source", "reference"],
        ..Grammar::default()
    };
    // `rm -rf` has no values; `shred -n 3` and `truncate -s 0` have.
    let grammar = match call.program.base_name() {
        "shred" | "truncate" => grammar,
        _ => Grammar::default(),
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    for path in arguments.operands {
        world.act(Behavior::Delete { path });
    }
    Ran::silent()
}

/// A named pipe is nothing yet; a device gives access to what is behind it.
fn mknod(call: &Call) -> Option<Ran> {
    let is_pipe = call.arguments.iter().any(|word| word.text == "p");
    is_pipe.then(Ran::silent)
}

fn dd(world: &mut World, call: &Call) -> Ran {
    let operand = |name: &str| {
        call.arguments.iter().rev().find_map(|word| {
            let value = word.text.strip_prefix(name)?.strip_prefix('=')?;
            Some(word.map_text(|_| value.to_owned()))
        })
    };
    let content = match operand("if") {
        Some(path) => source(world, call, std::slice::from_ref(&path)),
        None => call.input_value(world),
    };
    let keeps = operand("conv").is_some_and(|conv| conv.text.contains("notrunc"))
        || operand("oflag").is_some_and(|flag| flag.text.contains("append"));
    match operand("of") {
        Some(path) => {
            world.write(path, content, keeps);
            Ran::silent()
        }
        None => Ran::Prints(content),
    }
}

fn tee(world: &mut World, call: &Call) -> Ran {
    let arguments = Arguments::parse(&Grammar::default(), &call.arguments);
    let value = call.input_value(world);
    let append = arguments.has(&["a", "append"]);
    for path in arguments.operands {
        if path.text != "/dev/null" {
            world.write(path, value.clone(), append);
        }
    }
    Ran::Prints(value)
}

/// Changing a user's crontab is writing the file a cron keeps it in.
fn crontab(world: &mut World, call: &Call) -> Ran {
    let arguments = Arguments::parse(
        &Grammar {
            short: "uc",
            ..Grammar::default()
        },
        &call.arguments,
    );
    let user = arguments
        .value(&["u"])
        .map_or("root", |user| user.text.as_str());
    let spool = Value::literal(format!("/var/spool/cron/crontabs/{user}"));
    if arguments.has(&["l"]) {
        return Ran::Prints(world.content_of(&spool));
    }
    if arguments.has(&["r"]) {
        world.act(Behavior::Delete { path: spool });
        return Ran::silent();
    }
    if arguments.has(&["e"]) {
        return Ran::Delivered(execute(world, call));
    }
    let content = match arguments.operand(0) {
        Some(path) if path.text != "-" => world.content_of(path),
        _ => call.input_value(world),
    };
    // `(crontab -l; echo …) | crontab -`: what was there before is not known and no line of it.
    let is_known_line = |line: &&str| {
        let line = Value {
            text: (*line).to_owned(),
            known: false,
            from: Vec::new(),
        };
        !is_placeholder(&line)
    };
    let lines = if is_placeholder(&content) {
        content
    } else {
        content.map_text(|text| {
            text.lines()
                .filter(is_known_line)
                .flat_map(|line| [line, "\n"])
                .collect()
        })
    };
    world.write(spool, lines, false);
    Ran::silent()
}

/// A program made from sources comes from where these came from.
fn compile(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "oIlLDUxTzum",
        long: &["target", "sysroot", "crate-type", "edition"],
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let mut made = Value::unknown(Provenance::Output(call.program.base_name().to_owned()));
    for path in &arguments.operands {
        let content = if path.text == "-" {
            call.input_value(world)
        } else {
            world.content_of(path)
        };
        for source in content.from {
            made = made.with_source(source);
        }
    }
    let printed = execute(world, call);
    let default = Value::literal("a.out");
    world.remember(arguments.value(&["o"]).unwrap_or(&default), made, false);
    Ran::Delivered(printed)
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
    let mut packed = Value::unknown(Provenance::Output(name.to_owned()));
    for path in &arguments.operands {
        world.act(Behavior::Read { path: path.clone() });
        packed = packed.with_source(Provenance::File(path.text.clone()));
    }
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
