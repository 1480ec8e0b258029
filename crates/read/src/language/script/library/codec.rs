//! Encodings undone: `base64`, `binascii`, `zlib` and their like, `codecs`, `marshal`, ciphers.
//!
//! Source: The Python Library Reference, "Internet Data Handling", "Data Compression and
//! Archiving", "codecs" (Standard and Python Specific Encodings).

use std::rc::Rc;

use model::{Behavior, Language, Provenance, Value};

use super::super::builtins::buffer;
use super::super::calls::Arguments;
use super::super::interpreter::Interpreter;
use super::super::literal;
use super::super::object::{Bytes, Object, Partial};
use super::super::operators::add_sources;
use super::super::texts::maketrans;
use crate::encoding::{base32, base64, base85, compression, hex, percent, substitution, uuencode};
use crate::encoding::{to_bytes, to_text};
use crate::language::python::pyc;

/// Calls a function that decodes.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.all().next();
    match path {
        "codecs.decode" | "codecs.encode" => {
            let encoding = interpreter.argument(arguments, 1, "encoding").text;
            return match path {
                "codecs.decode" => decode(interpreter, first?, &encoding),
                _ => encode(interpreter, first?, &encoding),
            };
        }
        // What these return takes a text and returns it with its length.
        "codecs.decode.pair" | "codecs.encode.pair" => {
            let function = path.trim_end_matches(".pair");
            let result = call(interpreter, function, arguments)?;
            return Some(Object::Tuple(Rc::new(vec![result, Object::anything()])));
        }
        "codecs.getdecoder" | "codecs.getencoder" => {
            let encoding = first?.clone();
            let function = match path {
                "codecs.getdecoder" => "codecs.decode.pair",
                _ => "codecs.encode.pair",
            };
            return Some(Object::Partial(Rc::new(Partial {
                callee: Object::library(function),
                plain: Vec::new(),
                named: vec![(Rc::from("encoding"), encoding)],
            })));
        }
        "zlib.decompressobj" | "bz2.BZ2Decompressor" | "lzma.LZMADecompressor" => {
            return Some(Object::partial(path, Vec::new()));
        }
        "gzip.GzipFile" => {
            let file = arguments.get(3, "fileobj")?.clone();
            let bytes = decoded(interpreter, &file, "gzip", gunzip)?;
            return Some(buffer(interpreter, Some(&bytes)));
        }
        "io.BytesIO" | "io.StringIO" => return Some(buffer(interpreter, first)),
        "str.maketrans" | "bytes.maketrans" | "string.maketrans" | "bytearray.maketrans" => {
            return maketrans(interpreter, arguments);
        }
        "bytes.fromhex" | "bytearray.fromhex" => return decoded(interpreter, first?, "hex", unhex),
        "marshal.loads" | "marshal.load" => {
            let code = decoded(interpreter, first?, "marshal", |bytes, _| {
                pyc::is_code(bytes).then(|| bytes.to_vec())
            });
            return code.or_else(|| unreadable(interpreter, first?, "marshal"));
        }
        "pickle.loads" | "pickle.load" | "jsonpickle.decode" | "yaml.unsafe_load" => {
            return unpickle(interpreter, first?);
        }
        _ => {}
    }
    if let Some((name, decoder)) = decoder(path) {
        return decoded(interpreter, first?, name, decoder);
    }
    encoder(interpreter, path, arguments).or_else(|| cipher(interpreter, path, arguments))
}

/// A decoder: bytes and the most it may yield.
type Decoder = fn(&[u8], usize) -> Option<Vec<u8>>;

