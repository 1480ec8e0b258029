//! An error-tolerant parser of shell text, in one pass over its bytes.
//!
//! Grammar: POSIX.1-2024 XCU 2.3 (token recognition), 2.10 (grammar); the extensions are those of
//! the bash reference manual. What no shell would accept is read as what comes closest: a missing
//! terminator ends at the end of the text, a stray one is passed over.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use super::ast::{AndOr, Body, Document, Part};

mod command;
mod compound;
mod parameter;
mod redirect;
mod word;

pub use word::placeholder_length;

/// Deepest nesting of commands and expansions inside one another. Real scripts stay below 20; the
/// parser and the interpreter both recurse by it.
pub const NESTING: usize = 48;

/// Words that may end a list, as a set of bits.
type Stops = u8;
const PARENTHESIS: Stops = 1;
const BRACE: Stops = 2;
const THEN: Stops = 4;
const ELSE: Stops = 8;
const DO: Stops = 16;
const DONE: Stops = 32;
const ARM: Stops = 64;

/// Which list the reserved word at a command's start ends.
fn stop_of(word: &str) -> Stops {
    match word {
        "}" => BRACE,
        "then" => THEN,
        "elif" | "else" | "fi" => ELSE,
        "do" => DO,
        "done" => DONE,
        "esac" => ARM,
        _ => 0,
    }
}

/// A here-document whose lines come after the current line.
struct Pending<'a> {
    document: Rc<OnceCell<Document<'a>>>,
    delimiter: String,
    expands: bool,
    strips_tabs: bool,
}

/// The parser of one text.
pub struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// Line of the byte at `counted`.
    line: u32,
    counted: usize,
    depth: usize,
    deepest: usize,
    pending: Vec<Pending<'a>>,
    /// A line's end and the end of the here-documents behind it, if these were read already.
    jump: Option<(usize, usize)>,
    expected: Vec<Stops>,
    /// Whether `{NAME}` and the like stand for unknown values: so in evaluated texts.
    placeholders: bool,
    /// Whether something was nested deeper than is followed.
    too_deep: bool,
    /// Whether an arithmetic expansion was seen that never ends: then no other one does.
    unclosed: bool,
}

impl<'a> Parser<'a> {
    /// A parser of `text`, whose first line is numbered `line`, that nests no deeper than
    /// `deepest`.
    pub fn new(text: &'a str, line: u32, deepest: usize, placeholders: bool) -> Self {
        Self {
            text,
            at: 0,
            line,
            counted: 0,
            depth: 0,
            deepest: deepest.min(NESTING),
            pending: Vec::new(),
            jump: None,
            expected: Vec::new(),
            placeholders,
            too_deep: false,
            unclosed: false,
        }
    }

