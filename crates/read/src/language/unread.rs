//! Languages known by their interpreters but without a front-end: that code is handed to one is
//! recorded, and the code is not followed.

use model::{Language, Value};

use crate::language::{CommandLine, FrontEnd};
use crate::world::World;

fn unread(_world: &mut World, _text: &str) -> Value {
    Value::literal("")
}

const fn language(
    language: Language,
    interpreters: &'static [&'static str],
    command_line: CommandLine,
) -> FrontEnd {
    FrontEnd {
        interpreters,
        command_line: Some(command_line),
        ..FrontEnd::new(language, unread)
    }
}

/// Perl.
pub const PERL: FrontEnd = language(
    Language::Perl,
    &["perl", "miniperl"],
    CommandLine {
        code: "eE",
        valued: "",
        attached: "MmIFxCDiV0l",
/// Ruby.
pub const RUBY: FrontEnd = language(
    Language::Ruby,
    &["ruby", "jruby", "irb"],
    CommandLine {
        code: "e",
        valued: "rIC",
        attached: "EFKTWx0i",
        long_code: &[],
    },
);

/// JavaScript.
pub const JAVASCRIPT: FrontEnd = language(
    Language::JavaScript,
    &["node", "nodejs", "bun", "iojs"],
    CommandLine {
        code: "ep",
        valued: "rC",
        attached: "",
        long_code: &["eval", "print"],
    },
);

/// Lua.
pub const LUA: FrontEnd = language(
    Language::Lua,
    &["lua", "luajit", "texlua"],
    CommandLine {
        code: "e",
        valued: "l",
        attached: "",
        long_code: &[],
/// PHP.
pub const PHP: FrontEnd = language(
    Language::Php,
    &["php", "php-cli", "php-cgi"],
    CommandLine {
        code: "rRBE",
        valued: "dcfzStF",
        attached: "",
        long_code: &["run", "process-code", "process-begin", "process-end"],
    },
);

/// Tcl and Expect.
pub const TCL: FrontEnd = language(
    Language::Tcl,
    &["tclsh", "wish", "expect"],
    CommandLine {
        code: "c",
        valued: "",
        attached: "",
        long_code: &["command"],
    },
);

/// Others that take code like these.
pub const OTHERS: FrontEnd = language(
    Language::Other,
    &["R", "Rscript", "julia", "groovy", "jrunscript", "guile"],
    CommandLine {
        code: "e",
        valued: "l",
        attached: "",
        long_code: &["eval", "eval-string"],
    },
);
