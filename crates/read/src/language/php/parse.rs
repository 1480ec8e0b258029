//! Statements of a tree-sitter-php tree.
//!
//! Source: the grammar of tree-sitter-php 0.25; The PHP Manual, "Language Reference". Names of the
//! program live in one table here: a variable under its name, a function as `name()`, a class as
//! `class name`, a constant as `const NAME`; what PHP compares without case is lower-case. What the
//! syntax alone does is a call of a function whose name begins with `#`.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use model::Language;
use tree_sitter::Node;

use super::{checks, control};
use crate::language::script::syntax::{
    Argument, Block, Expression, Module, Name, Operator, Statement, StatementKind, Trailer, Try,
};
use crate::language::script::tree::{self, NESTING};

/// What puts the parser into code.
const TAG: &str = "<?php ";

/// Parses code, as `eval` takes it: outside of tags only what `?>` ends.
pub fn module(text: &str) -> Module {
    let original: Rc<str> = Rc::from(format!("{TAG}{}", readable(text)));
    let language = tree_sitter_php::LANGUAGE_PHP.into();
    let Some(tree) = tree::parse(&language, &original) else {
        return Module {
            body: Vec::new(),
            text: original,
            damage: tree::unparsed(Language::Php),
        };
    };
    let reader = Reader {
        text: &original,
        original: original.clone(),
        names: RefCell::default(),
        too_deep: Cell::new(false),
        yields: Cell::new(false),
    };
    let mut body = reader.block(tree.root_node(), 0);
    // What the code returns is the value of `eval`.
    if let Some(last) = body.last_mut()
        && let StatementKind::Return(Some(_)) = &last.kind
        && let StatementKind::Return(Some(value)) =
            std::mem::replace(&mut last.kind, StatementKind::Return(None))
    {
        last.kind = StatementKind::Expression(value);
    }
    let mut damage = Vec::new();
    if reader.too_deep.get() {
        damage.push(format!(
            "PHP syntax nested more than {NESTING} deep was not followed"
        ));
    }
    Module {
        body: hoisted(body),
        text: original,
        damage,
    }
}

/// Functions and classes are there before the statements above them run.
fn hoisted(body: Block) -> Block {
    let is_definition = |statement: &Statement| {
        matches!(
            statement.kind,
            StatementKind::Function(..) | StatementKind::Class(_)
        )
    };
    let (mut first, rest): (Block, Block) = body.into_iter().partition(is_definition);
    first.extend(rest);
    first
}

/// The text up to the data behind it, with what only old or other parsers take as a tag made one
/// of the same length, or none.
fn readable(text: &str) -> String {
    const HALT: &str = "__halt_compiler";
    let lower = text.to_ascii_lowercase();
    let end = memchr::memmem::find_iter(lower.as_bytes(), HALT)
        .find(|at| {
            let rest = lower.get(at + HALT.len()..).unwrap_or_default();
            rest.trim_start().starts_with('(')
        })
        .unwrap_or(text.len());
    let mut out = text.get(..end).unwrap_or(text).to_owned();
    let lower = lower.get(..end).unwrap_or(&lower);
    for at in memchr::memmem::find_iter(lower.as_bytes(), "<?xml") {
        out.replace_range(at..at + 2, "< ");
    }
    for at in memchr::memmem::find_iter(lower.as_bytes(), "<script") {
        let rest = lower.get(at..).unwrap_or_default();
        let Some((tag, body)) = rest.split_once('>') else {
            continue;
        };
        let Some(close) = body.find("</script>") else {
            continue;
        };
        if tag.contains("language") && tag.contains("php") && tag.is_ascii() {
            let blank = " ".repeat(tag.len() + 1 - 5);
            out.replace_range(at..=at + tag.len(), &format!("<?php{blank}"));
            let close = at + tag.len() + 1 + close;
            out.replace_range(close..close + 9, "?>       ");
        }
    }
    out
}

/// What is not there, or too deep.
pub const fn nothing() -> Expression {
    Expression::Unreadable(Vec::new())
}

