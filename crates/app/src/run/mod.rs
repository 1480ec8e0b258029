//! From arguments to an exit code: parsing in the order option, environment, file, default, and
//! then one function a command.

mod explain;
mod generate;
mod report;
mod rules;
mod scan;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches};

use crate::cli::{Cli, Color, Command};
use crate::environment::{Environment, PROCESS};
use crate::output::{Remark, remark};
use crate::{config_file, exit};

/// Runs the program.
pub fn run(args: Vec<OsString>) -> ExitCode {
    let environment = PROCESS;
    let cli = match parse(&args, &environment) {
        Ok(cli) => cli,
        Err(Stop::Shown(code)) => return code.into(),
        Err(Stop::Failed(error)) => return fail(&error, Color::Auto),
    };
    let color = cli.shared.color;
    let result = match cli.command {
        Command::Scan(args) => scan::run(&args, color, &environment),
        Command::Report(args) => report::run(&args, color, &environment),
        Command::Explain(args) => explain::run(&args, color, &environment),
        Command::Rules(args) => rules::run(&args, color, &environment),
        Command::Schema => generate::schema(),
        Command::Completions { shell } => generate::completions(shell),
        Command::Man { folder } => generate::man(folder.as_deref()),
        Command::Version => generate::version(),
    };
    match result {
        Ok(code) => code.into(),
        Err(error) => fail(&error, color),
    }
}

/// Tells an error on standard error.
fn fail(error: &anyhow::Error, color: Color) -> ExitCode {
    remark(Remark::Error, &format!("{error:#}"), None, color);
    exit::ERROR.into()
}

/// Why there is no command to run.
enum Stop {
    /// The parser said all there is to say: help, the version, a wrong option.
    Shown(u8),
    /// Something else went wrong.
    Failed(anyhow::Error),
}

/// Parses twice: once to learn the configuration file, once with its values as defaults.
fn parse(args: &[OsString], environment: &Environment<'_>) -> Result<Cli, Stop> {
    let first = matches(Cli::command(), args).map_err(|error| show(&error))?;
    let named = first.get_one::<PathBuf>("config").cloned();
    let Some(file) = named.or_else(|| environment.default_config()) else {
        return Cli::from_arg_matches(&first).map_err(|error| show(&error));
    };
    let command = config_file::load(&file, Cli::command()).map_err(Stop::Failed)?;
    // The command line was right without the file, so what is wrong now is the file's.
    matches(command, args)
        .and_then(|matches| Cli::from_arg_matches(&matches))
        .map_err(|error| {
            let text = error.render().to_string();
            let line = text.lines().next().unwrap_or_default();
            Stop::Failed(anyhow::anyhow!(
                "in the configuration file {}: {}",
                file.display(),
                line.trim_start_matches("error: ")
            ))
        })
}

/// Parses once.
fn matches(command: clap::Command, args: &[OsString]) -> Result<clap::ArgMatches, clap::Error> {
    command.try_get_matches_from(args)
}

/// Shows what the parser says. Its own exit code 2 for a wrong option means something else here.
fn show(error: &clap::Error) -> Stop {
    let _ = error.print();
    if let Some(word) = unknown_command(error) {
        remark_scan(&word);
    }
    Stop::Shown(if error.use_stderr() {
        exit::ERROR
    } else {
        exit::CLEAN
    })
}

/// The word that is no command, unless the parser suggests one that it resembles.
fn unknown_command(error: &clap::Error) -> Option<String> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let is_reference = word.contains([':', '/', '@', '.']);
    let resembles = error.get(ContextKind::SuggestedSubcommand).is_some();
    (is_reference || !resembles).then(|| word.clone())
}

/// Says how to scan what looks like an image.
fn remark_scan(word: &str) {
    use std::io::Write;
    let word = crate::render::safe(word);
    // Nobody to tell if standard error is gone.
    let _ = writeln!(
        std::io::stderr().lock(),
        "\nTo scan an image of that name: bilgewatch scan {word}"
    );
}
