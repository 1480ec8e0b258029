//! Programs that fetch: curl, wget and the like.
//!
//! A fetch is one act, whatever transport its URL names. What is uploaded with it (`-d`, `-T`,
//! `--post-file`) goes over a connection to the same host, so that taking data away is said with
//! the same words whether `curl` or `nc` does it: `Connect`, then `Send`.

use model::{Behavior, Protocol, Provenance, Value};

use super::{Arguments, Call, Grammar, Ran, execute};
use crate::world::World;

mod curl;
mod wget;

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    match name {
        "curl" | "curlie" => Some(curl::run(world, call)),
        "wget" | "wget2" | "uclient-fetch" => Some(wget::run(world, call)),
        "fetch" => Some(simple(world, call, "oTw", &["output"], true)),
        "aria2c" | "axel" => Some(simple(
            world,
            call,
            "odxsjkn",
            &["out", "dir", "output", "max-connection-per-server", "split"],
            true,
        )),
        "lwp-download" => Some(lwp_download(world, call)),
        "GET" | "lwp-request" | "lynx" | "w3m" | "links" | "elinks" | "links2" | "POST"
        | "HEAD" => Some(simple(world, call, "om", &["cfg"], false)),
        "http" | "https" | "xh" | "xhs" | "httpie" => Some(httpie(world, name, call)),
        "ftpget" => Some(ftpget(world, call)),
        "tftp" | "atftp" => Some(tftp(world, call)),
        "scp" | "rsync" | "sftp" => remote_copy(world, name, call),
        "git" => git(world, call),
        "svn" | "hg" => checkout(world, call),
        "pip" | "pip3" | "pipx" | "uv" | "npm" | "yarn" | "pnpm" | "npx" | "gem" | "cargo"
        | "go" | "cpan" | "easy_install" | "dpkg" | "rpm" | "yum" | "dnf" | "apk" | "apt"
        | "apt-get" => package(world, call),
        _ if name.starts_with("pip3.") => package(world, call),
        _ => None,
    }
}

/// Whether a value reads as an address to fetch from.
fn is_url(value: &Value) -> bool {
    value.text.contains("://") && !value.text.starts_with("file://")
}

/// The last component of a URL's path, as the name a download gets.
fn name_of(url: &Value, keep_query: bool) -> Value {
    url.map_text(|text| {
        let path = text.split_once("://").map_or(text, |(_, path)| path);
        let path = path.split('#').next().unwrap_or(path);
        let path = if keep_query {
            path
        } else {
            path.split('?').next().unwrap_or(path)
        };
        // A slash in a query is no folder.
        let (path, query) = match path.find('?') {
            Some(at) => path.split_at(at),
            None => (path, ""),
        };
        let name = path.rsplit_once('/').map_or("", |(_, name)| name);
        let name = if name.is_empty() { "index.html" } else { name };
        format!("{name}{query}")
    })
}

/// `name` inside `folder`, if one is given.
fn inside(folder: Option<&Value>, name: &Value) -> Value {
    match folder {
        Some(folder) if !name.text.starts_with('/') => {
            let mut path = folder.map_text(|text| format!("{}/", text.trim_end_matches('/')));
            path.append(name);
            path
        }
        _ => name.clone(),
    }
}

/// Host and port of a URL: port of the scheme if none is given.
fn host_of(url: &Value) -> (Value, Value) {
    let (scheme, rest) = url.text.split_once("://").unwrap_or(("http", &url.text));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let authority = authority.rsplit('@').next().unwrap_or(authority);
    let default = match scheme {
        "https" | "wss" => "443",
        "ftp" => "21",
        "ssh" | "scp" | "sftp" => "22",
        _ => "80",
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (authority, default),
    };
    (
        url.map_text(|_| host.to_owned()),
        url.map_text(|_| port.to_owned()),
    )
}

