//! What happens while a scan runs, for whoever wants to show it.

/// One thing that happened. Layer keys are unique within a target.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The target was opened.
    Opened {
        /// As the user named it.
        target: &'a str,
        /// Images found in it; `None` if that is known only at the end (a stream).
        images: Option<usize>,
        /// Layers to read, without repeats.
        layers: Option<usize>,
    },
    /// A layer is being read.
    LayerStarted {
        /// Its key.
        key: &'a str,
        /// Its length as stored, in bytes.
        size: Option<u64>,
    },
    /// More of it was read.
    LayerAdvanced {
        /// Its key.
        key: &'a str,
        /// Uncompressed bytes of files so far.
        bytes: u64,
        /// Entries so far.
        entries: u64,
    },
    /// It was read.
    LayerDone {
        /// Its key.
        key: &'a str,
        /// Uncompressed bytes.
        bytes: u64,
        /// Entries.
        entries: u64,
        /// Whether something in it could not be read.
        damaged: bool,
    },
}

/// Receives events, from several threads.
pub trait Progress: Sync {
    /// Something happened.
    fn event(&self, event: Event<'_>);
}

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _event: Event<'_>) {}
}
