//! A registry's API: asks the right place, proves who asks, follows redirects and tries again.
//!
//! Source: OCI distribution specification 1.1. Everything is synchronous, and nothing here may be
//! called from inside an async runtime.

use std::time::Duration;

use model::Digest;
use reqwest::blocking::Response;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, HeaderValue, LOCATION, RANGE,
};
use reqwest::{Method, StatusCode, Url};

use super::answer::{self, Unread};
use super::auth::{self, Asking, Authorizer, Granted};
use super::credentials::Keyring;
use super::endpoint::{Endpoint, shown};
use super::retry::{self, Attempt, Limits};
use super::transport::{Failure, Transport};
use crate::{Error, ErrorKind, Options, verify};

/// Most redirects of one request: a blob store is one or two away.
const REDIRECTS: usize = 8;
/// Longest time for a whole document once its answer has begun, as a multiple of the longest
/// silence: documents are small, and whoever drips them means harm.
const DOCUMENT_SILENCES: u32 = 10;

/// One registry with its mirrors and credentials. Connections and tokens are kept, so that one
/// client should serve all requests to a registry; it can be used from several threads.
#[derive(Debug)]
pub struct Client {
    endpoints: Vec<Endpoint>,
    transport: Transport,
    authorizer: Authorizer,
    limits: Limits,
    document_time: Duration,
}

/// A document and how it came.
#[derive(Debug, Clone)]
pub struct Document {
    /// The bytes as sent.
    pub bytes: Vec<u8>,
    /// Header of the answer.
    pub headers: HeaderMap,
}

/// One request.
#[derive(Debug, Clone, Copy)]
struct Request<'a> {
    path: &'a str,
    accept: &'a str,
    /// First byte wanted.
    offset: u64,
}

/// A success, and where it came from.
pub(super) struct Answer {
    pub response: Response,
    pub url: Url,
}

/// An answer of any status.
struct Reply {
    answer: Answer,
    /// Whether the registry itself gave it, rather than whom it redirected to.
    is_own: bool,
}

/// Why a request brought no answer: an error, and whether another attempt may do better.
struct Stop {
    error: Error,
    may_pass: bool,
}

impl Stop {
    fn of(failure: Failure, url: &Url) -> Self {
        Self {
            may_pass: failure.may_pass(),
            error: failure.into_error(url),
        }
    }

    fn into_attempt<T>(self) -> Attempt<T> {
        if self.may_pass {
            Attempt::Again(self.error)
        } else {
            Attempt::Fail(self.error)
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self {
            error,
            may_pass: false,
        }
    }
}

impl Client {
    /// A client for `registry`: `docker.io`, `host[:port]`. Nothing is asked yet.
    ///
    /// # Errors
    /// If a mirror, the proxy or a CA file cannot be used.
    pub fn new(registry: &str, options: &Options) -> Result<Self, Error> {
        let transport = Transport::new(options)?;
        Ok(Self {
            endpoints: Endpoint::all(registry, options, &transport.trust)?,
            authorizer: Authorizer::new(Keyring::of(registry, options)),
            limits: Limits::of(options),
            document_time: options.timeout.saturating_mul(DOCUMENT_SILENCES),
            transport,
        })
    }

    /// The whole answer to `GET /v2/PATH`, at most `limit` bytes, from the first mirror that gives
    /// it or the registry itself.
    ///
    /// # Errors
    /// That of the registry itself.
    pub fn get(&self, path: &str, accept: &str, limit: usize) -> Result<Document, Error> {
        self.get_checked(path, accept, limit, &|_| Ok(()))
    }

    /// The same for content that has a digest: who sends other content counts as not having it.
    ///
    /// # Errors
    /// That of the registry itself.
    pub fn get_digest(
        &self,
        path: &str,
        accept: &str,
        limit: usize,
        digest: &Digest,
    ) -> Result<Document, Error> {
        self.get_checked(path, accept, limit, &|document| {
            let found = verify::digest_of(digest.algorithm(), &document.bytes);
            if found == *digest {
                return Ok(());
            }
            Err(Error::new(
                ErrorKind::Invalid,
                format!("the content sent for {digest} has the digest {found}"),
            ))
        })
    }

