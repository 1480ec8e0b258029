//! Who is trusted, and what is never sent in the clear.

use image::registry::Client;
use image::{ErrorKind, Options};

use crate::server::{Reply, Server, certificate};
use crate::{get, options};

#[test]
fn loopback_may_be_plain() {
    let server = Server::plain(|_| Reply::ok("{}"));
    assert_eq!(get(&server.host(), &options()).unwrap(), "{}");
    let named = format!("localhost:{}", server.address.port());
    assert_eq!(get(&named, &options()).unwrap(), "{}");
    assert_eq!(
        server.seen().len(),
        2,
        "the attempts at TLS are no requests"
    );
}

#[test]
fn authorities_are_added_from_files() {
    let (config, authority) = certificate("localhost");
    let server = Server::tls(config, |_| Reply::ok("{}"));
    let host = format!("localhost:{}", server.address.port());
    let error = get(&host, &options()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(error.message.contains("not trusted"), "{error}");
    assert!(error.advice.unwrap().contains("--ca-file"));
    assert_eq!(server.seen().len(), 0, "no fall back to plain HTTP");

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority).unwrap();
    let trusting = Options {
        ca_files: vec![file.path().to_owned()],
        ..options()
    };
    assert_eq!(get(&host, &trusting).unwrap(), "{}");
    let error = get(&server.host(), &trusting).unwrap_err();
    assert!(error.message.contains("another name"), "{error}");
}

#[test]
fn what_spoke_tls_is_not_asked_in_the_clear_later() {
    let (config, authority) = certificate("localhost");
    let server = Server::tls_at_first(config, 1, |_| Reply::ok("{}"));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority).unwrap();
    let options = Options {
        ca_files: vec![file.path().to_owned()],
        ..options()
    };
    let host = format!("localhost:{}", server.address.port());
    let client = Client::new(&host, &options).unwrap();
    client.get("a/manifests/1", "*/*", 100).unwrap();
    assert!(client.get("a/manifests/1", "*/*", 100).is_err());
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn insecure_registries_may_have_any_certificate_or_none() {
    let (config, _) = certificate("other.example");
    let server = Server::tls(config, |_| Reply::ok("{}"));
    let insecure = Options {
        insecure_registries: vec![server.host()],
        ..options()
    };
    assert_eq!(get(&server.host(), &insecure).unwrap(), "{}");
    let plain = Server::plain(|_| Reply::ok("{}"));
    let insecure = Options {
        insecure_registries: vec![plain.host()],
        ..options()
    };
    assert_eq!(get(&plain.host(), &insecure).unwrap(), "{}");
    assert!(get(&server.host(), &insecure).is_err(), "only those named");
}

#[test]
fn unusable_authorities_are_said() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "no certificate").unwrap();
    let with = |path: &std::path::Path| Options {
        ca_files: vec![path.to_owned()],
        ..options()
    };
    let error = get("localhost:1", &with(file.path())).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(error.advice.unwrap().contains("PEM"));
    let error = get("localhost:1", &with("/nonexistent/ca.pem".as_ref())).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Io);
}

#[test]
fn https_does_not_lead_to_plain_http() {
    let plain = Server::plain(|_| Reply::ok("{}"));
    let to = format!("http://{}/x", plain.host());
    let (config, authority) = certificate("localhost");
    let server = Server::tls(config, move |_| Reply::redirect(to.clone()));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority).unwrap();
    let options = Options {
        ca_files: vec![file.path().to_owned()],
        ..options()
    };
    let error = get(&format!("localhost:{}", server.address.port()), &options).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(
        error.message.contains("from HTTPS to plain HTTP"),
        "{error}"
    );
    assert_eq!(plain.seen().len(), 0);
}

#[test]
fn plain_registries_do_not_lead_to_plain_strangers() {
    let server = Server::plain(|_| Reply::redirect("http://192.0.2.1/x"));
    let error = get(&server.host(), &options()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(
        error
            .advice
            .unwrap()
            .contains("--insecure-registry 192.0.2.1")
    );
}

#[test]
fn proxies_are_used_but_not_for_loopback() {
    let server = Server::plain(|_| Reply::ok("{}"));
    let proxy = Server::plain(|_| Reply::ok("\"from the proxy\""));
    let options = Options {
        proxy: Some(format!("http://{}", proxy.host())),
        insecure_registries: vec!["registry.example:80".to_owned()],
        attempts: 1,
        ..options()
    };
    assert_eq!(get(&server.host(), &options).unwrap(), "{}");
    assert_eq!(proxy.seen().len(), 0);
    // CONNECT is refused by this proxy's answer, so the registry seems to speak no TLS.
    let _ = get("registry.example:80", &options);
    assert!(!proxy.seen().is_empty());
    let direct = Options {
        no_proxy: Some("registry.example".to_owned()),
        ..options
    };
    let before = proxy.seen().len();
    assert!(get("registry.example:80", &direct).is_err());
    assert_eq!(proxy.seen().len(), before);
}
