//! Who is told which credentials.

use std::sync::atomic::{AtomicUsize, Ordering};

use image::registry::Client;
use image::{ErrorKind, Options};

use crate::server::{Reply, Seen, Server};
use crate::{get, options};

/// `user:pass` in base64.
const LOGIN: &str = "dXNlcjpwYXNz";

fn with_login(mut options: Options) -> Options {
    options.credentials = Some(("user".to_owned(), "pass".to_owned()));
    options
}

fn bearer(realm: &str) -> String {
    format!(r#"Bearer realm="{realm}",service="reg",scope="repository:a:pull""#)
}

/// A registry that wants `token`, issued at `realm`.
fn token_registry(realm: String, token: &'static str) -> Server {
    Server::plain(move |seen| {
        if seen.authorization() == Some(&format!("Bearer {token}")) {
            Reply::ok("{}")
        } else {
            Reply::new(
                401,
                r#"{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}"#,
            )
            .with("WWW-Authenticate", bearer(&realm))
        }
    })
}

fn token_service(reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> (Server, String) {
    let server = Server::plain(reply);
    let realm = format!("http://{}/token", server.host());
    (server, realm)
}

#[test]
fn basic_credentials_are_sent_when_asked_for() {
    let server = Server::plain(|seen| match seen.authorization() {
        Some(value) if value == format!("Basic {LOGIN}") => Reply::ok("{}"),
        _ => Reply::new(401, "").with("WWW-Authenticate", r#"Basic realm="x""#),
    });
    assert_eq!(get(&server.host(), &with_login(options())).unwrap(), "{}");
    assert_eq!(server.seen()[0].authorization(), None, "not before");

    let error = get(&server.host(), &options()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthorized);
    assert!(
        error
            .advice
            .unwrap()
            .contains(&format!("docker login {}", server.host()))
    );
}

#[test]
fn tokens_are_fetched_once_and_renewed_when_refused() {
    let issued = AtomicUsize::new(0);
    let (service, realm) = token_service(move |_| {
        let n = issued.fetch_add(1, Ordering::SeqCst);
        Reply::ok(format!(r#"{{"token":"t{n}","expires_in":60}}"#))
    });
    let asked = AtomicUsize::new(0);
    let registry = Server::plain(move |seen| {
        let n = asked.fetch_add(1, Ordering::SeqCst);
        // The first token is refused from the fourth request on.
        let wanted = if n < 3 { "Bearer t0" } else { "Bearer t1" };
        match seen.authorization() {
            Some(value) if value == wanted => Reply::ok("{}"),
            _ => Reply::new(401, "").with("WWW-Authenticate", bearer(&realm)),
        }
    });
    let client = Client::new(&registry.host(), &options()).unwrap();
    for _ in 0..3 {
        client.get("a/manifests/1", "*/*", 100).unwrap();
    }
    assert_eq!(service.seen().len(), 2);
    let request = &service.seen()[0];
    assert_eq!(request.authorization(), None);
    assert_eq!(
        request.path,
        "/token?service=reg&scope=repository%3Aa%3Apull"
    );
}

#[test]
fn token_services_get_the_credentials_of_the_registry() {
    let (service, realm) = token_service(|_| Reply::ok(r#"{"access_token":"t"}"#));
    let registry = token_registry(realm, "t");
    get(&registry.host(), &with_login(options())).unwrap();
    let basic = format!("Basic {LOGIN}");
    assert_eq!(service.seen()[0].authorization(), Some(basic.as_str()));
    assert!(
        registry
            .seen()
            .iter()
            .all(|seen| seen.authorization() != Some(&basic))
    );
}

#[test]
fn identity_tokens_are_posted() {
    let (service, realm) = token_service(|_| Reply::ok(r#"{"access_token":"t"}"#));
    let registry = token_registry(realm, "t");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.json");
    let host = registry.host();
    std::fs::write(
        &file,
        format!(r#"{{"auths":{{"{host}":{{"identitytoken":"r&x"}}}}}}"#),
    )
    .unwrap();
    let options = Options {
        docker_config: Some(file),
        ..options()
    };
    get(&host, &options).unwrap();
    let request = &service.seen()[0];
    assert_eq!(request.method, "POST");
    assert!(
        request.body.contains("grant_type=refresh_token"),
        "{}",
        request.body
    );
    assert!(
        request.body.contains("refresh_token=r%26x"),
        "{}",
        request.body
    );
    assert!(!request.path.contains("r%26x"));
}

#[test]
fn a_refused_token_is_explained() {
    let (_service, realm) = token_service(|_| Reply::ok(r#"{"token":"wrong"}"#));
    let registry = token_registry(realm, "right");
    let error = get(&registry.host(), &options()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthorized);
    assert!(
        error
            .message
            .contains("does not exist or needs credentials"),
        "{error}"
    );
    assert!(error.message.contains("UNAUTHORIZED: no"), "{error}");
    assert_eq!(registry.seen().len(), 2, "asked once more, not for ever");
    let error = get(&registry.host(), &with_login(options())).unwrap_err();
    assert!(
        error.message.contains("credentials for it are refused"),
        "{error}"
    );
}

#[test]
fn a_token_service_that_refuses_or_talks_nonsense_is_named() {
    let (_service, realm) = token_service(|_| Reply::new(401, r#"{"details":"wrong password"}"#));
    let registry = token_registry(realm, "t");
    let error = get(&registry.host(), &with_login(options())).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthorized);
    assert!(error.message.contains("wrong password"), "{error}");
    let (_service, realm) = token_service(|_| Reply::ok("<html>"));
    let registry = token_registry(realm, "t");
    let error = get(&registry.host(), &options()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(error.message.contains("no token"), "{error}");
}

#[test]
fn credentials_do_not_go_to_plain_or_odd_token_services() {
    for realm in [
        "http://192.0.2.1/token",
        "http://registry.example/token",
        "https://user:pw@127.0.0.1/token",
        "ftp://127.0.0.1/token",
        "/token",
    ] {
        let registry = token_registry(realm.to_owned(), "t");
        let error = get(&registry.host(), &with_login(options())).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid, "{realm}: {error}");
        assert!(error.message.contains("token service"), "{realm}: {error}");
    }
}

#[test]
fn unknown_challenges_are_named() {
    let registry = Server::plain(|_| Reply::new(401, "").with("WWW-Authenticate", "Negotiate"));
    let error = get(&registry.host(), &with_login(options())).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthorized);
    assert!(error.message.contains("negotiate"), "{error}");
    assert!(
        registry
            .seen()
            .iter()
            .all(|seen| seen.authorization().is_none())
    );
}

#[test]
fn redirects_elsewhere_lose_the_authorization() {
    let elsewhere = Server::plain(|_| Reply::ok("blob"));
    let to = format!("http://{}/data?signature=secret", elsewhere.host());
    let registry = Server::plain(
        move |seen| match (seen.authorization(), seen.path.as_str()) {
            (None, _) => Reply::new(401, "").with("WWW-Authenticate", "Basic realm=x"),
            (Some(_), "/v2/a/manifests/1") => Reply::redirect("/v2/here"),
            (Some(_), _) => Reply::redirect(to.clone()),
        },
    );
    assert_eq!(
        get(&registry.host(), &with_login(options())).unwrap(),
        "blob"
    );
    let paths: Vec<String> = registry.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(
        paths,
        ["/v2/a/manifests/1", "/v2/a/manifests/1", "/v2/here"]
    );
    assert_eq!(elsewhere.seen()[0].authorization(), None);
}

#[test]
fn challenges_of_others_are_not_answered() {
    let (service, realm) = token_service(|_| Reply::ok(r#"{"token":"t"}"#));
    let elsewhere =
        Server::plain(move |_| Reply::new(401, "").with("WWW-Authenticate", bearer(&realm)));
    let to = format!("http://{}/data?signature=secret", elsewhere.host());
    let registry = Server::plain(move |_| Reply::redirect(to.clone()));
    let error = get(&registry.host(), &with_login(options())).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthorized);
    assert!(!error.message.contains("secret"), "{error}");
    assert_eq!(
        service.seen().len(),
        0,
        "it would get the registry's credentials"
    );
}

#[cfg(unix)]
#[test]
fn credential_helpers_are_asked_and_their_failure_is_said() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let server = Server::plain(|seen| match seen.authorization() {
        Some(value) if value == format!("Basic {LOGIN}") => Reply::ok("{}"),
        _ => Reply::new(401, "").with("WWW-Authenticate", "Basic realm=x"),
    });
    let host = server.host();
    let program = folder.path().join("docker-credential-test");
    let file = folder.path().join("config.json");
    std::fs::write(&file, format!(r#"{{"credHelpers":{{"{host}":"test"}}}}"#)).unwrap();
    let options = Options {
        docker_config: Some(file),
        helper_path: vec![folder.path().to_owned()],
        ..options()
    };
    let error = get(&host, &options).unwrap_err();
    assert!(
        error
            .message
            .contains("docker-credential-test is not in the PATH"),
        "{error}"
    );
    let script = format!(
        "#!/bin/sh\nread server\n[ \"$1 $server\" = 'get {host}' ] || exit 9\n\
         echo '{{\"ServerURL\":\"x\",\"Username\":\"user\",\"Secret\":\"pass\"}}'\n"
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(get(&host, &options).unwrap(), "{}");
}
