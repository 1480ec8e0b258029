//! The faces of a document: one module a format, and the words they share.
//!
//! Every renderer is a function of the document and a few choices, so that a saved report shows as
//! it did when it was made. Text from an image is escaped here, once more for each format.

pub mod json;
pub mod junit;
pub mod markdown;
pub mod sarif;
pub mod text;
mod words;

pub use words::safe;

use crate::cli::{FailOn, Format};
use crate::document::Document;

/// Choices of the user that change what is shown.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// The gate.
    pub fail_on: FailOn,
    /// Show weak signs, and all that is known of each.
    pub verbose: bool,
    /// One line an image.
    pub quiet: bool,
    /// Errors were told on standard error when they happened, so a word is enough.
    pub errors_told: bool,
    /// Columns to fill.
    pub width: usize,
    /// Whether text may carry colours.
    pub color: bool,
}

/// Renders `document` in `format`, ending in a line feed.
pub fn render(document: &Document, format: Format, look: Look) -> anyhow::Result<String> {
    Ok(match format {
        Format::Text => text::render(document, look),
        Format::Json => json::render(document)?,
        Format::Sarif => sarif::render(document)?,
        Format::Markdown => markdown::render(document),
        Format::Junit => junit::render(document, look.fail_on),
    })
}
