//! socat: two addresses and the bytes between them (socat(1), "ADDRESS SPECIFICATIONS").

use model::{Behavior, Protocol, Stream, Value};

use super::{exchange, host_and_port, on_connection};
use crate::command::wrappers::split_words;
use crate::command::{Arguments, Call, Grammar, Ran, execute, run as run_call};
use crate::world::World;

/// One side.
enum Address {
    /// A connection that was opened or waited for.
    Connection(u32),
    /// A program started directly.
    Program(Value),
    /// A shell's command.
    Code(Value),
    /// Standard input and output.
    Standard,
    /// A file or device.
    File(Value),
    /// Anything else: a pty, a pipe.
    Other,
}

/// Runs socat.
pub fn run(world: &mut World, call: &Call) -> Option<Ran> {
    let grammar = Grammar {
        short: "tTbLWr",
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let (Some(first), Some(second)) = (arguments.operand(0), arguments.operand(1)) else {
        return Some(Ran::Delivered(execute(world, call)));
    };
    let first = address(world, first);
    let second = address(world, second);
    Some(join(world, call, first, second))
}

fn join(world: &mut World, call: &Call, first: Address, second: Address) -> Ran {
    use Address::{Code, Connection, File, Other, Program, Standard};
    match (first, second) {
        (Connection(connection), Program(program)) | (Program(program), Connection(connection)) => {
            match on_connection(call, connection).of_words(&split_words(&program)) {
                Some(next) => Ran::becomes(next),
                None => Ran::silent(),
            }
        }
        (Connection(connection), Code(code)) | (Code(code), Connection(connection)) => {
            Ran::becomes(on_connection(call, connection).of_shell_code(code))
        }
        (Connection(connection), File(path)) => {
            let received = Value::unknown(model::Provenance::Received(connection));
            world.write(path, received, false);
            Ran::silent()
        }
        (File(path), Connection(connection)) => {
            let data = world.content_of(&path);
            world.act(Behavior::Read { path });
            world.act(Behavior::Send { connection, data });
            Ran::silent()
        }
        (Connection(connection), Standard | Other) | (Standard | Other, Connection(connection)) => {
            exchange(world, call, connection)
        }
        (first, second) => {
            for side in [first, second] {
                let mut bound = call.clone();
                bound.output = Stream::Unknown;
                let next = match side {
                    Program(program) => bound.of_words(&split_words(&program)),
                    Code(code) => Some(bound.of_shell_code(code)),
                    _ => None,
                };
                if let Some(next) = next {
                    run_call(world, next);
                }
            }
            Ran::silent()
        }
    }
}

/// The parts of an address: type in upper case, parameters, options.
fn parts(text: &str) -> (String, &str) {
    let end = text.find([':', ',']).unwrap_or(text.len());
    let (kind, rest) = text.split_at(end);
    (
        kind.to_ascii_uppercase(),
        rest.strip_prefix(':').unwrap_or(""),
    )
}

/// Parameters up to the first comma that no quote or backslash guards.
fn before_options(text: &str) -> String {
    let (mut out, mut quote, mut guarded) = (String::new(), None, false);
    for c in text.chars() {
        match (guarded, quote, c) {
            (true, _, _) => {
                out.push(c);
                guarded = false;
            }
            (false, _, '\\') => guarded = true,
            (false, None, ',') => break,
            (false, None, '"' | '\'') => quote = Some(c),
            (false, Some(q), _) if q == c => quote = None,
            _ => out.push(c),
        }
    }
    out
}

fn address(world: &mut World, value: &Value) -> Address {
    let text = value.text.as_str();
    if matches!(
        text,
        "-" | "STDIO" | "STDIN" | "STDOUT" | "stdio" | "stdin" | "stdout"
    ) {
        return Address::Standard;
    }
    let (kind, rest) = parts(text);
    let parameters = value.map_text(|_| before_options(rest));
    match kind.as_str() {
        "STDIO" | "STDIN" | "STDOUT" | "STDERR" | "FD" => Address::Standard,
        "EXEC" => Address::Program(parameters),
        "SYSTEM" | "SHELL" => Address::Code(parameters),
        "FILE" | "OPEN" | "CREATE" | "GOPEN" | "PIPE" => {
            let is_terminal = parameters.text.contains("tty") || parameters.text.is_empty();
            if is_terminal {
                Address::Other
            } else {
                Address::File(parameters)
            }
        }
        _ if text.starts_with('/') || text.starts_with("./") => {
            Address::File(value.map_text(before_options))
        }
        _ => network_address(world, &kind, &parameters),
    }
}

fn network_address(world: &mut World, kind: &str, parameters: &Value) -> Address {
    let listens = ["LISTEN", "RECV", "RECVFROM", "-L"]
        .iter()
        .any(|end| kind.ends_with(end));
    let protocol = if kind.starts_with("OPENSSL") || kind.starts_with("SSL") {
        Protocol::Tls
    } else if kind.starts_with("UDP") || kind.contains("DTLS") {
        Protocol::Udp
    } else if kind.starts_with("TCP") {
        Protocol::Tcp
    } else if kind.starts_with("UNIX") || kind.starts_with("ABSTRACT") {
        Protocol::Unix
    } else if kind.starts_with("SCTP") || kind.starts_with("VSOCK") || kind.starts_with("IP") {
        Protocol::Other
    } else if kind.starts_with("SOCKS") || kind == "PROXY" {
        return proxied(world, parameters);
    } else {
        return Address::Other;
    };
    let connection = match (protocol, listens) {
        (Protocol::Unix, true) => world.listen(protocol, parameters.clone(), Value::default()),
        (Protocol::Unix, false) => world.connect(protocol, parameters.clone(), Value::default()),
        (_, true) => world.listen(protocol, Value::default(), parameters.clone()),
        (_, false) => {
            let (host, port) = host_and_port(parameters);
            world.connect(protocol, host, port)
        }
    };
    Address::Connection(connection)
}

/// `SOCKS4A:proxy:host:port`, `PROXY:proxy:host:port`: the connection is to the host.
fn proxied(world: &mut World, parameters: &Value) -> Address {
    let target = parameters.map_text(|text| {
        let (_, target) = text.split_once(':').unwrap_or(("", text));
        target.to_owned()
    });
    let (host, port) = host_and_port(&target);
    Address::Connection(world.connect(Protocol::Tcp, host, port))
}
