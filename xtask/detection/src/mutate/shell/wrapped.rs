//! The script as it is inside something that runs it: constructs of the shell, commands that start
//! other commands, and interpreters of other languages.

use crate::case::Case;
use crate::mutate::Script;
use crate::mutate::encode::{base64, hex_escapes, shell_quoted};

/// Shell constructs around the text `@`.
const CONSTRUCTS: &[(&str, &str)] = &[
    ("function", "run_it() {\n@\n}\nrun_it"),
    ("function with keyword", "function _x {\n@\n}\n_x"),
    ("function in a function", "a() {\nb() {\n@\n}\nb\n}\na"),
    ("subshell", "(\n@\n)"),
    ("group in the background", "{\n@\n} >/dev/null 2>&1 &"),
    ("if", "if [ -d /tmp ]; then\n@\nfi"),
    (
        "else",
        "if [ -e /nothing/here ]; then\n  echo no\nelse\n@\nfi",
    ),
    ("and", "true && {\n@\n}"),
    ("or", "test -e /nothing/here || {\n@\n}"),
    ("loop", "while :; do\n@\nsleep 30\ndone"),
    ("for", "for n in 1 2 3; do\n@\nsleep 1\ndone"),
    ("until", "until false; do\n@\nsleep 60\ndone"),
    ("case", "case \"$(uname -s)\" in\n  Linux|*)\n@\n;;\nesac"),
    ("trap", "stop() {\n@\n}\ntrap stop EXIT\nexit 0"),
    (
        "strict",
        "set -euo pipefail\nexport PATH=/usr/sbin:/usr/bin:/sbin:/bin\n@",
    ),
    (
        "checks before",
        "[ \"$(id -u)\" = 0 ] || exit 1\ncommand -v curl >/dev/null 2>&1\n@",
    ),
    ("document", "bash <<'END_OF_IT'\n@\nEND_OF_IT"),
    ("document by cat", "cat <<'END_OF_IT' | sh\n@\nEND_OF_IT"),
    (
        "document to a file",
        "cat > /usr/local/bin/.svc <<'END_OF_IT'\n@\nEND_OF_IT\nchmod 755 /usr/local/bin/.svc\n/usr/local/bin/.svc",
    ),
    (
        "document to a variable",
        "code=$(cat <<'END_OF_IT'\n@\nEND_OF_IT\n)\neval \"$code\"",
    ),
    (
        "sourced document",
        "source /dev/stdin <<'END_OF_IT'\n@\nEND_OF_IT",
    ),
];

/// Commands around the text, quoted, as `@`.
const COMMANDS: &[(&str, &str)] = &[
    ("eval", "eval @"),
    ("bash -c", "bash -c @"),
    ("sh -c by path", "/bin/sh -c @ &"),
    ("busybox", "busybox sh -c @"),
    ("variable and eval", "payload=@\neval \"$payload\""),
    ("variable and bash -c", "P=@; bash -c \"$P\""),
    ("variable by indirection", "P=@; N=P; eval \"${!N}\""),
    ("echo to sh", "echo @ | sh"),
    ("printf to bash", "printf '%s\\n' @ | bash"),
    ("here string", "bash <<< @"),
    ("positional parameter", "set -- @; eval \"$1\""),
    ("shell and parameter", "bash -c 'eval \"$1\"' _ @"),
    ("env", "env -i PATH=/bin bash -c @"),
    ("nohup", "nohup bash -c @ >/dev/null 2>&1 &"),
    ("setsid", "setsid -f bash -c @"),
    ("timeout", "timeout 3600 bash -c @"),
    ("nice", "nice -n 19 ionice -c 3 bash -c @"),
    ("sudo", "sudo -n bash -c @"),
    ("su", "su -s /bin/bash root -c @"),
    ("exec", "exec bash -c @"),
    ("command", "command bash -c @"),
    ("builtin eval", "builtin eval @"),
    ("unshare", "unshare -n true; unshare -m bash -c @"),
    ("chroot", "chroot / bash -c @"),
    ("stdbuf", "stdbuf -o0 bash -c @"),
    ("strace", "strace -o /dev/null bash -c @"),
    ("watch", "watch -n 60 @"),
    ("script", "script -qc @ /dev/null"),
    ("xargs", "echo x | xargs -I__X__ bash -c @"),
    ("find -exec", "find / -maxdepth 0 -exec bash -c @ \\;"),
    ("flock", "flock -n /tmp/.l -c @"),
    (
        "start-stop-daemon",
        "start-stop-daemon -S -b -x /bin/bash -- -c @",
    ),
    ("systemd-run", "systemd-run --no-block bash -c @"),
    ("screen", "screen -dmS s bash -c @"),
    ("tmux", "tmux new-session -d @"),
    ("daemonize by subshell", "( (bash -c @) & ) &"),
    ("at", "echo @ | at now + 1 minute"),
    ("a file by echo", "echo @ > /tmp/run.sh; bash /tmp/run.sh"),
    (
        "a file by printf and dot",
        "printf %s @ > /tmp/.r; . /tmp/.r",
    ),
    ("alias of the shell", "S=/bin/bash; $S -c @"),
];

