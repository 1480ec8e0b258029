//! What cannot be read is said, with what and where, and is never called clean.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail loudly"
)]

mod http;
mod repository;
mod run;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use http::{Answer, HttpServer, Request};
use repository::workspace;
use run::{Run, bilgewatch, finish};

/// Something could not be done.
const ERROR: i32 = 1;
/// Something was not read.
const INCOMPLETE: i32 = 3;

/// An OCI layout with one honest image, to be damaged.
struct Layout {
    folder: TempDir,
    manifest: Value,
    manifest_digest: String,
}

impl Layout {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let example = workspace().join("examples/docker123321");
        let read = |path: &str| fs::read(example.join(path)).unwrap();
        let mut index: Value = serde_json::from_slice(&read("index.json")).unwrap();
        let manifests = index["manifests"].as_array_mut().unwrap();
        manifests.retain(|one| {
            one["annotations"]["org.opencontainers.image.ref.name"] == "twins/tomcat:latest"
        });
        let manifest_digest = manifests[0]["digest"].as_str().unwrap().to_owned();
        let manifest_path = blob_path(&manifest_digest);
        let manifest: Value = serde_json::from_slice(&read(&manifest_path)).unwrap();
        fs::create_dir_all(folder.path().join("blobs/sha256")).unwrap();
        fs::write(folder.path().join("oci-layout"), read("oci-layout")).unwrap();
        fs::write(folder.path().join("index.json"), index.to_string()).unwrap();
        let layout = Self {
            folder,
            manifest,
            manifest_digest,
        };
        for digest in layout.digests() {
            fs::write(layout.path(&digest), read(&blob_path(&digest))).unwrap();
        }
        layout
    }

    fn digests(&self) -> Vec<String> {
        let layers = self.manifest["layers"].as_array().unwrap();
        layers
            .iter()
            .chain([&self.manifest["config"]])
            .map(|descriptor| descriptor["digest"].as_str().unwrap().to_owned())
            .chain([self.manifest_digest.clone()])
            .collect()
    }

    fn layer(&self) -> String {
        self.manifest["layers"][1]["digest"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn config(&self) -> String {
        self.manifest["config"]["digest"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn path(&self, digest: &str) -> PathBuf {
        self.folder.path().join(blob_path(digest))
    }

    /// Puts other bytes in the place of the layer, and has manifest and index name them rightly.
    fn replace_layer(&mut self, media_type: &str, bytes: &[u8]) {
        let digest = digest_of(bytes);
        fs::write(self.path(&digest), bytes).unwrap();
        self.manifest["layers"][1] =
            json!({"mediaType": media_type, "digest": digest, "size": bytes.len()});
        let manifest = self.manifest.to_string();
        let digest = digest_of(manifest.as_bytes());
        fs::write(self.path(&digest), &manifest).unwrap();
        let path = self.folder.path().join("index.json");
        let mut index: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        index["manifests"][0]["digest"] = json!(digest);
        index["manifests"][0]["size"] = json!(manifest.len());
        fs::write(path, index.to_string()).unwrap();
        self.manifest_digest = digest;
    }

    fn scan(&self) -> Run {
        scan(&format!("oci-dir:{}", self.folder.path().display()))
    }
}

fn blob_path(digest: &str) -> String {
    format!("blobs/{}", digest.replace(':', "/"))
}

fn digest_of(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hex}")
}

fn scan(target: &str) -> Run {
    finish(bilgewatch().args(["scan", target]))
}

/// The run ended with `code`, its text has each of `words`, and nothing is called clean.
fn expect(run: &Run, code: i32, words: &[&str]) {
    let text = format!("{}{}", run.stdout, run.stderr);
    assert_eq!(run.code, code, "{text}");
    for word in words {
        assert!(text.contains(word), "`{word}` is not in:\n{text}");
    }
    let says_clean = text
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| word == "clean");
    assert!(!says_clean, "{text}");
}

#[test]
fn the_untouched_layout_is_clean() {
    let run = Layout::new().scan();
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
}

#[test]
fn a_truncated_layer() {
    let layout = Layout::new();
    let path = layout.path(&layout.layer());
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    expect(&layout.scan(), INCOMPLETE, &["gzip data ends early"]);

    let target = format!("oci-dir:{}", layout.folder.path().display());
    let reports = finish(bilgewatch().args(["scan", "-o", "json", &target])).reports();
    assert_eq!(reports[0]["verdict"], "incomplete");
    let gaps = reports[0]["gaps"].as_array().unwrap();
    assert!(
        gaps.iter().any(|gap| gap["where"]["layer_index"] == 1),
        "{gaps:#?}"
    );
}

#[test]
fn a_layer_that_is_cut_and_named_rightly() {
    let mut layout = Layout::new();
    let bytes = fs::read(layout.path(&layout.layer())).unwrap();
    layout.replace_layer(
        "application/vnd.oci.image.layer.v1.tar+gzip",
        &bytes[..bytes.len() / 2],
    );
    expect(&layout.scan(), INCOMPLETE, &["gzip"]);
}

#[test]
fn a_layer_with_another_digest() {
    let layout = Layout::new();
    let path = layout.path(&layout.layer());
    let mut bytes = fs::read(&path).unwrap();
    // The operating system field of the gzip header: it decompresses as before.
    bytes[9] ^= 1;
    fs::write(&path, &bytes).unwrap();
    expect(
        &layout.scan(),
        INCOMPLETE,
        &["digest", &digest_of(&bytes)[7..19]],
    );
}

#[test]
fn an_unknown_compression() {
    let mut layout = Layout::new();
    let lz4 = b"\x04\x22\x4d\x18\x64\x40\xa7\x6f\x00\x00\x00\x80 nothing that anyone unpacks";
    layout.replace_layer("application/vnd.oci.image.layer.v1.tar+lz4", lz4);
    expect(&layout.scan(), INCOMPLETE, &["known way"]);
}

#[test]
fn a_missing_layer() {
    let layout = Layout::new();
    fs::remove_file(layout.path(&layout.layer())).unwrap();
    expect(&layout.scan(), INCOMPLETE, &[&layout.layer()[7..19]]);
}

#[test]
fn a_missing_manifest() {
    let layout = Layout::new();
    fs::remove_file(layout.path(&layout.manifest_digest)).unwrap();
    expect(
        &layout.scan(),
        INCOMPLETE,
        &[&layout.manifest_digest[7..19]],
    );
}

#[test]
fn a_missing_configuration() {
    let layout = Layout::new();
    fs::remove_file(layout.path(&layout.config())).unwrap();
    expect(&layout.scan(), INCOMPLETE, &[&layout.config()[7..19]]);
}

#[test]
fn an_image_that_is_not_in_the_layout() {
    let layout = Layout::new();
    let run = scan(&format!(
        "oci-dir:{}:absent",
        layout.folder.path().display()
    ));
    expect(&run, ERROR, &["absent"]);
}

#[test]
fn paths_that_lead_nowhere() {
    for prefix in ["docker-archive", "oci-archive", "oci-dir", "dir", "file"] {
        let run = scan(&format!("{prefix}:/nonexistent/image"));
        expect(&run, ERROR, &["/nonexistent/image"]);
    }
}

#[test]
fn files_that_are_no_images() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("letter.tar");
    fs::write(&path, "Dear reader, this is no archive.").unwrap();
    for prefix in ["docker-archive", "oci-archive"] {
        expect(
            &scan(&format!("{prefix}:{}", path.display())),
            ERROR,
            &["letter.tar"],
        );
    }
    expect(
        &scan(&format!("oci-dir:{}", folder.path().display())),
        ERROR,
        &["index.json"],
    );
}

