//! Strings, symbols and here-documents of a tree-sitter-ruby tree.
//!
//! Source: the documentation of Ruby, "Literals".

use tree_sitter::Node;

use super::expressions::nothing;
use super::literals;
use super::parse::Reader;
use crate::language::script::syntax::{Expression, Operator};
use crate::language::script::tree::children;

impl Reader<'_> {
    /// A string, symbol or here-document.
    pub fn text(&self, node: Node, depth: usize) -> Expression {
        let raw = self.source.of(node);
        match node.kind() {
            "simple_symbol" => {
                Expression::Text(self.source.intern(raw.strip_prefix(':').unwrap_or(raw)))
            }
            "hash_key_symbol" => Expression::Text(self.source.intern(raw)),
            "character" => {
                let text = literals::unescape(raw.strip_prefix('?').unwrap_or(raw));
                Expression::Text(self.source.intern(&text))
            }
            "heredoc_beginning" => self.heredoc(node, depth),
            "chained_string" => {
                let rest = self.items(node, depth).into_iter();
                let rest = rest.map(|part| (Operator::Add, part)).collect();
                let empty = Expression::Text(self.source.intern(""));
                Expression::Operation(Box::new(empty), rest)
            }
            _ => {
                let single =
                    raw.starts_with('\'') || raw.starts_with("%q") || raw.starts_with(":'");
                let kind = match single {
                    true => literals::Kind::Single,
                    false => literals::Kind::Double,
                };
                self.parts(node, kind, depth)
            }
        }
    }

    /// The parts of a string one after the other.
    pub fn parts(&self, node: Node, kind: literals::Kind, depth: usize) -> Expression {
        let mut rest = Vec::new();
        for part in children(node) {
            let part = match part.kind() {
                "interpolation" => self.expression(part, depth),
                "heredoc_end" => continue,
                "escape_sequence" => {
                    let text = literals::escape(self.source.of(part), kind);
                    Expression::Text(self.source.intern(&text))
                }
                _ => {
                    let text = match kind {
                        literals::Kind::Single => literals::single(self.source.of(part)),
                        _ => self.source.of(part).to_owned(),
                    };
                    Expression::Text(self.source.intern(&text))
                }
            };
            rest.push((Operator::Add, part));
        }
        match <[(Operator, Expression); 1]>::try_from(rest) {
            Ok([(_, text @ Expression::Text(_))]) => text,
            Ok([part]) => self.joined(vec![part]),
            Err(rest) => self.joined(rest),
        }
    }

    fn joined(&self, rest: Vec<(Operator, Expression)>) -> Expression {
        let empty = Expression::Text(self.source.intern(""));
        match rest.is_empty() {
            true => empty,
            false => Expression::Operation(Box::new(empty), rest),
        }
    }

    fn heredoc(&self, node: Node, depth: usize) -> Expression {
        let Some(body) = self.heredocs.get(&node.start_byte()) else {
            return nothing();
        };
        let opening = self.source.of(node);
        let kind = match opening.contains('\'') {
            true => literals::Kind::Raw,
            false => literals::Kind::Double,
        };
        let text = self.parts(*body, kind, depth);
        match text {
            Expression::Text(text) => {
                let text = text.strip_prefix('\n').unwrap_or(&text);
                let text = match opening.contains('~') {
                    true => literals::dedent(text),
                    false => text.to_owned(),
                };
                Expression::Text(self.source.intern(&text))
            }
            other => other,
        }
    }
}
