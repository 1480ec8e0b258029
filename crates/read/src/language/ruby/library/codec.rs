//! Encodings undone: `Base64`, `Zlib`, `OpenSSL::Cipher`, `Marshal`, `YAML`, `ERB`.
//!
//! Source: the documentation of Ruby's standard library.

use std::rc::Rc;

use model::Provenance;

use super::super::values::shared_call;
use super::{first_text, same};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;
use crate::language::script::operators::add_sources;

/// Calls a function that decodes.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match path {
        "Base64.decode64" | "Base64.strict_decode64" | "Base64.urlsafe_decode64" => {
            let decoded = same(interpreter, "base64.b64decode", arguments);
            text_of(decoded)
        }
        "Base64.encode64" | "Base64.strict_encode64" | "Base64.urlsafe_encode64" => {
            let encoded = same(interpreter, "base64.b64encode", arguments);
            text_of(encoded)
        }
        "Base32.decode" => text_of(same(interpreter, "base64.b32decode", arguments)),
        "Zlib.Inflate.inflate" | "Zlib.inflate" | "Zlib.gunzip" => {
            text_of(same(interpreter, "zlib.decompress", arguments))
        }
        "Zlib.GzipReader.new" | "Zlib.GzipReader.wrap" | "Zlib.GzipReader.zcat" => {
            let read = interpreter.bytes_held(first?);
            let bytes = Object::Bytes(Rc::new(read));
            let decoded = shared_call(interpreter, "zlib.decompress", vec![bytes]);
            shared_call(interpreter, "io.BytesIO", vec![decoded])
        }
        "Zlib.Inflate.new" => Object::library("rb.Zlib"),
        "CGI.unescape" | "URI.decode_www_form_component" | "URI.unescape" | "URI.decode" => {
            text_of(same(interpreter, "urllib.parse.unquote", arguments))
        }
        "Marshal.load" | "Marshal.restore" => same(interpreter, "pickle.loads", arguments),
        "YAML.load" | "YAML.unsafe_load" | "Psych.load" => {
            same(interpreter, "yaml.unsafe_load", arguments)
        }
        "ERB.new" | "RubyVM.InstructionSequence.compile" => {
            let template = first_text(interpreter, arguments);
            let code = match path {
                "ERB.new" if template.known => template.map_text(embedded),
                _ => template,
            };
            Object::Code(Rc::new(code))
        }
        "RubyVM.InstructionSequence.load_from_binary" => {
            Object::unknown(Provenance::Decoded("bytecode".to_owned()))
        }
        "JSON.parse" | "JSON.load" | "JSON.generate" | "JSON.dump" => {
            Object::of_value(interpreter.value_of(first?))
        }
        _ if path.starts_with("OpenSSL.Cipher") || path.starts_with("OpenSSL.PKey") => {
            let mut from = vec![Provenance::Decoded("cipher".to_owned())];
            for argument in arguments.all() {
                add_sources(&mut from, &interpreter.heap.sources(argument));
            }
            Object::from_sources(from)
        }
        _ => return None,
    })
}

/// Bytes as the string they are.
fn text_of(object: Object) -> Object {
    match object {
        Object::Bytes(bytes) => Object::of_value(bytes.value()),
        other => other,
    }
}

/// The code in `<% … %>` and `<%= … %>`.
fn embedded(template: &str) -> String {
    let mut code = Vec::new();
    for part in template.split("<%").skip(1) {
        let inner = part.split("%>").next().unwrap_or_default();
        code.push(
            inner
                .trim_start_matches(['=', '-'])
                .trim_end_matches('-')
                .to_owned(),
        );
    }
    code.join("\n")
}
