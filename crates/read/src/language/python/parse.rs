//! Statements of a tree-sitter-python tree.
//!
//! Source: the grammar of tree-sitter-python 0.25. Trees of hostile or broken text hold ERROR
//! nodes anywhere; what they hold that can be read is read. Nesting beyond [`NESTING`] is not
//! followed, and the module says so.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use tree_sitter::{Node, ParseOptions, ParseState, Parser, Tree};

use super::names::fold;
use crate::language::script::syntax::{
    Block, Case, Expression, Module, Name, Statement, StatementKind, Try,
};

/// Deepest nesting of syntax that is followed: far beyond what people and generators write, and
/// shallow enough for a thread's stack.
pub const NESTING: usize = 120;

/// Calls of the parser's progress callback allowed a KiB of text (it calls every hundred or so
/// steps): ordinary text needs less than ten, and error recovery on hostile text stops here.
const PROGRESS_PER_KIB: usize = 400;

/// Parses a module.
pub fn module(text: &str) -> Module {
    let original: Rc<str> = Rc::from(text.strip_prefix('\u{feff}').unwrap_or(text));
    let readable = python2_exec(&original);
    let Some(tree) = tree(&readable) else {
        return Module {
            body: Vec::new(),
            text: original,
            damage: vec![
                "the Python text takes more steps to parse than the budget allows".to_owned(),
            ],
        };
    };
    let reader = Reader {
        text: &readable,
        original: original.clone(),
        names: RefCell::default(),
        too_deep: Cell::new(false),
        yields: Cell::new(false),
    };
    let body = reader.block(tree.root_node(), 0);
    let mut damage = Vec::new();
    if reader.too_deep.get() {
        damage.push(format!(
            "Python syntax nested more than {NESTING} deep was not followed"
        ));
    }
    Module {
        body,
        text: original,
        damage,
    }
}

/// The tree, unless parsing takes too long.
fn tree(text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_python::LANGUAGE.into())
        .ok()?;
    let bytes = text.as_bytes();
    let mut left = (bytes.len() / 1024 + 1).saturating_mul(PROGRESS_PER_KIB);
    let mut progress = |_: &ParseState| {
        left = left.saturating_sub(1);
        if left == 0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    parser.parse_with_options(
        &mut |at, _| bytes.get(at..).unwrap_or_default(),
        None,
        Some(options),
    )
}

/// `exec expression` of Python 2, which the grammar knows for strings and names only, as
/// `exec<expression`, a comparison: as loose a binding as the statement's, and of the same length.
fn python2_exec(text: &str) -> std::borrow::Cow<'_, str> {
    let mut out = std::borrow::Cow::Borrowed(text);
    for at in memchr::memmem::find_iter(text.as_bytes(), b"exec") {
        let before = text[..at].trim_end_matches([' ', '\t']);
        let starts = before.is_empty() || before.ends_with(['\n', '\r', ';', ':']);
        let after = &text[at + 4..];
        let space = after.starts_with([' ', '\t']);
        let expression = after
            .trim_start_matches([' ', '\t'])
            .starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '"' | '\''));
        if starts && space && expression {
            out.to_mut().replace_range(at + 4..at + 5, "<");
        }
    }
    out
}

/// Reads a tree.
pub struct Reader<'t> {
    pub text: &'t str,
    pub original: Rc<str>,
    names: RefCell<HashMap<&'t str, Name>>,
    too_deep: Cell<bool>,
    /// Whether the function being read yields.
    pub yields: Cell<bool>,
}

impl<'t> Reader<'t> {
    /// The text of a node.
    pub fn source(&self, node: Node) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// The name a node holds.
    pub fn name(&self, node: Node) -> Name {
        let text = self.source(node);
        self.names
            .borrow_mut()
            .entry(text)
            .or_insert_with(|| fold(text))
            .clone()
    }

