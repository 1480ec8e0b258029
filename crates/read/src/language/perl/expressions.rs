//! Operators of Perl, by precedence.
//!
//! Source: perlop.

use std::rc::Rc;

use super::lists::{assigned, flat, scalar};
use super::parse::{Parser, call, nothing};
use crate::language::script::syntax::{Comparison, Expression, Operator, Trailer, Unary};

/// Operators between two operands, the tightest last, with what they are.
const BINARY: &[(&str, u8)] = &[
    ("||=", 0),
    ("&&=", 0),
    ("//=", 0),
    ("...", 3),
    ("..", 3),
    ("||", 4),
    ("//", 4),
    ("&&", 5),
    ("|", 6),
    ("^", 6),
    ("&", 7),
    ("<=>", 8),
    ("==", 8),
    ("!=", 8),
    ("~~", 8),
    ("eq", 8),
    ("ne", 8),
    ("cmp", 8),
    ("<=", 9),
    (">=", 9),
    ("<<", 11),
    (">>", 11),
    ("<", 9),
    (">", 9),
    ("lt", 9),
    ("gt", 9),
    ("le", 9),
    ("ge", 9),
    ("+", 12),
    ("-", 12),
    (".", 12),
    ("**", 15),
    ("*", 13),
    ("/", 13),
    ("%", 13),
    ("x", 13),
    ("=~", 14),
    ("!~", 14),
    ("isa", 9),
];

/// The precedence behind which a named unary operator takes no more.
pub const UNARY: u8 = 10;

