//! Brace expansion: `{nc,-e,/bin/sh}` and `{1..5}`.

use super::super::ast::Part;
use super::Machine;

/// Most words one word may become.
const WORDS: usize = 4_096;

/// Deepest nesting of braces.
const DEPTH: usize = 8;

/// A token of a word for brace expansion.
enum Token<'p, 'a> {
    Open,
    Comma,
    Close,
    Text(&'a str),
    Part(&'p Part<'a>),
}

type Words<'a> = Vec<Vec<Part<'a>>>;

impl<'a> Machine<'a, '_, '_> {
    /// The words that braces in a word make of it; `None` if it has none that do.
    pub(super) fn braces(&mut self, parts: &[Part<'a>]) -> Option<Words<'a>> {
        let has = |c: char| {
            parts
                .iter()
                .any(|part| matches!(part, Part::Literal(text) if text.contains(c)))
        };
        if !has('{') || !has('}') || !has(',') && !has('.') {
            return None;
        }
        let tokens = tokens(parts);
        let mut words = vec![Vec::new()];
        let mut at = 0;
        let mut expanded = false;
        while at < tokens.len() {
            let more = self.item(&tokens, &mut at, 0, &mut expanded);
            words = product(words, &more);
        }
        expanded.then_some(words)
    }

    /// What the token at `at`, with the braces it opens, stands for.
    fn item(
        &mut self,
        tokens: &[Token<'_, 'a>],
        at: &mut usize,
        depth: usize,
        expanded: &mut bool,
    ) -> Words<'a> {
        let token = tokens.get(*at);
        *at += 1;
        let one = |part| vec![vec![part]];
        match token {
            Some(Token::Open) => {
                let mut end = *at;
                match self.group(tokens, &mut end, depth, expanded) {
                    Some(words) => {
                        *at = end;
                        *expanded = true;
                        words
                    }
                    None => one(Part::Literal("{")),
                }
            }
            Some(Token::Comma) => one(Part::Literal(",")),
            Some(Token::Close) => one(Part::Literal("}")),
            Some(Token::Text(text)) => one(Part::Literal(text)),
            Some(Token::Part(part)) => one((*part).clone()),
            None => Vec::new(),
        }
    }

    /// The alternatives up to the closing brace; `None` if these braces stand for themselves.
    fn group(
        &mut self,
        tokens: &[Token<'_, 'a>],
        at: &mut usize,
        depth: usize,
        expanded: &mut bool,
    ) -> Option<Words<'a>> {
        if depth >= DEPTH || !self.world.burn(1) {
            return None;
        }
        if let (Some(Token::Text(text)), Some(Token::Close)) =
            (tokens.get(*at), tokens.get(*at + 1))
        {
            let items = sequence(text)?;
            *at += 2;
            let words = items
                .into_iter()
                .map(|item| vec![Part::Quoted(self.keep(item))]);
            return Some(words.collect());
        }
        let mut alternatives = Vec::new();
        let mut current: Words<'a> = vec![Vec::new()];
        let mut has_comma = false;
        loop {
            match tokens.get(*at)? {
                Token::Comma => {
                    has_comma = true;
                    alternatives.append(&mut current);
                    current = vec![Vec::new()];
                    *at += 1;
                }
                Token::Close => {
                    *at += 1;
                    alternatives.append(&mut current);
                    return has_comma.then_some(alternatives);
                }
                _ => {
                    let more = self.item(tokens, at, depth + 1, expanded);
                    current = product(current, &more);
                }
            }
            if alternatives.len() > WORDS {
                return None;
            }
        }
    }
}

fn tokens<'p, 'a>(parts: &'p [Part<'a>]) -> Vec<Token<'p, 'a>> {
    let mut tokens = Vec::new();
    for part in parts {
        let Part::Literal(text) = part else {
            tokens.push(Token::Part(part));
            continue;
        };
        let mut rest = *text;
        while let Some(at) = rest.find(['{', ',', '}']) {
            let (before, from) = rest.split_at(at);
            if !before.is_empty() {
                tokens.push(Token::Text(before));
            }
            tokens.push(match from.as_bytes().first() {
                Some(b'{') => Token::Open,
                Some(b',') => Token::Comma,
                _ => Token::Close,
            });
            rest = from.get(1..).unwrap_or_default();
        }
        if !rest.is_empty() {
            tokens.push(Token::Text(rest));
        }
    }
    tokens
}

/// Every word with every ending.
fn product<'a>(mut words: Words<'a>, endings: &[Vec<Part<'a>>]) -> Words<'a> {
    if let [ending] = endings {
        for word in &mut words {
            word.extend(ending.iter().cloned());
        }
        return words;
    }
    let mut out = Vec::new();
    for word in &words {
        for ending in endings {
            if out.len() >= WORDS {
                return out;
            }
            out.push(word.iter().chain(ending).cloned().collect());
        }
    }
    out
}

/// The items of `1..5`, `a..e` or `1..10..2`.
fn sequence(text: &str) -> Option<Vec<String>> {
    let mut ends = text.split("..");
    let (first, last, step) = (ends.next()?, ends.next()?, ends.next());
    if ends.next().is_some() {
        return None;
    }
    let step = match step {
        Some(step) => step.parse::<i64>().ok()?.unsigned_abs().max(1),
        None => 1,
    };
    let step = usize::try_from(step).ok()?;
    if let (Ok(from), Ok(to)) = (first.parse::<i64>(), last.parse::<i64>()) {
        let width = if first.starts_with('0') || last.starts_with('0') {
            first.len().max(last.len())
        } else {
            0
        };
        let shown = |n: i64| format!("{n:0width$}");
        return Some(if from <= to {
            (from..=to).step_by(step).take(WORDS).map(shown).collect()
        } else {
            (to..=from)
                .rev()
                .step_by(step)
                .take(WORDS)
                .map(shown)
                .collect()
        });
    }
    let (from, to) = (only_character(first)?, only_character(last)?);
    Some(if from <= to {
        (from..=to).step_by(step).map(String::from).collect()
    } else {
        (to..=from).rev().step_by(step).map(String::from).collect()
    })
}

fn only_character(text: &str) -> Option<char> {
    let c = text.chars().next()?;
    (text.len() == 1).then_some(c)
}
