//! The script of a sed: addresses and commands.

use std::collections::BTreeMap;

use crate::command::text::pattern::Pattern;
use crate::command::text::print::escapes;

/// Most commands of a script that are followed.
const COMMANDS: usize = 256;

/// Which lines a command is for.
pub enum Address {
    All,
    Number(usize),
    Last,
    Matching(Pattern),
}

pub struct Command {
    pub first: Address,
    /// The end of a range, and whether the range is open now.
    pub last: Option<Address>,
    pub is_open: bool,
    pub negated: bool,
    pub action: Action,
}

pub enum Action {
    Substitute {
        pattern: Pattern,
        replacement: Vec<Part>,
        all: bool,
        occurrence: usize,
        prints: bool,
    },
    Transliterate(BTreeMap<char, char>),
    Delete,
    Print,
    Quit,
    /// Text in front of (`i`), behind (`a`) or instead of (`c`) a line.
    Text(char, String),
    /// A command of a shell (GNU `e`).
    Execute(String),
    Nothing,
}

pub enum Part {
    Text(String),
    Group(usize),
}

/// Reads a script.
pub struct Parser<'a> {
    rest: &'a str,
    is_extended: bool,
}

impl<'a> Parser<'a> {
    /// The commands, or `None` if one is not supported.
    pub fn parse(text: &'a str, is_extended: bool) -> Option<Vec<Command>> {
        let mut parser = Parser {
            rest: text,
            is_extended,
        };
        let mut commands = Vec::new();
        loop {
            parser.rest = parser.rest.trim_start_matches([';', '\n', ' ', '\t']);
            if parser.rest.is_empty() {
                return Some(commands);
            }
            if commands.len() >= COMMANDS {
                return None;
            }
            commands.push(parser.command()?);
        }
    }

    fn command(&mut self) -> Option<Command> {
        let first = self.address()?;
        let last = match self.rest.strip_prefix(',') {
            Some(rest) => {
                self.rest = rest;
                Some(self.address()?)
            }
            None => None,
        };
        self.rest = self.rest.trim_start();
        let negated = self.rest.starts_with('!');
        self.rest = self.rest.trim_start_matches(['!', ' ']);
        let action = self.action()?;
        Some(Command {
            first,
            last,
            is_open: false,
            negated,
            action,
        })
    }

    fn take(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..)?;
        Some(c)
    }

    fn address(&mut self) -> Option<Address> {
        if let Some(rest) = self.rest.strip_prefix('$') {
            self.rest = rest;
            return Some(Address::Last);
        }
        if self.rest.starts_with('/') || self.rest.starts_with('\\') {
            self.rest = self.rest.strip_prefix('\\').unwrap_or(self.rest);
            let delimiter = self.take()?;
            let text = self.delimited(delimiter)?;
            let ignores_case = self.rest.starts_with('I');
            self.rest = self.rest.trim_start_matches('I');
            return Some(Address::Matching(Pattern::new(
                &text,
                self.is_extended,
                ignores_case,
            )?));
        }
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        if digits.is_empty() {
            Some(Address::All)
        } else {
            Some(Address::Number(digits.parse().ok()?))
        }
    }

    /// Text up to the delimiter, which a backslash guards.
    fn delimited(&mut self, delimiter: char) -> Option<String> {
        let mut out = String::new();
        loop {
            match self.take()? {
                c if c == delimiter => return Some(out),
                '\\' => match self.take()? {
                    c if c == delimiter => out.push(c),
                    c => out.extend(['\\', c]),
                },
                c => out.push(c),
            }
        }
    }

    fn action(&mut self) -> Option<Action> {
        match self.take()? {
            's' => self.substitution(),
            'y' => {
                let delimiter = self.take()?;
                let from = self.delimited(delimiter)?;
                let to = self.delimited(delimiter)?;
                Some(Action::Transliterate(
                    from.chars().zip(to.chars()).collect(),
                ))
            }
            'd' => Some(Action::Delete),
            'p' => Some(Action::Print),
            'q' | 'Q' => Some(Action::Quit),
            kind @ ('a' | 'i' | 'c') => {
                let text = self.rest.trim_start_matches([' ', '\t']);
                let text = text.strip_prefix('\\').unwrap_or(text);
                let text = text.strip_prefix('\n').unwrap_or(text);
                let end = text.find('\n').unwrap_or(text.len());
                let (line, rest) = text.split_at(end);
                self.rest = rest;
                let (line, _) = escapes(line, false);
                Some(Action::Text(kind, format!("{line}\n")))
            }
            'e' => {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                let (code, rest) = self.rest.split_at(end);
                self.rest = rest;
                Some(Action::Execute(code.trim().to_owned()))
            }
            '#' => {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.rest = self.rest.get(end..)?;
                Some(Action::Nothing)
            }
            _ => None,
        }
    }

    fn substitution(&mut self) -> Option<Action> {
        let delimiter = self.take()?;
        let text = self.delimited(delimiter)?;
        let replacement = parts(&self.delimited(delimiter)?)?;
        let end = self.rest.find([';', '\n', '}']).unwrap_or(self.rest.len());
        let (flags, rest) = self.rest.split_at(end);
        self.rest = rest;
        let flags = flags.trim();
        let digits: String = flags.chars().filter(char::is_ascii_digit).collect();
        let is_known = flags
            .chars()
            .all(|c| c.is_ascii_digit() || "gpIiMm".contains(c));
        if !is_known {
            // With `e` the replacement is run by a shell.
            let code = replacement.into_iter().find_map(|part| match part {
                Part::Text(text) => Some(text),
                Part::Group(_) => None,
            });
            return flags
                .contains('e')
                .then(|| Action::Execute(code.unwrap_or_default()));
        }
        Some(Action::Substitute {
            pattern: Pattern::new(&text, self.is_extended, flags.contains(['i', 'I']))?,
            replacement,
            all: flags.contains('g'),
            occurrence: digits.parse().unwrap_or(1),
            prints: flags.contains('p'),
        })
    }
}

/// The parts of a replacement; `None` if it changes case, which is not supported.
fn parts(text: &str) -> Option<Vec<Part>> {
    let mut out = Vec::new();
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let group = match c {
            '&' => Some(0),
            '\\' => match chars.next()? {
                digit @ '0'..='9' => digit.to_digit(10),
                'n' => {
                    plain.push('\n');
                    None
                }
                't' => {
                    plain.push('\t');
                    None
                }
                'U' | 'L' | 'u' | 'l' | 'E' => return None,
                other => {
                    plain.push(other);
                    None
                }
            },
            other => {
                plain.push(other);
                None
            }
        };
        if let Some(number) = group.and_then(|number| usize::try_from(number).ok()) {
            out.push(Part::Text(std::mem::take(&mut plain)));
            out.push(Part::Group(number));
        }
    }
    out.push(Part::Text(plain));
    Some(out)
}
