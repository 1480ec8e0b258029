//! A plain folder, read as a root file system. What is in it may be hostile: no link is followed,
//! nothing is opened but regular files, and nothing can lead out of it.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice};
use model::text::printable;
use model::{Entry, EntryKind};
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::file::plain_image;
use crate::layer::path::PATH_MAX;
use crate::{
    Damage, EntryVisitor, Error, ErrorKind, Layer, LayerContent, LayerEnd, Options, Resolved,
    Source,
};

/// Most damages kept; the rest is counted.
const DAMAGES_MAX: usize = 1_000;
/// Longest list of extended attributes of one file: the kernel's own bound.
const XATTRS_MAX: usize = 64 << 10;
/// How folders are opened: never through a link.
const OPEN_FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);
/// How files are opened: never through a link, and never waiting for what may not be one.
const OPEN_FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// File systems that the kernel makes up: they store nothing, and some of their files are endless
/// (`/proc/kcore`) or act when they are read. From `linux/magic.h`.
const KERNEL_FILE_SYSTEMS: [(fs::FsWord, &str); 12] = [
    (0x9fa0, "proc"),
    (0x6265_6572, "sysfs"),
    (0x6462_6720, "debugfs"),
    (0x7472_6163, "tracefs"),
    (0x0027_e0eb, "cgroup"),
    (0x6367_7270, "cgroup2"),
    (0x7363_6673, "securityfs"),
    (0xcafe_4a11, "bpf"),
    (0x6165_676c, "pstore"),
    (0xde5e_81e4, "efivarfs"),
    (0x6265_6570, "configfs"),
    (0xf97c_ff8c, "selinuxfs"),
];

/// A folder as a source: one image of one layer.
pub struct Folder {
    root: PathBuf,
    images: Vec<Resolved>,
    options: Options,
}

impl Folder {
    /// Opens the folder `root`; itself it may be a link.
    ///
    /// # Errors
    /// If it is not there, or no folder.
    pub fn open(root: &Path, options: &Options) -> Result<Self, Error> {
        open_root(root)?;
        let target = crate::Target::Dir(root.to_owned()).to_string();
        let image = plain_image(target, "folder".to_owned(), LayerContent::Tar);
        Ok(Self {
            root: root.to_owned(),
            images: vec![Resolved::Image(image)],
            options: options.clone(),
        })
    }
}

fn open_root(root: &Path) -> Result<OwnedFd, Error> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    fs::open(root, flags, Mode::empty()).map_err(|errno| {
        let kind = match errno {
            Errno::NOENT => ErrorKind::NotFound,
            Errno::NOTDIR => ErrorKind::Invalid,
            _ => ErrorKind::Io,
        };
        let shown = root.display().to_string();
        let error = Error::new(
            kind,
            format!("{} cannot be opened: {errno}", printable(shown.as_bytes())),
        );
        match errno {
            Errno::NOTDIR => error.advise("for a single file use file:"),
            _ => error,
        }
    })
}

impl Source for Folder {
    fn images(&self) -> &[Resolved] {
        &self.images
    }

    fn read_layer(
        &self,
        _layer: &Layer,
        visitor: &mut dyn EntryVisitor,
    ) -> Result<LayerEnd, Error> {
        let root = open_root(&self.root)?;
        let mut walk = Walk {
            options: &self.options,
            end: LayerEnd::default(),
            entries: 0,
            more_damage: 0,
            pending: Vec::new(),
        };
        walk.folder(&root, BStr::new(""), visitor);
        while let Some(path) = walk.pending.pop() {
            if walk.is_over() {
                break;
            }
            match open_below(&root, path.as_ref()) {
                Ok(folder) => walk.folder(&folder, path.as_ref(), visitor),
                Err(errno) => walk.damage(path, format!("the folder cannot be opened: {errno}")),
            }
        }
        Ok(walk.finish())
    }
}

/// Opens a folder below `root`, component by component, none of them a link.
fn open_below(root: &OwnedFd, path: &BStr) -> Result<OwnedFd, Errno> {
    let mut folder: Option<OwnedFd> = None;
    for name in path.split(|&byte| byte == b'/') {
        let parent = folder.as_ref().unwrap_or(root);
        folder = Some(fs::openat(parent, name, OPEN_FOLDER, Mode::empty())?);
    }
    folder.ok_or(Errno::INVAL)
}

