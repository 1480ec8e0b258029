//! One set of images, many holders: whatever holds an image, its findings are the same.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail loudly"
)]

mod http;
mod images;
mod repository;
mod run;
mod servers;

use std::fs::File;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use images::Set;
use run::{bilgewatch, finish};
use servers::daemons::Daemon;
use servers::registry::{Access, Registry};

/// What may not differ: rules, places, evidence, what was not read, the verdict.
fn essence(report: &Value) -> Value {
    let findings: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            json!({
                "id": finding["id"],
                "rule": finding["rule"],
                "where": finding["where"],
                "reach": finding["reach"],
                "evidence": finding["evidence"],
            })
        })
        .collect();
    json!({
        "verdict": report["verdict"],
        "findings": findings,
        "gaps": report["gaps"],
        "indicators": report["indicators"],
    })
}

/// Scans one target that holds one image.
fn scan(target: &str, setting: impl Fn(&mut Command)) -> Value {
    let mut command = bilgewatch();
    command.args(["scan", "-o", "json", target]);
    setting(&mut command);
    let run = finish(&mut command);
    assert!(
        matches!(run.code, 0 | 2),
        "{target}: code {}\n{}{}",
        run.code,
        run.stdout,
        run.stderr
    );
    let reports = run.reports();
    assert_eq!(reports.len(), 1, "{target}");
    essence(&reports[0])
}

fn from_layout(name: &str) -> Value {
    scan(&format!("oci-dir:{}:{name}", Set::get().layout()), |_| {})
}

/// Scans every image of the set where `target` says it is, and compares.
fn same(target: impl Fn(&str) -> String, setting: impl Fn(&mut Command)) {
    for name in &Set::get().names {
        let found = scan(&target(name), &setting);
        let expected = from_layout(name);
        assert_eq!(
            found,
            expected,
            "{}:\n{found:#}\nfrom the layout:\n{expected:#}",
            target(name)
        );
    }
}

#[test]
fn oci_layout() {
    for name in &Set::get().names {
        let found = from_layout(name);
        assert_eq!(found["gaps"], json!([]), "{name}");
        let expected = if name == "honest" {
            "clean"
        } else {
            "malicious"
        };
        assert_eq!(found["verdict"], expected, "{name}: {found:#}");
    }
}

#[test]
fn docker_archive() {
    let set = Set::get();
    same(
        |name| format!("docker-archive:{}", set.docker_archive(name).display()),
        |_| {},
    );
}

#[test]
fn oci_archive() {
    let set = Set::get();
    same(
        |name| format!("oci-archive:{}", set.oci_archive(name).display()),
        |_| {},
    );
}

#[test]
fn standard_input() {
    let set = Set::get();
    let piped = |file: &Path, name: &str| {
        let found = scan("-", |command| {
            command.stdin(File::open(file).unwrap());
        });
        assert_eq!(found, from_layout(name), "{}", file.display());
    };
    for name in &set.names {
        piped(&set.docker_archive(name), name);
        piped(&set.oci_archive(name), name);
    }
}

#[test]
fn registry_over_http() {
    let registry = filled(Access::Http);
    same(
        |name| format!("registry:{}/set/{name}", registry.host),
        |_| {},
    );
}

#[test]
fn registry_with_docker_manifests() {
    let set = Set::get();
    let registry = Registry::start(Access::Http);
    for name in &set.names {
        let repository = format!("set/{name}:latest");
        registry.push(&set.docker_source(name), &repository, &["--format", "v2s2"]);
    }
    same(
        |name| format!("{}/set/{name}:latest", registry.host),
        |_| {},
    );
}

#[test]
fn registry_over_https() {
    let registry = filled(Access::Https);
    let ca = registry.ca().unwrap();
    same(
        |name| format!("registry:{}/set/{name}", registry.host),
        |command| {
            command.arg("--ca-file").arg(&ca);
        },
    );
}

#[test]
fn registry_with_a_password() {
    let registry = filled(Access::Basic);
    let config = registry.docker_config();
    same(
        |name| format!("registry:{}/set/{name}", registry.host),
        |command| {
            command.env("DOCKER_CONFIG", &config);
        },
    );
}

#[test]
fn registry_with_tokens() {
    let registry = filled(Access::Token);
    let config = registry.docker_config();
    same(
        |name| format!("registry:{}/set/{name}", registry.host),
        |command| {
            command.env("DOCKER_CONFIG", &config);
        },
    );
}

#[test]
fn docker_daemon_storage_and_save() {
    let set = Set::get();
    let mut docker = Daemon::docker();
    load(&docker);
    let host = format!("unix://{}", docker.socket());
    same(
        |name| format!("docker:set/{name}:latest"),
        |command| {
            command.env("DOCKER_HOST", &host);
        },
    );
    let folder = tempfile::TempDir::new().unwrap();
    let saved = |name: &str| folder.path().join(format!("{name}.tar"));
    for name in &set.names {
        let (file, name) = (saved(name), format!("set/{name}:latest"));
        docker.docker_command(&["save", "--output", file.to_str().unwrap(), &name]);
    }
    same(
        |name| format!("docker-archive:{}", saved(name).display()),
        |_| {},
    );
    docker.stop();
    let storage = docker.storage();
    same(
        |name| format!("docker-storage:{}:set/{name}:latest", storage.display()),
        |_| {},
    );
}

#[test]
fn podman_service_and_storage() {
    let mut podman = Daemon::podman();
    load(&podman);
    let host = format!("unix://{}", podman.socket());
    same(
        |name| format!("podman:docker.io/set/{name}:latest"),
        |command| {
            command.env("CONTAINER_HOST", &host);
        },
    );
    podman.stop();
    let storage = podman.storage();
    same(
        |name| {
            format!(
                "podman-storage:{}:docker.io/set/{name}:latest",
                storage.display()
            )
        },
        |_| {},
    );
}

#[test]
fn containerd_and_its_storage() {
    let mut containerd = Daemon::containerd();
    load(&containerd);
    let socket = containerd.socket();
    same(
        |name| format!("containerd:docker.io/set/{name}:latest"),
        |command| {
            command.env("CONTAINERD_ADDRESS", &socket);
        },
    );
    containerd.stop();
    let storage = containerd.storage();
    same(
        |name| {
            format!(
                "containerd-storage:{}:docker.io/set/{name}:latest",
                storage.display()
            )
        },
        |_| {},
    );
}

fn filled(access: Access) -> Registry {
    let set = Set::get();
    let registry = Registry::start(access);
    for name in &set.names {
        registry.push(&set.source(name), &format!("set/{name}:latest"), &[]);
    }
    registry
}

fn load(daemon: &Daemon) {
    let set = Set::get();
    for name in &set.names {
        daemon.load(&set.docker_archive(name));
    }
}
