//! Miners, known by how they are called and never by name alone.

use super::{Call, Printed};
use crate::world::World;

/// Runs `name` if it is one of them.
pub fn run(_world: &mut World, _name: &str, _call: &Call) -> Printed {
    None
}
