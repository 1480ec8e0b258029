//! Statements of Perl, leniently: what cannot be read is passed over to the next statement.
//!
//! Source: perlsyn, perlsub, perlmod. The grammar is our own: only `perl` parses Perl, obfuscated
//! one-liners are what matters here, and the grammars at hand are large and slow on them. Names of
//! the program keep their marks in one table (`$x`, `@x`, `%x`); a function is `name()`, a handle
//! `*NAME`. What the syntax alone does is a call of a function whose name begins with `#`.

use std::collections::HashMap;
use std::rc::Rc;

use super::cursor::Cursor;
use crate::language::script::syntax::{
    Argument, Block, Expression, FunctionSyntax, Loop, Module, Name, Parameter, ParameterKind,
    Statement, StatementKind, Trailer, Unary,
};

/// Deepest nesting of syntax that is followed: far beyond what people and generators write, and
/// shallow enough for a thread's stack.
pub const NESTING: usize = 100;

/// Parses a program.
pub fn module(text: &str) -> Module {
    let shared: Rc<str> = Rc::from(text);
    let mut parser = Parser {
        cursor: Cursor::new(&shared),
        shared: shared.clone(),
        lines: memchr::memchr_iter(b'\n', text.as_bytes()).collect(),
        names: HashMap::new(),
        depth: 0,
        too_deep: false,
        data: None,
        package: "main".to_owned(),
    };
    let mut body = parser.statements(false);
    if let Some(data) = parser.data {
        let target = Expression::Name(Rc::from("*DATA"));
        let value = call("#data()", vec![Expression::Text(Rc::from(data))]);
        let kind = StatementKind::Assign(vec![target], value);
        body.insert(
            0,
            Statement {
                line: 1,
                source: 0..0,
                kind,
            },
        );
    }
    let damage = match parser.too_deep {
        true => vec![format!(
            "Perl syntax nested more than {NESTING} deep was not followed"
        )],
        false => Vec::new(),
    };
    Module {
        body: hoisted(body),
        text: shared.clone(),
        damage,
    }
}

/// Functions are there before the statements above them run.
fn hoisted(body: Block) -> Block {
    let is_definition =
        |statement: &Statement| matches!(statement.kind, StatementKind::Function(..));
    let (mut first, rest): (Block, Block) = body.into_iter().partition(is_definition);
    first.extend(rest);
    first
}

/// A call of a function by the name it has here.
pub fn call(name: &str, arguments: Vec<Expression>) -> Expression {
    let arguments = arguments.into_iter().map(argument).collect();
    Expression::Postfix(
        Box::new(Expression::Name(Rc::from(name))),
        vec![Trailer::Call(arguments)],
    )
}

/// An item of a list as an argument: what is a list itself is spread.
pub fn argument(item: Expression) -> Argument {
    match item {
        Expression::Starred(list) => Argument::Rest(*list),
        other => Argument::Plain(other),
    }
}

/// What is not there, or too deep.
pub const fn nothing() -> Expression {
    Expression::Unreadable(Vec::new())
}

/// Reads a text.
pub struct Parser<'t> {
    pub cursor: Cursor<'t>,
    pub shared: Rc<str>,
    /// Where lines end.
    pub lines: Vec<usize>,
    pub names: HashMap<String, Name>,
    pub depth: usize,
    pub too_deep: bool,
    /// What stands behind `__END__` or `__DATA__`.
    pub data: Option<&'t str>,
    pub package: String,
}

impl<'t> Parser<'t> {
    /// One name for all its uses.
    pub fn intern(&mut self, name: String) -> Name {
        if let Some(known) = self.names.get(&name) {
            return known.clone();
        }
        let shared: Name = Rc::from(name.as_str());
        self.names.insert(name, shared.clone());
        shared
    }

    /// The line of a byte, from 1.
    pub fn line(&self, at: usize) -> u32 {
        let before = self.lines.partition_point(|end| *end < at);
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }

    /// A name as an expression.
    pub fn named(&mut self, name: &str) -> Expression {
        Expression::Name(self.intern(name.to_owned()))
    }

