//! A small picture that is one: the smallest JPEG encoder there is.
//!
//! Source: ITU-T T.81 (JPEG), annexes B and C. Baseline, one component, every block one shade: a
//! DC difference and an end-of-block for each.

/// A JPEG of `side` × `side` blocks of 8 × 8 pixels in stripes of two greys.
pub fn jpeg(side: u8) -> Vec<u8> {
    let pixels = u16::from(side) * 8;
    let mut out = vec![0xFF, 0xD8];
    segment(&mut out, 0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    let mut quantization = vec![0];
    quantization.extend([8; 64]);
    segment(&mut out, 0xDB, &quantization);
    let [high, low] = pixels.to_be_bytes();
    segment(&mut out, 0xC0, &[8, high, low, high, low, 1, 1, 0x11, 0]);
    // DC: difference of 0 bits as `0`, of 5 bits as `10`. AC: end of block as `0`.
    segment(&mut out, 0xC4, &code_table(0x00, &[(1, 0), (2, 5)]));
    segment(&mut out, 0xC4, &code_table(0x10, &[(1, 0)]));
    segment(&mut out, 0xDA, &[1, 1, 0x00, 0, 63, 0]);
    out.extend(stripes(side));
    out.extend([0xFF, 0xD9]);
    out
}

fn segment(out: &mut Vec<u8>, marker: u8, body: &[u8]) {
    out.extend([0xFF, marker]);
    let length = u16::try_from(body.len() + 2).unwrap_or(u16::MAX);
    out.extend(length.to_be_bytes());
    out.extend(body);
}

/// A Huffman table: class and number, then how many codes have each length, then their symbols.
fn code_table(class: u8, codes: &[(u8, u8)]) -> Vec<u8> {
    let mut table = vec![class];
    table.extend((1..=16).map(|length| codes.iter().filter(|code| code.0 == length).count() as u8));
    table.extend(codes.iter().map(|code| code.1));
    table
}

/// Entropy-coded data: rows of blocks, each second row 20 steps lighter.
fn stripes(side: u8) -> Vec<u8> {
    let mut bits = String::new();
    for row in 0..side {
        for column in 0..side {
            bits.push_str(match (column, row % 2) {
                // +20 = 0b10100, -20 = 20 inverted, as T.81 table F.1 codes differences.
                (0, 1) => "1010100",
                (0, 0) if row > 0 => "1001011",
                _ => "0",
            });
            bits.push('0');
        }
    }
    while !bits.len().is_multiple_of(8) {
        bits.push('1');
    }
    let mut bytes = Vec::new();
    for byte in bits.as_bytes().chunks(8) {
        let byte = byte.iter().fold(0, |byte, bit| byte << 1 | (bit & 1));
        bytes.push(byte);
        if byte == 0xFF {
            bytes.push(0);
        }
    }
    bytes
}
