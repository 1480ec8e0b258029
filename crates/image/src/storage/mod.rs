//! Storage folders of daemons, read without the daemon: nothing has to run, no socket is asked,
//! and a disk of another machine will do.

use crate::{Error, ErrorKind, Options, Source, Target};

pub mod bolt;
mod containerd;
mod docker;
pub(crate) mod document;
mod folder;
pub(crate) mod held;
pub(crate) mod names;
mod podman;
mod store;
mod tar_split;
mod tree;
mod unpacked;

/// Opens images in a storage folder.
///
/// # Errors
/// If the folder cannot be read, is no storage folder of that daemon, or has no such image.
pub fn open(target: &Target, options: &Options) -> Result<Box<dyn Source>, Error> {
    match target {
        Target::DockerStorage { root, image } => {
            docker::open(root, image, options).map(|store| Box::new(store) as Box<dyn Source>)
        }
        Target::PodmanStorage { root, image } => {
            podman::open(root, image, options).map(|store| Box::new(store) as Box<dyn Source>)
        }
        Target::ContainerdStorage { root, image } => {
            containerd::open(root, image, options).map(|store| Box::new(store) as Box<dyn Source>)
        }
        other => Err(Error::new(
            ErrorKind::Usage,
            format!("{other:?} names no storage folder"),
        )),
    }
}