/// A registry that serves the layout but for what `instead` answers.
fn registry(instead: impl Fn(&Request) -> Option<Answer> + Send + 'static) -> HttpServer {
    let layout = Layout::new();
    HttpServer::start(move |request| instead(request).unwrap_or_else(|| serve(&layout, request)))
}

fn serve(layout: &Layout, request: &Request) -> Answer {
    let path = request.path.as_str();
    let digest = match path.rsplit_once('/') {
        Some((_, "latest")) => layout.manifest_digest.clone(),
        Some((_, digest)) => digest.replace("%3A", ":"),
        None => String::new(),
    };
    let media_type = if path.contains("/manifests/") {
        "application/vnd.oci.image.manifest.v1+json"
    } else {
        "application/octet-stream"
    };
    let body = match path {
        "/v2/" => Some(b"{}".to_vec()),
        _ => fs::read(layout.path(&digest)).ok(),
    };
    let status = if body.is_some() {
        "200 OK"
    } else {
        "404 Not Found"
    };
    Answer {
        status,
        headers: vec![
            format!("Content-Type: {media_type}"),
            format!("Docker-Content-Digest: {digest}"),
        ],
        body: body.unwrap_or_default(),
    }
}

fn refuse(status: &'static str, headers: &[&str], body: &str) -> Answer {
    Answer {
        status,
        headers: headers.iter().map(|line| (*line).to_owned()).collect(),
        body: body.as_bytes().to_vec(),
    }
}

