//! Lines that only shell code has.

/// Words a shell line begins with. Words that also begin English sentences need more than
/// themselves and are left out.
const SHELL_WORDS: &[&str] = &[
    "sh",
    "bash",
    "curl",
    "wget",
    "nc",
    "ncat",
    "socat",
    "telnet",
    "chmod",
    "chown",
    "chattr",
    "mkdir",
    "mkfifo",
    "mknod",
    "coproc",
    "rm",
    "cp",
    "mv",
    "cd",
    "echo",
    "printf",
    "export",
    "unset",
    "eval",
    "exec",
    "source",
    "nohup",
    "setsid",
    "sudo",
    "pkill",
    "killall",
    "kill",
    "crontab",
    "systemctl",
    "service",
    "sysctl",
    "modprobe",
    "mount",
    "umount",
    "chroot",
    "nsenter",
    "apt-get",
    "yum",
    "apk",
    "dnf",
    "apt",
    "tar",
    "base64",
    "openssl",
    "python",
    "python3",
    "perl",
    "ps",
    "grep",
    "sed",
    "awk",
    "cat",
    "touch",
    "ulimit",
    "trap",
    "fi",
    "done",
    "esac",
    "else",
    "elif",
    "then",
    "do",
    ";;",
    "}",
    "if",
    "for",
    "while",
    "case",
    "until",
    "function",
    "local",
    "return",
    "set",
    "shift",
    "sleep",
    "true",
    "ssh",
    "docker",
    "kubectl",
    "iptables",
    "useradd",
    "usermod",
    "passwd",
    "busybox",
    "xargs",
    "find",
    "ln",
    "dd",
    "rev",
    "tr",
    "history",
    "ip",
];

/// Whether a line is one that only shell code has.
pub fn is_line(line: &str) -> bool {
    let word = line
        .split([' ', '\t', ';', '&', '|'])
        .next()
        .unwrap_or_default();
    // A call with a text is of another language, `name = value` of a configuration.
    let is_setting = line.split_whitespace().nth(1) == Some("=");
    if is_setting || word.contains("('") || word.contains("(\"") {
        return false;
    }
    // Quotes and escapes inside a word hide it from a reader, not from a shell.
    let unquoted: String = word.chars().filter(|c| !"'\"\\".contains(*c)).collect();
    let word = if word.starts_with(['"', '\'']) {
        word
    } else {
        unquoted.as_str()
    };
    let is_path = word.starts_with(['/', '.', '~']);
    let word_like = if is_path {
        word.rsplit('/').next().unwrap_or_default()
    } else {
        word
    };
    if word.contains('=') && is_assignment(line) {
        return true;
    }
    let operator = [
        " | ", " && ", " || ", ">&", "2>", " >> ", "|sh", "|bash", "$(", "${", "`", " -", ";",
        ">/", "> /",
    ]
    .iter()
    .any(|operator| line.contains(operator));
    if SHELL_WORDS.contains(&word_like) {
        let keyword = ["fi", "done", "esac", "else", "then", "do", ";;", "}"].contains(&word_like);
        return keyword && line.len() < 40
            || operator
            || line.split_whitespace().count() <= 4 && !line.ends_with(['.', ':', ',']);
    }
    is_command_path(word) && line.contains(' ') && !line.ends_with(['.', ',', ':'])
        || line.ends_with("() {")
        || line.ends_with("(){")
        || operator
            && (line.contains("| sh")
                || line.contains("| bash")
                || line.contains("|sh")
                || line.contains("|bash"))
        || operator && line.contains("/dev/tcp/")
}

/// A path or variable in front of arguments. A path alone on its line is an entry of a list.
fn is_command_path(word: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "/._-${}~+".contains(c);
    word.starts_with(['/', '$']) && word.chars().all(plain)
        || word.starts_with("./") && word.chars().all(plain)
}

/// `name=value` without blanks around the sign.
fn is_assignment(line: &str) -> bool {
    let Some((name, value)) = line.split_once('=') else {
        return false;
    };
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !value.starts_with([' ', '='])
}
