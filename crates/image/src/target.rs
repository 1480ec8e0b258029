//! What a user may name: a bare reference, or a prefix and what follows it.

use std::path::PathBuf;

use crate::Error;

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
    /// # Errors
    /// If the prefix is unknown or what follows it is malformed.
    pub fn parse(_text: &str) -> Result<Self, Error> {
        unimplemented!("helper: registry")
    }
}
