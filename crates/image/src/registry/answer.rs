//! Answers that are no success: what the registry said, as an error with advice.

use std::io::Read;
use std::time::{Duration, Instant, SystemTime};

use model::text::{cut, printable};
use reqwest::StatusCode;
use reqwest::blocking::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::Deserialize;

use super::retry::{self, Attempt};
use super::transport::broken;
use crate::{Error, ErrorKind};

/// Longest answer that is read to find out what went wrong, in bytes.
const REFUSAL_BYTES: usize = 16 << 10;
/// Longest time for that.
const REFUSAL_TIME: Duration = Duration::from_secs(10);
/// Longest quotation from an answer, in bytes.
const QUOTE_BYTES: usize = 200;
/// Most errors of one answer that are quoted.
const QUOTED_ERRORS: usize = 3;

/// Why a body was not read to its end.
pub(super) enum Unread {
    /// It is longer than the limit.
    TooLong,
    /// It took longer than the time given.
    TooSlow,
    /// The connection broke.
    Broken(String),
}

impl Unread {
    /// As a fragment.
    pub fn reason(&self, limit: usize) -> String {
        match self {
            Self::TooLong => format!("it is longer than the {limit} bytes allowed"),
            Self::TooSlow => "it comes too slowly".to_owned(),
            Self::Broken(why) => format!("the transfer broke off: {why}"),
        }
    }
}

/// A whole body of at most `limit` bytes, within `time`.
///
/// # Errors
/// With what was read until then lost.
pub(super) fn body(
    response: &mut Response,
    limit: usize,
    time: Duration,
) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    match read_into(&mut bytes, response, limit, time) {
        None => Ok(bytes),
        Some(unread) => Err(unread),
    }
}

fn read_into(
    bytes: &mut Vec<u8>,
    response: &mut Response,
    limit: usize,
    time: Duration,
) -> Option<Unread> {
    let start = Instant::now();
    let mut chunk = [0; 8 << 10];
    loop {
        let read = match response.read(&mut chunk) {
            Ok(0) => return None,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Some(Unread::Broken(broken(&error))),
        };
        bytes.extend_from_slice(chunk.get(..read).unwrap_or_default());
        if bytes.len() > limit {
            return Some(Unread::TooLong);
        }
        if start.elapsed() > time {
            return Some(Unread::TooSlow);
        }
    }
}

/// `errors` of the OCI distribution specification, "Error codes", or the one error of a token
/// service (RFC 6749, section 5.2).
#[derive(Deserialize)]
struct Errors {
    #[serde(default)]
    errors: Vec<OneError>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
    #[serde(default)]
    details: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

#[derive(Deserialize)]
struct OneError {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

/// What the body of a refusal says: `: MANIFEST_UNKNOWN: manifest unknown`, or nothing.
fn said(bytes: &[u8], headers: &HeaderMap) -> String {
    let Ok(errors) = serde_json::from_slice::<Errors>(bytes) else {
        let kind = content_type(headers);
        return if bytes.is_empty() {
            String::new()
        } else {
            format!(
                " with {kind} that is no registry's error: `{}`",
                quote(bytes)
            )
        };
    };
    let mut texts: Vec<String> = errors
        .errors
        .into_iter()
        .take(QUOTED_ERRORS)
        .map(|error| join([error.code, error.message]))
        .collect();
    texts.push(join([
        errors.error,
        errors.error_description.or(errors.details),
        errors.message,
    ]));
    texts.retain(|text| !text.is_empty());
    if texts.is_empty() {
        return String::new();
    }
    format!(": {}", quote(texts.join("; ").as_bytes()))
}

fn join<const N: usize>(parts: [Option<String>; N]) -> String {
    let parts: Vec<String> = parts
        .into_iter()
        .flatten()
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(": ")
}

/// The head of bytes from outside, safe to print.
pub(super) fn quote(bytes: &[u8]) -> String {
    let head = bytes.get(..QUOTE_BYTES * 2).unwrap_or(bytes);
    cut(printable(head.trim_ascii()).as_str(), QUOTE_BYTES)
}

/// The content type as written, safe to print.
pub(super) fn content_type(headers: &HeaderMap) -> String {
    match headers.get(CONTENT_TYPE) {
        Some(value) => quote(value.as_bytes()),
        None => "content of no stated type".to_owned(),
    }
}

/// Turns an answer that is no success into what to do next. `about` names the request.
pub(super) fn refusal<T>(mut response: Response, about: &str) -> Attempt<T> {
    let status = response.status();
    let mut bytes = Vec::new();
    // However it ends, what came is all that can be quoted.
    let _ = read_into(&mut bytes, &mut response, REFUSAL_BYTES, REFUSAL_TIME);
    let headers = response.headers();
    let error = Error::new(
        kind(status),
        format!("{about} answered {}{}", name(status), said(&bytes, headers)),
    );
    let asked = retry::asked(headers, SystemTime::now());
    match status {
        StatusCode::TOO_MANY_REQUESTS => Attempt::Wait(asked, error),
        StatusCode::SERVICE_UNAVAILABLE if asked.is_some() => Attempt::Wait(asked, error),
        StatusCode::REQUEST_TIMEOUT => Attempt::Again(error),
        _ if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED => {
            Attempt::Again(error)
        }
        _ => Attempt::Fail(error),
    }
}

fn kind(status: StatusCode) -> ErrorKind {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ErrorKind::Unauthorized,
        StatusCode::NOT_FOUND | StatusCode::GONE => ErrorKind::NotFound,
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::RateLimited,
        StatusCode::REQUEST_TIMEOUT => ErrorKind::Unreachable,
        _ if status.is_server_error() => ErrorKind::Unreachable,
        _ => ErrorKind::Invalid,
    }
}

/// `404 Not Found`.
fn name(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_of(body: &str) -> String {
        said(body.as_bytes(), &HeaderMap::new())
    }

    #[test]
    fn errors_of_registries_are_quoted_safely() {
        assert_eq!(
            said_of(
                r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{}}]}"#
            ),
            ": MANIFEST_UNKNOWN: manifest unknown"
        );
        assert_eq!(
            said_of(r#"{"details":"incorrect username or password"}"#),
            ": incorrect username or password"
        );
        assert_eq!(said_of(""), "");
        assert_eq!(said_of("{}"), "");
        let html = said_of("<html>\u{1b}[31m");
        assert!(html.contains("<html>\\u{1b}[31m"), "{html}");
        let long = said_of(&format!(
            r#"{{"errors":[{{"code":"{}"}}]}}"#,
            "x".repeat(5_000)
        ));
        assert!(long.len() < QUOTE_BYTES + 10);
    }
}
