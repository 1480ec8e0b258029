//! One tar entry to what it means in a layer, handed to the visitor, its damage noted.

use std::io::{self, Read};

use bstr::{BString, ByteSlice};
use model::{Entry, EntryKind, Removal};

use super::path::{self, Meaning};
use super::tar::{Member, Reader};
use crate::{Damage, EntryVisitor};

/// Most damages kept of one layer; the rest is counted.
const DAMAGES_MAX: usize = 1_000;
/// The extended attribute that makes a folder opaque for overlayfs itself, should a runtime
/// restore it.
const OVERLAY_OPAQUE: &[u8] = b"trusted.overlay.opaque";

/// What is wrong so far, bounded.
#[derive(Default)]
pub struct Damages {
    list: Vec<Damage>,
    more: u64,
}

impl Damages {
    /// Notes something about one path, or about the layer.
    pub fn push(&mut self, path: Option<BString>, reason: String) {
        if self.list.len() < DAMAGES_MAX {
            self.list.push(Damage { path, reason });
        } else {
            self.more += 1;
        }
    }

    /// Notes something about the layer as a whole.
    pub fn whole(&mut self, reason: impl Into<String>) {
        self.push(None, reason.into());
    }

    /// Everything noted.
    pub fn finish(mut self) -> Vec<Damage> {
        if self.more > 0 {
            self.list.push(Damage {
                path: None,
                reason: format!("{} more things are wrong with it", self.more),
            });
        }
        self.list
    }

    /// Hands over one entry, with what it means in a layer.
    pub fn visit<R: Read>(
        &mut self,
        member: &Member,
        archive: &mut Reader<R>,
        visitor: &mut dyn EntryVisitor,
    ) {
        let mut entry = entry_of(member);
        for problem in member.problems.iter().chain(&shorten(&mut entry)) {
            self.push(Some(entry.path.clone()), problem.clone());
        }
        match path::meaning(entry.path.as_ref()) {
            Meaning::Whiteout(removed, removal) => {
                if member.size > 0 {
                    self.push(
                        Some(entry.path.clone()),
                        format!(
                            "it is a whiteout and yet has {} bytes of content, which no runtime shows",
                            member.size
                        ),
                    );
                }
                whiteout(&entry, removed, removal, visitor);
                return;
            }
            Meaning::Nameless => self.push(
                Some(entry.path.clone()),
                "it is a whiteout of nothing".to_owned(),
            ),
            Meaning::Plain => {}
        }
        let mut content = archive.content(member);
        visitor.entry(&entry, &mut content);
        let read = content.position();
        if archive.ran_out_of_holes() {
            self.whole(
                "reading stopped at the bound of bytes for a layer, in the holes of a sparse file",
            );
        }
        if archive.skip_content().is_err() {
            self.push(
                Some(entry.path.clone()),
                format!(
                    "it is cut: only {read} of its {} bytes were read",
                    entry.size
                ),
            );
        }
        let is_opaque = entry
            .xattrs
            .iter()
            .any(|(name, value)| name == OVERLAY_OPAQUE && value == "y");
        if entry.kind == EntryKind::Directory && is_opaque {
            whiteout(&entry, entry.path.clone(), Removal::Children, visitor);
        }
    }
}

fn whiteout(entry: &Entry, path: BString, removal: Removal, visitor: &mut dyn EntryVisitor) {
    let entry = Entry {
        path,
        kind: EntryKind::Whiteout(removal),
        size: 0,
        xattrs: Vec::new(),
        ..entry.clone()
    };
    visitor.entry(&entry, &mut io::empty());
}

/// The entry a tar header describes, before whiteouts are told.
pub fn entry_of(member: &Member) -> Entry {
    let header = &member.header;
    let (major, minor) = header.device;
    let kind = match header.flag {
        b'1' => EntryKind::Hardlink(path::normalise(&header.link)),
        b'2' => EntryKind::Symlink(header.link.as_bstr().to_owned()),
        b'3' => EntryKind::CharacterDevice(major, minor),
        b'4' => EntryKind::BlockDevice(major, minor),
        b'5' => EntryKind::Directory,
        b'6' => EntryKind::Fifo,
        // Before POSIX, folders were files whose name ends in a slash.
        0 if header.name.ends_with(b"/") && member.size == 0 => EntryKind::Directory,
        _ => EntryKind::File,
    };
    Entry {
        path: path::normalise(&header.name),
        kind,
        mode: header.mode,
        uid: header.uid,
        gid: header.gid,
        size: member.size,
        mtime: header.mtime,
        xattrs: member.xattrs.clone(),
    }
}

/// Cuts names that are longer than Linux allows; what was cut, as a fragment.
fn shorten(entry: &mut Entry) -> Option<String> {
    let target = match &mut entry.kind {
        EntryKind::Symlink(target) | EntryKind::Hardlink(target) => target,
        _ => &mut BString::default(),
    };
    let longest = entry.path.len().max(target.len());
    entry.path.truncate(path::PATH_MAX);
    target.truncate(path::PATH_MAX);
    (longest > path::PATH_MAX).then(|| {
        format!(
            "its name or link target is {longest} bytes long, more than Linux allows, and was cut"
        )
    })
}
