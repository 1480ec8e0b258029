//! `scan`: every target in turn; one that fails does not stop the others.

use std::io::stdin;

use image::{Error, ErrorKind, Options, Target};
use model::Report;
use scan::{Progress, Settings, Silent};

use crate::cli::{Color, ScanArgs};
use crate::clock::Day;
use crate::document::{Document, Failure, Judged};
use crate::environment::Environment;
use crate::exit;
use crate::ignore::Ignores;
use crate::output::{self, Remark, remark};
use crate::progress::{Bars, Lines};
use crate::rule_files;

/// Runs the command.
pub fn run(args: &ScanArgs, color: Color, environment: &Environment<'_>) -> anyhow::Result<u8> {
    output::check(&args.show.output)?;
    let mut ignores = Ignores::load(&args.show.ignore_file)?;
    let from_stdin = args.targets.iter().filter(|target| *target == "-").count();
    if from_stdin > 0 && args.registry.password_stdin {
        anyhow::bail!(
            "both the password and an image from standard input: set BILGEWATCH_PASSWORD instead \
             of --password-stdin"
        );
    }
    if from_stdin > 1 {
        anyhow::bail!("`-` is named twice: standard input holds one archive");
    }
    let options = environment.options(
        &args.reading,
        &args.registry,
        &args.daemons,
        &mut stdin().lock(),
    )?;
    let rules = rule_files::load(&args.reading.rules, &mut |problem| {
        remark(Remark::Warning, problem, None, color);
    })?;
    let settings = Settings {
        options,
        threads: args.reading.jobs.unwrap_or(0),
        rules,
    };

    let mut watch = Watch::new(args);
    let mut reports = Vec::new();
    let mut errors = Vec::new();
    for target in &args.targets {
        match one(target, &settings, &mut watch) {
            Ok(found) => reports.extend(found),
            Err(error) => {
                let failure = Failure::new(target, error);
                watch.quietly(|| tell(&failure, color));
                errors.push(failure);
            }
        }
    }
    watch.finish();

    let today = Day::today();
    let reports = reports
        .into_iter()
        .map(|report| ignores.apply(Judged::from(report), today))
        .collect();
    let document = Document::new(reports, errors);
    for warning in ignores.warnings(today) {
        remark(Remark::Warning, &warning, None, color);
    }
    output::write(&document, &args.show, color, environment, true)?;
    Ok(exit::code(&document, args.show.fail_on))
}

/// The reports on one target. None at all is an error: an empty answer must not pass for a clean
/// one.
fn one(target: &str, settings: &Settings, watch: &mut Watch) -> Result<Vec<Report>, Error> {
    let parsed = Target::parse(target)?;
    let reports = scan::scan(&parsed, settings, watch.start(target))?;
    if reports.is_empty() {
        return Err(nothing(target, &settings.options));
    }
    Ok(reports)
}

/// There was no image.
fn nothing(target: &str, options: &Options) -> Error {
    if options.platforms.is_empty() {
        return Error::new(ErrorKind::NotFound, format!("{target} holds no image"))
            .advise("name another archive, folder or tag");
    }
    let wanted: Vec<_> = options.platforms.iter().map(ToString::to_string).collect();
    Error::new(
        ErrorKind::NotFound,
        format!("{target} has no image for {}", wanted.join(" or ")),
    )
    .advise("leave --platform out to scan every platform there is")
}

/// Tells a failure when it happens.
fn tell(failure: &Failure, color: Color) {
    let text = if failure.message.contains(&failure.target) {
        failure.message.clone()
    } else {
        format!("{}: {}", failure.target, failure.message)
    };
    remark(Remark::Error, &text, failure.advice.as_deref(), color);
}

/// How progress is shown.
enum Watch {
    Bars(Bars),
    Lines(Lines),
    Silent(Silent),
}

impl Watch {
    /// Bars for a person, lines in a log if asked for.
    fn new(args: &ScanArgs) -> Self {
        if args.reading.no_progress || args.show.quiet {
            Self::Silent(Silent)
        } else if output::stderr_is_terminal() {
            Self::Bars(Bars::new())
        } else if args.show.verbose {
            Self::Lines(Lines::new())
        } else {
            Self::Silent(Silent)
        }
    }

    /// Announces a target; what is to be told of its progress.
    fn start(&mut self, target: &str) -> &dyn Progress {
        match self {
            Self::Bars(bars) => {
                bars.start(target);
                bars
            }
            Self::Lines(lines) => lines,
            Self::Silent(silent) => silent,
        }
    }

    /// Prints while no bar is in the way.
    fn quietly(&self, print: impl FnOnce()) {
        match self {
            Self::Bars(bars) => bars.suspend(print),
            Self::Lines(_) | Self::Silent(_) => print(),
        }
    }

    /// Takes everything away.
    fn finish(&self) {
        if let Self::Bars(bars) = self {
            bars.finish();
        }
    }
}
