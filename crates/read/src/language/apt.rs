//! Hooks of APT and dpkg: commands around every package operation (`apt.conf(5)`, `dpkg.cfg(5)`).

use model::{Language, Trigger, Value};

use crate::language::start::Start;
use crate::language::{FrontEnd, Places, quoted};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &["etc/apt/apt.conf", "etc/dpkg/dpkg.cfg"],
        folders: &["apt/apt.conf.d/", "dpkg/dpkg.cfg.d/"],
        named: &[],
    },
    ..FrontEnd::new(Language::Apt, lower)
};

/// Deepest nesting of braces that is followed: the settings of APT need four.
const DEEPEST: usize = 32;

/// Lowers the settings whose texts are commands.
pub fn lower(world: &mut World, text: &str) -> Value {
    for (line, name, command) in commands(text) {
        if !world.burn(8) {
            break;
        }
        world.at(line, &format!("{name} {command}"));
        let start = Start {
            trigger: Trigger::Event,
            when: &name,
            step: "hook",
        };
        start.shell(world, &command);
    }
    Value::literal("")
}

/// Whether a setting's texts are handed to a shell.
fn runs(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "-invoke",
        "pre-install-pkgs",
        "proxy-auto-detect",
        "proxyautodetect",
    ]
    .iter()
    .any(|part| name.contains(part))
}

/// Line, setting and text of every command.
fn commands(text: &str) -> Vec<(u32, String, String)> {
    let mut found = Vec::new();
    // The names around the place, and the one being read.
    let mut scopes: Vec<String> = Vec::new();
    let mut name = String::new();
    let mut in_comment = false;
    for (number, line) in (1..).zip(text.lines()) {
        if let Some((key, command)) = line.trim().split_once("-invoke=") {
            let command = command.trim_matches(['"', '\'']).to_owned();
            found.push((number, format!("{key}-invoke"), command));
            continue;
        }
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            if in_comment {
                let Some((_, after)) = rest.split_once("*/") else {
                    break;
                };
                (in_comment, rest) = (false, after);
                continue;
            }
            let after = rest.get(c.len_utf8()..).unwrap_or_default();
            match c {
                '#' => break,
                '/' if after.starts_with('/') => break,
                '/' if after.starts_with('*') => in_comment = true,
                '"' => {
                    let (command, after) = quoted::text(after);
                    if runs(&name) || scopes.iter().any(|scope| runs(scope)) {
                        let shown = if name.is_empty() {
                            scopes.last()
                        } else {
                            Some(&name)
                        };
                        found.push((number, shown.cloned().unwrap_or_default(), command));
                    }
                    rest = after;
                    continue;
                }
                '{' if scopes.len() < DEEPEST => scopes.push(std::mem::take(&mut name)),
                '}' => {
                    scopes.pop();
                    name.clear();
                }
                ';' => name.clear(),
                c if c.is_whitespace() => {}
                c => name.push(c),
            }
            rest = after;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_in_every_spelling() {
        let cases = [
            ("DPkg::Post-Invoke {\"id\";};", "id"),
            (
                "APT::Update::Pre-Invoke:: \"sh -c \\\"id\\\"\";",
                "sh -c \"id\"",
            ),
            ("DPkg\n{\n  Post-Invoke // x\n  { \"id\"; }\n}\n", "id"),
            ("post-invoke=\"id\"", "id"),
        ];
        for (text, command) in cases {
            let found = commands(text);
            assert_eq!(
                found.first().map(|(_, _, c)| c.as_str()),
                Some(command),
                "{text}"
            );
        }
        for text in [
            "APT::Install-Recommends \"0\";",
            "// DPkg::Post-Invoke {\"id\";};",
        ] {
            assert!(commands(text).is_empty(), "{text}");
        }
    }
}
