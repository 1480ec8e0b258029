//! The same image in every form it may be held in, and forms that are damaged or hostile.

mod fixture;
mod plain;

use std::fs;

use serde_json::json;

use super::*;
use crate::Resolved;
use fixture::*;

const EXPECTED: [&str; 4] = [
    "0:etc/mark=x",
    "0:bin/sh=shell",
    "1:!etc/mark=",
    "1:bin/tool=tool",
];

#[test]
fn one_image_reads_the_same_in_every_form() {
    let fixture = Fixture::new("x");
    let (_keep, folder) = scratch();
    let layout = fixture.layout("v1");
    unpack(&format!("{folder}/layout"), &layout);
    let mut both = fixture.layout("v1");
    let config = format!("blobs/sha256/{}", fixture.id().hex());
    let layers: Vec<String> = fixture
        .layers
        .iter()
        .map(|layer| format!("blobs/sha256/{}", sha256(&gzip(layer)).hex()))
        .collect();
    both.push((
        "manifest.json".into(),
        Content::Bytes(
            json!([{"Config": config, "RepoTags": ["app:v1"], "Layers": layers}])
                .to_string()
                .into(),
        ),
    ));
    let old = pack(&fixture.docker_old("app:v1"));
    let links = pack(&fixture.docker_links("app:v1"));
    let (both, layout) = (pack(&both), pack(&layout));
    let mut forms = vec![(format!("oci-dir:{folder}/layout"), "v1")];
    for (kind, name, bytes, tag) in [
        ("docker-archive", "old", &old, "app:v1"),
        ("docker-archive", "links", &links, "app:v1"),
        ("docker-archive", "both", &both, "app:v1"),
        ("oci-archive", "layout", &layout, "v1"),
    ] {
        forms.push((
            format!("{kind}:{}", save(&folder, &format!("{name}.tar"), bytes)),
            tag,
        ));
        let zipped = save(&folder, &format!("{name}.tar.gz"), &gzip(bytes));
        forms.push((format!("{kind}:{zipped}"), tag));
        let (images, recorder) = stream(bytes.clone()).unwrap();
        assert_eq!(targets(&images), [format!("-:{tag}")], "{name} as a stream");
        assert_eq!(recorder.of(image(&images[0])).0, EXPECTED);
    }
    for (target, tag) in forms {
        let (images, recorder) = read(&target).unwrap();
        assert_eq!(targets(&images), [format!("{target}:{tag}")]);
        let image = image(&images[0]);
        let (entries, damage) = recorder.of(image);
        assert_eq!(entries, EXPECTED, "{target}");
        assert!(damage.is_empty(), "{target}: {damage:?}");
        assert_eq!(image.config_digest, Some(fixture.id()), "{target}");
        assert_eq!(image.config.cmd, ["/bin/sh"]);
        // The target names the image again.
        let (again, _) = read(&image.target).unwrap();
        assert_eq!(targets(&again), [image.target.as_str()]);
    }
}

#[test]
fn a_layout_with_many_images_is_read_whole_or_by_tag_or_digest() {
    let (_keep, folder) = scratch();
    let mut entries = Vec::new();
    let mut files = Files::new();
    for (mark, name) in [
        ("1", "example/app:one"),
        ("2", "example/app:two"),
        ("3", "other:two"),
    ] {
        let (mut blobs, mut manifest) = Fixture::new(mark).blobs();
        files.append(&mut blobs);
        manifest["annotations"] = json!({"org.opencontainers.image.ref.name": name});
        entries.push(manifest);
    }
    let (mut blobs, untagged) = Fixture::new("4").blobs();
    files.append(&mut blobs);
    entries.push(untagged.clone());
    files.push(catalog(&entries));
    unpack(&folder, &files);
    let target = format!("oci-dir:{folder}");
    let (all, _) = read(&target).unwrap();
    let digest = untagged["digest"].as_str().unwrap();
    assert_eq!(
        targets(&all),
        [
            format!("{target}:example/app:one"),
            format!("{target}:example/app:two"),
            format!("{target}:other:two"),
            format!("{target}@{digest}"),
        ]
    );
    for asked in [
        ":example/app:one",
        ":docker.io/example/app:one",
        ":one",
        &format!("@{digest}"),
    ] {
        let (images, _) = read(&format!("{target}{asked}")).unwrap();
        assert_eq!(images.len(), 1, "{asked}");
    }
    let error = read(&format!("{target}:two")).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Usage);
    assert!(error.advice.unwrap().contains("example/app:two, other:two"));
    let error = read(&format!("{target}:nine")).err().unwrap();
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(
        error.message.ends_with("has no image nine"),
        "{}",
        error.message
    );
    assert!(error.advice.unwrap().contains("example/app:one"));
    let error = read(&format!("{target}@sha256:{}", "0".repeat(64)))
        .err()
        .unwrap();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[test]
