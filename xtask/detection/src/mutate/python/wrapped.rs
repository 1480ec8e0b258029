//! The program inside functions, classes, branches and what calls them.

use crate::case::Case;
use crate::mutate::Script;

/// Lines around the text, which goes, indented, to where `@` stands.
const CONSTRUCTS: &[(&str, &str)] = &[
    ("function", "def main():\n@\n\nmain()"),
    (
        "function behind a guard",
        "def main():\n@\n\nif __name__ == '__main__':\n    main()",
    ),
    (
        "function in a function",
        "def outer():\n    def inner():\n@@\n    inner()\nouter()",
    ),
    (
        "method",
        "class Worker:\n    def run(self):\n@@\n\nWorker().run()",
    ),
    (
        "constructor",
        "class Worker(object):\n    def __init__(self):\n@@\n\nw = Worker()",
    ),
    (
        "static method",
        "class Worker:\n    @staticmethod\n    def run():\n@@\n\nWorker.run()",
    ),
    (
        "call operator",
        "class Worker:\n    def __call__(self):\n@@\n\nWorker()()",
    ),
    ("try", "try:\n@\nexcept Exception:\n    pass"),
    (
        "finally",
        "try:\n    import nothing_here\nexcept ImportError:\n    pass\nfinally:\n@",
    ),
    ("if", "import os as _o\nif _o.name == 'posix':\n@"),
    (
        "else",
        "import sys as _s\nif _s.platform == 'win32':\n    pass\nelse:\n@",
    ),
    (
        "loop",
        "import time as _t\nwhile True:\n    try:\n@@\n    except Exception:\n        _t.sleep(5)",
    ),
    ("for", "for _n in range(3):\n@"),
    (
        "with",
        "import contextlib as _c\nwith _c.suppress(Exception):\n@",
    ),
    (
        "thread",
        "import threading as _th\ndef work():\n@\n_th.Thread(target=work).start()",
    ),
    (
        "process",
        "import multiprocessing as _m\ndef work():\n@\n_m.Process(target=work).start()",
    ),
    (
        "timer",
        "import threading as _th\ndef work():\n@\n_th.Timer(5, work).start()",
    ),
    (
        "atexit",
        "import atexit as _a\ndef work():\n@\n_a.register(work)",
    ),
    (
        "atexit decorator",
        "import atexit as _a\n@_a.register\ndef work():\n@",
    ),
    (
        "signal",
        "import signal as _g\ndef work(number, frame):\n@\n_g.signal(_g.SIGALRM, work)\n_g.alarm(1)",
    ),
    ("fork", "import os as _o\nif _o.fork() == 0:\n@"),
    (
        "decorator",
        "def run(function):\n    function()\n    return function\n\n@run\ndef work():\n@",
    ),
    (
        "coroutine",
        "import asyncio as _y\nasync def work():\n@\n_y.run(work())",
    ),
    ("generator", "def work():\n@\n    yield 1\nlist(work())"),
    (
        "dictionary of functions",
        "def work():\n@\n{'a': work}['a']()",
    ),
    (
        "executor",
        "from concurrent.futures import ThreadPoolExecutor as _E\ndef work():\n@\n_E().submit(work)",
    ),
    (
        "set-up command",
        "from setuptools import setup\nfrom setuptools.command.install import install\nclass Post(install):\n    def run(self):\n        install.run(self)\n@@\nsetup(name='x', cmdclass={'install': Post})",
    ),
];

/// Every construct.
pub fn rewrite(script: &Script) -> Vec<(String, Case)> {
    let text = script.text.trim_end();
    // Strings over lines would change; `import *` and `return` have their places.
    if text.contains("'''")
        || text.contains("\"\"\"")
        || text.contains("import *")
        || text.contains("__future__")
        || text.contains("\\\n")
    {
        return Vec::new();
    }
    let one = |(name, template): &(&str, &str)| {
        let lines = template.lines().map(|line| match line {
            "@" => indented(text, 4),
            "@@" => indented(text, 8),
            line => line.to_owned(),
        });
        let body = lines.collect::<Vec<_>>().join("\n") + "\n";
        ((*name).to_owned(), script.with(&body))
    };
    CONSTRUCTS.iter().map(one).collect()
}

fn indented(text: &str, spaces: usize) -> String {
    let indent = " ".repeat(spaces);
    let line = |line: &str| {
        if line.is_empty() {
            String::new()
        } else {
            format!("{indent}{line}")
        }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
