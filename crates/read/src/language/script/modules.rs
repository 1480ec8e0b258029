//! Names of library modules and their members: one canonical dotted name each, whatever Python
//! version or alias a program reaches it by.

use std::rc::Rc;

use model::{Provenance, Value};

use super::interpreter::Interpreter;
use super::object::Object;

/// Other names of modules.
const ALIASES: &[(&str, &str)] = &[
    ("__builtin__", "builtins"),
    ("__builtins__", "builtins"),
    ("future.builtins", "builtins"),
    ("urllib2", "urllib.request"),
    ("httplib", "http.client"),
    ("posix", "os"),
    ("nt", "os"),
    ("_os", "os"),
    ("_sys", "sys"),
    ("_socket", "socket"),
    ("gevent.socket", "socket"),
    ("eventlet.green.socket", "socket"),
    ("gevent.subprocess", "subprocess"),
    ("subprocess32", "subprocess"),
    ("StringIO", "io"),
    ("cStringIO", "io"),
    ("_io", "io"),
    ("cPickle", "pickle"),
    ("_pickle", "pickle"),
    ("dill", "pickle"),
    ("cloudpickle", "pickle"),
    ("thread", "_thread"),
    ("multiprocessing.dummy", "multiprocessing"),
    ("SocketServer", "socketserver"),
    ("BaseHTTPServer", "http.server"),
    ("SimpleHTTPServer", "http.server"),
    ("urlparse", "urllib.parse"),
    ("simplejson", "json"),
    ("ujson", "json"),
    ("requests.api", "requests"),
    ("requests.sessions", "requests"),
    ("posixpath", "os.path"),
    ("pathlib2", "pathlib"),
    ("Cryptodome", "Crypto"),
    ("backports.lzma", "lzma"),
    ("imp", "importlib"),
    ("six.moves.urllib.request", "urllib.request"),
    ("six.moves.urllib.parse", "urllib.parse"),
    ("six.moves.http_client", "http.client"),
    ("six.moves.builtins", "builtins"),
    ("_codecs", "codecs"),
    ("_posixsubprocess", "subprocess"),
];

/// Modules by whose name alone a program may reach them (`sys.modules[…]`, `globals()[…]`).
const KNOWN: &[&str] = &[
    "os",
    "sys",
    "socket",
    "subprocess",
    "base64",
    "zlib",
    "marshal",
    "builtins",
    "__builtin__",
    "importlib",
    "pty",
    "urllib",
    "urllib2",
    "requests",
    "codecs",
    "ctypes",
    "shutil",
    "commands",
    "platform",
    "binascii",
    "types",
    "pickle",
    "threading",
    "time",
    "json",
    "ssl",
    "posix",
];

/// Members of modules that `import *` brings, as far as they matter here.
const EXPORTS: &[(&str, &str)] = &[
    (
        "os",
        "system popen popen2 popen3 popen4 execl execle execlp execlpe execv execve execvp execvpe \
         spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe dup2 dup fork forkpty \
         remove unlink rmdir removedirs chmod chown kill killpg environ getenv putenv open read \
         write close path mkdir makedirs rename replace symlink link mkfifo chroot setsid getcwd \
         listdir walk posix_spawn posix_spawnp name sep devnull linesep startfile getuid geteuid",
    ),
    (
        "socket",
        "socket create_connection create_server socketpair fromfd AF_INET AF_INET6 AF_UNIX \
         SOCK_STREAM SOCK_DGRAM SOCK_RAW SOL_SOCKET SO_REUSEADDR gethostbyname gethostname \
         getaddrinfo inet_aton inet_ntoa htons IPPROTO_TCP IPPROTO_UDP SHUT_RDWR",
    ),
    (
        "subprocess",
        "Popen call run check_call check_output getoutput getstatusoutput PIPE STDOUT DEVNULL",
    ),
    ("pty", "spawn fork openpty"),
    (
        "shutil",
        "copy copy2 copyfile copyfileobj copytree move rmtree chown which",
    ),
    (
        "ctypes",
        "CDLL cdll PyDLL LibraryLoader c_int c_char_p create_string_buffer",
    ),
    (
        "base64",
        "b64decode b64encode b32decode b16decode b85decode a85decode decodestring \
         decodebytes urlsafe_b64decode standard_b64decode b32encode b85encode a85encode",
    ),
    (
        "binascii",
        "unhexlify hexlify a2b_hex a2b_base64 a2b_uu b2a_hex b2a_base64",
    ),
    ("zlib", "decompress compress decompressobj"),
    ("marshal", "loads load dumps"),
    ("codecs", "decode encode open"),
    ("threading", "Thread Timer Lock Event"),
    (
        "urllib.request",
        "urlopen urlretrieve Request build_opener install_opener",
    ),
    (
        "http.server",
        "HTTPServer ThreadingHTTPServer BaseHTTPRequestHandler SimpleHTTPRequestHandler",
    ),
    (
        "socketserver",
        "TCPServer ThreadingTCPServer UDPServer BaseRequestHandler StreamRequestHandler",
    ),
    (
        "asyncio",
        "run open_connection start_server create_subprocess_shell create_subprocess_exec",
    ),
    ("pexpect", "spawn run"),
    ("paramiko", "SSHClient Transport AutoAddPolicy"),
    ("urllib", "urlopen urlretrieve urlencode quote unquote"),
    ("pathlib", "Path PurePath"),
    ("time", "sleep time"),
    ("requests", "get post put request Session"),
    ("commands", "getoutput getstatusoutput getstatus"),
    (
        "sys",
        "argv stdin stdout stderr modules platform executable",
    ),
    ("struct", "pack unpack"),
    ("functools", "partial reduce"),
    ("importlib", "import_module"),
    ("builtins", "exec eval compile open __import__"),
];

