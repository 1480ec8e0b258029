//! Daemons of a test's own: in a temporary folder, with their own sockets, stopped at its end.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longest time a daemon may take to come up or to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running daemon.
pub struct Daemon {
    child: Child,
    pub temp: TempDir,
    pub socket: PathBuf,
    log: PathBuf,
}

/// A path of a program, or what to install.
fn program(name: &str, package: &str) -> String {
    let here = std::env::var("PATH").unwrap_or_default();
    let found = here
        .split(':')
        .chain(["/usr/sbin", "/sbin"])
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.exists());
    let path = found.unwrap_or_else(|| {
        panic!("this test runs {name}, which is not here: install the Debian package {package}")
    });
    path.display().to_string()
}

fn need_root() {
    use std::os::unix::fs::MetadataExt;
    let uid = std::fs::metadata("/proc/self").unwrap().uid();
    assert_eq!(uid, 0, "this test starts daemons: run it as root");
}

impl Daemon {
    fn start(program: &str, arguments: &[String], temp: TempDir, socket: PathBuf) -> Self {
        let log = temp.path().join("log");
        let output = std::fs::File::create(&log).unwrap();
        // Should the test be killed, the daemon is told to stop too.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "--", program])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .expect("setpriv, of the Debian package util-linux");
        let mut daemon = Self {
            child,
            temp,
            socket,
            log,
        };
        daemon.wait_ready();
        daemon
    }

    fn wait_ready(&mut self) {
        let start = Instant::now();
        while std::os::unix::net::UnixStream::connect(&self.socket).is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && start.elapsed() < PATIENCE,
                "the daemon did not come up: {ended:?}\n{}",
                std::fs::read_to_string(&self.log).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    pub fn docker() -> Self {
        need_root();
        let temp = TempDir::new().unwrap();
        let at = |name: &str| temp.path().join(name).display().to_string();
        let socket = temp.path().join("docker.sock");
        let arguments = [
            "--data-root".to_owned(),
            at("docker"),
            "--exec-root".to_owned(),
            at("exec"),
            "--pidfile".to_owned(),
            at("pid"),
            "--host".to_owned(),
            format!("unix://{}", socket.display()),
            "--bridge=none".to_owned(),
            "--iptables=false".to_owned(),
        ];
        let dockerd = program("dockerd", "docker.io");
        Self::start(&dockerd, &arguments, temp, socket)
    }

    pub fn containerd() -> Self {
        need_root();
        let temp = TempDir::new().unwrap();
        let at = |name: &str| temp.path().join(name).display().to_string();
        let socket = temp.path().join("containerd.sock");
        let config = format!(
            "version = 2\nroot = \"{}\"\nstate = \"{}\"\n\
             disabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n\
             [grpc]\n  address = \"{}\"\n[ttrpc]\n  address = \"{}.ttrpc\"\n",
            at("root"),
            at("state"),
            socket.display(),
            socket.display()
        );
        std::fs::write(at("config.toml"), config).unwrap();
        let arguments = ["--config".to_owned(), at("config.toml")];
        let containerd = program("containerd", "containerd");
        Self::start(&containerd, &arguments, temp, socket)
    }

    pub fn podman() -> Self {
        need_root();
        let temp = TempDir::new().unwrap();
        let socket = temp.path().join("podman.sock");
        let mut arguments = podman_arguments(temp.path(), "overlay");
        arguments.extend(["system", "service", "--time=0"].map(str::to_owned));
        arguments.push(format!("unix://{}", socket.display()));
        let podman = program("podman", "podman");
        Self::start(&podman, &arguments, temp, socket)
    }

    /// `ctr` with this containerd.
    pub fn ctr(&self, arguments: &[&str]) -> String {
        let output = Command::new(program("ctr", "containerd"))
            .arg("--address")
            .arg(&self.socket)
            .args(arguments)
            .output();
        checked(output.unwrap())
    }

    /// Sends a tar to `POST /images/load`, with the least HTTP that will do.
    pub fn load(&self, archive: &[u8]) {
        use std::io::{Read, Write};
        let mut socket = std::os::unix::net::UnixStream::connect(&self.socket).unwrap();
        let length = archive.len();
        let head = format!(
            "POST /images/load HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\
             Content-Type: application/x-tar\r\nContent-Length: {length}\r\n\r\n"
        );
        socket.write_all(head.as_bytes()).unwrap();
        socket.write_all(archive).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(!answer.contains("errorDetail"), "{answer}");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let id = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let start = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && start.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        unmount(self.temp.path());
    }
}

/// Releases what a daemon left mounted under its folder.
fn unmount(folder: &Path) {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    for line in mounts.lines().rev() {
        if let Some(at) = line.split(' ').nth(1)
            && Path::new(at).starts_with(folder)
        {
            let _ = Command::new("umount").args(["-l", at]).status();
        }
    }
}

fn podman_arguments(folder: &Path, driver: &str) -> Vec<String> {
    let at = |name: &str| folder.join(name).display().to_string();
    let storage = format!("storage-{driver}");
    [
        "--root",
        &at(&storage),
        "--runroot",
        &at("run"),
        "--storage-driver",
        driver,
    ]
    .map(str::to_owned)
    .to_vec()
}

/// A storage folder of podman's without a service.
pub struct Storage {
    pub temp: TempDir,
    driver: &'static str,
}

impl Storage {
    pub fn new(driver: &'static str) -> Self {
        need_root();
        let temp = TempDir::new().unwrap();
        Self { temp, driver }
    }

    pub fn folder(&self) -> PathBuf {
        self.temp.path().join(format!("storage-{}", self.driver))
    }

    pub fn load(&self, archive: &[u8]) {
        let file = self.temp.path().join("archive.tar");
        std::fs::write(&file, archive).unwrap();
        let output = Command::new(program("podman", "podman"))
            .args(podman_arguments(self.temp.path(), self.driver))
            .arg("load")
            .arg("-i")
            .arg(file)
            .output();
        checked(output.unwrap());
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        unmount(self.temp.path());
    }
}

fn checked(output: Output) -> String {
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{text}");
    text
}
