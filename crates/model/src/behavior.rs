//! Behaviors: what code would do, in one vocabulary for every language.
//!
//! A front-end lowers a script, a configuration or a binary to a [`Program`]: a list of acts in
//! the order they would happen (every branch is taken). Detection sees nothing else, so a
//! technique is written once. Names follow MBC and ATT&CK where these have one.

use serde::{Deserialize, Serialize};

use crate::{Step, Value};

/// The language or format a program was lowered from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// POSIX shell and its relatives.
    Shell,
    /// Python 2 and 3 source.
    Python,
    /// One command line that no shell parses: exec form, systemd `Exec…=`.
    Command,
    /// Lines of cron, with or without a user column.
    Crontab,
    /// A systemd unit.
    Systemd,
    /// `/etc/ld.so.preload`.
    Preload,
    /// `authorized_keys`.
    AuthorizedKeys,
    /// Configuration of a miner.
    MinerConfig,
    /// A service of OpenRC.
    OpenRc,
    /// Environment of logins.
    Environment,
    /// `inittab` of System V and BusyBox.
    Inittab,
    /// `inetd.conf` and `xinetd.d`.
    Inetd,
    /// Configuration of supervisor.
    Supervisor,
    /// A job of Upstart.
    Upstart,
    /// Configuration of Monit.
    Monit,
    /// Configuration of APT with its hooks.
    Apt,
    /// Rules of udev.
    Udev,
    /// Configuration of logrotate.
    Logrotate,
    /// A desktop entry.
    Desktop,
    /// Configuration of git.
    GitConfig,
    /// `package.json`.
    PackageJson,
    /// A `.pth` file of Python.
    PythonPath,
    /// A Dockerfile.
    Dockerfile,
    /// A makefile.
    Makefile,
    /// A manifest of containers: Compose, Kubernetes.
    Manifest,
    /// Mail aliases.
    MailAliases,
    /// Network interfaces of ifupdown.
    NetworkInterfaces,
    /// Accounts: `passwd` and `shadow`.
    Accounts,
    /// Rules of sudo.
    Sudoers,
    /// A service of PAM.
    Pam,
    /// Configuration of an OpenSSH server.
    SshdConfig,
    /// Configuration of an OpenSSH client.
    SshConfig,
    /// Perl.
    Perl,
    /// PHP.
    Php,
    /// Ruby.
    Ruby,
    /// JavaScript.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// Lua.
    Lua,
    /// awk and its relatives.
    Awk,
    /// Tcl and Expect.
    Tcl,
    /// PowerShell.
    PowerShell,
    /// Java, and what is close enough to be read like it.
    Java,
    /// Go.
    Go,
    /// C.
    C,
    /// Compiled code in an ELF file.
    Machine,
    /// Code of a language that has no front-end, named by its interpreter elsewhere.
    Other,
}

impl Language {
    /// The word for it in a report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Python => "Python",
            Self::Command => "command",
            Self::Crontab => "crontab",
            Self::Systemd => "systemd unit",
            Self::Preload => "ld.so.preload",
            Self::AuthorizedKeys => "authorized_keys",
            Self::MinerConfig => "miner configuration",
            Self::OpenRc => "OpenRC service",
            Self::Environment => "login environment",
            Self::Inittab => "inittab",
            Self::Inetd => "inetd configuration",
            Self::Supervisor => "supervisor configuration",
            Self::Upstart => "Upstart job",
            Self::Monit => "Monit configuration",
            Self::Apt => "APT configuration",
            Self::Udev => "udev rules",
            Self::Logrotate => "logrotate configuration",
            Self::Desktop => "desktop entry",
            Self::GitConfig => "git configuration",
            Self::PackageJson => "package.json",
            Self::PythonPath => ".pth file",
            Self::Dockerfile => "Dockerfile",
            Self::Makefile => "makefile",
            Self::Manifest => "container manifest",
            Self::MailAliases => "mail aliases",
            Self::NetworkInterfaces => "network interfaces",
            Self::Accounts => "account file",
            Self::Sudoers => "sudo rules",
            Self::Pam => "PAM service",
            Self::SshdConfig => "SSH server configuration",
            Self::SshConfig => "SSH client configuration",
            Self::Perl => "Perl",
            Self::Php => "PHP",
            Self::Ruby => "Ruby",
            Self::JavaScript => "JavaScript",
            Self::TypeScript => "TypeScript",
            Self::Lua => "Lua",
            Self::Awk => "awk",
            Self::Tcl => "Tcl",
            Self::PowerShell => "PowerShell",
            Self::Java => "Java",
            Self::Go => "Go",
            Self::C => "C",
            Self::Machine => "machine code",
            Self::Other => "code",
        }
    }
}

