//! Bounds on reading. Every one that is hit becomes a gap; none is a reason to fall silent.

/// How much reading may cost. An argument of every reader, never a global.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Longest file that is read as a whole, in bytes. Longer files are streamed: digest, kind and
    /// indicators see every byte, front-ends the head.
    pub whole_file: usize,
    /// Longest text handed to a front-end, in bytes.
    pub program_text: usize,
    /// Most bytes all decoding inside one file may yield.
    pub unfolded: usize,
    /// Deepest nesting of steps (decoding, evaluation, archives).
    pub depth: usize,
    /// Units of work one program may cost: one a node or command, so a bound on time that does
    /// not depend on the machine.
    pub fuel: u64,
    /// Most acts kept of one program.
    pub acts: usize,
    /// Most bytes an uncompressed layer may have.
    pub layer_bytes: u64,
    /// Most entries a layer may have.
    pub layer_entries: u64,
    /// Most bytes of a manifest, index or configuration.
    pub document: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            whole_file: 32 << 20,
            program_text: 4 << 20,
            unfolded: 64 << 20,
            depth: 12,
            fuel: 2_000_000,
            acts: 4_096,
            layer_bytes: 512 << 30,
            layer_entries: 50_000_000,
            document: 16 << 20,
        }
    }
}
