//! The same words spelled otherwise: quotes, escapes, empty expansions, variables, substitutions.

use crate::case::Case;
use crate::mutate::encode::hex_escapes;
use crate::mutate::random::Random;
use crate::mutate::{Script, encode};

use super::words::{self, Word};

/// A spelling of a word, given its two halves.
type Spelling = fn(&str, &str) -> String;

/// Ways to spell a word.
const SPELLINGS: &[(&str, Spelling)] = &[
    ("empty quotes inside", |a, b| format!("{a}''{b}")),
    ("empty double quotes inside", |a, b| format!("{a}\"\"{b}")),
    ("in quotes", |a, b| format!("'{a}{b}'")),
    ("half in double quotes", |a, b| format!("{a}\"{b}\"")),
    ("every letter in quotes", |a, b| {
        format!("{a}{b}")
            .chars()
            .map(|c| format!("'{c}'"))
            .collect()
    }),
    ("escaped letters", |a, b| {
        let escape = |c: char| {
            if c.is_ascii_alphanumeric() {
                format!("\\{c}")
            } else {
                c.to_string()
            }
        };
        format!("{a}{b}").chars().map(escape).collect()
    }),
    ("one escaped letter", |a, b| format!("{a}\\{b}")),
    ("an unset variable inside", |a, b| format!("{a}${{qz}}{b}")),
    ("no arguments inside", |a, b| format!("{a}$@{b}")),
    ("no arguments in braces inside", |a, b| {
        format!("{a}${{*}}{b}")
    }),
    ("an empty substitution inside", |a, b| format!("{a}$(){b}")),
    ("ansi-c quotes", |a, b| {
        format!("$'{}'", hex_escapes(format!("{a}{b}").as_bytes()))
    }),
    ("octal ansi-c quotes", |a, b| {
        format!("$'{}'", encode::octal_escapes(format!("{a}{b}").as_bytes()))
    }),
    ("half ansi-c quotes", |a, b| {
        format!("{a}$'{}'", hex_escapes(b.as_bytes()))
    }),
    ("a substitution by echo", |a, b| {
        // What looks like an option is one, to echo.
        let echo = if a.starts_with('-') {
            "printf %s"
        } else {
            "echo"
        };
        format!("$({echo} {a}{b})")
    }),
    ("a substitution by printf", |a, b| {
        format!("$(printf %s%s {a} {b})")
    }),
    ("a substitution by rev", |a, b| {
        format!("$(echo {} | rev)", encode::reversed(&format!("{a}{b}")))
    }),
    ("a substitution by base64", |a, b| {
        format!(
            "$(echo {} | base64 -d)",
            encode::base64(format!("{a}{b}").as_bytes())
        )
    }),
    ("a substitution by hex printf", |a, b| {
        format!("$(printf '{}')", hex_escapes(format!("{a}{b}").as_bytes()))
    }),
];

/// Every spelling of every word, then variables, then other separators.
pub fn rewrite(script: &Script) -> Vec<(String, Case)> {
    let words = words::plain(&script.text);
    if words.is_empty() {
        return Vec::new();
    }
    let mut all: Vec<(String, Case)> = Vec::new();
    // Inside a function, or behind `set`, there are arguments.
    let has_arguments = script.text.contains("$1") || script.text.contains("set --");
    for (name, spelling) in SPELLINGS {
        if has_arguments && name.starts_with("no arguments") {
            continue;
        }
        let text = respelled(&script.text, &words, |word, _| {
            let middle = word.len() / 2;
            spelling(&word[..middle], &word[middle..])
        });
        all.push(((*name).to_owned(), script.with(&text)));
    }
    let mut random = Random::new(script.seed());
    for round in 1..=3 {
        let text = respelled(&script.text, &words, |word, _| {
            let (_, spelling) = SPELLINGS[random.below(SPELLINGS.len())];
            let middle = 1 + random.below(word.len() - 1);
            spelling(&word[..middle], &word[middle..])
        });
        all.push((format!("mixed {round}"), script.with(&text)));
    }
    all.push((
        "words in variables".to_owned(),
        script.with(&in_variables(script, &words, false)),
    ));
    all.push((
        "halves in variables".to_owned(),
        script.with(&in_variables(script, &words, true)),
    ));
    all.push((
        "words in an array".to_owned(),
        script.with(&in_array(script, &words)),
    ));
    all.push((
        "letters from an alphabet".to_owned(),
        script.with(&from_alphabet(script, &words)),
    ));
    all.extend(separated(script, &words));
    all
}

