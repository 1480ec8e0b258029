//! Functions, closures and classes of a tree-sitter-php tree.

use std::rc::Rc;

use tree_sitter::Node;

use super::parse::Reader;
use crate::language::script::syntax::{
    Argument, Block, ClassSyntax, Expression, FunctionSyntax, Name, Parameter, ParameterKind,
    StatementKind,
};

impl Reader<'_> {
    /// A function with a name.
    pub fn function(&self, node: Node, depth: usize) -> Option<Rc<FunctionSyntax>> {
        let name = self.source(node.child_by_field_name("name")?);
        Some(self.function_named(self.function_name(name), false, node, depth))
    }

    fn function_named(
        &self,
        name: Name,
        has_this: bool,
        node: Node,
        depth: usize,
    ) -> Rc<FunctionSyntax> {
        let outer = self.yields.replace(false);
        let mut parameters = Vec::new();
        if has_this {
            parameters.push(plain_parameter(Rc::from("this")));
        }
        let mut promoted = Vec::new();
        if let Some(list) = node.child_by_field_name("parameters") {
            self.parameters(list, depth, &mut parameters, &mut promoted);
        }
        let mut body = promoted;
        body.extend(self.field_block(node, "body", depth));
        let generator = self.yields.replace(outer);
        Rc::new(FunctionSyntax {
            name,
            parameters,
            body,
            generator,
            text: self.original.clone(),
        })
    }

    /// `function (…) use (…) {…}`, `fn (…) => …`. What it uses is what is around it.
    pub fn closure(&self, node: Node, depth: usize) -> Expression {
        if node.kind() == "anonymous_function" {
            let name = Rc::from("<closure>");
            return Expression::Lambda(self.function_named(name, false, node, depth));
        }
        let mut parameters = Vec::new();
        if let Some(list) = node.child_by_field_name("parameters") {
            self.parameters(list, depth, &mut parameters, &mut Vec::new());
        }
        let value = StatementKind::Return(self.field(node, "body", depth));
        Expression::Lambda(Rc::new(FunctionSyntax {
            name: Rc::from("<lambda>"),
            parameters,
            body: vec![self.statement_at(node, value)],
            generator: false,
            text: self.original.clone(),
        }))
    }

    /// Parameters; those that are properties as well are assigned to these.
    fn parameters(
        &self,
        list: Node,
        depth: usize,
        parameters: &mut Vec<Parameter>,
        promoted: &mut Block,
    ) {
        let mut cursor = list.walk();
        for child in list.named_children(&mut cursor) {
            let kind = match child.kind() {
                "simple_parameter" | "property_promotion_parameter" => ParameterKind::Plain,
                "variadic_parameter" => ParameterKind::Rest,
                _ => continue,
            };
            let Some(name) = child.child_by_field_name("name") else {
                continue;
            };
            let name = self.variable(name);
            if child.kind() == "property_promotion_parameter" {
                let property = crate::language::script::syntax::Trailer::Attribute(name.clone());
                let this = Expression::Name(Rc::from("this"));
                let target = Expression::Postfix(Box::new(this), vec![property]);
                let value = Expression::Name(name.clone());
                let kind = StatementKind::Assign(vec![target], value);
                promoted.push(self.statement_at(child, kind));
            }
            parameters.push(Parameter {
                name,
                kind,
                default: self.field(child, "default_value", depth),
            });
        }
    }

    /// A class, trait or enumeration.
    pub fn class(&self, node: Node, depth: usize) -> Option<Rc<ClassSyntax>> {
        let name = self.source(node.child_by_field_name("name")?);
        Some(self.class_named(self.class_name(name), node, depth))
    }

    /// A class under a name.
    pub fn class_named(&self, name: Name, node: Node, depth: usize) -> Rc<ClassSyntax> {
        let mut bases = Vec::new();
        let mut body = Vec::new();
        let mut add_bases = |node: Node| {
            let mut cursor = node.walk();
            for base in node.named_children(&mut cursor) {
                if matches!(base.kind(), "name" | "qualified_name" | "relative_name") {
                    let name = self.class_name(self.last_name(base));
                    bases.push(Argument::Plain(Expression::Name(name)));
                }
            }
        };
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            if child.kind() == "base_clause" {
                add_bases(child);
            }
        }
        if let Some(list) = node.child_by_field_name("body")
            && !self.is_too_deep(depth)
        {
            let mut cursor = list.walk();
            for member in list.named_children(&mut cursor) {
                match member.kind() {
                    "use_declaration" => add_bases(member),
                    "method_declaration" => body.extend(self.method(member, depth)),
                    "property_declaration" => self.properties(member, depth, &mut body),
                    "const_declaration" => {
                        let kind = self.constants(member, depth);
                        body.push(self.statement_at(member, kind));
                    }
                    _ => {}
                }
            }
        }
        Rc::new(ClassSyntax { name, bases, body })
    }

    fn method(
        &self,
        node: Node,
        depth: usize,
    ) -> Option<crate::language::script::syntax::Statement> {
        let plain = self.source(node.child_by_field_name("name")?);
        node.child_by_field_name("body")?;
        let mut cursor = node.walk();
        let is_static = node
            .named_children(&mut cursor)
            .any(|child| child.kind() == "static_modifier");
        let name = match plain.to_ascii_lowercase().as_str() {
            "__construct" => Rc::from("__init__"),
            "__invoke" => Rc::from("__call__"),
            _ => self.function_name(plain),
        };
        let syntax = self.function_named(name, !is_static, node, depth + 1);
        let decorators = match is_static {
            true => vec![Expression::Name(Rc::from("staticmethod"))],
            false => Vec::new(),
        };
        Some(self.statement_at(node, StatementKind::Function(syntax, decorators)))
    }

    fn properties(&self, node: Node, depth: usize, body: &mut Block) {
        let mut cursor = node.walk();
        for element in node.named_children(&mut cursor) {
            let Some(name) = element.child_by_field_name("name") else {
                continue;
            };
            if let Some(value) = self.field(element, "default_value", depth) {
                let target = Expression::Name(self.variable(name));
                let kind = StatementKind::Assign(vec![target], value);
                body.push(self.statement_at(element, kind));
            }
        }
    }
}

fn plain_parameter(name: Name) -> Parameter {
    Parameter {
        name,
        kind: ParameterKind::Plain,
        default: None,
    }
}
