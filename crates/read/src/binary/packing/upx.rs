//! Undoes UPX (its `src/p_lx_elf.cpp` and `src/stub/src/include/linux.h`).
//!
//! A packed ELF file holds blocks: a header of twelve bytes (length before, length after, method,
//! filter) and the compressed bytes. The first gives the original ELF header, the next ones the
//! segments. Nothing else is needed: the marks and sums around the blocks, which are changed so
//! that UPX's own tool gives up, are not looked at.

use liblzma::stream::{Action, Filters, LzmaOptions, Status, Stream};

use super::nrv::{self, Bits, Variant};

/// How far into a file the first block is looked for, in bytes: behind the program headers.
const HEAD: usize = 4 << 10;
/// Most blocks: one for every segment and gap, with long ones in parts.
const MOST_BLOCKS: usize = 512;
/// Bytes of a block's header.
const HEADER: usize = 12;
/// Longest original ELF header with its program headers.
const LONGEST_FIRST: usize = 8 << 10;

/// One block.
struct Block<'a> {
    length: usize,
    method: u8,
    filter: u8,
    mark: u8,
    data: &'a [u8],
}

/// The original, as far as its blocks follow each other; `None` if it is not packed this way. At
/// most `most` bytes.
pub fn unpack(content: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut at = (0x34..HEAD.min(content.len())).step_by(4).find(|&at| {
        let first = block(content, at).filter(|block| block.length <= LONGEST_FIRST);
        first
            .and_then(|block| undo(&block, LONGEST_FIRST))
            .is_some_and(|bytes| bytes.starts_with(b"\x7fELF"))
    })?;
    let mut out = Vec::new();
    for _ in 0..MOST_BLOCKS {
        let Some(block) = block(content, at) else {
            break;
        };
        let room = most.saturating_sub(out.len());
        let Some(bytes) = undo(&block, room) else {
            break;
        };
        out.extend_from_slice(&bytes);
        at += HEADER + block.data.len();
    }
    Some(out)
}

fn block(content: &[u8], at: usize) -> Option<Block<'_>> {
    let header = content.get(at..at.checked_add(HEADER)?)?;
    let number = |at: usize| {
        let bytes = header.get(at..at + 4)?.first_chunk::<4>()?;
        usize::try_from(u32::from_le_bytes(*bytes)).ok()
    };
    let (length, packed) = (number(0)?, number(4)?);
    let method = header[8];
    let plausible = packed > 0 && packed <= length && matches!(method, 2..=10 | 14);
    let data = content.get(at + HEADER..)?.get(..packed)?;
    plausible.then_some(Block {
        length,
        method,
        filter: header[9],
        mark: header[10],
        data,
    })
}

fn undo(block: &Block, most: usize) -> Option<Vec<u8>> {
    if block.length > most {
        return None;
    }
    let mut bytes = if block.data.len() == block.length {
        block.data.to_vec()
    } else {
        let nrv = |variant, bits| nrv::decode(block.data, variant, bits, block.length);
        match block.method {
            2 => nrv(Variant::B, Bits::ThirtyTwo),
            3 => nrv(Variant::B, Bits::Eight),
            4 => nrv(Variant::B, Bits::Sixteen),
            5 => nrv(Variant::D, Bits::ThirtyTwo),
            6 => nrv(Variant::D, Bits::Eight),
            7 => nrv(Variant::D, Bits::Sixteen),
            8 => nrv(Variant::E, Bits::ThirtyTwo),
            9 => nrv(Variant::E, Bits::Eight),
            10 => nrv(Variant::E, Bits::Sixteen),
            _ => lzma(block.data, block.length),
        }?
    };
    if bytes.len() != block.length {
        return None;
    }
    if matches!(block.filter, 0x46 | 0x49) {
        unfilter(&mut bytes, block.mark, block.filter == 0x49);
    }
    Some(bytes)
}