/// One reading of a folder.
struct Walk<'a> {
    options: &'a Options,
    end: LayerEnd,
    entries: u64,
    more_damage: u64,
    /// Folders still to be read, the next one last.
    pending: Vec<BString>,
}

impl Walk<'_> {
    fn damage(&mut self, path: BString, reason: String) {
        if self.end.damage.len() < DAMAGES_MAX {
            self.end.damage.push(Damage {
                path: Some(path),
                reason,
            });
        } else {
            self.more_damage += 1;
        }
    }

    fn finish(mut self) -> LayerEnd {
        let budget = &self.options.budget;
        let mut last = Vec::new();
        if self.more_damage > 0 {
            last.push(format!("{} more things cannot be read", self.more_damage));
        }
        if self.entries > budget.layer_entries {
            last.push(format!(
                "reading stopped at the bound of {} entries",
                budget.layer_entries
            ));
        } else if self.end.bytes >= budget.layer_bytes {
            last.push(format!(
                "reading stopped at the bound of {} bytes",
                budget.layer_bytes
            ));
        }
        let last = last.into_iter().map(|reason| Damage { path: None, reason });
        self.end.damage.extend(last);
        self.end
    }

    fn is_over(&self) -> bool {
        self.entries > self.options.budget.layer_entries
            || self.end.bytes >= self.options.budget.layer_bytes
    }

    /// Hands over the entries of one folder, sorted, and notes the folders in it.
    fn folder(&mut self, folder: &OwnedFd, path: &BStr, visitor: &mut dyn EntryVisitor) {
        if let Some(name) = kernel_file_system(folder) {
            let reason =
                format!("the kernel's own {name} file system is mounted there and was not read");
            self.damage(path.to_owned(), reason);
            return;
        }
        let names = match self.names(folder) {
            Ok(names) => names,
            Err(errno) => {
                self.damage(
                    path.to_owned(),
                    format!("the folder cannot be listed: {errno}"),
                );
                return;
            }
        };
        let first = self.pending.len();
        for name in names {
            self.entries += 1;
            if self.is_over() {
                return;
            }
            let full = match path.len() {
                0 => name.clone(),
                _ => BString::from([path.as_bytes(), b"/", &name].concat()),
            };
            if full.len() > PATH_MAX {
                let reason = format!(
                    "a path below it has {} bytes, more than Linux allows",
                    full.len()
                );
                self.damage(path.to_owned(), reason);
                continue;
            }
            self.entry(folder, name.as_ref(), full, visitor);
        }
        if let Some(folders) = self.pending.get_mut(first..) {
            folders.reverse();
        }
    }

    fn names(&self, folder: &OwnedFd) -> Result<Vec<BString>, Errno> {
        let most = usize::try_from(self.options.budget.layer_entries).unwrap_or(usize::MAX);
        let mut names = Vec::new();
        for entry in fs::Dir::read_from(folder)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(BString::from(name));
            }
            if names.len() > most {
                break;
            }
        }
        names.sort();
        Ok(names)
    }

    fn entry(
        &mut self,
        folder: &OwnedFd,
        name: &BStr,
        path: BString,
        visitor: &mut dyn EntryVisitor,
    ) {
        let stat = match fs::statat(folder, name.as_bytes(), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(errno) => return self.damage(path, format!("it cannot be looked at: {errno}")),
        };
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => return self.file(folder, name, path, visitor),
            FileType::Directory => {
                self.pending.push(path.clone());
                EntryKind::Directory
            }
            FileType::Symlink => match fs::readlinkat(folder, name.as_bytes(), Vec::new()) {
                Ok(target) => EntryKind::Symlink(target.into_bytes().into()),
                Err(errno) => {
                    return self.damage(path, format!("the link cannot be read: {errno}"));
                }
            },
            FileType::CharacterDevice => {
                EntryKind::CharacterDevice(fs::major(stat.st_rdev), fs::minor(stat.st_rdev))
            }
            FileType::BlockDevice => {
                EntryKind::BlockDevice(fs::major(stat.st_rdev), fs::minor(stat.st_rdev))
            }
            FileType::Fifo => EntryKind::Fifo,
            // Sockets and what else no layer can hold have no content.
            _ => return,
        };
        visitor.entry(&described(path, kind, &stat), &mut io::empty());
    }

    fn file(
        &mut self,
        folder: &OwnedFd,
        name: &BStr,
        path: BString,
        visitor: &mut dyn EntryVisitor,
    ) {
        let opened = fs::openat(folder, name.as_bytes(), OPEN_FILE, Mode::empty())
            .and_then(|file| Ok((fs::fstat(&file)?, file)));
        let (stat, file) = match opened {
            Ok(opened) => opened,
            Err(errno) => return self.damage(path, format!("it cannot be opened: {errno}")),
        };
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return self.damage(path, "it changed while it was looked at".to_owned());
        }
        let mut entry = described(path, EntryKind::File, &stat);
        entry.xattrs = xattrs(&file);
        let left = self
            .options
            .budget
            .layer_bytes
            .saturating_sub(self.end.bytes);
        let mut content = Content::new(File::from(file), entry.size.min(left));
        visitor.entry(&entry, &mut content);
        self.end.bytes = self.end.bytes.saturating_add(content.position());
        if let Some(damage) = content.damage(&entry) {
            self.damage(entry.path, damage.reason);
        }
    }
}

