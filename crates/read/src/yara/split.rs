//! A YARA file as its parts, so that one that does not compile costs itself and nothing else.
//!
//! Source: YARA's documentation, "Writing YARA rules"; its lexer for where strings, regular
//! expressions and comments end. Division is `\` in YARA, so a slash always begins a comment or a
//! regular expression.

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'t> {
    /// Line it begins on, from 1.
    pub line: usize,
    /// What it is.
    pub kind: PartKind<'t>,
}

/// Kinds of parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartKind<'t> {
    /// `import "module"`, whole.
    Import(&'t str),
    /// `include "path"`: the path.
    Include(&'t str),
    /// A rule: its name and its whole text.
    Rule(&'t str, &'t str),
    /// Something else, as it starts; the text goes on with the next part that is known.
    Unreadable(&'t str),
}

/// The parts of a text.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut scanner = Scanner { text, at: 0 };
    let mut parts = Vec::new();
    let mut counted = (0, 1);
    while scanner.skip_blank() {
        let start = scanner.at;
        let kind = scanner.part();
        let newlines = text[counted.0..start].matches('\n').count();
        counted = (start, counted.1 + newlines);
        parts.push(Part {
            line: counted.1,
            kind,
        });
    }
    parts
}

/// A module that a rule names is imported by it, wherever its file does so.
const KEYWORDS: [&str; 5] = ["rule", "private", "global", "import", "include"];

struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Goes to the next token; `false` at the end.
    fn skip_blank(&mut self) -> bool {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().trim_start_matches('\u{feff}').len();
            self.at += blank;
            let rest = self.rest();
            if rest.starts_with("//") || rest.starts_with("/*") {
                self.skip_comment();
            } else if blank == 0 || rest.is_empty() {
                return !rest.is_empty();
            }
        }
    }

    fn skip_comment(&mut self) {
        let rest = self.rest();
        let length = if rest.starts_with("//") {
            rest.find('\n')
        } else {
            rest.find("*/").map(|end| end + 2)
        };
        self.at += length.unwrap_or(rest.len());
    }

    fn word(&mut self) -> &'t str {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn part(&mut self) -> PartKind<'t> {
        let start = self.at;
        let mut word = self.word();
        while matches!(word, "private" | "global") && self.skip_blank() {
            word = self.word();
        }
        let part = match word {
            "rule" => self.rule(start),
            "import" => self
                .quoted()
                .map(|_| PartKind::Import(&self.text[start..self.at])),
            "include" => self.quoted().map(PartKind::Include),
            _ => None,
        };
        part.unwrap_or_else(|| self.unreadable(start))
    }

    /// A quoted text without escapes.
    fn quoted(&mut self) -> Option<&'t str> {
        self.skip_blank();
        let inner = self.rest().strip_prefix('"')?;
        let end = inner.find(['"', '\n'])?;
        self.at += end + 2;
        inner[end..].starts_with('"').then(|| &inner[..end])
    }

    fn rule(&mut self, start: usize) -> Option<PartKind<'t>> {
        self.skip_blank();
        let name = self.word();
        // Tags come before the body.
        while self.skip_blank() && !self.rest().starts_with('{') {
            let c = self.rest().chars().next()?;
            let is_tag = c == ':' || c == '_' || c.is_ascii_alphanumeric();
            if !is_tag {
                return None;
            }
            self.at += c.len_utf8();
        }
        self.body()
            .then(|| PartKind::Rule(name, &self.text[start..self.at]))
    }

    /// Passes `{ … }`; `false` if it does not end.
    fn body(&mut self) -> bool {
        let mut depth = 0_usize;
        while let Some(c) = self.rest().chars().next() {
            match c {
                '"' => self.skip_delimited('"'),
                '/' if self.rest().starts_with("//") || self.rest().starts_with("/*") => {
                    self.skip_comment();
                }
                '/' => self.skip_delimited('/'),
                '{' | '}' => {
                    self.at += 1;
                    depth = if c == '{' {
                        depth + 1
                    } else {
                        depth.saturating_sub(1)
                    };
                    if depth == 0 {
                        return true;
                    }
                }
                _ => self.at += c.len_utf8(),
            }
        }
        false
    }

    /// Passes a string or regular expression, which ends with its line at the latest.
    fn skip_delimited(&mut self, end: char) {
        let mut escaped = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            if c == '\n' {
                self.at += at;
                return;
            }
            if !escaped && c == end {
                self.at += at + 1;
                return;
            }
            escaped = c == '\\' && !escaped;
        }
        self.at = self.text.len();
    }

    /// Goes on at the next line that begins like a part.
    fn unreadable(&mut self, start: usize) -> PartKind<'t> {
        let from = start
            + self.text[start..]
                .find('\n')
                .unwrap_or(self.text.len() - start);
        let begins = |line: &str| {
            let line = line.trim_start();
            KEYWORDS.iter().any(|keyword| {
                line.strip_prefix(keyword)
                    .is_some_and(|rest| rest.starts_with([' ', '\t', '"']))
            })
        };
        let mut at = from;
        for line in self.text[from..].split_inclusive('\n') {
            if begins(line) {
                break;
            }
            at += line.len();
        }
        self.at = at;
        PartKind::Unreadable(self.text[start..from].trim_end())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_end_where_they_end() {
        let text = r#"import "pe"
// rule in_comment { condition: true }
include "other.yar"
private rule a : t1 t2 {
  strings:
    $a = "} not the end \" }"
    $b = { 41 [2-4] ( 42 | 43 ) /* } */ 44 }
    $c = /ab\/}[{]+/ nocase
  condition:
    $a and #b > 10 \ 2
}
rule b { condition: a }
"#;
        let found = parts(text);
        let kinds: Vec<_> = found
            .iter()
            .map(|part| match part.kind {
                PartKind::Import(text) => format!("{} import {text}", part.line),
                PartKind::Include(path) => format!("{} include {path}", part.line),
                PartKind::Rule(name, text) => {
                    format!("{} rule {name} {}", part.line, text.ends_with('}'))
                }
                PartKind::Unreadable(text) => format!("{} ? {text}", part.line),
            })
            .collect();
        assert_eq!(
            kinds,
            [
                "1 import import \"pe\"",
                "3 include other.yar",
                "4 rule a true",
                "12 rule b true"
            ]
        );
    }

    #[test]
    fn what_is_broken_costs_itself() {
        let text = "rule a { condition: true }\nrule b { strings: $x = \"\nrule c { condition: true }\nwhat\nrule d { condition: true }";
        let names: Vec<_> = parts(text)
            .iter()
            .map(|part| match part.kind {
                PartKind::Rule(name, _) => name,
                _ => "?",
            })
            .collect();
        assert_eq!(names, ["a", "?", "c", "?", "d"]);
    }

    proptest! {
        #[test]
        fn any_text_has_parts(text in "(rule|a|\\{|\\}|\"|/|\\*|\n| |:|\\\\|é)*") {
            parts(&text);
        }
    }
}