    /// The same with a check of one's own, which whoever fails it counts as not having it.
    pub(super) fn get_checked(
        &self,
        path: &str,
        accept: &str,
        limit: usize,
        check: &dyn Fn(&Document) -> Result<(), Error>,
    ) -> Result<Document, Error> {
        let request = Request {
            path,
            accept,
            offset: 0,
        };
        self.first(&request, &|answer| match self.document(answer, limit) {
            Attempt::Done(document) => match check(&document) {
                Ok(()) => Attempt::Done(document),
                Err(error) => Attempt::Fail(error),
            },
            other => other,
        })
    }

    /// An open transfer of a blob, from byte `offset` on if the server can do that.
    ///
    /// # Errors
    /// That of the registry itself.
    pub(super) fn open_blob(&self, path: &str, offset: u64) -> Result<Answer, Error> {
        let request = Request {
            path,
            accept: "*/*",
            offset,
        };
        self.first(&request, &Attempt::Done)
    }

    /// The bounds on asking again.
    pub(super) const fn limits(&self) -> Limits {
        self.limits
    }

    /// Asks one endpoint after another.
    fn first<T>(
        &self,
        request: &Request<'_>,
        read: &dyn Fn(Answer) -> Attempt<T>,
    ) -> Result<T, Error> {
        let mut passed_over = String::new();
        for endpoint in &self.endpoints {
            if !endpoint.is_mirror {
                return self.exchange(endpoint, request, read).map_err(|mut error| {
                    error.message.push_str(&passed_over);
                    error
                });
            }
            if endpoint.is_down() {
                continue;
            }
            match self.exchange(endpoint, request, read) {
                Ok(found) => return Ok(found),
                Err(error) => {
                    if error.kind == ErrorKind::Unreachable {
                        endpoint.mark_down();
                    }
                    passed_over.push_str(&format!("; mirror {}: {error}", endpoint.registry));
                }
            }
        }
        Err(Error::new(ErrorKind::Invalid, "no registry to ask"))
    }

    /// Asks one endpoint until it answers or a bound is hit.
    fn exchange<T>(
        &self,
        endpoint: &Endpoint,
        request: &Request<'_>,
        read: &dyn Fn(Answer) -> Attempt<T>,
    ) -> Result<T, Error> {
        let limits = if endpoint.is_mirror {
            self.limits.impatient()
        } else {
            self.limits
        };
        let area = auth::area(endpoint, request.path);
        let mut granted: Option<Granted> = self.authorizer.kept(&area);
        let mut has_asked = false;
        retry::run(limits, || {
            let header = granted.as_ref().map(|granted| granted.header.clone());
            let mut reply = match self.follow(endpoint, request, header.as_ref()) {
                Ok(reply) => reply,
                Err(stop) => return stop.into_attempt(),
            };
            let is_challenge = |reply: &Reply| {
                reply.is_own && reply.answer.response.status() == StatusCode::UNAUTHORIZED
            };
            if is_challenge(&reply) && !has_asked {
                has_asked = true;
                let asking = Asking {
                    transport: &self.transport,
                    endpoint,
                    url: &reply.answer.url,
                    area: &area,
                    limits,
                };
                let headers = reply.answer.response.headers();
                let new = match self.authorizer.grant(&asking, headers) {
                    Ok(new) => granted.insert(new),
                    Err(error) => return Attempt::Fail(error),
                };
                reply = match self.follow(endpoint, request, Some(&new.header)) {
                    Ok(reply) => reply,
                    Err(stop) => return stop.into_attempt(),
                };
            }
            let Reply { answer, is_own } = reply;
            if answer.response.status().is_success() {
                return read(answer);
            }
            let about = format!("GET {}", shown(&answer.url));
            let attempt = answer::refusal(answer.response, &about);
            match attempt {
                Attempt::Fail(error) if is_own => {
                    Attempt::Fail(auth::refused(error, &endpoint.registry, granted.as_ref()))
                }
                Attempt::Wait(asked, error) => Attempt::Wait(
                    asked,
                    auth::refused(error, &endpoint.registry, granted.as_ref()),
                ),
                other => other,
            }
        })
    }

