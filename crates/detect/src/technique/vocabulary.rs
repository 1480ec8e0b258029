//! The words techniques share: what is a shell, an address, a path of the host.

use std::collections::BTreeSet;

use bstr::BStr;
use model::{
    Act, Behavior, Confidence, Indicator, IndicatorType, Program, Protocol, Stream, Value,
};

use crate::subject::{ImageFacts, Subject};

/// Whether a program is a shell or another interpreter that takes orders from its input.
pub fn is_interpreter(program: &Value) -> bool {
    const NAMES: &[&str] = &[
        "sh",
        "bash",
        "dash",
        "ash",
        "zsh",
        "ksh",
        "mksh",
        "rbash",
        "fish",
        "csh",
        "tcsh",
        "busybox",
        "toybox",
        "cmd",
        "cmd.exe",
        "powershell",
        "pwsh",
        "python",
        "perl",
        "ruby",
        "php",
        "lua",
        "node",
        "tclsh",
        "irb",
        "script",
        "expect",
        "login",
    ];
    let name = program.base_name();
    let unversioned = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    // The user's own shell, by the variable that names it.
    NAMES.contains(&name)
        || NAMES.contains(&unversioned)
        || matches!(program.text.as_str(), "{SHELL}" | "{BASH}")
}

/// Where a connection leads, by its number.
#[derive(Debug, Clone, Copy)]
pub enum End<'a> {
    /// Outwards.
    Outgoing(Protocol, &'a Value, &'a Value),
    /// It waits for others.
    Incoming(&'a Value, &'a Value),
}

/// The end of connection `number` of a program.
pub fn connection(program: &Program, number: u32) -> Option<End<'_>> {
    program.acts.iter().find_map(|act| match &act.behavior {
        Behavior::Connect {
            connection,
            protocol,
            host,
            port,
        } if *connection == number => Some(End::Outgoing(*protocol, host, port)),
        Behavior::Listen {
            connection,
            host,
            port,
            ..
        } if *connection == number => Some(End::Incoming(host, port)),
        _ => None,
    })
}

/// The connection an act takes its orders from, and whether what it starts is an interpreter.
///
/// Either a program whose standard input is the connection, or text received over it that is
/// evaluated or executed.
pub fn ordered_over(act: &Act) -> Option<u32> {
    match &act.behavior {
        Behavior::Execute {
            program,
            arguments,
            input,
            ..
        } => match input {
            _ if runs_a_script(program, arguments) => None,
            Stream::Connection(number) if is_interpreter(program) => Some(*number),
            Stream::Text(value) if is_interpreter(program) => value.received_over(),
            _ => program.received_over(),
        },
        Behavior::Evaluate { code, .. } => code.received_over(),
        _ => None,
    }
}

/// Whether an interpreter is given a script: then its input is data, as for a CGI program.
fn runs_a_script(program: &Value, arguments: &[Value]) -> bool {
    let is_script = |argument: &Value| {
        !argument.text.starts_with('-')
            && argument.text.ends_with(['y', 'l', 'b', 'p', 's'])
            && argument.text.contains('.')
    };
    let unknown_operand = |argument: &Value| !argument.known && !argument.text.starts_with('-');
    is_interpreter(program)
        && arguments
            .iter()
            .any(|argument| is_script(argument) || unknown_operand(argument))
}

/// Whether a host is this machine itself.
pub fn is_loopback(host: &Value) -> bool {
    let name = host.text.trim_matches(['[', ']']);
    matches!(
        name,
        "localhost" | "::1" | "0.0.0.0" | "::" | "ip6-localhost"
    ) || name.starts_with("127.")
}

/// The host of a URL or of `host:port`, without user, port and brackets.
pub fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let authority = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    if let Some(bracketed) = authority.strip_prefix('[') {
        return bracketed.split(']').next().unwrap_or(bracketed);
    }
    authority.split(':').next().unwrap_or(authority)
}

/// Whether a host is written as an IPv4 address that is not a private or local one.
pub fn is_public_address(host: &str) -> bool {
    let Ok(address) = host.parse::<std::net::Ipv4Addr>() else {
        return false;
    };
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified())
}

