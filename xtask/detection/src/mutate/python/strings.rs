//! Every plain string put together from what does not look like it.

use crate::case::Case;
use crate::mutate::Script;
use crate::mutate::encode::{base64, hex, hex_escapes, reversed, rot13};

use super::tokens::{self, Kind};

/// An expression for a string.
type Spelling = fn(&str) -> String;

const SPELLINGS: &[(&str, Spelling)] = &[
    ("sum of halves", |s| {
        let (one, two) = halves(s);
        format!("('{one}'+'{two}')")
    }),
    ("sum of letters", |s| {
        let letters: Vec<_> = s.chars().map(|c| format!("'{c}'")).collect();
        format!("({})", letters.join("+"))
    }),
    ("join", |s| {
        let (one, two) = halves(s);
        format!("''.join(['{one}','{two}'])")
    }),
    ("join of chr", |s| {
        format!("''.join(map(chr,[{}]))", numbers(s, 0))
    }),
    ("join in a comprehension", |s| {
        format!("''.join(chr(i-3) for i in [{}])", numbers(s, 3))
    }),
    ("sum of chr", |s| {
        let letters: Vec<_> = s.chars().map(|c| format!("chr({})", c as u32)).collect();
        format!("({})", letters.join("+"))
    }),
    ("bytes from hex", |s| {
        format!("bytes.fromhex('{}').decode()", hex(s.as_bytes()))
    }),
    ("bytes of numbers", |s| {
        format!("bytes([{}]).decode()", numbers(s, 0))
    }),
    ("base64", |s| {
        format!(
            "__import__('base64').b64decode('{}').decode()",
            base64(s.as_bytes())
        )
    }),
    ("rot13", |s| {
        format!("__import__('codecs').decode('{}','rot_13')", rot13(s))
    }),
    ("reversed by slice", |s| format!("'{}'[::-1]", reversed(s))),
    ("reversed by join", |s| {
        format!("''.join(reversed('{}'))", reversed(s))
    }),
    ("percent", |s| {
        let (one, two) = halves(s);
        format!("('%s%s'%('{one}','{two}'))")
    }),
    ("format", |s| {
        let (one, two) = halves(s);
        format!("'{{1}}{{0}}'.format('{two}','{one}')")
    }),
    ("f-string", |s| {
        let (one, two) = halves(s);
        format!("f\"{{'{one}'}}{{'{two}'}}\"")
    }),
    ("hex escapes", |s| {
        format!("'{}'", hex_escapes(s.as_bytes()))
    }),
    ("replaced letter", |s| {
        format!("'{}'.replace('\\x01','e')", s.replace('e', "\\x01"))
    }),
    ("every second letter", |s| {
        let all: String = s.chars().flat_map(|c| [c, 'x']).collect();
        format!("'{all}'[::2]")
    }),
    ("a conditional", |s| format!("('{s}' if 1 else 'x')")),
    ("of a dictionary", |s| format!("{{'a':'{s}'}}['a']")),
    ("of a list", |s| format!("['x','{s}'][1]")),
    ("of a lambda", |s| format!("(lambda: '{s}')()")),
    ("stripped", |s| format!("'  {s} '.strip()")),
    ("lowered", |s| {
        if s.chars().any(|c| c.is_ascii_uppercase()) {
            format!("'{s}'")
        } else {
            format!("'{}'.lower()", s.to_uppercase())
        }
    }),
];

fn halves(text: &str) -> (&str, &str) {
    text.split_at(text.floor_char_boundary(text.len() / 2))
}

fn numbers(text: &str, offset: u32) -> String {
    let all = text.chars().map(|c| (c as u32 + offset).to_string());
    all.collect::<Vec<_>>().join(",")
}

/// Every spelling of every plain string.
pub fn rewrite(script: &Script) -> Vec<(String, Case)> {
    let tokens = tokens::of(&script.text);
    let is_string = |at: usize| {
        tokens
            .get(at)
            .is_some_and(|token| matches!(token.kind, Kind::Plain | Kind::Text))
    };
    let may_change = |at: usize, text: &str| {
        let inner = &text[1..text.len().saturating_sub(1).max(1)];
        let is_plain = tokens
            .get(at)
            .is_some_and(|token| token.kind == Kind::Plain && !token.first);
        let adjacent = is_string(at + 1) || at > 0 && is_string(at - 1);
        is_plain
            && !adjacent
            && inner.len() > 1
            && !inner.contains(['\'', '"', '{', '}'])
            && inner.is_ascii()
    };
    let text_of = |at: usize| {
        tokens
            .get(at)
            .map_or("", |token| &script.text[token.range.clone()])
    };
    if !(0..tokens.len()).any(|at| may_change(at, text_of(at))) {
        return Vec::new();
    }
    let one = |(name, spell): &(&str, Spelling)| {
        let text = tokens::replaced(&script.text, &tokens, |at, text| {
            may_change(at, text).then(|| spell(&text[1..text.len() - 1]))
        });
        ((*name).to_owned(), script.with(&text))
    };
    SPELLINGS.iter().map(one).collect()
}