/// The decoder a function stands for, and its name.
fn decoder(path: &str) -> Option<(&'static str, Decoder)> {
    Some(match path {
        "base64.b64decode"
        | "base64.decodestring"
        | "base64.decodebytes"
        | "base64.standard_b64decode"
        | "base64.urlsafe_b64decode"
        | "binascii.a2b_base64" => ("base64", |bytes, _| base64::decode_ignoring_garbage(bytes)),
        "base64.b32decode" => ("base32", |bytes, _| base32::decode(bytes)),
        "base64.b16decode" | "binascii.unhexlify" | "binascii.a2b_hex" => ("hex", unhex),
        "base64.b85decode" => ("base85", |bytes, _| base85::b85(bytes)),
        "base64.a85decode" => ("ascii85", |bytes, _| base85::a85(bytes)),
        // Lines alone, without what a file has around them.
        "binascii.a2b_uu" => ("uuencode", |bytes, _| {
            uuencode::decode(&format!("begin 644 x\n{}\nend\n", to_text(bytes)))
        }),
        "zlib.decompress" => ("zlib", inflate),
        "gzip.decompress" => ("gzip", gunzip),
        "bz2.decompress" => ("bzip2", compression::bzip2),
        "lzma.decompress" => ("xz", compression::xz),
        "zstd.decompress" | "zstandard.decompress" | "compression.zstd.decompress" => {
            ("zstd", compression::zstd)
        }
        "urllib.parse.unquote" | "urllib.parse.unquote_to_bytes" => {
            ("percent", |bytes, _| Some(percent::decode(bytes, false)))
        }
        "urllib.parse.unquote_plus" => ("percent", |bytes, _| Some(percent::decode(bytes, true))),
        "base58.b58decode" => ("base58", |bytes, _| bs58::decode(bytes).into_vec().ok()),
        _ => return None,
    })
}

fn unhex(bytes: &[u8], _: usize) -> Option<Vec<u8>> {
    hex::decode(bytes)
}

/// zlib with or without its header, or gzip: which, `wbits` tells, and the bytes do as well.
fn inflate(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    compression::zlib(bytes, limit)
        .or_else(|| compression::gzip(bytes, limit))
        .or_else(|| compression::deflate(bytes, limit))
}

fn gunzip(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    compression::gzip(bytes, limit)
}

/// What a decoder makes of an object: bytes, from where it came and through this encoding.
fn decoded(
    interpreter: &mut Interpreter,
    object: &Object,
    name: &str,
    decoder: Decoder,
) -> Option<Object> {
    let bytes = interpreter.bytes_held(object);
    let mut from = bytes.from.clone();
    add_sources(&mut from, &[Provenance::Decoded(name.to_owned())]);
    if !bytes.known {
        return Some(Object::from_sources(from));
    }
    if !interpreter.may_make(bytes.data.len()) {
        return None;
    }
    let limit = interpreter.world().unfold_left();
    match decoder(&bytes.data, limit) {
        Some(data) if interpreter.acts_unfold(data.len()) => {
            Some(Object::Bytes(Rc::new(Bytes::known(data, from))))
        }
        _ => Some(Object::from_sources(from)),
    }
}

impl Interpreter<'_, '_> {
    /// Takes bytes from what decoding may yield, and fuel.
    fn acts_unfold(&mut self, bytes: usize) -> bool {
        self.world().unfold(bytes) && self.burn(bytes as u64 / 64)
    }
}

/// Something whose code cannot be read, only where it comes from.
fn unreadable(interpreter: &mut Interpreter, object: &Object, name: &str) -> Option<Object> {
    let value = interpreter.value_of(object);
    let mut from = value.from;
    add_sources(&mut from, &[Provenance::Decoded(name.to_owned())]);
    Some(Object::from_sources(from))
}

/// Unpickling what comes from elsewhere runs what it says.
fn unpickle(interpreter: &mut Interpreter, object: &Object) -> Option<Object> {
    let code = interpreter.value_of(object);
    let foreign = code.received_over().is_some() || code.fetched_from().is_some();
    if foreign {
        interpreter.act(Behavior::Evaluate {
            language: Language::Other,
            code,
        });
    }
    unreadable(interpreter, object, "pickle")
}

/// Ciphers: what they make of a text is code that was hidden, whatever the key.
fn cipher(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let ciphers = [
        "Crypto.Cipher.",
        "cryptography.fernet.",
        "pyaes.",
        "rsa.",
        "nacl.",
        "cryptography.hazmat.",
    ];
    if !ciphers.iter().any(|prefix| path.starts_with(prefix)) {
        return None;
    }
    let mut from = vec![Provenance::Decoded("cipher".to_owned())];
    for argument in arguments.all() {
        add_sources(&mut from, &interpreter.heap.sources(argument));
    }
    Some(Object::from_sources(from))
}

/// Functions that encode: what a program sends or compares may be encoded output.
fn encoder(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let encode: fn(&[u8]) -> String = match path {
        "base64.b64encode"
        | "base64.encodebytes"
        | "base64.encodestring"
        | "base64.urlsafe_b64encode"
        | "base64.standard_b64encode"
        | "binascii.b2a_base64" => base64::encode,
        "binascii.hexlify" | "binascii.b2a_hex" | "base64.b16encode" => hex::encode,
        _ => return None,
    };
    let bytes = interpreter.bytes_held(arguments.plain.first()?);
    if !interpreter.may_make(bytes.data.len() * 2) {
        return None;
    }
    Some(Object::Bytes(Rc::new(Bytes {
        data: encode(&bytes.data).into_bytes(),
        known: bytes.known,
        from: bytes.from,
    })))
}

