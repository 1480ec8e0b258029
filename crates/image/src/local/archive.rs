//! An archive file or layout folder whose layers are read in place, from several threads.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice};
use model::text::printable;

use super::catalog::{Held, Naming, images, path_of};
use super::file::open_regular;
use crate::layer::path::normalise;
use crate::layer::tar::{Reader, Stop};
use crate::{EntryVisitor, Error, ErrorKind, Layer, LayerEnd, Options, Resolved, Source, layer};

/// Most members of an archive: an image of 127 layers has some 400.
const MEMBERS_MAX: usize = 1_000_000;
/// Most links followed inside an archive.
const LINKS_MAX: usize = 16;

/// Something that holds files which can be read in any order.
pub trait Files: Held + Send + Sync {
    /// Opens a file by the path that [`Held::locate`] gave.
    ///
    /// # Errors
    /// If there is none or it cannot be read.
    fn open(&self, path: &str) -> Result<Box<dyn Read + '_>, Error>;
}

/// An archive or layout as a source of images.
pub struct Archive<F> {
    files: F,
    images: Vec<Resolved>,
    options: Options,
}

impl<F: Files> Archive<F> {
    /// Reads what is listed. `damage` is what is wrong with the whole, said of every image.
    ///
    /// # Errors
    /// If it lists no wanted image.
    pub fn new(
        files: F,
        naming: &Naming,
        selector: Option<&str>,
        damage: Option<&str>,
        options: &Options,
    ) -> Result<Self, Error> {
        let mut images = images(&files, naming, selector, options).map_err(|mut error| {
            if let Some(damage) = damage {
                error.message = format!("{}; {damage}", error.message);
            }
            error
        })?;
        for image in &mut images {
            if let (Resolved::Image(image), Some(damage)) = (image, damage) {
                image.damage.push(damage.to_owned());
            }
        }
        Ok(Self {
            files,
            images,
            options: options.clone(),
        })
    }
}

impl<F: Files> Source for Archive<F> {
    fn images(&self) -> &[Resolved] {
        &self.images
    }

    fn read_layer(&self, layer: &Layer, visitor: &mut dyn EntryVisitor) -> Result<LayerEnd, Error> {
        let path = path_of(&layer.key);
        let path = self.files.locate(&path).unwrap_or(path);
        let mut stored = self.files.open(&path)?;
        Ok(layer::read(
            &mut stored,
            layer,
            &self.options.budget,
            visitor,
        ))
    }
}

/// What a member of an archive is, as far as it matters for finding files.
enum Member {
    File { at: u64, size: u64 },
    Link(BString),
    Sparse,
}

/// A tar file, its headers read once.
pub struct TarFile {
    file: File,
    members: HashMap<BString, Member>,
}

/// Reads a file from some offset on.
struct At<'a> {
    file: &'a File,
    at: u64,
}

impl Read for At<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read_at(buffer, self.at)?;
        self.at = self.at.saturating_add(n as u64);
        Ok(n)
    }
}

impl TarFile {
    /// Reads all headers of `file`, and what is wrong with the archive as a fragment: what came
    /// before is there.
    ///
    /// # Errors
    /// If it is no tar at all, or cannot be read.
    pub fn index(file: File) -> io::Result<(Self, Option<String>)> {
        let length = file.metadata()?.len();
        let mut members = HashMap::new();
        let mut reader = Reader::new(At { file: &file, at: 0 }, 0);
        let damage = loop {
            let member = match reader.next_member() {
                Ok(Some(member)) => member,
                Ok(None) => break None,
                Err(Stop::Input(error)) => return Err(error),
                Err(Stop::Damaged(reason)) => break Some(reason),
                Err(Stop::NotTar) => break Some("it is no tar".to_owned()),
            };
            let path = normalise(&member.header.name);
            let at = reader.position();
            let kind = match member.header.flag {
                b'1' => Member::Link(normalise(&member.header.link)),
                b'2' => Member::Link(beside(path.as_ref(), &member.header.link)),
                _ if !member.has_content() => Member::File { at, size: 0 },
                _ if member.is_sparse() => Member::Sparse,
                _ => Member::File {
                    at,
                    size: member.size,
                },
            };
            members.insert(path, kind);
            let skipped = reader.jump();
            reader.input_mut().at = at.saturating_add(skipped);
            if at.saturating_add(member.size) > length {
                break Some(format!("the archive ends early, at byte {length}"));
            }
            if members.len() > MEMBERS_MAX {
                break Some(format!("the archive has more than {MEMBERS_MAX} members"));
            }
        };
        Ok((Self { file, members }, damage))
    }

