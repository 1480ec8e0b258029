//! Registries: images as the OCI distribution protocol serves them.
//!
//! Source: OCI distribution specification 1.1. The manifest a reference names is asked for by tag
//! or digest; from there on everything is asked for by digest, so that mirrors and blob stores need
//! no trust.

mod answer;
mod auth;
mod challenge;
pub mod client;
mod credentials;
mod endpoint;
mod helper;
mod retry;
mod tls;
mod transfer;
mod transport;

use model::{Algorithm, Digest};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::Deserialize;
use serde::de::IgnoredAny;

pub use client::{Client, Document};

use crate::manifest::{self, Descriptor, Documents};
use crate::target::Reference;
use crate::{
    EntryVisitor, Error, ErrorKind, Layer, LayerContent, LayerEnd, Options, Resolved, Source,
};
use crate::{layer, verify};
use transfer::Blob;

/// Everything that may be the root of an image, the OCI types first.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
                         application/vnd.oci.image.manifest.v1+json, \
                         application/vnd.docker.distribution.manifest.list.v2+json, \
                         application/vnd.docker.distribution.manifest.v2+json";

/// Opens an image of a registry: reads its manifests and configurations.
///
/// # Errors
/// If the registry cannot be asked, or does not have it.
pub fn open(reference: &Reference, options: &Options) -> Result<Box<dyn Source>, Error> {
    let client = Client::new(&reference.registry, options)?;
    let root = root(&client, reference, options).map_err(|mut error| {
        error.message = format!("{reference} cannot be read: {}", error.message);
        error
    })?;
    let names = match (&reference.tag, &reference.digest) {
        // With a digest the tag was not looked up.
        (Some(tag), None) => vec![format!("{}:{tag}", reference.name())],
        _ => Vec::new(),
    };
    let name = reference.name();
    let documents = Repository {
        client: &client,
        repository: &reference.repository,
        root: &root,
    };
    let mut images = manifest::resolve(
        &documents,
        &root.descriptor,
        &names,
        &|descriptor| format!("registry:{name}@{}", descriptor.digest),
        options,
    );
    if let Some(damage) = root.contradiction() {
        for image in &mut images {
            if let Resolved::Image(image) = image {
                image.damage.push(damage.clone());
            }
        }
    }
    Ok(Box::new(Registry {
        client,
        repository: reference.repository.clone(),
        images,
        options: options.clone(),
    }))
}

/// What a reference names, as it came.
struct Root {
    descriptor: Descriptor,
    bytes: Vec<u8>,
    /// Digest that the registry announced.
    announced: Option<Digest>,
}

impl Root {
    /// What is wrong if the registry sent something else than it announced. Clients that pull by
    /// tag go by the bytes, and so does this one.
    fn contradiction(&self) -> Option<String> {
        let announced = self.announced.as_ref()?;
        let sent = verify::digest_of(announced.algorithm(), &self.bytes);
        (sent != *announced)
            .then(|| format!("the registry announced the manifest as {announced} and sent {sent}"))
    }
}

fn root(client: &Client, reference: &Reference, options: &Options) -> Result<Root, Error> {
    let limit = options.budget.document;
    let path = |wanted: &str| format!("{}/manifests/{wanted}", reference.repository);
    let document = match (&reference.digest, &reference.tag) {
        (Some(digest), _) => {
            client.get_digest(&path(&digest.to_string()), MANIFESTS, limit, digest)?
        }
        (None, tag) => {
            let tag = tag.as_deref().unwrap_or("latest");
            client.get_checked(&path(tag), MANIFESTS, limit, &check_json)?
        }
    };
    let computed = match &reference.digest {
        Some(digest) => digest.clone(),
        None => verify::digest_of(Algorithm::Sha256, &document.bytes),
    };
    Ok(Root {
        descriptor: Descriptor {
            media_type: media_type(&document),
            digest: computed,
            size: u64::try_from(document.bytes.len()).ok(),
            platform: None,
            annotations: Default::default(),
            urls: Vec::new(),
            artifact_type: None,
        },
        announced: announced(&document.headers),
        bytes: document.bytes,
    })
}

