//! Registries that fail, dawdle, limit or lie.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use image::registry::Client;
use image::{ErrorKind, Options};
use model::Algorithm;

use crate::server::{Reply, Server};
use crate::{get, options};

/// Answers the first requests with `first`, all later ones with `{}`.
fn then_well(times: usize, first: Reply) -> Server {
    let asked = AtomicUsize::new(0);
    Server::plain(move |_| {
        if asked.fetch_add(1, Ordering::SeqCst) < times {
            first.clone()
        } else {
            Reply::ok("{}")
        }
    })
}

fn always(reply: Reply) -> Server {
    then_well(usize::MAX, reply)
}

#[test]
fn failures_that_pass_are_survived() {
    for reply in [
        Reply::new(500, "boom"),
        Reply::new(408, ""),
        Reply::new(503, "").with("Retry-After", "0"),
        Reply::new(429, "").with("Retry-After", "1"),
        Reply::ok("0123456789").cut(3),
    ] {
        let server = then_well(2, reply.clone());
        assert_eq!(get(&server.host(), &options()).unwrap(), "{}", "{reply:?}");
        assert_eq!(server.seen().len(), 3);
    }
}

#[test]
fn failures_that_last_are_said() {
    let error_500 = r#"{"errors":[{"code":"UNKNOWN","message":"disk\u001b[31m full"}]}"#;
    for (reply, kind, words, requests) in [
        (
            Reply::new(500, error_500),
            ErrorKind::Unreachable,
            "UNKNOWN: disk\\u{1b}[31m full (3 attempts)",
            3,
        ),
        (
            Reply::new(403, ""),
            ErrorKind::Unauthorized,
            "403 Forbidden",
            1,
        ),
        (
            Reply::new(404, r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#),
            ErrorKind::NotFound,
            "404 Not Found: NAME_UNKNOWN",
            1,
        ),
        (
            Reply::new(400, "<html>no"),
            ErrorKind::Invalid,
            "<html>no",
            1,
        ),
        (Reply::new(501, ""), ErrorKind::Unreachable, "501", 1),
        (
            Reply::ok("0123456789").cut(3),
            ErrorKind::Unreachable,
            "broke off",
            3,
        ),
        (
            Reply::new(500, "x").endless(),
            ErrorKind::Unreachable,
            "500",
            3,
        ),
        (
            Reply::redirect("/v2/again"),
            ErrorKind::Invalid,
            "redirects",
            9,
        ),
        (
            Reply::redirect("file:///etc/passwd"),
            ErrorKind::Invalid,
            "redirects",
            1,
        ),
        (Reply::new(302, ""), ErrorKind::Invalid, "to no URL", 1),
    ] {
        let server = always(reply);
        let error = get(&server.host(), &options()).unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.message.contains(words), "{words}: {error}");
        assert_eq!(server.seen().len(), requests, "{error}");
    }
}

#[test]
fn rate_limits_end_with_advice() {
    let server = always(Reply::new(429, "").with("Retry-After", "3600"));
    let error = get(&server.host(), &options()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::RateLimited);
    assert!(error.message.contains("3600 s"), "{error}");
    assert!(error.advice.unwrap().contains("log in"));
    assert_eq!(server.seen().len(), 1, "no wait that cannot help");
}

#[test]
fn documents_are_bounded_in_length_and_time() {
    let server = always(Reply::ok("x".repeat(1000)).endless());
    let error = get(&server.host(), &options()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(
        error.message.contains("longer than the 65536 bytes"),
        "{error}"
    );

    let server = always(Reply::ok("{}").after(Duration::from_secs(5)));
    let hasty = Options {
        timeout: Duration::from_millis(400),
        attempts: 1,
        ..options()
    };
    let start = Instant::now();
    let error = get(&server.host(), &hasty).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[test]
fn what_does_not_listen_is_unreachable() {
    let address = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = get(&address.to_string(), &options()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(error.message.contains("connection refused"), "{error}");
}

#[test]
fn content_of_another_digest_is_refused() {
    let server = always(Reply::ok("other"));
    let client = Client::new(&server.host(), &options()).unwrap();
    let digest = image::verify::digest_of(Algorithm::Sha256, b"wanted");
    let error = client
        .get_digest("a/blobs/x", "*/*", 100, &digest)
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(error.message.contains(&digest.to_string()), "{error}");
}

#[test]
fn mirrors_are_asked_first_and_passed_over_when_they_lack_it() {
    let mirror = Server::plain(|_| Reply::ok("\"mirror\""));
    let empty = Server::plain(|_| Reply::new(404, ""));
    let limited = Server::plain(|_| Reply::new(429, ""));
    let registry = Server::plain(|_| Reply::ok("\"registry\""));
    let with = |mirrors: &[&Server]| Options {
        mirrors: mirrors
            .iter()
            .map(|mirror| (registry.host(), format!("http://{}/hub", mirror.host())))
            .collect(),
        credentials: Some(("user".to_owned(), "pass".to_owned())),
        ..options()
    };
    let all = with(&[&empty, &limited, &mirror]);
    assert_eq!(get(&registry.host(), &all).unwrap(), "\"mirror\"");
    assert_eq!(mirror.seen()[0].path, "/v2/hub/a/manifests/1");
    assert_eq!((limited.seen().len(), registry.seen().len()), (1, 0));
    assert_eq!(
        get(&registry.host(), &with(&[&empty])).unwrap(),
        "\"registry\""
    );

    // A mirror that sends something else counts as not having it.
    let client = Client::new(&registry.host(), &with(&[&mirror])).unwrap();
    let digest = image::verify::digest_of(Algorithm::Sha256, b"\"registry\"");
    let document = client.get_digest("a/blobs/x", "*/*", 100, &digest).unwrap();
    assert_eq!(document.bytes, b"\"registry\"");
}

#[test]
fn mirrors_do_not_get_the_registrys_credentials() {
    let mirror = Server::plain(|_| Reply::new(401, "").with("WWW-Authenticate", "Basic realm=x"));
    let registry = Server::plain(|_| Reply::new(404, ""));
    let options = Options {
        mirrors: vec![(registry.host(), format!("http://{}", mirror.host()))],
        credentials: Some(("user".to_owned(), "pass".to_owned())),
        ..options()
    };
    let error = get(&registry.host(), &options).unwrap_err();
    assert_eq!(
        error.kind,
        ErrorKind::NotFound,
        "the registry's own answer counts"
    );
    assert!(
        error.message.contains(&format!("mirror {}", mirror.host())),
        "{error}"
    );
    assert!(
        mirror
            .seen()
            .iter()
            .all(|seen| seen.authorization().is_none())
    );
}
