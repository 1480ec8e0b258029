//! From a reference to images, layers and entries, whatever holds them.
//!
//! [`open`] turns a [`Target`] into a [`Source`] (anything that can be read in any order) or a
//! [`StreamSource`] (a tar that can only be read once, front to back). Both name their images the
//! same way and hand every layer entry to an [`EntryVisitor`], so nothing above this crate knows
//! where an image came from. Layers stream: nothing of an image is written to disk, and digests
//! are checked while the bytes go by. The crate knows no rule.

pub mod compression;
pub mod daemon;
pub mod error;
pub mod layer;
pub mod local;
pub mod manifest;
pub mod options;
pub mod overlay;
pub mod registry;
pub mod source;
pub mod storage;
pub mod target;
pub mod verify;

pub use error::{Error, ErrorKind};
pub use options::Options;
pub use source::{
    Damage, EntryVisitor, Image, Layer, LayerContent, LayerEnd, LayerSink, Opened, Resolved,
    Source, StreamSource,
};
pub use target::Target;

/// Opens what `target` names: finds the images, reads manifests and configurations, no layer yet.
///
/// # Errors
/// If the target does not exist, cannot be reached or is not an image. A part of it that is
/// missing or damaged (one platform, one layer) is not an error: see [`Resolved::Broken`] and
/// [`LayerEnd::damage`].
pub fn open(target: &Target, options: &Options) -> Result<Opened, Error> {
    match target {
        Target::Registry(reference) => registry::open(reference, options).map(Opened::Random),
        Target::Docker(_) | Target::Podman(_) | Target::Containerd(_) => {
            daemon::open(target, options)
        }
        Target::DockerStorage { .. }
        | Target::PodmanStorage { .. }
        | Target::ContainerdStorage { .. } => storage::open(target, options).map(Opened::Random),
        Target::DockerArchive { .. }
        | Target::OciArchive { .. }
        | Target::OciDir { .. }
        | Target::Dir(_)
        | Target::File(_)
        | Target::Stdin => local::open(target, options),
    }
}
