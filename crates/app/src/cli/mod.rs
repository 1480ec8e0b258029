//! The command line, defined once: parsing, `--help`, shell completions and the man pages all come
//! from here.
//!
//! Every option with an `env` can also be set in the environment and in the configuration file;
//! see [`crate::config_file`] for the order.

mod values;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use model::{Platform, Verdict};

pub use values::{Destination, Format, Mirror, Output};

/// Shown under the help of the program and of `scan`.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  every image is below the gate (--fail-on) and was read whole
  2  an image reached the gate
  1  something could not be done: a wrong option, a target that cannot be opened
  3  something in an image could not be read, and no image reached the gate
With several images the first that applies, in the order 2, 1, 3, 0.";

const SCAN_EXAMPLES: &str = "\
Targets:
  tomcat:9, registry:ghcr.io/a/b@sha256:…    an image in a registry
  docker:REF, podman:REF, containerd:REF     an image in a local daemon
  docker-archive:FILE[:TAG], oci-archive:FILE[:TAG], oci-dir:FOLDER[:TAG]
  docker-storage:[FOLDER:]REF, podman-storage:…, containerd-storage:…  without a daemon
  dir:FOLDER, file:FILE                      a root file system, one file
  -                                          an archive on standard input
An index, archive or folder with several images or platforms is scanned whole.

Examples:
  bilgewatch scan tomcat:9
  docker save app | bilgewatch scan -
  bilgewatch scan oci-dir:./build -o text -o sarif=out.sarif -o json=out.json
  bilgewatch scan --fail-on malicious --platform linux/arm64 ghcr.io/a/b:v1";

const SETTINGS: &str = "\
Every option may also come from the environment (--fail-on is BILGEWATCH_FAIL_ON) or from the
configuration file (fail-on = \"malicious\"). An option wins over the environment, which wins over
the file. A list given in one place replaces the list of the next.";

/// Finds hidden backdoors and miners in container images.
#[derive(Debug, Parser)]
#[command(
    name = "bilgewatch",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = format!("{EXIT_CODES}\n\n{SETTINGS}\n\nExamples:\n  bilgewatch scan tomcat:9\n  \
        bilgewatch scan docker-archive:image.tar -o json=report.json\n  \
        bilgewatch report report.json -o markdown"),
)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub shared: Shared,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Debug, Args)]
pub struct Shared {
    /// When to print colours; `auto` also heeds NO_COLOR and CLICOLOR_FORCE
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        value_name = "WHEN"
    )]
    #[arg(env = "BILGEWATCH_COLOR", hide_env = true)]
    pub color: Color,
    /// Configuration file [default: bilgewatch/config.toml under the XDG folder, if it exists]
    #[arg(long, global = true, value_name = "FILE")]
    #[arg(env = "BILGEWATCH_CONFIG", hide_env = true)]
    pub config: Option<PathBuf>,
}

/// When to print colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scan images
    #[command(after_help = format!("{EXIT_CODES}\n\n{SCAN_EXAMPLES}"))]
    Scan(Box<ScanArgs>),
    /// Show a saved JSON report again, in any format
    #[command(after_help = EXIT_CODES)]
    Report(ReportArgs),
    /// Explain a rule, or one finding of a saved report
    #[command(after_help = "Examples:\n  bilgewatch explain shell/reverse\n  \
        bilgewatch explain 4c1f0a9e --report report.json")]
    Explain(ExplainArgs),
    /// List the rules
    Rules(RulesArgs),
    /// Print the JSON schema of the reports
    Schema,
    /// Print the completion script for a shell
    Completions {
        /// Which shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the man page, or write the man pages of all commands
    Man {
        /// Folder to write the pages to
        #[arg(value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
    /// Print the version, the number of rules and the version of ATT&CK they name
    Version,
}

/// What makes a scan fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Only malicious images.
    Malicious,
    /// Suspicious and malicious images.
    Suspicious,
    /// Unwanted, suspicious and malicious images.
    Unwanted,
    /// No image; errors and parts that were not read still show in the exit code.
    Never,
}

