//! Fetching: `urllib`, `http.client`, `requests` and their like.
//!
//! Source: The Python Library Reference, "Internet Protocols and Support"; the documentation of
//! requests, httpx, aiohttp, urllib3.

use std::rc::Rc;

use model::{Behavior, Protocol, Value};

use super::super::calls::Arguments;
use super::super::interpreter::Interpreter;
use super::super::object::{Native, Object, SHOWN_ITEMS, Slot};
use super::super::operators::add_sources;
use super::files::content_as;

/// Calls a function that fetches.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    if let Some((module, method)) = path.rsplit_once('.')
        && matches!(
            module,
            "requests" | "httpx" | "grequests" | "curl_cffi.requests" | "treq" | "asks"
        )
    {
        return match method {
            "Session" | "session" | "Client" | "AsyncClient" => {
                Some(client(interpreter, Value::literal("")))
            }
            _ => verb(interpreter, method, &Value::literal(""), arguments),
        };
    }
    Some(match path {
        "aiohttp.ClientSession"
        | "urllib3.PoolManager"
        | "urllib.request.build_opener"
        | "urllib.request.URLopener"
        | "urllib.request.FancyURLopener"
        | "cloudscraper.create_scraper"
        | "httplib2.Http"
        | "mechanize.Browser"
        | "tornado.httpclient.AsyncHTTPClient"
        | "tornado.httpclient.HTTPClient" => client(interpreter, Value::literal("")),
        "http.client.HTTPConnection" | "http.client.HTTPSConnection" => {
            let scheme = if path.ends_with("HTTPSConnection") {
                "https"
            } else {
                "http"
            };
            let mut base = Value::literal(format!("{scheme}://"));
            base.append(&interpreter.argument(arguments, 0, "host"));
            if let Some(port) = arguments.get(1, "port") {
                base.text.push(':');
                base.append(&interpreter.value_of(port));
            }
            client(interpreter, base)
        }
        "urllib.request.urlopen" | "urllib3.request" => {
            let target = arguments.get(0, "url")?.clone();
            let data = arguments
                .get(1, "data")
                .filter(|data| !matches!(data, Object::None));
            let data = data.map(|data| interpreter.value_of(data));
            open(interpreter, &target, data)
        }
        "urllib.request.Request" => {
            let url = interpreter.argument(arguments, 0, "url");
            let data = arguments
                .get(1, "data")
                .filter(|data| !matches!(data, Object::None));
            let data = data.map(|data| interpreter.value_of(data));
            Object::Request(Rc::new((url, data)))
        }
        "urllib.request.urlretrieve" | "wget.download" => retrieve(interpreter, path, arguments),
        _ => return address(interpreter, path, arguments),
    })
}

/// Fetches to a file.
fn retrieve(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Object {
    let url = interpreter.argument(arguments, 0, "url");
    let to = arguments
        .get(
            1,
            if path.starts_with("wget") {
                "out"
            } else {
                "filename"
            },
        )
        .map(|to| interpreter.value_of(to));
    let to = to.or_else(|| path.starts_with("wget").then(|| url.map_text(file_name)));
    let shown = to
        .clone()
        .unwrap_or_else(|| Value::unknown(model::Provenance::Unknown));
    interpreter.acts().fetch(url, to);
    Object::Tuple(Rc::new(vec![Object::of_value(shown), Object::anything()]))
}

/// Functions that make a URL.
fn address(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    Some(match path {
        "urllib.parse.urljoin" => {
            let base = interpreter.argument(arguments, 0, "base");
            let relative = interpreter.argument(arguments, 1, "url");
            if relative.text.contains("://") {
                return Some(Object::of_value(relative));
            }
            let folder = base.map_text(|text| match text.rfind('/') {
                Some(at) if !text[..at].ends_with('/') => text[..=at].to_owned(),
                _ => format!("{text}/"),
            });
            let mut joined = folder;
            joined.append(&relative.map_text(|text| text.trim_start_matches('/').to_owned()));
            Object::of_value(joined)
        }
        "urllib.parse.urlencode" | "urllib.parse.quote" | "urllib.parse.quote_plus" => {
            let value = interpreter.value_of(arguments.plain.first()?);
            Object::of_value(value.map_text(|text| text.replace(' ', "&")))
        }
        _ => return None,
    })
}

/// The last part of a URL's path.
fn file_name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

fn client(interpreter: &mut Interpreter, base: Value) -> Object {
    interpreter.heap.native(Native::HttpClient(base))
}

/// Fetches; data that goes with the request is sent.
fn open(interpreter: &mut Interpreter, target: &Object, data: Option<Value>) -> Object {
    let (url, data) = match target {
        Object::Request(request) => (request.0.clone(), data.or_else(|| request.1.clone())),
        other => (interpreter.value_of(other), data),
    };
    fetch(interpreter, url, data)
}

fn fetch(interpreter: &mut Interpreter, url: Value, data: Option<Value>) -> Object {
    interpreter.uncertain += 1;
    if let Some(data) = data {
        upload(interpreter, &url, data);
    }
    let content = interpreter.acts().fetch(url.clone(), None);
    Object::Response(Rc::new((url, content)))
}

/// Sends data to the host of a URL.
pub fn upload(interpreter: &mut Interpreter, url: &Value, data: Value) {
    let (scheme, rest) = url.text.split_once("://").unwrap_or(("http", &url.text));
    let mut braces = 0_usize;
    // Placeholders stand in braces.
    let end = rest.find(|c| {
        match c {
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            _ => {}
        }
        braces == 0 && matches!(c, '/' | '?' | '#')
    });
    let authority = rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest);
    let authority = authority.rsplit('@').next().unwrap_or(authority);
    let secure = scheme.eq_ignore_ascii_case("https");
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (authority, if secure { "443" } else { "80" }),
    };
    let host = url.map_text(|_| host.to_owned());
    let port = url.map_text(|_| port.to_owned());
    let protocol = if secure { Protocol::Tls } else { Protocol::Tcp };
    let connection = interpreter.acts().connect(protocol, host, port);
    interpreter.act(Behavior::Send { connection, data });
}

