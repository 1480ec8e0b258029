//! Configuration of git: settings whose values git hands to a shell (`git-config(1)`).

use model::{Language, Trigger, Value};

use crate::language::ini::{self, Dialect, Setting};
use crate::language::start::Start;
use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &[
            "/.gitconfig",
            "etc/gitconfig",
            ".git/config",
            ".config/git/config",
            "/.gitmodules",
        ],
        folders: &[],
        named: &[(".git/modules/", "/config")],
    },
    ..FrontEnd::new(Language::GitConfig, lower)
};

const DIALECT: Dialect = Dialect {
    comments: &['#', ';'],
    indented: false,
};

/// Lowers the settings that are commands.
pub fn lower(world: &mut World, text: &str) -> Value {
    for setting in ini::settings(text, DIALECT) {
        if !world.burn(8) {
            break;
        }
        if let Some(command) = command(&setting) {
            world.at(
                setting.line,
                &format!("{} = {}", setting.key, setting.value),
            );
            let start = Start {
                trigger: Trigger::Event,
                when: "when git is used",
                step: &setting.key,
            };
            start.shell(world, &command);
        }
    }
    Value::literal("")
}

/// The command that git would hand to a shell.
fn command(setting: &Setting) -> Option<String> {
    let value = unquoted(&setting.value);
    let (section, key) = (
        setting.section.to_ascii_lowercase(),
        setting.key.to_ascii_lowercase(),
    );
    let section = section
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned();
    let runs = match (section.as_str(), key.as_str()) {
        // A word that is no command switches the built-in monitor.
        ("core", "fsmonitor") => !matches!(
            value.as_str(),
            "true" | "false" | "1" | "0" | "yes" | "no" | ""
        ),
        ("core", "sshcommand" | "editor" | "pager" | "askpass" | "gitproxy")
        | ("filter", "clean" | "smudge" | "process")
        | ("diff", "external" | "textconv" | "command")
        | ("merge" | "mergetool" | "difftool", "driver" | "cmd")
        | ("sequence", "editor")
        | ("gpg", "program")
        | ("interactive", "difffilter")
        | ("uploadpack", "packobjectshook") => !value.is_empty(),
        // These run a shell only behind an exclamation mark.
        ("alias", _) | ("credential", "helper") | ("submodule", "update") => {
            return value.strip_prefix('!').map(str::to_owned);
        }
        _ => false,
    };
    runs.then_some(value)
}

/// Quotes taken off, escapes undone.
fn unquoted(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {}
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(c) => out.push(c),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_runs() {
        let commands = |text: &str| {
            let settings = ini::settings(text, DIALECT);
            settings.iter().filter_map(command).collect::<Vec<_>>()
        };
        assert_eq!(
            commands("[core]\n\tfsmonitor = \"sh -c \\\"id\\\"\"\n"),
            ["sh -c \"id\""]
        );
        assert_eq!(commands("[alias]\n co = checkout\n x = !id\n"), ["id"]);
        assert_eq!(
            commands("[credential \"https://a\"]\n helper = !f() { id; }; f\n"),
            ["f() { id; }; f"]
        );
        assert!(
            commands("[core]\n fsmonitor = true\n bare = false\n[user]\n name = x\n").is_empty()
        );
    }
}
