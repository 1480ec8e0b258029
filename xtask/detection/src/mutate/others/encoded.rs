//! The whole program encoded, and decoded into the language's `eval`.

use model::Language;

use crate::case::Case;
use crate::mutate::Script;
use crate::mutate::encode::{base64, deflate, gzip, hex, hex_escapes, reversed, rot13, zlib};

/// Every way of the language.
pub fn rewrite(script: &Script) -> Vec<(String, Case)> {
    let text = script.text.as_str();
    let ways = match script.language {
        Some(Language::Perl) => perl(text),
        Some(Language::Php) => php(text),
        Some(Language::Ruby) => ruby(text),
        Some(Language::JavaScript) => javascript(text),
        Some(Language::Lua) => lua(text),
        _ => Vec::new(),
    };
    ways.into_iter()
        .map(|(name, text)| (name.to_owned(), script.with(&text)))
        .collect()
}

fn perl(text: &str) -> Vec<(&'static str, String)> {
    let bytes = text.as_bytes();
    let numbers = numbers(bytes, 0);
    vec![
        (
            "base64",
            format!(
                "use MIME::Base64;\neval decode_base64('{}');\n",
                base64(bytes)
            ),
        ),
        (
            "base64, full name",
            format!(
                "require MIME::Base64; my $c = MIME::Base64::decode('{}'); eval $c;\n",
                base64(bytes)
            ),
        ),
        (
            "base64 by unpack",
            format!(
                "eval unpack('u', pack('u', unpack('u', pack 'u', join '', map {{ chr }} ({numbers}))));\n"
            ),
        ),
        ("hex", format!("eval pack('H*', '{}');\n", hex(bytes))),
        (
            "hex in a variable",
            format!(
                "my $h = \"{}\";\nmy $code = pack(\"H*\", $h);\neval($code);\n",
                hex(bytes)
            ),
        ),
        (
            "hex by substitution",
            format!(
                "($_ = '{}') =~ s/(..)/chr(hex($1))/ge;\neval;\n",
                hex(bytes)
            ),
        ),
        ("hex escapes", format!("eval \"{}\";\n", hex_escapes(bytes))),
        (
            "chr",
            format!("eval join('', map {{ chr($_) }} ({numbers}));\n"),
        ),
        ("pack C", format!("eval pack('C*', {numbers});\n")),
        (
            "reversed",
            format!("eval scalar reverse {};\n", single(&reversed(text))),
        ),
        (
            "rot13",
            format!(
                "($c = {}) =~ tr/A-Za-z/N-ZA-Mn-za-m/;\neval $c;\n",
                single(&rot13(text))
            ),
        ),
        (
            "here document",
            format!("my $code = <<'END_OF_IT';\n{text}\nEND_OF_IT\neval $code;\n"),
        ),
        ("function", format!("sub work {{\n{text}\n}}\nwork();\n")),
        ("fork", format!("unless (fork) {{\n{text}\n}}\n")),
        ("begin block", format!("BEGIN {{\n{text}\n}}\n")),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table, one way an entry")]
fn php(text: &str) -> Vec<(&'static str, String)> {
    let inner = text
        .trim_start()
        .trim_start_matches("<?php")
        .trim_start_matches("<?");
    let inner = inner.trim_end().trim_end_matches("?>");
    let bytes = inner.as_bytes();
    let wrap = |code: String| format!("<?php\n{code}\n");
    vec![
        (
            "base64",
            wrap(format!("eval(base64_decode('{}'));", base64(bytes))),
        ),
        (
            "base64, suppressed",
            wrap(format!("@eval(@base64_decode(\"{}\"));", base64(bytes))),
        ),
        (
            "base64 by a variable function",
            wrap(format!(
                "$f = 'base64_decode';\n$c = $f('{}');\neval($c);",
                base64(bytes)
            )),
        ),
        (
            "base64 by a joined function",
            wrap(format!(
                "$f = 'base'.'64'.'_dec'.'ode';\neval($f('{}'));",
                base64(bytes)
            )),
        ),
        (
            "gzinflate",
            wrap(format!(
                "eval(gzinflate(base64_decode('{}')));",
                base64(&deflate(bytes))
            )),
        ),
        (
            "gzuncompress",
            wrap(format!(
                "eval(gzuncompress(base64_decode('{}')));",
                base64(&zlib(bytes))
            )),
        ),
        (
            "gzdecode",
            wrap(format!(
                "eval(gzdecode(base64_decode('{}')));",
                base64(&gzip(bytes))
            )),
        ),
        (
            "rot13",
            wrap(format!("eval(str_rot13({}));", single(&rot13(inner)))),
        ),
        (
            "rot13 of base64",
            wrap(format!(
                "eval(base64_decode(str_rot13('{}')));",
                rot13(&base64(bytes))
            )),
        ),
        (
            "reversed",
            wrap(format!("eval(strrev({}));", single(&reversed(inner)))),
        ),
        ("hex", wrap(format!("eval(hex2bin('{}'));", hex(bytes)))),
        ("pack", wrap(format!("eval(pack('H*', '{}'));", hex(bytes)))),
        (
            "hex escapes",
            wrap(format!("eval(\"{}\");", hex_escapes(bytes))),
        ),
        (
            "chr",
            wrap(format!(
                "eval(implode('', array_map('chr', array({}))));",
                numbers(bytes, 0)
            )),
        ),
        (
            "function",
            wrap(format!("function work() {{\n{inner}\n}}\nwork();")),
        ),
        (
            "assert",
            wrap(format!(
                "$a = 'assert'; $a(base64_decode('{}'));",
                base64(format!("eval(base64_decode('{}'))", base64(bytes)).as_bytes())
            )),
        ),
        (
            "create_function",
            wrap(format!(
                "$f = create_function('', base64_decode('{}')); $f();",
                base64(bytes)
            )),
        ),
        (
            "under a comment",
            format!("<?php /* {} */\n{inner}\n", "licence ".repeat(30)),
        ),
    ]
}

fn ruby(text: &str) -> Vec<(&'static str, String)> {
    let bytes = text.as_bytes();
    vec![
        (
            "base64",
            format!(
                "require 'base64'\neval Base64.decode64('{}')\n",
                base64(bytes)
            ),
        ),
        (
            "base64, strict",
            format!(
                "require \"base64\"\neval(Base64.strict_decode64(\"{}\"))\n",
                base64(bytes)
            ),
        ),
        (
            "unpack",
            format!("eval '{}'.unpack('m')[0]\n", base64(bytes)),
        ),
        (
            "unpack1",
            format!("eval('{}'.unpack1('m0'))\n", base64(bytes)),
        ),
        ("hex", format!("eval ['{}'].pack('H*')\n", hex(bytes))),
        ("hex escapes", format!("eval \"{}\"\n", hex_escapes(bytes))),
        (
            "reversed",
            format!("eval({}.reverse)\n", single(&reversed(text))),
        ),
        (
            "rot13",
            format!(
                "eval {}.tr('A-Za-z', 'N-ZA-Mn-za-m')\n",
                single(&rot13(text))
            ),
        ),
        (
            "chr",
            format!("eval [{}].map(&:chr).join\n", numbers(bytes, 0)),
        ),
        (
            "pack c",
            format!("eval [{}].pack('c*')\n", numbers(bytes, 0)),
        ),
        (
            "zlib",
            format!(
                "require 'zlib'\neval Zlib::Inflate.inflate('{}'.unpack1('m'))\n",
                base64(&zlib(bytes))
            ),
        ),
        (
            "instance_eval",
            format!("instance_eval('{}'.unpack1('m'))\n", base64(bytes)),
        ),
        (
            "Kernel.eval",
            format!("Kernel.send(:eval, '{}'.unpack1('m'))\n", base64(bytes)),
        ),
        ("function", format!("def work\n{text}\nend\nwork\n")),
        ("thread", format!("Thread.new do\n{text}\nend.join\n")),
        ("fork", format!("fork do\n{text}\nend\n")),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table, one way an entry")]
fn javascript(text: &str) -> Vec<(&'static str, String)> {
    let bytes = text.as_bytes();
    vec![
        (
            "base64",
            format!(
                "eval(Buffer.from('{}', 'base64').toString());\n",
                base64(bytes)
            ),
        ),
        (
            "base64, utf8",
            format!(
                "const c = Buffer.from(\"{}\", \"base64\").toString(\"utf8\");\neval(c);\n",
                base64(bytes)
            ),
        ),
        ("atob", format!("eval(atob('{}'));\n", base64(bytes))),
        (
            "new Buffer",
            format!(
                "eval(new Buffer('{}', 'base64').toString('ascii'));\n",
                base64(bytes)
            ),
        ),
        (
            "hex",
            format!("eval(Buffer.from('{}', 'hex').toString());\n", hex(bytes)),
        ),
        ("hex escapes", format!("eval('{}');\n", hex_escapes(bytes))),
        (
            "fromCharCode",
            format!("eval(String.fromCharCode({}));\n", numbers(bytes, 0)),
        ),
        (
            "map of numbers",
            format!(
                "eval([{}].map(function (c) {{ return String.fromCharCode(c - 3); }}).join(''));\n",
                numbers(bytes, 3)
            ),
        ),
        (
            "reversed",
            format!(
                "eval({}.split('').reverse().join(''));\n",
                single(&reversed(text))
            ),
        ),
        (
            "Function",
            format!(
                "new Function('require', Buffer.from('{}', 'base64').toString())(require);\n",
                base64(bytes)
            ),
        ),
        (
            "Function without new",
            format!(
                "Function(\"require\", atob(\"{}\"))(require);\n",
                base64(bytes)
            ),
        ),
        (
            "vm",
            format!(
                "require('vm').runInNewContext(Buffer.from('{}', 'base64').toString(), {{ require, process, console }});\n",
                base64(bytes)
            ),
        ),
        (
            "zlib",
            format!(
                "eval(require('zlib').inflateSync(Buffer.from('{}', 'base64')).toString());\n",
                base64(&zlib(bytes))
            ),
        ),
        (
            "gunzip",
            format!(
                "const z = require('zlib');\neval(z.gunzipSync(Buffer.from('{}', 'base64')).toString('utf-8'));\n",
                base64(&gzip(bytes))
            ),
        ),
        (
            "unescape",
            format!(
                "eval(unescape('{}'));\n",
                hex_escapes(bytes).replace("\\x", "%")
            ),
        ),
        (
            "indirect eval",
            format!("(0, eval)(atob('{}'));\n", base64(bytes)),
        ),
        (
            "global eval",
            format!("global['ev' + 'al'](atob('{}'));\n", base64(bytes)),
        ),
        ("function", format!("(function () {{\n{text}\n}})();\n")),
        (
            "arrow function",
            format!("const run = () => {{\n{text}\n}};\nrun();\n"),
        ),
        (
            "timeout",
            format!("setTimeout(function () {{\n{text}\n}}, 1000);\n"),
        ),
        (
            "promise",
            format!("Promise.resolve().then(() => {{\n{text}\n}});\n"),
        ),
        ("async", format!("(async () => {{\n{text}\n}})();\n")),
        ("try", format!("try {{\n{text}\n}} catch (e) {{}}\n")),
    ]
}

fn lua(text: &str) -> Vec<(&'static str, String)> {
    let bytes = text.as_bytes();
    let decimal: String = bytes.iter().map(|byte| format!("\\{byte:03}")).collect();
    vec![
        ("decimal escapes", format!("load(\"{decimal}\")()\n")),
        ("loadstring", format!("loadstring(\"{decimal}\")()\n")),
        (
            "string.char",
            format!("assert(load(string.char({})))()\n", numbers(bytes, 0)),
        ),
        (
            "hex by gsub",
            format!(
                "local c = (\"{}\"):gsub('..', function(h) return string.char(tonumber(h, 16)) end)\nload(c)()\n",
                hex(bytes)
            ),
        ),
        (
            "reversed",
            format!("load(string.reverse({}))()\n", single(&reversed(text))),
        ),
        (
            "long string",
            format!("local code = [==[\n{text}]==]\nassert(load(code))()\n"),
        ),
        (
            "table of letters",
            format!(
                "local t = {{}}\nfor _, c in ipairs({{{}}}) do t[#t + 1] = string.char(c) end\nload(table.concat(t))()\n",
                numbers(bytes, 0)
            ),
        ),
        (
            "function",
            format!("local function work()\n{text}\nend\nwork()\n"),
        ),
        ("pcall", format!("pcall(function()\n{text}\nend)\n")),
    ]
}

fn numbers(bytes: &[u8], offset: u8) -> String {
    let all = bytes
        .iter()
        .map(|byte| (u16::from(*byte) + u16::from(offset)).to_string());
    all.collect::<Vec<_>>().join(",")
}

/// A text in single quotes, with the escapes that all these languages have.
fn single(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\'', "\\'");
    // Ruby, PHP and Perl keep line ends inside quotes; JavaScript and Lua want an escape, which
    // the others would not undo: texts of one line serve all.
    format!("'{}'", text.trim_matches('\n').replace('\n', "\\n"))
}
