//! Tars written by hand, so that they can be as wrong as a test needs them.

use super::*;

/// A header written by hand, so that it can be as wrong as a test needs it.
pub fn header(name: &[u8], flag: u8, size: u64) -> [u8; BLOCK] {
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

pub fn seal(block: &mut [u8; BLOCK]) {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

pub fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    bytes
}

pub fn member(name: &[u8], flag: u8, content: &[u8]) -> Vec<u8> {
    [
        &header(name, flag, content.len() as u64)[..],
        &padded(content),
    ]
    .concat()
}

pub fn linked(name: &[u8], flag: u8, target: &[u8]) -> Vec<u8> {
    let mut block = header(name, flag, 0);
    block[157..157 + target.len()].copy_from_slice(target);
    seal(&mut block);
    block.to_vec()
}

pub fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length += 1;
    }
    [format!("{length} {key}=").as_bytes(), value, b"\n"].concat()
}

pub fn archive(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 2 * BLOCK]].concat()
}

pub fn old_gnu_sparse(extents: &[(u64, u64)], real: u64, data: &[u8]) -> Vec<u8> {
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

pub fn pax_sparse(records: &[(&str, &str)], data: &[u8]) -> Vec<u8> {
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
