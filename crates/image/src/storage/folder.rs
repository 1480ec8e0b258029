//! A folder opened once; everything under it is reached beneath it.
//!
//! What lies in a storage folder came from images, and the folder itself may be a disk of another
//! machine that is being examined. So paths are resolved as after a `chroot` (`openat2(2)` with
//! `RESOLVE_IN_ROOT`): a symbolic link can lead elsewhere in the folder, never out of it. The last
//! component is never followed, and only regular files are opened for reading, so that no device
//! is touched and no named pipe waited for.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice};
use rustix::fs::{self, FileType, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;

use super::document;
use crate::{Error, ErrorKind};

/// Longest list of attribute names and longest attribute value: the kernel's `XATTR_LIST_MAX` and
/// `XATTR_SIZE_MAX`.
const XATTR_BYTES: usize = 64 << 10;

/// A folder, and the paths beneath it.
#[derive(Debug)]
pub struct Folder {
    fd: OwnedFd,
    path: PathBuf,
}

impl Folder {
    /// Opens a folder that the user named; symbolic links on the way to it are followed.
    ///
    /// # Errors
    /// If it does not exist, is no folder or may not be read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match fs::open(path, flags, Mode::empty()) {
            Ok(fd) => Ok(Self {
                fd,
                path: path.to_owned(),
            }),
            Err(Errno::NOENT) => Err(cannot_open(path, &Errno::NOENT.into())
                .advise("if the storage is elsewhere, name its folder before the image: docker-storage:FOLDER:IMAGE")),
            Err(errno) => Err(cannot_open(path, &errno.into())),
        }
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder `path` beneath this one.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn folder(&self, path: &BStr) -> io::Result<Self> {
        let fd = self.open_at(path, OFlags::RDONLY | OFlags::DIRECTORY)?;
        Ok(Self {
            fd,
            path: self.path.join(path.to_path_lossy()),
        })
    }

    /// The regular file `path` beneath this folder.
    ///
    /// # Errors
    /// If it cannot be opened or is no regular file.
    pub fn file(&self, path: &BStr) -> io::Result<File> {
        // Without NONBLOCK the opening of a named pipe waits for a writer, for ever.
        let fd = self.open_at(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)?;
        let kind = FileType::from_raw_mode(fs::fstat(&fd)?.st_mode);
        if kind != FileType::RegularFile {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is no regular file",
            ));
        }
        Ok(File::from(fd))
    }

    /// A whole small file of the storage's own records, at most `limit` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if it is not there, [`ErrorKind::Io`] if it cannot be read,
    /// [`ErrorKind::Invalid`] if it is longer.
    pub fn document(&self, path: &str, limit: usize) -> Result<Vec<u8>, Error> {
        let shown = self.path.join(path);
        let file = self
            .file(path.into())
            .map_err(|error| cannot_open(&shown, &error))?;
        document::read(file, limit).map_err(|error| cannot_open(&shown, &error))
    }

    /// Whether there is anything of the name `path`.
    pub fn has(&self, path: &str) -> bool {
        self.stat(path.into()).is_ok()
    }

    /// What `path` is; the last component is not followed.
    ///
    /// # Errors
    /// If there is nothing of that name or it cannot be reached.
    pub fn stat(&self, path: &BStr) -> io::Result<Stat> {
        Ok(fs::fstat(self.open_at(path, OFlags::PATH)?)?)
    }

    /// The target of the symbolic link `path`.
    ///
    /// # Errors
    /// If it is none or cannot be reached.
    pub fn read_link(&self, path: &BStr) -> io::Result<BString> {
        let fd = self.open_at(path, OFlags::PATH)?;
        let target = fs::readlinkat(&fd, "", Vec::new())?;
        Ok(target.into_bytes().into())
    }

    /// The names in the folder `path`, sorted, without `.` and `..`.
    ///
    /// # Errors
    /// If it is no folder or cannot be read to its end.
    pub fn names(&self, path: &BStr) -> io::Result<Vec<BString>> {
        let fd = self.open_at(path, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let mut names = Vec::new();
        for entry in fs::Dir::read_from(&fd)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(BString::from(name));
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The extended attributes of the regular file or folder `path`, sorted by name.
    ///
    /// # Errors
    /// If it cannot be opened, or its attributes cannot be read.
    pub fn xattrs(&self, path: &BStr) -> io::Result<Vec<(BString, BString)>> {
        let fd = self.open_at(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)?;
        let mut list = vec![0; XATTR_BYTES];
        let length = match fs::flistxattr(&fd, &mut list[..]) {
            Ok(length) => length,
            Err(Errno::OPNOTSUPP) => return Ok(Vec::new()),
            Err(errno) => return Err(errno.into()),
        };
        let mut attributes = Vec::new();
        let mut value = vec![0; XATTR_BYTES];
        for name in list.get(..length).unwrap_or_default().split_str("\0") {
            if name.is_empty() {
                continue;
            }
            let length = fs::fgetxattr(&fd, name, &mut value[..])?;
            let value = value.get(..length).unwrap_or_default();
            attributes.push((BString::from(name), BString::from(value)));
        }
        attributes.sort_unstable();
        Ok(attributes)
    }

    /// Opens `path` as if this folder were the root, not following the last component.
    fn open_at(&self, path: &BStr, flags: OFlags) -> io::Result<OwnedFd> {
        let path = if path.is_empty() {
            BStr::new(".")
        } else {
            path
        };
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        let opened = fs::openat2(&self.fd, path.as_bytes(), flags, Mode::empty(), resolve);
        match opened {
            // Linux before 5.6 has no openat2, and old seccomp filters refuse it.
            Err(Errno::NOSYS | Errno::PERM) => Ok(self.open_stepwise(path, flags)?),
            // A rename elsewhere made the kernel give up; it asks to try again.
            Err(Errno::AGAIN) => Ok(fs::openat2(
                &self.fd,
                path.as_bytes(),
                flags,
                Mode::empty(),
                resolve,
            )?),
            other => Ok(other?),
        }
    }

    /// [`Self::open_at`] without `openat2`: one component after the other, no link followed.
    fn open_stepwise(&self, path: &BStr, flags: OFlags) -> Result<OwnedFd, Errno> {
        let step = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut at = fs::openat(&self.fd, ".", step, Mode::empty())?;
        let mut parts = path
            .split_str("/")
            .filter(|part| !part.is_empty() && *part != b".")
            .peekable();
        while let Some(part) = parts.next() {
            if part == b".." {
                return Err(Errno::XDEV);
            }
            if parts.peek().is_none() {
                return fs::openat(&at, part, flags, Mode::empty());
            }
            at = fs::openat(&at, part, step, Mode::empty())?;
        }
        fs::openat(&at, ".", flags, Mode::empty())
    }
}

/// Whether `id` is one plain component of a path: what daemons call layers and caches.
pub fn is_component(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 255
        && !id.starts_with('.')
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// The error for a path of a storage folder that cannot be opened.
pub fn cannot_open(path: &Path, error: &io::Error) -> Error {
    let message = format!("cannot read {}: {error}", path.display());
    match error.kind() {
        io::ErrorKind::NotFound => Error::new(ErrorKind::NotFound, message),
        io::ErrorKind::PermissionDenied => Error::new(ErrorKind::Io, message).advise(
            "storage folders belong to root: run as root, or ask the daemon instead (docker:, podman:, containerd:)",
        ),
        io::ErrorKind::FileTooLarge => Error::new(ErrorKind::Invalid, message),
        _ => Error::new(ErrorKind::Io, message),
    }
}

/// Major and minor number of a device.
pub fn device(stat: &Stat) -> (u32, u32) {
    (fs::major(stat.st_rdev), fs::minor(stat.st_rdev))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::os::unix::fs::symlink;

    #[test]
    fn nothing_leads_out_of_the_folder() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::write(temp.path().join("secret"), "outside").unwrap();
        let inner = temp.path().join("inner");
        std::fs::create_dir_all(inner.join("real")).unwrap();
        std::fs::write(inner.join("real/file"), "inside").unwrap();
        symlink("..", inner.join("up")).unwrap();
        symlink("/real", inner.join("absolute")).unwrap();
        symlink("real/file", inner.join("last")).unwrap();
        let folder = Folder::open(&inner).unwrap();
        assert!(folder.file("up/secret".into()).is_err());
        assert!(folder.file("../secret".into()).is_err());
        assert!(folder.file("last".into()).is_err());
        assert_eq!(folder.read_link("last".into()).unwrap(), "real/file");
        let mut text = String::new();
        let mut file = folder.file("absolute/file".into()).unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "inside");
        assert_eq!(folder.names("".into()).unwrap().len(), 4);
        for path in ["up/secret", "../secret", "absolute/file"] {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW;
            assert!(folder.open_stepwise(path.into(), flags).is_err(), "{path}");
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW;
        assert!(folder.open_stepwise("./real//file".into(), flags).is_ok());
    }

    #[test]
    fn a_named_pipe_is_not_waited_for() {
        let temp = tempfile::tempdir().unwrap();
        let pipe = temp.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            FileType::Fifo,
            Mode::RUSR | Mode::WUSR,
            0,
        )
        .unwrap();
        let folder = Folder::open(temp.path()).unwrap();
        assert!(folder.file("pipe".into()).is_err());
    }

    #[test]
    fn only_plain_names_are_components() {
        assert!(is_component("9c5dd29562400c8e1adf-init"));
        for bad in ["", "..", ".x", "a/b", "a\0b", "ä"] {
            assert!(!is_component(bad), "{bad}");
        }
    }
}
