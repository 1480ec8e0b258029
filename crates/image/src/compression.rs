//! Compressed bytes to plain ones. What a stream is, its first bytes say and never a media type:
//! that is how container runtimes decide, so a wrong media type cannot hide a layer.
//!
//! All four formats may be several streams end to end (eStargz and zstd:chunked layers are), and a
//! reader that stops after the first one misses the rest. So every end of a stream is looked past:
//! another stream goes on, zero padding is padding, and anything else is said.
//!
//! Sources: RFC 1952 (gzip), RFC 8878 (zstd, skippable frames in section 3.1.2), the .xz file
//! format 1.2.1 (stream padding in section 2.2), and libbzip2's manual.

use std::io::{self, Read};

use flate2::{Decompress, FlushDecompress};
use liblzma::stream as xz;
use zstd::stream::raw::{DParameter, Operation};

use crate::layer::header::looks_like_tar;

/// Largest zstd window, as a power of two: 128 MiB, what `zstd -d` accepts without being told.
const ZSTD_WINDOW_LOG: u32 = 27;
/// Most memory one xz stream may ask for: `xz -9` needs 65 MiB.
const XZ_MEMORY: u64 = 128 << 20;
/// Bytes read from the compressed side at once.
const CHUNK: usize = 64 << 10;
/// Bytes that decide what a stream is: one tar header.
const HEAD: usize = 512;

/// How bytes are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not compressed.
    None,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
    /// xz.
    Xz,
    /// bzip2.
    Bzip2,
}

impl Compression {
    /// What the first bytes say; `None` if no compression is known by them.
    pub fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            // The level, then a block's magic (pi) or an empty stream's (the square root of pi).
            [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..]
                if rest.starts_with(b"1AY&SY") || rest.starts_with(b"\x17rE8P\x90") =>
            {
                Self::Bzip2
            }
            _ => Self::None,
        }
    }

    /// The format's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "uncompressed",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Bzip2 => "bzip2",
        }
    }
}

/// What the first bytes of something stored turn out to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sniffed {
    /// A tar, stored like this.
    Tar(Compression),
    /// No tar, stored like this.
    Other(Compression),
}

/// Tells whether something stored is a tar, compressed or not, from its first bytes (64 KiB are
/// plenty). A compressed head too short to tell counts as a tar.
pub fn sniff(head: &[u8]) -> Sniffed {
    let compression = Compression::of(head);
    if compression == Compression::None {
        return if looks_like_tar(head) {
            Sniffed::Tar(compression)
        } else {
            Sniffed::Other(compression)
        };
    }
    let mut plain = [0; HEAD];
    let mut filled = 0;
    let Ok(mut reader) = Decompressor::new(head) else {
        return Sniffed::Other(compression);
    };
    while let Some(rest) = plain.get_mut(filled..)
        && !rest.is_empty()
    {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Sniffed::Tar(compression);
            }
            Err(_) => return Sniffed::Other(compression),
        }
    }
    if looks_like_tar(plain.get(..filled).unwrap_or_default()) {
        Sniffed::Tar(compression)
    } else {
        Sniffed::Other(compression)
    }
}

