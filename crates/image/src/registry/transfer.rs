//! Blobs as a stream that survives broken connections.
//!
//! A transfer that breaks off is taken up where it ended, by a range request; a server that knows
//! none is read from the start, past what was read already. Whoever reads and hashes the stream
//! notices nothing.

use std::io::{self, Read};

use model::text::printable;
use reqwest::StatusCode;
use reqwest::blocking::Response;
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, HeaderMap, TRANSFER_ENCODING};

use super::client::{Answer, Client};
use super::retry;
use super::transport::broken;
use crate::{Error, ErrorKind};

/// Most times one blob is taken up again, however far each got: a gigabyte over a line that breaks
/// every ten megabytes still comes through.
const REOPENED: u32 = 100;

/// A blob being read.
pub(super) struct Blob<'a> {
    client: &'a Client,
    path: &'a str,
    /// Length that the manifest promises.
    expected: Option<u64>,
    /// Bytes after which it is cut off.
    limit: u64,
    /// Bytes handed out.
    offset: u64,
    body: Option<Body>,
    /// Times it was taken up since the last byte came.
    barren: u32,
    /// Times it was taken up.
    reopened: u32,
    /// Why the last transfer broke off.
    reason: String,
}

/// One transfer.
struct Body {
    response: Response,
    /// Bytes to pass over: the server started from the beginning.
    skip: u64,
    /// Length of the whole blob, if the server says.
    total: Option<u64>,
    /// Whether the protocol marks the end, so that a cut cannot look like one.
    marks_end: bool,
}

impl<'a> Blob<'a> {
    /// Starts the transfer. At most `limit` bytes come, whatever the server sends.
    ///
    /// # Errors
    /// If no transfer starts.
    pub fn open(
        client: &'a Client,
        path: &'a str,
        expected: Option<u64>,
        limit: u64,
    ) -> Result<Self, Error> {
        let body = Body::new(client.open_blob(path, 0)?, 0)?;
        Ok(Self {
            client,
            path,
            expected,
            limit,
            offset: 0,
            body: Some(body),
            barren: 0,
            reopened: 0,
            reason: String::new(),
        })
    }

    /// Takes the transfer up again.
    fn reopen(&mut self) -> io::Result<Body> {
        if self.barren >= self.client.limits().attempts || self.reopened >= REOPENED {
            let of = match self.expected {
                Some(expected) => format!(" of {expected}"),
                None => String::new(),
            };
            return Err(io::Error::other(format!(
                "the transfer broke off after {}{of} bytes and was taken up {} times in vain: {}",
                self.offset, self.reopened, self.reason
            )));
        }
        std::thread::sleep(retry::pause(self.barren));
        self.barren += 1;
        self.reopened += 1;
        self.client
            .open_blob(self.path, self.offset)
            .and_then(|answer| Body::new(answer, self.offset))
            .map_err(|error| {
                io::Error::other(format!(
                    "the transfer broke off after {} bytes ({}) and cannot be taken up: {error}",
                    self.offset, self.reason
                ))
            })
    }

    /// Whether the end of a transfer is the end of the blob.
    fn is_end(&self, body: &Body) -> bool {
        match (body.total, self.expected) {
            (Some(total), _) => self.offset >= total,
            (None, Some(expected)) if !body.marks_end => self.offset >= expected,
            (None, _) => true,
        }
    }
}

impl Read for Blob<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.limit.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let length = buffer.len().min(left);
        let Some(buffer) = buffer.get_mut(..length).filter(|part| !part.is_empty()) else {
            return Ok(0);
        };
        loop {
            let mut body = match self.body.take() {
                Some(body) => body,
                None => self.reopen()?,
            };
            match body.read(buffer) {
                Ok(0) if self.is_end(&body) => {
                    self.body = Some(body);
                    return Ok(0);
                }
                Ok(0) => "the connection was closed".clone_into(&mut self.reason),
                Ok(read) => {
                    self.offset = self
                        .offset
                        .saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
                    self.barren = 0;
                    self.body = Some(body);
                    return Ok(read);
                }
                Err(error) => self.reason = broken(&error),
            }
        }
    }
}

impl Body {
    /// The transfer that `answer` began, which should stand at `offset`.
    fn new(answer: Answer, offset: u64) -> Result<Self, Error> {
        let response = answer.response;
        let headers = response.headers();
        let (start, total) = if response.status() == StatusCode::PARTIAL_CONTENT {
            content_range(headers)?
        } else {
            (0, number(headers, CONTENT_LENGTH.as_str()))
        };
        let skip = offset.checked_sub(start).ok_or_else(|| {
            Error::new(
                ErrorKind::Invalid,
                format!("asked for bytes from {offset} on, the server sent them from {start} on"),
            )
        })?;
        let marks_end = headers.contains_key(TRANSFER_ENCODING);
        Ok(Self {
            response,
            skip,
            total,
            marks_end,
        })
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut scratch = [0; 8 << 10];
        while self.skip > 0 {
            let length = usize::try_from(self.skip).unwrap_or(usize::MAX);
            let part = scratch.len().min(length);
            let read = read_some(
                &mut self.response,
                scratch.get_mut(..part).unwrap_or_default(),
            )?;
            if read == 0 {
                return Err(io::Error::other(
                    "it ended before the place where it broke off",
                ));
            }
            self.skip = self
                .skip
                .saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
        }
        read_some(&mut self.response, buffer)
    }
}

fn read_some(response: &mut Response, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match response.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// First byte and whole length of `Content-Range` (RFC 9110, section 14.4).
fn content_range(headers: &HeaderMap) -> Result<(u64, Option<u64>), Error> {
    let text = headers
        .get(CONTENT_RANGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    parse_range(text).ok_or_else(|| {
        Error::new(
            ErrorKind::Invalid,
            format!(
                "the server sent a part and not which: `{}`",
                printable(text.as_bytes())
            ),
        )
    })
}

fn parse_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.trim().split_once('-')?;
    let (start, end) = (start.parse::<u64>().ok()?, end.parse::<u64>().ok()?);
    if end < start {
        return None;
    }
    match total.trim() {
        "*" => Some((start, None)),
        total => Some((start, Some(total.parse().ok()?))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_say_where_they_start() {
        assert_eq!(parse_range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(parse_range("bytes 0-9/*"), Some((0, None)));
        for bad in [
            "",
            "bytes */10",
            "bytes 9-5/10",
            "items 0-1/2",
            "bytes 0-x/2",
        ] {
            assert_eq!(parse_range(bad), None, "{bad}");
        }
    }
}
