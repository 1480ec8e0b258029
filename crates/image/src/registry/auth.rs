//! Answering a registry that wants to know who asks.
//!
//! Source: distribution's "Token Authentication Specification" and "OAuth2 Token Authentication";
//! RFC 9110 section 11 and RFC 7617 for Basic. Credentials go to the registry itself and to the
//! token service it names, and to nobody else.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::text::printable;
use reqwest::blocking::{RequestBuilder, Response};
use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, InvalidHeaderValue, WWW_AUTHENTICATE,
};
use reqwest::{Method, Url};
use serde::Deserialize;

use super::answer;
use super::challenge::{self, Challenge};
use super::credentials::{Found, Keyring, Secret};
use super::endpoint::{DOCKER_HUB, Endpoint, shown};
use super::retry::{self, Attempt, Limits};
use super::transport::Transport;
use crate::{Error, ErrorKind};

/// Longest answer of a token service, in bytes; tokens have a few thousand.
const TOKEN_BYTES: usize = 256 << 10;
/// Longest time for it once it has begun.
const TOKEN_TIME: Duration = Duration::from_secs(30);
/// Name by which token services know this program.
const CLIENT_ID: &str = "bilgewatch";
/// Most authorizations kept; a client that walks a whole catalog starts over then.
const KEPT: usize = 1_024;

/// The credentials of one client and what they were exchanged for.
#[derive(Debug)]
pub(super) struct Authorizer {
    keyring: Keyring,
    kept: Mutex<HashMap<Area, Granted>>,
}

/// What an authorization is good for: a repository of a registry.
pub(super) type Area = (String, String);

/// The part of a path that the registry judges as one: the repository, or all of a path that
/// names none.
pub(super) fn area(endpoint: &Endpoint, path: &str) -> Area {
    let repository = ["/manifests/", "/blobs/", "/tags/", "/referrers/"]
        .into_iter()
        .find_map(|part| Some(path.rsplit_once(part)?.0))
        .unwrap_or(path);
    (endpoint.registry.clone(), repository.to_owned())
}

/// An authorization, and what to say if the registry refuses it.
#[derive(Debug, Clone)]
pub(super) struct Granted {
    /// Value of the `Authorization` field; marked sensitive, so that it is never printed.
    pub header: HeaderValue,
    /// Whether credentials were found for it.
    pub is_anonymous: bool,
    /// What went wrong in search of credentials.
    pub trouble: Option<String>,
}

/// One request for authorization: who asks it, and how patiently to go about it.
pub(super) struct Asking<'a> {
    pub transport: &'a Transport,
    pub endpoint: &'a Endpoint,
    /// URL that was answered with a challenge.
    pub url: &'a Url,
    pub area: &'a Area,
    pub limits: Limits,
}

impl Authorizer {
    /// With the credentials of `keyring`.
    pub fn new(keyring: Keyring) -> Self {
        Self {
            keyring,
            kept: Mutex::default(),
        }
    }

    /// The authorization that was last granted for `area`.
    pub fn kept(&self, area: &Area) -> Option<Granted> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(area).cloned()
    }

    fn keep(&self, area: &Area, granted: &Granted) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(area.clone(), granted.clone());
    }

    /// Answers the challenges in `headers`, the best first.
    ///
    /// # Errors
    /// If none can be answered, or the token service refuses.
    pub fn grant(&self, asking: &Asking<'_>, headers: &HeaderMap) -> Result<Granted, Error> {
        let challenges: Vec<Challenge> = headers
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .filter_map(|field| field.to_str().ok())
            .flat_map(challenge::parse)
            .collect();
        let (registry, repository) = asking.area;
        let found = self.keyring.find(registry, repository);
        let is_anonymous = found.secret.is_none();
        let bearer = challenges
            .iter()
            .find(|c| c.scheme == "bearer" && c.get("realm").is_some());
        let header = if let Some(bearer) = bearer {
            bearer_header(asking, bearer, &found)
        } else if challenges.iter().any(|c| c.scheme == "basic") {
            basic_header(asking, &found)
        } else {
            Err(unknown_challenge(asking, &challenges))
        };
        let header = header.map_err(|error| with_trouble(error, found.trouble.as_deref()))?;
        let granted = Granted {
            header,
            is_anonymous,
            trouble: found.trouble,
        };
        self.keep(asking.area, &granted);
        Ok(granted)
    }
}

/// An error with what went wrong in search of credentials.
fn with_trouble(mut error: Error, trouble: Option<&str>) -> Error {
    if let Some(trouble) = trouble {
        error.message.push_str(&format!("; {trouble}"));
    }
    error
}

/// An error of a registry that refuses what it was offered, or was offered nothing.
pub(super) fn refused(mut error: Error, registry: &str, granted: Option<&Granted>) -> Error {
    let login = if registry == DOCKER_HUB {
        "`docker login`".to_owned()
    } else {
        format!("`docker login {}`", printable(registry.as_bytes()))
    };
    let trouble = granted.and_then(|granted| granted.trouble.as_deref());
    error = with_trouble(error, trouble);
    match (error.kind, granted) {
        (ErrorKind::Unauthorized, Some(granted)) if !granted.is_anonymous => {
            error
                .message
                .push_str("; the credentials for it are refused");
            error.advise(format!(
                "check that the name exists and that the user may read it, or log in again with {login}"
            ))
        }
        (ErrorKind::Unauthorized, _) => {
            error
                .message
                .push_str("; it does not exist or needs credentials");
            error.advise(format!("check the name, or log in with {login}"))
        }
        (ErrorKind::RateLimited, granted) if granted.is_none_or(|g| g.is_anonymous) => error
            .advise(format!(
                "log in with {login}, which usually raises the limit, ask a mirror, or try later"
            )),
        _ => error,
    }
}