fn tags_shared_by_images_of_one_archive_are_told_apart_by_full_names() {
    let mut files = Files::new();
    let mut entries = Vec::new();
    for (mark, name) in [
        ("1", "docker.io/library/one:latest"),
        ("2", "docker.io/library/two:latest"),
    ] {
        let (mut blobs, mut manifest) = Fixture::new(mark).blobs();
        files.append(&mut blobs);
        manifest["annotations"] = json!({"org.opencontainers.image.ref.name": "latest", "io.containerd.image.name": name});
        entries.push(manifest);
    }
    files.push(catalog(&entries));
    let (images, _) = stream(pack(&files)).unwrap();
    assert_eq!(
        targets(&images),
        [
            "-:docker.io/library/one:latest",
            "-:docker.io/library/two:latest"
        ]
    );
}

#[test]
fn a_platform_that_is_not_there_is_an_error_that_lists_what_is() {
    let (_keep, folder) = scratch();
    unpack(&folder, &Fixture::new("x").layout("v1"));
    let options = Options {
        platforms: vec!["linux/arm64".parse().unwrap()],
        ..Options::default()
    };
    let error = read_with(&format!("oci-dir:{folder}"), &options)
        .err()
        .unwrap();
    assert!(
        error.message.ends_with("has no image for linux/arm64"),
        "{}",
        error.message
    );
    assert_eq!(error.advice.unwrap(), "it has images for linux/amd64");
}

#[test]
fn a_missing_layer_leaves_the_rest() {
    let fixture = Fixture::new("x");
    let (_keep, folder) = scratch();
    let mut files = fixture.docker_old("app:v1");
    files.retain(|(path, _)| !(path.starts_with('1') && path.ends_with("layer.tar")));
    let bytes = pack(&files);
    let path = save(&folder, "a.tar", &bytes);
    for (images, recorder) in [
        read(&format!("docker-archive:{path}")).unwrap(),
        stream(bytes).unwrap(),
    ] {
        let image = image(&images[0]);
        let (entries, damage) = recorder.of(image);
        assert_eq!(entries, EXPECTED[..2]);
        assert!(
            damage.iter().any(|one| one.contains("not read")),
            "{damage:?}"
        );
    }
    let (images, _) = stream(pack(&files)).unwrap();
    assert!(image(&images[0]).damage[0].contains("is not in the archive"));
}

#[test]
fn wrong_digests_are_said_in_files_and_streams() {
    let fixture = Fixture::new("x");
    let other = tar_of(&[("etc/mark", b"forged")]);
    let (_keep, folder) = scratch();
    // Another layer under the right name.
    let mut blob = fixture.layout("v1");
    blob[0].1 = Content::Bytes(gzip(&other));
    let mut plain = fixture.docker_old("app:v1");
    let layer = plain
        .iter_mut()
        .find(|(path, _)| path.ends_with("layer.tar"))
        .unwrap();
    layer.1 = Content::Bytes(other);
    for (kind, files) in [("oci-archive", blob), ("docker-archive", plain)] {
        let bytes = pack(&files);
        let path = save(&folder, kind, &bytes);
        for (images, recorder) in [
            read(&format!("{kind}:{path}")).unwrap(),
            stream(bytes).unwrap(),
        ] {
            let (entries, damage) = recorder.of(image(&images[0]));
            assert_eq!(entries[0], "0:etc/mark=forged", "what was read counts");
            assert!(
                damage.iter().any(|one| one.contains("digest is")),
                "{kind}: {damage:?}"
            );
        }
    }
}

#[test]
fn a_configuration_under_another_name_is_broken() {
    let fixture = Fixture::new("x");
    let mut files = fixture.docker_old("app:v1");
    for (path, content) in &mut files {
        if *path == format!("{}.json", fixture.id().hex()) {
            *content = Content::Bytes(b"{}".into());
        }
    }
    let (images, _) = stream(pack(&files)).unwrap();
    let Resolved::Broken { reason, target, .. } = &images[0] else {
        panic!("{images:?}");
    };
    assert_eq!(target, "-:app:v1");
    assert!(reason.contains("and its name says"), "{reason}");
}

#[test]
fn images_that_only_one_catalog_lists_are_found_too() {
    let (one, two) = (Fixture::new("1"), Fixture::new("2"));
    let mut files = one.docker_old("one:latest");
    files.append(&mut two.layout("two"));
    let (images, recorder) = stream(pack(&files)).unwrap();
    assert_eq!(targets(&images), ["-:one:latest", "-:two"]);
    for image_ in &images {
        assert_eq!(recorder.of(image(image_)).1, Vec::<String>::new());
    }
}

