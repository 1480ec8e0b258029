//! Variables of Perl: their marks, subscripts that belong to these, and dereferences.
//!
//! Source: perldata, perlref.

use std::rc::Rc;

use super::lists::{flat, scalar};
use super::parse::{Parser, call, nothing};
use super::terms::called;
use crate::language::script::syntax::{Argument, Expression, StatementKind, Trailer};

impl<'t> Parser<'t> {
    /// `$x`, `@x`, `%x`, `&x`, with subscripts that belong to the mark, and dereferences.
    pub fn variable(&mut self) -> Expression {
        let mark = self.cursor.peek();
        self.cursor.skip(1);
        if mark == b'$'
            && self.cursor.peek() == b'#'
            && matches!(self.cursor.ahead(1), b'{' | b'$' | b'_' | b'a'..=b'z' | b'A'..=b'Z')
        {
            self.cursor.skip(1);
            let list = match self.cursor.peek() {
                b'{' | b'$' => self.referenced(),
                _ => {
                    let name = self.cursor.word().unwrap_or_default().to_owned();
                    self.named(&format!("@{name}"))
                }
            };
            return call("#last()", vec![list]);
        }
        if mark == b'%'
            && !(self.cursor.peek().is_ascii_alphabetic()
                || matches!(self.cursor.peek(), b'_' | b'{' | b'$' | b'+' | b'-' | b':'))
        {
            return nothing();
        }
        match self.cursor.peek() {
            b'$' if mark != b'$' || self.dereferences() => return self.dereferenced(mark),
            b'{' => {
                // `${name}` is `$name`.
                let at = self.cursor.at;
                self.cursor.skip(1);
                self.cursor.blanks();
                self.cursor.take("^");
                if let Some(name) = self.cursor.word() {
                    self.cursor.blanks();
                    if self.cursor.take("}") {
                        return self.subscripted(mark, name);
                    }
                }
                self.cursor.at = at;
                return self.dereferenced(mark);
            }
            _ => {}
        }
        let name = match self.cursor.word() {
            Some(name) => name,
            None => {
                // One sign, or digits.
                let from = self.cursor.at;
                self.cursor.take("^");
                self.cursor.skip(1);
                while self.cursor.behind().is_ascii_digit() && self.cursor.peek().is_ascii_digit() {
                    self.cursor.skip(1);
                }
                self.cursor
                    .text
                    .get(from..self.cursor.at)
                    .unwrap_or_default()
            }
        };
        self.subscripted(mark, name)
    }

    /// Whether a second `$` begins what is dereferenced, and is not the variable `$$`.
    fn dereferences(&self) -> bool {
        let after = self.cursor.ahead(1);
        after.is_ascii_alphabetic() || matches!(after, b'_' | b'{' | b'$' | b':')
    }

    /// A variable by its mark and name: `$x[0]` is an item of `@x`.
    fn subscripted(&mut self, mark: u8, name: &str) -> Expression {
        let name = name
            .strip_prefix("main::")
            .or_else(|| name.strip_prefix("::"))
            .unwrap_or(name)
            .to_owned();
        let blank = self.cursor.at;
        if mark != b'$' {
            self.cursor.blanks();
        }
        let (next, is_space) = (self.cursor.peek(), blank != self.cursor.at);
        match (mark, next) {
            (b'$', b'[') if name != "$" => {
                let list = self.named(&format!("@{name}"));
                let index = self.subscript(b']');
                Expression::Postfix(Box::new(list), vec![Trailer::Index(Box::new(index))])
            }
            (b'$', b'{') if name != "$" => {
                let hash = self.named(&format!("%{name}"));
                let key = self.key();
                Expression::Postfix(Box::new(hash), vec![Trailer::Index(Box::new(key))])
            }
            (b'@', b'[') if !is_space => {
                let list = self.named(&format!("@{name}"));
                self.sliced(list, b']')
            }
            (b'@', b'{') if !is_space => {
                let hash = self.named(&format!("%{name}"));
                self.sliced(hash, b'}')
            }
            (b'&', _) => {
                self.cursor.at = blank;
                let plain = name.rsplit("::").next().unwrap_or(&name).to_owned();
                let function = self.named(&format!("{plain}()"));
                self.cursor.blanks();
                let arguments = match self.cursor.peek() {
                    b'(' => self.parenthesized(),
                    // The caller's own.
                    _ => {
                        self.cursor.at = blank;
                        vec![Argument::Rest(self.named("@_"))]
                    }
                };
                Expression::Postfix(Box::new(function), vec![Trailer::Call(arguments)])
            }
            _ => {
                self.cursor.at = blank;
                let mark = char::from(mark);
                self.named(&format!("{mark}{name}"))
            }
        }
    }

