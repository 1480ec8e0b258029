//! The environment: the one place that reads variables other than `BILGEWATCH_*` (which the
//! command-line definition names), and turns them and the options into [`image::Options`].

use std::ffi::OsString;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::cli::{Daemons, Reading, Registry};

/// Longest password that is read from standard input, in bytes: tokens of cloud registries have
/// some thousands.
const MAX_PASSWORD: u64 = 64 << 10;

/// Variables, behind a function so that tests can make their own.
pub struct Environment<'a> {
    variable: &'a dyn Fn(&str) -> Option<OsString>,
}

/// The variables of this process.
pub const PROCESS: Environment<'static> = Environment {
    variable: &|name| std::env::var_os(name),
};

impl Environment<'_> {
    /// A variable that is set and not empty.
    fn get(&self, name: &str) -> Option<OsString> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// The first of several variables, as text.
    fn text(&self, names: &[&str]) -> Option<String> {
        names
            .iter()
            .find_map(|name| self.get(name))
            .map(|value| value.to_string_lossy().into_owned())
    }

    /// A variable that holds a path.
    fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// The configuration file that is read without being asked for, if it exists.
    pub fn default_config(&self) -> Option<PathBuf> {
        let folder = self
            .path("XDG_CONFIG_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| Some(self.path("HOME")?.join(".config")))?;
        Some(folder.join("bilgewatch/config.toml")).filter(|file| file.is_file())
    }

    /// Width of the terminal as `COLUMNS` tells it.
    pub fn columns(&self) -> Option<usize> {
        self.text(&["COLUMNS"])?.parse().ok()
    }

    /// How to open images. `stdin` is read for the password, if that was asked for.
    pub fn options(
        &self,
        reading: &Reading,
        registry: &Registry,
        daemons: &Daemons,
        stdin: &mut dyn BufRead,
    ) -> anyhow::Result<image::Options> {
        let mut options = image::Options {
            platforms: reading.platform.clone(),
            docker_config: self.docker_config(registry)?,
            helper_path: self
                .get("PATH")
                .map(|path| std::env::split_paths(&path).collect())
                .unwrap_or_default(),
            credentials: self.credentials(registry, stdin)?,
            insecure_registries: registry.insecure_registry.clone(),
            ca_files: registry.ca_file.clone(),
            mirrors: registry
                .mirror
                .iter()
                .map(|mirror| (mirror.registry.clone(), mirror.url.clone()))
                .collect(),
            proxy: self.text(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]),
            no_proxy: self.text(&["NO_PROXY", "no_proxy"]),
            ..image::Options::default()
        };
        if let Some(bytes) = reading.max_layer_size {
            options.budget.layer_bytes = bytes;
        }
        if let Some(timeout) = registry.timeout {
            options.timeout = timeout;
        }
        self.daemons(daemons, &mut options);
        Ok(options)
    }

    /// Docker's `config.json`, or else what podman keeps in the same format.
    fn docker_config(&self, registry: &Registry) -> anyhow::Result<Option<PathBuf>> {
        if let Some(folder) = &registry.docker_config {
            let file = folder.join("config.json");
            if !file.is_file() {
                bail!(
                    "{} holds no `config.json`: name the folder `docker login` writes to",
                    folder.display()
                );
            }
            return Ok(Some(file));
        }
        let under = |folder: Option<PathBuf>, file: &str| folder.map(|folder| folder.join(file));
        let candidates = [
            under(self.path("DOCKER_CONFIG"), "config.json"),
            under(self.path("HOME"), ".docker/config.json"),
            self.path("REGISTRY_AUTH_FILE"),
            under(self.path("XDG_RUNTIME_DIR"), "containers/auth.json"),
        ];
        Ok(candidates.into_iter().flatten().find(|file| file.is_file()))
    }

    /// User name and password.
    fn credentials(
        &self,
        registry: &Registry,
        stdin: &mut dyn BufRead,
    ) -> anyhow::Result<Option<(String, String)>> {
        let Some(username) = registry.username.clone() else {
            if registry.password_stdin {
                bail!("--password-stdin needs --username: name the user it is the password of");
            }
            return Ok(None);
        };
        let password = if registry.password_stdin {
            read_password(stdin)?
        } else {
            self.text(&["BILGEWATCH_PASSWORD"]).context(
                "--username without a password: add --password-stdin, or set BILGEWATCH_PASSWORD",
            )?
        };
        Ok(Some((username, password)))
    }

    /// Sockets: the option, the daemon's own variable, the user's socket, the system's.
    fn daemons(&self, daemons: &Daemons, options: &mut image::Options) {
        let own = |socket: &str| -> Option<String> {
            let path = self.path("XDG_RUNTIME_DIR")?.join(socket);
            path.exists().then(|| format!("unix://{}", path.display()))
        };
        let docker = daemons
            .docker_host
            .clone()
            .or_else(|| self.text(&["DOCKER_HOST"]))
            .or_else(|| {
                // Rootless Docker has no socket at the usual place.
                (!Path::new("/var/run/docker.sock").exists())
                    .then(|| own("docker.sock"))
                    .flatten()
            });
        let podman = daemons
            .podman_host
            .clone()
            .or_else(|| self.text(&["CONTAINER_HOST"]))
            .or_else(|| own("podman/podman.sock"));
        let containerd = daemons
            .containerd_address
            .clone()
            .or_else(|| self.text(&["CONTAINERD_ADDRESS"]));
        if let Some(host) = docker {
            options.docker_host = host;
        }
        if let Some(host) = podman {
            options.podman_host = host;
        }
        if let Some(address) = containerd {
            options.containerd_address = address;
        }
        options.containerd_namespace = daemons
            .containerd_namespace
            .clone()
            .or_else(|| self.text(&["CONTAINERD_NAMESPACE"]));
    }
}

