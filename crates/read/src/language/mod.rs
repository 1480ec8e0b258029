//! One front-end a language or format, each lowering text to acts in a [`World`].

use model::{Language, Value};

use crate::world::World;

pub mod authorized_keys;
pub mod crontab;
pub mod miner_config;
pub mod preload;
pub mod python;
pub mod shell;
pub mod systemd;

/// Lowers `text` in `world` and returns what it prints on standard output, as far as that is told.
///
/// A text longer than the budget allows is lowered up to there, and a gap says so.
pub fn lower(world: &mut World, language: Language, text: &str) -> Value {
    let limit = world.budget().program_text;
    let text = if text.len() > limit {
        world.gap(format!(
            "only the first {limit} bytes of the {} text were followed",
            language.name()
        ));
        &text[..text.floor_char_boundary(limit)]
    } else {
        text
    };
    match language {
        Language::Shell => shell::lower(world, text),
        Language::Python => python::lower(world, text),
        Language::Command => shell::lower_command(world, text),
        Language::Crontab => crontab::lower(world, text),
        Language::Systemd => systemd::lower(world, text),
        Language::Preload => preload::lower(world, text),
        Language::AuthorizedKeys => authorized_keys::lower(world, text),
        Language::MinerConfig => miner_config::lower(world, text),
        Language::Other => Value::literal(""),
    }
}

/// The language a system takes a file for because of where it lies, whatever is in front of the
/// path: `/etc/crontab` and `/mnt/etc/crontab` are both read by a cron, the second by the host's.
pub fn of_data_path(path: &str) -> Option<Language> {
    const SUFFIXES: &[(&str, Language)] = &[
        ("etc/crontab", Language::Crontab),
        ("etc/anacrontab", Language::Crontab),
        ("etc/ld.so.preload", Language::Preload),
        (".ssh/authorized_keys", Language::AuthorizedKeys),
        (".ssh/authorized_keys2", Language::AuthorizedKeys),
        ("etc/rc.local", Language::Shell),
        ("etc/profile", Language::Shell),
        ("etc/bash.bashrc", Language::Shell),
        ("/.bashrc", Language::Shell),
        ("/.bash_profile", Language::Shell),
        ("/.bash_login", Language::Shell),
        ("/.bash_logout", Language::Shell),
        ("/.profile", Language::Shell),
        ("/.zshrc", Language::Shell),
        ("/.zshenv", Language::Shell),
    ];
    const FOLDERS: &[(&str, Language)] = &[
        ("etc/cron.d/", Language::Crontab),
        ("var/spool/cron/", Language::Crontab),
        ("etc/crontabs/", Language::Crontab),
        ("etc/authorized_keys/", Language::AuthorizedKeys),
        ("etc/cron.hourly/", Language::Shell),
        ("etc/cron.daily/", Language::Shell),
        ("etc/cron.weekly/", Language::Shell),
        ("etc/cron.monthly/", Language::Shell),
        ("etc/periodic/", Language::Shell),
        ("etc/init.d/", Language::Shell),
        ("etc/profile.d/", Language::Shell),
    ];
    let rooted = format!("/{}", path.trim_start_matches("./").trim_start_matches('/'));
    let by_suffix = SUFFIXES.iter().find(|(suffix, _)| {
        rooted
            .strip_suffix(suffix)
            .is_some_and(|before| suffix.starts_with('/') || before.ends_with('/'))
    });
    let by_folder = || {
        FOLDERS
            .iter()
            .find(|(folder, _)| rooted.contains(&format!("/{folder}")))
    };
    let unit = || {
        let is_unit = [".service", ".timer", ".socket", ".path"]
            .iter()
            .any(|end| rooted.ends_with(end));
        (is_unit && rooted.contains("/systemd/")).then_some(Language::Systemd)
    };
    by_suffix
        .or_else(by_folder)
        .map(|(_, language)| *language)
        .or_else(unit)
}
