//! Programs that print what they compute or what they know of the system: seq, basename, date, id.

use model::{Provenance, Value};

use super::printed;
use crate::command::{Arguments, Call, Grammar, Ran};
use crate::world::World;

/// Most numbers `seq` prints.
const NUMBERS: usize = 100_000;

/// Programs whose output depends on the system.
const OF_THE_SYSTEM: &[&str] = &[
    "date",
    "hostname",
    "whoami",
    "id",
    "uname",
    "pwd",
    "nproc",
    "arch",
    "uptime",
    "tty",
    "who",
    "w",
    "last",
    "groups",
    "logname",
    "users",
    "free",
    "df",
    "du",
    "ls",
    "ll",
    "dir",
    "ps",
    "top",
    "pgrep",
    "pidof",
    "lsof",
    "netstat",
    "ss",
    "ip",
    "ifconfig",
    "route",
    "arp",
    "lscpu",
    "lsblk",
    "lsmod",
    "dmesg",
    "getent",
    "getconf",
    "locale",
    "mktemp",
    "tempfile",
    "realpath",
    "readlink",
    "which",
    "whereis",
    "type",
    "file",
    "stat",
    "env",
    "locate",
    "ping",
    "vmstat",
    "iostat",
    "lspci",
    "lsusb",
    "blkid",
    "findmnt",
    "cal",
    "dpkg-query",
    "uuidgen",
    "history",
    "nvidia-smi",
    "getcap",
    "capsh",
    "lsb_release",
    "pstree",
    "tree",
];

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    match name {
        "seq" => Some(seq(world, call)),
        "basename" => Some(base_name(call)),
        "dirname" => Some(folder_name(call)),
        "expr" => Some(expr(call)),
        "yes" => Some(yes(call)),
        "pgrep" | "pidof" => Some(processes(name, call)),
        "printenv" => Some(printenv(world, call)),
        // Computed, but from what cannot be told.
        "bc" | "dc" | "factor" | "shasum" => Some(Ran::Prints(Value::unknown(Provenance::Output(
            name.to_owned(),
        )))),
        _ if OF_THE_SYSTEM.contains(&name) && !changes(name, call) => Some(Ran::Prints(
            Value::unknown(Provenance::Output(name.to_owned())),
        )),
        _ => None,
    }
}

/// Whether such a program is called to change something rather than to print: a start is recorded.
fn changes(name: &str, call: &Call) -> bool {
    match name {
        "hostname" => call
            .arguments
            .first()
            .is_some_and(|first| !first.text.starts_with('-')),
        "date" => call
            .arguments
            .iter()
            .any(|argument| argument.text.starts_with("-s") || argument.text.starts_with("--set")),
        "ip" | "route" | "ifconfig" | "arp" | "history" | "capsh" | "dmesg" | "env" => {
            !call.arguments.is_empty()
        }
        _ => false,
    }
}

fn seq(world: &mut World, call: &Call) -> Ran {
    let arguments = Arguments::parse(
        &Grammar {
            short: "sf",
            long: &["separator", "format"],
            ..Grammar::default()
        },
        &call.arguments,
    );
    let numbers: Option<Vec<i64>> = arguments
        .operands
        .iter()
        .map(|operand| operand.as_known()?.parse().ok())
        .collect();
    let (first, step, last) = match numbers.as_deref() {
        Some([last]) => (1, 1, *last),
        Some([first, last]) => (*first, 1, *last),
        Some([first, step, last]) if *step != 0 => (*first, *step, *last),
        _ => return Ran::Prints(Value::unknown(Provenance::Output("seq".to_owned()))),
    };
    let separator = arguments
        .value(&["s", "separator"])
        .map_or("\n", |value| value.text.as_str());
    let is_over = |number: i64| {
        if step > 0 {
            number > last
        } else {
            number < last
        }
    };
    let all = std::iter::successors(Some(first), |number| number.checked_add(step))
        .take_while(|number| !is_over(*number));
    let texts: Vec<String> = all.take(NUMBERS).map(|number| number.to_string()).collect();
    printed(world, Value::literal(texts.join(separator) + "\n"))
}

