//! Terms of Perl: variables, literals, calls, and what stands behind them.
//!
//! Source: perldata, perlref, perlfunc, perlop.

use std::rc::Rc;

use super::expressions::{UNARY, same};
use super::lists::{flat, returned, scalar};
use super::parse::{Parser, argument, call, nothing};
use crate::language::script::literal::{self, Integer};
use crate::language::script::syntax::{Argument, Expression, StatementKind, Trailer};

impl<'t> Parser<'t> {
    /// A term with subscripts, arrows and calls behind it.
    pub fn postfix(&mut self) -> Expression {
        let term = self.deeper(Self::term).unwrap_or_else(nothing);
        self.trailers(term)
    }

    fn trailers(&mut self, term: Expression) -> Expression {
        let (mut base, mut trailers) = match term {
            Expression::Postfix(base, trailers) => (base, trailers),
            other => (Box::new(other), Vec::new()),
        };
        // Behind the first subscript, the arrow may be left out.
        let mut subscripted = matches!(trailers.last(), Some(Trailer::Index(_)));
        loop {
            let before = self.cursor.at;
            self.cursor.blanks();
            let arrow = self.cursor.rest().starts_with("->");
            if arrow {
                self.cursor.skip(2);
                self.cursor.blanks();
            }
            match self.cursor.peek() {
                b'[' if arrow || subscripted => {
                    let index = self.subscript(b']');
                    trailers.push(Trailer::Index(Box::new(index)));
                    subscripted = true;
                }
                b'{' if arrow || subscripted => {
                    let key = self.key();
                    trailers.push(Trailer::Index(Box::new(key)));
                    subscripted = true;
                }
                b'(' if arrow || subscripted => {
                    let whole = whole(base, std::mem::take(&mut trailers));
                    let arguments = self.parenthesized();
                    base = Box::new(called("#call()", whole, arguments));
                    subscripted = true;
                }
                b'@' | b'%' if arrow => {
                    let function = if self.cursor.peek() == b'@' {
                        "#array()"
                    } else {
                        "#hash()"
                    };
                    self.cursor.skip(1);
                    self.cursor.take("*");
                    let whole = whole(base, std::mem::take(&mut trailers));
                    base = Box::new(call(function, vec![whole]));
                }
                b'$' if arrow => {
                    self.cursor.skip(1);
                    if self.cursor.take("*") {
                        let whole = whole(base, std::mem::take(&mut trailers));
                        base = Box::new(call("#dereference()", vec![whole]));
                        continue;
                    }
                    self.cursor.at -= 1;
                    let method = self.variable();
                    let whole = whole(base, std::mem::take(&mut trailers));
                    let mut arguments = vec![Argument::Plain(method)];
                    arguments.extend(self.optional_arguments());
                    base = Box::new(called("#method()", whole, arguments));
                    subscripted = true;
                }
                _ if arrow => {
                    let Some(name) = self.cursor.word() else {
                        break;
                    };
                    let plain = name.rsplit("::").next().unwrap_or(name);
                    let name = self.intern(format!("{plain}()"));
                    let arguments = self.optional_arguments();
                    let reads = matches!(plain, "recv" | "read" | "sysread");
                    let target = match arguments.first() {
                        Some(Argument::Plain(target)) if reads => same(target),
                        _ => None,
                    };
                    trailers.push(Trailer::Attribute(name));
                    trailers.push(Trailer::Call(arguments));
                    if let Some(target) = target {
                        let value = whole(base, std::mem::take(&mut trailers));
                        base = Box::new(Expression::Assign(Box::new(target), Box::new(value)));
                    }
                    subscripted = true;
                }
                _ => {
                    self.cursor.at = before;
                    break;
                }
            }
        }
        whole(base, trailers)
    }

    /// Arguments in parentheses, if they follow at once.
    pub fn optional_arguments(&mut self) -> Vec<Argument> {
        let at = self.cursor.at;
        self.cursor.blanks();
        match self.cursor.peek() {
            b'(' => self.parenthesized(),
            _ => {
                self.cursor.at = at;
                Vec::new()
            }
        }
    }

    /// `[…]`: an index.
    pub fn subscript(&mut self, close: u8) -> Expression {
        self.cursor.skip(1);
        self.cursor.blanks();
        let index = self.expression();
        self.close(close);
        scalar(index)
    }

    /// `{…}`: a key; a bare word is a text.
    pub fn key(&mut self) -> Expression {
        self.cursor.skip(1);
        self.cursor.blanks();
        let at = self.cursor.at;
        self.cursor.take("-");
        if let Some(word) = self.cursor.word() {
            self.cursor.blanks();
            if self.cursor.take("}") {
                let sign = if self
                    .cursor
                    .text
                    .get(at..)
                    .is_some_and(|rest| rest.starts_with('-'))
                {
                    "-"
                } else {
                    ""
                };
                return Expression::Text(Rc::from(format!("{sign}{word}")));
            }
        }
        self.cursor.at = at;
        let key = self.expression();
        self.close(b'}');
        scalar(key)
    }

