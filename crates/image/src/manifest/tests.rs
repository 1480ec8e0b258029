//! Indexes and manifests as registries and builders write them, and hostile ones.

use std::cell::RefCell;
use std::collections::BTreeMap;

use model::Algorithm;
use serde_json::{Value, json};

use super::*;
use crate::manifest::merge;

const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// Blobs by digest.
#[derive(Default)]
struct Held(RefCell<BTreeMap<Digest, Vec<u8>>>);

impl Held {
    fn put_bytes(&self, media_type: &str, bytes: Vec<u8>) -> Value {
        let digest = verify::digest_of(Algorithm::Sha256, &bytes);
        let descriptor =
            json!({"mediaType": media_type, "digest": digest.to_string(), "size": bytes.len()});
        self.0.borrow_mut().insert(digest, bytes);
        descriptor
    }

    fn put(&self, media_type: &str, value: &Value) -> Value {
        self.put_bytes(media_type, value.to_string().into_bytes())
    }

    /// An image for a platform; its descriptor, with the platform.
    fn image(&self, architecture: &str) -> Value {
        let layer = self.put_bytes(OCI_LAYER, architecture.into());
        let config = self.put(
            OCI_CONFIG,
            &json!({"os":"linux","architecture":architecture,"rootfs":{"diff_ids":[layer["digest"]]}}),
        );
        let mut manifest = self.put(
            OCI_MANIFEST,
            &json!({"schemaVersion":2,"mediaType":OCI_MANIFEST,"config":config,"layers":[layer]}),
        );
        manifest["platform"] = json!({"os":"linux","architecture":architecture});
        manifest
    }

    fn get(&self, descriptor: &Descriptor) -> Result<Vec<u8>, Error> {
        let held = self.0.borrow();
        let bytes = held.get(&descriptor.digest).cloned();
        bytes.ok_or_else(|| Error::new(ErrorKind::NotFound, "there is no such blob"))
    }

    fn resolve(&self, root: &Value, platforms: &[&str]) -> Resolution {
        let options = Options {
            platforms: platforms.iter().map(|text| text.parse().unwrap()).collect(),
            ..Options::default()
        };
        let root = Descriptor {
            media_type: String::new(),
            digest: root["digest"].as_str().unwrap().parse().unwrap(),
            size: root["size"].as_u64(),
            platform: None,
            annotations: BTreeMap::new(),
            urls: Vec::new(),
            artifact_type: None,
        };
        let target_of = |descriptor: &Descriptor| format!("held@{}", descriptor.digest);
        resolve_all(self, &root, &["name".to_owned()], &target_of, &options)
    }
}

impl Documents for Held {
    fn manifest(&self, descriptor: &Descriptor, _limit: usize) -> Result<Vec<u8>, Error> {
        self.get(descriptor)
    }

    fn blob(&self, descriptor: &Descriptor, _limit: usize) -> Result<Vec<u8>, Error> {
        self.get(descriptor)
    }
}

fn image(resolved: &Resolved) -> &Image {
    match resolved {
        Resolved::Image(image) => image,
        Resolved::Broken { reason, .. } => panic!("{reason}"),
    }
}

fn reason(resolved: &Resolved) -> &str {
    match resolved {
        Resolved::Broken { reason, .. } => reason,
        Resolved::Image(image) => panic!("{}", image.target),
    }
}

#[test]
fn all_platforms_of_nested_indexes_come_in_order() {
    let held = Held::default();
    let inner = held.put(
        OCI_INDEX,
        &json!({"manifests":[held.image("arm64"), held.image("arm")]}),
    );
    let root = held.put(
        OCI_INDEX,
        &json!({"manifests":[held.image("amd64"), inner, held.image("s390x")]}),
    );
    let found = held.resolve(&root, &[]).images;
    let platforms: Vec<String> = found
        .iter()
        .map(|one| image(one).platform.clone().unwrap().to_string())
        .collect();
    assert_eq!(
        platforms,
        ["linux/amd64", "linux/arm64", "linux/arm", "linux/s390x"]
    );
    assert!(image(&found[0]).damage.is_empty());
    assert_eq!(image(&found[0]).layers[0].content, LayerContent::Tar);
    assert!(image(&found[0]).layers[0].diff_id.is_some());
}

#[test]
fn only_wanted_platforms_come_and_the_others_are_told() {
    let held = Held::default();
    let root = held.put(
        OCI_INDEX,
        &json!({"manifests":[held.image("amd64"), held.image("arm64")]}),
    );
    let some = held.resolve(&root, &["linux/arm64"]);
    assert_eq!(some.images.len(), 1);
    let none = held.resolve(&root, &["linux/riscv64"]);
    assert!(none.images.is_empty());
    let options = Options {
        platforms: vec!["linux/riscv64".parse().unwrap()],
        ..Options::default()
    };
    let error = no_such_platform("held", &options, &none.unwanted);
    assert_eq!(error.message, "held has no image for linux/riscv64");
    assert_eq!(
        error.advice.unwrap(),
        "it has images for linux/amd64, linux/arm64"
    );
    // A manifest named directly is filtered by what its configuration says.
    assert!(
        held.resolve(&held.image("arm64"), &["linux/amd64"])
            .images
            .is_empty()
    );
}

