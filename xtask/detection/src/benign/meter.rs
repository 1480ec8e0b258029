//! How long each file takes to read, in processor time of the thread that reads it: other
//! programs on the machine and waiting for the disk do not count.

use std::io::Read;

use image::EntryVisitor;
use model::Entry;
use rustix::time::{ClockId, Timespec, clock_gettime};
use scan::layer::LayerReader;

/// One entry, measured.
pub struct Reading {
    /// Nanoseconds of processor time.
    pub nanoseconds: u64,
}

/// A reader of layers with a clock.
pub struct Meter<'a> {
    reader: LayerReader<'a>,
    readings: Vec<Reading>,
}

impl<'a> Meter<'a> {
    pub const fn new(reader: LayerReader<'a>) -> Self {
        Self {
            reader,
            readings: Vec::new(),
        }
    }

    /// The reader, and a reading for each entry it was shown.
    pub fn finish(self) -> (LayerReader<'a>, Vec<Reading>) {
        (self.reader, self.readings)
    }
}

impl EntryVisitor for Meter<'_> {
    fn entry(&mut self, entry: &Entry, content: &mut dyn Read) {
        let start = now();
        self.reader.entry(entry, content);
        self.readings.push(Reading {
            nanoseconds: now().saturating_sub(start),
        });
    }
}

fn now() -> u64 {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(tv_sec).unwrap_or_default();
    seconds * 1_000_000_000 + u64::try_from(tv_nsec).unwrap_or_default()
}