/// Records data sent to the host of a URL.
fn upload(world: &mut World, url: &Value, data: &[Value]) {
    if data.is_empty() {
        return;
    }
    let (host, port) = host_of(url);
    let protocol = if url.text.starts_with("https") {
        Protocol::Tls
    } else {
        Protocol::Tcp
    };
    let connection = world.connect(protocol, host, port);
    for data in data {
        world.act(Behavior::Send {
            connection,
            data: data.clone(),
        });
    }
}

/// Whether a header carries something that the program read, other than to show who asks.
fn carries(header: &Value) -> bool {
    const LOGINS: &[&str] = &[
        "authorization",
        "proxy-authorization",
        "x-vault-token",
        "x-aws-ec2-metadata-token",
        "x-auth-token",
        "private-token",
        "x-api-key",
        "cookie",
    ];
    let name = header.text.split(':').next().unwrap_or_default().trim();
    let is_login = LOGINS.iter().any(|login| login.eq_ignore_ascii_case(name));
    !header.known && header.was_read() && !is_login
}

/// The content of a file that is sent; recorded as read unless the program wrote it.
fn file_to_send(world: &mut World, call: &Call, path: &Value) -> Value {
    super::text::source(world, call, std::slice::from_ref(path))
}

/// Programs with a URL and perhaps an output file.
fn simple(
    world: &mut World,
    call: &Call,
    short: &'static str,
    long: &'static [&'static str],
    saves: bool,
) -> Ran {
    let grammar = Grammar {
        short,
        long,
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let folder = if saves {
        arguments.value(&["d", "dir"])
    } else {
        None
    };
    let mut printed = Value::literal("");
    let mut urls = arguments
        .operands
        .iter()
        .filter(|operand| is_url(operand) || operand.text.contains('.'))
        .peekable();
    if urls.peek().is_none() {
        return Ran::Delivered(execute(world, call));
    }
    for url in urls {
        let output = arguments.value(&["o", "out", "output"]).filter(|_| saves);
        let to = match output {
            Some(output) if output.text == "-" => None,
            Some(output) => Some(inside(folder, output)),
            None => saves.then(|| inside(folder, &name_of(url, false))),
        };
        let is_printed = to.is_none();
        let content = world.fetch(url.clone(), to);
        if is_printed {
            printed.append(&content);
        }
    }
    Ran::Prints(printed)
}

fn lwp_download(world: &mut World, call: &Call) -> Ran {
    let arguments = Arguments::parse(&Grammar::default(), &call.arguments);
    let Some(url) = arguments.operand(0) else {
        return Ran::silent();
    };
    let to = arguments
        .operand(1)
        .cloned()
        .unwrap_or_else(|| name_of(url, false));
    world.fetch(url.clone(), Some(to));
    Ran::silent()
}

/// HTTPie: `http [--download] [METHOD] URL [ITEM…]`.
fn httpie(world: &mut World, name: &str, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "oapAs",
        long: &[
            "output",
            "auth",
            "print",
            "auth-type",
            "session",
            "verify",
            "timeout",
            "proxy",
            "cert",
        ],
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let is_method = |value: &&Value| {
        !value.text.is_empty() && value.text.chars().all(|c| c.is_ascii_uppercase())
    };
    let mut words = arguments.operands.iter().skip_while(is_method);
    let Some(url) = words.next() else {
        return Ran::Delivered(execute(world, call));
    };
    let url = if is_url(url) {
        url.clone()
    } else {
        let scheme = if name.ends_with('s') { "https" } else { "http" };
        url.map_text(|text| format!("{scheme}://{}", text.trim_start_matches(':')))
    };
    let to = match arguments.value(&["o", "output"]) {
        Some(output) => Some(output.clone()),
        None => arguments
            .has(&["d", "download"])
            .then(|| name_of(&url, false)),
    };
    let is_item = |word: &&Value| word.text.contains('=') || word.text.contains('@');
    let items: Vec<Value> = words.filter(is_item).cloned().collect();
    let data: Vec<Value> = items
        .iter()
        .map(|item| match item.text.split_once('@') {
            Some((field, path)) if !field.contains('=') => {
                file_to_send(world, call, &item.map_text(|_| path.to_owned()))
            }
            _ => item.clone(),
        })
        .collect();
    upload(world, &url, &data);
    let prints = to.is_none();
    let content = world.fetch(url, to);
    if prints {
        Ran::Prints(content)
    } else {
        Ran::silent()
    }
}

/// BusyBox: `ftpget HOST [LOCAL] REMOTE`.
fn ftpget(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "upP",
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let (Some(host), Some(local)) = (arguments.operand(0), arguments.operand(1)) else {
        return Ran::Delivered(execute(world, call));
    };
    let remote = arguments.operand(2).unwrap_or(local);
    transfer(world, "ftp", host, remote, Some(local))
}

fn tftp(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "rlbPm",
        long: &["remote-file", "local-file"],
        ..Grammar::default()
    };
    // `tftp -g -r remote host`, `tftp host -c get remote [local]`.
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let Some(host) = arguments.operand(0) else {
        return Ran::Delivered(execute(world, call));
    };
    let words = arguments.operands_from(1);
    let got = words.iter().skip_while(|word| word.text != "get").nth(1);
    let local = arguments
        .value(&["l", "local-file"])
        .or_else(|| words.iter().skip_while(|word| word.text != "get").nth(2));
    match arguments.value(&["r", "remote-file"]).or(got).or(local) {
        Some(remote) => transfer(world, "tftp", host, remote, local),
        None => Ran::Delivered(execute(world, call)),
    }
}