    /// Runs `inner` one deeper; `None`, and passing over the rest, if that is too deep.
    pub fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= NESTING {
            self.too_deep = true;
            self.cursor.at = self.cursor.text.len();
            return None;
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        Some(result)
    }

    /// A statement that began at a byte.
    pub fn at(&self, from: usize, kind: StatementKind) -> Statement {
        let head = match &kind {
            StatementKind::If(..)
            | StatementKind::While(..)
            | StatementKind::For(..)
            | StatementKind::Loop(_)
            | StatementKind::Function(..) => {
                let text = self
                    .cursor
                    .text
                    .get(from..self.cursor.at)
                    .unwrap_or_default();
                from + text.find('{').unwrap_or(text.len())
            }
            _ => self.cursor.at,
        };
        Statement {
            line: self.line(from),
            source: from..head,
            kind,
        }
    }

    /// Statements up to the end, or to the brace that closes the block.
    pub fn statements(&mut self, in_braces: bool) -> Block {
        let read = self.deeper(|this| {
            let mut block = Vec::new();
            loop {
                this.cursor.blanks();
                if this.cursor.is_done() {
                    break;
                }
                match this.cursor.peek() {
                    b';' => {
                        this.cursor.skip(1);
                        continue;
                    }
                    b'}' => {
                        this.cursor.skip(1);
                        if in_braces {
                            break;
                        }
                        continue;
                    }
                    _ => {}
                }
                let from = this.cursor.at;
                if let Some(kind) = this.statement(from) {
                    let statement = this.at(from, kind);
                    block.push(statement);
                }
                if this.cursor.at == from {
                    // Nothing that can be read begins here.
                    this.cursor.skip(1);
                }
            }
            block
        });
        read.unwrap_or_default()
    }

    /// A block in braces.
    pub fn block(&mut self) -> Block {
        self.cursor.blanks();
        if !self.cursor.take("{") {
            return Vec::new();
        }
        self.statements(true)
    }

    /// A condition in parentheses.
    fn condition(&mut self) -> Expression {
        self.cursor.blanks();
        if !self.cursor.take("(") {
            return nothing();
        }
        self.cursor.blanks();
        if self.cursor.take(")") {
            return Expression::Bool(true);
        }
        let condition = self.expression();
        self.close(b')');
        input_line(self, condition)
    }

    /// Goes on behind a closing mark; what stands before it is passed over, within the statement.
    pub fn close(&mut self, mark: u8) {
        self.cursor.blanks();
        let mut left = 4_096;
        while !self.cursor.is_done() && self.cursor.peek() != mark && left > 0 {
            if matches!(self.cursor.peek(), b';' | b'{' | b'}') {
                return;
            }
            self.cursor.skip(1);
            left -= 1;
        }
        if self.cursor.peek() == mark {
            self.cursor.skip(1);
        }
    }

