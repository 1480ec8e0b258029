//! A shell that anybody may start as root.

use bstr::BStr;
use model::{Behavior, Confidence, ContentKind, Provenance, Reach, Rule, Severity, Value};

use crate::subject::shown_path;
use crate::{Detector, FileSubject, Reporter, Sign, Subject};

/// The detector, for what code does and for what lies in a layer.
pub struct SetUidShell;

static RULE: Rule = Rule {
    id: "persistence/set-uid-shell",
    title: "Shell that runs as root for anybody",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1548.001"],
    what: "A shell or an interpreter, or a copy of one, has the set-uid bit and belongs to root, in a layer or by code.",
    why: "Whoever gets into the container, or onto the host it was written to, with any rights becomes root with one command.",
    benign: "sudo, su, ping, mount and the like carry the bit on purpose and are no shells. BusyBox drops its rights for the shell and is not reported.",
    next: "Remove the file. Look for files with the bit on every host that ran the image with a folder mounted: find / -perm -4000.",
};

/// Shells and interpreters that keep the rights they are given, or that can be told to.
const SHELLS: &[&str] = &[
    "sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "rbash", "csh", "tcsh", "fish", "python",
    "perl", "ruby", "php", "lua", "node", "tclsh", "awk", "gawk", "mawk", "find", "vim", "env",
];

impl Detector<Subject<'_>> for SetUidShell {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Behavior::SetMode { path, mode } = &act.behavior else {
                continue;
            };
            if !sets_user(mode) {
                continue;
            }
            let Some(shell) = shell_of(path) else {
                continue;
            };
            let confidence = match subject.reach {
                Reach::Past => Confidence::Medium,
                _ if subject.runs_by_itself() => Confidence::High,
                _ if subject.program.declared => Confidence::Medium,
                _ => Confidence::Low,
            };
            let sign = Sign::new(format!(
                "Anybody who starts {path} has {shell} as its owner."
            ));
            reporter.act(act, sign.confidence(confidence));
        }
    }
}

/// Whether a mode, octal or symbolic, lets a program run as its owner.
fn sets_user(mode: &Value) -> bool {
    let text = mode.text.as_str();
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return u32::from_str_radix(text, 8).is_ok_and(|mode| mode & 0o4001 == 0o4001);
    }
    text.split(',').any(|clause| {
        let Some(at) = clause.find(['+', '=']) else {
            return false;
        };
        let (who, what) = clause.split_at(at);
        what.contains('s') && (who.is_empty() || who.contains(['u', 'a']))
    })
}

/// The shell that a path is, or is a copy of.
fn shell_of(path: &Value) -> Option<String> {
    let copied = path.from.iter().filter_map(|from| match from {
        Provenance::File(original) => Some(original.rsplit('/').next().unwrap_or(original)),
        _ => None,
    });
    let mut names = std::iter::once(path.base_name()).chain(copied);
    names.find(|name| is_shell(name)).map(str::to_owned)
}

fn is_shell(name: &str) -> bool {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    SHELLS.contains(&plain)
}

