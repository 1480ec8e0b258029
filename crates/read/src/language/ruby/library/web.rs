//! Fetching: `Net::HTTP`, `open-uri`, HTTParty, RestClient, Faraday and the like.
//!
//! Source: the documentation of Ruby, "Net::HTTP", "OpenURI"; of the gems named.

use model::Value;

use super::{given, option};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library as shared;
use crate::language::script::library::web;
use crate::language::script::object::{Native, Object};

/// Calls a function that fetches.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let (class, name) = path.rsplit_once('.')?;
    let first = arguments.plain.first();
    match (class, name) {
        ("Kernel", "URI" | "URI.parse") | ("URI", "parse" | "join") => {
            let mut whole = Value::literal("");
            for part in &arguments.plain {
                whole.append(&interpreter.value_of(part));
            }
            Some(Object::of_value(whole))
        }
        ("URI", "open") | ("OpenURI", "open_uri") => {
            let response = fetched(interpreter, first?);
            Some(given(interpreter, response, arguments))
        }
        ("Kernel", "open") => {
            let value = interpreter.value_of(first?);
            let is_url = value.text.contains("://")
                || value.text.starts_with('{') && !value.known && value.fetched_from().is_none();
            if !is_url {
                return None;
            }
            let response = fetched(interpreter, first?);
            Some(given(interpreter, response, arguments))
        }
        ("Net.HTTP", "get" | "get_response" | "get_print") => {
            let url = match arguments.plain.as_slice() {
                [host, path, ..] => {
                    let mut url = Value::literal("http://");
                    url.append(&interpreter.value_of(host));
                    url.append(&interpreter.value_of(path));
                    Object::of_value(url)
                }
                [url] => url.clone(),
                [] => return None,
            };
            let response = fetched(interpreter, &url);
            Some(match name {
                "get" => Object::of_value(interpreter.value_of(&response)),
                _ => response,
            })
        }
        ("Net.HTTP", "post" | "post_form")
        | (
            "HTTParty" | "RestClient" | "Faraday" | "HTTP" | "Excon" | "Typhoeus" | "HTTPClient",
            "post" | "put",
        ) => {
            let url = interpreter.value_of(first?);
            let data =
                option(interpreter, arguments, "body").or_else(|| arguments.plain.get(1).cloned());
            if let Some(data) = data {
                let data = interpreter.value_of(&data);
                web::upload(interpreter, &url, data);
            }
            Some(fetched(interpreter, &Object::of_value(url)))
        }
        (
            "HTTParty" | "RestClient" | "Faraday" | "HTTP" | "Excon" | "Typhoeus" | "HTTPClient"
            | "Curl" | "Curl.Easy" | "Mechanize",
            "get" | "perform" | "get_content",
        ) => Some(fetched(interpreter, first?)),
        ("Net.HTTP", "new" | "start") => {
            let mut base = Value::literal("http://");
            base.append(&interpreter.value_of(first?));
            if let Some(port @ (Object::Int(_) | Object::Text(_))) = arguments.plain.get(1) {
                base.text.push(':');
                base.append(&interpreter.value_of(port));
            }
            let client = interpreter.heap.native(Native::HttpClient(base));
            Some(given(interpreter, client, arguments))
        }
        ("Net.HTTP.Get" | "Net.HTTP.Post", "new") => first.cloned(),
        _ => None,
    }
}

/// Fetches; the response with its content.
fn fetched(interpreter: &mut Interpreter, url: &Object) -> Object {
    shared::call(
        interpreter,
        "urllib.request.urlopen",
        Arguments::plain(vec![url.clone()]),
    )
}

/// Calls a method of a client that is bound to a host.
pub fn client_method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    match name {
        "get" | "post" | "put" | "head" | "request_get" | "request_post" => {
            let name = name.trim_start_matches("request_");
            Some(interpreter.call_method_shared(
                receiver,
                name,
                Arguments::plain(arguments.plain.clone()),
            ))
        }
        "request" => {
            let target = arguments.plain.first()?.clone();
            Some(interpreter.call_method_shared(receiver, "get", Arguments::plain(vec![target])))
        }
        "use_ssl=" | "verify_mode=" | "open_timeout=" | "read_timeout=" | "finish" => {
            Some(Object::None)
        }
        "start" => Some(given(interpreter, receiver.clone(), arguments)),
        _ => None,
    }
}
