//! Programs that print what they are told: echo, printf, cat and those that print nothing.

use model::{Provenance, Value};

use super::{printed, source};
use crate::command::{Arguments, Call, Grammar, Ran};
use crate::world::World;

/// Most passes a `printf` format is reused for.
const FORMAT_PASSES: usize = 10_000;

/// Widest field a `printf` pads to.
const FIELD_WIDTH: usize = 4_096;

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    match name {
        "echo" => Some(echo(world, call)),
        "printf" => Some(printf(world, call)),
        "cat" | "bat" | "batcat" | "more" | "less" | "zless" | "tac" | "nl" | "vmtouch" => {
            Some(cat(world, name, call))
        }
        "true" | "false" | ":" | "test" | "[" | "[[" | "sleep" | "usleep" | "wait" | "clear"
        | "reset" | "sync" | "logger" | "notify-send" | "stty" | "set" | "shopt" | "ulimit"
        | "umask" | "unalias" | "disown" | "bg" | "fg" | "jobs" | "hash" | "stat" | "tput" => {
            Some(Ran::silent())
        }
        _ => None,
    }
}

fn echo(world: &mut World, call: &Call) -> Ran {
    let is_option = |argument: &&Value| {
        argument.text.strip_prefix('-').is_some_and(|letters| {
            !letters.is_empty() && letters.chars().all(|c| "neE".contains(c))
        })
    };
    let options = call.arguments.iter().take_while(is_option).count();
    let (options, words) = call.arguments.split_at(options);
    let letters = |wanted: char| options.iter().any(|option| option.text.contains(wanted));
    let mut out = Value::literal("");
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            out.append(&Value::literal(" "));
        }
        out.append(word);
    }
    if !letters('n') {
        out.append(&Value::literal("\n"));
    }
    if letters('e') {
        out.text = escapes(&out.text, true).0;
    }
    printed(world, out)
}

/// Undoes backslash escapes. With `leading_zero`, an octal escape is `\0nnn` as `echo` has it
/// (and `\nnn` too), else `\nnn`. Also whether `\c` ended the text.
pub fn escapes(text: &str, leading_zero: bool) -> (String, bool) {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, after) = rest.split_at(at);
        bytes.extend_from_slice(&crate::encoding::to_bytes(before));
        let after = after.get(1..).unwrap_or_default();
        let Some(letter) = after.chars().next() else {
            bytes.push(b'\\');
            rest = "";
            break;
        };
        let tail = after.get(letter.len_utf8()..).unwrap_or_default();
        rest = match letter {
            'c' => return (crate::encoding::to_text(&bytes), true),
            'x' => number(&mut bytes, tail, 16, 2, "\\x"),
            'u' => character(&mut bytes, tail, 4, "\\u"),
            'U' => character(&mut bytes, tail, 8, "\\U"),
            '0' if leading_zero => number(&mut bytes, tail, 8, 3, "\0"),
            '0'..='7' => number(&mut bytes, after, 8, 3, "\\"),
            _ => {
                match simple_escape(letter) {
                    Some(byte) => bytes.push(byte),
                    None => {
                        bytes.push(b'\\');
                        bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                }
                tail
            }
        };
    }
    bytes.extend_from_slice(&crate::encoding::to_bytes(rest));
    (crate::encoding::to_text(&bytes), false)
}

/// The byte of a one-letter escape.
fn simple_escape(letter: char) -> Option<u8> {
    Some(match letter {
        'a' => 7,
        'b' => 8,
        'e' | 'E' => 27,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 11,
        '\\' | '\'' | '"' | '?' => u8::try_from(letter).unwrap_or(b'\\'),
        _ => return None,
    })
}

/// Reads up to `most` digits as one byte; without any, `otherwise` is printed.
fn number<'a>(
    bytes: &mut Vec<u8>,
    text: &'a str,
    radix: u32,
    most: usize,
    otherwise: &str,
) -> &'a str {
    let (digits, rest) = take_digits(text, radix, most);
    match u32::from_str_radix(digits, radix) {
        Ok(number) => bytes.extend(u8::try_from(number & 0xff)),
        Err(_) => bytes.extend_from_slice(otherwise.as_bytes()),
    }
    rest
}

/// Reads up to `most` hexadecimal digits as one character.
fn character<'a>(bytes: &mut Vec<u8>, text: &'a str, most: usize, otherwise: &str) -> &'a str {
    let (digits, rest) = take_digits(text, 16, most);
    match u32::from_str_radix(digits, 16)
        .ok()
        .and_then(char::from_u32)
    {
        Some(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => bytes.extend_from_slice(otherwise.as_bytes()),
    }
    rest
}

fn take_digits(text: &str, radix: u32, most: usize) -> (&str, &str) {
    let end = text
        .char_indices()
        .take(most)
        .take_while(|(_, c)| c.is_digit(radix))
        .last()
        .map_or(0, |(at, c)| at + c.len_utf8());
    text.split_at(end)
}

/// A part of a `printf` format.
enum Piece {
    Text(String),
    /// Flags, width, precision and letter of a conversion.
    Conversion {
        left: bool,
        zero: bool,
        width: usize,
        precision: Option<usize>,
        letter: char,
    },
}

