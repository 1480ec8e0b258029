//! Word expansion (XCU 2.6): from a word to the fields it stands for.

use model::{Provenance, Value};

use super::super::ast::{Part, Word};
use super::Machine;
use super::field::{bounded_append, split};
use super::lookup::{Found, join};
use super::pattern::Pattern;

/// Most fields one command has, so that a list of lists stays bounded.
const FIELDS: usize = 65_536;

/// A field, and whether what is outside quotes in it is a pattern.
#[derive(Debug, Clone, Default)]
pub struct Field {
    /// The value.
    pub value: Value,
    /// Whether `*`, `?` or `[` stands in it outside quotes.
    pub is_pattern: bool,
}

/// What is made of the expansions of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Split into fields.
    Fields,
    /// One value.
    Single,
    /// One value in which quoted pattern characters have a backslash.
    Pattern,
}

/// The fields made so far.
struct Builder {
    mode: Mode,
    done: Vec<Field>,
    current: Option<Field>,
    limit: usize,
}

impl Builder {
    fn add(&mut self, value: &Value, quoted: bool) {
        let is_pattern = !quoted && value.text.contains(['*', '?', '[']);
        let escapes =
            quoted && self.mode == Mode::Pattern && value.text.contains(['*', '?', '[', ']', '\\']);
        let limit = self.limit;
        let field = self.current.get_or_insert_with(|| Field {
            value: Value::literal(""),
            is_pattern: false,
        });
        field.is_pattern |= is_pattern;
        if escapes {
            bounded_append(&mut field.value, &value.map_text(escaped), limit);
        } else {
            bounded_append(&mut field.value, value, limit);
        }
    }

    fn text(&mut self, text: &str, quoted: bool) {
        let is_plain = !quoted || self.mode != Mode::Pattern;
        if is_plain && let Some(field) = &mut self.current {
            field.is_pattern |= !quoted && text.contains(['*', '?', '[']);
            field.value.text.push_str(text);
            return;
        }
        self.add(&Value::literal(text), quoted);
    }

    fn end_field(&mut self) {
        if self.done.len() < FIELDS {
            self.done.extend(self.current.take());
        }
    }

    /// An expansion outside quotes.
    fn unquoted(&mut self, value: &Value, separators: &str) {
        if self.mode != Mode::Fields {
            return self.add(value, false);
        }
        let is_one = value.known
            && !value.text.is_empty()
            && !value.text.contains(|c| separators.contains(c));
        if is_one {
            return self.add(value, false);
        }
        let parts = split(value, separators);
        if parts.leading {
            self.end_field();
        }
        let last = parts.fields.len().saturating_sub(1);
        for (at, field) in parts.fields.iter().enumerate() {
            self.add(field, false);
            if at < last || parts.trailing {
                self.end_field();
            }
        }
    }

    /// The elements of `"$@"`: the first joins what is before it, the last what is behind it.
    fn elements(&mut self, values: &[Value]) {
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                self.end_field();
            }
            self.add(value, true);
        }
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

