//! Runs the binary as a user would, cut off from the machine's own settings.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// What a run left behind.
pub struct Run {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// The reports on standard output.
    pub fn reports(&self) -> Vec<Value> {
        let document: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr));
        document["reports"].as_array().unwrap().clone()
    }
}

/// The binary without the variables that decide where images are held.
pub fn bilgewatch() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bilgewatch"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let starts = ["BILGEWATCH_", "DOCKER_", "CONTAINER"];
        if starts.iter().any(|start| text.starts_with(start)) || text.ends_with("_PROXY") {
            command.env_remove(&name);
        }
    }
    command
        .env("DOCKER_CONFIG", "/nonexistent")
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub fn finish(command: &mut Command) -> Run {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    Run {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}