/// One decoder, at any place in a stream.
enum Engine {
    Gzip(Box<Decompress>),
    Zstd(zstd::stream::raw::Decoder<'static>),
    Xz(xz::Stream),
    Bzip2(bzip2::Decompress),
}

/// What one step did.
#[derive(Default)]
struct Step {
    consumed: usize,
    produced: usize,
    ended: bool,
}

impl Engine {
    fn new(compression: Compression) -> io::Result<Option<Self>> {
        Ok(Some(match compression {
            Compression::None => return Ok(None),
            Compression::Gzip => Self::Gzip(Box::new(Decompress::new_gzip(15))),
            Compression::Zstd => {
                let mut decoder = zstd::stream::raw::Decoder::new()?;
                decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG))?;
                Self::Zstd(decoder)
            }
            Compression::Xz => Self::Xz(xz::Stream::new_stream_decoder(XZ_MEMORY, 0)?),
            Compression::Bzip2 => Self::Bzip2(bzip2::Decompress::new(false)),
        }))
    }

    /// Makes ready for the next stream of the same format.
    fn restart(&mut self) -> io::Result<()> {
        match self {
            Self::Gzip(engine) => **engine = Decompress::new_gzip(15),
            Self::Zstd(engine) => engine.reinit()?,
            Self::Xz(engine) => *engine = xz::Stream::new_stream_decoder(XZ_MEMORY, 0)?,
            Self::Bzip2(engine) => *engine = bzip2::Decompress::new(false),
        }
        Ok(())
    }

    /// Decodes some bytes. What was decoded before an error counts, so both come back.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> (Step, io::Result<()>) {
        let (before_in, before_out) = self.totals();
        let ended: io::Result<bool> = match self {
            Self::Gzip(engine) => engine
                .decompress(input, output, FlushDecompress::None)
                .map(|status| status == flate2::Status::StreamEnd)
                .map_err(Into::into),
            Self::Zstd(engine) => {
                return match engine.run_on_buffers(input, output) {
                    Ok(status) => {
                        let step = Step {
                            consumed: status.bytes_read,
                            produced: status.bytes_written,
                            ended: status.remaining == 0,
                        };
                        (step, Ok(()))
                    }
                    Err(error) => (Step::default(), Err(error)),
                };
            }
            Self::Xz(engine) => engine
                .process(input, output, xz::Action::Run)
                .map(|status| status == xz::Status::StreamEnd)
                .map_err(Into::into),
            Self::Bzip2(engine) => engine
                .decompress(input, output)
                .map(|status| status == bzip2::Status::StreamEnd)
                .map_err(|error| invalid(error.to_string())),
        };
        let (after_in, after_out) = self.totals();
        let length = |after: u64, before, most: usize| {
            usize::try_from(after.saturating_sub(before)).map_or(most, |length| length.min(most))
        };
        let step = Step {
            consumed: length(after_in, before_in, input.len()),
            produced: length(after_out, before_out, output.len()),
            ended: matches!(ended, Ok(true)),
        };
        (step, ended.map(drop))
    }

    /// Bytes in and out so far in this stream.
    fn totals(&self) -> (u64, u64) {
        match self {
            Self::Gzip(engine) => (engine.total_in(), engine.total_out()),
            Self::Zstd(_) => (0, 0),
            Self::Xz(engine) => (engine.total_in(), engine.total_out()),
            Self::Bzip2(engine) => (engine.total_in(), engine.total_out()),
        }
    }
}

