//! What a user may name: a bare reference, or a prefix and what follows it.
//!
//! Parsing is pure: nothing is looked up, so a text means the same everywhere. The grammar of
//! references is that of `distribution/reference` (Docker's), normalised as Docker does.

use std::fmt;
use std::net::Ipv6Addr;
use std::path::{Path, PathBuf};

use model::{Digest, text::printable};

use crate::{Error, ErrorKind};

/// Docker's registry, meant where no host is given.
const DEFAULT_REGISTRY: &str = "docker.io";
/// Longest repository, in bytes: `RepositoryNameTotalLengthMax` of `distribution/reference`.
const REPOSITORY_BYTES: usize = 255;
/// Longest tag, in bytes: OCI distribution specification, "Pulling manifests".
const TAG_BYTES: usize = 128;
/// Ends of names that are archives rather than repositories.
const ARCHIVE_SUFFIXES: [&str; 7] = [
    ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tar.lz4",
];
/// All prefixes, for error texts.
const PREFIXES: &str = "registry: docker: podman: containerd: docker-storage: podman-storage: \
                        containerd-storage: docker-archive: oci-archive: oci-dir: dir: file:";

/// A parsed target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `registry:REF` or a bare `REF`: an image in a registry.
    Registry(Reference),
    /// `docker:REF`: in the Docker daemon.
    Docker(String),
    /// `podman:REF`: in podman's service.
    Podman(String),
    /// `containerd:REF`: in containerd.
    Containerd(String),
    /// `docker-storage:[FOLDER:]REF`: Docker's storage folder, without a daemon.
    DockerStorage {
        /// Folder, `/var/lib/docker` by default.
        root: PathBuf,
        /// Name, image ID, or empty for all images.
        image: String,
    },
    /// `podman-storage:[FOLDER:]REF`: podman's, buildah's and CRI-O's storage folder.
    PodmanStorage {
        /// Folder, `/var/lib/containers/storage` by default.
        root: PathBuf,
        /// Name, image ID, or empty for all images.
        image: String,
    },
    /// `containerd-storage:[FOLDER:]REF`: containerd's storage folder.
    ContainerdStorage {
        /// Folder, `/var/lib/containerd` by default.
        root: PathBuf,
        /// Name, digest, or empty for all images.
        image: String,
    },
    /// `docker-archive:FILE[:TAG]`: what `docker save` writes.
    DockerArchive {
        /// The file.
        path: PathBuf,
        /// One of its images; all if absent.
        image: Option<String>,
    },
    /// `oci-archive:FILE[:TAG]`: an OCI layout in a tar.
    OciArchive {
        /// The file.
        path: PathBuf,
        /// One of its images; all if absent.
        image: Option<String>,
    },
    /// `oci-dir:FOLDER[:TAG]`: an OCI layout.
    OciDir {
        /// The folder.
        path: PathBuf,
        /// One of its images; all if absent.
        image: Option<String>,
    },
    /// `dir:FOLDER`: a plain folder, read as a root file system.
    Dir(PathBuf),
    /// `file:FILE`: a single file.
    File(PathBuf),
    /// `-`: a tar on standard input: any archive above, or a root file system.
    Stdin,
}

/// A reference to an image in a registry, normalised as Docker does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Host and port: `docker.io` if none was given.
    pub registry: String,
    /// Repository: `library/tomcat` for a bare `tomcat` on `docker.io`.
    pub repository: String,
    /// Tag; `latest` if neither tag nor digest was given.
    pub tag: Option<String>,
    /// Digest, which wins over the tag.
    pub digest: Option<model::Digest>,
}