/// The last component of a URL's path, without query.
pub fn url_file_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether a name ends like a picture, a sound or a font: something that is never run.
pub fn is_picture_name(name: &str) -> bool {
    const ENDS: &[&str] = &[
        ".jpg", ".jpeg", ".png", ".gif", ".bmp", ".ico", ".webp", ".svg", ".tif", ".tiff", ".mp3",
        ".mp4", ".woff", ".woff2", ".ttf", ".css", ".pdf",
    ];
    let name = name.to_ascii_lowercase();
    let base = name.rsplit('/').next().unwrap_or(&name);
    // A name has more than its end: `$(x).css(…)` is a line of another language.
    let has_stem = |end: &&str| {
        let stem = base.strip_suffix(*end);
        stem.is_some_and(|stem| stem.contains(char::is_alphanumeric) && !stem.contains("{output"))
    };
    // An address is no file.
    !name.contains("://") && ENDS.iter().any(has_stem)
}

/// Whether a path lies where nothing that is meant to stay is kept: world-writable temporary
/// folders, or behind a name that begins with a dot outside a home folder.
pub fn is_odd_place(path: &str) -> bool {
    const TEMPORARY: &[&str] = &[
        "/tmp/",
        "/var/tmp/",
        "/dev/shm/",
        "/dev/mqueue/",
        "/run/lock/",
    ];
    let hidden = |path: &str| {
        path.split('/')
            .any(|part| part.len() > 2 && part.starts_with('.') && !part.starts_with(".."))
    };
    TEMPORARY.iter().any(|folder| path.starts_with(folder))
        || path.starts_with('/')
            && !path.starts_with("/home/")
            && !path.starts_with("/root/")
            && hidden(path)
}

/// Whether a path lies behind a name that begins with a dot inside a temporary folder: hidden twice.
pub fn is_hidden_temporary(path: &str) -> bool {
    is_odd_place(path)
        && ["/tmp/", "/var/tmp/", "/dev/shm/"]
            .iter()
            .any(|folder| path.starts_with(folder))
        && path.contains("/.")
}

/// A path of the host, seen through a mount point: the part behind the mount.
///
/// `/mnt/etc/crontab` is one if the image has no `/mnt/etc`: something can be there only when the
/// host's folder is mounted. Paths whose front is unknown (`{ROOT}/etc/…`) are not.
pub fn behind_mount<'p>(image: &ImageFacts<'_>, path: &'p str) -> Option<&'p str> {
    const ROOTS: &[&str] = &[
        "etc/",
        "root/",
        "home/",
        "var/spool/cron",
        "usr/",
        "bin/",
        "sbin/",
        "lib/",
        "boot/",
        "opt/",
        "proc/sys/",
    ];
    if !path.starts_with('/') {
        return None;
    }
    // The mount point is the first component, or the first few: `/mnt`, `/host/root`.
    let slashes = path.match_indices('/').map(|(at, _)| at).skip(1).take(3);
    for at in slashes {
        let (mount, rest) = (&path[..at], &path[at + 1..]);
        let is_root = ROOTS.iter().any(|root| rest.starts_with(root));
        // `/usr/etc/`, `/var/lib/`, `/usr/local/etc/` are the image's own folders.
        let own = [
            "/usr",
            "/usr/local",
            "/var",
            "/opt",
            "/etc",
            "/root",
            "/lib",
            "/home",
            "/proc",
            "/sys",
            "/run",
            "/tmp",
        ];
        if is_root && !own.contains(&mount) {
            let first = rest.split('/').next().unwrap_or(rest);
            let folder = format!("{mount}/{first}");
            let lacks = !image.tree.exists(BStr::new(&folder));
            return lacks.then_some(rest);
        }
    }
    None
}

