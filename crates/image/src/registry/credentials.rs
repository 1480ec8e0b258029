//! Credentials: who may say what to which registry.
//!
//! Source: Docker's `config.json` (docker/cli `cli/config/configfile`), whose form podman's
//! `auth.json` shares (`containers-auth.json(5)`, which adds keys with a repository in them).

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

use super::endpoint::DOCKER_HUB;
use super::helper;
use crate::Options;

/// Longest configuration file, in bytes: a login has a few hundred.
const CONFIG_BYTES: u64 = 1 << 20;
/// What Docker Hub's credentials are filed under.
const DOCKER_HUB_KEY: &str = "https://index.docker.io/v1/";
/// Other keys of Docker Hub: podman's, and those of old logins.
const DOCKER_HUB_ALIASES: [&str; 3] = [DOCKER_HUB, "index.docker.io", "registry-1.docker.io"];
/// Logins are written with and without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What proves who asks.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Secret {
    /// User name and password.
    Password(String, String),
    /// A token to get tokens with (OAuth2's refresh token).
    Identity(String),
    /// A token to be handed to the registry as it is.
    Registry(String),
}

impl fmt::Debug for Secret {
    /// Without what is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password(..) => "Password(…)",
            Self::Identity(_) => "Identity(…)",
            Self::Registry(_) => "Registry(…)",
        })
    }
}

/// What a search for credentials found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Credentials, if there are any.
    pub secret: Option<Secret>,
    /// What went wrong while searching: said if the registry then refuses.
    pub trouble: Option<String>,
}

impl Found {
    fn trouble(text: String) -> Self {
        Self {
            secret: None,
            trouble: Some(text),
        }
    }
}

/// Where credentials are kept.
pub(super) struct Keyring {
    /// For one registry, from the user.
    explicit: Option<(String, Secret)>,
    file: Option<PathBuf>,
    helper_path: Vec<PathBuf>,
    timeout: Duration,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl Keyring {
    /// What `options` give; the credentials in them are for `registry` alone, never for a mirror.
    pub fn of(registry: &str, options: &Options) -> Self {
        let explicit = options.credentials.clone();
        Self {
            explicit: explicit
                .map(|(user, password)| (registry.to_owned(), Secret::Password(user, password))),
            file: options.docker_config.clone(),
            helper_path: options.helper_path.clone(),
            timeout: options.timeout,
        }
    }

    /// Credentials for a repository of `registry`.
    pub fn find(&self, registry: &str, repository: &str) -> Found {
        match &self.explicit {
            Some((of, secret)) if of == registry => Found {
                secret: Some(secret.clone()),
                trouble: None,
            },
            _ => self.find_in_file(registry, repository),
        }
    }

    fn find_in_file(&self, registry: &str, repository: &str) -> Found {
        let config = match self.read() {
            Ok(Some(config)) => config,
            Ok(None) => return Found::default(),
            Err(trouble) => return Found::trouble(trouble),
        };
        let helper = config.helper_of(registry);
        let mut trouble = None;
        if let Some(name) = helper {
            match helper::get(name, server(registry), &self.helper_path, self.timeout) {
                Ok(Some(secret)) => {
                    return Found {
                        secret: Some(secret),
                        trouble: None,
                    };
                }
                Ok(None) => {}
                Err(why) => trouble = Some(why),
            }
        }
        match config.login_of(registry, repository) {
            Ok(secret) => Found { secret, trouble },
            Err(why) => Found::trouble(why),
        }
    }

    /// The configuration file, if there is one.
    fn read(&self) -> Result<Option<ConfigFile>, String> {
        let Some(path) = &self.file else {
            return Ok(None);
        };
        let shown = path.display();
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{shown} cannot be read: {error}")),
        };
        let mut bytes = Vec::new();
        std::io::copy(&mut file.take(CONFIG_BYTES + 1), &mut bytes)
            .map_err(|error| format!("{shown} cannot be read: {error}"))?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > CONFIG_BYTES) {
            return Err(format!("{shown} is longer than {CONFIG_BYTES} bytes"));
        }
        // The error's own text may quote a secret.
        serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            format!(
                "{shown} is not Docker's configuration: error in line {}, column {}",
                error.line(),
                error.column()
            )
        })
    }
}

/// How helpers and files name a registry.
fn server(registry: &str) -> &str {
    if registry == DOCKER_HUB {
        DOCKER_HUB_KEY
    } else {
        registry
    }
}

#[derive(Deserialize, Default)]
struct ConfigFile {
    #[serde(default)]
    auths: Option<BTreeMap<String, Login>>,
    #[serde(default, rename = "credHelpers")]
    helpers: Option<BTreeMap<String, String>>,
    #[serde(default, rename = "credsStore")]
    store: Option<String>,
}

#[derive(Deserialize)]
struct Login {
    #[serde(default)]
    auth: Option<String>,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    password: Option<String>,
    #[serde(default, rename = "identitytoken")]
    identity: Option<String>,
    #[serde(default, rename = "registrytoken")]
    registry: Option<String>,
}

impl ConfigFile {
    /// The helper for a registry: its own, else the store for all.
    fn helper_of(&self, registry: &str) -> Option<&str> {
        let own = self.helpers.as_ref().and_then(|helpers| {
            names(registry)
                .into_iter()
                .find_map(|name| helpers.get(name))
        });
        let name = own.or(self.store.as_ref())?;
        (!name.is_empty()).then_some(name)
    }

