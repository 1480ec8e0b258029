//! Requests that the program answers: what whoever sends them decides.
//!
//! Source: the documentation of Flask, Bottle, Django, FastAPI, Tornado; The Python Library
//! Reference, `http.server`; RFC 3875 (CGI).

use std::rc::Rc;

use model::{Provenance, Value};

use super::super::calls::Arguments;
use super::super::interpreter::Interpreter;
use super::super::object::Object;
use super::super::syntax::{Argument, Expression, Trailer};

/// Members of libraries that stand for the request being answered.
const REQUESTS: &[&str] = &[
    "flask.request",
    "quart.request",
    "bottle.request",
    "sanic.request",
    "cherrypy.request",
    "pyramid.request",
];

/// Attributes of the request that its sender decides.
const PARTS: &[&str] = &[
    "args",
    "form",
    "values",
    "json",
    "data",
    "headers",
    "cookies",
    "files",
    "query",
    "query_string",
    "params",
    "forms",
    "body",
    "stream",
    "get_json",
    "get_data",
    "full_path",
    "url",
    "path",
    "GET",
    "POST",
    "get_header",
    "get_cookie",
    "user_agent",
];

/// What a request of Django holds, whatever its parameter is called.
const DJANGO: &[&str] = &["GET", "POST", "COOKIES", "META", "FILES"];

/// Verbs and the like by which a function is made the answer to requests.
const ROUTES: &[&str] = &[
    "route",
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "options",
    "head",
    "websocket",
    "api_route",
];

/// A part of a request.
pub fn part(name: &str) -> Object {
    Object::unknown(Provenance::Request(name.to_owned()))
}

/// The attribute of a library's member, if that is a request.
pub fn attribute(path: &str, name: &str) -> Option<Object> {
    (REQUESTS.contains(&path) && PARTS.contains(&name)).then(|| part(name))
}

/// The attribute of something handed in, if only a request has one of that name.
pub fn attribute_of_argument(value: &Value, name: &str) -> Option<Object> {
    (value.from == [Provenance::Argument] && DJANGO.contains(&name)).then(|| part(name))
}

/// A method or attribute that a handler of requests has from its library.
pub fn handler_attribute(base: &str, name: &str) -> Option<Object> {
    let is_tornado = base.starts_with("tornado.") && base.ends_with("RequestHandler");
    let is_part = name.starts_with("get_")
        && (name.contains("argument") || name.contains("cookie"))
        || name == "request";
    (is_tornado && is_part).then(|| part(name))
}

/// Functions that return what a request holds.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    // Of the address, the part that is made up for each request.
    if matches!(
        path,
        "urllib.parse.parse_qs" | "urllib.parse.parse_qsl" | "cgi.parse_qs"
    ) {
        let value = interpreter.value_of(arguments.plain.first()?);
        value.requested_as()?;
        let query = Provenance::Request("query".to_owned());
        return Some(Object::from_sources(value.with_source(query).from));
    }
    matches!(
        path,
        "cgi.FieldStorage" | "cgi.parse" | "web.input" | "web.data" | "web.cookies"
    )
    .then(|| part(path.rsplit('.').next().unwrap_or(path)))
}

/// Whether a decorator makes its function the answer to requests: `@app.get("/run")`.
pub fn is_route(decorator: &Expression) -> bool {
    let Expression::Postfix(_, trailers) = decorator else {
        return false;
    };
    let [.., Trailer::Attribute(verb), Trailer::Call(arguments)] = trailers.as_slice() else {
        return false;
    };
    let is_path = |argument: &Argument| matches!(argument, Argument::Plain(Expression::Text(path)) if path.starts_with('/'));
    ROUTES.contains(&&**verb) && arguments.first().is_some_and(is_path)
}

/// What was received as a part of a request.
pub fn received(received: &Object, name: &str) -> Object {
    let mut from = received.sources().to_vec();
    from.push(Provenance::Request(name.to_owned()));
    let value = from.into_iter().fold(
        Value::unknown(Provenance::Request(name.to_owned())),
        Value::with_source,
    );
    Object::Unknown(Rc::new(value))
}
