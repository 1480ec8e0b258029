//! The rules of the house that no compiler checks.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail loudly"
)]

mod repository;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, MetadataCommand};

use repository::workspace;

#[test]
fn crates_use_only_what_the_table_allows() {
    let metadata = MetadataCommand::new()
        .manifest_path(workspace().join("Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()
        .unwrap();
    let members: BTreeSet<_> = metadata
        .packages
        .iter()
        .map(|p| p.name.to_string())
        .collect();
    let built: BTreeMap<_, BTreeSet<_>> = metadata
        .packages
        .iter()
        .map(|package| {
            let uses = package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind != DependencyKind::Development)
                .map(|dependency| dependency.name.clone())
                .filter(|name| members.contains(name))
                .collect();
            (package.name.to_string(), uses)
        })
        .collect();
    assert_eq!(
        built,
        allowed(),
        "left: Cargo.toml, right: the table in ARCHITECTURE.md"
    );
}

/// The table `| crate | may use | … |` of ARCHITECTURE.md.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(workspace().join("ARCHITECTURE.md")).unwrap();
    let mut rows = text
        .lines()
        .skip_while(|line| !line.starts_with("| crate | may use |"));
    assert!(
        rows.next().is_some(),
        "ARCHITECTURE.md has no table of crates"
    );
    rows.skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let mut cells = line.split('|').skip(1).map(quoted);
            let name = cells.next().unwrap().into_iter().next().unwrap();
            (name, cells.next().unwrap())
        })
        .collect()
}

/// The words in backquotes.
fn quoted(cell: &str) -> BTreeSet<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<_> = files_with(".rs")
        .into_iter()
        .filter(|path| !fs::read_to_string(path).unwrap().starts_with("//!"))
        .collect();
    assert!(silent.is_empty(), "no `//!` line: {silent:#?}");
}

#[test]
fn only_the_app_prints() {
    let mut loud = Vec::new();
    for path in files_with(".rs") {
        let inside = path.strip_prefix(workspace()).unwrap();
        let may = ["crates/app", "xtask"]
            .iter()
            .any(|part| inside.starts_with(part));
        let is_test = inside.components().any(|part| part.as_os_str() == "tests")
            || inside.ends_with("tests.rs");
        if may || is_test {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let macros = ["println!(", "print!(", "eprintln!(", "eprint!("];
        if code.lines().any(|line| {
            let line = line.trim_start();
            !line.starts_with("//") && macros.iter().any(|name| line.contains(name))
        }) {
            loud.push(inside.to_path_buf());
        }
    }
    assert!(loud.is_empty(), "prints: {loud:#?}");
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut broken = Vec::new();
    for path in files_with(".md") {
        let text = fs::read_to_string(&path).unwrap();
        let folder = path.parent().unwrap();
        for link in links(&text) {
            let file = link.split('#').next().unwrap_or_default();
            let is_elsewhere =
                file.is_empty() || file.contains("://") || file.starts_with("mailto:");
            if !is_elsewhere && !folder.join(file).exists() {
                broken.push(format!("{} → {link}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Targets of `[text](target)` outside of code blocks.
fn links(text: &str) -> Vec<String> {
    let prose = text.split("```").step_by(2);
    prose
        .flat_map(|part| part.split("](").skip(1))
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.to_owned())
        .collect()
}

/// Files of the repository, without what is built.
fn files_with(suffix: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![workspace()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && name != "target" && !is_hidden(&path) {
                folders.push(path);
            } else if name.ends_with(suffix) {
                files.push(path);
            }
        }
    }
    assert!(!files.is_empty());
    files
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'))
}
