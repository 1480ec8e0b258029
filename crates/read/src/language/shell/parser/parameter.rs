//! `${…}`: parameter expansion with its operators (XCU 2.6.2, bash manual 3.5.3).

use std::rc::Rc;

use super::super::ast::{Operator, Parameter, Part, Word};
use super::Parser;
use super::word::Context;

impl<'a> Parser<'a> {
    /// The expansion that starts here with `${`.
    pub(super) fn parameter(&mut self, quoted: bool) -> Option<Part<'a>> {
        if !self.enter() {
            return None;
        }
        self.at += 2;
        self.flags();
        let parameter = self.inside(quoted);
        self.leave();
        self.close();
        Some(Part::Parameter(Rc::new(parameter)))
    }

    /// Passes the flags of zsh, `${(U)x}`.
    fn flags(&mut self) {
        /// Longest flags that are looked for.
        const BYTES: usize = 32;
        if self.peek() == Some(b'(')
            && let Some(end) = self
                .rest()
                .bytes()
                .take(BYTES)
                .position(|byte| byte == b')')
        {
            self.at += end + 1;
        }
    }

    /// Passes up to the closing brace: what stands before it was not understood.
    fn close(&mut self) {
        let end = memchr::memchr2(b'}', b'\n', self.rest().as_bytes());
        self.at = end.map_or(self.text.len(), |end| self.at + end);
        self.take("}");
    }

    fn inside(&mut self, quoted: bool) -> Parameter<'a> {
        let mut indirect = false;
        let mut length = false;
        match (self.peek(), self.peek_at(1)) {
            (Some(b'#'), Some(next)) if next != b'}' && !b":%=+/".contains(&next) => {
                // `${#-x}` and `${#?x}` have operators, `${#-}` and `${#?}` a length.
                length = !b"-?#".contains(&next) || self.peek_at(2) == Some(b'}');
                self.at += usize::from(length);
            }
            (Some(b'!'), Some(next)) if next != b'}' && !b":%=+/-?".contains(&next) => {
                indirect = true;
                self.at += 1;
            }
            _ => {}
        }
        let name = self.parameter_name();
        let index = if self.peek() == Some(b'[') {
            self.bracketed()
        } else {
            None
        };
        let operator = if length {
            Operator::Length
        } else {
            self.operator(indirect, quoted)
        };
        Parameter {
            name,
            index,
            indirect,
            operator,
        }
    }

    fn parameter_name(&mut self) -> &'a str {
        let start = self.at;
        match self.peek() {
            Some(byte) if byte.is_ascii_digit() => {
                self.at += self.rest().bytes().take_while(u8::is_ascii_digit).count();
            }
            Some(byte) if b"@*#?-$!".contains(&byte) => self.at += 1,
            _ => {
                self.at += self
                    .rest()
                    .bytes()
                    .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
                    .count();
            }
        }
        self.slice(start, self.at)
    }

    fn operator(&mut self, indirect: bool, quoted: bool) -> Operator<'a> {
        let Some(byte) = self.peek() else {
            return Operator::None;
        };
        let next = self.peek_at(1);
        match byte {
            b':' if matches!(next, Some(b'-' | b'=' | b'+' | b'?')) => {
                self.at += 2;
                Operator::Default(next.unwrap_or(b'-'), true, self.operand(false, quoted))
            }
            b':' => {
                self.at += 1;
                let offset = self.expression_text();
                let length = self.take(":").then(|| self.expression_text());
                Operator::Slice(offset, length)
            }
            b'-' | b'=' | b'+' | b'?' => {
                self.at += 1;
                Operator::Default(byte, false, self.operand(false, quoted))
            }
            b'#' | b'%' => {
                let longest = next == Some(byte);
                self.at += 1 + usize::from(longest);
                let pattern = self.operand(false, false);
                Operator::Trim {
                    suffix: byte == b'%',
                    longest,
                    pattern,
                }
            }
            b'/' => self.replace(next),
            b'^' | b',' | b'~' => {
                let all = next == Some(byte);
                self.at += 1 + usize::from(all);
                Operator::Case(byte, all)
            }
            b'@' | b'*' if indirect => {
                self.at += 1;
                Operator::Names
            }
            b'@' => {
                self.at += 1;
                Operator::Transform(next.unwrap_or(b'Q'))
            }
            _ => Operator::None,
        }
    }

    fn replace(&mut self, next: Option<u8>) -> Operator<'a> {
        self.at += 1;
        let mode = match next {
            Some(byte @ (b'/' | b'#' | b'%')) => {
                self.at += 1;
                byte
            }
            _ => b'1',
        };
        let pattern = self.operand(true, false);
        let with = if self.take("/") {
            self.operand(false, false)
        } else {
            Word::default()
        };
        Operator::Replace(mode, pattern, with)
    }

    fn operand(&mut self, slash: bool, quoted: bool) -> Word<'a> {
        let start = self.at;
        let parts = self.parts(Context::Braced { slash, quoted });
        Word {
            source: self.slice(start, self.at),
            parts,
        }
    }

    /// The text of an arithmetic expression up to `:` or the brace.
    fn expression_text(&mut self) -> &'a str {
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'{' | b'(' | b'[' => depth += 1,
                b'}' | b':' if depth == 0 => break,
                b'}' | b')' | b']' => depth = depth.saturating_sub(1),
                b'\n' => break,
                _ => {}
            }
            self.pass_character();
        }
        self.slice(start, self.at)
    }
}
