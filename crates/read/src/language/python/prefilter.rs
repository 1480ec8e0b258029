//! Texts that cannot do anything, told without parsing.
//!
//! An act needs a call of something this front-end models, and every such thing is reached through
//! a name that stands in the text as a word:
//!
//! - a built-in function that acts (`exec`, `open` …), called by name or passed on as a value;
//! - a module, in an `import` statement or as an attribute of another module (`shutil.os`);
//! - one of the names that take names from values (`__import__`, `getattr`, `globals` …), behind
//!   which anything may hide. Escapes in strings need not be looked into: strings become names
//!   only through these.
//!
//! Identifiers that only fold to such a name (`𝒆𝒙𝒆𝒄`) are looked for by their blocks of Unicode.
//!
//! `os` and `sys` are imported by half of all files, mostly for what does nothing that is told
//! (`os.path`). For them a member that acts must be named as well: directly (`os.system`), or
//! anywhere if the module goes by another name or its members by theirs (`import os as o`,
//! `from os import system`, `x = os`). So a text that is passed over does no act; the tests of the
//! front-end all go through here.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::names::may_fold;

/// How a word counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// Anything may happen.
    Anything,
    /// A built-in function that acts.
    Builtin,
    /// A module that acts.
    Library,
    /// A module of which some members act.
    System,
    /// Such a member.
    Member,
}

const ANYTHING: &str = "__import__ getattr globals locals vars __builtins__ __builtin__ builtins \
    __globals__ __subclasses__ importlib import_module FunctionType LambdaType CodeType libc";

const BUILTINS: &str = "exec eval execfile open file breakpoint";

const LIBRARIES: &str = "imp runpy socket _socket ssl socketserver SocketServer subprocess \
    subprocess32 _posixsubprocess commands popen2 pty pexpect ptyprocess asyncio urllib urllib2 \
    urllib3 httplib httplib2 http requests httpx grequests aiohttp treq asks curl_cffi \
    cloudscraper mechanize tornado wget ftplib smtplib poplib imaplib telnetlib paramiko ctypes \
    shutil pathlib pathlib2 codecs io _io tempfile pickle cPickle dill cloudpickle jsonpickle yaml \
    marshal code gevent eventlet six aiofiles BaseHTTPServer SimpleHTTPServer wsgiref xmlrpc sh \
    gzip bz2 lzma fileinput setproctitle prctl docker podman";

const SYSTEM: &str = "os sys _os _sys posix nt platform";

const MEMBERS: &str = "system popen popen2 popen3 popen4 startfile dup2 execl execle execlp \
    execlpe execv execve execvp execvpe spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp \
    spawnvpe posix_spawn posix_spawnp fdopen write remove unlink rmdir removedirs chmod fchmod \
    lchmod link symlink rename replace putenv environ kill killpg chroot setns memfd_create modules __dict__ \
    __getattribute__ attrgetter methodcaller";

/// How far back the beginning of a statement is looked for, in bytes; beyond, it is taken for one
/// that counts.
const LOOK_BACK: usize = 512;

static WORDS: LazyLock<Option<(AhoCorasick, Vec<Sign>)>> = LazyLock::new(|| {
    let groups = [
        (ANYTHING, Sign::Anything),
        (BUILTINS, Sign::Builtin),
        (LIBRARIES, Sign::Library),
        (SYSTEM, Sign::System),
        (MEMBERS, Sign::Member),
    ];
    let signs_of = |(group, sign): &(&'static str, Sign)| {
        let sign = *sign;
        group.split_ascii_whitespace().map(move |word| (word, sign))
    };
    let (words, signs): (Vec<&str>, Vec<Sign>) = groups.iter().flat_map(signs_of).unzip();
    Some((AhoCorasick::new(words).ok()?, signs))
});

/// What was seen of modules of which some members act.
#[derive(Debug, Default)]
struct Seen {
    /// One goes by another name, or its members by theirs.
    alias: bool,
    /// A member is named somewhere.
    member: bool,
}

/// Whether a text may do anything.
pub fn may_act(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some((automaton, signs)) = &*WORDS else {
        return true;
    };
    let mut seen = Seen::default();
    for found in automaton.find_overlapping_iter(bytes) {
        let (before, rest) = bytes.split_at(found.start());
        let (word, after) = rest.split_at(found.len());
        if before.last().is_some_and(inside_word) || after.first().is_some_and(inside_word) {
            continue;
        }
        let sign = signs.get(found.pattern().as_usize());
        let acts = match sign.copied().unwrap_or(Sign::Anything) {
            Sign::Anything => true,
            Sign::Builtin if is_builtin_use(before, after) => true,
            // `os.open`
            Sign::Builtin => member(before, word, after, &mut seen),
            Sign::Library => before.ends_with(b".") || in_import(before).is_some(),
            Sign::System => {
                seen.alias |= is_alias(before, after);
                seen.alias && seen.member
            }
            Sign::Member => member(before, word, after, &mut seen),
        };
        if acts {
            return true;
        }
    }
    may_fold(bytes)
}

