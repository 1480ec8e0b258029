//! Words: quotes, expansions and the text inside them.
//!
//! Source: POSIX Shell Command Language 2.2, 2.6 and the bash manual, "Shell Expansions". Command
//! substitutions are kept as text and parsed when they are run, so nesting costs no stack here.

use super::syntax::{Operation, Part, Word};

/// Deepest nesting of `${…${…}…}` words.
const DEEPEST: usize = 32;

/// Reads the characters of a shell text.
pub struct Reader<'t> {
    /// The text.
    pub text: &'t str,
    /// Position of the next byte.
    pub at: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    /// At the start of a text.
    pub const fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
        }
    }

    /// The next byte.
    pub fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The byte after `ahead` others.
    pub fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// What is left.
    pub fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next character, taken.
    pub fn take_char(&mut self) -> Option<char> {
        let c = self.rest().chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Takes `expected` if it comes next.
    pub fn take(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        self.at += if found { expected.len() } else { 0 };
        found
    }

    /// A word up to a blank, an operator or the end.
    pub fn word(&mut self) -> Word {
        let mut word = Builder::default();
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b')' => break,
                b'(' => {
                    if !extended_glob(&word) {
                        break;
                    }
                    self.at += 1;
                    word.text("(", false);
                    let inner = self.until_closing(b'(', b')');
                    word.text(inner, false);
                    word.text(")", false);
                }
                b'<' | b'>' => {
                    if self.peek_at(1) != Some(b'(') {
                        break;
                    }
                    self.at += 2;
                    let text = self.until_closing(b'(', b')').to_owned();
                    word.part(Part::Process {
                        text,
                        output: byte == b'>',
                    });
                }
                _ => self.piece(&mut word, false),
            }
        }
        word.done()
    }

    /// The text of a here-document with its expansions.
    pub fn here_text(text: &str) -> Word {
        let mut reader = Reader::new(text);
        let mut word = Builder::default();
        while let Some(byte) = reader.peek() {
            match byte {
                b'"' | b'\'' => {
                    reader.at += 1;
                    word.text(if byte == b'"' { "\"" } else { "'" }, true);
                }
                _ => reader.piece(&mut word, true),
            }
        }
        word.done()
    }

    /// One piece of a word: a quote, an escape, an expansion, or plain text.
    fn piece(&mut self, word: &mut Builder, quoted: bool) {
        match self.peek() {
            Some(b'\\') => self.escape(word, quoted),
            Some(b'\'') if !quoted => {
                self.at += 1;
                let end = self.rest().find('\'').unwrap_or(self.rest().len());
                word.text(&self.rest()[..end], true);
                self.at = (self.at + end + 1).min(self.text.len());
            }
            Some(b'"') => {
                self.at += 1;
                word.text("", true);
                while let Some(byte) = self.peek() {
                    if byte == b'"' {
                        self.at += 1;
                        break;
                    }
                    self.piece_in_quotes(word);
                }
            }
            Some(b'$') => self.dollar(word, quoted),
            Some(b'`') => {
                self.at += 1;
                let text = self.backquoted();
                word.part(Part::Command { text, quoted });
            }
            Some(_) => self.plain(word, quoted),
            None => {}
        }
    }

    fn piece_in_quotes(&mut self, word: &mut Builder) {
        if self.peek() == Some(b'\'') {
            self.at += 1;
            word.text("'", true);
        } else {
            self.piece(word, true);
        }
    }

    /// Text up to the next character that means something.
    fn plain(&mut self, word: &mut Builder, quoted: bool) {
        let special: &[u8] = if quoted {
            b"\\\"$`'"
        } else {
            b"\\\"'$` \t\r\n;&|()<>"
        };
        let rest = self.rest();
        let end = rest
            .bytes()
            .position(|byte| special.contains(&byte))
            .unwrap_or(rest.len());
        if end == 0 {
            if let Some(c) = self.take_char() {
                word.text(c.encode_utf8(&mut [0; 4]), quoted);
            }
            return;
        }
        word.text(&rest[..end], quoted);
        self.at += end;
    }

    fn escape(&mut self, word: &mut Builder, quoted: bool) {
        self.at += 1;
        match self.peek() {
            Some(b'\n') => self.at += 1,
            Some(b'\r') if self.peek_at(1) == Some(b'\n') => self.at += 2,
            Some(byte) if quoted && !matches!(byte, b'$' | b'`' | b'"' | b'\\') => {
                word.text("\\", true)
            }
            Some(_) => {
                if let Some(c) = self.take_char() {
                    word.text(c.encode_utf8(&mut [0; 4]), true);
                }
            }
            None => word.text("\\", true),
        }
    }

    fn dollar(&mut self, word: &mut Builder, quoted: bool) {
        let after = self.peek_at(1);
        match after {
            Some(b'\'') if !quoted => {
                self.at += 2;
                let text = self.ansi_c();
                word.text(&text, true);
            }
            Some(b'"') if !quoted => self.at += 1,
            Some(b'(') if self.peek_at(2) == Some(b'(') && self.closes_as_arithmetic() => {
                self.at += 3;
                let inner = self.until_closing(b'(', b')').to_owned();
                self.take(")");
                word.part(Part::Arithmetic(inner));
            }
            Some(b'(') => {
                self.at += 2;
                let text = self.until_closing(b'(', b')').to_owned();
                word.part(Part::Command { text, quoted });
            }
            Some(b'[') => {
                self.at += 2;
                let inner = self.until_closing(b'[', b']').to_owned();
                word.part(Part::Arithmetic(inner));
            }
            Some(b'{') => {
                self.at += 2;
                self.braced(word, quoted);
            }
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                self.at += 1;
                let name = self.name().to_owned();
                word.part(Part::Parameter {
                    name,
                    operation: Operation::Plain,
                    quoted,
                });
            }
            Some(byte) if byte.is_ascii_digit() || b"@*#?$!-_".contains(&byte) => {
                self.at += 2;
                let name = char::from(byte).to_string();
                word.part(Part::Parameter {
                    name,
                    operation: Operation::Plain,
                    quoted,
                });
            }
            _ => {
                self.at += 1;
                word.text("$", quoted);
            }
        }
    }

    /// `$((` is arithmetic if its parentheses close together.
    fn closes_as_arithmetic(&self) -> bool {
        let mut probe = Self {
            text: self.text,
            at: self.at + 3,
            depth: self.depth,
        };
        // A bound on looking ahead: arithmetic is short.
        let limit = self.at + 4_096;
        let mut open = 0_usize;
        while let Some(byte) = probe.peek() {
            match byte {
                b'(' => open += 1,
                b')' if open == 0 => return probe.peek_at(1) == Some(b')'),
                b')' => open -= 1,
                _ if probe.at > limit => return false,
                _ => {}
            }
            probe.at += 1;
        }
        false
    }

    /// A name of letters, digits and underscores.
    pub fn name(&mut self) -> &'t str {
        let rest = self.rest();
        let end = rest
            .bytes()
            .position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'_'))
            .unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// After `${`.
    fn braced(&mut self, word: &mut Builder, quoted: bool) {
        let inner = self.until_closing(b'{', b'}');
        if self.depth >= DEEPEST {
            word.text(inner, quoted);
            return;
        }
        let mut reader = Self {
            text: inner,
            at: 0,
            depth: self.depth + 1,
        };
        let length = reader.peek() == Some(b'#')
            && inner.len() > 1
            && !matches!(reader.peek_at(1), Some(b'}' | b'#' | b'%'));
        let indirect = reader.peek() == Some(b'!') && inner.len() > 1;
        reader.at += usize::from(length || indirect);
        let name = reader.parameter_name();
        let operation = match (length, indirect) {
            (true, _) => Operation::Length,
            (_, true) => Operation::Indirect,
            _ => reader.operation(),
        };
        word.part(Part::Parameter {
            name,
            operation,
            quoted,
        });
    }

    fn parameter_name(&mut self) -> String {
        let mut name = self.name().to_owned();
        if name.is_empty()
            && let Some(c) = self.take_char()
        {
            name.push(c);
        }
        if self.peek() == Some(b'[') {
            self.at += 1;
            let index = self.until_closing(b'[', b']');
            name = format!("{name}[{index}]");
        }
        name
    }

    fn operation(&mut self) -> Operation {
        let colon =
            self.peek() == Some(b':') && matches!(self.peek_at(1), Some(b'-' | b'=' | b'+' | b'?'));
        self.at += usize::from(colon);
        match self.peek() {
            None => Operation::Plain,
            Some(b'-' | b'?') => {
                self.at += 1;
                Operation::Default(self.remaining_word(), false)
            }
            Some(b'=') => {
                self.at += 1;
                Operation::Default(self.remaining_word(), true)
            }
            Some(b'+') => {
                self.at += 1;
                Operation::Alternative(self.remaining_word())
            }
            Some(mark @ (b'#' | b'%')) => {
                self.at += 1;
                let longest = self.peek() == Some(mark);
                self.at += usize::from(longest);
                Operation::Trim {
                    pattern: self.remaining_word(),
                    suffix: mark == b'%',
                    longest,
                }
            }
            Some(b'/') => self.replacement(),
            Some(b':') => {
                self.at += 1;
                let (offset, length) = match self.rest().split_once(':') {
                    Some((offset, length)) => (offset, Some(length.to_owned())),
                    None => (self.rest(), None),
                };
                Operation::Slice(offset.to_owned(), length)
            }
            Some(mark @ (b'^' | b',')) => {
                Operation::Case(mark == b'^', self.peek_at(1) == Some(mark))
            }
            Some(_) => Operation::Transform,
        }
    }

    fn replacement(&mut self) -> Operation {
        self.at += 1;
        let all = self.peek() == Some(b'/');
        self.at += usize::from(all || matches!(self.peek(), Some(b'#' | b'%')));
        let mut pattern = Builder::default();
        while let Some(byte) = self.peek() {
            if byte == b'/' {
                self.at += 1;
                break;
            }
            self.replacement_piece(&mut pattern);
        }
        Operation::Replace {
            pattern: pattern.done(),
            with: self.remaining_word(),
            all,
        }
    }

    /// A piece of a pattern, which ends at a slash.
    fn replacement_piece(&mut self, word: &mut Builder) {
        match self.peek() {
            Some(b'\\' | b'\'' | b'"' | b'$' | b'`') => self.piece(word, false),
            _ => {
                if let Some(c) = self.take_char() {
                    word.text(c.encode_utf8(&mut [0; 4]), false);
                }
            }
        }
    }

    /// Everything that is left as one word.
    fn remaining_word(&mut self) -> Word {
        let mut word = Builder::default();
        while self.peek().is_some() {
            self.replacement_piece(&mut word);
        }
        word.done()
    }

    /// The text up to the closing mark that belongs to an opening one already taken; quotes,
    /// escapes and nested marks are stepped over. The closing mark is taken.
    pub fn until_closing(&mut self, open: u8, close: u8) -> &'t str {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut depth = 0_usize;
        while let Some(&byte) = bytes.get(self.at) {
            match byte {
                b'\\' => self.at += 1,
                b'\'' if open == b'(' || open == b'{' => self.step_over_quote(b'\''),
                b'"' | b'`' => self.step_over_quote(byte),
                b'#' if open == b'('
                    && self.at > start
                    && bytes
                        .get(self.at - 1)
                        .is_some_and(|b| b.is_ascii_whitespace()) =>
                {
                    self.at = memchr::memchr(b'\n', &bytes[self.at..])
                        .map_or(bytes.len(), |end| self.at + end);
                    continue;
                }
                _ if byte == open => depth += 1,
                _ if byte == close && depth == 0 => {
                    let inner = self.text.get(start..self.at).unwrap_or_default();
                    self.at += 1;
                    return inner;
                }
                _ if byte == close => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.text.len();
        self.text.get(start..).unwrap_or_default()
    }

    /// From an opening quote to its closing one, which becomes the current byte.
    fn step_over_quote(&mut self, quote: u8) {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'\\' if quote != b'\'' => at += 1,
                _ if byte == quote => break,
                _ => {}
            }
            at += 1;
        }
        // An unclosed quote is no quote: an apostrophe in a comment or a here-document.
        if at < bytes.len() {
            self.at = at;
        }
    }

    fn backquoted(&mut self) -> String {
        let mut text = String::new();
        while let Some(c) = self.take_char() {
            match c {
                '`' => break,
                '\\' if matches!(self.peek(), Some(b'`' | b'\\' | b'$')) => {
                    text.extend(self.take_char())
                }
                c => text.push(c),
            }
        }
        text
    }

    /// After `$'`.
    fn ansi_c(&mut self) -> String {
        let mut raw = String::new();
        while let Some(c) = self.take_char() {
            match c {
                '\'' => break,
                '\\' => {
                    raw.push('\\');
                    raw.extend(self.take_char());
                }
                c => raw.push(c),
            }
        }
        super::expand::unescape(&raw)
    }
}

/// Whether a parenthesis after this word belongs to a pattern such as `!(x)`.
fn extended_glob(word: &Builder) -> bool {
    match word.parts.last() {
        Some(Part::Text {
            text,
            quoted: false,
        }) => text.ends_with(['?', '*', '+', '@', '!']) && text.len() > 1,
        _ => false,
    }
}

/// Joins parts.
#[derive(Default)]
struct Builder {
    parts: Word,
}

impl Builder {
    fn text(&mut self, more: &str, is_quoted: bool) {
        match self.parts.last_mut() {
            Some(Part::Text { text, quoted }) if *quoted == is_quoted => text.push_str(more),
            _ => self.parts.push(Part::Text {
                text: more.to_owned(),
                quoted: is_quoted,
            }),
        }
    }

    fn part(&mut self, part: Part) {
        self.parts.push(part);
    }

    fn done(self) -> Word {
        self.parts
    }
}
