//! Pipelines and simple commands.

use std::cell::Cell;
use std::rc::Rc;

use super::super::ast::{
    AndOr, Assigned, Assignment, Body, Command, Connective, Kind, List, Part, Pipeline, Redirect,
    Simple, Word,
};
use super::word::Context;
use super::{Parser, is_name};

/// Commands whose arguments may be array assignments.
const DECLARES: &[&str] = &["declare", "typeset", "local", "export", "readonly"];

impl<'a> Parser<'a> {
    /// Pipelines joined by `&&` and `||`.
    pub(super) fn and_or(&mut self) -> Option<AndOr<'a>> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.blanks();
            let connective = if self.take("&&") {
                Connective::And
            } else if self.take("||") {
                Connective::Or
            } else {
                break;
            };
            self.linebreaks();
            if self.stop().is_some() {
                break;
            }
            let Some(pipeline) = self.pipeline() else {
                break;
            };
            rest.push((connective, only(pipeline)));
        }
        Some(AndOr { first, rest })
    }

    fn pipeline(&mut self) -> Option<Pipeline<'a>> {
        let mut pipeline = Pipeline::default();
        loop {
            self.blanks();
            match self.reserved() {
                "!" => {
                    pipeline.negated = !pipeline.negated;
                    self.at += 1;
                }
                "time" => {
                    self.at += 4;
                    self.blanks();
                    if self.starts_with("-p ") {
                        self.at += 2;
                    }
                }
                _ => break,
            }
        }
        self.blanks();
        let start = self.at;
        while let Some(mut command) = self.command() {
            pipeline.source = self.slice(start, self.at).trim_end();
            self.blanks();
            let pipes = self.peek() == Some(b'|') && self.peek_at(1) != Some(b'|');
            if pipes {
                self.at += 1;
                command.pipes_error = self.take("&");
            }
            pipeline.stages.push(command);
            if !pipes {
                break;
            }
            self.linebreaks();
            if self.stop().is_some() {
                break;
            }
        }
        (!pipeline.stages.is_empty()).then_some(pipeline)
    }

    /// One command with its redirections.
    pub(super) fn command(&mut self) -> Option<Command<'a>> {
        self.blanks();
        let start = self.at;
        let line = self.here();
        let mut redirects = Vec::new();
        let kind = match self.compound() {
            Some(kind) => {
                loop {
                    self.blanks();
                    let Some(redirect) = self.redirect() else {
                        break;
                    };
                    redirects.push(redirect);
                }
                kind
            }
            None => self.simple(&mut redirects)?,
        };
        Some(Command {
            kind,
            redirects,
            line,
            source: self.slice(start, self.at).trim_end(),
            pipes_error: false,
        })
    }

    fn simple(&mut self, redirects: &mut Vec<Redirect<'a>>) -> Option<Kind<'a>> {
        let mut simple = Simple::default();
        let start = self.at;
        loop {
            self.blanks();
            match self.peek() {
                None | Some(b'\n' | b';' | b'|' | b')') => break,
                Some(b'#') => {
                    self.comment();
                    break;
                }
                Some(b'&') if self.peek_at(1) != Some(b'>') => break,
                Some(b'(') => {
                    if let Some(function) = self.function_after(&simple) {
                        return Some(function);
                    }
                    // Nothing that a shell accepts: the words go on.
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            if let Some(redirect) = self.redirect() {
                redirects.push(redirect);
                continue;
            }
            if self.takes_assignment(&simple)
                && let Some(assignment) = self.assignment(!simple.words.is_empty())
            {
                simple.assignments.push(assignment);
                continue;
            }
            let before = self.at;
            let word = self.word();
            if self.at == before {
                break;
            }
            simple.words.push(word);
        }
        let empty =
            simple.words.is_empty() && simple.assignments.is_empty() && redirects.is_empty();
        (!empty || self.at > start).then_some(Kind::Simple(simple))
    }

    /// A definition `name() …` if `simple` is a name so far and parentheses come next.
    fn function_after(&mut self, simple: &Simple<'a>) -> Option<Kind<'a>> {
        let [name] = simple.words.as_slice() else {
            return None;
        };
        if !simple.assignments.is_empty() {
            return None;
        }
        let before = self.at;
        self.at += 1;
        self.blanks();
        if !self.take(")") {
            self.at = before;
            return None;
        }
        Some(self.function_body(name.source))
    }

    fn takes_assignment(&self, simple: &Simple) -> bool {
        match simple.words.first() {
            None => true,
            Some(command) => DECLARES.contains(&command.source),
        }
    }

    /// `name=value`. Behind a declaring command only arrays are taken: other arguments are words.
    fn assignment(&mut self, arrays_only: bool) -> Option<Assignment<'a>> {
        let bytes = self.rest().as_bytes();
        let length = bytes
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
            .count();
        let name = self.slice(self.at, self.at + length);
        if !is_name(name) {
            return None;
        }
        let before = self.at;
        self.at += length;
        let mut index = None;
        if self.peek() == Some(b'[') {
            index = self.bracketed();
        }
        let append = self.take("+=");
        if !append && !self.take("=") || arrays_only && self.peek() != Some(b'(') {
            self.at = before;
            return None;
        }
        let value = if self.peek() == Some(b'(') && index.is_none() {
            self.at += 1;
            Assigned::Array(self.elements())
        } else {
            Assigned::Word(self.word())
        };
        Some(Assignment {
            name,
            index,
            append,
            value,
        })
    }

    /// The text between brackets, which come next; they must close on the same line.
    pub(super) fn bracketed(&mut self) -> Option<&'a str> {
        /// Longest index text, so that an open bracket costs no more than that.
        const INDEX_BYTES: usize = 1_024;
        let mut depth = 0_usize;
        for (ahead, byte) in self.rest().bytes().enumerate().take(INDEX_BYTES) {
            match byte {
                b'[' => depth += 1,
                b']' if depth == 1 => {
                    let inside = self.slice(self.at + 1, self.at + ahead);
                    self.at += ahead + 1;
                    return Some(inside);
                }
                b']' => depth -= 1,
                b'\n' => return None,
                _ => {}
            }
        }
        None
    }

    /// The elements of an array up to its parenthesis.
    fn elements(&mut self) -> Vec<(Option<&'a str>, Word<'a>)> {
        let mut elements = Vec::new();
        loop {
            self.linebreaks();
            match self.peek() {
                None => break,
                Some(b')') => {
                    self.at += 1;
                    break;
                }
                _ => {}
            }
            let before = self.at;
            let mut index = None;
            if self.peek() == Some(b'[') {
                index = self.bracketed().filter(|_| self.take("="));
                if index.is_none() {
                    self.at = before;
                }
            }
            let word = self.word();
            if self.at == before {
                self.pass_character();
                continue;
            }
            elements.push((index, word));
        }
        elements
    }

    /// A word; of no length if none comes next.
    pub(super) fn word(&mut self) -> Word<'a> {
        let start = self.at;
        if let Some(end) = self.plain_end() {
            self.at = end;
            return Word {
                source: self.slice(start, end),
                parts: Vec::new(),
            };
        }
        let mut parts = self.parts(Context::Word);
        if parts.is_empty() && self.at > start {
            // Nothing but a continued line.
            parts.push(Part::Literal(""));
        }
        Word {
            source: self.slice(start, self.at),
            parts,
        }
    }
}

/// A list of nothing but one pipeline.
fn only(pipeline: Pipeline<'_>) -> List<'_> {
    Rc::new(Body {
        items: vec![AndOr {
            first: pipeline,
            rest: Vec::new(),
        }],
        visited: Cell::new(false),
    })
}
