//! Expressions of awk, in order of precedence.

use std::rc::Rc;

use super::{Kind, Parser, augmenting, call, nothing, statement};
use crate::language::script::syntax::{
    Comparison, Expression, Operator, StatementKind, Trailer, Unary,
};

/// Something that can be assigned to.
enum Place {
    /// A variable or a field of known number.
    Name(Rc<str>),
    /// An element of an array.
    Element(Rc<str>, Expression),
}

impl Place {
    fn expression(self) -> Expression {
        match self {
            Self::Name(name) => Expression::Name(name),
            Self::Element(array, index) => Expression::Postfix(
                Box::new(Expression::Name(array)),
                vec![Trailer::Index(Box::new(index))],
            ),
        }
    }
}

impl Parser {
    /// Expressions with commas between them. In an argument of `print`, `>` redirects.
    pub(super) fn list(&mut self, printed: bool) -> Vec<Expression> {
        let mut list = vec![self.expression(printed)];
        while self.take(",") {
            while matches!(self.peek(), Some(Kind::Newline)) {
                self.at += 1;
            }
            list.push(self.expression(printed));
        }
        list
    }

    /// An expression: `a ? b : c` and what binds tighter.
    pub(super) fn expression(&mut self, printed: bool) -> Expression {
        self.deeper(|this| this.ternary(printed))
            .unwrap_or_else(|| {
                self.pass_statement();
                nothing()
            })
    }

    fn ternary(&mut self, printed: bool) -> Expression {
        let condition = self.logic(printed, 0);
        if !self.take("?") {
            return condition;
        }
        self.skip_line_ends();
        let then = self.expression(printed);
        self.skip_line_ends();
        self.take(":");
        self.skip_line_ends();
        let otherwise = self.expression(printed);
        Expression::Conditional(Box::new([condition, then, otherwise]))
    }

    fn skip_line_ends(&mut self) {
        while matches!(self.peek(), Some(Kind::Newline)) {
            self.at += 1;
        }
    }

    /// `||` (level 0) and `&&` (level 1).
    fn logic(&mut self, printed: bool, level: usize) -> Expression {
        let mark = ["||", "&&"].get(level).copied();
        let Some(mark) = mark else {
            return self.membership(printed);
        };
        let first = self.logic(printed, level + 1);
        let mut operands = vec![first];
        while self.take(mark) {
            self.skip_line_ends();
            operands.push(self.logic(printed, level + 1));
        }
        if operands.len() == 1 {
            return operands.pop().unwrap_or_else(nothing);
        }
        Expression::Logic(level == 1, operands)
    }

    /// `x in array`, `x ~ y`, comparisons.
    fn membership(&mut self, printed: bool) -> Expression {
        let mut left = self.comparison(printed);
        loop {
            if self.take_word("in") {
                let right = self.concatenation(printed);
                left = Expression::Unreadable(vec![left, right]);
            } else if self.take_any(&["~", "!~"]).is_some() {
                let right = self.comparison(printed);
                left = Expression::Unreadable(vec![left, right]);
            } else {
                return left;
            }
        }
    }

    fn comparison(&mut self, printed: bool) -> Expression {
        let left = self.piped(printed);
        let marks: &[&'static str] = if printed {
            &["==", "!=", "<=", ">=", "<"]
        } else {
            &["==", "!=", "<=", ">=", "<", ">"]
        };
        let comparison = match self.take_any(marks) {
            Some("==") => Comparison::Equal,
            Some("!=") => Comparison::NotEqual,
            Some("<=") => Comparison::LessEqual,
            Some(">=") => Comparison::GreaterEqual,
            Some("<") => Comparison::Less,
            Some(_) => Comparison::Greater,
            None => return left,
        };
        let right = self.piped(printed);
        Expression::Compare(Box::new(left), vec![(comparison, right)])
    }

    /// `command | getline` and `command |& getline`.
    fn piped(&mut self, printed: bool) -> Expression {
        let mut left = self.concatenation(printed);
        while (self.is("|") || self.is("|&")) && self.getline_follows() {
            let function = if self.is("|&") {
                "awk converse"
            } else {
                "awk command output"
            };
            self.at += 2;
            let read = call(function, vec![left]);
            left = self.read_into(read);
        }
        left
    }

    fn getline_follows(&self) -> bool {
        matches!(
            self.tokens.get(self.at + 1).map(|token| &token.kind),
            Some(Kind::Name(word) | Kind::Called(word)) if word == "getline"
        )
    }

    /// What `getline` reads goes to the variable behind it, or to the record.
    fn read_into(&mut self, read: Expression) -> Expression {
        let target = match self.peek() {
            Some(Kind::Name(name)) if !is_keyword(name) => self.place(),
            Some(Kind::Mark("$")) => self.place(),
            _ => None,
        };
        let target = target.unwrap_or_else(|| Place::Name(Rc::from("$0")));
        Expression::Assign(Box::new(target.expression()), Box::new(read))
    }

