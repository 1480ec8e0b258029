//! The reference registry (Debian's `docker-registry`) in the ways registries are set up.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;

use tempfile::TempDir;

use super::token::{Authority, TokenServer};
use super::{Server, free_port, run};

/// Name and password where a registry asks for them.
pub const USER: (&str, &str) = ("reader", "not-a-secret");

/// How a registry is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Plain HTTP, open.
    Http,
    /// HTTPS with a certificate of an authority of its own, open.
    Https,
    /// Plain HTTP, user and password with each request.
    Basic,
    /// Plain HTTP, with tokens from a token server that asks for user and password.
    Token,
}

/// A running registry.
pub struct Registry {
    /// Host and port.
    pub host: String,
    /// How it is set up.
    pub access: Access,
    folder: TempDir,
    _server: Server,
    _tokens: Option<TokenServer>,
}

impl Registry {
    /// Starts one.
    pub fn start(access: Access) -> Self {
        let folder = TempDir::new().unwrap();
        let root = folder.path();
        let port = free_port();
        let host = format!("127.0.0.1:{port}");
        let authority = Authority::new();
        let tokens = (access == Access::Token).then(|| TokenServer::start(&authority, USER));
        let extra = match access {
            Access::Http => String::new(),
            Access::Https => {
                let (certificate, key) = authority.certify_loopback();
                fs::write(root.join("ca.crt"), authority.certificate_pem()).unwrap();
                fs::write(root.join("server.crt"), certificate).unwrap();
                fs::write(root.join("server.key"), key).unwrap();
                "  tls:\n    certificate: server.crt\n    key: server.key\n".to_owned()
            }
            Access::Basic => {
                let users = run(&["htpasswd", "-Bbn", "-C", "4", USER.0, USER.1]);
                fs::write(root.join("htpasswd"), users).unwrap();
                "auth:\n  htpasswd:\n    realm: test\n    path: htpasswd\n".to_owned()
            }
            Access::Token => {
                fs::write(root.join("roots.pem"), authority.certificate_pem()).unwrap();
                let realm = tokens.as_ref().map(|server| server.realm.as_str()).unwrap();
                format!(
                    "auth:\n  token:\n    realm: {realm}\n    service: test-registry\n    \
                     issuer: test-issuer\n    rootcertbundle: roots.pem\n"
                )
            }
        };
        let config = format!(
            "version: 0.1\nlog:\n  level: warn\nstorage:\n  filesystem:\n    \
             rootdirectory: blobs\nhttp:\n  addr: {host}\n{extra}"
        );
        fs::write(root.join("config.yml"), config).unwrap();
        let command = ["docker-registry", "serve", "config.yml"];
        let mut server = Server::start("docker-registry", root, &command);
        server.wait_until(|| TcpStream::connect(&host).is_ok());
        Self {
            host,
            access,
            folder,
            _server: server,
            _tokens: tokens,
        }
    }

    /// Copies an image here with skopeo, from any of its sources.
    pub fn push(&self, source: &str, repository: &str, options: &[&str]) {
        let destination = format!("docker://{}/{repository}", self.host);
        let credentials = format!("{}:{}", USER.0, USER.1);
        let mut words = vec!["skopeo", "copy", "--quiet", "--dest-tls-verify=false"];
        if matches!(self.access, Access::Basic | Access::Token) {
            words.extend(["--dest-creds", &credentials]);
        }
        words.extend(options);
        words.extend([source, &destination]);
        run(&words);
    }

    /// The certificate authority of an HTTPS registry.
    pub fn ca(&self) -> Option<PathBuf> {
        let path = self.folder.path().join("ca.crt");
        path.exists().then_some(path)
    }

    /// Writes the `config.json` that `docker login` would, and gives its folder.
    pub fn docker_config(&self) -> PathBuf {
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;
        let auth = STANDARD.encode(format!("{}:{}", USER.0, USER.1));
        let config = serde_json::json!({"auths": {&self.host: {"auth": auth}}});
        let folder = self.folder.path().join("docker-config");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.json"), config.to_string()).unwrap();
        folder
    }
}
