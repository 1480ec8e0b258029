//! Texts that cannot do anything, told without parsing: what acts is reached by the name of a
//! class or method that does, or behind what makes names out of values.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// Words that are reason enough to look.
const WORDS: &[&str] = &[
    "Socket",
    "TCPServer",
    "UNIXServer",
    "socket",
    "popen",
    "Open3",
    "PTY",
    "spawn",
    "system",
    "exec",
    "`",
    "%x",
    "fork",
    "eval",
    "const_get",
    "__send__",
    "public_send",
    ".send(",
    ".send ",
    "method(:",
    "open-uri",
    "URI.open",
    "open(",
    "Net::",
    "HTTParty",
    "RestClient",
    "Faraday",
    "Typhoeus",
    "Excon",
    "HTTP.",
    "File.",
    "IO.",
    "FileUtils",
    "Base64",
    "unpack",
    ".pack",
    "Zlib",
    "Marshal",
    "YAML",
    "ERB",
    "reopen",
    "params",
    "request",
    "DATA",
    "Process.",
    "Kernel",
    "ENV",
    "Object.",
    "Cipher",
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
        assert!(!may_act("class A\n  def b(c)\n    c + 1\n  end\nend\n"));
        assert!(may_act("require 'socket'"));
        assert!(may_act("puts `id`"));
        assert!(may_act("eval(x)"));
    }
}
