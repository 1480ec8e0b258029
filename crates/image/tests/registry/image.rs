//! Whole images.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use image::{
    EntryVisitor, Error, ErrorKind, Image, LayerEnd, Opened, Options, Resolved, Source, Target,
};
use model::{Algorithm, Digest, Entry};

use crate::options;
use crate::server::{Reply, Seen, Server};

/// An image of one layer with one file.
#[derive(Clone)]
struct Fixture {
    layer: Vec<u8>,
    config: Vec<u8>,
    manifest: Vec<u8>,
}

fn sha256(bytes: &[u8]) -> Digest {
    image::verify::digest_of(Algorithm::Sha256, bytes)
}

impl Fixture {
    fn new() -> Self {
        Self::with_layer("application/vnd.oci.image.layer.v1.tar", "")
    }

    /// With a layer of this media type and these other fields of its descriptor.
    fn with_layer(media_type: &str, fields: &str) -> Self {
        let content: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, "etc/numbers", content.as_slice())
            .unwrap();
        let layer = tar.into_inner().unwrap();
        let config = format!(
            r#"{{"os":"linux","architecture":"amd64","config":{{"Cmd":["/bin/true"]}},"rootfs":{{"type":"layers","diff_ids":["{}"]}}}}"#,
            sha256(&layer)
        )
        .into_bytes();
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":{}}},"layers":[{{"mediaType":"{media_type}","digest":"{}","size":{}{fields}}}]}}"#,
            sha256(&config), config.len(), sha256(&layer), layer.len()
        )
        .into_bytes();
        Self {
            layer,
            config,
            manifest,
        }
    }

    /// What an honest registry answers.
    fn answer(&self, seen: &Seen) -> Reply {
        let path = seen.path.as_str();
        let digest = |bytes: &[u8]| sha256(bytes).to_string();
        if path == "/v2/app/manifests/1"
            || path == format!("/v2/app/manifests/{}", digest(&self.manifest))
        {
            Reply::ok(self.manifest.clone())
                .with("Content-Type", "application/vnd.oci.image.manifest.v1+json")
                .with("Docker-Content-Digest", digest(&self.manifest))
        } else if path == format!("/v2/app/blobs/{}", digest(&self.config)) {
            Reply::ok(self.config.clone())
        } else if self.is_layer(seen) {
            Reply::ok(self.layer.clone())
        } else {
            Reply::new(404, r#"{"errors":[{"code":"BLOB_UNKNOWN"}]}"#)
        }
    }

    fn is_layer(&self, seen: &Seen) -> bool {
        seen.path == format!("/v2/app/blobs/{}", sha256(&self.layer))
    }
}

/// A registry with the image whose layer is served by `layer`, given the request and its number.
fn serve(layer: impl Fn(&Fixture, &Seen, usize) -> Reply + Send + Sync + 'static) -> Server {
    let fixture = Fixture::new();
    let asked = AtomicUsize::new(0);
    Server::plain(move |seen| {
        if fixture.is_layer(seen) {
            layer(&fixture, seen, asked.fetch_add(1, Ordering::SeqCst))
        } else {
            fixture.answer(seen)
        }
    })
}

/// First byte that a request asks for.
fn start(seen: &Seen) -> usize {
    let range = seen
        .header("range")
        .and_then(|range| range.strip_prefix("bytes="));
    range.map_or(0, |range| range.trim_end_matches('-').parse().unwrap())
}

/// The part of a layer that a request asks for, as a server with ranges answers.
fn part(layer: &[u8], seen: &Seen) -> Reply {
    let (start, total) = (start(seen), layer.len());
    if start == 0 {
        return Reply::ok(layer);
    }
    let mut reply = Reply::ok(&layer[start..]);
    reply.status = 206;
    reply.with(
        "Content-Range",
        format!("bytes {start}-{}/{total}", total - 1),
    )
}

fn open(reference: &str, options: &Options) -> Result<Box<dyn Source>, Error> {
    match image::open(&Target::parse(reference).unwrap(), options)? {
        Opened::Random(source) => Ok(source),
        Opened::Stream(_) => panic!("a registry is no stream"),
    }
}

fn only_image(source: &dyn Source) -> &Image {
    match source.images() {
        [Resolved::Image(image)] => image,
        other => panic!("{other:?}"),
    }
}

#[derive(Default)]
struct Files(Vec<(String, Vec<u8>)>);