    /// The login for a repository: the key that names most of it wins.
    fn login_of(&self, registry: &str, repository: &str) -> Result<Option<Secret>, String> {
        let Some(auths) = &self.auths else {
            return Ok(None);
        };
        let mut part = Some(repository);
        while let Some(prefix) = part {
            for name in names(registry) {
                if let Some(login) = auths.get(&format!("{name}/{prefix}")) {
                    return login.secret(registry);
                }
            }
            part = prefix.rsplit_once('/').map(|(parent, _)| parent);
        }
        for name in names(registry) {
            let by_url = || auths.iter().find(|(key, _)| host_of_url(key) == Some(name));
            if let Some(login) = auths.get(name).or_else(|| Some(by_url()?.1)) {
                return login.secret(registry);
            }
        }
        Ok(None)
    }
}

/// All names a registry is filed under, the usual one first.
fn names(registry: &str) -> Vec<&str> {
    if registry == DOCKER_HUB {
        let mut names = vec![DOCKER_HUB_KEY];
        names.extend(DOCKER_HUB_ALIASES);
        names
    } else {
        vec![registry]
    }
}

/// `host` of `https://host/v1/`, as old logins are filed.
fn host_of_url(key: &str) -> Option<&str> {
    let rest = key
        .strip_prefix("https://")
        .or_else(|| key.strip_prefix("http://"))?;
    rest.split('/').next()
}

impl Login {
    fn secret(&self, registry: &str) -> Result<Option<Secret>, String> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = given(&self.registry) {
            return Ok(Some(Secret::Registry(token)));
        }
        if let Some(token) = given(&self.identity) {
            return Ok(Some(Secret::Identity(token)));
        }
        if let Some(auth) = given(&self.auth) {
            return decode(&auth)
                .map(Some)
                .ok_or_else(|| format!("the login for {registry} in Docker's configuration is not base64 of USER:PASSWORD"));
        }
        Ok(given(&self.username)
            .map(|user| Secret::Password(user, self.password.clone().unwrap_or_default())))
    }
}

/// `auth`: base64 of `user:password`, possibly padded with zero bytes.
fn decode(auth: &str) -> Option<Secret> {
    let bytes = BASE64.decode(auth.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some(Secret::Password(
        user.to_owned(),
        password.trim_matches('\0').to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring(json: &str) -> (tempfile::TempDir, Keyring) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.json");
        std::fs::write(&file, json).unwrap();
        let options = Options {
            docker_config: Some(file),
            ..Options::default()
        };
        (folder, Keyring::of("docker.io", &options))
    }

    fn password(user: &str, password: &str) -> Option<Secret> {
        Some(Secret::Password(user.to_owned(), password.to_owned()))
    }

    #[test]
    fn logins_of_docker_and_podman() {
        let (_folder, keyring) = keyring(
            r#"{"auths":{
                "https://index.docker.io/v1/":{"auth":"dXNlcjpwYTpzcw=="},
                "ghcr.io":{"auth":"dTpw"},
                "ghcr.io/owner/app":{"username":"app","password":"x"},
                "https://old.example/v1/":{"identitytoken":"refresh"},
                "tok.example:5000":{"registrytoken":"bearer"},
                "empty.example":{},
                "bad.example":{"auth":"%%"}},
              "HttpHeaders":{"x":"y"}}"#,
        );
        let find = |registry, repository| keyring.find(registry, repository).secret;
        assert_eq!(find("docker.io", "library/a"), password("user", "pa:ss"));
        assert_eq!(find("ghcr.io", "other"), password("u", "p"));
        assert_eq!(find("ghcr.io", "owner/app/sub"), password("app", "x"));
        assert_eq!(find("ghcr.io", "owner/application"), password("u", "p"));
        assert_eq!(
            find("old.example", "a"),
            Some(Secret::Identity("refresh".to_owned()))
        );
        assert_eq!(
            find("tok.example:5000", "a"),
            Some(Secret::Registry("bearer".to_owned()))
        );
        assert_eq!(find("empty.example", "a"), None);
        assert_eq!(find("io", "a"), None);
        let bad = keyring.find("bad.example", "a");
        assert!(bad.secret.is_none() && bad.trouble.unwrap().contains("base64"));
    }

    #[test]
    fn given_credentials_are_for_one_registry() {
        let options = Options {
            credentials: Some(("u".to_owned(), "p".to_owned())),
            ..Options::default()
        };
        let keyring = Keyring::of("docker.io", &options);
        assert_eq!(keyring.find("docker.io", "a").secret, password("u", "p"));
        assert_eq!(keyring.find("mirror.example", "a"), Found::default());
        assert!(
            !format!("{:?} {keyring:?}", keyring.find("docker.io", "a"))
                .contains('p'.to_string().repeat(2).as_str())
        );
    }

    #[test]
    fn a_broken_file_is_said_without_its_secrets() {
        let (_folder, keyring) = keyring(r#"{"auths":{"a.example":"hunter2"}}"#);
        let found = keyring.find("a.example", "x");
        let trouble = found.trouble.unwrap();
        assert!(trouble.contains("line 1"), "{trouble}");
        assert!(!trouble.contains("hunter2"), "{trouble}");
    }

    #[test]
    fn own_helpers_come_before_the_store() {
        let config: ConfigFile = serde_json::from_str(
            r#"{"credsStore":"all","credHelpers":{"a.example":"one","docker.io":"hub"}}"#,
        )
        .unwrap();
        assert_eq!(config.helper_of("a.example"), Some("one"));
        assert_eq!(config.helper_of("b.example"), Some("all"));
        assert_eq!(config.helper_of("docker.io"), Some("hub"));
    }
}