fn pieces(format: &str) -> (Vec<Piece>, bool) {
    let mut out = Vec::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        let (before, after) = rest.split_at(at);
        let (text, stopped) = escapes(before, false);
        out.push(Piece::Text(text));
        if stopped {
            return (out, true);
        }
        let after = after.get(1..).unwrap_or_default();
        if let Some(tail) = after.strip_prefix('%') {
            out.push(Piece::Text("%".to_owned()));
            rest = tail;
            continue;
        }
        let (piece, tail) = conversion(after);
        out.push(piece);
        rest = tail;
    }
    let (text, stopped) = escapes(rest, false);
    out.push(Piece::Text(text));
    (out, stopped)
}

fn conversion(text: &str) -> (Piece, &str) {
    let flags = text.len()
        - text
            .trim_start_matches(['-', '0', '+', ' ', '#', '\''])
            .len();
    let (flags, after) = text.split_at(flags);
    let (width, after) = take_digits(after, 10, 6);
    let (precision, after) = match after.strip_prefix('.') {
        Some(after) => {
            let (digits, after) = take_digits(after, 10, 6);
            (Some(digits.parse().unwrap_or(0)), after)
        }
        None => (None, after),
    };
    let after = after.trim_start_matches(['l', 'h', 'q', 'z', 'j']);
    let letter = after.chars().next().unwrap_or('s');
    let piece = Piece::Conversion {
        left: flags.contains('-'),
        zero: flags.contains('0'),
        width: width.parse().unwrap_or(0).min(FIELD_WIDTH),
        precision,
        letter,
    };
    (piece, after.get(letter.len_utf8()..).unwrap_or_default())
}

fn printf(world: &mut World, call: &Call) -> Ran {
    let mut words = call.arguments.as_slice();
    if let [dashes, rest @ ..] = words
        && dashes.text == "--"
    {
        words = rest;
    }
    // `printf -v name` sets a variable, which is for the shell to do; nothing is printed.
    if words.first().is_some_and(|first| first.text == "-v") {
        return Ran::silent();
    }
    let Some((format, values)) = words.split_first() else {
        return Ran::silent();
    };
    let value = format_values(format, values, world.budget().program_text);
    printed(world, value)
}

/// What `printf` prints for `format` and `values`, up to `limit` bytes.
pub fn format_values(format: &Value, values: &[Value], limit: usize) -> Value {
    let (pieces, stops) = pieces(&format.text);
    let mut out = Value {
        text: String::new(),
        known: format.known,
        from: format.from.clone(),
    };
    let mut values = values.iter();
    for _ in 0..FORMAT_PASSES {
        let before = values.len();
        for piece in &pieces {
            if out.text.len() > limit {
                out.known = false;
                return out;
            }
            match piece {
                Piece::Text(text) => out.text.push_str(text),
                Piece::Conversion {
                    left,
                    zero,
                    width,
                    precision,
                    letter,
                } => {
                    let value = values.next().cloned().unwrap_or_else(|| Value::literal(""));
                    let text = convert(&value, *letter, *precision);
                    let text = pad(text, *width, *left, *zero && *letter != 's');
                    out.append(&value.map_text(|_| text));
                }
            }
        }
        if stops || values.len() == 0 || values.len() == before {
            break;
        }
    }
    out
}

fn convert(value: &Value, letter: char, precision: Option<usize>) -> String {
    if !value.known {
        return value.text.clone();
    }
    let text = value.text.as_str();
    let number = || integer(text);
    match letter {
        'b' => escapes(text, true).0,
        'd' | 'i' | 'u' => number().to_string(),
        'x' => format!("{:x}", number()),
        'X' => format!("{:X}", number()),
        'o' => format!("{:o}", number()),
        'c' => text.chars().take(1).collect(),
        'f' | 'F' | 'e' | 'g' => format!(
            "{:.*}",
            precision.unwrap_or(6).min(64),
            text.parse::<f64>().unwrap_or(0.0)
        ),
        _ => match precision {
            Some(most) => text.chars().take(most).collect(),
            None => text.to_owned(),
        },
    }
}

/// An integer as `printf` reads it: decimal, `0x`, `0` octal, or `'c` for a character's code.
fn integer(text: &str) -> i64 {
    let text = text.trim();
    if let Some(c) = text
        .strip_prefix(['\'', '"'])
        .and_then(|rest| rest.chars().next())
    {
        return i64::from(u32::from(c));
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let number = if let Some(hex) = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"))
    {
        i64::from_str_radix(hex, 16)
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(digits, 8)
    } else {
        digits.parse()
    };
    let number = number.unwrap_or(0);
    if negative {
        number.saturating_neg()
    } else {
        number
    }
}

fn pad(text: String, width: usize, left: bool, zero: bool) -> String {
    let missing = width.saturating_sub(text.chars().count());
    if missing == 0 {
        return text;
    }
    match (left, zero) {
        (true, _) => text + &" ".repeat(missing),
        (false, true) => "0".repeat(missing) + &text,
        (false, false) => " ".repeat(missing) + &text,
    }
}

fn cat(world: &mut World, name: &str, call: &Call) -> Ran {
    let arguments = Arguments::parse(&Grammar::default(), &call.arguments);
    let value = source(world, call, &arguments.operands);
    if name == "tac" && value.text.lines().nth(1).is_some() {
        let reversed =
            value.map_text(|text| text.lines().rev().flat_map(|line| [line, "\n"]).collect());
        return printed(
            world,
            reversed.with_source(Provenance::Decoded("tac".to_owned())),
        );
    }
    Ran::Prints(value)
}
