//! Daemons asked over their sockets: Docker, podman, containerd.

use crate::{Error, ErrorKind, Opened, Options, Target};

mod address;
mod containerd;
mod docker;
mod grpc;

/// Opens images that a daemon holds; all of them if the target names none.
///
/// # Errors
/// If the daemon does not answer, refuses, or has no such image.
pub fn open(target: &Target, options: &Options) -> Result<Opened, Error> {
    match target {
        Target::Docker(image) => {
            docker::open(docker::Engine::Docker, image, options).map(Opened::Stream)
        }
        Target::Podman(image) => {
            docker::open(docker::Engine::Podman, image, options).map(Opened::Stream)
        }
        Target::Containerd(image) => {
            let source = containerd::open(image, options)?;
            Ok(Opened::Random(Box::new(source)))
        }
        other => Err(Error::new(
            ErrorKind::Usage,
            format!("{other:?} names no daemon"),
        )),
    }
}
