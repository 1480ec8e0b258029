//! Quotes of Perl: texts with values in them, commands, patterns, here-documents.
//!
//! Source: perlop ("Quote and Quote-like Operators"), perlretut.

use std::rc::Rc;

use super::cursor::{Cursor, Quoted};
use super::expressions::same;
use super::lists::scalar;
use super::parse::{Parser, call, nothing, returning};
use crate::encoding;
use crate::language::script::syntax::{
    Expression, FormatPart, FunctionSyntax, Statement, StatementKind,
};

impl<'t> Parser<'t> {
    /// `"…"`, `'…'`, `` `…` ``.
    pub fn quote(&mut self) -> Expression {
        let Some(quoted) = self.cursor.quoted() else {
            return nothing();
        };
        match quoted.mark {
            '\'' => Expression::Text(Rc::from(single(quoted.body, '\''))),
            '`' => {
                let command = self.interpolated(quoted.body);
                call("qx()", vec![command])
            }
            _ => self.interpolated(quoted.body),
        }
    }

    /// `q…`, `qq…`, `qw…`, `qx…`, `m…`, `qr…`, `s…`, `tr…`, `y…`: their words are these only where
    /// a mark follows.
    pub fn quote_word(&mut self, word: &str, from: usize) -> Option<Expression> {
        if !matches!(
            word,
            "q" | "qq" | "qw" | "qx" | "m" | "qr" | "s" | "tr" | "y"
        ) {
            return None;
        }
        let at = self.cursor.at;
        let is_spaced = self.cursor.peek().is_ascii_whitespace();
        self.cursor.blanks();
        let mark = self.cursor.peek();
        let is_mark = !matches!(mark, b',' | b';' | b')' | 0)
            && !(mark == b'=' && (is_spaced || matches!(self.cursor.ahead(1), b'>' | b'~' | b'=')))
            && !(is_spaced && (mark == b'#' || mark.is_ascii_alphanumeric() || mark == b'_'));
        if !is_mark {
            self.cursor.at = at;
            return None;
        }
        let quoted = self.cursor.quoted()?;
        Some(match word {
            "q" => Expression::Text(Rc::from(single(quoted.body, quoted.mark))),
            "qq" => self.interpolated(quoted.body),
            "qw" => Expression::Tuple(
                quoted
                    .body
                    .split_whitespace()
                    .map(|word| Expression::Text(Rc::from(word)))
                    .collect(),
            ),
            "qx" => {
                let command = match quoted.mark {
                    '\'' => Expression::Text(Rc::from(quoted.body)),
                    _ => self.interpolated(quoted.body),
                };
                call("qx()", vec![command])
            }
            "qr" => {
                let flags = self.cursor.letters();
                let pattern = self.pattern_text(quoted);
                call(
                    "#pattern()",
                    vec![pattern, Expression::Text(Rc::from(flags))],
                )
            }
            "m" => {
                let subject = self.named("$_");
                self.matched(subject, quoted)
            }
            _ => {
                let subject = self.named("$_");
                self.replaced(subject, word, quoted, from)
            }
        })
    }

    /// `/…/` alone.
    pub fn pattern(&mut self) -> Expression {
        let subject = self.named("$_");
        match self.cursor.quoted() {
            Some(quoted) => self.matched(subject, quoted),
            None => nothing(),
        }
    }

    /// What stands behind `=~`.
    pub fn bound(&mut self, subject: Expression, negated: bool) -> Expression {
        self.cursor.blanks();
        let from = self.cursor.at;
        let subject = scalar(subject);
        let result = match self.cursor.peek() {
            b'/' => match self.cursor.quoted() {
                Some(quoted) => self.matched(subject, quoted),
                None => nothing(),
            },
            _ => {
                let word = self.cursor.peek_word().unwrap_or_default();
                match word {
                    "m" | "s" | "tr" | "y" => {
                        self.cursor.at += word.len();
                        self.cursor.blanks();
                        match self.cursor.quoted() {
                            Some(quoted) if word == "m" => self.matched(subject, quoted),
                            Some(quoted) => self.replaced(subject, word, quoted, from),
                            None => nothing(),
                        }
                    }
                    _ => {
                        let pattern = self.binary(15);
                        call(
                            "#match()",
                            vec![subject, pattern, Expression::Text(Rc::from(""))],
                        )
                    }
                }
            }
        };
        match negated {
            true => Expression::Unary(
                crate::language::script::syntax::Unary::Not,
                Box::new(result),
            ),
            false => result,
        }
    }

    /// A pattern with values in it; between single quotes there are none.
    pub fn pattern_text(&mut self, quoted: Quoted<'t>) -> Expression {
        if quoted.mark == '\'' {
            return Expression::Text(Rc::from(quoted.body));
        }
        self.with_values(quoted.body, false)
    }

