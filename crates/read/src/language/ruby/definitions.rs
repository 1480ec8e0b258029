//! Methods, blocks and classes of a tree-sitter-ruby tree.
//!
//! Source: the documentation of Ruby, "Methods", "Modules and Classes".

use std::rc::Rc;

use tree_sitter::Node;

use super::expressions::nothing;
use super::parse::{Reader, returning};
use crate::language::script::syntax::{
    Argument, Block, ClassSyntax, Expression, FunctionSyntax, Name, Parameter, ParameterKind,
    StatementKind,
};
use crate::language::script::tree::children;

fn plain(name: Name, default: Option<Expression>) -> Parameter {
    Parameter {
        name,
        kind: ParameterKind::Plain,
        default,
    }
}

impl Reader<'_> {
    /// `def name(…) … end`, `def self.name`.
    pub fn method(&self, node: Node, depth: usize) -> Option<StatementKind> {
        let own = self.source.of(node.child_by_field_name("name")?);
        let is_single = node.kind() == "singleton_method";
        let in_class = self.in_class.get();
        let mut unpacked = Vec::new();
        let list = node.child_by_field_name("parameters");
        let mut parameters = self.parameters(list, depth, &mut unpacked);
        let mut decorators = Vec::new();
        let name = match (in_class, is_single) {
            (true, true) => {
                decorators.push(Expression::Name(self.source.intern("@staticmethod")));
                own.to_owned()
            }
            (true, false) => {
                parameters.insert(0, plain(self.source.intern("self"), None));
                match own {
                    "initialize" => "__init__".to_owned(),
                    own => own.to_owned(),
                }
            }
            _ => format!("def {own}"),
        };
        // The block comes behind all that are given by position.
        parameters.push(plain(self.source.intern("&"), Some(Expression::None)));
        let mut body = unpacked;
        body.extend(self.field_block(node, "body", depth));
        returning(&mut body);
        let function = FunctionSyntax {
            name: self.source.intern(&name),
            parameters,
            body,
            generator: false,
            text: self.source.text.clone(),
        };
        Some(StatementKind::Function(Rc::new(function), decorators))
    }

    /// A block or lambda.
    pub fn closure(&self, node: Node, depth: usize) -> Expression {
        if self.source.is_too_deep(depth) {
            return nothing();
        }
        let mut unpacked = Vec::new();
        let list = node.child_by_field_name("parameters");
        let parameters = self.parameters(list, depth, &mut unpacked);
        let mut body = unpacked;
        match node.child_by_field_name("body") {
            // `->(x) { … }`: the lambda's body is a block of its own.
            Some(inner) if matches!(inner.kind(), "block" | "do_block") => {
                body.extend(self.field_block(inner, "body", depth));
            }
            Some(inner) => body.extend(self.body(inner, depth)),
            None => {}
        }
        returning(&mut body);
        Expression::Lambda(Rc::new(FunctionSyntax {
            name: self.source.intern("block"),
            parameters,
            body,
            generator: false,
            text: self.source.text.clone(),
        }))
    }

    fn parameters(&self, list: Option<Node>, depth: usize, unpacked: &mut Block) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        for (at, node) in list
            .map(children)
            .unwrap_or_default()
            .into_iter()
            .enumerate()
        {
            let named = |field: &str| {
                let name = node.child_by_field_name(field);
                name.map(|name| self.source.name(name))
            };
            match node.kind() {
                "identifier" => parameters.push(plain(self.source.name(node), None)),
                "optional_parameter" | "keyword_parameter" => {
                    let default = self.field(node, "value", depth);
                    parameters.extend(named("name").map(|name| plain(name, default)));
                }
                "splat_parameter" => parameters.push(Parameter {
                    name: named("name").unwrap_or_else(|| self.source.intern("*")),
                    kind: ParameterKind::Rest,
                    default: None,
                }),
                "hash_splat_parameter" => parameters.push(Parameter {
                    name: named("name").unwrap_or_else(|| self.source.intern("**")),
                    kind: ParameterKind::Named,
                    default: None,
                }),
                "block_parameter" => {
                    if let Some(name) = named("name") {
                        let block = Expression::Name(self.source.intern("&"));
                        let kind = StatementKind::Assign(vec![Expression::Name(name)], block);
                        unpacked.push(self.at(node, kind));
                    }
                }
                "destructured_parameter" => {
                    let name = self.source.intern(&format!("@{at}"));
                    let target = self.target(node, depth);
                    let value = Expression::Name(name.clone());
                    let kind = StatementKind::Assign(vec![target], value);
                    unpacked.push(self.at(node, kind));
                    parameters.push(plain(name, None));
                }
                _ => {}
            }
        }
        parameters
    }

    /// A class or module.
    pub fn class(&self, node: Node, depth: usize) -> StatementKind {
        let outer = self.in_class.replace(true);
        let body = self.field_block(node, "body", depth);
        self.in_class.set(outer);
        let name = node.child_by_field_name("name");
        let name = name.map_or("", |name| self.source.of(name));
        let bases = self.field(node, "superclass", depth);
        StatementKind::Class(Rc::new(ClassSyntax {
            name: self.source.intern(name.rsplit("::").next().unwrap_or(name)),
            bases: bases.map(Argument::Plain).into_iter().collect(),
            body,
        }))
    }
}