impl FailOn {
    /// Whether `verdict` reaches the gate.
    pub fn reached_by(self, verdict: Verdict) -> bool {
        match self {
            Self::Malicious => verdict >= Verdict::Malicious,
            Self::Suspicious => verdict >= Verdict::Suspicious,
            Self::Unwanted => verdict >= Verdict::Unwanted,
            Self::Never => false,
        }
    }
}

/// How reports are judged and shown.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reports")]
pub struct Show {
    /// Format, and the file to write it to (`-`: standard output); may be repeated
    ///
    /// Formats: text, json, sarif, markdown, junit.
    #[arg(short, long, value_name = "FORMAT[=FILE]", default_value = "text")]
    #[arg(env = "BILGEWATCH_OUTPUT", hide_env = true)]
    pub output: Vec<Output>,
    /// The least verdict that makes the exit code 2
    #[arg(long, value_enum, value_name = "VERDICT", default_value = "suspicious")]
    #[arg(env = "BILGEWATCH_FAIL_ON", hide_env = true)]
    pub fail_on: FailOn,
    /// Findings to set aside, with reasons (TOML); may be repeated
    ///
    /// Each entry is an `[[ignore]]` table: `rule` and `reason`, and if wanted `path` (`*` matches
    /// any text), `field`, `digest` (of a layer or image) and `expires` (a date). Never read from
    /// inside an image.
    #[arg(long, value_name = "FILE")]
    #[arg(env = "BILGEWATCH_IGNORE_FILE", hide_env = true)]
    pub ignore_file: Vec<PathBuf>,
    /// In text: show weak signs too, and why each finding matters
    #[arg(short, long, value_parser = BoolishValueParser::new(), conflicts_with = "quiet")]
    #[arg(env = "BILGEWATCH_VERBOSE", hide_env = true)]
    pub verbose: bool,
    /// In text: one line an image
    #[arg(short, long, value_parser = BoolishValueParser::new())]
    #[arg(env = "BILGEWATCH_QUIET", hide_env = true)]
    pub quiet: bool,
}

/// `scan`.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// What to scan; see below
    #[arg(required = true, value_name = "TARGET")]
    pub targets: Vec<String>,
    /// How reports are judged and shown.
    #[command(flatten)]
    pub show: Show,
    /// How to read.
    #[command(flatten)]
    pub reading: Reading,
    /// How to reach a registry.
    #[command(flatten)]
    pub registry: Registry,
    /// Where the daemons are.
    #[command(flatten)]
    pub daemons: Daemons,
}

/// How to read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
pub struct Reading {
    /// Scan only this platform (os/architecture[/variant]); may be repeated [default: all]
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',')]
    #[arg(env = "BILGEWATCH_PLATFORM", hide_env = true)]
    pub platform: Vec<Platform>,
    /// Threads [default: one a core]
    #[arg(short, long, value_name = "N", value_parser = values::jobs)]
    #[arg(env = "BILGEWATCH_JOBS", hide_env = true)]
    pub jobs: Option<usize>,
    /// Stop reading a layer here and say so, for example 20GiB [default: 512GiB]
    #[arg(long, value_name = "SIZE", value_parser = values::size)]
    #[arg(env = "BILGEWATCH_MAX_LAYER_SIZE", hide_env = true)]
    pub max_layer_size: Option<u64>,
    /// YARA rules of your own: a file, or a folder with .yar and .yara files; may be repeated
    ///
    /// A rule that does not compile is named, and the others are applied. A match weighs what the
    /// rule's metadata say (severity, threat_level, risk, score, confidence), else medium.
    #[arg(long, value_name = "FILE|FOLDER")]
    #[arg(env = "BILGEWATCH_RULES", hide_env = true)]
    pub rules: Vec<PathBuf>,
    /// Do not show progress
    #[arg(long, value_parser = BoolishValueParser::new())]
    #[arg(env = "BILGEWATCH_NO_PROGRESS", hide_env = true)]
    pub no_progress: bool,
}

