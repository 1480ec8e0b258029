//! From a root descriptor to images: indexes followed, documents verified, layers named.

use std::collections::BTreeSet;

use model::text::{cut, printable};
use model::{Digest, ImageConfig, Platform};

use super::config::parse_config;
use super::document::{Document, Listed};
use super::{Descriptor, Documents};
use crate::{Error, ErrorKind, Image, Layer, LayerContent, Options, Resolved, verify};

/// Deepest nest of indexes. Tools write two levels.
const DEPTH_MAX: usize = 8;
/// Most documents read from one root, so that an index of indexes cannot multiply.
const DOCUMENTS_MAX: usize = 10_000;
/// Most layers of one image: overlayfs takes 500, Docker 127.
const LAYERS_MAX: usize = 4_096;

/// What a root leads to.
#[derive(Debug, Default)]
pub struct Resolution {
    /// The wanted images.
    pub images: Vec<Resolved>,
    /// Platforms that are there and were not asked for.
    pub unwanted: Vec<Platform>,
}

/// Walks from `root` (an index or a manifest) to all wanted images. Nested indexes are followed, a
/// loop or too deep a nest is broken off and said. What cannot be read becomes
/// [`Resolved::Broken`]; layer keys are the layers' digests.
///
/// `target_of` names an image as one could name it again, given its manifest's descriptor.
pub fn resolve(
    documents: &dyn Documents,
    root: &Descriptor,
    names: &[String],
    target_of: &dyn Fn(&Descriptor) -> String,
    options: &Options,
) -> Vec<Resolved> {
    resolve_all(documents, root, names, target_of, options).images
}

/// As [`resolve`], and also tells which platforms were passed over.
pub fn resolve_all(
    documents: &dyn Documents,
    root: &Descriptor,
    names: &[String],
    target_of: &dyn Fn(&Descriptor) -> String,
    options: &Options,
) -> Resolution {
    let mut walk = Walk {
        documents,
        names,
        target_of,
        options,
        seen: BTreeSet::new(),
        found: Resolution::default(),
    };
    // Last in, first out, with siblings pushed backwards: the order of the index.
    let mut pending = vec![(root.clone(), 0)];
    while let Some((descriptor, depth)) = pending.pop() {
        let listed = walk.one(&descriptor, depth);
        pending.extend(listed.into_iter().rev().map(|next| (next, depth + 1)));
    }
    walk.found
}

/// The error for a target none of whose images is of a wanted platform.
pub fn no_such_platform(target: &str, options: &Options, unwanted: &[Platform]) -> Error {
    /// Most platforms listed.
    const LISTED: usize = 20;
    let list = |platforms: &[Platform]| {
        let names: Vec<String> = platforms.iter().take(LISTED).map(shown).collect();
        names.join(", ")
    };
    let target = printable(target.as_bytes());
    Error::new(
        ErrorKind::NotFound,
        format!("{target} has no image for {}", list(&options.platforms)),
    )
    .advise(format!("it has images for {}", list(unwanted)))
}

fn shown(platform: &Platform) -> String {
    cut(&printable(platform.to_string().as_bytes()), 100)
}

struct Walk<'a> {
    documents: &'a dyn Documents,
    names: &'a [String],
    target_of: &'a dyn Fn(&Descriptor) -> String,
    options: &'a Options,
    seen: BTreeSet<Digest>,
    found: Resolution,
}

