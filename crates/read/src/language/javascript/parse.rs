//! Statements of a tree-sitter-javascript tree.
//!
//! Source: the grammar of tree-sitter-javascript 0.25; ECMA-262, "Statements and Declarations".
//! What a function declares belongs to it from its beginning on, and functions are bound before
//! anything runs ("hoisting").

use std::cell::RefCell;

use model::Language;
use tree_sitter::Node;

use super::expressions::nothing;
use crate::language::script::syntax::{
    Argument, Block, Expression, Loop, Module, Name, Statement, StatementKind, Trailer, Try,
};
use crate::language::script::tree::{self, Source, children};

/// Parses a text.
pub fn module(text: &str) -> Module {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source::new(text);
    let Some(tree) = tree::parse(&tree_sitter_javascript::LANGUAGE.into(), text) else {
        return Module {
            body: Vec::new(),
            text: source.text,
            damage: tree::unparsed(Language::JavaScript),
        };
    };
    let reader = Reader {
        source,
        declared: RefCell::new(vec![Vec::new()]),
    };
    let mut body = reader.block(tree.root_node(), 0);
    // `Function("return x")()`: what a text returns is its value.
    if let Some(last) = body.last_mut()
        && let StatementKind::Return(Some(value)) = &mut last.kind
    {
        let value = std::mem::replace(value, nothing());
        last.kind = StatementKind::Expression(value);
    }
    reader.declare(&mut body);
    Module {
        body,
        text: reader.source.text.clone(),
        damage: reader.source.damage(Language::JavaScript),
    }
}

/// Reads a tree.
pub struct Reader {
    pub source: Source,
    /// Names declared in the functions being read, innermost last.
    pub declared: RefCell<Vec<Vec<Name>>>,
}

impl Reader {
    /// Puts the names declared in a function, innermost, in front of its body.
    pub fn declare(&self, body: &mut Block) {
        let names = self.declared.borrow_mut().pop().unwrap_or_default();
        if !names.is_empty() {
            body.insert(
                0,
                Statement {
                    line: body.first().map_or(1, |first| first.line),
                    source: body.first().map_or(0..0, |first| first.source.clone()),
                    kind: StatementKind::Declare(names),
                },
            );
        }
    }

    /// Notes a name that the innermost function declares.
    pub fn note(&self, name: Name) {
        if let Some(names) = self.declared.borrow_mut().last_mut()
            && names.last() != Some(&name)
        {
            names.push(name);
        }
    }

    /// The statements below a node, functions first.
    pub fn block(&self, node: Node, depth: usize) -> Block {
        let mut functions = Vec::new();
        let mut block = Vec::new();
        if self.source.is_too_deep(depth) {
            return block;
        }
        for child in children(node) {
            self.statements(child, depth + 1, &mut functions, &mut block);
        }
        functions.append(&mut block);
        functions
    }

    /// The statements of a node that is one statement or a block of them.
    fn body(&self, node: Option<Node>, depth: usize) -> Block {
        match node {
            Some(node) if node.kind() == "statement_block" => self.block(node, depth),
            Some(node) if !self.source.is_too_deep(depth) => {
                let (mut functions, mut block) = (Vec::new(), Vec::new());
                self.statements(node, depth + 1, &mut functions, &mut block);
                functions.append(&mut block);
                functions
            }
            _ => Vec::new(),
        }
    }

    /// Reads one statement, which may stand for several.
    fn statements(&self, node: Node, depth: usize, functions: &mut Block, block: &mut Block) {
        match node.kind() {
            "expression_statement" => {
                for part in children(node) {
                    self.expressions(part, depth, block);
                }
            }
            "variable_declaration" | "lexical_declaration" | "using_declaration" => {
                self.declarations(node, depth, block);
            }
            "function_declaration" | "generator_function_declaration" => {
                if let Some(function) = self.function(node, depth) {
                    self.note(function.name.clone());
                    let kind = StatementKind::Function(function, Vec::new());
                    functions.push(self.source.statement(node, kind));
                }
            }
            "export_statement" => self.export(node, depth, functions, block),
            "import_statement" => self.import(node, block),
            "for_statement" => {
                if let Some(first) = node.child_by_field_name("initializer") {
                    self.statements(first, depth, functions, block);
                }
                let kind = self.for_statement(node, depth);
                block.push(self.source.statement(node, kind));
            }
            "labeled_statement" => {
                if let Some(body) = node.child_by_field_name("body")
                    && !self.source.is_too_deep(depth)
                {
                    self.statements(body, depth + 1, functions, block);
                }
            }
            _ => {
                if let Some(kind) = self.statement(node, depth) {
                    block.push(self.source.statement(node, kind));
                }
            }
        }
    }

