//! What the interpreter walks: one abstract syntax for all scripting languages.
//!
//! It is Python's (2 and 3 together) with what others have beyond it; a front-end turns what only
//! its own language has into this.
//!
//! Chains that are nested to the left in the grammar (`a + b + c`, `a.b().c[0]`) are flat here, so
//! that a generated chain of thousands of links needs no recursion.

use std::ops::Range;
use std::rc::Rc;

/// An identifier.
pub type Name = Rc<str>;

/// Statements in order.
pub type Block = Vec<Statement>;

/// A text's syntax.
#[derive(Debug)]
pub struct Module {
    /// Its statements.
    pub body: Block,
    /// Its text, which the statements' sources are of.
    pub text: Rc<str>,
    /// What was not followed, in the words of a gap.
    pub damage: Vec<String>,
}

/// One statement and where it stands.
#[derive(Debug)]
pub struct Statement {
    /// Line, from 1.
    pub line: u32,
    /// Bytes of the module's text: of a compound statement, of its head only.
    pub source: Range<usize>,
    /// What it is.
    pub kind: StatementKind,
}

/// The kinds of statements that matter to what a program does.
#[derive(Debug)]
pub enum StatementKind {
    /// An expression for its effect.
    Expression(Expression),
    /// `targets = value`, with one or more targets.
    Assign(Vec<Expression>, Expression),
    /// `local targets = value`: binds in the current scope whatever outer ones hold.
    Local(Vec<Expression>, Expression),
    /// Names that belong to the current scope from its beginning on.
    Declare(Vec<Name>),
    /// `target op= value`.
    Augment(Expression, Operator, Expression),
    /// `import a.b as c`: dotted name and alias.
    Import(Vec<(Name, Option<Name>)>),
    /// `from module import names`.
    ImportFrom(Name, Vec<(Name, Option<Name>)>),
    /// `from module import *`.
    ImportAll(Name),
    /// `print` of Python 2: arguments, and where to if not to standard output.
    Print(Option<Expression>, Vec<Expression>),
    /// `exec` of Python 2.
    Exec(Expression),
    /// `return`.
    Return(Option<Expression>),
    /// `raise`.
    Raise(Vec<Expression>),
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `global` and `nonlocal`.
    Global(Vec<Name>),
    /// `if` … `elif` … `else`: conditions with their blocks, and the last block.
    If(Vec<(Expression, Block)>, Block),
    /// `while`, with its `else`.
    While(Expression, Block, Block),
    /// A loop with a condition, and statements between its turns.
    Loop(Box<Loop>),
    /// `switch`: subject, and the value of every case (none: default) with its block, from which
    /// one falls into the next.
    Switch(Expression, Vec<(Option<Expression>, Block)>),
    /// `for target in iterable`, with its `else`.
    For(Expression, Expression, Block, Block),
    /// `try`.
    Try(Box<Try>),
    /// `with`: context managers and the names they are bound to.
    With(Vec<(Expression, Option<Expression>)>, Block),
    /// `def`, with its decorators.
    Function(Rc<FunctionSyntax>, Vec<Expression>),
    /// `class`.
    Class(Rc<ClassSyntax>),
    /// `match`: subject, and for every case the names it binds, its guard and its block.
    Match(Expression, Vec<Case>),
    /// Statements inside something the grammar does not know.
    Unreadable(Block),
}

/// `for (…; condition; update) body`, `do body while (condition)`.
#[derive(Debug)]
pub struct Loop {
    /// Goes on as long as it holds.
    pub condition: Expression,
    /// What is repeated.
    pub body: Block,
    /// What is done behind every turn.
    pub update: Block,
    /// Whether the first turn runs without asking.
    pub asks_after: bool,
}

/// A `try` statement.
#[derive(Debug)]
pub struct Try {
    /// What is tried.
    pub body: Block,
    /// `except` clauses: the name bound and the block.
    pub handlers: Vec<(Option<Expression>, Block)>,
    /// `else`.
    pub otherwise: Block,
    /// `finally`.
    pub finally: Block,
}

/// A `case` clause.
#[derive(Debug)]
pub struct Case {
    /// Names it binds.
    pub names: Vec<Name>,
    /// `if` guard.
    pub guard: Option<Expression>,
    /// What it does.
    pub body: Block,
}

/// A `def` or `lambda`.
#[derive(Debug)]
pub struct FunctionSyntax {
    /// Its name, `<lambda>` without one.
    pub name: Name,
    /// Its parameters in order.
    pub parameters: Vec<Parameter>,
    /// Its statements; a lambda returns its one expression.
    pub body: Block,
    /// Whether it yields.
    pub generator: bool,
    /// Text it was read from, for evidence.
    pub text: Rc<str>,
}

