//! NRV2B, NRV2D and NRV2E: the compressions of UPX (UCL library, `n2b_d.c` and its siblings).
//!
//! A bit says whether a literal follows; else an offset and a length in variable-length codes. The
//! three differ in how they mix the offset's and the length's bits.

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// NRV2B.
    B,
    /// NRV2D.
    D,
    /// NRV2E.
    E,
}

/// How bits are stored between the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bits {
    /// In bytes.
    Eight,
    /// In little-endian words of two bytes.
    Sixteen,
    /// In little-endian words of four bytes.
    ThirtyTwo,
}

struct Reader<'a> {
    source: &'a [u8],
    at: usize,
    word: u32,
    left: u32,
    bits: Bits,
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u32> {
        let byte = *self.source.get(self.at)?;
        self.at += 1;
        Some(u32::from(byte))
    }

    fn bit(&mut self) -> Option<u32> {
        if self.left == 0 {
            let bytes = match self.bits {
                Bits::Eight => 1,
                Bits::Sixteen => 2,
                Bits::ThirtyTwo => 4,
            };
            self.word = 0;
            for index in 0..bytes {
                self.word |= self.byte()? << (index * 8);
            }
            self.left = bytes * 8;
        }
        self.left -= 1;
        Some(self.word >> self.left & 1)
    }

    /// A length in a code of pairs: a bit of it, and whether it ends.
    fn length(&mut self) -> Option<u32> {
        let mut length = 1_u32;
        loop {
            length = length.checked_mul(2)?.checked_add(self.bit()?)?;
            if self.bit()? == 1 {
                return Some(length);
            }
        }
    }
}

/// Undoes one block; `None` if it is damaged or yields more than `most` bytes.
pub fn decode(source: &[u8], variant: Variant, bits: Bits, most: usize) -> Option<Vec<u8>> {
    let mut reader = Reader {
        source,
        at: 0,
        word: 0,
        left: 0,
        bits,
    };
    let mut out: Vec<u8> = Vec::new();
    let mut last = 1_u32;
    loop {
        while reader.bit()? == 1 {
            if out.len() >= most {
                return None;
            }
            out.push(u8::try_from(reader.byte()?).ok()?);
        }
        let code = offset(&mut reader, variant)?;
        let (from, low) = if code == 2 {
            (
                last,
                if variant == Variant::B {
                    0
                } else {
                    reader.bit()?
                },
            )
        } else {
            let wide = code
                .checked_sub(3)?
                .wrapping_shl(8)
                .wrapping_add(reader.byte()?);
            if wide == u32::MAX {
                return Some(out);
            }
            let (from, low) = if variant == Variant::B {
                (wide, 0)
            } else {
                (wide >> 1, !wide & 1)
            };
            last = from.checked_add(1)?;
            (last, low)
        };
        let length = match_length(&mut reader, variant, low)?;
        let far = if variant == Variant::B { 0xd00 } else { 0x500 };
        let length = length.checked_add(1 + u32::from(from > far))?;
        copy(&mut out, from, length, most)?;
    }
}

/// The high part of an offset.
fn offset(reader: &mut Reader, variant: Variant) -> Option<u32> {
    if variant == Variant::B {
        return reader.length();
    }
    let mut offset = 1_u32;
    loop {
        offset = offset.checked_mul(2)?.checked_add(reader.bit()?)?;
        if reader.bit()? == 1 {
            return Some(offset);
        }
        offset = offset
            .checked_sub(1)?
            .checked_mul(2)?
            .checked_add(reader.bit()?)?;
    }
}

/// The length of a match, less one.
fn match_length(reader: &mut Reader, variant: Variant, low: u32) -> Option<u32> {
    if variant == Variant::E {
        return if low == 1 {
            Some(1 + reader.bit()?)
        } else if reader.bit()? == 1 {
            Some(3 + reader.bit()?)
        } else {
            reader.length()?.checked_add(3)
        };
    }
    let first = if variant == Variant::B {
        reader.bit()?
    } else {
        low
    };
    match first * 2 + reader.bit()? {
        0 => reader.length()?.checked_add(2),
        length => Some(length),
    }
}

fn copy(out: &mut Vec<u8>, from: u32, length: u32, most: usize) -> Option<()> {
    let start = out.len().checked_sub(usize::try_from(from).ok()?)?;
    let length = usize::try_from(length).ok()?;
    if out.len().checked_add(length)? > most {
        return None;
    }
    for at in start..start + length {
        out.push(*out.get(at)?);
    }
    Some(())
}

#[cfg(test)]
mod tests;
