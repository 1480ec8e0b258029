//! The syntax tree of a shell text.

/// A word: parts that are joined without a blank.
pub type Word = Vec<Part>;

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text. Quoted text is not split, globbed or brace-expanded.
    Text {
        /// The text with quotes and escapes undone.
        text: String,
        /// Whether it stood in quotes or behind a backslash.
        quoted: bool,
    },
    /// `$name`, `${name…}`.
    Parameter {
        /// The name, possibly with an index: `a`, `1`, `@`, `a[0]`.
        name: String,
        /// What is done to the value.
        operation: Operation,
        /// Whether it stood in double quotes.
        quoted: bool,
    },
    /// `$(…)` or backquotes: the text inside.
    Command {
        /// The text.
        text: String,
        /// Whether it stood in double quotes.
        quoted: bool,
    },
    /// `$((…))`: the text inside.
    Arithmetic(String),
    /// `<(…)` (or `>(…)` if `output`): the text inside.
    Process {
        /// The text.
        text: String,
        /// Whether the command writes into it.
        output: bool,
    },
}

/// What `${name…}` does to the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Nothing.
    Plain,
    /// `${#name}`.
    Length,
    /// `${!name}`.
    Indirect,
    /// `:-` `-` `:=` `=` `:?` `?`: another word if it is not set; whether it is assigned.
    Default(Word, bool),
    /// `:+` `+`.
    Alternative(Word),
    /// `#` `##` `%` `%%`: takes a pattern off an end.
    Trim {
        /// The pattern.
        pattern: Word,
        /// From the end.
        suffix: bool,
        /// The longest match.
        longest: bool,
    },
    /// `/` `//` `/#` `/%`.
    Replace {
        /// The pattern.
        pattern: Word,
        /// What stands there instead.
        with: Word,
        /// Every match.
        all: bool,
    },
    /// `:offset` and `:offset:length`, as arithmetic texts.
    Slice(String, Option<String>),
    /// `^` `^^` `,` `,,`: upper case if true; all characters if the second is.
    Case(bool, bool),
    /// `@P`, `@E` and other transformations that keep the text.
    Transform,
}

/// A redirection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirection {
    /// The descriptor, or the one usual for the operator.
    pub descriptor: u32,
    /// What it does.
    pub kind: RedirectionKind,
    /// File name, descriptor, or text.
    pub target: Word,
}

/// What a redirection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectionKind {
    /// `<`.
    Read,
    /// `>` and `>|`.
    Write,
    /// `>>`.
    Append,
    /// `<>`.
    ReadWrite,
    /// `<&` and `>&` with a descriptor.
    Duplicate,
    /// `&>`, `>&` with a file: output and error.
    Both,
    /// Here-document or here-string.
    Here,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Assignments, words and redirections.
    Simple(Simple),
    /// `a | b | c`.
    Pipeline(Vec<Node>),
    /// Several, one after the other: lists, both arms of conditions, groups.
    Sequence(Vec<Node>),
    /// `( … )`.
    Subshell(Vec<Node>),
    /// `while`, `until`: condition and body.
    Loop(Vec<Node>),
    /// `for name in words`.
    For {
        /// The variable.
        name: String,
        /// The words; `None` for the positional parameters.
        words: Option<Vec<Word>>,
        /// The body.
        body: Vec<Node>,
    },
    /// `case word in … esac`: the bodies.
    Case {
        /// What is compared.
        word: Word,
        /// Patterns and body of each arm.
        arms: Vec<(Vec<Word>, Vec<Node>)>,
    },
    /// `name() { … }`.
    Function {
        /// Its name.
        name: String,
        /// Its body.
        body: Box<Node>,
    },
    /// A compound command with redirections.
    Redirected(Box<Node>, Vec<Redirection>),
    /// `coproc command`, with the name of its array.
    Coprocess(String, Box<Node>),
}

/// A simple command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simple {
    /// `name=value` before the words; `true` for `+=`.
    pub assignments: Vec<(String, Assigned, bool)>,
    /// The command and its arguments.
    pub words: Vec<Word>,
    /// Its redirections.
    pub redirections: Vec<Redirection>,
    /// Line, from 1.
    pub line: u32,
    /// Where it stands in the text.
    pub span: (usize, usize),
}

/// What is assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assigned {
    /// A word.
    Word(Word),
    /// `( … )`.
    Array(Vec<Word>),
}
