//! Archives, layouts, folders, files and standard input.

mod archive;
mod catalog;
mod docker;
mod file;
mod folder;
mod kept;
mod layout;
mod role;
pub mod stream;

#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use model::text::printable;

use crate::compression::Compression;
use crate::{Error, ErrorKind, Opened, Options, Target};

use archive::{Archive, LayoutFolder, TarFile};
use catalog::Naming;
use file::{SingleFile, open_regular};
use folder::Folder;
use stream::TarStream;

/// Opens a local target.
///
/// # Errors
/// If it is not there, or not what the target says.
pub fn open(target: &Target, options: &Options) -> Result<Opened, Error> {
    match target {
        Target::DockerArchive { path, image } => {
            archive("docker-archive", path, image.as_deref(), options)
        }
        Target::OciArchive { path, image } => {
            archive("oci-archive", path, image.as_deref(), options)
        }
        Target::OciDir { path, image } => {
            let naming = naming("oci-dir", path);
            if !path.is_dir() {
                return Err(no_folder(path));
            }
            let files = LayoutFolder::new(path);
            let source = Archive::new(files, &naming, image.as_deref(), None, options)?;
            Ok(Opened::Random(Box::new(source)))
        }
        Target::Dir(path) => Ok(Opened::Random(Box::new(Folder::open(path, options)?))),
        Target::File(path) => Ok(Opened::Random(Box::new(SingleFile::open(path, options)?))),
        Target::Stdin => Ok(Opened::Stream(Box::new(
            TarStream::new(Box::new(io::stdin()), options.budget.clone())
                .platforms(&options.platforms),
        ))),
        other => Err(Error::new(
            ErrorKind::Usage,
            format!(
                "{} is no local target",
                printable(other.to_string().as_bytes())
            ),
        )),
    }
}

fn naming(kind: &str, path: &Path) -> Naming {
    Naming::new(format!("{kind}:{}", path.display()))
}

fn no_folder(path: &Path) -> Error {
    let shown = printable(path.as_os_str().as_bytes());
    if path.exists() {
        Error::new(ErrorKind::Invalid, format!("{shown} is no folder"))
            .advise("for a layout in a tar use oci-archive:")
    } else {
        Error::new(ErrorKind::NotFound, format!("{shown} does not exist"))
    }
}

/// An archive: read in place, or as a stream if the whole of it is compressed.
fn archive(
    kind: &str,
    path: &Path,
    image: Option<&str>,
    options: &Options,
) -> Result<Opened, Error> {
    let shown = printable(path.as_os_str().as_bytes());
    let fail =
        |error: io::Error| Error::new(ErrorKind::Io, format!("{shown} cannot be read: {error}"));
    if path.is_dir() {
        return Err(
            Error::new(ErrorKind::Invalid, format!("{shown} is a folder"))
                .advise("for a layout in a folder use oci-dir:"),
        );
    }
    let (mut file, _) = open_regular(path)?;
    let naming = naming(kind, path);
    if compression_of(&mut file).map_err(fail)? != Compression::None {
        let stream = TarStream::new(Box::new(file), options.budget.clone())
            .named(naming.target())
            .only(image.map(str::to_owned))
            .platforms(&options.platforms);
        return Ok(Opened::Stream(Box::new(stream)));
    }
    let (files, damage) = TarFile::index(file).map_err(fail)?;
    let source = Archive::new(files, &naming, image, damage.as_deref(), options)?;
    Ok(Opened::Random(Box::new(source)))
}

/// How a file is compressed; it is at its start again afterwards.
fn compression_of(file: &mut std::fs::File) -> io::Result<Compression> {
    let mut head = Vec::new();
    // Sixteen bytes hold every magic.
    #[expect(clippy::disallowed_methods)]
    file.take(16).read_to_end(&mut head)?;
    io::Seek::rewind(file)?;
    Ok(Compression::of(&head))
}
