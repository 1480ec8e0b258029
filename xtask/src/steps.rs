//! Named, timed steps: the first that fails ends the run with a line that says which.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What ran so far, for the summary.
#[derive(Default)]
pub struct Steps {
    done: Vec<(&'static str, Duration)>,
}

impl Steps {
    /// Runs one step.
    ///
    /// # Errors
    /// What the step fails with, under the step's name.
    pub fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("\n── {name}");
        let start = Instant::now();
        let result = step();
        let time = start.elapsed();
        self.done.push((name, time));
        match result {
            Ok(()) => {
                println!("── {name}: ok, {}", seconds(time));
                Ok(())
            }
            Err(error) => {
                println!("── {name}: FAILED, {}", seconds(time));
                self.summary();
                Err(error).with_context(|| format!("step `{name}` failed"))
            }
        }
    }

    /// Prints how long each step took.
    pub fn summary(&self) {
        println!();
        for (name, time) in &self.done {
            println!("{:>9}  {name}", seconds(*time));
        }
        let total = self.done.iter().map(|(_, time)| *time).sum();
        println!("{:>9}  in all", seconds(total));
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// Runs a command with its output shown, and fails unless it succeeds.
///
/// # Errors
/// If it cannot be started or exits with anything but 0.
pub fn call(command: &mut Command) -> Result<()> {
    let line = line(command);
    println!("$ {line}");
    let status = command
        .status()
        .with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// Whether a command can be started and succeeds; its output is dropped.
pub fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}
