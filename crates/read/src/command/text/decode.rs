//! Programs that undo encodings: base64, xxd, openssl enc, gzip and their relatives.

use model::{Provenance, Value};

use super::{decoded, printed, source};
use crate::command::{Arguments, Call, Grammar, Ran};
use crate::encoding::{self, compression};
use crate::world::World;

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    match name {
        "base64" | "b64" | "base64url" => Some(base64(world, call)),
        "base32" => Some(base32(world, call)),
        "basenc" => Some(basenc(world, call)),
        "openssl" => openssl(world, call),
        "xxd" => Some(xxd(world, call)),
        "uudecode" => Some(uudecode(world, call)),
        "rot13" | "caesar" => Some(rot13(world, call)),
        "gzip" | "gunzip" | "zcat" | "gzcat" | "pigz" | "unpigz" | "uncompress" | "bzip2"
        | "bunzip2" | "bzcat" | "lbzip2" | "xz" | "unxz" | "xzcat" | "lzma" | "unlzma"
        | "lzcat" | "zstd" | "unzstd" | "zstdcat" | "lz4" | "unlz4" | "lz4cat" | "lzop"
        | "brotli" | "zlib-flate" | "pzstd" => Some(decompress(world, name, call)),
        "gpg" | "gpg2" | "age" | "ccrypt" | "mcrypt" => cipher(world, name, call),
        _ => None,
    }
}