impl Parser<'_> {
    /// The loosest expression: `or`, `and`, `not`, lists.
    pub fn expression(&mut self) -> Expression {
        self.deeper(Self::loose).unwrap_or_else(nothing)
    }

    fn loose(&mut self) -> Expression {
        let mut left = self.tight_words();
        loop {
            self.cursor.blanks();
            let word = self.cursor.peek_word();
            if !matches!(word, Some("or" | "xor")) {
                return left;
            }
            self.cursor.at += word.map_or(0, str::len);
            let right = self.tight_words();
            left = logic(false, left, right);
        }
    }

    fn tight_words(&mut self) -> Expression {
        let mut left = self.negation();
        loop {
            self.cursor.blanks();
            if !self.cursor.take_word("and") {
                return left;
            }
            let right = self.negation();
            left = logic(true, left, right);
        }
    }

    fn negation(&mut self) -> Expression {
        self.cursor.blanks();
        if self.cursor.peek_word() == Some("not") {
            self.cursor.at += 3;
            let operand = self.deeper(Self::negation).unwrap_or_else(nothing);
            return Expression::Unary(Unary::Not, Box::new(operand));
        }
        self.list()
    }

    /// Expressions between commas: one alone, or a list.
    pub fn list(&mut self) -> Expression {
        let first = self.assignment();
        self.cursor.blanks();
        if !self.at_comma() {
            return first;
        }
        let mut items = vec![flat(first)];
        while self.at_comma() {
            let commas = if self.cursor.peek() == b',' { 1 } else { 2 };
            self.cursor.skip(commas);
            self.cursor.blanks();
            if self.at_comma() {
                continue;
            }
            if self.at_end() {
                break;
            }
            let item = self.assignment();
            items.push(flat(item));
            self.cursor.blanks();
        }
        Expression::Tuple(items)
    }

    fn at_comma(&mut self) -> bool {
        self.cursor.peek() == b',' || self.cursor.rest().starts_with("=>")
    }

    /// Whether an expression ends here.
    pub fn at_end(&mut self) -> bool {
        self.cursor.is_done()
            || matches!(self.cursor.peek(), b')' | b']' | b'}' | b';' | b':')
            || matches!(
                self.cursor.peek_word(),
                Some(
                    "or" | "and" | "if" | "unless" | "while" | "until" | "for" | "foreach" | "xor"
                )
            )
    }

    /// An assignment, a choice, or less.
    pub fn assignment(&mut self) -> Expression {
        self.deeper(Self::assignment_here).unwrap_or_else(nothing)
    }

    fn assignment_here(&mut self) -> Expression {
        self.cursor.blanks();
        let from = self.cursor.at;
        let left = self.binary(3);
        self.cursor.blanks();
        if self.cursor.peek() == b'?' {
            self.cursor.skip(1);
            let then = self.assignment();
            self.cursor.blanks();
            self.cursor.take(":");
            let otherwise = self.assignment();
            return Expression::Conditional(Box::new([left, then, otherwise]));
        }
        let rest = self.cursor.rest();
        if rest.starts_with('=')
            && !rest.starts_with("==")
            && !rest.starts_with("=~")
            && !rest.starts_with("=>")
        {
            self.cursor.skip(1);
            let right = self.assignment();
            return assigned(self, left, right, from);
        }
        match self.augmenting() {
            Some(operator) => {
                let right = self.assignment();
                augmented(left, operator, right)
            }
            None => left,
        }
    }

    /// Takes `op=`.
    fn augmenting(&mut self) -> Option<&'static str> {
        const AUGMENTING: [&str; 15] = [
            "**=", "||=", "&&=", "//=", "<<=", ">>=", "+=", "-=", "*=", "/=", ".=", "%=", "x=",
            "&=", "|=",
        ];
        let rest = self.cursor.rest();
        let found = AUGMENTING
            .iter()
            .chain(&["^="])
            .find(|operator| rest.starts_with(**operator))?;
        if *found == "x=" && rest.starts_with("x==") || rest.starts_with("x=>") {
            return None;
        }
        self.cursor.skip(found.len());
        Some(found)
    }

    /// The operator that stands here, if it is at least so tight.
    fn operator(&mut self, least: u8) -> Option<(&'static str, u8)> {
        self.cursor.blanks();
        let rest = self.cursor.rest();
        let word = self.cursor.peek_word();
        for (operator, tightness) in BINARY {
            let is_here = match operator.starts_with(|c: char| c.is_ascii_alphabetic()) {
                // `x3` is `x 3`.
                true => {
                    word == Some(operator)
                        || *operator == "x"
                            && word.is_some_and(|word| {
                                word.len() > 1
                                    && word.starts_with('x')
                                    && word.bytes().skip(1).all(|byte| byte.is_ascii_digit())
                            })
                }
                false => rest.starts_with(operator),
            };
            if !is_here {
                continue;
            }
            if *operator == "x" && rest.starts_with("x=") && !rest.starts_with("x==") {
                return None;
            }
            let is_word = operator.starts_with(|c: char| c.is_ascii_alphabetic());
            let assigns = !is_word
                && rest.get(operator.len()..).is_some_and(|after| {
                    after.starts_with('=') && !after.starts_with("==") && !after.starts_with("=~")
                })
                && matches!(
                    *operator,
                    "+" | "-"
                        | "."
                        | "*"
                        | "/"
                        | "%"
                        | "**"
                        | "|"
                        | "&"
                        | "^"
                        | "<<"
                        | ">>"
                        | "||"
                        | "&&"
                        | "//"
                );
            if assigns || *tightness == 0 || *tightness < least {
                return None;
            }
            return Some((operator, *tightness));
        }
        None
    }

    /// Operators at least so tight.
    pub fn binary(&mut self, least: u8) -> Expression {
        self.deeper(|this| this.binary_here(least))
            .unwrap_or_else(nothing)
    }

    fn binary_here(&mut self, least: u8) -> Expression {
        let mut left = self.unary();
        while let Some((operator, tightness)) = self.operator(least) {
            self.cursor.skip(operator.len());
            if tightness == 14 {
                left = self.bound(left, operator == "!~");
                continue;
            }
            // `**` binds to the right.
            let right = self.binary(if tightness == 15 { 15 } else { tightness + 1 });
            left = joined(left, operator, right);
        }
        left
    }

    /// Signs in front of an operand.
    fn unary(&mut self) -> Expression {
        self.cursor.blanks();
        let next = self.cursor.ahead(1);
        match self.cursor.peek() {
            b'!' if next != b'~' => {
                self.cursor.skip(1);
                let operand = self.binary(14);
                Expression::Unary(Unary::Not, Box::new(operand))
            }
            b'~' => {
                self.cursor.skip(1);
                call("#invert()", vec![self.binary(14)])
            }
            b'\\' => {
                self.cursor.skip(1);
                // `\&name` is the function, not what it returns.
                if self.cursor.peek() == b'&' && self.cursor.ahead(1) != b'{' {
                    let at = self.cursor.at;
                    self.cursor.skip(1);
                    if let Some(name) = self.cursor.word() {
                        let plain = name.rsplit("::").next().unwrap_or(name).to_owned();
                        return self.named(&format!("{plain}()"));
                    }
                    self.cursor.at = at;
                }
                let operand = self.binary(14);
                call("#reference()", vec![operand])
            }
            b'+' if next == b'+' => self.stepped("#increment()"),
            b'-' if next == b'-' => self.stepped("#decrement()"),
            b'+' => {
                self.cursor.skip(1);
                self.binary(14)
            }
            b'-' if next.is_ascii_alphabetic() && !self.is_word_behind_minus() => {
                // A test of a file.
                self.cursor.skip(2);
                self.cursor.blanks();
                match self.at_end() {
                    true => nothing(),
                    false => {
                        let operand = self.binary(UNARY + 1);
                        call("#test()", vec![operand])
                    }
                }
            }
            b'-' => {
                self.cursor.skip(1);
                // `-word` is a text.
                if let Some(word) = self.cursor.peek_word()
                    && !self
                        .cursor
                        .text
                        .get(self.cursor.at + word.len()..)
                        .is_some_and(|rest| rest.trim_start().starts_with('('))
                {
                    self.cursor.at += word.len();
                    return Expression::Text(Rc::from(format!("-{word}")));
                }
                call("#negative()", vec![self.binary(14)])
            }
            _ => {
                let operand = self.postfix();
                self.behind(operand)
            }
        }
    }

    fn is_word_behind_minus(&self) -> bool {
        let after = self.cursor.ahead(2);
        after.is_ascii_alphanumeric() || after == b'_' || after == b'=' || after == b'(' || {
            let rest = self
                .cursor
                .text
                .get(self.cursor.at + 2..)
                .unwrap_or_default();
            rest.trim_start().starts_with("=>") || rest.trim_start().starts_with(',')
        }
    }

    fn stepped(&mut self, function: &str) -> Expression {
        self.cursor.skip(2);
        let target = self.postfix();
        match same(&target) {
            Some(again) => {
                let value = call(function, vec![again]);
                Expression::Assign(Box::new(target), Box::new(value))
            }
            None => target,
        }
    }

    /// `++` and `--` behind an operand.
    fn behind(&mut self, operand: Expression) -> Expression {
        self.cursor.blanks();
        let function = match (self.cursor.peek(), self.cursor.ahead(1)) {
            (b'+', b'+') => "#increment()",
            (b'-', b'-') => "#decrement()",
            _ => return operand,
        };
        self.cursor.skip(2);
        let (Some(target), Some(old)) = (same(&operand), same(&operand)) else {
            return operand;
        };
        let value = call(function, vec![old]);
        let step = Expression::Assign(Box::new(target), Box::new(value));
        call("#first()", vec![operand, step])
    }
}

