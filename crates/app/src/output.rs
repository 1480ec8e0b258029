//! Where text goes: standard output, files, and remarks on standard error.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use anyhow::{Context, bail};
use owo_colors::OwoColorize;

use crate::cli::{Color, Destination, Output, Show};
use crate::document::Document;
use crate::environment::Environment;
use crate::render::{self, Look};

/// Columns where there is no terminal.
const DEFAULT_WIDTH: usize = 100;

/// Most columns that are filled: longer lines are hard to read.
const MAX_WIDTH: usize = 140;

/// Fails if the outputs contradict each other or cannot be written, before any work is done.
pub fn check(outputs: &[Output]) -> anyhow::Result<()> {
    let mut seen = BTreeSet::new();
    for output in outputs {
        match &output.to {
            Destination::Stdout => {
                if !seen.insert(None) {
                    bail!(
                        "two formats for standard output: send all but one to a file, \
                         for example `-o json=report.json`"
                    );
                }
            }
            Destination::File(path) => {
                if !seen.insert(Some(path)) {
                    bail!("two formats for {}: name a file for each", path.display());
                }
                let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
                if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
                    bail!(
                        "{} cannot be written: there is no folder {}; make it first",
                        path.display(),
                        folder.display()
                    );
                }
            }
        }
    }
    Ok(())
}

/// Writes the document in all formats that were asked for. `errors_told` says that standard error
/// had the errors already.
pub fn write(
    document: &Document,
    show: &Show,
    color: Color,
    environment: &Environment<'_>,
    errors_told: bool,
) -> anyhow::Result<()> {
    for output in &show.output {
        let to_stdout = output.to == Destination::Stdout;
        let look = Look {
            fail_on: show.fail_on,
            verbose: show.verbose,
            quiet: show.quiet,
            errors_told: errors_told && to_stdout,
            width: if to_stdout {
                width(environment)
            } else {
                DEFAULT_WIDTH
            },
            color: match color {
                Color::Always => true,
                Color::Never => false,
                Color::Auto => to_stdout && stdout_has_color(),
            },
        };
        let text = render::render(document, output.format, look)?;
        match &output.to {
            Destination::Stdout => stdout(&text)?,
            Destination::File(path) => file(path, &text)?,
        }
    }
    Ok(())
}

/// How `explain` and other commands look on standard output.
pub fn plain_look(color: Color, environment: &Environment<'_>) -> Look {
    Look {
        fail_on: crate::cli::FailOn::Never,
        verbose: true,
        quiet: false,
        errors_told: false,
        width: width(environment),
        color: match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => stdout_has_color(),
        },
    }
}

/// Whether standard output takes colours: a terminal, `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE`.
fn stdout_has_color() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// Columns of standard output.
fn width(environment: &Environment<'_>) -> usize {
    let columns = environment.columns().or_else(|| {
        let terminal = terminal_size::terminal_size_of(io::stdout());
        terminal.map(|(width, _)| usize::from(width.0))
    });
    columns.unwrap_or(DEFAULT_WIDTH).min(MAX_WIDTH)
}

/// Writes to standard output. A reader that went away (`| head`) is no error.
pub fn stdout(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("writing to standard output"),
    }
}

/// Writes a file.
pub fn file(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

/// What a remark is.
#[derive(Debug, Clone, Copy)]
pub enum Remark {
    /// Something could not be done.
    Error,
    /// Something the user should know.
    Warning,
}

/// Makes a remark on standard error; advice stands on a line of its own.
///
/// If standard error is gone there is nobody to tell: the exit code still says it.
pub fn remark(kind: Remark, text: &str, advice: Option<&str>, color: Color) {
    let choice = match color {
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
        Color::Auto => ColorChoice::Auto,
    };
    let mut stderr = AutoStream::new(io::stderr().lock(), choice);
    let text = render::safe(text);
    let _ = match kind {
        Remark::Error => writeln!(stderr, "{} {text}", "error:".red().bold()),
        Remark::Warning => writeln!(stderr, "{} {text}", "warning:".yellow().bold()),
    };
    if let Some(advice) = advice {
        let _ = writeln!(stderr, "  {} {}", "try:".bold(), render::safe(advice));
    }
}

/// Whether standard error is a terminal.
pub fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(texts: &[&str]) -> Vec<Output> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn contradictions_are_told_before_work() {
        assert!(check(&outputs(&["text", "json=a.json", "sarif=b.sarif"])).is_ok());
        let twice = check(&outputs(&["text", "json=-"]))
            .unwrap_err()
            .to_string();
        assert!(twice.contains("standard output") && twice.contains("-o json=report.json"));
        let same = check(&outputs(&["json=a", "sarif=a"])).unwrap_err();
        assert!(same.to_string().contains("two formats for a"));
        let folder = check(&outputs(&["json=no-such-folder/a.json"])).unwrap_err();
        assert!(folder.to_string().contains("no folder no-such-folder"));
    }
}
