//! What an archive or layout lists: Docker's `manifest.json` and OCI's `index.json`.
//!
//! Current archives carry both, and which one a daemon follows depends on its version and store.
//! So both are read: images they agree on are one, and images only one of them lists are found too.

use model::text::{cut, printable};
use model::{Digest, Platform};

use crate::manifest::{self, Resolution};
use crate::target::Reference;
use crate::{Error, ErrorKind, Image, LayerContent, Options, Resolved};

use super::{docker, layout};

/// Files of an archive or layout, by normalised path.
pub trait Held {
    /// A whole small file, at most `limit` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none, else why it cannot be read.
    fn document(&self, path: &str, limit: usize) -> Result<Vec<u8>, Error>;

    /// Where a path leads, links inside the archive followed; `None` if there is nothing.
    fn locate(&self, path: &str) -> Option<String>;
}

/// How images are named after the target they are in.
#[derive(Debug, Clone)]
pub struct Naming(String);

impl Naming {
    /// Names after `prefix`: `oci-dir:PATH`, or `docker:` for a daemon.
    pub fn new(prefix: impl Into<String>) -> Self {
        Self(prefix.into())
    }

    /// The target itself.
    pub fn target(&self) -> &str {
        &self.0
    }

    /// An image by name or tag.
    pub fn by_name(&self, name: &str) -> String {
        let colon = if self.0.ends_with(':') { "" } else { ":" };
        format!("{}{colon}{name}", self.0)
    }

    /// An image by digest.
    pub fn by_digest(&self, digest: &Digest) -> String {
        let at = if self.0.ends_with(':') { "" } else { "@" };
        format!("{}{at}{digest}", self.0)
    }

    /// By the first name, or else by digest, or else the target itself.
    pub fn of(&self, names: &[String], digest: Option<&Digest>) -> String {
        match (names.first(), digest) {
            (Some(name), _) => self.by_name(name),
            (None, Some(digest)) => self.by_digest(digest),
            (None, None) => self.0.clone(),
        }
    }
}

/// One thing a catalog lists, and what it leads to.
#[derive(Debug, Default)]
pub struct Listing {
    /// Its names, full ones first.
    pub names: Vec<String>,
    /// Its digest and what else it may be asked for by.
    pub digests: Vec<Digest>,
    /// Images, and platforms that were passed over.
    pub found: Resolution,
}

/// The wanted images: of `selector` (a name, a tag or a digest), or all.
///
/// # Errors
/// If it is no archive or layout, or holds no image that is wanted.
pub fn images(
    held: &dyn Held,
    naming: &Naming,
    selector: Option<&str>,
    options: &Options,
) -> Result<Vec<Resolved>, Error> {
    let docker = docker::listings(held, naming, options);
    let oci = layout::listings(held, naming, options);
    let listings = match (docker, oci) {
        (Err(error), Err(other)) if is_absent(&error) && is_absent(&other) => {
            return Err(no_catalog(naming));
        }
        (docker, oci) => {
            let mut all = Vec::new();
            let mut broken = Vec::new();
            let mut keep = |listings: Result<Vec<Listing>, Error>| match listings {
                Ok(listings) => listings,
                Err(error) => {
                    if !is_absent(&error) {
                        broken.push(unreadable(naming, error.message));
                    }
                    Vec::new()
                }
            };
            let docker = keep(docker);
            let oci = keep(oci);
            join(&mut all, docker, oci);
            all.extend(broken);
            all
        }
    };
    let mut images = select(listings, naming, selector, options)?;
    for image in &mut images {
        if let Resolved::Image(image) = image {
            prefer_held(held, image);
        }
    }
    Ok(images)
}

fn is_absent(error: &Error) -> bool {
    error.kind == ErrorKind::NotFound
}

fn no_catalog(naming: &Naming) -> Error {
    let target = printable(naming.target().as_bytes());
    Error::new(
        ErrorKind::Invalid,
        format!("{target} is no image: it has neither manifest.json nor index.json"),
    )
    .advise("for a plain folder or file use dir: or file:")
}

/// A catalog that is there and cannot be read.
fn unreadable(naming: &Naming, reason: String) -> Listing {
    Listing {
        found: Resolution {
            images: vec![Resolved::Broken {
                target: naming.target().to_owned(),
                manifest: None,
                platform: None,
                reason,
            }],
            unwanted: Vec::new(),
        },
        ..Listing::default()
    }
}

