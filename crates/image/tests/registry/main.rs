//! Registries as they are and as they should not be, over real connections to loopback.

#![allow(clippy::unwrap_used, reason = "what a test sets up must work")]

mod auth;
mod image;
mod robust;
mod server;
mod tls;

use std::time::Duration;

use ::image::registry::Client;
use ::image::{Error, Options};

/// Options that fail soon.
fn options() -> Options {
    Options {
        attempts: 3,
        patience: Duration::from_secs(3),
        timeout: Duration::from_secs(5),
        ..Options::default()
    }
}

/// What `GET /v2/a/manifests/1` brings.
fn get(host: &str, options: &Options) -> Result<String, Error> {
    let client = Client::new(host, options)?;
    let document = client.get("a/manifests/1", "*/*", 1 << 16)?;
    Ok(String::from_utf8(document.bytes).unwrap())
}
