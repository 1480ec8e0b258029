//! Calls, members and variables of a tree-sitter-php tree.

use std::rc::Rc;

use tree_sitter::Node;

use super::parse::{Reader, call, nothing};
use crate::language::script::syntax::{
    Argument, Expression, Name, Statement, StatementKind, Trailer,
};

/// Functions that hand something back in an argument, and in which: what they do is followed by
/// binding their result there.
const HANDS_BACK: &[(&str, usize)] = &[
    ("preg_match", 2),
    ("preg_match_all", 2),
    ("mb_ereg", 2),
    ("ereg", 2),
    ("parse_str", 1),
    ("mb_parse_str", 1),
    ("exec", 1),
    ("proc_open", 2),
    ("socket_recv", 1),
    ("socket_recvfrom", 1),
    ("openssl_private_decrypt", 1),
    ("openssl_public_decrypt", 1),
    ("openssl_open", 1),
];

impl Reader<'_> {
    /// A primary expression with what stands behind it, nested to the left in the grammar.
    pub fn primary(&self, node: Node, depth: usize) -> Expression {
        let mut trailers = Vec::new();
        let mut node = node;
        let base = loop {
            let inner = match node.kind() {
                "member_call_expression" | "nullsafe_member_call_expression" => {
                    let Some(name) = self.member_name(node, true) else {
                        break self.computed_member(node, "object", depth);
                    };
                    trailers.push(Trailer::Call(self.arguments_of(node, depth)));
                    trailers.push(Trailer::Attribute(name));
                    node.child_by_field_name("object")
                }
                "member_access_expression" | "nullsafe_member_access_expression" => {
                    trailers.push(match self.member_name(node, false) {
                        Some(name) => Trailer::Attribute(name),
                        None => {
                            let name = self.field(node, "name", depth).unwrap_or_else(nothing);
                            Trailer::Index(Box::new(name))
                        }
                    });
                    node.child_by_field_name("object")
                }
                "scoped_call_expression" => {
                    let Some(name) = self.member_name(node, true) else {
                        break self.computed_member(node, "scope", depth);
                    };
                    trailers.push(Trailer::Call(self.arguments_of(node, depth)));
                    trailers.push(Trailer::Attribute(name));
                    break self.scope(node.child_by_field_name("scope"), depth);
                }
                "scoped_property_access_expression" => {
                    let name = node.child_by_field_name("name");
                    trailers.push(Trailer::Attribute(
                        name.map_or_else(|| Rc::from(""), |name| self.variable(name)),
                    ));
                    break self.scope(node.child_by_field_name("scope"), depth);
                }
                "class_constant_access_expression" => {
                    let name = node.named_child(1).map_or("", |name| self.source(name));
                    if name.eq_ignore_ascii_case("class") {
                        let class = node.named_child(0).map_or("", |class| self.source(class));
                        break Expression::Text(Rc::from(class.trim_start_matches('\\')));
                    }
                    trailers.push(Trailer::Attribute(self.intern(format!("const {name}"))));
                    break self.scope(node.named_child(0), depth);
                }
                "subscript_expression" => {
                    trailers.push(self.subscript(node, depth));
                    node.named_child(0)
                }
                "function_call_expression" => break self.function_call(node, depth),
                _ => break self.expression(node, depth),
            };
            match inner {
                Some(inner) => node = inner,
                None => break nothing(),
            }
        };
        trailers.reverse();
        match (base, trailers.is_empty()) {
            (base, true) => base,
            (Expression::Postfix(base, mut own), false) => {
                own.extend(trailers);
                Expression::Postfix(base, own)
            }
            (base, false) => Expression::Postfix(Box::new(base), trailers),
        }
    }

    /// `[index]`; a bare word as an index is a text.
    fn subscript(&self, node: Node, depth: usize) -> Trailer {
        match node.named_child(1) {
            None => Trailer::Append,
            Some(index) if index.kind() == "name" => {
                let name = self.source(index);
                let is_constant = !name.bytes().any(|byte| byte.is_ascii_lowercase());
                Trailer::Index(Box::new(match is_constant && name.len() > 1 {
                    true => self.expression(index, depth),
                    false => Expression::Text(Rc::from(name)),
                }))
            }
            Some(index) => Trailer::Index(Box::new(self.expression(index, depth))),
        }
    }

    /// The name of a member, unless it is computed.
    fn member_name(&self, node: Node, is_method: bool) -> Option<Name> {
        let name = node.child_by_field_name("name")?;
        if name.kind() != "name" {
            return None;
        }
        let source = self.source(name);
        Some(match is_method {
            true => self.function_name(source),
            false => self.intern(source.to_owned()),
        })
    }

    /// `$object->$name(…)`, `$object->{…}(…)`, `Class::$name(…)`.
    fn computed_member(&self, node: Node, field: &str, depth: usize) -> Expression {
        let object = match field {
            "scope" => self.scope(node.child_by_field_name(field), depth),
            _ => self.field(node, field, depth).unwrap_or_else(nothing),
        };
        let name = self.field(node, "name", depth).unwrap_or_else(nothing);
        let mut arguments = vec![Argument::Plain(object), Argument::Plain(name)];
        arguments.extend(self.arguments_of(node, depth));
        let base = Expression::Name(Rc::from("#method()"));
        Expression::Postfix(Box::new(base), vec![Trailer::Call(arguments)])
    }

    /// A class named before `::`.
    fn scope(&self, node: Option<Node>, depth: usize) -> Expression {
        let Some(node) = node else {
            return nothing();
        };
        match node.kind() {
            "name" | "qualified_name" | "relative_name" | "relative_scope" => {
                Expression::Name(self.class_name(self.last_name(node)))
            }
            _ => call("#class()", vec![self.expression(node, depth)]),
        }
    }

    fn function_call(&self, node: Node, depth: usize) -> Expression {
        let Some(function) = node.child_by_field_name("function") else {
            return Expression::Unreadable(self.children(node, depth));
        };
        let is_callable = node.child_by_field_name("arguments").is_some_and(|all| {
            all.named_child(0)
                .is_some_and(|c| c.kind() == "variadic_placeholder")
        });
        if !matches!(function.kind(), "name" | "qualified_name" | "relative_name") {
            let callee = self.expression(function, depth);
            if is_callable {
                return callee;
            }
            let mut arguments = vec![Argument::Plain(callee)];
            arguments.extend(self.arguments_of(node, depth));
            let base = Expression::Name(Rc::from("#call()"));
            return Expression::Postfix(Box::new(base), vec![Trailer::Call(arguments)]);
        }
        let plain = self.last_name(function);
        if is_callable {
            return Expression::Text(Rc::from(plain));
        }
        let arguments = self.arguments_of(node, depth);
        let name = Expression::Name(self.function_name(plain));
        let called = Expression::Postfix(Box::new(name), vec![Trailer::Call(arguments)]);
        let back = HANDS_BACK
            .iter()
            .find(|(name, _)| plain.eq_ignore_ascii_case(name));
        let target = back.and_then(|(_, at)| {
            let arguments = node.child_by_field_name("arguments")?;
            arguments
                .named_child(u32::try_from(*at).ok()?)?
                .named_child(0)
        });
        match target {
            Some(target) => {
                let target = self.expression(target, depth);
                Expression::Assign(Box::new(target), Box::new(called))
            }
            None => called,
        }
    }

    /// Arguments of a call.
    pub fn arguments_of(&self, node: Node, depth: usize) -> Vec<Argument> {
        let Some(list) = node.child_by_field_name("arguments") else {
            return Vec::new();
        };
        self.arguments(list, depth)
    }

    /// Arguments in parentheses.
    pub fn arguments(&self, list: Node, depth: usize) -> Vec<Argument> {
        let mut cursor = list.walk();
        list.named_children(&mut cursor)
            .filter(|child| !matches!(child.kind(), "comment" | "variadic_placeholder"))
            .map(|argument| {
                let name = argument.child_by_field_name("name");
                let last = argument.named_child_count().saturating_sub(1);
                let value = u32::try_from(last)
                    .ok()
                    .and_then(|last| argument.named_child(last));
                let Some(value) = value else {
                    return Argument::Plain(self.expression(argument, depth));
                };
                if value.kind() == "variadic_unpacking" {
                    let all = self.only(value, depth).unwrap_or_else(nothing);
                    return Argument::Rest(call("#values()", vec![all]));
                }
                // What stands in an argument outside of a known node is the argument itself.
                let value = match argument.kind() {
                    "argument" => self.expression(value, depth),
                    _ => self.expression(argument, depth),
                };
                match name {
                    Some(name) => Argument::Named(self.intern(self.source(name).to_owned()), value),
                    None => Argument::Plain(value),
                }
            })
            .collect()
    }

    /// `$$name`, `${expression}`: a name among the names there are.
    pub fn dynamic_variable(&self, node: Node, depth: usize) -> Expression {
        let mut cursor = node.walk();
        let inner = node
            .named_children(&mut cursor)
            .find(|child| child.kind() != "comment");
        let name = match inner {
            // `${name}` in a text.
            Some(inner) if inner.kind() == "name" => {
                return Expression::Name(self.intern(self.source(inner).to_owned()));
            }
            Some(inner) => self.expression(inner, depth),
            None => return nothing(),
        };
        let base = Expression::Name(Rc::from("#locals()"));
        let trailers = vec![Trailer::Call(Vec::new()), Trailer::Index(Box::new(name))];
        Expression::Postfix(Box::new(base), trailers)
    }

    /// `new Class(…)`, `new $class(…)`, `new class {…}`.
    pub fn creation(&self, node: Node, depth: usize) -> Expression {
        let mut class = None;
        let mut arguments = Vec::new();
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "arguments" => arguments = self.arguments(child, depth),
                "comment" => {}
                _ if class.is_none() => class = Some(child),
                _ => {}
            }
        }
        let Some(class) = class else {
            return nothing();
        };
        match class.kind() {
            "name" | "qualified_name" | "relative_name" => {
                let name = Expression::Name(self.class_name(self.last_name(class)));
                Expression::Postfix(Box::new(name), vec![Trailer::Call(arguments)])
            }
            "anonymous_class" => self.anonymous_class(class, depth),
            _ => {
                let class = call("#class()", vec![self.expression(class, depth)]);
                Expression::Postfix(Box::new(class), vec![Trailer::Call(arguments)])
            }
        }
    }

    fn anonymous_class(&self, node: Node, depth: usize) -> Expression {
        let name = self.intern(format!("class #{}", node.start_byte()));
        let mut cursor = node.walk();
        let arguments = node
            .named_children(&mut cursor)
            .find(|child| child.kind() == "arguments")
            .map(|list| self.arguments(list, depth))
            .unwrap_or_default();
        let class = self.class_named(name.clone(), node, depth);
        let made = Expression::Postfix(
            Box::new(Expression::Name(name)),
            vec![Trailer::Call(arguments)],
        );
        let statement = |kind| -> Statement { self.statement_at(node, kind) };
        Expression::Block(vec![
            statement(StatementKind::Class(class)),
            statement(StatementKind::Expression(made)),
        ])
    }
}