/// One line without its end.
fn read_password(stdin: &mut dyn BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::Read::take(stdin, MAX_PASSWORD)
        .read_line(&mut line)
        .context("reading the password from standard input")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("no password on standard input: pipe it in, for example `… < token.txt`");
    }
    Ok(password.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn options(
        variables: &[(&str, &str)],
        args: &[&str],
        stdin: &str,
    ) -> anyhow::Result<image::Options> {
        let all = ["bilgewatch", "scan", "x"].iter().chain(args);
        let Command::Scan(scan) = Cli::try_parse_from(all)?.command else {
            panic!("another command")
        };
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        Environment {
            variable: &variable,
        }
        .options(
            &scan.reading,
            &scan.registry,
            &scan.daemons,
            &mut stdin.as_bytes(),
        )
    }

    #[test]
    fn variables_of_others_are_heeded() {
        let found = options(
            &[
                ("DOCKER_HOST", "tcp://192.0.2.1:2375"),
                ("CONTAINER_HOST", "unix:///tmp/p.sock"),
                ("CONTAINERD_ADDRESS", "/tmp/c.sock"),
                ("CONTAINERD_NAMESPACE", "k8s.io"),
                ("HTTPS_PROXY", ""),
                ("https_proxy", "http://192.0.2.2:3128"),
                ("NO_PROXY", "example.com"),
                ("PATH", "/a:/b"),
            ],
            &[],
            "",
        )
        .unwrap();
        assert_eq!(found.docker_host, "tcp://192.0.2.1:2375");
        assert_eq!(found.podman_host, "unix:///tmp/p.sock");
        assert_eq!(found.containerd_address, "/tmp/c.sock");
        assert_eq!(found.containerd_namespace.as_deref(), Some("k8s.io"));
        assert_eq!(found.proxy.as_deref(), Some("http://192.0.2.2:3128"));
        assert_eq!(found.no_proxy.as_deref(), Some("example.com"));
        assert_eq!(found.helper_path.len(), 2);
        assert!(found.docker_config.is_none() && found.credentials.is_none());
    }

    #[test]
    fn options_win_over_variables_of_others() {
        let found = options(
            &[("DOCKER_HOST", "tcp://192.0.2.1:2375")],
            &[
                "--docker-host",
                "unix:///d.sock",
                "--max-layer-size=1GiB",
                "--timeout=5",
            ],
            "",
        )
        .unwrap();
        assert_eq!(found.docker_host, "unix:///d.sock");
        assert_eq!(found.budget.layer_bytes, 1 << 30);
        assert_eq!(found.timeout.as_secs(), 5);
    }

    #[test]
    fn passwords_come_from_stdin_or_the_environment() {
        let credentials = |variables: &[_], args: &[&str], stdin| {
            options(variables, args, stdin).map(|options| options.credentials)
        };
        let user = ["--username", "u"];
        let both = ["--username", "u", "--password-stdin"];
        let expected = Some(("u".to_owned(), "p w".to_owned()));
        assert_eq!(credentials(&[], &both, "p w\r\nmore").unwrap(), expected);
        let variables = [("BILGEWATCH_PASSWORD", "p w")];
        assert_eq!(credentials(&variables, &user, "").unwrap(), expected);
        assert!(credentials(&[], &both, "").is_err());
        assert!(credentials(&[], &user, "").is_err());
        assert!(credentials(&[], &["--password-stdin"], "p").is_err());
    }

    #[test]
    fn login_files_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().to_str().unwrap();
        assert!(options(&[], &["--docker-config", name], "").is_err());
        let file = folder.path().join("config.json");
        std::fs::write(&file, "{}").unwrap();
        let by_option = options(&[], &["--docker-config", name], "").unwrap();
        assert_eq!(by_option.docker_config.as_ref(), Some(&file));
        let by_variable = options(&[("DOCKER_CONFIG", name)], &[], "").unwrap();
        assert_eq!(by_variable.docker_config, Some(file));
    }

    #[test]
    fn the_configuration_file_is_under_the_xdg_folder() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().as_os_str().to_owned();
        let file = folder.path().join("bilgewatch/config.toml");
        let found = || {
            let variable = |name: &str| (name == "XDG_CONFIG_HOME").then(|| root.clone());
            Environment {
                variable: &variable,
            }
            .default_config()
        };
        assert_eq!(found(), None);
        std::fs::create_dir(folder.path().join("bilgewatch")).unwrap();
        std::fs::write(&file, "").unwrap();
        assert_eq!(found(), Some(file));
    }
}
