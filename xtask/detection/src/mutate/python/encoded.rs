//! The whole program encoded, and decoded into `exec`.

use crate::case::Case;
use crate::mutate::Script;
use crate::mutate::encode::{
    base32, base64, bzip2, gzip, hex, hex_escapes, octal_escapes, reversed, rot13, xz, zlib,
};

/// Expressions whose value is the program's text.
#[expect(clippy::too_many_lines, reason = "a table, one way an entry")]
fn producers(text: &str) -> Vec<(&'static str, String)> {
    let bytes = text.as_bytes();
    let numbers = |offset: u32| {
        let all = text.chars().map(|c| (c as u32 + offset).to_string());
        all.collect::<Vec<_>>().join(",")
    };
    let xored = |key: u8| {
        let all = bytes.iter().map(|byte| (byte ^ key).to_string());
        all.collect::<Vec<_>>().join(",")
    };
    let quoted = literal(text);
    vec![
        (
            "base64",
            format!(
                "__import__('base64').b64decode('{}').decode()",
                base64(bytes)
            ),
        ),
        (
            "base64 of bytes",
            format!(
                "__import__('base64').b64decode(b'{}').decode()",
                base64(bytes)
            ),
        ),
        (
            "base64 twice",
            format!(
                "__import__('base64').b64decode(__import__('base64').b64decode('{}')).decode()",
                base64(base64(bytes).as_bytes())
            ),
        ),
        (
            "base64 by codecs",
            format!(
                "__import__('codecs').decode(b'{}','base64').decode()",
                base64(bytes)
            ),
        ),
        (
            "base64 by binascii",
            format!(
                "__import__('binascii').a2b_base64('{}').decode('utf-8')",
                base64(bytes)
            ),
        ),
        (
            "base64 in parts",
            format!(
                "__import__('base64').b64decode('{}'+'{}').decode()",
                &base64(bytes)[..8.min(base64(bytes).len())],
                &base64(bytes)[8.min(base64(bytes).len())..]
            ),
        ),
        (
            "base64 reversed",
            format!(
                "__import__('base64').b64decode('{}'[::-1]).decode()",
                reversed(&base64(bytes))
            ),
        ),
        (
            "base64 with a letter replaced",
            format!(
                "__import__('base64').b64decode('{}'.replace('~','c')).decode()",
                base64(bytes).replace('c', "~")
            ),
        ),
        (
            "base32",
            format!(
                "__import__('base64').b32decode('{}').decode()",
                base32(bytes)
            ),
        ),
        (
            "base16",
            format!(
                "__import__('base64').b16decode('{}').decode()",
                hex(bytes).to_uppercase()
            ),
        ),
        ("hex", format!("bytes.fromhex('{}').decode()", hex(bytes))),
        (
            "hex by binascii",
            format!(
                "__import__('binascii').unhexlify('{}').decode()",
                hex(bytes)
            ),
        ),
        (
            "hex by codecs",
            format!(
                "__import__('codecs').decode('{}','hex').decode()",
                hex(bytes)
            ),
        ),
        ("hex escapes", format!("'{}'", hex_escapes(bytes))),
        ("octal escapes", format!("'{}'", octal_escapes(bytes))),
        (
            "zlib",
            format!(
                "__import__('zlib').decompress(__import__('base64').b64decode('{}')).decode()",
                base64(&zlib(bytes))
            ),
        ),
        (
            "zlib by codecs",
            format!(
                "__import__('codecs').decode(__import__('base64').b64decode('{}'),'zlib').decode()",
                base64(&zlib(bytes))
            ),
        ),
        (
            "gzip",
            format!(
                "__import__('gzip').decompress(__import__('base64').b64decode('{}')).decode()",
                base64(&gzip(bytes))
            ),
        ),
        (
            "bz2",
            format!(
                "__import__('bz2').decompress(__import__('base64').b64decode('{}')).decode()",
                base64(&bzip2(bytes))
            ),
        ),
        (
            "lzma",
            format!(
                "__import__('lzma').decompress(__import__('base64').b64decode('{}')).decode()",
                base64(&xz(bytes))
            ),
        ),
        (
            "zlib in hex",
            format!(
                "__import__('zlib').decompress(bytes.fromhex('{}')).decode()",
                hex(&zlib(bytes))
            ),
        ),
        (
            "rot13",
            format!(
                "__import__('codecs').decode({},'rot13')",
                literal(&rot13(text))
            ),
        ),
        ("reversed", format!("{}[::-1]", literal(&reversed(text)))),
        (
            "chr and join",
            format!("''.join(map(chr,[{}]))", numbers(0)),
        ),
        (
            "chr in a comprehension",
            format!("''.join(chr(c-7) for c in ({},))", numbers(7)),
        ),
        (
            "chr and sum",
            format!("''.join([chr(c) for c in [{}]])", numbers(0)),
        ),
        ("bytes", format!("bytes([{}]).decode()", numbers(0))),
        (
            "bytearray",
            format!("bytearray(({},)).decode('ascii')", numbers(0)),
        ),
        (
            "xor",
            format!("''.join(chr(c^23) for c in [{}])", xored(23)),
        ),
        (
            "xor of bytes",
            format!(
                "bytes(b^91 for b in bytes.fromhex('{}')).decode()",
                hex(&bytes.iter().map(|b| b ^ 91).collect::<Vec<_>>())
            ),
        ),
        (
            "repeating key",
            format!(
                "''.join(chr(b^k) for b,k in zip(bytes.fromhex('{}'),__import__('itertools').cycle(b'key')))",
                hex(&bytes
                    .iter()
                    .zip(b"key".iter().cycle())
                    .map(|(b, k)| b ^ k)
                    .collect::<Vec<_>>())
            ),
        ),
        (
            "translated",
            format!(
                "{}.translate({{ord('~'):'e',ord('e'):'~'}})",
                literal(&text.replace('~', "\0").replace('e', "~").replace('\0', "e"))
            ),
        ),
        ("plain", quoted),
        (
            "joined lines",
            format!(
                "'\\n'.join([{}])",
                text.lines().map(literal).collect::<Vec<_>>().join(",")
            ),
        ),
        (
            "compressed by json",
            format!(
                "__import__('json').loads('\"{}\"')",
                hex_escapes(bytes).replace("\\x", "\\\\u00")
            ),
        ),
    ]
}