    fn statement(&mut self, from: usize) -> Option<StatementKind> {
        if self.cursor.peek() == b'{' {
            return Some(StatementKind::Unreadable(self.block()));
        }
        let word = self.cursor.peek_word();
        if let Some(word) = word
            && !self.is_text(word)
        {
            // A label.
            let after = self.cursor.at + word.len();
            let rest = self
                .cursor
                .text
                .get(after..)
                .unwrap_or_default()
                .trim_start();
            if rest.starts_with(':')
                && !rest.starts_with("::")
                && word
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit())
            {
                self.cursor.at = self.cursor.text.len() - rest.len() + 1;
                return None;
            }
            if let Some(kind) = self.keyword(word, from) {
                return kind;
            }
        }
        self.simple(from)
    }

    /// Whether a word is a text here: the key of a pair.
    fn is_text(&mut self, word: &str) -> bool {
        let at = self.cursor.at;
        self.cursor.at += word.len();
        let is_text = self.cursor.arrow_follows();
        self.cursor.at = at;
        is_text
    }

    /// Statements that begin with a word; `None` if it is none of these.
    fn keyword(&mut self, word: &'t str, from: usize) -> Option<Option<StatementKind>> {
        let after = self.cursor.at + word.len();
        let go = |this: &mut Self| this.cursor.at = after;
        Some(match word {
            "sub" => {
                go(self);
                self.cursor.blanks();
                let Some(name) = self.cursor.word() else {
                    self.cursor.at = from;
                    return None;
                };
                let plain = name.rsplit("::").next().unwrap_or(name).to_owned();
                let name = self.intern(format!("{plain}()"));
                self.function(name, from)
                    .map(|function| StatementKind::Function(function, Vec::new()))
            }
            "if" | "unless" => {
                go(self);
                Some(self.branches(word == "unless"))
            }
            "while" | "until" => {
                go(self);
                let condition = opposite(self.condition(), word == "until");
                let mut body = self.block();
                self.cursor.blanks();
                if self.cursor.take_word("continue") {
                    body.extend(self.block());
                }
                Some(StatementKind::While(condition, body, Vec::new()))
            }
            "for" | "foreach" => {
                go(self);
                Some(self.for_loop(from))
            }
            "package" => {
                go(self);
                self.cursor.blanks();
                let name = self.cursor.word().unwrap_or("main").to_owned();
                self.package = name;
                self.cursor.blanks();
                while self.cursor.peek().is_ascii_digit() || self.cursor.peek() == b'.' {
                    self.cursor.skip(1);
                }
                self.cursor.blanks();
                (self.cursor.peek() == b'{').then(|| StatementKind::Unreadable(self.block()))
            }
            "use" | "no" => {
                go(self);
                self.uses()
            }
            "BEGIN" | "END" | "INIT" | "CHECK" | "UNITCHECK" => {
                go(self);
                self.cursor.blanks();
                if self.cursor.peek() != b'{' {
                    self.cursor.at = from;
                    return None;
                }
                Some(StatementKind::Unreadable(self.block()))
            }
            "__END__" | "__DATA__" => {
                go(self);
                let rest = self.cursor.rest();
                self.data = rest.split_once('\n').map(|(_, data)| data);
                self.cursor.at = self.cursor.text.len();
                None
            }
            "format"
                if self.cursor.text.get(after..).is_some_and(|rest| {
                    rest.trim_start()
                        .split('\n')
                        .next()
                        .is_some_and(|line| line.trim_end().ends_with('='))
                }) =>
            {
                let rest = self.cursor.text.get(after..).unwrap_or_default();
                let end = rest.find("\n.\n").map_or(rest.len(), |end| end + 3);
                self.cursor.at = after + end;
                None
            }
            _ => return None,
        })
    }

    fn branches(&mut self, negated: bool) -> StatementKind {
        let mut branches = vec![(opposite(self.condition(), negated), self.block())];
        let mut otherwise = Vec::new();
        loop {
            self.cursor.blanks();
            if self.cursor.take_word("elsif") {
                let condition = self.condition();
                branches.push((condition, self.block()));
            } else if self.cursor.take_word("else") {
                otherwise = self.block();
                break;
            } else {
                break;
            }
        }
        StatementKind::If(branches, otherwise)
    }

    /// `for (a; b; c) {…}`, `foreach my $x (…) {…}`.
    fn for_loop(&mut self, from: usize) -> StatementKind {
        self.cursor.blanks();
        for word in ["my", "our", "local", "state"] {
            if self.cursor.take_word(word) {
                self.cursor.blanks();
            }
        }
        let target = match self.cursor.peek() {
            b'$' => self.variable(),
            _ => self.named("$_"),
        };
        self.cursor.blanks();
        if !self.cursor.take("(") {
            return StatementKind::Unreadable(Vec::new());
        }
        self.cursor.blanks();
        let first = match self.cursor.peek() {
            b';' => None,
            b')' => Some(Expression::Tuple(Vec::new())),
            _ => Some(self.expression()),
        };
        self.cursor.blanks();
        if !self.cursor.take(";") {
            self.close(b')');
            let list = super::lists::list_of(first.unwrap_or_else(nothing));
            let body = self.block();
            return StatementKind::For(target, list, body, Vec::new());
        }
        self.cursor.blanks();
        let condition = match self.cursor.peek() {
            b';' => Expression::Bool(true),
            _ => self.expression(),
        };
        self.cursor.blanks();
        self.cursor.take(";");
        self.cursor.blanks();
        let update = match self.cursor.peek() {
            b')' => None,
            _ => Some(self.expression()),
        };
        self.close(b')');
        let body = self.block();
        let step = |this: &Self, part: Option<Expression>| -> Block {
            let kind = part.map(StatementKind::Expression);
            kind.map(|kind| this.at(from, kind)).into_iter().collect()
        };
        let mut all = step(self, first);
        let condition = input_line(self, condition);
        let update = step(self, update);
        let turns = StatementKind::Loop(Box::new(Loop {
            condition,
            body,
            update,
            asks_after: false,
        }));
        all.push(self.at(from, turns));
        StatementKind::Unreadable(all)
    }

    /// `use` and `no`: constants matter, and modules that rewrite the text behind them.
    fn uses(&mut self) -> Option<StatementKind> {
        self.cursor.blanks();
        let module = self.cursor.word().unwrap_or_default();
        self.cursor.blanks();
        let given = match self.cursor.peek() {
            b';' | b'}' | 0 => None,
            _ => Some(self.expression()),
        };
        let name = Expression::Text(Rc::from(module));
        let given = given.map(super::lists::flat);
        let arguments = std::iter::once(name).chain(given).collect();
        Some(StatementKind::Expression(call("#use()", arguments)))
    }

    /// A function's parameters and body; `None` for one that is only declared.
    pub fn function(&mut self, name: Name, from: usize) -> Option<Rc<FunctionSyntax>> {
        self.cursor.blanks();
        let mut signature = None;
        if self.cursor.peek() == b'(' {
            let inside = self.cursor.quoted()?.body;
            if inside.contains(|c: char| c.is_ascii_alphabetic()) {
                signature = Some(inside);
            }
            self.cursor.blanks();
        }
        while self.cursor.peek() == b':' && self.cursor.ahead(1) != b':' {
            self.cursor.skip(1);
            self.cursor.blanks();
            self.cursor.word();
            self.cursor.blanks();
        }
        if self.cursor.peek() != b'{' {
            return None;
        }
        let mut body = vec![self.at(from, arguments_once())];
        if let Some(signature) = signature {
            body.extend(self.signature(signature, from));
        }
        body.extend(self.block());
        returning(&mut body);
        Some(Rc::new(FunctionSyntax {
            name,
            parameters: vec![Parameter {
                name: Rc::from("@_"),
                kind: ParameterKind::Rest,
                default: None,
            }],
            body,
            generator: false,
            text: self.shared.clone(),
        }))
    }

    /// `($a, $b = 1)` of a signature: the same as taking them from `@_`.
    fn signature(&mut self, signature: &str, from: usize) -> Block {
        let names: Vec<Expression> = signature
            .split(',')
            .filter_map(|part| part.trim().split([' ', '=']).next())
            .filter(|name| name.len() > 1)
            .map(|name| self.named(name))
            .collect();
        let value = self.named("@_");
        let assigned = super::lists::assigned(self, Expression::Tuple(names), value, from);
        vec![self.at(from, StatementKind::Expression(assigned))]
    }

    /// An expression with its modifiers.
    fn simple(&mut self, from: usize) -> Option<StatementKind> {
        let declares = self
            .cursor
            .peek_word()
            .is_some_and(|word| matches!(word, "my" | "state"));
        let expression = self.expression();
        let declared = match declares {
            true => super::lists::declared(&expression),
            false => Vec::new(),
        };
        let mut kind = into_statement(expression);
        if !declared.is_empty() {
            let declare = self.at(from, StatementKind::Declare(declared));
            let own = self.at(from, kind);
            kind = StatementKind::Unreadable(vec![declare, own]);
        }
        loop {
            self.cursor.blanks();
            let Some(word) = self.cursor.peek_word() else {
                break;
            };
            if !matches!(
                word,
                "if" | "unless" | "while" | "until" | "for" | "foreach"
            ) {
                break;
            }
            self.cursor.at += word.len();
            let condition = self.expression();
            let body = vec![self.at(from, kind)];
            kind = match word {
                "if" | "unless" => {
                    let condition = opposite(condition, word == "unless");
                    StatementKind::If(vec![(condition, body)], Vec::new())
                }
                "while" | "until" => {
                    let condition = input_line(self, condition);
                    let condition = opposite(condition, word == "until");
                    StatementKind::While(condition, body, Vec::new())
                }
                _ => {
                    let list = super::lists::list_of(condition);
                    StatementKind::For(self.named("$_"), list, body, Vec::new())
                }
            };
        }
        // Whatever is left of the statement cannot be read.
        self.cursor.blanks();
        if !matches!(self.cursor.peek(), b';' | b'}') && !self.cursor.is_done() {
            self.recover();
        }
        Some(kind)
    }

    /// Goes on to the end of a statement that cannot be read to its end.
    fn recover(&mut self) {
        while !self.cursor.is_done() && !matches!(self.cursor.peek(), b';' | b'}' | b'{' | b'\n') {
            self.cursor.skip(1);
        }
    }
}

