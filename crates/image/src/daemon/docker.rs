//! Docker's engine API, which podman's service speaks too.
//!
//! Source: Docker Engine API v1.41 (`ImageList`, `ImageInspect`, `ImageGet`, `ImageGetAll`) and
//! v1.48 (`manifests` of `ImageInspect`). No version is put in the paths: the daemon then speaks
//! its newest, and these calls have not changed. An export is a tar in the form of `docker save`.

use std::time::Duration;

use model::text::{cut, printable};
use model::{Budget, Digest};
use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::address::{Address, Advice, cannot_connect, causes, check_socket};
use crate::local::stream::TarStream;
use crate::storage::document;
use crate::storage::held::{other_platform, wanted};
use crate::storage::names;
use crate::target::Reference;
use crate::{Error, ErrorKind, LayerSink, Options, Resolved, StreamSource};

/// Longest wait for the next bytes of an export. Docker writes the whole tar to its own disk
/// before it sends the first byte, and is silent until then.
const EXPORT_PATIENCE: Duration = Duration::from_secs(30 * 60);
/// Most of an error's body that is read: a JSON object with one message.
const ERROR_BYTES: usize = 64 << 10;
/// Longest message of the daemon that is quoted.
const QUOTE_BYTES: usize = 500;

/// Which daemon is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Docker.
    Docker,
    /// Podman's service.
    Podman,
}

impl Engine {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
        }
    }

    const fn advice(self) -> Advice {
        match self {
            Self::Docker => Advice {
                name: "Docker",
                absent: "start Docker, set DOCKER_HOST, or read its folder without it: docker-storage:IMAGE",
                denied: "the socket belongs to root and the group docker: run as root (sudo), join the group, or read docker-storage:IMAGE as root",
            },
            Self::Podman => Advice {
                name: "podman's service",
                absent: "start it (`podman system service`, or `systemctl start podman.socket`), or read its folder without it: podman-storage:IMAGE",
                denied: "the socket belongs to another user: run as that user or as root, or read podman-storage:FOLDER:IMAGE",
            },
        }
    }

    fn host(self, options: &Options) -> &str {
        match self {
            Self::Docker => &options.docker_host,
            Self::Podman => &options.podman_host,
        }
    }
}

/// An image as a list or an inspection names it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    id: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    /// With containerd's image store: what an index names, and whether it is held.
    #[serde(default)]
    manifests: Option<Vec<ManifestSummary>>,
}

#[derive(Debug, Clone, Deserialize)]
struct ManifestSummary {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "Available", default)]
    available: bool,
}

impl Inspected {
    /// The image's names, normalised.
    fn names(&self) -> Vec<String> {
        let tags = self.repo_tags.iter().flatten();
        tags.filter(|tag| !tag.contains("<none>"))
            .map(|tag| names::canonical(tag))
            .collect()
    }

    /// The manifests that an index of it names and the daemon does not hold.
    fn absent(&self) -> Vec<Digest> {
        let manifests = self.manifests.iter().flatten();
        manifests
            .filter(|manifest| !manifest.available)
            .filter_map(|manifest| manifest.id.parse().ok())
            .collect()
    }
}

/// Opens images of a daemon; all of them if `asked` is empty.
///
/// # Errors
/// If the daemon does not answer, refuses, or has no such image.
pub fn open(
    engine: Engine,
    asked: &str,
    options: &Options,
) -> Result<Box<dyn StreamSource>, Error> {
    let api = Api::connect(engine, options)?;
    let images = if asked.is_empty() {
        api.get::<Vec<Inspected>>("/images/json")?
    } else {
        vec![api.inspect(asked)?]
    };
    Ok(Box::new(Export {
        api,
        asked: asked.to_owned(),
        images,
        options: options.clone(),
    }))
}

/// A connection to the API.
struct Api {
    engine: Engine,
    client: Client,
    base: String,
    place: String,
    document: usize,
}

