//! Statements of a tree-sitter-ruby tree.
//!
//! Source: the grammar of tree-sitter-ruby 0.23; the documentation of Ruby, "Syntax".
//! Methods are bound under their name with `def ` in front, for they are no variables; a block is
//! the argument named `&`.

use std::cell::Cell;
use std::collections::HashMap;

use model::Language;
use tree_sitter::{Node, Tree};

use super::expressions::nothing;
use crate::language::script::syntax::{
    Argument, Block, Expression, Module, Statement, StatementKind, Trailer, Try, Unary,
};
use crate::language::script::tree::{self, Source, children};

/// Parses a text.
pub fn module(text: &str) -> Module {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source::new(text);
    let Some(tree) = tree::parse(&tree_sitter_ruby::LANGUAGE.into(), text) else {
        return Module {
            body: Vec::new(),
            text: source.text,
            damage: tree::unparsed(Language::Ruby),
        };
    };
    let reader = Reader {
        source,
        heredocs: heredocs(text, &tree),
        in_class: Cell::new(false),
    };
    let mut body = reader.block(tree.root_node(), 0);
    // What stands behind `__END__` is there from the beginning.
    if text.contains("__END__") {
        let is_data = |statement: &Statement| match &statement.kind {
            StatementKind::Assign(targets, _) => {
                matches!(targets.as_slice(), [Expression::Name(name)] if &**name == "DATA")
            }
            _ => false,
        };
        if let Some(at) = body.iter().rposition(is_data) {
            let data = body.remove(at);
            body.insert(0, data);
        }
    }
    Module {
        body,
        text: reader.source.text.clone(),
        damage: reader.source.damage(Language::Ruby),
    }
}

/// Bodies of here-documents by where they are announced: the first announced comes first.
fn heredocs<'t>(text: &str, tree: &'t Tree) -> HashMap<usize, Node<'t>> {
    if !text.contains("<<") {
        return HashMap::new();
    }
    let (mut beginnings, mut bodies) = (Vec::new(), Vec::new());
    let mut cursor = tree.walk();
    'all: loop {
        let node = cursor.node();
        match node.kind() {
            "heredoc_beginning" => beginnings.push(node.start_byte()),
            "heredoc_body" => bodies.push(node),
            _ => {}
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'all;
            }
        }
    }
    bodies.sort_by_key(Node::start_byte);
    beginnings.into_iter().zip(bodies).collect()
}

/// Reads a tree.
pub struct Reader<'t> {
    pub source: Source,
    pub heredocs: HashMap<usize, Node<'t>>,
    /// Whether what is read stands in a class: methods have a receiver there.
    pub in_class: Cell<bool>,
}

