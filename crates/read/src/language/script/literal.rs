//! Literals of Python source: strings with their prefixes and escapes, and integers.
//!
//! Source: The Python Language Reference, 2.5 "String and Bytes literals" and 2.6 "Numeric
//! literals"; of the 2.x reference, 2.4.1 (`ur''`) and 2.4.4 (`0777`, `10L`).

/// How the quotes of a string begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prefix {
    /// `r`: backslashes stand for themselves.
    pub raw: bool,
    /// `b`: bytes.
    pub bytes: bool,
    /// `f` or `t`: expressions in braces.
    pub format: bool,
}

/// The prefix of an opening quote such as `rb'''`.
pub fn prefix(opening: &str) -> Prefix {
    let mut prefix = Prefix::default();
    for letter in opening.bytes() {
        match letter.to_ascii_lowercase() {
            b'r' => prefix.raw = true,
            b'b' => prefix.bytes = true,
            b'f' | b't' => prefix.format = true,
            _ => {}
        }
    }
    prefix
}

/// Characters of a string with escapes undone, as code points: a bytes literal's are below 256.
pub fn unescape(text: &str, bytes: bool) -> String {
    if !text.contains(['\\', '\r']) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '\r']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = match rest.strip_prefix('\\') {
            Some(after) => escape(after, bytes, &mut out),
            None => {
                out.push('\n');
                rest.strip_prefix("\r\n").unwrap_or(&rest[1..])
            }
        };
    }
    out.push_str(rest);
    out
}

/// Undoes the escape whose backslash stands before `text`; returns what is behind it.
fn escape<'a>(text: &'a str, bytes: bool, out: &mut String) -> &'a str {
    let Some(letter) = text.chars().next() else {
        out.push('\\');
        return text;
    };
    let after = &text[letter.len_utf8()..];
    let simple = match letter {
        '\n' => return after,
        '\r' => return after.strip_prefix('\n').unwrap_or(after),
        '\\' | '\'' | '"' => letter,
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '0'..='7' => return number(text, 8, 1, 3, out).unwrap_or(text),
        'x' => return number(after, 16, 2, 2, out).unwrap_or_else(|| kept(text, out)),
        'u' if !bytes => {
            return number(after, 16, 4, 4, out).unwrap_or_else(|| kept(text, out));
        }
        'U' if !bytes => {
            return number(after, 16, 8, 8, out).unwrap_or_else(|| kept(text, out));
        }
        'N' if !bytes && after.starts_with('{') => {
            out.push('\u{fffd}');
            return after.split_once('}').map_or(after, |(_, behind)| behind);
        }
        _ => {
            out.push('\\');
            letter
        }
    };
    out.push(simple);
    after
}

/// A backslash that begins no escape stands for itself.
fn kept<'a>(text: &'a str, out: &mut String) -> &'a str {
    out.push('\\');
    text
}

/// Undoes a numeric escape of `least` to `most` digits; returns what is behind it.
fn number<'a>(
    text: &'a str,
    radix: u32,
    least: usize,
    most: usize,
    out: &mut String,
) -> Option<&'a str> {
    let digits = text
        .bytes()
        .take(most)
        .take_while(|&b| char::from(b).is_digit(radix))
        .count();
    let code = u32::from_str_radix(&text[..digits], radix).ok();
    let code = code.filter(|_| digits >= least)?;
    out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
    Some(&text[digits..])
}

/// Bytes of a bytes literal whose escapes are undone.
pub fn latin1(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(u32::from(c)) {
            Ok(byte) => out.push(byte),
            Err(_) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out
}

/// An integer of at most 127 bits, or else its magnitude as big-endian bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Integer {
    /// Fits.
    Small(i128),
    /// Does not.
    Big(Vec<u8>),
}

/// Longest integer literal that is read, in digits: quadratic work stays below a millisecond.
const INTEGER_DIGITS: usize = 16_384;

/// An integer as written in source; `None` if it is none or too long.
pub fn integer(text: &str) -> Option<Integer> {
    let digits: String = text
        .chars()
        .filter(|&c| c != '_' && c != 'l' && c != 'L')
        .collect();
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'0'..=b'7', ..] => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    parse(digits, radix)
}

/// An integer in `radix`.
pub fn parse(digits: &str, radix: u32) -> Option<Integer> {
    if let Ok(small) = i128::from_str_radix(digits, radix) {
        return Some(Integer::Small(small));
    }
    if digits.is_empty() || digits.len() > INTEGER_DIGITS {
        return None;
    }
    // Little-endian limbs of 32 bits, multiplied and added to digit by digit.
    let mut limbs: Vec<u32> = Vec::with_capacity(digits.len() / 8 + 1);
    for c in digits.chars() {
        let mut carry = u64::from(c.to_digit(radix)?);
        for limb in &mut limbs {
            let product = u64::from(*limb) * u64::from(radix) + carry;
            *limb = (product & 0xffff_ffff) as u32;
            carry = product >> 32;
        }
        if carry > 0 {
            limbs.push(u32::try_from(carry).ok()?);
        }
    }
    let bytes: Vec<u8> = limbs
        .iter()
        .rev()
        .flat_map(|limb| limb.to_be_bytes())
        .skip_while(|&byte| byte == 0)
        .collect();
    Some(Integer::Big(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        assert_eq!(unescape(r"\x6f\163\u0041\n\'\q\\", false), "osA\n'\\q\\");
        assert_eq!(unescape("a\\\r\nb\r\nc\\", false), "ab\nc\\");
        assert_eq!(latin1(&unescape(r"\xfc\x00\u0041", true)), b"\xfc\0\\u0041");
        assert_eq!(unescape(r"\xzz", false), r"\xzz");
    }

    #[test]
    fn integers_of_both_pythons() {
        assert_eq!(integer("0755"), Some(Integer::Small(0o755)));
        assert_eq!(integer("1_000L"), Some(Integer::Small(1000)));
        assert_eq!(integer("0xFf"), Some(Integer::Small(255)));
        let big = format!("0x41{}", "00".repeat(16));
        let mut bytes = vec![0x41];
        bytes.extend([0; 16]);
        assert_eq!(integer(&big), Some(Integer::Big(bytes)));
    }
}
