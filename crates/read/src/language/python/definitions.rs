//! Functions, classes and their decorators of a tree-sitter-python tree.

use std::rc::Rc;

use tree_sitter::Node;

use super::parse::Reader;
use crate::language::script::syntax::{
    Argument, ClassSyntax, Expression, FunctionSyntax, Parameter, ParameterKind, Statement,
    StatementKind,
};

impl Reader<'_> {
    /// A `def`.
    pub fn function(&self, node: Node, depth: usize) -> Option<Rc<FunctionSyntax>> {
        let outer = self.yields.replace(false);
        let parameters = node
            .child_by_field_name("parameters")
            .map(|list| self.parameters(list, depth))
            .unwrap_or_default();
        let body = self.field_block(node, "body", depth);
        let generator = self.yields.replace(outer);
        Some(Rc::new(FunctionSyntax {
            name: self.name(node.child_by_field_name("name")?),
            parameters,
            body,
            generator,
            text: self.original.clone(),
        }))
    }

    /// A `class`.
    pub fn class(&self, node: Node, depth: usize) -> Option<Rc<ClassSyntax>> {
        let bases: Vec<Argument> = node
            .child_by_field_name("superclasses")
            .map(|list| self.arguments(list, depth))
            .unwrap_or_default();
        Some(Rc::new(ClassSyntax {
            name: self.name(node.child_by_field_name("name")?),
            bases,
            body: self.field_block(node, "body", depth),
        }))
    }

    /// A definition with its decorators.
    pub fn decorated(&self, node: Node, depth: usize) -> Option<StatementKind> {
        let definition = node.child_by_field_name("definition")?;
        match self.statement(definition, depth)? {
            StatementKind::Function(function, _) => {
                let mut cursor = node.walk();
                let decorators = node
                    .named_children(&mut cursor)
                    .filter(|child| child.kind() == "decorator")
                    .filter_map(|child| self.one(child, depth))
                    .collect();
                Some(StatementKind::Function(function, decorators))
            }
            other => Some(other),
        }
    }

    /// A lambda.
    pub fn lambda(&self, node: Node, depth: usize) -> Expression {
        let parameters = node
            .child_by_field_name("parameters")
            .map(|list| self.parameters(list, depth))
            .unwrap_or_default();
        let body = self.field(node, "body", depth);
        Expression::Lambda(Rc::new(FunctionSyntax {
            name: Rc::from("<lambda>"),
            parameters,
            body: vec![Statement {
                line: u32::try_from(node.start_position().row + 1).unwrap_or(u32::MAX),
                source: node.byte_range(),
                kind: StatementKind::Return(body),
            }],
            generator: false,
            text: self.original.clone(),
        }))
    }

    /// Parameters of a function.
    pub fn parameters(&self, node: Node, depth: usize) -> Vec<Parameter> {
        let mut cursor = node.walk();
        node.named_children(&mut cursor)
            .filter_map(|child| self.parameter(child, depth))
            .collect()
    }

    fn parameter(&self, node: Node, depth: usize) -> Option<Parameter> {
        let (kind, name) = match node.kind() {
            "identifier" => (ParameterKind::Plain, node),
            "default_parameter" | "typed_default_parameter" => {
                (ParameterKind::Plain, node.child_by_field_name("name")?)
            }
            "list_splat_pattern" => (ParameterKind::Rest, node.named_child(0)?),
            "dictionary_splat_pattern" => (ParameterKind::Named, node.named_child(0)?),
            "typed_parameter" => {
                let inner = node.named_child(0)?;
                let inner = self.parameter(inner, depth)?;
                return Some(inner);
            }
            "tuple_pattern" => (ParameterKind::Plain, node),
            _ => return None,
        };
        Some(Parameter {
            name: self.name(name),
            kind,
            default: self.field(node, "value", depth),
        })
    }
}
