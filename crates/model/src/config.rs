//! The image configuration, as far as it decides what runs.
//!
//! Source: OCI image specification, `config.md`, and Docker image specification v1.2 (which adds
//! `Healthcheck`, `OnBuild` and `Shell`).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Digest, Platform};

/// What the configuration blob says. Fields that are absent are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageConfig {
    /// Platform of the image.
    pub platform: Platform,
    /// `Entrypoint`, in exec form.
    pub entrypoint: Vec<String>,
    /// `Cmd`, in exec form: arguments of the entrypoint, or the command itself without one.
    pub cmd: Vec<String>,
    /// `Env`, as `NAME=value`.
    pub env: Vec<String>,
    /// `Healthcheck`.
    pub healthcheck: Option<Healthcheck>,
    /// `OnBuild` instructions, run by an image built from this one.
    pub on_build: Vec<String>,
    /// `Shell`, the shell of the build's shell forms.
    pub shell: Vec<String>,
    /// `Labels`.
    pub labels: BTreeMap<String, String>,
    /// `User`, empty for root.
    pub user: String,
    /// `WorkingDir`.
    pub working_dir: String,
    /// `Volumes`, mount points.
    pub volumes: Vec<String>,
    /// `ExposedPorts`, as `port/protocol`.
    pub exposed_ports: Vec<String>,
    /// `StopSignal`.
    pub stop_signal: String,
    /// `author`.
    pub author: String,
    /// `created`, as written.
    pub created: String,
    /// Build history, one entry an instruction. A hint, never a reason to skip.
    pub history: Vec<History>,
    /// `rootfs.diff_ids`: digests of the uncompressed layers, base first.
    pub diff_ids: Vec<Digest>,
}

/// `Healthcheck` of the Docker image specification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Healthcheck {
    /// `["CMD", …]`, `["CMD-SHELL", command]` or `["NONE"]`.
    pub test: Vec<String>,
}

/// One entry of the build history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The instruction as the builder wrote it.
    pub created_by: String,
    /// Free text.
    pub comment: String,
    /// When, as written.
    pub created: String,
    /// Whether the instruction made no layer.
    pub empty_layer: bool,
}

impl ImageConfig {
    /// The build instruction that made layer `index`, if the history accounts for it.
    ///
    /// The nth history entry that is not empty made the nth layer.
    pub fn instruction_of(&self, index: usize) -> Option<&str> {
        let made = self.history.iter().filter(|h| !h.empty_layer).nth(index)?;
        (!made.created_by.is_empty()).then_some(made.created_by.as_str())
    }
}

/// A place in the configuration, named as reports name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Field {
    /// `Entrypoint` followed by `Cmd`: what a container runs by default. Named after the one that
    /// carries the program.
    Start(StartField),
    /// `Env.NAME`.
    Env(String),
    /// `Healthcheck`.
    Healthcheck,
    /// `OnBuild[n]`.
    OnBuild(usize),
    /// `Label.NAME`.
    Label(String),
    /// `History[n]`.
    History(usize),
    /// `User`.
    User,
    /// `Volumes`.
    Volumes,
    /// `Shell`.
    Shell,
}

/// Which field names the started program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StartField {
    /// `Entrypoint`.
    Entrypoint,
    /// `Cmd`.
    Cmd,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(StartField::Entrypoint) => f.write_str("Entrypoint"),
            Self::Start(StartField::Cmd) => f.write_str("Cmd"),
            Self::Env(name) => write!(f, "Env.{name}"),
            Self::Healthcheck => f.write_str("Healthcheck"),
            Self::OnBuild(n) => write!(f, "OnBuild[{n}]"),
            Self::Label(name) => write!(f, "Label.{name}"),
            Self::History(n) => write!(f, "History[{n}]"),
            Self::User => f.write_str("User"),
            Self::Volumes => f.write_str("Volumes"),
            Self::Shell => f.write_str("Shell"),
        }
    }
}
