//! `--rules`: YARA files read, compiled, and what is wrong with them said.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use read::yara::{self, Problem, RuleFile, Rules};

/// Longest rule file, in bytes: the largest public sets are a few MiB in one file.
const LONGEST: u64 = 64 << 20;

/// Deepest folder that is looked into.
const DEPTH: usize = 16;

/// Loads all files and folders; `None` if none is named. `warn` is told of what was left out.
pub fn load(paths: &[PathBuf], warn: &mut dyn FnMut(&str)) -> anyhow::Result<Option<Rules>> {
    if paths.is_empty() {
        return Ok(None);
    }
    let mut files = Vec::new();
    for path in paths {
        collect(path, 0, &mut files)?;
    }
    if files.is_empty() {
        bail!(
            "{} holds no .yar or .yara file",
            paths
                .iter()
                .map(|path| path.display().to_string())
                .collect::<Vec<_>>()
                .join(", ")
        );
    }
    let texts = files
        .iter()
        .map(|path| read(path))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let texts = without_included(texts);
    let (rules, problems) = yara::compile(&texts, &|from, path| {
        let beside = Path::new(&from.name)
            .parent()
            .unwrap_or(Path::new(""))
            .join(path);
        read(&beside).map_err(|error| format!("{:#}", error.root_cause()))
    });
    for problem in &problems {
        warn(&words(problem));
    }
    if rules.is_empty() {
        bail!("none of the rules handed over with --rules could be loaded");
    }
    if !problems.is_empty() {
        warn(&format!("the other {} rules are applied", rules.len()));
    }
    Ok(Some(rules))
}

/// A file, or the rule files in and below a folder, in order of their names.
fn collect(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let reading = || format!("reading the rules in {}", path.display());
    if !fs::metadata(path).with_context(reading)?.is_dir() {
        let is_rules = path
            .extension()
            .is_some_and(|end| end == "yar" || end == "yara");
        // What the user names is read whatever it is called.
        if depth == 0 || is_rules {
            files.push(path.to_owned());
        }
        return Ok(());
    }
    if depth >= DEPTH {
        bail!(
            "{} is nested too deep, or a folder links to itself",
            path.display()
        );
    }
    let mut inside = fs::read_dir(path)
        .and_then(|entries| {
            entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<Result<Vec<_>, _>>()
        })
        .with_context(reading)?;
    inside.sort();
    inside
        .iter()
        .try_for_each(|path| collect(path, depth + 1, files))
}

fn read(path: &Path) -> anyhow::Result<RuleFile> {
    let name = path.display().to_string();
    let length = fs::metadata(path)
        .with_context(|| format!("reading the rules in {name}"))?
        .len();
    if length > LONGEST {
        bail!("the rule file {name} is longer than {LONGEST} bytes: split it");
    }
    let bytes = fs::read(path).with_context(|| format!("reading the rules in {name}"))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(RuleFile { name, text })
}

/// A file that another one includes is loaded there, and not a second time by itself.
fn without_included(files: Vec<RuleFile>) -> Vec<RuleFile> {
    let canonical = |path: &Path| fs::canonicalize(path).ok();
    let included: Vec<_> = files
        .iter()
        .flat_map(|file| {
            let folder = Path::new(&file.name).parent().unwrap_or(Path::new(""));
            yara::includes(&file.text).map(move |path| canonical(&folder.join(path)))
        })
        .flatten()
        .collect();
    let is_included = |file: &RuleFile| {
        canonical(Path::new(&file.name)).is_some_and(|path| included.contains(&path))
    };
    files
        .into_iter()
        .filter(|file| !is_included(file))
        .collect()
}

fn words(problem: &Problem) -> String {
    let Problem {
        file,
        line,
        rule,
        message,
    } = problem;
    match rule {
        Some(rule) => format!("{file}:{line}: the rule `{rule}` was left out: {message}"),
        None => format!("{file}:{line}: {message}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load_all(folder: &Path) -> (anyhow::Result<Option<Rules>>, Vec<String>) {
        let mut warnings = Vec::new();
        let rules = load(&[folder.to_owned()], &mut |warning| {
            warnings.push(warning.to_owned())
        });
        (rules, warnings)
    }

    #[test]
    fn a_folder_is_loaded_and_what_is_wrong_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        write(
            "index.yar",
            "include \"sub/a.yara\"\nrule b { condition: a }",
        );
        write("sub/a.yara", "rule a { condition: true }");
        write("bad.yar", "\nrule bad { condition: nothing }");
        write("README.md", "no rules here");
        let (rules, warnings) = load_all(folder.path());
        assert_eq!(rules.unwrap().unwrap().len(), 2);
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(
            warnings[0].contains("bad.yar:2: the rule `bad` was left out:"),
            "{warnings:?}"
        );
        assert_eq!(warnings[1], "the other 2 rules are applied");
    }

    #[test]
    fn no_rules_at_all_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(load_all(folder.path()).0.is_err());
        fs::write(folder.path().join("x.yar"), "rule x { condition: y }").unwrap();
        assert!(load_all(folder.path()).0.is_err());
        assert!(load_all(&folder.path().join("missing")).0.is_err());
    }
}