/// How a program's code reads a destination: who it connects to, in words.
pub fn destination(host: &Value, port: &Value) -> String {
    match (host.text.is_empty(), port.text.is_empty()) {
        (true, true) => "an address that cannot be told".to_owned(),
        (false, true) => host.text.clone(),
        (true, false) => format!("port {port}"),
        (false, false) => format!("{host}:{port}"),
    }
}

/// What a scheduled command does that an honest one does not, and how sure that makes it: fetches
/// and runs, takes orders, mines, or runs something from an odd place. `from` is the position of
/// the act that schedules it; its own acts follow, further in.
pub fn hostile_command(program: &Program, from: usize) -> Option<(&'static str, Confidence)> {
    let schedule = program.acts.get(from)?;
    let of_schedule = |act: &&Act| {
        let further_in = act.steps.len() > schedule.steps.len() || act.line == schedule.line;
        further_in
            && act.steps.starts_with(&schedule.steps)
            && !matches!(act.behavior, Behavior::Schedule { .. })
    };
    program.acts[from + 1..]
        .iter()
        .take_while(of_schedule)
        .find_map(hostile_act)
}

fn hostile_act(act: &Act) -> Option<(&'static str, Confidence)> {
    if ordered_over(act).is_some() {
        return Some((
            "a shell for whoever is at the other end of a connection",
            Confidence::High,
        ));
    }
    match &act.behavior {
        Behavior::Evaluate { code, .. } if code.fetched_from().is_some() => {
            Some(("code fetched from the network", Confidence::High))
        }
        Behavior::Execute { program, .. } if program.fetched_from().is_some() => {
            Some(("a program fetched from the network", Confidence::High))
        }
        Behavior::Mine { .. } => Some(("a miner", Confidence::High)),
        Behavior::Execute { program, .. } if is_hidden_temporary(&program.text) => {
            Some(("a hidden program in a temporary folder", Confidence::High))
        }
        Behavior::Execute { program, .. } if is_odd_place(&program.text) => Some((
            "a program from a temporary or hidden place",
            Confidence::Medium,
        )),
        Behavior::Execute {
            program, arguments, ..
        } if is_interpreter(program)
            && arguments
                .iter()
                .any(|argument| is_odd_place(&argument.text)) =>
        {
            Some((
                "a script from a temporary or hidden place",
                Confidence::Medium,
            ))
        }
        Behavior::Evaluate { code, .. } if code.was_decoded() && !code.known => {
            Some(("code that is kept encoded", Confidence::Medium))
        }
        _ => None,
    }
}

/// The steps of an act that say it was read out of a file the program writes.
pub fn written_path(act: &Act) -> Option<&str> {
    act.steps
        .iter()
        .rev()
        .find_map(|step| step.0.strip_prefix("written to "))
}

/// Hosts, URLs, pools and keys that a program names.
pub fn indicators_of(program: &Program, all: &mut BTreeSet<Indicator>) {
    let mut add = |kind, value: &str| {
        let plain = !value.is_empty() && !value.contains(['{', ' ', '\n']) && value.len() <= 512;
        if plain {
            all.insert(Indicator {
                kind,
                value: model::text::printable(value.as_bytes()),
            });
        }
    };
    for act in &program.acts {
        match &act.behavior {
            Behavior::Connect { host, .. } if !is_loopback(host) => {
                add(IndicatorType::Host, &host.text)
            }
            Behavior::Fetch { url, .. } => {
                add(IndicatorType::Url, &url.text);
                add(IndicatorType::Host, host_of(&url.text));
            }
            Behavior::Mine { pool, .. } => add(IndicatorType::Pool, &pool.text),
            Behavior::GrantAccess { fingerprint, .. } => add(IndicatorType::SshKey, fingerprint),
            _ => {}
        }
    }
}

/// One step of confidence less for a program that only reads like one and that nothing runs.
pub fn as_sure_as_it_runs(subject: &Subject<'_>, confidence: Confidence) -> Confidence {
    match (
        subject.runs_by_itself() || subject.program.declared,
        confidence,
    ) {
        (false, Confidence::High) => Confidence::Medium,
        (false, _) => Confidence::Low,
        (true, confidence) => confidence,
    }
}
