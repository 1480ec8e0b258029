//! Where a registry is reached: its hosts, its mirrors, and which of them may be asked without
//! encryption.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use model::text::printable;
use reqwest::Url;

use crate::{Error, ErrorKind, Options};

/// Docker's registry, as references name it.
pub(super) const DOCKER_HUB: &str = "docker.io";
/// The host that serves it.
const DOCKER_HUB_HOST: &str = "registry-1.docker.io";

/// One place that serves a registry's content.
#[derive(Debug)]
pub(super) struct Endpoint {
    /// What credentials are filed under: `docker.io`, `host[:port]`.
    pub registry: String,
    /// Asked instead of the registry itself.
    pub is_mirror: bool,
    /// `host[:port]`.
    authority: String,
    /// Path of the API, with a slash at its end: `/v2/`.
    root: String,
    /// `http` or `https`, once known.
    scheme: OnceLock<&'static str>,
    /// Did not answer: not asked again.
    is_down: AtomicBool,
}

impl Endpoint {
    /// The registry itself. Whether it speaks TLS is found out by asking.
    ///
    /// # Errors
    /// If `registry` is no `host[:port]`.
    pub fn of_registry(registry: &str) -> Result<Self, Error> {
        let host = if registry == DOCKER_HUB {
            DOCKER_HUB_HOST
        } else {
            registry
        };
        let endpoint = Self {
            registry: registry.to_owned(),
            is_mirror: false,
            authority: host.to_ascii_lowercase(),
            root: "/v2/".to_owned(),
            scheme: OnceLock::new(),
            is_down: AtomicBool::new(false),
        };
        endpoint.url("https", "").map(|_| endpoint)
    }

    /// A mirror. A path in `base` stands before the repository, as in Harbor's or Artifactory's
    /// proxies (`https://mirror.example/proxy` → `/v2/proxy/library/tomcat/…`), unless it holds
    /// `v2` itself: then it is the API's root as it stands.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] if `base` is no URL of that kind, or is plain HTTP to a host that may
    /// not be asked so.
    pub fn of_mirror(base: &str, trust: &Trust) -> Result<Self, Error> {
        let shown = printable(base.as_bytes());
        let text = if base.contains("://") {
            base.to_owned()
        } else {
            format!("https://{base}")
        };
        let bad = |why: &str| {
            Error::new(ErrorKind::Usage, format!("the mirror `{shown}` {why}"))
                .advise("write a mirror as https://HOST[:PORT][/PATH]")
        };
        let url = Url::parse(&text).map_err(|error| bad(&format!("is not a URL: {error}")))?;
        let authority = authority(&url).ok_or_else(|| bad("has no host"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(
                Error::new(ErrorKind::Usage, "a mirror's URL holds credentials")
                    .advise("log in to the mirror with `docker login` instead"),
            );
        }
        let scheme = match url.scheme() {
            "https" => "https",
            "http" if trust.may_be_plain(&url) => "http",
            "http" => {
                return Err(bad("is plain HTTP").advise(format!(
                    "use https://, or allow it with --insecure-registry {authority}"
                )));
            }
            _ => return Err(bad("is neither http nor https")),
        };
        let path = url.path().trim_matches('/');
        let root = if path.split('/').any(|part| part == "v2") {
            format!("/{path}/")
        } else if path.is_empty() {
            "/v2/".to_owned()
        } else {
            format!("/v2/{path}/")
        };
        Ok(Self {
            registry: authority.clone(),
            is_mirror: true,
            authority,
            root,
            scheme: OnceLock::from(scheme),
            is_down: AtomicBool::new(false),
        })
    }

    /// All places that serve `registry`, in the order to ask them.
    ///
    /// # Errors
    /// If one of them is spelled wrongly.
    pub fn all(registry: &str, options: &Options, trust: &Trust) -> Result<Vec<Self>, Error> {
        let mut all = Vec::new();
        for (of, base) in &options.mirrors {
            if of.eq_ignore_ascii_case(registry) {
                all.push(Self::of_mirror(base, trust)?);
            }
        }
        all.push(Self::of_registry(registry)?);
        Ok(all)
    }

    /// The URL of `path`, which is relative to the API's root.
    ///
    /// # Errors
    /// If host or path cannot stand in a URL.
    pub fn url(&self, scheme: &str, path: &str) -> Result<Url, Error> {
        let text = format!("{scheme}://{}{}{path}", self.authority, self.root);
        Url::parse(&text).map_err(|error| {
            let shown = printable(text.as_bytes());
            Error::new(ErrorKind::Usage, format!("`{shown}` is not a URL: {error}"))
        })
    }

    /// `https` or `http`, if an answer showed which.
    pub fn scheme(&self) -> Option<&'static str> {
        self.scheme.get().copied()
    }

    /// Remembers what an answer showed.
    pub fn speaks(&self, scheme: &'static str) {
        // Whoever came first is as right.
        let _ = self.scheme.set(scheme);
    }

