//! Where a daemon listens, and what to do if it does not.

use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use model::text::printable;

use crate::{Error, ErrorKind};

/// Where a daemon listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A socket file.
    Unix(PathBuf),
    /// Host and port, without TLS.
    Tcp(String),
}

/// What to say about a daemon that cannot be asked.
#[derive(Debug, Clone, Copy)]
pub struct Advice {
    /// Its name: "Docker".
    pub name: &'static str,
    /// What to do if nothing listens.
    pub absent: &'static str,
    /// What to do if its socket is another user's.
    pub denied: &'static str,
}

impl Address {
    /// Parses what `DOCKER_HOST` and the like may hold. A bare absolute path is a socket.
    ///
    /// # Errors
    /// If it is of a kind that is not supported: the error says which are.
    pub fn parse(text: &str, advice: Advice) -> Result<Self, Error> {
        let wrong = |why: &str| {
            Error::new(
                ErrorKind::Usage,
                format!(
                    "the address `{}` of {} {why}",
                    printable(text.as_bytes()),
                    advice.name
                ),
            )
            .advise("give it as unix:///PATH or tcp://HOST:PORT")
        };
        if text.starts_with('/') {
            return Ok(Self::Unix(PathBuf::from(text)));
        }
        match text.split_once("://") {
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(PathBuf::from(path))),
            Some(("unix", _)) => Err(wrong("holds no absolute path")),
            Some(("tcp" | "http", host)) => {
                let host = host.trim_end_matches('/');
                let plain = host
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b));
                if host.is_empty() || !plain {
                    return Err(wrong("holds no host and port"));
                }
                Ok(Self::Tcp(host.to_owned()))
            }
            Some(("https", _)) => Err(wrong("asks for TLS, which is not supported")),
            Some(("ssh", _)) => Err(wrong("asks for ssh, which is not supported")
                .advise("forward the socket: ssh -L /tmp/docker.sock:/var/run/docker.sock HOST, and give unix:///tmp/docker.sock")),
            _ => Err(wrong("is of no known kind")),
        }
    }
}

/// Connects to a socket once, to say exactly why it does not work.
///
/// # Errors
/// If nothing listens or the socket may not be used.
pub fn check_socket(path: &Path, advice: Advice) -> Result<(), Error> {
    UnixStream::connect(path)
        .map(drop)
        .map_err(|error| cannot_connect(&path.display().to_string(), &error, advice))
}

/// The error for a daemon that cannot be reached.
pub fn cannot_connect(place: &str, error: &io::Error, advice: Advice) -> Error {
    let message = format!("cannot reach {} at {place}: {error}", advice.name);
    match error.kind() {
        io::ErrorKind::PermissionDenied => Error::new(ErrorKind::Io, message).advise(advice.denied),
        _ => Error::new(ErrorKind::Unreachable, message).advise(advice.absent),
    }
}

/// An error with its causes, in one line.
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADVICE: Advice = Advice {
        name: "Docker",
        absent: "start it",
        denied: "be root",
    };

    #[test]
    fn addresses_are_those_of_docker_host() {
        let parse = |text| Address::parse(text, ADVICE);
        let socket = Address::Unix(PathBuf::from("/run/docker.sock"));
        assert_eq!(parse("unix:///run/docker.sock").unwrap(), socket);
        assert_eq!(parse("/run/docker.sock").unwrap(), socket);
        assert_eq!(
            parse("tcp://192.0.2.1:2375/").unwrap(),
            Address::Tcp("192.0.2.1:2375".to_owned())
        );
        assert_eq!(
            parse("tcp://[::1]:2375").unwrap(),
            Address::Tcp("[::1]:2375".to_owned())
        );
        for bad in [
            "",
            "docker",
            "unix://relative",
            "tcp://",
            "tcp://host/../x",
            "tcp://user@host",
            "ssh://host",
            "https://host:2376",
            "npipe:////./pipe/docker_engine",
        ] {
            assert_eq!(parse(bad).unwrap_err().kind, ErrorKind::Usage, "{bad}");
        }
    }

    #[test]
    fn a_socket_that_is_not_there_says_what_to_do() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("none.sock");
        let error = check_socket(&path, ADVICE).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unreachable);
        assert!(error.message.contains("none.sock"));
        assert_eq!(error.advice.as_deref(), Some("start it"));
    }
}
