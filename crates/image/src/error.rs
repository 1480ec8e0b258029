//! Errors: the work could not be done at all. Damage in a part of an image is not an error.

use std::fmt;

/// What kind of failure it is: decides advice, exit code and whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The target is spelled wrongly.
    Usage,
    /// There is nothing of that name.
    NotFound,
    /// Credentials are missing or refused.
    Unauthorized,
    /// Too many requests; waited and still refused.
    RateLimited,
    /// The other side cannot be reached, or stopped answering.
    Unreachable,
    /// What was found is not an image, or is damaged beyond use.
    Invalid,
    /// A file or socket cannot be read.
    Io,
}

/// A failure, with what was tried, why it failed and what to do.
#[derive(Debug, Clone)]
pub struct Error {
    /// What kind.
    pub kind: ErrorKind,
    /// What failed, one line: names the target, the request and the answer.
    pub message: String,
    /// What to do, if that can be said.
    pub advice: Option<String>,
}

impl Error {
    /// An error without advice.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            advice: None,
        }
    }

    /// The same error with advice.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Whether the same request may succeed later.
    pub const fn may_retry(&self) -> bool {
        matches!(self.kind, ErrorKind::RateLimited | ErrorKind::Unreachable)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
