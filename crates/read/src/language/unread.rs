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
