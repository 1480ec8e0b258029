//! Arguments taken apart as getopt does, over values that may be unknown.

use model::Value;

/// Options and operands of a command line.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// What is not an option or an option's value.
    pub operands: Vec<Value>,
}
