//! Fetching: `http`, `https`, `fetch`, and what wraps them.
//!
//! Source: the documentation of Node.js, "HTTP", "HTTPS"; the Fetch standard; the documentation of
//! axios, got, needle, request, superagent, undici.

use model::Value;

use super::super::objects::{is_callable, made, part};
use super::{call_back, call_later, with_callback};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library as shared;
use crate::language::script::library::web;
use crate::language::script::object::Object;

/// Calls a function that fetches.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let (module, name) = path.rsplit_once('.').unwrap_or(("", path));
    match (module, name) {
        (
            "http" | "https" | "follow-redirects.http" | "follow-redirects.https",
            "get" | "request",
        ) => Some(request(interpreter, module, arguments)),
        (
            "axios"
            | "got"
            | "needle"
            | "request"
            | "superagent"
            | "phin"
            | "ky"
            | "undici"
            | "bent"
            | "wretch"
            | "request-promise"
            | "request-promise-native"
            | "popsicle",
            "get" | "post" | "put" | "head" | "delete" | "patch" | "stream" | "request" | "fetch"
            | "defaults" | "create" | "extend",
        ) => match name {
            "create" | "extend" | "defaults" => {
                Some(Object::Library(format!("js.{module}").into()))
            }
            _ => Some(wrapped(interpreter, name, arguments)),
        },
        (
            "",
            "fetch"
            | "axios"
            | "got"
            | "needle"
            | "request"
            | "superagent"
            | "phin"
            | "ky"
            | "request-promise"
            | "request-promise-native"
            | "node-fetch",
        ) => Some(wrapped(interpreter, "request", arguments)),
        ("globalThis" | "Bun", "fetch") => Some(wrapped(interpreter, "request", arguments)),
        ("fs", "writeStream") => None,
        _ => None,
    }
}

/// The URL of a text, a URL object or options.
fn url_of(interpreter: &mut Interpreter, module: &str, target: &Object) -> Value {
    let Object::Dictionary(_) = target else {
        return interpreter.value_of(target);
    };
    for name in ["url", "uri", "href"] {
        if let Some(url) = part(interpreter, target, name) {
            let mut whole = match part(interpreter, target, "baseURL") {
                Some(base) => interpreter.value_of(&base),
                None => Value::literal(""),
            };
            whole.append(&interpreter.value_of(&url));
            return whole;
        }
    }
    let text = |interpreter: &mut Interpreter, name: &str| {
        part(interpreter, target, name).map(|value| interpreter.value_of(&value))
    };
    let scheme = match module.rsplit('.').next() {
        Some("https") => "https:",
        _ => "http:",
    };
    let mut url = text(interpreter, "protocol").unwrap_or_else(|| Value::literal(scheme));
    url.text.push_str("//");
    let host = text(interpreter, "hostname").or_else(|| text(interpreter, "host"));
    url.append(&host.unwrap_or_else(|| Value::literal("localhost")));
    if let Some(port) = text(interpreter, "port") {
        url.text.push(':');
        url.append(&port);
    }
    url.append(&text(interpreter, "path").unwrap_or_else(|| Value::literal("/")));
    url
}

/// `http.get(url, options, callback)` and `http.request`.
fn request(interpreter: &mut Interpreter, module: &str, arguments: &Arguments) -> Object {
    let (callback, rest) = with_callback(arguments);
    let first = rest.first().cloned().unwrap_or(Object::None);
    let url = url_of(interpreter, module, &first);
    let response = fetched(interpreter, &url);
    if let Some(callback) = &callback {
        call_later(interpreter, callback, None, vec![response.clone()]);
    }
    let url = Object::of_value(url);
    made(
        interpreter,
        "request",
        vec![("@url", url), ("@response", response)],
    )
}

/// Fetches; the response with its content.
fn fetched(interpreter: &mut Interpreter, url: &Value) -> Object {
    let plain = vec![Object::of_value(url.clone())];
    shared::call(
        interpreter,
        "urllib.request.urlopen",
        Arguments::plain(plain),
    )
}

/// `fetch(url, options)`, `axios.post(url, data)`, `request(url, callback)` and the like.
fn wrapped(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Object {
    let (callback, mut rest) = with_callback(arguments);
    // `needle('get', url)`.
    if let Some(verb) = rest.first().and_then(Object::as_text)
        && ["get", "post", "put", "head"].contains(&verb.to_ascii_lowercase().as_str())
        && rest.len() > 1
    {
        rest.remove(0);
    }
    let first = rest.first().cloned().unwrap_or(Object::None);
    let url = url_of(interpreter, "http", &first);
    let posts = matches!(name, "post" | "put" | "patch");
    let options = match &first {
        Object::Dictionary(_) => Some(first.clone()),
        _ => rest.get(1).cloned(),
    };
    let mut data = None;
    if let Some(options) = &options {
        let held = [
            "body",
            "data",
            "json",
            "form",
            "formData",
            "params",
            "searchParams",
        ]
        .iter();
        let held = held
            .filter_map(|name| part(interpreter, options, name))
            .next();
        data = held.or_else(|| posts.then(|| options.clone()));
    }
    if let Some(data) = data {
        let data = interpreter.value_of(&data);
        web::upload(interpreter, &url, data);
    }
    let response = fetched(interpreter, &url);
    if let Some(callback) = callback {
        call_back(
            interpreter,
            Some(&callback),
            vec![response.clone(), response.clone()],
        );
    }
    response
}

/// Calls a method of a request that is being made.
pub fn request_method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    kind: &str,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    if kind != "request" {
        return None;
    }
    match name {
        "write" | "end" | "send" => {
            let data = arguments
                .plain
                .first()
                .filter(|data| !is_callable(data) && !matches!(data, Object::None));
            if let Some(data) = data {
                let data = interpreter.value_of(data);
                let url = part(interpreter, receiver, "@url")?;
                let url = interpreter.value_of(&url);
                web::upload(interpreter, &url, data);
            }
            Some(receiver.clone())
        }
        "setHeader" | "setTimeout" | "abort" | "destroy" => Some(receiver.clone()),
        _ => None,
    }
}

/// Calls a method of a response.
pub fn response_method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
) -> Option<Object> {
    match name {
        "text" | "json" | "buffer" | "arrayBuffer" | "blob" | "bytes" | "toString" | "trim"
        | "read" => Some(Object::of_value(interpreter.value_of(receiver))),
        "setEncoding" | "resume" | "clone" | "end" | "set" | "query" | "buffers" => {
            Some(receiver.clone())
        }
        _ => None,
    }
}
