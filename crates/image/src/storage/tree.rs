//! An unpacked layer read from its folder: the fallback where no record of its tar is left.
//!
//! Source: the kernel's `Documentation/filesystems/overlayfs.rst` ("whiteouts and opaque
//! directories", "redirect_dir", "metadata only copy up"), and fuse-overlayfs, which writes
//! whiteouts as empty files `.wh.NAME` where it may not make device nodes.
//!
//! A tree has no diff ID, so what is read here is not checked against one ([`LayerEnd::diff_id`]
//! stays `None`). That is no gap: every byte that a container would see is read.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};

use bstr::{BStr, BString, ByteSlice};
use model::{Budget, Entry, EntryKind, Removal};
use rustix::fs::{FileType, Stat};

use super::folder::{Folder, device};
use crate::{Damage, EntryVisitor, LayerEnd};

/// Prefix of an overlay attribute: `trusted.` as root, `user.` in a user namespace.
const OVERLAY_PREFIXES: [&[u8]; 2] = [b"trusted.overlay.", b"user.overlay."];

/// Reads the folder of a layer as the layer's entries.
pub fn read(folder: &Folder, budget: &Budget, visitor: &mut dyn EntryVisitor) -> LayerEnd {
    let mut walk = Walk {
        folder,
        budget,
        visitor,
        end: LayerEnd::default(),
        entries: 0,
        links: HashMap::new(),
    };
    let mut pending = vec![BString::default()];
    while let Some(path) = pending.pop() {
        if walk.exhausted() {
            break;
        }
        walk.folder(path, &mut pending);
    }
    walk.end
}

/// Hands one regular file of `folder` to `visitor`, as it is now.
///
/// # Errors
/// If it cannot be opened.
pub fn read_file(folder: &Folder, path: &BStr, visitor: &mut dyn EntryVisitor) -> io::Result<u64> {
    let file = folder.file(path)?;
    let stat = rustix::fs::fstat(&file)?;
    let mut entry = entry_of(path, EntryKind::File, &stat);
    entry.xattrs = folder.xattrs(path)?;
    let mut content = Content::new(file, entry.size);
    visitor.entry(&entry, &mut content);
    Ok(entry.size)
}

struct Walk<'a> {
    folder: &'a Folder,
    budget: &'a Budget,
    visitor: &'a mut dyn EntryVisitor,
    end: LayerEnd,
    entries: u64,
    /// First path of each file that has several, by device and inode.
    links: HashMap<(u64, u64), BString>,
}

impl Walk<'_> {
    /// Reads one folder; the folders in it are put on `pending`.
    fn folder(&mut self, path: BString, pending: &mut Vec<BString>) {
        let names = match self.folder.names(path.as_bstr()) {
            Ok(names) => names,
            Err(error) => {
                self.damage(path, format!("the folder cannot be listed: {error}"));
                return;
            }
        };
        let first = pending.len();
        for name in names {
            if self.exhausted() {
                return;
            }
            let child = join(path.as_bstr(), name.as_bstr());
            match self.folder.stat(child.as_bstr()) {
                Ok(stat) => {
                    if self.entry(&path, &child, &stat) {
                        pending.push(child);
                    }
                }
                Err(error) => self.damage(child, format!("it cannot be looked at: {error}")),
            }
        }
        // Popped from the end: reversed, so that folders are read in the order of their names.
        if let Some(new) = pending.get_mut(first..) {
            new.reverse();
        }
    }

    /// Hands over one entry; tells whether it is a folder to go into.
    fn entry(&mut self, parent: &BString, path: &BString, stat: &Stat) -> bool {
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => {
                self.directory(path, stat);
                return true;
            }
            FileType::RegularFile => self.regular(parent, path, stat),
            FileType::Symlink => match self.folder.read_link(path.as_bstr()) {
                Ok(target) => self.emit(entry_of(path.as_bstr(), EntryKind::Symlink(target), stat)),
                Err(error) => {
                    self.damage(path.clone(), format!("the link cannot be read: {error}"));
                }
            },
            FileType::CharacterDevice => {
                let kind = match device(stat) {
                    (0, 0) => EntryKind::Whiteout(Removal::Path),
                    (major, minor) => EntryKind::CharacterDevice(major, minor),
                };
                self.emit(entry_of(path.as_bstr(), kind, stat));
            }
            FileType::BlockDevice => {
                let (major, minor) = device(stat);
                self.emit(entry_of(
                    path.as_bstr(),
                    EntryKind::BlockDevice(major, minor),
                    stat,
                ));
            }
            FileType::Fifo => self.emit(entry_of(path.as_bstr(), EntryKind::Fifo, stat)),
            // A tar cannot hold a socket: it was made by something that ran there.
            _ => self.damage(path.clone(), "a socket, which no layer can hold".to_owned()),
        }
        false
    }

    fn directory(&mut self, path: &BString, stat: &Stat) {
        let mut entry = entry_of(path.as_bstr(), EntryKind::Directory, stat);
        let xattrs = self.xattrs(path);
        let opaque = overlay(&xattrs, b"opaque").is_some_and(|value| value == "y");
        let redirected = overlay(&xattrs, b"redirect").cloned();
        entry.xattrs = image_xattrs(xattrs);
        self.emit(entry.clone());
        if opaque {
            entry.kind = EntryKind::Whiteout(Removal::Children);
            entry.xattrs.clear();
            self.emit(entry);
        }
        if let Some(target) = redirected {
            let target = model::text::printable(&target);
            self.damage(
                path.clone(),
                format!("what it holds besides is that of `{target}` in the layers below (overlay redirect)"),
            );
        }
    }

    fn regular(&mut self, parent: &BString, path: &BString, stat: &Stat) {
        let xattrs = self.xattrs(path);
        if stat.st_size == 0
            && let Some(entry) = whiteout(parent, path, stat, &xattrs)
        {
            self.emit(entry);
            return;
        }
        if overlay(&xattrs, b"metacopy").is_some() {
            self.damage(
                path.clone(),
                "only its metadata is here, its content is in a layer below (overlay metacopy)"
                    .to_owned(),
            );
            return;
        }
        if stat.st_nlink > 1 {
            let inode = (stat.st_dev, stat.st_ino);
            if let Some(first) = self.links.get(&inode) {
                let kind = EntryKind::Hardlink(first.clone());
                self.emit(entry_of(path.as_bstr(), kind, stat));
                return;
            }
            self.links.insert(inode, path.clone());
        }
        let mut entry = entry_of(path.as_bstr(), EntryKind::File, stat);
        entry.xattrs = image_xattrs(xattrs);
        match self.folder.file(path.as_bstr()) {
            Ok(file) => {
                self.entries += 1;
                self.end.bytes = self.end.bytes.saturating_add(entry.size);
                let mut content = Content::new(file, entry.size);
                self.visitor.entry(&entry, &mut content);
                if let Some(reason) = content.failure {
                    self.damage(path.clone(), reason);
                }
            }
            Err(error) => self.damage(path.clone(), format!("it cannot be opened: {error}")),
        }
    }

    /// Hands over an entry without content.
    fn emit(&mut self, entry: Entry) {
        self.entries += 1;
        self.visitor.entry(&entry, &mut io::empty());
    }

    fn xattrs(&mut self, path: &BString) -> Vec<(BString, BString)> {
        match self.folder.xattrs(path.as_bstr()) {
            Ok(xattrs) => xattrs,
            Err(error) => {
                self.damage(
                    path.clone(),
                    format!("its extended attributes cannot be read: {error}"),
                );
                Vec::new()
            }
        }
    }

    /// Whether a bound is reached; says so the first time.
    fn exhausted(&mut self) -> bool {
        let reason = if self.entries > self.budget.layer_entries {
            format!("more than {} entries", self.budget.layer_entries)
        } else if self.end.bytes > self.budget.layer_bytes {
            format!("more than {} bytes", self.budget.layer_bytes)
        } else {
            return false;
        };
        let damage = Damage { path: None, reason };
        if !self.end.damage.contains(&damage) {
            self.end.damage.push(damage);
        }
        true
    }

    fn damage(&mut self, path: BString, reason: String) {
        // Damaged entries count too, so that their list is bounded as the layer is.
        self.entries += 1;
        self.end.damage.push(Damage {
            path: Some(path),
            reason,
        });
    }
}