    fn sliced(&mut self, from: Expression, close: u8) -> Expression {
        self.cursor.skip(1);
        let picked = self.expression();
        self.close(close);
        call("#slice()", vec![from, flat(picked)])
    }

    /// What stands behind a mark that dereferences: `{…}` or `$name`.
    pub fn referenced(&mut self) -> Expression {
        if self.cursor.peek() == b'{' {
            let from = self.cursor.at;
            let mut block = self.block();
            return match (block.pop(), block.is_empty()) {
                (Some(last), true) => match last.kind {
                    StatementKind::Expression(expression) => scalar(expression),
                    kind => Expression::Block(vec![self.at(from, kind)]),
                },
                (Some(last), false) => {
                    block.push(last);
                    Expression::Block(block)
                }
                (None, _) => nothing(),
            };
        }
        self.cursor.skip(1);
        match self.cursor.peek() {
            b'$' => self
                .deeper(|this| call("#dereference()", vec![this.referenced()]))
                .unwrap_or_else(nothing),
            b'{' => self
                .deeper(|this| call("#dereference()", vec![this.referenced()]))
                .unwrap_or_else(nothing),
            _ => {
                let name = self.cursor.word().unwrap_or_default().to_owned();
                self.named(&format!("${name}"))
            }
        }
    }

    fn dereferenced(&mut self, mark: u8) -> Expression {
        let inner = self.referenced();
        match (mark, self.cursor.peek()) {
            (b'$', b'[') => {
                let index = self.subscript(b']');
                Expression::Postfix(Box::new(inner), vec![Trailer::Index(Box::new(index))])
            }
            (b'$', b'{') => {
                let key = self.key();
                Expression::Postfix(Box::new(inner), vec![Trailer::Index(Box::new(key))])
            }
            (b'@', b'[') => self.sliced(inner, b']'),
            (b'@', b'{') => self.sliced(inner, b'}'),
            (b'@', _) => call("#array()", vec![inner]),
            (b'%', _) => call("#hash()", vec![inner]),
            (b'&', _) => {
                self.cursor.blanks();
                let arguments = match self.cursor.peek() {
                    b'(' => self.parenthesized(),
                    _ => vec![Argument::Rest(self.named("@_"))],
                };
                called("#call()", inner, arguments)
            }
            _ => call("#dereference()", vec![inner]),
        }
    }

    /// `*name`, `*{"name"}`: what it is assigned is that function or variable.
    pub fn glob(&mut self) -> Expression {
        self.cursor.skip(1);
        if self.cursor.peek() == b'{' {
            let name = self.referenced();
            return Expression::Postfix(
                Box::new(call("#globs()", Vec::new())),
                vec![Trailer::Index(Box::new(name))],
            );
        }
        let name = self.cursor.word().unwrap_or_default();
        let name = name.rsplit("::").next().unwrap_or(name).to_owned();
        let plain = Expression::Text(Rc::from(name));
        Expression::Postfix(
            Box::new(call("#globs()", Vec::new())),
            vec![Trailer::Index(Box::new(plain))],
        )
    }
}
