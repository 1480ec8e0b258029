//! A changed program: a package owns it, and its digest is not the package's.

use bstr::{BStr, ByteSlice};
use model::{Confidence, ContentKind, Rule, Severity, entry::file_name, text};

use crate::{Change, Detector, FileSubject, Owner, Reporter, Sign};

/// The detector.
pub struct ChangedProgram;

static RULE: Rule = Rule {
    id: "integrity/changed-program",
    title: "Program of a package is not what the package brought",
    severity: Severity::Medium,
    confidence: Confidence::Low,
    attack: &["T1554", "T1036.005"],
    what: "The package database of the image says which digest a program has, and the program has another one. It weighs when the program decides who gets in or what is seen: a login, a shell, a lister of processes or files, the loader. It weighs less when the same layer changes the programs of many packages, or a package as a whole.",
    why: "A program that keeps its name and does more is the oldest way to stay: a login server with a second password, a process lister that leaves one out. Updates do not look at it, and the package manager shows it as installed.",
    benign: "Images replace programs on purpose: a newer build of one tool, a stripped or compressed one, a library copied from another stage, a script edited in place. Compare the build instruction of the layer with the program.",
    next: "Fetch the package of this version and compare the file; look at the build instruction of the layer named here.",
};

/// What decides who gets in.
const ACCESS: &[&str] = &[
    "sshd",
    "sshd-session",
    "sshd-auth",
    "ssh",
    "ssh-agent",
    "login",
    "su",
    "sudo",
    "doas",
    "passwd",
    "chpasswd",
    "unix_chkpwd",
    "pkexec",
    "polkitd",
    "agetty",
    "getty",
    "mingetty",
    "sulogin",
    "dropbear",
    "in.telnetd",
    "telnetd",
    "newgrp",
    "runuser",
    "systemd-logind",
];

/// What shows processes, files, connections and people.
const SIGHT: &[&str] = &[
    "ps",
    "top",
    "pstree",
    "pgrep",
    "pidof",
    "ls",
    "find",
    "netstat",
    "ss",
    "lsof",
    "who",
    "w",
    "last",
    "lastlog",
    "ifconfig",
    "ip",
    "dmesg",
    "md5sum",
    "sha1sum",
    "sha256sum",
    "stat",
    "lsmod",
    "dpkg-query",
    "debsums",
];

/// What runs other programs, by itself or by everybody's hand.
const START: &[&str] = &[
    "sh",
    "bash",
    "dash",
    "ash",
    "busybox",
    "cron",
    "crond",
    "atd",
    "init",
    "systemd",
    "runc",
    "xinetd",
    "inetd",
    "start-stop-daemon",
];

/// Libraries that every program, or every login, loads.
const LOADED: &[&str] = &[
    "libc.so.",
    "libc-2.",
    "ld-linux",
    "ld-2.",
    "ld-musl-",
    "libpam.so.",
    "libpam_misc.so.",
    "libkeyutils.so.",
    "liblzma.so.",
    "libnss_files",
    "libnss_compat",
    "libcrypt.so.",
    "libselinux.so.",
    "libaudit.so.",
];

/// Most findings that do not weigh for one package in one layer: the others are counted.
const SHOWN: usize = 3;

impl Detector<FileSubject<'_>> for ChangedProgram {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &FileSubject<'_>, reporter: &mut Reporter<'_>) {
        let Some(file) = subject.file() else {
            return;
        };
        let Some((owner, change)) = subject.image.owners.change(file) else {
            return;
        };
        let Some(record) = subject.record() else {
            return;
        };
        let sensitive = sensitivity(change.path.as_bstr());
        if sensitive.is_none() && change.rank >= SHOWN {
            return;
        }
        let sign = Sign::new(detail(subject, owner, change, sensitive));
        let sign = match record.content {
            ContentKind::Elf => of_elf(subject, owner, change, sign, sensitive.is_some()),
            // Images put scripts in the place of programs (a `sudo` that only runs its arguments)
            // and edit those of packages: what a script does is read, and judged by that.
            _ => sign.severity(Severity::Low),
        };
        reporter.at(Vec::new(), 0, "", sign);
    }
}