impl EntryVisitor for Files {
    fn entry(&mut self, entry: &Entry, content: &mut dyn Read) {
        let mut bytes = Vec::new();
        // A damaged layer ends in an error, which the layer's end reports.
        let _ = std::io::copy(content, &mut bytes);
        self.0.push((entry.path.to_string(), bytes));
    }
}

fn read(source: &dyn Source) -> (Result<LayerEnd, Error>, Files) {
    let layer = &only_image(source).layers[0];
    let mut files = Files::default();
    (source.read_layer(layer, &mut files), files)
}

/// Reads the image of `server` and checks that it came whole.
fn assert_whole(server: &Server) {
    let source = open(&format!("{}/app:1", server.host()), &options()).unwrap();
    let (end, files) = read(source.as_ref());
    let end = end.unwrap();
    assert_eq!(end.damage, []);
    assert_eq!(end.diff_id, Some(sha256(&Fixture::new().layer)));
    assert_eq!(files.0[0].0, "etc/numbers");
    assert_eq!(files.0[0].1.len(), 800_000);
}

#[test]
fn an_image_is_named_by_its_digest() {
    let server = serve(|fixture, _, _| Reply::ok(fixture.layer.clone()));
    let source = open(&format!("{}/app:1", server.host()), &options()).unwrap();
    let image = only_image(source.as_ref());
    let digest = sha256(&Fixture::new().manifest);
    assert_eq!(
        image.target,
        format!("registry:{}/app@{digest}", server.host())
    );
    assert_eq!(image.names, [format!("{}/app:1", server.host())]);
    assert_eq!(image.damage, Vec::<String>::new());
    let accept = server.seen()[0].header("accept").unwrap().to_owned();
    assert!(
        accept.contains("oci.image.index") && accept.contains("manifest.list"),
        "{accept}"
    );
    assert_whole(&server);

    let again = open(&image.target, &options()).unwrap();
    let image = only_image(again.as_ref());
    assert_eq!(image.manifest, Some(digest));
    assert_eq!(image.names, Vec::<String>::new());
}

#[test]
fn broken_transfers_are_taken_up() {
    let with_ranges = serve(|fixture, seen, n| {
        let reply = part(&fixture.layer, seen);
        if n < 3 { reply.cut(100_000) } else { reply }
    });
    assert_whole(&with_ranges);
    let starts: Vec<usize> = with_ranges
        .seen()
        .iter()
        .filter(|seen| seen.path.contains("/blobs/") && seen.header("range").is_some())
        .map(start)
        .collect();
    assert_eq!(starts, [100_000, 200_000, 300_000]);

    let without = serve(|fixture, _, n| {
        let reply = Reply::ok(fixture.layer.clone());
        if n < 2 {
            reply.cut(100_000 * (n + 1))
        } else {
            reply
        }
    });
    assert_whole(&without);
}

#[test]
fn broken_transfers_move_on_to_the_registry() {
    let fixture = Arc::new(Fixture::new());
    let broken = Arc::clone(&fixture);
    let mirror = Server::plain(move |seen| match start(seen) {
        0 if broken.is_layer(seen) => broken.answer(seen).cut(5_000),
        0 => broken.answer(seen),
        _ => Reply::new(500, ""),
    });
    let whole = Arc::clone(&fixture);
    let registry = Server::plain(move |seen| part(&whole.layer, seen));
    let options = Options {
        mirrors: vec![(registry.host(), format!("http://{}", mirror.host()))],
        ..options()
    };
    let source = open(&format!("{}/app:1", registry.host()), &options).unwrap();
    let (end, _) = read(source.as_ref());
    assert_eq!(end.unwrap().damage, []);
    assert_eq!(start(&registry.seen()[0]), 5_000);
}

#[test]
fn transfers_that_keep_breaking_are_damage() {
    let server = serve(|fixture, seen, n| match n {
        0 => part(&fixture.layer, seen).cut(100_000),
        _ => part(&fixture.layer, seen).cut(0),
    });
    let source = open(&format!("{}/app:1", server.host()), &options()).unwrap();
    let (end, files) = read(source.as_ref());
    let damage = format!("{:?}", end.unwrap().damage);
    assert!(damage.contains("100000 of"), "{damage}");
    assert!(!files.0.is_empty(), "what came before counts");
}