impl Detector<FileSubject<'_>> for SetUidShell {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &FileSubject<'_>, reporter: &mut Reporter<'_>) {
        let image = subject.image;
        let Some(record) = subject.record() else {
            return;
        };
        let runs_as_root = record.mode & 0o4001 == 0o4001 && record.uid == 0;
        if !runs_as_root || record.content != ContentKind::Elf {
            return;
        }
        let path = shown_path(record);
        let own = path.rsplit('/').next().filter(|name| is_shell(name));
        // Programs that are one file for many names, such as BusyBox, are no shells: what a name
        // leads to has that name itself.
        let is_original = |shell: &String| {
            let file = image.tree.resolve(BStr::new(shell));
            let original = file.and_then(|file| image.record(file));
            original.is_some_and(|original| {
                record.sha256.is_some()
                    && original.sha256 == record.sha256
                    && shown_path(original)
                        .rsplit('/')
                        .next()
                        .is_some_and(is_shell)
            })
        };
        let same = || {
            let mut shells = SHELLS
                .iter()
                .flat_map(|name| ["/bin/", "/usr/bin/"].map(|folder| format!("{folder}{name}")));
            shells.find(is_original)
        };
        let Some(shell) = own.map(str::to_owned).or_else(same) else {
            return;
        };
        let sign = Sign::new(format!("Anybody who starts {path} has {shell} as root."));
        reporter.at(Vec::new(), 0, &format!("{:o} {path}", record.mode), sign);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::technique::check::findings;

    fn mode(path: &str, copy_of: Option<&str>, mode: &str) -> usize {
        let mut path = Value::literal(path);
        if let Some(original) = copy_of {
            path = path.with_source(Provenance::File(original.to_owned()));
        }
        findings(
            &SetUidShell,
            &[Behavior::SetMode {
                path,
                mode: mode.into(),
            }],
        )
        .len()
    }

    #[test]
    fn shells_and_their_copies_hit() {
        assert_eq!(mode("/tmp/.x", Some("/bin/bash"), "4755"), 1);
        assert_eq!(mode("/usr/bin/python3.11", None, "u+s"), 1);
        assert_eq!(mode("/bin/dash", None, "ug+xs"), 1);
        assert_eq!(mode("/var/x", Some("/bin/sh"), "06777"), 1);
    }

    #[test]
    fn others_miss() {
        assert_eq!(mode("/bin/ping", None, "4755"), 0);
        assert_eq!(mode("/bin/busybox", None, "u+s"), 0);
        assert_eq!(mode("/bin/bash", None, "0755"), 0);
        assert_eq!(mode("/bin/bash", None, "g+s"), 0);
        assert_eq!(mode("/bin/bash", None, "u-s"), 0);
    }

    /// An image whose files are these: path, mode, digest.
    struct Files(std::sync::Arc<model::LayerFacts>);

    impl crate::Tree for Files {
        fn resolve(&self, path: &BStr) -> Option<crate::FileRef> {
            let mut files = self.0.files.iter();
            let file = files.position(|file| path == shown_path(file).as_bytes())?;
            let file = u32::try_from(file).ok()?;
            Some(crate::FileRef { layer: 0, file })
        }

        fn entry(&self, path: &BStr) -> Option<crate::FileRef> {
            self.resolve(path)
        }

        fn exists(&self, path: &BStr) -> bool {
            self.resolve(path).is_some()
        }

        fn hidden_by(&self, _file: crate::FileRef) -> Option<u32> {
            None
        }
    }

    /// The files that are reported.
    fn reported(files: &[(&str, u16, u8)]) -> Vec<String> {
        let record = |(path, mode, digest): &(&str, u16, u8)| model::FileRecord {
            path: (*path).into(),
            kind: model::EntryKind::File,
            mode: *mode,
            uid: 0,
            size: 1,
            content: ContentKind::Elf,
            sha256: Some([*digest; 32]),
        };
        let facts = std::sync::Arc::new(model::LayerFacts {
            files: files.iter().map(record).collect(),
            ..model::LayerFacts::default()
        });
        let config = model::ImageConfig::default();
        let config_facts = model::ConfigFacts::default();
        let image = crate::ImageFacts {
            names: &[],
            config: &config,
            config_facts: &config_facts,
            layers: &[Some(facts.clone())],
            diff_ids: &[],
            tree: &Files(facts.clone()),
            owners: &crate::owner::Owners::none(),
            named_directly: false,
        };
        let found = crate::judge(&image);
        found
            .into_iter()
            .filter_map(|finding| finding.place.path)
            .collect()
    }

    #[test]
    fn set_uid_files_that_are_shells_hit() {
        let files = [
            ("bin/bash", 0o755, 1),
            ("usr/bin/sudo", 0o4755, 2),
            ("usr/lib/.cache", 0o4755, 1),
            ("usr/bin/dash", 0o4755, 3),
            ("bin/busybox", 0o4755, 4),
        ];
        assert_eq!(reported(&files), ["/usr/bin/dash", "/usr/lib/.cache"]);
    }
}
