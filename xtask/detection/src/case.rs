//! One thing to be found: a few files and a configuration, judged as an image.

use std::collections::BTreeMap;
use std::sync::Arc;

use image::{EntryVisitor, Image, Layer, LayerContent, LayerEnd, Resolved};
use model::{Entry, ImageConfig, Report};
use read::language;
use scan::layer::LayerReader;
use scan::{LayerResult, Settings, Silent, report};

/// An image of one layer.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// Path (without leading slash), content, mode.
    pub files: Vec<(String, Vec<u8>, u32)>,
    /// What it starts.
    pub config: ImageConfig,
}

impl Case {
    /// One file that the container starts with the interpreter its name asks for.
    pub fn of_file(name: &str, content: &str) -> Self {
        let path = format!("opt/{name}");
        let started = format!("/{path}");
        let interpreter = language::of_extension(name.as_bytes())
            .and_then(language::front_end)
            .and_then(|front_end| front_end.interpreters.first());
        let entrypoint = match interpreter {
            Some(&"sh") => vec!["bash".to_owned(), started],
            Some(interpreter) => vec![(*interpreter).to_owned(), started],
            None => vec!["/usr/bin/worker".to_owned(), "--config".to_owned(), started],
        };
        Self {
            files: vec![(path, content.into(), 0o755)],
            config: ImageConfig {
                entrypoint,
                ..ImageConfig::default()
            },
        }
    }

    /// No file, only what the container starts.
    pub fn of_entrypoint(words: &[&str]) -> Self {
        let entrypoint = words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            files: Vec::new(),
            config: ImageConfig {
                entrypoint,
                ..ImageConfig::default()
            },
        }
    }

    /// A file that lies at a place; the container starts something else.
    pub fn of_place(path: &str, content: &str) -> Self {
        let mut case = Self::of_entrypoint(&["/usr/sbin/daemon", "--foreground"]);
        case.files.push((path.to_owned(), content.into(), 0o644));
        case
    }

    /// What the engine says of it.
    pub fn judge(&self) -> Report {
        let settings = Settings::default();
        let mut reader = LayerReader::new("layer", None, &settings, &Silent);
        for (path, content, mode) in &self.files {
            let mut entry = Entry::file(path.as_str(), content.len() as u64);
            entry.mode = *mode;
            reader.entry(&entry, &mut content.as_slice());
        }
        let facts = Arc::new(reader.finish(LayerEnd::default()));
        let layers: BTreeMap<String, LayerResult> = [("layer".to_owned(), Ok(facts))].into();
        let image = Resolved::Image(self.image());
        report::of(&image, &layers, &settings, false)
    }

    fn image(&self) -> Image {
        Image {
            target: "case".to_owned(),
            names: Vec::new(),
            manifest: None,
            config_digest: None,
            platform: None,
            artifact: None,
            config: self.config.clone(),
            layers: vec![Layer {
                key: "layer".to_owned(),
                digest: None,
                diff_id: None,
                size: None,
                media_type: String::new(),
                content: LayerContent::Tar,
            }],
            damage: Vec::new(),
        }
    }

    /// The text of it, for a reader.
    pub fn shown(&self) -> String {
        let mut shown = String::new();
        if !self.config.entrypoint.is_empty() {
            shown.push_str(&format!("ENTRYPOINT {:?}\n", self.config.entrypoint));
        }
        if let Some(check) = &self.config.healthcheck {
            shown.push_str(&format!("HEALTHCHECK {:?}\n", check.test));
        }
        for variable in &self.config.env {
            shown.push_str(&format!("ENV {variable}\n"));
        }
        for (path, content, _) in &self.files {
            let text = model::text::cut(&String::from_utf8_lossy(content), 4_000);
            shown.push_str(&format!("--- {path}\n{text}\n"));
        }
        shown
    }
}