/// What a statement is whose whole is an expression.
fn into_statement(expression: Expression) -> StatementKind {
    match expression {
        Expression::Postfix(base, trailers) => {
            let is_eval = matches!(&*base, Expression::Name(name) if &**name == "eval()");
            match (is_eval, trailers.len()) {
                (true, 1) => match trailers.into_iter().next() {
                    Some(Trailer::Call(mut arguments)) if arguments.len() == 1 => {
                        match arguments.pop() {
                            Some(Argument::Plain(code)) => StatementKind::Exec(code),
                            _ => StatementKind::Unreadable(Vec::new()),
                        }
                    }
                    _ => StatementKind::Unreadable(Vec::new()),
                },
                _ => StatementKind::Expression(Expression::Postfix(base, trailers)),
            }
        }
        Expression::Block(mut block) if block.len() == 1 => match block.pop() {
            Some(statement) if is_jump(&statement.kind) => statement.kind,
            Some(statement) => StatementKind::Expression(Expression::Block(vec![statement])),
            None => StatementKind::Unreadable(Vec::new()),
        },
        other => StatementKind::Expression(other),
    }
}

/// Whether a statement that stands in an expression goes elsewhere.
pub fn is_jump(kind: &StatementKind) -> bool {
    matches!(
        kind,
        StatementKind::Return(_)
            | StatementKind::Raise(_)
            | StatementKind::Break
            | StatementKind::Continue
    )
}