impl Api {
    fn connect(engine: Engine, options: &Options) -> Result<Self, Error> {
        let advice = engine.advice();
        let host = engine.host(options);
        let address = Address::parse(host, advice)?;
        // Plain HTTP only. The client still wants a TLS configuration: one that trusts nobody.
        let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::new(ErrorKind::Invalid, error.to_string()))?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(options.timeout)
            .timeout(options.timeout);
        let base = match &address {
            Address::Unix(path) => {
                check_socket(path, advice)?;
                builder = builder.unix_socket(path.clone());
                "http://localhost".to_owned()
            }
            Address::Tcp(host) => format!("http://{host}"),
        };
        let client = builder.build().map_err(|error| {
            Error::new(
                ErrorKind::Invalid,
                format!("cannot make a client for {host}: {error}"),
            )
        })?;
        Ok(Self {
            engine,
            client,
            base,
            place: printable(host.as_bytes()),
            document: options.budget.document,
        })
    }

    fn inspect(&self, asked: &str) -> Result<Inspected, Error> {
        let plain_id = names::is_id(asked, asked.strip_prefix("sha256:").unwrap_or(asked));
        if !plain_id {
            // Also keeps `..`, `?` and the like out of the request's path.
            Reference::parse(asked)?;
        }
        // `manifests` is ignored before API 1.48.
        let path = format!("/images/{asked}/json?manifests=1");
        self.get(&path).map_err(|error| match error.kind {
            ErrorKind::NotFound => {
                let prefix = self.engine.prefix();
                let asked = printable(asked.as_bytes());
                Error::new(
                    ErrorKind::NotFound,
                    format!(
                        "{} at {} has no image `{asked}`",
                        self.engine.advice().name,
                        self.place
                    ),
                )
                .advise(format!(
                    "`{prefix} images` lists what it has; get it with `{prefix} pull {asked}`, or scan registry:{asked}"
                ))
            }
            _ => error,
        })
    }

    /// A JSON document.
    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        let response = self.request(path, None)?;
        let body = document::read(response, self.document)
            .map_err(|error| self.failed(path, &error.to_string()))?;
        serde_json::from_slice(&body).map_err(|error| {
            let text = format!("the answer is not the JSON that was expected: {error}");
            self.failed(path, &text)
        })
    }

    fn request(&self, path: &str, timeout: Option<Duration>) -> Result<Response, Error> {
        let mut request = self.client.get(format!("{}{path}", self.base));
        if let Some(timeout) = timeout {
            request = request.timeout(timeout);
        }
        let response = request
            .send()
            .map_err(|error| self.unreachable(path, &error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        Err(self.refused(path, status, response))
    }

    fn unreachable(&self, path: &str, error: &reqwest::Error) -> Error {
        if error.is_connect() {
            let error = std::io::Error::other(causes(error));
            return cannot_connect(&self.place, &error, self.engine.advice());
        }
        self.failed(path, &causes(error))
    }

    fn failed(&self, path: &str, why: &str) -> Error {
        let name = self.engine.advice().name;
        Error::new(
            ErrorKind::Unreachable,
            format!("GET {path} from {name} at {} failed: {why}", self.place),
        )
    }

    /// The error for an answer other than success; its body is `{"message": …}`.
    fn refused(&self, path: &str, status: StatusCode, response: Response) -> Error {
        #[derive(Deserialize)]
        struct Message {
            message: String,
        }
        // Whatever can be read of it helps to explain the status.
        let body = document::read_head(response, ERROR_BYTES).unwrap_or_default();
        let text = serde_json::from_slice::<Message>(&body)
            .map_or_else(|_| printable(&body), |m| printable(m.message.as_bytes()));
        let text = cut(text.trim(), QUOTE_BYTES);
        let kind = match status {
            StatusCode::NOT_FOUND => ErrorKind::NotFound,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ErrorKind::Unauthorized,
            StatusCode::TOO_MANY_REQUESTS => ErrorKind::RateLimited,
            status if status.is_server_error() => ErrorKind::Unreachable,
            _ => ErrorKind::Invalid,
        };
        let name = self.engine.advice().name;
        let error = Error::new(
            kind,
            format!(
                "{name} at {} answered {status} to GET {path}: {text}",
                self.place
            ),
        );
        if status == StatusCode::BAD_REQUEST && text.contains("HTTPS server") {
            return error.advise(
                "it asks for TLS, which is not supported: forward its socket over ssh, or scan on that host",
            );
        }
        error
    }
}

/// Images to be exported, all in one tar so that layers they share are sent once.
struct Export {
    api: Api,
    asked: String,
    images: Vec<Inspected>,
    options: Options,
}

impl StreamSource for Export {
    fn drain(self: Box<Self>, sink: &mut dyn LayerSink) -> Result<Vec<Resolved>, Error> {
        let path = match self.images.as_slice() {
            [] => return Ok(Vec::new()),
            // By ID: the name may have moved on since it was looked up.
            [one] => format!("/images/{}/get", one.id),
            many => {
                let names: Vec<String> = many
                    .iter()
                    .map(|image| format!("names={}", image.id))
                    .collect();
                format!("/images/get?{}", names.join("&"))
            }
        };
        let response = self.api.request(&path, Some(EXPORT_PATIENCE))?;
        let budget: &Budget = &self.options.budget;
        let stream =
            TarStream::new(Box::new(response), budget.clone()).named(self.api.engine.prefix());
        let drained = Box::new(stream).drain(sink)?;
        let found = drained.len();
        let resolved: Vec<Resolved> = drained
            .into_iter()
            .filter_map(|one| self.named(one))
            .collect();
        if resolved.is_empty() && found > 0 && !self.options.platforms.is_empty() {
            return Err(other_platform(&self.asked, &self.options));
        }
        Ok(resolved)
    }
}

impl Export {
    /// An image of the export with the daemon's names for it; `None` if it is of a platform that
    /// was not asked for, or that the daemon does not hold.
    fn named(&self, one: Resolved) -> Option<Resolved> {
        let inspected = self.inspected(&one);
        match one {
            Resolved::Image(mut image) => {
                if !wanted(&self.options, image.platform.as_ref()) {
                    return None;
                }
                if let Some(inspected) = inspected {
                    image.names = inspected.names();
                    image.target = self.target(inspected);
                }
                Some(Resolved::Image(image))
            }
            Resolved::Broken {
                mut target,
                manifest,
                platform,
                reason,
            } => {
                if !wanted(&self.options, platform.as_ref()) {
                    return None;
                }
                let absent = inspected.map(Inspected::absent).unwrap_or_default();
                let unheld = manifest.as_ref().is_some_and(|m| absent.contains(m));
                if unheld && self.options.platforms.is_empty() {
                    return None;
                }
                if let Some(inspected) = inspected {
                    target = self.target(inspected);
                }
                Some(Resolved::Broken {
                    target,
                    manifest,
                    platform,
                    reason,
                })
            }
        }
    }

    /// Which of the images that were asked for `one` is.
    fn inspected(&self, one: &Resolved) -> Option<&Inspected> {
        if let [only] = self.images.as_slice() {
            return Some(only);
        }
        let (config, manifest, names) = match one {
            Resolved::Image(image) => (
                image.config_digest.as_ref(),
                image.manifest.as_ref(),
                image.names.as_slice(),
            ),
            Resolved::Broken { manifest, .. } => (None, manifest.as_ref(), [].as_slice()),
        };
        let is = |digest: Option<&Digest>, id: &str| {
            digest.is_some_and(|d| d.hex() == id.strip_prefix("sha256:").unwrap_or(id))
        };
        self.images.iter().find(|image| {
            is(config, &image.id)
                || is(manifest, &image.id)
                || image.names().iter().any(|name| names.contains(name))
        })
    }

    fn target(&self, image: &Inspected) -> String {
        let names = image.names();
        let name = names.first().unwrap_or(&image.id);
        format!("{}:{name}", self.api.engine.prefix())
    }
}