impl Target {
    /// Parses a target as given on a command line.
    ///
    /// A prefix wins over a repository of that name: Docker Hub's `docker:dind` is
    /// `registry:docker:dind`. A prefix before a port and a slash is a host, though:
    /// `registry:5000/app`.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] if the prefix is unknown or what follows it is malformed.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text == "-" {
            return Ok(Self::Stdin);
        }
        if text.is_empty() {
            return Err(
                usage("the target is empty").advise("name an image, for example `alpine:3`")
            );
        }
        if let Some((prefix, rest)) = text.split_once(':')
            && let Some(target) = Self::parse_prefixed(prefix, rest)
        {
            return target;
        }
        refuse_path(text)?;
        refuse_unknown_prefix(text)?;
        Reference::parse(text).map(Self::Registry)
    }

    /// The target if `prefix` is one.
    fn parse_prefixed(prefix: &str, rest: &str) -> Option<Result<Self, Error>> {
        if !matches!(prefix, "dir" | "file") && starts_with_port(rest) {
            return None;
        }
        let is_url = rest.starts_with("//");
        if is_url && matches!(prefix, "registry" | "docker" | "podman" | "containerd") {
            return None;
        }
        Some(match prefix {
            "registry" => Reference::parse(rest).map(Self::Registry),
            "docker" => name_in(prefix, rest).map(Self::Docker),
            "podman" => name_in(prefix, rest).map(Self::Podman),
            "containerd" => name_in(prefix, rest).map(Self::Containerd),
            "docker-storage" => storage(rest, "/var/lib/docker")
                .map(|(root, image)| Self::DockerStorage { root, image }),
            "podman-storage" => storage(rest, "/var/lib/containers/storage")
                .map(|(root, image)| Self::PodmanStorage { root, image }),
            "containerd-storage" => storage(rest, "/var/lib/containerd")
                .map(|(root, image)| Self::ContainerdStorage { root, image }),
            "docker-archive" => path_and_image(prefix, rest)
                .map(|(path, image)| Self::DockerArchive { path, image }),
            "oci-archive" => {
                path_and_image(prefix, rest).map(|(path, image)| Self::OciArchive { path, image })
            }
            "oci-dir" => {
                path_and_image(prefix, rest).map(|(path, image)| Self::OciDir { path, image })
            }
            "dir" => path_only(prefix, rest).map(Self::Dir),
            "file" => path_only(prefix, rest).map(Self::File),
            _ => return None,
        })
    }
}

impl fmt::Display for Target {
    /// The target so that [`Target::parse`] reads it back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry(reference) => write!(f, "registry:{reference}"),
            Self::Docker(name) => write!(f, "docker:{name}"),
            Self::Podman(name) => write!(f, "podman:{name}"),
            Self::Containerd(name) => write!(f, "containerd:{name}"),
            Self::DockerStorage { root, image } => write_storage(f, "docker", root, image),
            Self::PodmanStorage { root, image } => write_storage(f, "podman", root, image),
            Self::ContainerdStorage { root, image } => write_storage(f, "containerd", root, image),
            Self::DockerArchive { path, image } => write_path(f, "docker-archive", path, image),
            Self::OciArchive { path, image } => write_path(f, "oci-archive", path, image),
            Self::OciDir { path, image } => write_path(f, "oci-dir", path, image),
            Self::Dir(path) => write!(f, "dir:{}", path.display()),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Stdin => f.write_str("-"),
        }
    }
}

fn write_storage(f: &mut fmt::Formatter<'_>, kind: &str, root: &Path, image: &str) -> fmt::Result {
    write!(f, "{kind}-storage:{}", root.display())?;
    if image.is_empty() {
        return Ok(());
    }
    write!(f, ":{image}")
}

fn write_path(
    f: &mut fmt::Formatter<'_>,
    prefix: &str,
    path: &Path,
    image: &Option<String>,
) -> fmt::Result {
    write!(f, "{prefix}:{}", path.display())?;
    match image {
        Some(image) if image.parse::<Digest>().is_ok() => write!(f, "@{image}"),
        Some(image) => write!(f, ":{image}"),
        None => Ok(()),
    }
}

