//! Real daemons, started for the test, are given an image; it must be read from them, and from
//! their storage folders, exactly as it was made.
//!
//! Needs root and the Debian packages docker.io, containerd and podman.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "tests may"
)]

mod engine;
mod fixture;
mod private;

use std::path::Path;

use fixture::{Fixture, Read1, assert_exact, read_all};
use image::{ErrorKind, Image, Opened, Options, Target, open};
use model::EntryKind;
use private::{Daemon, Storage};

fn one(opened: Opened) -> (Image, Vec<Read1>) {
    let mut images = read_all(opened);
    assert_eq!(images.len(), 1);
    images.remove(0)
}

fn failure(target: &Target, options: &Options) -> image::Error {
    match open(target, options) {
        Ok(_) => panic!("{target:?} was opened"),
        Err(error) => error,
    }
}

fn docker_storage(root: &Path, image: &str) -> Target {
    Target::DockerStorage {
        root: root.to_owned(),
        image: image.to_owned(),
    }
}

fn podman_storage(root: &Path, image: &str) -> Target {
    Target::PodmanStorage {
        root: root.to_owned(),
        image: image.to_owned(),
    }
}

fn containerd_storage(root: &Path, image: &str) -> Target {
    Target::ContainerdStorage {
        root: root.to_owned(),
        image: image.to_owned(),
    }
}

#[test]
fn docker_and_its_storage() {
    let fixture = Fixture::new("test/img:v1", "docker");
    let other = Fixture::new("other:latest", "another");
    let docker = Daemon::docker();
    docker.load(&fixture.archive);
    docker.load(&other.archive);
    let options = Options {
        docker_host: format!("unix://{}", docker.socket.display()),
        ..Options::default()
    };
    let root = docker.path("docker");
    let name = "docker.io/test/img:v1";

    for asked in ["test/img:v1", name, &fixture.config[..12]] {
        let target = Target::Docker(asked.to_owned());
        let (image, layers) = one(open(&target, &options).unwrap());
        assert_exact(&fixture, &image, &layers);
        assert_eq!(image.target, format!("docker:{name}"));
        assert_eq!(image.names, [name]);
        assert_eq!(image.config_digest.as_ref().unwrap().hex(), fixture.config);

        let target = docker_storage(&root, asked);
        let (image, layers) = one(open(&target, &options).unwrap());
        assert_exact(&fixture, &image, &layers);
        assert_eq!(
            image.target,
            format!("docker-storage:{}:{name}", root.display())
        );
        assert_eq!(image.config_digest.as_ref().unwrap().hex(), fixture.config);
    }

    for target in [Target::Docker(String::new()), docker_storage(&root, "")] {
        assert_both(&fixture, &other, read_all(open(&target, &options).unwrap()));
    }

    let error = failure(&Target::Docker("test/none".to_owned()), &options);
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.advice.unwrap().contains("docker pull test/none"));
    let error = failure(&docker_storage(&root, "test/none"), &options);
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.advice.unwrap().contains(name));
    let error = failure(&Target::Docker("../containers".to_owned()), &options);
    assert_eq!(error.kind, ErrorKind::Usage);
    let arm = Options {
        platforms: vec!["linux/arm64".parse().unwrap()],
        ..options.clone()
    };
    let error = failure(&docker_storage(&root, "test/img:v1"), &arm);
    assert!(error.message.contains("linux/arm64"), "{error}");

    changes_in_the_storage_are_found(&fixture, &root, &options);
}

/// Asserts that all images are these two, which have layers in common.
fn assert_both(first: &Fixture, second: &Fixture, images: Vec<(Image, Vec<Read1>)>) {
    assert_eq!(images.len(), 2);
    for fixture in [first, second] {
        let same = |(image, _): &&(Image, Vec<Read1>)| {
            image.config_digest.as_ref().unwrap().hex() == fixture.config
        };
        let (image, layers) = images.iter().find(same).unwrap();
        assert_exact(fixture, image, layers);
        assert_eq!(image.names.len(), 1);
        assert!(image.target.ends_with(&image.names[0]));
    }
}

