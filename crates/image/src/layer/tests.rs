//! Layers as they come: whole, damaged and hostile.

use std::io::Write;

use model::{EntryKind, Removal};
use proptest::prelude::*;

use super::header::BLOCK;
use super::*;
use crate::verify::digest_of;

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

/// A header written by hand, so that it can be as wrong as a test needs it.
fn header(name: &[u8], flag: u8, size: u64) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..name.len()].copy_from_slice(name);
    block[100..108].copy_from_slice(b"0000644\0");
    block[108..116].copy_from_slice(b"0000000\0");
    block[116..124].copy_from_slice(b"0000000\0");
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[136..148].copy_from_slice(b"00000000000\0");
    block[156] = flag;
    block[257..265].copy_from_slice(b"ustar\x0000");
    seal(&mut block);
    block
}

fn seal(block: &mut [u8; BLOCK]) {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    bytes
}

fn member(name: &[u8], flag: u8, content: &[u8]) -> Vec<u8> {
    [
        &header(name, flag, content.len() as u64)[..],
        &padded(content),
    ]
    .concat()
}

fn linked(name: &[u8], flag: u8, target: &[u8]) -> Vec<u8> {
    let mut block = header(name, flag, 0);
    block[157..157 + target.len()].copy_from_slice(target);
    seal(&mut block);
    block.to_vec()
}

fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length += 1;
    }
    [format!("{length} {key}=").as_bytes(), value, b"\n"].concat()
}

fn archive(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 2 * BLOCK]].concat()
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

fn old_gnu_sparse(extents: &[(u64, u64)], real: u64, data: &[u8]) -> Vec<u8> {
    let mut block = header(b"sparse", b'S', data.len() as u64);
    block[257..265].copy_from_slice(b"ustar  \0");
    block[345..386].fill(0);
    let write = |block: &mut [u8], at: usize, (offset, length): (u64, u64)| {
        block[at..at + 12].copy_from_slice(format!("{offset:011o}\0").as_bytes());
        block[at + 12..at + 24].copy_from_slice(format!("{length:011o}\0").as_bytes());
    };
    for (n, &extent) in extents.iter().take(4).enumerate() {
        write(&mut block, 386 + n * 24, extent);
    }
    block[482] = u8::from(extents.len() > 4);
    block[483..495].copy_from_slice(format!("{real:011o}\0").as_bytes());
    seal(&mut block);
    let mut tar = block.to_vec();
    if extents.len() > 4 {
        let mut more = [0; BLOCK];
        for (n, &extent) in extents.iter().skip(4).enumerate() {
            write(&mut more, n * 24, extent);
        }
        tar.extend_from_slice(&more);
    }
    tar.extend_from_slice(&padded(data));
    tar
}

fn pax_sparse(records: &[(&str, &str)], data: &[u8]) -> Vec<u8> {
    let body: Vec<u8> = records
        .iter()
        .flat_map(|(key, value)| record(key, value.as_bytes()))
        .collect();
    [
        member(b"x", b'x', &body),
        member(b"GNUSparseFile.0/sparse", b'0', data),
    ]
    .concat()
}

#[test]
fn sparse_files_of_all_versions_have_their_holes() {
    let expected = b"\0\0ab\0\0\0cde\0\0";
    let map = "2\n2\n2\n7\n3\n";
    let in_content = [padded(map.as_bytes()), b"abcde".to_vec()].concat();
    for tar in [
        old_gnu_sparse(&[(2, 2), (7, 3)], 12, b"abcde"),
        old_gnu_sparse(&[(2, 1), (3, 1), (7, 1), (8, 1), (9, 1)], 12, b"abcde"),
        pax_sparse(
            &[
                ("GNU.sparse.size", "12"),
                ("GNU.sparse.offset", "2"),
                ("GNU.sparse.numbytes", "2"),
                ("GNU.sparse.offset", "7"),
                ("GNU.sparse.numbytes", "3"),
                ("GNU.sparse.name", "sparse"),
            ],
            b"abcde",
        ),
        pax_sparse(
            &[
                ("GNU.sparse.name", "sparse"),
                ("GNU.sparse.size", "12"),
                ("GNU.sparse.map", "2,2,7,3"),
            ],
            b"abcde",
        ),
        pax_sparse(
            &[
                ("GNU.sparse.major", "1"),
                ("GNU.sparse.minor", "0"),
                ("GNU.sparse.name", "sparse"),
                ("GNU.sparse.realsize", "12"),
            ],
            &in_content,
        ),
    ] {
        let (seen, end) = read_plain(&archive(&[tar, member(b"after", b'0', b"x")]));
        assert_eq!(end.damage, []);
        assert_eq!(seen.paths(), ["sparse", "after"]);
        assert_eq!(seen.0[0].content, expected);
        assert_eq!(seen.0[0].entry.size, 12);
    }
}