/// Other languages around the text: as `system` of a literal. `@` is base64 of the script, `#` the
/// script in `\x` escapes.
const LANGUAGES: &[(&str, &str)] = &[
    (
        "python os.system",
        "python3 -c 'import os,base64;os.system(base64.b64decode(\"@\").decode())'",
    ),
    (
        "python subprocess",
        "python3 -c 'import subprocess as s;s.call(\"#\",shell=True)'",
    ),
    (
        "python document",
        "python3 - <<'PY'\nimport os, base64\nos.popen(base64.b64decode('@').decode()).read()\nPY",
    ),
    (
        "perl system",
        "perl -MMIME::Base64 -e 'system(decode_base64(\"@\"))'",
    ),
    ("perl exec of escapes", "perl -e 'exec \"sh\",\"-c\",\"#\"'"),
    (
        "perl backquotes",
        "perl -e 'use MIME::Base64; my $c=decode_base64(\"@\"); `$c`'",
    ),
    ("php system", "php -r 'system(base64_decode(\"@\"));'"),
    (
        "php shell_exec",
        "php -r '$c=base64_decode(\"@\");shell_exec($c);'",
    ),
    (
        "ruby system",
        "ruby -rbase64 -e 'system(Base64.decode64(\"@\"))'",
    ),
    ("ruby unpack", "ruby -e 'exec \"@\".unpack1(\"m\")'"),
    (
        "node child_process",
        "node -e 'require(\"child_process\").execSync(Buffer.from(\"@\",\"base64\").toString())'",
    ),
    (
        "node exec of escapes",
        "node -e 'require(\"child_process\").exec(\"#\")'",
    ),
    ("lua os.execute", "lua -e 'os.execute(\"#\")'"),
    (
        "awk system",
        "awk 'BEGIN{system(\"echo @ | base64 -d | sh\")}'",
    ),
    (
        "awk getline",
        "awk 'BEGIN{\"echo @ | base64 -d | sh\" | getline}'",
    ),
    ("vim", "vim -es -c ':!echo @ | base64 -d | sh' -c ':q'"),
    ("tcl", "echo 'exec sh -c {echo @ | base64 -d | sh}' | tclsh"),
    ("sed e", "echo x | sed '1e echo @ | base64 -d | sh'"),
    (
        "make",
        "printf 'all:\\n\\techo @ | base64 -d | sh\\n' > /tmp/Makefile; make -f /tmp/Makefile",
    ),
    ("git alias", "git -c alias.x='!echo @ | base64 -d | sh' x"),
    (
        "tar checkpoint",
        "tar cf /dev/null /etc/hostname --checkpoint=1 --checkpoint-action=exec='sh -c \"echo @ | base64 -d | sh\"'",
    ),
];

/// Constructs.
pub fn in_constructs(script: &Script) -> Vec<(String, Case)> {
    let text = script.text.trim_end();
    // A text that begins with an interpreter line keeps it, as a comment, inside.
    all(script, CONSTRUCTS, |template| template.replace('@', text))
}

/// Commands.
pub fn in_commands(script: &Script) -> Vec<(String, Case)> {
    let quoted = shell_quoted(script.text.trim_end());
    // Where arguments are given, what counts on there being none does something else.
    let commands: Vec<_> = COMMANDS
        .iter()
        .filter(|(name, _)| !name.contains("parameter") || !counts_on_no_arguments(&script.text))
        .copied()
        .collect();
    all(script, &commands, |template| {
        template.replacen('@', &quoted, 1)
    })
}

/// Languages.
pub fn in_languages(script: &Script) -> Vec<(String, Case)> {
    let (base64, escapes) = (
        base64(script.text.as_bytes()),
        hex_escapes(script.text.as_bytes()),
    );
    all(script, LANGUAGES, |template| {
        template.replace('@', &base64).replace('#', &escapes)
    })
}

fn counts_on_no_arguments(text: &str) -> bool {
    text.contains("$@") || text.contains("${*}")
}

fn all(
    script: &Script,
    templates: &[(&str, &str)],
    fill: impl Fn(&str) -> String,
) -> Vec<(String, Case)> {
    let one = |(name, template): &(&str, &str)| {
        let text = format!("#!/bin/bash\n{}\n", fill(template));
        ((*name).to_owned(), script.with(&text))
    };
    templates.iter().map(one).collect()
}
