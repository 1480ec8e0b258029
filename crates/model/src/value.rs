//! Values with provenance: what code passes to what it does, as far as reading can tell.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Most sources of one kind that a value keeps: a text put together from more parts says nothing
/// more by naming them all, and a hostile one could name a million.
const MOST_SOURCES: usize = 64;

/// Where (a part of) a value comes from, other than from the text of the program itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Provenance {
    /// An environment variable, named; with an empty name, all of them.
    Environment(String),
    /// A command-line argument or positional parameter.
    Argument,
    /// Fetched from a URL (as far as it is known).
    Fetched(String),
    /// Received over connection number n of the program.
    Received(u32),
    /// Undone from an encoding, for example `base64`.
    Decoded(String),
    /// Taken from a request that the program answers: a parameter, a header, a cookie or the body,
    /// named as the program names it (`GET[cmd]`, `php://input`).
    Request(String),
    /// Put into a cipher, for example `openssl aes-256-cbc`.
    Encrypted(String),
    /// Content of a file, by path.
    File(String),
    /// Output of a command that was run, named by its program.
    Output(String),
    /// Cannot be told.
    Unknown,
}

/// A value as far as reading can tell.
///
/// `text` is the whole value if `known`; otherwise the parts that could not be told stand in it as
/// `{NAME}` (an environment variable or a variable never assigned) or `{?}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Value {
    /// The text, with placeholders if not known.
    pub text: String,
    /// Whether `text` is the whole value.
    pub known: bool,
    /// Where it comes from; empty for a plain literal. Sorted, no duplicates.
    pub from: Vec<Provenance>,
}

impl Value {
    /// A literal.
    pub fn literal(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            known: true,
            from: Vec::new(),
        }
    }

    /// A value of which nothing but its source is known.
    pub fn unknown(from: Provenance) -> Self {
        let text = match &from {
            Provenance::Environment(name) if name.is_empty() => "{environment}".to_owned(),
            Provenance::Environment(name) => format!("{{{name}}}"),
            Provenance::Argument => "{argument}".to_owned(),
            Provenance::Fetched(url) => format!("{{content of {url}}}"),
            Provenance::Received(_) => "{received}".to_owned(),
            Provenance::Request(name) => format!("{{request {name}}}"),
            Provenance::File(path) => format!("{{content of {path}}}"),
            Provenance::Output(program) => format!("{{output of {program}}}"),
            Provenance::Decoded(_) | Provenance::Encrypted(_) | Provenance::Unknown => {
                "{?}".to_owned()
            }
        };
        Self {
            text,
            known: false,
            from: vec![from],
        }
    }

    /// The whole text, if all of it is known.
    pub fn as_known(&self) -> Option<&str> {
        self.known.then_some(self.text.as_str())
    }

    /// `self` followed by `other`; provenance of both.
    pub fn append(&mut self, other: &Self) {
        self.text.push_str(&other.text);
        self.known &= other.known;
        for from in &other.from {
            self.add_source(from.clone());
        }
    }

    /// `self` with one more source.
    #[must_use]
    pub fn with_source(mut self, from: Provenance) -> Self {
        self.add_source(from);
        self
    }

    fn add_source(&mut self, from: Provenance) {
        let kind = std::mem::discriminant(&from);
        let same = self
            .from
            .iter()
            .filter(|known| std::mem::discriminant(*known) == kind);
        if same.count() >= MOST_SOURCES {
            return;
        }
        if let Err(at) = self.from.binary_search(&from) {
            self.from.insert(at, from);
        }
    }

    /// The same provenance (and knowledge) with another text: for a transformation that keeps
    /// what is known, such as taking a substring.
    #[must_use]
    pub fn map_text(&self, f: impl FnOnce(&str) -> String) -> Self {
        Self {
            text: f(&self.text),
            known: self.known,
            from: self.from.clone(),
        }
    }

    /// The URL it was fetched from, if it was.
    pub fn fetched_from(&self) -> Option<&str> {
        self.from.iter().find_map(|from| match from {
            Provenance::Fetched(url) => Some(url.as_str()),
            _ => None,
        })
    }

    /// The connection it was received over, if it was.
    pub fn received_over(&self) -> Option<u32> {
        self.from.iter().find_map(|from| match from {
            Provenance::Received(connection) => Some(*connection),
            _ => None,
        })
    }

    /// The part of a request it was taken from, if it was.
    pub fn requested_as(&self) -> Option<&str> {
        self.from.iter().find_map(|from| match from {
            Provenance::Request(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether an encoding was undone to get it.
    pub fn was_decoded(&self) -> bool {
        self.from
            .iter()
            .any(|from| matches!(from, Provenance::Decoded(_)))
    }

    /// Whether it was put into a cipher.
    pub fn was_encrypted(&self) -> bool {
        self.from
            .iter()
            .any(|from| matches!(from, Provenance::Encrypted(_)))
    }

    /// Whether it was read from somewhere: a file, a command's output, another host, all variables.
    pub fn was_read(&self) -> bool {
        self.from.iter().any(|from| match from {
            Provenance::Environment(name) => name.is_empty(),
            Provenance::File(_)
            | Provenance::Output(_)
            | Provenance::Fetched(_)
            | Provenance::Received(_) => true,
            _ => false,
        })
    }

    /// Whether it is, or holds, the output of a command.
    pub fn is_output(&self) -> bool {
        self.from
            .iter()
            .any(|from| matches!(from, Provenance::Output(_)))
    }

    /// Whether the user of the container supplies it at start: environment or arguments only.
    pub fn is_supplied(&self) -> bool {
        !self.known
            && !self.from.is_empty()
            && self
                .from
                .iter()
                .all(|from| matches!(from, Provenance::Environment(_) | Provenance::Argument))
    }

    /// The last component of the text taken as a path: `bash` of `/bin/bash`.
    pub fn base_name(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or(&self.text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::literal(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::literal(text)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
