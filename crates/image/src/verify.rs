//! Digests and lengths checked while bytes stream by, so that nothing is read twice or trusted.
//!
//! Source: OCI image specification 1.1, `descriptor.md` ("Verification").

use std::io::{self, Read};

use model::{Algorithm, Digest};
use sha2::{Digest as _, Sha256, Sha512};

/// A running hash of one of the registered algorithms.
#[derive(Clone)]
pub enum Hasher {
    /// SHA-256.
    Sha256(Sha256),
    /// SHA-512.
    Sha512(Box<Sha512>),
}

impl Hasher {
    /// A hash of nothing yet.
    pub fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
            Algorithm::Sha512 => Self::Sha512(Box::new(Sha512::new())),
        }
    }

    /// Adds `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
        }
    }

    /// The digest of all that was added.
    pub fn finish(self) -> Digest {
        match self {
            Self::Sha256(hash) => Digest::sha256(&hash.finalize().into()),
            Self::Sha512(hash) => Digest::sha512(&hash.finalize().into()),
        }
    }
}

/// The digest of `bytes`.
pub fn digest_of(algorithm: Algorithm, bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::new(algorithm);
    hasher.update(bytes);
    hasher.finish()
}

/// Why bytes are not what a descriptor promised, as a fragment naming both.
pub fn mismatch(
    actual: &Digest,
    length: u64,
    digest: Option<&Digest>,
    size: Option<u64>,
) -> Option<String> {
    if let Some(size) = size
        && size != length
    {
        return Some(format!(
            "it is {length} bytes long, and its descriptor says {size}"
        ));
    }
    match digest {
        Some(digest) if digest != actual => {
            Some(format!("its digest is {actual}, and should be {digest}"))
        }
        _ => None,
    }
}

/// Checks a whole document against its descriptor's digest and size.
///
/// # Errors
/// The mismatch, as a fragment.
pub fn check(bytes: &[u8], digest: &Digest, size: Option<u64>) -> Result<(), String> {
    let actual = digest_of(digest.algorithm(), bytes);
    mismatch(&actual, bytes.len() as u64, Some(digest), size).map_or(Ok(()), Err)
}

/// A reader that hashes and counts all that is read through it.
pub struct Verifying<R> {
    inner: R,
    hasher: Hasher,
    length: u64,
}

impl<R: Read> Verifying<R> {
    /// Reads from `inner`, hashing with `algorithm`.
    pub fn new(inner: R, algorithm: Algorithm) -> Self {
        Self {
            inner,
            hasher: Hasher::new(algorithm),
            length: 0,
        }
    }

    /// Bytes read so far.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// The digest and length of what was read.
    pub fn finish(self) -> (Digest, u64) {
        (self.hasher.finish(), self.length)
    }

    /// Compares what was read with what a descriptor promised. The caller has read to the end.
    ///
    /// # Errors
    /// The mismatch, as a fragment.
    pub fn verify(self, digest: Option<&Digest>, size: Option<u64>) -> Result<(), String> {
        let (actual, length) = self.finish();
        mismatch(&actual, length, digest, size).map_or(Ok(()), Err)
    }
}

impl<R: Read> Read for Verifying<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.hasher.update(buffer.get(..n).unwrap_or_default());
        self.length = self.length.saturating_add(n as u64);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC_256: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const ABC_512: &str = "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

    #[test]
    fn both_algorithms_agree_with_published_vectors() {
        // FIPS 180-4, examples for "abc".
        for text in [ABC_256, ABC_512] {
            let digest: Digest = text.parse().unwrap();
            assert_eq!(digest_of(digest.algorithm(), b"abc"), digest);
            let mut reader = Verifying::new(&b"abc"[..], digest.algorithm());
            io::copy(&mut reader, &mut io::sink()).unwrap();
            assert_eq!(reader.length(), 3);
            assert_eq!(reader.verify(Some(&digest), Some(3)), Ok(()));
        }
    }

    #[test]
    fn a_mismatch_names_both_sides() {
        let digest: Digest = ABC_256.parse().unwrap();
        let other = check(b"abd", &digest, Some(3)).unwrap_err();
        assert!(
            other.contains(ABC_256) && other.contains("should be"),
            "{other}"
        );
        let longer = check(b"abc", &digest, Some(4)).unwrap_err();
        assert_eq!(longer, "it is 3 bytes long, and its descriptor says 4");
    }
}