/// A program lowered to what it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// What it was written in.
    pub language: Language,
    /// Whether something says that it is a program (an interpreter line, an execute bit, the place
    /// or the field it stands in). Otherwise it is text that reads like one.
    pub declared: bool,
    /// How it was reached from the file or field that holds it (outermost first).
    pub steps: Vec<Step>,
    /// What it does, in order, with the text it evaluates in turn inlined.
    pub acts: Vec<Act>,
}

/// One thing a program does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// What is done.
    pub behavior: Behavior,
    /// Steps beyond the program's own: decoding and evaluation inside it.
    pub steps: Vec<Step>,
    /// Line in the outermost text (the file or field), from 1; 0 if it has no lines.
    pub line: u32,
    /// The text that does it, at most [`crate::text::EVIDENCE_BYTES`] long: of the innermost step.
    pub evidence: String,
}

/// Transport of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// TLS over TCP.
    Tls,
    /// A Unix-domain socket.
    Unix,
    /// Another one, or unknown.
    Other,
}

/// What a descriptor of a started program is bound to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stream {
    /// The parent's.
    #[default]
    Inherited,
    /// Nothing: `/dev/null` or closed.
    Null,
    /// A file.
    File(Value),
    /// Connection number n of the program.
    Connection(u32),
    /// A value: text piped in, or (for an output) a value that goes on to the program's own use.
    Text(Value),
    /// Something that cannot be told.
    Unknown,
}

/// What starts a command that is put somewhere to be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// A clock: cron, at, a timer.
    Clock,
    /// systemd.
    Systemd,
    /// Another init or supervisor, or the entrypoint folder of an image.
    Init,
    /// A login or the start of an interactive shell.
    Login,
    /// Something else that happens: a device, a package operation, a commit.
    Event,
    /// The start of an interpreter.
    Interpreter,
    /// The installation of a package.
    Install,
}

/// The password of an account, as far as a text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Password {
    /// None is asked for.
    Empty,
    /// None opens it.
    Locked,
    /// One that is fixed here.
    Fixed,
    /// The text does not say.
    Unsaid,
}

/// What is done. Connection numbers are scoped to one [`Program`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Behavior {
    /// Opens an outgoing connection.
    Connect {
        /// Its number.
        connection: u32,
        /// Its transport.
        protocol: Protocol,
        /// Host or path.
        host: Value,
        /// Port, empty for Unix sockets.
        port: Value,
    },
    /// Waits for a connection.
    Listen {
        /// Number of the accepted connection.
        connection: u32,
        /// Its transport.
        protocol: Protocol,
        /// Address bound, empty for all.
        host: Value,
        /// Port.
        port: Value,
    },
    /// Sends data over a connection.
    Send {
        /// Its number.
        connection: u32,
        /// What is sent.
        data: Value,
    },
    /// Fetches content from a URL (any scheme).
    Fetch {
        /// From where.
        url: Value,
        /// The file it goes to; `None` if it stays in the program.
        to: Option<Value>,
    },
    /// Hands a text to an interpreter: `eval`, `sh -c`, `exec()`, a script piped to a shell.
    Evaluate {
        /// The interpreter's language.
        language: Language,
        /// The text.
        code: Value,
    },
    /// Starts a program.
    Execute {
        /// Path or name.
        program: Value,
        /// Arguments after the name.
        arguments: Vec<Value>,
        /// Standard input.
        input: Stream,
        /// Standard output.
        output: Stream,
    },
    /// Writes a file.
    Write {
        /// Its path.
        path: Value,
        /// What is written.
        content: Value,
        /// At its end, keeping what it holds.
        append: bool,
    },
    /// Reads a file.
    Read {
        /// Its path.
        path: Value,
    },
    /// Changes a file's mode.
    SetMode {
        /// Its path.
        path: Value,
        /// Octal or symbolic, as written.
        mode: Value,
    },
    /// Changes a file's attributes (`chattr +i`) so that it resists removal, or takes that away.
    SetAttribute {
        /// Its path.
        path: Value,
        /// As written.
        attribute: Value,
    },
    /// Removes a file or folder.
    Delete {
        /// Its path.
        path: Value,
    },
    /// Ends processes, by name, pattern or number.
    Kill {
        /// Which.
        target: Value,
    },
    /// Loads a kernel module.
    LoadModule {
        /// Name or path.
        module: Value,
    },
    /// Mounts a file system.
    Mount {
        /// Device or folder.
        source: Value,
        /// Mount point.
        target: Value,
    },
    /// Changes the root folder and goes on there.
    ChangeRoot {
        /// The new root.
        root: Value,
    },
    /// Enters the namespaces of another process.
    EnterNamespace {
        /// Which process, `1` for the host's init.
        target: Value,
    },
    /// Puts a command where something starts it: on a schedule, at boot, at a login.
    Schedule {
        /// What starts it.
        trigger: Trigger,
        /// When, as written.
        when: Value,
        /// What is run.
        command: Value,
    },
    /// Makes an account or changes how one may log in.
    SetAccount {
        /// Its name.
        name: Value,
        /// Its number; empty if it stays what it was.
        uid: Value,
        /// The password that opens it.
        password: Password,
        /// Its shell; empty if it stays what it was.
        shell: Value,
    },
    /// Lets somebody run commands as another user without a password (sudo, doas).
    GrantSudo {
        /// User, `%group` or alias.
        who: Value,
        /// Which commands, as written; empty for those that other rules allow.
        commands: Value,
    },
    /// Lets a module take part in deciding who may log in (PAM).
    Authenticate {
        /// `auth`, `account`, `password` or `session`.
        facility: String,
        /// What its answer means, as written.
        control: String,
        /// The module, or the service that is included.
        module: Value,
        /// Its arguments, as written.
        arguments: Value,
    },
    /// Sets an option of the SSH server.
    ConfigureLogin {
        /// Name, lower-case.
        option: String,
        /// Value.
        value: Value,
    },
    /// Lets the holder of a key log in.
    GrantAccess {
        /// Key type, for example `ssh-ed25519`.
        key_type: String,
        /// SHA-256 fingerprint as OpenSSH writes it (`SHA256:…`), empty if the key is malformed.
        fingerprint: String,
        /// Comment after the key.
        comment: String,
        /// Options before the key, for example `command="…",restrict`.
        options: String,
    },
    /// Loads a library into every program (`ld.so.preload`, `LD_PRELOAD`).
    Preload {
        /// Its path.
        library: Value,
    },
    /// Sets a kernel parameter (`sysctl`, `/proc/sys`).
    SetKernelParameter {
        /// Name with dots.
        name: Value,
        /// Value.
        value: Value,
    },
    /// Writes a model-specific register of the processor.
    WriteMsr {
        /// Which, as written.
        register: Value,
    },
    /// Gives a process another name than its program's: `exec -a`, `prctl(PR_SET_NAME)`, an
    /// assignment to `$0`.
    NameProcess {
        /// The name.
        name: Value,
    },
    /// Sets an environment variable for the programs it starts.
    SetVariable {
        /// Name.
        name: String,
        /// Value.
        value: Value,
    },
    /// Mines a currency.
    Mine {
        /// Pool, as host and port or URL; empty if it comes from elsewhere.
        pool: Value,
        /// Wallet or account; empty if it comes from elsewhere.
        account: Value,
        /// Algorithm or coin as written, may be empty.
        algorithm: Value,
    },
}

