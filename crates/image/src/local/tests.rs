//! The same image in every form it may be held in, and forms that are damaged or hostile.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::PathBuf;

use model::{Algorithm, Budget, Digest, Entry, EntryKind};
use serde_json::{Value, json};

use super::*;
use crate::verify::digest_of;
use crate::{EntryVisitor, Image, LayerEnd, LayerSink, Resolved, StreamSource};

/// Files of an archive, in order.
type Files = Vec<(String, Content)>;

#[derive(Clone)]
enum Content {
    Bytes(Vec<u8>),
    Link(String),
}

fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let files: Files = files
        .iter()
        .map(|(path, bytes)| ((*path).to_owned(), Content::Bytes(bytes.to_vec())))
        .collect();
    pack(&files)
}

fn pack(files: &Files) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = ::tar::Header::new_ustar();
        header.set_mode(0o644);
        match content {
            Content::Bytes(bytes) if path.ends_with('/') => {
                assert!(bytes.is_empty());
                header.set_entry_type(::tar::EntryType::Directory);
                header.set_size(0);
                builder.append_data(&mut header, path, io::empty()).unwrap();
            }
            Content::Bytes(bytes) => {
                header.set_size(bytes.len() as u64);
                builder
                    .append_data(&mut header, path, bytes.as_slice())
                    .unwrap();
            }
            Content::Link(target) => {
                header.set_entry_type(::tar::EntryType::Symlink);
                header.set_size(0);
                builder.append_link(&mut header, path, target).unwrap();
            }
        }
    }
    builder.into_inner().unwrap()
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn sha256(bytes: &[u8]) -> Digest {
    digest_of(Algorithm::Sha256, bytes)
}

/// An image of two layers, the second of which removes a file of the first.
struct Fixture {
    layers: Vec<Vec<u8>>,
    config: Vec<u8>,
}

impl Fixture {
    fn new(mark: &str) -> Self {
        let layers = vec![
            tar_of(&[("etc/mark", mark.as_bytes()), ("bin/sh", b"shell")]),
            tar_of(&[("etc/.wh.mark", b""), ("bin/tool", b"tool")]),
        ];
        let diff_ids: Vec<String> = layers
            .iter()
            .map(|layer| sha256(layer).to_string())
            .collect();
        let config = json!({
            "os": "linux", "architecture": "amd64", "config": {"Cmd": ["/bin/sh"]},
            "rootfs": {"type": "layers", "diff_ids": diff_ids}
        });
        Self {
            layers,
            config: config.to_string().into_bytes(),
        }
    }

    fn id(&self) -> Digest {
        sha256(&self.config)
    }

    /// As `docker save` wrote it before version 25.
    fn docker_old(&self, tag: &str) -> Files {
        let mut files = Files::new();
        let mut paths = Vec::new();
        for (n, layer) in self.layers.iter().enumerate() {
            let id = format!("{n}{}", &sha256(layer).hex()[1..]);
            files.push((format!("{id}/"), Content::Bytes(Vec::new())));
            files.push((format!("{id}/VERSION"), Content::Bytes(b"1.0".into())));
            files.push((format!("{id}/json"), Content::Bytes(b"{}".into())));
            paths.push(format!("{id}/layer.tar"));
            files.push((format!("{id}/layer.tar"), Content::Bytes(layer.clone())));
        }
        let config = format!("{}.json", self.id().hex());
        files.push((config.clone(), Content::Bytes(self.config.clone())));
        files.push((
            "manifest.json".to_owned(),
            Content::Bytes(
                json!([{"Config": config, "RepoTags": [tag], "Layers": paths}])
                    .to_string()
                    .into(),
            ),
        ));
        files.push(("repositories".to_owned(), Content::Bytes(b"{}".into())));
        files
    }

    /// As skopeo and podman write it: layers at the top, links to them.
    fn docker_links(&self, tag: &str) -> Files {
        let mut files = Files::new();
        let mut paths = Vec::new();
        for (n, layer) in self.layers.iter().enumerate() {
            let file = format!("{}.tar", sha256(layer).hex());
            files.push((file.clone(), Content::Bytes(layer.clone())));
            let id = n.to_string().repeat(64);
            files.push((
                format!("{id}/layer.tar"),
                Content::Link(format!("../{file}")),
            ));
            paths.push(format!("{id}/layer.tar"));
        }
        let config = format!("sha256:{}", self.id().hex());
        files.push((config.clone(), Content::Bytes(self.config.clone())));
        files.push((
            "manifest.json".to_owned(),
            Content::Bytes(
                json!([{"Config": config, "RepoTags": [tag], "Layers": paths}])
                    .to_string()
                    .into(),
            ),
        ));
        files
    }