/// The whiteout that an empty file stands for, if it does.
fn whiteout(
    parent: &BString,
    path: &BString,
    stat: &Stat,
    xattrs: &[(BString, BString)],
) -> Option<Entry> {
    let name = model::entry::file_name(path.as_bstr());
    if name == ".wh..wh..opq" {
        let kind = EntryKind::Whiteout(Removal::Children);
        return Some(entry_of(parent.as_bstr(), kind, stat));
    }
    let kind = EntryKind::Whiteout(Removal::Path);
    if let Some(removed) = name.strip_prefix(b".wh.")
        && !removed.is_empty()
    {
        let removed = join(parent.as_bstr(), removed.as_bstr());
        return Some(entry_of(removed.as_bstr(), kind, stat));
    }
    overlay(xattrs, b"whiteout").map(|_| entry_of(path.as_bstr(), kind, stat))
}

/// The value of an overlay attribute.
fn overlay<'a>(xattrs: &'a [(BString, BString)], name: &[u8]) -> Option<&'a BString> {
    xattrs.iter().find_map(|(key, value)| {
        OVERLAY_PREFIXES
            .iter()
            .any(|prefix| key.strip_prefix(*prefix) == Some(name))
            .then_some(value)
    })
}

/// The attributes that are the image's, not the overlay's.
fn image_xattrs(mut xattrs: Vec<(BString, BString)>) -> Vec<(BString, BString)> {
    xattrs.retain(|(key, _)| {
        !OVERLAY_PREFIXES
            .iter()
            .any(|prefix| key.starts_with(prefix))
    });
    xattrs
}

fn entry_of(path: &BStr, kind: EntryKind, stat: &Stat) -> Entry {
    let size = match kind {
        EntryKind::File => u64::try_from(stat.st_size).unwrap_or(0),
        _ => 0,
    };
    Entry {
        path: path.to_owned(),
        kind,
        mode: stat.st_mode & 0o7777,
        uid: u64::from(stat.st_uid),
        gid: u64::from(stat.st_gid),
        size,
        mtime: stat.st_mtime,
        xattrs: Vec::new(),
    }
}

fn join(parent: &BStr, name: &BStr) -> BString {
    let mut path = parent.to_owned();
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

/// Exactly `size` bytes of a file that may change while it is read.
struct Content {
    file: File,
    remaining: u64,
    failure: Option<String>,
}

impl Content {
    const fn new(file: File, size: u64) -> Self {
        Self {
            file,
            remaining: size,
            failure: None,
        }
    }
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.remaining)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let Some(target) = buffer.get_mut(..wanted).filter(|part| !part.is_empty()) else {
            return Ok(0);
        };
        let outcome = self.file.read(target).and_then(|read| match read {
            0 => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file became shorter while it was read",
            )),
            read => Ok(read),
        });
        match outcome {
            Ok(read) => {
                self.remaining = self.remaining.saturating_sub(read as u64);
                Ok(read)
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::Interrupted {
                    self.failure = Some(error.to_string());
                }
                Err(error)
            }
        }
    }
}
