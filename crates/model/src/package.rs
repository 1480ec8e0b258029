//! What package databases claim: which package owns a path, and the digest its file should have.
//!
//! A Debian image has 100,000 claims and facts are kept by layer, so claims are packed: paths in
//! the order of the database, each as its difference from the one before, with the raw digest.

use bstr::{BStr, BString};
use serde::{Deserialize, Serialize};

/// The kind of a package database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manager {
    /// dpkg: Debian and its descendants.
    Dpkg,
    /// apk: Alpine and its relatives.
    Apk,
    /// rpm: Fedora, Red Hat, SUSE.
    Rpm,
    /// pacman: Arch Linux.
    Pacman,
    /// conda and mamba.
    Conda,
    /// pip and what else writes `RECORD`: Python.
    Pip,
    /// npm: JavaScript.
    Npm,
}

impl Manager {
    /// The word for it in a report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dpkg => "dpkg",
            Self::Apk => "apk",
            Self::Rpm => "rpm",
            Self::Pacman => "pacman",
            Self::Conda => "conda",
            Self::Pip => "pip",
            Self::Npm => "npm",
        }
    }

    /// Whether its packages are those of a distribution, which somebody reviews. Anybody may put
    /// a package where the others take theirs from.
    pub const fn is_system(self) -> bool {
        matches!(self, Self::Dpkg | Self::Apk | Self::Rpm | Self::Pacman)
    }
}

/// An installed package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Name.
    pub name: String,
    /// Version, empty where the file that names the package does not say it.
    pub version: String,
}

/// A digest in a package database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FileDigest {
    /// MD5.
    Md5([u8; 16]),
    /// SHA-1.
    Sha1([u8; 20]),
    /// SHA-256.
    Sha256([u8; 32]),
}

impl FileDigest {
    /// A digest of so many bytes: the databases name the function by nothing else.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes.len() {
            16 => bytes.try_into().ok().map(Self::Md5),
            20 => bytes.try_into().ok().map(Self::Sha1),
            32 => bytes.try_into().ok().map(Self::Sha256),
            _ => None,
        }
    }

    /// The same, from hexadecimal digits.
    pub fn of_hex(digits: &[u8]) -> Option<Self> {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let pairs = digits.chunks(2).map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
            _ => None,
        });
        Self::of_bytes(&pairs.collect::<Option<Vec<u8>>>()?)
    }

    /// The bytes.
    pub const fn bytes(&self) -> &[u8] {
        match self {
            Self::Md5(bytes) => bytes,
            Self::Sha1(bytes) => bytes,
            Self::Sha256(bytes) => bytes,
        }
    }
}

impl std::fmt::Display for FileDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let function = match self {
            Self::Md5(_) => "md5",
            Self::Sha1(_) => "sha1",
            Self::Sha256(_) => "sha256",
        };
        write!(f, "{function}:{}", crate::digest::hex(self.bytes()))
    }
}

/// One path that a package owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    /// Path in the image, without a leading slash, links on the way not followed.
    pub path: &'a BStr,
    /// Position in [`PackageFiles::packages`].
    pub package: u32,
    /// What its content should be, if the database says.
    pub digest: Option<FileDigest>,
    /// Whether it is configuration, which is there to be changed.
    pub is_configuration: bool,
}

/// Many claims, packed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    packed: BString,
    count: u64,
    /// The path added last.
    #[serde(skip)]
    last: BString,
}

/// Bit of a claim's tag that says configuration; the others say how long the digest is.
const CONFIGURATION: u8 = 0x80;

impl Claims {
    /// Adds a claim. Claims whose paths follow one another in order take least room.
    pub fn push(&mut self, claim: Claim<'_>) {
        let same = self.last.iter().zip(claim.path.iter());
        let shared = same.take_while(|(one, other)| one == other).count();
        let digest = claim.digest.as_ref().map_or(&[][..], FileDigest::bytes);
        let mark = if claim.is_configuration {
            CONFIGURATION
        } else {
            0
        };
        // No digest is longer than 32 bytes.
        let tag = mark | u8::try_from(digest.len()).unwrap_or_default();
        let rest = claim.path.get(shared..).unwrap_or_default();
        put_number(&mut self.packed, shared as u64);
        put_number(&mut self.packed, rest.len() as u64);
        self.packed.extend_from_slice(rest);
        put_number(&mut self.packed, u64::from(claim.package));
        self.packed.push(tag);
        self.packed.extend_from_slice(digest);
        self.last.truncate(shared);
        self.last.extend_from_slice(rest);
        self.count += 1;
    }

    /// Ends adding: gives back what adding needed.
    pub fn seal(&mut self) {
        self.last = BString::default();
        self.packed.shrink_to_fit();
    }