fn parse(call: &Call, short: &'static str, long: &'static [&'static str]) -> Arguments {
    let grammar = Grammar {
        short,
        long,
        ..Grammar::default()
    };
    Arguments::parse(&grammar, &call.arguments)
}

fn base64(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(call, "wbo", &["wrap", "break", "output"]);
    // macOS names the input with -i; GNU's -i takes no value, so it is a flag here.
    let value = source(world, call, &arguments.operands);
    if arguments.has(&["d", "D", "u", "decode"]) {
        return Ran::Prints(decoded(world, &value, "base64", |bytes, _| {
            encoding::base64::decode_ignoring_garbage(bytes)
        }));
    }
    let wrap = arguments
        .value(&["w", "wrap"])
        .is_none_or(|wrap| wrap.text != "0");
    encoded(world, &value, |bytes| match wrap {
        true => encoding::base64::encode_lines(bytes),
        false => encoding::base64::encode(bytes),
    })
}

/// What an encoder prints; of an unknown value, an unknown text of the same provenance.
fn encoded(world: &mut World, value: &Value, encode: impl FnOnce(&[u8]) -> String) -> Ran {
    if !value.known {
        return Ran::Prints(value.clone());
    }
    let text = value.map_text(|text| encode(&encoding::to_bytes(text)));
    printed(world, text)
}

fn base32(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(call, "w", &["wrap"]);
    let value = source(world, call, &arguments.operands);
    if arguments.has(&["d", "D", "decode"]) {
        return Ran::Prints(decoded(world, &value, "base32", |bytes, _| {
            encoding::base32::decode(bytes)
        }));
    }
    Ran::Prints(unread(value))
}

/// A value changed in a way that is not followed.
fn unread(value: Value) -> Value {
    Value {
        text: "{?}".to_owned(),
        known: false,
        from: value.from,
    }
}

/// A value put into a cipher.
fn encrypted(value: Value, cipher: &str) -> Value {
    unread(value).with_source(Provenance::Encrypted(cipher.to_owned()))
}

fn basenc(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(call, "w", &["wrap"]);
    let value = source(world, call, &arguments.operands);
    if !arguments.has(&["d", "decode"]) {
        return Ran::Prints(unread(value));
    }
    let value = if arguments.has(&["base16"]) {
        decoded(world, &value, "hex", |bytes, _| {
            encoding::hex::decode(bytes)
        })
    } else if arguments.has(&["base32"]) {
        decoded(world, &value, "base32", |bytes, _| {
            encoding::base32::decode(bytes)
        })
    } else if arguments.has(&["base64", "base64url"]) {
        decoded(world, &value, "base64", |bytes, _| {
            encoding::base64::decode_ignoring_garbage(bytes)
        })
    } else {
        decoded(world, &value, "basenc", |_, _| None)
    };
    Ran::Prints(value)
}

fn openssl(world: &mut World, call: &Call) -> Option<Ran> {
    let (verb, rest) = call.arguments.split_first()?;
    let verb = verb.text.trim_start_matches('-');
    let is_cipher =
        verb.starts_with("aes") || verb.starts_with("des") || verb.starts_with("chacha");
    match verb {
        "enc" | "base64" | "zlib" => {}
        _ if is_cipher => {}
        "s_client" | "s_server" => return None,
        "rand" | "passwd" | "dgst" | "md5" | "sha256" | "version" | "x509" | "req" | "genrsa"
        | "rsa" => {
            return Some(Ran::Prints(Value::unknown(Provenance::Output(
                "openssl".to_owned(),
            ))));
        }
        _ => return None,
    }
    let grammar = Grammar {
        long: &[
            "in", "out", "k", "pass", "K", "iv", "S", "md", "iter", "kfile", "bufsize",
        ],
        single_dash: true,
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, rest);
    let operands: Vec<Value> = arguments.value(&["in"]).cloned().into_iter().collect();
    let value = source(world, call, &operands);
    let names: Vec<&str> = arguments
        .options
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let cipher = names
        .iter()
        .find(|name| {
            [
                "aes", "des", "camellia", "aria", "chacha", "rc4", "bf", "blowfish", "sm4", "seed",
                "cast",
            ]
            .iter()
            .any(|start| name.starts_with(start))
        })
        .copied()
        .or_else(|| is_cipher.then_some(verb));
    let is_base64 = verb == "base64" || ["a", "base64"].iter().any(|name| names.contains(name));
    let result = match (names.contains(&"d"), cipher) {
        (true, Some(cipher)) => decoded(world, &value, &format!("openssl {cipher}"), |_, _| None),
        (true, None) if is_base64 => decoded(world, &value, "base64", |bytes, _| {
            encoding::base64::decode_ignoring_garbage(bytes)
        }),
        (true, None) => decoded(world, &value, "zlib", compression::zlib),
        (false, None) if is_base64 && value.known => {
            value.map_text(|text| encoding::base64::encode_lines(&encoding::to_bytes(text)))
        }
        (false, Some(cipher)) => encrypted(value, &format!("openssl {cipher}")),
        (false, None) => unread(value),
    };
    match arguments.value(&["out"]) {
        Some(path) => {
            world.write(path.clone(), result, false);
            Some(Ran::silent())
        }
        None => Some(Ran::Prints(result)),
    }
}

fn xxd(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        long: &[
            "c",
            "cols",
            "g",
            "groupsize",
            "l",
            "len",
            "s",
            "seek",
            "o",
            "n",
            "name",
        ],
        single_dash: true,
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let given = |short: &str, long: &[&str]| {
        arguments.options.iter().any(|(name, _)| {
            name == short
                || long.contains(&name.as_str())
                || matches!(name.as_str(), "rp" | "pr") && "rp".contains(short)
        })
    };
    let operands = arguments
        .operands
        .get(..1.min(arguments.operands.len()))
        .unwrap_or_default();
    let value = source(world, call, operands);
    let is_plain = given("p", &["ps", "postscript", "plain"]);
    let result = match (given("r", &["revert"]), is_plain) {
        (true, true) => decoded(world, &value, "hex", |bytes, _| {
            encoding::hex::decode(bytes)
        }),
        (true, false) => decoded(world, &value, "hex", |bytes, _| {
            encoding::hex::dump(&encoding::to_text(bytes))
        }),
        (false, true) if value.known => {
            value.map_text(|text| encoding::hex::encode(&encoding::to_bytes(text)) + "\n")
        }
        (false, _) => unread(value),
    };
    match arguments.operand(1) {
        Some(path) => {
            world.write(path.clone(), result, false);
            Ran::silent()
        }
        None => printed(world, result),
    }
}

fn uudecode(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(call, "o", &["output-file"]);
    let value = source(world, call, &arguments.operands);
    let result = decoded(world, &value, "uuencode", |bytes, _| {
        encoding::uuencode::decode(&encoding::to_text(bytes))
    });
    // Without -o the file is the one the first line names.
    let named = value
        .text
        .lines()
        .find(|line| line.starts_with("begin"))
        .and_then(|line| line.splitn(3, ' ').nth(2))
        .map(Value::from);
    match arguments.value(&["o", "output-file"]).cloned().or(named) {
        Some(path) if !matches!(path.text.as_str(), "-" | "/dev/stdout") => {
            world.write(path, result, false);
            Ran::silent()
        }
        _ => Ran::Prints(result),
    }
}

fn rot13(world: &mut World, call: &Call) -> Ran {
    let value = source(world, call, &[]);
    Ran::Prints(decoded(world, &value, "rot13", |bytes, _| {
        let text = encoding::to_text(bytes);
        Some(encoding::to_bytes(&encoding::substitution::rotate_letters(
            &text, 13,
        )))
    }))
}

/// Endings that decompression takes off a file name.
const ENDINGS: &[&str] = &[
    ".gz", ".bz2", ".xz", ".lzma", ".zst", ".Z", ".tgz", ".lz4", ".z", ".br",
];

/// How a compression is undone, within a bound.
type Undo = fn(&[u8], usize) -> Option<Vec<u8>>;

/// A compression that is not undone here.
fn not_followed(_: &[u8], _: usize) -> Option<Vec<u8>> {
    None
}

fn decompress(world: &mut World, name: &str, call: &Call) -> Ran {
    let arguments = parse(call, "SbTo", &["suffix", "threads", "memlimit", "format"]);
    let prints = name.ends_with("cat");
    let undoes = prints
        || name.starts_with("un")
        || name.starts_with("bun")
        || name == "gunzip"
        || arguments.has(&["d", "decompress", "uncompress", "dc", "cd", "decode"])
        || call
            .arguments
            .iter()
            .any(|argument| argument.text == "-uncompress");
    let family: (&str, Undo) = match name {
        _ if name.contains("bz") => ("bzip2", compression::bzip2),
        _ if name.contains("xz") || name.contains("lzma") || name == "lzcat" => {
            ("xz", compression::xz)
        }
        _ if name.contains("zst") => ("zstd", compression::zstd),
        _ if name.starts_with("zlib") => ("zlib", compression::zlib),
        _ if name.contains("lz4") || name == "lzop" || name == "brotli" => (name, not_followed),
        _ => ("gzip", compression::gzip),
    };
    if !undoes {
        return compress(world, call, &arguments);
    }
    let undo = |world: &mut World, value: &Value| {
        let bytes = encoding::to_bytes(
            value
                .text
                .get(..value.text.floor_char_boundary(64))
                .unwrap_or_default(),
        );
        // `zcat` and `xz` take their relatives' formats too; what the bytes say goes first.
        let (scheme, function) = compression::of_magic(&bytes).unwrap_or(family);
        decoded(world, value, scheme, function)
    };
    if arguments.operands.is_empty() || prints || arguments.has(&["c", "stdout", "to-stdout"]) {
        let value = source(world, call, &arguments.operands);
        return Ran::Prints(undo(world, &value));
    }
    for operand in &arguments.operands {
        let content = world.content_of(operand);
        let result = undo(world, &content);
        let path = operand.map_text(|text| {
            let ending = ENDINGS.iter().find_map(|ending| text.strip_suffix(ending));
            ending.unwrap_or(text).to_owned()
        });
        world.remember(&path, result, false);
    }
    Ran::silent()
}

/// Compression is not done, only noted: the file with the new name holds what the old one did.
fn compress(world: &mut World, call: &Call, arguments: &Arguments) -> Ran {
    if arguments.operands.is_empty() || arguments.has(&["c", "stdout", "to-stdout"]) {
        let value = source(world, call, &arguments.operands);
        return Ran::Prints(unread(value));
    }
    Ran::silent()
}

fn cipher(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    let arguments = parse(
        call,
        "uoric",
        &[
            "output",
            "passphrase",
            "recipient",
            "passphrase-file",
            "passphrase-fd",
            "homedir",
            "cipher-algo",
        ],
    );
    // `-c` takes no value in gpg: what follows it is the file.
    let is_symmetric = call.arguments.iter().position(|word| word.text == "-c");
    let mut operands = arguments.operands.clone();
    if name.starts_with("gpg")
        && let Some(word) = is_symmetric.and_then(|at| call.arguments.get(at + 1))
        && !word.text.starts_with('-')
        && !operands.contains(word)
    {
        operands.push(word.clone());
    }
    let is_decrypting = arguments.has(&["d", "decrypt"]);
    let is_encrypting = is_symmetric.is_some()
        || arguments.has(&["e", "encrypt", "symmetric", "p", "passphrase"])
        || name == "age" && arguments.has(&["r", "recipient"])
        || matches!(name, "ccrypt" | "mcrypt");
    if !is_decrypting && !is_encrypting {
        return None;
    }
    let value = source(world, call, &operands);
    let result = if is_decrypting {
        decoded(world, &value, name, |_, _| None)
    } else {
        encrypted(value, name)
    };
    let beside = || {
        let named = operands.first().filter(|_| !is_decrypting)?;
        Some(named.map_text(|text| format!("{text}.gpg")))
    };
    match arguments.value(&["o", "output"]).cloned().or_else(beside) {
        Some(path) => {
            world.write(path, result, false);
            Some(Ran::silent())
        }
        None => Some(Ran::Prints(result)),
    }
}
