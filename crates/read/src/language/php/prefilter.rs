//! Texts that cannot do anything, told without parsing.
//!
//! An act needs a function or a construct that does something, called by its name, or by a value
//! that stands where a function's name would. So a text is read if one of these stands in it:
//!
//! - a function (or word) that acts, as a word before a parenthesis, quote, variable or sign;
//! - a call of what is no name: `$f(`, `](`, `}(`, `)(`, `'…'(`;
//! - a function that calls others by their names (`array_map`, `usort` …), where the text also has
//!   something that comes from a request or is decoded: with a function of the program or a literal
//!   of another, that is told by the other two.
//!
//! Names that are put together are strings, and become functions only through these.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

/// Functions and constructs that act.
const ACTING: &str = "eval assert create_function system exec shell_exec passthru popen proc_open \
    pcntl_exec pcntl_fork fsockopen pfsockopen stream_socket_client stream_socket_server \
    socket_create socket_create_listen curl_exec curl_init curl_multi_exec ftp_connect ssh2_connect \
    file_put_contents fwrite fputs move_uploaded_file chmod unlink symlink putenv mail mb_send_mail \
    dl ffi_load posix_kill preg_replace mb_ereg_replace extract parse_str unserialize \
    reflectionfunction reflectionmethod ffi call_user_func call_user_func_array ob_start \
    register_shutdown_function register_tick_function array_map array_filter array_walk \
    array_walk_recursive array_reduce usort uasort uksort iterator_apply array_udiff \
    array_uintersect array_diff_ukey preg_replace_callback filter_var forward_static_call \
    forward_static_call_array array_diff_uassoc array_intersect_ukey array_udiff_assoc \
    set_error_handler spl_autoload_register gzwrite bzwrite readfile fpassthru copy rename link \
    file_get_contents fopen file gzopen include include_once require require_once";

/// Functions that act only on what comes from elsewhere, and those that call others.
const INDIRECT: &str = "extract parse_str unserialize call_user_func call_user_func_array ob_start \
    register_shutdown_function register_tick_function array_map array_filter array_walk \
    array_walk_recursive array_reduce usort uasort uksort iterator_apply array_udiff \
    array_uintersect array_diff_ukey preg_replace_callback preg_replace mb_ereg_replace filter_var \
    forward_static_call forward_static_call_array array_diff_uassoc array_intersect_ukey \
    array_udiff_assoc set_error_handler spl_autoload_register include include_once require \
    require_once file_get_contents fopen file gzopen readfile fpassthru copy rename link unlink \
    chmod fwrite fputs file_put_contents gzwrite bzwrite symlink mail mb_send_mail assert";

/// What lets such a function act: input of a request, code or text that is hidden or comes from
/// elsewhere, paths and programs that matter.
const ENABLING: &str = "_GET _POST _REQUEST _COOKIE _FILES _SERVER GLOBALS php://input data: http:// \
    https:// ftp:// php://filter base64_decode gzinflate gzuncompress gzdecode str_rot13 hex2bin \
    convert_uudecode strrev pack( chr( \\x \\1 getallheaders apache_request_headers filter_input \
    getenv bin/ /etc/ /proc/ /root/ /var/spool /tmp /dev/shm authorized_keys base_convert implode \
    join str_replace strtr substr crontab HTTP_RAW_POST_DATA urldecode /e' /e\" /ie /se";

static WORDS: LazyLock<Option<(AhoCorasick, Vec<bool>)>> = LazyLock::new(|| {
    let words: Vec<&str> = ACTING.split_ascii_whitespace().collect();
    let indirect: Vec<&str> = INDIRECT.split_ascii_whitespace().collect();
    let is_indirect = words.iter().map(|word| indirect.contains(word)).collect();
    let automaton = AhoCorasickBuilder::new()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(words)
        .ok()?;
    Some((automaton, is_indirect))
});

static SOURCES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasickBuilder::new()
        .ascii_case_insensitive(true)
        .build(ENABLING.split_ascii_whitespace())
        .ok()
});

/// Whether a text has a tag that begins code.
pub fn has_open_tag(text: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), "<?").any(|at| {
        !text
            .get(at + 2..)
            .is_some_and(|rest| rest.starts_with("xml"))
    }) || has_script_tag(text)
}

/// `<script language="php">` of old versions.
fn has_script_tag(text: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), "<script").any(|at| {
        let tag = text.get(at..).and_then(|rest| rest.split('>').next());
        tag.is_some_and(|tag| tag.contains("language") && tag.contains("php"))
    })
}

/// Whether a text may do anything.
pub fn may_act(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some((automaton, is_indirect)), Some(sources)) = (&*WORDS, &*SOURCES) else {
        return true;
    };
    if has_computed_call(bytes) {
        return true;
    }
    let mut enabled = None;
    for found in automaton.find_iter(bytes) {
        let (before, rest) = bytes.split_at(found.start());
        let after = rest.get(found.len()..).unwrap_or_default();
        if !is_used(before, after) {
            continue;
        }
        let is_indirect = is_indirect.get(found.pattern().as_usize()).copied();
        if is_indirect != Some(true) || *enabled.get_or_insert_with(|| sources.is_match(bytes)) {
            return true;
        }
    }
    // Commands in backticks.
    memchr::memchr_iter(b'`', bytes).any(|at| {
        let before = bytes.get(..at).unwrap_or_default().trim_ascii_end();
        matches!(
            before.last(),
            Some(b'=' | b'(' | b';' | b'.' | b',' | b'@' | b'{' | b'?')
        ) || before.ends_with(b"echo")
            || before.ends_with(b"print")
            || before.ends_with(b"return")
            || before.ends_with(b"php")
    })
}

/// Whether a word that acts is used here: called, or handed on as a text.
fn is_used(before: &[u8], after: &[u8]) -> bool {
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    if before.last().is_some_and(inside) || after.first().is_some_and(inside) {
        return false;
    }
    match before.last() {
        Some(b'$' | b'>') if before.ends_with(b"->") || before.ends_with(b"$") => false,
        Some(b':') => false,
        Some(b'\'' | b'"') => true,
        _ => {
            let next = after.trim_ascii_start().first();
            matches!(
                next,
                Some(b'(' | b'\'' | b'"' | b'$' | b'/' | b'`' | b'\\' | b'#')
            )
        }
    }
}

/// Whether something is called that is no name: `$f(…)`, `$a['x'](…)`, `(…)(…)`, `"…"(…)`,
/// `$$x`, `${…}`, and whether a class is named by a value.
fn has_computed_call(bytes: &[u8]) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    memchr::memchr_iter(b'(', bytes).any(|at| {
        let before = bytes.get(..at).unwrap_or_default().trim_ascii_end();
        match before.last() {
            Some(b']' | b'}' | b'\'' | b'"') => !is_block(before),
            Some(b')') => true,
            Some(&last) if is_word(last) => {
                let start = before.iter().rposition(|byte| !is_word(*byte));
                let Some(start) = start else {
                    return false;
                };
                // `$f(`, but not `$this->f(`, which `new $f(` and `$a->$f(` are.
                before.get(start) == Some(&b'$')
            }
            _ => false,
        }
    })
}

/// Whether a brace before a parenthesis ends a block: another statement begins there.
fn is_block(before: &[u8]) -> bool {
    before.ends_with(b"}") && {
        let tail = before
            .get(before.len().saturating_sub(64)..)
            .unwrap_or_default();
        tail.contains(&b';') || tail.contains(&b'\n')
    }
}
