//! PAX extended headers: records that override fields of the header that follows.
//!
//! Sources: POSIX.1-2024 `pax` ("pax Extended Header"), star's `SCHILY.*` keywords, and the GNU tar
//! manual ("PAX Format, Versions 0.0, 0.1 and 1.0" of sparse files).

use bstr::{BString, ByteSlice};

/// Where star and everyone after it keeps extended attributes.
const XATTR: &[u8] = b"SCHILY.xattr.";

/// What an extended header sets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Records {
    /// `path`.
    pub path: Option<Vec<u8>>,
    /// `linkpath`.
    pub link: Option<Vec<u8>>,
    /// `size`.
    pub size: Option<u64>,
    /// `uid`.
    pub uid: Option<u64>,
    /// `gid`.
    pub gid: Option<u64>,
    /// `mtime`, whole seconds.
    pub mtime: Option<i64>,
    /// `SCHILY.xattr.*`.
    pub xattrs: Vec<(BString, BString)>,
    /// `GNU.sparse.*`.
    pub sparse: Sparse,
}

/// `GNU.sparse.*`, in all three versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sparse {
    /// `major` and `minor`, as written.
    pub version: (Option<u64>, Option<u64>),
    /// `name`: the real one.
    pub name: Option<Vec<u8>>,
    /// `size` or `realsize`: the length with holes.
    pub size: Option<u64>,
    /// `map`, or the numbers of `offset` and `numbytes` in the order they came.
    pub map: Vec<u64>,
}

impl Sparse {
    /// Whether the map stands in the header (0.0 and 0.1).
    pub fn is_inline(&self) -> bool {
        !self.map.is_empty() || matches!(self.version, (Some(0), Some(0 | 1)))
    }

    /// Whether the map stands in front of the content (1.0).
    pub fn is_in_content(&self) -> bool {
        !self.is_inline() && self.version == (Some(1), Some(0))
    }
}

impl Records {
    /// Parses the body of an extended header. Records after a malformed one are lost; what is
    /// wrong comes back as a fragment beside what could be read.
    pub fn parse(mut body: &[u8]) -> (Self, Option<String>) {
        let mut records = Self::default();
        while !text_is_over(body) {
            let Some((key, value, rest)) = record(body) else {
                let problem = "a record of its PAX header is malformed".to_owned();
                return (records, Some(problem));
            };
            body = rest;
            if let Some(problem) = records.set(key, value) {
                return (records, Some(problem));
            }
        }
        (records, None)
    }

    /// Whether it sets anything that decides which bytes belong to which file.
    pub fn decides_content(&self) -> bool {
        self.path.is_some()
            || self.link.is_some()
            || self.size.is_some()
            || self.sparse != Sparse::default()
    }

    /// Sets one record. An empty value leaves the header's, as Go does.
    fn set(&mut self, key: &[u8], value: &[u8]) -> Option<String> {
        let mut bad_number = false;
        let mut whole = |value: &[u8]| {
            let number = unsigned(value);
            bad_number |= number.is_none() && !value.is_empty();
            number
        };
        let mut has_nul = false;
        let mut name = |value: &[u8]| {
            has_nul |= value.contains(&0);
            let value = value.split(|&byte| byte == 0).next().unwrap_or_default();
            (!value.is_empty()).then(|| value.to_vec())
        };
        match key {
            b"path" => self.path = name(value),
            b"linkpath" => self.link = name(value),
            b"GNU.sparse.name" => self.sparse.name = name(value),
            b"size" => self.size = whole(value),
            b"uid" => self.uid = whole(value),
            b"gid" => self.gid = whole(value),
            b"GNU.sparse.size" | b"GNU.sparse.realsize" => self.sparse.size = whole(value),
            b"GNU.sparse.major" => self.sparse.version.0 = whole(value),
            b"GNU.sparse.minor" => self.sparse.version.1 = whole(value),
            b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => self.sparse.map.extend(whole(value)),
            b"GNU.sparse.map" => {
                self.sparse.map.clear();
                for number in value.split(|&byte| byte == b',') {
                    self.sparse.map.extend(whole(number));
                }
            }
            b"mtime" => self.mtime = seconds(value),
            _ => {
                if let Some(attribute) = key.strip_prefix(XATTR) {
                    self.xattrs.push((attribute.into(), value.into()));
                }
            }
        }
        let what = match (bad_number, has_nul) {
            (true, _) => "is no number",
            (_, true) => "holds a NUL byte",
            _ => return None,
        };
        Some(format!(
            "`{}` in its PAX header {what}",
            model::text::printable(key)
        ))
    }
}