    /// The blobs of an OCI layout and the manifest's descriptor.
    fn blobs(&self) -> (Files, Value) {
        let mut files = Files::new();
        let mut put = |media_type: &str, bytes: &[u8]| {
            let digest = sha256(bytes);
            let path = format!("blobs/sha256/{}", digest.hex());
            if !files.iter().any(|(known, _)| *known == path) {
                files.push((path, Content::Bytes(bytes.to_vec())));
            }
            json!({"mediaType": media_type, "digest": digest.to_string(), "size": bytes.len()})
        };
        let layers: Vec<Value> = self
            .layers
            .iter()
            .map(|layer| put("application/vnd.oci.image.layer.v1.tar+gzip", &gzip(layer)))
            .collect();
        let config = put("application/vnd.oci.image.config.v1+json", &self.config);
        let manifest = json!({"schemaVersion": 2, "config": config, "layers": layers});
        let manifest = put(
            "application/vnd.oci.image.manifest.v1+json",
            manifest.to_string().as_bytes(),
        );
        (files, manifest)
    }

    fn layout(&self, tag: &str) -> Files {
        let (mut files, mut manifest) = self.blobs();
        manifest["annotations"] = json!({"org.opencontainers.image.ref.name": tag});
        files.push(catalog(&[manifest]));
        files
    }
}

fn catalog(manifests: &[Value]) -> (String, Content) {
    let index = json!({"schemaVersion": 2, "manifests": manifests}).to_string();
    ("index.json".to_owned(), Content::Bytes(index.into_bytes()))
}

/// What was read of each layer: entries, contents, how it ended.
#[derive(Default)]
struct Recorder {
    key: String,
    layers: BTreeMap<String, (Vec<(Entry, Vec<u8>)>, Option<LayerEnd>)>,
}

impl EntryVisitor for Recorder {
    fn entry(&mut self, entry: &Entry, content: &mut dyn Read) {
        let mut bytes = Vec::new();
        let _ = io::copy(content, &mut bytes);
        let layer = self.layers.entry(self.key.clone()).or_default();
        layer.0.push((entry.clone(), bytes));
    }
}

impl LayerSink for Recorder {
    fn begin(&mut self, key: &str) {
        self.key = key.to_owned();
        assert!(
            self.layers
                .insert(key.to_owned(), Default::default())
                .is_none(),
            "{key} is handed over once"
        );
    }

    fn end(&mut self, key: &str, end: LayerEnd) {
        assert_eq!(self.key, key);
        self.layers.get_mut(key).unwrap().1 = Some(end);
    }
}

impl Recorder {
    /// `LAYER:PATH=CONTENT` of an image's layers, and all damage.
    fn of(&self, image: &Image) -> (Vec<String>, Vec<String>) {
        let mut entries = Vec::new();
        let mut damage = image.damage.clone();
        for (n, layer) in image.layers.iter().enumerate() {
            let Some((read, end)) = self.layers.get(&layer.key) else {
                damage.push(format!("layer {n} was not read"));
                continue;
            };
            for (entry, bytes) in read {
                let mark = if matches!(entry.kind, EntryKind::Whiteout(_)) {
                    "!"
                } else {
                    ""
                };
                let content = String::from_utf8_lossy(bytes);
                entries.push(format!("{n}:{mark}{}={content}", entry.path));
            }
            damage.extend(
                end.iter()
                    .flat_map(|end| &end.damage)
                    .map(|one| one.reason.clone()),
            );
        }
        (entries, damage)
    }
}

/// Opens a target and reads all of it.
fn read(target: &str) -> Result<(Vec<Resolved>, Recorder), Error> {
    read_with(target, &Options::default())
}

fn read_with(target: &str, options: &Options) -> Result<(Vec<Resolved>, Recorder), Error> {
    let mut recorder = Recorder::default();
    let images = match open(&Target::parse(target).unwrap(), options)? {
        Opened::Random(source) => {
            for resolved in source.images() {
                let Resolved::Image(image) = resolved else {
                    continue;
                };
                for layer in &image.layers {
                    if recorder.layers.contains_key(&layer.key) {
                        continue;
                    }
                    recorder.begin(&layer.key);
                    match source.read_layer(layer, &mut recorder) {
                        Ok(end) => recorder.end(&layer.key, end),
                        Err(_) => drop(recorder.layers.remove(&layer.key)),
                    }
                }
            }
            source.images().to_vec()
        }
        Opened::Stream(stream) => stream.drain(&mut recorder)?,
    };
    Ok((images, recorder))
}

fn stream(bytes: Vec<u8>) -> Result<(Vec<Resolved>, Recorder), Error> {
    let mut recorder = Recorder::default();
    let stream = TarStream::new(Box::new(Cursor::new(bytes)), Budget::default());
    let images = Box::new(stream).drain(&mut recorder)?;
    Ok((images, recorder))
}

fn image(resolved: &Resolved) -> &Image {
    match resolved {
        Resolved::Image(image) => image,
        Resolved::Broken { reason, .. } => panic!("{reason}"),
    }
}

fn targets(images: &[Resolved]) -> Vec<&str> {
    images
        .iter()
        .map(|resolved| match resolved {
            Resolved::Image(Image { target, .. }) | Resolved::Broken { target, .. } => {
                target.as_str()
            }
        })
        .collect()
}

/// A folder for one test, and its path as text.
fn scratch() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    (folder, path)
}