    fn matched(&mut self, subject: Expression, quoted: Quoted<'t>) -> Expression {
        let flags = self.cursor.letters();
        let pattern = self.pattern_text(quoted);
        call(
            "#match()",
            vec![subject, pattern, Expression::Text(Rc::from(flags))],
        )
    }

    /// `s/…/…/`, `tr/…/…/`: the subject is what they make of it.
    fn replaced(
        &mut self,
        subject: Expression,
        word: &str,
        quoted: Quoted<'t>,
        from: usize,
    ) -> Expression {
        let is_pair = matches!(quoted.mark, '(' | '[' | '{' | '<');
        if is_pair {
            self.cursor.blanks();
        } else {
            // The mark that ends one part begins the next.
            self.cursor.at = self.cursor.at.saturating_sub(quoted.mark.len_utf8());
        }
        let Some(second) = self.cursor.quoted() else {
            return subject;
        };
        let flags = self.cursor.letters();
        let letters = Expression::Text(Rc::from(flags));
        let (place, subject) = match subject {
            Expression::Assign(place, value) => {
                let again = same(&place);
                (again, Expression::Assign(place, value))
            }
            other => (same(&other), other),
        };
        let value = if word == "s" {
            let pattern = self.pattern_text(quoted);
            let with = match flags.contains('e') {
                true => self.code(second.body, from),
                false if second.mark == '\'' => Expression::Text(Rc::from(second.body)),
                // What it holds is known only with what was found.
                false => {
                    let text = self.interpolated(second.body);
                    self.function_of(text, from)
                }
            };
            call("#substitute()", vec![subject, pattern, with, letters])
        } else {
            let first = Expression::Text(Rc::from(quoted.body));
            let second = Expression::Text(Rc::from(second.body));
            call("#transliterate()", vec![subject, first, second, letters])
        };
        match place {
            Some(place) if !flags.contains('r') => {
                Expression::Assign(Box::new(place), Box::new(value))
            }
            _ => value,
        }
    }

    /// Code in a part of the text, as a function without arguments.
    fn code(&mut self, body: &'t str, from: usize) -> Expression {
        let mut block = self.within(body, |this| this.statements(false));
        returning(&mut block);
        self.lambda(block, from)
    }

    fn function_of(&mut self, value: Expression, from: usize) -> Expression {
        if let Expression::Text(_) = value {
            return value;
        }
        let body = vec![self.at(from, StatementKind::Return(Some(value)))];
        self.lambda(body, from)
    }

    fn lambda(&mut self, body: Vec<Statement>, _from: usize) -> Expression {
        Expression::Lambda(Rc::new(FunctionSyntax {
            name: Rc::from("<lambda>"),
            parameters: Vec::new(),
            body,
            generator: false,
            text: self.shared.clone(),
        }))
    }

