//! Patterns (XCU 2.14): `*`, `?`, brackets, and `@(a|b)` where it is simple.

/// Most steps one match may cost: a hostile pattern and a long text cannot take forever.
const STEPS: usize = 1 << 20;

/// Longest text for which every cut is tried to find the shortest or longest match.
const TRIED_BYTES: usize = 4_096;

/// One element of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// A character.
    One(char),
    /// Any character.
    Any,
    /// Any characters.
    Star,
    /// One of these ranges, or none of them if `true`.
    Set(Vec<(char, char)>, bool),
}

/// A pattern taken apart.
#[derive(Debug, Clone)]
pub struct Pattern {
    pieces: Vec<Piece>,
    known: bool,
}

impl Pattern {
    /// Takes a pattern apart; a backslash quotes. An unknown one matches nothing for sure.
    pub fn new(text: &str, known: bool) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            pieces.push(match c {
                '\\' => Piece::One(rest.next().unwrap_or('\\')),
                '?' => Piece::Any,
                '*' => {
                    if pieces.last() == Some(&Piece::Star) {
                        continue;
                    }
                    Piece::Star
                }
                '[' => match set(rest.as_str()) {
                    Some((piece, length)) => {
                        rest = rest.as_str().get(length..).unwrap_or_default().chars();
                        piece
                    }
                    None => Piece::One('['),
                },
                other => Piece::One(other),
            });
        }
        Self { pieces, known }
    }

    /// Whether all of `text` matches; `None` if that cannot be told.
    pub fn matches(&self, text: &str) -> Option<bool> {
        if !self.known {
            return None;
        }
        let characters: Vec<char> = text.chars().collect();
        full_match(&self.pieces, &characters, &mut STEPS.clone())
    }

    /// `text` without the prefix or suffix that matches; `None` if it cannot be told.
    pub fn trim(&self, text: &str, suffix: bool, longest: bool) -> Option<String> {
        if !self.known {
            return None;
        }
        if let Some(cut) = self.trim_simply(text, suffix, longest) {
            return Some(cut.to_owned());
        }
        if text.len() > TRIED_BYTES {
            return None;
        }
        let characters: Vec<char> = text.chars().collect();
        let count = characters.len();
        let mut steps = STEPS;
        // From the shortest match to the longest, or the other way round.
        for n in 0..=count {
            let length = if longest { count - n } else { n };
            let (part, left) = if suffix {
                let (left, part) = characters.split_at_checked(count - length)?;
                (part, left)
            } else {
                characters.split_at_checked(length)?
            };
            if full_match(&self.pieces, part, &mut steps)? {
                return Some(left.iter().collect());
            }
        }
        Some(text.to_owned())
    }

    /// The common cases, in linear time: a literal, or one with a star at one end.
    fn trim_simply<'t>(&self, text: &'t str, suffix: bool, longest: bool) -> Option<&'t str> {
        let (first, rest) = self.pieces.split_first()?;
        let (last, before) = self.pieces.split_last()?;
        if let Some(literal) = literal(&self.pieces) {
            let cut = if suffix {
                text.strip_suffix(&literal)
            } else {
                text.strip_prefix(&literal)
            };
            return Some(cut.unwrap_or(text));
        }
        if !suffix && *first == Piece::Star {
            let literal = literal(rest)?;
            let at = if longest {
                text.rfind(&literal)
            } else {
                text.find(&literal)
            };
            return Some(
                at.and_then(|at| text.get(at + literal.len()..))
                    .unwrap_or(text),
            );
        }
        if suffix && *last == Piece::Star {
            let literal = literal(before)?;
            let at = if longest {
                text.find(&literal)
            } else {
                text.rfind(&literal)
            };
            return Some(at.and_then(|at| text.get(..at)).unwrap_or(text));
        }
        None
    }

    /// `text` with the matches replaced: the first, all (`/`), or one at the start (`#`) or end
    /// (`%`). `None` if it cannot be told or the result is longer than `limit`.
    pub fn replace(&self, text: &str, mode: u8, with: &str, limit: usize) -> Option<String> {
        if !self.known {
            return None;
        }
        if let Some(literal) = literal(&self.pieces) {
            return replace_literal(text, mode, &literal, with, limit);
        }
        let characters: Vec<char> = text.chars().collect();
        let mut out = String::with_capacity(text.len());
        let mut steps = STEPS;
        let mut at = 0;
        let mut goes_on = true;
        while at < characters.len() {
            let here = characters.get(at..)?;
            let wanted = goes_on && (mode != b'#' || at == 0);
            let length = match wanted {
                true if mode == b'%' => {
                    full_match(&self.pieces, here, &mut steps)?.then_some(here.len())
                }
                true => longest_prefix(&self.pieces, here, &mut steps)?,
                false => None,
            };
            match length {
                Some(length) if length > 0 => {
                    out.push_str(with);
                    at += length;
                    goes_on = mode == b'/';
                }
                _ => {
                    out.extend(here.first());
                    at += 1;
                }
            }
            if out.len() > limit {
                return None;
            }
        }
        Some(out)
    }
}

