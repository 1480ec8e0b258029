//! Texts that cannot do anything, told without parsing.
//!
//! An act needs a call of something this front-end models. Every such thing is reached by a name
//! in the text: that of its module (`os`, `socket` …), written in an import or reached through one
//! of the few names that take names from values (`__import__`, `getattr`, `eval` …); or its own, if
//! it is built in (`exec`, `open` …). So a text in which none of these names stands as a word does
//! nothing that would be told. Identifiers that only fold to such a name (`𝒆𝒙𝒆𝒄`) are looked for
//! by their blocks of Unicode. Escapes need not be: they stand in strings only, and strings become
//! names only through the names above.
//!
//! A module's name alone is not enough to act: `os` is imported by half of all files, mostly for
//! `os.path`. So for `os` and `sys`, a name of a member that acts is asked for as well, or one of
//! the names that take names from values.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::names::may_fold;

/// What the presence of a word tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// It may act.
    Acts,
    /// It may act if a member that acts is named.
    Module,
    /// It may act if `os` or `sys` is named.
    Member,
}

/// Words after which anything may happen.
const ACTS: &str = "exec eval compile execfile __import__ getattr globals locals vars \
    __builtins__ __builtin__ builtins __dict__ __globals__ __getattribute__ __subclasses__ \
    importlib import_module imp open file input raw_input runpy \
    socket ssl socketserver SocketServer subprocess subprocess32 commands popen2 pty pexpect \
    ptyprocess posix nt asyncio urllib urllib2 urllib3 httplib httplib2 http requests httpx \
    grequests aiohttp treq asks curl_cffi cloudscraper mechanize tornado wget ftplib smtplib \
    poplib imaplib telnetlib paramiko ctypes shutil pathlib pathlib2 codecs io tempfile pickle \
    cPickle dill cloudpickle jsonpickle yaml marshal types code gevent eventlet six aiofiles \
    BaseHTTPServer SimpleHTTPServer wsgiref xmlrpc multiprocessing _socket _posixsubprocess \
    platform decouple operator libc";

/// Modules that act only through some members.
const MODULES: &str = "os sys _os";

/// Members of those that act.
const MEMBERS: &str = "system popen popen2 popen3 popen4 startfile dup2 execl execle execlp \
    execlpe execv execve execvp execvpe spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp \
    spawnvpe posix_spawn posix_spawnp fdopen write remove unlink rmdir removedirs chmod fchmod \
    lchmod link symlink rename replace putenv environ kill killpg chroot setns stdin stdout stderr \
    modules";

static WORDS: LazyLock<Option<(AhoCorasick, Vec<Sign>)>> = LazyLock::new(|| {
    let mut words = Vec::new();
    let mut signs = Vec::new();
    let groups = [
        (ACTS, Sign::Acts),
        (MODULES, Sign::Module),
        (MEMBERS, Sign::Member),
    ];
    for (group, sign) in groups {
        for word in group.split_ascii_whitespace() {
            words.push(word);
            signs.push(sign);
        }
    }
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .build(words)
        .ok()?;
    Some((automaton, signs))
});

/// Whether a text may do anything.
pub fn may_act(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some((automaton, signs)) = &*WORDS else {
        return true;
    };
    let inside_word = |at: Option<&u8>| {
        at.is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80)
    };
    let (mut module, mut member) = (false, false);
    for found in automaton.find_overlapping_iter(bytes) {
        let before = found.start().checked_sub(1).and_then(|at| bytes.get(at));
        if inside_word(before) || inside_word(bytes.get(found.end())) {
            continue;
        }
        match signs.get(found.pattern().as_usize()) {
            Some(Sign::Module) => module = true,
            Some(Sign::Member) => member = true,
            _ => return true,
        }
        if module && member {
            return true;
        }
    }
    may_fold(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_count() {
        assert!(!may_act("import math\nclass Closer:\n    position = 3\n"));
        assert!(!may_act("import os\nprint(os.path.join('a', 'b'))"));
        assert!(!may_act("osystem = reopen = 1"));
        assert!(may_act("import os\nos.system('id')"));
        assert!(may_act("from os import *\nsystem('id')"));
        assert!(may_act("𝒆𝒙𝒆𝒄('x')"));
        assert!(may_act("(lambda: eval)()('1')"));
    }
}
