//! Programs that open connections: nc, socat, telnet, openssl s_client, ssh and the like.

use model::{Behavior, Protocol, Provenance, Step, Stream, Value};

use super::wrappers::split_words;
use super::{Arguments, Call, Grammar, Ran, execute};
use crate::world::World;

mod lookup;
mod mail;
mod socat;

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    match name {
        "nc" | "netcat" | "ncat" | "nc.traditional" | "nc.openbsd" | "cryptcat" | "pnetcat"
        | "nc6" | "sbd" | "dbd" | "rcat" | "powercat" => Some(netcat(world, name, call)),
        "socat" | "socat1" | "filan" => socat::run(world, call),
        "telnet" => Some(telnet(world, call)),
        "openssl" => openssl(world, call),
        "gnutls-cli" => Some(gnutls(world, call)),
        "ssh" | "dbclient" | "autossh" | "sshpass" => Some(ssh(world, name, call)),
        "telnetd" | "utelnetd" => Some(telnetd(world, call)),
        _ => lookup::run(world, name, call).or_else(|| mail::run(world, name, call)),
    }
}

/// Sends what is piped in, and yields what comes back.
fn exchange(world: &mut World, call: &Call, connection: u32) -> Ran {
    let data = match &call.input {
        Stream::Text(value) => Some(value.clone()),
        Stream::File(path) => Some(world.content_of(path)),
        _ => None,
    };
    if let Some(data) = data.filter(|data| !data.text.is_empty()) {
        world.act(Behavior::Send { connection, data });
    }
    Ran::Prints(Value::unknown(Provenance::Received(connection)))
}

/// The same call with its standard streams on a connection.
fn on_connection(call: &Call, connection: u32) -> Call {
    Call {
        input: Stream::Connection(connection),
        output: Stream::Connection(connection),
        error: Stream::Connection(connection),
        ..call.clone()
    }
}

fn netcat(world: &mut World, name: &str, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "cegGiIOpqsTVwxXPMmbod",
        long: &[
            "exec",
            "sh-exec",
            "lua-exec",
            "source",
            "source-port",
            "wait",
            "idle-timeout",
            "delay",
            "output",
            "hex-dump",
            "proxy",
            "proxy-type",
            "proxy-auth",
            "max-conns",
            "allow",
            "deny",
            "allowfile",
            "denyfile",
            "ssl-cert",
            "ssl-key",
            "ssl-trustfile",
            "ssl-ciphers",
            "ssl-servername",
        ],
        ..Grammar::default()
    };
    // `-d` takes no value but in Ncat; `-x` and `-P` only where proxies are known.
    let grammar = match name {
        "ncat" => grammar,
        _ => Grammar {
            short: "cegGiIOpqsTVwxXPMmb",
            ..grammar
        },
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let listens = arguments.has(&["l", "listen"]);
    let protocol = if arguments.has(&["u", "udp"]) {
        Protocol::Udp
    } else if arguments.has(&["U", "unixsock"]) {
        Protocol::Unix
    } else if arguments.has(&["ssl"]) {
        Protocol::Tls
    } else {
        Protocol::Tcp
    };
    let source_port = arguments.value(&["p", "source-port"]).cloned();
    let [first, second] = [arguments.operand(0).cloned(), arguments.operand(1).cloned()];
    if first.is_none() && source_port.is_none() {
        return Ran::Delivered(execute(world, call));
    }
    let connection = if listens {
        let (host, port) = match (source_port, first, second) {
            (Some(port), host, _) => (host, Some(port)),
            (None, host, Some(port)) => (host, Some(port)),
            (None, port, None) => (None, port),
        };
        world.listen(protocol, host.unwrap_or_default(), port.unwrap_or_default())
    } else {
        world.connect(
            protocol,
            first.unwrap_or_default(),
            second.unwrap_or_default(),
        )
    };
    netcat_program(world, name, call, &arguments, connection)
}

/// What netcat ties to its connection: a program (`-e`), a shell's command (`-c`), or itself.
fn netcat_program(
    world: &mut World,
    name: &str,
    call: &Call,
    arguments: &Arguments,
    connection: u32,
) -> Ran {
    let tied = on_connection(call, connection);
    if let Some(program) = arguments.value(&["e", "exec"]) {
        let mut words = split_words(program);
        // BusyBox hands everything after `-e PROGRAM` to it.
        let after = call
            .arguments
            .iter()
            .skip_while(|word| word.text != "-e")
            .skip(2);
        words.extend(
            after
                .filter(|_| arguments.operands.len() <= 2)
                .filter(|word| word.text.starts_with('-') && !is_netcat_option(&word.text))
                .cloned(),
        );
        return match tied.of_words(&words) {
            Some(next) => Ran::becomes(next),
            None => Ran::silent(),
        };
    }
    if let Some(code) = arguments.value(&["c", "sh-exec"]) {
        return Ran::becomes(tied.of_shell_code(code.clone()));
    }
    if arguments.has(&["lua-exec"]) {
        return Ran::Delivered(execute(
            world,
            &tied.of(Value::from(name), call.arguments.clone()),
        ));
    }
    if arguments.has(&["z"]) {
        return Ran::silent();
    }
    exchange(world, call, connection)
}

