//! Programs that run a text or a file handed to them: sh, python, perl, eval and the like.

use super::{Call, Printed};
use crate::world::World;

/// Runs `name` if it is one of them.
pub fn run(_world: &mut World, _name: &str, _call: &Call) -> Printed {
    None
}

/// Follows a program that the program itself wrote before: a script is lowered in place.
pub fn run_written(_world: &mut World, _call: &Call, _written: Option<model::Value>) {}
