//! One front-end a language or format, each lowering text to acts in a [`World`].

use model::{Language, Value};

use crate::world::World;

pub mod accounts;
pub mod apt;
pub mod authorized_keys;
pub mod awk;
pub mod crontab;
pub mod desktop;
pub mod dockerfile;
pub mod environment;
mod front_end;
pub mod git_config;
pub mod inetd;
mod ini;
pub mod inittab;
pub mod javascript;
pub mod logrotate;
pub mod lua;
pub mod mail_aliases;
pub mod makefile;
pub mod manifest;
pub mod miner_config;
pub mod monit;
pub mod network_interfaces;
pub mod openrc;
pub mod package_json;
pub mod pam;
pub mod perl;
pub mod php;
pub mod preload;
#[cfg(test)]
mod probe;
pub mod python;
pub mod python_path;
mod quoted;
pub mod ruby;
pub mod script;
pub mod shell;
pub mod ssh_config;
pub mod sshd_config;
mod start;
pub mod sudoers;
pub mod supervisor;
pub mod systemd;
pub mod udev;
mod unread;
pub mod upstart;

pub use front_end::{CommandLine, FrontEnd, Places, Signs};

/// The front-ends. Where two would take the same text, the first does.
pub const FRONT_ENDS: &[FrontEnd] = &[
    crontab::FRONT_END,
    preload::FRONT_END,
    authorized_keys::FRONT_END,
    accounts::FRONT_END,
    sudoers::FRONT_END,
    pam::FRONT_END,
    sshd_config::FRONT_END,
    ssh_config::FRONT_END,
    environment::FRONT_END,
    systemd::FRONT_END,
    openrc::FRONT_END,
    inittab::FRONT_END,
    inetd::FRONT_END,
    supervisor::FRONT_END,
    upstart::FRONT_END,
    monit::FRONT_END,
    apt::FRONT_END,
    udev::FRONT_END,
    logrotate::FRONT_END,
    desktop::FRONT_END,
    git_config::FRONT_END,
    package_json::FRONT_END,
    python_path::FRONT_END,
    dockerfile::FRONT_END,
    makefile::FRONT_END,
    manifest::FRONT_END,
    mail_aliases::FRONT_END,
    network_interfaces::FRONT_END,
    miner_config::FRONT_END,
    shell::FRONT_END,
    shell::COMMAND,
    python::FRONT_END,
    awk::FRONT_END,
    ruby::FRONT_END,
    javascript::FRONT_END,
    javascript::TYPESCRIPT,
    perl::FRONT_END,
    php::FRONT_END,
    lua::FRONT_END,
    unread::TCL,
    unread::OTHERS,
];

/// The front-end of a language, if it has one.
pub fn front_end(language: Language) -> Option<&'static FrontEnd> {
    FRONT_ENDS
        .iter()
        .find(|front_end| front_end.language == language)
}

/// Lowers `text` in `world` and returns what it prints on standard output, as far as that is told.
///
/// A text longer than the budget allows is lowered up to there, and a gap says so.
pub fn lower(world: &mut World, language: Language, text: &str) -> Value {
    let Some(front_end) = front_end(language) else {
        return Value::literal("");
    };
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
    (front_end.lower)(world, text)
}

/// The language an interpreter runs, by its base name, with or without a version: `python3.11` is
/// `python`, `bash-5.2` is `bash`.
pub fn of_interpreter(name: &str) -> Option<Language> {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    let runs = |front_end: &&FrontEnd| {
        front_end.interpreters.contains(&plain) || front_end.interpreters.contains(&name)
    };
    FRONT_ENDS
        .iter()
        .find(runs)
        .map(|front_end| front_end.language)
}

/// The language an extension names.
pub fn of_extension(name: &[u8]) -> Option<Language> {
    let dot = name.iter().rposition(|&b| b == b'.')?;
    let extension = std::str::from_utf8(&name[dot + 1..])
        .ok()?
        .to_ascii_lowercase();
    FRONT_ENDS
        .iter()
        .find(|front_end| front_end.extensions.contains(&extension.as_str()))
        .map(|front_end| front_end.language)
}

/// The language whose mark a text bears.
pub fn of_whole(text: &str) -> Option<Language> {
    let bears = |front_end: &&FrontEnd| match front_end.signs {
        Signs::Whole(is) => is(text),
        _ => false,
    };
    FRONT_ENDS
        .iter()
        .find(bears)
        .map(|front_end| front_end.language)
}

/// The language a system takes a file for because of where it lies.
pub fn of_data_path(path: &str) -> Option<Language> {
    let rooted = format!("/{}", path.trim_start_matches("./").trim_start_matches('/'));
    FRONT_ENDS
        .iter()
        .find(|front_end| front_end.places.hold(&rooted))
        .map(|front_end| front_end.language)
}
