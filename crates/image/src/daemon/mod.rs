//! Daemons: Docker, podman, containerd. (helper: daemon)

use crate::{Error, Opened, Options, Target};

/// Opens an image that a daemon holds.
pub fn open(_target: &Target, _options: &Options) -> Result<Opened, Error> {
    unimplemented!()
}