/// Options that are netcat's own even behind `-e`.
fn is_netcat_option(text: &str) -> bool {
    text.starts_with("--")
        || text
            .trim_start_matches('-')
            .chars()
            .any(|letter| "nvlpkuwsq46".contains(letter))
}

fn telnet(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "lnebXkS",
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let Some(host) = arguments.operand(0) else {
        return Ran::Delivered(execute(world, call));
    };
    let port = arguments.operand(1).cloned().unwrap_or_else(|| "23".into());
    let connection = world.connect(Protocol::Tcp, host.clone(), port);
    exchange(world, call, connection)
}

/// Host and port of `host:port`; an IPv6 address may stand in brackets.
fn host_and_port(value: &Value) -> (Value, Value) {
    let (host, port) = value.text.rsplit_once(':').unwrap_or((&value.text, ""));
    let host = host.trim_start_matches('[').trim_end_matches(']');
    (
        value.map_text(|_| host.to_owned()),
        value.map_text(|_| port.to_owned()),
    )
}

fn openssl(world: &mut World, call: &Call) -> Option<Ran> {
    let (verb, rest) = call.arguments.split_first()?;
    let grammar = Grammar {
        long: &[
            "connect",
            "host",
            "port",
            "cert",
            "key",
            "CAfile",
            "CApath",
            "servername",
            "proxy",
            "accept",
            "unix",
            "starttls",
            "cipher",
            "verify",
            "bind",
            "alpn",
            "psk",
            "psk_identity",
            "ciphersuites",
            "naccept",
        ],
        single_dash: true,
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, rest);
    match verb.text.as_str() {
        "s_client" => {
            let (host, port) = match (arguments.value(&["connect"]), arguments.operand(0)) {
                (Some(target), _) | (None, Some(target)) => host_and_port(target),
                (None, None) => (
                    arguments.value(&["host"]).cloned().unwrap_or_default(),
                    arguments.value(&["port"]).cloned().unwrap_or_default(),
                ),
            };
            let connection = world.connect(Protocol::Tls, host, port);
            Some(exchange(world, call, connection))
        }
        "s_server" => {
            let accept = arguments.value(&["accept", "port"]).cloned();
            let (host, port) = match accept {
                Some(accept) if accept.text.contains(':') => host_and_port(&accept),
                Some(port) => (Value::default(), port),
                None => (Value::default(), "4433".into()),
            };
            let connection = world.listen(Protocol::Tls, host, port);
            Some(exchange(world, call, connection))
        }
        _ => None,
    }
}

fn gnutls(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "p",
        long: &["port"],
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let Some(host) = arguments.operand(0) else {
        return Ran::Delivered(execute(world, call));
    };
    let port = arguments.value(&["p", "port"]).cloned();
    let connection = world.connect(
        Protocol::Tls,
        host.clone(),
        port.unwrap_or_else(|| "443".into()),
    );
    exchange(world, call, connection)
}

/// A login on another host. What it runs there is that host's; what it runs here
/// (`ProxyCommand`, `LocalCommand`) is followed.
fn ssh(world: &mut World, name: &str, call: &Call) -> Ran {
    if name == "sshpass" {
        let grammar = Grammar {
            short: "pfdPe",
            stops: true,
            ..Grammar::default()
        };
        let arguments = Arguments::parse(&grammar, &call.arguments);
        return match call.of_words(&arguments.operands) {
            Some(next) => Ran::becomes(next),
            None => Ran::Delivered(execute(world, call)),
        };
    }
    let grammar = Grammar {
        short: "BbcDEeFIiJLlmMOopPQRSWwt",
        stops: true,
        ..Grammar::default()
    };
    // `-M`, `-t` take values only in autossh and dropbear; OpenSSH uses them as flags.
    let grammar = match name {
        "autossh" => grammar,
        _ => Grammar {
            short: "BbcDEeFIiJLlmOopPQRSWw",
            ..grammar
        },
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let local = arguments.values(&["o", "J"]).find_map(|option| {
        let (key, code) = option.text.split_once(['=', ' '])?;
        let runs = ["proxycommand", "localcommand", "knownhostscommand"];
        runs.contains(&key.trim().to_ascii_lowercase().as_str())
            .then(|| option.map_text(|_| code.trim().to_owned()))
    });
    if let Some(code) = local {
        world.evaluate(model::Language::Shell, &code, Step::new("ssh ProxyCommand"));
    }
    let printed = execute(world, call);
    if let Some(target) = arguments.operand(0) {
        let host = target.map_text(|text| {
            let text = text.strip_prefix("ssh://").unwrap_or(text);
            text.rsplit('@').next().unwrap_or(text).to_owned()
        });
        let port = arguments
            .value(&["p"])
            .cloned()
            .unwrap_or_else(|| "22".into());
        let connection = world.connect(Protocol::Tcp, host, port);
        exchange(world, call, connection);
    }
    Ran::Delivered(printed)
}

/// A telnet server that starts a program for whoever connects.
fn telnetd(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "lpbfW",
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let port = arguments
        .value(&["p"])
        .cloned()
        .unwrap_or_else(|| "23".into());
    let host = arguments.value(&["b"]).cloned().unwrap_or_default();
    let connection = world.listen(Protocol::Tcp, host, port);
    match arguments.value(&["l"]) {
        Some(login) => Ran::becomes(on_connection(call, connection).of(login.clone(), Vec::new())),
        None => Ran::Delivered(execute(world, call)),
    }
}
