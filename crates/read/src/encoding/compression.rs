//! Compressed streams, undone within a bound. What a damaged or cut-off stream yields before the
//! damage is kept: a payload does not need its checksum to run.

use std::io::Read;

use liblzma::stream::{CONCATENATED, Filters, Stream};

/// Most memory an xz dictionary may take, in bytes: what `xz -9` needs, and no more.
const XZ_MEMORY: u64 = 80 << 20;

/// Largest zstd window, as a power of two: what `zstd -d` takes without being told (`--long` more).
const ZSTD_WINDOW: u32 = 27;

/// Undoes gzip (RFC 1952), several members in a row too.
pub fn gzip(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    read(flate2::read::MultiGzDecoder::new(bytes), limit)
}

/// Undoes zlib (RFC 1950).
pub fn zlib(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    read(flate2::read::ZlibDecoder::new(bytes), limit)
}

/// Undoes deflate without a header (RFC 1951).
pub fn deflate(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    read(flate2::read::DeflateDecoder::new(bytes), limit)
}

/// Undoes bzip2.
pub fn bzip2(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    read(bzip2::read::MultiBzDecoder::new(bytes), limit)
}

/// Undoes xz and the older lzma.
pub fn xz(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    let stream = Stream::new_auto_decoder(XZ_MEMORY, CONCATENATED).ok()?;
    read(liblzma::read::XzDecoder::new_stream(bytes, stream), limit)
}

/// Undoes zstd (RFC 8878).
pub fn zstd(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut decoder = zstd::Decoder::with_buffer(bytes).ok()?;
    decoder.window_log_max(ZSTD_WINDOW).ok()?;
    read(decoder, limit)
}

/// The stream inside gzip data.
pub fn gzip_stream(bytes: &[u8]) -> Box<dyn Read + '_> {
    Box::new(flate2::read::MultiGzDecoder::new(bytes))
}

/// The stream inside deflate data without a header.
pub fn deflate_stream(bytes: &[u8]) -> Box<dyn Read + '_> {
    Box::new(flate2::read::DeflateDecoder::new(bytes))
}

/// The stream inside bzip2 data.
pub fn bzip2_stream(bytes: &[u8]) -> Box<dyn Read + '_> {
    Box::new(bzip2::read::MultiBzDecoder::new(bytes))
}

/// The stream inside xz or lzma data.
pub fn xz_stream(bytes: &[u8]) -> Option<Box<dyn Read + '_>> {
    let stream = Stream::new_auto_decoder(XZ_MEMORY, CONCATENATED).ok()?;
    Some(Box::new(liblzma::read::XzDecoder::new_stream(
        bytes, stream,
    )))
}

/// The stream inside a zip archive's lzma member: two bytes of a version, two of the length of
/// the properties, the properties, and data without a length (APPNOTE 5.8.8).
pub fn zip_lzma_stream(bytes: &[u8]) -> Option<Box<dyn Read + '_>> {
    let (header, data) = bytes.split_at_checked(9)?;
    let unknown = [0xff; 8];
    // With the length unknown, it is lzma data as a file holds it.
    let whole = header.get(4..)?.to_vec();
    let whole = std::io::Cursor::new([whole, unknown.to_vec()].concat()).chain(data);
    let stream = Stream::new_lzma_decoder(XZ_MEMORY).ok()?;
    let whole = std::io::BufReader::new(whole);
    Some(Box::new(liblzma::bufread::XzDecoder::new_stream(
        whole, stream,
    )))
}