fn base_name(call: &Call) -> Ran {
    let arguments = Arguments::parse(
        &Grammar {
            short: "s",
            ..Grammar::default()
        },
        &call.arguments,
    );
    let path = arguments.operand(0).cloned().unwrap_or_default();
    let suffix = arguments
        .value(&["s"])
        .or_else(|| arguments.operand(1))
        .map_or("", |suffix| suffix.text.as_str());
    Ran::Prints(path.map_text(|text| {
        let name = text.trim_end_matches('/');
        let name = name.rsplit('/').next().unwrap_or(name);
        let name = name
            .strip_suffix(suffix)
            .filter(|name| !name.is_empty())
            .unwrap_or(name);
        format!("{name}\n")
    }))
}

fn folder_name(call: &Call) -> Ran {
    let path = call.arguments.last().cloned().unwrap_or_default();
    Ran::Prints(path.map_text(|text| {
        let text = text.trim_end_matches('/');
        match text.rsplit_once('/') {
            Some(("", _)) => "/\n".to_owned(),
            Some((folder, _)) => format!("{folder}\n"),
            None => ".\n".to_owned(),
        }
    }))
}

fn expr(call: &Call) -> Ran {
    let words: Option<Vec<&str>> = call.arguments.iter().map(Value::as_known).collect();
    let result = match words.as_deref() {
        Some([left, operator, right]) => calculate(left, operator, right),
        Some(["length", text]) => Some(text.chars().count().to_string()),
        Some(["substr", text, from, count]) => substring(text, from, count),
        _ => None,
    };
    Ran::Prints(match result {
        Some(text) => Value::literal(text + "\n"),
        None => Value::unknown(Provenance::Output("expr".to_owned())),
    })
}

fn calculate(left: &str, operator: &str, right: &str) -> Option<String> {
    let (left, right): (i64, i64) = (left.parse().ok()?, right.parse().ok()?);
    let result = match operator {
        "+" => left.checked_add(right),
        "-" => left.checked_sub(right),
        "*" => left.checked_mul(right),
        "/" => left.checked_div(right),
        "%" => left.checked_rem(right),
        _ => None,
    };
    result.map(|number| number.to_string())
}

fn substring(text: &str, from: &str, count: &str) -> Option<String> {
    let from: usize = from.parse().ok()?;
    Some(
        text.chars()
            .skip(from.checked_sub(1)?)
            .take(count.parse().ok()?)
            .collect(),
    )
}

fn yes(call: &Call) -> Ran {
    let word = call
        .arguments
        .first()
        .cloned()
        .unwrap_or_else(|| "y".into());
    Ran::Prints(word.map_text(|text| format!("{text}\n")))
}

/// The variables named, or all of them.
fn printenv(world: &World, call: &Call) -> Ran {
    let mut names = call
        .arguments
        .iter()
        .filter(|word| !word.text.starts_with('-'))
        .peekable();
    if names.peek().is_none() {
        return Ran::Prints(Value::unknown(Provenance::Environment(String::new())));
    }
    let mut printed = Value::literal("");
    for name in names {
        printed.append(&world.environment(&name.text));
        printed.text.push('\n');
    }
    Ran::Prints(printed)
}

/// Numbers of processes, named by what was asked for: for a `kill` that follows.
fn processes(name: &str, call: &Call) -> Ran {
    let wanted = call
        .arguments
        .iter()
        .rev()
        .find(|word| !word.text.starts_with('-'));
    let wanted = wanted
        .map_or("", |word| word.text.as_str())
        .replace(['{', '}'], "");
    let mut value = Value::unknown(Provenance::Output(name.to_owned()));
    value.text = format!("{{processes matching {wanted}}}");
    Ran::Prints(value)
}
