//! Texts that cannot do anything, told without parsing.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// Words that are reason enough to look.
const WORDS: &[&str] = &[
    "os.execute",
    "io.popen",
    "popen",
    "execute",
    "loadstring",
    "load(",
    "load (",
    "load'",
    "load\"",
    "load[",
    "loadfile",
    "dofile",
    "socket",
    "posix",
    "syscall",
    "io.open",
    "os.remove",
    "os.rename",
    "http",
    "_G[",
    "_ENV[",
    "_G.",
    "os[",
    "io[",
    "ngx.req",
    "ngx.var",
    "string.char",
    ":char",
    "package.loadlib",
    "ffi",
    "stratum",
    "authorized_keys",
];

static AUTOMATON: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(WORDS).ok());

/// Whether a text may do anything.
pub fn may_act(text: &str) -> bool {
    match &*AUTOMATON {
        Some(automaton) => automaton.is_match(text.as_bytes()),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_computes_is_passed_over() {
        assert!(!may_act(
            "local M = {}\nfunction M.a(b) return b + 1 end\nreturn M\n"
        ));
        assert!(may_act("os.execute('id')"));
        assert!(may_act("_G['o'..'s'].execute('id')"));
    }
}
