//! `/etc/ld.so.preload`: libraries that the dynamic loader puts into every program (`ld.so(8)`).

use model::{Behavior, Language, Value};

use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &["etc/ld.so.preload"],
        folders: &[],
        named: &[],
    },
    ..FrontEnd::new(Language::Preload, lower)
};

/// Lowers the list: names separated by white space or colons, `#` starts a comment.
pub fn lower(world: &mut World, text: &str) -> Value {
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or_default();
        for library in line.split([' ', '\t', ':']).filter(|name| !name.is_empty()) {
            if !world.burn(1) {
                return Value::literal("");
            }
            world.at(number, line);
            world.act(Behavior::Preload {
                library: Value::literal(library),
            });
        }
    }
    Value::literal("")
}