/// An expression once more, if it is a name or an item of one.
pub fn same(expression: &Expression) -> Option<Expression> {
    Some(match expression {
        Expression::Name(name) => Expression::Name(name.clone()),
        Expression::Text(text) => Expression::Text(text.clone()),
        Expression::Int(number) => Expression::Int(*number),
        Expression::Postfix(base, trailers) => {
            let mut copied = Vec::with_capacity(trailers.len());
            for trailer in trailers {
                copied.push(match trailer {
                    Trailer::Index(index) => Trailer::Index(Box::new(same(index)?)),
                    _ => return None,
                });
            }
            Expression::Postfix(Box::new(same(base)?), copied)
        }
        _ => return None,
    })
}

fn logic(and: bool, left: Expression, right: Expression) -> Expression {
    match left {
        Expression::Logic(own, mut operands) if own == and => {
            operands.push(right);
            Expression::Logic(and, operands)
        }
        left => Expression::Logic(and, vec![left, right]),
    }
}

/// `left operator right`.
fn joined(left: Expression, operator: &str, right: Expression) -> Expression {
    let arithmetic = match operator {
        "+" => Operator::Add,
        "-" => Operator::Subtract,
        "*" => Operator::Multiply,
        "/" => Operator::Divide,
        "%" => Operator::Modulo,
        "**" => Operator::Power,
        "." => Operator::Concatenate,
        "|" => Operator::Or,
        "&" => Operator::And,
        "^" => Operator::Xor,
        "<<" => Operator::ShiftLeft,
        ">>" => Operator::ShiftRight,
        _ => return compared(left, operator, right),
    };
    let (left, right) = (scalar(left), scalar(right));
    match left {
        Expression::Operation(first, mut rest) if operator != "**" => {
            rest.push((arithmetic, right));
            Expression::Operation(first, rest)
        }
        left => Expression::Operation(Box::new(left), vec![(arithmetic, right)]),
    }
}

