//! Functions, classes and patterns of a tree-sitter-javascript tree.
//!
//! Source: ECMA-262, "Functions and Classes", "Destructuring Binding Patterns".

use std::rc::Rc;

use tree_sitter::Node;

use super::expressions::nothing;
use super::literals;
use super::parse::Reader;
use crate::language::script::syntax::{
    Argument, Block, ClassSyntax, Expression, FunctionSyntax, Name, Parameter, ParameterKind,
    StatementKind,
};
use crate::language::script::tree::children;

impl Reader {
    /// A function of any kind.
    pub fn function(&self, node: Node, depth: usize) -> Option<Rc<FunctionSyntax>> {
        if self.source.is_too_deep(depth) {
            return None;
        }
        let is_arrow = node.kind() == "arrow_function";
        self.declared.borrow_mut().push(Vec::new());
        let mut unpacked = Vec::new();
        let mut parameters = Vec::new();
        let list = node.child_by_field_name("parameters");
        if let Some(single) = node.child_by_field_name("parameter") {
            parameters.push(self.parameter(single, 0, depth, &mut unpacked));
        }
        for (at, parameter) in list.map(children).unwrap_or_default().iter().enumerate() {
            parameters.push(self.parameter(*parameter, at, depth, &mut unpacked));
        }
        let body = node.child_by_field_name("body")?;
        let mut block = unpacked;
        let is_expression = body.kind() != "statement_block";
        if is_expression {
            let value = self.expression(body, depth);
            let kind = StatementKind::Return(Some(value));
            block.push(self.source.statement(body, kind));
        } else {
            block.extend(self.block(body, depth));
        }
        self.declare(&mut block);
        if !is_arrow && self.source.of(body).contains("arguments") {
            parameters.push(Parameter {
                name: self.source.intern("arguments"),
                kind: ParameterKind::All,
                default: None,
            });
        }
        let own = node.child_by_field_name("name");
        let name = match own {
            _ if is_arrow && is_expression => "<lambda>",
            _ if is_arrow => "=>",
            Some(own) => self.source.of(own),
            None => "function",
        };
        Some(Rc::new(FunctionSyntax {
            name: self.source.intern(name),
            parameters,
            body: block,
            generator: false,
            text: self.source.text.clone(),
        }))
    }

    /// A parameter; one that is taken apart has a name of its own, from which the body begins.
    fn parameter(&self, node: Node, at: usize, depth: usize, unpacked: &mut Block) -> Parameter {
        let (kind, node) = match node.kind() {
            "rest_pattern" => (
                ParameterKind::Rest,
                children(node).first().copied().unwrap_or(node),
            ),
            _ => (ParameterKind::Plain, node),
        };
        let plain = |name: Name, default| Parameter {
            name,
            kind,
            default,
        };
        match self.pattern(node, depth) {
            Expression::Name(name) => plain(name, None),
            Expression::Assign(target, default) if matches!(*target, Expression::Name(_)) => {
                match *target {
                    Expression::Name(name) => plain(name, Some(*default)),
                    _ => plain(self.source.intern("_"), None),
                }
            }
            pattern => {
                let name = self.source.intern(&format!("@{at}"));
                self.note_pattern(&pattern);
                let value = Expression::Name(name.clone());
                let kind = StatementKind::Assign(vec![pattern], value);
                unpacked.push(self.source.statement(node, kind));
                plain(name, None)
            }
        }
    }

    /// What an assignment or declaration binds.
    pub fn pattern(&self, node: Node, depth: usize) -> Expression {
        if self.source.is_too_deep(depth) {
            return nothing();
        }
        let depth = depth + 1;
        match node.kind() {
            "identifier" | "shorthand_property_identifier_pattern" | "undefined" => {
                Expression::Name(self.source.name(node))
            }
            "array_pattern" | "array" => {
                let parts = children(node).into_iter();
                Expression::Tuple(parts.map(|part| self.pattern(part, depth)).collect())
            }
            "rest_pattern" | "spread_element" => {
                children(node).first().map_or_else(nothing, |inner| {
                    Expression::Starred(Box::new(self.pattern(*inner, depth)))
                })
            }
            "assignment_pattern" | "object_assignment_pattern" => {
                let target = node
                    .child_by_field_name("left")
                    .map_or_else(nothing, |left| self.pattern(left, depth));
                let default = self.field(node, "right", depth).unwrap_or_else(nothing);
                Expression::Assign(Box::new(target), Box::new(default))
            }
            "object_pattern" => {
                let parts = children(node).into_iter();
                Expression::Dictionary(parts.map(|part| self.part(part, depth)).collect())
            }
            "parenthesized_expression" => children(node)
                .first()
                .map_or_else(nothing, |inner| self.pattern(*inner, depth)),
            _ => self.expression(node, depth),
        }
    }