    /// Whether `depth` is too deep; noted if so.
    pub fn is_too_deep(&self, depth: usize) -> bool {
        if depth > NESTING {
            self.too_deep.set(true);
        }
        depth > NESTING
    }

    /// The statements below a node.
    pub fn block(&self, node: Node, depth: usize) -> Block {
        let mut block = Vec::new();
        if self.is_too_deep(depth) {
            return block;
        }
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            if child.kind() == "comment" {
                continue;
            }
            if let Some(kind) = self.statement(child, depth + 1) {
                let body = child.child_by_field_name("body");
                let head_end = body.map_or(child.end_byte(), |body| body.start_byte());
                block.push(Statement {
                    line: u32::try_from(child.start_position().row + 1).unwrap_or(u32::MAX),
                    source: child.start_byte()..head_end,
                    kind,
                });
            }
        }
        block
    }

    /// The block in a field.
    pub fn field_block(&self, node: Node, field: &str, depth: usize) -> Block {
        node.child_by_field_name(field)
            .map(|block| self.block(block, depth))
            .unwrap_or_default()
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

    /// Reads a statement; `None` for one that does nothing.
    pub fn statement(&self, node: Node, depth: usize) -> Option<StatementKind> {
        Some(match node.kind() {
            "expression_statement" => self.expression_statement(node, depth),
            "import_statement" => StatementKind::Import(self.imports(node)),
            "import_from_statement" => self.import_from(node),
            "print_statement" => self.print(node, depth),
            "exec_statement" => StatementKind::Exec(self.field(node, "code", depth)?),
            "return_statement" => StatementKind::Return(self.one(node, depth)),
            "raise_statement" => StatementKind::Raise(self.children(node, depth)),
            "break_statement" => StatementKind::Break,
            "continue_statement" => StatementKind::Continue,
            "global_statement" | "nonlocal_statement" => StatementKind::Global(self.names_of(node)),
            "assert_statement" => {
                StatementKind::Expression(Expression::Unreadable(self.children(node, depth)))
            }
            "if_statement" => self.conditional(node, depth),
            "while_statement" => StatementKind::While(
                self.field(node, "condition", depth)?,
                self.field_block(node, "body", depth),
                self.else_block(node, depth),
            ),
            "for_statement" => StatementKind::For(
                self.field(node, "left", depth)?,
                self.field(node, "right", depth)?,
                self.field_block(node, "body", depth),
                self.else_block(node, depth),
            ),
            "try_statement" => self.try_statement(node, depth),
            "with_statement" => self.with_statement(node, depth),
            "function_definition" => {
                StatementKind::Function(self.function(node, depth)?, Vec::new())
            }
            "class_definition" => StatementKind::Class(self.class(node, depth)?),
            "decorated_definition" => self.decorated(node, depth)?,
            "match_statement" => self.match_statement(node, depth)?,
            "block" | "ERROR" | "else_clause" | "elif_clause" | "except_clause"
            | "finally_clause" | "case_clause" => {
                StatementKind::Unreadable(self.block(node, depth))
            }
            "pass_statement"
            | "delete_statement"
            | "future_import_statement"
            | "type_alias_statement"
            | "comment" => {
                return None;
            }
            _ => StatementKind::Expression(self.expression(node, depth)),
        })
    }

    /// The one expression below a node, several as a tuple.
    pub fn one(&self, node: Node, depth: usize) -> Option<Expression> {
        let mut found = self.children(node, depth);
        match found.len() {
            0 => None,
            1 => found.pop(),
            _ => Some(Expression::Tuple(found)),
        }
    }

    fn expression_statement(&self, node: Node, depth: usize) -> StatementKind {
        let Some(first) = node.named_child(0) else {
            return StatementKind::Unreadable(Vec::new());
        };
        match first.kind() {
            "assignment" => self.assignment(first, depth),
            "augmented_assignment" => self.augmented(first, depth),
            _ => match self.one(node, depth) {
                Some(Expression::Compare(first, mut rest))
                    if matches!(&*first, Expression::Name(name) if &**name == "exec")
                        && self.source(node).starts_with("exec<") =>
                {
                    rest.truncate(1);
                    match rest.pop() {
                        Some((_, code)) => StatementKind::Exec(code),
                        None => StatementKind::Unreadable(Vec::new()),
                    }
                }
                // `exec code in a, b`
                Some(Expression::Tuple(items)) if self.source(node).starts_with("exec<") => {
                    match items.into_iter().next() {
                        Some(Expression::Compare(_, rest)) => rest
                            .into_iter()
                            .next()
                            .map_or(StatementKind::Unreadable(Vec::new()), |(_, code)| {
                                StatementKind::Exec(code)
                            }),
                        _ => StatementKind::Unreadable(Vec::new()),
                    }
                }
                Some(expression) => StatementKind::Expression(expression),
                None => StatementKind::Unreadable(Vec::new()),
            },
        }
    }

    /// `a = b = value`: nested to the right in the grammar.
    fn assignment(&self, node: Node, depth: usize) -> StatementKind {
        let mut targets = Vec::new();
        let mut node = node;
        loop {
            if let Some(left) = node.child_by_field_name("left") {
                targets.push(self.expression(left, depth));
            }
            match node.child_by_field_name("right") {
                Some(right) if right.kind() == "assignment" => node = right,
                Some(right) => {
                    return StatementKind::Assign(targets, self.expression(right, depth));
                }
                None => return StatementKind::Unreadable(Vec::new()),
            }
        }
    }

    fn augmented(&self, node: Node, depth: usize) -> StatementKind {
        let operator = node
            .child_by_field_name("operator")
            .map(|operator| self.source(operator).trim_end_matches('='))
            .and_then(super::expressions::operator);
        let target = self.field(node, "left", depth);
        let value = self.field(node, "right", depth);
        match (target, operator, value) {
            (Some(target), Some(operator), Some(value)) => {
                StatementKind::Augment(target, operator, value)
            }
            (_, _, Some(value)) => StatementKind::Expression(value),
            _ => StatementKind::Unreadable(Vec::new()),
        }
    }

    /// Dotted names with their aliases.
    fn imports(&self, node: Node) -> Vec<(Name, Option<Name>)> {
        let mut cursor = node.walk();
        node.children_by_field_name("name", &mut cursor)
            .filter_map(|child| match child.kind() {
                "aliased_import" => Some((
                    self.name(child.child_by_field_name("name")?),
                    child.child_by_field_name("alias").map(|a| self.name(a)),
                )),
                _ => Some((self.name(child), None)),
            })
            .collect()
    }

    fn import_from(&self, node: Node) -> StatementKind {
        let module = node
            .child_by_field_name("module_name")
            .map_or_else(|| Rc::from(""), |module| self.name(module));
        let mut cursor = node.walk();
        let all = node
            .named_children(&mut cursor)
            .any(|child| child.kind() == "wildcard_import");
        if all {
            StatementKind::ImportAll(module)
        } else {
            StatementKind::ImportFrom(module, self.imports(node))
        }
    }

    fn print(&self, node: Node, depth: usize) -> StatementKind {
        let mut to = None;
        let mut printed = Vec::new();
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "chevron" => to = self.one(child, depth),
                "comment" => {}
                _ => printed.push(self.expression(child, depth)),
            }
        }
        StatementKind::Print(to, printed)
    }

    fn names_of(&self, node: Node) -> Vec<Name> {
        let mut cursor = node.walk();
        node.named_children(&mut cursor)
            .filter(|child| child.kind() == "identifier")
            .map(|child| self.name(child))
            .collect()
    }

    fn conditional(&self, node: Node, depth: usize) -> StatementKind {
        let mut branches = Vec::new();
        let mut otherwise = Vec::new();
        let branch = |node: Node| {
            let condition = self
                .field(node, "condition", depth)
                .unwrap_or(Expression::Unreadable(Vec::new()));
            (condition, self.field_block(node, "consequence", depth))
        };
        branches.push(branch(node));
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "elif_clause" => branches.push(branch(child)),
                "else_clause" => otherwise = self.field_block(child, "body", depth),
                _ => {}
            }
        }
        StatementKind::If(branches, otherwise)
    }

    /// The block of the first child clause of a kind.
    fn else_block(&self, node: Node, depth: usize) -> Block {
        let mut cursor = node.walk();
        node.named_children(&mut cursor)
            .find(|child| child.kind() == "else_clause")
            .map(|clause| self.field_block(clause, "body", depth))
            .unwrap_or_default()
    }

    fn try_statement(&self, node: Node, depth: usize) -> StatementKind {
        let mut handlers = Vec::new();
        let mut finally = Vec::new();
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "except_clause" => {
                    let alias = child
                        .child_by_field_name("alias")
                        .or_else(|| self.second_value(child));
                    let alias = alias.map(|alias| self.expression(alias, depth));
                    handlers.push((alias, self.last_block(child, depth)));
                }
                "finally_clause" => finally = self.last_block(child, depth),
                _ => {}
            }
        }
        StatementKind::Try(Box::new(Try {
            body: self.field_block(node, "body", depth),
            handlers,
            otherwise: self.else_block(node, depth),
            finally,
        }))
    }

    /// `except Error, name` of Python 2.
    fn second_value<'n>(&self, node: Node<'n>) -> Option<Node<'n>> {
        let mut cursor = node.walk();
        let mut values = node.children_by_field_name("value", &mut cursor);
        values.nth(1)
    }

    /// The block at the end of a clause.
    fn last_block(&self, node: Node, depth: usize) -> Block {
        let mut cursor = node.walk();
        let block = node
            .named_children(&mut cursor)
            .filter(|child| child.kind() == "block")
            .last();
        block
            .map(|block| self.block(block, depth))
            .unwrap_or_default()
    }

    fn with_statement(&self, node: Node, depth: usize) -> StatementKind {
        let mut items = Vec::new();
        let mut cursor = node.walk();
        for clause in node.named_children(&mut cursor) {
            if clause.kind() != "with_clause" {
                continue;
            }
            let mut inner = clause.walk();
            for item in clause.named_children(&mut inner) {
                let Some(value) = item.child_by_field_name("value") else {
                    continue;
                };
                items.push(self.with_item(value, depth));
            }
        }
        StatementKind::With(items, self.field_block(node, "body", depth))
    }

    fn with_item(&self, value: Node, depth: usize) -> (Expression, Option<Expression>) {
        if value.kind() != "as_pattern" {
            return (self.expression(value, depth), None);
        }
        let manager = value
            .named_child(0)
            .map_or(Expression::None, |node| self.expression(node, depth));
        let target = value
            .child_by_field_name("alias")
            .and_then(|alias| alias.named_child(0))
            .map(|target| self.expression(target, depth));
        (manager, target)
    }

    fn match_statement(&self, node: Node, depth: usize) -> Option<StatementKind> {
        let subject = self.field(node, "subject", depth)?;
        let body = node.child_by_field_name("body")?;
        let mut cases = Vec::new();
        let mut cursor = body.walk();
        for case in body.named_children(&mut cursor) {
            if case.kind() != "case_clause" {
                continue;
            }
            let guard = case
                .child_by_field_name("guard")
                .and_then(|guard| self.one(guard, depth));
            let mut inner = case.walk();
            let names = case
                .named_children(&mut inner)
                .filter(|child| child.kind() == "case_pattern")
                .map(|pattern| self.name(pattern))
                .collect();
            cases.push(Case {
                names,
                guard,
                body: self.field_block(case, "consequence", depth),
            });
        }
        Some(StatementKind::Match(subject, cases))
    }
}
