//! The one task runner, `cargo xtask …`: what a person runs and what CI runs are the same code.

// A task runner's output is its face.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bless;
mod check;
mod example;
mod rules_page;
mod setup;
mod steps;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

/// Tasks of the project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what the checks need besides Rust (Debian packages, clippy, rustfmt, cargo-deny).
    Setup,
    /// Set up, then run everything that must hold: format, lints, licences, build, tests, docs.
    Check,
    /// Write the committed files that are made by code, and say which changed.
    Bless,
    /// Write the example images to examples/docker123321.
    Example,
    /// Measure detection: false alarms over honest packages, recall over rewritten fixtures
    /// (`--help` of it says more).
    #[command(disable_help_flag = true)]
    Detection {
        /// Arguments of the bench.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let result = root().and_then(|root| match Arguments::parse().task {
        Task::Setup => setup::run(&root),
        Task::Check => check::run(&root),
        Task::Bless => bless::run(&root),
        Task::Example => bless::example(&root),
        Task::Detection { arguments } => check::detection(&root, &arguments),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace.
fn root() -> Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .context("the folder of xtask has no parent")
}
