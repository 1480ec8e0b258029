//! The engine: from a target to its reports.
//!
//! [`scan`] opens a target, reads every layer once ([`layer`]), lays the layers over one another
//! ([`tree`]) and judges each image ([`report`]). Layers are read in parallel where the source
//! allows it, and in one pass where it does not; both ways end in the same facts.

pub mod layer;
pub mod progress;
pub mod report;
pub mod tree;

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use image::{
    EntryVisitor, Error, Layer, LayerContent, LayerEnd, LayerSink, Opened, Options, Resolved,
    Source, Target,
};
use model::{Entry, LayerFacts, Report};
use rayon::prelude::*;

use layer::LayerReader;

pub use progress::{Event, Progress, Silent};

/// How to scan.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// How to open images, with the bounds.
    pub options: Options,
    /// Most threads; 0 for one a core.
    pub threads: usize,
    /// Rules of the user's own.
    pub rules: Option<read::yara::Rules>,
}

/// What reading a layer came to: its facts, or why there are none.
pub type LayerResult = Result<Arc<LayerFacts>, String>;

/// Scans everything `target` names: one report an image and platform, in the holder's order.
///
/// # Errors
/// If the target cannot be opened at all. What cannot be read inside it is a gap of a report.
pub fn scan(
    target: &Target,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<Vec<Report>, Error> {
    let name = target.to_string();
    let (images, layers) = match image::open(target, &settings.options)? {
        Opened::Random(source) => {
            let images = source.images().to_vec();
            let layers = read_layers(source.as_ref(), &images, &name, settings, progress);
            (images, layers)
        }
        Opened::Stream(stream) => {
            progress.event(Event::Opened {
                target: &name,
                images: None,
                layers: None,
            });
            let mut sink = Sink {
                settings,
                progress,
                open: None,
                layers: BTreeMap::new(),
            };
            let images = stream.drain(&mut sink)?;
            (images, sink.layers)
        }
    };
    let named_directly = matches!(target, Target::File(_));
    let reports = images
        .par_iter()
        .map(|image| report::of(image, &layers, settings, named_directly));
    Ok(in_pool(settings, || reports.collect()))
}

/// Reads every layer of a source once, in parallel.
fn read_layers(
    source: &dyn Source,
    images: &[Resolved],
    target: &str,
    settings: &Settings,
    progress: &dyn Progress,
) -> BTreeMap<String, LayerResult> {
    let mut unique: BTreeMap<&str, &Layer> = BTreeMap::new();
    for resolved in images {
        if let Resolved::Image(image) = resolved {
            unique.extend(image.layers.iter().map(|layer| (layer.key.as_str(), layer)));
        }
    }
    progress.event(Event::Opened {
        target,
        images: Some(images.len()),
        layers: Some(unique.len()),
    });
    // The longest first: the last one to end decides how long all take.
    let mut order: Vec<&Layer> = unique.into_values().collect();
    order.sort_by_key(|layer| std::cmp::Reverse(layer.size));
    let read = order.par_iter().map(|layer| {
        (
            layer.key.clone(),
            read_layer(source, layer, settings, progress),
        )
    });
    in_pool(settings, || read.collect())
}

fn read_layer(
    source: &dyn Source,
    layer: &Layer,
    settings: &Settings,
    progress: &dyn Progress,
) -> LayerResult {
    if let LayerContent::Foreign(urls) = &layer.content {
        let places = urls.join(", ");
        return Err(format!(
            "the layer is a foreign layer: its content is not held here but at {places}"
        ));
    }
    let mut reader = LayerReader::new(&layer.key, layer.size, settings, progress);
    match source.read_layer(layer, &mut reader) {
        Ok(end) => Ok(Arc::new(reader.finish(end))),
        Err(error) => {
            reader.finish(LayerEnd::default());
            Err(error.to_string())
        }
    }
}

/// Stack of a thread that reads, in bytes. Front-ends bound their recursion for the 8 MiB that a
/// main thread has; the 2 MiB that other threads get by default are too few for honest Python.
pub const STACK: usize = 16 << 20;

/// Runs `work` on a pool of the wanted size.
fn in_pool<T: Send>(settings: &Settings, work: impl FnOnce() -> T + Send) -> T {
    match rayon::ThreadPoolBuilder::new()
        .num_threads(settings.threads)
        .stack_size(STACK)
        .build()
    {
        Ok(pool) => pool.install(work),
        // No thread to be had: the caller's own does.
        Err(_) => work(),
    }
}

/// Receives the layers of a stream.
struct Sink<'a> {
    settings: &'a Settings,
    progress: &'a dyn Progress,
    open: Option<LayerReader<'a>>,
    layers: BTreeMap<String, LayerResult>,
}

impl EntryVisitor for Sink<'_> {
    fn entry(&mut self, entry: &Entry, content: &mut dyn Read) {
        if let Some(reader) = &mut self.open {
            reader.entry(entry, content);
        }
    }
}

impl LayerSink for Sink<'_> {
    fn begin(&mut self, key: &str) {
        self.open = Some(LayerReader::new(key, None, self.settings, self.progress));
    }

    fn end(&mut self, key: &str, end: LayerEnd) {
        if let Some(reader) = self.open.take() {
            self.layers
                .insert(key.to_owned(), Ok(Arc::new(reader.finish(end))));
        }
    }
}