/// The text with every plain word replaced.
pub fn respelled(
    text: &str,
    words: &[Word],
    mut spell: impl FnMut(&str, usize) -> String,
) -> String {
    let mut result = String::new();
    let mut done = 0;
    for (at, word) in words.iter().enumerate() {
        result.push_str(&text[done..word.range.start]);
        result.push_str(&spell(&text[word.range.clone()], at));
        done = word.range.end;
    }
    result.push_str(&text[done..]);
    result
}

/// `head` put before the script, behind its interpreter line.
pub fn preceded(head: &str, text: &str) -> String {
    match text.split_once('\n') {
        Some((line, rest)) if line.starts_with("#!") => format!("{line}\n{head}\n{rest}"),
        _ => format!("{head}\n{text}"),
    }
}

fn in_variables(script: &Script, words: &[Word], halves: bool) -> String {
    let mut head = Vec::new();
    let text = respelled(&script.text, words, |word, at| {
        if halves {
            let (one, two) = word.split_at(word.len() / 2);
            head.push(format!("u{at}={one}; v{at}={two}"));
            format!("${{u{at}}}${{v{at}}}")
        } else {
            head.push(format!("w{at}='{word}'"));
            format!("$w{at}")
        }
    });
    preceded(&head.join("\n"), &text)
}

fn in_array(script: &Script, words: &[Word]) -> String {
    let mut all = Vec::new();
    let text = respelled(&script.text, words, |word, at| {
        all.push(word.to_owned());
        format!("${{ar[{at}]}}")
    });
    preceded(&format!("ar=({})", all.join(" ")), &text)
}

/// Each letter cut out of one string, as `${s:3:1}`.
fn from_alphabet(script: &Script, words: &[Word]) -> String {
    const ALPHABET: &str =
        "zyxwvutsrqponmlkjihgfedcba0987654321ABCDEFGHIJKLMNOPQRSTUVWXYZ_./:-,%@+";
    let text = respelled(&script.text, words, |word, _| {
        let letter = |c: char| {
            ALPHABET
                .find(c)
                .map_or(c.to_string(), |at| format!("${{al:{at}:1}}"))
        };
        word.chars().map(letter).collect()
    });
    preceded(&format!("al='{ALPHABET}'"), &text)
}

/// Other white space between words.
fn separated(script: &Script, words: &[Word]) -> Vec<(String, Case)> {
    const SEPARATORS: &[(&str, &str)] = &[
        ("IFS between words", "${IFS}"),
        ("$IFS$9 between words", "$IFS$9"),
        ("tabs and spaces", " \t  "),
        ("continued lines", " \\\n   "),
    ];
    let text = |separator: &str| {
        let mut result = String::new();
        let mut done = 0;
        for (at, word) in words.iter().enumerate() {
            result.push_str(&script.text[done..word.range.end]);
            done = word.range.end;
            // A command word of one line stays apart from what only looks like its argument.
            let next_is_option = words.get(at + 1).is_some();
            if word.joins && next_is_option {
                result.push_str(separator);
                done += 1;
            }
        }
        result.push_str(&script.text[done..]);
        result
    };
    if !words.iter().any(|word| word.joins) {
        return Vec::new();
    }
    let one =
        |(name, separator): &(&str, &str)| ((*name).to_owned(), script.with(&text(separator)));
    SEPARATORS.iter().map(one).collect()
}
