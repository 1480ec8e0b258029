//! `inetd.conf` (`inetd.conf(5)`, BusyBox `inetd.c`) and `xinetd.d` (`xinetd.conf(5)`): programs
//! whose standard streams are a connection that somebody else opened.

use model::{Language, Protocol, Stream, Value};

use crate::command::{self, Call};
use crate::language::{FrontEnd, Places, Signs};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &["etc/inetd.conf", "etc/xinetd.conf"],
        folders: &["etc/inetd.d/", "etc/inetd.conf.d/", "etc/xinetd.d/"],
        named: &[],
    },
    signs: Signs::Whole(is_inetd),
    ..FrontEnd::new(Language::Inetd, lower)
};

/// One service.
#[derive(Debug, Default)]
struct Service {
    line: u32,
    port: String,
    udp: bool,
    /// The program and its arguments after the name.
    words: Vec<String>,
    disabled: bool,
}

fn is_inetd(text: &str) -> bool {
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .peekable();
    lines.peek().is_some() && lines.all(|line| of_line(0, line).is_some())
}

/// Lowers the services: each waits for a connection and starts its program on it.
pub fn lower(world: &mut World, text: &str) -> Value {
    let services = if text.contains('{') && text.contains("server") {
        blocks(text)
    } else {
        let lines = (1..).zip(text.lines());
        lines
            .filter_map(|(number, line)| of_line(number, line.trim()))
            .collect()
    };
    for service in services {
        if !world.burn(16) {
            break;
        }
        if service.disabled {
            continue;
        }
        let Some((program, arguments)) = service.words.split_first() else {
            continue;
        };
        let source = text.lines().nth(service.line.saturating_sub(1) as usize);
        world.at(service.line, source.unwrap_or(program));
        let protocol = if service.udp {
            Protocol::Udp
        } else {
            Protocol::Tcp
        };
        let connection = world.listen(protocol, Value::literal(""), service.port.as_str().into());
        let streams = std::array::from_fn(|_| Stream::Connection(connection));
        let arguments = arguments.iter().map(|word| word.as_str().into()).collect();
        let call = Call::new(program.as_str().into(), arguments);
        world.with_standard(streams, Vec::new(), |world| command::run(world, call));
    }
    Value::literal("")
}

/// `service type protocol wait user program argv0 …`.
fn of_line(number: u32, line: &str) -> Option<Service> {
    if line.starts_with('#') {
        return None;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let [port, kind, protocol, wait, _user, program, arguments @ ..] = words.as_slice() else {
        return None;
    };
    let known = matches!(*kind, "stream" | "dgram" | "raw" | "seqpacket" | "rdm")
        && (protocol.starts_with("tcp") || protocol.starts_with("udp") || *protocol == "unix")
        && (wait.starts_with("wait") || wait.starts_with("nowait"));
    if !known || *program == "internal" {
        return None;
    }
    // The TCP wrapper starts what its first argument names.
    let (program, arguments) = match arguments {
        [wrapped, rest @ ..] if program.ends_with("/tcpd") => (*wrapped, rest),
        [_, rest @ ..] => (*program, rest),
        [] => (*program, arguments),
    };
    Some(Service {
        line: number,
        port: port.rsplit(':').next().unwrap_or(port).to_owned(),
        udp: protocol.starts_with("udp"),
        words: std::iter::once(program)
            .chain(arguments.iter().copied())
            .map(str::to_owned)
            .collect(),
        disabled: false,
    })
}

/// `service NAME { server = … }`.
fn blocks(text: &str) -> Vec<Service> {
    let mut services: Vec<Service> = Vec::new();
    let mut inside = false;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if let Some(name) = line.strip_prefix("service ") {
            inside = true;
            services.push(Service {
                port: name.trim_end_matches('{').trim().to_owned(),
                ..Service::default()
            });
        }
        let (Some(service), Some((key, value))) = (services.last_mut(), line.split_once('='))
        else {
            inside &= !line.starts_with('}');
            continue;
        };
        if !inside || line.starts_with('#') {
            continue;
        }
        let value = value.trim();
        match key.trim().trim_end_matches('+').trim() {
            "port" => service.port = value.to_owned(),
            "protocol" => service.udp = value == "udp",
            "disable" => service.disabled = value == "yes",
            "server" => {
                service.line = number;
                service.words.insert(0, value.to_owned());
            }
            "server_args" => service
                .words
                .extend(value.split_whitespace().map(str::to_owned)),
            _ => {}
        }
    }
    services
}

#[cfg(test)]
mod tests {
    use crate::language::probe::acts;
    use model::Language;

    #[test]
    fn a_shell_has_the_connection() {
        let cases = [
            "31337 stream tcp nowait root /bin/sh sh -i\n",
            "x stream tcp6 nowait.400 root.wheel /usr/sbin/tcpd /bin/bash -i\n",
            "service x\n{\n  port = 31337\n  server = /bin/bash\n  server_args = -i\n}\n",
        ];
        for text in cases {
            let found = acts(Language::Inetd, text);
            assert!(found[0].starts_with("Listen"), "{found:#?}");
            assert!(
                found[1].starts_with("Execute") && found[1].contains("Connection(1)"),
                "{found:#?}"
            );
        }
        assert!(acts(Language::Inetd, "daytime stream tcp nowait root internal\n").is_empty());
        assert!(
            acts(
                Language::Inetd,
                "service a {\n server = /bin/sh\n disable = yes\n}\n"
            )
            .is_empty()
        );
    }
}