/// A call of a function by the name it has here.
pub fn call(name: &str, arguments: Vec<Expression>) -> Expression {
    let arguments = arguments.into_iter().map(Argument::Plain).collect();
    Expression::Postfix(
        Box::new(Expression::Name(Rc::from(name))),
        vec![Trailer::Call(arguments)],
    )
}

/// Reads a tree.
pub struct Reader<'t> {
    pub text: &'t str,
    pub original: Rc<str>,
    names: RefCell<HashMap<String, Name>>,
    too_deep: Cell<bool>,
    /// Whether the function being read yields.
    pub yields: Cell<bool>,
}

impl<'t> Reader<'t> {
    /// The text of a node.
    pub fn source(&self, node: Node) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// One name for all its uses.
    pub fn intern(&self, name: String) -> Name {
        let mut names = self.names.borrow_mut();
        if let Some(known) = names.get(&name) {
            return known.clone();
        }
        let shared: Name = Rc::from(name.as_str());
        names.insert(name, shared.clone());
        shared
    }

    /// The name of a variable node, without its mark.
    pub fn variable(&self, node: Node) -> Name {
        self.intern(
            self.source(node)
                .trim_start_matches(['$', '&', ' '])
                .to_owned(),
        )
    }

    /// The last part of a (qualified) name.
    pub fn last_name(&self, node: Node) -> &'t str {
        let source = self.source(node);
        source.rsplit('\\').next().unwrap_or(source).trim()
    }

    /// A function's name in the table of names.
    pub fn function_name(&self, name: &str) -> Name {
        self.intern(format!("{}()", name.to_ascii_lowercase()))
    }

    /// A class's name in the table of names.
    pub fn class_name(&self, name: &str) -> Name {
        self.intern(format!("class {}", name.to_ascii_lowercase()))
    }

    /// Whether `depth` is too deep; noted if so.
    pub fn is_too_deep(&self, depth: usize) -> bool {
        if depth > NESTING {
            self.too_deep.set(true);
        }
        depth > NESTING
    }

    /// A statement at a node.
    pub fn statement_at(&self, node: Node, kind: StatementKind) -> Statement {
        let body = node.child_by_field_name("body");
        let head_end = body.map_or(node.end_byte(), |body| body.start_byte());
        Statement {
            line: u32::try_from(node.start_position().row + 1).unwrap_or(u32::MAX),
            source: node.start_byte()..head_end,
            kind,
        }
    }

    /// The statements below a node.
    pub fn block(&self, node: Node, depth: usize) -> Block {
        if self.is_too_deep(depth) {
            return Vec::new();
        }
        let mut cursor = node.walk();
        let children: Vec<Node> = node.named_children(&mut cursor).collect();
        self.statements(&control::in_order(self, children), depth)
    }

    /// Statements of nodes.
    pub fn statements(&self, nodes: &[Node], depth: usize) -> Block {
        let mut block = Vec::with_capacity(nodes.len());
        for node in nodes {
            if let Some(kind) = self.statement(*node, depth + 1) {
                block.push(self.statement_at(*node, kind));
            }
        }
        block
    }

    /// The block in a field: of a statement that is no block, that statement.
    pub fn field_block(&self, node: Node, field: &str, depth: usize) -> Block {
        node.child_by_field_name(field)
            .map(|body| self.body(body, depth))
            .unwrap_or_default()
    }

    /// The statements a body holds.
    pub fn body(&self, node: Node, depth: usize) -> Block {
        match node.kind() {
            "compound_statement" | "colon_block" => self.block(node, depth),
            _ => self.statements(&[node], depth),
        }
    }

    /// The expression in a field.
    pub fn field(&self, node: Node, field: &str, depth: usize) -> Option<Expression> {
        node.child_by_field_name(field)
            .map(|child| self.expression(child, depth))
    }

    /// The named children that are expressions.
    pub fn children(&self, node: Node, depth: usize) -> Vec<Expression> {
        let mut cursor = node.walk();
        node.named_children(&mut cursor)
            .filter(|child| child.kind() != "comment")
            .map(|child| self.expression(child, depth))
            .collect()
    }

    /// The first expression below a node.
    pub fn only(&self, node: Node, depth: usize) -> Option<Expression> {
        let mut cursor = node.walk();
        node.named_children(&mut cursor)
            .find(|child| child.kind() != "comment")
            .map(|child| self.expression(child, depth))
    }

    /// Reads a statement; `None` for one that does nothing.
    fn statement(&self, node: Node, depth: usize) -> Option<StatementKind> {
        Some(match node.kind() {
            "expression_statement" => self.expression_statement(node, depth)?,
            "echo_statement" => {
                StatementKind::Expression(call("echo()", self.printed(node, depth)))
            }
            "return_statement" => StatementKind::Return(self.only(node, depth)),
            // Nothing behind it runs.
            "exit_statement" => StatementKind::Raise(self.children(node, depth)),
            "break_statement" => StatementKind::Break,
            "continue_statement" => StatementKind::Continue,
            "global_declaration" => StatementKind::Global(self.variables(node)),
            "if_statement" => self.conditional(node, depth),
            "while_statement" => StatementKind::While(
                self.field(node, "condition", depth)?,
                self.field_block(node, "body", depth),
                Vec::new(),
            ),
            "do_statement" => control::do_while(self, node, depth),
            "for_statement" => control::for_loop(self, node, depth),
            "foreach_statement" => control::foreach(self, node, depth)?,
            "switch_statement" => control::switch(self, node, depth)?,
            "try_statement" => self.try_statement(node, depth),
            "function_definition" => {
                StatementKind::Function(self.function(node, depth)?, Vec::new())
            }
            "class_declaration" | "trait_declaration" | "enum_declaration" => {
                StatementKind::Class(self.class(node, depth)?)
            }
            "function_static_declaration" => self.static_variables(node, depth),
            "const_declaration" => self.constants(node, depth),
            "namespace_use_declaration" => self.uses(node),
            "compound_statement"
            | "colon_block"
            | "namespace_definition"
            | "ERROR"
            | "declare_statement"
            | "else_clause"
            | "else_if_clause" => StatementKind::Unreadable(self.block(node, depth)),
            "unset_statement"
            | "empty_statement"
            | "comment"
            | "php_tag"
            | "text"
            | "text_interpolation"
            | "interface_declaration"
            | "goto_statement"
            | "named_label_statement"
            | "php_end_tag"
            | "namespace_name"
            | "declare_directive" => {
                return None;
            }
            _ => StatementKind::Expression(self.expression(node, depth)),
        })
    }

    fn expression_statement(&self, node: Node, depth: usize) -> Option<StatementKind> {
        let mut inner = node.named_child(0)?;
        while matches!(
            inner.kind(),
            "error_suppression_expression" | "parenthesized_expression"
        ) {
            inner = inner.named_child(0)?;
        }
        if inner.kind() == "augmented_assignment_expression"
            && let Some(operator) = self.augmenting(inner)
        {
            return Some(StatementKind::Augment(
                self.field(inner, "left", depth)?,
                operator,
                self.field(inner, "right", depth)?,
            ));
        }
        if inner.kind() == "function_call_expression"
            && let Some(function) = inner.child_by_field_name("function")
            && self.source(function).eq_ignore_ascii_case("eval")
            && let Some(arguments) = inner.child_by_field_name("arguments")
            && let Some(code) = arguments.named_child(0)
        {
            return Some(StatementKind::Exec(self.only(code, depth)?));
        }
        Some(StatementKind::Expression(self.expression(inner, depth)))
    }

    /// The operator of `op=`.
    pub fn augmenting(&self, node: Node) -> Option<Operator> {
        let operator = self.source(node.child_by_field_name("operator")?);
        super::expressions::operator(operator.strip_suffix('=')?)
    }

    /// What `echo` prints.
    fn printed(&self, node: Node, depth: usize) -> Vec<Expression> {
        let mut cursor = node.walk();
        let mut all = Vec::new();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "sequence_expression" => all.extend(self.children(child, depth)),
                "comment" => {}
                _ => all.push(self.expression(child, depth)),
            }
        }
        all
    }

    fn variables(&self, node: Node) -> Vec<Name> {
        let mut cursor = node.walk();
        node.named_children(&mut cursor)
            .filter(|child| child.kind() == "variable_name")
            .map(|child| self.variable(child))
            .collect()
    }

    fn conditional(&self, node: Node, depth: usize) -> StatementKind {
        let branch = |node: Node| {
            let condition = self.field(node, "condition", depth).unwrap_or(nothing());
            let mut body = self.field_block(node, "body", depth);
            let checked = checks::holding(self, node);
            if !checked.is_empty() {
                body.insert(0, checks::note(self, &checked, true, depth));
                body.push(checks::note(self, &checked, false, depth));
            }
            (condition, body)
        };
        let mut branches = vec![branch(node)];
        let mut otherwise = Vec::new();
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "else_if_clause" => branches.push(branch(child)),
                "else_clause" => otherwise = self.field_block(child, "body", depth),
                _ => {}
            }
        }
        let branches = StatementKind::If(branches, otherwise);
        let checked = checks::left(self, node);
        if checked.is_empty() {
            return branches;
        }
        let note = checks::note(self, &checked, true, depth);
        StatementKind::Unreadable(vec![self.statement_at(node, branches), note])
    }

    fn try_statement(&self, node: Node, depth: usize) -> StatementKind {
        let mut handlers = Vec::new();
        let mut finally = Vec::new();
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "catch_clause" => {
                    let name = self.field(child, "name", depth);
                    handlers.push((name, self.field_block(child, "body", depth)));
                }
                "finally_clause" => finally = self.field_block(child, "body", depth),
                _ => {}
            }
        }
        StatementKind::Try(Box::new(Try {
            body: self.field_block(node, "body", depth),
            handlers,
            otherwise: Vec::new(),
            finally,
        }))
    }

    /// `static $a = 1;`
    fn static_variables(&self, node: Node, depth: usize) -> StatementKind {
        let mut cursor = node.walk();
        let assign = |child: Node| {
            let name = self.field(child, "name", depth)?;
            let value = self.field(child, "value", depth)?;
            Some(self.statement_at(child, StatementKind::Assign(vec![name], value)))
        };
        StatementKind::Unreadable(
            node.named_children(&mut cursor)
                .filter_map(assign)
                .collect(),
        )
    }

    /// `const A = 1;`
    pub fn constants(&self, node: Node, depth: usize) -> StatementKind {
        let mut cursor = node.walk();
        let assign = |child: Node| {
            if child.kind() != "const_element" {
                return None;
            }
            let name = format!("const {}", self.source(child.named_child(0)?));
            let value = self.expression(child.named_child(1)?, depth);
            let target = Expression::Name(self.intern(name));
            Some(self.statement_at(child, StatementKind::Assign(vec![target], value)))
        };
        StatementKind::Unreadable(
            node.named_children(&mut cursor)
                .filter_map(assign)
                .collect(),
        )
    }

    /// `use a\b as c;`, `use function a\b as c;`: only other names matter.
    fn uses(&self, node: Node) -> StatementKind {
        let mut block = Vec::new();
        let is_function = self
            .source(node)
            .split_whitespace()
            .nth(1)
            .is_some_and(|word| word.eq_ignore_ascii_case("function"));
        let mut cursor = node.walk();
        for clause in node.named_children(&mut cursor) {
            let alias = clause.child_by_field_name("alias");
            let (Some(alias), Some(target)) = (alias, clause.named_child(0)) else {
                continue;
            };
            let name = |node: Node| match is_function {
                true => self.function_name(self.last_name(node)),
                false => self.class_name(self.last_name(node)),
            };
            let value = Expression::Name(name(target));
            let target = Expression::Name(name(alias));
            block.push(self.statement_at(clause, StatementKind::Assign(vec![target], value)));
        }
        StatementKind::Unreadable(block)
    }
}