    /// Whether the port is left to the scheme.
    pub fn has_default_port(&self) -> bool {
        self.url("https", "").is_ok_and(|url| url.port().is_none())
    }

    /// Whether it did not answer earlier.
    pub fn is_down(&self) -> bool {
        self.is_down.load(Ordering::Relaxed)
    }

    /// Remembers that it does not answer.
    pub fn mark_down(&self) {
        self.is_down.store(true, Ordering::Relaxed);
    }
}

/// Which hosts may be asked without TLS, or with a certificate nobody vouches for.
#[derive(Debug, Clone)]
pub(super) struct Trust {
    insecure: Vec<String>,
}

impl Trust {
    /// What `options` allow.
    pub fn of(options: &Options) -> Self {
        Self {
            insecure: options.insecure_registries.clone(),
        }
    }

    /// Whether any host may be asked with an unverified certificate.
    pub fn is_any_unverified(&self) -> bool {
        !self.insecure.is_empty()
    }

    /// Whether the user named the host of `url` insecure.
    pub fn may_be_unverified(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else {
            return false;
        };
        let with_port = url
            .port_or_known_default()
            .map(|port| format!("{host}:{port}"));
        self.insecure.iter().any(|named| {
            with_port
                .as_ref()
                .is_some_and(|authority| authority.eq_ignore_ascii_case(named))
                || (url.port().is_none() && host.eq_ignore_ascii_case(named))
        })
    }

    /// Whether the host of `url` may be asked over plain HTTP: loopback, or named insecure.
    pub fn may_be_plain(&self, url: &Url) -> bool {
        is_loopback(url) || self.may_be_unverified(url)
    }
}

/// `host[:port]` as written.
pub(super) fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// Whether the host is this machine by its spelling: `localhost`, 127.0.0.0/8, `::1`.
fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        || address.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback())
}

/// A URL as errors show it: without query, which may carry a signature, and without credentials.
pub(super) fn shown(url: &Url) -> String {
    let host = authority(url).unwrap_or_default();
    printable(format!("{}://{host}{}", url.scheme(), url.path()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust(insecure: &[&str]) -> Trust {
        Trust {
            insecure: insecure.iter().map(|&s| s.to_owned()).collect(),
        }
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn only_loopback_and_named_hosts_may_be_plain() {
        let trust = trust(&["reg.example", "other.example:5000"]);
        for plain in [
            "http://localhost:5000/",
            "http://127.3.2.1/",
            "http://[::1]:5000/",
            "http://reg.example/",
            "https://REG.example/",
            "http://other.example:5000/",
        ] {
            assert!(trust.may_be_plain(&url(plain)), "{plain}");
        }
        for not in [
            "http://localhost.example/",
            "http://128.0.0.1/",
            "http://reg.example:8080/",
            "http://other.example/",
            "http://a.reg.example/",
        ] {
            assert!(!trust.may_be_plain(&url(not)), "{not}");
        }
        assert!(!trust.may_be_unverified(&url("https://localhost/")));
    }

    #[test]
    fn docker_hub_is_served_by_another_host() {
        let hub = Endpoint::of_registry("docker.io").unwrap();
        let url = hub.url("https", "library/a/manifests/1").unwrap();
        assert_eq!(
            url.as_str(),
            "https://registry-1.docker.io/v2/library/a/manifests/1"
        );
        assert!(hub.has_default_port());
        assert!(
            !Endpoint::of_registry("[::1]:5000")
                .unwrap()
                .has_default_port()
        );
    }

    #[test]
    fn mirrors_have_a_path_or_an_api_root() {
        let none = trust(&[]);
        for (base, expected) in [
            ("mirror.example", "https://mirror.example/v2/a/b"),
            (
                "https://mirror.example:5000/",
                "https://mirror.example:5000/v2/a/b",
            ),
            (
                "https://h.example/proxy/hub",
                "https://h.example/v2/proxy/hub/a/b",
            ),
            ("https://h.example/x/v2/", "https://h.example/x/v2/a/b"),
            ("http://127.0.0.1:5000", "http://127.0.0.1:5000/v2/a/b"),
        ] {
            let mirror = Endpoint::of_mirror(base, &none).unwrap();
            let url = mirror.url(mirror.scheme().unwrap(), "a/b").unwrap();
            assert_eq!(url.as_str(), expected);
        }
        for bad in [
            "http://mirror.example",
            "ftp://h.example",
            "https://u:p@h.example",
        ] {
            let error = Endpoint::of_mirror(bad, &none).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Usage, "{bad}");
            assert!(!error.message.contains("u:p"));
        }
        assert!(Endpoint::of_mirror("http://m.example", &trust(&["m.example"])).is_ok());
    }

    #[test]
    fn signatures_in_urls_are_not_shown() {
        assert_eq!(
            shown(&url("https://u:p@cdn.example:8443/a/b?sig=secret#x")),
            "https://cdn.example:8443/a/b"
        );
    }
}
