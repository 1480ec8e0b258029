//! Terms of Perl: variables, literals, calls, and what stands behind them.
//!
//! Source: perldata, perlref, perlfunc, perlop.

use std::rc::Rc;

use super::expressions::{UNARY, flat, list_of, returned, same, scalar};
use super::functions::{self, Shape};
use super::parse::{Parser, argument, call, nothing, returning};
use crate::language::script::literal::{self, Integer};
use crate::language::script::syntax::{
    Argument, Expression, FunctionSyntax, Parameter, ParameterKind, StatementKind, Trailer,
};

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
    fn optional_arguments(&mut self) -> Vec<Argument> {
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
    fn subscript(&mut self, close: u8) -> Expression {
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
        let result = match (mark, next) {
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
                return Expression::Postfix(Box::new(function), vec![Trailer::Call(arguments)]);
            }
            _ => {
                self.cursor.at = blank;
                let mark = char::from(mark);
                self.named(&format!("{mark}{name}"))
            }
        };
        result
    }

    fn sliced(&mut self, from: Expression, close: u8) -> Expression {
        self.cursor.skip(1);
        let picked = self.expression();
        self.close(close);
        call("#slice()", vec![from, flat(picked)])
    }

    /// What stands behind a mark that dereferences: `{…}` or `$name`.
    fn referenced(&mut self) -> Expression {
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
    fn glob(&mut self) -> Expression {
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

    /// A function, class or bare word.
    fn function_call(&mut self, word: &'t str) -> Expression {
        let at = self.cursor.at;
        self.cursor.blanks();
        let rest = self.cursor.rest();
        // `Class->method`, `Class::->method`.
        if rest.starts_with("->") && functions::shape(word).is_none() || word.ends_with("::") {
            self.cursor.at = at;
            let class = word.trim_end_matches("::");
            return match functions::is_standard_handle(class) {
                true => self.named(&format!("*{class}")),
                false => Expression::Text(Rc::from(class)),
            };
        }
        let plain = word.rsplit("::").next().unwrap_or(word);
        let name = format!("{plain}()");
        let has_parentheses = self.cursor.peek() == b'(';
        if plain == "split" {
            return self.split(has_parentheses);
        }
        match functions::shape(plain) {
            Some(Shape::Block) => self.block_function(&name, has_parentheses),
            Some(Shape::Print) => self.print(&name, has_parentheses),
            Some(Shape::Program) => self.program(&name, has_parentheses),
            Some(Shape::Handle(hands_back)) => {
                self.handle_function(&name, has_parentheses, hands_back)
            }
            Some(Shape::Reads) => self.reading(&name, has_parentheses),
            Some(Shape::Changes) => self.changing(&name, has_parentheses),
            Some(Shape::Unary) => self.unary_function(&name, has_parentheses, at),
            Some(Shape::None) => {
                if has_parentheses {
                    self.parenthesized();
                } else {
                    self.cursor.at = at;
                }
                call(&name, Vec::new())
            }
            Some(Shape::List) => {
                let arguments = self.list_arguments(has_parentheses);
                self.called_by(&name, arguments)
            }
            None if has_parentheses => {
                let arguments = self.parenthesized();
                self.called_by(&name, arguments)
            }
            None => self.bare_word(word, &name, at),
        }
    }

    fn called_by(&mut self, name: &str, arguments: Vec<Argument>) -> Expression {
        let name = self.named(name);
        Expression::Postfix(Box::new(name), vec![Trailer::Call(arguments)])
    }

    /// A word that is no function known here: with something behind it that can only be an
    /// argument it is called; `new Class(…)` calls a method.
    fn bare_word(&mut self, word: &str, name: &str, at: usize) -> Expression {
        let next = self.cursor.peek();
        if let Some(class) = self.cursor.peek_word()
            && word == "new"
            && class.starts_with(|c: char| c.is_ascii_uppercase())
        {
            self.cursor.word();
            let arguments = self.optional_arguments();
            let method = self.intern(name.to_owned());
            return Expression::Postfix(
                Box::new(Expression::Text(Rc::from(class))),
                vec![Trailer::Attribute(method), Trailer::Call(arguments)],
            );
        }
        let is_handle = word
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        let takes = matches!(next, b'$' | b'@' | b'"' | b'\'' | b'\\')
            || next == b'%' && self.cursor.ahead(1).is_ascii_alphabetic()
            || next.is_ascii_digit();
        if takes && !is_handle {
            let arguments = self.list_arguments(false);
            return self.called_by(name, arguments);
        }
        self.cursor.at = at;
        call("#word()", vec![Expression::Text(Rc::from(word))])
    }

    /// Arguments of a function that takes a list, with or without parentheses.
    fn list_arguments(&mut self, has_parentheses: bool) -> Vec<Argument> {
        if has_parentheses {
            return self.parenthesized();
        }
        self.cursor.blanks();
        if self.at_end()
            || self.cursor.peek() == b'='
            || self.cursor.peek() == b'?'
            || self.cursor.peek() == b','
        {
            return Vec::new();
        }
        let list = self.list();
        arguments_of(list)
    }

    /// `split /pattern/, text`: the pattern is not matched by itself.
    fn split(&mut self, has_parentheses: bool) -> Expression {
        if has_parentheses {
            self.cursor.skip(1);
            self.cursor.blanks();
        }
        let at = self.cursor.at;
        let is_pattern =
            self.cursor.peek() == b'/' || matches!(self.cursor.peek_word(), Some("m" | "qr"));
        let mut arguments = Vec::new();
        if is_pattern {
            self.cursor.letters();
            self.cursor.blanks();
        }
        match (is_pattern, self.cursor.peek()) {
            (true, mark) if mark.is_ascii_punctuation() && mark != b',' => {
                if let Some(quoted) = self.cursor.quoted() {
                    self.cursor.letters();
                    arguments.push(Argument::Plain(self.pattern_text(quoted)));
                }
            }
            _ => {
                self.cursor.at = at;
                arguments.push(Argument::Plain(self.assignment()));
            }
        }
        self.cursor.blanks();
        if self.cursor.take(",") && !self.at_end() {
            let rest = self.list();
            arguments.extend(arguments_of(rest));
        }
        if has_parentheses {
            self.close(b')');
        }
        self.called_by("split()", arguments)
    }

    fn unary_function(&mut self, name: &str, has_parentheses: bool, at: usize) -> Expression {
        if name == "scalar()" {
            let operand = self.binary(UNARY + 1);
            return scalar(operand);
        }
        if has_parentheses {
            let mut arguments = self.parenthesized();
            if arguments.is_empty() {
                arguments.push(Argument::Plain(self.default_argument(name)));
            }
            return self.called_by(name, arguments);
        }
        let next = self.cursor.peek();
        let is_operator = matches!(
            next,
            b'=' | b'?' | b',' | b'.' | b'|' | b'*' | b'>' | b'+' | b'^'
        ) || next == b'<'
            && !self.cursor.ahead(1).is_ascii_alphabetic()
            && self.cursor.ahead(1) != b'$'
            || next == b'&' && self.cursor.ahead(1) == b'&'
            || next == b'!' && matches!(self.cursor.ahead(1), b'=' | b'~')
            || next == b'/' && name != "shift()" && self.cursor.ahead(1) == b'/'
            || matches!(
                self.cursor.peek_word(),
                Some("eq" | "ne" | "x" | "lt" | "gt" | "le" | "ge" | "cmp")
            );
        if self.at_end() || is_operator {
            self.cursor.at = at;
            let argument = self.default_argument(name);
            return call(name, vec![argument]);
        }
        let operand = self.binary(UNARY + 1);
        let operand = match name {
            "shift()" | "pop()" | "keys()" | "values()" | "each()" | "scalar()" | "defined()"
            | "delete()" | "exists()" | "ref()" => operand,
            _ => scalar(operand),
        };
        call(name, vec![operand])
    }

    /// What a function without an argument takes.
    fn default_argument(&mut self, name: &str) -> Expression {
        match name {
            "shift()" | "pop()" => self.named("@_"),
            _ => self.named("$_"),
        }
    }

    /// `map {…} list`, `grep expression, list`, `sort list`.
    fn block_function(&mut self, name: &str, has_parentheses: bool) -> Expression {
        if has_parentheses {
            self.cursor.skip(1);
            self.cursor.blanks();
        }
        let from = self.cursor.at;
        let mut function = None;
        if self.cursor.peek() == b'{' && !self.begins_hash() {
            let mut body = self.block();
            returning(&mut body);
            function = Some(self.one_argument_function(body));
            self.cursor.blanks();
            self.cursor.take(",");
        } else if name == "sort()" && self.cursor.peek() == b'$' {
            // A comparison by a name: the order is not told.
            let rest = self.cursor.rest();
            let name = rest.get(1..).unwrap_or_default();
            let after = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
            let list = after.trim_start();
            if after.len() < list.len() && list.starts_with(['@', '(', 'k', 'v', 'm', 'g']) {
                self.cursor.at += rest.len() - list.len();
            }
        } else if name != "sort()" && name != "reverse()" {
            let value = returned(self.assignment());
            self.cursor.blanks();
            if self.cursor.take(",") {
                let body = vec![self.at(from, StatementKind::Return(Some(value)))];
                function = Some(self.one_argument_function(body));
            } else {
                if has_parentheses {
                    self.close(b')');
                }
                return call(name, vec![Expression::None, flat(value)]);
            }
        }
        let list = match self.at_end() {
            true => Expression::Tuple(Vec::new()),
            false => self.list(),
        };
        if has_parentheses {
            self.close(b')');
        }
        let function = function.unwrap_or(Expression::None);
        call(
            name,
            vec![function, Expression::Starred(Box::new(list_of(list)))],
        )
    }

    fn one_argument_function(
        &mut self,
        body: Vec<crate::language::script::syntax::Statement>,
    ) -> Expression {
        Expression::Lambda(Rc::new(FunctionSyntax {
            name: Rc::from("<lambda>"),
            parameters: vec![Parameter {
                name: Rc::from("$_"),
                kind: ParameterKind::Plain,
                default: None,
            }],
            body,
            generator: false,
            text: self.shared.clone(),
        }))
    }

    /// Whether a brace behind `map` begins a hash: a text or variable and `=>` or a comma.
    fn begins_hash(&self) -> bool {
        let rest = self.cursor.rest();
        let inner = rest.get(1..).unwrap_or_default().trim_start();
        // `{ "a" => 1 }, list` is a hash only with the comma behind it.
        let close = rest.find('}').unwrap_or(0);
        inner.starts_with(['"', '\''])
            && rest
                .get(close + 1..)
                .is_some_and(|rest| rest.trim_start().starts_with(','))
    }

    /// `print`, `printf`, `say`: perhaps to a handle.
    fn print(&mut self, name: &str, has_parentheses: bool) -> Expression {
        if has_parentheses {
            self.cursor.skip(1);
            self.cursor.blanks();
        }
        let handle = self.print_handle();
        self.cursor.blanks();
        let list = match self.at_end() {
            true => list_of(self.named("$_")),
            false => self.list(),
        };
        if has_parentheses {
            self.close(b')');
        }
        let handle = handle.unwrap_or(Expression::None);
        call(name, vec![handle, flat(list_of(list))])
    }

    fn print_handle(&mut self) -> Option<Expression> {
        let at = self.cursor.at;
        if self.cursor.peek() == b'{' {
            return Some(self.referenced());
        }
        if self.cursor.peek() == b'$' {
            // `print $fh list`: a variable and then what begins another term.
            let name = self.cursor.text.get(at + 1..).map(|rest| {
                rest.bytes()
                    .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
                    .count()
            });
            let after = at + 1 + name.unwrap_or(0);
            let rest = self.cursor.text.get(after..).unwrap_or_default();
            let spaced = rest.starts_with([' ', '\t']);
            let rest = rest.trim_start();
            let begins = rest.starts_with(['"', '\'', '$', '@', '`'])
                || rest.starts_with("<<")
                || rest.starts_with(|c: char| c.is_ascii_alphabetic())
                    && ![
                        "x ", "eq ", "ne ", "if ", "unless ", "for ", "foreach ", "and ", "or ",
                        "lt ", "gt ", "cmp ",
                    ]
                    .iter()
                    .any(|word| rest.starts_with(word));
            if spaced && begins && name != Some(0) {
                return Some(self.variable());
            }
            return None;
        }
        let word = self.cursor.word()?;
        self.cursor.blanks();
        let is_handle = (functions::is_standard_handle(word)
            || word
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit()))
            && !matches!(self.cursor.peek(), b'(' | b',' | b'.' | b'-');
        if is_handle && !word.starts_with("__") {
            return Some(self.named(&format!("*{word}")));
        }
        self.cursor.at = at;
        None
    }

    /// `system`, `exec`: perhaps with the program in braces.
    fn program(&mut self, name: &str, has_parentheses: bool) -> Expression {
        if self.cursor.peek() == b'{' {
            let program = self.referenced();
            let list = match self.at_end() {
                true => Expression::Tuple(Vec::new()),
                false => self.list(),
            };
            let all = call("#program()", vec![program, flat(list_of(list))]);
            return call(name, vec![Expression::Starred(Box::new(all))]);
        }
        let mut arguments = self.list_arguments(has_parentheses);
        if arguments.is_empty() {
            arguments.push(Argument::Plain(self.named("$_")));
        }
        self.called_by(name, arguments)
    }

    /// A handle as an argument: a bare word, or an expression.
    fn handle(&mut self) -> Expression {
        self.cursor.blanks();
        let at = self.cursor.at;
        if let Some(word) = self.cursor.word() {
            self.cursor.blanks();
            if matches!(self.cursor.peek(), b',' | b')' | b';' | b'}' | b'=' | b'|')
                && !matches!(word, "my" | "local" | "our")
                || self.cursor.is_done()
            {
                return self.named(&format!("*{word}"));
            }
            self.cursor.at = at;
        }
        self.assignment()
    }

    /// Functions whose first argument is a handle; `hands_back`: they bind it.
    fn handle_function(
        &mut self,
        name: &str,
        has_parentheses: bool,
        hands_back: bool,
    ) -> Expression {
        if has_parentheses {
            self.cursor.skip(1);
            self.cursor.blanks();
        }
        if self.at_end() {
            if has_parentheses {
                self.close(b')');
            }
            return call(name, vec![self.named("*STDIN")]);
        }
        let is_alone = matches!(
            name,
            "fileno()" | "close()" | "readline()" | "closedir()" | "readdir()" | "getc()" | "eof()"
        );
        let handle = match is_alone && !has_parentheses && self.cursor.peek() == b'$' {
            true => self.binary(UNARY + 1),
            false => self.handle(),
        };
        self.cursor.blanks();
        let mut arguments = Vec::new();
        if !is_alone && self.cursor.take(",") {
            self.cursor.blanks();
            if name == "accept()" || name == "pipe()" || name == "socketpair()" {
                arguments.push(Argument::Plain(self.handle()));
                self.cursor.blanks();
                self.cursor.take(",");
            }
            if !self.at_end() {
                let rest = self.list();
                arguments.extend(arguments_of(rest));
            }
        }
        if has_parentheses {
            self.close(b')');
        }
        if !hands_back {
            arguments.insert(0, Argument::Plain(handle));
            return self.called_by(name, arguments);
        }
        if let Expression::Name(own) = &handle
            && let Some(number) = functions::standard_descriptor(own)
        {
            arguments.insert(0, Argument::Plain(Expression::Int(number)));
            return self.called_by("#redirect()", arguments);
        }
        let value = self.called_by(name, arguments);
        Expression::Assign(Box::new(handle), Box::new(value))
    }

    /// `read(handle, buffer, length)`: what is read is bound to the buffer.
    fn reading(&mut self, name: &str, has_parentheses: bool) -> Expression {
        if has_parentheses {
            self.cursor.skip(1);
        }
        let handle = self.handle();
        self.cursor.blanks();
        self.cursor.take(",");
        let target = self.assignment();
        self.cursor.blanks();
        if self.cursor.take(",") && !self.at_end() {
            self.list();
        }
        if has_parentheses {
            self.close(b')');
        }
        let read = call(name, vec![handle]);
        Expression::Assign(Box::new(target), Box::new(read))
    }

    /// `push @list, …`, `chomp($x)`: the first argument is changed in place.
    fn changing(&mut self, name: &str, has_parentheses: bool) -> Expression {
        if has_parentheses {
            self.cursor.skip(1);
            self.cursor.blanks();
        }
        if self.at_end() {
            if has_parentheses {
                self.close(b')');
            }
            let target = self.named("$_");
            let value = call(name, vec![self.named("$_")]);
            return Expression::Assign(Box::new(target), Box::new(value));
        }
        let target = self.assignment();
        self.cursor.blanks();
        let mut given = Vec::new();
        if self.cursor.take(",") && !self.at_end() {
            let rest = self.list();
            given.push(flat(rest));
        }
        if has_parentheses {
            self.close(b')');
        }
        let place = match &target {
            Expression::Assign(place, _) => same(place),
            Expression::Postfix(base, trailers) if matches!(&**base, Expression::Name(name) if &**name == "#array()") => {
                match trailers.first() {
                    Some(Trailer::Call(arguments)) => match arguments.first() {
                        Some(Argument::Plain(place)) => same(place),
                        _ => None,
                    },
                    _ => None,
                }
            }
            other => same(other),
        };
        let mut arguments = vec![target];
        arguments.extend(given);
        let value = call(name, arguments);
        match place {
            Some(place) => Expression::Assign(Box::new(place), Box::new(value)),
            None => value,
        }
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
fn called(function: &str, callee: Expression, arguments: Vec<Argument>) -> Expression {
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
