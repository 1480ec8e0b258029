//! The same payloads hidden.

use super::{acts, check_among, lowered};

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn names_from_values() {
    check_among(&[
        ("__import__('os').system('a')", &["evaluate shell: a"]),
        (
            "getattr(__import__('o'+'s'), 'sys'+'tem')('a')",
            &["evaluate shell: a"],
        ),
        (
            "getattr(__import__('so'[::-1]),'metsys'[::-1])('a')",
            &["evaluate shell: a"],
        ),
        (
            "import importlib\nimportlib.import_module('os').system('a')",
            &["evaluate shell: a"],
        ),
        (
            "globals()['__builtins__'].__dict__['ex'+'ec']('import os; os.system(\"a\")')",
            &["evaluate Python", "evaluate shell: a"],
        ),
        (
            "__builtins__.__dict__['eval'](\"__import__('os').system('a')\")",
            &["evaluate shell: a"],
        ),
        (
            "import sys\nsys.modules['os'].system('a')",
            &["evaluate shell: a"],
        ),
        (
            "import os as q\nw = q\nw.system('a')",
            &["evaluate shell: a"],
        ),
        ("from os import system as s\ns('a')", &["evaluate shell: a"]),
        ("from os import *\nsystem('a')", &["evaluate shell: a"]),
        (
            "import subprocess\nsubprocess.os.system('a')",
            &["evaluate shell: a"],
        ),
        ("import os\nvars(os)['system']('a')", &["evaluate shell: a"]),
        (
            "import os\nos.__dict__['system']('a')",
            &["evaluate shell: a"],
        ),
        (
            "import os\nobject.__getattribute__(os, 'system')('a')",
            &["evaluate shell: a"],
        ),
        ("import posix\nposix.system('a')", &["evaluate shell: a"]),
        (
            "(lambda o: o.system('a'))(__import__('os'))",
            &["evaluate shell: a"],
        ),
        (
            "(lambda f, x: f(x))(__import__('os').system, 'a')",
            &["evaluate shell: a"],
        ),
        (
            "d = {'x': __import__('os')}\nd['x'].system('a')",
            &["evaluate shell: a"],
        ),
        (
            "[f('a') for f in [__import__('os').system]]",
            &["evaluate shell: a"],
        ),
        (
            "𝒆𝒙𝒆𝒄('import os; os.system(\"a\")')",
            &["evaluate shell: a"],
        ),
        (
            "import operator, os\noperator.attrgetter('system')(os)('a')",
            &["evaluate shell: a"],
        ),
        (
            "().__class__.__base__.__subclasses__()[140].__init__.__globals__['os'].system('a')",
            &["evaluate shell: a"],
        ),
        (
            "globals()['x'] = __import__('os')\nx.system('a')",
            &["evaluate shell: a"],
        ),
        (
            "e = exec\ne('import os\\nos.system(\"a\")')",
            &["evaluate shell: a"],
        ),
        (
            "import builtins\nbuiltins.exec('import os\\nos.system(\"a\")')",
            &["evaluate shell: a"],
        ),
        (
            "setattr(__import__('builtins'), 'q', 1)\neval('__import__(\"os\").popen(\"a\")')",
            &["evaluate shell: a"],
        ),
        (
            "exec compile('import os;os.system(\"a\")','','exec')",
            &["evaluate shell: a"],
        ),
        (
            "exec 'import os;os.system(\"a\")' in {}",
            &["evaluate shell: a"],
        ),
        (
            "\\\nexec('''import os\nos.system('a')''')",
            &["evaluate shell: a"],
        ),
    ]);
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn texts_from_arithmetic() {
    check_among(&[
        (
            "import os\nos.system(chr(105)+chr(100))",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system(''.join(map(chr,[105,100])))",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system(''.join(chr(c^7) for c in [110,99]))",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system(''.join([chr(ord(c)-1) for c in 'je']))",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system(bytes(b^7 for b in b'nc').decode())",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system('\\x69\\144')",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system('%c%c' % (105, 100))",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system('{}{}'.format('i','d'))",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system(bytes.fromhex('6964').decode())",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system(bytearray([105,100]).decode('ascii'))",
            &["evaluate shell: id"],
        ),
        (
            "import os\nk='key'\nd=[2,1]\nos.system(''.join(chr(a ^ ord(k[i % len(k)])) for i, a in enumerate(d)))",
            &["evaluate shell: id"],
        ),
        (
            "import os\nr=''\nfor c in 'vq':\n    r += chr((ord(c) - 97 + 13) % 26 + 97)\nos.system(r)",
            &["evaluate shell: id"],
        ),
        (
            "import os\ni=0\no=''\nd='ixdx'\nwhile i < len(d):\n    if i % 2 == 0:\n        o += d[i]\n    i += 1\nos.system(o)",
            &["evaluate shell: id"],
        ),
        (
            "import os\nt=str.maketrans('ab','id')\nos.system('ab'.translate(t))",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system('d-i'.replace('-','')[::-1])",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system(''.join(reversed('di')))",
            &["evaluate shell: id"],
        ),
        (
            "import os\nfrom functools import reduce\nos.system(reduce(lambda a,b: a+b, ['i','d']))",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system((0x6964).to_bytes(2,'big').decode())",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system(bytes.fromhex(hex(26980)[2:]).decode())",
            &["evaluate shell: id"],
        ),
        (
            "import os\ndef d(s, k):\n    out = []\n    for i in range(len(s)):\n        out.append(chr(ord(s[i]) ^ k))\n    return ''.join(out)\nos.system(d('nc', 7))",
            &["evaluate shell: id"],
        ),
        (
            "import os\na,b='i','d'\nos.system(a+b)",
            &["evaluate shell: id"],
        ),
        (
            "import os\n(a:='id')\nos.system(a)",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system(' '.join(dict(a='i',b='d').values()))",
            &["evaluate shell: i d"],
        ),
        (
            "import os\nos.system(''.join([{1:'i',2:'d'}[k] for k in (1,2)]))",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system(sum([['i'],['d']], [])[0] + 'd')",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system(''.join(chr(int(x, 2)) for x in '01101001 01100100'.split()))",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system(''.join(map(lambda x, y: chr(ord(x) ^ ord(y)), 'nc', '\\x07\\x07')))",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system(''.join(chr(a ^ b) for a, b in zip(b'nc', __import__('itertools').cycle([7]))))",
            &["evaluate shell: id"],
        ),
    ]);
}

#[test]
fn encodings() {
    check_among(&[
        (
            "import base64\nexec(base64.b64decode('aW1wb3J0IG9zO29zLnN5c3RlbSgnaWQnKQ=='))",
            &["evaluate Python: import os", "evaluate shell: id"],
        ),
        (
            "import base64\nexec base64.b64decode('aW1wb3J0IG9zO29zLnN5c3RlbSgnaWQnKQ==')",
            &["evaluate shell: id"],
        ),
        (
            "exec('aW1wb3J0IG9zO29zLnN5c3RlbSgnaWQnKQ=='.decode('base64'))",
            &["evaluate shell: id"],
        ),
        (
            "exec(__import__('codecs').decode('vzcbeg bf;bf.flfgrz(\"vq\")','rot13'))",
            &["evaluate shell: id"],
        ),
        (
            "import codecs\nexec(codecs.getdecoder('rot_13')('vzcbeg bf;bf.flfgrz(\"vq\")')[0])",
            &["evaluate Python"],
        ),
        (
            "import binascii\nexec(binascii.unhexlify('696d706f7274206f733b6f732e73797374656d282269642229'))",
            &["evaluate shell: id"],
        ),
        (
            "import base64 as b\neval(compile(b.b32decode('NFSA===='),'','exec'))",
            &["evaluate Python: id"],
        ),
        (
            "import os,base64\nos.system(base64.b64decode(b'aWQ=').decode('utf-8'))",
            &["evaluate shell: id"],
        ),
        (
            "import os,base64\nos.system(str(base64.urlsafe_b64decode('aWQ='), 'utf-8'))",
            &["evaluate shell: id"],
        ),
        (
            "import marshal,base64\nexec(marshal.loads(base64.b64decode('YwAA')))",
            &["evaluate Python: {?}"],
        ),
        (
            "from cryptography.fernet import Fernet\nexec(Fernet(b'k').decrypt(b'gAAA'))",
            &["evaluate Python: {?}"],
        ),
        (
            "import types,marshal\ntypes.FunctionType(marshal.loads(b'x'), globals())()",
            &["evaluate Python: {?}"],
        ),
        (
            "import urllib.parse,os\nos.system(urllib.parse.unquote('%69%64'))",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system(b'\\x69\\x64'.decode())",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.system('\\\\x69\\\\x64'.encode().decode('unicode_escape'))",
            &["evaluate shell: id"],
        ),
    ]);
}

/// zlib and base64 in turn, as generators write it, many deep.
#[test]
fn layers_of_exec_are_peeled() {
    use std::io::Write;
    let mut code = "import os\nos.system('innermost')".to_owned();
    for _ in 0..40 {
        let mut encoder =
            flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(code.as_bytes()).unwrap();
        let packed = encoder.finish().unwrap();
        let text =
            crate::encoding::substitution::reverse(&crate::encoding::base64::encode(&packed));
        code = format!(
            "_ = lambda __ : __import__('zlib').decompress(__import__('base64').b64decode(__[::-1]));exec((_)(b'{text}'))"
        );
    }
    let lowered = lowered(&code);
    let last = lowered
        .acts
        .iter()
        .find(|act| act.evidence.contains("innermost"));
    let steps: Vec<String> = last
        .unwrap()
        .steps
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(steps, ["base64", "zlib", "exec"]);
    assert!(lowered.gaps.is_empty(), "{:?}", lowered.gaps);
}

#[test]
fn functions_of_evaluated_code_are_the_programs() {
    assert_eq!(
        acts("exec('import os\\ndef f(c): os.system(c)')\nf('x')"),
        acts("exec('import os\\ndef f(c): os.system(c)'); f('x')")
    );
    check_among(&[(
        "exec('import os\\ndef f(c): return os.popen(c)')\nf('x')",
        &["evaluate shell: x"],
    )]);
}

#[test]
fn places_are_of_the_outermost_text() {
    let lowered =
        lowered("import os\n\nexec(\"\\n\\n\\nimport os\\nos.system('x')\")\nos.system('y')");
    let places: Vec<(u32, &str)> = lowered
        .acts
        .iter()
        .filter(|act| act.steps.iter().all(|step| step.0 != "os.system"))
        .map(|act| (act.line, act.evidence.as_str()))
        .collect();
    let exec = "exec(\"\\n\\n\\nimport os\\nos.system('x')\")";
    assert_eq!(
        places,
        [(3, exec), (3, "os.system('x')"), (4, "os.system('y')")]
    );
}

#[test]
fn shapes_that_generators_write() {
    check_among(&[
        (
            "exec(__import__('zlib').decompress(__import__('base64').b64decode(__import__('codecs').getencoder('utf-8')('eJzLzC3ILypRyC+2BhLWesWVxSWpuRpKmSlKmgCGyQk1')[0])))",
            &["evaluate Python"],
        ),
        (
            "eval('\\x65\\x76\\x61\\x6c')(\"__import__('os').system('a')\")",
            &["evaluate Python: eval", "evaluate shell: a"],
        ),
        (
            "getattr(__import__(bytes([111,115]).decode()), bytes([115,121,115,116,101,109]).decode())('a')",
            &["evaluate shell: a"],
        ),
        (
            "exec(''.join(chr(int(i)) for i in '105-109-112-111-114-116-32-111-115-59-111-115-46-115-121-115-116-101-109-40-39-97-39-41'.split('-')))",
            &["evaluate shell: a"],
        ),
        (
            "any(map(exec, [\"import os\", \"os.system('a')\"]))",
            &["evaluate shell: a"],
        ),
        (
            "class A:\n    def __init__(self, k):\n        self.k = k\n    def d(self, s):\n        return ''.join(chr(ord(c) ^ self.k) for c in s)\nimport os\nos.system(A(1).d('`'))",
            &["evaluate shell: a"],
        ),
        (
            "import os\nx = ['s', 'y', 's', 't', 'e', 'm']\ngetattr(os, ''.join(x))('a')",
            &["evaluate shell: a"],
        ),
        (
            "l = locals()\nl['o'] = __import__('os')\no.system('a')",
            &["evaluate shell: a"],
        ),
        (
            "import os\nkey = b'\\x01\\x02'\ndata = b'`'\nout = bytearray()\nfor i in range(len(data)):\n    out.append(data[i] ^ key[i % len(key)])\nos.system(out.decode())",
            &["evaluate shell: a"],
        ),
        (
            "import os\nd = dict(zip('xyz', 'abc'))\nos.system(''.join(d.get(c, c) for c in 'x'))",
            &["evaluate shell: a"],
        ),
        (
            "from os import popen as p\n[p(x).read() for x in ('a', 'b')]",
            &["evaluate shell: a", "evaluate shell: b"],
        ),
        (
            "import os\nwhile True:\n    try:\n        os.system('a')\n    except KeyboardInterrupt:\n        break",
            &["evaluate shell: a"],
        ),
    ]);
}