#[test]
fn attestations_and_artifacts_come_as_files() {
    let held = Held::default();
    let statement = held.put_bytes("application/vnd.in-toto+json", b"{}".into());
    let config = held.put(
        OCI_CONFIG,
        &json!({"os":"unknown","architecture":"unknown","rootfs":{"diff_ids":[]}}),
    );
    let mut attestation = held.put(OCI_MANIFEST, &json!({"config":config,"layers":[statement]}));
    attestation["platform"] = json!({"os":"unknown","architecture":"unknown"});
    let mut file = held.put_bytes("application/vnd.example.model", b"x".into());
    file["annotations"] = json!({"org.opencontainers.image.title":"model.bin"});
    let empty = held.put_bytes("application/vnd.oci.empty.v1+json", b"{}".into());
    let artifact = held.put(
        OCI_MANIFEST,
        &json!({"artifactType":"application/vnd.example","config":empty,"layers":[file]}),
    );
    let root = held.put(OCI_INDEX, &json!({"manifests":[attestation, artifact]}));
    let found = held.resolve(&root, &["linux/amd64"]).images;
    let (first, second) = (image(&found[0]), image(&found[1]));
    assert_eq!(
        first.artifact.as_deref(),
        Some("application/vnd.in-toto+json")
    );
    assert_eq!(second.artifact.as_deref(), Some("application/vnd.example"));
    assert_eq!(
        second.layers[0].content,
        LayerContent::Blob("model.bin".into())
    );
    assert!(first.damage.is_empty() && second.damage.is_empty());
}

#[test]
fn an_artifact_type_cannot_hide_what_an_image_runs() {
    let held = Held::default();
    let layer = held.put_bytes(OCI_LAYER, b"layer".into());
    let config = held.put(
        OCI_CONFIG,
        &json!({"os":"linux","architecture":"amd64","config":{"Cmd":["/x"]},"rootfs":{"diff_ids":[layer["digest"]]}}),
    );
    let root = held.put(
        OCI_MANIFEST,
        &json!({"artifactType":"text/plain","config":config,"layers":[layer]}),
    );
    let found = held.resolve(&root, &[]).images;
    assert_eq!(image(&found[0]).artifact, None);
    assert_eq!(image(&found[0]).config.cmd, ["/x"]);
}

#[test]
fn what_cannot_be_read_is_broken_with_its_digest_and_the_rest_comes() {
    let held = Held::default();
    let lost = json!({"digest": format!("sha256:{}", "0".repeat(64)), "size": 3});
    let mut short = held.image("arm");
    short["size"] = json!(7);
    let forged = verify::digest_of(Algorithm::Sha256, b"forged");
    held.0.borrow_mut().insert(forged.clone(), b"{}".into());
    let root = held.put(
        OCI_INDEX,
        &json!({"manifests":[lost, short, {"digest": forged.to_string()}, {"digest":"sha256:x"}, held.image("amd64")]}),
    );
    let found = held.resolve(&root, &[]).images;
    assert_eq!(found.len(), 5);
    let reasons: Vec<&str> = found[..4].iter().map(reason).collect();
    let has = |words: &str| reasons.iter().any(|reason| reason.contains(words));
    assert!(
        has("no such blob") && has("descriptor says 7") && has("should be") && has("sha256:x"),
        "{reasons:?}"
    );
    image(&found[4]);
}

#[test]
fn a_missing_configuration_is_broken() {
    let held = Held::default();
    let gone = json!({"mediaType":OCI_CONFIG,"digest":format!("sha256:{}", "1".repeat(64))});
    let root = held.put(OCI_MANIFEST, &json!({"config":gone,"layers":[]}));
    let found = held.resolve(&root, &[]).images;
    assert!(
        reason(&found[0]).contains("configuration sha256:1111"),
        "{}",
        reason(&found[0])
    );
}

#[test]
fn a_nest_too_deep_is_broken_off() {
    let held = Held::default();
    let mut root = held.image("amd64");
    for _ in 0..20 {
        root = held.put(OCI_INDEX, &json!({"manifests":[root]}));
    }
    let found = held.resolve(&root, &[]).images;
    assert_eq!(found.len(), 1);
    assert!(reason(&found[0]).contains("nested"));
}

#[test]
fn foreign_layers_and_wrong_numbers_of_layers_are_told() {
    let held = Held::default();
    let mut foreign = held.put_bytes(
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        b"f".into(),
    );
    foreign["urls"] = json!(["https://example.invalid/layer"]);
    let config = held.put(OCI_CONFIG, &json!({"os":"windows","architecture":"amd64"}));
    let root = held.put(
        OCI_MANIFEST,
        &json!({"config":config,"layers":[foreign, {"digest":"md5:0"}]}),
    );
    let found = held.resolve(&root, &[]).images;
    let image = image(&found[0]);
    assert!(matches!(&image.layers[0].content, LayerContent::Foreign(urls) if urls.len() == 1));
    assert_eq!(image.layers.len(), 1);
    assert!(
        image.damage[0].contains("lists 2 layers"),
        "{:?}",
        image.damage
    );
    assert!(image.damage[1].contains("md5:0"));
}

#[test]
fn one_manifest_under_several_names_is_one_image() {
    let held = Held::default();
    let root = held.image("amd64");
    let mut all = held.resolve(&root, &[]).images;
    let mut again = held.resolve(&root, &[]).images;
    if let Resolved::Image(image) = &mut again[0] {
        image.names = vec!["name".into(), "other".into()];
    }
    all.append(&mut again);
    let merged = merge(all);
    assert_eq!(merged.len(), 1);
    assert_eq!(image(&merged[0]).names, ["name", "other"]);
}
