//! Texts that are meant to exhaust the reader.

use proptest::prelude::*;

use super::lowered;

/// Runs on a stack no larger than a worker thread's.
fn survives(script: String) {
    let thread = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(move || lowered(&script).gaps.len());
    thread.unwrap().join().unwrap();
}

#[test]
fn nesting_does_not_exhaust_the_stack() {
    const MANY: usize = 200_000;
    for part in [
        "(", "f(", "[", "{", "not ", "-", "lambda: ", "x if ", "f'{", "a.b(", "*", "await ",
    ] {
        survives(format!("import os\nx = {}", part.repeat(MANY)));
    }
    survives(format!(
        "import os\nx = {}1{}",
        "(".repeat(MANY),
        ")".repeat(MANY)
    ));
    survives(format!(
        "import os\nx = {}1{}",
        "f(".repeat(1000),
        ")".repeat(1000)
    ));
    survives(format!("import os\nx = a{}", ".b".repeat(MANY)));
    survives(format!("import os\nx = a{}", "()".repeat(MANY)));
    survives(format!("import os\nx = 1{}", "+1".repeat(MANY)));
    survives(format!("import os\nx = 1{}", " and 1".repeat(MANY)));
    survives(format!("import os\nx = 1{}", " if x else 1".repeat(MANY)));
    survives(format!("import os\nx {}= 1", "= x ".repeat(MANY)));
    let blocks: String = (0..2000)
        .map(|depth| format!("{}if x:\n", " ".repeat(depth)))
        .collect();
    survives(format!("import os\n{blocks}"));
    let calls: String = (0..300)
        .map(|n| format!("def f{n}(x): return f{}(x) + f{}(x)\n", n + 1, n + 1))
        .collect();
    survives(format!("import os\n{calls}f0(os)"));
}

#[test]
fn recursion_in_the_program_ends() {
    survives("import os\ndef f(n):\n    return f(n + 1) + f(n + 2)\nf(0)".to_owned());
    survives("exec('x = 1')\ns = 'exec(s)'\nexec(s)".to_owned());
    survives("s = 'x = [exec(s) for i in (1, 2)]'\nexec(s)".to_owned());
    survives("(lambda x: x(x))(lambda x: x(x)); open".to_owned());
    survives("class A(A): pass\nA().x; open".to_owned());
    survives(
        "import os\nd = {}\nd['d'] = d\nprint(d, [d])\nl = []\nl.append(l)\nos.system(str(l))"
            .to_owned(),
    );
    survives("import os\nwhile True:\n    pass".to_owned());
    survives("import os\nx = 'a'\nfor i in range(1000):\n    x = x + x\nos.system(x)".to_owned());
    survives(
        "import os\nx = 'a' * 10 ** 12\ny = [0] * 10 ** 12\nz = 1 << 10 ** 9\nw = 9 ** 9 ** 9"
            .to_owned(),
    );
    survives("import os\nx = '%999999999d' % 1\ny = '{:>999999999}'.format(1)".to_owned());
    survives(
        "import os\n[a for a in range(10**5) for b in range(10**5) for c in range(10**5)]"
            .to_owned(),
    );
    survives(
        "import os\nos.system('python3 -c \"import os; os.system(\\'python3 x\\')\"')".to_owned(),
    );
}

#[test]
fn long_texts_are_paid_for() {
    let big = "import os\nx = 'a' * 4000000\ny = 'a' * 4000000\n";
    for rest in [
        "[f(x) for i in range(100000)]",
        "l = [x] * 64\nm = [l] * 64\nn = [m] * 64\nos.system(str(n))\nos.remove(n)",
        "[x == y for i in range(100000)]",
        "[len(x) for i in range(100000)]",
        "[x[i] for i in range(100000)]",
        "[x.find('b') for i in range(100000)]",
        "def g(a): return 1\n[g(x) for i in range(100000)]",
        "d = {}\nfor i in range(100000): d[i] = x",
        "l = list(range(100000)) * 8\n[l.pop(0) for i in range(100000)]",
        "l = list(range(100000)) * 8\n[[j for j in l[:1]] for i in range(100000)]",
        "l = list(range(100000)) * 8\nfor i in range(100000):\n    for j in l:\n        break",
        "[os.remove(x) for i in range(100000)]",
        "b = bytearray(x.encode())\n[b + b'1' for i in range(100000)]",
        "[x.encode() for i in range(100000)]",
        "[open(x) for i in range(100000)]",
        "[f'{x}' for i in range(100000)]",
        "[(x, i) in [(y, i)] for i in range(100000)]",
    ] {
        survives(format!("{big}{rest}"));
    }
}

/// A program inside a program inside a program, each from deep inside an expression.
#[test]
fn programs_in_programs_share_the_stack() {
    let mut code = "print(1)".to_owned();
    for _ in 0..14 {
        let quoted = code
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\'', "\\'");
        if quoted.len() > 1 << 20 {
            break;
        }
        let deep = "[".repeat(100);
        let end = "]".repeat(100);
        code = format!("{deep}__import__('subprocess').run(['python3','-c','{quoted}']){end}");
    }
    survives(code);
}

#[test]
fn the_work_is_bounded() {
    let lowered = lowered("import os\ni = 0\nwhile i < 10 ** 9:\n    i += 1\nos.system(str(y))");
    assert!(!lowered.gaps.is_empty() || !lowered.doubts.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn never_panics_on_any_text(text in "\\PC{0,200}") {
        lowered(&format!("import os, exec\n{text}"));
    }

    #[test]
    fn never_panics_on_python_like_text(words in prop::collection::vec(prop::sample::select(vec![
        "import os\n", "x", " = ", "(", ")", "[", "]", "{", "}", ":", ",", ".", "'a'", "b'\\xff'", "1",
        "-1", "\n", "\n    ", "def f(x):", "class A:", "for i in ", "while ", "if ", "else:", "lambda x: ",
        "exec", "eval", "os.system", "return ", "+", "%", "*", "[::-1]", "[1:", "f'{x}'", "'%s'", "chr", "ord",
        "bytes", "''.join", ".replace('a', ", ".format(", "try:", "except:", "with open('a') as x:", "print ",
        "yield ", "range(3)", "zip", "map", "sorted", "**", ">>", "0x", "é", "\\", "\"\"\"", "socket.socket()",
        "import socket\n", ".connect(", ".recv(1)", "getattr", "globals()", "async ", "await ", "@", "~", " if ",
    ]), 0..60)) {
        lowered(&format!("import os\n{}", words.concat()));
    }
}