    /// Operands side by side are one text.
    pub(super) fn concatenation(&mut self, printed: bool) -> Expression {
        let first = self.arithmetic(printed, 0);
        let mut rest = Vec::new();
        while self.operand_follows() {
            rest.push((Operator::Concatenate, self.arithmetic(printed, 0)));
        }
        if rest.is_empty() {
            first
        } else {
            Expression::Operation(Box::new(first), rest)
        }
    }

    fn operand_follows(&self) -> bool {
        match self.peek() {
            Some(Kind::Number(_) | Kind::Text(_) | Kind::Called(_)) => !self.is_word("in"),
            Some(Kind::Name(name)) => !is_keyword(name),
            Some(Kind::Mark(mark)) => ["$", "!", "(", "++", "--"].contains(mark),
            _ => false,
        }
    }

    /// `+ -` (level 0) and `* / %` (level 1).
    fn arithmetic(&mut self, printed: bool, level: usize) -> Expression {
        let marks: &[&'static str] = match level {
            0 => &["+", "-"],
            1 => &["*", "/", "%"],
            _ => return self.unary(printed),
        };
        let first = self.arithmetic(printed, level + 1);
        let mut rest = Vec::new();
        while let Some(mark) = self.take_any(marks) {
            let operator = match mark {
                "+" => Operator::Add,
                "-" => Operator::Subtract,
                "*" => Operator::Multiply,
                "/" => Operator::Divide,
                _ => Operator::Modulo,
            };
            rest.push((operator, self.arithmetic(printed, level + 1)));
        }
        if rest.is_empty() {
            first
        } else {
            Expression::Operation(Box::new(first), rest)
        }
    }

    fn unary(&mut self, printed: bool) -> Expression {
        let operator = match self.take_any(&["!", "-", "+"]) {
            Some("!") => Unary::Not,
            Some("-") => Unary::Minus,
            Some(_) => Unary::Plus,
            None => return self.power(printed),
        };
        let operand = self
            .deeper(|this| this.unary(printed))
            .unwrap_or_else(nothing);
        Expression::Unary(operator, Box::new(operand))
    }

    fn power(&mut self, printed: bool) -> Expression {
        let base = self.primary();
        if self.take_any(&["^", "**"]).is_none() {
            return base;
        }
        let exponent = self
            .deeper(|this| this.unary(printed))
            .unwrap_or_else(nothing);
        Expression::Operation(Box::new(base), vec![(Operator::Power, exponent)])
    }

    // ---- operands ----

    fn primary(&mut self) -> Expression {
        match self.peek().cloned() {
            Some(Kind::Number(number)) => {
                self.at += 1;
                self::number(number)
            }
            Some(Kind::Text(text)) => {
                self.at += 1;
                Expression::Text(Rc::from(text))
            }
            Some(Kind::Regex(regex)) => {
                self.at += 1;
                // A match of the record; as an argument, the expression itself.
                Expression::Text(Rc::from(regex))
            }
            Some(Kind::Mark("(")) => self.grouping(),
            Some(Kind::Mark("++" | "--")) => self.before_step(),
            Some(Kind::Called(name)) if name == "getline" => self.getline(),
            Some(Kind::Name(name)) if name == "getline" => self.getline(),
            Some(Kind::Called(name)) => {
                self.at += 1;
                self.call(&name)
            }
            Some(Kind::Name(name)) if name == "length" => {
                self.at += 1;
                call("length", vec![Expression::Name(Rc::from("$0"))])
            }
            Some(Kind::Name(_) | Kind::Mark("$" | "@")) => self.place_value(),
            _ => nothing(),
        }
    }

    fn grouping(&mut self) -> Expression {
        self.at += 1;
        let mut list = self.list(false);
        self.take(")");
        if list.len() == 1 {
            return list.pop().unwrap_or_else(nothing);
        }
        Expression::Tuple(list)
    }

    /// `getline`, `getline < file`, `getline name < file`.
    fn getline(&mut self) -> Expression {
        self.at += 1;
        let target = match self.peek() {
            Some(Kind::Name(name)) if !is_keyword(name) => self.place(),
            Some(Kind::Mark("$")) => self.place(),
            _ => None,
        };
        let target = target.unwrap_or_else(|| Place::Name(Rc::from("$0")));
        let read = if self.take("<") {
            let file = self.primary();
            call("awk read", vec![file])
        } else {
            Expression::Name(Rc::from("$0"))
        };
        Expression::Assign(Box::new(target.expression()), Box::new(read))
    }