#[test]
fn a_sparse_map_that_makes_no_sense_hides_no_bytes() {
    let tar = archive(&[
        old_gnu_sparse(&[(7, 3), (2, 2)], 12, b"abcde"),
        member(b"after", b'0', b"x"),
    ]);
    let (seen, end) = read_plain(&tar);
    assert_eq!(seen.0[0].content, b"abcde");
    assert_eq!(seen.paths(), ["sparse", "after"]);
    assert!(reasons(&end).contains("does not fit"));
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

/// Entries that the tar crate can write.
#[derive(Debug, Clone)]
struct Written {
    path: String,
    kind: u8,
    content: Vec<u8>,
    mode: u32,
    id: u64,
}

fn written() -> impl Strategy<Value = Written> {
    let name = prop_oneof!["[a-z]{1,8}", "[a-zé]{90,120}"];
    (
        proptest::collection::vec(name, 1..5),
        0..4_u8,
        proptest::collection::vec(any::<u8>(), 0..1500),
        0..0o7777_u32,
        prop_oneof![0..70_000_u64, (1 << 30)..(1_u64 << 40)],
    )
        .prop_map(|(names, kind, content, mode, id)| Written {
            path: names.join("/"),
            kind,
            content,
            mode,
            id,
        })
}

fn write_with_crate(entries: &[Written]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for written in entries {
        let mut header = ::tar::Header::new_gnu();
        header.set_mode(written.mode);
        header.set_uid(written.id);
        header.set_gid(written.id);
        header.set_mtime(written.id);
        header.set_size(0);
        match written.kind {
            0 => {
                header.set_size(written.content.len() as u64);
                builder
                    .append_data(&mut header, &written.path, written.content.as_slice())
                    .unwrap();
            }
            1 => {
                header.set_entry_type(::tar::EntryType::Directory);
                builder
                    .append_data(&mut header, &written.path, io::empty())
                    .unwrap();
            }
            kind => {
                header.set_entry_type(match kind {
                    2 => ::tar::EntryType::Symlink,
                    _ => ::tar::EntryType::Link,
                });
                builder
                    .append_link(&mut header, &written.path, format!("t/{}", written.path))
                    .unwrap();
            }
        }
    }
    builder.into_inner().unwrap()
}

proptest! {
    #[test]
    fn well_formed_archives_read_as_with_the_tar_crate(entries in proptest::collection::vec(written(), 0..8)) {
        let bytes = write_with_crate(&entries);
        let (seen, end) = read_plain(&bytes);
        prop_assert_eq!(&end.damage, &[]);
        let mut other = ::tar::Archive::new(bytes.as_slice());
        let mut ours = seen.0.iter();
        for theirs in other.entries().unwrap() {
            let mut theirs = theirs.unwrap();
            let ours = ours.next().unwrap();
            prop_assert_eq!(ours.entry.path.as_slice(), &*theirs.path_bytes());
            prop_assert_eq!(u64::from(ours.entry.mode), u64::from(theirs.header().mode().unwrap()));
            prop_assert_eq!(ours.entry.uid, theirs.header().uid().unwrap());
            prop_assert_eq!(ours.entry.mtime.cast_unsigned(), theirs.header().mtime().unwrap());
            let target = match &ours.entry.kind {
                EntryKind::Symlink(target) | EntryKind::Hardlink(target) => Some(target.to_vec()),
                _ => None,
            };
            prop_assert_eq!(target, theirs.link_name_bytes().map(|name| name.to_vec()));
            let mut content = Vec::new();
            io::copy(&mut theirs, &mut content).unwrap();
            prop_assert_eq!(&ours.content, &content);
        }
        prop_assert!(ours.next().is_none());
    }

    #[test]
    fn damage_never_panics_and_is_never_silent(
        entries in proptest::collection::vec(written(), 1..4),
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let whole = write_with_crate(&entries);
        let layer = Layer { diff_id: Some(digest_of(Algorithm::Sha256, &whole)), ..plain_layer() };
        let mut bytes = whole.clone();
        for (at, byte) in hits {
            let at = at.index(bytes.len());
            bytes[at] ^= byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        let budget = Budget { layer_bytes: 1 << 22, ..Budget::default() };
        let (_, end) = read_as(&bytes, &layer, &budget);
        prop_assert_eq!(end.damage.is_empty(), bytes == whole);
    }
}
