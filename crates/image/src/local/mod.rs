//! Archives, layouts, folders, files and standard input. (helper: local)

use crate::{Error, Opened, Options, Target};

/// Opens a local target.
pub fn open(_target: &Target, _options: &Options) -> Result<Opened, Error> {
    unimplemented!()
}