/// Some writers pad the body with NULs.
fn text_is_over(body: &[u8]) -> bool {
    body.iter().all(|&byte| byte == 0)
}

/// `LENGTH KEY=VALUE\n`: key, value and what follows.
fn record(body: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = body.find_byte(b' ')?;
    let length = usize::try_from(unsigned(body.get(..space)?)?).ok()?;
    let text = body.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = text.find_byte(b'=')?;
    let (key, value) = (text.get(..equals)?, text.get(equals + 1..)?);
    (!key.is_empty()).then_some((key, value, body.get(length..)?))
}

fn unsigned(digits: &[u8]) -> Option<u64> {
    // `u64::from_str` would also take a sign.
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    digits.to_str().ok()?.parse().ok()
}

fn seconds(value: &[u8]) -> Option<i64> {
    let whole = value.split(|&byte| byte == b'.').next()?;
    whole.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records with their lengths put in front.
    fn body(records: &[&[u8]]) -> Vec<u8> {
        let mut body = Vec::new();
        for record in records {
            let mut length = record.len() + 2;
            while length.to_string().len() + record.len() + 2 != length {
                length += 1;
            }
            body.extend_from_slice(format!("{length} ").as_bytes());
            body.extend_from_slice(record);
            body.push(b'\n');
        }
        body
    }

    #[test]
    fn records_are_read_with_any_bytes_in_values() {
        let body = body(&[
            b"path=a\nb=c",
            b"SCHILY.xattr.user.a=\0\n\xff=",
            b"size=1234",
            b"mtime=-1.5",
        ]);
        let (records, problem) = Records::parse(&body);
        assert_eq!(problem, None);
        assert_eq!(records.path.as_deref(), Some(&b"a\nb=c"[..]));
        assert_eq!(records.size, Some(1234));
        assert_eq!(records.mtime, Some(-1));
        let (name, value) = &records.xattrs[0];
        assert_eq!(name, "user.a");
        assert_eq!(value, &b"\0\n\xff="[..]);
    }

    #[test]
    fn malformed_records_are_said_and_the_good_ones_kept() {
        for (bad, words) in [
            (&b"99999999999999999999 x=y\n"[..], "malformed"),
            (b"5 a=b\n", "malformed"),
            (b"0 =\n", "malformed"),
            (b"12 size=-1x\n", "`size` in its PAX header is no number"),
        ] {
            let body = [&body(&[b"path=a"]), bad].concat();
            let (records, problem) = Records::parse(&body);
            assert_eq!(records.path.as_deref(), Some(&b"a"[..]));
            let problem = problem.unwrap();
            assert!(problem.contains(words), "{problem}");
        }
        let (records, problem) = Records::parse(&body(&[b"path=a\0b/c"]));
        assert_eq!(records.path.as_deref(), Some(&b"a"[..]));
        assert!(problem.unwrap().contains("NUL"));
    }

    #[test]
    fn sparse_maps_of_both_inline_versions() {
        let (old, _) = Records::parse(&body(&[
            b"GNU.sparse.size=20",
            b"GNU.sparse.offset=5",
            b"GNU.sparse.numbytes=3",
        ]));
        assert!(old.sparse.is_inline());
        let (new, _) = Records::parse(&body(&[b"GNU.sparse.size=20", b"GNU.sparse.map=5,3"]));
        assert_eq!(old.sparse, new.sparse);
    }
}
