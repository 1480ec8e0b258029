//! Programs that send mail or files to a server by commands of its protocol: mail, sendmail, ftp.

use model::{Behavior, Protocol, Value};

use crate::command::text::source;
use crate::command::{Arguments, Call, Grammar, Ran, execute};
use crate::world::World;

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    match name {
        "mail" | "mailx" | "sendmail" | "mutt" | "msmtp" | "ssmtp" | "s-nail" | "swaks" => {
            Some(mail(world, call))
        }
        "ftp" | "lftp" => Some(ftp(world, call)),
        "ncftpput" | "ftpput" => Some(put(world, call)),
        _ => None,
    }
}

fn send(world: &mut World, host: Value, port: &str, data: Value) {
    let connection = world.connect(Protocol::Tcp, host, Value::literal(port));
    world.act(Behavior::Send { connection, data });
}

/// The text of standard input and what is attached, to whoever an address names.
fn mail(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "sabcrSFfe",
        long: &["to", "from", "server", "attach", "subject", "body"],
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let to = arguments
        .value(&["to"])
        .into_iter()
        .chain(&arguments.operands)
        .find(|word| word.text.contains('@'));
    let Some(to) = to.cloned() else {
        return Ran::Delivered(execute(world, call));
    };
    let host = to.map_text(|text| text.rsplit('@').next().unwrap_or(text).to_owned());
    let mut data = call.input_value(world);
    let attached: Vec<Value> = arguments.values(&["a", "attach", "A"]).cloned().collect();
    if !attached.is_empty() {
        data.append(&source(world, call, &attached));
    }
    send(world, host, "25", data);
    Ran::silent()
}

/// Commands on standard input or behind `-e`: those that put files there.
fn ftp(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "uepPT",
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let script = match arguments.value(&["e", "c"]) {
        Some(script) => script.clone(),
        None => call.input_value(world),
    };
    let mut host = arguments.operand(0).cloned();
    for line in script.text.split([';', '\n']) {
        let mut words = line.split_whitespace();
        let (Some(verb), Some(word)) = (words.next(), words.next()) else {
            continue;
        };
        let word = script.map_text(|_| word.to_owned());
        match verb {
            "open" => host = Some(word),
            "put" | "send" | "mput" | "append" => {
                let data = source(world, call, std::slice::from_ref(&word));
                send(world, host.clone().unwrap_or_default(), "21", data);
            }
            _ => {}
        }
    }
    Ran::Delivered(execute(world, call))
}

/// `ncftpput [options] host folder file…`, BusyBox's `ftpput [options] host [remote] local`.
fn put(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "upPm",
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let (Some(host), Some(last)) = (arguments.operand(0), arguments.operands.last()) else {
        return Ran::Delivered(execute(world, call));
    };
    let data = source(world, call, std::slice::from_ref(last));
    send(world, host.clone(), "21", data);
    Ran::silent()
}
