//! What every holder of images offers: [`Source`] and [`StreamSource`].

use std::io::Read;

use model::{Digest, Entry, ImageConfig, Platform};

use crate::Error;

/// An opened target.
pub enum Opened {
    /// Layers can be read in any order, several at once, repeatedly.
    Random(Box<dyn Source>),
    /// One pass, front to back.
    Stream(Box<dyn StreamSource>),
}

/// A holder of images whose layers can be read in any order and from several threads.
pub trait Source: Send + Sync {
    /// The images, one for each platform and tag, in the holder's order. Images that several tags
    /// name appear once, with all names.
    fn images(&self) -> &[Resolved];

    /// Reads one layer of one of [`Self::images`], handing every entry to `visitor` in order.
    ///
    /// # Errors
    /// If the layer cannot be opened at all (missing, refused, unreachable). What goes wrong once
    /// it is being read is [`LayerEnd::damage`], and what was read until then counts.
    fn read_layer(&self, layer: &Layer, visitor: &mut dyn EntryVisitor) -> Result<LayerEnd, Error>;
}

/// A holder of images that can be read only once: a tar on standard input, a daemon's export.
pub trait StreamSource: Send {
    /// Reads everything, handing over each layer as it comes by; the images are known at the end.
    ///
    /// Every layer is handed over under the [`Layer::key`] by which the returned images name it,
    /// also layers that no image turns out to name.
    ///
    /// # Errors
    /// If the stream cannot be read at all, or is no image.
    fn drain(self: Box<Self>, sink: &mut dyn LayerSink) -> Result<Vec<Resolved>, Error>;
}

/// Receives the entries of one layer.
pub trait EntryVisitor {
    /// One entry in the layer's order. `content` yields [`Entry::size`] bytes for a regular file
    /// (fewer if the layer is damaged, an [`std::io::Error`] then) and nothing for all else. It
    /// need not be read to its end.
    fn entry(&mut self, entry: &Entry, content: &mut dyn Read);
}

/// Receives layers as a stream brings them.
pub trait LayerSink: EntryVisitor {
    /// The entries that follow belong to the layer `key`.
    fn begin(&mut self, key: &str);
    /// The layer is over.
    fn end(&mut self, key: &str, end: LayerEnd);
}

/// An image of the target, or what is known of one that could not be resolved.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are images, so boxing them would save nothing"
)]
#[derive(Debug, Clone)]
pub enum Resolved {
    /// Manifest and configuration were read.
    Image(Image),
    /// They were not: a report with a gap is all there can be.
    Broken {
        /// The image as one could name it again.
        target: String,
        /// Digest of the manifest that was asked for.
        manifest: Option<Digest>,
        /// Platform, if an index says.
        platform: Option<Platform>,
        /// Why.
        reason: String,
    },
}

/// One image: one platform of what a reference names.
#[derive(Debug, Clone)]
pub struct Image {
    /// The image as one could name it again: `registry:HOST/REPO@DIGEST`, `oci-dir:PATH:TAG`.
    pub target: String,
    /// All names it has where it is held, without digests: `docker.io/library/tomcat:9`.
    pub names: Vec<String>,
    /// Digest of the manifest as stored there, if there is one.
    pub manifest: Option<Digest>,
    /// Digest of the configuration blob (the image ID); `None` for folders and files.
    pub config_digest: Option<Digest>,
    /// Platform, `None` for folders and files.
    pub platform: Option<Platform>,
    /// `artifactType`, or the configuration's media type, if it is not a container image: its
    /// layers are then read as plain files.
    pub artifact: Option<String>,
    /// What the configuration says; default for artifacts, folders and files.
    pub config: ImageConfig,
    /// The layers, base first.
    pub layers: Vec<Layer>,
    /// What is wrong with the image as a whole, for example a configuration that lists another
    /// number of layers than the manifest. Each becomes a gap.
    pub damage: Vec<String>,
}

/// One layer as a source names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Name of the layer inside its source, unique there.
    pub key: String,
    /// Digest of the layer as stored (compressed), to be verified while reading.
    pub digest: Option<Digest>,
    /// Digest of the uncompressed tar, to be verified while reading.
    pub diff_id: Option<Digest>,
    /// Length as stored, in bytes.
    pub size: Option<u64>,
    /// Media type as written.
    pub media_type: String,
    /// What it holds.
    pub content: LayerContent,
}

/// What a layer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LayerContent {
    /// A tar, compressed or not.
    Tar,
    /// One file: the content of an artifact; its name.
    Blob(String),
    /// Content that the manifest says to fetch elsewhere (`urls`) and that is not held here.
    Foreign(Vec<String>),
}

/// How reading a layer ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LayerEnd {
    /// Digest of the uncompressed layer as read; `None` if its end was not reached or it is no
    /// tar.
    pub diff_id: Option<Digest>,
    /// Uncompressed bytes read.
    pub bytes: u64,
    /// What is wrong: truncated, another digest than promised, a bound that was hit, an entry
    /// that cannot be read. Each becomes a gap.
    pub damage: Vec<Damage>,
}

/// One thing wrong with a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The path concerned, as in [`Entry::path`]; `None` for the layer as a whole.
    pub path: Option<bstr::BString>,
    /// What, as a fragment: "the gzip data ends early, after 1,024 bytes".
    pub reason: String,
}
