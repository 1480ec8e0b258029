//! Texts that cannot do anything, told without parsing.
//!
//! What acts is reached by the name of a module or of a function that evaluates or fetches, or
//! behind what makes names out of values. Of the latter only forms are looked for that ordinary
//! code does not have: escapes in strings, character codes, rotated arrays and code without
//! letters. `fetch`, timers and `fs` alone do nothing that weighs unless something comes of it.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// Words that are reason enough to look.
const WORDS: &[&str] = &[
    "child_process",
    "child_pro",
    "execSync",
    "execFile",
    "spawnSync",
    "shelljs",
    "execa",
    "zx",
    "eval(",
    "eval;",
    "eval)",
    "eval.",
    "(eval",
    "(0,eval",
    "[\"eval",
    "['eval",
    "Function(",
    "Function`",
    "runIn",
    "_compile",
    "._load",
    "mainModule",
    "process.binding",
    "process.dlopen",
    "constructor(",
    "constructor[",
    "[\"constructor\"]",
    "['constructor']",
    "net.connect",
    "net.createConnection",
    "net.Socket",
    "createServer",
    "'net'",
    "\"net\"",
    "'node:net'",
    "\"node:net\"",
    "'tls'",
    "\"tls\"",
    "'dgram'",
    "\"dgram\"",
    "'http'",
    "\"http\"",
    "'https'",
    "\"https\"",
    "node:http",
    "fetch(",
    "axios",
    "WebSocket",
    "XMLHttpRequest",
    "writeFile",
    "appendFile",
    "createWriteStream",
    "Deno.",
    "Bun.",
    "Bun`",
    "atob(",
    "fromCharCode",
    "unescape(",
    "authorized_keys",
    "crontab",
    "/etc/",
    "stratum+",
    "process.env)",
    "os.userInfo",
    "'fs'",
    "\"fs\"",
    "node:fs",
    "'fs/promises'",
    "importScripts",
    "new Worker",
    "'vm'",
    "\"vm\"",
    "require(",
    "import(",
    "process[",
    "globalThis[",
    "global[",
    "_0x",
];

static AUTOMATON: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(WORDS).ok());

/// Share of characters of a text that brackets and signs are where letters are avoided, in tenths.
const WITHOUT_LETTERS: usize = 9;

/// Whether a text may do anything.
pub fn may_act(text: &str) -> bool {
    let bytes = text.as_bytes();
    match &*AUTOMATON {
        Some(automaton) if automaton.is_match(bytes) => true,
        Some(_) => {
            let escapes = memchr::memmem::find_iter(bytes, b"\\x")
                .chain(memchr::memmem::find_iter(bytes, b"\\u00"))
                .take(8)
                .count();
            escapes >= 8 || is_without_letters(bytes)
        }
        None => true,
    }
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
            "fetch('http://example.com').then(r => r.text())",
        ] {
            assert!(may_act(text), "{text}");
        }
        assert!(may_act(&"[][(![]+[])[+[]]+".repeat(10)));
    }
}
