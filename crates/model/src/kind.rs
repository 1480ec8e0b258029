//! What content is, judged by its bytes and never by its name.

use serde::{Deserialize, Serialize};

/// Kind of content. `read` decides it; the names are the ones reports show.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum ContentKind {
    /// No bytes.
    Empty,
    /// An ELF file.
    Elf,
    /// A Windows executable.
    Pe,
    /// A shell script.
    ShellScript,
    /// A Python script.
    PythonScript,
    /// A script of another interpreter.
    Script,
    /// Other text.
    Text,
    /// A JPEG picture.
    Jpeg,
    /// A PNG picture.
    Png,
    /// A GIF picture.
    Gif,
    /// Another picture, sound, film or font.
    Media,
    /// A PDF document.
    Pdf,
    /// A tar archive.
    Tar,
    /// gzip data.
    Gzip,
    /// bzip2 data.
    Bzip2,
    /// xz data.
    Xz,
    /// Zstandard data.
    Zstd,
    /// A zip archive and what builds on it.
    Zip,
    /// Compiled Python.
    Pyc,
    /// Anything else.
    #[default]
    Data,
}

impl ContentKind {
    /// The words for it in a report, with an article.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "an empty file",
            Self::Elf => "an ELF file",
            Self::Pe => "a Windows executable",
            Self::ShellScript => "a shell script",
            Self::PythonScript => "a Python script",
            Self::Script => "a script",
            Self::Text => "text",
            Self::Jpeg => "a JPEG picture",
            Self::Png => "a PNG picture",
            Self::Gif => "a GIF picture",
            Self::Media => "media",
            Self::Pdf => "a PDF document",
            Self::Tar => "a tar archive",
            Self::Gzip => "gzip data",
            Self::Bzip2 => "bzip2 data",
            Self::Xz => "xz data",
            Self::Zstd => "Zstandard data",
            Self::Zip => "a zip archive",
            Self::Pyc => "compiled Python",
            Self::Data => "data",
        }
    }

    /// Whether a system can run it as it is.
    pub const fn is_program(self) -> bool {
        matches!(
            self,
            Self::Elf | Self::Pe | Self::ShellScript | Self::PythonScript | Self::Script
        )
    }
}