fn replace_literal(
    text: &str,
    mode: u8,
    literal: &str,
    with: &str,
    limit: usize,
) -> Option<String> {
    if literal.is_empty() {
        return Some(match mode {
            b'#' => format!("{with}{text}"),
            b'%' => format!("{text}{with}"),
            _ => text.to_owned(),
        });
    }
    Some(match mode {
        b'/' => {
            let growth = with.len().saturating_sub(literal.len());
            let most = growth.saturating_mul(text.len() / literal.len());
            if most.saturating_add(text.len()) > limit && most > 0 {
                return None;
            }
            text.replace(literal, with)
        }
        b'#' => match text.strip_prefix(literal) {
            Some(rest) => format!("{with}{rest}"),
            None => text.to_owned(),
        },
        b'%' => match text.strip_suffix(literal) {
            Some(rest) => format!("{rest}{with}"),
            None => text.to_owned(),
        },
        _ => text.replacen(literal, with, 1),
    })
}

fn literal(pieces: &[Piece]) -> Option<String> {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::One(c) => Some(*c),
            _ => None,
        })
        .collect()
}

/// A bracket expression behind its `[`, and its length.
fn set(text: &str) -> Option<(Piece, usize)> {
    /// Longest bracket expression.
    const BYTES: usize = 256;
    let negated = text.starts_with(['!', '^']);
    let start = usize::from(negated);
    let mut ranges = Vec::new();
    let mut rest = text.char_indices().skip(start).peekable();
    while let Some((at, c)) = rest.next() {
        if at > BYTES {
            return None;
        }
        if c == ']' && at > start {
            return Some((Piece::Set(ranges, negated), at + 1));
        }
        if c == '['
            && let Some(end) = text.get(at..).and_then(|text| text.find(":]"))
            && let Some(name) = text.get(at + 2..at + end)
            && text.get(at + 1..).is_some_and(|text| text.starts_with(':'))
        {
            ranges.extend(class(name));
            while rest.next_if(|(next, _)| *next < at + end + 2).is_some() {}
            continue;
        }
        let c = if c == '\\' { rest.next()?.1 } else { c };
        let mut range = (c, c);
        let after = rest.peek().map_or(text.len(), |(at, _)| *at);
        if text
            .get(after..)
            .is_some_and(|text| text.starts_with('-') && !text.starts_with("-]"))
        {
            rest.next();
            range.1 = rest.next()?.1;
        }
        ranges.push(range);
    }
    None
}

