//! How functions of Perl take their arguments without parentheses.
//!
//! Source: perlfunc.

/// How a function takes arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// None.
    None,
    /// One, or `$_`.
    Unary,
    /// All up to the end of the expression.
    List,
    /// Perhaps a block, then a list.
    Block,
    /// Perhaps a handle without a comma, then a list.
    Print,
    /// A command; perhaps the program in braces.
    Program,
    /// A handle first; whether it is bound.
    Handle(bool),
    /// A handle and a buffer that is bound.
    Reads,
    /// A variable first, which is changed.
    Changes,
}

const UNARY: &str = "defined ref scalar lc uc lcfirst ucfirst length chr ord hex oct int abs sqrt log \
    exp sin cos rand srand quotemeta chdir rmdir readlink stat lstat shift pop umask sleep localtime \
    gmtime caller fc delete exists each keys values require close fileno lock chroot readline getc \
    study undef alarm exit inet_aton inet_ntoa gethostbyname decode_base64 encode_base64 \
    fork_if uri_unescape decompress uncompress memGunzip inflate";

const LIST: &str = "join split sprintf pack unpack substr index rindex reverse_list die warn unlink \
    chmod chown rename link symlink mkdir utime kill bless sockaddr_in pack_sockaddr_in sockaddr_un \
    exec_list waitpid tie untie vec atan2 crypt setsockopt_list syscall wait_list getstore get \
    mirror getprint open3 open2 dup2 copy move first any all none reduce sum max min uniq shuffle \
    formline select_list ioctl fcntl return_list GetOptions";

const NONE: &str = "time times wait fork getppid INADDR_ANY getlogin";

/// How a function takes arguments, if it is known.
pub fn shape(name: &str) -> Option<Shape> {
    let among = |names: &str| names.split_ascii_whitespace().any(|own| own == name);
    Some(match name {
        "map" | "grep" | "sort" | "first" | "any" | "all" | "none" | "reverse" => Shape::Block,
        "print" | "printf" | "say" => Shape::Print,
        "system" | "exec" => Shape::Program,
        "open" | "socket" | "accept" | "sysopen" | "pipe" | "socketpair" | "opendir" => {
            Shape::Handle(true)
        }
        "connect" | "bind" | "listen" | "send" | "shutdown" | "binmode" | "setsockopt"
        | "select" | "syswrite" | "eof" | "seek" | "truncate" | "flock" | "close" | "fileno"
        | "readline" | "closedir" | "readdir" | "getc" => Shape::Handle(false),
        "read" | "sysread" | "recv" => Shape::Reads,
        "push" | "unshift" | "splice" | "chomp" | "chop" => Shape::Changes,
        _ if among(NONE) => Shape::None,
        _ if among(UNARY) => Shape::Unary,
        _ if among(LIST) => Shape::List,
        _ => return None,
    })
}

/// Whether a word is a handle that is always there.
pub fn is_standard_handle(word: &str) -> bool {
    matches!(word, "STDIN" | "STDOUT" | "STDERR" | "ARGV" | "DATA")
}

/// The descriptor of a standard handle, by its name in the table of names.
pub fn standard_descriptor(name: &str) -> Option<i128> {
    Some(match name {
        "*STDIN" => 0,
        "*STDOUT" => 1,
        "*STDERR" => 2,
        _ => return None,
    })
}
