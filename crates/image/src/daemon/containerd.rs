//! Images that containerd holds, asked over its socket. Layers are read from its content store.

use std::collections::BTreeMap;

use model::text::printable;
use model::{Budget, Digest};

use super::address::{Address, Advice, check_socket};
use super::grpc::{self, Client};
use crate::manifest::{Descriptor, Documents};
use crate::storage::document;
use crate::storage::held::{self, Held, Named};
use crate::{EntryVisitor, Error, ErrorKind, Layer, LayerEnd, Options, Resolved, Source, layer};

const ADVICE: Advice = Advice {
    name: "containerd",
    absent: "start containerd, name its socket, or read its folder: containerd-storage:IMAGE",
    denied: "the socket belongs to root: run as root (sudo)",
};

/// The images that containerd holds.
pub struct Containerd {
    client: Client,
    budget: Budget,
    images: Vec<Resolved>,
    /// Namespaces to look in for a layer, by [`Layer::key`].
    namespaces: BTreeMap<String, Vec<String>>,
}

/// Opens images of containerd; all of them if `asked` is empty.
///
/// # Errors
/// If containerd does not answer or has no such image.
pub fn open(asked: &str, options: &Options) -> Result<Containerd, Error> {
    let path = match Address::parse(&options.containerd_address, ADVICE)? {
        Address::Unix(path) => path,
        Address::Tcp(host) => {
            return Err(Error::new(
                ErrorKind::Usage,
                format!("containerd listens on no TCP port, so it cannot be asked at {host}"),
            )
            .advise("give its socket: /run/containerd/containerd.sock"));
        }
    };
    check_socket(&path, ADVICE)?;
    let client = Client::connect(&path, options.timeout, ADVICE)?;
    let namespaces = match &options.containerd_namespace {
        Some(namespace) => vec![namespace.clone()],
        None => client.namespaces()?,
    };
    let mut all = Vec::new();
    for namespace in &namespaces {
        for image in client.images(namespace)? {
            all.push(named(namespace, image)?);
        }
    }
    let place = format!("containerd at {}", path.display());
    let found = held::find(asked, &all, &place)?;
    let mut images = Vec::new();
    let mut layers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in &found {
        let content = Content {
            client: &client,
            namespace: &one.namespace,
        };
        let resolved = held::resolve(one, &content, "containerd:", options);
        for image in &resolved {
            if let Resolved::Image(image) = image {
                for layer in &image.layers {
                    let known = layers.entry(layer.key.clone()).or_default();
                    if !known.contains(&one.namespace) {
                        known.push(one.namespace.clone());
                    }
                }
            }
        }
        images.extend(resolved);
    }
    if images.is_empty() && !found.is_empty() {
        return Err(held::other_platform(asked, options));
    }
    Ok(Containerd {
        client,
        budget: options.budget.clone(),
        images,
        namespaces: layers,
    })
}

/// An image record of containerd's as a name.
fn named(namespace: &str, image: grpc::Image) -> Result<Named, Error> {
    let target = image.target.unwrap_or_default();
    let digest = target.digest.parse().map_err(|error| {
        let name = printable(image.name.as_bytes());
        Error::new(
            ErrorKind::Invalid,
            format!("containerd's record of the image `{name}` names no content: {error}"),
        )
    })?;
    Ok(Named {
        namespace: namespace.to_owned(),
        name: image.name,
        target: Descriptor {
            media_type: target.media_type,
            digest,
            size: u64::try_from(target.size).ok(),
            platform: None,
            annotations: target.annotations.into_iter().collect(),
            urls: Vec::new(),
            artifact_type: None,
        },
    })
}

impl Source for Containerd {
    fn images(&self) -> &[Resolved] {
        &self.images
    }

    fn read_layer(&self, layer: &Layer, visitor: &mut dyn EntryVisitor) -> Result<LayerEnd, Error> {
        let digest = layer.digest.as_ref().map(ToString::to_string);
        let digest = digest.unwrap_or_else(|| layer.key.clone());
        let mut failure = Error::new(
            ErrorKind::NotFound,
            format!("containerd holds no layer {}", layer.key),
        );
        for namespace in self.namespaces.get(&layer.key).into_iter().flatten() {
            match self.client.open(namespace, &digest) {
                Ok(mut content) => {
                    return Ok(layer::read(&mut content, layer, &self.budget, visitor));
                }
                Err(error) => failure = error,
            }
        }
        Err(match failure.kind {
            ErrorKind::NotFound => failure.advise(
                "the layer's blob was discarded after unpacking: read its snapshot with containerd-storage:IMAGE, or scan registry:IMAGE",
            ),
            _ => failure,
        })
    }
}

/// The content store, as one namespace sees it.
struct Content<'a> {
    client: &'a Client,
    namespace: &'a str,
}

impl Content<'_> {
    fn document(&self, digest: &Digest, limit: usize) -> Result<Vec<u8>, Error> {
        let content = self.client.open(self.namespace, &digest.to_string())?;
        document::read(content, limit).map_err(|error| {
            Error::new(
                ErrorKind::Unreachable,
                format!("{digest} cannot be read from containerd: {error}"),
            )
        })
    }
}

impl Documents for Content<'_> {
    fn manifest(&self, descriptor: &Descriptor, limit: usize) -> Result<Vec<u8>, Error> {
        self.document(&descriptor.digest, limit)
    }

    fn blob(&self, descriptor: &Descriptor, limit: usize) -> Result<Vec<u8>, Error> {
        self.document(&descriptor.digest, limit)
    }
}

impl Held for Content<'_> {
    fn holds(&self, digest: &Digest) -> bool {
        // A failed call says nothing: taken as held, what is missing is reported, not left out.
        self.client
            .holds(self.namespace, &digest.to_string())
            .unwrap_or(true)
    }
}
