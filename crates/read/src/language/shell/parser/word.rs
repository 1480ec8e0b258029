//! Words: quoting and expansions (XCU 2.2, 2.6).

use std::rc::Rc;

use super::super::ast::{Operator, Parameter, Part};
use super::{PARENTHESIS, Parser, is_delimiter};

/// Where the parts of a word stand, which says what is special and where they end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// Outside quotes: up to a delimiter.
    Word,
    /// Behind the operator of `${…}`: up to the brace.
    Braced {
        /// Ends at a slash too.
        slash: bool,
        /// The expansion stands in double quotes and takes a word: a `'` is no quote.
        quoted: bool,
    },
    /// Up to the closing double quote.
    Double,
    /// To the end of the text.
    Document,
}

impl Context {
    const fn is_quoted(self) -> bool {
        matches!(self, Self::Double | Self::Document)
    }
}

/// Bytes that may mean something in some context.
const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let bytes = b" \t\n\r;&|()<>\\'\"$`{}/*?[~";
    let mut n = 0;
    while n < bytes.len() {
        table[bytes[n] as usize] = true;
        n += 1;
    }
    table
};

/// Whether a byte may mean something other than itself.
fn is_special(byte: u8) -> bool {
    SPECIAL.get(usize::from(byte)).copied().unwrap_or_default()
}

impl<'a> Parser<'a> {
    /// Where the word ends, if nothing in it is special.
    pub(super) fn plain_end(&self) -> Option<usize> {
        let bytes = self.rest().as_bytes();
        let length = bytes
            .iter()
            .position(|&byte| is_special(byte) && byte != b'/')
            .unwrap_or(bytes.len());
        let ends = bytes.get(length).is_none_or(|&byte| is_delimiter(byte));
        let is_extended = bytes.get(length) == Some(&b'(')
            && length > 1
            && matches!(bytes.get(length - 1), Some(b'+' | b'@' | b'!'));
        let is_process =
            matches!(bytes.get(length), Some(b'<' | b'>')) && bytes.get(length + 1) == Some(&b'(');
        let is_return = bytes.get(length) == Some(&b'\r')
            && !matches!(bytes.get(length + 1), None | Some(b'\n'));
        (length > 0 && ends && !is_extended && !is_process && !is_return)
            .then_some(self.at + length)
    }

