//! Programs that open connections: nc, socat, telnet, openssl s_client, ssh and the like.

use super::{Call, Printed};
use crate::world::World;

/// Runs `name` if it is one of them.
pub fn run(_world: &mut World, _name: &str, _call: &Call) -> Printed {
    None
}
