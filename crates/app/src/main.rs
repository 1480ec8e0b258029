//! `bilgewatch`: finds hidden backdoors and miners in container images.
//!
//! The only crate that touches arguments, environment, standard streams and exit codes.

#![allow(
    rustdoc::bare_urls,
    reason = "doc comments of the command line are its help text"
)]

mod cli;
mod clock;
mod config_file;
mod document;
mod environment;
mod exit;
mod ignore;
mod output;
mod progress;
mod render;
mod rule_files;
mod run;
#[cfg(test)]
mod samples;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Two crates of the tree bring a TLS provider; without a choice the first connection panics.
    // The call fails only if one was chosen already, which is as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    run::run(std::env::args_os().collect())
}