/// How a parameter takes arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// One argument.
    Plain,
    /// `*args`.
    Rest,
    /// `**kwargs`.
    Named,
    /// All arguments once more (`arguments` of JavaScript).
    All,
}

/// A parameter.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: Name,
    /// How it takes arguments.
    pub kind: ParameterKind,
    /// Its default.
    pub default: Option<Expression>,
}

/// A class.
#[derive(Debug)]
pub struct ClassSyntax {
    /// Its name.
    pub name: Name,
    /// Its bases.
    pub bases: Vec<Argument>,
    /// Its body.
    pub body: Block,
}

/// An argument of a call.
#[derive(Debug)]
pub enum Argument {
    /// By position.
    Plain(Expression),
    /// `name=value`.
    Named(Name, Expression),
    /// `*value`.
    Rest(Expression),
    /// `**value`.
    RestNamed(Expression),
}

/// An arithmetic or bitwise operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the operators' own names")]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
    MatrixMultiply,
    Or,
    And,
    Xor,
    ShiftLeft,
    ShiftRight,
    /// `>>>` of JavaScript.
    ShiftRightUnsigned,
    /// Texts one after the other, whatever the operands are (`.` of Perl and PHP, `..` of Lua).
    Concatenate,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the operators' own names")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
    Is,
    IsNot,
}

/// A unary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the operators' own names")]
pub enum Unary {
    Plus,
    Minus,
    Invert,
    Not,
}

/// What stands behind a primary expression.
#[derive(Debug)]
pub enum Trailer {
    /// `.name`.
    Attribute(Name),
    /// `(…)`.
    Call(Vec<Argument>),
    /// `[…]`.
    Index(Box<Expression>),
    /// `[]`, of which only a store has a meaning: behind the last item.
    Append,
    /// `[a:b:c]`.
    Slice(Box<[Option<Expression>; 3]>),
}

/// A part of a formatted string.
#[derive(Debug)]
pub enum FormatPart {
    /// Text as it stands.
    Text(Rc<str>),
    /// A value: expression, conversion (`r`, `s`, `a`) and format specification.
    Field(Expression, Option<char>, String),
}

/// What a comprehension makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComprehensionKind {
    /// A list, set or generator: all are walked as lists.
    Sequence,
    /// A dictionary.
    Dictionary,
}

/// A comprehension.
#[derive(Debug)]
pub struct Comprehension {
    /// What it makes.
    pub kind: ComprehensionKind,
    /// Element, or key.
    pub element: Expression,
    /// Value, for a dictionary.
    pub value: Option<Expression>,
    /// `for` and `if` clauses in order.
    pub clauses: Vec<Clause>,
}

/// A clause of a comprehension.
#[derive(Debug)]
pub enum Clause {
    /// `for target in iterable`.
    For(Expression, Expression),
    /// `if condition`.
    If(Expression),
}

/// An expression.
#[derive(Debug)]
pub enum Expression {
    /// `None` and `...`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// An integer of more than 127 bits, as big-endian bytes.
    BigInt(Rc<[u8]>),
    /// A floating-point number.
    Float(f64),
    /// A text.
    Text(Rc<str>),
    /// Bytes.
    Bytes(Rc<[u8]>),
    /// A formatted string.
    Format(Vec<FormatPart>),
    /// A name.
    Name(Name),
    /// `first op a op b …` of one or more operators, from left to right.
    Operation(Box<Expression>, Vec<(Operator, Expression)>),
    /// `and` (true) or `or` (false) of two or more.
    Logic(bool, Vec<Expression>),
    /// A unary operator.
    Unary(Unary, Box<Expression>),
    /// `first op a op b …`.
    Compare(Box<Expression>, Vec<(Comparison, Expression)>),
    /// A primary expression with trailers.
    Postfix(Box<Expression>, Vec<Trailer>),
    /// A lambda.
    Lambda(Rc<FunctionSyntax>),
    /// `a if condition else b`: condition, a, b.
    Conditional(Box<[Expression; 3]>),
    /// A list or set.
    List(Vec<Expression>),
    /// A tuple.
    Tuple(Vec<Expression>),
    /// A dictionary; without a key, `**value`.
    Dictionary(Vec<(Option<Expression>, Expression)>),
    /// A comprehension.
    Comprehension(Box<Comprehension>),
    /// `*value`.
    Starred(Box<Expression>),
    /// `name := value`.
    Walrus(Name, Box<Expression>),
    /// `target = value` as an expression.
    Assign(Box<Expression>, Box<Expression>),
    /// `target operator= value` as an expression; its value is what the target held before if the
    /// last part says so.
    Augment(Box<(Expression, Operator, Expression)>, bool),
    /// Statements as an expression; its value is that of the last one.
    Block(Block),
    /// `yield`.
    Yield(Option<Box<Expression>>),
    /// Parts of something the grammar does not know; also what is nested too deep.
    Unreadable(Vec<Expression>),
}