/// Records a fetch of `remote` on `host`, to `local` or a file of the same name.
fn transfer(
    world: &mut World,
    scheme: &str,
    host: &Value,
    remote: &Value,
    local: Option<&Value>,
) -> Ran {
    let mut url = host.map_text(|host| format!("{scheme}://{host}/"));
    url.append(&remote.map_text(|path| path.trim_start_matches('/').to_owned()));
    let to = local.cloned().unwrap_or_else(|| name_of(&url, false));
    let content = world.fetch(url, Some(to.clone()).filter(|to| to.text != "-"));
    if to.text == "-" {
        Ran::Prints(content)
    } else {
        Ran::silent()
    }
}

/// `host:path` as a URL; `None` for a path of this system.
fn remote_path(name: &str, value: &Value) -> Option<Value> {
    if is_url(value) {
        return Some(value.clone());
    }
    let (host, path) = value.text.split_once(':')?;
    if host.contains('/') || host.is_empty() {
        return None;
    }
    let path = path.trim_start_matches([':', '/']);
    Some(value.map_text(|_| format!("{name}://{host}/{path}")))
}

fn remote_copy(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    let grammar = match name {
        "rsync" => Grammar {
            short: "efBMT",
            long: &[
                "rsh",
                "exclude",
                "include",
                "exclude-from",
                "include-from",
                "password-file",
                "port",
                "bwlimit",
                "timeout",
                "files-from",
                "rsync-path",
                "log-file",
            ],
            ..Grammar::default()
        },
        _ => Grammar {
            short: "cFiJloPSbBDRsX",
            ..Grammar::default()
        },
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let (last, sources) = arguments.operands.split_last()?;
    if sources.is_empty() && remote_path(name, last).is_none() {
        return None;
    }
    if let Some(url) = remote_path(name, last).filter(|_| !sources.is_empty()) {
        let data: Vec<Value> = sources
            .iter()
            .map(|path| file_to_send(world, call, path))
            .collect();
        upload(world, &url, &data);
        return Some(Ran::silent());
    }
    let (sources, target) = match sources {
        [] => (std::slice::from_ref(last), Value::literal(".")),
        _ => (sources, last.clone()),
    };
    for source in sources {
        match remote_path(name, source) {
            Some(url) => {
                let names_folder =
                    target.text.ends_with(['/', '.']) && !target.text.ends_with("...");
                let to = if names_folder {
                    inside(Some(&target), &name_of(&url, false))
                } else {
                    target.clone()
                };
                world.fetch(url, Some(to));
            }
            // rsync and scp copy on this system too.
            None => {
                let content = world.content_of(source);
                world.remember(&target, content, false);
            }
        }
    }
    Some(Ran::silent())
}

fn git(world: &mut World, call: &Call) -> Option<Ran> {
    let grammar = Grammar {
        short: "cCbourj",
        long: &[
            "branch",
            "depth",
            "git-dir",
            "work-tree",
            "config",
            "origin",
            "reference",
            "jobs",
            "filter",
            "shallow-since",
            "template",
            "separate-git-dir",
        ],
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    match arguments.operand(0)?.text.as_str() {
        "clone" => clone(world, &arguments),
        "config" => configure(world, &arguments),
        _ => None,
    }
}

/// `git config section.key value` is a line of its configuration.
fn configure(world: &mut World, arguments: &Arguments) -> Option<Ran> {
    let [_, key, value] = arguments.operands.as_slice() else {
        return None;
    };
    let (section, key) = key.text.rsplit_once('.')?;
    let quoted = value.text.replace('\\', "\\\\").replace('"', "\\\"");
    let line = value.map_text(|_| format!("[{section}]\n{key} = \"{quoted}\"\n"));
    let file = if arguments.has(&["system"]) {
        "/etc/gitconfig"
    } else if arguments.has(&["global"]) {
        "~/.gitconfig"
    } else {
        ".git/config"
    };
    world.write(Value::literal(file), line, true);
    Some(Ran::silent())
}

fn checkout(world: &mut World, call: &Call) -> Option<Ran> {
    let grammar = Grammar {
        short: "rbu",
        long: &["username", "password", "revision", "depth"],
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    matches!(
        arguments.operand(0)?.text.as_str(),
        "checkout" | "co" | "export" | "clone"
    )
    .then(|| clone(world, &arguments))?
}

/// A repository fetched to a folder: what lies below came from there.
fn clone(world: &mut World, arguments: &Arguments) -> Option<Ran> {
    let url = arguments.operand(1)?;
    let to = arguments.operand(2).cloned().unwrap_or_else(|| {
        name_of(url, false).map_text(|name| name.trim_end_matches(".git").to_owned())
    });
    let content = world.fetch(url.clone(), Some(to.clone()));
    world.remember_folder(&to, content);
    Some(Ran::silent())
}

/// Package managers: a package named by a URL is fetched from there, then installed.
fn package(world: &mut World, call: &Call) -> Option<Ran> {
    let installs = call.arguments.iter().any(|word| {
        matches!(
            word.text.as_str(),
            "install"
                | "add"
                | "i"
                | "get"
                | "localinstall"
                | "exec"
                | "-i"
                | "-U"
                | "-Uvh"
                | "-ivh"
                | "tool"
        )
    });
    // `-i` names an index for pip, but a package for rpm and dpkg.
    let takes_index = call.program.base_name().starts_with("pip");
    let is_index = |option: &Value| option.text == "-f" || takes_index && option.text == "-i";
    let urls: Vec<Value> = call
        .arguments
        .iter()
        .zip(std::iter::once(&Value::default()).chain(&call.arguments))
        .filter(|(word, before)| {
            is_url(word)
                && !word.text.starts_with('-')
                && !before.text.starts_with("--")
                && !is_index(before)
        })
        .map(|(word, _)| {
            word.map_text(|text| {
                text.rsplit_once(" @ ")
                    .map_or(text, |(_, url)| url)
                    .trim_start_matches("git+")
                    .to_owned()
            })
        })
        .collect();
    if !installs || urls.is_empty() {
        return None;
    }
    for url in urls {
        world.fetch(url, None);
    }
    Some(Ran::Delivered(execute(world, call)))
}

/// What a program prints that fetches without keeping the content.
fn only_headers(name: &str) -> Value {
    Value::unknown(Provenance::Output(name.to_owned()))
}
