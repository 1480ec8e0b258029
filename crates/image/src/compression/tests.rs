//! All formats: several streams, damage, and what follows the data.

use std::io::Write;

use super::*;

const TEXT: &[u8] = b"what a stream is, its first bytes say; ";

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn zstd(plain: &[u8]) -> Vec<u8> {
    zstd::encode_all(plain, 1).unwrap()
}

fn xz(plain: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(plain: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

type Encoder = (Compression, fn(&[u8]) -> Vec<u8>);
const ENCODERS: [Encoder; 4] = [
    (Compression::Gzip, gzip),
    (Compression::Zstd, zstd),
    (Compression::Xz, xz),
    (Compression::Bzip2, bzip2),
];

/// Hands out one byte at a time, as a slow pipe may.
struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = buffer.len().min(1);
        (&mut self.0).take(n as u64).read(buffer)
    }
}

fn decompress(stored: &[u8]) -> (Vec<u8>, io::Result<()>, Option<String>) {
    let mut plain = Vec::new();
    let mut reader = Decompressor::new(stored).unwrap();
    let result = io::copy(&mut reader, &mut plain).map(drop);
    let mut slow = Vec::new();
    let mut drip = Decompressor::new(Drip(stored)).unwrap();
    let slow_result = io::copy(&mut drip, &mut slow).map(drop);
    assert_eq!((slow_result.is_ok(), &slow), (result.is_ok(), &plain));
    assert_eq!(drip.trailing(), reader.trailing());
    (plain, result, reader.trailing().map(str::to_owned))
}

#[test]
fn several_streams_end_to_end_are_all_read() {
    for (compression, encode) in ENCODERS {
        let stored = [encode(TEXT), encode(b""), encode(b"second")].concat();
        assert_eq!(Compression::of(&stored), compression);
        let (plain, result, trailing) = decompress(&stored);
        result.unwrap();
        assert_eq!(plain, [TEXT, b"second"].concat(), "{}", compression.name());
        assert_eq!(trailing, None);
    }
}

#[test]
fn bytes_behind_the_data_are_said_and_padding_is_not() {
    for (compression, encode) in ENCODERS {
        let padded = [encode(TEXT), vec![0; 1024]].concat();
        let (plain, result, trailing) = decompress(&padded);
        result.unwrap();
        assert_eq!((plain.as_slice(), trailing), (TEXT, None));

        let garbage = [encode(TEXT), b"\0\0hidden".to_vec()].concat();
        let (plain, result, trailing) = decompress(&garbage);
        result.unwrap();
        assert_eq!(plain, TEXT, "{}", compression.name());
        assert!(trailing.unwrap().starts_with("6 bytes that are no"));
    }
}

#[test]
fn an_early_end_is_an_error_and_what_came_before_counts() {
    let text = TEXT.repeat(5000);
    for (compression, encode) in ENCODERS {
        let stored = encode(&text);
        for cut in [stored.len() / 2, stored.len() - 1] {
            let (plain, result, _) = decompress(&stored[..cut]);
            let error = result.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
            assert!(error.to_string().contains(compression.name()), "{error}");
            assert!(text.starts_with(&plain));
        }
    }
}

#[test]
fn a_wrong_checksum_is_damage() {
    let mut stored = gzip(TEXT);
    let crc = stored.len() - 8;
    stored[crc] ^= 1;
    let (plain, result, _) = decompress(&stored);
    assert_eq!(plain, TEXT);
    let error = result.unwrap_err().to_string();
    assert!(
        error.starts_with("the gzip data is damaged after 39 bytes"),
        "{error}"
    );
}

#[test]
fn zstd_skippable_frames_hide_nothing() {
    let skippable = [&b"\x5a\x2a\x4d\x18\x05\0\0\0"[..], b"bytes"].concat();
    let stored = [
        skippable.clone(),
        zstd(TEXT),
        skippable.clone(),
        zstd(b"more"),
        skippable,
    ]
    .concat();
    let (plain, result, trailing) = decompress(&stored);
    result.unwrap();
    assert_eq!(plain, [TEXT, b"more"].concat());
    assert_eq!(trailing, None);
}

#[test]
fn a_zstd_window_beyond_the_bound_is_refused() {
    // A frame header that asks for a window of 2^31 bytes, then a raw block.
    let stored = b"\x28\xb5\x2f\xfd\0\xa8\x09\0\0a";
    let (_, result, _) = decompress(stored);
    let error = result.unwrap_err().to_string();
    assert!(
        error.contains("zstd data is damaged after 0 bytes"),
        "{error}"
    );
}

#[test]
fn plain_bytes_pass() {
    let (plain, result, trailing) = decompress(TEXT);
    result.unwrap();
    assert_eq!((plain.as_slice(), trailing), (TEXT, None));
    assert_eq!(decompress(b"").0, b"");
    assert_eq!(Compression::of(b"BZhello"), Compression::None);
}

#[test]
fn sniffing_looks_inside() {
    let block = [0; 1024];
    for (compression, encode) in ENCODERS {
        assert_eq!(sniff(&encode(&block)), Sniffed::Tar(compression));
        assert_eq!(sniff(&encode(TEXT)), Sniffed::Other(compression));
    }
    assert_eq!(sniff(&block), Sniffed::Tar(Compression::None));
    assert_eq!(sniff(b"{}"), Sniffed::Other(Compression::None));
}