    /// The next command of the text; `None` at its end.
    pub fn next_command(&mut self) -> Option<AndOr<'a>> {
        loop {
            self.separators();
            if self.rest().is_empty() {
                self.documents();
                return None;
            }
            let before = self.at;
            if self.stop().is_some() {
                self.pass_stray();
                continue;
            }
            let item = self.and_or();
            if self.at == before {
                self.pass_character();
            }
            // The lines of a here-document come before the command that reads them is run.
            self.documents_ahead();
            if item.is_some() {
                return item;
            }
        }
    }

    /// The whole text as the inside of double quotes or of a here-document.
    pub fn quoted_text(mut self) -> (Vec<Part<'a>>, bool) {
        let parts = self.parts(word::Context::Document);
        (parts, self.too_deep)
    }

    /// Whether something was nested deeper than is followed.
    pub const fn is_too_deep(&self) -> bool {
        self.too_deep
    }

    // ---- place ----

    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes().get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.bytes().get(self.at + ahead).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn starts_with(&self, prefix: &str) -> bool {
        self.rest().as_bytes().starts_with(prefix.as_bytes())
    }

    /// Takes `prefix` if it comes next.
    fn take(&mut self, prefix: &str) -> bool {
        let comes = self.starts_with(prefix);
        if comes {
            self.at += prefix.len();
        }
        comes
    }

    fn pass_character(&mut self) {
        self.at += self.rest().chars().next().map_or(0, char::len_utf8);
    }

    /// The line of the current place.
    fn here(&mut self) -> u32 {
        if let Some(passed) = self.bytes().get(self.counted..self.at) {
            let lines = memchr::memchr_iter(b'\n', passed).count();
            self.line = self
                .line
                .saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
            self.counted = self.at;
        }
        self.line
    }

    /// Goes one level deeper unless that is too deep.
    fn enter(&mut self) -> bool {
        if self.depth >= self.deepest {
            self.too_deep = true;
            return false;
        }
        self.depth += 1;
        true
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    // ---- between words ----

    /// Passes blanks and continued lines.
    fn blanks(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' => self.at += 1,
                b'\r' if matches!(self.peek_at(1), Some(b'\n') | None) => self.at += 1,
                b'\\' if self.peek_at(1) == Some(b'\n') => self.at += 2,
                b'\\' if self.starts_with("\\\r\n") => self.at += 3,
                _ => break,
            }
        }
    }

    fn comment(&mut self) {
        let end = memchr::memchr(b'\n', self.rest().as_bytes());
        self.at = end.map_or(self.text.len(), |end| self.at + end);
    }

    /// Passes a line's end and the here-documents after it.
    fn newline(&mut self) {
        self.at = match self.jump {
            Some((from, to)) if from == self.at => to,
            _ => self.at + 1,
        };
        self.documents();
    }

    /// Passes blanks, comments and line ends.
    fn linebreaks(&mut self) {
        loop {
            self.blanks();
            match self.peek() {
                Some(b'\n') => self.newline(),
                Some(b'#') => self.comment(),
                _ => break,
            }
        }
    }

    /// Passes all that may stand between two commands.
    fn separators(&mut self) {
        loop {
            self.linebreaks();
            match self.peek() {
                Some(b';') if self.at_arm_end() => break,
                Some(b';') => self.at += 1,
                Some(b'&') if self.peek_at(1) != Some(b'>') => self.at += 1,
                _ => break,
            }
        }
    }

    /// Reads the here-documents announced so far, though their line may go on: the command that
    /// reads them is run before the rest of the line is parsed.
    fn documents_ahead(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let line = memchr::memchr(b'\n', self.rest().as_bytes())
            .map_or(self.text.len(), |end| self.at + end);
        let resume = self.at;
        self.at = match self.jump {
            Some((from, to)) if from == line => to,
            _ => (line + 1).min(self.text.len()),
        };
        self.documents();
        self.jump = Some((line, self.at));
        self.at = resume;
    }

    fn at_arm_end(&self) -> bool {
        matches!(self.peek_at(1), Some(b';' | b'&')) && self.expects(ARM)
    }

    fn expects(&self, stop: Stops) -> bool {
        self.expected.iter().any(|stops| stops & stop != 0)
    }

    // ---- lists ----

    /// The reserved word that comes next: letters or braces up to a delimiter.
    fn reserved(&self) -> &'a str {
        let bytes = self.rest().as_bytes();
        let length = bytes
            .iter()
            .take(9)
            .take_while(|byte| byte.is_ascii_lowercase() || b"{}[]!".contains(byte))
            .count();
        let ends = bytes.get(length).is_none_or(|byte| is_delimiter(*byte));
        if ends {
            self.slice(self.at, self.at + length)
        } else {
            ""
        }
    }

    /// What ends the current list here, if anything: `Some(true)` if some list waits for it.
    fn stop(&self) -> Option<bool> {
        match self.peek() {
            None => Some(true),
            Some(b')') => Some(self.expects(PARENTHESIS)),
            Some(b';') => Some(self.expects(ARM)),
            _ => match stop_of(self.reserved()) {
                0 => None,
                stop => Some(self.expects(stop)),
            },
        }
    }

    fn pass_stray(&mut self) {
        let stray = self.reserved().len();
        if stray > 0 {
            self.at += stray;
        } else {
            self.pass_character();
        }
    }

    /// Commands up to one of `stops`, which is left standing.
    fn list(&mut self, stops: Stops) -> Rc<Body<'a>> {
        self.expected.push(stops);
        let mut items = Vec::new();
        loop {
            self.separators();
            match self.stop() {
                Some(true) => break,
                Some(false) => {
                    self.pass_stray();
                    continue;
                }
                None => {}
            }
            let before = self.at;
            items.extend(self.and_or());
            if self.at == before {
                self.pass_character();
            }
        }
        self.expected.pop();
        Rc::new(Body {
            items,
            visited: Cell::new(false),
        })
    }

    // ---- here-documents ----

    /// Reads the lines of the here-documents announced on the line that just ended.
    fn documents(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            let line = self.here();
            let start = self.at;
            let end = self.pass_document(&pending);
            let document = Document {
                body: self.slice(start, end),
                line,
                expands: pending.expands,
                strips_tabs: pending.strips_tabs,
            };
            // Set once: every document is announced once.
            let _ = pending.document.set(document);
        }
    }

    /// Passes the lines of a here-document and returns where they end.
    fn pass_document(&mut self, pending: &Pending) -> usize {
        while self.at < self.text.len() {
            let start = self.at;
            let rest = self.rest();
            let length = memchr::memchr(b'\n', rest.as_bytes());
            let line = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
            self.at = length.map_or(self.text.len(), |length| start + length + 1);
            let line = line.strip_suffix('\r').unwrap_or(line);
            let line = if pending.strips_tabs {
                line.trim_start_matches('\t')
            } else {
                line
            };
            if line == pending.delimiter {
                return start;
            }
        }
        self.text.len()
    }
}

/// Whether a byte ends a word outside quotes.
const fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>'
    )
}

/// Whether `text` is a name (XBD 3.216).
pub fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|first| first == b'_' || first.is_ascii_alphabetic())
        && bytes.all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}
