//! Path names that patterns hide: `/bin/c?t` is `/bin/cat` on every system.

use model::Value;

use super::pattern::Pattern;

/// Programs that a pattern is taken to mean, those that matter more first; all lie in `/bin` or
/// `/usr/bin` of a merged system, both of which are tried.
const PROGRAMS: &[&str] = &[
    "bash",
    "sh",
    "dash",
    "zsh",
    "busybox",
    "nc",
    "ncat",
    "netcat",
    "nc.traditional",
    "nc.openbsd",
    "socat",
    "telnet",
    "openssl",
    "curl",
    "wget",
    "python3",
    "python",
    "perl",
    "ruby",
    "php",
    "node",
    "lua",
    "awk",
    "gawk",
    "mawk",
    "base64",
    "base32",
    "xxd",
    "od",
    "cat",
    "tac",
    "rev",
    "id",
    "ls",
    "whoami",
    "uname",
    "hostname",
    "ps",
    "chmod",
    "chown",
    "cp",
    "mv",
    "rm",
    "mkdir",
    "mkfifo",
    "mknod",
    "touch",
    "tee",
    "dd",
    "head",
    "tail",
    "sed",
    "grep",
    "tr",
    "cut",
    "sort",
    "echo",
    "printf",
    "env",
    "nohup",
    "setsid",
    "xargs",
    "find",
    "tar",
    "gzip",
    "gunzip",
    "zcat",
    "crontab",
    "chattr",
    "ssh",
    "scp",
    "sudo",
    "su",
    "kill",
    "pkill",
    "killall",
    "sleep",
    "date",
    "timeout",
    "less",
    "more",
    "nl",
    "vi",
    "vim",
    "ed",
    "mount",
    "passwd",
    "useradd",
    "insmod",
    "modprobe",
    "iptables",
    "ip",
    "ifconfig",
    "ping",
    "dig",
    "host",
    "nslookup",
    "git",
    "gcc",
    "make",
    "apt-get",
    "yum",
    "apk",
    "systemctl",
    "service",
    "docker",
    "kubectl",
    "nsenter",
    "unshare",
    "chroot",
    "strace",
    "gdb",
    "watch",
    "screen",
    "tmux",
    "at",
    "expect",
    "time",
    "test",
    "true",
    "false",
];

/// Folders of programs.
const FOLDERS: &[&str] = &["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/"];

/// Files that a pattern is taken to mean.
const FILES: &[&str] = &[
    "/etc/passwd",
    "/etc/shadow",
    "/etc/group",
    "/etc/hosts",
    "/etc/hostname",
    "/etc/crontab",
    "/etc/sudoers",
    "/etc/profile",
    "/etc/ld.so.preload",
    "/etc/resolv.conf",
    "/etc/issue",
    "/root/.ssh/authorized_keys",
    "/root/.ssh/id_rsa",
    "/root/.bashrc",
    "/root/.bash_history",
    "/proc/self/environ",
    "/proc/1/environ",
    "/dev/null",
    "/var/run/docker.sock",
];

/// Whether this is the name of a program that patterns may mean.
pub fn is_program(name: &str) -> bool {
    PROGRAMS.contains(&name)
}

/// The path that a pattern is taken to mean, or the pattern itself.
pub fn resolve(value: Value) -> Value {
    let text = value.text.as_str();
    if !value.known || !text.starts_with('/') || !is_specific(text) {
        return value;
    }
    let pattern = Pattern::new(text, true);
    // A star in a path does not reach over a slash.
    let slashes = text.matches('/').count();
    let fits =
        |path: &str| path.matches('/').count() == slashes && pattern.matches(path) == Some(true);
    let programs = PROGRAMS
        .iter()
        .flat_map(|name| FOLDERS.iter().map(move |folder| format!("{folder}{name}")));
    let found = programs
        .chain(FILES.iter().map(|file| (*file).to_owned()))
        .find(|path| fits(path));
    match found {
        Some(path) => value.map_text(|_| path),
        None => value,
    }
}

/// Whether a pattern names one file rather than any: its last component has a letter, or as many
/// question marks as a name has letters, and is no bare star.
fn is_specific(text: &str) -> bool {
    let last = text.rsplit('/').next().unwrap_or(text);
    let letters = last.chars().filter(|c| c.is_ascii_alphanumeric()).count();
    letters >= 1 && !last.starts_with("*.") || last.len() > 2 && last.chars().all(|c| c == '?')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_the_program_that_matters() {
        let table = [
            ("/bin/c?t", "/bin/cat"),
            ("/???/b??h", "/bin/bash"),
            ("/bin/[s]h", "/bin/sh"),
            ("/usr/bin/n[c]", "/usr/bin/nc"),
            ("/???/n?", "/bin/nc"),
            ("/etc/p?ssw?", "/etc/passwd"),
            ("/???/???/b?s?64", "/usr/bin/base64"),
            ("/usr/bin/*", "/usr/bin/*"),
            ("/etc/*.conf", "/etc/*.conf"),
            ("/b*/b*h", "/bin/bash"),
        ];
        for (pattern, expected) in table {
            assert_eq!(resolve(pattern.into()).text, expected, "{pattern}");
        }
    }
}