/// The name a module is known by here.
pub fn canonical(module: &str) -> Rc<str> {
    let stripped = module.strip_prefix("six.moves.").unwrap_or(module);
    for (alias, name) in ALIASES {
        if stripped == *alias {
            return Rc::from(*name);
        }
        if let Some(rest) = stripped.strip_prefix(alias)
            && rest.starts_with('.')
        {
            return Rc::from(format!("{name}{rest}"));
        }
    }
    Rc::from(stripped)
}

/// Whether it is a module by whose name alone a program may reach it.
pub fn is_known(name: &str) -> bool {
    KNOWN.contains(&name)
}

/// Whether `from module import *` brings a name.
pub fn exports(module: &str, name: &str) -> bool {
    EXPORTS
        .iter()
        .filter(|(own, _)| *own == module)
        .any(|(_, names)| names.split_ascii_whitespace().any(|own| own == name))
}

/// The dotted name of a member.
pub fn member(path: &str, name: &str) -> Rc<str> {
    match (path, name) {
        ("builtins", _) => return Rc::from(name),
        ("urllib", "urlopen" | "urlretrieve" | "URLopener" | "FancyURLopener" | "urlcleanup") => {
            return Rc::from(format!("urllib.request.{name}"));
        }
        ("urllib", "quote" | "unquote" | "quote_plus" | "unquote_plus" | "urlencode") => {
            return Rc::from(format!("urllib.parse.{name}"));
        }
        ("six.moves" | "six.moves.urllib", _) => return canonical(&format!("{path}.{name}")),
        // Modules see the modules they import: `subprocess.os.system`.
        (_, "os" | "_os" | "sys" | "_sys" | "subprocess" | "builtins" | "socket")
            if path != name
                && !path.starts_with('.')
                && !path.is_empty()
                && !path.contains("test") =>
        {
            return canonical(name);
        }
        _ => {}
    }
    canonical(&format!("{path}.{name}"))
}

/// The value of a member that is a constant.
pub fn constant(interpreter: &mut Interpreter, path: &str) -> Option<Object> {
    let text = |text: &str| Some(Object::text(text));
    let number = |number: i128| Some(Object::Int(number));
    match path {
        "os.name" => text("posix"),
        "sys.platform" => text("linux"),
        "os.sep" | "os.path.sep" => text("/"),
        "os.linesep" => text("\n"),
        "os.pathsep" => text(":"),
        "os.curdir" => text("."),
        "os.devnull" => text("/dev/null"),
        "sys.executable" => text("/usr/bin/python3"),
        "sys.byteorder" => text("little"),
        "sys.version_info" => Some(Object::Tuple(Rc::new(vec![
            Object::Int(3),
            Object::Int(11),
            Object::Int(0),
            Object::text("final"),
            Object::Int(0),
        ]))),
        "sys.version_info.major" => number(3),
        "sys.version_info.minor" => number(11),
        "six.PY2" => Some(Object::Bool(false)),
        "six.PY3" => Some(Object::Bool(true)),
        "sys.argv" => Some(arguments(interpreter)),
        "string.ascii_lowercase" | "string.lowercase" => text("abcdefghijklmnopqrstuvwxyz"),
        "string.ascii_uppercase" | "string.uppercase" => text("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        "string.ascii_letters" | "string.letters" => {
            text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        }
        "string.digits" => text("0123456789"),
        "string.hexdigits" => text("0123456789abcdefABCDEF"),
        "string.punctuation" => text("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
        "string.printable" => text(
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \t\n\r\u{b}\u{c}",
        ),
        "string.whitespace" => text(" \t\n\r\u{b}\u{c}"),
        "stat.S_IRWXU" => number(0o700),
        "stat.S_IRUSR" | "stat.S_IREAD" => number(0o400),
        "stat.S_IWUSR" | "stat.S_IWRITE" => number(0o200),
        "stat.S_IXUSR" | "stat.S_IEXEC" => number(0o100),
        "stat.S_IRWXG" => number(0o70),
        "stat.S_IRGRP" => number(0o40),
        "stat.S_IWGRP" => number(0o20),
        "stat.S_IXGRP" => number(0o10),
        "stat.S_IRWXO" => number(0o7),
        "stat.S_IROTH" => number(0o4),
        "stat.S_IWOTH" => number(0o2),
        "stat.S_IXOTH" => number(0o1),
        "stat.S_ISUID" => number(0o4000),
        "stat.S_ISGID" => number(0o2000),
        "os.O_RDONLY" => number(0),
        "os.O_WRONLY" => number(1),
        "os.O_RDWR" => number(2),
        "os.O_CREAT" => number(0o100),
        "os.O_TRUNC" => number(0o1000),
        "os.O_APPEND" => number(0o2000),
        _ => None,
    }
}

/// `sys.argv`: as far as whoever starts the program gives them.
fn arguments(interpreter: &mut Interpreter) -> Object {
    let given: Vec<Value> = interpreter.world().arguments.clone();
    if given.is_empty() {
        return Object::unknown(Provenance::Argument);
    }
    let items = given.into_iter().map(Object::of_value).collect();
    interpreter.heap.list(items)
}
