//! Rewritings of the other scripting languages: the same three ideas, spelled in each of them.

mod encoded;
mod renamed;
mod started;
mod strings;

use model::Language;

use super::{Family, Script};
use crate::case::Case;

/// All of them.
pub const FAMILIES: &[Family] = &[
    family(
        "perl: encoded and evaluated",
        Language::Perl,
        encoded::rewrite,
    ),
    family(
        "perl: strings put together",
        Language::Perl,
        strings::rewrite,
    ),
    family("perl: renamed", Language::Perl, renamed::rewrite),
    family("perl: started otherwise", Language::Perl, started::rewrite),
    family(
        "php: encoded and evaluated",
        Language::Php,
        encoded::rewrite,
    ),
    family("php: strings put together", Language::Php, strings::rewrite),
    family("php: renamed", Language::Php, renamed::rewrite),
    family("php: started otherwise", Language::Php, started::rewrite),
    family(
        "ruby: encoded and evaluated",
        Language::Ruby,
        encoded::rewrite,
    ),
    family(
        "ruby: strings put together",
        Language::Ruby,
        strings::rewrite,
    ),
    family("ruby: started otherwise", Language::Ruby, started::rewrite),
    family(
        "javascript: encoded and evaluated",
        Language::JavaScript,
        encoded::rewrite,
    ),
    family(
        "javascript: strings put together",
        Language::JavaScript,
        strings::rewrite,
    ),
    family(
        "javascript: renamed",
        Language::JavaScript,
        renamed::rewrite,
    ),
    family(
        "javascript: started otherwise",
        Language::JavaScript,
        started::rewrite,
    ),
    family(
        "lua: encoded and evaluated",
        Language::Lua,
        encoded::rewrite,
    ),
    family("lua: strings put together", Language::Lua, strings::rewrite),
    family("lua: renamed", Language::Lua, renamed::rewrite),
    family("lua: started otherwise", Language::Lua, started::rewrite),
];

const fn family(
    name: &'static str,
    language: Language,
    rewrite: fn(&Script) -> Vec<(String, Case)>,
) -> Family {
    Family {
        name,
        language,
        rewrite,
    }
}
