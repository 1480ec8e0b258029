//! TLS: which certificates are trusted, and what is said about those that are not.

use std::error::Error as StdError;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature,
    verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use rustls_platform_verifier::Verifier;

use crate::{Error, ErrorKind};

/// Longest file of certificates: a whole system store has a quarter of it.
const CA_FILE_BYTES: u64 = 1 << 20;

/// A configuration that trusts the system's authorities and those in `ca_files`.
///
/// # Errors
/// If a file cannot be read or holds no certificate.
pub(super) fn verified(ca_files: &[PathBuf]) -> Result<ClientConfig, Error> {
    let mut extra = Vec::new();
    for path in ca_files {
        extra.extend(read_authorities(path)?);
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = builder(&provider)?;
    let verifier = match Verifier::new_with_extra_roots(extra.clone(), Arc::clone(&provider)) {
        Ok(verifier) => verifier,
        Err(error) if !extra.is_empty() => {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("the certificates in --ca-file cannot be used: {error}"),
            ));
        }
        // A machine without a certificate store can still speak to plain loopback registries:
        // trust nobody, so that the failure comes where TLS is needed and says what is missing.
        Err(_) => {
            let nobody = builder.with_root_certificates(RootCertStore::empty());
            return Ok(finish(nobody.with_no_client_auth()));
        }
    };
    let trusting = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    Ok(finish(trusting.with_no_client_auth()))
}

/// A configuration that takes any certificate: for registries that the user named insecure.
///
/// # Errors
/// If the provider lacks the protocol versions, which it does not.
pub(super) fn unverified() -> Result<ClientConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let anybody = builder(&provider)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(
            provider.signature_verification_algorithms,
        )));
    Ok(finish(anybody.with_no_client_auth()))
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

fn builder(provider: &Arc<CryptoProvider>) -> Result<Builder, Error> {
    ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::new(ErrorKind::Invalid, format!("TLS cannot be set up: {error}")))
}

fn finish(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

fn read_authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let shown = path.display();
    let unreadable = |error| {
        Error::new(
            ErrorKind::Io,
            format!("the CA file {shown} cannot be read: {error}"),
        )
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    std::io::copy(&mut file.take(CA_FILE_BYTES), &mut bytes).map_err(unreadable)?;
    let certificates = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(not_pem(path, "it holds none")),
        Err(error) => Err(not_pem(path, &error.to_string())),
    }
}

fn not_pem(path: &Path, why: &str) -> Error {
    Error::new(
        ErrorKind::Invalid,
        format!(
            "the CA file {} holds no usable certificate: {why}",
            path.display()
        ),
    )
    .advise("give a PEM file with `-----BEGIN CERTIFICATE-----`")
}

/// Takes any certificate, but still checks that the server holds its key.
#[derive(Debug)]
struct Anybody(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

/// The TLS error somewhere below `error`.
pub(super) fn cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        next = match error.downcast_ref::<std::io::Error>() {
            // `source` of an I/O error skips the error it was made of.
            Some(io) => io.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
            None => error.source(),
        };
    }
    None
}

/// What is wrong with a certificate and what to do about it.
pub(super) fn explain(error: &rustls::Error, host: &str) -> Option<(String, String)> {
    let rustls::Error::InvalidCertificate(certificate) = error else {
        return None;
    };
    let insecure = format!("--insecure-registry {host} to trust it unseen");
    Some(match certificate {
        CertificateError::UnknownIssuer => (
            "its certificate was issued by an authority that is not trusted here".to_owned(),
            format!("give the authority's certificate with --ca-file FILE, or {insecure}"),
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
            format!("its certificate has expired: {certificate}"),
            format!("check this machine's clock, or give {insecure}"),
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
            format!("its certificate is not valid yet: {certificate}"),
            format!("check this machine's clock, or give {insecure}"),
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            format!("its certificate is for another name: {certificate}"),
            format!("name the registry as its certificate does, or give {insecure}"),
        ),
        other => (
            format!("its certificate is not accepted: {other}"),
            format!("give the authority's certificate with --ca-file FILE, or {insecure}"),
        ),
    })
}
