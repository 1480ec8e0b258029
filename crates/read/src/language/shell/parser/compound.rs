//! Compound commands: groups, branches, loops, functions and tests.

use std::rc::Rc;

use super::super::ast::{Arm, Command, Kind, List, Simple, Word};
use super::{ARM, BRACE, DO, DONE, ELSE, PARENTHESIS, Parser, THEN};

impl<'a> Parser<'a> {
    /// A compound command, if one starts here.
    pub(super) fn compound(&mut self) -> Option<Kind<'a>> {
        match self.peek()? {
            b'(' => {}
            b'{' | b'[' | b'a'..=b'z' => {
                if !is_compound(self.reserved()) {
                    return None;
                }
            }
            _ => return None,
        }
        if !self.enter() {
            // Passed over as if it were not there; `is_too_deep` tells.
            self.pass_stray();
            return Some(Kind::Simple(Simple::default()));
        }
        let kind = self.compound_inside();
        self.leave();
        Some(kind)
    }

    fn compound_inside(&mut self) -> Kind<'a> {
        if self.starts_with("((")
            && let Some(end) = self.arithmetic_end(self.at + 2)
        {
            let inside = self.slice(self.at + 2, end);
            self.at = end + 2;
            return Kind::Arithmetic(inside);
        }
        if self.take("(") {
            let list = self.list(PARENTHESIS);
            self.take(")");
            return Kind::Subshell(list);
        }
        let word = self.reserved();
        self.at += word.len();
        match word {
            "{" => {
                let list = self.list(BRACE);
                self.take("}");
                Kind::Group(list)
            }
            "[[" => Kind::Test(self.test_words()),
            "if" => self.branches(),
            "while" | "until" => {
                let condition = self.list(DO);
                self.keyword("do");
                let body = self.list(DONE);
                self.keyword("done");
                Kind::Loop {
                    until: word == "until",
                    condition,
                    body,
                }
            }
            "for" | "select" | "foreach" => self.for_loop(),
            "case" => self.case(),
            "coproc" => self.coprocess(),
            _ => self.function(),
        }
    }

    /// Takes a reserved word if it comes next.
    fn keyword(&mut self, word: &str) -> bool {
        let comes = self.reserved() == word;
        if comes {
            self.at += word.len();
        }
        comes
    }

    fn branches(&mut self) -> Kind<'a> {
        let mut arms = Vec::new();
        let mut otherwise = None;
        loop {
            let condition = self.list(THEN | ELSE);
            self.keyword("then");
            let body = self.list(ELSE);
            arms.push((condition, body));
            if self.keyword("elif") {
                continue;
            }
            if self.keyword("else") {
                otherwise = Some(self.list(ELSE));
            }
            self.keyword("fi");
            return Kind::If(arms, otherwise);
        }
    }

    fn for_loop(&mut self) -> Kind<'a> {
        self.blanks();
        if self.starts_with("((")
            && let Some(end) = self.arithmetic_end(self.at + 2)
        {
            let inside = self.slice(self.at + 2, end);
            self.at = end + 2;
            let mut parts = inside.splitn(3, ';').map(str::trim);
            let expressions = std::array::from_fn(|_| parts.next().unwrap_or_default());
            return Kind::Count {
                expressions,
                body: self.do_body(),
            };
        }
        let name = self.word().source;
        self.linebreaks();
        let words = self.keyword("in").then(|| {
            let mut words = Vec::new();
            loop {
                self.blanks();
                let before = self.at;
                let word = self.word();
                if self.at == before {
                    break;
                }
                words.push(word);
            }
            words
        });
        Kind::For {
            name,
            words,
            body: self.do_body(),
        }
    }

    /// `do … done`, or the braces that bash and zsh accept in its place.
    fn do_body(&mut self) -> List<'a> {
        self.separators();
        if self.keyword("{") {
            let body = self.list(BRACE);
            self.take("}");
            return body;
        }
        self.keyword("do");
        let body = self.list(DONE);
        self.keyword("done");
        body
    }

    fn case(&mut self) -> Kind<'a> {
        self.blanks();
        let word = self.word();
        self.linebreaks();
        self.keyword("in");
        let mut arms = Vec::new();
        loop {
            self.linebreaks();
            if self.peek().is_none() || self.keyword("esac") {
                break;
            }
            let before = self.at;
            let patterns = self.patterns();
            let body = self.list(ARM);
            for end in [";;&", ";;", ";&"] {
                if self.take(end) {
                    break;
                }
            }
            if self.at == before {
                break;
            }
            arms.push(Arm { patterns, body });
        }
        Kind::Case(word, arms)
    }

    fn patterns(&mut self) -> Vec<Word<'a>> {
        let mut patterns = Vec::new();
        self.take("(");
        loop {
            self.blanks();
            let before = self.at;
            let word = self.word();
            if self.at > before {
                patterns.push(word);
            }
            self.blanks();
            if self.take(")") {
                break;
            }
            if !self.take("|") && self.at == before {
                break;
            }
        }
        patterns
    }

    fn coprocess(&mut self) -> Kind<'a> {
        self.blanks();
        let before = self.at;
        let mut name = self.word().source;
        self.blanks();
        let names_it =
            super::is_name(name) && matches!(self.peek(), Some(b'{' | b'(')) && self.at > before;
        if !names_it {
            name = "COPROC";
            self.at = before;
        }
        let command = self.command().unwrap_or_else(|| nothing(self.line));
        Kind::Coprocess(name, Box::new(command))
    }

    /// `function name …`
    fn function(&mut self) -> Kind<'a> {
        self.blanks();
        let name = self.word().source;
        self.blanks();
        let before = self.at;
        if self.take("(") {
            self.blanks();
            if !self.take(")") {
                self.at = before;
            }
        }
        self.function_body(name)
    }

    /// What is run when function `name` is called.
    pub(super) fn function_body(&mut self, name: &'a str) -> Kind<'a> {
        if !self.enter() {
            return Kind::Simple(Simple::default());
        }
        self.linebreaks();
        let command = self.command().unwrap_or_else(|| nothing(self.line));
        self.leave();
        Kind::Function(name, Rc::new(command))
    }

    /// The words of `[[ … ]]`; operators are words of their own.
    fn test_words(&mut self) -> Vec<Word<'a>> {
        let mut words: Vec<Word<'a>> = Vec::new();
        loop {
            self.linebreaks();
            if self.peek().is_none() || self.keyword("]]") {
                break;
            }
            let start = self.at;
            let is_expression = words.last().is_some_and(|word| word.source == "=~");
            let operator = ["&&", "||", "(", ")", "<", ">"]
                .into_iter()
                .find(|operator| !is_expression && self.starts_with(operator));
            if is_expression {
                words.push(self.expression());
            } else if let Some(operator) = operator
                && !self.starts_with("<(")
            {
                self.at += operator.len();
                words.push(Word {
                    source: operator,
                    parts: Vec::new(),
                });
            } else {
                words.push(self.word());
            }
            if self.at == start {
                // A `;` or `&` where none may stand: the test is broken off here.
                if self.peek() == Some(b'\n') || self.peek() == Some(b';') {
                    break;
                }
                self.pass_character();
                words.pop();
            }
        }
        words
    }

    /// A regular expression: parentheses and bars belong to it.
    fn expression(&mut self) -> Word<'a> {
        let start = self.at;
        let mut parts = Vec::new();
        loop {
            parts.extend(self.parts(super::word::Context::Word));
            match self.peek() {
                Some(b'(' | b')' | b'|' | b'<' | b'>' | b'&' | b';') => {
                    parts.push(super::super::ast::Part::Quoted(
                        self.slice(self.at, self.at + 1),
                    ));
                    self.at += 1;
                }
                _ => break,
            }
        }
        Word {
            source: self.slice(start, self.at),
            parts,
        }
    }
}

fn is_compound(word: &str) -> bool {
    matches!(
        word,
        "{" | "[["
            | "if"
            | "while"
            | "until"
            | "for"
            | "select"
            | "foreach"
            | "case"
            | "coproc"
            | "function"
    )
}

/// A command that does nothing.
fn nothing<'a>(line: u32) -> Command<'a> {
    Command {
        kind: Kind::Simple(Simple::default()),
        redirects: Vec::new(),
        line,
        source: "",
        pipes_error: false,
    }
}
