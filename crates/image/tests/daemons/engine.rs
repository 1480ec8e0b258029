//! Docker's API as daemons speak it that are not here: a few canned answers on loopback.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

use image::{
    Damage, EntryVisitor, ErrorKind, LayerEnd, LayerSink, Opened, Options, Resolved, Target, open,
};
use model::Entry;

use crate::fixture::{Fixture, assert_exact, read_all};

/// Answers by path (without query); everything else is 404. Ends with the test's process.
fn serve(answers: BTreeMap<&'static str, (u16, Vec<u8>)>) -> Options {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let request = lines.next().unwrap().unwrap();
            while !lines.next().unwrap().unwrap().is_empty() {}
            let path = request.split([' ', '?']).nth(1).unwrap();
            let missing = (404, br#"{"message":"No such image"}"#.to_vec());
            let (status, body) = answers.get(path).unwrap_or(&missing);
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).unwrap();
            // A client that has seen enough may be gone.
            let _ = stream.write_all(body);
        }
    });
    Options {
        docker_host: format!("tcp://{address}"),
        ..Options::default()
    }
}

fn target() -> Target {
    Target::Docker("test/img:v1".to_owned())
}

#[test]
fn a_platform_that_docker_does_not_hold_is_left_out() {
    let fixture = Fixture::new("test/img:v1", "containerd's store");
    let id = format!("sha256:{}", "12".repeat(32));
    let inspected = serde_json::json!({
        "Id": id, "RepoTags": ["test/img:v1", "<none>:<none>"],
        "Manifests": [
            {"ID": format!("sha256:{}", "ab".repeat(32)), "Available": false},
            {"ID": format!("sha256:{}", "cd".repeat(32)), "Available": true},
        ],
    });
    let export = format!("/images/{id}/get").leak();
    let inspected = inspected.to_string().into_bytes();
    let options = serve(BTreeMap::from([
        ("/images/test/img:v1/json", (200, inspected)),
        (&*export, (200, fixture.layout("docker.io/test/img:v1"))),
    ]));
    let images = read_all(open(&target(), &options).unwrap());
    assert_eq!(images.len(), 1);
    let (image, layers) = &images[0];
    assert_exact(&fixture, image, layers);
    assert_eq!(image.names, ["docker.io/test/img:v1"]);
    assert_eq!(image.target, "docker:docker.io/test/img:v1");
    // Asked for, it is not left out.
    let asked = Options {
        platforms: vec!["linux/s390x".parse().unwrap()],
        ..options
    };
    let Ok(Opened::Stream(stream)) = open(&target(), &asked) else {
        panic!("not opened");
    };
    let drained = stream.drain(&mut crate::fixture::Sink::default()).unwrap();
    assert!(
        matches!(&drained[..], [Resolved::Broken { .. }]),
        "{drained:?}"
    );
}

#[test]
fn an_export_that_breaks_off_is_not_taken_for_whole() {
    let fixture = Fixture::new("test/img:v1", "cut");
    let inspected = br#"{"Id":"sha256:aaaa","RepoTags":null}"#.to_vec();
    let half = fixture.archive[..fixture.archive.len() / 2].to_vec();
    let options = serve(BTreeMap::from([
        ("/images/test/img:v1/json", (200, inspected)),
        ("/images/sha256:aaaa/get", (200, half)),
    ]));
    let Ok(Opened::Stream(stream)) = open(&target(), &options) else {
        panic!("not opened");
    };
    let mut sink = Damages::default();
    let said = match stream.drain(&mut sink) {
        Ok(images) => images.iter().any(|image| match image {
            Resolved::Image(image) => !image.damage.is_empty(),
            Resolved::Broken { .. } => true,
        }),
        Err(error) => error.message.contains("ends early"),
    };
    assert!(said);
    assert!(
        sink.0
            .iter()
            .any(|damage| damage.reason.contains("ends early"))
    );
}

/// Keeps only what was wrong.
#[derive(Default)]
struct Damages(Vec<Damage>);

impl EntryVisitor for Damages {
    fn entry(&mut self, _: &Entry, _: &mut dyn Read) {}
}

impl LayerSink for Damages {
    fn begin(&mut self, _: &str) {}

    fn end(&mut self, _: &str, end: LayerEnd) {
        self.0.extend(end.damage);
    }
}

#[test]
fn refusals_are_explained() {
    let open = |answers| match open(&target(), &serve(BTreeMap::from(answers))) {
        Ok(_) => panic!("opened"),
        Err(error) => error,
    };
    let path = "/images/test/img:v1/json";
    let tls = b"Client sent an HTTP request to an HTTPS server.\n".to_vec();
    let error = open([(path, (400, tls))]);
    assert!(error.advice.unwrap().contains("TLS"));
    let denied = br#"{"message":"plugin says\u001b[31m no"}"#.to_vec();
    let error = open([(path, (403, denied))]);
    assert_eq!(error.kind, ErrorKind::Unauthorized);
    assert!(
        error.message.ends_with("plugin says\\u{1b}[31m no"),
        "{error}"
    );
    let error = open([(path, (200, b"[1".to_vec()))]);
    assert!(error.message.contains("not the JSON"), "{error}");
    let error = open([("/", (200, Vec::new()))]);
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.advice.unwrap().contains("docker pull test/img:v1"));
}
