//! Layers as they come: whole, damaged and hostile.

mod generated;
mod handmade;
mod sparse;

use std::io::Write;

use model::{EntryKind, Removal};

use super::header::BLOCK;
use super::*;
use crate::verify::digest_of;
use handmade::*;

/// What a visitor saw: the entry, its content and how that ended.
#[derive(Debug, PartialEq)]
struct Seen {
    entry: Entry,
    content: Vec<u8>,
    error: Option<String>,
}

#[derive(Default)]
struct Recorder(Vec<Seen>);

impl EntryVisitor for Recorder {
    fn entry(&mut self, entry: &Entry, content: &mut dyn Read) {
        let mut bytes = Vec::new();
        let error = io::copy(content, &mut bytes).err();
        self.0.push(Seen {
            entry: entry.clone(),
            content: bytes,
            error: error.map(|error| error.to_string()),
        });
    }
}

impl Recorder {
    fn paths(&self) -> Vec<String> {
        self.0
            .iter()
            .map(|seen| seen.entry.path.to_string())
            .collect()
    }
}

fn plain_layer() -> Layer {
    Layer {
        key: "layer".into(),
        digest: None,
        diff_id: None,
        size: None,
        media_type: String::new(),
        content: LayerContent::Tar,
    }
}

fn read_as(stored: &[u8], layer: &Layer, budget: &Budget) -> (Recorder, LayerEnd) {
    let mut recorder = Recorder::default();
    let end = read(&mut &*stored, layer, budget, &mut recorder);
    (recorder, end)
}

fn read_plain(stored: &[u8]) -> (Recorder, LayerEnd) {
    read_as(stored, &plain_layer(), &Budget::default())
}