#[test]
fn wrong_parts_are_not_taken() {
    let server = serve(|fixture, seen, n| match n {
        0 => part(&fixture.layer, seen).cut(100_000),
        _ => {
            let mut reply = Reply::ok(&fixture.layer[150_000..]);
            reply.status = 206;
            let total = fixture.layer.len();
            reply.with(
                "Content-Range",
                format!("bytes 150000-{}/{total}", total - 1),
            )
        }
    });
    let source = open(&format!("{}/app:1", server.host()), &options()).unwrap();
    let (end, _) = read(source.as_ref());
    assert!(format!("{:?}", end.unwrap().damage).contains("150000"));
}

#[test]
fn layers_of_another_digest_or_length_are_damaged() {
    let forged = serve(|fixture, _, _| {
        let mut layer = fixture.layer.clone();
        layer[600] ^= 1;
        Reply::ok(layer)
    });
    let longer = serve(|fixture, _, _| {
        let mut layer = fixture.layer.clone();
        layer.extend([0; 4096]);
        Reply::ok(layer)
    });
    let shorter = serve(|fixture, _, _| Reply::ok(&fixture.layer[..fixture.layer.len() - 512]));
    let endless = serve(|_, _, _| Reply::ok(vec![0; 4096]).endless());
    for server in [forged, longer, shorter, endless] {
        let source = open(&format!("{}/app:1", server.host()), &options()).unwrap();
        let (end, _) = read(source.as_ref());
        assert_ne!(end.unwrap().damage, []);
    }
}

#[test]
fn layers_that_are_not_there_are_errors() {
    let server = serve(|_, _, _| Reply::new(404, ""));
    let source = open(&format!("{}/app:1", server.host()), &options()).unwrap();
    let (end, _) = read(source.as_ref());
    assert_eq!(end.unwrap_err().kind, ErrorKind::NotFound);
}

#[test]
fn foreign_layers_are_asked_of_the_registry_alone() {
    let stranger = Server::plain(|_| Reply::ok("x"));
    let urls = format!(r#","urls":["http://{}/layer"]"#, stranger.host());
    let media_type = "application/vnd.docker.image.rootfs.foreign.diff.tar";
    let fixture = Fixture::with_layer(media_type, &urls);
    let held = fixture.clone();
    let holder = Server::plain(move |seen| held.answer(seen));
    let without = Server::plain(move |seen| match fixture.is_layer(seen) {
        true => Reply::new(404, ""),
        false => fixture.answer(seen),
    });
    let source = open(&format!("{}/app:1", holder.host()), &options()).unwrap();
    let (end, files) = read(source.as_ref());
    assert_eq!((end.unwrap().damage, files.0.len()), (vec![], 1));
    let source = open(&format!("{}/app:1", without.host()), &options()).unwrap();
    let (end, _) = read(source.as_ref());
    assert!(end.unwrap().damage[0].reason.contains("not held here"));
    assert_eq!(stranger.seen().len(), 0);
}

#[test]
fn manifests_of_another_digest_are_refused() {
    let server = Server::plain(|_| Reply::ok("{}"));
    let digest = sha256(b"wanted");
    let error = open(&format!("{}/app@{digest}", server.host()), &options())
        .err()
        .unwrap();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(
        error.message.contains(&sha256(b"{}").to_string()),
        "{error}"
    );
}

#[test]
fn manifests_that_contradict_their_announcement_are_damaged() {
    let fixture = Fixture::new();
    let server = Server::plain(move |seen| {
        let mut reply = fixture.answer(seen);
        for (name, value) in &mut reply.headers {
            if name == "Docker-Content-Digest" {
                *value = sha256(b"other").to_string();
            }
        }
        reply
    });
    let source = open(&format!("{}/app:1", server.host()), &options()).unwrap();
    let damage = &only_image(source.as_ref()).damage;
    assert!(damage[0].contains("announced"), "{damage:?}");
}

#[test]
fn a_page_is_no_manifest() {
    let server = Server::plain(|_| Reply::ok("<html>log in").with("Content-Type", "text/html"));
    let error = open(&format!("{}/app:1", server.host()), &options())
        .err()
        .unwrap();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(error.message.contains("text/html"), "{error}");
    assert!(error.message.contains("<html>log in"), "{error}");
}

#[test]
fn a_missing_configuration_leaves_a_broken_image() {
    let fixture = Fixture::new();
    let missing = sha256(&fixture.config).to_string();
    let server = Server::plain(move |seen| {
        if seen.path.ends_with(&missing) {
            Reply::new(404, "")
        } else {
            fixture.answer(seen)
        }
    });
    let source = open(&format!("{}/app:1", server.host()), &options()).unwrap();
    let text = format!("{:?}", source.images());
    assert!(text.contains("404"), "{text}");
}