/// The stream inside LZMA or LZMA2 data without a header, as 7z archives hold it: `properties`
/// and the length of what comes out are told elsewhere. Before packing, branches of x86 code may
/// have been `filtered`.
pub fn raw_lzma_stream<'a>(
    bytes: &'a [u8],
    is_second: bool,
    properties: &[u8],
    filtered: bool,
    length: u64,
) -> Option<Box<dyn Read + 'a>> {
    let dictionary = match (is_second, properties) {
        (true, [bits @ 0..=39]) => (2 | u64::from(bits & 1)) << (bits / 2 + 11),
        (false, [_, size @ ..]) => u64::from(u32::from_le_bytes(*size.first_chunk()?)),
        _ => return None,
    };
    if dictionary > XZ_MEMORY {
        return None;
    }
    if !is_second && !filtered {
        // With the length, it is lzma data as a file holds it.
        let whole = std::io::Cursor::new([properties, &length.to_le_bytes()].concat()).chain(bytes);
        let stream = Stream::new_lzma_decoder(XZ_MEMORY).ok()?;
        let whole = std::io::BufReader::new(whole);
        return Some(Box::new(liblzma::bufread::XzDecoder::new_stream(
            whole, stream,
        )));
    }
    let mut filters = Filters::new();
    if filtered {
        filters.x86();
    }
    if is_second {
        filters.lzma2_properties(properties).ok()?;
    } else {
        filters.lzma1_properties(properties).ok()?;
    }
    let stream = Stream::new_raw_decoder(&filters).ok()?;
    Some(Box::new(liblzma::bufread::XzDecoder::new_stream(
        bytes, stream,
    )))
}

/// The stream inside zstd data.
pub fn zstd_stream(bytes: &[u8]) -> Option<Box<dyn Read + '_>> {
    let mut decoder = zstd::Decoder::with_buffer(bytes).ok()?;
    decoder.window_log_max(ZSTD_WINDOW).ok()?;
    Some(Box::new(decoder))
}

/// A compression and how to undo it.
pub type Named = (&'static str, fn(&[u8], usize) -> Option<Vec<u8>>);

/// The compression whose magic number the bytes start with.
pub fn of_magic(bytes: &[u8]) -> Option<Named> {
    const MAGIC: &[(&[u8], Named)] = &[
        (b"\x1f\x8b", ("gzip", gzip)),
        (b"BZh", ("bzip2", bzip2)),
        (b"\xfd7zXZ\0", ("xz", xz)),
        (b"\x5d\0\0", ("lzma", xz)),
        (b"\x28\xb5\x2f\xfd", ("zstd", zstd)),
    ];
    MAGIC
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
        .map(|(_, named)| *named)
}

/// Reads up to `limit` bytes; an error after the first byte ends the reading, one before it makes
/// it `None`.
fn read(mut from: impl Read, limit: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut buffer = [0; 8192];
    while out.len() < limit {
        let room = buffer.len().min(limit - out.len());
        match from.read(buffer.get_mut(..room)?) {
            Ok(0) => break,
            Ok(count) => out.extend(buffer.iter().take(count)),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) if out.is_empty() => return None,
            Err(_) => break,
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const TEXT: &[u8] = b"a text, a text, a text, a text";

    fn gzipped() -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(TEXT).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn each_is_known_by_its_magic_number_and_undone() {
        let mut bzip = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
        bzip.write_all(TEXT).unwrap();
        let streams = [
            ("gzip", gzipped()),
            ("bzip2", bzip.finish().unwrap()),
            ("xz", liblzma::encode_all(TEXT, 6).unwrap()),
            ("zstd", zstd::encode_all(TEXT, 3).unwrap()),
        ];
        for (name, stream) in streams {
            let (found, undo) = of_magic(&stream).unwrap();
            assert_eq!(found, name);
            assert_eq!(undo(&stream, 1024).unwrap(), TEXT, "{name}");
            assert_eq!(undo(&stream, 6).unwrap(), b"a text", "{name} is bounded");
        }
    }

    #[test]
    fn what_comes_before_the_damage_is_kept() {
        let mut stream = gzipped();
        stream.truncate(stream.len() - 8);
        assert_eq!(gzip(&stream, 1024).unwrap(), TEXT);
        assert_eq!(gzip(b"no gzip at all", 1024), None);
    }

    #[test]
    fn streams_without_a_magic_number() {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(TEXT).unwrap();
        let stream = encoder.finish().unwrap();
        assert_eq!(zlib(&stream, 1024).unwrap(), TEXT);
        assert_eq!(deflate(&stream[2..], 1024).unwrap(), TEXT);
    }
}
