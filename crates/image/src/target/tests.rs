//! What targets and references mean, and which are refused with what advice.

use proptest::prelude::*;

use super::*;

const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn reference(text: &str) -> String {
    match Target::parse(text) {
        Ok(Target::Registry(reference)) => reference.to_string(),
        other => panic!("{text}: {other:?}"),
    }
}

fn error(text: &str) -> Error {
    let error = Target::parse(text).expect_err(text);
    assert_eq!(error.kind, ErrorKind::Usage, "{text}");
    error
}

#[test]
fn references_are_normalised_as_docker_does() {
    let long = format!("ghcr.io/a/b:1@{DIGEST}");
    for (text, expected) in [
        ("tomcat", "docker.io/library/tomcat:latest"),
        ("tomcat:9", "docker.io/library/tomcat:9"),
        ("user/app", "docker.io/user/app:latest"),
        ("docker.io/tomcat", "docker.io/library/tomcat:latest"),
        ("index.docker.io/tomcat", "docker.io/library/tomcat:latest"),
        ("localhost/app", "localhost/app:latest"),
        ("localhost:5000/app:1", "localhost:5000/app:1"),
        ("host:5000/repo", "host:5000/repo:latest"),
        ("registry:5000/repo/app:2", "registry:5000/repo/app:2"),
        ("docker:2376/app", "docker:2376/app:latest"),
        ("127.0.0.1:5000/app", "127.0.0.1:5000/app:latest"),
        ("[::1]:5000/app:1", "[::1]:5000/app:1"),
        ("[2001:db8::1]/app", "[2001:db8::1]/app:latest"),
        ("Example.COM/app", "Example.COM/app:latest"),
        ("registry:docker:dind", "docker.io/library/docker:dind"),
        ("registry:localhost:5000/a", "localhost:5000/a:latest"),
        ("a/b__c/d---e/f.g_h", "docker.io/a/b__c/d---e/f.g_h:latest"),
        (&long, &long),
    ] {
        assert_eq!(reference(text), expected, "{text}");
    }
    let Ok(Target::Registry(by_digest)) = Target::parse(&format!("app@{DIGEST}")) else {
        panic!("a digest alone is enough");
    };
    assert_eq!(by_digest.tag, None);
    assert_eq!(by_digest.digest.unwrap().to_string(), DIGEST);
}

#[test]
fn malformed_references_say_why() {
    for (text, why) in [
        ("user/App", "lower-case"),
        ("a//b", "each part"),
        ("a/-b", "each part"),
        ("a/b-", "each part"),
        ("a..b", "each part"),
        ("a___b", "each part"),
        ("a b", "each part"),
        ("app:", "tag"),
        ("app:.x", "tag"),
        ("app:a:b", "tag"),
        ("host:99999/app", "port"),
        ("[::1/app", "closing"),
        ("[zz::]/app", "IPv6"),
        ("-host.example/app", "host name"),
        ("app@sha256:12", "digest"),
        ("app@md5:12", "digest"),
        ("", "empty"),
        ("app\u{1b}[31m", "\\u{1b}"),
    ] {
        let error = error(text);
        assert!(error.message.contains(why), "{text}: {error}");
        assert!(!error.message.contains('\u{1b}'), "{text}");
    }
    assert!(
        error(&format!("a/{}", "b".repeat(254)))
            .message
            .contains("255")
    );
    assert!(Target::parse(&format!("a/{}", "b".repeat(253))).is_ok());
    assert!(
        error(&format!("a:{}", "b".repeat(129)))
            .message
            .contains("128")
    );
    assert_eq!(
        error("ghcr.io/User/App:X").advice.unwrap(),
        "write `ghcr.io/user/app:X`"
    );
    assert!(
        error(&"ab".repeat(32))
            .advice
            .unwrap()
            .contains("docker:abab")
    );
}

#[test]
fn what_looks_like_a_path_is_refused_with_the_prefixes_to_use() {
    assert_eq!(
        error("./x").advice.unwrap(),
        "write dir:./x, file:./x, docker-archive:./x or oci-dir:./x"
    );
    assert!(
        error("image.tar")
            .advice
            .unwrap()
            .contains("docker-archive:image.tar")
    );
    assert!(
        error("a/b.tgz")
            .advice
            .unwrap()
            .contains("registry:a/b.tgz")
    );
    assert!(error("..").message.contains("path"));
    assert!(error("oci:/var/x").message.contains("`oci:`"));
    assert!(
        error("docker://alpine:3")
            .advice
            .unwrap()
            .contains("registry:alpine:3")
    );
    assert!(
        error("https://ghcr.io/a/b")
            .advice
            .unwrap()
            .contains("registry:ghcr.io/a/b")
    );
}

#[test]
fn prefixes_split_path_and_image() {
    let by_digest = format!("oci-dir:some/layout@{DIGEST}");
    for (text, expected) in [
        (
            "oci-dir:examples/x:docker123321/tomcat:latest",
            Target::OciDir {
                path: "examples/x".into(),
                image: Some("docker123321/tomcat:latest".to_owned()),
            },
        ),
        (
            &by_digest,
            Target::OciDir {
                path: "some/layout".into(),
                image: Some(DIGEST.to_owned()),
            },
        ),
        (
            "docker-archive:/tmp/a.tar",
            Target::DockerArchive {
                path: "/tmp/a.tar".into(),
                image: None,
            },
        ),
        (
            "oci-archive:a@b.tar:localhost:5000/x:1",
            Target::OciArchive {
                path: "a@b.tar".into(),
                image: Some("localhost:5000/x:1".to_owned()),
            },
        ),
        ("dir:./a:b", Target::Dir("./a:b".into())),
        ("file:8080/x", Target::File("8080/x".into())),
        ("docker:alpine:3", Target::Docker("alpine:3".to_owned())),
        (
            "podman:localhost/x",
            Target::Podman("localhost/x".to_owned()),
        ),
        ("containerd:x", Target::Containerd("x".to_owned())),
        (
            "docker-storage:",
            Target::DockerStorage {
                root: "/var/lib/docker".into(),
                image: String::new(),
            },
        ),
        (
            "podman-storage:alpine:3",
            Target::PodmanStorage {
                root: "/var/lib/containers/storage".into(),
                image: "alpine:3".to_owned(),
            },
        ),
        (
            "containerd-storage:/mnt/c:alpine:3",
            Target::ContainerdStorage {
                root: "/mnt/c".into(),
                image: "alpine:3".to_owned(),
            },
        ),
        ("-", Target::Stdin),
    ] {
        let target = Target::parse(text).unwrap();
        assert_eq!(target, expected, "{text}");
        assert_eq!(
            Target::parse(&target.to_string()).unwrap(),
            target,
            "{target}"
        );
    }
    for text in [
        "dir:",
        "file:",
        "oci-dir:",
        "oci-dir::x",
        "docker:",
        "docker:a b",
        "oci-dir:x@sha256:1",
    ] {
        error(text);
    }
}

proptest! {
    #[test]
    fn a_target_is_printed_as_it_is_read(text in "(registry:|docker:|podman-storage:|oci-dir:|dir:|)[a-zA-Z0-9./:@_-]{0,24}") {
        if let Ok(target) = Target::parse(&text) {
            prop_assert_eq!(Target::parse(&target.to_string()).unwrap(), target);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,60}") {
        if let Err(error) = Target::parse(&text) {
            prop_assert!(!error.message.chars().any(char::is_control));
        }
    }
}
