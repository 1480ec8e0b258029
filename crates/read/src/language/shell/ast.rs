//! The syntax tree of a shell text, after POSIX.1-2024 XCU 2.10 with the extensions of bash and
//! zsh. It borrows from the text; what has to outlive the run of its text (function bodies,
//! branches put off) is shared.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

/// A list that may be run again or later: a branch, a loop or function body.
pub type List<'a> = Rc<Body<'a>>;

/// Commands one after another.
#[derive(Debug, Default)]
pub struct Body<'a> {
    /// The commands.
    pub items: Vec<AndOr<'a>>,
    /// Whether it has been run at least once.
    pub visited: Cell<bool>,
}

/// Pipelines joined by `&&` and `||`.
#[derive(Debug)]
pub struct AndOr<'a> {
    /// The first, always run.
    pub first: Pipeline<'a>,
    /// The others and what joins them to the one before.
    pub rest: Vec<(Connective, List<'a>)>,
}

/// What joins two pipelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connective {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Commands joined by `|`.
#[derive(Debug, Default)]
pub struct Pipeline<'a> {
    /// Whether `!` stands before it.
    pub negated: bool,
    /// The commands; at least one.
    pub stages: Vec<Command<'a>>,
    /// Its source text.
    pub source: &'a str,
}

/// One command with its redirections.
#[derive(Debug)]
pub struct Command<'a> {
    /// What it is.
    pub kind: Kind<'a>,
    /// Redirections in order.
    pub redirects: Vec<Redirect<'a>>,
    /// Line in its text, from 1.
    pub line: u32,
    /// Its source text.
    pub source: &'a str,
    /// Whether `|&` follows it.
    pub pipes_error: bool,
}

