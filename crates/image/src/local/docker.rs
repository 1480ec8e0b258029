//! Docker's catalog: `manifest.json`, one object an image, naming files of the archive.
//!
//! Source: Docker image specification v1.2 ("Combined Image JSON + Filesystem Changeset Format").
//! Written by `docker save`, podman, skopeo, kaniko, BuildKit, Bazel, Nix and others, which differ
//! in how they name the files.

use model::text::{cut, printable};
use model::{Algorithm, Digest, ImageConfig, Platform};

use super::catalog::{Held, Listing, Naming, digest_of_path};
use crate::layer::path::normalise;
use crate::manifest::{self, Object, Resolution, parse_config};
use crate::{Error, ErrorKind, Image, Layer, LayerContent, Options, Resolved, verify};

/// The catalog's name.
pub const CATALOG: &str = "manifest.json";
/// Most images of one archive.
const IMAGES_MAX: usize = 10_000;
/// Most layers of one image: Docker takes 127.
const LAYERS_MAX: usize = 4_096;

/// Everything `manifest.json` lists.
///
/// # Errors
/// If there is none, or it cannot be read.
pub fn listings(
    held: &dyn Held,
    naming: &Naming,
    options: &Options,
) -> Result<Vec<Listing>, Error> {
    let bytes = held.document(CATALOG, options.budget.document)?;
    let value = manifest::parse_json(&bytes).map_err(invalid)?;
    let entries = value
        .as_array()
        .ok_or_else(|| invalid("it is no JSON list".to_owned()))?;
    let mut listings: Vec<Listing> = entries
        .iter()
        .take(IMAGES_MAX)
        .map(|entry| listing(entry, held, naming, options))
        .collect();
    if entries.len() > IMAGES_MAX {
        let reason = format!(
            "{CATALOG} lists {} images, over the bound of {IMAGES_MAX}",
            entries.len()
        );
        listings.push(broken(naming.target().to_owned(), reason));
    }
    Ok(listings)
}

fn invalid(problem: String) -> Error {
    Error::new(
        ErrorKind::Invalid,
        format!("{CATALOG} cannot be read: {problem}"),
    )
}

fn broken(target: String, reason: String) -> Listing {
    Listing {
        found: Resolution {
            images: vec![Resolved::Broken {
                target,
                manifest: None,
                platform: None,
                reason,
            }],
            unwanted: Vec::new(),
        },
        ..Listing::default()
    }
}

fn listing(
    entry: &serde_json::Value,
    held: &dyn Held,
    naming: &Naming,
    options: &Options,
) -> Listing {
    let entry = match manifest::object(entry).and_then(|entry| {
        entry.require_unambiguous(&["Config", "Layers", "RepoTags"])?;
        Ok(entry)
    }) {
        Ok(entry) => entry,
        Err(problem) => {
            let reason = format!("an entry of {CATALOG} cannot be read: {problem}");
            return broken(naming.target().to_owned(), reason);
        }
    };
    let names = entry.texts("RepoTags");
    let path = entry.text("Config");
    let read = configuration(&path, held, options);
    let mut listing = match read {
        Ok((config, digest)) => image(&entry, config, digest, held, naming, options),
        Err(problem) => broken(naming.of(&names, None), problem),
    };
    listing.names = names;
    listing
}

/// The configuration and its digest, with what is wrong about its name.
fn configuration(
    path: &str,
    held: &dyn Held,
    options: &Options,
) -> Result<(ImageConfig, Digest), String> {
    let shown = cut(&printable(path.as_bytes()), 300);
    let fail = |error: Error| format!("the configuration {shown}: {}", error.message);
    let normal = normalise(path.as_bytes()).to_string();
    let bytes = held
        .document(&normal, options.budget.document)
        .map_err(fail)?;
    let promised = digest_in_name(&normal);
    let algorithm = promised
        .as_ref()
        .map_or(Algorithm::Sha256, Digest::algorithm);
    let digest = verify::digest_of(algorithm, &bytes);
    if let Some(promised) = promised.filter(|promised| *promised != digest) {
        return Err(format!(
            "the configuration {shown}: its digest is {digest}, and its name says {promised}"
        ));
    }
    Ok((parse_config(&bytes).map_err(fail)?, digest))
}

/// The digest that the name of a configuration promises: `HEX.json`, `sha256:HEX` or a blob.
fn digest_in_name(path: &str) -> Option<Digest> {
    digest_of_path(path)
        .or_else(|| path.parse().ok())
        .or_else(|| {
            format!("sha256:{}", path.strip_suffix(".json")?)
                .parse()
                .ok()
        })
}

fn image(
    entry: &Object<'_>,
    config: ImageConfig,
    digest: Digest,
    held: &dyn Held,
    naming: &Naming,
    options: &Options,
) -> Listing {
    let names = entry.texts("RepoTags");
    let platform = (config.platform != Platform::default()).then(|| config.platform.clone());
    let mut listing = Listing {
        digests: vec![digest.clone()],
        ..Listing::default()
    };
    if let Some(platform) = platform.clone().filter(|platform| !options.wants(platform)) {
        listing.found.unwanted.push(platform);
        return listing;
    }
    let paths = entry.texts("Layers");
    let mut damage = Vec::new();
    let is_paired = paths.len() == config.diff_ids.len();
    if !is_paired {
        damage.push(format!(
            "{CATALOG} lists {} layers, and the configuration has digests for {}",
            paths.len(),
            config.diff_ids.len()
        ));
    }
    if paths.len() > LAYERS_MAX {
        damage.push(format!(
            "it has {} layers, over the bound of {LAYERS_MAX}",
            paths.len()
        ));
    }
    let layers = paths
        .iter()
        .take(LAYERS_MAX)
        .enumerate()
        .map(|(n, path)| {
            let diff_id = config.diff_ids.get(n).filter(|_| is_paired);
            layer(path, diff_id.cloned(), held)
        })
        .collect();
    listing.found.images.push(Resolved::Image(Image {
        target: naming.of(&names, Some(&digest)),
        names,
        manifest: None,
        config_digest: Some(digest),
        platform,
        artifact: None,
        config,
        layers,
        damage,
    }));
    listing
}

/// A layer by its file. One that is missing keeps its name: reading it will say so.
fn layer(path: &str, diff_id: Option<Digest>, held: &dyn Held) -> Layer {
    let path = normalise(path.as_bytes()).to_string();
    let path = held.locate(&path).unwrap_or(path);
    let digest = digest_of_path(&path);
    Layer {
        key: digest.as_ref().map_or(path, Digest::to_string),
        digest,
        diff_id,
        size: None,
        media_type: String::new(),
        content: LayerContent::Tar,
    }
}
