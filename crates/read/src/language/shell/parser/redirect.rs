//! Redirections (XCU 2.7), here-documents included.

use std::cell::OnceCell;
use std::rc::Rc;

use super::super::ast::{Descriptor, Operation, Part, Redirect, Word};
use super::{Parser, Pending, is_name};

impl<'a> Parser<'a> {
    /// A redirection, if one starts here.
    pub(super) fn redirect(&mut self) -> Option<Redirect<'a>> {
        let descriptor = match self.peek()? {
            b'<' | b'>' => {
                if self.peek_at(1) == Some(b'(') {
                    return None;
                }
                Descriptor::Default
            }
            b'0'..=b'9' => self.number()?,
            b'{' => self.variable()?,
            b'&' if self.peek_at(1) == Some(b'>') => {
                self.at += 2;
                let append = self.take(">");
                return Some(Redirect {
                    descriptor: Descriptor::Default,
                    operation: Operation::Both(self.target(), append),
                });
            }
            _ => return None,
        };
        let operation = self.operation();
        Some(Redirect {
            descriptor,
            operation,
        })
    }

    fn number(&mut self) -> Option<Descriptor<'a>> {
        let digits = self
            .rest()
            .bytes()
            .take(10)
            .take_while(u8::is_ascii_digit)
            .count();
        if !matches!(self.peek_at(digits), Some(b'<' | b'>')) {
            return None;
        }
        let number = self.slice(self.at, self.at + digits).parse().ok()?;
        self.at += digits;
        Some(Descriptor::Number(number))
    }

    fn variable(&mut self) -> Option<Descriptor<'a>> {
        /// Longest name that is looked for.
        const NAME_BYTES: usize = 64;
        let inside = self.rest().get(1..)?;
        let end = inside
            .bytes()
            .take(NAME_BYTES)
            .position(|byte| byte == b'}')?;
        let name = inside.get(..end)?;
        if !is_name(name) || !matches!(self.peek_at(end + 2), Some(b'<' | b'>')) {
            return None;
        }
        self.at += end + 2;
        Some(Descriptor::Variable(name))
    }

    fn operation(&mut self) -> Operation<'a> {
        if self.take("<<<") {
            Operation::Text(self.target())
        } else if self.take("<<") {
            let strips_tabs = self.take("-");
            self.announce(strips_tabs)
        } else if self.take("<>") {
            Operation::ReadWrite(self.target())
        } else if self.take("<&") {
            Operation::Duplicate(self.target(), false)
        } else if self.take("<") {
            Operation::Read(self.target())
        } else if self.take(">>") {
            self.take("&");
            Operation::Append(self.target())
        } else if self.take(">&") {
            Operation::Duplicate(self.target(), true)
        } else {
            if !self.take(">|") && !self.take(">!") {
                self.at += 1;
            }
            Operation::Write(self.target())
        }
    }

    fn target(&mut self) -> Word<'a> {
        self.blanks();
        self.word()
    }

    fn announce(&mut self, strips_tabs: bool) -> Operation<'a> {
        let word = self.target();
        let (delimiter, quoted) = unquote(&word);
        let document = Rc::new(OnceCell::new());
        self.pending.push(Pending {
            document: Rc::clone(&document),
            delimiter,
            expands: !quoted,
            strips_tabs,
        });
        Operation::Document(document)
    }
}

/// A delimiter without its quotes, and whether it had any. Expansions in it are not done.
fn unquote(word: &Word) -> (String, bool) {
    if word.is_plain() {
        return (word.source.to_owned(), false);
    }
    let mut text = String::new();
    let mut quoted = false;
    let mut add = |part: &Part| match part {
        Part::Literal(literal) => text.push_str(literal),
        Part::Quoted(literal) | Part::Escaped(literal) => {
            text.push_str(literal);
            quoted = true;
        }
        _ => {}
    };
    for part in &word.parts {
        match part {
            Part::Double(inside) => {
                inside.iter().for_each(&mut add);
                add(&Part::Quoted(""));
            }
            Part::Parameter(_) | Part::Command(_) => return (word.source.to_owned(), false),
            other => add(other),
        }
    }
    (text, quoted)
}