/// Docker's listings with what OCI's know better about the same images, then the rest of OCI's.
fn join(all: &mut Vec<Listing>, mut docker: Vec<Listing>, oci: Vec<Listing>) {
    let mut rest = Vec::new();
    for mut listing in oci {
        let before = listing.found.images.len();
        let images = std::mem::take(&mut listing.found.images);
        for image in images {
            if let Some(image) = absorb(&mut docker, image, &listing) {
                listing.found.images.push(image);
            }
        }
        if before == 0 || !listing.found.images.is_empty() {
            rest.push(listing);
        }
    }
    all.append(&mut docker);
    all.append(&mut rest);
}

/// Gives an image of an OCI index to the Docker listing of the same image; back if there is none.
fn absorb(docker: &mut [Listing], image: Resolved, from: &Listing) -> Option<Resolved> {
    let Resolved::Image(mut image) = image else {
        return Some(image);
    };
    for listing in docker {
        let same = listing
            .found
            .images
            .iter_mut()
            .find_map(|known| match known {
                Resolved::Image(known) if is_same(known, &image) => Some(known),
                _ => None,
            });
        let Some(known) = same else { continue };
        let names = std::mem::take(&mut image.names);
        image.names = std::mem::take(&mut known.names);
        add_names(&mut image.names, &names);
        image.target = std::mem::take(&mut known.target);
        image.damage.append(&mut known.damage);
        image.damage.dedup();
        *known = image;
        add_names(&mut listing.names, &from.names);
        listing.digests.extend(from.digests.iter().cloned());
        return None;
    }
    Some(Resolved::Image(image))
}

/// Whether both describe one image: the same configuration over the same layers.
fn is_same(one: &Image, other: &Image) -> bool {
    one.config_digest.is_some()
        && one.config_digest == other.config_digest
        && (one.manifest.is_none() || one.manifest == other.manifest)
        && one.layers.len() == other.layers.len()
        && one
            .layers
            .iter()
            .zip(&other.layers)
            .all(|(a, b)| a.key == b.key)
}

/// Adds names that do not mean the same as one that is there.
fn add_names(names: &mut Vec<String>, more: &[String]) {
    for name in more {
        if !names.iter().any(|known| means_same(known, name)) {
            names.push(name.clone());
        }
    }
}

fn means_same(one: &str, other: &str) -> bool {
    one == other
        || matches!((Reference::parse(one), Reference::parse(other)), (Ok(a), Ok(b)) if a == b)
}

/// What the selector asks for.
fn select(
    listings: Vec<Listing>,
    naming: &Naming,
    selector: Option<&str>,
    options: &Options,
) -> Result<Vec<Resolved>, Error> {
    let chosen = match selector {
        None => listings,
        Some(selector) => match selector.trim_start_matches('@').parse::<Digest>() {
            Ok(digest) => by_digest(listings, &digest),
            Err(_) => by_name(listings, selector, naming)?,
        },
    };
    let is_chosen = !chosen.is_empty();
    let mut unwanted: Vec<Platform> = Vec::new();
    let mut images = Vec::new();
    for mut listing in chosen {
        images.append(&mut listing.found.images);
        unwanted.append(&mut listing.found.unwanted);
    }
    unwanted.sort();
    unwanted.dedup();
    let target = printable(naming.target().as_bytes());
    match selector {
        _ if !images.is_empty() => Ok(manifest::merge(images)),
        _ if !unwanted.is_empty() => Err(manifest::no_such_platform(
            naming.target(),
            options,
            &unwanted,
        )),
        Some(selector) if !is_chosen => Err(Error::new(
            ErrorKind::NotFound,
            format!("{target} has no image {}", printable(selector.as_bytes())),
        )),
        _ => Err(Error::new(
            ErrorKind::NotFound,
            format!("{target} lists no image"),
        )),
    }
}

fn by_digest(listings: Vec<Listing>, digest: &Digest) -> Vec<Listing> {
    let (whole, mut rest): (Vec<_>, Vec<_>) = listings
        .into_iter()
        .partition(|listing| listing.digests.contains(digest));
    if !whole.is_empty() {
        return whole;
    }
    for listing in &mut rest {
        listing.found.unwanted.clear();
        listing.found.images.retain(|image| match image {
            Resolved::Image(image) => {
                image.manifest.as_ref() == Some(digest)
                    || image.config_digest.as_ref() == Some(digest)
            }
            Resolved::Broken { manifest, .. } => manifest.as_ref() == Some(digest),
        });
    }
    rest.retain(|listing| !listing.found.images.is_empty());
    rest
}