/// Weighs a changed ELF file.
fn of_elf(
    subject: &FileSubject<'_>,
    owner: &Owner,
    change: &Change,
    sign: Sign,
    is_sensitive: bool,
) -> Sign {
    // A database of a later layer than the file was copied without it, and knows nothing of it.
    let is_of_another_system = layer_of(subject) < Some(change.database.layer);
    let is_sure =
        is_sensitive && owner.manager.is_system() && !change.is_bulk && !is_of_another_system;
    match (is_sensitive, is_sure) {
        (true, true) => sign.severity(Severity::High).confidence(Confidence::Medium),
        (true, false) => sign.severity(Severity::High),
        (false, _) => sign,
    }
}

/// Position of the layer that brought the file.
fn layer_of(subject: &FileSubject<'_>) -> Option<u32> {
    subject.file().map(|file| file.layer)
}

/// What a program of this name decides, if it is one that an intruder wants.
fn sensitivity(path: &BStr) -> Option<&'static str> {
    let name = file_name(path);
    let is_one_of = |names: &[&str]| names.iter().any(|known| name == known.as_bytes());
    if is_one_of(ACCESS) {
        return Some("It decides who gets in.");
    }
    if is_one_of(SIGHT) {
        return Some("It shows what goes on in the system.");
    }
    if is_one_of(START) {
        return Some("It runs other programs.");
    }
    let is_authentication = name.starts_with(b"pam_") && name.ends_with(b".so");
    if is_authentication {
        return Some("Logins load it.");
    }
    LOADED
        .iter()
        .any(|start| name.starts_with(start.as_bytes()))
        .then_some("Other programs load it.")
}

fn detail(
    subject: &FileSubject<'_>,
    owner: &Owner,
    change: &Change,
    sensitive: Option<&str>,
) -> String {
    let path = text::printable(&change.path);
    let Change {
        expected, found, ..
    } = change;
    let is = if change.is_linked {
        "is a link to this file, which is"
    } else {
        "is"
    };
    let mut detail = format!(
        "The {} package {owner} brings /{path} as {expected}; here it {is} {found}.",
        owner.manager.name()
    );
    if let Some(sensitive) = sensitive {
        detail.push_str(&format!(" {sensitive}"));
    }
    let layer = change.database.layer;
    if let Some(own) = layer_of(subject).filter(|own| *own != layer) {
        let digest = subject.image.diff_ids.get(layer as usize);
        let digest = digest.and_then(Option::as_ref);
        let digest = digest.map_or_else(String::new, |digest| format!(" ({})", digest.short()));
        let order = if layer < own { "an earlier" } else { "a later" };
        detail.push_str(&format!(
            " The package database is of {order} layer, number {layer}{digest}."
        ));
    }
    if change.of > 1 {
        detail.push_str(&format!(
            " {} programs of this package differ in this layer.",
            change.of
        ));
    }
    if change.is_bulk {
        detail.push_str(" Its layer changes many programs alike.");
    }
    detail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_intruder_wants_is_known_by_name() {
        for path in [
            "usr/sbin/sshd",
            "bin/ps",
            "lib/x86_64-linux-gnu/security/pam_unix.so",
            "lib/x86_64-linux-gnu/libc.so.6",
            "lib64/ld-linux-x86-64.so.2",
            "lib/ld-musl-x86_64.so.1",
        ] {
            assert!(sensitivity(BStr::new(path)).is_some(), "{path}");
        }
        for path in [
            "usr/bin/openssl",
            "usr/sbin/nginx",
            "usr/lib/libcurl.so.4",
            "sshd/other",
        ] {
            assert!(sensitivity(BStr::new(path)).is_none(), "{path}");
        }
    }
}