impl<'a> Machine<'a, '_, '_> {
    /// The fields of words, patterns that name one known program or file resolved.
    pub(super) fn fields(&mut self, words: &[Word<'a>]) -> Vec<Value> {
        let mut fields = Vec::with_capacity(words.len());
        for word in words {
            self.word_fields(word, &mut fields);
        }
        fields
    }

    /// Adds the fields of one word.
    pub(super) fn word_fields(&mut self, word: &Word<'a>, out: &mut Vec<Value>) {
        if word.is_plain() {
            out.push(Value::literal(word.source));
            return;
        }
        let mut fields = Vec::new();
        match self.braces(&word.parts) {
            Some(words) => {
                for parts in &words {
                    fields.extend(self.build(parts, Mode::Fields));
                }
            }
            None => fields = self.build(&word.parts, Mode::Fields),
        }
        for field in fields {
            if out.len() >= FIELDS {
                break;
            }
            out.push(if field.is_pattern {
                super::glob::resolve(field.value)
            } else {
                field.value
            });
        }
    }

    /// A word as one value: right sides of assignments, targets of redirections.
    pub(super) fn single(&mut self, word: &Word<'a>) -> Value {
        if word.is_plain() {
            return Value::literal(word.source);
        }
        joined(self.build(&word.parts, Mode::Single))
    }

    /// A word as a pattern.
    pub(super) fn pattern(&mut self, word: &Word<'a>) -> Pattern {
        if word.is_plain() {
            return Pattern::new(word.source, true);
        }
        let value = joined(self.build(&word.parts, Mode::Pattern));
        Pattern::new(&value.text, value.known)
    }

    /// The parts of a quoted text as one value.
    pub(super) fn quoted(&mut self, parts: &[Part<'a>]) -> Value {
        let mut builder = self.builder(Mode::Single);
        self.parts(parts, &mut builder, true);
        builder.end_field();
        joined(builder.done)
    }

    /// A text with its expansions done, as if in double quotes.
    pub(super) fn text_of(&mut self, text: &str) -> Value {
        if !text.contains(['$', '`', '\\', '"', '\'']) {
            return Value::literal(text);
        }
        let kept = self.keep(text.to_owned());
        self.kept_text(kept)
    }

    /// The same for a text that outlives the machine.
    pub(super) fn kept_text(&mut self, text: &'a str) -> Value {
        self.document_text(text, 1)
    }

    /// The same for lines that start at a line of the text around them.
    pub(super) fn document_text(&mut self, text: &'a str, line: u32) -> Value {
        if !text.contains(['$', '`', '\\']) && self.world.depth() == 0 {
            return Value::literal(text);
        }
        let deepest = self.deepest.saturating_sub(self.depth);
        let parser = super::Parser::new(text, line, deepest, self.world.depth() > 0);
        let (parts, too_deep) = parser.quoted_text();
        if too_deep {
            self.too_deep();
        }
        self.quoted(&parts)
    }

    fn builder(&self, mode: Mode) -> Builder {
        Builder {
            mode,
            done: Vec::new(),
            current: None,
            limit: self.world.budget().program_text,
        }
    }

    fn build(&mut self, parts: &[Part<'a>], mode: Mode) -> Vec<Field> {
        let mut builder = self.builder(mode);
        self.parts(parts, &mut builder, false);
        builder.end_field();
        builder.done
    }

    fn parts(&mut self, parts: &[Part<'a>], builder: &mut Builder, quoted: bool) {
        for (at, part) in parts.iter().enumerate() {
            match part {
                Part::Literal(text) => {
                    let first = at == 0 && builder.current.is_none();
                    self.literal(text, builder, first);
                }
                Part::Quoted(text) => builder.text(text, true),
                Part::Escaped(text) => {
                    builder.add(&Value::literal(super::escape::undo(text)), true)
                }
                Part::Double(inside) => {
                    // Empty quotes are a field, `"$@"` with no arguments is none.
                    if inside.is_empty() {
                        builder.text("", true);
                    }
                    self.parts(inside, builder, true);
                }
                Part::Parameter(parameter) => {
                    if !quoted && self.is_filler(parameter, parts, at) {
                        self.learn_filler(parameter.name);
                        continue;
                    }
                    let found = self.parameter(parameter);
                    self.add_found(found, builder, quoted);
                }
                Part::Process(list, writes) => {
                    let value = self.process(list, *writes);
                    builder.add(&value, true);
                }
                part => {
                    let value = self.substitution(part);
                    self.add_value(&value, builder, quoted);
                }
            }
        }
    }

    fn add_value(&mut self, value: &Value, builder: &mut Builder, quoted: bool) {
        if quoted {
            builder.add(value, true);
        } else {
            let separators = self.separators();
            builder.unquoted(value, &separators);
        }
    }

    fn add_found(&mut self, found: Found, builder: &mut Builder, quoted: bool) {
        match found {
            Found::One(value) | Found::Unset(value) => self.add_value(&value, builder, quoted),
            Found::Many(values, star) => {
                let separators = self.separators();
                if builder.mode != Mode::Fields {
                    let between = if star {
                        separators.get(..1).unwrap_or_default()
                    } else {
                        " "
                    };
                    builder.add(&join(&values, between), quoted);
                } else if !quoted {
                    for (at, value) in values.iter().enumerate() {
                        if at > 0 {
                            builder.end_field();
                        }
                        builder.unquoted(value, &separators);
                    }
                } else if star {
                    let between = separators
                        .chars()
                        .next()
                        .map(String::from)
                        .unwrap_or_default();
                    builder.add(&join(&values, &between), true);
                } else {
                    builder.elements(&values);
                }
            }
        }
    }

    fn literal(&mut self, text: &str, builder: &mut Builder, first: bool) {
        if first && let Some(behind) = text.strip_prefix('~') {
            let (user, rest) = behind.split_at(behind.find('/').unwrap_or(behind.len()));
            let home = match user {
                "" => Some(self.value_of("HOME")),
                "root" => Some(Value::literal("/root")),
                "+" => Some(self.value_of("PWD")),
                user if super::super::parser::is_name(user) => {
                    Some(Value::literal(format!("/home/{user}")))
                }
                _ => None,
            };
            if let Some(home) = home {
                builder.add(&home, true);
                return builder.text(rest, false);
            }
        }
        builder.text(text, false);
    }

    /// The value of a placeholder in an evaluated text.
    pub(super) fn placeholder(&self, name: &str) -> Value {
        let source = |name: &str| name.to_owned();
        let mut value = match name {
            "?" => Value::unknown(Provenance::Unknown),
            "argument" => Value::unknown(Provenance::Argument),
            "received" => Value::unknown(match self.received {
                Some(connection) => Provenance::Received(connection),
                None => Provenance::Unknown,
            }),
            "environment" => Value::unknown(Provenance::Environment(String::new())),
            name if name.starts_with("lines matching ") => {
                Value::unknown(Provenance::Output("grep".to_owned()))
            }
            name if name.starts_with("processes matching ") => {
                Value::unknown(Provenance::Output("pgrep".to_owned()))
            }
            name if name.starts_with("request ") => {
                let part = name.trim_start_matches("request ");
                Value::unknown(Provenance::Request(part.to_owned()))
            }
            name => match (
                name.strip_prefix("content of "),
                name.strip_prefix("output of "),
            ) {
                (Some(url), _) if url.contains("://") => {
                    Value::unknown(Provenance::Fetched(source(url)))
                }
                (Some(path), _) => Value::unknown(Provenance::File(source(path))),
                (_, Some(program)) => Value::unknown(Provenance::Output(source(program))),
                _ => Value::unknown(Provenance::Environment(source(name))),
            },
        };
        value.text = format!("{{{name}}}");
        value
    }
}

fn joined(fields: Vec<Field>) -> Value {
    let mut fields = fields.into_iter();
    let Some(first) = fields.next() else {
        return Value::literal("");
    };
    fields.fold(first.value, |mut all, field| {
        all.text.push(' ');
        all.append(&field.value);
        all
    })
}
