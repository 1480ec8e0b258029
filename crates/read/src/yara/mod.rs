//! Rules of the user's own, in YARA's language: compiled once, applied to every file and to what
//! is unfolded from it.
//!
//! A rule that does not compile is named and left out; the others are applied. The engine is
//! boreal, a YARA engine in Rust that knows the language of YARA 4.5.

use std::collections::BTreeSet;
use std::time::Duration;

use boreal::compiler::{CompilerBuilder, CompilerParams};
use boreal::module::Console;
use boreal::scanner::{EvaluatedRule, ScanError, ScanParams};
use boreal::{Compiler, MetadataValue, Scanner};
use model::{RuleMatch, StringMatch, text};

mod severity;
mod split;

use split::{PartKind, parts};

/// Longest time the rules may take on one file. A rule that loops over every byte of a long file
/// would else hold up a scan for hours; hitting it is a gap.
const LONGEST: Duration = Duration::from_secs(60);

/// Most matches kept of one string of a rule, and of one rule: enough to check by hand.
const MOST_MATCHES: u32 = 16;

/// Longest match kept, in bytes.
const MATCH_BYTES: usize = 256;

/// Deepest nesting of included files.
const INCLUDES: usize = 16;

/// Names that rule sets expect their scanner to define, all texts. The first three are set for
/// every file; the others are not known here and stay empty.
const VARIABLES: [&str; 6] = [
    "filename",
    "filepath",
    "extension",
    "filetype",
    "owner",
    "md5",
];

/// A file with rules.
#[derive(Debug, Clone)]
pub struct RuleFile {
    /// Its name, which the rules' matches carry.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Something in a file that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// The rule, if it is one.
    pub rule: Option<String>,
    /// What is wrong.
    pub message: String,
}

/// Compiled rules.
#[derive(Debug, Clone)]
pub struct Rules {
    scanner: Scanner,
    count: usize,
}

/// Compiles files; `read` gives the text of a file that another includes, by its path relative to
/// the including file's name.
pub fn compile(
    files: &[RuleFile],
    read: &dyn Fn(&RuleFile, &str) -> Result<RuleFile, String>,
) -> (Rules, Vec<Problem>) {
    let mut loader = Loader {
        compiler: compiler(),
        read,
        count: 0,
        problems: Vec::new(),
    };
    for file in files {
        loader.file(file, &file.name, &mut BTreeSet::new());
    }
    let mut scanner = loader.compiler.finalize();
    let params = ScanParams::default()
        .compute_full_matches(true)
        .match_max_length(MATCH_BYTES)
        .string_max_nb_matches(MOST_MATCHES)
        .timeout_duration(Some(LONGEST));
    scanner.set_scan_params(params);
    let rules = Rules {
        scanner,
        count: loader.count,
    };
    (rules, loader.problems)
}

/// Paths that a file includes, as written.
pub fn includes(text: &str) -> impl Iterator<Item = &str> {
    parts(text).into_iter().filter_map(|part| match part.kind {
        PartKind::Include(path) => Some(path),
        _ => None,
    })
}

fn compiler() -> Compiler {
    // Rules may write to a console; there is none.
    let console = Console::with_callback(|_| ());
    let mut compiler = CompilerBuilder::new().add_module(console).build();
    compiler.set_params(CompilerParams::default().disable_includes(true));
    for name in VARIABLES {
        compiler.define_symbol(name, "");
    }
    compiler
}

struct Loader<'r> {
    compiler: Compiler,
    read: &'r dyn Fn(&RuleFile, &str) -> Result<RuleFile, String>,
    count: usize,
    problems: Vec<Problem>,
}

impl Loader<'_> {
    /// Loads a file into a namespace; `open` are the files it is included from.
    fn file(&mut self, file: &RuleFile, namespace: &str, open: &mut BTreeSet<String>) {
        if open.len() >= INCLUDES || !open.insert(file.name.clone()) {
            return;
        }
        for part in parts(&file.text) {
            let mut problem = |rule: Option<&str>, message: String| {
                self.problems.push(Problem {
                    file: file.name.clone(),
                    line: part.line,
                    rule: rule.map(str::to_owned),
                    message,
                });
            };
            match part.kind {
                PartKind::Import(text) => {
                    if let Err(error) = self.compiler.add_rules_str_in_namespace(text, namespace) {
                        problem(None, plain(&error.to_string()));
                    }
                }
                PartKind::Include(path) => match (self.read)(file, path) {
                    Ok(included) => self.file(&included, namespace, open),
                    Err(error) => problem(None, format!("include \"{path}\": {error}")),
                },
                PartKind::Rule(name, text) => {
                    match self.compiler.add_rules_str_in_namespace(text, namespace) {
                        Ok(_) => self.count += 1,
                        Err(error) => problem(Some(name), plain(&error.to_string())),
                    }
                }
                PartKind::Unreadable(text) => {
                    problem(
                        None,
                        format!("neither a rule nor an import: {}", text::cut(text, 80)),
                    );
                }
            }
        }
        open.remove(&file.name);
    }
}

