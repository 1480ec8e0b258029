//! How code comes to run: from what the container starts, over what that runs in turn.

use std::collections::{BTreeMap, VecDeque};

use bstr::{BStr, ByteSlice};
use model::{Behavior, Fact, Field, Program, Provenance, Reach, Value};

use crate::autostart;
use crate::subject::{FileRef, ImageFacts, Origin, shown_path};

/// Longest chain kept: a reader follows no more.
const LONGEST_CHAIN: usize = 12;

/// Reach of every file and field that has facts.
pub struct Reaches {
    known: BTreeMap<Origin, Reach>,
}

static UNREFERENCED: Reach = Reach::Unreferenced;

impl Reaches {
    /// Follows what starts, then what is scheduled.
    pub fn of(image: &ImageFacts<'_>) -> Self {
        let mut walk = Walk {
            image,
            known: BTreeMap::new(),
            queue: VecDeque::new(),
        };
        walk.start();
        walk.follow();
        walk.schedules();
        walk.follow();
        Self { known: walk.known }
    }

    /// How `origin` comes to run.
    pub fn get(&self, origin: &Origin) -> &Reach {
        self.known.get(origin).unwrap_or(&UNREFERENCED)
    }
}

struct Walk<'a> {
    image: &'a ImageFacts<'a>,
    known: BTreeMap<Origin, Reach>,
    queue: VecDeque<Origin>,
}

impl<'a> Walk<'a> {
    /// What the configuration starts. A breadth-first walk finds the shortest chain.
    fn start(&mut self) {
        for (field, _) in &self.image.config_facts.facts {
            let reach = match field {
                Field::Start(_) | Field::Healthcheck => Reach::Start {
                    chain: vec![field.to_string()],
                },
                Field::OnBuild(_) => Reach::Build,
                Field::History(_) => Reach::Past,
                // A variable runs only if something evaluates it.
                _ => continue,
            };
            self.reach(Origin::Field(field.clone()), reach);
        }
        if self.image.named_directly {
            for origin in self.all_files() {
                let Origin::File(file) = origin else { continue };
                let chain = self
                    .image
                    .record(file)
                    .map(shown_path)
                    .into_iter()
                    .collect();
                self.reach(origin, Reach::Start { chain });
            }
        }
    }

    /// Crontabs, units, profiles: what their place in the file system makes run.
    fn schedules(&mut self) {
        for origin in self.all_files() {
            let Origin::File(file) = origin else { continue };
            let Some(record) = self.image.record(file) else {
                continue;
            };
            if autostart::is_started(&record.path.to_str_lossy())
                && self.image.tree.hidden_by(file).is_none()
            {
                let chain = vec![shown_path(record)];
                self.reach(origin, Reach::Schedule { chain });
            }
        }
    }

    fn all_files(&self) -> Vec<Origin> {
        let layers = self.image.layers.iter().enumerate();
        let files =
            layers.filter_map(|(index, layer)| Some((u32::try_from(index).ok()?, layer.as_ref()?)));
        files
            .flat_map(|(layer, facts)| {
                facts.facts.iter().map(move |f| {
                    Origin::File(FileRef {
                        layer,
                        file: f.file,
                    })
                })
            })
            .collect()
    }

    fn reach(&mut self, origin: Origin, reach: Reach) {
        if let std::collections::btree_map::Entry::Vacant(entry) = self.known.entry(origin.clone())
        {
            entry.insert(reach);
            self.queue.push_back(origin);
        }
    }

    fn follow(&mut self) {
        while let Some(origin) = self.queue.pop_front() {
            let Some(reach) = self.known.get(&origin).cloned() else {
                continue;
            };
            for next in self.runs(&origin) {
                let label = match &next {
                    Origin::File(file) => {
                        self.image.record(*file).map(shown_path).unwrap_or_default()
                    }
                    Origin::Field(field) => field.to_string(),
                };
                self.reach(next, further(&reach, label));
            }
        }
    }

    /// What the programs at `origin` run: files by path, variables by name.
    fn runs(&self, origin: &Origin) -> Vec<Origin> {
        let mut next = Vec::new();
        for program in programs(self.image, origin) {
            for act in &program.acts {
                let mut paths: Vec<&Value> = Vec::new();
                let mut sources: &[Provenance] = &[];
                match &act.behavior {
                    Behavior::Execute {
                        program, arguments, ..
                    } => {
                        paths.push(program);
                        paths.extend(
                            arguments
                                .iter()
                                .filter(|argument| argument.text.contains(['/', '.'])),
                        );
                        sources = &program.from;
                    }
                    Behavior::Evaluate { code, .. } => sources = &code.from,
                    Behavior::Schedule { command, .. } => paths.push(command),
                    _ => {}
                }
                next.extend(paths.into_iter().filter_map(|path| self.file(&path.text)));
                next.extend(sources.iter().filter_map(|source| self.source(source)));
            }
        }
        next
    }

    fn source(&self, source: &Provenance) -> Option<Origin> {
        match source {
            Provenance::File(path) => self.file(path),
            Provenance::Environment(name) => Some(Origin::Field(Field::Env(name.clone()))),
            _ => None,
        }
    }

    /// The file a word names: as a path, below the working folder, or along the usual `PATH`.
    fn file(&self, word: &str) -> Option<Origin> {
        const PATH: &[&str] = &[
            "/usr/local/sbin/",
            "/usr/local/bin/",
            "/usr/sbin/",
            "/usr/bin/",
            "/sbin/",
            "/bin/",
        ];
        if word.is_empty() || word.len() > 4_096 || word.contains(['\n', '\0']) {
            return None;
        }
        let tree = self.image.tree;
        let found = if word.starts_with('/') {
            tree.resolve(BStr::new(word))
        } else if word.contains('/') || word.contains('.') {
            let below = format!("{}/{word}", self.image.config.working_dir);
            tree.resolve(BStr::new(&below))
                .or_else(|| tree.resolve(BStr::new(word)))
        } else {
            PATH.iter()
                .find_map(|folder| tree.resolve(BStr::new(&format!("{folder}{word}"))))
        };
        found.map(Origin::File)
    }
}

/// The facts that stand at an origin.
pub fn facts<'a>(image: &'a ImageFacts<'_>, origin: &Origin) -> Vec<&'a Fact> {
    match origin {
        Origin::File(file) => image.facts(*file).iter().collect(),
        Origin::Field(field) => {
            let of_field = image
                .config_facts
                .facts
                .iter()
                .filter(|(known, _)| known == field);
            of_field.map(|(_, fact)| fact).collect()
        }
    }
}

/// The programs that stand at an origin.
pub fn programs<'a>(image: &'a ImageFacts<'_>, origin: &Origin) -> Vec<&'a Program> {
    let program = |fact: &'a Fact| match fact {
        Fact::Program(program) => Some(program),
        _ => None,
    };
    facts(image, origin)
        .into_iter()
        .filter_map(program)
        .collect()
}

/// One link more.
fn further(reach: &Reach, label: String) -> Reach {
    let longer = |chain: &[String]| {
        let mut chain = chain.to_vec();
        if chain.len() < LONGEST_CHAIN {
            chain.push(label);
        }
        chain
    };
    match reach {
        Reach::Start { chain } => Reach::Start {
            chain: longer(chain),
        },
        Reach::Schedule { chain } => Reach::Schedule {
            chain: longer(chain),
        },
        other => other.clone(),
    }
}
