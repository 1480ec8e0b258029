//! Statements of awk.

use super::{Kind, Parser, call, nothing, statement};
use crate::language::script::syntax::{Block, Expression, Statement, StatementKind};

impl Parser {
    /// One statement; `None` for an empty one.
    pub(super) fn statement(&mut self) -> Option<Statement> {
        let (line, start) = self.here();
        let kind = if self.take("{") {
            StatementKind::Unreadable(self.statements())
        } else if self.take_word("if") {
            self.if_statement()
        } else if self.take_word("while") {
            let condition = self.in_parentheses();
            StatementKind::While(condition, self.body(), Block::new())
        } else if self.take_word("do") {
            self.do_statement()
        } else if self.take_word("for") {
            return Some(self.for_statement(line, start));
        } else if self.take_word("break") {
            StatementKind::Break
        } else if self.take_word("continue") {
            StatementKind::Continue
        } else if self.take_word("next") || self.take_word("nextfile") || self.take_word("exit") {
            if !self.ends() {
                self.expression(false);
            }
            // What stands behind it may run for another record.
            return None;
        } else if self.take_word("return") {
            let value = (!self.ends()).then(|| self.expression(false));
            StatementKind::Return(value)
        } else if self.take_word("delete") {
            self.pass_statement();
            return None;
        } else if self.is_word("print") || self.is_word("printf") {
            StatementKind::Expression(self.print())
        } else {
            StatementKind::Expression(self.expression(false))
        };
        Some(statement(line, start..self.end().max(start), kind))
    }

    fn ends(&self) -> bool {
        matches!(
            self.peek(),
            None | Some(Kind::Newline | Kind::Mark(";" | "}"))
        )
    }

    /// The statement that a condition governs, on this line or the next.
    fn body(&mut self) -> Block {
        if self.take(";") {
            return Block::new();
        }
        while matches!(self.peek(), Some(Kind::Newline)) {
            self.at += 1;
        }
        if self.take("{") {
            return self.deeper(Self::statements).unwrap_or_default();
        }
        let statement = self.deeper(Self::statement).flatten();
        statement.into_iter().collect()
    }

    fn in_parentheses(&mut self) -> Expression {
        if !self.take("(") {
            return nothing();
        }
        let inner = self.expression(false);
        self.take(")");
        inner
    }

    fn if_statement(&mut self) -> StatementKind {
        let condition = self.in_parentheses();
        let then = self.body();
        let before = self.at;
        self.skip_newlines();
        let otherwise = if self.take_word("else") {
            self.body()
        } else {
            self.at = before;
            Block::new()
        };
        StatementKind::If(vec![(condition, then)], otherwise)
    }

    /// `do body while (condition)`: the body once, and as a loop.
    fn do_statement(&mut self) -> StatementKind {
        let body = self.body();
        self.skip_newlines();
        if self.take_word("while") {
            let condition = self.in_parentheses();
            return StatementKind::While(
                Expression::Unreadable(vec![condition]),
                body,
                Block::new(),
            );
        }
        StatementKind::Unreadable(body)
    }

    /// `for (a; b; c)` and `for (name in array)`.
    fn for_statement(&mut self, line: u32, start: usize) -> Statement {
        self.take("(");
        if let (Some(Kind::Name(name)), true) = (self.peek().cloned(), self.second_is_in()) {
            self.at += 2;
            let array = self.expression(false);
            self.take(")");
            let source = start..self.end();
            let target = Expression::Name(name.as_str().into());
            let body = self.body();
            return statement(
                line,
                source,
                StatementKind::For(target, array, body, Block::new()),
            );
        }
        let mut block = Block::new();
        if !self.is(";") {
            let first = StatementKind::Expression(self.expression(false));
            block.push(statement(line, start..self.end(), first));
        }
        self.take(";");
        let condition = if self.is(";") {
            Expression::Bool(true)
        } else {
            self.expression(false)
        };
        self.take(";");
        let step = (!self.is(")")).then(|| self.expression(false));
        self.take(")");
        let source = start..self.end();
        let mut body = self.body();
        if let Some(step) = step {
            body.push(statement(
                line,
                source.clone(),
                StatementKind::Expression(step),
            ));
        }
        let repeated = StatementKind::While(condition, body, Block::new());
        block.push(statement(line, source.clone(), repeated));
        statement(line, source, StatementKind::Unreadable(block))
    }

    fn second_is_in(&self) -> bool {
        matches!(
            self.tokens.get(self.at + 1).map(|token| &token.kind),
            Some(Kind::Name(word) | Kind::Called(word)) if word == "in"
        )
    }

    /// `print` and `printf` with what they are redirected to.
    fn print(&mut self) -> Expression {
        let formatted = self.is_word("printf");
        self.at += 1;
        let mut arguments = Vec::new();
        if !self.ends() && !self.is(">") && !self.is("|") && !self.is(">>") && !self.is("|&") {
            arguments = self.print_arguments();
        }
        if arguments.is_empty() {
            arguments.push(Expression::Name("$0".into()));
        }
        let function = match self.take_any(&[">>", ">", "|&", "|"]) {
            Some(">") => "awk write",
            Some(">>") => "awk append",
            Some("|") => "awk pipe",
            Some(_) => "awk converse",
            None if formatted => return call("awk printf", arguments),
            None => return call("print", arguments),
        };
        let target = self.concatenation(true);
        let text = call(if formatted { "sprintf" } else { "awk line" }, arguments);
        call(function, vec![target, text])
    }

    /// Arguments of `print`, with or without parentheses around all of them.
    fn print_arguments(&mut self) -> Vec<Expression> {
        let before = self.at;
        if self.take("(") {
            let list = self.list(false);
            let closed = self.take(")");
            let ends = self.ends() || [">", ">>", "|", "|&"].iter().any(|mark| self.is(mark));
            if closed && ends {
                return list;
            }
            self.at = before;
        }
        self.list(true)
    }
}