fn reasons(end: &LayerEnd) -> String {
    let reasons: Vec<&str> = end
        .damage
        .iter()
        .map(|damage| damage.reason.as_str())
        .collect();
    reasons.join("; ")
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_type_and_meaning_comes_out() {
    let tar = archive(&[
        member(b"./", b'5', b""),
        member(b"/bin/tool", b'0', b"#!/bin/sh\n"),
        member(b"old/", 0, b""),
        linked(b"bin/sh", b'2', b"../bin/tool"),
        linked(b"bin/hard", b'1', b"./bin//tool"),
        member(b"pipe", b'6', b""),
        member(b"dev/null", b'3', b""),
        member(b"etc/.wh.passwd", b'0', b""),
        member(b"var/.wh..wh..opq", b'0', b""),
        member(b".wh..wh.plnk/1.2", b'0', b"aufs"),
        member(b"strange", b'Q', b"content"),
    ]);
    let (seen, end) = read_plain(&tar);
    assert_eq!(end.damage, []);
    let found: Vec<(String, EntryKind, usize)> = seen
        .0
        .into_iter()
        .map(|seen| {
            (
                seen.entry.path.to_string(),
                seen.entry.kind,
                seen.content.len(),
            )
        })
        .collect();
    let entry = |path: &str, kind, length| (path.to_owned(), kind, length);
    assert_eq!(
        found,
        [
            entry("", EntryKind::Directory, 0),
            entry("bin/tool", EntryKind::File, 10),
            entry("old", EntryKind::Directory, 0),
            entry("bin/sh", EntryKind::Symlink("../bin/tool".into()), 0),
            entry("bin/hard", EntryKind::Hardlink("bin/tool".into()), 0),
            entry("pipe", EntryKind::Fifo, 0),
            entry("dev/null", EntryKind::CharacterDevice(0, 0), 0),
            entry("etc/passwd", EntryKind::Whiteout(Removal::Path), 0),
            entry("var", EntryKind::Whiteout(Removal::Children), 0),
            entry(".wh..wh.plnk/1.2", EntryKind::File, 4),
            entry("strange", EntryKind::File, 7),
        ]
    );
    let digest = digest_of(Algorithm::Sha256, &tar);
    assert_eq!(end.diff_id, Some(digest));
    assert_eq!(end.bytes, tar.len() as u64);
}

#[test]
fn digests_of_both_sides_are_checked() {
    let tar = archive(&[member(b"a", b'0', b"x")]);
    let stored = gzip(&tar);
    let good = Layer {
        digest: Some(digest_of(Algorithm::Sha512, &stored)),
        diff_id: Some(digest_of(Algorithm::Sha256, &tar)),
        size: Some(stored.len() as u64),
        ..plain_layer()
    };
    let budget = Budget::default();
    let (seen, end) = read_as(&stored, &good, &budget);
    assert_eq!((seen.paths(), end.damage.len()), (vec!["a".to_owned()], 0));
    let wrong = digest_of(Algorithm::Sha256, b"other");
    for (layer, words) in [
        (
            Layer {
                digest: Some(wrong.clone()),
                ..good.clone()
            },
            "as stored, its digest is",
        ),
        (
            Layer {
                size: Some(7),
                ..good.clone()
            },
            "its descriptor says 7",
        ),
        (
            Layer {
                diff_id: Some(wrong),
                ..good.clone()
            },
            "uncompressed, its digest is",
        ),
    ] {
        let (seen, end) = read_as(&stored, &layer, &budget);
        assert_eq!(seen.paths(), ["a"], "what was read counts");
        assert_eq!(end.damage.len(), 1);
        assert!(reasons(&end).contains(words), "{}", reasons(&end));
    }
}

#[test]
fn a_cut_layer_says_where_and_keeps_what_came_before() {
    let tar = archive(&[member(b"a", b'0', b"x"), member(b"b", b'0', &[b'y'; 5000])]);
    let (seen, end) = read_plain(&tar[..3000]);
    assert_eq!(seen.paths(), ["a", "b"]);
    assert!(
        seen.0[1]
            .error
            .as_ref()
            .unwrap()
            .contains("ends early, at byte 3000")
    );
    assert_eq!(end.damage[0].path.as_ref().unwrap(), "b");
    assert!(
        reasons(&end).contains("only 1464 of its 5000 bytes"),
        "{}",
        reasons(&end)
    );

    let stored = gzip(&tar);
    let (seen, end) = read_plain(&stored[..stored.len() - 10]);
    assert_eq!(seen.paths()[0], "a");
    assert!(
        reasons(&end).contains("the gzip data ends early"),
        "{}",
        reasons(&end)
    );
    assert_eq!(end.diff_id, None);
}

#[test]
fn a_layer_cut_between_entries_is_only_told_by_its_digest_or_end_marker() {
    let tar = member(b"a", b'0', b"x");
    let (_, end) = read_plain(&tar);
    assert!(reasons(&end).contains("no end marker"));
    let layer = Layer {
        diff_id: Some(digest_of(Algorithm::Sha256, &tar)),
        ..plain_layer()
    };
    let (_, end) = read_as(&tar, &layer, &Budget::default());
    assert_eq!(
        end.damage,
        [],
        "Go accepts it, and the digest says it is whole"
    );
}

#[test]
fn what_is_no_tar_is_said_as_such() {
    for (bytes, words) in [
        (
            b"\x89PNG and more".repeat(100),
            "neither a tar nor compressed in a known way",
        ),
        (gzip(b"just text"), "its gzip data holds no tar"),
        (b"short".to_vec(), "neither a tar"),
    ] {
        let (seen, end) = read_plain(&bytes);
        assert!(seen.0.is_empty());
        assert!(reasons(&end).contains(words), "{}", reasons(&end));
        assert_eq!(end.diff_id, None);
    }
    let (_, end) = read_plain(b"");
    assert_eq!(end.damage, [], "an empty layer is an empty tar");
}

#[test]
fn a_wrong_checksum_stops_the_walk_and_not_the_hash() {
    let mut tar = archive(&[member(b"a", b'0', b"x"), member(b"b", b'0', b"y")]);
    tar[2 * BLOCK] ^= 1;
    let (seen, end) = read_plain(&tar);
    assert_eq!(seen.paths(), ["a"]);
    assert!(reasons(&end).contains("the tar header at byte 1024 has a wrong checksum"));
    assert_eq!(end.diff_id, Some(digest_of(Algorithm::Sha256, &tar)));
}

#[test]
fn what_hides_behind_the_end_is_said() {
    let hidden = [
        archive(&[member(b"a", b'0', b"x")]),
        archive(&[member(b"b", b'0', b"y")]),
    ]
    .concat();
    let (seen, end) = read_plain(&hidden);
    assert_eq!(seen.paths(), ["a"], "as runtimes see it");
    assert!(
        reasons(&end).contains("follow the end of the tar at byte 2048"),
        "{}",
        reasons(&end)
    );
    assert_eq!(end.diff_id, Some(digest_of(Algorithm::Sha256, &hidden)));

    let lone = [
        member(b"a", b'0', b"x"),
        vec![0; BLOCK],
        member(b"b", b'0', b"y"),
    ]
    .concat();
    let (_, end) = read_plain(&lone);
    assert!(reasons(&end).contains("a single block of zeros at byte 1024"));

    let stored = [
        gzip(&archive(&[member(b"a", b'0', b"x")])),
        b"trailing".to_vec(),
    ]
    .concat();
    let (_, end) = read_plain(&stored);
    assert!(
        reasons(&end).contains("8 bytes that are no gzip data follow"),
        "{}",
        reasons(&end)
    );
}

#[test]
fn extensions_name_the_next_entry_only() {
    let long = "d/".repeat(100) + "file";
    let tar = archive(&[
        member(b"././@LongLink", b'L', format!("{long}\0").as_bytes()),
        member(b"short", b'0', b"1"),
        member(b"next", b'0', b"2"),
        member(
            b"pax",
            b'x',
            &[
                record("path", "\u{fc}/\n".as_bytes()),
                record("uid", b"70000"),
                record("mtime", b"12.5"),
                record("SCHILY.xattr.security.capability", b"\x01\0\0\x02"),
            ]
            .concat(),
        ),
        member(b"third", b'0', b"3"),
    ]);
    let (seen, end) = read_plain(&tar);
    assert_eq!(end.damage, []);
    assert_eq!(seen.paths(), [long.as_str(), "next", "\u{fc}/\n"]);
    let third = &seen.0[2].entry;
    assert_eq!((third.uid, third.mtime), (70000, 12));
    assert_eq!(
        third.xattrs,
        [(
            "security.capability".into(),
            b"\x01\0\0\x02".as_slice().into()
        )]
    );
}

#[test]
fn readers_that_would_differ_are_said() {
    let inner = member(b"hidden", b'0', b"z");
    for (tar, words) in [
        (
            // The tar header says nothing follows; the PAX header that a whole entry is content.
            [
                member(b"x", b'x', &record("size", b"1024")),
                header(b"a", b'0', 0).to_vec(),
                inner,
            ]
            .concat(),
            "its PAX header says 1024 bytes and its tar header 0",
        ),
        (
            [
                member(b"g", b'g', &record("path", b"evil")),
                member(b"a", b'0', b""),
            ]
            .concat(),
            "a global PAX header sets its path or size",
        ),
        (
            [
                member(b"x", b'x', &record("path", b"one")),
                member(b"L", b'L', b"two\0"),
                member(b"a", b'0', b""),
            ]
            .concat(),
            "give it different names",
        ),
        (
            [member(b"x", b'x', b"garbage"), member(b"a", b'0', b"")].concat(),
            "a record of its PAX header is malformed",
        ),
        (
            [member(b".wh.a", b'0', b"secret")].concat(),
            "a whiteout and yet has 6 bytes",
        ),
        (
            [member(b"d/.wh.", b'0', b"")].concat(),
            "a whiteout of nothing",
        ),
    ] {
        let (_, end) = read_plain(&archive(&[tar]));
        assert_eq!(end.damage.len(), 1, "{words}: {}", reasons(&end));
        assert!(reasons(&end).contains(words), "{}", reasons(&end));
        assert!(end.damage[0].path.is_some());
    }
}

#[test]
fn a_huge_extension_is_not_allocated() {
    let mut tar = header(b"x", b'x', (8 << 30) - 1).to_vec();
    tar.resize(4096, b' ');
    let (_, end) = read_plain(&tar);
    assert!(reasons(&end).contains("ends early"), "{}", reasons(&end));
    let long = vec![b'a'; 2 << 20];
    let tar = archive(&[member(b"L", b'L', &long), member(b"real", b'0', b"x")]);
    let (seen, end) = read_plain(&tar);
    assert_eq!(seen.paths(), ["real"]);
    assert!(reasons(&end).contains("longer than container runtimes read"));
}

#[test]
fn names_beyond_path_max_are_cut_and_said() {
    let long = vec![b'a'; 10_000];
    let tar = archive(&[member(b"L", b'L', &long), member(b"real", b'0', b"x")]);
    let (seen, end) = read_plain(&tar);
    assert_eq!(seen.0[0].entry.path.len(), path::PATH_MAX);
    assert_eq!(seen.0[0].content, b"x");
    assert!(reasons(&end).contains("10000 bytes long"));
}

#[test]
fn bombs_hit_the_bounds() {
    let budget = Budget {
        layer_bytes: 1 << 20,
        layer_entries: 100,
        ..Budget::default()
    };
    let zeros = vec![0; 8 << 20];
    let bomb = gzip(&archive(&[member(b"zeros", b'0', &zeros)]));
    assert!(bomb.len() < 1 << 18);
    let layer = Layer {
        digest: Some(digest_of(Algorithm::Sha256, &bomb)),
        ..plain_layer()
    };
    let (seen, end) = read_as(&bomb, &layer, &budget);
    assert_eq!(end.bytes, 1 << 20);
    assert!(seen.0[0].error.is_some());
    assert!(
        reasons(&end).contains("the bound of 1048576 bytes"),
        "{}",
        reasons(&end)
    );

    let hole = archive(&[old_gnu_sparse(&[(0, 1)], 4 << 30, b"a")]);
    let (seen, end) = read_as(&hole, &plain_layer(), &budget);
    assert!(seen.0[0].content.len() <= 2 << 20);
    assert!(
        reasons(&end).contains("holes of a sparse file"),
        "{}",
        reasons(&end)
    );

    let many = archive(&vec![member(b"f", b'0', b""); 200]);
    let (seen, end) = read_as(&many, &plain_layer(), &budget);
    assert_eq!(seen.0.len(), 100);
    assert!(reasons(&end).contains("bound of 100 entries"));
}

#[test]
fn blobs_and_foreign_layers() {
    let blob = Layer {
        content: LayerContent::Blob("../model.bin".into()),
        size: Some(3),
        ..plain_layer()
    };
    let (seen, end) = read_as(b"abc", &blob, &Budget::default());
    assert_eq!(seen.0[0].entry, Entry::file("model.bin", 3));
    assert_eq!(
        (seen.0[0].content.as_slice(), end.bytes, end.diff_id),
        (&b"abc"[..], 3, None)
    );
    let foreign = Layer {
        content: LayerContent::Foreign(vec!["https://example.invalid/x".into()]),
        ..plain_layer()
    };
    let (_, end) = read_as(b"", &foreign, &Budget::default());
    assert!(reasons(&end).contains("https://example.invalid/x"));
}

#[test]
fn a_folder_made_opaque_by_its_attribute_hides_like_a_whiteout() {
    let tar = archive(&[
        member(
            b"x",
            b'x',
            &record("SCHILY.xattr.trusted.overlay.opaque", b"y"),
        ),
        member(b"d", b'5', b""),
    ]);
    let (seen, _) = read_plain(&tar);
    let kinds: Vec<&EntryKind> = seen.0.iter().map(|seen| &seen.entry.kind).collect();
    assert_eq!(
        kinds,
        [
            &EntryKind::Directory,
            &EntryKind::Whiteout(Removal::Children)
        ]
    );
}