/// The name of an encoding without what Python ignores in it.
fn plain_name(encoding: &str) -> String {
    let lower = encoding.to_ascii_lowercase().replace(['-', '_', ' '], "");
    lower.trim_end_matches("codec").to_owned()
}

/// `object.decode(encoding)`: bytes to text, or one of the encodings that are no charsets.
pub fn decode(interpreter: &mut Interpreter, object: &Object, encoding: &str) -> Option<Object> {
    match plain_name(encoding).as_str() {
        "rot13" => rot13(interpreter, object),
        "hex" => decoded(interpreter, object, "hex", unhex),
        "base64" => decoded(interpreter, object, "base64", |bytes, _| {
            base64::decode_ignoring_garbage(bytes)
        }),
        "zlib" | "zip" => decoded(interpreter, object, "zlib", inflate),
        "bz2" => decoded(interpreter, object, "bzip2", compression::bzip2),
        "uu" => decoded(interpreter, object, "uuencode", |bytes, _| {
            uuencode::decode(&to_text(bytes))
        }),
        "unicodeescape" | "rawunicodeescape" | "stringescape" => {
            let value = text_value(object)?;
            Some(Object::Text(Rc::new(
                value.map_text(|text| literal::unescape(text, false)),
            )))
        }
        name => match object {
            Object::Bytes(bytes) => Some(charset(bytes, name)),
            other => Some(other.clone()),
        },
    }
}

/// `object.encode(encoding)`: text to bytes, or one of the encodings that are no charsets.
pub fn encode(interpreter: &mut Interpreter, object: &Object, encoding: &str) -> Option<Object> {
    let name = plain_name(encoding);
    match name.as_str() {
        "rot13" => return rot13(interpreter, object),
        "hex" | "base64" => {
            let bytes = interpreter.bytes_held(object);
            let data = match name.as_str() {
                "hex" => hex::encode(&bytes.data),
                _ => base64::encode(&bytes.data),
            };
            return Some(Object::Bytes(Rc::new(Bytes {
                data: data.into_bytes(),
                ..bytes
            })));
        }
        _ => {}
    }
    let Object::Text(value) = object else {
        return Some(object.clone());
    };
    if !interpreter.may_make(value.text.len()) {
        return None;
    }
    let data = match name.as_str() {
        "latin1" | "iso88591" | "cp1252" | "l1" => literal::latin1(&value.text),
        "utf16" | "utf16le" => value
            .text
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect(),
        "utf16be" => value
            .text
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect(),
        _ => to_bytes(&value.text),
    };
    Some(Object::Bytes(Rc::new(Bytes {
        data,
        known: value.known,
        from: value.from.clone(),
    })))
}

/// Bytes as text in a charset.
fn charset(bytes: &Bytes, name: &str) -> Object {
    let units = |join: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .data
            .chunks_exact(2)
            .filter_map(|pair| Some(join(pair.try_into().ok()?)))
            .collect();
        String::from_utf16_lossy(&units)
            .trim_start_matches('\u{feff}')
            .to_owned()
    };
    let text = match name {
        "latin1" | "iso88591" | "cp1252" | "l1" => {
            bytes.data.iter().map(|&byte| char::from(byte)).collect()
        }
        "utf16" | "utf16le" if bytes.known => units(u16::from_le_bytes),
        "utf16be" if bytes.known => units(u16::from_be_bytes),
        _ => to_text(&bytes.data),
    };
    Object::of_value(Value {
        text,
        known: bytes.known,
        from: bytes.from.clone(),
    })
}

fn rot13(interpreter: &mut Interpreter, object: &Object) -> Option<Object> {
    let value = text_value(object)?;
    if !interpreter.may_make(value.text.len()) {
        return None;
    }
    let text = substitution::rotate_letters(&value.text, 13);
    let turned = value
        .map_text(|_| text)
        .with_source(Provenance::Decoded("rot13".to_owned()));
    Some(Object::of_value(turned))
}

/// A text or bytes as a value.
fn text_value(object: &Object) -> Option<Value> {
    match object {
        Object::Text(value) | Object::Unknown(value) => Some((**value).clone()),
        Object::Bytes(bytes) => Some(bytes.value()),
        _ => None,
    }
}