impl Walk<'_> {
    /// Reads one document: an image is kept, the entries of an index come back.
    fn one(&mut self, descriptor: &Descriptor, depth: usize) -> Vec<Descriptor> {
        if !self.seen.insert(descriptor.digest.clone()) {
            return Vec::new();
        }
        let document = if depth > DEPTH_MAX {
            Err(format!("indexes are nested more than {DEPTH_MAX} deep"))
        } else {
            self.manifest(descriptor)
                .and_then(|bytes| Document::parse(&bytes))
        };
        match document {
            Err(problem) => {
                self.broken(
                    descriptor,
                    format!("manifest {}: {problem}", descriptor.digest),
                );
                Vec::new()
            }
            Ok(Document::Index(listed)) => self.index(descriptor, listed),
            Ok(Document::Manifest {
                config,
                layers,
                artifact_type,
            }) => {
                self.image(descriptor, &config, &layers, artifact_type);
                Vec::new()
            }
        }
    }

    fn manifest(&self, descriptor: &Descriptor) -> Result<Vec<u8>, String> {
        self.check_length(descriptor)?;
        let limit = self.options.budget.document;
        let bytes = self
            .documents
            .manifest(descriptor, limit)
            .map_err(|error| error.message)?;
        verify::check(&bytes, &descriptor.digest, descriptor.size)?;
        Ok(bytes)
    }

    fn check_length(&self, descriptor: &Descriptor) -> Result<(), String> {
        let limit = self.options.budget.document;
        match descriptor.size {
            Some(size) if size > limit as u64 => Err(format!(
                "it is {size} bytes long, over the bound of {limit} for a document"
            )),
            _ => Ok(()),
        }
    }

    fn broken(&mut self, descriptor: &Descriptor, reason: String) {
        self.found.images.push(Resolved::Broken {
            target: (self.target_of)(descriptor),
            manifest: Some(descriptor.digest.clone()),
            platform: descriptor.platform.clone(),
            reason,
        });
    }

    /// The wanted entries of an index.
    fn index(&mut self, index: &Descriptor, listed: Vec<Listed>) -> Vec<Descriptor> {
        let mut wanted = Vec::new();
        for (n, entry) in listed.into_iter().enumerate() {
            if self.seen.len() + wanted.len() >= DOCUMENTS_MAX {
                self.broken(
                    index,
                    format!(
                        "index {} leads to more than {DOCUMENTS_MAX} documents",
                        index.digest
                    ),
                );
                break;
            }
            match entry {
                Ok(entry) if self.wants(entry.platform.as_ref()) => wanted.push(entry),
                Ok(entry) => self.pass_over(entry.platform),
                Err(problem) => {
                    self.broken(
                        index,
                        format!("entry {n} of index {}: {problem}", index.digest),
                    );
                }
            }
        }
        wanted
    }

    /// What is of no known platform (an attestation, an artifact) is always wanted.
    fn wants(&self, platform: Option<&Platform>) -> bool {
        platform.is_none_or(|platform| is_unknown(platform) || self.options.wants(platform))
    }

    fn pass_over(&mut self, platform: Option<Platform>) {
        if let Some(platform) = platform
            && !self.found.unwanted.contains(&platform)
        {
            self.found.unwanted.push(platform);
        }
    }

    fn image(
        &mut self,
        descriptor: &Descriptor,
        config: &Listed,
        layers: &[Listed],
        artifact_type: Option<String>,
    ) {
        let artifact = artifact_of(descriptor, config.as_ref().ok(), layers, artifact_type);
        let read = match (config, &artifact) {
            (Ok(config), _) if is_image_config(&config.media_type) => self.config(config),
            (_, Some(_)) => Ok(ImageConfig::default()),
            (Ok(config), None) => self.config(config),
            (Err(problem), None) => Err(problem.clone()),
        };
        let config_digest = config.as_ref().ok().map(|config| config.digest.clone());
        let image_config = match (read, &artifact) {
            (Ok(image_config), _) => image_config,
            (Err(problem), _) => {
                let name = config_digest.map_or_else(String::new, |digest| format!(" {digest}"));
                self.broken(
                    descriptor,
                    format!(
                        "manifest {}, configuration{name}: {problem}",
                        descriptor.digest
                    ),
                );
                return;
            }
        };
        let platform = platform_of(descriptor, &image_config, artifact.is_some());
        if artifact.is_none() && !self.wants(platform.as_ref()) {
            self.pass_over(platform);
            return;
        }
        let mut damage = Vec::new();
        let layers = layers_of(layers, &image_config, artifact.is_some(), &mut damage);
        self.found.images.push(Resolved::Image(Image {
            target: (self.target_of)(descriptor),
            names: self.names.to_vec(),
            manifest: Some(descriptor.digest.clone()),
            config_digest,
            platform,
            artifact,
            config: image_config,
            layers,
            damage,
        }));
    }

    fn config(&self, descriptor: &Descriptor) -> Result<ImageConfig, String> {
        self.check_length(descriptor)?;
        let limit = self.options.budget.document;
        let bytes = self
            .documents
            .blob(descriptor, limit)
            .map_err(|error| error.message)?;
        verify::check(&bytes, &descriptor.digest, descriptor.size)?;
        parse_config(&bytes).map_err(|error| error.message)
    }
}

/// Whether a platform says nothing: what BuildKit writes for attestations.
fn is_unknown(platform: &Platform) -> bool {
    let is_unknown = |word: &str| word.is_empty() || word == "unknown";
    is_unknown(&platform.os) && is_unknown(&platform.architecture)
}

