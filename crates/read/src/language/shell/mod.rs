//! POSIX shell and its relatives.

use model::Value;

use crate::world::World;

/// Lowers a text.
pub fn lower(_world: &mut World, _text: &str) -> Value {
    Value::literal("")
}

/// Lowers one command line that no shell parses (exec form as one text, systemd's `Exec…=`).
pub fn lower_command(_world: &mut World, _text: &str) -> Value {
    Value::literal("")
}
