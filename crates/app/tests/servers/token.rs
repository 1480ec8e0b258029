//! A token server as registries use them, and the authority that signs for it.
//!
//! Source: the distribution project's `spec/auth/token.md` and `spec/auth/jwt.md`: a JWT whose
//! header carries the signer's certificate (`x5c`), which the registry checks against its roots.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair,
    PKCS_RSA_SHA256, RsaKeySize, SigningKey,
};
use serde_json::{Value, json};

use crate::http::{Answer, HttpServer, Request};

/// How long a token is good for, in seconds.
const LIFE: u64 = 300;

/// A certificate authority of the test's own.
pub struct Authority {
    key: String,
    params: CertificateParams,
    certificate: Certificate,
}

impl Authority {
    /// With a new key.
    pub fn new() -> Self {
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "test authority");
        let certificate = params.self_signed(&key).unwrap();
        Self {
            key: key.serialize_pem(),
            params,
            certificate,
        }
    }

    /// Its certificate.
    pub fn certificate_pem(&self) -> String {
        self.certificate.pem()
    }

    /// A certificate and key for `127.0.0.1`.
    pub fn certify_loopback(&self) -> (String, String) {
        let issuer = Issuer::new(self.params.clone(), self.key());
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    fn key(&self) -> KeyPair {
        KeyPair::from_pem(&self.key).unwrap()
    }

    fn sign(&self, claims: &Value) -> String {
        let chain = [STANDARD.encode(self.certificate.der())];
        let header = json!({"typ": "JWT", "alg": "RS256", "x5c": chain});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let body = format!("{}.{}", part(&header), part(claims));
        let signature = self.key().sign(body.as_bytes()).unwrap();
        format!("{body}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A running token server.
pub struct TokenServer {
    /// Its URL.
    pub realm: String,
    _server: HttpServer,
}

impl TokenServer {
    /// Starts one that gives tokens to `user` only.
    pub fn start(authority: &Authority, user: (&str, &str)) -> Self {
        let expected = format!(
            "Basic {}",
            STANDARD.encode(format!("{}:{}", user.0, user.1))
        );
        let authority = Authority {
            key: authority.key.clone(),
            params: authority.params.clone(),
            certificate: authority.certificate.clone(),
        };
        let server = HttpServer::start(move |request| {
            if request.header("Authorization") != Some(&expected) {
                return Answer {
                    status: "401 Unauthorized",
                    headers: vec!["WWW-Authenticate: Basic realm=\"tokens\"".to_owned()],
                    body: Vec::new(),
                };
            }
            let token = authority.sign(&claims(request));
            Answer {
                status: "200 OK",
                headers: vec!["Content-Type: application/json".to_owned()],
                body: json!({"token": token, "expires_in": LIFE})
                    .to_string()
                    .into_bytes(),
            }
        });
        Self {
            realm: format!("http://{}/token", server.host),
            _server: server,
        }
    }
}

/// Everything that was asked for: `scope=repository:set/app:pull,push`.
fn claims(request: &Request) -> Value {
    let query = request.path.split_once('?').map_or("", |(_, query)| query);
    let access: Vec<_> = query
        .split('&')
        .filter_map(|pair| pair.strip_prefix("scope="))
        .map(|scope| {
            scope
                .replace("%3A", ":")
                .replace("%2F", "/")
                .replace("%2C", ",")
        })
        .filter_map(|scope| {
            let mut parts = scope.splitn(3, ':').map(str::to_owned);
            let (kind, name, actions) = (parts.next()?, parts.next()?, parts.next()?);
            let actions: Vec<_> = actions.split(',').map(str::to_owned).collect();
            Some(json!({"type": kind, "name": name, "actions": actions}))
        })
        .collect();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    json!({
        "iss": "test-issuer",
        "sub": "reader",
        "aud": "test-registry",
        "exp": now + LIFE,
        "nbf": now - 10,
        "iat": now - 10,
        "jti": "1",
        "access": access,
    })
}