    fn member(&self, path: &str) -> Option<&Member> {
        self.members.get(BStr::new(path))
    }
}

/// The target of a symbolic link at `path`.
pub fn beside(path: &BStr, target: &[u8]) -> BString {
    if target.starts_with(b"/") {
        return normalise(target);
    }
    let folder = path.rfind_byte(b'/').and_then(|slash| path.get(..slash));
    normalise(&[folder.unwrap_or_default(), b"/", target].concat())
}

impl Held for TarFile {
    fn document(&self, path: &str, limit: usize) -> Result<Vec<u8>, Error> {
        let path = self.locate(path).unwrap_or_else(|| path.to_owned());
        whole(self.open(&path)?, &path, limit)
    }

    fn locate(&self, path: &str) -> Option<String> {
        let mut path = path.to_owned();
        for _ in 0..LINKS_MAX {
            match self.member(&path)? {
                Member::Link(target) => path = target.to_str().ok()?.to_owned(),
                Member::File { .. } | Member::Sparse => return Some(path),
            }
        }
        None
    }
}

impl Files for TarFile {
    fn open(&self, path: &str) -> Result<Box<dyn Read + '_>, Error> {
        match self.member(path) {
            Some(&Member::File { at, size }) => Ok(Box::new(Cut {
                inner: At {
                    file: &self.file,
                    at,
                }
                .take(size),
            })),
            Some(Member::Sparse) => Err(Error::new(
                ErrorKind::Invalid,
                format!("{} is stored as a sparse file", printable(path.as_bytes())),
            )
            .advise("write the archive anew with `docker save`, `skopeo copy` or `podman save`")),
            Some(Member::Link(_)) | None => Err(absent(path)),
        }
    }
}

/// Exactly so many bytes of a file, or an error: a file that was cut must not look whole.
struct Cut<R> {
    inner: io::Take<R>,
}

impl<R: Read> Read for Cut<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        if n == 0 && !buffer.is_empty() && self.inner.limit() > 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the archive ends early",
            ));
        }
        Ok(n)
    }
}

fn absent(path: &str) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!("there is no {}", printable(path.as_bytes())),
    )
}

/// All of a small file.
fn whole(reader: impl Read, path: &str, limit: usize) -> Result<Vec<u8>, Error> {
    let path = printable(path.as_bytes());
    let mut bytes = Vec::new();
    // At most one byte over the limit.
    #[expect(clippy::disallowed_methods)]
    reader
        .take((limit as u64).saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| Error::new(ErrorKind::Io, format!("{path} cannot be read: {error}")))?;
    if bytes.len() > limit {
        return Err(Error::new(
            ErrorKind::Invalid,
            format!("{path} is longer than the bound of {limit} bytes for a document"),
        ));
    }
    Ok(bytes)
}

/// The folder of an OCI layout. Links in it are followed: build tools write blobs as links, and
/// what they lead to is read only if it has the digest that was asked for.
pub struct LayoutFolder(PathBuf);

impl LayoutFolder {
    /// The layout in `path`.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl Held for LayoutFolder {
    fn document(&self, path: &str, limit: usize) -> Result<Vec<u8>, Error> {
        whole(self.open(path)?, path, limit)
    }

    fn locate(&self, path: &str) -> Option<String> {
        self.0.join(path).is_file().then(|| path.to_owned())
    }
}

impl Files for LayoutFolder {
    fn open(&self, path: &str) -> Result<Box<dyn Read + '_>, Error> {
        let full = self.0.join(normalise(path.as_bytes()).to_string());
        match open_regular(&full) {
            Ok((file, _)) => Ok(Box::new(file)),
            Err(error) if error.kind == ErrorKind::NotFound => Err(absent(path)),
            Err(error) => Err(error),
        }
    }
}
