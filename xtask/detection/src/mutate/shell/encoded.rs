//! The whole script encoded, and decoded into an interpreter.

use crate::case::Case;
use crate::mutate::Script;
use crate::mutate::encode::{
    base32, base64, bzip2, gzip, hex, hex_escapes, octal_escapes, reversed, reversed_lines, rot13,
    shell_quoted, xz, zlib,
};

/// Ways to make a text from which a pipe gives the script back.
#[expect(clippy::too_many_lines, reason = "a table, one way an entry")]
fn producers(text: &str) -> Vec<(&'static str, String)> {
    let bytes = text.as_bytes();
    let quoted = |text: &str| shell_quoted(text);
    let flat = text.trim_end_matches('\n');
    let mut all = vec![
        ("base64", format!("echo {} | base64 -d", base64(bytes))),
        (
            "base64 long option",
            format!("printf %s {} | base64 --decode", base64(bytes)),
        ),
        (
            "base64 here string",
            format!("base64 -d <<< {}", base64(bytes)),
        ),
        (
            "base64 here document",
            format!("base64 -d <<'END'\n{}\nEND\n", wrapped(&base64(bytes))),
        ),
        (
            "base64 twice",
            format!(
                "echo {} | base64 -d | base64 -d",
                base64(base64(bytes).as_bytes())
            ),
        ),
        (
            "base64 by openssl",
            format!("echo {} | openssl base64 -d -A", base64(bytes)),
        ),
        (
            "base64 by openssl enc",
            format!(
                "echo '{}' | openssl enc -d -base64",
                wrapped(&base64(bytes))
            ),
        ),
        (
            "base64 by python",
            format!(
                "python3 -c 'import base64,sys;sys.stdout.buffer.write(base64.b64decode(\"{}\"))'",
                base64(bytes)
            ),
        ),
        (
            "base64 by perl",
            format!(
                "echo {} | perl -MMIME::Base64 -ne 'print decode_base64($_)'",
                base64(bytes)
            ),
        ),
        (
            "base64 reversed",
            format!("echo {} | rev | base64 -d", reversed(&base64(bytes))),
        ),
        ("base64 in parts", parts(&base64(bytes))),
        (
            "base64 with a letter exchanged",
            format!(
                "echo {} | tr '~' 'c' | base64 -d",
                base64(bytes).replace('c', "~")
            ),
        ),
        (
            "base64 by busybox",
            format!("echo {} | busybox base64 -d", base64(bytes)),
        ),
        ("base32", format!("echo {} | base32 -d", base32(bytes))),
        ("hex by xxd", format!("echo {} | xxd -r -p", hex(bytes))),
        ("hex by xxd -p -r", format!("xxd -p -r <<< {}", hex(bytes))),
        ("hex by printf", format!("printf '{}'", hex_escapes(bytes))),
        (
            "hex by echo -e",
            format!("echo -e '{}'", hex_escapes(bytes)),
        ),
        (
            "hex by ansi-c quotes",
            format!("printf %s $'{}'", hex_escapes(bytes)),
        ),
        (
            "hex by perl",
            format!("perl -e 'print pack(\"H*\",\"{}\")'", hex(bytes)),
        ),
        (
            "hex by python",
            format!(
                "python3 -c 'print(bytes.fromhex(\"{}\").decode())'",
                hex(bytes)
            ),
        ),
        (
            "hex by sed and printf",
            format!("printf \"$(echo {} | sed 's/../\\\\x&/g')\"", hex(bytes)),
        ),
        (
            "octal by printf",
            format!("printf '{}'", octal_escapes(bytes)),
        ),
        (
            "octal by printf %b",
            format!("printf %b '{}'", octal_escapes(bytes).replace('\\', "\\0")),
        ),
        (
            "rot13 by tr",
            format!("echo {} | tr 'A-Za-z' 'N-ZA-Mn-za-m'", quoted(&rot13(flat))),
        ),
        (
            "rot13 by python",
            format!(
                "python3 -c 'import codecs,sys;print(codecs.decode(sys.argv[1],\"rot13\"))' {}",
                quoted(&rot13(flat))
            ),
        ),
        (
            "reversed lines",
            format!("echo {} | rev", quoted(&reversed_lines(flat))),
        ),
        (
            "gzip",
            format!("echo {} | base64 -d | gunzip", base64(&gzip(bytes))),
        ),
        (
            "gzip -dc",
            format!("echo {} | base64 -d | gzip -dc", base64(&gzip(bytes))),
        ),
        (
            "zcat",
            format!("base64 -d <<< {} | zcat", base64(&gzip(bytes))),
        ),
        (
            "gzip in hex",
            format!("echo {} | xxd -r -p | gzip -d", hex(&gzip(bytes))),
        ),
        (
            "bzip2",
            format!("echo {} | base64 -d | bunzip2", base64(&bzip2(bytes))),
        ),
        (
            "xz",
            format!("echo {} | base64 -d | xz -d", base64(&xz(bytes))),
        ),
        (
            "zlib by python",
            format!(
                "python3 -c 'import zlib,base64;print(zlib.decompress(base64.b64decode(\"{}\")).decode())'",
                base64(&zlib(bytes))
            ),
        ),
    ];
    if !text.contains(['|', '\\']) {
        let turned = flat.replace('e', "|");
        all.push((
            "a letter exchanged by sed",
            format!("echo {} | sed 's/|/e/g'", quoted(&turned)),
        ));
    }
    all
}

