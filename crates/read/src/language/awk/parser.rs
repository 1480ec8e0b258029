//! awk programs as the shared abstract syntax.
//!
//! Source: POSIX.1-2017, "awk", grammar. What redirects or pipes becomes a call of a function of
//! [`library`](super::library), under names that no awk program can use. What cannot be parsed is
//! passed over up to the end of its statement.

use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use super::lexer::{Kind, Token, tokens};
use crate::language::script::syntax::{
    Argument, Block, Expression, FunctionSyntax, Module, Name, Operator, Parameter, ParameterKind,
    Statement, StatementKind, Trailer,
};

mod expression;
mod statement;

/// Deepest nesting that is followed.
const NESTING: usize = 100;

/// Parses a program.
pub fn module(text: &str) -> Module {
    let text: Rc<str> = Rc::from(text);
    let mut parser = Parser {
        tokens: tokens(&text),
        at: 0,
        text: text.clone(),
        arrays: BTreeSet::new(),
        depth: 0,
        too_deep: false,
    };
    let (functions, rules) = parser.items();
    let arrays = std::mem::take(&mut parser.arrays);
    let empty = arrays.into_iter().map(|name| {
        let target = Expression::Name(Rc::from(name));
        statement(
            1,
            0..0,
            StatementKind::Assign(vec![target], Expression::Dictionary(Vec::new())),
        )
    });
    let mut body: Block = empty.collect();
    body.extend(functions);
    body.extend(rules);
    let damage = if parser.too_deep {
        vec![format!(
            "awk syntax nested more than {NESTING} deep was not followed"
        )]
    } else {
        Vec::new()
    };
    Module { body, text, damage }
}

fn statement(line: u32, source: Range<usize>, kind: StatementKind) -> Statement {
    Statement { line, source, kind }
}

fn call(name: &str, arguments: Vec<Expression>) -> Expression {
    let arguments = arguments.into_iter().map(Argument::Plain).collect();
    let callee = Expression::Name(Rc::from(name));
    Expression::Postfix(Box::new(callee), vec![Trailer::Call(arguments)])
}

fn nothing() -> Expression {
    Expression::Unreadable(Vec::new())
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    text: Rc<str>,
    /// Names used as arrays.
    arrays: BTreeSet<String>,
    depth: usize,
    too_deep: bool,
}

impl Parser {
    // ---- tokens ----

    fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn is(&self, mark: &str) -> bool {
        matches!(self.peek(), Some(Kind::Mark(own)) if *own == mark)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Kind::Name(own) | Kind::Called(own)) if own == word)
    }

    fn take(&mut self, mark: &str) -> bool {
        let is = self.is(mark);
        self.at += usize::from(is);
        is
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        self.at += usize::from(is);
        is
    }

    fn take_any(&mut self, marks: &[&'static str]) -> Option<&'static str> {
        let found = marks.iter().find(|mark| self.is(mark))?;
        self.at += 1;
        Some(found)
    }

    fn skip_newlines(&mut self) {
        while matches!(self.peek(), Some(Kind::Newline)) || self.is(";") {
            self.at += 1;
        }
    }

    /// Line and start of the current token.
    fn here(&self) -> (u32, usize) {
        self.tokens
            .get(self.at)
            .map_or((0, self.text.len()), |token| {
                (token.line, token.source.start)
            })
    }

    /// End of the token before the current one.
    fn end(&self) -> usize {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        before.map_or(0, |token| token.source.end)
    }

    /// Runs `inner` one deeper, unless that is too deep.
    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= NESTING {
            self.too_deep = true;
            return None;
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        Some(result)
    }

    // ---- items ----

    /// Functions, and rules in the order they run.
    fn items(&mut self) -> (Block, Block) {
        let (mut functions, mut first, mut main, mut last) =
            (Block::new(), Block::new(), Block::new(), Block::new());
        loop {
            self.skip_newlines();
            if self.peek().is_none() {
                break;
            }
            let before = self.at;
            if self.is_word("function") || self.is_word("func") {
                functions.extend(self.function());
            } else if self.take_word("BEGIN") || self.take_word("BEGINFILE") {
                first.extend(self.action());
            } else if self.take_word("END") || self.take_word("ENDFILE") {
                last.extend(self.action());
            } else {
                main.extend(self.rule());
            }
            // A token that begins nothing.
            if self.at == before {
                self.at += 1;
            }
        }
        first.extend(main);
        first.extend(last);
        (functions, first)
    }

    fn function(&mut self) -> Option<Statement> {
        let (line, start) = self.here();
        self.at += 1;
        let name: Name = match self.peek() {
            Some(Kind::Name(name) | Kind::Called(name)) => Rc::from(name.as_str()),
            _ => return None,
        };
        self.at += 1;
        self.take("(");
        let mut parameters = Vec::new();
        while let Some(Kind::Name(parameter)) = self.peek() {
            parameters.push(Parameter {
                name: Rc::from(parameter.as_str()),
                kind: ParameterKind::Plain,
                // Parameters that are not given are local variables.
                default: Some(Expression::Text(Rc::from(""))),
            });
            self.at += 1;
            self.take(",");
            while matches!(self.peek(), Some(Kind::Newline)) {
                self.at += 1;
            }
        }
        self.take(")");
        while matches!(self.peek(), Some(Kind::Newline)) {
            self.at += 1;
        }
        for parameter in &parameters {
            self.arrays.remove(&*parameter.name);
        }
        let body = self.action();
        let syntax = FunctionSyntax {
            name,
            parameters,
            body,
            generator: false,
            text: self.text.clone(),
        };
        let kind = StatementKind::Function(Rc::new(syntax), Vec::new());
        Some(statement(line, start..self.end(), kind))
    }

    /// `pattern { action }`, either of which may lack.
    fn rule(&mut self) -> Option<Statement> {
        let (line, start) = self.here();
        let mut pattern = None;
        if !self.is("{") {
            let first = self.expression(false);
            pattern = Some(if self.take(",") {
                Expression::Unreadable(vec![first, self.expression(false)])
            } else {
                first
            });
        }
        let source = start..self.end().max(start);
        let body = if self.is("{") {
            self.action()
        } else {
            let print = call("print", vec![Expression::Name(Rc::from("$0"))]);
            vec![statement(
                line,
                source.clone(),
                StatementKind::Expression(print),
            )]
        };
        let condition = pattern.unwrap_or(Expression::Bool(true));
        Some(statement(
            line,
            source,
            StatementKind::If(vec![(condition, body)], Vec::new()),
        ))
    }

    /// `{ statements }`.
    fn action(&mut self) -> Block {
        while matches!(self.peek(), Some(Kind::Newline)) {
            self.at += 1;
        }
        if !self.take("{") {
            return Block::new();
        }
        self.statements()
    }

    /// Statements up to the closing brace, which is taken.
    fn statements(&mut self) -> Block {
        let mut block = Block::new();
        loop {
            self.skip_newlines();
            if self.take("}") || self.peek().is_none() {
                return block;
            }
            let before = self.at;
            match self.deeper(Self::statement) {
                Some(statement) => block.extend(statement),
                None => self.pass_statement(),
            }
            if self.at == before {
                self.at += 1;
            }
        }
    }

    /// Goes to the end of what cannot be parsed.
    fn pass_statement(&mut self) {
        while let Some(kind) = self.peek() {
            if matches!(kind, Kind::Newline | Kind::Mark(";" | "}")) {
                return;
            }
            self.at += 1;
        }
    }
}

/// The operator of `op=`.
fn augmenting(mark: &str) -> Option<Operator> {
    Some(match mark {
        "+=" => Operator::Add,
        "-=" => Operator::Subtract,
        "*=" => Operator::Multiply,
        "/=" => Operator::Divide,
        "%=" => Operator::Modulo,
        "^=" | "**=" => Operator::Power,
        _ => return None,
    })
}
