//! Calls of functions of Perl, each with its own way to take arguments.
//!
//! Source: perlfunc, perlsub.

use std::rc::Rc;

use super::expressions::{UNARY, same};
use super::functions::{self, Shape};
use super::lists::{flat, list_of, returned, scalar};
use super::parse::{Parser, call, returning};
use super::terms::arguments_of;
use crate::language::script::syntax::{
    Argument, Expression, FunctionSyntax, Parameter, ParameterKind, StatementKind, Trailer,
};

impl<'t> Parser<'t> {
    /// A function, class or bare word.
    pub fn function_call(&mut self, word: &'t str) -> Expression {
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
