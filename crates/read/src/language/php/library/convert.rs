//! Encodings undone and done, and formats that carry values.
//!
//! Source: The PHP Manual, "URL Functions", "Zlib", "Bzip2", "OpenSSL", "Mcrypt", "JSON", "pack".

use model::Provenance;

use super::{array, as_text, integer, known, mapped, of_bytes, shared, text};
use crate::encoding::{self, to_bytes};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;

/// Deepest nesting of a JSON text that is followed.
const NESTING: usize = 32;

/// The function of the shared library that does the same.
fn same_as(name: &str) -> Option<&'static str> {
    Some(match name {
        "base64_decode" | "sodium_base642bin" | "imap_base64" => "base64.b64decode",
        "gzinflate" | "gzuncompress" | "gzdecode" | "zlib_decode" | "inflate_add" => {
            "zlib.decompress"
        }
        "bzdecompress" => "bz2.decompress",
        "zstd_uncompress" => "zstd.decompress",
        "hex2bin" | "sodium_hex2bin" => "binascii.unhexlify",
        "convert_uudecode" => "binascii.a2b_uu",
        "urldecode" => "urllib.parse.unquote_plus",
        "rawurldecode" => "urllib.parse.unquote_to_bytes",
        "base64_encode" => "base64.b64encode",
        "bin2hex" => "binascii.hexlify",
        _ => return None,
    })
}

/// Calls one of them.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    if let Some(path) = same_as(name) {
        let value = Object::of_value(text(interpreter, arguments, 0));
        let decoded = shared(interpreter, path, vec![value]);
        return Some(as_text(decoded));
    }
    let first = arguments.plain.first();
    match name {
        "openssl_decrypt"
        | "mcrypt_decrypt"
        | "mcrypt_cbc"
        | "mcrypt_ecb"
        | "mdecrypt_generic"
        | "sodium_crypto_secretbox_open"
        | "openssl_private_decrypt"
        | "openssl_public_decrypt" => {
            let mut from = vec![Provenance::Decoded("cipher".to_owned())];
            for argument in &arguments.plain {
                from.extend(interpreter.heap.sources(argument));
            }
            from.sort();
            from.dedup();
            Some(Object::from_sources(from))
        }
        "quoted_printable_decode" => mapped(interpreter, arguments, |bytes| {
            let text = String::from_utf8_lossy(bytes)
                .replace("=\r\n", "")
                .replace("=\n", "");
            encoding::percent::decode(text.replace('%', "=25").replace('=', "%").as_bytes(), false)
        }),
        "gzcompress" | "gzdeflate" | "gzencode" | "urlencode" | "rawurlencode" | "json_encode"
        | "serialize" | "http_build_query" | "var_export" | "print_r" | "convert_uuencode" => {
            let from = interpreter.heap.sources(first?);
            Some(Object::from_sources(from))
        }
        "json_decode" => {
            let value = text(interpreter, arguments, 0);
            let from = value.from.clone();
            let parsed = value
                .as_known()
                .and_then(|text| serde_json::from_str(text).ok());
            Some(match parsed {
                Some(json) if interpreter.may_make(value.text.len() * 2) => {
                    of_json(interpreter, &json, &from, 0)
                }
                _ => Object::from_sources(from),
            })
        }
        "unserialize" => {
            let value = text(interpreter, arguments, 0);
            // One text: s:5:"…";
            let inner = value.as_known().and_then(|text| {
                let rest = text.strip_prefix("s:")?;
                rest.split_once(":\"")?.1.strip_suffix("\";")
            });
            Some(match inner {
                Some(inner) => Object::of_value(value.map_text(|_| inner.to_owned())),
                None => Object::from_sources(value.from),
            })
        }
        "pack" => pack(interpreter, arguments),
        "unpack" => unpack(interpreter, arguments),
        _ => None,
    }
}

