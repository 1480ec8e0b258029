//! Progress on standard error: bars on a terminal, plain lines elsewhere if asked for.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{HumanBytes, HumanCount, MultiProgress, ProgressBar, ProgressStyle};
use scan::{Event, Progress};

use crate::render::safe;

/// Layers that are shown at once; more would scroll the terminal.
const MAX_BARS: usize = 8;

/// How often a bar that nothing happens to is drawn again.
const TICK: Duration = Duration::from_millis(120);

/// Bars on a terminal.
pub struct Bars {
    multi: MultiProgress,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    total: Option<ProgressBar>,
    layers: HashMap<String, ProgressBar>,
}

impl Bars {
    /// Bars on standard error.
    pub fn new() -> Self {
        Self {
            multi: MultiProgress::new(),
            state: Mutex::new(State::default()),
        }
    }

    /// Announces the next target.
    pub fn start(&self, target: &str) {
        self.finish();
        let bar = self.add("{spinner} {msg}", format!("opening {}", safe(target)));
        self.lock().total = Some(bar);
    }

    /// Takes all bars away.
    pub fn finish(&self) {
        let mut state = self.lock();
        for (_, bar) in state.layers.drain() {
            bar.finish_and_clear();
        }
        if let Some(bar) = state.total.take() {
            bar.finish_and_clear();
        }
    }

    /// Runs `print` while no bar is in the way.
    pub fn suspend(&self, print: impl FnOnce()) {
        self.multi.suspend(print);
    }

    fn add(&self, template: &str, message: String) -> ProgressBar {
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = self.multi.add(ProgressBar::new_spinner().with_style(style));
        bar.set_message(message);
        bar.enable_steady_tick(TICK);
        bar
    }

    /// The state, also if a thread died while it held it: bars matter less than the scan.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Bars {
    fn event(&self, event: Event<'_>) {
        let mut state = self.lock();
        match event {
            Event::Opened {
                target,
                images,
                layers,
            } => {
                let Some(bar) = &state.total else { return };
                let target = safe(target);
                let images = images.map_or(String::new(), |n| format!(", images: {n}"));
                let template = match layers {
                    Some(layers) => {
                        bar.set_length(layers as u64);
                        "{spinner} {msg}, layers: {pos}/{len}, {elapsed}"
                    }
                    None => "{spinner} {msg}, layers: {pos}, {elapsed}",
                };
                if let Ok(style) = ProgressStyle::with_template(template) {
                    bar.set_style(style);
                }
                bar.set_message(format!("{target}{images}"));
            }
            Event::LayerStarted { key, size } => {
                if state.layers.len() < MAX_BARS {
                    let size = size.map_or(String::new(), |n| format!(" ({})", HumanBytes(n)));
                    let bar = self.add("  {prefix} {msg}", "starting".to_owned());
                    bar.set_prefix(format!("{}{size}", short(key)));
                    state.layers.insert(key.to_owned(), bar);
                }
            }
            Event::LayerAdvanced {
                key,
                bytes,
                entries,
            } => {
                if let Some(bar) = state.layers.get(key) {
                    bar.set_message(amount(bytes, entries));
                }
            }
            Event::LayerDone { key, .. } => {
                if let Some(bar) = state.layers.remove(key) {
                    bar.finish_and_clear();
                }
                if let Some(bar) = &state.total {
                    bar.inc(1);
                }
            }
        }
    }
}

/// Plain lines, for a log.
pub struct Lines {
    state: Mutex<(u64, Option<usize>)>,
}

impl Lines {
    /// Lines on standard error.
    pub fn new() -> Self {
        Self {
            state: Mutex::new((0, None)),
        }
    }
}

impl Progress for Lines {
    fn event(&self, event: Event<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let line = match event {
            Event::Opened { target, layers, .. } => {
                *state = (0, layers);
                let target = safe(target);
                match layers {
                    Some(layers) => format!("{target}: layers to read: {layers}"),
                    None => format!("{target}: reading"),
                }
            }
            Event::LayerDone {
                key,
                bytes,
                entries,
                damaged,
            } => {
                state.0 += 1;
                let of = state.1.map_or(String::new(), |n| format!("/{n}"));
                let damage = if damaged { ", not read whole" } else { "" };
                format!(
                    "layer {}{of} {}: {}{damage}",
                    state.0,
                    short(key),
                    amount(bytes, entries)
                )
            }
            Event::LayerStarted { .. } | Event::LayerAdvanced { .. } => return,
        };
        // Nobody to tell if standard error is gone.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }
}

/// What was read.
fn amount(bytes: u64, entries: u64) -> String {
    format!("{}, entries: {}", HumanBytes(bytes), HumanCount(entries))
}

/// A key short enough for a line.
fn short(key: &str) -> String {
    let key = key.split_once(':').map_or(key, |(_, hex)| hex);
    safe(&key.chars().take(12).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_short_and_harmless() {
        assert_eq!(short("sha256:0123456789abcdef"), "0123456789ab");
        assert_eq!(short("a\u{1b}[2J"), "a\\u{1b}[2J");
    }

    #[test]
    fn bars_come_and_go() {
        let bars = Bars::new();
        bars.start("app");
        let key = |n: usize| format!("sha256:{n}");
        bars.event(Event::Opened {
            target: "app",
            images: Some(1),
            layers: Some(20),
        });
        for n in 0..20 {
            bars.event(Event::LayerStarted {
                key: &key(n),
                size: Some(9),
            });
        }
        assert_eq!(bars.lock().layers.len(), MAX_BARS);
        for n in 0..20 {
            bars.event(Event::LayerDone {
                key: &key(n),
                bytes: 1,
                entries: 1,
                damaged: false,
            });
        }
        assert!(bars.lock().layers.is_empty());
        assert_eq!(
            bars.lock().total.as_ref().map(ProgressBar::position),
            Some(20)
        );
        bars.finish();
        assert!(bars.lock().total.is_none());
    }
}