/// `Docker-Content-Digest`.
fn announced(headers: &HeaderMap) -> Option<Digest> {
    headers
        .get("docker-content-digest")?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// Refuses what is no JSON, such as the page of a captive portal.
fn check_json(document: &Document) -> Result<(), Error> {
    if serde_json::from_slice::<IgnoredAny>(&document.bytes).is_ok() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Invalid,
        format!(
            "the answer is no manifest but {} of {} bytes: `{}`",
            answer::content_type(&document.headers),
            document.bytes.len(),
            answer::quote(&document.bytes)
        ),
    )
    .advise("check that the host is a registry, and that no proxy or login page stands before it"))
}

/// The media type that the document itself states, which its digest covers; else the header's.
fn media_type(document: &Document) -> String {
    #[derive(Deserialize)]
    struct Typed {
        #[serde(rename = "mediaType")]
        media_type: String,
    }
    if let Ok(typed) = serde_json::from_slice::<Typed>(&document.bytes) {
        return typed.media_type;
    }
    let header = document.headers.get(CONTENT_TYPE);
    let text = header.and_then(|value| value.to_str().ok()).unwrap_or("");
    let before_parameters = text.split(';').next().unwrap_or("");
    before_parameters.trim().to_owned()
}

/// The documents of one repository.
struct Repository<'a> {
    client: &'a Client,
    repository: &'a str,
    root: &'a Root,
}

impl Documents for Repository<'_> {
    fn manifest(&self, descriptor: &Descriptor, limit: usize) -> Result<Vec<u8>, Error> {
        if descriptor.digest == self.root.descriptor.digest {
            return Ok(self.root.bytes.clone());
        }
        let digest = &descriptor.digest;
        let path = format!("{}/manifests/{digest}", self.repository);
        let document = self.client.get_digest(&path, MANIFESTS, limit, digest)?;
        Ok(document.bytes)
    }

    fn blob(&self, descriptor: &Descriptor, limit: usize) -> Result<Vec<u8>, Error> {
        let digest = &descriptor.digest;
        let path = format!("{}/blobs/{digest}", self.repository);
        let document = self.client.get_digest(&path, "*/*", limit, digest)?;
        Ok(document.bytes)
    }
}

/// An image of a registry.
struct Registry {
    client: Client,
    repository: String,
    images: Vec<Resolved>,
    options: Options,
}

impl Source for Registry {
    fn images(&self) -> &[Resolved] {
        &self.images
    }

    /// Foreign layers are asked of the registry too, which may hold a copy; the places their
    /// descriptors name are never asked.
    fn read_layer(&self, layer: &Layer, visitor: &mut dyn EntryVisitor) -> Result<LayerEnd, Error> {
        let Some(digest) = &layer.digest else {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("layer {} has no digest to ask the registry for", layer.key),
            ));
        };
        let path = format!("{}/blobs/{digest}", self.repository);
        // One byte more than promised is enough to see that there is more.
        let limit = match layer.size {
            Some(size) => size.saturating_add(1),
            None => self.options.budget.layer_bytes,
        };
        let budget = &self.options.budget;
        let opened = Blob::open(&self.client, &path, layer.size, limit);
        if !matches!(layer.content, LayerContent::Foreign(_)) {
            return Ok(layer::read(&mut opened?, layer, budget, visitor));
        }
        match opened {
            Ok(mut copy) => {
                let held = Layer {
                    content: LayerContent::Tar,
                    ..layer.clone()
                };
                Ok(layer::read(&mut copy, &held, budget, visitor))
            }
            Err(error) if error.kind == ErrorKind::NotFound => {
                Ok(layer::read(&mut std::io::empty(), layer, budget, visitor))
            }
            Err(error) => Err(error),
        }
    }
}
