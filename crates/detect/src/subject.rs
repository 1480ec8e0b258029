//! What detection looks at: an image's facts, one program of it, one file of it.

use bstr::BStr;
use model::{
    Act, ConfigFacts, Digest, Fact, Field, FileRecord, ImageConfig, LayerFacts, Program, Reach,
    Step, Where, text,
};

use crate::owner::Owners;

/// A file of an image: which layer, and its position in that layer's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileRef {
    /// Position of the layer, base 0.
    pub layer: u32,
    /// Position in [`LayerFacts::files`].
    pub file: u32,
}

/// The merged view of an image's layers.
pub trait Tree {
    /// The file a path leads to in the container, symbolic links followed.
    fn resolve(&self, path: &BStr) -> Option<FileRef>;
    /// The entry at a path in the container: links on the way are followed, itself is not.
    fn entry(&self, path: &BStr) -> Option<FileRef>;
    /// Whether the path exists in the container, as anything.
    fn exists(&self, path: &BStr) -> bool;
    /// The later layer that removes or replaces a file, if one does.
    fn hidden_by(&self, file: FileRef) -> Option<u32>;
}

/// Everything detection may know of one image.
pub struct ImageFacts<'a> {
    /// Names the image has.
    pub names: &'a [String],
    /// Its configuration.
    pub config: &'a ImageConfig,
    /// Facts of the configuration.
    pub config_facts: &'a ConfigFacts,
    /// Facts of the layers, base first; `None` for a layer that could not be read.
    pub layers: &'a [Option<std::sync::Arc<LayerFacts>>],
    /// Diff IDs of the layers, as read or as promised.
    pub diff_ids: &'a [Option<Digest>],
    /// The merged view.
    pub tree: &'a dyn Tree,
    /// Which packages own its files.
    pub owners: &'a Owners,
    /// Whether the user named this one file or program: it will be run by whoever named it.
    pub named_directly: bool,
}

impl ImageFacts<'_> {
    /// The record of a file.
    pub fn record(&self, file: FileRef) -> Option<&FileRecord> {
        self.layers
            .get(file.layer as usize)?
            .as_ref()?
            .files
            .get(file.file as usize)
    }

    /// The facts of a file; empty if it has none.
    pub fn facts(&self, file: FileRef) -> &[Fact] {
        let Some(Some(layer)) = self.layers.get(file.layer as usize) else {
            return &[];
        };
        match layer
            .facts
            .binary_search_by_key(&file.file, |facts| facts.file)
        {
            Ok(at) => &layer.facts[at].facts,
            Err(_) => &[],
        }
    }

    /// Whether the image says openly that it mines: in its own name, title or description.
    pub fn is_labelled_miner(&self) -> bool {
        const WORDS: &[&str] = &["miner", "mining", "xmrig", "monero"];
        let says = |text: &str| {
            let text = text.to_ascii_lowercase();
            WORDS.iter().any(|word| text.contains(word))
        };
        let titles = [
            "org.opencontainers.image.title",
            "org.opencontainers.image.description",
            "description",
            "name",
        ];
        self.names.iter().any(|name| says(name))
            || titles
                .iter()
                .filter_map(|key| self.config.labels.get(*key))
                .any(|label| says(label))
    }
}

/// Where a fact stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// In a file.
    File(FileRef),
    /// In the configuration.
    Field(Field),
}

/// One program, placed.
pub struct Subject<'a> {
    /// The image.
    pub image: &'a ImageFacts<'a>,
    /// Where the program stands.
    pub origin: Origin,
    /// How it comes to run.
    pub reach: &'a Reach,
    /// The program.
    pub program: &'a Program,
}

/// One file or field with facts that are no programs, placed.
pub struct FileSubject<'a> {
    /// The image.
    pub image: &'a ImageFacts<'a>,
    /// The file, or the field of the configuration.
    pub origin: Origin,
    /// How it comes to run.
    pub reach: &'a Reach,
    /// All facts that stand there.
    pub facts: Vec<&'a Fact>,
}

impl Subject<'_> {
    /// Whether the program runs without anybody doing more than starting the container.
    pub fn runs_by_itself(&self) -> bool {
        matches!(self.reach, Reach::Start { .. } | Reach::Schedule { .. })
    }

    /// Path of the file that holds it, with a leading slash; empty for a field.
    pub fn path(&self) -> String {
        match &self.origin {
            Origin::File(file) => self
                .image
                .record(*file)
                .map_or_else(String::new, shown_path),
            Origin::Field(_) => String::new(),
        }
    }
}

impl FileSubject<'_> {
    /// The file, if it is one.
    pub fn file(&self) -> Option<FileRef> {
        match &self.origin {
            Origin::File(file) => Some(*file),
            Origin::Field(_) => None,
        }
    }

    /// The record of the file.
    pub fn record(&self) -> Option<&FileRecord> {
        self.image.record(self.file()?)
    }

    /// Path of the file, with a leading slash; empty for a field.
    pub fn path(&self) -> String {
        match &self.origin {
            Origin::File(file) => self
                .image
                .record(*file)
                .map_or_else(String::new, shown_path),
            Origin::Field(_) => String::new(),
        }
    }
}

/// A record's path as reports show it.
pub fn shown_path(record: &FileRecord) -> String {
    format!("/{}", text::printable(&record.path))
}

/// The place of a fact: its origin, the steps to it and its line.
pub fn place(image: &ImageFacts<'_>, origin: &Origin, steps: Vec<Step>, line: u32) -> Where {
    let line = (line > 0).then_some(line);
    match origin {
        Origin::Field(field) => Where {
            field: Some(text::printable(field.to_string().as_bytes())),
            steps,
            line,
            ..Where::default()
        },
        Origin::File(file) => Where {
            layer: image.diff_ids.get(file.layer as usize).cloned().flatten(),
            layer_index: Some(file.layer),
            instruction: image
                .config
                .instruction_of(file.layer as usize)
                .map(|made| text::printable(made.as_bytes())),
            path: image.record(*file).map(shown_path),
            field: None,
            steps,
            line,
            hidden_by: image.tree.hidden_by(*file),
        },
    }
}

/// All steps to an act: the program's, then its own.
pub fn steps(program: &Program, act: &Act) -> Vec<Step> {
    program.steps.iter().chain(&act.steps).cloned().collect()
}
