//! The configuration file: TOML whose keys are the long names of options.
//!
//! Its values become the *defaults* of the command-line definition, so that an option and the
//! environment win over it by the parser's own order, and a value is checked by the same code
//! wherever it comes from.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use clap::{Arg, ArgAction};
use model::text::printable;

/// Longest configuration file, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Reads the file at `path` and puts its values into `command` as defaults.
pub fn load(path: &Path, command: clap::Command) -> anyhow::Result<clap::Command> {
    let name = path.display();
    let mut text = String::new();
    let length = File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text))
        .with_context(|| format!("reading the configuration file {name}"))?;
    if length as u64 > MAX_BYTES {
        bail!("the configuration file {name} is longer than {MAX_BYTES} bytes");
    }
    apply(&text, command).with_context(|| format!("in the configuration file {name}"))
}

/// Puts the values of `text` into `command` as defaults.
fn apply(text: &str, mut command: clap::Command) -> anyhow::Result<clap::Command> {
    let table: toml::Table = toml::from_str(text)?;
    for (key, value) in table {
        command = set(command, &key, &value)?;
    }
    Ok(command)
}

/// Sets one key wherever an option of that name is: in the program or in commands.
fn set(
    mut command: clap::Command,
    key: &str,
    value: &toml::Value,
) -> anyhow::Result<clap::Command> {
    let mut known = false;
    if let Some(arg) = option(&command, key) {
        known = true;
        command = with_default(command, &arg, value)?;
    }
    let names: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    for name in names {
        let arg = command
            .find_subcommand(&name)
            .and_then(|sub| option(sub, key));
        if let Some(arg) = arg {
            known = true;
            let mut result = Ok(());
            command = command.mut_subcommand(&name, |sub| {
                with_default(sub.clone(), &arg, value).unwrap_or_else(|error| {
                    result = Err(error);
                    sub
                })
            });
            result?;
        }
    }
    if !known {
        bail!(
            "no option is called `{}`: `bilgewatch scan --help` lists them (keys are the long \
             names without `--`)",
            printable(key.as_bytes())
        );
    }
    Ok(command)
}

/// The option of `command` that a file may set under `key`: one that the environment may set too,
/// but for the name of the file itself.
fn option(command: &clap::Command, key: &str) -> Option<Arg> {
    command
        .get_arguments()
        .find(|arg| arg.get_long() == Some(key) && arg.get_env().is_some() && key != "config")
        .cloned()
}

/// `command` with `value` as the default of `arg`.
fn with_default(
    command: clap::Command,
    arg: &Arg,
    value: &toml::Value,
) -> anyhow::Result<clap::Command> {
    let key = arg.get_long().unwrap_or_default();
    let list = matches!(arg.get_action(), ArgAction::Append);
    let values = words(value, list).with_context(|| format!("`{key}`"))?;
    Ok(command.mut_arg(arg.get_id(), |arg| arg.default_values(values)))
}

/// A value as the command line would spell it.
fn words(value: &toml::Value, list: bool) -> anyhow::Result<Vec<OsString>> {
    use toml::Value;
    Ok(match value {
        Value::String(text) => vec![text.into()],
        Value::Integer(number) => vec![number.to_string().into()],
        Value::Boolean(truth) => vec![truth.to_string().into()],
        Value::Array(items) if list => items
            .iter()
            .map(|item| match item {
                Value::String(text) => Ok(text.into()),
                other => bail!("has a {} in its list: write strings", other.type_str()),
            })
            .collect::<anyhow::Result<_>>()?,
        Value::Table(table) if list => table
            .iter()
            .map(|(key, item)| match item {
                Value::String(text) => Ok(format!("{key}={text}").into()),
                other => bail!("has a {} in its table: write strings", other.type_str()),
            })
            .collect::<anyhow::Result<_>>()?,
        other if list => bail!("is a {}: write a string or a list", other.type_str()),
        other => bail!("is a {}: write one value", other.type_str()),
    })
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, FromArgMatches};

    use super::*;
    use crate::cli::{Cli, Color, Command, FailOn, ScanArgs};

    fn parse(text: &str, args: &[&str]) -> anyhow::Result<(Color, Box<ScanArgs>)> {
        let command = apply(text, Cli::command())?;
        let all = ["bilgewatch", "scan", "x"].iter().chain(args);
        let cli = Cli::from_arg_matches(&command.try_get_matches_from(all)?)?;
        match cli.command {
            Command::Scan(scan) => Ok((cli.shared.color, scan)),
            _ => panic!("another command"),
        }
    }

    #[test]
    fn sets_every_kind_of_option() {
        let text = r#"
            color = "never"
            fail-on = "malicious"
            output = ["text", "json=a.json"]
            platform = "linux/arm64"
            jobs = 3
            no-progress = true
            timeout = "2m"
            [mirror]
            "docker.io" = "https://mirror.example.com"
        "#;
        let (color, scan) = parse(text, &[]).unwrap();
        assert_eq!(color, Color::Never);
        assert_eq!(scan.show.fail_on, FailOn::Malicious);
        assert_eq!(scan.show.output.len(), 2);
        assert_eq!(scan.reading.platform[0].architecture, "arm64");
        assert_eq!(scan.reading.jobs, Some(3));
        assert!(scan.reading.no_progress);
        assert_eq!(scan.registry.timeout.unwrap().as_secs(), 120);
        assert_eq!(scan.registry.mirror[0].registry, "docker.io");
    }

    #[test]
    fn the_command_line_wins() {
        let text = "fail-on = 'malicious'\noutput = ['json']\ncolor = 'always'\nquiet = false";
        let args = ["--fail-on", "never", "-o", "sarif", "--color=never", "-q"];
        let (color, scan) = parse(text, &args).unwrap();
        assert_eq!(color, Color::Never);
        assert_eq!(scan.show.fail_on, FailOn::Never);
        assert_eq!(scan.show.output.len(), 1);
        assert!(scan.show.quiet);
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, words) in [
            ("fail_on = 'never'", "`fail_on`"),
            ("password-stdin = true", "password-stdin"),
            ("config = 'other.toml'", "`config`"),
            ("jobs = [1]", "write one value"),
            ("platform = [1]", "write strings"),
            ("jobs = 1.5", "float"),
            ("jobs = 0", "from 1"),
            ("= 1", "1"),
        ] {
            let message = format!("{:#}", parse(text, &[]).unwrap_err());
            assert!(message.contains(words), "{text}: {message}");
        }
    }
}
