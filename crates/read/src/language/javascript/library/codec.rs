//! Encodings undone: `Buffer`, `atob`, `unescape`, `zlib`, ciphers.
//!
//! Source: the documentation of Node.js, "Buffer", "Zlib", "Crypto"; ECMA-262, "URI Handling
//! Functions" and annex B.

use std::rc::Rc;

use model::Provenance;

use super::{call_back, shared_call, with_callback};
use crate::encoding::percent;
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library as shared;
use crate::language::script::object::{Bytes, Object};
use crate::language::script::operators::add_sources;

/// Calls a function that decodes or encodes.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match path {
        "Buffer" | "Buffer.from" | "globalThis.Buffer.from" => buffer(interpreter, arguments)?,
        "Buffer.alloc" | "Buffer.allocUnsafe" => match first? {
            Object::Int(length) => shared_call(interpreter, "bytes", vec![Object::Int(*length)]),
            _ => Object::anything(),
        },
        "Buffer.concat" => {
            let items = interpreter.iterate(first?)?;
            let mut whole = Bytes::known(Vec::new(), Vec::new());
            for item in items {
                let bytes = interpreter.bytes_held(&item);
                whole.data.extend_from_slice(&bytes.data);
                whole.known &= bytes.known;
                add_sources(&mut whole.from, &bytes.from);
            }
            if !interpreter.may_make(whole.data.len()) {
                return None;
            }
            if whole.known {
                Object::Bytes(Rc::new(whole))
            } else {
                Object::from_sources(whole.from)
            }
        }
        "atob" | "base-64.decode" | "js-base64.decode" => {
            let decoded = shared_call(interpreter, "base64.b64decode", vec![first?.clone()]);
            shared::decode(interpreter, &decoded, "latin1")?
        }
        "btoa" => {
            let bytes = shared::encode(interpreter, first?, "latin1")?;
            let encoded = shared_call(interpreter, "base64.b64encode", vec![bytes]);
            text_of(interpreter, &encoded)
        }
        "unescape" | "decodeURIComponent" | "decodeURI" | "querystring.unescape" => {
            percent_decoded(interpreter, first?)
        }
        "escape" | "encodeURIComponent" | "encodeURI" => percent_encoded(interpreter, first?)?,
        "TextDecoder" | "TextEncoder" | "string_decoder.StringDecoder" => {
            Object::library("js.@text")
        }
        "@text.decode" | "@text.encode" | "@text.write" => match first? {
            Object::Text(value) if path.ends_with("encode") => Object::Text(value.clone()),
            list @ Object::List(_) => {
                let bytes = Object::Bytes(Rc::new(interpreter.bytes_held(list)));
                text_of(interpreter, &bytes)
            }
            other => text_of(interpreter, &other.clone()),
        },
        _ if path.starts_with("zlib.") => return inflated(interpreter, path, arguments),
        _ if is_cipher(path) => {
            let mut from = vec![Provenance::Decoded("cipher".to_owned())];
            for argument in arguments.all() {
                add_sources(&mut from, &interpreter.heap.sources(argument));
            }
            Object::from_sources(from)
        }
        _ => return None,
    })
}

/// Whether a function undoes a cipher.
fn is_cipher(path: &str) -> bool {
    [
        "crypto.createDecipher",
        "crypto.privateDecrypt",
        "crypto.publicDecrypt",
        "crypto.subtle.decrypt",
    ]
    .iter()
    .any(|start| path.starts_with(start))
        || path.starts_with("crypto-js.") && path.ends_with(".decrypt")
        || matches!(path, "aes-js" | "tweetnacl.secretbox.open")
}

/// `Buffer.from(text, encoding)`, `Buffer.from(bytes)`.
fn buffer(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first()?;
    let encoding = arguments
        .plain
        .get(1)
        .and_then(Object::as_text)
        .unwrap_or("utf8")
        .to_ascii_lowercase();
    Some(match first {
        Object::Text(_) | Object::Unknown(_) => match encoding.as_str() {
            "base64" | "base64url" => {
                shared_call(interpreter, "base64.b64decode", vec![first.clone()])
            }
            "hex" => shared_call(interpreter, "binascii.unhexlify", vec![first.clone()]),
            "binary" | "latin1" => shared::encode(interpreter, first, "latin1")?,
            "ucs2" | "utf16le" | "ucs-2" | "utf-16le" => {
                shared::encode(interpreter, first, "utf16le")?
            }
            _ => shared::encode(interpreter, first, "utf8")?,
        },
        Object::List(slot) => {
            let items = interpreter.heap.items(*slot);
            let data: Option<Vec<u8>> = items
                .iter()
                .map(|item| item.as_int().map(|number| (number & 0xff) as u8))
                .collect();
            match data {
                Some(data) if interpreter.may_make(data.len()) => Object::bytes(data),
                _ => Object::from_sources(interpreter.heap.sources(first)),
            }
        }
        Object::Response(response) => Object::of_value(response.1.clone()),
        other => other.clone(),
    })
}

/// Bytes as a text in UTF-8.
fn text_of(interpreter: &mut Interpreter, object: &Object) -> Object {
    match object {
        Object::Bytes(bytes) => Object::of_value(bytes.value()),
        Object::Text(_) | Object::Unknown(_) => object.clone(),
        other => Object::of_value(interpreter.value_of(other)),
    }
}