fn compared(left: Expression, operator: &str, right: Expression) -> Expression {
    let comparison = match operator {
        "==" | "eq" => Comparison::Equal,
        "!=" | "ne" => Comparison::NotEqual,
        "<" | "lt" => Comparison::Less,
        "<=" | "le" => Comparison::LessEqual,
        ">" | "gt" => Comparison::Greater,
        ">=" | "ge" => Comparison::GreaterEqual,
        "&&" => return logic(true, left, right),
        "||" | "//" => return logic(false, left, right),
        ".." | "..." => return call("#range()", vec![left, right]),
        "x" => {
            let function = match &left {
                Expression::Tuple(_) => "#repeat_list()",
                _ => "#repeat()",
            };
            return call(function, vec![list_or_scalar(left), scalar(right)]);
        }
        _ => return call("#compare()", vec![scalar(left), scalar(right)]),
    };
    let numeric = operator.starts_with(['=', '!', '<', '>']);
    let (mut left, mut right) = (scalar(left), scalar(right));
    if numeric {
        left = number(left);
        right = number(right);
    }
    Expression::Compare(Box::new(left), vec![(comparison, right)])
}

/// An operand of a comparison of numbers.
fn number(expression: Expression) -> Expression {
    match expression {
        Expression::Int(_) | Expression::Float(_) => expression,
        other => call("#number()", vec![other]),
    }
}

fn list_or_scalar(expression: Expression) -> Expression {
    match expression {
        Expression::Tuple(items) => Expression::Tuple(items),
        other => scalar(other),
    }
}

/// `left operator= right`.
fn augmented(left: Expression, operator: &str, right: Expression) -> Expression {
    let plain = operator.trim_end_matches('=');
    let operator = match plain {
        "+" => Operator::Add,
        "-" => Operator::Subtract,
        "*" => Operator::Multiply,
        "/" => Operator::Divide,
        "%" => Operator::Modulo,
        "**" => Operator::Power,
        "." => Operator::Concatenate,
        "|" => Operator::Or,
        "&" => Operator::And,
        "^" => Operator::Xor,
        "<<" => Operator::ShiftLeft,
        ">>" => Operator::ShiftRight,
        _ => {
            let (Some(target), old) = (same(&left), left) else {
                return right;
            };
            let value = match plain {
                "x" => call("#repeat()", vec![old, right]),
                "&&" => Expression::Logic(true, vec![old, right]),
                _ => Expression::Logic(false, vec![old, right]),
            };
            return Expression::Assign(Box::new(target), Box::new(value));
        }
    };
    Expression::Augment(Box::new((left, operator, scalar(right))), false)
}
