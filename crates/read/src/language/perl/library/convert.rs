//! Encodings undone: `unpack`, `pack`, MIME::Base64, Compress::Zlib and their like.
//!
//! Source: perlfunc (`pack`), perlpacktut; the documentation of the modules.

use std::rc::Rc;

use model::Provenance;

use super::{as_text, integer, known, of_bytes, shared, text};
use crate::encoding::{hex, to_bytes};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;

/// Most formats of one template.
const FORMATS: usize = 4_096;

/// The function of the shared library that does the same.
fn same_as(name: &str) -> Option<&'static str> {
    Some(match name {
        "decode_base64" | "decode_b64" | "b64decode" => "base64.b64decode",
        "encode_base64" => "base64.b64encode",
        "uncompress" | "memGunzip" | "inflate" | "gunzip" => "zlib.decompress",
        "memBunzip" | "bunzip2" => "bz2.decompress",
        "uri_unescape" => "urllib.parse.unquote_to_bytes",
        "decode_base32" => "base64.b32decode",
        _ => return None,
    })
}

/// Calls one of them.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    if let Some(path) = same_as(name) {
        let value = Object::of_value(text(interpreter, arguments, 0));
        return Some(as_text(shared(interpreter, path, vec![value])));
    }
    match name {
        "pack" => pack(interpreter, arguments),
        "unpack" => Some(unpack(interpreter, arguments)),
        "decode_json" | "from_json" => {
            let value = text(interpreter, arguments, 0);
            Some(Object::from_sources(value.from))
        }
        _ => None,
    }
}

/// The formats of a template: letter, and how often (`None`: for all there is).
fn formats(template: &str) -> Vec<(char, Option<usize>)> {
    let mut all = Vec::new();
    let mut rest = template.chars().peekable();
    while let Some(letter) = rest.next() {
        if !letter.is_ascii_alphabetic() {
            continue;
        }
        while rest.next_if(|c| matches!(c, '<' | '>' | '!')).is_some() {}
        let mut digits = String::new();
        let mut all_there_is = false;
        while let Some(c) = rest.next_if(|c| c.is_ascii_digit() || *c == '*') {
            match c {
                '*' => all_there_is = true,
                digit => digits.push(digit),
            }
        }
        let count = match all_there_is {
            true => None,
            false => Some(digits.parse().unwrap_or(1)),
        };
        all.push((letter, count));
        if all.len() >= FORMATS {
            break;
        }
    }
    all
}

fn pack(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let template = known(interpreter, arguments, 0)?;
    let given = arguments.plain.get(1..)?;
    // The address of a socket, as C has it.
    let plain: String = template.chars().filter(char::is_ascii_alphabetic).collect();
    if matches!(plain.get(..2), Some("Sn" | "sn")) && given.len() >= 3 {
        let address = Arguments::plain(vec![given.get(1)?.clone(), given.get(2)?.clone()]);
        return super::network::call(interpreter, "sockaddr_in", &address);
    }
    let mut from: Vec<Provenance> = Vec::new();
    for item in given {
        from.extend(interpreter.heap.sources(item));
    }
    from.sort();
    from.dedup();
    // `(H2)*` is `H*` of all.
    let repeats = template.trim_start().starts_with('(');
    let mut bytes = Vec::new();
    let mut at = 1;
    let formats = formats(&template);
    while at < arguments.plain.len() {
        let before = at;
        for (letter, count) in &formats {
            match letter {
                'H' | 'h' | 'A' | 'a' | 'Z' | 'u' | 'B' | 'b' => {
                    let Some(text) = known(interpreter, arguments, at) else {
                        return Some(Object::from_sources(from));
                    };
                    at += 1;
                    bytes.extend(packed_text(*letter, *count, &text)?);
                }
                'x' => bytes.push(0),
                'C' | 'c' | 'W' | 'U' | 'n' | 'v' | 'N' | 'V' | 's' | 'S' | 'l' | 'L' | 'i'
                | 'I' => {
                    let times = count.unwrap_or(usize::MAX);
                    for _ in 0..times.min(arguments.plain.len().saturating_sub(at)) {
                        let Some(number) = integer(arguments, at) else {
                            return Some(Object::from_sources(from));
                        };
                        at += 1;
                        bytes.extend(packed_number(*letter, number));
                    }
                }
                _ => return Some(Object::from_sources(from)),
            }
        }
        if !repeats || at == before {
            break;
        }
    }
    interpreter
        .may_make(bytes.len())
        .then(|| of_bytes(&bytes, from))
}

