//! Patterns of Perl, PHP and others: those that the `regex` crate can match as well, which needs no
//! backtracking and so no bound but on size.
//!
//! Source: perlre, the documentation of `regex` ("Syntax"). Patterns that look around or refer back
//! are not matched: what comes of them cannot be told.

use regex::{Regex, RegexBuilder};

/// Largest compiled pattern, in bytes: patterns of programs need far less.
const COMPILED: usize = 1 << 20;

/// Longest pattern that is compiled.
const LENGTH: usize = 4_096;

/// A pattern with its flags, if it can be matched.
pub fn compiled(pattern: &str, flags: &str) -> Option<Regex> {
    if pattern.len() > LENGTH {
        return None;
    }
    RegexBuilder::new(&readable(pattern))
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .ignore_whitespace(flags.contains('x'))
        .size_limit(COMPILED)
        .dfa_size_limit(COMPILED)
        .build()
        .ok()
}

/// The pattern without escapes that only others know.
fn readable(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match rest.next() {
            Some('Z') => out.push_str("\\z"),
            Some('h') => out.push_str("[ \\t]"),
            Some('R') => out.push_str("(?:\\r\\n|\\n)"),
            // A sign that needs no escape.
            Some(sign) if !sign.is_ascii_alphanumeric() && !sign.is_ascii_punctuation() => {
                out.push(sign);
            }
            Some(
                sign @ ('/' | '"' | '\'' | '@' | '%' | '`' | '=' | ':' | ';' | ',' | '<' | '>'
                | '!' | '_'),
            ) => {
                out.push(sign);
            }
            Some(letter) => {
                out.push('\\');
                out.push(letter);
            }
            None => out.push_str("\\\\"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_others_are_matched() {
        assert!(
            compiled(r"^\/a\@b\s+(\w{2})$", "")
                .unwrap()
                .is_match("/a@b  xy")
        );
        assert!(compiled("a b", "xi").unwrap().is_match("AB"));
        assert!(compiled("(?=a)", "").is_none());
        assert!(compiled(&"a".repeat(5_000), "").is_none());
    }
}