    /// Sends a request and follows redirects. The authorization goes to the registry alone.
    fn follow(
        &self,
        endpoint: &Endpoint,
        request: &Request<'_>,
        authorization: Option<&HeaderValue>,
    ) -> Result<Reply, Stop> {
        let mut answer = self.reach(endpoint, request, authorization)?;
        let origin = answer.url.origin();
        for _ in 0..REDIRECTS {
            let Some(next) = redirect(&answer)? else {
                let is_own = answer.url.origin() == origin;
                return Ok(Reply { answer, is_own });
            };
            let allowed = authorization.filter(|_| next.origin() == origin);
            answer = self
                .send(&next, request, allowed)?
                .map_err(|failure| Stop::of(failure, &next))?;
        }
        Err(Stop::from(Error::new(
            ErrorKind::Invalid,
            format!(
                "GET {} leads through more than {REDIRECTS} redirects",
                shown(&answer.url)
            ),
        )))
    }

    /// The first answer of an endpoint. HTTPS is tried first, and plain HTTP after it only where
    /// that is allowed and the other side turned out not to speak TLS.
    fn reach(
        &self,
        endpoint: &Endpoint,
        request: &Request<'_>,
        authorization: Option<&HeaderValue>,
    ) -> Result<Answer, Stop> {
        let scheme = endpoint.scheme().unwrap_or("https");
        let url = endpoint.url(scheme, request.path)?;
        let failure = match self.send(&url, request, authorization)? {
            Ok(answer) => {
                endpoint.speaks(scheme);
                return Ok(answer);
            }
            Err(failure) => failure,
        };
        let plain = endpoint.url("http", request.path)?;
        let may_be_plain = endpoint.scheme().is_none()
            && self.transport.trust.may_be_plain(&plain)
            && failure.suggests_plain(endpoint.has_default_port());
        if !may_be_plain {
            return Err(Stop::of(failure, &url));
        }
        match self.send(&plain, request, authorization)? {
            Ok(answer) => {
                endpoint.speaks("http");
                Ok(answer)
            }
            Err(second) => Err(Stop::of(second, &plain)),
        }
    }

    fn send(
        &self,
        url: &Url,
        request: &Request<'_>,
        authorization: Option<&HeaderValue>,
    ) -> Result<Result<Answer, Failure>, Error> {
        let mut builder = self
            .transport
            .request(Method::GET, url)?
            .header(ACCEPT, request.accept)
            // Digests are over the bytes as stored.
            .header(ACCEPT_ENCODING, "identity");
        if request.offset > 0 {
            builder = builder.header(RANGE, format!("bytes={}-", request.offset));
        }
        if let Some(authorization) = authorization {
            builder = builder.header(AUTHORIZATION, authorization.clone());
        }
        Ok(Transport::send(builder).map(|response| Answer {
            response,
            url: url.clone(),
        }))
    }

    fn document(&self, mut answer: Answer, limit: usize) -> Attempt<Document> {
        let about = shown(&answer.url);
        match answer::body(&mut answer.response, limit, self.document_time) {
            Ok(bytes) => Attempt::Done(Document {
                bytes,
                headers: answer.response.headers().clone(),
            }),
            Err(unread) => {
                let message = format!("{about} cannot be read: {}", unread.reason(limit));
                match unread {
                    Unread::TooLong => Attempt::Fail(Error::new(ErrorKind::Invalid, message)),
                    Unread::TooSlow => Attempt::Fail(Error::new(ErrorKind::Unreachable, message)),
                    Unread::Broken(_) => {
                        Attempt::Again(Error::new(ErrorKind::Unreachable, message))
                    }
                }
            }
        }
    }
}

/// Where an answer redirects to, if it does.
fn redirect(answer: &Answer) -> Result<Option<Url>, Error> {
    let status = answer.response.status();
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let from = shown(&answer.url);
    let bad = |why: &str| {
        Error::new(
            ErrorKind::Invalid,
            format!("GET {from} redirects {why}, which is not followed"),
        )
    };
    let location = answer.response.headers().get(LOCATION);
    let target = location
        .and_then(|location| location.to_str().ok())
        .and_then(|location| answer.url.join(location).ok())
        .ok_or_else(|| bad("to no URL"))?;
    match (answer.url.scheme(), target.scheme()) {
        (_, "https") | ("http", "http") => Ok(Some(target)),
        ("https", "http") => Err(bad(&format!(
            "from HTTPS to plain HTTP at {}",
            shown(&target)
        ))),
        _ => Err(bad("to what is neither http nor https")),
    }
}
