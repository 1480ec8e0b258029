//! One request, one answer: connections, proxies, and what is said about those that fail.

use std::error::Error as StdError;
use std::io::ErrorKind as IoKind;
use std::time::Duration;

use model::text::{cut, printable};
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::redirect::Policy;
use reqwest::{Method, NoProxy, Proxy, Url};

use super::endpoint::{Trust, authority, shown};
use super::tls;
use crate::{Error, ErrorKind, Options};

/// Longest time to connect, TLS included: a host that needs longer will not serve layers.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Never asked through a proxy: the proxy's loopback is another machine's.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";
/// Who asks.
const USER_AGENT: &str = concat!("bilgewatch/", env!("CARGO_PKG_VERSION"));
/// Longest text of a failure that is quoted, in bytes.
const TEXT_BYTES: usize = 300;

/// Sends requests. Redirects are not followed here: who follows must know what to leave out.
#[derive(Debug)]
pub(super) struct Transport {
    verified: Client,
    unverified: Option<Client>,
    /// Who may be asked without TLS.
    pub trust: Trust,
}

impl Transport {
    /// A transport as `options` say.
    ///
    /// # Errors
    /// If a CA file or the proxy cannot be used.
    pub fn new(options: &Options) -> Result<Self, Error> {
        let trust = Trust::of(options);
        let unverified = if trust.is_any_unverified() {
            Some(client(tls::unverified()?, options)?)
        } else {
            None
        };
        Ok(Self {
            verified: client(tls::verified(&options.ca_files)?, options)?,
            unverified,
            trust,
        })
    }

    /// A request to be sent with [`Self::send`].
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] if it would be plain HTTP to a host that may not be asked so, or
    /// no HTTP at all.
    pub fn request(&self, method: Method, url: &Url) -> Result<RequestBuilder, Error> {
        let may_be_sent = match url.scheme() {
            "https" => true,
            "http" => self.trust.may_be_plain(url),
            _ => false,
        };
        if !may_be_sent {
            let host = authority(url).unwrap_or_default();
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("{} is not asked: it is not HTTPS", shown(url)),
            )
            .advise(format!(
                "allow plain HTTP to it with --insecure-registry {host}"
            )));
        }
        let client = match &self.unverified {
            Some(unverified) if self.trust.may_be_unverified(url) => unverified,
            _ => &self.verified,
        };
        Ok(client.request(method, url.clone()))
    }

    /// Sends a request and waits for the head of its answer.
    ///
    /// # Errors
    /// If none comes.
    pub fn send(request: RequestBuilder) -> Result<Response, Failure> {
        // The URL may carry a signature: it is not quoted.
        request
            .send()
            .map_err(|error| Failure::of(&error.without_url()))
    }
}

fn client(tls: rustls::ClientConfig, options: &Options) -> Result<Client, Error> {
    let mut builder = Client::builder()
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        .no_proxy()
        .timeout(options.timeout)
        .connect_timeout(CONNECT_TIMEOUT.min(options.timeout / 2))
        .tls_backend_preconfigured(tls);
    if let Some(proxy) = &options.proxy {
        let except = match &options.no_proxy {
            Some(hosts) => format!("{hosts},{LOOPBACK}"),
            None => LOOPBACK.to_owned(),
        };
        // The address may hold a password: it is not quoted.
        let proxy = Proxy::all(proxy).map_err(|_| {
            Error::new(ErrorKind::Usage, "the proxy's address is not a URL")
                .advise("write it as http://HOST:PORT")
        })?;
        builder = builder.proxy(proxy.no_proxy(NoProxy::from_string(&except)));
    }
    builder.build().map_err(|error| {
        Error::new(
            ErrorKind::Io,
            format!("the HTTP client cannot be set up: {}", innermost(&error)),
        )
    })
}

/// Why no answer came.
#[derive(Debug)]
pub(super) struct Failure {
    cause: Cause,
    text: String,
    tls: Option<rustls::Error>,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// The certificate is not accepted.
    Certificate,
    /// No connection: the other side does not listen there.
    Refused,
    /// No connection for another reason, including what speaks no TLS.
    Connect,
    /// Silence.
    Timeout,
    /// The connection broke, or what came is not HTTP.
    Broken,
}

impl Failure {
    fn of(error: &reqwest::Error) -> Self {
        let tls = tls::cause(error).cloned();
        let cause = match &tls {
            Some(rustls::Error::InvalidCertificate(_)) => Cause::Certificate,
            Some(_) => Cause::Connect,
            None if error.is_connect() && io_kind(error) == Some(IoKind::ConnectionRefused) => {
                Cause::Refused
            }
            None if error.is_connect() => Cause::Connect,
            None if error.is_timeout() => Cause::Timeout,
            None => Cause::Broken,
        };
        Self {
            cause,
            text: innermost(error),
            tls,
        }
    }

    /// Whether the same request may do better.
    pub fn may_pass(&self) -> bool {
        self.cause != Cause::Certificate
    }

    /// Whether a host that may be asked over plain HTTP should be, after this answer to TLS.
    pub fn suggests_plain(&self, has_default_port: bool) -> bool {
        match self.cause {
            Cause::Connect => true,
            // Port 443 is shut; 80 may not be.
            Cause::Refused => has_default_port,
            Cause::Certificate | Cause::Timeout | Cause::Broken => false,
        }
    }

    /// The failure as an error about `url`.
    pub fn into_error(self, url: &Url) -> Error {
        let host = authority(url).unwrap_or_default();
        let about = shown(url);
        if let Some((what, advice)) = self.tls.as_ref().and_then(|tls| tls::explain(tls, &host)) {
            return Error::new(
                ErrorKind::Unreachable,
                format!("{about} cannot be asked: {what}"),
            )
            .advise(advice);
        }
        let error = |what: &str| {
            Error::new(
                ErrorKind::Unreachable,
                format!("{about} cannot be asked: {what}: {}", self.text),
            )
        };
        match self.cause {
            Cause::Connect if self.tls.is_some() && url.scheme() == "https" => {
                error("it does not speak TLS as expected").advise(format!(
                    "if it is a registry without TLS, allow that with --insecure-registry {host}"
                ))
            }
            Cause::Refused => error("connection refused"),
            Cause::Connect | Cause::Certificate => error("no connection"),
            Cause::Timeout => error("no answer in time"),
            Cause::Broken => error("the connection broke"),
        }
    }
}

/// What broke a transfer, from the error that reading a body gave.
pub(super) fn broken(error: &std::io::Error) -> String {
    match error.get_ref() {
        Some(inner) => innermost(inner),
        None => error.to_string(),
    }
}

/// The kind of the I/O error at the bottom of `error`.
fn io_kind(error: &(dyn StdError + 'static)) -> Option<IoKind> {
    let mut next = Some(error);
    let mut kind = None;
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            kind = Some(io.kind());
        }
        next = error.source();
    }
    kind
}

/// The text of the error at the bottom of `error`: those above it only say "error sending request".
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    cut(&printable(last.to_string().as_bytes()), TEXT_BYTES)
}