fn class(name: &str) -> Vec<(char, char)> {
    match name {
        "alpha" => vec![('a', 'z'), ('A', 'Z')],
        "digit" => vec![('0', '9')],
        "alnum" => vec![('a', 'z'), ('A', 'Z'), ('0', '9')],
        "upper" => vec![('A', 'Z')],
        "lower" => vec![('a', 'z')],
        "space" => vec![('\t', '\r'), (' ', ' ')],
        "blank" => vec![('\t', '\t'), (' ', ' ')],
        "punct" => vec![('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "xdigit" => vec![('0', '9'), ('a', 'f'), ('A', 'F')],
        "print" => vec![(' ', '~')],
        "graph" => vec![('!', '~')],
        "cntrl" => vec![('\0', '\x1f'), ('\x7f', '\x7f')],
        _ => Vec::new(),
    }
}

fn accepts(piece: &Piece, c: char) -> bool {
    match piece {
        Piece::One(one) => *one == c,
        Piece::Any | Piece::Star => true,
        Piece::Set(ranges, negated) => {
            ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
        }
    }
}

/// Whether all of `text` matches: with one star to go back to, as that is all it takes.
fn full_match(pieces: &[Piece], text: &[char], steps: &mut usize) -> Option<bool> {
    let (mut piece, mut at) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        *steps = steps.checked_sub(1)?;
        match (pieces.get(piece), text.get(at)) {
            (None, None) => return Some(true),
            (Some(Piece::Star), _) => {
                star = Some((piece, at));
                piece += 1;
            }
            (Some(wanted), Some(&c)) if accepts(wanted, c) => {
                piece += 1;
                at += 1;
            }
            _ => match &mut star {
                Some((from, tried)) if *tried < text.len() => {
                    *tried += 1;
                    piece = *from + 1;
                    at = *tried;
                }
                _ => return Some(false),
            },
        }
    }
}

/// The length of the longest prefix that matches; `None` outside if there are too many steps.
fn longest_prefix(pieces: &[Piece], text: &[char], steps: &mut usize) -> Option<Option<usize>> {
    let fixed = !pieces.contains(&Piece::Star);
    if fixed {
        let part = text.get(..pieces.len());
        let matched = match part {
            Some(part) => full_match(pieces, part, steps)?,
            None => false,
        };
        return Some(matched.then_some(pieces.len()));
    }
    for length in (0..=text.len()).rev() {
        if full_match(pieces, text.get(..length)?, steps)? {
            return Some(Some(length));
        }
    }
    Some(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::new(text, true)
    }

    #[test]
    fn patterns_match_as_the_standard_says() {
        let table = [
            ("b??h", "bash", true),
            ("[s]h", "sh", true),
            ("[!a-c]x", "bx", false),
            ("[[:alpha:]]*", "a1", true),
            ("*.tar.*", "x.tar.gz", true),
            ("a*b*c", "axxbyyc", true),
            ("a\\*", "ab", false),
            ("[", "[", true),
            ("", "", true),
        ];
        for (text, subject, expected) in table {
            assert_eq!(
                pattern(text).matches(subject),
                Some(expected),
                "{text} {subject}"
            );
        }
    }

    #[test]
    fn cuts_and_replacements() {
        let trim = |text: &str, subject: &str, suffix, longest| {
            pattern(text).trim(subject, suffix, longest)
        };
        assert_eq!(trim("*/", "a/b/c", false, true).as_deref(), Some("c"));
        assert_eq!(trim("*/", "a/b/c", false, false).as_deref(), Some("b/c"));
        assert_eq!(trim(".*", "a.b.c", true, false).as_deref(), Some("a.b"));
        assert_eq!(trim(".*", "a.b.c", true, true).as_deref(), Some("a"));
        assert_eq!(trim("[0-9]?", "12x", false, false).as_deref(), Some("x"));
        let replace = |text: &str, subject: &str, mode, with: &str| {
            pattern(text).replace(subject, mode, with, 1_000)
        };
        assert_eq!(replace("x", "axbx", b'/', "").as_deref(), Some("ab"));
        assert_eq!(replace("[xy]", "axby", b'/', "-").as_deref(), Some("a-b-"));
        assert_eq!(replace("a*", "bab", b'1', "c").as_deref(), Some("bc"));
        assert_eq!(replace("a", "aaaa", b'/', &"b".repeat(1_000)), None);
    }

    #[test]
    fn a_hostile_pattern_ends() {
        let text = "a".repeat(100_000);
        assert_eq!(pattern(&"a*".repeat(500)).trim(&text, false, false), None);
        assert!(
            pattern("*a*a*a*b")
                .replace(&text, b'/', "", 1 << 20)
                .is_none()
        );
    }
}
