//! Miners, known by how they are called and never by name alone.

use super::Call;
use crate::world::World;

/// Records mining if the arguments of a started program say so.
pub fn recognize(_world: &mut World, _call: &Call) {}
