//! Content that is made to cost: it ends, and says where it was left.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

/// A budget that is spent quickly.
fn small() -> Budget {
    Budget {
        unfolded: 1 << 20,
        whole_file: 1 << 20,
        ..Budget::default()
    }
}

fn read_within(content: &[u8], budget: &Budget) -> FileReading {
    let start = Instant::now();
    let reading = crate::file(
        &Entry::file("x", content.len() as u64),
        content,
        budget,
        None,
    );
    assert!(start.elapsed() < Duration::from_secs(30));
    reading
}

fn has_gap(reading: &FileReading, words: &str) -> bool {
    gaps(reading)
        .iter()
        .any(|(reason, guessed)| reason.contains(words) && !guessed)
}

#[test]
fn bombs_end_and_say_so() {
    let zeros = vec![0; 64 << 20];
    let bomb = gzipped(&zeros);
    let reading = read_within(&bomb, &small());
    assert_eq!(gaps(&reading), [], "data that is not packed needs no end");
    let tar = gzipped(&tarred(&[("zeros", &zeros), ("run.sh", SCRIPT)]));
    assert!(has_gap(
        &read_within(&tar, &small()),
        "decoding yields more than"
    ));
    assert_eq!(
        chains(&read_within(&tar, &Budget::default())),
        ["gzip > tar: run.sh"]
    );
    let many: Vec<(&str, &[u8])> = vec![("bomb.tgz", &tar); 3];
    assert!(has_gap(
        &read_within(&zipped(&many), &small()),
        "decoding yields more than"
    ));
}

#[test]
fn archives_nested_without_end_are_left() {
    let mut content = SCRIPT.to_vec();
    for _ in 0..40 {
        content = gzipped(&content);
    }
    let reading = read_within(&content, &Budget::default());
    assert!(has_gap(&reading, "more than 12 steps"));
    let mut content = SCRIPT.to_vec();
    for _ in 0..5 {
        content = zipped(&[("a", &content), ("b", &content)]);
    }
    assert_eq!(chains(&read_within(&content, &Budget::default())).len(), 32);
}

#[test]
fn lengths_that_lie_end_the_archive() {
    let mut tar = tarred(&[("run.sh", SCRIPT), ("next.sh", SCRIPT)]);
    tar[124..136].copy_from_slice(&[
        0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    ]);
    assert_eq!(
        chains(&read_within(&tar, &Budget::default())),
        ["tar: run.sh"]
    );
    let mut zip = zipped(&[("run.sh", SCRIPT)]);
    zip[18..26].fill(0xff);
    assert_eq!(
        chains(&read_within(&zip, &Budget::default())),
        ["zip: run.sh"]
    );
}

#[test]
fn entries_that_overlap_are_read_within_the_bounds() {
    let one = zipped(&[("zeros.sh", &[b' '; 1 << 16])]);
    let start = memchr::memmem::find(&one, b"PK\x01\x02").unwrap();
    let end = memchr::memmem::rfind(&one, b"PK\x05\x06").unwrap();
    let entry = one[start..end].to_vec();
    let directory = entry.repeat(5_000);
    let mut tail = one[end..].to_vec();
    let size = u32::try_from(directory.len()).unwrap().to_le_bytes();
    tail[12..16].copy_from_slice(&size);
    let content = [&one[..start], &directory, &tail].concat();
    assert!(has_gap(
        &read_within(&content, &small()),
        "decoding yields more than"
    ));
}

#[test]
fn a_cut_off_archive_is_read_up_to_the_cut_and_is_no_gap() {
    let tar = tarred(&[("run.sh", SCRIPT), ("rest", &[7; 4096])]);
    for whole in [
        tar.clone(),
        gzipped(&tar),
        zipped(&[("run.sh", SCRIPT), ("rest", &[7; 4096])]),
    ] {
        let cut = &whole[..whole.len() - whole.len() / 8];
        let reading = read_within(cut, &Budget::default());
        assert_eq!(chains(&reading).len(), 1);
        assert_eq!(gaps(&reading), []);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes_never_panic(
        magic in prop::sample::select(vec![
            &b""[..], b"PK\x03\x04", b"PK\x05\x06", b"!<arch>\n", b"\xed\xab\xee\xdb", b"070701", b"070707",
            b"\x1f\x8b\x08\0", b"BZh91AY&SY", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"\x89PNG\r\n\x1a\n", b"GIF89a",
            b"\xff\xd8\xff", b"%PDF-", b"RIFF\x08\0\0\0WEBP", b"\0\0\0\x10ftyp", b"#!/bin/sh\n", b"{\"a\":\"",
            b"a: |\n", b"begin 644 a\n", b"\xa7\x0d\r\n", b"7z\xbc\xaf\x27\x1c\0\x04",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        read_within(&[magic, &rest].concat(), &small());
    }

    #[test]
    fn damaged_archives_never_panic(at in 0_usize..8_192, byte in any::<u8>(), which in 0_usize..14) {
        let fixtures: [&[u8]; 14] = [
            include_bytes!("../fixtures/gz.rpm"),
            include_bytes!("../fixtures/xz.deb"),
            include_bytes!("../fixtures/newc.cpio"),
            include_bytes!("../fixtures/odc.cpio"),
            include_bytes!("../fixtures/zip64.zip"),
            include_bytes!("../fixtures/streamed.zip"),
            include_bytes!("../fixtures/lzma.zip"),
            include_bytes!("../fixtures/bzip2.zip"),
            include_bytes!("../fixtures/pax-long.tar.gz"),
            include_bytes!("../fixtures/tail.run"),
            include_bytes!("../fixtures/run.sh.lzma"),
            include_bytes!("../fixtures/run.sh.zst"),
            include_bytes!("../fixtures/bcj.7z"),
            include_bytes!("../fixtures/copy.7z"),
        ];
        let mut content = fixtures[which].to_vec();
        let at = at % content.len();
        content[at] = byte;
        read_within(&content, &small());
    }
}