/// The file system a folder is on, if the kernel makes it up.
fn kernel_file_system(folder: &OwnedFd) -> Option<&'static str> {
    let kind = fs::fstatfs(folder).ok()?.f_type;
    let known = KERNEL_FILE_SYSTEMS.iter();
    known
        .copied()
        .find(|&(magic, _)| magic == kind)
        .map(|(_, name)| name)
}

fn described(path: BString, kind: EntryKind, stat: &Stat) -> Entry {
    let size = match kind {
        EntryKind::File => u64::try_from(stat.st_size).unwrap_or(0),
        _ => 0,
    };
    Entry {
        path,
        kind,
        mode: stat.st_mode & 0o7777,
        uid: u64::from(stat.st_uid),
        gid: u64::from(stat.st_gid),
        size,
        mtime: stat.st_mtime,
        xattrs: Vec::new(),
    }
}

/// Extended attributes, as far as the file system has them.
fn xattrs(file: &OwnedFd) -> Vec<(BString, BString)> {
    let mut list = vec![0; XATTRS_MAX];
    // No attributes, or none supported: nothing is lost.
    let Ok(length) = fs::flistxattr(file, &mut list) else {
        return Vec::new();
    };
    list.truncate(length);
    let names = list
        .split(|&byte| byte == 0)
        .filter(|name| !name.is_empty());
    let mut value = vec![0; XATTRS_MAX];
    names
        .filter_map(|name| {
            let length = fs::fgetxattr(file, name, &mut value).ok()?;
            Some((name.into(), value.get(..length)?.into()))
        })
        .collect()
}

/// The content of a file as long as it was when it was opened.
pub struct Content {
    file: File,
    limit: u64,
    at: u64,
    failure: Option<String>,
}

impl Content {
    /// At most `limit` bytes of `file`.
    pub const fn new(file: File, limit: u64) -> Self {
        Self {
            file,
            limit,
            at: 0,
            failure: None,
        }
    }

    /// Bytes read.
    pub const fn position(&self) -> u64 {
        self.at
    }

    /// What went wrong, if anything.
    pub fn damage(&self, entry: &Entry) -> Option<Damage> {
        let reason = match &self.failure {
            Some(reason) => reason.clone(),
            None if self.limit < entry.size => {
                format!(
                    "only {} of its {} bytes were read: the bound on bytes was reached",
                    self.at, entry.size
                )
            }
            None => return None,
        };
        Some(Damage {
            path: Some(entry.path.clone()),
            reason,
        })
    }
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.limit - self.at).unwrap_or(usize::MAX);
        let length = left.min(buffer.len());
        let buffer = buffer.get_mut(..length).unwrap_or_default();
        if buffer.is_empty() {
            return Ok(0);
        }
        let result = match self.file.read(buffer) {
            Ok(0) => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!(
                    "it became shorter while it was read, after {} bytes",
                    self.at
                ),
            )),
            other => other,
        };
        match result {
            Ok(n) => {
                self.at += n as u64;
                Ok(n)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.failure = Some(format!(
                    "it cannot be read on after {} bytes: {error}",
                    self.at
                ));
                Err(error)
            }
        }
    }
}