    /// `(…)`: arguments.
    pub fn parenthesized(&mut self) -> Vec<Argument> {
        self.cursor.skip(1);
        self.cursor.blanks();
        if self.cursor.take(")") {
            return Vec::new();
        }
        let list = self.expression();
        self.close(b')');
        arguments_of(list)
    }

    fn term(&mut self) -> Expression {
        self.cursor.blanks();
        let next = self.cursor.ahead(1);
        match self.cursor.peek() {
            b'$' | b'@' | b'%' | b'&' => self.variable(),
            b'*' => self.glob(),
            b'(' => self.group(),
            b'[' => {
                self.cursor.skip(1);
                self.cursor.blanks();
                let items = match self.cursor.peek() {
                    b']' => Expression::Tuple(Vec::new()),
                    _ => self.expression(),
                };
                self.close(b']');
                call("#new_list()", vec![flat(items)])
            }
            b'{' => {
                self.cursor.skip(1);
                self.cursor.blanks();
                let items = match self.cursor.peek() {
                    b'}' => Expression::Tuple(Vec::new()),
                    _ => self.expression(),
                };
                self.close(b'}');
                call("#new_hash()", vec![flat(items)])
            }
            b'"' | b'\'' | b'`' => self.quote(),
            b'/' => self.pattern(),
            b'?' => nothing(),
            b'<' if next == b'<' && self.begins_document() => self.document(),
            b'<' => self.angle(),
            b'0'..=b'9' => self.number(),
            b'.' if next.is_ascii_digit() => self.number(),
            b'-' => {
                self.cursor.skip(1);
                call("#negative()", vec![self.binary(14)])
            }
            _ => self.word_term(),
        }
    }

    /// `(…)`, and a slice of it.
    fn group(&mut self) -> Expression {
        self.cursor.skip(1);
        self.cursor.blanks();
        let inner = match self.cursor.peek() {
            b')' => Expression::Tuple(Vec::new()),
            _ => self.expression(),
        };
        self.close(b')');
        self.cursor.blanks();
        let rest = self.cursor.rest();
        let is_assigned =
            rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=~");
        let is_repeated = self.cursor.peek_word() == Some("x");
        let list = match inner {
            Expression::Tuple(items) => Expression::Tuple(items),
            // One thing in parentheses is that thing, but for what it is assigned.
            other if self.cursor.peek() != b'[' && !is_assigned && !is_repeated => return other,
            other => Expression::Tuple(vec![flat(other)]),
        };
        if self.cursor.peek() != b'[' {
            return list;
        }
        self.cursor.skip(1);
        let picked = self.expression();
        self.close(b']');
        let is_one = !matches!(picked, Expression::Tuple(_))
            && !matches!(flat(copy_shape(&picked)), Expression::Starred(_));
        match is_one {
            true => Expression::Postfix(
                Box::new(call(
                    "#new_list()",
                    vec![Expression::Starred(Box::new(list))],
                )),
                vec![Trailer::Index(Box::new(picked))],
            ),
            false => call(
                "#slice()",
                vec![
                    call("#new_list()", vec![Expression::Starred(Box::new(list))]),
                    flat(picked),
                ],
            ),
        }
    }

    fn number(&mut self) -> Expression {
        let from = self.cursor.at;
        let hexadecimal = self.cursor.peek() == b'0' && matches!(self.cursor.ahead(1), b'x' | b'X');
        while match self.cursor.peek() {
            b'0'..=b'9' | b'_' => true,
            b'a'..=b'f' | b'A'..=b'F' | b'x' | b'X' if hexadecimal => true,
            b'b' | b'B' if self.cursor.at == from + 1 && self.cursor.behind() == b'0' => true,
            b'e' | b'E' => {
                matches!(self.cursor.ahead(1), b'0'..=b'9' | b'-' | b'+') && !hexadecimal
            }
            b'-' | b'+' => matches!(self.cursor.behind(), b'e' | b'E') && !hexadecimal,
            b'.' => self.cursor.ahead(1) != b'.' && !hexadecimal,
            _ => false,
        } {
            self.cursor.skip(1);
        }
        let source = self
            .cursor
            .text
            .get(from..self.cursor.at)
            .unwrap_or_default();
        let plain = source.replace('_', "").to_ascii_lowercase();
        // `192.0.2.1` is a text of these bytes.
        if plain.matches('.').count() > 1 {
            return Expression::Text(Rc::from(plain));
        }
        let (digits, base) = match plain.get(..2) {
            Some("0x") => (plain.get(2..), 16),
            Some("0b") => (plain.get(2..), 2),
            _ if plain.len() > 1 && plain.starts_with('0') && !plain.contains('.') => {
                (plain.get(1..), 8)
            }
            _ => (Some(plain.as_str()), 10),
        };
        if let Some(Integer::Small(number)) = literal::parse(digits.unwrap_or_default(), base) {
            return Expression::Int(number);
        }
        plain.parse().map_or_else(|_| nothing(), Expression::Float)
    }