    /// A part of `{a, b: c, d = 1, ...e}`.
    fn part(&self, node: Node, depth: usize) -> (Option<Expression>, Expression) {
        match node.kind() {
            "pair_pattern" => {
                let target = node
                    .child_by_field_name("value")
                    .map_or_else(nothing, |value| self.pattern(value, depth));
                (Some(self.key(node, "key", depth)), target)
            }
            "object_assignment_pattern" => {
                let name = node.child_by_field_name("left");
                let key = name.map(|name| Expression::Text(self.source.name(name)));
                (key, self.pattern(node, depth))
            }
            "rest_pattern" => {
                let inner = children(node).first().copied();
                let target = inner.map_or_else(nothing, |inner| self.pattern(inner, depth));
                (None, target)
            }
            _ => {
                let key = Expression::Text(self.source.name(node));
                (Some(key), self.pattern(node, depth))
            }
        }
    }

    /// A class; one without a name is known by where it stands.
    pub fn class(&self, node: Node, depth: usize) -> Rc<ClassSyntax> {
        let name = match node.child_by_field_name("name") {
            Some(name) => self.source.name(name),
            None => self.source.intern(&format!("@class{}", node.start_byte())),
        };
        let bases = children(node)
            .into_iter()
            .filter(|child| child.kind() == "class_heritage")
            .filter_map(|heritage| children(heritage).first().copied())
            .map(|base| Argument::Plain(self.expression(base, depth)))
            .collect();
        let mut body = Vec::new();
        let members = node.child_by_field_name("body").map(children);
        for member in members.unwrap_or_default() {
            if let Some(kind) = self.member(member, depth) {
                body.push(self.source.statement(member, kind));
            }
        }
        Rc::new(ClassSyntax { name, bases, body })
    }

    fn member(&self, node: Node, depth: usize) -> Option<StatementKind> {
        if self.source.is_too_deep(depth) {
            return None;
        }
        let depth = depth + 1;
        let words: Vec<&str> = {
            let mut cursor = node.walk();
            let plain = node.children(&mut cursor).filter(|child| !child.is_named());
            plain.map(|child| self.source.of(child)).collect()
        };
        match node.kind() {
            "method_definition" => {
                let function = Rc::try_unwrap(self.function(node, depth)?).ok()?;
                let own = node.child_by_field_name("name")?;
                let name = match self.key(node, "name", depth) {
                    Expression::Text(name) if &*name == "constructor" => {
                        self.source.intern("__init__")
                    }
                    Expression::Text(name) => name,
                    _ => self.source.name(own),
                };
                let is_static = words.contains(&"static");
                let mut parameters = function.parameters;
                let mut decorators = Vec::new();
                if is_static {
                    decorators.push(Expression::Name(self.source.intern("@staticmethod")));
                } else {
                    let this = Parameter {
                        name: self.source.intern("this"),
                        kind: ParameterKind::Plain,
                        default: None,
                    };
                    parameters.insert(0, this);
                }
                if words.contains(&"get") {
                    decorators.push(Expression::Name(self.source.intern("@property")));
                }
                let function = FunctionSyntax {
                    name,
                    parameters,
                    ..function
                };
                Some(StatementKind::Function(Rc::new(function), decorators))
            }
            "field_definition" => {
                let value = self.field(node, "value", depth)?;
                let property = node.child_by_field_name("property")?;
                let name = literals::identifier(self.source.of(property));
                let target = Expression::Name(self.source.intern(&name));
                Some(StatementKind::Local(vec![target], value))
            }
            "class_static_block" => {
                let body = node.child_by_field_name("body")?;
                Some(StatementKind::Unreadable(self.block(body, depth)))
            }
            _ => None,
        }
    }
}
