//! The uncompressed side of a layer: hashed, counted, bounded, its failure remembered.

use std::io::{self, BufRead, Read};

use model::{Algorithm, Digest};

use super::header::is_zero;
use crate::verify::Hasher;

/// Uncompressed bytes on their way to the tar walk.
pub struct Plain<R> {
    inner: R,
    hasher: Hasher,
    bytes: u64,
    limit: u64,
    failure: Option<String>,
}

/// What is known once all was read.
pub struct Ended<R> {
    /// What was read from.
    pub inner: R,
    /// Digest of all bytes.
    pub digest: Digest,
    /// How many there were.
    pub bytes: u64,
    /// Why reading stopped before the end, if it did.
    pub failure: Option<String>,
}

impl<R: Read> Plain<R> {
    /// Reads `inner`, at most `limit` bytes of it.
    pub fn new(inner: R, algorithm: Algorithm, limit: u64) -> Self {
        Self {
            inner,
            hasher: Hasher::new(algorithm),
            bytes: 0,
            limit,
            failure: None,
        }
    }

    /// What was read, and how it ended.
    pub fn finish(self) -> Ended<R> {
        Ended {
            inner: self.inner,
            digest: self.hasher.finish(),
            bytes: self.bytes,
            failure: self.failure,
        }
    }

    fn fail(&mut self, kind: io::ErrorKind, reason: String) -> io::Error {
        let error = io::Error::new(kind, reason.clone());
        self.failure.get_or_insert(reason);
        error
    }

    fn at_limit(&mut self) -> io::Result<usize> {
        match self.inner.read(&mut [0])? {
            0 => Ok(0),
            _ => {
                let reason = format!(
                    "reading stopped at the bound of {} bytes for an uncompressed layer",
                    self.limit
                );
                Err(self.fail(io::ErrorKind::Other, reason))
            }
        }
    }
}

impl<R: Read> Read for Plain<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(reason) = &self.failure {
            return Err(io::Error::other(reason.clone()));
        }
        let left = usize::try_from(self.limit.saturating_sub(self.bytes)).unwrap_or(usize::MAX);
        if left == 0 && !buffer.is_empty() {
            return self.at_limit();
        }
        let length = buffer.len().min(left);
        let buffer = buffer.get_mut(..length).unwrap_or_default();
        match self.inner.read(buffer) {
            Ok(n) => {
                self.hasher.update(buffer.get(..n).unwrap_or_default());
                self.bytes = self.bytes.saturating_add(n as u64);
                Ok(n)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => Err(self.fail(error.kind(), error.to_string())),
        }
    }
}

/// Reads all that is left and counts the bytes from the first that is not zero.
///
/// # Errors
/// If it cannot be read to its end, with what was counted until then.
pub fn count_beyond_zeros<R: BufRead>(input: &mut R) -> Result<u64, (u64, io::Error)> {
    let mut count = 0_u64;
    loop {
        let buffered = match input.fill_buf() {
            Ok([]) => return Ok(count),
            Ok(buffered) => buffered,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err((count, error)),
        };
        let length = buffered.len();
        if count > 0 {
            count = count.saturating_add(length as u64);
        } else if !is_zero(buffered) {
            let zeros = buffered.iter().take_while(|&&byte| byte == 0).count();
            count = (length - zeros) as u64;
        }
        input.consume(length);
    }
}