/// Whether compiled code may do anything, by the names that stand in it.
pub fn may_act_by_names(names: &[std::rc::Rc<str>]) -> bool {
    let in_group = |group: &'static str, name: &str| {
        let mut words = group.split_ascii_whitespace();
        words.any(|word| name.split('.').any(|part| part == word))
    };
    let any = |group| names.iter().any(|name| in_group(group, name));
    let acts = [ANYTHING, BUILTINS, LIBRARIES].into_iter().any(any);
    acts || any(SYSTEM) && any(MEMBERS)
}

fn inside_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80
}

/// Whether a built-in function's name is that function here: called, or where a value stands. It
/// is an attribute of something else behind a dot, and prose behind most words.
fn is_builtin_use(before: &[u8], after: &[u8]) -> bool {
    const KEYWORDS: [&[u8]; 20] = [
        b"return", b"yield", b"else", b"in", b"and", b"or", b"not", b"lambda", b"is", b"if",
        b"import", b"await", b"print", b"exec", b"as", b"while", b"assert", b"del", b"raise",
        b"elif",
    ];
    let line = before.trim_ascii_end();
    if line.last() == Some(&b'.') {
        return false;
    }
    if after.trim_ascii_start().first() == Some(&b'(') || line.len() == before.len() {
        return true;
    }
    let start = line.iter().rposition(|byte| !inside_word(byte));
    let word = line.get(start.map_or(0, |at| at + 1)..).unwrap_or_default();
    let same_line = !before
        .get(line.len()..)
        .unwrap_or_default()
        .contains(&b'\n');
    !same_line || word.is_empty() || KEYWORDS.contains(&word)
}

/// The statement up to a word, if it is one that imports; also if where it begins cannot be told.
fn in_import(before: &[u8]) -> Option<&[u8]> {
    let near = before.get(before.len().saturating_sub(LOOK_BACK)..)?;
    let start = near
        .iter()
        .rposition(|byte| matches!(byte, b'\n' | b'\r' | b';'));
    let line = match start {
        Some(at) => near.get(at + 1..)?,
        None if near.len() == before.len() => near,
        None => return Some(near),
    };
    let continued = || {
        let above = near.get(..start.unwrap_or(0)).unwrap_or_default();
        above.trim_ascii_end().ends_with(b"\\")
    };
    let imports = memchr::memmem::find(line, b"import").is_some()
        || memchr::memmem::find(line, b"from").is_some()
        || continued();
    imports.then_some(line)
}

/// Whether a module's name gives it, or its members, another name.
fn is_alias(before: &[u8], after: &[u8]) -> bool {
    match in_import(before) {
        Some(_) => {
            let end = memchr::memchr2(b'\n', b';', after).unwrap_or(after.len());
            let line = after.get(..end).unwrap_or_default();
            memchr::memmem::find(line, b" as ").is_some()
                || memchr::memmem::find(line, b"import").is_some()
                || line.contains(&b'\\')
        }
        None => after.first() != Some(&b'.'),
    }
}

/// Whether a member that acts is one of a module of which some members act.
fn member(before: &[u8], word: &[u8], after: &[u8], seen: &mut Seen) -> bool {
    const MODULES: [&[u8]; 5] = [b"os.", b"sys.", b"posix.", b"nt.", b"platform."];
    // Reading the environment is no act.
    if word == b"environ" && (after.starts_with(b".get(") || after.starts_with(b".copy(")) {
        return false;
    }
    if MODULES.iter().any(|module| before.ends_with(module)) {
        return true;
    }
    seen.member = true;
    let spaced = before.last().is_some_and(u8::is_ascii_whitespace)
        && before.trim_ascii_end().ends_with(b".");
    seen.alias || spaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_looks_like_acting_is_passed_over() {
        for text in [
            "import math\nclass Closer:\n    position = 3\n",
            "import os\nprint(os.path.join('a', 'b').replace('c', 'd'))",
            "import os, sys\nx = os.environ.get('A')\nsys.exit(1)",
            "osystem = reopen = 1",
            "# the open file of this code, see http://example.com for types\nx = self.input.file",
            "import re\nre.compile('a')\nself.exec_module()",
        ] {
            assert!(!may_act(text), "{text}");
        }
    }

    #[test]
    fn whatever_may_act_is_read() {
        for text in [
            "import os\nos.system('id')",
            "import os as o\no.system('id')",
            "from os import *\nsystem('id')",
            "from os import system as s\ns('id')",
            "import os\nx = os\nx.remove('a')",
            "import os\nos . system('id')",
            "import \\\n os as x\nx.kill(1, 9)",
            "𝒆𝒙𝒆𝒄('x')",
            "(lambda: eval)()('1')",
            "exec code",
            "f = open\nf('x')",
            "[file][0]('x')",
            "import random\nrandom._os.system('x')",
            "import a, socket",
            "from six.moves import urllib",
            "x = 1; import pty",
            "import os\nos.environ['A'] = 'b'",
            "import shutil\nshutil.os.remove('x')",
        ] {
            assert!(may_act(text), "{text}");
        }
        assert!(may_act(&format!("{}import pty", " ".repeat(2 * LOOK_BACK))));
    }
}
