//! Rewritings of Python programs.

mod encoded;
mod placed;
mod renamed;
mod strings;
mod tokens;
mod wrapped;

use model::Language;

use super::{Family, Script};
use crate::case::Case;

/// All of them.
pub const FAMILIES: &[Family] = &[
    family("python: encoded and executed", encoded::rewrite),
    family("python: strings put together", strings::rewrite),
    family("python: renamed", renamed::rewrite),
    family("python: names reached indirectly", renamed::indirect),
    family("python: inside constructs", wrapped::rewrite),
    family("python: in other places", placed::rewrite),
];

const fn family(name: &'static str, rewrite: fn(&Script) -> Vec<(String, Case)>) -> Family {
    Family {
        name,
        language: Language::Python,
        rewrite,
    }
}
