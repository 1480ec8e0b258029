//! What is generated from the program itself: schema, completions, man pages, version.

use std::fs;
use std::path::Path;

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::document::{JSON_SCHEMA, Tool};
use crate::exit;
use crate::output::{file, stdout};

/// `schema`.
pub fn schema() -> anyhow::Result<u8> {
    stdout(JSON_SCHEMA)?;
    Ok(exit::CLEAN)
}

/// `completions`.
pub fn completions(shell: Shell) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "bilgewatch", &mut script);
    stdout(&String::from_utf8_lossy(&script))?;
    Ok(exit::CLEAN)
}

/// `man`.
pub fn man(folder: Option<&Path>) -> anyhow::Result<u8> {
    let mut command = Cli::command();
    command.build();
    let Some(folder) = folder else {
        stdout(&page(command)?)?;
        return Ok(exit::CLEAN);
    };
    fs::create_dir_all(folder)
        .with_context(|| format!("making the folder {}", folder.display()))?;
    let subcommands: Vec<_> = command.get_subcommands().cloned().collect();
    for sub in subcommands {
        let name = format!("bilgewatch-{}", sub.get_name());
        // A page is called by its full name; the parser borrows names for as long as it lives.
        let text = page(sub.name(name.clone()))?;
        file(&folder.join(format!("{name}.1")), &text)?;
    }
    file(&folder.join("bilgewatch.1"), &page(command)?)?;
    Ok(exit::CLEAN)
}

/// One man page.
fn page(command: clap::Command) -> anyhow::Result<String> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut text)
        .context("writing a man page")?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// `version`.
pub fn version() -> anyhow::Result<u8> {
    let tool = Tool::this();
    stdout(&format!(
        "{} {}\nrules {}\nATT&CK {}\n",
        tool.name, tool.version, tool.rules, tool.attack
    ))?;
    Ok(exit::CLEAN)
}
