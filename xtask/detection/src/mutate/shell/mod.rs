//! Rewritings of shell scripts.

mod encoded;
mod placed;
mod renamed;
mod spelled;
mod words;
mod wrapped;

use model::Language;

use super::{Family, Script};
use crate::case::Case;

/// All of them.
pub const FAMILIES: &[Family] = &[
    family("shell: encoded and evaluated", encoded::rewrite),
    family("shell: words spelled otherwise", spelled::rewrite),
    family("shell: renamed, with noise", renamed::rewrite),
    family("shell: inside constructs", wrapped::in_constructs),
    family("shell: started by commands", wrapped::in_commands),
    family("shell: started by other languages", wrapped::in_languages),
    family("shell: in other places", placed::rewrite),
];

const fn family(name: &'static str, rewrite: fn(&Script) -> Vec<(String, Case)>) -> Family {
    Family {
        name,
        language: Language::Shell,
        rewrite,
    }
}