    /// How many there are.
    pub const fn len(&self) -> u64 {
        self.count
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Shows every claim in the order they were added.
    pub fn each(&self, mut visit: impl FnMut(Claim<'_>)) {
        let mut path: Vec<u8> = Vec::new();
        let mut rest: &[u8] = &self.packed;
        while let Some((claim, left)) = unpack(rest, &mut path) {
            rest = left;
            let (package, digest, is_configuration) = claim;
            visit(Claim {
                path: BStr::new(&path),
                package,
                digest,
                is_configuration,
            });
        }
    }
}

/// Package, digest and whether it is configuration.
type Unpacked = (u32, Option<FileDigest>, bool);

/// Takes one claim off the front; `None` at the end.
fn unpack<'a>(packed: &'a [u8], path: &mut Vec<u8>) -> Option<(Unpacked, &'a [u8])> {
    let (shared, rest) = take_number(packed)?;
    let (length, rest) = take_number(rest)?;
    let (suffix, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    path.truncate(usize::try_from(shared).ok()?);
    path.extend_from_slice(suffix);
    let (package, rest) = take_number(rest)?;
    let (tag, rest) = rest.split_first()?;
    let (digest, rest) = rest.split_at_checked(usize::from(tag & !CONFIGURATION))?;
    let claim = (
        u32::try_from(package).ok()?,
        FileDigest::of_bytes(digest),
        tag & CONFIGURATION != 0,
    );
    Some((claim, rest))
}

/// Seven bits a byte, the lowest first.
fn put_number(out: &mut BString, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (at, byte) in bytes.iter().enumerate().take(9) {
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(at + 1..)?));
        }
    }
    None
}

/// A file that dpkg unpacks elsewhere, so that another one can have its path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diversion {
    /// The path packages claim.
    pub from: BString,
    /// Where their file really is.
    pub to: BString,
    /// The package whose own file stays at `from`; empty if none's does.
    pub by: String,
}

/// What one file of a package database says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageFiles {
    /// Whose database it is.
    pub manager: Manager,
    /// The packages it speaks of.
    pub packages: Vec<Package>,
    /// What they own.
    pub claims: Claims,
    /// Diversions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diversions: Vec<Diversion>,
}

impl PackageFiles {
    /// An empty one.
    pub fn new(manager: Manager) -> Self {
        Self {
            manager,
            packages: Vec::new(),
            claims: Claims::default(),
            diversions: Vec::new(),
        }
    }

    /// Adds a package and returns its position.
    pub fn package(&mut self, name: impl Into<String>, version: impl Into<String>) -> u32 {
        self.packages.push(Package {
            name: name.into(),
            version: version.into(),
        });
        u32::try_from(self.packages.len() - 1).unwrap_or(u32::MAX)
    }
}

/// The older digests of a program, which package databases use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldDigests {
    /// MD5, as dpkg and old rpm keep it.
    pub md5: [u8; 16],
    /// SHA-1, as apk keeps it.
    pub sha1: [u8; 20],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let given = [
            ("usr/bin/awk", 0, None, false),
            (
                "usr/bin/awkward",
                300,
                Some(FileDigest::Md5([7; 16])),
                false,
            ),
            ("usr", 1, Some(FileDigest::Sha256([9; 32])), true),
            ("", 0, Some(FileDigest::Sha1([1; 20])), false),
        ];
        let mut claims = Claims::default();
        for (path, package, digest, is_configuration) in given {
            claims.push(Claim {
                path: BStr::new(path),
                package,
                digest,
                is_configuration,
            });
        }
        claims.seal();
        let mut seen = Vec::new();
        claims.each(|c| seen.push((c.path.to_string(), c.package, c.digest, c.is_configuration)));
        let expected = given.map(|(path, p, d, c)| (path.to_owned(), p, d, c));
        assert_eq!(seen, expected);
        assert_eq!(claims.len(), 4);
    }

    #[test]
    fn a_damaged_record_ends_the_walk() {
        let mut claims = Claims::default();
        claims.push(Claim {
            path: BStr::new("usr/bin/true"),
            package: 0,
            digest: Some(FileDigest::Md5([0; 16])),
            is_configuration: false,
        });
        for end in 0..claims.packed.len() {
            let cut = Claims {
                packed: claims.packed[..end].into(),
                ..Claims::default()
            };
            cut.each(|claim| panic!("{claim:?} of {end} bytes"));
        }
    }

    #[test]
    fn digests_are_told_by_their_length() {
        assert_eq!(
            FileDigest::of_hex(b"D41d8cd98f00b204e9800998ecf8427e").map(|d| d.to_string()),
            Some("md5:d41d8cd98f00b204e9800998ecf8427e".to_owned())
        );
        for bad in [&b"d41d8c"[..], b"", b"zz", &[b'0'; 33], &[b'a'; 128]] {
            assert_eq!(FileDigest::of_hex(bad), None);
        }
    }
}
