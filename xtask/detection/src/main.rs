//! `cargo xtask detection`: how good detection is, measured.
//!
//! Two halves: every file of a corpus of honest packages must pass ([`corpus`], [`benign`]), and
//! every fixture that must be found must still be found however it is rewritten ([`hits`],
//! [`mutate`]). The run ends with an error when a target is missed.

// A bench's output is its face.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod benign;
mod case;
mod corpus;
mod hits;
mod mutate;
mod result;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Parser;

use result::Outcome;

/// Measures detection: false alarms over honest packages, recall over rewritten fixtures.
#[derive(Parser)]
#[command(name = "cargo xtask detection", bin_name = "cargo xtask detection")]
struct Arguments {
    /// Only a sample, without downloads: every fixture, each kind of rewriting once, and of the
    /// corpus what the repository itself holds.
    #[arg(long)]
    quick: bool,
    /// Fetch nothing: judge the packages that are there.
    #[arg(long)]
    no_fetch: bool,
    /// Leave the benign corpus out.
    #[arg(long)]
    no_benign: bool,
    /// Leave the fixtures and their rewritings out.
    #[arg(long)]
    no_hits: bool,
    /// Only packages whose registry/name contains this; may be repeated.
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,
    /// One more folder that is judged as a benign package, as the root of an image.
    #[arg(long, value_name = "DIR")]
    also: Vec<PathBuf>,
    /// Threads that read and judge.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Where the machine-readable result goes.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("detection: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .context("this crate lies two folders below the workspace")?;
    let folder = root.join("target/detection");
    let start = Instant::now();
    // A panic inside a reader is caught by the engine and becomes a gap, which the tables show.
    std::panic::set_hook(Box::new(|_| {}));
    rayon::ThreadPoolBuilder::new()
        .num_threads(arguments.threads)
        .stack_size(scan::STACK)
        .build_global()?;
    let mut outcome = Outcome::default();
    if !arguments.no_benign {
        let packages = packages(arguments, root, &folder, &mut outcome)?;
        outcome.benign = Some(benign::run(&packages));
    }
    if !arguments.no_hits {
        let fixtures = root.join("crates/scan/tests/fixtures");
        outcome.hits = Some(hits::run(&fixtures, arguments.quick)?);
    }
    outcome.seconds = start.elapsed().as_secs_f64();
    table::print(&outcome);
    let output = arguments
        .output
        .clone()
        .unwrap_or_else(|| folder.join("result.json"));
    if let Some(parent) = output.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(&output, serde_json::to_vec_pretty(&outcome)?)
        .with_context(|| format!("write {}", output.display()))?;
    println!("\nwritten to {}", output.display());
    let missed = outcome.missed_targets();
    if !missed.is_empty() {
        bail!("{}", missed.join("; "));
    }
    Ok(())
}

/// The packages to judge: the corpus as far as it can be had, and what was named.
fn packages(
    arguments: &Arguments,
    root: &Path,
    folder: &Path,
    outcome: &mut Outcome,
) -> Result<Vec<corpus::Package>> {
    let mut packages: Vec<_> = arguments
        .also
        .iter()
        .map(|dir| corpus::folder(dir))
        .collect();
    if arguments.quick {
        for inside in ["crates", "docs", "xtask/src"] {
            let misses = corpus::folder(&root.join(inside));
            packages.push(misses);
        }
        return Ok(packages);
    }
    let built = corpus::build(&folder.join("corpus"), &arguments.only, !arguments.no_fetch)?;
    outcome.missing = built.missing;
    packages.extend(built.packages);
    Ok(packages)
}