/// LZMA without its header: two bytes of properties, then the stream.
fn lzma(data: &[u8], length: usize) -> Option<Vec<u8>> {
    let (&first, &second) = (data.first()?, data.get(1)?);
    let mut options = LzmaOptions::new_preset(6).ok()?;
    options
        .position_bits(u32::from(first & 7))
        .literal_position_bits(u32::from(second >> 4))
        .literal_context_bits(u32::from(second & 15))
        .dict_size(u32::try_from(length.max(4_096)).ok()?);
    let mut stream = Stream::new_raw_decoder(Filters::new().lzma1(&options)).ok()?;
    let mut out = vec![0; length];
    let status = stream.process(data.get(2..)?, &mut out, Action::Run);
    let done = usize::try_from(stream.total_out()).ok()? == length;
    (done && matches!(status, Ok(Status::Ok | Status::StreamEnd))).then_some(out)
}

/// Turns the targets of x86 calls and jumps back to distances (UPX's filters 0x46 and 0x49): they
/// were made absolute, in big-endian, behind a mark, to compress better.
fn unfilter(bytes: &mut [u8], mark: u8, conditional: bool) {
    let mut at = 0;
    let mut last = usize::MAX;
    while at + 5 <= bytes.len() {
        let is_call = matches!(bytes[at], 0xe8 | 0xe9);
        let is_jump = conditional
            && at > 0
            && last != at
            && bytes[at - 1] == 0x0f
            && matches!(bytes[at], 0x80..=0x8f);
        if (is_call || is_jump) && bytes[at + 1] == mark {
            let next = u32::try_from(at + 1).unwrap_or(u32::MAX);
            let target = u32::from_be_bytes([0, bytes[at + 2], bytes[at + 3], bytes[at + 4]]);
            let distance = target.wrapping_sub(next);
            bytes[at + 1..at + 5].copy_from_slice(&distance.to_le_bytes());
            at += 4;
            last = at + 1;
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packed file as UPX lays it out, its marks taken away.
    fn packed(method: u8, blocks: &[(usize, &[u8])]) -> Vec<u8> {
        let mut file = vec![0; 0xf4];
        for (length, data) in blocks {
            file.extend_from_slice(&u32::try_from(*length).unwrap().to_le_bytes());
            file.extend_from_slice(&u32::try_from(data.len()).unwrap().to_le_bytes());
            file.extend_from_slice(&[method, 0, 0, 0]);
            file.extend_from_slice(data);
        }
        file
    }

    #[test]
    fn blocks_are_undone_without_any_mark() {
        let header = b"\x7fELF and more of the header";
        let mut options = LzmaOptions::new_preset(6).unwrap();
        options
            .position_bits(2)
            .literal_position_bits(0)
            .literal_context_bits(3);
        let text = b"mining.subscribe ".repeat(500);
        let mut stream = Stream::new_raw_encoder(Filters::new().lzma1(&options)).unwrap();
        let mut body = vec![0; 2_000];
        stream.process(&text, &mut body, Action::Finish).unwrap();
        body.truncate(usize::try_from(stream.total_out()).unwrap());
        let body = [&[0x1a, 0x03][..], &body].concat();
        let file = packed(14, &[(header.len(), header), (text.len(), &body)]);
        let whole = [&header[..], &text].concat();
        assert_eq!(unpack(&file, 1 << 20), Some(whole));
        // What is too much is left out, what is damaged as well.
        assert_eq!(unpack(&file, 100).as_deref(), Some(&header[..]));
        assert_eq!(unpack(&file[..0x100], 1 << 20), None);
        assert_eq!(unpack(&text, 1 << 20), None);
    }

    #[test]
    fn calls_are_turned_back() {
        let mut bytes = [0x90, 0xe8, 0x77, 0x00, 0x01, 0x02, 0xe8, 0x12, 0, 0, 0];
        unfilter(&mut bytes, 0x77, true);
        assert_eq!(bytes, [0x90, 0xe8, 0x00, 0x01, 0, 0, 0xe8, 0x12, 0, 0, 0]);
    }
}