/// base64 as tools break its lines.
fn wrapped(text: &str) -> String {
    let lines = text.as_bytes().chunks(76).map(String::from_utf8_lossy);
    lines.collect::<Vec<_>>().join("\n")
}

/// base64 put together from variables.
fn parts(text: &str) -> String {
    let (one, two) = text.split_at(text.len() / 2);
    format!("k1={one}; k2={two}; echo \"$k1$k2\" | base64 -d")
}

/// Ways to run what a command prints.
const CONSUMERS: &[(&str, &str)] = &[
    ("piped to sh", "@ | sh"),
    ("piped to bash -s", "@ | /bin/bash -s"),
    ("eval", "eval \"$(@)\""),
    ("eval in backquotes", "eval \"`@`\""),
    ("bash -c", "bash -c \"$(@)\""),
    ("variable, then eval", "p=$(@)\neval \"$p\""),
    ("here string", "bash <<< \"$(@)\""),
    ("process substitution", "source <(@)"),
    ("by a file", "@ > /tmp/.x\nsh /tmp/.x"),
    (
        "by an executable file",
        "@ > /var/tmp/.x && chmod +x /var/tmp/.x && /var/tmp/.x &",
    ),
    (
        "tee, then run",
        "@ | tee /dev/shm/k >/dev/null; bash /dev/shm/k",
    ),
    ("xargs", "@ | xargs -0 bash -c"),
];

/// Every producer with one consumer, and every consumer with one producer.
pub fn rewrite(script: &Script) -> Vec<(String, Case)> {
    let producers = producers(&script.text);
    let mut all = Vec::new();
    for (at, (name, producer)) in producers.iter().enumerate() {
        let (how, consumer) = CONSUMERS[at % CONSUMERS.len()];
        all.extend(joined(script, name, producer, how, consumer));
    }
    for (at, (how, consumer)) in CONSUMERS.iter().enumerate() {
        let (name, producer) = &producers[(at * 7) % producers.len()];
        all.extend(joined(script, name, producer, how, consumer));
    }
    all
}

fn joined(
    script: &Script,
    name: &str,
    producer: &str,
    how: &str,
    consumer: &str,
) -> Option<(String, Case)> {
    // A here document must be followed by its own text, and backquotes want other quotes inside.
    let is_document = producer.contains("<<'END'");
    let follows = consumer.starts_with("@ ") || consumer.contains('`');
    if (is_document && follows) || (consumer.contains('`') && producer.contains(['\\', '"', '`'])) {
        return None;
    }
    let body = consumer.replace('@', producer);
    let text = format!("#!/bin/bash\n{body}\n");
    Some((format!("{name}, {how}"), script.with(&text)))
}