/// Stored bytes, with a look ahead.
struct Input<R> {
    inner: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl<R: Read> Input<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            buffer: vec![0; CHUNK],
            start: 0,
            end: 0,
        }
    }

    fn buffered(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// At least `least` bytes (at most [`CHUNK`]), fewer only at the end.
    fn fill(&mut self, least: usize) -> io::Result<&[u8]> {
        while self.end - self.start < least {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            let Some(free) = self.buffer.get_mut(self.end..) else {
                break;
            };
            match self.inner.read(free) {
                Ok(0) => break,
                Ok(n) => self.end += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.buffered())
    }

    fn consume(&mut self, n: usize) {
        self.start = (self.start + n).min(self.end);
    }
}

/// A reader of plain bytes from compressed (or plain) ones.
///
/// Errors are of kind `UnexpectedEof` (the data ends early) or `InvalidData`, and say how many
/// plain bytes came before; after one, the reader is at its end.
pub struct Decompressor<R> {
    stored: Input<R>,
    compression: Compression,
    engine: Option<Engine>,
    over: bool,
    failure: Option<io::Error>,
    plain: u64,
    trailing: Option<String>,
}

impl<R: Read> Decompressor<R> {
    /// Looks at the first bytes of `stored` and decides how it is compressed.
    ///
    /// # Errors
    /// If `stored` cannot be read.
    pub fn new(stored: R) -> io::Result<Self> {
        let mut stored = Input::new(stored);
        let compression = Compression::of(stored.fill(HEAD)?);
        Ok(Self {
            engine: Engine::new(compression)?,
            stored,
            compression,
            over: false,
            failure: None,
            plain: 0,
            trailing: None,
        })
    }

    /// How the bytes are stored.
    pub const fn compression(&self) -> Compression {
        self.compression
    }

    /// What stands behind the compressed data and does not belong there, as a fragment. Known once
    /// reading came to the end.
    pub fn trailing(&self) -> Option<&str> {
        self.trailing.as_deref()
    }

    /// Reads what is left on the stored side, without decompressing it, so that a digest can cover
    /// every byte; at most `limit` bytes. Returns how many there were.
    ///
    /// # Errors
    /// If the stored side cannot be read.
    pub fn drain_stored(&mut self, limit: u64) -> io::Result<u64> {
        self.over = true;
        let mut drained = 0_u64;
        while drained < limit {
            let n = self.stored.fill(1)?.len();
            if n == 0 {
                break;
            }
            self.stored.consume(n);
            drained = drained.saturating_add(n as u64);
        }
        Ok(drained)
    }

    /// Looks past the end of a stream: at the next one, at padding or at what should not be there.
    fn look_behind(&mut self) -> io::Result<()> {
        let mut zeros = 0_usize;
        loop {
            let buffered = self.stored.fill(1)?;
            let skip = buffered.iter().take_while(|&&byte| byte == 0).count();
            let all = skip == buffered.len();
            if buffered.is_empty() {
                self.over = true;
                return Ok(());
            }
            zeros = zeros.saturating_add(skip);
            self.stored.consume(skip);
            if !all {
                break;
            }
        }
        // Only xz has padding between streams; a gzip stream may be padded at its end.
        let may_follow =
            zeros == 0 || (self.compression == Compression::Xz && zeros.is_multiple_of(4));
        if may_follow && Compression::of(self.stored.fill(HEAD)?) == self.compression {
            return self.engine.as_mut().map_or(Ok(()), Engine::restart);
        }
        let bytes = self.drain_stored(u64::MAX)?;
        self.trailing = Some(format!(
            "{bytes} bytes that are no {} data follow the compressed data",
            self.compression.name()
        ));
        Ok(())
    }

    /// Ends the reading; the error comes out once what was decoded is handed over.
    fn fail(&mut self, error: &io::Error) {
        self.over = true;
        let name = self.compression.name();
        let plain = self.plain;
        self.failure = Some(match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::new(
                error.kind(),
                format!("the {name} data ends early, after {plain} bytes"),
            ),
            _ => invalid(format!(
                "the {name} data is damaged after {plain} bytes: {error}"
            )),
        });
    }

    fn read_plain(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.stored.fill(1)?;
        let n = available.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..n), available.get(..n)) {
            to.copy_from_slice(from);
        }
        self.stored.consume(n);
        Ok(n)
    }

    /// One step of the decoder: `None` if it needs to be called again.
    fn step(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let Some(engine) = &mut self.engine else {
            return self.read_plain(buffer).map(Some);
        };
        let input = self.stored.fill(1)?;
        let at_end = input.is_empty();
        let (step, result) = engine.step(input, buffer);
        self.stored.consume(step.consumed);
        self.plain = self.plain.saturating_add(step.produced as u64);
        let stuck = step.produced == 0 && step.consumed == 0 && !step.ended;
        if step.ended {
            self.look_behind()?;
        } else if let Err(error) = result {
            self.fail(&error);
        } else if stuck && at_end {
            self.fail(&io::ErrorKind::UnexpectedEof.into());
        } else if stuck {
            self.fail(&invalid("the decoder makes no progress"));
        }
        Ok((step.produced > 0).then_some(step.produced))
    }
}

impl<R: Read> Read for Decompressor<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.over && !buffer.is_empty() {
            if let Some(n) = self.step(buffer)? {
                return Ok(n);
            }
        }
        self.failure.take().map_or(Ok(0), Err)
    }
}

fn invalid(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

#[cfg(test)]
mod tests;