/// The platform the configuration says, for it decides what runs; else the index's.
fn platform_of(
    descriptor: &Descriptor,
    config: &ImageConfig,
    is_artifact: bool,
) -> Option<Platform> {
    if is_unknown(&config.platform) || is_artifact {
        return descriptor.platform.clone();
    }
    let mut platform = config.platform.clone();
    if platform.variant.is_none()
        && let Some(listed) = &descriptor.platform
        && platform.covers(listed)
    {
        platform.variant.clone_from(&listed.variant);
    }
    Some(platform)
}

/// Whether runtimes take a configuration of this media type for an image's. Old tools left it
/// out or wrote something general.
fn is_image_config(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/vnd.oci.image.config.v1+json"
            | "application/vnd.docker.container.image.v1+json"
            | "application/octet-stream"
            | "application/json"
            | ""
    )
}

/// Whether the media type says that something is a tar.
fn is_tar(media_type: &str) -> bool {
    media_type.contains(".tar") || media_type.ends_with("+tar") || media_type.contains("/x-tar")
}

/// Whether runtimes fetch a layer of this media type from its URLs.
fn is_foreign(media_type: &str) -> bool {
    media_type.contains(".rootfs.foreign.") || media_type.contains(".layer.nondistributable.")
}

/// What kind of artifact a manifest is; `None` for a container image. An `artifactType` alone
/// makes none: runtimes ignore it, and run what has an image's configuration.
fn artifact_of(
    descriptor: &Descriptor,
    config: Option<&Descriptor>,
    layers: &[Listed],
    artifact_type: Option<String>,
) -> Option<String> {
    let media_type = config.map_or("", |config| config.media_type.as_str());
    let has_no_tar = !layers.is_empty()
        && layers.iter().all(|layer| {
            matches!(layer, Ok(layer) if !layer.media_type.is_empty() && !is_tar(&layer.media_type))
        });
    let is_attestation = descriptor.platform.as_ref().is_some_and(is_unknown) && has_no_tar;
    let is_image = config.is_some() && is_image_config(media_type);
    if is_image && !is_attestation && !(has_no_tar && artifact_type.is_some()) {
        return None;
    }
    if config.is_none() && artifact_type.is_none() {
        return None;
    }
    let layer_type = || {
        let layer = layers.first()?.as_ref().ok()?;
        is_attestation.then(|| layer.media_type.clone())
    };
    artifact_type
        .or_else(layer_type)
        .or_else(|| Some(media_type.to_owned()))
}

/// The layers as a source names them.
fn layers_of(
    listed: &[Listed],
    config: &ImageConfig,
    is_artifact: bool,
    damage: &mut Vec<String>,
) -> Vec<Layer> {
    let is_paired = listed.len() == config.diff_ids.len();
    if !is_paired && !is_artifact {
        damage.push(format!(
            "the manifest lists {} layers, and the configuration has digests for {}",
            listed.len(),
            config.diff_ids.len()
        ));
    }
    if listed.len() > LAYERS_MAX {
        damage.push(format!(
            "it has {} layers, over the bound of {LAYERS_MAX}",
            listed.len()
        ));
    }
    let mut layers = Vec::new();
    for (n, layer) in listed.iter().take(LAYERS_MAX).enumerate() {
        let layer = match layer {
            Ok(layer) => layer,
            Err(problem) => {
                damage.push(format!("layer {n} of the manifest: {problem}"));
                continue;
            }
        };
        let diff_id = config.diff_ids.get(n).filter(|_| is_paired);
        layers.push(Layer {
            key: layer.digest.to_string(),
            digest: Some(layer.digest.clone()),
            diff_id: diff_id.cloned(),
            size: layer.size,
            media_type: layer.media_type.clone(),
            content: content_of(layer, is_artifact),
        });
    }
    layers
}

fn content_of(layer: &Descriptor, is_artifact: bool) -> LayerContent {
    /// Longest name kept of an artifact's file.
    const NAME: usize = 1_024;
    if is_foreign(&layer.media_type) && !layer.urls.is_empty() {
        return LayerContent::Foreign(layer.urls.clone());
    }
    if !is_artifact || is_tar(&layer.media_type) {
        return LayerContent::Tar;
    }
    let title = layer.annotations.get("org.opencontainers.image.title");
    let name = title.filter(|title| !title.is_empty());
    LayerContent::Blob(name.map_or_else(|| layer.digest.to_string(), |name| cut(name, NAME)))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
