//! `report`: a saved document, shown again.

use std::fs::File;
use std::io::stdin;
use std::path::Path;

use anyhow::Context;

use crate::cli::{Color, ReportArgs};
use crate::clock::Day;
use crate::document::Document;
use crate::environment::Environment;
use crate::exit;
use crate::ignore::Ignores;
use crate::output::{self, Remark, remark};

/// Runs the command.
pub fn run(args: &ReportArgs, color: Color, environment: &Environment<'_>) -> anyhow::Result<u8> {
    output::check(&args.show.output)?;
    let mut ignores = Ignores::load(&args.show.ignore_file)?;
    let today = Day::today();
    let mut document = load(&args.file)?;
    document.reports = document
        .reports
        .into_iter()
        .map(|judged| ignores.apply(judged, today))
        .collect();
    for warning in ignores.warnings(today) {
        remark(Remark::Warning, &warning, None, color);
    }
    output::write(&document, &args.show, color, environment, false)?;
    Ok(exit::code(&document, args.show.fail_on))
}

/// Reads a saved document; `-` is standard input.
pub fn load(path: &Path) -> anyhow::Result<Document> {
    if path == Path::new("-") {
        return Document::read(&mut stdin().lock(), "standard input");
    }
    let name = path.display().to_string();
    let mut file = File::open(path).with_context(|| format!("opening the report {name}"))?;
    Document::read(&mut file, &name)
}