/// Whether `rest` is a port and a path: then what stands before it is a host.
fn starts_with_port(rest: &str) -> bool {
    rest.split_once('/')
        .is_some_and(|(port, path)| is_port(port) && !path.is_empty())
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// Whether a text can only be meant as a path.
fn is_pathlike(text: &str) -> bool {
    matches!(text, "." | ".." | "~")
        || ["/", "./", "../", "~/"]
            .iter()
            .any(|start| text.starts_with(start))
}

fn refuse_path(text: &str) -> Result<(), Error> {
    let is_archive = ARCHIVE_SUFFIXES.iter().any(|end| text.ends_with(end));
    if !is_pathlike(text) && !is_archive {
        return Ok(());
    }
    let shown = printable(text.as_bytes());
    let advice = if is_archive {
        format!(
            "write docker-archive:{shown}, oci-archive:{shown} or file:{shown}; \
             registry:{shown} if it is a repository after all"
        )
    } else {
        format!("write dir:{shown}, file:{shown}, docker-archive:{shown} or oci-dir:{shown}")
    };
    Err(usage(format!(
        "`{shown}` looks like a path, and a bare target is an image in a registry"
    ))
    .advise(advice))
}

/// Refuses `oci:/x`, `docker://x`, `https://x`: no reference, so the prefix is meant as one.
fn refuse_unknown_prefix(text: &str) -> Result<(), Error> {
    let Some((prefix, rest)) = text.split_once(':') else {
        return Ok(());
    };
    if !is_pathlike(rest) || prefix.contains(['/', '@']) {
        return Ok(());
    }
    let prefix = printable(prefix.as_bytes());
    Err(match rest.strip_prefix("//") {
        Some(name) => usage(format!("`{prefix}://` is not a known prefix")).advise(format!(
            "for an image in a registry write registry:{}; the prefixes are {PREFIXES}",
            printable(name.as_bytes())
        )),
        None => usage(format!("`{prefix}:` is not a known prefix"))
            .advise(format!("the prefixes are {PREFIXES}")),
    })
}

/// A name as a daemon understands it: checked only for what no daemon takes.
fn name_in(prefix: &str, rest: &str) -> Result<String, Error> {
    if rest.is_empty() {
        return Err(usage(format!("`{prefix}:` names no image")).advise(format!(
            "write {prefix}:NAME, for example {prefix}:alpine:3"
        )));
    }
    if rest.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(usage(format!(
            "`{prefix}:{}` holds a space or control character",
            printable(rest.as_bytes())
        )));
    }
    Ok(rest.to_owned())
}

/// `[FOLDER:]REF`: a folder starts with `/`, `./` or `../`.
fn storage(rest: &str, default: &str) -> Result<(PathBuf, String), Error> {
    if !is_pathlike(rest) {
        return Ok((PathBuf::from(default), rest.to_owned()));
    }
    let (folder, image) = rest.split_once(':').unwrap_or((rest, ""));
    Ok((PathBuf::from(folder), image.to_owned()))
}

fn path_only(prefix: &str, rest: &str) -> Result<PathBuf, Error> {
    if rest.is_empty() {
        return Err(usage(format!("`{prefix}:` names no path")).advise(format!(
            "write {prefix}:PATH, for example {prefix}:./rootfs"
        )));
    }
    Ok(PathBuf::from(rest))
}

/// `PATH[:TAG]` or `PATH@DIGEST`. The tag starts after the first colon and may hold anything, also
/// a whole reference.
fn path_and_image(prefix: &str, rest: &str) -> Result<(PathBuf, Option<String>), Error> {
    let (path, image) = match rest.split_once(':') {
        None => (rest, None),
        Some((before, after)) => match before.rsplit_once('@') {
            Some((path, algorithm @ ("sha256" | "sha512"))) => {
                let digest: Digest = format!("{algorithm}:{after}").parse().map_err(bad_digest)?;
                (path, Some(digest.to_string()))
            }
            _ if after.is_empty() => (before, None),
            _ => (before, Some(after.to_owned())),
        },
    };
    if path.is_empty() {
        return Err(usage(format!("`{prefix}:` names no path"))
            .advise(format!("write {prefix}:PATH or {prefix}:PATH:TAG")));
    }
    Ok((PathBuf::from(path), image))
}

impl Reference {
    /// Parses and normalises a reference: `tomcat` is `docker.io/library/tomcat:latest`.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] if it does not follow the grammar.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() == 64
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        {
            return Err(
                usage(format!("`{text}` is an image ID, and registries know none")).advise(
                    format!("write docker:{text}, podman:{text} or containerd:{text}"),
                ),
            );
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest.parse().map_err(bad_digest)?)),
            None => (text, None),
        };
        let (registry, remainder) = split_registry(name);
        check_registry(&registry, text)?;
        let (path, tag) = match remainder.split_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (remainder, None),
        };
        if let Some(tag) = tag {
            check_tag(tag, text)?;
        }
        let repository = if registry == DEFAULT_REGISTRY && !path.contains('/') {
            format!("library/{path}")
        } else {
            path.to_owned()
        };
        check_repository(path, text)?;
        if repository.len() > REPOSITORY_BYTES {
            return Err(malformed(
                text,
                &format!("its repository is longer than {REPOSITORY_BYTES} bytes"),
            ));
        }
        let tag = match (tag, &digest) {
            (Some(tag), _) => Some(tag.to_owned()),
            (None, None) => Some("latest".to_owned()),
            (None, Some(_)) => None,
        };
        Ok(Self {
            registry,
            repository,
            tag,
            digest,
        })
    }

    /// Registry and repository: `docker.io/library/tomcat`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }
}

