//! Strings of a tree-sitter-python tree: plain, bytes, formatted, and side by side.

use std::rc::Rc;

use tree_sitter::Node;

use super::expressions::nothing;
use super::parse::Reader;
use crate::language::script::literal;
use crate::language::script::syntax::{Expression, FormatPart};

impl Reader<'_> {
    /// A string.
    pub fn string(&self, node: Node, depth: usize) -> Expression {
        let prefix = node
            .child(0)
            .map(|start| literal::prefix(self.source(start)))
            .unwrap_or_default();
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "string_content" => {
                    let content = self.source(child);
                    let content = match prefix.raw {
                        true => content.to_owned(),
                        false => literal::unescape(content, prefix.bytes),
                    };
                    match prefix.format {
                        true => text.push_str(&content.replace("{{", "{").replace("}}", "}")),
                        false => text.push_str(&content),
                    }
                }
                "interpolation" => {
                    parts.push(FormatPart::Text(Rc::from(std::mem::take(&mut text))));
                    parts.push(self.interpolation(child, depth));
                }
                _ => {}
            }
        }
        if prefix.bytes {
            return Expression::Bytes(Rc::from(literal::latin1(&text)));
        }
        if parts.is_empty() {
            return Expression::Text(Rc::from(text));
        }
        parts.push(FormatPart::Text(Rc::from(text)));
        Expression::Format(parts)
    }

    fn interpolation(&self, node: Node, depth: usize) -> FormatPart {
        let expression = self
            .field(node, "expression", depth)
            .unwrap_or_else(nothing);
        let conversion = node
            .child_by_field_name("type_conversion")
            .and_then(|conversion| self.source(conversion).chars().nth(1));
        let specification = node
            .child_by_field_name("format_specifier")
            .map(|specifier| self.source(specifier).trim_start_matches(':').to_owned())
            .unwrap_or_default();
        FormatPart::Field(expression, conversion, specification)
    }

    /// Strings side by side.
    pub fn concatenated(&self, node: Node, depth: usize) -> Expression {
        let mut text = String::new();
        let mut bytes: Option<Vec<u8>> = None;
        let mut parts = Vec::new();
        for part in self.children(node, depth) {
            match part {
                Expression::Text(more) => text.push_str(&more),
                Expression::Bytes(more) => bytes.get_or_insert_default().extend_from_slice(&more),
                Expression::Format(more) => {
                    parts.push(FormatPart::Text(Rc::from(std::mem::take(&mut text))));
                    parts.extend(more);
                }
                _ => {}
            }
        }
        match bytes {
            Some(bytes) => Expression::Bytes(Rc::from(bytes)),
            None if parts.is_empty() => Expression::Text(Rc::from(text)),
            None => {
                parts.push(FormatPart::Text(Rc::from(text)));
                Expression::Format(parts)
            }
        }
    }
}
