//! Small documents read whole, with a bound: records, manifests, configurations, answers.

use std::io::{self, Read};

/// Everything that `reader` yields.
///
/// # Errors
/// If it cannot be read, or yields more than `limit` bytes.
pub fn read(reader: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let bytes = read_head(reader, limit.saturating_add(1))?;
    if bytes.len() > limit {
        let reason = format!("it is longer than {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
    }
    Ok(bytes)
}

/// At most the first `limit` bytes that `reader` yields.
///
/// # Errors
/// If it cannot be read.
#[expect(clippy::disallowed_methods, reason = "bounded by `take`")]
pub fn read_head(reader: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_of_exactly_the_limit_is_read() {
        assert_eq!(read(&b"1234"[..], 4).unwrap(), b"1234");
        let error = read(&b"12345"[..], 4).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read_head(&b"12345"[..], 4).unwrap(), b"1234");
    }
}