/// A condition, or its opposite.
fn opposite(condition: Expression, negated: bool) -> Expression {
    match negated {
        true => Expression::Unary(Unary::Not, Box::new(condition)),
        false => condition,
    }
}

/// A condition that reads a line binds it.
fn input_line(parser: &mut Parser, condition: Expression) -> Expression {
    let is_line = matches!(&condition, Expression::Postfix(base, _)
        if matches!(&**base, Expression::Name(name) if &**name == "#readline()"));
    match is_line {
        true => Expression::Assign(Box::new(parser.named("$_")), Box::new(condition)),
        false => condition,
    }
}

/// What a function was given, as a list that can change.
fn arguments_once() -> StatementKind {
    let given = Expression::Name(Rc::from("@_"));
    let list = call("#arguments()", vec![Expression::Name(Rc::from("@_"))]);
    StatementKind::Local(vec![given], list)
}

/// The last expression of a function is what it returns.
pub fn returning(body: &mut Block) {
    let Some(last) = body.last_mut() else {
        return;
    };
    match &mut last.kind {
        StatementKind::Expression(_) => {
            let kind = std::mem::replace(&mut last.kind, StatementKind::Break);
            if let StatementKind::Expression(value) = kind {
                last.kind = StatementKind::Return(Some(super::lists::returned(value)));
            }
        }
        StatementKind::If(branches, otherwise) => {
            for (_, branch) in branches {
                returning(branch);
            }
            returning(otherwise);
        }
        _ => {}
    }
}