/// The kinds of command.
#[derive(Debug)]
pub enum Kind<'a> {
    /// Assignments and words.
    Simple(Simple<'a>),
    /// `{ … }`
    Group(List<'a>),
    /// `( … )`
    Subshell(List<'a>),
    /// `if`: conditions with their bodies, and the `else` body.
    If(Vec<(List<'a>, List<'a>)>, Option<List<'a>>),
    /// `for` and `select` over words; no words means the positional parameters.
    For {
        /// The loop variable.
        name: &'a str,
        /// What it runs over.
        words: Option<Vec<Word<'a>>>,
        /// The body.
        body: List<'a>,
    },
    /// `for ((start; condition; step))`.
    Count {
        /// The three expressions.
        expressions: [&'a str; 3],
        /// The body.
        body: List<'a>,
    },
    /// `while` and `until`.
    Loop {
        /// Whether it is `until`.
        until: bool,
        /// Condition.
        condition: List<'a>,
        /// The body.
        body: List<'a>,
    },
    /// `case`
    Case(Word<'a>, Vec<Arm<'a>>),
    /// A function definition.
    Function(&'a str, Rc<Command<'a>>),
    /// `[[ … ]]`
    Test(Vec<Word<'a>>),
    /// `(( … ))`
    Arithmetic(&'a str),
    /// `coproc`, with the name of its descriptors.
    Coprocess(&'a str, Box<Command<'a>>),
}

/// One branch of a `case`.
#[derive(Debug)]
pub struct Arm<'a> {
    /// Its patterns.
    pub patterns: Vec<Word<'a>>,
    /// What is run.
    pub body: List<'a>,
}

/// A simple command.
#[derive(Debug, Default)]
pub struct Simple<'a> {
    /// Assignments before the words, and array assignments among those of `declare`.
    pub assignments: Vec<Assignment<'a>>,
    /// Command name and arguments.
    pub words: Vec<Word<'a>>,
}

/// `name=value`, `name[index]+=value`, `name=( … )`.
#[derive(Debug)]
pub struct Assignment<'a> {
    /// The variable.
    pub name: &'a str,
    /// Text between brackets.
    pub index: Option<&'a str>,
    /// Whether it is `+=`.
    pub append: bool,
    /// What is assigned.
    pub value: Assigned<'a>,
}

/// The right side of an assignment.
#[derive(Debug)]
pub enum Assigned<'a> {
    /// One word.
    Word(Word<'a>),
    /// Array elements, each with the text of its index if it has one.
    Array(Vec<(Option<&'a str>, Word<'a>)>),
}

/// A word.
#[derive(Debug, Default, Clone)]
pub struct Word<'a> {
    /// Source text.
    pub source: &'a str,
    /// Its parts. None means that the source text is the word: nothing in it is special.
    pub parts: Vec<Part<'a>>,
}

impl Word<'_> {
    /// Whether the source text is the word.
    pub fn is_plain(&self) -> bool {
        self.parts.is_empty()
    }
}

/// A part of a word.
#[derive(Debug, Clone)]
pub enum Part<'a> {
    /// Text outside quotes: braces, tildes and patterns in it count.
    Literal(&'a str),
    /// Text that stands for itself.
    Quoted(&'a str),
    /// The inside of `$'…'`.
    Escaped(&'a str),
    /// The inside of `"…"`.
    Double(Vec<Part<'a>>),
    /// `$x`, `${x…}`.
    Parameter(Rc<Parameter<'a>>),
    /// `$( … )`
    Command(List<'a>),
    /// The inside of a backquoted command, the line it starts on, and whether it stands inside
    /// double quotes.
    Backquote(&'a str, u32, bool),
    /// The inside of `$(( … ))`.
    Arithmetic(&'a str),
    /// `<( … )` or, if `true`, `>( … )`.
    Process(List<'a>, bool),
    /// The placeholder of an unknown value in an evaluated text, without its braces.
    Unknown(&'a str),
}

/// `${…}`
#[derive(Debug)]
pub struct Parameter<'a> {
    /// The name, a digit string or a special character.
    pub name: &'a str,
    /// Text between brackets.
    pub index: Option<&'a str>,
    /// Whether `!` stands before the name.
    pub indirect: bool,
    /// What is done to it.
    pub operator: Operator<'a>,
}

/// What `${…}` does to the value.
#[derive(Debug)]
pub enum Operator<'a> {
    /// Nothing.
    None,
    /// `${#x}`
    Length,
    /// `${x:-w}` and its kin: one of `-=+?`, and whether a colon stands before it, so that empty
    /// counts as unset.
    Default(u8, bool, Word<'a>),
    /// `#`, `##`, `%`, `%%`.
    Trim {
        /// At the end (`%`), not at the start.
        suffix: bool,
        /// The longest match, not the shortest.
        longest: bool,
        /// The pattern.
        pattern: Word<'a>,
    },
    /// `${x/p/r}`: how many (`/` for all), or where (`#`, `%`), pattern and replacement.
    Replace(u8, Word<'a>, Word<'a>),
    /// `${x:offset:length}`
    Slice(&'a str, Option<&'a str>),
    /// `^`, `,`, `~`; and whether every character is changed.
    Case(u8, bool),
    /// `${x@Q}`
    Transform(u8),
    /// `${!x*}`, `${!x@}`: names that start so.
    Names,
}

/// A redirection.
#[derive(Debug)]
pub struct Redirect<'a> {
    /// The descriptor it is about.
    pub descriptor: Descriptor<'a>,
    /// What is done.
    pub operation: Operation<'a>,
}

/// The left side of a redirection.
#[derive(Debug, Clone, Copy)]
pub enum Descriptor<'a> {
    /// The operator's own: 0 or 1.
    Default,
    /// A number.
    Number(u32),
    /// `{name}`: a new one, its number kept in the variable.
    Variable(&'a str),
}

/// The right side of a redirection.
#[derive(Debug)]
pub enum Operation<'a> {
    /// `<`
    Read(Word<'a>),
    /// `>`, `>|`
    Write(Word<'a>),
    /// `>>`
    Append(Word<'a>),
    /// `<>`
    ReadWrite(Word<'a>),
    /// `<&` or, if `true`, `>&`.
    Duplicate(Word<'a>, bool),
    /// `&>` or, if `true`, `&>>`.
    Both(Word<'a>, bool),
    /// `<<`, filled in when its lines are read.
    Document(Rc<OnceCell<Document<'a>>>),
    /// `<<<`
    Text(Word<'a>),
}

/// The lines of a here-document.
#[derive(Debug)]
pub struct Document<'a> {
    /// The lines, line ends included.
    pub body: &'a str,
    /// Line of the first.
    pub line: u32,
    /// Whether parameters in it are expanded.
    pub expands: bool,
    /// Whether leading tabs are taken away.
    pub strips_tabs: bool,
}
