//! `rules`: the list of rules.

use model::Rule;
use owo_colors::OwoColorize;
use serde::Serialize;

use crate::cli::{Color, ListFormat, RulesArgs};
use crate::environment::Environment;
use crate::exit;
use crate::output::{plain_look, stdout};
use crate::render::json;
use crate::render::text::Page;

/// The list for programs.
#[derive(Serialize)]
struct List {
    schema: &'static str,
    attack: &'static str,
    rules: Vec<&'static Rule>,
}

/// Runs the command.
pub fn run(args: &RulesArgs, color: Color, environment: &Environment<'_>) -> anyhow::Result<u8> {
    let rules = detect::rules();
    let text = match args.output {
        ListFormat::Json => json::render(&List {
            schema: "bilgewatch.rules/1",
            attack: detect::ATTACK_VERSION,
            rules,
        })?,
        ListFormat::Text => {
            let mut page = Page::new(plain_look(color, environment));
            let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
            for rule in &rules {
                let padded = format!("{:width$}", rule.id);
                page.raw(&format!("{}  {}", padded.bold(), rule.title));
            }
            page.finish()
        }
    };
    stdout(&text)?;
    Ok(exit::CLEAN)
}
