//! The exact tar of an unpacked layer, put together again from tar-split's record and the files.
//!
//! Docker and containers/storage unpack a layer and keep, beside the files, a record of everything
//! in its tar that is no file content. Source: `github.com/vbatts/tar-split`, `tar/storage`
//! (`entry.go`: one JSON object a line, type 1 a file with name, size and CRC-64, type 2 bytes of
//! the tar) and `tar/asm/assemble.go`. The result has the layer's diff ID, unless the storage was
//! changed since; then [`Assembled::differences`] names the files that are not what was pulled.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bstr::{BStr, BString, ByteSlice};
use serde::Deserialize;

use super::folder::Folder;

/// Longest line of the record: a segment is a few headers and padding, in base64.
const LINE_BYTES: u64 = 16 << 20;

/// Most differences that are listed one by one.
const DIFFERENCES: usize = 1_000;

/// A file in the storage that is not as the layer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The path as the record names it.
    pub path: BString,
    /// How it differs.
    pub reason: String,
    /// Whether it has another length, so that the tar does not hold it as it is now.
    pub resized: bool,
}

/// The tar, as a stream of bytes.
pub struct Assembled<'a> {
    record: Box<dyn BufRead + Send>,
    folder: &'a Folder,
    piece: Piece,
    /// The record's first line, read ahead to see that it is one.
    first: Option<Line>,
    differences: Vec<Difference>,
    unlisted: u64,
}

enum Piece {
    Nothing,
    Segment(io::Cursor<Vec<u8>>),
    Content(Content),
}

/// What is left to deliver of one file.
struct Content {
    path: BString,
    /// `None` if it cannot be opened: zeros stand for it, so that what follows stays in step.
    file: Option<File>,
    remaining: u64,
    checksum: Crc64,
    expected: Option<u64>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: u8,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    name_raw: Option<String>,
    #[serde(default)]
    size: Option<i64>,
    #[serde(default)]
    payload: Option<String>,
}

