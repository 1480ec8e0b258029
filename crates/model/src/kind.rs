//! What content is, judged by its bytes and never by its name.

use serde::{Deserialize, Serialize};

use crate::Language;

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
    /// A script: text that names its interpreter. [`Language::Other`] if that is not known.
    Script(Language),
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
    /// The older lzma data, which has a header but no magic number.
    Lzma,
    /// A zip archive and what builds on it.
    Zip,
    /// An ar archive: a Debian package, a static library.
    Ar,
    /// A cpio archive.
    Cpio,
    /// An RPM package.
    Rpm,
    /// A 7z archive.
    SevenZip,
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
            Self::Script(Language::Shell) => "a shell script",
            Self::Script(Language::Python) => "a Python script",
            Self::Script(Language::Perl) => "a Perl script",
            Self::Script(Language::Php) => "a PHP script",
            Self::Script(Language::Ruby) => "a Ruby script",
            Self::Script(Language::JavaScript) => "a JavaScript program",
            Self::Script(Language::Lua) => "a Lua script",
            Self::Script(Language::Awk) => "an awk script",
            Self::Script(Language::Tcl) => "a Tcl script",
            Self::Script(Language::PowerShell) => "a PowerShell script",
            Self::Script(_) => "a script",
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
            Self::Lzma => "lzma data",
            Self::Zip => "a zip archive",
            Self::Ar => "an ar archive",
            Self::Cpio => "a cpio archive",
            Self::Rpm => "an RPM package",
            Self::SevenZip => "a 7z archive",
            Self::Pyc => "compiled Python",
            Self::Data => "data",
        }
    }

    /// Whether a system can run it as it is.
    pub const fn is_program(self) -> bool {
        matches!(self, Self::Elf | Self::Pe | Self::Script(_))
    }
}
