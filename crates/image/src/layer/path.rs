//! Tar paths to image paths, and the names that layers give a meaning: whiteouts.
//!
//! Source: OCI image specification 1.1, `layer.md` ("Whiteouts"); for AUFS's own files, Docker's
//! `UnpackLayer`, which skips `.wh..wh.*` at the root and nowhere else.

use bstr::{BStr, BString, ByteSlice};
use model::Removal;

/// Longest path Linux takes in a call (`PATH_MAX` without the NUL). No runtime can unpack a longer
/// one, and keeping them whole would let small layers fill memory.
pub const PATH_MAX: usize = 4095;

const WHITEOUT: &[u8] = b".wh.";
const AUFS: &[u8] = b".wh..wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";

/// `raw` without leading `/`, empty and `.` components, `..` resolved against the root.
pub fn normalise(raw: &[u8]) -> BString {
    let mut path: Vec<u8> = Vec::with_capacity(raw.len());
    for component in raw.split(|&byte| byte == b'/') {
        match component {
            b"" | b"." => {}
            b".." => path.truncate(path.iter().rposition(|&byte| byte == b'/').unwrap_or(0)),
            _ => {
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(component);
            }
        }
    }
    path.into()
}

/// What the name of a layer entry means.
#[derive(Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Itself.
    Plain,
    /// A whiteout of this path.
    Whiteout(BString, Removal),
    /// A whiteout that names nothing, or a folder's own `.` or `..`.
    Nameless,
}

/// What a normalised path means in a layer.
pub fn meaning(path: &BStr) -> Meaning {
    let (folder, name) = match path.rfind_byte(b'/') {
        Some(slash) => (
            path.get(..slash).unwrap_or_default(),
            path.get(slash + 1..).unwrap_or_default(),
        ),
        None => (&[][..], path.as_bytes()),
    };
    if name == OPAQUE {
        return Meaning::Whiteout(folder.into(), Removal::Children);
    }
    if is_aufs(path) {
        return Meaning::Plain;
    }
    match name.strip_prefix(WHITEOUT) {
        None => Meaning::Plain,
        Some(b"" | b"." | b"..") => Meaning::Nameless,
        Some(removed) if folder.is_empty() => Meaning::Whiteout(removed.into(), Removal::Path),
        Some(removed) => Meaning::Whiteout([folder, b"/", removed].concat().into(), Removal::Path),
    }
}

/// Whether a path is AUFS's own bookkeeping, which no runtime unpacks.
pub fn is_aufs(path: &BStr) -> bool {
    path.starts_with(AUFS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_cannot_climb_out() {
        for (raw, path) in [
            ("./usr//bin/./sh", "usr/bin/sh"),
            ("/../../etc/passwd", "etc/passwd"),
            ("a/../b/c/../../d/", "d"),
            ("./", ""),
            ("..", ""),
        ] {
            assert_eq!(normalise(raw.as_bytes()), path);
        }
    }

    #[test]
    fn whiteouts_are_told_from_names_that_only_look_so() {
        let whiteout = |path: &str, removal| Meaning::Whiteout(path.into(), removal);
        for (path, expected) in [
            ("a/.wh.b", whiteout("a/b", Removal::Path)),
            (".wh.b", whiteout("b", Removal::Path)),
            ("a/.wh..wh..opq", whiteout("a", Removal::Children)),
            (".wh..wh..opq", whiteout("", Removal::Children)),
            ("a/.wh..wh.x", whiteout("a/.wh.x", Removal::Path)),
            (".wh..wh.plnk/12.34", Meaning::Plain),
            ("a/.wh.", Meaning::Nameless),
            ("a/.wh...", Meaning::Nameless),
            ("a.wh.b", Meaning::Plain),
        ] {
            assert_eq!(meaning(path.into()), expected, "{path}");
        }
    }
}
