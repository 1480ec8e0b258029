//! Text transformations of the shell: escapes, braces, patterns, arithmetic.

/// Most words one brace expansion yields.
const BRACED_WORDS: usize = 1_024;

/// Undoes the escapes of `$'…'`.
pub fn unescape(raw: &str) -> String {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let after = &rest[at + 1..];
        let taken = escape(after, &mut bytes);
        rest = after.get(taken..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    crate::encoding::to_text(&bytes)
}

/// Undoes one escape; returns how much of the text after the backslash it took.
fn escape(after: &str, bytes: &mut Vec<u8>) -> usize {
    let Some(letter) = after.chars().next() else {
        bytes.push(b'\\');
        return 0;
    };
    let digits = |skip: usize, radix: u32, most: usize| {
        let text: String = after
            .chars()
            .skip(skip)
            .take(most)
            .take_while(|c| c.is_digit(radix))
            .collect();
        (u32::from_str_radix(&text, radix).ok(), skip + text.len())
    };
    let simple = match letter {
        'n' => b'\n',
        't' => b'\t',
        'r' => b'\r',
        'a' => 7,
        'b' => 8,
        'e' | 'E' => 27,
        'f' => 12,
        'v' => 11,
        '\\' | '\'' | '"' | '?' => u8::try_from(letter).unwrap_or(b'?'),
        'x' => {
            let (value, taken) = digits(1, 16, 2);
            bytes.extend(value.and_then(|value| u8::try_from(value).ok()));
            return taken;
        }
        'u' | 'U' => {
            let (value, taken) = digits(1, 16, if letter == 'u' { 4 } else { 8 });
            let c = value.and_then(char::from_u32).unwrap_or('?');
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            return taken;
        }
        '0'..='7' => {
            let (value, taken) = digits(0, 8, 3);
            bytes.extend(value.and_then(|value| u8::try_from(value & 255).ok()));
            return taken;
        }
        other => {
            bytes.push(b'\\');
            bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
            return other.len_utf8();
        }
    };
    bytes.push(simple);
    letter.len_utf8()
}

/// `{a,b}` and `{1..3}` expanded; the text itself if it has none.
pub fn braces(text: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut open = vec![text.to_owned()];
    while let Some(word) = open.pop() {
        match first_brace(&word) {
            Some((start, end, items)) if done.len() + open.len() < BRACED_WORDS => {
                let made = items
                    .iter()
                    .rev()
                    .map(|item| format!("{}{item}{}", &word[..start], &word[end..]));
                open.extend(made);
            }
            _ => done.push(word),
        }
    }
    done
}

/// The first brace that expands: where it starts and ends, and its items.
fn first_brace(word: &str) -> Option<(usize, usize, Vec<String>)> {
    for (start, _) in word.match_indices('{') {
        if word[..start].ends_with('$') {
            continue;
        }
        let mut depth = 0_usize;
        let mut commas = Vec::new();
        for (at, c) in word[start..].char_indices() {
            match c {
                '{' => depth += 1,
                ',' if depth == 1 => commas.push(start + at),
                '}' => {
                    depth -= 1;
                    if depth > 0 {
                        continue;
                    }
                    let end = start + at + 1;
                    let items = items(&word[start + 1..end - 1], start + 1, &commas);
                    if let Some(items) = items {
                        return Some((start, end, items));
                    }
                    break;
                }
                _ => {}
            }
        }
    }
    None
}

fn items(inner: &str, offset: usize, commas: &[usize]) -> Option<Vec<String>> {
    if !commas.is_empty() {
        let mut start = 0;
        let mut items = Vec::new();
        for comma in commas
            .iter()
            .map(|comma| comma - offset)
            .chain([inner.len()])
        {
            items.push(inner.get(start..comma)?.to_owned());
            start = comma + 1;
        }
        return Some(items);
    }
    let (from, to) = inner.split_once("..")?;
    if let (Ok(from), Ok(to)) = (from.parse::<i64>(), to.parse::<i64>()) {
        let span = from.abs_diff(to).min(BRACED_WORDS as u64);
        let step = |n: u64| {
            if from <= to {
                from.saturating_add_unsigned(n)
            } else {
                from.saturating_sub_unsigned(n)
            }
        };
        return Some((0..=span).map(|n| step(n).to_string()).collect());
    }
    let letter = |text: &str| text.chars().next().filter(|_| text.chars().count() == 1);
    let (from, to) = (letter(from)?, letter(to)?);
    Some(if from <= to {
        (from..=to).map(String::from).collect()
    } else {
        (to..=from).rev().map(String::from).collect()
    })
}

/// Whether a shell pattern (`*`, `?`, `[…]`) matches the whole text.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p + 1, t));
            p += 1;
            continue;
        }
        if let Some(next) = one(&pattern, p, text[t]) {
            p = next;
            t += 1;
            continue;
        }
        let Some((after, from)) = star else {
            return false;
        };
        star = Some((after, from + 1));
        p = after;
        t = from + 1;
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Whether the pattern at `p` matches one character; where it goes on.
fn one(pattern: &[char], p: usize, c: char) -> Option<usize> {
    match *pattern.get(p)? {
        '?' => Some(p + 1),
        '\\' => (pattern.get(p + 1) == Some(&c)).then_some(p + 2),
        '[' => {
            let length = pattern[p + 1..].iter().skip(1).position(|c| *c == ']')? + 1;
            let set = &pattern[p + 1..p + 1 + length];
            let (negated, set) = match set.split_first() {
                Some(('!' | '^', rest)) => (true, rest),
                _ => (false, set),
            };
            let mut found = false;
            let mut at = 0;
            while let Some(&from) = set.get(at) {
                match (set.get(at + 1), set.get(at + 2)) {
                    (Some('-'), Some(&to)) => {
                        found |= (from..=to).contains(&c);
                        at += 3;
                    }
                    _ => {
                        found |= from == c;
                        at += 1;
                    }
                }
            }
            (found != negated).then_some(p + length + 2)
        }
        plain => (plain == c).then_some(p + 1),
    }
}