    /// An expression as a statement; `a, b` is two.
    fn expressions(&self, node: Node, depth: usize, block: &mut Block) {
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            if node.kind() == "sequence_expression" {
                stack.extend(children(node).into_iter().rev());
                continue;
            }
            let kind = match node.kind() {
                "assignment_expression" => self.assignment(node, depth),
                _ => StatementKind::Expression(self.expression(node, depth)),
            };
            block.push(self.source.statement(node, kind));
        }
    }

    /// `a = b = value`: nested to the right in the grammar.
    fn assignment(&self, node: Node, depth: usize) -> StatementKind {
        let mut targets = Vec::new();
        let mut node = node;
        loop {
            if let Some(left) = node.child_by_field_name("left") {
                targets.push(self.pattern(left, depth));
            }
            match node.child_by_field_name("right") {
                Some(right) if right.kind() == "assignment_expression" => node = right,
                Some(right) => {
                    return StatementKind::Assign(targets, self.expression(right, depth));
                }
                None => return StatementKind::Unreadable(Vec::new()),
            }
        }
    }

    /// `var a = 1, {b} = c`.
    fn declarations(&self, node: Node, depth: usize, block: &mut Block) {
        for declarator in children(node) {
            let Some(name) = declarator.child_by_field_name("name") else {
                continue;
            };
            let target = self.pattern(name, depth);
            self.note_pattern(&target);
            if let Some(value) = self.field(declarator, "value", depth) {
                let kind = StatementKind::Assign(vec![target], value);
                block.push(self.source.statement(declarator, kind));
            }
        }
    }

    /// Notes the names a pattern binds.
    pub fn note_pattern(&self, pattern: &Expression) {
        match pattern {
            Expression::Name(name) => self.note(name.clone()),
            Expression::Tuple(parts) => parts.iter().for_each(|part| self.note_pattern(part)),
            Expression::Dictionary(parts) => {
                parts.iter().for_each(|(_, part)| self.note_pattern(part));
            }
            Expression::Assign(inner, _) | Expression::Starred(inner) => self.note_pattern(inner),
            _ => {}
        }
    }

    /// The expression in a field.
    pub fn field(&self, node: Node, field: &str, depth: usize) -> Option<Expression> {
        node.child_by_field_name(field)
            .map(|child| self.expression(child, depth))
    }

    /// Reads a statement; `None` for one that does nothing.
    fn statement(&self, node: Node, depth: usize) -> Option<StatementKind> {
        Some(match node.kind() {
            "return_statement" => StatementKind::Return(
                children(node)
                    .first()
                    .map(|value| self.expression(*value, depth)),
            ),
            "throw_statement" => StatementKind::Raise(self.all(node, depth)),
            "break_statement" => StatementKind::Break,
            "continue_statement" => StatementKind::Continue,
            "if_statement" => self.conditional(node, depth),
            "while_statement" => StatementKind::While(
                self.field(node, "condition", depth)?,
                self.body(node.child_by_field_name("body"), depth),
                Vec::new(),
            ),
            "do_statement" => StatementKind::Loop(Box::new(Loop {
                condition: self.field(node, "condition", depth)?,
                body: self.body(node.child_by_field_name("body"), depth),
                update: Vec::new(),
                asks_after: true,
            })),
            "for_in_statement" => self.for_in(node, depth)?,
            "try_statement" => self.try_statement(node, depth),
            "switch_statement" => self.switch(node, depth)?,
            "with_statement" => {
                StatementKind::Unreadable(self.body(node.child_by_field_name("body"), depth))
            }
            "class_declaration" => {
                let class = self.class(node, depth);
                self.note(class.name.clone());
                StatementKind::Class(class)
            }
            "statement_block" | "ERROR" | "else_clause" => {
                StatementKind::Unreadable(self.block(node, depth))
            }
            "empty_statement" | "debugger_statement" | "hash_bang_line" | "comment" => return None,
            _ => StatementKind::Expression(self.expression(node, depth)),
        })
    }

    /// `if` … `else if` … in a row, however many.
    fn conditional(&self, node: Node, depth: usize) -> StatementKind {
        let mut branches = Vec::new();
        let mut node = node;
        loop {
            let condition = self.field(node, "condition", depth).unwrap_or_else(nothing);
            let body = self.body(node.child_by_field_name("consequence"), depth);
            branches.push((condition, body));
            let otherwise = node
                .child_by_field_name("alternative")
                .and_then(|clause| children(clause).first().copied());
            match otherwise {
                Some(next) if next.kind() == "if_statement" => node = next,
                otherwise => {
                    return StatementKind::If(branches, self.body(otherwise, depth));
                }
            }
        }
    }

    fn for_statement(&self, node: Node, depth: usize) -> StatementKind {
        let condition = node
            .child_by_field_name("condition")
            .filter(|condition| condition.is_named() && condition.kind() != "empty_statement")
            .map_or(Expression::Bool(true), |condition| {
                let inner = match condition.kind() {
                    "expression_statement" => condition.named_child(0),
                    _ => Some(condition),
                };
                inner.map_or_else(nothing, |inner| self.expression(inner, depth))
            });
        let mut update = Vec::new();
        if let Some(increment) = node.child_by_field_name("increment") {
            self.expressions(increment, depth, &mut update);
        }
        StatementKind::Loop(Box::new(Loop {
            condition,
            body: self.body(node.child_by_field_name("body"), depth),
            update,
            asks_after: false,
        }))
    }

    /// `for (x of y)` and `for (x in y)`, which walks the keys.
    fn for_in(&self, node: Node, depth: usize) -> Option<StatementKind> {
        let target = self.pattern(node.child_by_field_name("left")?, depth);
        if node.child_by_field_name("kind").is_some() {
            self.note_pattern(&target);
        }
        let iterable = self.field(node, "right", depth)?;
        let keys = node
            .child_by_field_name("operator")
            .is_some_and(|operator| self.source.of(operator) == "in");
        let walked = if keys { "@keys" } else { "@items" };
        Some(StatementKind::For(
            target,
            self.applied(walked, vec![iterable]),
            self.body(node.child_by_field_name("body"), depth),
            Vec::new(),
        ))
    }

    fn try_statement(&self, node: Node, depth: usize) -> StatementKind {
        let handler = node.child_by_field_name("handler").map(|clause| {
            let parameter = clause
                .child_by_field_name("parameter")
                .map(|parameter| self.pattern(parameter, depth));
            if let Some(parameter) = &parameter {
                self.note_pattern(parameter);
            }
            (
                parameter,
                self.body(clause.child_by_field_name("body"), depth),
            )
        });
        let finally = node
            .child_by_field_name("finalizer")
            .and_then(|clause| clause.child_by_field_name("body"));
        StatementKind::Try(Box::new(Try {
            body: self.body(node.child_by_field_name("body"), depth),
            handlers: handler.into_iter().collect(),
            otherwise: Vec::new(),
            finally: self.body(finally, depth),
        }))
    }

    fn switch(&self, node: Node, depth: usize) -> Option<StatementKind> {
        let subject = self.field(node, "value", depth)?;
        let body = node.child_by_field_name("body")?;
        let mut cases = Vec::new();
        for case in children(body) {
            let value = self.field(case, "value", depth);
            let (mut functions, mut block) = (Vec::new(), Vec::new());
            let mut cursor = case.walk();
            for statement in case.children_by_field_name("body", &mut cursor) {
                if statement.is_named() && statement.kind() != "comment" {
                    self.statements(statement, depth + 1, &mut functions, &mut block);
                }
            }
            functions.append(&mut block);
            cases.push((value, functions));
        }
        Some(StatementKind::Switch(subject, cases))
    }

    /// `export …`: what is exported is declared or evaluated all the same.
    fn export(&self, node: Node, depth: usize, functions: &mut Block, block: &mut Block) {
        if self.source.is_too_deep(depth) {
            return;
        }
        if let Some(declaration) = node.child_by_field_name("declaration") {
            self.statements(declaration, depth + 1, functions, block);
        } else if let Some(value) = self.field(node, "value", depth) {
            let kind = StatementKind::Expression(value);
            block.push(self.source.statement(node, kind));
        }
    }

    /// `import a, * as b, {c as d} from 'e'`, as what `require` binds.
    fn import(&self, node: Node, block: &mut Block) {
        let Some(path) = node.child_by_field_name("source") else {
            return;
        };
        let required = || self.applied("require", vec![self.string(path)]);
        let mut targets = Vec::new();
        for clause in children(node) {
            if clause.kind() != "import_clause" {
                continue;
            }
            for part in children(clause) {
                match part.kind() {
                    "identifier" => targets.push(Expression::Name(self.source.name(part))),
                    "namespace_import" => targets.extend(
                        children(part)
                            .first()
                            .map(|name| Expression::Name(self.source.name(*name))),
                    ),
                    _ => targets.push(self.import_names(part)),
                }
            }
        }
        if targets.is_empty() {
            let kind = StatementKind::Expression(required());
            block.push(self.source.statement(node, kind));
            return;
        }
        targets.iter().for_each(|target| self.note_pattern(target));
        let kind = StatementKind::Assign(targets, required());
        block.push(self.source.statement(node, kind));
    }

    fn import_names(&self, node: Node) -> Expression {
        let specifiers = children(node).into_iter().filter_map(|specifier| {
            let name = specifier.child_by_field_name("name")?;
            let alias = specifier.child_by_field_name("alias").unwrap_or(name);
            let key = Expression::Text(self.source.name(name));
            Some((Some(key), Expression::Name(self.source.name(alias))))
        });
        Expression::Dictionary(specifiers.collect())
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