impl<'a> Assembled<'a> {
    /// Opens a record. It is gzip as a rule; zstd and plain JSON are told by their first bytes.
    ///
    /// # Errors
    /// If its first line is not that of a record.
    pub fn open(record: File, folder: &'a Folder) -> io::Result<Self> {
        let mut record = BufReader::new(record);
        let magic = record.fill_buf()?;
        let record: Box<dyn BufRead + Send> = if magic.starts_with(&[0x1f, 0x8b]) {
            Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(record)))
        } else if magic.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            Box::new(BufReader::new(zstd::Decoder::with_buffer(record)?))
        } else {
            Box::new(record)
        };
        let mut assembled = Self {
            record,
            folder,
            piece: Piece::Nothing,
            first: None,
            differences: Vec::new(),
            unlisted: 0,
        };
        assembled.first = assembled.line()?;
        if assembled.first.is_none() {
            return Err(invalid("the record is empty".to_owned()));
        }
        Ok(assembled)
    }

    /// Files found so far that are not as the layer says, and how many more there are.
    pub fn differences(self) -> (Vec<Difference>, u64) {
        (self.differences, self.unlisted)
    }

    fn line(&mut self) -> io::Result<Option<Line>> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut self.record)
                .take(LINE_BYTES)
                .read_until(b'\n', &mut line)?;
            if read == 0 {
                return Ok(None);
            }
            if read as u64 == LINE_BYTES && !line.ends_with(b"\n") {
                return Err(invalid(format!("a line is longer than {LINE_BYTES} bytes")));
            }
            if !line.trim().is_empty() {
                break;
            }
        }
        serde_json::from_slice(&line)
            .map(Some)
            .map_err(|error| invalid(format!("a line is no JSON object of a record: {error}")))
    }

    /// The next piece; `false` at the end of the record.
    fn advance(&mut self) -> io::Result<bool> {
        let Some(line) = self.line()? else {
            return Ok(false);
        };
        let payload = match &line.payload {
            Some(text) => decode(text)?,
            None => Vec::new(),
        };
        match line.kind {
            1 => self.piece = self.content(&line, &payload)?,
            2 => self.piece = Piece::Segment(io::Cursor::new(payload)),
            other => return Err(invalid(format!("a line has the unknown type {other}"))),
        }
        Ok(true)
    }

    fn content(&mut self, line: &Line, payload: &[u8]) -> io::Result<Piece> {
        let size = line.size.unwrap_or(0);
        let size =
            u64::try_from(size).map_err(|_| invalid(format!("a file has the size {size}")))?;
        if size == 0 {
            // Folders, links and empty files: their header is all there is.
            return Ok(Piece::Nothing);
        }
        let path = match (&line.name_raw, &line.name) {
            (Some(raw), _) if !raw.is_empty() => BString::from(decode(raw)?),
            (_, Some(name)) => BString::from(name.as_str()),
            _ => return Err(invalid("a file has no name".to_owned())),
        };
        let file = self.open_content(path.as_bstr(), size);
        Ok(Piece::Content(Content {
            path,
            file,
            remaining: size,
            checksum: Crc64::default(),
            expected: payload.try_into().ok().map(u64::from_be_bytes),
        }))
    }

    /// Opens a file of the layer; notes if it is missing or has another length.
    fn open_content(&mut self, path: &BStr, size: u64) -> Option<File> {
        let opened = self
            .folder
            .file(path)
            .and_then(|file| Ok((file.metadata()?.len(), file)));
        match opened {
            Ok((length, file)) => {
                if length != size {
                    let reason = format!("it has {length} bytes instead of {size}");
                    self.differ(path.to_owned(), reason, true);
                }
                Some(file)
            }
            Err(error) => {
                self.differ(path.to_owned(), format!("it cannot be read: {error}"), true);
                None
            }
        }
    }

    fn differ(&mut self, path: BString, reason: String, resized: bool) {
        if self.differences.len() < DIFFERENCES {
            self.differences.push(Difference {
                path,
                reason,
                resized,
            });
        } else {
            self.unlisted += 1;
        }
    }

    /// Delivers content of a file, zeros where the file has no more.
    fn deliver(&mut self, mut content: Content, buffer: &mut [u8]) -> usize {
        let wanted = usize::try_from(content.remaining)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let target = buffer.get_mut(..wanted).unwrap_or_default();
        let read = match content.file.as_mut().map(|file| read_some(file, target)) {
            Some(Ok(read)) if read > 0 => read,
            Some(Err(error)) => {
                content.file = None;
                let reason = format!("it cannot be read: {error}");
                self.differ(content.path.clone(), reason, true);
                0
            }
            _ => 0,
        };
        let read = if read == 0 {
            content.file = None;
            target.fill(0);
            target.len()
        } else {
            read
        };
        content
            .checksum
            .update(target.get(..read).unwrap_or_default());
        content.remaining = content.remaining.saturating_sub(read as u64);
        if content.remaining > 0 {
            self.piece = Piece::Content(content);
        } else if content
            .expected
            .is_some_and(|sum| sum != content.checksum.sum())
            && self.differences.last().map(|last| &last.path) != Some(&content.path)
        {
            let reason = "its content is not that of the layer".to_owned();
            self.differ(content.path, reason, false);
        }
        read
    }
}

impl Read for Assembled<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            match std::mem::replace(&mut self.piece, Piece::Nothing) {
                Piece::Nothing => {
                    if !self.advance()? {
                        return Ok(0);
                    }
                }
                Piece::Segment(mut bytes) => {
                    let read = bytes.read(buffer)?;
                    if read > 0 {
                        self.piece = Piece::Segment(bytes);
                        return Ok(read);
                    }
                }
                Piece::Content(content) => return Ok(self.deliver(content, buffer)),
            }
        }
    }
}

fn read_some(file: &mut File, target: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(target) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

fn decode(text: &str) -> io::Result<Vec<u8>> {
    STANDARD
        .decode(text)
        .map_err(|error| invalid(format!("a line holds no base64: {error}")))
}

fn invalid(reason: String) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("the record of the layer's tar (tar-split) is damaged: {reason}"),
    )
}

/// CRC-64 with the polynomial of ISO 3309, as Go's `hash/crc64` computes it.
#[derive(Clone, Copy)]
struct Crc64(u64);

impl Default for Crc64 {
    fn default() -> Self {
        Self(!0)
    }
}

