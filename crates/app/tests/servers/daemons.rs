//! Docker, podman and containerd, each with a storage folder of its own.

use std::fs::{self, File, TryLockError};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{Server, run};

/// Longest wait for another test's dockerd to end.
const TURN: Duration = Duration::from_secs(300);

/// A daemon with its folder.
pub struct Daemon {
    server: Option<Server>,
    folder: TempDir,
    kind: Kind,
    _turn: Option<File>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Docker,
    Podman,
    Containerd,
}

impl Daemon {
    /// Docker. One at a time on a machine: two fight over the network's set-up.
    pub fn docker() -> Self {
        let turn = turn();
        let mut daemon = Self::folder(Kind::Docker);
        daemon._turn = Some(turn);
        let (root, exec, id) = (daemon.path("root"), daemon.path("exec"), daemon.path("pid"));
        let host = format!("unix://{}", daemon.path("socket"));
        let words = [
            "dockerd",
            "--data-root",
            &root,
            "--exec-root",
            &exec,
            "--pidfile",
            &id,
            "--host",
            &host,
            "--bridge=none",
            "--iptables=false",
            "--ip6tables=false",
            "--ip-forward=false",
            "--ip-masq=false",
        ];
        daemon.serve("dockerd", &words);
        daemon
    }

    /// Podman's service.
    pub fn podman() -> Self {
        let mut daemon = Self::folder(Kind::Podman);
        let socket = format!("unix://{}", daemon.path("socket"));
        let mut words = daemon.podman_words();
        words.extend(["system", "service", "--time=0", &socket].map(str::to_owned));
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        daemon.serve("podman", &words);
        daemon
    }

    /// containerd, without its Kubernetes side.
    pub fn containerd() -> Self {
        let mut daemon = Self::folder(Kind::Containerd);
        let config = format!(
            "version = 2\nroot = \"{}\"\nstate = \"{}\"\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n\
             [grpc]\n  address = \"{}\"\n[ttrpc]\n  address = \"{}\"\n",
            daemon.path("root"),
            daemon.path("state"),
            daemon.path("socket"),
            daemon.path("ttrpc"),
        );
        let path = daemon.path("config.toml");
        fs::write(&path, config).unwrap();
        daemon.serve("containerd", &["containerd", "--config", &path]);
        daemon
    }

    /// Its socket.
    pub fn socket(&self) -> String {
        self.path("socket")
    }

    /// Its storage folder.
    pub fn storage(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    /// Loads an archive as `docker save` writes it; the names in it stay.
    pub fn load(&self, archive: &Path) {
        let archive = archive.to_str().unwrap();
        match self.kind {
            Kind::Docker => {
                self.docker_command(&["load", "--quiet", "--input", archive]);
            }
            Kind::Podman => {
                let mut words = self.podman_words();
                words.extend(["load", "--quiet", "--input", archive].map(str::to_owned));
                run(&words.iter().map(String::as_str).collect::<Vec<_>>());
            }
            Kind::Containerd => {
                let socket = self.socket();
                run(&["ctr", "--address", &socket, "images", "import", archive]);
            }
        }
    }

    /// Runs Docker's client against it, with the builder that needs no plugin.
    pub fn docker_command(&self, words: &[&str]) -> String {
        let host = format!("unix://{}", self.socket());
        let mut all = vec!["docker", "--host", &host];
        all.extend(words);
        super::run_with(&all, &[("DOCKER_BUILDKIT", "0")])
    }

    /// Ends the daemon; its storage stays until this goes.
    pub fn stop(&mut self) {
        self.server = None;
    }

    fn folder(kind: Kind) -> Self {
        Self {
            server: None,
            folder: TempDir::with_prefix("bw-").unwrap(),
            kind,
            _turn: None,
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn podman_words(&self) -> Vec<String> {
        let words = [
            "podman",
            "--root",
            &self.path("root"),
            "--runroot",
            &self.path("run"),
            "--tmpdir",
            &self.path("tmp"),
            "--storage-driver",
            "overlay",
            "--cgroup-manager",
            "cgroupfs",
        ];
        words.map(str::to_owned).to_vec()
    }

    fn serve(&mut self, name: &'static str, words: &[&str]) {
        let mut server = Server::start(name, self.folder.path(), words);
        let socket = self.socket();
        server.wait_until(|| UnixStream::connect(&socket).is_ok());
        self.server = Some(server);
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.stop();
        // Podman leaves its storage bound onto itself, and a mount point cannot be removed.
        let mount = self.path("root/overlay");
        let _ = Command::new("umount")
            .args(["--recursive", "--quiet", &mount])
            .stderr(Stdio::null())
            .status();
    }
}

/// Waits for the machine's one place for a test's dockerd.
fn turn() -> File {
    let file = File::create(std::env::temp_dir().join("bilgewatch-dockerd.lock")).unwrap();
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return file,
            Err(TryLockError::WouldBlock) => {
                assert!(
                    start.elapsed() < TURN,
                    "another test's dockerd does not end"
                );
                sleep(Duration::from_millis(200));
            }
            Err(TryLockError::Error(error)) => panic!("cannot lock: {error}"),
        }
    }
}