/// How to reach a registry.
#[derive(Debug, Args)]
#[command(next_help_heading = "Registries")]
pub struct Registry {
    /// User name; the password comes from --password-stdin or BILGEWATCH_PASSWORD
    #[arg(long, value_name = "NAME")]
    #[arg(env = "BILGEWATCH_USERNAME", hide_env = true)]
    pub username: Option<String>,
    /// Read the password from standard input
    #[arg(long)]
    pub password_stdin: bool,
    /// Folder with Docker's config.json [default: DOCKER_CONFIG or ~/.docker]
    #[arg(long, value_name = "FOLDER")]
    #[arg(env = "BILGEWATCH_DOCKER_CONFIG", hide_env = true)]
    pub docker_config: Option<PathBuf>,
    /// Registry to ask over HTTP or with an unverified certificate; may be repeated
    #[arg(long, value_name = "HOST[:PORT]", value_delimiter = ',')]
    #[arg(env = "BILGEWATCH_INSECURE_REGISTRY", hide_env = true)]
    pub insecure_registry: Vec<String>,
    /// PEM file with certificate authorities to trust as well; may be repeated
    #[arg(long, value_name = "FILE")]
    #[arg(env = "BILGEWATCH_CA_FILE", hide_env = true)]
    pub ca_file: Vec<PathBuf>,
    /// Mirror to ask first, for example docker.io=https://mirror.example.com; may be repeated
    #[arg(long, value_name = "REGISTRY=URL", value_delimiter = ',')]
    #[arg(env = "BILGEWATCH_MIRROR", hide_env = true)]
    pub mirror: Vec<Mirror>,
    /// Longest silence on a connection, for example 90s or 2m [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    #[arg(env = "BILGEWATCH_TIMEOUT", hide_env = true)]
    pub timeout: Option<Duration>,
}

/// Where the daemons are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Daemons")]
pub struct Daemons {
    /// Docker's socket [default: DOCKER_HOST or unix:///var/run/docker.sock]
    #[arg(long, value_name = "URL")]
    #[arg(env = "BILGEWATCH_DOCKER_HOST", hide_env = true)]
    pub docker_host: Option<String>,
    /// Podman's socket [default: CONTAINER_HOST, the user's, or the system's]
    #[arg(long, value_name = "URL")]
    #[arg(env = "BILGEWATCH_PODMAN_HOST", hide_env = true)]
    pub podman_host: Option<String>,
    /// containerd's socket [default: CONTAINERD_ADDRESS or /run/containerd/containerd.sock]
    #[arg(long, value_name = "PATH")]
    #[arg(env = "BILGEWATCH_CONTAINERD_ADDRESS", hide_env = true)]
    pub containerd_address: Option<String>,
    /// containerd's namespace [default: CONTAINERD_NAMESPACE or all]
    #[arg(long, value_name = "NAME")]
    #[arg(env = "BILGEWATCH_CONTAINERD_NAMESPACE", hide_env = true)]
    pub containerd_namespace: Option<String>,
}

/// `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// What `scan -o json=FILE` wrote; `-` for standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How reports are judged and shown.
    #[command(flatten)]
    pub show: Show,
}

/// `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A rule, for example `shell/reverse`; with --report also the ID of a finding
    #[arg(value_name = "RULE|FINDING")]
    pub name: String,
    /// The saved JSON report that holds the finding; `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

/// `rules`.
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// Format
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub output: ListFormat,
}

/// Formats of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For a person.
    Text,
    /// For a program.
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_of_scan_has_its_variable() {
        let command = Cli::command();
        let scan = command.find_subcommand("scan").unwrap();
        for arg in scan.get_arguments().chain(command.get_arguments()) {
            let Some(long) = arg.get_long() else { continue };
            if long == "password-stdin" {
                continue;
            }
            let expected = format!("BILGEWATCH_{}", long.to_uppercase().replace('-', "_"));
            let env = arg
                .get_env()
                .map(|name| name.to_string_lossy().into_owned());
            assert_eq!(env, Some(expected), "--{long}");
        }
    }

    #[test]
    fn gates_are_ordered() {
        assert!(FailOn::Unwanted.reached_by(Verdict::Unwanted));
        assert!(!FailOn::Unwanted.reached_by(Verdict::Incomplete));
        assert!(FailOn::Suspicious.reached_by(Verdict::Malicious));
        assert!(!FailOn::Suspicious.reached_by(Verdict::Unwanted));
        assert!(!FailOn::Malicious.reached_by(Verdict::Suspicious));
        assert!(!FailOn::Never.reached_by(Verdict::Malicious));
    }
}
