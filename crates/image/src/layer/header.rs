//! One tar header block to its fields, as container runtimes read it.
//!
//! Sources: POSIX.1-2024 `pax` ("ustar Interchange Format"), the GNU tar manual ("Basic Tar
//! Format"), and Go's `archive/tar`, which every common container runtime unpacks layers with:
//! where the formats leave a choice, its choice is the one that decides what runs.

use bstr::ByteSlice;

/// Length of a tar block, in bytes.
pub const BLOCK: usize = 512;

/// Which of tar's dialects a header is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Before POSIX: no magic.
    V7,
    /// POSIX, also with PAX headers before it.
    Ustar,
    /// Jörg Schilling's: a shorter prefix, then times.
    Star,
    /// GNU's old format: no prefix.
    Gnu,
}

/// The fields of a header, before extensions are applied.
#[derive(Debug, Clone)]
pub struct Header {
    /// Name with its prefix, as written.
    pub name: Vec<u8>,
    /// Link target, as written.
    pub link: Vec<u8>,
    /// Type flag.
    pub flag: u8,
    /// Permission bits and what else the field holds.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Length of what follows, in bytes.
    pub size: u64,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Device: major, minor.
    pub device: (u32, u32),
    /// Dialect.
    pub format: Format,
    /// Fields that could not be read and count as 0: their names.
    pub unreadable: Vec<&'static str>,
}

/// Whether the first bytes of something look like a tar: a header with the right checksum, the
/// zeros that end an empty archive, or nothing at all (an empty layer).
pub fn looks_like_tar(head: &[u8]) -> bool {
    head.is_empty()
        || head
            .first_chunk::<BLOCK>()
            .is_some_and(|block| is_zero(block) || has_valid_checksum(block))
}

/// Whether a block holds only zeros.
pub fn is_zero(block: &[u8]) -> bool {
    block.iter().all(|&byte| byte == 0)
}

/// Whether the checksum fits, with bytes taken as unsigned or (some old writers) as signed.
pub fn has_valid_checksum(block: &[u8; BLOCK]) -> bool {
    let Some(stored) = number(field(block, 148, 8)) else {
        return false;
    };
    let mut unsigned = 0_i64;
    let mut signed = 0_i64;
    for (at, &byte) in block.iter().enumerate() {
        let byte = if (148..156).contains(&at) { b' ' } else { byte };
        unsigned += i64::from(byte);
        signed += i64::from(byte.cast_signed());
    }
    stored == unsigned || stored == signed
}

/// Parses a block whose checksum fits.
///
/// # Errors
/// If its size cannot be read: where the next header is, is unknown then.
pub fn parse(block: &[u8; BLOCK]) -> Result<Header, String> {
    let mut unreadable = Vec::new();
    let mut read = |name: &'static str, at: usize, length: usize| {
        number(field(block, at, length)).unwrap_or_else(|| {
            unreadable.push(name);
            0
        })
    };
    let format = format_of(block);
    let mode = read("mode", 100, 8);
    let uid = read("uid", 108, 8);
    let gid = read("gid", 116, 8);
    let mtime = read("mtime", 136, 12);
    let device = if format == Format::V7 {
        (0, 0)
    } else {
        (
            u32::try_from(read("devmajor", 329, 8)).unwrap_or(0),
            u32::try_from(read("devminor", 337, 8)).unwrap_or(0),
        )
    };
    let size = number(field(block, 124, 12))
        .and_then(|size| u64::try_from(size).ok())
        .ok_or_else(|| {
            format!(
                "the size field `{}` is no number",
                model::text::printable(field(block, 124, 12))
            )
        })?;
    Ok(Header {
        name: full_name(block, format),
        link: text(field(block, 157, 100)).to_vec(),
        flag: field(block, 156, 1).first().copied().unwrap_or(0),
        mode: u32::try_from(mode & 0o7777).unwrap_or(0),
        uid: u64::try_from(uid).unwrap_or(0),
        gid: u64::try_from(gid).unwrap_or(0),
        size,
        mtime,
        device,
        format,
        unreadable,
    })
}

