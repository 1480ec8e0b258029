//! Everything a source may need besides its target. Passed in: this crate reads no environment.

use std::path::PathBuf;
use std::time::Duration;

use model::{Budget, Platform};

/// How to open images.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only these platforms; empty for all.
    pub platforms: Vec<Platform>,
    /// Bounds on documents and layers.
    pub budget: Budget,
    /// Docker's `config.json`, for credentials and credential helpers.
    pub docker_config: Option<PathBuf>,
    /// Folders searched for `docker-credential-*`; the `PATH`.
    pub helper_path: Vec<PathBuf>,
    /// User name and password for the registry, before any from `docker_config`.
    pub credentials: Option<(String, String)>,
    /// Registries (`host[:port]`) that may be asked over plain HTTP, or HTTPS with an unverified
    /// certificate. Loopback may always be asked over plain HTTP.
    pub insecure_registries: Vec<String>,
    /// PEM files with certificate authorities to trust besides the system's.
    pub ca_files: Vec<PathBuf>,
    /// Mirrors asked first: registry → base URLs in order.
    pub mirrors: Vec<(String, String)>,
    /// Proxy for HTTP and HTTPS, as in `HTTPS_PROXY`, with the hosts in `no_proxy` excepted.
    pub proxy: Option<String>,
    /// Hosts asked directly, as in `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// Most attempts for one request.
    pub attempts: u32,
    /// Longest wait for a rate limit to pass, in total for one request.
    pub patience: Duration,
    /// Longest silence on a connection.
    pub timeout: Duration,
    /// Docker's socket, from `DOCKER_HOST` or `/var/run/docker.sock`. `unix://…` or `tcp://…`.
    pub docker_host: String,
    /// Podman's socket: `/run/podman/podman.sock` or the user's.
    pub podman_host: String,
    /// containerd's socket.
    pub containerd_address: String,
    /// containerd's namespace; `None` for all.
    pub containerd_namespace: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            platforms: Vec::new(),
            budget: Budget::default(),
            docker_config: None,
            helper_path: Vec::new(),
            credentials: None,
            insecure_registries: Vec::new(),
            ca_files: Vec::new(),
            mirrors: Vec::new(),
            proxy: None,
            no_proxy: None,
            attempts: 5,
            patience: Duration::from_secs(120),
            timeout: Duration::from_secs(30),
            docker_host: "unix:///var/run/docker.sock".to_owned(),
            podman_host: "unix:///run/podman/podman.sock".to_owned(),
            containerd_address: "/run/containerd/containerd.sock".to_owned(),
            containerd_namespace: None,
        }
    }
}

impl Options {
    /// Whether `platform` is wanted.
    pub fn wants(&self, platform: &Platform) -> bool {
        self.platforms.is_empty() || self.platforms.iter().any(|wanted| wanted.covers(platform))
    }
}