impl Behavior {
    /// The act without a place: for tests and for formats that have no text.
    pub fn bare(self) -> Act {
        Act {
            behavior: self,
            steps: Vec::new(),
            line: 0,
            evidence: String::new(),
        }
    }
}

impl Behavior {
    /// Every value it carries, for bounding and for searching them all.
    pub fn values_mut(&mut self) -> Vec<&mut Value> {
        match self {
            Self::Connect { host, port, .. } | Self::Listen { host, port, .. } => vec![host, port],
            Self::Send { data, .. } => vec![data],
            Self::Fetch { url, to } => std::iter::once(url).chain(to).collect(),
            Self::Evaluate { code, .. } => vec![code],
            Self::Execute {
                program,
                arguments,
                input,
                output,
            } => std::iter::once(program)
                .chain(arguments)
                .chain([input, output].into_iter().filter_map(Stream::value_mut))
                .collect(),
            Self::Write { path, content, .. } => vec![path, content],
            Self::Read { path } | Self::Delete { path } => vec![path],
            Self::SetMode { path, mode } => vec![path, mode],
            Self::SetAttribute { path, attribute } => vec![path, attribute],
            Self::Kill { target } | Self::EnterNamespace { target } => vec![target],
            Self::LoadModule { module } => vec![module],
            Self::Mount { source, target } => vec![source, target],
            Self::ChangeRoot { root } => vec![root],
            Self::Schedule { when, command, .. } => vec![when, command],
            Self::SetAccount {
                name, uid, shell, ..
            } => vec![name, uid, shell],
            Self::GrantSudo { who, commands } => vec![who, commands],
            Self::Authenticate {
                module, arguments, ..
            } => vec![module, arguments],
            Self::ConfigureLogin { value, .. } => vec![value],
            Self::GrantAccess { .. } => Vec::new(),
            Self::Preload { library } => vec![library],
            Self::SetKernelParameter { name, value } => vec![name, value],
            Self::WriteMsr { register } => vec![register],
            Self::NameProcess { name } => vec![name],
            Self::SetVariable { value, .. } => vec![value],
            Self::Mine {
                pool,
                account,
                algorithm,
            } => vec![pool, account, algorithm],
        }
    }
}

impl Stream {
    fn value_mut(&mut self) -> Option<&mut Value> {
        match self {
            Self::File(value) | Self::Text(value) => Some(value),
            _ => None,
        }
    }
}
