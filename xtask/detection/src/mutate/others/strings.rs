//! Every plain string put together from what does not look like it.

use model::Language;

use crate::case::Case;
use crate::mutate::Script;
use crate::mutate::encode::{base64, hex, hex_escapes, reversed};

type Spelling = (&'static str, fn(&str, &str) -> String);

/// Ways to spell a string, given its two halves.
const fn spellings(language: Language) -> &'static [Spelling] {
    match language {
        Language::Perl => &[
            ("joined", |a, b| format!("('{a}'.'{b}')")),
            ("join", |a, b| format!("join('','{a}','{b}')")),
            ("hex escapes", |a, b| {
                format!("\"{}\"", hex_escapes(format!("{a}{b}").as_bytes()))
            }),
            ("pack", |a, b| {
                format!("pack('H*','{}')", hex(format!("{a}{b}").as_bytes()))
            }),
            ("reversed", |a, b| {
                format!("scalar(reverse('{}'))", reversed(&format!("{a}{b}")))
            }),
            ("chr", |a, b| {
                format!("join('',map{{chr}}({}))", numbers(a, b))
            }),
        ],
        Language::Php => &[
            ("joined", |a, b| format!("('{a}'.'{b}')")),
            ("hex escapes", |a, b| {
                format!("\"{}\"", hex_escapes(format!("{a}{b}").as_bytes()))
            }),
            ("base64", |a, b| {
                format!("base64_decode('{}')", base64(format!("{a}{b}").as_bytes()))
            }),
            ("reversed", |a, b| {
                format!("strrev('{}')", reversed(&format!("{a}{b}")))
            }),
            ("implode", |a, b| format!("implode('',array('{a}','{b}'))")),
            ("chr", |a, b| {
                format!("{a}{b}")
                    .bytes()
                    .map(|c| format!("chr({c})"))
                    .collect::<Vec<_>>()
                    .join(".")
            }),
        ],
        Language::Ruby => &[
            ("joined", |a, b| format!("('{a}'+'{b}')")),
            ("hex escapes", |a, b| {
                format!("\"{}\"", hex_escapes(format!("{a}{b}").as_bytes()))
            }),
            ("unpack", |a, b| {
                format!("'{}'.unpack1('m')", base64(format!("{a}{b}").as_bytes()))
            }),
            ("reversed", |a, b| {
                format!("'{}'.reverse", reversed(&format!("{a}{b}")))
            }),
            ("join", |a, b| format!("['{a}','{b}'].join")),
            ("chr", |a, b| format!("[{}].map(&:chr).join", numbers(a, b))),
        ],
        Language::JavaScript => &[
            ("joined", |a, b| format!("('{a}'+'{b}')")),
            ("hex escapes", |a, b| {
                format!("'{}'", hex_escapes(format!("{a}{b}").as_bytes()))
            }),
            ("base64", |a, b| {
                format!(
                    "Buffer.from('{}','base64').toString()",
                    base64(format!("{a}{b}").as_bytes())
                )
            }),
            ("atob", |a, b| {
                format!("atob('{}')", base64(format!("{a}{b}").as_bytes()))
            }),
            ("reversed", |a, b| {
                format!(
                    "'{}'.split('').reverse().join('')",
                    reversed(&format!("{a}{b}"))
                )
            }),
            ("join", |a, b| format!("['{a}','{b}'].join('')")),
            ("fromCharCode", |a, b| {
                format!("String.fromCharCode({})", numbers(a, b))
            }),
            ("concat", |a, b| format!("'{a}'.concat('{b}')")),
        ],
        Language::Lua => &[
            ("joined", |a, b| format!("('{a}'..'{b}')")),
            ("string.char", |a, b| {
                format!("string.char({})", numbers(a, b))
            }),
            ("reversed", |a, b| {
                format!("string.reverse('{}')", reversed(&format!("{a}{b}")))
            }),
            ("concat", |a, b| format!("table.concat({{'{a}','{b}'}})")),
        ],
        _ => &[],
    }
}

fn numbers(a: &str, b: &str) -> String {
    let all = a.bytes().chain(b.bytes()).map(|byte| byte.to_string());
    all.collect::<Vec<_>>().join(",")
}

/// Every spelling of every plain string.
pub fn rewrite(script: &Script) -> Vec<(String, Case)> {
    let Some(language) = script.language else {
        return Vec::new();
    };
    let strings = plain(&script.text, language);
    if strings.is_empty() {
        return Vec::new();
    }
    let one = |(name, spell): &Spelling| {
        let mut text = String::new();
        let mut done = 0;
        for (start, end) in &strings {
            let inner = &script.text[start + 1..end - 1];
            let (one, two) = inner.split_at(inner.len() / 2);
            text.push_str(&script.text[done..*start]);
            text.push_str(&spell(one, two));
            done = *end;
        }
        text.push_str(&script.text[done..]);
        ((*name).to_owned(), script.with(&text))
    };
    spellings(language).iter().map(one).collect()
}

/// Strings that are arguments of a call, or assigned, without escapes or interpolation. Elsewhere
/// (keys, words behind a keyword, arguments without brackets) an expression may not stand.
fn plain(text: &str, language: Language) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut strings = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let comment = match language {
            Language::JavaScript => bytes[at..].starts_with(b"//"),
            Language::Lua => bytes[at..].starts_with(b"--"),
            Language::Php => byte == b'#' || bytes[at..].starts_with(b"//"),
            _ => {
                byte == b'#'
                    && at
                        .checked_sub(1)
                        .is_none_or(|at| bytes[at].is_ascii_whitespace())
            }
        };
        if comment {
            at = bytes[at..]
                .iter()
                .position(|b| *b == b'\n')
                .map_or(bytes.len(), |n| at + n);
            continue;
        }
        if byte != b'\'' && byte != b'"' {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while bytes.get(end).is_some_and(|b| *b != byte) {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let inner = text.get(at + 1..end).unwrap_or_default();
        let before = text
            .get(..at)
            .unwrap_or_default()
            .trim_end()
            .chars()
            .next_back();
        let after = text
            .get(end + 1..)
            .unwrap_or_default()
            .trim_start()
            .chars()
            .next();
        let is_value = matches!(before, Some('(' | ',' | '=' | '['))
            && matches!(after, Some(')' | ',' | ';' | ']') | None);
        let is_plain = inner.len() > 1
            && inner
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b" /._:-&|>,!~+".contains(&b));
        if is_value && is_plain {
            strings.push((at, end + 1));
        }
        at = end + 1;
    }
    strings
}
