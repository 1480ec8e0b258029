//! Credential helpers: programs that keep logins outside of files.
//!
//! Source: docker/docker-credential-helpers, "Usage": `docker-credential-NAME get` reads the server
//! from standard input and writes `{"ServerURL","Username","Secret"}`.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use model::text::{cut, printable};
use serde::Deserialize;

use super::credentials::Secret;

/// Longest output of a helper, in bytes; tokens have a few thousand.
const OUTPUT_BYTES: u64 = 64 << 10;
/// How a helper says that it has no login; `errCredentialsNotFoundMessage` in its sources.
const NOT_FOUND: &str = "credentials not found in native keychain";
/// User name by which a helper says that its secret is an identity token.
const IDENTITY_USER: &str = "<token>";
/// How often a running helper is looked after.
const POLL: Duration = Duration::from_millis(10);

#[derive(Deserialize)]
struct Output {
    #[serde(rename = "Username", default)]
    username: String,
    #[serde(rename = "Secret", default)]
    secret: String,
}

/// Asks the helper `name` for the login to `server`; `None` if it has none.
///
/// # Errors
/// A sentence about what went wrong, without what the helper wrote to its output.
pub(super) fn get(
    name: &str,
    server: &str,
    path: &[PathBuf],
    timeout: Duration,
) -> Result<Option<Secret>, String> {
    let program = find(name, path)?;
    let shown = program.display();
    let mut child = Command::new(&program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("the credential helper {shown} cannot be started: {error}"))?;
    let result = converse(&mut child, server, timeout);
    // Ended or not: nothing of it is needed any more.
    let _ = child.kill();
    let _ = child.wait();
    let (status, output) = result.map_err(|why| format!("the credential helper {shown} {why}"))?;
    if !status.success() {
        let text = String::from_utf8_lossy(&output);
        if text.trim() == NOT_FOUND {
            return Ok(None);
        }
        let said = cut(&printable(text.trim().as_bytes()), 200);
        return Err(format!(
            "the credential helper {shown} failed ({status}): {said}"
        ));
    }
    let output: Output = serde_json::from_slice(&output)
        .map_err(|_| format!("the credential helper {shown} wrote something that is no login"))?;
    Ok(match (output.username.as_str(), output.secret.as_str()) {
        (_, "") => None,
        (IDENTITY_USER, _) => Some(Secret::Identity(output.secret)),
        _ => Some(Secret::Password(output.username, output.secret)),
    })
}

/// The program in the first folder that has it. The name comes from a file, so it may be no path.
fn find(name: &str, path: &[PathBuf]) -> Result<PathBuf, String> {
    let is_plain = name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if !is_plain {
        let shown = printable(name.as_bytes());
        return Err(format!("`{shown}` is not the name of a credential helper"));
    }
    let file = format!("docker-credential-{name}");
    path.iter()
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&file))
        .find(|program| Path::is_file(program))
        .ok_or_else(|| format!("the credential helper {file} is not in the PATH"))
}

/// Hands over the server, and waits for the output and the end. Writing and reading are done by
/// threads, since a helper that does neither would block this one for ever.
fn converse(
    child: &mut Child,
    server: &str,
    timeout: Duration,
) -> Result<(ExitStatus, Vec<u8>), String> {
    let start = Instant::now();
    if let Some(mut input) = child.stdin.take() {
        let line = format!("{server}\n");
        std::thread::spawn(move || {
            // A helper that does not read will show it by its answer.
            let _ = input.write_all(line.as_bytes());
        });
    }
    let (send, receive) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = std::io::copy(&mut output.take(OUTPUT_BYTES), &mut bytes);
            let _ = send.send(read.map(|_| bytes));
        });
    }
    let left = || timeout.saturating_sub(start.elapsed());
    let too_slow = || format!("did not answer within {} s", timeout.as_secs());
    let output = match receive.recv_timeout(left()) {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(format!("cannot be read: {error}")),
        Err(_) => return Err(too_slow()),
    };
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok((status, output)),
            Ok(None) if left().is_zero() => return Err(too_slow()),
            Ok(None) => std::thread::sleep(POLL),
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn helper(script: &str, timeout: u64) -> Result<Option<Secret>, String> {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("docker-credential-test");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = [PathBuf::from("relative"), folder.path().to_owned()];
        get("test", "reg.example", &path, Duration::from_millis(timeout))
    }

    #[test]
    fn what_helpers_answer() {
        let ask = |script: &str| helper(script, 10_000);
        assert_eq!(
            ask(r#"read s; echo "{\"Username\":\"$1\",\"Secret\":\"$s\"}""#),
            Ok(Some(Secret::Password(
                "get".to_owned(),
                "reg.example".to_owned()
            )))
        );
        assert_eq!(
            ask(r#"echo '{"Username":"<token>","Secret":"t"}'"#),
            Ok(Some(Secret::Identity("t".to_owned())))
        );
        assert_eq!(ask(&format!("echo {NOT_FOUND}; exit 1")), Ok(None));
        let error = ask("echo keychain is locked; exit 3").unwrap_err();
        assert!(
            error.contains("keychain is locked") && error.contains('3'),
            "{error}"
        );
        let error = ask("echo secret-but-no-json").unwrap_err();
        assert!(!error.contains("secret-but"), "{error}");
    }

    #[test]
    fn silent_or_endless_helpers_are_ended() {
        let start = Instant::now();
        assert!(
            helper("exec sleep 60", 300)
                .unwrap_err()
                .contains("did not answer")
        );
        assert!(helper("exec yes", 5_000).is_err());
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn names_are_no_paths() {
        let ask = |name| get(name, "s", &["/bin".into()], Duration::from_secs(1)).unwrap_err();
        assert!(ask("../../x").contains("not the name"));
        assert!(ask("absent-from-here").contains("not in the PATH"));
    }
}