    /// The parts up to where the context ends; what ends it is left standing.
    pub(super) fn parts(&mut self, context: Context) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        let mut start = self.at;
        while let Some(byte) = self.peek() {
            if !is_special(byte) {
                self.at += 1;
                continue;
            }
            if self.ends(context, byte) {
                break;
            }
            let before = self.at;
            let part = self.special(context, byte);
            if self.at == before {
                self.at += 1;
                continue;
            }
            if let Some(part) = part {
                push(&mut parts, self.slice(start, before), context);
                parts.extend(part);
                start = self.at;
            }
        }
        push(&mut parts, self.slice(start, self.at), context);
        parts
    }

    fn ends(&self, context: Context, byte: u8) -> bool {
        match context {
            Context::Word => match byte {
                b'<' | b'>' => self.peek_at(1) != Some(b'('),
                b'(' => !self.is_extended_pattern(),
                b'\r' => matches!(self.peek_at(1), None | Some(b'\n')),
                _ => is_delimiter(byte),
            },
            Context::Braced { slash, .. } => byte == b'}' || slash && byte == b'/',
            Context::Double => byte == b'"',
            Context::Document => false,
        }
    }

    /// Whether the parenthesis that comes next belongs to a pattern such as `@(a|b)`.
    fn is_extended_pattern(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.bytes().get(at));
        matches!(before, Some(b'?' | b'*' | b'+' | b'@' | b'!'))
    }

    /// What a special byte begins. No part and no progress: it stands for itself. No part but
    /// progress: the text passed stands for itself.
    fn special(&mut self, context: Context, byte: u8) -> Option<Option<Part<'a>>> {
        match byte {
            b'\\' => self.escape(context),
            b'\''
                if !matches!(
                    context,
                    Context::Double | Context::Document | Context::Braced { quoted: true, .. }
                ) =>
            {
                Some(Some(self.single()))
            }
            b'"' if context != Context::Document => Some(Some(self.double())),
            b'$' => self.dollar(context.is_quoted()).map(Some),
            b'`' => Some(Some(self.backquote(context.is_quoted()))),
            b'<' | b'>' if context == Context::Word => self.process(byte).map(Some),
            b'(' if context == Context::Word => {
                self.pass_pattern();
                None
            }
            b'{' if self.placeholders => self.placeholder().map(Some),
            _ => None,
        }
    }

    fn escape(&mut self, context: Context) -> Option<Option<Part<'a>>> {
        let next = self.peek_at(1);
        if next == Some(b'\n') {
            self.at += 2;
            return Some(None);
        }
        if self.starts_with("\\\r\n") {
            self.at += 3;
            return Some(None);
        }
        let escapes = match (context, next) {
            (_, None) => false,
            (Context::Double, Some(next)) => matches!(next, b'$' | b'`' | b'"' | b'\\'),
            (Context::Document, Some(next)) => matches!(next, b'$' | b'`' | b'\\'),
            _ => true,
        };
        if !escapes {
            return None;
        }
        self.at += 1;
        let start = self.at;
        self.pass_character();
        Some(Some(Part::Quoted(self.slice(start, self.at))))
    }

    fn single(&mut self) -> Part<'a> {
        let start = self.at + 1;
        let end = memchr::memchr(b'\'', self.bytes().get(start..).unwrap_or_default())
            .map_or(self.text.len(), |end| start + end);
        self.at = (end + 1).min(self.text.len());
        Part::Quoted(self.slice(start, end))
    }

    fn double(&mut self) -> Part<'a> {
        self.at += 1;
        if !self.enter() {
            return Part::Quoted("");
        }
        let parts = self.parts(Context::Double);
        self.leave();
        self.take("\"");
        Part::Double(parts)
    }

    fn backquote(&mut self, quoted: bool) -> Part<'a> {
        let line = self.here();
        self.at += 1;
        let start = self.at;
        while let Some(found) = memchr::memchr2(b'`', b'\\', self.rest().as_bytes()) {
            self.at += found;
            if self.peek() == Some(b'`') {
                let inside = self.slice(start, self.at);
                self.at += 1;
                return Part::Backquote(inside, line, quoted);
            }
            self.at += 1;
            self.pass_character();
        }
        self.at = self.text.len();
        Part::Backquote(self.slice(start, self.at), line, quoted)
    }

    fn process(&mut self, byte: u8) -> Option<Part<'a>> {
        if !self.enter() {
            return None;
        }
        self.at += 2;
        let list = self.list(PARENTHESIS);
        self.take(")");
        self.leave();
        Some(Part::Process(list, byte == b'>'))
    }

    /// Passes the parentheses of an extended pattern.
    fn pass_pattern(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'(' => depth += 1,
                b')' if depth <= 1 => {
                    self.at += 1;
                    return;
                }
                b')' => depth -= 1,
                b'\n' => return,
                b'\\' => self.at += 1,
                _ => {}
            }
            self.pass_character();
        }
    }

    /// The placeholder of an unknown value: see [`model::Value::unknown`].
    fn placeholder(&mut self) -> Option<Part<'a>> {
        let end = placeholder_length(self.rest())?;
        let name = self.slice(self.at + 1, self.at + end - 1);
        self.at += end;
        Some(Part::Unknown(name))
    }

    // ---- dollar ----

    /// What a dollar sign begins, if anything.
    fn dollar(&mut self, quoted: bool) -> Option<Part<'a>> {
        match self.peek_at(1)? {
            b'(' => self.dollar_parenthesis(),
            b'{' => self.parameter(quoted),
            b'[' => {
                let start = self.at;
                self.at += 1;
                match self.bracketed() {
                    Some(inside) => Some(Part::Arithmetic(inside)),
                    None => {
                        self.at = start;
                        None
                    }
                }
            }
            b'\'' if !quoted => {
                self.at += 2;
                Some(self.escaped())
            }
            b'"' if !quoted => {
                self.at += 1;
                Some(self.double())
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                self.at += 1;
                let length = self
                    .rest()
                    .bytes()
                    .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
                    .count();
                Some(self.named(length))
            }
            byte if byte.is_ascii_digit() || b"@*#?-$!".contains(&byte) => {
                self.at += 1;
                Some(self.named(1))
            }
            _ => None,
        }
    }

    fn named(&mut self, length: usize) -> Part<'a> {
        let name = self.slice(self.at, self.at + length);
        self.at += length;
        Part::Parameter(Rc::new(Parameter {
            name,
            index: None,
            indirect: false,
            operator: Operator::None,
        }))
    }

    fn dollar_parenthesis(&mut self) -> Option<Part<'a>> {
        if self.peek_at(2) == Some(b'(')
            && let Some(end) = self.arithmetic_end(self.at + 3)
        {
            let inside = self.slice(self.at + 3, end);
            self.at = end + 2;
            return Some(Part::Arithmetic(inside));
        }
        if !self.enter() {
            return None;
        }
        self.at += 2;
        let list = self.list(PARENTHESIS);
        self.take(")");
        self.leave();
        Some(Part::Command(list))
    }

    /// The inside of `$'…'`, whose start comes next.
    fn escaped(&mut self) -> Part<'a> {
        let start = self.at;
        while let Some(found) = memchr::memchr2(b'\'', b'\\', self.rest().as_bytes()) {
            self.at += found;
            if self.peek() == Some(b'\'') {
                let inside = self.slice(start, self.at);
                self.at += 1;
                return Part::Escaped(inside);
            }
            self.at += 1;
            self.pass_character();
        }
        self.at = self.text.len();
        Part::Escaped(self.slice(start, self.at))
    }

    /// Where the `))` stands that ends the arithmetic expression at `from`, if one is there.
    pub(super) fn arithmetic_end(&mut self, from: usize) -> Option<usize> {
        if self.unclosed {
            return None;
        }
        let bytes = self.bytes();
        let mut depth = 0_usize;
        for (at, byte) in bytes.iter().enumerate().skip(from) {
            match byte {
                b'(' => depth += 1,
                b')' if depth == 0 => return (bytes.get(at + 1) == Some(&b')')).then_some(at),
                b')' => depth -= 1,
                _ => {}
            }
        }
        self.unclosed = true;
        None
    }
}

/// The length of the placeholder of an unknown value that `text` starts with, braces included.
pub fn placeholder_length(text: &str) -> Option<usize> {
    /// Longest placeholder that is looked for: a kept value and the words around it.
    const BYTES: usize = 4_200;
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate().take(BYTES) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => {
                let inside = text.get(1..at)?;
                let is_one = inside == "?"
                    || super::is_name(inside)
                    || [
                        "content of ",
                        "output of ",
                        "request ",
                        "lines matching ",
                        "processes matching ",
                    ]
                    .iter()
                    .any(|start| inside.starts_with(start));
                return is_one.then_some(at + 1);
            }
            b'}' => depth = depth.checked_sub(1)?,
            b'\n' => return None,
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// Adds the text between two special parts.
fn push<'a>(parts: &mut Vec<Part<'a>>, text: &'a str, context: Context) {
    if text.is_empty() {
        return;
    }
    parts.push(
        if context.is_quoted() || matches!(context, Context::Braced { quoted: true, .. }) {
            Part::Quoted(text)
        } else {
            Part::Literal(text)
        },
    );
}