fn format_of(block: &[u8; BLOCK]) -> Format {
    match field(block, 257, 8) {
        [b'u', b's', b't', b'a', b'r', 0, ..] if field(block, 508, 4) == b"tar\0" => Format::Star,
        [b'u', b's', b't', b'a', b'r', 0, ..] => Format::Ustar,
        b"ustar  \0" => Format::Gnu,
        _ => Format::V7,
    }
}

fn full_name(block: &[u8; BLOCK], format: Format) -> Vec<u8> {
    let name = text(field(block, 0, 100));
    let prefix = match format {
        Format::Ustar => text(field(block, 345, 155)),
        Format::Star => text(field(block, 345, 131)),
        Format::Gnu => misplaced_prefix(block),
        Format::V7 => &[],
    };
    if prefix.is_empty() {
        name.to_vec()
    } else {
        [prefix, b"/", name].concat()
    }
}

/// Writers of Go before 1.8 could put a prefix into GNU headers, where times belong; Go still
/// reads it if the times make no sense and the prefix is ASCII.
fn misplaced_prefix(block: &[u8; BLOCK]) -> &[u8] {
    let bad_time = |at| {
        let time = field(block, at, 12);
        time.first().is_some_and(|&first| first != 0) && number(time).is_none()
    };
    let prefix = text(field(block, 345, 155));
    if (bad_time(345) || bad_time(357)) && prefix.is_ascii() {
        prefix
    } else {
        &[]
    }
}

/// `length` bytes at `at`; fields lie inside the block by construction.
pub fn field(block: &[u8], at: usize, length: usize) -> &[u8] {
    block.get(at..at + length).unwrap_or_default()
}

/// Bytes up to the first NUL.
pub fn text(field: &[u8]) -> &[u8] {
    field.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// A numeric field: octal digits, or base 256 in two's complement if the first bit is set (GNU).
pub fn number(field: &[u8]) -> Option<i64> {
    let (&first, rest) = field.split_first()?;
    if first & 0x80 == 0 {
        return octal(field);
    }
    let negative = first & 0x40 != 0;
    let invert = if negative { 0xff } else { 0 };
    let mut value = u64::from((first ^ invert) & 0x7f);
    for &byte in rest {
        if value >> 56 != 0 {
            return None;
        }
        value = value << 8 | u64::from(byte ^ invert);
    }
    let value = i64::try_from(value).ok()?;
    Some(if negative { !value } else { value })
}

fn octal(field: &[u8]) -> Option<i64> {
    let digits = text(field.trim_with(|c| c == ' ' || c == '\0'));
    let mut value = 0_i64;
    for &digit in digits {
        if !(b'0'..=b'7').contains(&digit) {
            return None;
        }
        value = value.checked_mul(8)?.checked_add(i64::from(digit - b'0'))?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_all_spellings() {
        assert_eq!(number(b"0000644\0"), Some(0o644));
        assert_eq!(number(b"   644 \0"), Some(0o644));
        assert_eq!(number(b"\0\0\0\0\0\0\0\0"), Some(0));
        assert_eq!(number(b"00006x4\0"), None);
        assert_eq!(number(b"\x80\0\0\0\0\0\0\0\0\0\x01\0"), Some(256));
        assert_eq!(number(&[0xff; 12]), Some(-1));
        assert_eq!(
            number(b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff"),
            Some(i64::MAX)
        );
        assert_eq!(number(b"\x80\0\0\x01\0\0\0\0\0\0\0\0"), None);
        assert_eq!(number(b""), None);
    }

    #[test]
    fn a_prefix_go_would_read_is_read() {
        let mut block = [0; BLOCK];
        block[..3].copy_from_slice(b"bin");
        block[257..265].copy_from_slice(b"ustar  \0");
        block[345..350].copy_from_slice(b"a/b/c");
        assert_eq!(full_name(&block, format_of(&block)), b"a/b/c/bin");
        block[345..357].copy_from_slice(b"00000000012\0");
        assert_eq!(full_name(&block, format_of(&block)), b"bin");
    }
}