/// Changes files of the storage, as an intruder on the host might.
fn changes_in_the_storage_are_found(fixture: &Fixture, root: &Path, options: &Options) {
    let base = docker_layer(root, &fixture.diff_ids()[0]);
    let target = docker_storage(root, "test/img:v1");
    std::fs::write(base.join("bin/su"), "#!/bin/XX\n").unwrap();
    let (_, layers) = one(open(&target, options).unwrap());
    let damage = &layers[0].end.as_ref().unwrap().damage;
    let changed = damage.iter().find(|d| d.path.is_some()).unwrap();
    assert_eq!(changed.path.as_ref().unwrap(), "bin/su");
    assert!(damage.iter().any(|d| d.path.is_none()), "{damage:?}");

    // Another length: what is there now must be read, and what follows it too.
    std::fs::write(base.join("bin/su"), "#!/bin/sh\nnow longer\n").unwrap();
    std::fs::remove_file(base.join("opaque/one")).unwrap();
    let (_, layers) = one(open(&target, options).unwrap());
    let now = fixture::hex(b"#!/bin/sh\nnow longer\n");
    assert!(
        layers[0]
            .seen
            .iter()
            .any(|seen| seen.0 == b"bin/su" && seen.4 == now)
    );
    assert!(layers[0].seen.iter().any(|seen| seen.0 == b"salt"));
    let damage = &layers[0].end.as_ref().unwrap().damage;
    for path in ["bin/su", "opaque/one"] {
        let of = |d: &&image::Damage| d.path.as_ref().is_some_and(|p| p == path);
        assert!(damage.iter().any(|d| of(&d)), "{path}: {damage:?}");
    }
    assert!(layers[2].end.as_ref().unwrap().damage.is_empty());

    // Without the record of the tar, the folder itself is the layer.
    for entry in std::fs::read_dir(root.join("image/overlay2/layerdb/sha256")).unwrap() {
        std::fs::remove_file(entry.unwrap().path().join("tar-split.json.gz")).unwrap();
    }
    let (_, layers) = one(open(&target, options).unwrap());
    assert_trees(fixture, &layers, &[b"bin/su", b"opaque/one"]);
}

/// The folder with the files of a base layer.
fn docker_layer(root: &Path, diff_id: &str) -> std::path::PathBuf {
    let hex = diff_id.strip_prefix("sha256:").unwrap();
    let record = root.join("image/overlay2/layerdb/sha256").join(hex);
    let cache = std::fs::read_to_string(record.join("cache-id")).unwrap();
    root.join("overlay2").join(cache).join("diff")
}

/// Asserts that layers read as trees hold what they must: all but the order of entries, folders
/// that the tar did not name, and which of two hard links is the file.
fn assert_trees(fixture: &Fixture, layers: &[Read1], changed: &[&[u8]]) {
    for (read, expected) in layers.iter().zip(fixture.expected()) {
        assert_eq!(read.end.as_ref().unwrap().diff_id, None);
        for (path, kind, mode, uid, digest) in expected {
            let linked = |path: &[u8]| path.starts_with(b"etc/passwd") || path == b"lib/inside";
            if changed.contains(&&path[..]) || linked(&path) {
                continue;
            }
            let of = |seen: &&fixture::Seen| seen.0 == path && seen.1 == kind;
            let found = read.seen.iter().find(of);
            let Some(found) = found else {
                panic!("{} {kind:?}", String::from_utf8_lossy(&path));
            };
            assert_eq!(found.4, digest);
            if kind == EntryKind::File {
                assert_eq!((found.2, found.3), (mode, uid));
            }
        }
    }
    let inside = |seen: &fixture::Seen| seen.0 == b"usr/lib/inside";
    assert!(layers[2].seen.iter().any(inside));
    let linked: Vec<&EntryKind> = layers[0]
        .seen
        .iter()
        .filter(|seen| seen.0.starts_with(b"etc/passwd"))
        .map(|seen| &seen.1)
        .collect();
    let link = EntryKind::Hardlink("etc/passwd".into());
    assert_eq!(linked, [&EntryKind::File, &link]);
}

#[test]
fn podman_and_its_storage() {
    let fixture = Fixture::new("test/img:v1", "podman");
    let podman = Daemon::podman();
    podman.load(&fixture.archive);
    let options = Options {
        podman_host: format!("unix://{}", podman.socket.display()),
        ..Options::default()
    };
    let root = podman.path("storage-overlay");
    // podman's name for what an archive calls test/img:v1 depends on its version.
    let (image, layers) = one(open(&podman_storage(&root, ""), &options).unwrap());
    assert_exact(&fixture, &image, &layers);
    assert_eq!(image.config_digest.as_ref().unwrap().hex(), fixture.config);
    let name = image.names[0].clone();
    assert!(name.ends_with("/test/img:v1"), "{name}");

    for asked in ["test/img:v1", &name, &fixture.config, ""] {
        let target = Target::Podman(asked.to_owned());
        let (image, layers) = one(open(&target, &options).unwrap());
        assert_exact(&fixture, &image, &layers);
        assert_eq!(image.target, format!("podman:{name}"));
        let (image, layers) = one(open(&podman_storage(&root, asked), &options).unwrap());
        assert_exact(&fixture, &image, &layers);
        assert_eq!(
            image.target,
            format!("podman-storage:{}:{name}", root.display())
        );
    }
    let other = Fixture::new("other:latest", "another");
    podman.load(&other.archive);
    for target in [Target::Podman(String::new()), podman_storage(&root, "")] {
        assert_both(&fixture, &other, read_all(open(&target, &options).unwrap()));
    }
    let error = failure(&Target::Podman("test/none".to_owned()), &options);
    assert_eq!(error.kind, ErrorKind::NotFound);
    let error = failure(&podman_storage(&root, "test/none"), &options);
    assert!(error.advice.unwrap().contains(&name));
}