#[test]
fn a_cut_archive_is_never_clean() {
    let fixture = Fixture::new("x");
    let bytes = pack(&fixture.docker_old("app:v1"));
    let (_keep, folder) = scratch();
    for length in [
        700,
        2_000,
        3_000,
        bytes.len() / 2,
        bytes.len() - 3_000,
        bytes.len() - 1_024,
    ] {
        let cut = &bytes[..length];
        for stored in [
            cut.to_vec(),
            gzip(cut),
            gzip(&bytes)[..gzip(&bytes).len() - 9].to_vec(),
        ] {
            match stream(stored) {
                Err(error) => assert_eq!(error.kind, ErrorKind::Invalid, "{}", error.message),
                Ok((images, recorder)) => {
                    for image_ in &images {
                        let damage = recorder.of(image(image_)).1;
                        assert!(!damage.is_empty(), "cut at {length}");
                    }
                }
            }
        }
        let path = save(&folder, "cut.tar", cut);
        match read(&format!("docker-archive:{path}")) {
            Err(error) => assert_eq!(error.kind, ErrorKind::Invalid, "{}", error.message),
            Ok((images, _)) => assert_eq!(length, bytes.len() - 1_024, "{images:?}"),
        }
    }
    // What came before the cut was handed over.
    let (images, recorder) = stream(bytes[..bytes.len() / 2].to_vec()).unwrap();
    assert_eq!(recorder.of(image(&images[0])).0[..2], EXPECTED[..2]);
}

#[test]
fn artifacts_keep_their_files_in_a_stream() {
    let statement = b"{\"subject\":[]}";
    let mut files = Files::new();
    let mut put = |media_type: &str, bytes: &[u8]| {
        let digest = sha256(bytes);
        files.push((
            format!("blobs/sha256/{}", digest.hex()),
            Content::Bytes(bytes.to_vec()),
        ));
        json!({"mediaType": media_type, "digest": digest.to_string(), "size": bytes.len()})
    };
    let layers = [
        put("application/vnd.in-toto+json", statement),
        put("application/octet-stream", b"\x7fELF model"),
    ];
    let config = put("application/vnd.oci.empty.v1+json", b"{}");
    let manifest =
        json!({"artifactType": "application/vnd.example", "config": config, "layers": layers});
    let manifest = put(
        "application/vnd.oci.image.manifest.v1+json",
        manifest.to_string().as_bytes(),
    );
    files.push(catalog(&[manifest]));
    let (images, recorder) = stream(pack(&files)).unwrap();
    let image = image(&images[0]);
    assert_eq!(image.artifact.as_deref(), Some("application/vnd.example"));
    let (entries, damage) = recorder.of(image);
    assert!(damage.is_empty(), "{damage:?}");
    assert!(
        entries[0].ends_with("={\"subject\":[]}") && entries[1].ends_with("=\x7fELF model"),
        "{entries:?}"
    );
}

#[test]
fn what_is_no_image_is_an_error_with_advice() {
    let (_keep, folder) = scratch();
    let text = save(&folder, "text", b"hello");
    let empty = save(&folder, "empty.tar", &[0; 1024]);
    fs::create_dir(format!("{folder}/bare")).unwrap();
    for (target, kind) in [
        (format!("docker-archive:{text}"), ErrorKind::Invalid),
        (format!("docker-archive:{empty}"), ErrorKind::Invalid),
        (format!("docker-archive:{folder}/none"), ErrorKind::NotFound),
        (format!("docker-archive:{folder}"), ErrorKind::Invalid),
        (format!("oci-dir:{folder}/bare"), ErrorKind::Invalid),
        (format!("oci-dir:{folder}/none"), ErrorKind::NotFound),
        (format!("oci-dir:{text}"), ErrorKind::Invalid),
        (format!("dir:{text}"), ErrorKind::Invalid),
        (format!("dir:{folder}/none"), ErrorKind::NotFound),
        (format!("file:{folder}"), ErrorKind::Invalid),
        (format!("file:{folder}/none"), ErrorKind::NotFound),
    ] {
        let error = read(&target).err().unwrap();
        assert_eq!(error.kind, kind, "{target}: {}", error.message);
    }
    for bytes in [b"hello".to_vec(), gzip(b"hello"), vec![0; 1024]] {
        assert_eq!(stream(bytes).err().unwrap().kind, ErrorKind::Invalid);
    }
}
