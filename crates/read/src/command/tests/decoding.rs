//! Text printed, decoded and transformed.

use model::{Provenance, Value};

use super::*;

#[test]
fn echo_and_printf_print_what_they_do() {
    check_prints(&[
        ("echo a  b", "", "a b\n"),
        ("echo -n a", "", "a"),
        ("echo -e 'a\\tb\\x41\\0101\\u0042'", "", "a\tbAAB\n"),
        ("echo -ne 'a\\n\\cb'", "", "a\n"),
        ("echo 'a\\n'", "", "a\\n\n"),
        ("echo -x", "", "-x\n"),
        ("printf '%s-%d|' a 1 b 2", "", "a-1|b-2|"),
        ("printf '\\x68\\151\\n'", "", "hi\n"),
        ("printf %b 'a\\nb\\x41'", "", "a\nbA"),
        (
            "printf '%05d %-3s|%x %o %c%%' 42 a 255 8 xyz",
            "",
            "00042 a  |ff 10 x%",
        ),
        ("printf '%.2s' abc", "", "ab"),
        ("printf %d 0x1f", "", "31"),
        ("printf -- x", "", "x"),
        ("printf '\\u00e9'", "", "é"),
        ("true a b", "", ""),
    ]);
}

#[test]
fn encodings_are_undone() {
    check_prints(&[
        ("base64 -d", "aGVsbG8K\n", "hello\n"),
        ("base64 --decode", "aGVsbG8K", "hello\n"),
        ("base64 -di", "a#GVsbG8K", "hello\n"),
        ("base64 -D", "aGVsbG8K", "hello\n"),
        ("base64 --dec", "aGVsbG8K", "hello\n"),
        ("busybox base64 -d", "aGVsbG8K", "hello\n"),
        ("python3 -m base64 -d", "aGVsbG8K", "hello\n"),
        ("base64 -w0", "hello\n", "aGVsbG8K"),
        ("base64", "hello\n", "aGVsbG8K\n"),
        ("base32 -d", "NBUQ====", "hi"),
        ("basenc --base16 -d", "6869", "hi"),
        ("openssl base64 -d", "aGVsbG8K", "hello\n"),
        ("openssl enc -base64 -d -A", "aGVsbG8K", "hello\n"),
        ("openssl enc -d -a", "aGVsbG8K", "hello\n"),
        ("xxd -r -p", "68656c6c6f", "hello"),
        ("xxd -rp", "68 65", "he"),
        ("xxd -ps -r", "6865", "he"),
        ("xxd -r", "00000000: 6869 0a   hi.\n", "hi\n"),
        ("xxd -p", "hi", "6869\n"),
        (
            "uudecode -o /dev/stdout",
            "begin 644 f\n#0V%T\n`\nend\n",
            "Cat",
        ),
        ("rot13", "uryyb", "hello"),
    ]);
    let from = prints("base64 -d", "aGVsbG8K").from;
    assert_eq!(from, [Provenance::Decoded("base64".to_owned())]);
}

#[test]
fn compressed_text_is_unpacked() {
    // printf 'id\n' | gzip | base64
    let gzipped = prints("base64 -d", "H4sIAAAAAAAAA8tM4QIAdGZXEgMAAAA=");
    for line in [
        "gunzip",
        "gzip -dc",
        "zcat",
        "gzip -cd -",
        "busybox gunzip -c",
        "pigz -d",
    ] {
        let printed = outcome(|_| {}, line, Some(gzipped.clone())).printed;
        assert_eq!(printed.as_known(), Some("id\n"), "{line}");
        let schemes = [
            Provenance::Decoded("base64".to_owned()),
            Provenance::Decoded("gzip".to_owned()),
        ];
        assert_eq!(printed.from, schemes, "{line}");
    }
}

#[test]
fn what_is_not_known_keeps_where_it_comes_from() {
    let fetched = Value::unknown(Provenance::Fetched("http://h/x".to_owned()));
    for line in [
        "base64 -d",
        "gunzip",
        "cat",
        "openssl enc -d -aes-256-cbc -k x",
        "xxd -r -p",
    ] {
        let printed = outcome(|_| {}, line, Some(fetched.clone())).printed;
        assert!(!printed.known, "{line}");
        assert_eq!(printed.fetched_from(), Some("http://h/x"), "{line}");
    }
    let printed = prints("openssl enc -aes-256-cbc -d -a -k x", "U2FsdGVk");
    assert!(!printed.known && printed.was_decoded());
}

#[test]
fn files_are_read_and_written() {
    check(&[
        ("cat /etc/shadow", "read /etc/shadow"),
        ("base64 /root/.ssh/id_rsa", "read /root/.ssh/id_rsa"),
        (
            "openssl base64 -d -in /tmp/a -out /tmp/b",
            "read /tmp/a ; write /tmp/b > `{content of /tmp/a}`",
        ),
    ]);
    let written = outcome(
        |world| world.remember(&"/tmp/a".into(), "aGk=".into(), false),
        "base64 -d /tmp/a",
        None,
    );
    assert_eq!(
        (written.acts.len(), written.printed.text.as_str()),
        (0, "hi")
    );
}