#[test]
fn podman_storage_without_overlay() {
    let fixture = Fixture::new("test/img:v1", "vfs");
    let storage = Storage::new("vfs");
    storage.load(&fixture.archive);
    let target = podman_storage(&storage.folder(), "test/img:v1");
    let (image, layers) = one(open(&target, &Options::default()).unwrap());
    assert_exact(&fixture, &image, &layers);
}

#[test]
fn containerd_and_its_storage() {
    let fixture = Fixture::new("test/img:v1", "containerd");
    let name = "docker.io/test/img:v1";
    let containerd = Daemon::containerd();
    let archive = containerd.path("archive.tar");
    // An index with a platform that is not held, as after a pull.
    std::fs::write(&archive, fixture.layout(name)).unwrap();
    let file = archive.display().to_string();
    containerd.ctr(&["--namespace", "k8s.io", "images", "import", &file]);
    let options = Options {
        containerd_address: containerd.socket.display().to_string(),
        ..Options::default()
    };
    let root = containerd.path("root");
    let prefixes = [
        "containerd:".to_owned(),
        format!("containerd-storage:{}:", root.display()),
    ];
    let targets = |asked: &str| {
        [
            Target::Containerd(asked.to_owned()),
            containerd_storage(&root, asked),
        ]
    };
    for asked in ["test/img:v1", name, ""] {
        for (target, prefix) in targets(asked).iter().zip(&prefixes) {
            let (image, layers) = one(open(target, &options).unwrap());
            assert_exact(&fixture, &image, &layers);
            let again = image.target.strip_prefix(prefix.as_str()).unwrap();
            let digest = image.manifest.as_ref().unwrap();
            assert_eq!(again, format!("{name}@{digest}"));
            assert_eq!(image.names, [name]);
            // The image can be named again by its target.
            let [daemon, storage] = targets(again);
            let target = if prefix == "containerd:" {
                daemon
            } else {
                storage
            };
            let (image, layers) = one(open(&target, &options).unwrap());
            assert_exact(&fixture, &image, &layers);
            assert_eq!(image.target, format!("{prefix}{again}"));
        }
    }
    for target in targets("test/none") {
        let error = failure(&target, &options);
        assert_eq!(error.kind, ErrorKind::NotFound);
        assert!(error.advice.unwrap().contains(name));
    }
    let elsewhere = Options {
        containerd_namespace: Some("default".to_owned()),
        ..options.clone()
    };
    for target in targets(name) {
        assert_eq!(failure(&target, &elsewhere).kind, ErrorKind::NotFound);
    }
    let absent = Options {
        platforms: vec!["linux/s390x".parse().unwrap()],
        ..options.clone()
    };
    for target in targets(name) {
        let Ok(Opened::Random(source)) = open(&target, &absent) else {
            panic!("{target:?}");
        };
        assert!(matches!(source.images(), [image::Resolved::Broken { .. }]));
    }
    // A discarded blob is read from its snapshot.
    for diff_id in fixture.diff_ids() {
        let hex = diff_id.strip_prefix("sha256:").unwrap();
        let blobs = root.join("io.containerd.content.v1.content/blobs/sha256");
        std::fs::remove_file(blobs.join(hex)).unwrap();
    }
    let (_, layers) = one(open(&containerd_storage(&root, name), &options).unwrap());
    assert_trees(&fixture, &layers, &[]);
}

#[test]
fn nothing_listens() {
    let temp = tempfile::tempdir().unwrap();
    let socket = temp.path().join("none.sock");
    let options = Options {
        docker_host: format!("unix://{}", socket.display()),
        podman_host: format!("unix://{}", socket.display()),
        containerd_address: socket.display().to_string(),
        ..Options::default()
    };
    let image = || "x".to_owned();
    for (target, advice) in [
        (Target::Docker(image()), "docker-storage:"),
        (Target::Podman(image()), "podman system service"),
        (Target::Containerd(image()), "containerd-storage:"),
    ] {
        let error = failure(&target, &options);
        assert_eq!(error.kind, ErrorKind::Unreachable);
        assert!(error.message.contains("none.sock"), "{error}");
        assert!(error.advice.unwrap().contains(advice));
    }
}