    // ---- words ----

    fn word_term(&mut self) -> Expression {
        let from = self.cursor.at;
        let Some(word) = self.cursor.word() else {
            return nothing();
        };
        if self.cursor.arrow_follows() {
            return Expression::Text(Rc::from(word));
        }
        if let Some(term) = self.quote_word(word, from) {
            return term;
        }
        match word {
            "my" | "our" | "local" | "state" => {
                self.cursor.blanks();
                // A declaration may name a class.
                if self.cursor.peek_word().is_some() {
                    self.cursor.word();
                    self.cursor.blanks();
                }
                self.postfix()
            }
            "sub" => {
                let name = Rc::from("<closure>");
                match self.function(name, from) {
                    Some(function) => Expression::Lambda(function),
                    None => nothing(),
                }
            }
            "do" => {
                self.cursor.blanks();
                match self.cursor.peek() {
                    b'{' => Expression::Block(self.block()),
                    _ => call("do()", vec![self.binary(UNARY + 1)]),
                }
            }
            "eval" => {
                self.cursor.blanks();
                match self.cursor.peek() {
                    b'{' => Expression::Block(self.block()),
                    _ if self.at_end() => call("eval()", vec![self.named("$_")]),
                    _ => call("eval()", vec![scalar(self.binary(UNARY + 1))]),
                }
            }
            "return" => {
                self.cursor.blanks();
                let value = match self.at_end() {
                    true => None,
                    false => Some(returned(self.list())),
                };
                self.jump(from, StatementKind::Return(value))
            }
            "die" | "exit" | "croak" | "confess" => {
                self.cursor.blanks();
                let values = match self.at_end() {
                    true => Vec::new(),
                    false => vec![self.list()],
                };
                self.jump(from, StatementKind::Raise(values))
            }
            "last" | "next" | "redo" | "goto" => {
                self.cursor.blanks();
                if word == "goto" && self.cursor.peek() == b'&' {
                    let value = self.variable();
                    return self.jump(from, StatementKind::Return(Some(value)));
                }
                if self.cursor.peek_word().is_some_and(|label| {
                    label
                        .bytes()
                        .all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit())
                }) {
                    self.cursor.word();
                }
                let kind = match word {
                    "last" => StatementKind::Break,
                    _ => StatementKind::Continue,
                };
                self.jump(from, kind)
            }
            "__PACKAGE__" => Expression::Text(Rc::from(self.package.as_str())),
            "__FILE__" => call("#argument()", Vec::new()),
            "__LINE__" => Expression::Int(i128::from(self.line(from))),
            "wantarray" => nothing(),
            "undef" if !matches!(self.cursor.peek(), b'(' | b' ') => Expression::None,
            _ => self.function_call(word),
        }
    }

    /// A jump as an expression.
    fn jump(&mut self, from: usize, kind: StatementKind) -> Expression {
        Expression::Block(vec![self.at(from, kind)])
    }
}

/// A term and what stands behind it.
fn whole(base: Box<Expression>, trailers: Vec<Trailer>) -> Expression {
    match trailers.is_empty() {
        true => *base,
        false => Expression::Postfix(base, trailers),
    }
}

/// A call of something with arguments.
pub fn called(function: &str, callee: Expression, arguments: Vec<Argument>) -> Expression {
    let mut all = vec![Argument::Plain(callee)];
    all.extend(arguments);
    let name = Expression::Name(Rc::from(function));
    Expression::Postfix(Box::new(name), vec![Trailer::Call(all)])
}

/// The arguments that a list is.
pub fn arguments_of(list: Expression) -> Vec<Argument> {
    match list {
        Expression::Tuple(items) => items.into_iter().map(argument).collect(),
        other => vec![argument(flat(other))],
    }
}

/// Enough of an expression to tell whether it is a list.
fn copy_shape(expression: &Expression) -> Expression {
    match expression {
        Expression::Name(name) => Expression::Name(name.clone()),
        Expression::Postfix(base, trailers) => match (&**base, trailers.as_slice()) {
            (Expression::Name(name), [Trailer::Call(_)]) => Expression::Postfix(
                Box::new(Expression::Name(name.clone())),
                vec![Trailer::Call(Vec::new())],
            ),
            _ => nothing(),
        },
        _ => nothing(),
    }
}
