//! Functions of the C library that a shared library defines in its place.

use model::{Form, Vocabulary};

use super::elf::Elf;

/// Functions that a library defines to see or change what every program does.
const HOOKED: &[&str] = &[
    "readdir",
    "readdir64",
    "readdir_r",
    "readdir64_r",
    "getdents",
    "getdents64",
    "opendir",
    "fdopendir",
    "scandir",
    "open",
    "open64",
    "openat",
    "fopen",
    "fopen64",
    "stat",
    "lstat",
    "stat64",
    "lstat64",
    "fstat",
    "__xstat",
    "__lxstat",
    "__xstat64",
    "__lxstat64",
    "statx",
    "access",
    "unlink",
    "unlinkat",
    "rename",
    "read",
    "write",
    "accept",
    "accept4",
    "connect",
    "bind",
    "listen",
    "recv",
    "send",
    "recvmsg",
    "sendmsg",
    "execve",
    "execvp",
    "execv",
    "pam_authenticate",
    "pam_open_session",
    "pam_acct_mgmt",
    "pam_vprompt",
    "getpwnam",
    "getpwuid",
    "getspnam",
    "crypt",
    "SSL_read",
    "SSL_write",
    "pcap_loop",
    "kill",
    "readlink",
    "chdir",
    "ioctl",
    "ptrace",
    "syscall",
    "dlsym",
    "audit_log_acct_message",
    "audit_log_user_message",
    "fgets",
    "puts",
    "link",
    "mkdir",
    "rmdir",
];

/// Those whose own code is followed: where a backdoor waits for its caller.
const FOLLOWED: &[&str] = &[
    "accept",
    "accept4",
    "pam_sm_authenticate",
    "pam_authenticate",
    "read",
    "recv",
    "write",
    "connect",
    "execve",
    "readdir",
    "readdir64",
    "open",
    "fopen",
    "syslog",
    "puts",
    "getuid",
    "geteuid",
];

/// Most functions a library may offer to be one that stands in front of others: a C library or a
/// sanitizer defines them for good.
const MOST_EXPORTS: usize = 400;

/// Functions of the C library that a library defines.
pub fn hooks(elf: &Elf) -> Vec<String> {
    if elf.form != Form::Library || elf.exports.len() > MOST_EXPORTS {
        return Vec::new();
    }
    let exported = elf.exports.iter().map(|(name, _)| name);
    let mut hooks: Vec<_> = exported
        .filter(|name| HOOKED.contains(&name.as_str()))
        .cloned()
        .collect();
    hooks.sort();
    hooks.dedup();
    hooks
}

/// Whether it asks for what its own functions stand in front of.
pub fn calls_next(elf: &Elf) -> bool {
    let asks = |name: &String| {
        matches!(
            name.as_str(),
            "dlsym" | "dlvsym" | "__libc_dlsym" | "syscall" | "dlopen"
        )
    };
    elf.imports.iter().any(asks)
}

/// Addresses of functions whose own code is followed.
pub fn entries(elf: &Elf) -> Vec<u64> {
    if elf.exports.len() > MOST_EXPORTS {
        return Vec::new();
    }
    let followed = |(name, at): &(String, u64)| FOLLOWED.contains(&name.as_str()).then_some(*at);
    elf.exports.iter().filter_map(followed).collect()
}

/// Whether words of a vocabulary mean something in a file of this form.
pub const fn may_speak(form: Form, vocabulary: Vocabulary) -> bool {
    match vocabulary {
        Vocabulary::KernelView | Vocabulary::KernelPatch | Vocabulary::KernelCredential => {
            matches!(form, Form::KernelModule)
        }
        Vocabulary::ProcessView => matches!(form, Form::Library | Form::KernelModule),
        _ => true,
    }
}
