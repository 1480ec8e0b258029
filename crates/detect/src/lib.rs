//! From facts to findings: one technique, one file.

use model::Rule;

/// Version of ATT&CK that the rules' technique IDs are of.
pub const ATTACK_VERSION: &str = "18";

/// Every rule, sorted by id.
pub fn rules() -> Vec<&'static Rule> {
    Vec::new()
}
