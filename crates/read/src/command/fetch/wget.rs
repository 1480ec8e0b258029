//! wget, GNU's and BusyBox's (wget(1)).

use model::Value;

use super::{carries, file_to_send, inside, name_of, only_headers, upload};
use crate::command::{Arguments, Call, Grammar, Ran, execute};
use crate::world::World;

const GRAMMAR: Grammar = Grammar {
    short: "aABDeiIloOPQRtTUwXY",
    long: &[
        "accept",
        "accept-regex",
        "append-output",
        "base",
        "bind-address",
        "body-data",
        "body-file",
        "ca-certificate",
        "ca-directory",
        "certificate",
        "certificate-type",
        "config",
        "connect-timeout",
        "cut-dirs",
        "default-page",
        "directory-prefix",
        "dns-timeout",
        "domains",
        "exclude-directories",
        "exclude-domains",
        "execute",
        "ftp-password",
        "ftp-user",
        "header",
        "http-password",
        "http-user",
        "ignore-tags",
        "include-directories",
        "input-file",
        "level",
        "limit-rate",
        "load-cookies",
        "max-redirect",
        "method",
        "output-document",
        "output-file",
        "password",
        "post-data",
        "post-file",
        "private-key",
        "private-key-type",
        "proxy-password",
        "proxy-user",
        "quota",
        "read-timeout",
        "referer",
        "reject",
        "reject-regex",
        "save-cookies",
        "secure-protocol",
        "start-pos",
        "timeout",
        "tries",
        "user",
        "user-agent",
        "wait",
        "waitretry",
    ],
    stops: false,
    single_dash: false,
};

/// Runs wget.
pub fn run(world: &mut World, call: &Call) -> Ran {
    // `-nc`, `-nv`, `-nd` are two letters each, none of which takes a value behind `n`.
    let is_negation = |word: &&Value| {
        !matches!(
            word.text.as_str(),
            "-nH" | "-nd" | "-nc" | "-nv" | "-np" | "-nh"
        )
    };
    let words: Vec<Value> = call.arguments.iter().filter(is_negation).cloned().collect();
    let arguments = Arguments::parse(&GRAMMAR, &words);
    let mut urls = arguments.operands.clone();
    if let Some(list) = arguments.value(&["i", "input-file"]) {
        let list = if list.text == "-" {
            call.input_value(world)
        } else {
            world.content_of(list)
        };
        urls.extend(
            list.text
                .lines()
                .map(|line| list.map_text(|_| line.trim().to_owned())),
        );
    }
    urls.retain(|url| !url.text.is_empty());
    if urls.is_empty() {
        return Ran::Delivered(execute(world, call));
    }
    let mut data: Vec<Value> = arguments
        .values(&["post-data", "body-data"])
        .cloned()
        .collect();
    for path in arguments.values(&["post-file", "body-file"]) {
        data.push(file_to_send(world, call, path));
    }
    let headers = arguments.values(&["header", "U", "user-agent", "referer"]);
    data.extend(headers.filter(|header| carries(header)).cloned());
    let output = arguments.value(&["O", "output-document"]);
    let folder = arguments.value(&["P", "directory-prefix"]);
    let is_spider = arguments.has(&["spider"]);
    let mut printed = Value::literal("");
    for url in &urls {
        if !world.burn(1) {
            break;
        }
        upload(world, url, &data);
        let prints =
            output.is_some_and(|output| matches!(output.text.as_str(), "-" | "/dev/stdout"));
        let to = match output {
            _ if prints || is_spider => None,
            Some(output) if output.text == "/dev/null" => None,
            Some(output) => Some(output.clone()),
            None => Some(inside(folder, &name_of(url, true))),
        };
        let content = world.fetch(url.clone(), to);
        if prints {
            printed.append(&content);
        }
    }
    if is_spider {
        printed = only_headers("wget");
    }
    Ran::Prints(printed)
}
