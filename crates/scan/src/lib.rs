//! The engine: from a target to its reports.

pub mod progress;

pub use progress::{Event, Progress, Silent};

use image::{Error, Options, Target};
use model::Report;

/// How to scan.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// How to open images, with the bounds.
    pub options: Options,
    /// Most threads; 0 for one a core.
    pub threads: usize,
}

/// Scans everything `target` names: one report an image and platform, in the holder's order.
///
/// # Errors
/// If the target cannot be opened at all. What cannot be read inside it is a gap of a report.
pub fn scan(
    _target: &Target,
    _settings: &Settings,
    _progress: &dyn Progress,
) -> Result<Vec<Report>, Error> {
    Ok(Vec::new())
}