    /// A call; those that change an argument assign it.
    fn call(&mut self, name: &str) -> Expression {
        self.take("(");
        let array_at = usize::from(name == "split" || name == "patsplit");
        let mut arguments = Vec::new();
        let mut changed = None;
        while !self.is(")") && self.peek().is_some() {
            self.skip_line_ends();
            let before = self.at;
            if arguments.len() == array_at && array_at == 1
                || arguments.len() == 2 && is_substituting(name)
            {
                changed = self.place();
                self.at = before;
            }
            arguments.push(self.expression(false));
            self.skip_line_ends();
            if !self.take(",") {
                break;
            }
        }
        self.take(")");
        if name == "split" || name == "patsplit" {
            if let Some(Place::Name(array)) = changed {
                self.arrays.insert(array.to_string());
                let target = Expression::Name(array);
                return Expression::Assign(Box::new(target), Box::new(call(name, arguments)));
            }
        } else if is_substituting(name) {
            let target = changed.unwrap_or_else(|| Place::Name(Rc::from("$0")));
            if arguments.len() == 2 {
                arguments.push(Expression::Name(Rc::from("$0")));
            }
            let replaced = call(name, arguments);
            return Expression::Assign(Box::new(target.expression()), Box::new(replaced));
        }
        call(name, arguments)
    }

    /// A variable, element or field, with what is done to it.
    fn place_value(&mut self) -> Expression {
        let Some(place) = self.place() else {
            return nothing();
        };
        if self.take("=") {
            self.skip_line_ends();
            let value = self.expression(false);
            return Expression::Assign(Box::new(place.expression()), Box::new(value));
        }
        let marks = ["+=", "-=", "*=", "/=", "%=", "^=", "**="];
        if let Some(operator) = self.take_any(&marks).and_then(augmenting) {
            let value = self.expression(false);
            return self.augment(place, operator, value, None);
        }
        if let Some(mark) = self.take_any(&["++", "--"]) {
            let (operator, back) = step(mark);
            return self.augment(place, operator, Expression::Int(1), Some(back));
        }
        place.expression()
    }

    /// `++x` and `--x`.
    fn before_step(&mut self) -> Expression {
        let mark = if self.is("++") { "++" } else { "--" };
        self.at += 1;
        match self.place() {
            Some(place) => self.augment(place, step(mark).0, Expression::Int(1), None),
            None => self.primary(),
        }
    }

    /// Changes a place and gives its value: the new one, or with `back` the old.
    fn augment(
        &mut self,
        place: Place,
        operator: Operator,
        value: Expression,
        back: Option<Operator>,
    ) -> Expression {
        let (line, start) = self.here();
        let result = match &place {
            Place::Name(name) => {
                let name = Expression::Name(name.clone());
                match back {
                    Some(back) => {
                        Expression::Operation(Box::new(name), vec![(back, Expression::Int(1))])
                    }
                    None => name,
                }
            }
            Place::Element(..) => nothing(),
        };
        let augment = StatementKind::Augment(place.expression(), operator, value);
        Expression::Block(vec![
            statement(line, start..start, augment),
            statement(line, start..start, StatementKind::Expression(result)),
        ])
    }

    /// A variable, element or field.
    fn place(&mut self) -> Option<Place> {
        self.take("@");
        match self.peek().cloned() {
            Some(Kind::Name(name)) if !is_keyword(&name) => {
                self.at += 1;
                if !self.take("[") {
                    return Some(Place::Name(Rc::from(name)));
                }
                self.arrays.insert(name.clone());
                let mut index = self.list(false);
                self.take("]");
                let index = match index.len() {
                    1 => index.pop().unwrap_or_else(nothing),
                    _ => Expression::Tuple(index),
                };
                Some(Place::Element(Rc::from(name), index))
            }
            Some(Kind::Mark("$")) => {
                self.at += 1;
                let field = match self.peek().cloned() {
                    Some(Kind::Number(number)) => {
                        self.at += 1;
                        format!("${number}")
                    }
                    // Any field: they all come from the record.
                    _ => {
                        self.deeper(Self::primary);
                        "$?".to_owned()
                    }
                };
                Some(Place::Name(Rc::from(field)))
            }
            _ => None,
        }
    }
}

/// The operator of a step, and the one that undoes it.
fn step(mark: &str) -> (Operator, Operator) {
    if mark == "++" {
        (Operator::Add, Operator::Subtract)
    } else {
        (Operator::Subtract, Operator::Add)
    }
}

fn number(number: f64) -> Expression {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "checked to be whole and small"
    )]
    if number.fract() == 0.0 && number.abs() < 1e15 {
        Expression::Int(number as i128)
    } else {
        Expression::Float(number)
    }
}

fn is_substituting(name: &str) -> bool {
    matches!(name, "sub" | "gsub")
}

fn is_keyword(name: &str) -> bool {
    matches!(
        name,
        "in" | "getline"
            | "if"
            | "else"
            | "while"
            | "for"
            | "do"
            | "print"
            | "printf"
            | "return"
            | "next"
            | "exit"
            | "delete"
            | "function"
            | "BEGIN"
            | "END"
    )
}
