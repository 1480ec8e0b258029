//! Trees of tree-sitter: how a grammar is run within bounds, and what its readers share.
//!
//! Trees of hostile or broken text hold ERROR nodes anywhere, nest as deep as the text is long and
//! may take very long to make; none of that may cost more than a bound.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use tree_sitter::{Language, Node, ParseOptions, ParseState, Parser, Tree};

use super::syntax::{Name, Statement, StatementKind};

/// Deepest nesting of syntax that is followed: far beyond what people and generators write, and
/// shallow enough for a thread's stack.
pub const NESTING: usize = 120;

/// Calls of the parser's progress callback allowed a KiB of text (it calls every hundred or so
/// steps): ordinary text needs less than ten, and error recovery on hostile text stops here.
const PROGRESS_PER_KIB: usize = 400;

/// The tree of a text, unless parsing takes too long.
pub fn parse(language: &Language, text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(language).ok()?;
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

/// A text and what was seen of its tree.
pub struct Source {
    /// The text.
    pub text: Rc<str>,
    names: RefCell<HashMap<String, Name>>,
    too_deep: Cell<bool>,
}

impl Source {
    /// Of a text.
    pub fn new(text: &str) -> Self {
        Self {
            text: Rc::from(text),
            names: RefCell::default(),
            too_deep: Cell::new(false),
        }
    }

    /// The text of a node.
    pub fn of(&self, node: Node) -> &str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// The name a node holds.
    pub fn name(&self, node: Node) -> Name {
        self.intern(self.of(node))
    }

    /// A name.
    pub fn intern(&self, text: &str) -> Name {
        let mut names = self.names.borrow_mut();
        if let Some(name) = names.get(text) {
            return name.clone();
        }
        let name: Name = Rc::from(text);
        names.insert(text.to_owned(), name.clone());
        name
    }

    /// Whether `depth` is too deep; noted if so.
    pub fn is_too_deep(&self, depth: usize) -> bool {
        if depth > NESTING {
            self.too_deep.set(true);
        }
        depth > NESTING
    }

    /// A statement that stands where a node does; of a compound one, its head counts as its text.
    pub fn statement(&self, node: Node, kind: StatementKind) -> Statement {
        let body = node.child_by_field_name("body");
        let head_end = body.map_or(node.end_byte(), |body| body.start_byte());
        Statement {
            line: u32::try_from(node.start_position().row + 1).unwrap_or(u32::MAX),
            source: node.start_byte()..head_end.max(node.start_byte()),
            kind,
        }
    }

    /// What was not followed, in the words of a gap.
    pub fn damage(&self, language: model::Language) -> Vec<String> {
        let mut damage = Vec::new();
        if self.too_deep.get() {
            damage.push(format!(
                "{} syntax nested more than {NESTING} deep was not followed",
                language.name()
            ));
        }
        damage
    }
}

/// The words of a gap for a text whose tree takes too long.
pub fn unparsed(language: model::Language) -> Vec<String> {
    vec![format!(
        "the {} text takes more steps to parse than the budget allows",
        language.name()
    )]
}

/// The named children of a node but for comments.
pub fn children(node: Node) -> Vec<Node> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .filter(|child| !matches!(child.kind(), "comment" | "html_comment"))
        .collect()
}