/// The content of open files in an argument: `files={"f": open(path)}`.
fn open_files(interpreter: &mut Interpreter, object: &Object, depth: usize) -> Vec<Value> {
    let Some(depth) = depth.checked_sub(1) else {
        return Vec::new();
    };
    let inner: Vec<Object> = match object {
        Object::Native(slot) => {
            return match interpreter.heap.native_of(*slot) {
                Some(Native::File(file)) => {
                    let path = file.path.clone();
                    vec![interpreter.world().content_of(&path)]
                }
                _ => Vec::new(),
            };
        }
        Object::Tuple(items) => items.to_vec(),
        Object::List(slot) => interpreter.heap.items(*slot).to_vec(),
        Object::Dictionary(slot) => {
            let entries = interpreter.heap.entries(*slot).iter();
            entries.map(|(_, value)| value.clone()).collect()
        }
        _ => Vec::new(),
    };
    let inner = inner.iter().take(SHOWN_ITEMS);
    inner
        .flat_map(|item| open_files(interpreter, item, depth))
        .collect()
}

/// Data of a request, from whichever argument holds it.
fn payload(interpreter: &mut Interpreter, arguments: &Arguments, at: usize) -> Option<Value> {
    let mut all: Option<Value> = None;
    let positional = arguments.plain.get(at);
    let named = [
        "data", "json", "files", "body", "content", "params", "fields",
    ]
    .into_iter()
    .filter_map(|name| arguments.named(name));
    for object in positional.into_iter().chain(named) {
        if matches!(object, Object::None) {
            continue;
        }
        let is_json = arguments
            .named("json")
            .is_some_and(|json| std::ptr::eq(json, object));
        let mut value = match is_json {
            true => super::values::json_text(interpreter, object),
            false => interpreter.value_of(object),
        };
        for content in open_files(interpreter, object, 3) {
            value.append(&content);
        }
        match &mut all {
            Some(all) => {
                all.text.push(' ');
                all.append(&value);
            }
            None => all = Some(value),
        }
    }
    all
}

/// A request by its verb.
fn verb(
    interpreter: &mut Interpreter,
    name: &str,
    base: &Value,
    arguments: &Arguments,
) -> Option<Object> {
    let at = match name {
        "get" | "head" | "options" | "delete" | "post" | "put" | "patch" | "stream" | "open"
        | "retrieve" | "fetch" => usize::from(name == "stream"),
        "request" => 1,
        _ => return None,
    };
    let target = arguments.get(at, "url")?;
    if let Object::Request(_) = target {
        return Some(open(interpreter, &target.clone(), None));
    }
    let mut url = base.clone();
    url.append(&interpreter.value_of(target));
    if name == "retrieve" {
        let to = arguments
            .get(1, "filename")
            .map(|to| interpreter.value_of(to));
        interpreter.acts().fetch(url, to);
        return Some(Object::anything());
    }
    let method = match name {
        "request" | "stream" => interpreter
            .argument(arguments, 0, "method")
            .text
            .to_lowercase(),
        other => other.to_owned(),
    };
    let data = match method.as_str() {
        "get" | "head" | "options" | "delete" => {
            // What goes into the query is sent as well, when it is something the program read.
            payload(interpreter, arguments, usize::MAX).filter(Value::was_read)
        }
        _ => payload(interpreter, arguments, at + 1),
    };
    Some(fetch(interpreter, url, data))
}

/// Calls a method of a client.
pub fn client_method(
    interpreter: &mut Interpreter,
    slot: Slot,
    base: &Value,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    match name {
        "getresponse" | "get_response" => {
            let content = Value::unknown(model::Provenance::Fetched(base.text.clone()));
            Some(Object::Response(Rc::new((base.clone(), content))))
        }
        "request" if !base.text.is_empty() => {
            let response = verb(interpreter, name, base, arguments)?;
            // The answer is fetched from the client afterwards: it is the one to this request.
            if let (Object::Response(response), Some(Native::HttpClient(own))) =
                (&response, interpreter.heap.native_mut(slot))
                && own.text.matches('/').count() <= 2
            {
                let mut from = own.from.clone();
                add_sources(&mut from, &response.0.from);
                own.from = from;
            }
            Some(response)
        }
        "__enter__" | "close" | "mount" | "install_opener" | "add_handler" => {
            Some(Object::Native(slot))
        }
        _ => verb(interpreter, name, base, arguments),
    }
}

/// Calls a method of a response.
pub fn response_method(
    interpreter: &mut Interpreter,
    response: &Rc<(Value, Value)>,
    name: &str,
    _arguments: &Arguments,
) -> Option<Object> {
    match name {
        "read" | "json" | "text" | "readline" | "readlines" | "iter_content" | "iter_lines"
        | "getvalue" | "aread" | "iter_bytes" | "iter_text" | "iter_chunked" | "stream"
        | "iter_any" | "read1" | "decode" => {
            Some(content_as(interpreter, response.1.clone(), false, name))
        }
        "close" | "raise_for_status" | "release" => Some(Object::None),
        "getcode" | "geturl" | "info" | "getheader" | "getheaders" => Some(Object::anything()),
        "__enter__" | "__aenter__" => Some(Object::Response(response.clone())),
        _ => None,
    }
}