/// `%41` and `%u0041`.
fn percent_decoded(interpreter: &mut Interpreter, object: &Object) -> Object {
    let value = interpreter.shown(object);
    if !value.known || !value.text.contains('%') {
        return Object::of_value(value);
    }
    let mut plain = String::with_capacity(value.text.len());
    let mut rest = value.text.as_str();
    while let Some(at) = rest.find("%u") {
        plain.push_str(&rest[..at]);
        let digits = rest.get(at + 2..at + 6);
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match code.and_then(char::from_u32) {
            Some(c) => {
                plain.push(c);
                rest = &rest[at + 6..];
            }
            None => {
                plain.push_str("%u");
                rest = &rest[at + 2..];
            }
        }
    }
    plain.push_str(rest);
    let decoded = percent::decode(plain.as_bytes(), false);
    if !interpreter.may_make(decoded.len()) {
        return Object::anything();
    }
    let text = crate::encoding::to_text(&decoded);
    Object::of_value(
        value
            .map_text(|_| text)
            .with_source(Provenance::Decoded("percent".to_owned())),
    )
}

fn percent_encoded(interpreter: &mut Interpreter, object: &Object) -> Option<Object> {
    let value = interpreter.shown(object);
    if !value.known {
        return Some(Object::of_value(value));
    }
    if !interpreter.may_make(value.text.len() * 3) {
        return None;
    }
    let encoded = value.map_text(|text| {
        let mut out = String::new();
        for byte in text.bytes() {
            match byte.is_ascii_alphanumeric() || b"-_.!~*'()@/+".contains(&byte) {
                true => out.push(char::from(byte)),
                false => out.push_str(&format!("%{byte:02X}")),
            }
        }
        out
    });
    Some(Object::of_value(encoded))
}

/// `zlib.inflateSync(bytes)` and, with a callback, `zlib.inflate`.
fn inflated(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let name = path.trim_start_matches("zlib.").trim_end_matches("Sync");
    let (callback, rest) = with_callback(arguments);
    let first = rest.first()?.clone();
    let result = match name {
        "inflate" | "inflateRaw" | "gunzip" | "unzip" => {
            let bytes = match first {
                list @ Object::List(_) => Object::Bytes(Rc::new(interpreter.bytes_held(&list))),
                other => other,
            };
            shared_call(interpreter, "zlib.decompress", vec![bytes])
        }
        "brotliDecompress" | "zstdDecompress" => {
            let mut from = interpreter.heap.sources(&first);
            add_sources(
                &mut from,
                &[Provenance::Decoded(
                    name.trim_end_matches("Decompress").to_owned(),
                )],
            );
            Object::from_sources(from)
        }
        _ => return None,
    };
    call_back(interpreter, callback.as_ref(), vec![result.clone()]);
    Some(result)
}

/// Calls a method of bytes.
pub fn bytes_method(
    interpreter: &mut Interpreter,
    bytes: &Rc<Bytes>,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let own = Object::Bytes(bytes.clone());
    match name {
        "toString" => {
            let encoding = arguments
                .plain
                .first()
                .and_then(Object::as_text)
                .unwrap_or("utf8")
                .to_ascii_lowercase();
            match encoding.as_str() {
                "base64" => {
                    let encoded = shared_call(interpreter, "base64.b64encode", vec![own]);
                    Some(text_of(interpreter, &encoded))
                }
                "hex" => {
                    let encoded = shared_call(interpreter, "binascii.hexlify", vec![own]);
                    Some(text_of(interpreter, &encoded))
                }
                "binary" | "latin1" | "ascii" => shared::decode(interpreter, &own, "latin1"),
                "ucs2" | "utf16le" | "utf-16le" => shared::decode(interpreter, &own, "utf16le"),
                _ => Some(Object::of_value(bytes.value())),
            }
        }
        "write" | "equals" | "readUInt8" | "buffer" => None,
        "slice" | "subarray" if bytes.known => {
            let list = listed(interpreter, bytes)?;
            let part = super::super::arrays::method(interpreter, &list, "slice", arguments)?;
            Some(Object::Bytes(Rc::new(Bytes {
                from: bytes.from.clone(),
                ..interpreter.bytes_held(&part)
            })))
        }
        _ if bytes.known => {
            let list = listed(interpreter, bytes)?;
            let result = super::super::arrays::method(interpreter, &list, name, arguments)?;
            // What comes of decoded bytes stays decoded.
            let changed =
                matches!(name, "map" | "filter" | "reverse") && matches!(result, Object::List(_));
            if !changed {
                return Some(result);
            }
            let data = interpreter.bytes_held(&result);
            match data.known {
                true => Some(Object::Bytes(Rc::new(Bytes {
                    from: bytes.from.clone(),
                    ..data
                }))),
                false => Some(result),
            }
        }
        _ => None,
    }
}

/// Bytes as an array of numbers.
fn listed(interpreter: &mut Interpreter, bytes: &Bytes) -> Option<Object> {
    if !interpreter.may_make(bytes.data.len() * 8) {
        return None;
    }
    let items = bytes.data.iter().map(|byte| Object::Int(i128::from(*byte)));
    Some(interpreter.heap.list(items.collect()))
}
