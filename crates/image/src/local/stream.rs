//! Archives that can only be read once, front to back.

use std::io::Read;

use model::{Budget, Platform};

use crate::{Error, LayerSink, Resolved, StreamSource};

/// A tar that comes by: an image archive, or a root file system.
pub struct TarStream {
    reader: Box<dyn Read + Send>,
    budget: Budget,
    prefix: String,
    image: Option<String>,
    platforms: Vec<Platform>,
}

impl TarStream {
    /// A stream whose images are named after standard input.
    pub fn new(reader: Box<dyn Read + Send>, budget: Budget) -> Self {
        Self {
            reader,
            budget,
            prefix: "-".to_owned(),
            image: None,
            platforms: Vec::new(),
        }
    }

    /// Names the images after `prefix`: `docker-archive:PATH` gives `docker-archive:PATH:NAME`.
    #[must_use]
    pub fn named(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Only the image of this name, tag or digest.
    #[must_use]
    pub fn only(mut self, image: Option<String>) -> Self {
        self.image = image;
        self
    }

    /// Only images of these platforms; all if empty.
    #[must_use]
    pub fn platforms(mut self, platforms: &[Platform]) -> Self {
        self.platforms = platforms.to_vec();
        self
    }
}

impl StreamSource for TarStream {
    fn drain(self: Box<Self>, _sink: &mut dyn LayerSink) -> Result<Vec<Resolved>, Error> {
        unimplemented!()
    }
}
