//! Programs that print, decode and transform text: echo, printf, base64, xxd, tr, sed and the like.

use super::{Call, Printed};
use crate::world::World;

/// Runs `name` if it is one of them.
pub fn run(_world: &mut World, _name: &str, _call: &Call) -> Printed {
    None
}
