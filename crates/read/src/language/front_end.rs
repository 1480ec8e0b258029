//! What a front-end says of its language: how its texts are recognised and lowered.
//!
//! A language is one folder (or file) below [`language`](super), which holds everything that is
//! known of it and ends in one [`FrontEnd`]; [`super::FRONT_ENDS`] lists them.

use model::{Language, Value};

use crate::world::World;

/// A front-end.
#[derive(Debug, Clone, Copy)]
pub struct FrontEnd {
    /// The language.
    pub language: Language,
    /// Lowers a text; returns what it prints on standard output, as far as that is told.
    pub lower: fn(&mut World, &str) -> Value,
    /// Interpreters that run it, by base name without version.
    pub interpreters: &'static [&'static str],
    /// Extensions of its files, without the dot, lower-case. A file of that name is a program of
    /// the language.
    pub extensions: &'static [&'static str],
    /// How its interpreters take code on their command line; `None` for shells, which have ways of
    /// their own, and for formats without an interpreter.
    pub command_line: Option<CommandLine>,
    /// Paths that a system takes for this language because of where they lie.
    pub places: Places,
    /// How a text without a telling name is recognised.
    pub signs: Signs,
    /// Whether something runs its texts where they lie. Otherwise they are parts of a build, and
    /// their programs are not declared.
    pub runs_in_place: bool,
}

/// How an interpreter takes code on its command line.
#[derive(Debug, Clone, Copy)]
pub struct CommandLine {
    /// Letters of the options whose value is code.
    pub code: &'static str,
    /// Letters of the other options that take a value, attached or in the next argument.
    pub valued: &'static str,
    /// Letters of options that take a value only if attached (`-MIO`, `-i.bak`).
    pub attached: &'static str,
    /// Long options whose value is code.
    pub long_code: &'static [&'static str],
}

/// Paths, without the leading slash, whatever is in front of them: `/etc/crontab` and
/// `/mnt/etc/crontab` are both read by a cron, the second by the host's.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// Ends of a path; one that begins with a slash is a name in any folder.
    pub ends: &'static [&'static str],
    /// Folders anywhere in a path, with the closing slash.
    pub folders: &'static [&'static str],
    /// Pairs of a folder, with the closing slash, and an end of the name in or below it.
    pub named: &'static [(&'static str, &'static str)],
}

/// How a text is recognised by what it holds.
#[derive(Debug, Clone, Copy)]
pub enum Signs {
    /// It is not.
    None,
    /// By the whole text (at most the first MiB of it): for formats with a mark of their own. What
    /// is so recognised counts as declared.
    Whole(fn(&str) -> bool),
    /// By its lines: whether a trimmed line, neither empty nor beginning with `#`, is one that
    /// only code of the language has. Most lines of a text must be.
    Lines(fn(&str) -> bool),
}

impl FrontEnd {
    /// A front-end that recognises nothing yet.
    pub const fn new(language: Language, lower: fn(&mut World, &str) -> Value) -> Self {
        Self {
            language,
            lower,
            interpreters: &[],
            extensions: &[],
            command_line: None,
            places: Places {
                ends: &[],
                folders: &[],
                named: &[],
            },
            signs: Signs::None,
            runs_in_place: true,
        }
    }
}

impl Places {
    /// Whether `rooted`, a path that begins with a slash, is one of them.
    pub fn hold(&self, rooted: &str) -> bool {
        let in_folder = |folder: &str| {
            rooted
                .match_indices(folder)
                .any(|(at, _)| folder.starts_with('/') || rooted[..at].ends_with('/'))
        };
        let by_end = self.ends.iter().any(|end| {
            rooted
                .strip_suffix(end)
                .is_some_and(|before| end.starts_with('/') || before.ends_with('/'))
        });
        by_end
            || self.folders.iter().any(|folder| in_folder(folder))
            || self
                .named
                .iter()
                .any(|(folder, end)| rooted.ends_with(end) && in_folder(folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_whole_components_behind_anything() {
        let places = Places {
            ends: &["etc/crontab", "/.bashrc"],
            folders: &["etc/cron.d/"],
            named: &[("systemd/", ".service")],
        };
        for path in [
            "/etc/crontab",
            "/mnt/etc/crontab",
            "/root/.bashrc",
            "/etc/cron.d/x",
            "/etc/systemd/system/x.service",
        ] {
            assert!(places.hold(path), "{path}");
        }
        for path in [
            "/etc/crontab.bak",
            "/xetc/crontab",
            "/x.bashrc",
            "/letc/cron.d/x",
            "/etc/systemd/system/x.conf",
            "/x.service",
        ] {
            assert!(!places.hold(path), "{path}");
        }
    }
}