fn packed_text(letter: char, count: Option<usize>, text: &str) -> Option<Vec<u8>> {
    Some(match letter {
        'H' => hex::decode(text.as_bytes())?,
        'h' => hex::decode(text.as_bytes())?
            .iter()
            .map(|byte| byte.rotate_left(4))
            .collect(),
        'B' | 'b' => text
            .as_bytes()
            .chunks(8)
            .map(|bits| {
                let bits = bits.iter().enumerate().filter(|(_, bit)| **bit == b'1');
                bits.fold(0, |byte: u8, (at, _)| match letter {
                    'B' => byte | 0x80 >> at,
                    _ => byte | 1 << at,
                })
            })
            .collect(),
        _ => {
            let mut bytes = to_bytes(text);
            if let Some(count) = count.filter(|count| *count < 1 << 16)
                && count > 1
            {
                bytes.resize(count, if letter == 'A' { b' ' } else { 0 });
            }
            bytes
        }
    })
}

fn packed_number(letter: char, number: i128) -> Vec<u8> {
    let [.., a, b, c, d] = number.rem_euclid(1 << 32).to_be_bytes();
    match letter {
        'n' => vec![c, d],
        'v' | 's' | 'S' => vec![d, c],
        'N' => vec![a, b, c, d],
        'V' | 'l' | 'L' | 'i' | 'I' => vec![d, c, b, a],
        'U' | 'W' if number > 0xff => u32::try_from(number)
            .ok()
            .and_then(char::from_u32)
            .map_or(Vec::new(), |c| {
                c.encode_utf8(&mut [0; 4]).as_bytes().to_vec()
            }),
        _ => vec![d],
    }
}

fn unpack(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let template = known(interpreter, arguments, 0);
    let value = match arguments.plain.get(1) {
        Some(object) => interpreter.shown(object),
        None => {
            let held = interpreter.lookup(&Rc::from("$_"));
            interpreter.shown(&held)
        }
    };
    let (Some(template), true) = (
        template,
        value.known && interpreter.may_make(value.text.len() * 4),
    ) else {
        return Object::from_sources(value.from);
    };
    if template.trim_start().starts_with('u') {
        let given = vec![Object::of_value(value)];
        return as_text(shared(interpreter, "binascii.a2b_uu", given));
    }
    let bytes = to_bytes(&value.text);
    let mut rest = bytes.as_slice();
    let mut found = Vec::new();
    let repeats = template.trim_start().starts_with('(');
    let formats = formats(&template);
    loop {
        let before = rest.len();
        for (letter, count) in &formats {
            let mut take = |bytes: usize| {
                let (taken, left) = rest.split_at(bytes.min(rest.len()));
                rest = left;
                taken
            };
            match letter {
                'A' | 'a' | 'Z' => {
                    let taken = take(count.unwrap_or(usize::MAX));
                    found.push(of_bytes(taken, value.from.clone()));
                }
                'H' => {
                    let taken = take(count.map_or(usize::MAX, |digits| digits.div_ceil(2)));
                    found.push(of_bytes(hex::encode(taken).as_bytes(), value.from.clone()));
                }
                'x' => {
                    take(count.unwrap_or(0));
                }
                'C' | 'c' | 'W' | 'U' => {
                    let taken = take(count.unwrap_or(usize::MAX));
                    found.extend(taken.iter().map(|byte| Object::Int(i128::from(*byte))));
                }
                _ => return Object::from_sources(value.from),
            }
        }
        if !repeats || rest.is_empty() || rest.len() == before {
            break;
        }
    }
    interpreter.burn(found.len() as u64 / 8);
    Object::Tuple(Rc::new(found))
}
