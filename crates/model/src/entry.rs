//! One entry of a layer, as the tar header says, after PAX and GNU extensions are applied.

use bstr::{BStr, BString};
use serde::{Deserialize, Serialize};

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link; the target as written.
    Symlink(BString),
    /// A hard link; the target's path in the same layer, normalised like [`Entry::path`].
    Hardlink(BString),
    /// A character device: major, minor.
    CharacterDevice(u32, u32),
    /// A block device: major, minor.
    BlockDevice(u32, u32),
    /// A named pipe.
    Fifo,
    /// A whiteout: the path it removes is [`Entry::path`] (the `.wh.` prefix is gone).
    Whiteout(Removal),
}

/// What a whiteout removes from the layers below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Removal {
    /// The path and all under it.
    Path,
    /// All that lower layers have under the path (`.wh..wh..opq`).
    Children,
}

/// One entry of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Path in the image: no leading `/`, no `.` or empty component, `..` resolved against the
    /// root (so it can never climb out). Bytes, not text: tar paths need not be UTF-8.
    pub path: BString,
    /// What it is.
    pub kind: EntryKind,
    /// Permission bits with set-uid, set-gid and sticky (`0o7777`).
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Length of the content in bytes, expanded if the file is sparse; 0 for all but files.
    pub size: u64,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Extended attributes (`SCHILY.xattr.*`), such as `security.capability`.
    pub xattrs: Vec<(BString, BString)>,
}

impl Entry {
    /// A regular file with mode 0644 of root: for tests and for content that has no header.
    pub fn file(path: impl Into<BString>, size: u64) -> Self {
        Self {
            path: path.into(),
            kind: EntryKind::File,
            mode: 0o644,
            uid: 0,
            gid: 0,
            size,
            mtime: 0,
            xattrs: Vec::new(),
        }
    }

    /// The last component of the path.
    pub fn name(&self) -> &BStr {
        file_name(self.path.as_ref())
    }

    /// Whether any execute bit is set.
    pub const fn is_executable(&self) -> bool {
        self.mode & 0o111 != 0
    }
}

/// The last component of a path.
pub fn file_name(path: &BStr) -> &BStr {
    let start = path
        .iter()
        .rposition(|&b| b == b'/')
        .map_or(0, |slash| slash + 1);
    BStr::new(&path[start..])
}