impl Crc64 {
    const TABLE: [u64; 256] = {
        let mut table = [0; 256];
        let mut index = 0;
        while index < 256 {
            let mut value = index as u64;
            let mut bit = 0;
            while bit < 8 {
                value = (value >> 1) ^ (0xd800_0000_0000_0000 * (value & 1));
                bit += 1;
            }
            table[index] = value;
            index += 1;
        }
        table
    };

    fn update(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let index = (self.0 as u8) ^ byte;
            self.0 = Self::TABLE[usize::from(index)] ^ (self.0 >> 8);
        }
    }

    const fn sum(self) -> u64 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    fn record(lines: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(lines).unwrap();
        std::io::Seek::rewind(&mut file).unwrap();
        file
    }

    fn assemble(lines: &str, folder: &Folder) -> (io::Result<Vec<u8>>, Vec<Difference>) {
        let mut assembled = match Assembled::open(record(lines.as_bytes()), folder) {
            Ok(assembled) => assembled,
            Err(error) => return (Err(error), Vec::new()),
        };
        let outcome = super::super::document::read(&mut assembled, 1 << 20);
        (outcome, assembled.differences().0)
    }

    #[test]
    fn the_checksum_is_that_of_go() {
        let mut sum = Crc64::default();
        sum.update(b"123456789");
        assert_eq!(sum.sum(), 0xb909_56c7_75a4_1001);
    }

    #[test]
    fn segments_and_files_are_joined_and_changes_are_named() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::write(temp.path().join("a"), "123456789").unwrap();
        let folder = Folder::open(temp.path()).unwrap();
        let sum = STANDARD.encode(0xb909_56c7_75a4_1001_u64.to_be_bytes());
        let lines = format!(
            "{{\"type\":2,\"payload\":\"PHg+\",\"position\":0}}\n\
             {{\"type\":1,\"name_raw\":\"YQ==\",\"size\":9,\"payload\":\"{sum}\",\"position\":1}}\n\
             {{\"type\":1,\"name\":\"dir/\",\"payload\":null,\"position\":2}}\n\
             {{\"type\":2,\"payload\":\"PHk+\",\"position\":3}}\n"
        );
        let (bytes, differences) = assemble(&lines, &folder);
        assert_eq!(bytes.unwrap(), b"<x>123456789<y>");
        assert_eq!(differences, []);

        std::fs::write(temp.path().join("a"), "12345678X").unwrap();
        let (bytes, differences) = assemble(&lines, &folder);
        assert_eq!(bytes.unwrap(), b"<x>12345678X<y>");
        assert_eq!(differences.len(), 1);
        assert!(!differences[0].resized);

        std::fs::write(temp.path().join("a"), "123").unwrap();
        let (bytes, differences) = assemble(&lines, &folder);
        assert_eq!(bytes.unwrap(), b"<x>123\0\0\0\0\0\0<y>");
        assert_eq!(differences.len(), 1);
        assert_eq!(differences[0].reason, "it has 3 bytes instead of 9");

        std::fs::remove_file(temp.path().join("a")).unwrap();
        let (bytes, differences) = assemble(&lines, &folder);
        assert_eq!(bytes.unwrap().len(), 15);
        assert!(differences[0].resized);
    }

    #[test]
    fn what_is_no_record_is_refused_before_it_is_read() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::open(temp.path()).unwrap();
        for bad in ["", "\n\n", "x", "[]", "{}"] {
            assert!(assemble(bad, &folder).0.is_err(), "{bad:?}");
        }
        let (outcome, _) = assemble("{\"type\":1,\"name\":\"a\",\"size\":-1}", &folder);
        assert!(outcome.is_err());
    }

    proptest! {
        #[test]
        fn any_record_ends(lines in proptest::collection::vec(
            (0_u8..4, "[a./]{0,4}", -2_i64..5_000, "[A-Za-z0-9+/=]{0,12}"), 0..12)) {
            let temp = tempfile::tempdir().unwrap();
            let folder = Folder::open(temp.path()).unwrap();
            let text: String = lines
                .iter()
                .map(|(kind, name, size, payload)| format!(
                    "{{\"type\":{kind},\"name\":\"{name}\",\"size\":{size},\"payload\":\"{payload}\"}}\n"
                ))
                .collect();
            let _ = assemble(&text, &folder);
        }
    }
}