    /// Reads a part of the text that was passed over as a quote.
    fn within<T>(&mut self, body: &'t str, inner: impl FnOnce(&mut Self) -> T) -> T {
        let whole = self.cursor.text;
        let offset = (body.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
        let text = whole
            .get(..offset.saturating_add(body.len()))
            .unwrap_or(body);
        let mut own = Cursor::new(text);
        own.at = text.len() - body.len();
        let outer = std::mem::replace(&mut self.cursor, own);
        let result = inner(self);
        self.cursor = outer;
        result
    }

    // ---- values in texts ----

    /// A text in double quotes.
    pub fn interpolated(&mut self, body: &'t str) -> Expression {
        self.with_values(body, true)
    }

    /// A text with values in it, with escapes undone if it is no pattern.
    fn with_values(&mut self, body: &'t str, unescapes: bool) -> Expression {
        let plain = |text: &str| -> Rc<str> {
            match unescapes {
                true => Rc::from(unescaped(text)),
                false => Rc::from(text),
            }
        };
        if !body.contains(['$', '@']) {
            return Expression::Text(plain(body));
        }
        let mut parts = Vec::new();
        let mut from = 0;
        let mut at = 0;
        let bytes = body.as_bytes();
        while let Some(byte) = bytes.get(at) {
            let next = bytes.get(at + 1).copied().unwrap_or(0);
            let begins = match byte {
                b'\\' => {
                    at += 2;
                    continue;
                }
                b'$' => {
                    next.is_ascii_alphanumeric()
                        || matches!(next, b'_' | b'{' | b'$' | b':' | b'&')
                        || unescapes
                            && matches!(next, b'!' | b'@' | b'0' | b'/' | b',' | b'.' | b';')
                }
                b'@' => next.is_ascii_alphabetic() || matches!(next, b'_' | b'{' | b'$'),
                _ => false,
            };
            if !begins {
                at += 1;
                continue;
            }
            let rest = body.get(at..).unwrap_or_default();
            let (value, length) = self.value_in_text(rest, unescapes);
            if length == 0 {
                at += 1;
                continue;
            }
            if at > from {
                parts.push(FormatPart::Text(plain(
                    body.get(from..at).unwrap_or_default(),
                )));
            }
            let value = match byte {
                b'@' => call("#joined()", vec![super::lists::flat(value)]),
                _ => value,
            };
            parts.push(FormatPart::Field(value, None, String::new()));
            at += length;
            from = at;
        }
        if from < body.len() {
            parts.push(FormatPart::Text(plain(
                body.get(from..).unwrap_or_default(),
            )));
        }
        match parts.as_slice() {
            [FormatPart::Text(text)] => Expression::Text(text.clone()),
            _ => Expression::Format(parts),
        }
    }

    /// A variable at the beginning of a text, with its subscripts, and its length.
    fn value_in_text(&mut self, rest: &'t str, unescapes: bool) -> (Expression, usize) {
        let length = variable_length(rest, unescapes);
        let Some(source) = rest.get(..length).filter(|source| source.len() > 1) else {
            return (nothing(), 0);
        };
        let value = self.within(source, |this| {
            this.deeper(Self::postfix).unwrap_or_else(nothing)
        });
        (value, length)
    }

    // ---- here-documents and handles ----

    /// Whether `<<` begins a here-document.
    pub fn begins_document(&self) -> bool {
        let rest = self
            .cursor
            .text
            .get(self.cursor.at + 2..)
            .unwrap_or_default();
        let rest = rest.strip_prefix('~').unwrap_or(rest);
        rest.starts_with(['"', '\''])
            || rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    }

    /// `<<"TAG"`, `<<'TAG'`, `<<~TAG`.
    pub fn document(&mut self) -> Expression {
        self.cursor.skip(2);
        let is_indented = self.cursor.take("~");
        let (tag, is_plain) = match self.cursor.peek() {
            b'"' | b'\'' => {
                let Some(quoted) = self.cursor.quoted() else {
                    return nothing();
                };
                (quoted.body, quoted.mark == '\'')
            }
            _ => (self.cursor.word().unwrap_or_default(), false),
        };
        let body = self.cursor.document(tag, is_indented);
        let value = match is_plain {
            true => Expression::Text(Rc::from(body)),
            false => self.interpolated(body),
        };
        match (is_indented, value) {
            (true, Expression::Text(text)) => Expression::Text(Rc::from(unindented(&text))),
            (_, value) => value,
        }
    }

    /// `<HANDLE>`, `<$handle>`, `<>`, `<*.c>`.
    pub fn angle(&mut self) -> Expression {
        let at = self.cursor.at;
        let rest = self.cursor.rest();
        let inner = rest
            .get(1..)
            .and_then(|rest| rest.split_once('>'))
            .map(|(inner, _)| inner);
        let Some(inner) = inner.filter(|inner| !inner.contains(['\n', ';'])) else {
            self.cursor.skip(1);
            return nothing();
        };
        self.cursor.at = at + inner.len() + 2;
        let plain = inner.trim_start_matches('$');
        let is_name = plain
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b':');
        match (inner, is_name) {
            ("" | "<", _) => {
                self.cursor.take(">");
                let standard = self.named("*STDIN");
                call("#readline()", vec![standard])
            }
            (_, true) => {
                let handle = match inner.starts_with('$') {
                    true => self.named(inner),
                    false => self.named(&format!("*{inner}")),
                };
                call("#readline()", vec![handle])
            }
            _ => call("glob()", vec![Expression::Text(Rc::from(inner))]),
        }
    }
}