/// The first line of the engine's message, without the place, which is the part's own there.
fn plain(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let said = line.split_once("error: ").map_or(line, |(_, said)| said);
    text::printable(said.as_bytes())
}

impl Rules {
    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The rules that match `content`, by name.
    ///
    /// # Errors
    /// If not all rules could be applied: what did match, and why that may not be all.
    pub fn matches(&self, path: &str, content: &[u8]) -> Result<Vec<RuleMatch>, Unfinished> {
        let mut scanner = self.scanner.clone();
        let name = path.rsplit('/').next().unwrap_or(path);
        let extension = name.rfind('.').map_or("", |dot| &name[dot..]);
        for (variable, value) in VARIABLES.iter().zip([name, path, extension]) {
            // All are defined above, as texts.
            let _ = scanner.define_symbol(*variable, value.to_owned());
        }
        let (result, error) = match scanner.scan_mem(content) {
            Ok(result) => (result, None),
            Err((error, result)) => (result, Some(error)),
        };
        let mut matches: Vec<_> = result
            .rules
            .iter()
            .map(|rule| rule_match(&scanner, rule))
            .collect();
        matches.sort_by(|one, other| (&one.file, &one.name).cmp(&(&other.file, &other.name)));
        match error {
            None => Ok(matches),
            Some(error) => Err(Unfinished {
                matches,
                reason: reason(&error),
            }),
        }
    }
}

/// Not all rules could be applied.
#[derive(Debug, Clone)]
pub struct Unfinished {
    /// What did match.
    pub matches: Vec<RuleMatch>,
    /// Why that may not be all.
    pub reason: String,
}

fn reason(error: &ScanError) -> String {
    match error {
        ScanError::Timeout => format!(
            "the YARA rules took longer than {} s on it: not all were applied",
            LONGEST.as_secs()
        ),
        other => format!("the YARA rules were not all applied: {other}"),
    }
}

fn rule_match(scanner: &Scanner, rule: &EvaluatedRule<'_>) -> RuleMatch {
    let mut found = RuleMatch {
        name: rule.name.to_owned(),
        file: rule.namespace.to_owned(),
        tags: rule
            .tags
            .iter()
            .map(|tag| scanner.get_string_symbol(*tag).to_owned())
            .collect(),
        severity: severity::DEFAULT,
        confidence: severity::CONFIDENCE,
        ..RuleMatch::default()
    };
    let (mut own_severity, mut own_confidence) = (None, None);
    for metadata in rule.metadatas {
        let field = scanner.get_string_symbol(metadata.name);
        let value = match &metadata.value {
            MetadataValue::Bytes(symbol) => text::printable(scanner.get_bytes_symbol(*symbol)),
            MetadataValue::Integer(number) => number.to_string(),
            MetadataValue::Boolean(truth) => truth.to_string(),
        };
        own_severity = own_severity.or_else(|| severity::severity(field, &value));
        own_confidence = own_confidence.or_else(|| severity::confidence(field, &value));
        let place = match field.to_ascii_lowercase().as_str() {
            "description" | "desc" => &mut found.description,
            "author" => &mut found.author,
            "license" | "licence" => &mut found.licence,
            "reference" | "ref" => &mut found.reference,
            _ => continue,
        };
        if place.is_empty() {
            *place = text::cut(&value, text::EVIDENCE_BYTES);
        }
    }
    found.severity = own_severity.unwrap_or(severity::DEFAULT);
    found.confidence = own_confidence.unwrap_or(severity::CONFIDENCE);
    found.strings = rule
        .matches
        .iter()
        .flat_map(|string| {
            string.matches.iter().map(|one| StringMatch {
                name: format!("${}", string.name),
                offset: one.offset as u64,
                length: one.length as u64,
                text: text::printable(&one.data),
            })
        })
        .take(MOST_MATCHES as usize)
        .collect();
    found
}

#[cfg(test)]
mod tests;