impl Reader<'_> {
    /// The statements below a node.
    pub fn block(&self, node: Node, depth: usize) -> Block {
        let mut block = Vec::new();
        if self.source.is_too_deep(depth) {
            return block;
        }
        let mut handlers = Vec::new();
        let (mut otherwise, mut finally) = (Vec::new(), Vec::new());
        for child in children(node) {
            match child.kind() {
                "rescue" => handlers.push(self.rescue(child, depth + 1)),
                "else" => otherwise = self.block(child, depth + 1),
                "ensure" => finally = self.block(child, depth + 1),
                "heredoc_body" | "block_parameters" | "lambda_parameters" => {}
                _ => {
                    if let Some(kind) = self.statement(child, depth + 1) {
                        block.push(self.source.statement(child, kind));
                    }
                }
            }
        }
        if handlers.is_empty() && finally.is_empty() {
            block.append(&mut otherwise);
            return block;
        }
        let parts = Try {
            body: block,
            handlers,
            otherwise,
            finally,
        };
        let kind = StatementKind::Try(Box::new(parts));
        vec![self.source.statement(node, kind)]
    }

    fn rescue(&self, node: Node, depth: usize) -> (Option<Expression>, Block) {
        let variable = node
            .child_by_field_name("variable")
            .and_then(|variable| children(variable).first().copied())
            .map(|variable| self.target(variable, depth));
        (variable, self.field_block(node, "body", depth))
    }

    /// The block in a field.
    pub fn field_block(&self, node: Node, field: &str, depth: usize) -> Block {
        node.child_by_field_name(field)
            .map(|block| self.body(block, depth))
            .unwrap_or_default()
    }

    /// The statements of a node that holds some, or is one.
    pub fn body(&self, node: Node, depth: usize) -> Block {
        match node.kind() {
            "then"
            | "do"
            | "body_statement"
            | "block_body"
            | "else"
            | "begin"
            | "parenthesized_statements"
            | "program" => self.block(node, depth),
            _ => self
                .statement(node, depth)
                .map(|kind| self.source.statement(node, kind))
                .into_iter()
                .collect(),
        }
    }

    /// The expression in a field.
    pub fn field(&self, node: Node, field: &str, depth: usize) -> Option<Expression> {
        node.child_by_field_name(field)
            .map(|child| self.expression(child, depth))
    }

    /// Reads a statement; `None` for one that does nothing.
    pub fn statement(&self, node: Node, depth: usize) -> Option<StatementKind> {
        if self.source.is_too_deep(depth) {
            return None;
        }
        Some(match node.kind() {
            "if" | "elsif" | "unless" => self.conditional(node, depth),
            "if_modifier" | "unless_modifier" => {
                let condition = self.condition(node, depth);
                StatementKind::If(
                    vec![(condition, self.field_block(node, "body", depth))],
                    Vec::new(),
                )
            }
            "while" | "until" | "while_modifier" | "until_modifier" => StatementKind::While(
                self.condition(node, depth),
                self.field_block(node, "body", depth),
                Vec::new(),
            ),
            "for" => {
                let pattern = node.child_by_field_name("pattern")?;
                let value = node.child_by_field_name("value")?;
                let iterable = children(value).first().copied()?;
                let items = vec![self.expression(iterable, depth)];
                StatementKind::For(
                    self.target(pattern, depth),
                    self.applied("@items", items),
                    self.field_block(node, "body", depth),
                    Vec::new(),
                )
            }
            "case" => self.case(node, depth),
            "begin"
            | "parenthesized_statements"
            | "ERROR"
            | "begin_block"
            | "end_block"
            | "then"
            | "do"
            | "body_statement" => StatementKind::Unreadable(self.block(node, depth)),
            "rescue_modifier" => {
                let handler = self.field_block(node, "handler", depth);
                StatementKind::Try(Box::new(Try {
                    body: self.field_block(node, "body", depth),
                    handlers: vec![(None, handler)],
                    otherwise: Vec::new(),
                    finally: Vec::new(),
                }))
            }
            "method" | "singleton_method" => self.method(node, depth)?,
            "class" | "module" | "singleton_class" => self.class(node, depth),
            "return" => StatementKind::Return(self.given(node, depth)),
            "break" => StatementKind::Break,
            "next" => StatementKind::Return(self.given(node, depth)),
            "redo" | "retry" => StatementKind::Continue,
            "assignment" => self.assignment(node, depth),
            "uninterpreted" => {
                let text = self.source.of(node).trim_start_matches(['\r', '\n']);
                let data = Expression::Text(self.source.intern(text));
                StatementKind::Assign(
                    vec![Expression::Name(self.source.intern("DATA"))],
                    self.applied("@data", vec![data]),
                )
            }
            "empty_statement" | "comment" | "alias" | "undef" | "heredoc_body" => return None,
            _ => StatementKind::Expression(self.expression(node, depth)),
        })
    }

    /// The value behind `return`, `next` or `break`.
    fn given(&self, node: Node, depth: usize) -> Option<Expression> {
        let list = children(node).first().copied()?;
        let mut values = self.items(list, depth);
        match values.len() {
            0 | 1 => values.pop(),
            _ => Some(Expression::List(values)),
        }
    }

    /// The condition of a node, turned round for `unless` and `until`.
    fn condition(&self, node: Node, depth: usize) -> Expression {
        let condition = self.field(node, "condition", depth).unwrap_or_else(nothing);
        match node.kind().starts_with("un") {
            true => Expression::Unary(Unary::Not, Box::new(condition)),
            false => condition,
        }
    }

    /// `if` … `elsif` … `else` in a row, however many.
    pub fn conditional(&self, node: Node, depth: usize) -> StatementKind {
        let mut branches = Vec::new();
        let mut node = node;
        loop {
            let body = self.field_block(node, "consequence", depth);
            branches.push((self.condition(node, depth), body));
            match node.child_by_field_name("alternative") {
                Some(next) if next.kind() == "elsif" => node = next,
                Some(last) => return StatementKind::If(branches, self.block(last, depth)),
                None => return StatementKind::If(branches, Vec::new()),
            }
        }
    }

    /// `case` with `when`: no case falls into the next.
    fn case(&self, node: Node, depth: usize) -> StatementKind {
        let subject = self
            .field(node, "value", depth)
            .unwrap_or(Expression::Bool(true));
        let mut cases = Vec::new();
        for clause in children(node) {
            match clause.kind() {
                "when" => {
                    let mut body = self.field_block(clause, "body", depth);
                    body.push(self.source.statement(clause, StatementKind::Break));
                    let mut cursor = clause.walk();
                    let patterns: Vec<Node> = clause
                        .children_by_field_name("pattern", &mut cursor)
                        .collect();
                    let (last, before) = match patterns.split_last() {
                        Some(parts) => parts,
                        None => continue,
                    };
                    let value = |pattern: &Node| {
                        let inner = children(*pattern).first().copied();
                        Some(inner.map_or_else(nothing, |inner| self.expression(inner, depth)))
                    };
                    for pattern in before {
                        cases.push((value(pattern), Vec::new()));
                    }
                    cases.push((value(last), body));
                }
                "else" => cases.push((None, self.block(clause, depth))),
                _ => {}
            }
        }
        StatementKind::Switch(subject, cases)
    }

    /// `a = b = value`, `a, b = values`: nested to the right in the grammar.
    fn assignment(&self, node: Node, depth: usize) -> StatementKind {
        let mut targets = Vec::new();
        let mut node = node;
        loop {
            if let Some(left) = node.child_by_field_name("left") {
                targets.push(self.target(left, depth));
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

    /// What an assignment binds.
    pub fn target(&self, node: Node, depth: usize) -> Expression {
        if self.source.is_too_deep(depth) {
            return nothing();
        }
        match node.kind() {
            "left_assignment_list" | "destructured_left_assignment" | "destructured_parameter" => {
                let parts = children(node).into_iter();
                Expression::Tuple(parts.map(|part| self.target(part, depth + 1)).collect())
            }
            "rest_assignment" | "splat_parameter" => {
                children(node).first().map_or_else(nothing, |inner| {
                    Expression::Starred(Box::new(self.target(*inner, depth + 1)))
                })
            }
            "identifier" | "constant" => Expression::Name(self.source.name(node)),
            "element_reference" => {
                let parts = children(node);
                let object = node.child_by_field_name("object");
                let index = parts.iter().find(|part| Some(**part) != object);
                let base = object.map_or_else(nothing, |o| self.expression(o, depth + 1));
                let index = index.map_or_else(nothing, |i| self.expression(*i, depth + 1));
                Expression::Postfix(Box::new(base), vec![Trailer::Index(Box::new(index))])
            }
            "call" => {
                let base = self
                    .field(node, "receiver", depth + 1)
                    .unwrap_or_else(nothing);
                let name = node.child_by_field_name("method");
                let name = name.map_or_else(|| self.source.intern(""), |n| self.source.name(n));
                Expression::Postfix(Box::new(base), vec![Trailer::Attribute(name)])
            }
            _ => self.expression(node, depth + 1),
        }
    }

    /// A call of a function of this front-end or of the language.
    pub fn applied(&self, function: &str, arguments: Vec<Expression>) -> Expression {
        let arguments = arguments.into_iter().map(Argument::Plain).collect();
        Expression::Postfix(
            Box::new(Expression::Name(self.source.intern(function))),
            vec![Trailer::Call(arguments)],
        )
    }
}

/// Makes the value of the last statement what a function returns.
pub fn returning(block: &mut Block) {
    let Some(Statement { line, source, kind }) = block.pop() else {
        return;
    };
    let (line, source) = (line, source);
    let statement = |kind| Statement {
        line,
        source: source.clone(),
        kind,
    };
    match kind {
        StatementKind::Expression(value) => {
            block.push(statement(StatementKind::Return(Some(value))));
        }
        StatementKind::If(mut branches, mut otherwise) => {
            branches.iter_mut().for_each(|(_, body)| returning(body));
            returning(&mut otherwise);
            block.push(statement(StatementKind::If(branches, otherwise)));
        }
        StatementKind::Try(mut parts) => {
            returning(&mut parts.body);
            block.push(statement(StatementKind::Try(parts)));
        }
        StatementKind::Unreadable(mut body) => {
            returning(&mut body);
            block.push(statement(StatementKind::Unreadable(body)));
        }
        StatementKind::Assign(targets, value) => {
            let name = targets.iter().find_map(|target| match target {
                Expression::Name(name) => Some(name.clone()),
                _ => None,
            });
            block.push(statement(StatementKind::Assign(targets, value)));
            if let Some(name) = name {
                let value = Expression::Name(name);
                block.push(statement(StatementKind::Return(Some(value))));
            }
        }
        kind => block.push(statement(kind)),
    }
}
