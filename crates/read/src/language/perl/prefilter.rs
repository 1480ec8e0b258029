//! Texts that cannot do anything, told without parsing.
//!
//! An act needs a function or class that does something, by a word of the text, or code that is
//! evaluated. Half of all modules have one of these words in their documentation only, which is not
//! looked at; what is behind `__END__` is documentation as well, or data.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

const WORDS: &str = "system exec qx fork open sysopen popen socket connect IO::Socket open2 open3 \
    IPC:: eval do require unlink chmod kill syscall LWP HTTP:: Net:: WWW:: getstore Socket:: \
    fdopen dup2 Proc:: Expect File::Copy Filter:: Acme:: readpipe symlink rename ENV";

static AUTOMATON: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(WORDS.split_ascii_whitespace()).ok());

/// Whether a text may do anything.
pub fn may_act(text: &str) -> bool {
    let Some(automaton) = &*AUTOMATON else {
        return true;
    };
    let bytes = text.as_bytes();
    let bytes = bytes.get(..code_end(bytes)).unwrap_or(bytes);
    for found in automaton.find_overlapping_iter(bytes) {
        let (before, rest) = bytes.split_at(found.start());
        let (word, after) = rest.split_at(found.len());
        if is_used(before, word, after) && !in_documentation(before) {
            return true;
        }
    }
    memchr::memchr_iter(b'`', bytes).any(|at| {
        let all = bytes.get(..at).unwrap_or_default();
        let before = all.trim_ascii_end();
        let begins = matches!(
            before.last(),
            None | Some(b'=' | b'(' | b',' | b'.' | b';' | b'{' | b'@' | b'[')
        ) || [
            &b"print"[..],
            b"return",
            b"chomp",
            b"split",
            b"join",
            b"in",
            b"or",
            b"and",
        ]
        .iter()
        .any(|word| before.ends_with(word));
        begins && !in_documentation(all)
    }) || memchr::memmem::find(bytes, b"/e").is_some()
        && memchr::memmem::find(bytes, b"ee").is_some()
}

/// Whether a word is used as a function, class or construct here.
fn is_used(before: &[u8], word: &[u8], after: &[u8]) -> bool {
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    if before.last().is_some_and(inside)
        || !word.ends_with(b"::") && after.first().is_some_and(inside)
    {
        return false;
    }
    let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let line = before.get(start..).unwrap_or_default();
    if line.trim_ascii_start().starts_with(b"#") {
        return false;
    }
    let marked = matches!(before.last(), Some(b'$' | b'@' | b'%' | b'-'));
    match word {
        // Blocks and files that are there anyway are no acts: only texts that are evaluated.
        b"eval" => !marked && !after.trim_ascii_start().starts_with(b"{"),
        b"do" => {
            let next = after.trim_ascii_start().first();
            !marked && matches!(next, Some(b'$' | b'"' | b'\'' | b'('))
        }
        b"require" => {
            let next = after.trim_ascii_start().first();
            !marked && matches!(next, Some(b'$' | b'"' | b'\''))
        }
        b"ENV" => {
            // Reading the environment is no act.
            before.last() == Some(&b'$')
                && after
                    .iter()
                    .position(|byte| *byte == b'}')
                    .is_some_and(|close| {
                        let rest = after
                            .get(close + 1..)
                            .unwrap_or_default()
                            .trim_ascii_start();
                        rest.starts_with(b"=")
                            && !rest.starts_with(b"==")
                            && !rest.starts_with(b"=~")
                    })
        }
        _ if word.ends_with(b"::") || word == b"LWP" => true,
        _ => {
            if before.last() == Some(&b'>') || marked {
                return word == b"fdopen";
            }
            // A key, or prose in a text.
            let rest = after.trim_ascii_start();
            !(rest.starts_with(b"=>") || rest.starts_with(b"}") && before.last() == Some(&b'{'))
        }
    }
}

/// Where the code of a text ends: behind it is documentation, or data that nothing reads.
fn code_end(bytes: &[u8]) -> usize {
    let ends = [&b"\n__END__"[..], b"\n__DATA__"].map(|end| memchr::memmem::find(bytes, end));
    match ends.into_iter().flatten().min() {
        // Data may be read and evaluated.
        Some(end) if memchr::memmem::find(bytes, b"DATA>").is_none() => end,
        _ => bytes.len(),
    }
}

/// Whether the last directive before a byte begins documentation.
fn in_documentation(before: &[u8]) -> bool {
    let Some(begin) = memchr::memmem::rfind(before, b"\n=") else {
        return before.starts_with(b"=") && memchr::memmem::find(before, b"\n=cut").is_none();
    };
    let line = before.get(begin + 2..).unwrap_or_default();
    line.first().is_some_and(u8::is_ascii_alphabetic) && !line.starts_with(b"cut")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_speaks_of_acting_is_passed_over() {
        for text in [
            "package A;\n=head1 X\n\nsystem('x')\n\n=cut\n1;\n",
            "my %h = (open => 1, exec => 2); $self->open(1);",
            "eval { require Foo; 1 } or die;",
            "# system('x')\n1;",
            "1;\n__END__\nsystem 'x'",
            "my $home = $ENV{HOME};",
        ] {
            assert!(!may_act(text), "{text}");
        }
    }

    #[test]
    fn whatever_may_act_is_read() {
        for text in [
            "system 'id'",
            "=pod\n\nx\n\n=cut\n\nexec('id')",
            "my $x = `id`;",
            "eval $code",
            "use IO::Socket::INET;",
            "STDIN->fdopen($c,r)",
            "$ENV{LD_PRELOAD} = '/tmp/x.so'",
            "eval join '', <DATA>;\n__END__\nsystem 'x'",
        ] {
            assert!(may_act(text), "{text}");
        }
    }
}
