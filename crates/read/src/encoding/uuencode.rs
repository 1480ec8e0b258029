//! Uuencoding, as POSIX `uuencode` writes it.

/// Decodes the first encoded part: its lines after `begin`, up to `end`. `begin-base64` too.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with("begin"));
    if lines.next()?.starts_with("begin-base64") {
        let body: Vec<&str> = lines.take_while(|line| *line != "====").collect();
        return super::base64::decode(body.concat().as_bytes());
    }
    let mut out = Vec::new();
    for line in lines.take_while(|line| *line != "end") {
        let sextets: Vec<u32> = line
            .bytes()
            .map(|byte| u32::from(byte.wrapping_sub(b' ') & 0x3f))
            .collect();
        let Some((&length, digits)) = sextets.split_first() else {
            continue;
        };
        let bytes = digits.chunks(4).flat_map(|group| {
            let bits = (0..4).fold(0, |bits, at| {
                bits << 6 | group.get(at).copied().unwrap_or(0)
            });
            let [_, bytes @ ..] = u32::to_be_bytes(bits);
            bytes
        });
        out.extend(bytes.take(usize::try_from(length).unwrap_or(0)));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_forms() {
        assert_eq!(
            super::decode("x\nbegin 644 f\n#0V%T\n`\nend\n").unwrap(),
            b"Cat"
        );
        assert_eq!(
            super::decode("begin-base64 644 f\naGk=\n====\n").unwrap(),
            b"hi"
        );
        assert_eq!(super::decode("nothing"), None);
    }
}
