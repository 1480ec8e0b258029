//! Whether the code of a program is hidden until it runs, by its structure and never by a mark
//! alone: marks are what a packer's user changes first.

use model::{Form, Packing};

mod nrv;
pub mod upx;

use super::elf::Elf;

/// Bits of information a byte of packed code has at least; code has about 6.5, tables less.
const PACKED_BITS: f64 = 7.2;
/// Shortest segment whose bytes can be counted.
const SHORTEST: usize = 4 << 10;

/// How a program is packed, if it is.
pub fn packing(content: &[u8], elf: &Elf) -> Option<Packing> {
    if !matches!(elf.form, Form::Program | Form::Library) || elf.has_sections {
        return None;
    }
    let loaded: usize = elf.segments.iter().map(|segment| segment.data.len()).sum();
    let dense = elf
        .segments
        .iter()
        .filter(|segment| segment.data.len() >= SHORTEST && bits(segment.data) >= PACKED_BITS);
    let dense_bytes: usize = dense.clone().map(|segment| segment.data.len()).sum();
    if dense_bytes * 2 < loaded || loaded < SHORTEST {
        return None;
    }
    let head = &content[..content.len().min(512)];
    let tail = &content[content.len().saturating_sub(64)..];
    let named = |bytes: &[u8]| memchr::memmem::find(bytes, b"UPX!").is_some();
    let room = elf
        .segments
        .iter()
        .any(|segment| segment.length > segment.data.len() as u64 * 2 && segment.writable);
    let by = if named(head) || named(tail) {
        "UPX"
    } else if dense
        .clone()
        .any(|segment| segment.runs && segment.writable)
    {
        "one writable segment of dense code"
    } else if room {
        "room to unpack to and dense code, in the manner of UPX"
    } else {
        "dense code without sections"
    };
    Some(Packing {
        by: by.to_owned(),
        is_damaged: by != "UPX",
        is_undone: false,
    })
}

/// Shannon entropy of bytes, in bits a byte.
pub fn bits(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let all = bytes.len().max(1) as f64;
    let of = |count: u32| {
        let part = f64::from(count) / all;
        if count == 0 { 0.0 } else { -part * part.log2() }
    };
    counts.into_iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::machine::tests::tiny;

    /// Bytes that look random.
    fn dense(length: usize) -> Vec<u8> {
        let step = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        let states = std::iter::successors(Some(1_u32), step);
        states
            .map(|state| (state >> 24) as u8)
            .take(length)
            .collect()
    }

    fn packed(code: &[u8]) -> Option<Packing> {
        let file = tiny(code, true);
        packing(&file, &Elf::parse(&file)?)
    }

    #[test]
    fn dense_code_without_sections_is_packed() {
        let found = packed(&dense(20_000)).unwrap();
        assert!(found.is_damaged, "{found:?}");
        let marked = [b"UPX!".to_vec(), dense(20_000)].concat();
        let found = packed(&marked).unwrap();
        assert_eq!((found.by.as_str(), found.is_damaged), ("UPX", false));
        // Plain code, and too little to count.
        assert_eq!(packed(&b"\x48\x89\xe5\x90".repeat(5_000)), None);
        assert_eq!(packed(&dense(1_000)), None);
    }
}