/// How long a variable with its subscripts is at the beginning of a text.
fn variable_length(rest: &str, unescapes: bool) -> usize {
    let bytes = rest.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let mut at = 1;
    while byte(at) == b'$'
        && (byte(at + 1).is_ascii_alphabetic() || matches!(byte(at + 1), b'_' | b'{' | b'$'))
    {
        at += 1;
    }
    if byte(at) == b'{' {
        at += bracketed(rest.get(at..).unwrap_or_default());
    } else if byte(at).is_ascii_digit() {
        while byte(at).is_ascii_digit() {
            at += 1;
        }
    } else if byte(at).is_ascii_alphabetic() || matches!(byte(at), b'_' | b':') {
        loop {
            if byte(at).is_ascii_alphanumeric() || byte(at) == b'_' {
                at += 1;
            } else if byte(at) == b':' && byte(at + 1) == b':' && byte(at + 2).is_ascii_alphabetic()
            {
                at += 2;
            } else {
                break;
            }
        }
        if at == 1 {
            return 0;
        }
    } else {
        at += 1;
    }
    loop {
        let arrow = if byte(at) == b'-' && byte(at + 1) == b'>' {
            2
        } else {
            0
        };
        let inner = rest.get(at + arrow + 1..).unwrap_or_default();
        let is_subscript = match byte(at + arrow) {
            // `[` in a pattern is a class, unless a number or variable is in it.
            b'[' => {
                inner.starts_with(['$', '-'])
                    && (unescapes || inner.starts_with('$'))
                    && !inner.starts_with("-]")
                    || inner.starts_with(|c: char| c.is_ascii_digit())
                        && inner
                            .trim_start_matches(|c: char| c.is_ascii_digit())
                            .starts_with(']')
            }
            b'{' => {
                unescapes && !inner.starts_with('}')
                    || inner.starts_with('$')
                    || inner.starts_with(|c: char| c.is_ascii_alphabetic())
            }
            _ => false,
        };
        if !is_subscript {
            return at.min(rest.len());
        }
        let length = bracketed(rest.get(at + arrow..).unwrap_or_default());
        at += arrow + length;
    }
}

/// The length of what stands in brackets that begin a text.
fn bracketed(text: &str) -> usize {
    let mut cursor = Cursor::new(text);
    cursor.quoted();
    cursor.at
}

/// What a text in single quotes holds.
fn single(body: &str, mark: char) -> String {
    if !body.contains('\\') {
        return body.to_owned();
    }
    let mut out = String::with_capacity(body.len());
    let mut rest = body.chars().peekable();
    while let Some(c) = rest.next() {
        match rest.peek() {
            Some(&next) if c == '\\' && (next == '\\' || next == mark) => {
                out.push(next);
                rest.next();
            }
            _ => out.push(c),
        }
    }
    out
}

/// A text with its escapes undone.
pub fn unescaped(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.extend(encoding::to_bytes(before));
        let mut chars = after.chars();
        let letter = chars.next().unwrap_or('\\');
        rest = chars.as_str();
        let byte = match letter {
            'n' => b'\n',
            't' => b'\t',
            'r' => b'\r',
            'e' => 0x1b,
            'a' => 7,
            'f' => 0x0c,
            'x' => {
                let (digits, after) = match rest.strip_prefix('{') {
                    Some(inner) => inner.split_once('}').unwrap_or((inner, "")),
                    None => {
                        let length = rest
                            .bytes()
                            .take(2)
                            .take_while(u8::is_ascii_hexdigit)
                            .count();
                        rest.split_at(length)
                    }
                };
                rest = after;
                let code = u32::from_str_radix(digits.trim(), 16).unwrap_or(0);
                match u8::try_from(code) {
                    Ok(byte) => byte,
                    Err(_) => {
                        let c = char::from_u32(code).unwrap_or('\u{fffd}');
                        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                        continue;
                    }
                }
            }
            '0'..='7' => {
                let all = after;
                let length = all
                    .bytes()
                    .take(3)
                    .take_while(|b| (b'0'..=b'7').contains(b))
                    .count();
                let (digits, after) = all.split_at(length);
                rest = after;
                let code = u32::from_str_radix(digits, 8).unwrap_or(0);
                code.to_le_bytes().first().copied().unwrap_or(0)
            }
            'E' | 'Q' | 'L' | 'U' | 'l' | 'u' => continue,
            other => {
                out.extend(encoding::to_bytes(other.encode_utf8(&mut [0; 4])));
                continue;
            }
        };
        out.push(byte);
    }
    out.extend(encoding::to_bytes(rest));
    encoding::to_text(&out)
}

/// A text without the blanks that all its lines begin with.
fn unindented(text: &str) -> String {
    let blanks = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let least = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(blanks)
        .min()
        .unwrap_or(0);
    text.split_inclusive('\n')
        .map(|line| line.get(least.min(blanks(line))..).unwrap_or_default())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        assert_eq!(unescaped(r"\x73\x79\163\x{74}em\n"), "system\n");
        assert_eq!(single(r"a\'b\\c\n", '\''), r"a'b\c\n");
        assert_eq!(unindented("  a\n    b\n"), "a\n  b\n");
    }

    #[test]
    fn variables_end_where_text_goes_on() {
        for (text, length) in [
            ("$a b", 2),
            ("$a[0]x", 5),
            ("$h{k}{j} ", 8),
            ("$r->{a}[1].", 10),
            ("$a->b", 2),
            ("${x}y", 4),
            ("@{[ 1 ]} z", 8),
            ("$a::b:", 5),
        ] {
            assert_eq!(variable_length(text, true), length, "{text}");
        }
    }
}
