//! The Python files of the machine the tests run on, if it has any: nothing may panic, and
//! honest libraries must not cost gaps.

use std::path::{Path, PathBuf};
use std::time::Instant;

use model::Budget;

use crate::language;
use crate::world::World;

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "py") {
            files.push(path);
        }
    }
}

/// Where systems keep the Python files of their packages.
const FOLDERS: [&str; 3] = [
    "/usr/lib/python3",
    "/usr/lib/python3.11",
    "/usr/local/lib/python3.11",
];

/// Run by hand, with `--ignored --nocapture`.
#[test]
#[ignore = "reads the machine's own Python files"]
#[allow(clippy::print_stdout, reason = "tells what it measured")]
fn the_machines_own_files() {
    let mut files = Vec::new();
    for folder in FOLDERS {
        collect(Path::new(folder), &mut files);
    }
    let budget = Budget::default();
    let (mut bytes, mut acts, mut parsed) = (0, 0, 0);
    let mut gaps: Vec<String> = Vec::new();
    let mut slowest = Vec::new();
    let start = Instant::now();
    for file in &files {
        let Ok(text) = std::fs::read_to_string(file) else {
            continue;
        };
        bytes += text.len();
        parsed += usize::from(super::super::prefilter::may_act(&text));
        let begun = Instant::now();
        let mut world = World::new(&budget);
        language::lower(&mut world, model::Language::Python, &text);
        let lowered = world.finish();
        slowest.push((begun.elapsed(), file.clone(), text.len()));
        acts += lowered.acts.len();
        for (_, gap) in lowered.gaps {
            gaps.push(format!("{}: {gap}", file.display()));
        }
    }
    let elapsed = start.elapsed().as_secs_f64();
    slowest.sort();
    println!(
        "{} files ({parsed} parsed), {:.1} MB in {elapsed:.1} s = {:.1} MB/s, {acts} acts, {} gaps",
        files.len(),
        bytes as f64 / 1e6,
        bytes as f64 / 1e6 / elapsed,
        gaps.len()
    );
    for gap in &gaps {
        println!("gap {gap}");
    }
    for (time, file, length) in slowest.iter().rev().take(8) {
        println!("{time:?} {length} {}", file.display());
    }
}