fn save(folder: &str, name: &str, bytes: &[u8]) -> String {
    let path = format!("{folder}/{name}");
    fs::write(&path, bytes).unwrap();
    path
}

fn unpack(folder: &str, files: &Files) {
    for (path, content) in files {
        let path = PathBuf::from(folder).join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if let Content::Bytes(bytes) = content {
            fs::write(path, bytes).unwrap();
        }
    }
}

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
fn a_root_file_system_is_read_as_one() {
    let files = [
        ("./", &b""[..]),
        ("./etc/passwd", b"root"),
        ("./manifest.json", b"{\"name\":\"a web application\"}"),
        ("./backup.tar", &tar_of(&[("hidden", b"x")])),
        ("./usr/bin/tool", b"tool"),
    ];
    for bytes in [tar_of(&files), gzip(&tar_of(&files))] {
        let (images, recorder) = stream(bytes).unwrap();
        assert_eq!(targets(&images), ["-"]);
        let (mut entries, damage) = recorder.of(image(&images[0]));
        assert!(damage.is_empty(), "{damage:?}");
        entries.sort();
        let names: Vec<&str> = entries
            .iter()
            .map(|one| one.split_once('=').unwrap().0)
            .collect();
        assert_eq!(
            names,
            [
                "0:backup.tar",
                "0:etc/passwd",
                "0:manifest.json",
                "0:usr/bin/tool"
            ]
        );
    }
}

#[test]
fn a_mix_of_archive_and_root_file_system_yields_both() {
    let mut files = Fixture::new("x").docker_old("app:v1");
    files.insert(3, ("etc/evil".into(), Content::Bytes(b"evil".into())));
    files.push(("root/late".into(), Content::Bytes(b"late".into())));
    let (images, recorder) = stream(pack(&files)).unwrap();
    let loose: Vec<&Image> = images
        .iter()
        .map(image)
        .filter(|image| image.target == "-")
        .collect();
    let entries = recorder.of(loose[0]).0;
    for wanted in ["etc/evil=evil", "root/late=late"] {
        assert!(
            entries.iter().any(|entry| entry.ends_with(wanted)),
            "{entries:?}"
        );
    }
    let named: Vec<&Image> = images
        .iter()
        .map(image)
        .filter(|image| image.target != "-")
        .collect();
    assert_eq!(recorder.of(named[0]).0, EXPECTED);
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

#[test]
fn a_folder_is_read_without_following_anything_out_of_it() {
    use std::os::unix::fs::symlink;
    let (_keep, folder) = scratch();
    let root = format!("{folder}/root");
    fs::create_dir_all(format!("{root}/b/deep")).unwrap();
    fs::create_dir(format!("{root}/a")).unwrap();
    save(&folder, "secret", b"outside");
    save(&root, "b/deep/file", b"content");
    save(&root, ".wh.name", b"no whiteout here");
    symlink("../secret", format!("{root}/link")).unwrap();
    symlink("..", format!("{root}/up")).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    let fifo = format!("{root}/pipe");
    rustix::fs::mknodat(rustix::fs::CWD, fifo, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let target = format!("dir:{root}");
    let (images, recorder) = read(&target).unwrap();
    assert_eq!(targets(&images), [target.as_str()]);
    let (entries, damage) = recorder.of(image(&images[0]));
    assert!(damage.is_empty(), "{damage:?}");
    assert_eq!(
        entries,
        [
            "0:.wh.name=no whiteout here",
            "0:a=",
            "0:b=",
            "0:link=",
            "0:pipe=",
            "0:up=",
            "0:b/deep=",
            "0:b/deep/file=content"
        ]
    );
    let read = &recorder.layers["folder"].0;
    assert_eq!(read[3].0.kind, EntryKind::Symlink("../secret".into()));
    assert_eq!(read[4].0.kind, EntryKind::Fifo);
}

#[test]
fn bounds_on_a_folder_are_said() {
    let (_keep, folder) = scratch();
    for n in 0..5 {
        save(&folder, &format!("f{n}"), &[b'x'; 100]);
    }
    for (budget, words) in [
        (
            Budget {
                layer_bytes: 250,
                ..Budget::default()
            },
            "bound of 250 bytes",
        ),
        (
            Budget {
                layer_entries: 3,
                ..Budget::default()
            },
            "bound of 3 entries",
        ),
    ] {
        let options = Options {
            budget,
            ..Options::default()
        };
        let (images, recorder) = read_with(&format!("dir:{folder}"), &options).unwrap();
        let damage = recorder.of(image(&images[0])).1;
        assert!(damage.iter().any(|one| one.contains(words)), "{damage:?}");
    }
}

#[test]
fn a_single_file_is_one_entry() {
    let (_keep, folder) = scratch();
    let path = save(&folder, "tool.sh", b"#!/bin/sh\n");
    let target = format!("file:{path}");
    let (images, recorder) = read(&target).unwrap();
    assert_eq!(targets(&images), [target.as_str()]);
    assert_eq!(
        recorder.of(image(&images[0])),
        (vec!["0:tool.sh=#!/bin/sh\n".to_owned()], vec![])
    );
}