/// A literal of Python for a text.
pub fn literal(text: &str) -> String {
    let text = text
        .replace('\\', "\\\\")
        .replace('\'', "\\'")
        .replace('\n', "\\n");
    format!("'{}'", text.replace('\r', "\\r").replace('\t', "\\t"))
}

/// Ways to execute an expression `@`.
const CONSUMERS: &[(&str, &str)] = &[
    ("exec", "exec(@)"),
    ("compile", "exec(compile(@, '<string>', 'exec'))"),
    ("eval of compile", "eval(compile(@, 'a', 'exec'))"),
    ("variable", "data = @\nexec(data)"),
    ("lambda", "(lambda c: exec(c))(@)"),
    (
        "lambda with name",
        "run = lambda code: exec(code, globals())\nrun(@)",
    ),
    ("builtins", "__import__('builtins').exec(@)"),
    (
        "builtins by getattr",
        "getattr(__import__('builtins'), 'ex' + 'ec')(@)",
    ),
    ("__builtins__", "getattr(__builtins__, 'exec')(@)"),
    ("globals", "globals()['__builtins__'].__dict__['exec'](@)"),
    ("alias", "e = exec\ne(@)"),
    (
        "function",
        "def load():\n    return @\n\ndef main():\n    exec(load())\n\nmain()",
    ),
    (
        "class",
        "class A:\n    def __init__(self, c):\n        self.c = c\n    def go(self):\n        exec(self.c)\nA(@).go()",
    ),
    (
        "thread",
        "import threading\nthreading.Thread(target=exec, args=(@,)).start()",
    ),
    ("try", "try:\n    exec(@)\nexcept Exception:\n    pass"),
    (
        "interpreter",
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', @])",
    ),
    (
        "interpreter by os.system",
        "import os\nos.system('python3 -c ' + __import__('shlex').quote(@))",
    ),
    (
        "a file",
        "open('/tmp/.p.py', 'w').write(@)\n__import__('os').system('python3 /tmp/.p.py')",
    ),
    ("list comprehension", "[exec(c) for c in [@]]"),
    ("map", "list(map(exec, [@]))"),
    ("walrus", "exec(x) if (x := @) else None"),
    ("namespace", "ns = {}\nexec(@, ns)"),
];

/// Every producer with one consumer, and every consumer with one producer.
pub fn rewrite(script: &Script) -> Vec<(String, Case)> {
    if is_python_2(&script.text) {
        return Vec::new();
    }
    let producers = producers(&script.text);
    let one = |producer: usize, consumer: usize| {
        let (name, text) = &producers[producer % producers.len()];
        let (how, template) = CONSUMERS[consumer % CONSUMERS.len()];
        (
            format!("{name}, {how}"),
            script.with(&(template.replacen('@', text, 1) + "\n")),
        )
    };
    let of_producers = (0..producers.len()).map(|at| one(at, at));
    let of_consumers = (0..CONSUMERS.len()).map(|at| one(at * 5, at));
    of_producers.chain(of_consumers).collect()
}

/// Whether the text is of Python 2, which these wrappers are not.
pub fn is_python_2(text: &str) -> bool {
    text.contains("urllib2")
        || text.lines().any(|line| {
            line.trim_start().starts_with("exec ") || line.trim_start().starts_with("print ")
        })
}