fn scan_registry(server: &HttpServer) -> Run {
    scan(&format!("registry:{}/set/app:latest", server.host))
}

#[test]
fn the_stand_in_registry_serves() {
    let run = scan_registry(&registry(|_| None));
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
}

#[test]
fn a_registry_that_wants_a_password() {
    let server = registry(|request| {
        // Nothing to log in with was given, so nothing may be sent.
        if request.header("Authorization").is_some() {
            return None;
        }
        let challenge = "WWW-Authenticate: Basic realm=\"private\"";
        let body = r#"{"errors":[{"code":"UNAUTHORIZED","message":"log in first"}]}"#;
        Some(refuse("401 Unauthorized", &[challenge], body))
    });
    expect(
        &scan_registry(&server),
        ERROR,
        &["user name and password", &server.host],
    );
}

#[test]
fn a_registry_without_the_image() {
    let server = registry(|request| {
        let body = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
        let is_manifest = request.path.contains("/manifests/");
        is_manifest.then(|| refuse("404 Not Found", &["Content-Type: application/json"], body))
    });
    expect(&scan_registry(&server), ERROR, &["404", "set/app"]);
}

#[test]
fn a_registry_that_limits_the_rate() {
    let server = registry(|request| {
        let is_manifest = request.path.contains("/manifests/");
        is_manifest.then(|| refuse("429 Too Many Requests", &["Retry-After: 86400"], ""))
    });
    expect(&scan_registry(&server), ERROR, &["429", "set/app"]);
}

#[test]
fn a_registry_that_is_out_of_order() {
    let server = registry(|_| Some(refuse("500 Internal Server Error", &[], "oops")));
    expect(&scan_registry(&server), ERROR, &["500", &server.host]);
}

#[test]
fn a_registry_that_loses_a_layer() {
    let layer = Layout::new().layer();
    let short = layer[7..19].to_owned();
    let server = registry(move |request| {
        let is_layer = request.path.ends_with(&layer);
        is_layer.then(|| refuse("404 Not Found", &[], ""))
    });
    expect(&scan_registry(&server), INCOMPLETE, &["404", &short]);
}

#[test]
fn a_registry_that_sends_another_layer() {
    let layer = Layout::new().layer();
    let server = registry(move |request| {
        let is_layer = request.path.ends_with(&layer);
        is_layer.then(|| refuse("200 OK", &[], "this is no layer at all"))
    });
    expect(&scan_registry(&server), INCOMPLETE, &["23 bytes", "462"]);
}

#[test]
fn a_registry_that_talks_garbage() {
    for garbage in [
        "<html>It works!</html>",
        "{\"schemaVersion\":",
        "[]",
        "\u{0}\u{1}\u{2}",
    ] {
        let server = registry(move |request| {
            let is_manifest = request.path.contains("/manifests/");
            let kind = "Content-Type: application/vnd.oci.image.manifest.v1+json";
            is_manifest.then(|| refuse("200 OK", &[kind], garbage))
        });
        // A document that no image has may be a failure, or an image that could not be read.
        let run = scan_registry(&server);
        assert!(matches!(run.code, ERROR | INCOMPLETE), "{}", run.code);
        expect(&run, run.code, &["set/app"]);
    }
}

#[test]
fn a_registry_that_is_not_there() {
    let server = registry(|_| None);
    let host = server.host.clone();
    drop(server);
    expect(&scan(&format!("registry:{host}/set/app")), ERROR, &[&host]);
}

#[test]
fn daemons_that_are_not_there() {
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("socket");
    let socket = socket.to_str().unwrap();
    let url = format!("unix://{socket}");
    let settings = [
        ("docker", "DOCKER_HOST", url.as_str()),
        ("podman", "CONTAINER_HOST", &url),
        ("containerd", "CONTAINERD_ADDRESS", socket),
    ];
    for (prefix, variable, value) in settings {
        let target = format!("{prefix}:app:latest");
        let run = finish(bilgewatch().args(["scan", &target]).env(variable, value));
        expect(&run, ERROR, &[socket]);
    }
}

#[test]
fn storage_folders_that_are_not_there() {
    for prefix in ["docker-storage", "podman-storage", "containerd-storage"] {
        let path = Path::new("/nonexistent/storage");
        let run = scan(&format!("{prefix}:{}:app", path.display()));
        expect(&run, ERROR, &["/nonexistent/storage"]);
    }
}