fn of_json(
    interpreter: &mut Interpreter,
    json: &serde_json::Value,
    from: &[Provenance],
    depth: usize,
) -> Object {
    if depth > NESTING {
        return Object::from_sources(from.to_vec());
    }
    match json {
        serde_json::Value::Null => Object::None,
        serde_json::Value::Bool(truth) => Object::Bool(*truth),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(number) => Object::Int(i128::from(number)),
            None => Object::Float(number.as_f64().unwrap_or(0.0)),
        },
        serde_json::Value::String(text) => of_bytes(text.as_bytes(), from.to_vec()),
        serde_json::Value::Array(items) => {
            let items = items
                .iter()
                .map(|item| of_json(interpreter, item, from, depth + 1))
                .collect();
            array(interpreter, items)
        }
        serde_json::Value::Object(members) => {
            let entries = members
                .iter()
                .map(|(key, item)| {
                    let item = of_json(interpreter, item, from, depth + 1);
                    (Object::text(key.as_str()), item)
                })
                .collect();
            interpreter.heap.dictionary(entries)
        }
    }
}

/// `pack`: of the formats, those that make texts: hexadecimal digits, bytes, texts.
fn pack(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let format = known(interpreter, arguments, 0)?;
    let mut from = Vec::new();
    for argument in arguments.plain.iter().skip(1) {
        from.extend(interpreter.heap.sources(argument));
    }
    let mut bytes = Vec::new();
    let mut at = 1;
    let mut rest = format.chars().peekable();
    while let Some(letter) = rest.next() {
        let mut count = String::new();
        while let Some(digit) = rest.next_if(|c| c.is_ascii_digit() || *c == '*') {
            count.push(digit);
        }
        match letter {
            'H' | 'h' | 'A' | 'a' | 'Z' => {
                let Some(given) = known(interpreter, arguments, at) else {
                    return Some(Object::from_sources(from));
                };
                at += 1;
                match letter {
                    'H' => bytes.extend(encoding::hex::decode(given.as_bytes())?),
                    'h' => {
                        let decoded = encoding::hex::decode(given.as_bytes())?;
                        bytes.extend(decoded.iter().map(|byte| byte.rotate_left(4)));
                    }
                    _ => bytes.extend(to_bytes(&given)),
                }
            }
            'C' | 'c' | 'n' | 'v' | 'N' | 'V' => {
                let times = match count.as_str() {
                    "" => 1,
                    "*" => usize::MAX,
                    digits => digits.parse().ok()?,
                };
                for _ in 0..times.min(arguments.plain.len().saturating_sub(at)) {
                    let Some(number) = integer(arguments, at) else {
                        return Some(Object::from_sources(from));
                    };
                    at += 1;
                    let number = number.rem_euclid(1 << 32).to_be_bytes();
                    let [.., a, b, c, d] = number;
                    match letter {
                        'n' => bytes.extend([c, d]),
                        'v' => bytes.extend([d, c]),
                        'N' => bytes.extend([a, b, c, d]),
                        'V' => bytes.extend([d, c, b, a]),
                        _ => bytes.push(d),
                    }
                }
            }
            _ => return Some(Object::from_sources(from)),
        }
    }
    from.sort();
    from.dedup();
    interpreter
        .may_make(bytes.len())
        .then(|| of_bytes(&bytes, from))
}

/// `unpack("H*", text)`, `unpack("C*", text)`.
fn unpack(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let format = known(interpreter, arguments, 0)?;
    let value = text(interpreter, arguments, 1);
    if !value.known || !interpreter.may_make(value.text.len() * 8) {
        return Some(Object::from_sources(value.from));
    }
    let bytes = to_bytes(&value.text);
    let items: Vec<Object> = match format.chars().next()? {
        'H' => vec![of_bytes(
            encoding::hex::encode(&bytes).as_bytes(),
            value.from,
        )],
        'C' | 'c' => bytes
            .iter()
            .map(|byte| Object::Int(i128::from(*byte)))
            .collect(),
        'A' | 'a' | 'Z' => vec![of_bytes(&bytes, value.from)],
        _ => return Some(Object::from_sources(value.from)),
    };
    let numbered = (1..).map(Object::Int).zip(items).collect();
    Some(interpreter.heap.dictionary(numbered))
}
