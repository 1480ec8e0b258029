//! Statements as text, for evidence: compiled code has none of its own.

use crate::language::script::syntax::{
    Argument, Comparison, Expression, FormatPart, Operator, StatementKind, Trailer, Unary,
};

/// Longest rendered statement, in bytes: what evidence holds.
const LONGEST: usize = model::text::EVIDENCE_BYTES;

/// Deepest nesting that is rendered.
const NESTING: usize = 12;

/// Longest text or bytes that are rendered.
const LONGEST_TEXT: usize = 160;

/// Renders a statement; of a compound one its head.
pub fn statement(kind: &StatementKind, out: &mut String) {
    let mut renderer = Renderer {
        limit: out.len() + LONGEST,
        out,
    };
    renderer.statement(kind);
}

struct Renderer<'a> {
    out: &'a mut String,
    limit: usize,
}

impl Renderer<'_> {
    fn put(&mut self, text: &str) {
        if self.out.len() < self.limit {
            self.out.push_str(text);
        }
    }

    fn statement(&mut self, kind: &StatementKind) {
        match kind {
            StatementKind::Expression(value) => self.value(value, 0),
            StatementKind::Assign(targets, value) => {
                for target in targets {
                    self.value(target, 0);
                    self.put(" = ");
                }
                self.value(value, 0);
            }
            StatementKind::Import(modules) => {
                for (module, alias) in modules {
                    self.put(&format!("import {module}"));
                    if let Some(alias) = alias {
                        self.put(&format!(" as {alias}"));
                    }
                }
            }
            StatementKind::ImportFrom(module, names) => {
                for (name, _) in names {
                    self.put(&format!("from {module} import {name}"));
                }
            }
            StatementKind::ImportAll(module) => self.put(&format!("from {module} import *")),
            StatementKind::Return(value) => {
                self.put("return ");
                self.values(value.iter());
            }
            StatementKind::Raise(values) => {
                self.put("raise ");
                self.values(values.iter());
            }
            StatementKind::Print(_, values) => {
                self.put("print ");
                self.values(values.iter());
            }
            StatementKind::Exec(code) => {
                self.put("exec ");
                self.value(code, 0);
            }
            StatementKind::If(branches, _) => {
                self.put("if ");
                self.values(branches.iter().map(|(condition, _)| condition));
            }
            StatementKind::While(condition, ..) => {
                self.put("while ");
                self.value(condition, 0);
            }
            StatementKind::For(target, iterable, ..) => {
                self.put("for ");
                self.value(target, 0);
                self.put(" in ");
                self.value(iterable, 0);
            }
            StatementKind::Function(function, _) => self.put(&format!("def {}", function.name)),
            StatementKind::Class(class) => self.put(&format!("class {}", class.name)),
            StatementKind::Break => self.put("break"),
            StatementKind::Continue => self.put("continue"),
            _ => {}
        }
    }

    fn values<'e>(&mut self, values: impl Iterator<Item = &'e Expression>) {
        for (n, value) in values.enumerate() {
            if n > 0 {
                self.put(", ");
            }
            self.value(value, 1);
        }
    }

    fn list(&mut self, open: &str, values: &[Expression], close: &str, depth: usize) {
        self.put(open);
        for (n, value) in values.iter().enumerate() {
            if n > 0 {
                self.put(", ");
            }
            if self.out.len() >= self.limit {
                return;
            }
            self.value(value, depth + 1);
        }
        self.put(close);
    }

    fn value(&mut self, value: &Expression, depth: usize) {
        if depth > NESTING || self.out.len() >= self.limit {
            self.put("…");
            return;
        }
        let inner = depth + 1;
        match value {
            Expression::Format(parts) => self.format(parts, inner),
            Expression::Name(name) => self.put(name),
            Expression::Operation(first, rest) => {
                self.value(first, inner);
                for (operator, value) in rest {
                    self.put(sign(*operator));
                    self.value(value, inner);
                }
            }
            Expression::Logic(and, values) => {
                for (n, value) in values.iter().enumerate() {
                    if n > 0 {
                        self.put(if *and { " and " } else { " or " });
                    }
                    self.value(value, inner);
                }
            }
            Expression::Unary(operator, value) => {
                self.put(match operator {
                    Unary::Plus => "+",
                    Unary::Minus => "-",
                    Unary::Invert => "~",
                    Unary::Not => "not ",
                });
                self.value(value, inner);
            }
            Expression::Compare(first, rest) => {
                self.value(first, inner);
                for (comparison, value) in rest {
                    self.put(compared(*comparison));
                    self.value(value, inner);
                }
            }
            Expression::Postfix(first, trailers) => {
                self.value(first, inner);
                for trailer in trailers {
                    self.trailer(trailer, inner);
                }
            }
            Expression::Lambda(function) => self.put(&function.name),
            Expression::Conditional(parts) => {
                let [condition, one, other] = &**parts;
                self.value(one, inner);
                self.put(" if ");
                self.value(condition, inner);
                self.put(" else ");
                self.value(other, inner);
            }
            Expression::List(values) => self.list("[", values, "]", depth),
            Expression::Tuple(values) => self.list("(", values, ")", depth),
            Expression::Dictionary(pairs) => {
                self.put("{");
                for (key, value) in pairs.iter().take(LONGEST) {
                    self.values(key.iter());
                    self.put(": ");
                    self.value(value, inner);
                    self.put(", ");
                }
                self.put("}");
            }
            Expression::Starred(value) => {
                self.put("*");
                self.value(value, inner);
            }
            Expression::Yield(value) => {
                self.put("yield ");
                self.values(value.iter().map(|value| &**value));
            }
            other => self.constant(other),
        }
    }

    fn constant(&mut self, value: &Expression) {
        match value {
            Expression::None => self.put("None"),
            Expression::Bool(value) => self.put(if *value { "True" } else { "False" }),
            Expression::Int(value) => self.put(&value.to_string()),
            Expression::BigInt(_) => self.put("0x…"),
            Expression::Float(value) => self.put(&value.to_string()),
            Expression::Text(text) => {
                self.put(&format!("{:?}", model::text::cut(text, LONGEST_TEXT)))
            }
            Expression::Bytes(bytes) => {
                let shown = bytes
                    .get(..LONGEST_TEXT.min(bytes.len()))
                    .unwrap_or_default();
                self.put(&format!("b'{}'", shown.escape_ascii()));
            }
            _ => self.put("…"),
        }
    }

    fn format(&mut self, parts: &[FormatPart], depth: usize) {
        self.put("f'");
        for part in parts {
            match part {
                FormatPart::Text(text) => self.put(&model::text::cut(text, LONGEST_TEXT)),
                FormatPart::Field(value, ..) => {
                    self.put("{");
                    self.value(value, depth);
                    self.put("}");
                }
            }
        }
        self.put("'");
    }

    fn trailer(&mut self, trailer: &Trailer, depth: usize) {
        match trailer {
            Trailer::Attribute(name) => self.put(&format!(".{name}")),
            Trailer::Call(arguments) => {
                self.put("(");
                for (n, argument) in arguments.iter().enumerate() {
                    if n > 0 {
                        self.put(", ");
                    }
                    let (before, value) = match argument {
                        Argument::Plain(value) => (String::new(), value),
                        Argument::Named(name, value) => (format!("{name}="), value),
                        Argument::Rest(value) => ("*".to_owned(), value),
                        Argument::RestNamed(value) => ("**".to_owned(), value),
                    };
                    self.put(&before);
                    self.value(value, depth);
                }
                self.put(")");
            }
            Trailer::Append => self.put("[]"),
            Trailer::Index(index) => {
                self.put("[");
                self.value(index, depth);
                self.put("]");
            }
            Trailer::Slice(parts) => {
                self.put("[");
                for (n, part) in parts.iter().enumerate() {
                    if n > 0 {
                        self.put(":");
                    }
                    self.values(part.iter());
                }
                self.put("]");
            }
        }
    }
}

const fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Add => " + ",
        Operator::Subtract => " - ",
        Operator::Multiply => " * ",
        Operator::Divide => " / ",
        Operator::FloorDivide => " // ",
        Operator::Modulo => " % ",
        Operator::Power => " ** ",
        Operator::MatrixMultiply => " @ ",
        Operator::Or => " | ",
        Operator::And => " & ",
        Operator::Xor => " ^ ",
        Operator::ShiftLeft => " << ",
        Operator::ShiftRight => " >> ",
        Operator::ShiftRightUnsigned => " >>> ",
        Operator::Concatenate => " . ",
    }
}

const fn compared(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => " == ",
        Comparison::NotEqual => " != ",
        Comparison::Less => " < ",
        Comparison::LessEqual => " <= ",
        Comparison::Greater => " > ",
        Comparison::GreaterEqual => " >= ",
        Comparison::In => " in ",
        Comparison::NotIn => " not in ",
        Comparison::Is => " is ",
        Comparison::IsNot => " is not ",
    }
}
