//! curl (curl(1)).

use model::{Protocol, Value};

use super::{carries, file_to_send, inside, name_of, only_headers, upload};
use crate::command::{Arguments, Call, Grammar, Ran, execute};
use crate::world::World;

const GRAMMAR: Grammar = Grammar {
    short: "AbcCdDeEFHKmoPQrtTuUwxXyYz",
    long: &[
        "abstract-unix-socket",
        "alt-svc",
        "aws-sigv4",
        "cacert",
        "capath",
        "cert",
        "cert-type",
        "ciphers",
        "config",
        "connect-timeout",
        "connect-to",
        "continue-at",
        "cookie",
        "cookie-jar",
        "create-file-mode",
        "crlfile",
        "curves",
        "data",
        "data-ascii",
        "data-binary",
        "data-raw",
        "data-urlencode",
        "dns-interface",
        "dns-ipv4-addr",
        "dns-servers",
        "doh-url",
        "dump-header",
        "ech",
        "egd-file",
        "engine",
        "etag-compare",
        "etag-save",
        "expect100-timeout",
        "form",
        "form-string",
        "ftp-account",
        "ftp-method",
        "ftp-port",
        "happy-eyeballs-timeout-ms",
        "haproxy-clientip",
        "header",
        "hostpubmd5",
        "hostpubsha256",
        "hsts",
        "interface",
        "ipfs-gateway",
        "json",
        "keepalive-time",
        "key",
        "key-type",
        "krb",
        "libcurl",
        "limit-rate",
        "local-port",
        "login-options",
        "mail-auth",
        "mail-from",
        "mail-rcpt",
        "max-filesize",
        "max-redirs",
        "max-time",
        "netrc-file",
        "noproxy",
        "oauth2-bearer",
        "output",
        "output-dir",
        "parallel-max",
        "pass",
        "pinnedpubkey",
        "preproxy",
        "proto",
        "proto-default",
        "proto-redir",
        "proxy",
        "proxy-cacert",
        "proxy-cert",
        "proxy-header",
        "proxy-key",
        "proxy-pass",
        "proxy-user",
        "proxy1.0",
        "pubkey",
        "quote",
        "random-file",
        "range",
        "rate",
        "referer",
        "request",
        "request-target",
        "resolve",
        "retry",
        "retry-delay",
        "retry-max-time",
        "sasl-authzid",
        "service-name",
        "socks4",
        "socks4a",
        "socks5",
        "socks5-hostname",
        "speed-limit",
        "speed-time",
        "stderr",
        "telnet-option",
        "tftp-blksize",
        "time-cond",
        "tls-max",
        "tls13-ciphers",
        "tlspassword",
        "tlsuser",
        "trace",
        "trace-ascii",
        "trace-config",
        "unix-socket",
        "upload-file",
        "url",
        "url-query",
        "user",
        "user-agent",
        "variable",
        "write-out",
    ],
    stops: false,
    single_dash: false,
};

/// Options whose value is sent as the body.
const DATA: &[&str] = &[
    "d",
    "data",
    "data-ascii",
    "data-binary",
    "data-urlencode",
    "json",
    "F",
    "form",
];

/// Runs curl.
pub fn run(world: &mut World, call: &Call) -> Ran {
    let arguments = Arguments::parse(&GRAMMAR, &call.arguments);
    let urls: Vec<&Value> = arguments
        .values(&["url"])
        .chain(&arguments.operands)
        .collect();
    if urls.is_empty() {
        return Ran::Delivered(execute(world, call));
    }
    if let Some(path) = arguments.value(&["unix-socket", "abstract-unix-socket"]) {
        world.connect(Protocol::Unix, path.clone(), Value::default());
    }
    let data = body(world, call, &arguments);
    let outputs: Vec<&Value> = arguments.values(&["o", "output"]).collect();
    let folder = arguments.value(&["output-dir"]);
    let by_name = arguments.has(&["O", "remote-name", "remote-name-all"]);
    let only_head = arguments.has(&["I", "head"]);
    let mut printed = Value::literal("");
    for (at, url) in urls.into_iter().enumerate() {
        upload(world, url, &data);
        let to = match outputs.get(at) {
            Some(output) if matches!(output.text.as_str(), "-" | "/dev/stdout") => None,
            Some(output) => Some(inside(folder, output)),
            None => by_name.then(|| inside(folder, &name_of(url, false))),
        };
        // Nobody keeps what goes to the null device.
        let to = to.filter(|to| to.text != "/dev/null");
        let is_dropped = outputs
            .get(at)
            .is_some_and(|output| output.text == "/dev/null");
        let prints = to.is_none() && !is_dropped;
        let content = world.fetch(url.clone(), to);
        if prints && only_head {
            printed.append(&only_headers("curl"));
        } else if prints {
            printed.append(&content);
        }
    }
    if arguments.has(&["w", "write-out"]) && printed.text.is_empty() {
        printed = only_headers("curl");
    }
    Ran::Prints(printed)
}

/// What is sent: data, forms and files.
fn body(world: &mut World, call: &Call, arguments: &Arguments) -> Vec<Value> {
    let mut data = Vec::new();
    for value in arguments.values(&["data-raw", "form-string"]) {
        data.push(value.clone());
    }
    for value in arguments.values(DATA) {
        // `@file` alone, or behind a field's name; `<file` in forms.
        let file = value.text.strip_prefix('@').or_else(|| {
            let (_, file) = value
                .text
                .split_once("=@")
                .or_else(|| value.text.split_once("=<"))?;
            Some(file.split(';').next().unwrap_or(file))
        });
        match file.map(|file| value.map_text(|_| file.to_owned())) {
            Some(path) => data.push(file_to_send(world, call, &path)),
            None => data.push(value.clone()),
        }
    }
    for path in arguments.values(&["T", "upload-file"]) {
        data.push(file_to_send(world, call, path));
    }
    let headers = arguments.values(&["H", "header", "A", "user-agent", "e", "referer"]);
    data.extend(headers.filter(|header| carries(header)).cloned());
    data.retain(|value| !value.text.is_empty());
    data
}
