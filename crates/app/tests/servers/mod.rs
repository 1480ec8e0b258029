//! Real servers for tests: each in a folder of its own, on loopback, on a free port, ended with
//! its children when its guard goes.

pub mod daemons;
pub mod registry;
pub mod token;

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Longest wait for a server to answer: a cold dockerd on a busy machine took 20 s.
const START: Duration = Duration::from_secs(90);

/// Longest wait for a server to end when asked to, before it is killed.
const END: Duration = Duration::from_secs(20);

/// A server process; ends it when dropped.
pub struct Server {
    child: Child,
    log: PathBuf,
    name: &'static str,
}

impl Server {
    /// Starts a server whose output goes to `folder/NAME.log`.
    ///
    /// It leads a process group of its own, and the kernel ends it if this process dies.
    pub fn start(name: &'static str, folder: &Path, command: &[&str]) -> Self {
        let log = folder.join(format!("{name}.log"));
        let output = File::create(&log).unwrap();
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "--"])
            .args(command)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        Self { child, log, name }
    }

    /// Waits until `ready` says so; fails with the log if it never does or the server ends.
    pub fn wait_until(&mut self, mut ready: impl FnMut() -> bool) {
        let start = Instant::now();
        while !ready() {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("{} ended with {status}:\n{}", self.name, self.log());
            }
            let waited = start.elapsed();
            assert!(
                waited < START,
                "{} does not answer:\n{}",
                self.name,
                self.log()
            );
            sleep(Duration::from_millis(100));
        }
    }

    /// What it wrote so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn signal(&self, signal: &str, whom: String) {
        let _ = Command::new("kill")
            .args([signal, "--", &whom])
            .stderr(Stdio::null())
            .status();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let id = self.child.id();
        self.signal("-TERM", id.to_string());
        let start = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && start.elapsed() < END {
            sleep(Duration::from_millis(50));
        }
        self.signal("-KILL", format!("-{id}"));
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Runs a tool to its end and gives its standard output; fails with what it wrote if it fails.
///
/// Five minutes are far more than any takes here: a tool that hangs must not hang the tests.
pub fn run(words: &[&str]) -> String {
    run_with(words, &[])
}

/// [`run`] with variables set.
pub fn run_with(words: &[&str], variables: &[(&str, &str)]) -> String {
    let output = Command::new("timeout")
        .args(["--kill-after=5", "300"])
        .args(words)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{words:?} failed: {}\n{shown}",
        output.status
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}