/// Listings of this name, or of this tag if only one has it.
fn by_name(listings: Vec<Listing>, selector: &str, naming: &Naming) -> Result<Vec<Listing>, Error> {
    type Test = fn(&str, &str) -> bool;
    let tests: [Test; 3] = [
        |name, selector| name == selector,
        means_same,
        |name, selector| tag_of(name) == Some(selector),
    ];
    let Some(test) = tests.into_iter().find(|test| {
        listings
            .iter()
            .any(|listing| listing.names.iter().any(|name| test(name, selector)))
    }) else {
        return Err(no_such_name(&listings, selector, naming));
    };
    let is_tag = test("x:y", "y");
    let mut chosen = listings;
    chosen.retain(|listing| listing.names.iter().any(|name| test(name, selector)));
    if is_tag && chosen.len() > 1 {
        return Err(ambiguous(&chosen, selector, naming));
    }
    if let [listing] = chosen.as_mut_slice() {
        rename(listing, selector, naming);
    }
    Ok(chosen)
}

/// The name that was asked for comes first.
fn rename(listing: &mut Listing, selector: &str, naming: &Naming) {
    let default = listing.names.first().map(|name| naming.by_name(name));
    for image in &mut listing.found.images {
        match image {
            Resolved::Image(Image { target, .. }) | Resolved::Broken { target, .. }
                if Some(&*target) == default.as_ref() =>
            {
                *target = naming.by_name(selector);
            }
            _ => {}
        }
    }
}

/// The tag of `HOST/REPOSITORY:TAG`.
fn tag_of(name: &str) -> Option<&str> {
    let (_, tag) = name.rsplit_once(':')?;
    (!tag.contains('/')).then_some(tag)
}

fn no_such_name(listings: &[Listing], selector: &str, naming: &Naming) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!(
            "{} has no image {}",
            printable(naming.target().as_bytes()),
            printable(selector.as_bytes())
        ),
    )
    .advise(format!("it has {}", some_names(listings)))
}

fn ambiguous(listings: &[Listing], selector: &str, naming: &Naming) -> Error {
    Error::new(
        ErrorKind::Usage,
        format!(
            "{} has several images with the tag {}",
            printable(naming.target().as_bytes()),
            printable(selector.as_bytes())
        ),
    )
    .advise(format!("give the whole name: {}", some_names(listings)))
}

/// Some of what is there, for a reader.
fn some_names(listings: &[Listing]) -> String {
    /// Most names listed.
    const LISTED: usize = 10;
    let names: Vec<String> = listings
        .iter()
        .flat_map(|listing| match listing.names.as_slice() {
            [] => listing
                .digests
                .first()
                .map(Digest::to_string)
                .into_iter()
                .collect(),
            names => names.to_vec(),
        })
        .map(|name| cut(&printable(name.as_bytes()), 200))
        .collect();
    match names.len() {
        0 => "none with a name".to_owned(),
        n if n > LISTED => {
            let shown = names.get(..LISTED).unwrap_or_default().join(", ");
            format!("{shown} and {} more", n - LISTED)
        }
        _ => names.join(", "),
    }
}

/// Content that a manifest says to fetch elsewhere may be held here all the same.
fn prefer_held(held: &dyn Held, image: &mut Image) {
    for layer in &mut image.layers {
        if matches!(layer.content, LayerContent::Foreign(_))
            && held.locate(&path_of(&layer.key)).is_some()
        {
            layer.content = LayerContent::Tar;
        }
    }
}

/// Where the layer of a key is held.
pub fn path_of(key: &str) -> String {
    key.parse::<Digest>()
        .map_or_else(|_| key.to_owned(), |digest| blob_path(&digest))
}

/// Where an OCI layout holds a blob.
pub fn blob_path(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.algorithm().name(), digest.hex())
}

/// The digest a path in an OCI layout stands for.
pub fn digest_of_path(path: &str) -> Option<Digest> {
    let (algorithm, hex) = path.strip_prefix("blobs/")?.split_once('/')?;
    format!("{algorithm}:{hex}").parse().ok()
}
