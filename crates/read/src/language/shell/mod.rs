//! POSIX shell and its relatives: sh, bash, dash, ash, zsh.
//!
//! A text is parsed command by command and run by an abstract interpreter that takes every branch
//! and follows values as far as they are known.

use model::{Language, Provenance, Value};

use crate::command::{self, Call};
use crate::language::{FrontEnd, Places, Signs};
use crate::world::World;

mod ast;
mod exec_line;
mod machine;
mod parser;
mod signs;
mod texts;

/// The front-end. The C shells and fish differ in syntax but not in how programs are called.
pub const FRONT_END: FrontEnd = FrontEnd {
    interpreters: &[
        "sh",
        "bash",
        "dash",
        "ash",
        "zsh",
        "ksh",
        "mksh",
        "pdksh",
        "oksh",
        "loksh",
        "posh",
        "yash",
        "rbash",
        "rksh",
        "rzsh",
        "rsh-static",
        "bash-static",
        "zsh-static",
        "sash",
        "fish",
        "csh",
        "tcsh",
        "hush",
        "osh",
        "busybox",
        "execlineb",
        "sh.exe",
    ],
    extensions: &["sh", "bash", "dash", "zsh", "ash", "ksh"],
    places: Places {
        ends: &[
            "etc/rc.local",
            "etc/profile",
            "etc/bash.bashrc",
            "/.bashrc",
            "/.bash_profile",
            "/.bash_login",
            "/.bash_logout",
            "/.profile",
            "/.zshrc",
            "/.zshenv",
            "/.zprofile",
            "/.zlogin",
            "/.bash_aliases",
            "/.xprofile",
            "/.xsessionrc",
            "/.xinitrc",
            "etc/zsh/zshrc",
            "etc/zsh/zshenv",
            "etc/zsh/zprofile",
            "etc/zshrc",
            "etc/zshenv",
            "etc/bashrc",
            "etc/bash/bashrc",
            "etc/ksh.kshrc",
            ".ssh/rc",
            "etc/ssh/sshrc",
            "etc/rc.d/rc.local",
            "etc/conf.d/local",
            "etc/boot.local",
        ],
        folders: &[
            "etc/cron.hourly/",
            "etc/cron.daily/",
            "etc/cron.weekly/",
            "etc/cron.monthly/",
            "etc/periodic/",
            "etc/init.d/",
            "etc/rc.d/init.d/",
            "etc/local.d/",
            "etc/profile.d/",
            "etc/bash_completion.d/",
            "etc/update-motd.d/",
            "etc/X11/Xsession.d/",
            "etc/network/if-up.d/",
            "etc/network/if-pre-up.d/",
            "etc/NetworkManager/dispatcher.d/",
            "etc/cont-init.d/",
            "etc/cont-finish.d/",
            "docker-entrypoint.d/",
            "docker-entrypoint-init.d/",
            "var/spool/at/",
            "var/spool/atjobs/",
            ".git/hooks/",
            "git-core/templates/hooks/",
        ],
        named: &[
            ("etc/service/", "/run"),
            ("etc/services.d/", "/run"),
            ("etc/services.d/", "/finish"),
            ("etc/sv/", "/run"),
            ("etc/s6-overlay/", "/run"),
            ("etc/s6-overlay/", "/up"),
            ("etc/s6-rc/", "/run"),
            ("etc/s6-rc/", "/up"),
            ("etc/runit/", "/1"),
            ("etc/runit/", "/2"),
            ("etc/runit/", "/3"),
        ],
    },
    signs: Signs::Lines(signs::is_line),
    ..FrontEnd::new(Language::Shell, lower)
};

/// One command line that no shell parses.
pub const COMMAND: FrontEnd = FrontEnd::new(Language::Command, lower_command);

/// Lowers a text. Its positional parameters are the world's arguments, if it has any; what it
/// prints on standard output is returned.
pub fn lower(world: &mut World, text: &str) -> Value {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let kept = texts::Texts::default();
    let standard = world.standard.clone();
    let printed = machine::Machine::new(world, &kept).run(text);
    world.standard = standard;
    printed
}

/// Lowers one command line that no shell parses (exec form as one text, systemd's `Exec…=`).
pub fn lower_command(world: &mut World, text: &str) -> Value {
    world.at(1, text);
    let mut words = exec_line::words(world, text).into_iter();
    match words.next() {
        Some(program) => command::run(world, Call::new(program, words.collect())),
        None => Value::unknown(Provenance::Unknown),
    }
}

#[cfg(test)]
mod tests;
