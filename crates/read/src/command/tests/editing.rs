//! Text edited line by line.

use model::{Provenance, Value};

use super::*;

#[test]
fn characters_are_exchanged_and_picked() {
    check_prints(&[
        ("tr a-z n-za-m", "uryyb\n", "hello\n"),
        ("tr 'A-Za-z' 'N-ZA-Mn-za-m'", "Uryyb", "Hello"),
        ("tr -d '\\n'", "a\nb\n", "ab"),
        ("tr '[:lower:]' '[:upper:]'", "abc", "ABC"),
        ("tr -d '#'", "c#u#r#l", "curl"),
        ("tr -cd 'a-z'", "a1b2", "ab"),
        ("tr -s ' '", "a   b", "a b"),
        ("tr '\\040' '\\012'", "a b", "a\nb"),
        ("tr -dc '[:print:]'", "a\u{1}b", "ab"),
        ("rev", "cba\nfed\n", "abc\ndef\n"),
        ("tac", "a\nb\n", "b\na\n"),
        ("cut -c 2-3,5", "abcdef\n", "bce\n"),
        ("cut -d: -f1", "a:b:c\n", "a\n"),
        ("cut -d ' ' -f 2-", "a b c\n", "b c\n"),
        ("fold -w2", "abcde\n", "ab\ncd\ne\n"),
    ]);
    assert!(prints("tr a-z n-za-m", "x").was_decoded());
    assert!(!prints("tr -d '\\n'", "x").was_decoded());
    assert!(!prints("tr '[:lower:]' '[:upper:]'", "x").was_decoded());
}

#[test]
fn sed_edits() {
    check_prints(&[
        ("sed s/a/b/", "aa\n", "ba\n"),
        ("sed 's/a/b/g'", "aa\n", "bb\n"),
        ("sed -e s/a/b/ -e s/b/c/", "a\n", "c\n"),
        ("sed 's/a/b/;s#b#c#'", "a\n", "c\n"),
        ("sed -E 's/(a+)(b)/\\2\\1/'", "aab\n", "baa\n"),
        ("sed 's/\\(a*\\)b/[\\1&]/'", "aab", "[aaaab]"),
        ("sed -n 2p", "a\nb\nc\n", "b\n"),
        ("sed 1d", "a\nb\n", "b\n"),
        ("sed '1,2d'", "a\nb\nc\n", "c\n"),
        ("sed '$d'", "a\nb\n", "a\n"),
        ("sed '/^#/d'", "#a\nb\n", "b\n"),
        ("sed '/^#/!d'", "#a\nb\n", "#a\n"),
        ("sed -n '/b/,/c/p'", "a\nb\nx\nc\nd\n", "b\nx\nc\n"),
        ("sed y/abc/xyz/", "cab\n", "zxy\n"),
        ("sed '1i x'", "a\n", "x\na\n"),
        ("sed '$a x'", "a\n", "a\nx\n"),
        ("sed 2q", "a\nb\nc\n", "a\nb\n"),
        ("sed 's/x*/-/g'", "ab", "-a-b-"),
        ("sed 's/A/b/I'", "a", "b"),
        ("sed s/a/b/2", "aaa", "aba"),
    ]);
    check(&[
        (
            "sed -i '$a 192.0.2.1 h' /etc/hosts",
            "write /etc/hosts >> `192.0.2.1 h\n`",
        ),
        (
            "sed -n '1e id' /etc/hosts",
            "evaluate shell `id` ; read /etc/hosts",
        ),
    ]);
    let write = |world: &mut World| world.remember(&"/tmp/x".into(), "HOST=0\n".into(), false);
    let acts = outcome(write, "sed -i s/0/h.example/ /tmp/x", None).acts;
    assert_eq!(acts, ["write /tmp/x > `HOST=h.example\n`"]);
}

#[test]
fn lines_are_picked_and_ordered() {
    check_prints(&[
        ("head -1", "a\nb\n", "a\n"),
        ("head -n 2", "a\nb\nc\n", "a\nb\n"),
        ("head -c 3", "abcdef", "abc"),
        ("head -n -1", "a\nb\n", "a\n"),
        ("tail -n 1", "a\nb\n", "b\n"),
        ("tail -n +2", "a\nb\nc\n", "b\nc\n"),
        ("tail -c 2", "abc", "bc"),
        ("grep b", "a\nb\n", "b\n"),
        ("grep -v b", "a\nb\n", "a\n"),
        ("grep -oE '[0-9]+'", "a12b\n", "12\n"),
        ("grep -iF A.B", "a.b\naxb\n", "a.b\n"),
        ("egrep 'a|c'", "a\nb\nc\n", "a\nc\n"),
        ("sort", "b\na\n", "a\nb\n"),
        ("sort -rn", "2\n10\n1\n", "10\n2\n1\n"),
        ("sort -u", "b\na\nb\n", "a\nb\n"),
        ("uniq", "a\na\nb\n", "a\nb\n"),
        ("wc -c", "abc", "3\n"),
        ("wc -l", "a\nb\n", "2\n"),
        ("paste -sd ''", "a\nb\n", "ab\n"),
        ("paste -s -d,", "a\nb\n", "a,b\n"),
        ("awk '{print $2}'", "a b c\n", "b\n"),
        ("awk -F: '{ print $1, $3 }'", "a:b:c\n", "a c\n"),
        ("strings", "\u{1}abcd\u{2}ab\u{3}", "abcd\n"),
        ("seq 3", "", "1\n2\n3\n"),
        ("seq -s ' ' 1 2 5", "", "1 3 5\n"),
        ("basename /a/b.sh .sh", "", "b\n"),
        ("dirname /a/b.sh", "", "/a\n"),
        ("expr 2 + 3", "", "5\n"),
        ("expr substr abcdef 2 3", "", "bcd\n"),
    ]);
}

#[test]
fn programs_of_awk_are_code() {
    let code = "BEGIN{system(c)}";
    check(&[
        (
            &format!("awk -v c=zd '{code}'"),
            &format!(
                "evaluate awk `BEGIN {{ c = \"zd\" }}; {code}` ; evaluate shell `zd` ; execute zd"
            ),
        ),
        ("awk '{print $1}' /etc/passwd", "read /etc/passwd"),
    ]);
}

#[test]
fn picking_from_what_is_not_known_keeps_where_it_comes_from() {
    let fetched = Value::unknown(Provenance::Fetched("u".to_owned()));
    for line in [
        "sed s/a/b/",
        "tail -n +2",
        "tr -d x",
        "grep x",
        "awk '{print $1}'",
        "sort -u",
        "cut -c1",
        "jq -r .x",
        "rev",
        "head -c 10",
        "xargs echo",
    ] {
        let printed = outcome(|_| {}, line, Some(fetched.clone())).printed;
        assert!(!printed.known, "{line}");
        assert_eq!(printed.fetched_from(), Some("u"), "{line}");
    }
}
