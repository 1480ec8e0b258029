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

/// Whether an interpreter is given a script: then its input is data, as for a CGI program. A script
/// is its first operand; what its options take is none.
pub fn runs_a_script(program: &Value, arguments: &[Value]) -> bool {
    /// Options that take the next word.
    const TAKES_WORD: &[&str] = &[
        "-o",
        "+o",
        "-O",
        "+O",
        "--rcfile",
        "--init-file",
        "-W",
        "-X",
        "-I",
    ];
    // What these are given is no script: a log of the session, an account.
    if !is_interpreter(program) || matches!(program.base_name(), "script" | "login") {
        return false;
    }
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        match text {
            // All that follows is for what is read from the input.
            "-s" | "-" | "/dev/stdin" => return false,
            "-m" | "-File" | "-file" => return true,
            _ if TAKES_WORD.contains(&text) => {
                words.next();
            }
            _ if text.starts_with(['-', '+']) => {}
            // `cmd.exe /q`
            _ if program.base_name().starts_with("cmd") && text.starts_with('/') => {}
            // `busybox sh`
            _ if matches!(program.base_name(), "busybox" | "toybox") && is_interpreter(word) => {
                return runs_a_script(word, words.as_slice());
            }
            _ => return true,
        }
    }
    false
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
    TEMPORARY.iter().any(|folder| path.starts_with(folder))
        || path.starts_with('/')
            && !path.starts_with("/home/")
            && !path.starts_with("/root/")
            && is_hidden(path)
}

/// Whether a name of a path hides it: the file's own, or a folder's where a system keeps no hidden
/// ones. Projects keep environments and what they built in hidden folders of their own
/// (`/app/.venv`, `/srv/x/.output`).
fn is_hidden(path: &str) -> bool {
    const PLAIN: &[&str] = &[
        "",
        "/usr",
        "/usr/bin",
        "/usr/sbin",
        "/usr/lib",
        "/usr/lib64",
        "/usr/share",
        "/usr/local",
        "/usr/local/bin",
        "/usr/local/lib",
        "/bin",
        "/sbin",
        "/lib",
        "/lib64",
        "/etc",
        "/var",
        "/var/lib",
        "/var/log",
        "/var/cache",
        "/var/spool",
        "/dev",
        "/run",
        "/boot",
        "/opt",
    ];
    let mut start = 0;
    for part in path.split('/') {
        let end = start + part.len();
        let above = path.get(..start.saturating_sub(1)).unwrap_or_default();
        let below = path.get(end..).unwrap_or_default();
        // Three dots, or two and a blank, look like the folder above.
        let disguised = part.len() > 2 && part.chars().all(|c| c == '.' || c == ' ');
        let dotted = part.len() > 1 && part.starts_with('.') && !part.starts_with("..");
        // A hidden folder with a bin folder in it is the prefix of a tool: `/.venv/bin`.
        let tool = ["/bin/", "/lib/", "/share/"]
            .iter()
            .any(|folder| below.starts_with(folder));
        if disguised || dotted && (below.is_empty() || PLAIN.contains(&above) && !tool) {
            return true;
        }
        start = end + 1;
    }
    false
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
        // `//etc` is `/etc`, nothing is mounted in between.
        let is_root =
            mount.contains(|c| c != '/') && ROOTS.iter().any(|root| rest.starts_with(root));
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
/// the act that schedules it.
pub fn hostile_command(program: &Program, from: usize) -> Option<(&'static str, Confidence)> {
    commanded(program, from)
        .filter_map(hostile_act)
        .max_by_key(|(_, confidence)| *confidence)
}

/// What the command does that the act at `from` schedules: the acts that follow, further in.
pub fn commanded(program: &Program, from: usize) -> impl Iterator<Item = &Act> {
    let schedule = program.acts.get(from);
    let of_schedule = move |act: &&Act| {
        schedule.is_some_and(|schedule| {
            let further_in = act.steps.len() > schedule.steps.len() || act.line == schedule.line;
            further_in
                && act.steps.starts_with(&schedule.steps)
                && !matches!(act.behavior, Behavior::Schedule { .. })
        })
    };
    let following = program.acts.get(from + 1..).unwrap_or_default();
    following.iter().take_while(of_schedule)
}

/// What an act does that an honest service, job or profile does not.
pub fn hostile_act(act: &Act) -> Option<(&'static str, Confidence)> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_an_interpreter_s_first_operand() {
        let runs = |line: &str| {
            let mut words = line.split(' ').map(Value::from);
            let program = words.next().unwrap_or_default();
            runs_a_script(&program, &words.collect::<Vec<_>>())
        };
        for line in [
            "python3 /app/cgi.py",
            "sh run",
            "bash --norc x.sh -i",
            "python3 -m http.server",
            "perl -w script",
            "busybox sh /x",
        ] {
            assert!(runs(line), "{line}");
        }
        for line in [
            "bash -i",
            "sh",
            "bash --rcfile /etc/rc -i",
            "sh -s -- --help",
            "python3 -",
            "busybox sh",
            "cat /x.py",
            "script /dev/null",
        ] {
            assert!(!runs(line), "{line}");
        }
    }

    #[test]
    fn hidden_where_nothing_is_hidden() {
        for path in [
            "/usr/bin/.x",
            "/usr/share/.x/y",
            "/.x/run",
            "/opt/.cache/x",
            "/app/bin/.miner",
            "/lib/security/.../pam.so",
            "/tmp/x",
        ] {
            assert!(is_odd_place(path), "{path}");
        }
        for path in [
            "/opt/app/.venv/bin/python",
            "/.venv/bin/python",
            "/usr/local/.nvm/bin/node",
            "/app/.output/server/index.mjs",
            "/usr/src/app/.next/server.js",
            "/home/x/.local/x",
            "/usr/bin/x",
            "x/../y",
        ] {
            assert!(!is_odd_place(path), "{path}");
        }
    }
}
