//! Storage folders of daemons, read without the daemon. (helper: daemon)

use crate::{Error, Options, Source, Target};

/// Opens images in a storage folder.
pub fn open(_target: &Target, _options: &Options) -> Result<Box<dyn Source>, Error> {
    unimplemented!()
}
