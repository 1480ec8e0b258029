//! Rules of sudo (`sudoers(5)`) and doas (`doas.conf(5)`): who may act as another user without a
//! password.

use model::{Behavior, Language, Value};

use crate::language::start::part;
use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &["etc/sudoers", "etc/doas.conf"],
        folders: &["etc/sudoers.d/", "etc/doas.d/"],
        named: &[],
    },
    ..FrontEnd::new(Language::Sudoers, lower)
};

/// Lowers the rules.
pub fn lower(world: &mut World, text: &str) -> Value {
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        if !world.burn(2) {
            break;
        }
        let mut rule = line.trim().to_owned();
        while rule.ends_with('\\') {
            rule.pop();
            rule.push_str(lines.next().map_or("", |(_, line)| line.trim()));
        }
        if let Some((who, commands)) = grant(&rule) {
            world.at(number, &rule);
            world.act(Behavior::GrantSudo {
                who: part(who),
                commands: part(commands),
            });
        }
    }
    Value::literal("")
}

/// Who may run what without a password by a rule.
fn grant(rule: &str) -> Option<(&str, &str)> {
    // "#1000" is a user by number; other lines of that start are comments.
    if let Some(rest) = rule.strip_prefix('#')
        && !rest.starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let (who, rest) = rule.split_once(char::is_whitespace)?;
    let rest = rest.trim();
    if let Some(scope) = who.strip_prefix("Defaults") {
        let all = if scope.is_empty() {
            "ALL"
        } else {
            scope.trim_start_matches([':', '@', '!', '>'])
        };
        let without = rest
            .split(',')
            .any(|option| option.trim() == "!authenticate");
        return without.then_some((all, ""));
    }
    if who == "permit" {
        return doas(rest);
    }
    if who.ends_with("_Alias") {
        return None;
    }
    let (_, commands) = rest.split_once("NOPASSWD")?;
    let commands = commands.trim_start().strip_prefix(':')?;
    let commands = commands.split(" PASSWD").next().unwrap_or(commands);
    Some((who, commands.trim().trim_end_matches(',')))
}

/// `permit [nopass …] WHO [as USER] [cmd COMMAND …]`.
fn doas(rule: &str) -> Option<(&str, &str)> {
    let mut words = rule.split_whitespace();
    let mut without = false;
    let who = words.find(|word| {
        without |= *word == "nopass";
        !matches!(*word, "nopass" | "nolog" | "persist" | "keepenv")
    })?;
    let commands = rule
        .split_once(" cmd ")
        .map_or("ALL", |(_, command)| command);
    without.then_some((who, commands))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_without_a_password() {
        let cases = [
            ("svc ALL=(ALL) NOPASSWD: ALL", Some(("svc", "ALL"))),
            (
                "svc\tALL = (ALL:ALL) NOPASSWD : SETENV: ALL",
                Some(("svc", "SETENV: ALL")),
            ),
            (
                "%wheel ALL=NOPASSWD: /bin/a, /bin/b, PASSWD: /bin/c",
                Some(("%wheel", "/bin/a, /bin/b")),
            ),
            ("#33 ALL=(ALL) NOPASSWD:ALL", Some(("#33", "ALL"))),
            ("Defaults !authenticate", Some(("ALL", ""))),
            ("Defaults:svc env_reset, !authenticate", Some(("svc", ""))),
            ("permit nopass keepenv svc as root", Some(("svc", "ALL"))),
            (
                "permit nopass :wheel cmd reboot",
                Some((":wheel", "reboot")),
            ),
            ("permit persist :wheel", None),
            ("root ALL=(ALL:ALL) ALL", None),
            ("# svc ALL=(ALL) NOPASSWD: ALL", None),
            ("#includedir /etc/sudoers.d", None),
            ("@includedir /etc/sudoers.d", None),
            ("Defaults env_reset", None),
            ("Cmnd_Alias X = NOPASSWD: y", None),
        ];
        for (rule, expected) in cases {
            assert_eq!(grant(rule), expected, "{rule}");
        }
    }
}