fn unknown_challenge(asking: &Asking<'_>, challenges: &[Challenge]) -> Error {
    let schemes: Vec<String> = challenges
        .iter()
        .map(|c| printable(c.scheme.as_bytes()))
        .collect();
    let wants = if schemes.is_empty() {
        "without saying how to log in".to_owned()
    } else {
        format!(
            "and wants {}, which is not spoken here",
            schemes.join(" or ")
        )
    };
    Error::new(
        ErrorKind::Unauthorized,
        format!("{} answered 401 Unauthorized {wants}", shown(asking.url)),
    )
    .advise("check that this is a registry: Basic and Bearer are what registries ask for")
}

fn basic_header(asking: &Asking<'_>, found: &Found) -> Result<HeaderValue, Error> {
    let Some(Secret::Password(user, password)) = &found.secret else {
        let lacks = Error::new(
            ErrorKind::Unauthorized,
            format!("{} wants a user name and password", shown(asking.url)),
        );
        return Err(refused(lacks, &asking.endpoint.registry, None));
    };
    sensitive(basic(user, password))
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn sensitive(text: String) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(&text).map_err(|_: InvalidHeaderValue| {
        Error::new(
            ErrorKind::Invalid,
            "a token holds characters that no header may hold",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn bearer_header(
    asking: &Asking<'_>,
    challenge: &Challenge,
    found: &Found,
) -> Result<HeaderValue, Error> {
    if let Some(Secret::Registry(token)) = &found.secret {
        return sensitive(format!("Bearer {token}"));
    }
    let realm = realm(asking, challenge)?;
    let about = format!("the token service {}", shown(&realm));
    let token = retry::run(asking.limits, || {
        let request = match token_request(asking.transport, &realm, challenge, &found.secret) {
            Ok(request) => request,
            Err(error) => return Attempt::Fail(error),
        };
        match Transport::send(request) {
            Ok(response) => token_of(response, &about),
            Err(failure) if failure.may_pass() => Attempt::Again(failure.into_error(&realm)),
            Err(failure) => Attempt::Fail(failure.into_error(&realm)),
        }
    });
    let token = token.map_err(|error| {
        let granted = Granted {
            header: HeaderValue::from_static(""),
            is_anonymous: found.secret.is_none(),
            trouble: None,
        };
        refused(error, &asking.endpoint.registry, Some(&granted))
    })?;
    sensitive(format!("Bearer {token}"))
}

/// Where tokens are issued. Plain HTTP is for registries that are plain HTTP themselves.
fn realm(asking: &Asking<'_>, challenge: &Challenge) -> Result<Url, Error> {
    let text = challenge.get("realm").unwrap_or_default();
    let bad = |why: &str| {
        Error::new(
            ErrorKind::Invalid,
            format!(
                "{} names a token service that {why}: `{}`",
                shown(asking.url),
                answer::quote(text.as_bytes())
            ),
        )
    };
    let url = Url::parse(text).map_err(|error| bad(&format!("is not a URL ({error})")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("has a user name in it"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if asking.url.scheme() == "http" && asking.transport.trust.may_be_plain(&url) => {
            Ok(url)
        }
        "http" => Err(bad("is plain HTTP, to which no credentials are sent")),
        _ => Err(bad("is neither http nor https")),
    }
}

fn token_request(
    transport: &Transport,
    realm: &Url,
    challenge: &Challenge,
    secret: &Option<Secret>,
) -> Result<RequestBuilder, Error> {
    let mut fields = Vec::new();
    for name in ["service", "scope"] {
        if let Some(value) = challenge.get(name) {
            fields.push((name, value));
        }
    }
    if let Some(Secret::Identity(token)) = secret {
        fields.push(("grant_type", "refresh_token"));
        fields.push(("client_id", CLIENT_ID));
        fields.push(("refresh_token", token));
        let mut form = realm.clone();
        form.query_pairs_mut().clear().extend_pairs(fields);
        let body = form.query().unwrap_or_default().to_owned();
        return Ok(transport
            .request(Method::POST, realm)?
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body));
    }
    let mut url = realm.clone();
    if let Some(Secret::Password(user, _)) = secret {
        fields.push(("account", user));
    }
    if !fields.is_empty() {
        url.query_pairs_mut().extend_pairs(fields);
    }
    let request = transport.request(Method::GET, &url)?;
    match secret {
        Some(Secret::Password(user, password)) => {
            Ok(request.header(AUTHORIZATION, sensitive(basic(user, password))?))
        }
        _ => Ok(request),
    }
}

/// Answer of a token service. How long the token lasts is left unread: the registry says when it
/// has ended, by asking again.
#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

fn token_of(mut response: Response, about: &str) -> Attempt<String> {
    if !response.status().is_success() {
        return answer::refusal(response, about);
    }
    let bytes = match answer::body(&mut response, TOKEN_BYTES, TOKEN_TIME) {
        Ok(bytes) => bytes,
        Err(unread) => {
            let reason = unread.reason(TOKEN_BYTES);
            let message = format!("the answer of {about} cannot be read: {reason}");
            return Attempt::Again(Error::new(ErrorKind::Unreachable, message));
        }
    };
    let token = serde_json::from_slice::<Token>(&bytes)
        .ok()
        .and_then(|token| token.token.or(token.access_token))
        .filter(|token| !token.is_empty());
    match token {
        Some(token) => Attempt::Done(token),
        None => Attempt::Fail(Error::new(
            ErrorKind::Invalid,
            format!(
                "{about} answered with {} and no token in it",
                answer::content_type(response.headers())
            ),
        )),
    }
}