/// Programs that obfuscated paths such as `/???/b??h` stand for, most wanted first.
const PROGRAMS: &[&str] = &[
    "/bin/bash",
    "/bin/sh",
    "/bin/cat",
    "/bin/nc",
    "/usr/bin/nc",
    "/bin/dash",
    "/bin/zsh",
    "/usr/bin/curl",
    "/usr/bin/wget",
    "/bin/curl",
    "/bin/wget",
    "/usr/bin/python3",
    "/usr/bin/python",
    "/usr/bin/perl",
    "/usr/bin/base64",
    "/bin/base64",
    "/usr/bin/bash",
    "/usr/bin/sh",
    "/usr/bin/ncat",
    "/usr/bin/socat",
    "/usr/bin/php",
    "/usr/bin/ruby",
    "/bin/busybox",
    "/usr/bin/xxd",
    "/usr/bin/rev",
    "/usr/bin/openssl",
    "/bin/chmod",
    "/usr/bin/telnet",
    "/bin/mkfifo",
    "/usr/bin/env",
    "/bin/echo",
    "/usr/bin/printf",
    "/usr/bin/nohup",
    "/usr/bin/setsid",
    "/etc/crontab",
    "/etc/passwd",
    "/etc/shadow",
];

/// The path a pattern stands for, if it is one of a program.
pub fn glob(pattern: &str) -> Option<&'static str> {
    let depth = pattern.matches('/').count();
    PROGRAMS
        .iter()
        .find(|path| path.matches('/').count() == depth && matches(pattern, path))
        .copied()
}

/// An arithmetic text whose variables are looked up; `None` if it cannot be told.
pub fn arithmetic(text: &str, lookup: &dyn Fn(&str) -> Option<i64>) -> Option<i64> {
    let mut parser = Arithmetic {
        text: text.as_bytes(),
        at: 0,
        lookup,
        depth: 0,
    };
    let value = parser.binary(0)?;
    parser.blanks();
    (parser.at == parser.text.len()).then_some(value)
}

struct Arithmetic<'a> {
    text: &'a [u8],
    at: usize,
    lookup: &'a dyn Fn(&str) -> Option<i64>,
    depth: usize,
}

impl Arithmetic<'_> {
    /// Operators by how tightly they bind.
    const OPERATORS: &'static [&'static [&'static str]] = &[
        &["|"],
        &["^"],
        &["&"],
        &["<<", ">>"],
        &["+", "-"],
        &["**", "*", "/", "%"],
    ];

    fn blanks(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn binary(&mut self, level: usize) -> Option<i64> {
        let Some(operators) = Self::OPERATORS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1)?;
        loop {
            self.blanks();
            let rest = &self.text[self.at..];
            let Some(operator) = operators
                .iter()
                .find(|operator| rest.starts_with(operator.as_bytes()))
            else {
                return Some(left);
            };
            self.at += operator.len();
            let right = self.binary(level + 1)?;
            left = match *operator {
                "|" => left | right,
                "^" => left ^ right,
                "&" => left & right,
                "<<" => left.checked_shl(u32::try_from(right).ok()?)?,
                ">>" => left.checked_shr(u32::try_from(right).ok()?)?,
                "+" => left.checked_add(right)?,
                "-" => left.checked_sub(right)?,
                "**" => left.checked_pow(u32::try_from(right).ok()?)?,
                "*" => left.checked_mul(right)?,
                "/" => left.checked_div(right)?,
                _ => left.checked_rem(right)?,
            };
        }
    }

    fn unary(&mut self) -> Option<i64> {
        self.depth += 1;
        if self.depth > 64 {
            return None;
        }
        self.blanks();
        let value = match self.text.get(self.at)? {
            b'-' => {
                self.at += 1;
                self.unary()?.checked_neg()
            }
            b'+' => {
                self.at += 1;
                self.unary()
            }
            b'~' => {
                self.at += 1;
                self.unary().map(|value| !value)
            }
            b'(' => {
                self.at += 1;
                let value = self.binary(0);
                self.blanks();
                (self.text.get(self.at) == Some(&b')')).then_some(())?;
                self.at += 1;
                value
            }
            _ => self.atom(),
        };
        self.depth -= 1;
        value
    }

    fn atom(&mut self) -> Option<i64> {
        let rest = &self.text[self.at..];
        let rest = rest.strip_prefix(b"$").unwrap_or(rest);
        self.at = self.text.len() - rest.len();
        let length = rest
            .iter()
            .position(|b| !(b.is_ascii_alphanumeric() || b"_#@".contains(b)))
            .unwrap_or(rest.len());
        let word = std::str::from_utf8(&rest[..length]).ok()?;
        self.at += length;
        if let Some((base, digits)) = word.split_once('#') {
            return i64::from_str_radix(
                digits,
                base.parse().ok().filter(|base| (2..=36).contains(base))?,
            )
            .ok();
        }
        if let Some(hex) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
            return i64::from_str_radix(hex, 16).ok();
        }
        if word.len() > 1 && word.starts_with('0') && word.bytes().all(|b| b.is_ascii_digit()) {
            return i64::from_str_radix(word, 8).ok();
        }
        word.parse().ok().or_else(|| (self.lookup)(word))
    }
}