impl fmt::Display for Reference {
    /// The normalised reference, with tag and digest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// Splits off the registry, as `splitDockerDomain` of `distribution/reference` does: the first
/// component is a host if it holds a dot, a colon or an upper-case letter, or is `localhost`.
fn split_registry(name: &str) -> (String, &str) {
    match name.split_once('/') {
        Some((first, rest))
            if first.contains(['.', ':'])
                || first == "localhost"
                || first.chars().any(char::is_uppercase) =>
        {
            let registry = if first == "index.docker.io" {
                DEFAULT_REGISTRY
            } else {
                first
            };
            (registry.to_owned(), rest)
        }
        _ => (DEFAULT_REGISTRY.to_owned(), name),
    }
}

fn check_registry(registry: &str, text: &str) -> Result<(), Error> {
    let (host, port) = match registry.strip_prefix('[') {
        Some(rest) => {
            let Some((address, port)) = rest.split_once(']') else {
                return Err(malformed(text, "its IPv6 address has no closing `]`"));
            };
            if address.parse::<Ipv6Addr>().is_err() {
                return Err(malformed(text, "its IPv6 address is not one"));
            }
            ("", port)
        }
        None => match registry.find(':') {
            Some(colon) => registry.split_at(colon),
            None => (registry, ""),
        },
    };
    let is_name = registry.starts_with('[') || host.split('.').all(is_host_label);
    if !is_name {
        return Err(malformed(text, "its host is not a host name"));
    }
    match port.strip_prefix(':') {
        None if port.is_empty() => Ok(()),
        Some(port) if is_port(port) => Ok(()),
        _ => Err(malformed(text, "its port is not a number up to 65535")),
    }
}

fn is_host_label(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn check_tag(tag: &str, text: &str) -> Result<(), Error> {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let well_formed = tag.len() <= TAG_BYTES
        && tag.bytes().next().is_some_and(is_word)
        && tag.bytes().all(|b| is_word(b) || matches!(b, b'.' | b'-'));
    if well_formed {
        return Ok(());
    }
    Err(malformed(
        text,
        "its tag must be 1 to 128 letters, digits, `_`, `.` and `-`, not starting with `.` or `-`",
    ))
}

fn check_repository(path: &str, text: &str) -> Result<(), Error> {
    if path.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(usage(format!(
            "`{}` is not a reference: a repository is lower-case",
            printable(text.as_bytes())
        ))
        .advise(format!(
            "write `{}`",
            printable(
                text.replacen(path, &path.to_ascii_lowercase(), 1)
                    .as_bytes()
            )
        )));
    }
    if path.split('/').all(is_path_component) {
        return Ok(());
    }
    Err(malformed(
        text,
        "each part of a repository is lower-case letters and digits, joined by `.`, `_`, `__` or \
         dashes",
    ))
}

/// `alpha-numeric *(separator alpha-numeric)`, with `.`, `_`, `__` or any dashes as separators.
fn is_path_component(component: &str) -> bool {
    let is_alphanumeric = |b: u8| b.is_ascii_digit() || b.is_ascii_lowercase();
    let mut separator = Vec::new();
    let mut after_text = false;
    for byte in component.bytes() {
        if is_alphanumeric(byte) {
            let joined = separator.is_empty()
                || (after_text
                    && (matches!(separator.as_slice(), b"." | b"_" | b"__")
                        || separator.iter().all(|b| *b == b'-')));
            if !joined {
                return false;
            }
            separator.clear();
            after_text = true;
        } else {
            separator.push(byte);
        }
    }
    after_text && separator.is_empty()
}

fn usage(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Usage, message)
}

fn malformed(text: &str, why: &str) -> Error {
    usage(format!("`{}` is not a reference: {why}", printable(text.as_bytes())))
        .advise("a reference is [HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST], for example `ghcr.io/owner/app:1.0`")
}

fn bad_digest(error: model::DigestError) -> Error {
    usage(printable(error.to_string().as_bytes()))
}

#[cfg(test)]
mod tests;
