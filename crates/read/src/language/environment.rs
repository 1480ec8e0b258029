//! Environments of logins: `/etc/environment` (`pam_env(8)`), `environment.d(5)` and
//! `pam_env.conf(5)`.

use model::{Behavior, Language, Value};

use crate::language::start::part;
use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &[
            "etc/environment",
            "etc/security/pam_env.conf",
            "/.pam_environment",
        ],
        folders: &["etc/environment.d/"],
        named: &[(".config/environment.d/", ".conf")],
    },
    ..FrontEnd::new(Language::Environment, lower)
};

/// Lowers the variables.
pub fn lower(world: &mut World, text: &str) -> Value {
    for (number, line) in (1..).zip(text.lines()) {
        if !world.burn(1) {
            break;
        }
        if let Some((name, value)) = variable(line.trim()) {
            world.at(number, line);
            world.act(Behavior::SetVariable {
                name: name.to_owned(),
                value: part(value),
            });
        }
    }
    Value::literal("")
}

/// `[export] NAME=value`, or `NAME DEFAULT=value`.
fn variable(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let (name, kind) = name.split_once(char::is_whitespace).unwrap_or((name, ""));
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let known = matches!(kind.trim(), "" | "DEFAULT" | "OVERRIDE");
    (plain && known).then(|| (name, value.trim().trim_matches(['"', '\''])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_in_every_spelling() {
        assert_eq!(
            variable("LD_PRELOAD=\"/x.so\""),
            Some(("LD_PRELOAD", "/x.so"))
        );
        assert_eq!(
            variable("LD_PRELOAD DEFAULT=/x.so"),
            Some(("LD_PRELOAD", "/x.so"))
        );
        assert_eq!(variable("# A=b"), None);
        assert_eq!(variable("prose with = in it"), None);
    }
}
