//! The merged view against what the kernel makes of the same layers.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;

type Written = (BString, EntryKind);

fn entry(path: &str, kind: EntryKind) -> Written {
    (path.into(), kind)
}

fn file(path: &str) -> Written {
    entry(path, EntryKind::File)
}

fn folder(path: &str) -> Written {
    entry(path, EntryKind::Directory)
}

fn link(path: &str, target: &str) -> Written {
    entry(path, EntryKind::Symlink(target.into()))
}

fn removed(path: &str) -> Written {
    entry(path, EntryKind::Whiteout(Removal::Path))
}

fn opaque(path: &str) -> Written {
    entry(path, EntryKind::Whiteout(Removal::Children))
}

fn merged(layers: &[Vec<Written>]) -> Merged<'_> {
    let mut merged = Merged::default();
    for (layer, entries) in (0..).zip(layers) {
        let entries = (0..).zip(entries);
        merged.add(
            layer,
            entries.map(|(at, (path, kind))| (at, path.as_bstr(), kind)),
        );
    }
    merged
}

fn shown(layers: &[Vec<Written>]) -> Vec<(String, Position)> {
    let mut shown: Vec<(String, Position)> = merged(layers)
        .visible()
        .map(|(path, position)| (path.to_string(), position))
        .collect();
    shown.sort();
    shown
}

fn at(path: &str, position: Position) -> (String, Position) {
    (path.to_owned(), position)
}

#[test]
fn a_whiteout_acts_on_lower_layers_only_wherever_it_stands() {
    for upper in [
        vec![removed("a"), file("a/new")],
        vec![file("a/new"), removed("a")],
    ] {
        let layers = [vec![folder("a"), file("a/old")], upper];
        let new = u32::from(layers[1][0].0 == "a");
        assert_eq!(shown(&layers), [at("a/new", (1, new))]);
        let merged = merged(&layers);
        assert_eq!(merged.hidden_by((0, 1)), Some(1));
        assert_eq!(merged.hidden_by((0, 0)), Some(1));
        assert!(merged.exists("a".into()), "a folder that no entry names");
    }
}

#[test]
fn an_opaque_folder_hides_what_lower_layers_have_in_it() {
    let layers = [
        vec![folder("a"), file("a/old"), file("b")],
        vec![file("a/new"), opaque("a")],
        vec![opaque("")],
    ];
    assert_eq!(
        shown(&layers[..2]),
        [at("a", (0, 0)), at("a/new", (1, 0)), at("b", (0, 2))]
    );
    assert_eq!(shown(&layers), []);
}

#[test]
fn a_folder_over_a_link_hides_the_link() {
    let layers = [
        vec![folder("usr/lib"), file("usr/lib/x"), link("lib", "usr/lib")],
        vec![file("lib/x")],
    ];
    assert_eq!(
        shown(&layers),
        [
            at("lib/x", (1, 0)),
            at("usr/lib", (0, 0)),
            at("usr/lib/x", (0, 1))
        ]
    );
    assert_eq!(merged(&layers).hidden_by((0, 2)), Some(1));
}

#[test]
fn inside_one_layer_links_are_followed_and_the_last_entry_counts() {
    let layers = [vec![
        link("lib", "usr/lib"),
        file("lib/x"),
        folder("d"),
        file("d/y"),
        file("d"),
        file("usr/lib/x"),
    ]];
    assert_eq!(
        shown(&layers),
        [at("d", (0, 4)), at("lib", (0, 0)), at("usr/lib/x", (0, 5))]
    );
    let merged = merged(&layers);
    for hidden in [1, 2, 3] {
        assert_eq!(merged.hidden_by((0, hidden)), Some(0), "{hidden}");
    }
}

#[test]
fn paths_resolve_inside_the_root() {
    let layers = [
        vec![
            file("bin/busybox"),
            entry("bin/sh", EntryKind::Hardlink("bin/busybox".into())),
            link("usr/bin/sh", "../../../../bin/sh"),
            link("sbin", "/bin"),
            link("loop", "loop/x"),
            folder("etc"),
        ],
        vec![file("bin/busybox")],
    ];
    let merged = merged(&layers);
    let resolve = |path: &str| merged.resolve(path.into());
    assert_eq!(
        resolve("bin/sh"),
        Some((0, 0)),
        "what it was linked to, not what replaced that"
    );
    assert_eq!(resolve("/usr/bin/./sh"), Some((0, 0)));
    assert_eq!(resolve("sbin/busybox"), Some((1, 0)));
    assert_eq!(resolve("etc/../bin/busybox"), Some((1, 0)));
    assert_eq!(resolve("loop"), None);
    assert_eq!(resolve("bin/busybox/x"), None);
    assert!(merged.exists("usr/bin".into()) && !merged.exists("usr/lib".into()));
}

#[test]
fn devices_that_overlayfs_takes_for_whiteouts_are_whiteouts() {
    let device = entry("a", EntryKind::CharacterDevice(0, 0));
    let layers = [vec![folder("a"), file("a/b")], vec![device]];
    assert_eq!(shown(&layers), []);
    assert_eq!(merged(&layers).hidden_by((0, 1)), Some(1));
}

#[test]
fn hostile_paths_cost_little() {
    let deep = BString::from("a/".repeat(2_000) + "x");
    let layers = [vec![
        (deep.clone(), EntryKind::File),
        link("l", "l/l/l"),
        file("l/x"),
    ]];
    let merged = merged(&layers);
    assert_eq!(merged.resolve(deep.as_bstr()), Some((0, 0)));
    assert_eq!(merged.dropped(), 1);
    assert_eq!(merged.hidden_by((0, 2)), Some(0));
}

fn name() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("a"), Just("b"), Just("c")]
}

fn path() -> impl Strategy<Value = String> {
    proptest::collection::vec(name(), 1..4).prop_map(|names| names.join("/"))
}

fn kind() -> impl Strategy<Value = EntryKind> {
    let target = prop_oneof![
        path(),
        path().prop_map(|path| format!("/{path}")),
        path().prop_map(|path| format!("../{path}")),
    ];
    prop_oneof![
        4 => Just(EntryKind::File),
        4 => Just(EntryKind::Directory),
        2 => target.prop_map(|target| EntryKind::Symlink(target.into())),
        1 => path().prop_map(|path| EntryKind::Hardlink(path.into())),
        2 => Just(EntryKind::Whiteout(Removal::Path)),
        1 => Just(EntryKind::Whiteout(Removal::Children)),
        1 => Just(EntryKind::Fifo),
    ]
}

fn layers() -> impl Strategy<Value = Vec<Vec<Written>>> {
    let entry = (path(), kind()).prop_map(|(path, kind)| (path.into(), kind));
    proptest::collection::vec(proptest::collection::vec(entry, 0..8), 1..5)
}

/// A mount, gone when dropped.
struct Mounted(PathBuf);

impl Mounted {
    fn new(kind: &str, options: &str, at: &Path) -> Option<Self> {
        let done = Command::new("mount")
            .args(["-t", kind, "-o", options, kind])
            .arg(at)
            .output()
            .ok()?;
        done.status.success().then(|| Self(at.to_owned()))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

/// Unpacks one layer into a folder with plain file system calls, as Docker does.
struct Unpacker<'a> {
    root: &'a Path,
    whiteouts: Vec<PathBuf>,
    opaque: Vec<PathBuf>,
}

impl Unpacker<'_> {
    /// The folder that components lead to, links followed, folders made.
    fn folder(&self, parts: &[&str], keep: &mut Vec<PathBuf>) -> Option<PathBuf> {
        let mut left: Vec<String> = parts.iter().rev().map(|part| (*part).to_owned()).collect();
        let mut at = self.root.to_owned();
        let mut links = 0;
        while let Some(part) = left.pop() {
            if part == ".." {
                if at != self.root {
                    at.pop();
                }
                continue;
            }
            let next = at.join(&part);
            match fs::symlink_metadata(&next) {
                Ok(found) if found.is_dir() => at = next,
                Ok(found) if found.is_symlink() => {
                    links += 1;
                    if links > LINKS_MAX {
                        return None;
                    }
                    let target = fs::read_link(&next).unwrap();
                    let target = target.to_str().unwrap();
                    if target.starts_with('/') {
                        at = self.root.to_owned();
                    }
                    left.extend(
                        target
                            .split('/')
                            .filter(|part| !part.is_empty())
                            .rev()
                            .map(str::to_owned),
                    );
                }
                found => {
                    if found.is_ok() {
                        fs::remove_file(&next).unwrap();
                    }
                    fs::create_dir(&next).unwrap();
                    keep.push(next.clone());
                    at = next;
                }
            }
        }
        Some(at)
    }

    fn remove(&mut self, path: &Path) {
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_dir() => {
                fs::remove_dir_all(path).unwrap();
                self.whiteouts
                    .retain(|whiteout| whiteout == path || !whiteout.starts_with(path));
                self.opaque.retain(|opaque| !opaque.starts_with(path));
            }
            Ok(_) => fs::remove_file(path).unwrap(),
            Err(_) => {}
        }
    }

    fn add(&mut self, path: &str, kind: &EntryKind, content: &str) {
        let mut made = Vec::new();
        let parts: Vec<&str> = path.split('/').collect();
        let (name, parents) = parts.split_last().unwrap();
        if *kind == EntryKind::Whiteout(Removal::Children) {
            if let Some(folder) = self.folder(&parts, &mut made) {
                self.opaque.push(folder);
            }
            return;
        }
        let Some(folder) = self.folder(parents, &mut made) else {
            return;
        };
        let full = folder.join(name);
        match kind {
            EntryKind::Whiteout(_) => self.whiteouts.push(full),
            EntryKind::Directory => {
                if !fs::symlink_metadata(&full).is_ok_and(|found| found.is_dir()) {
                    self.remove(&full);
                    fs::create_dir(&full).unwrap();
                }
            }
            EntryKind::Symlink(target) => {
                self.remove(&full);
                symlink(target.to_str().unwrap(), &full).unwrap();
            }
            EntryKind::Hardlink(target) => self.hard_link(target.to_str().unwrap(), &full, content),
            EntryKind::Fifo => {
                self.remove(&full);
                let mode = rustix::fs::Mode::from_raw_mode(0o644);
                rustix::fs::mknodat(rustix::fs::CWD, &full, rustix::fs::FileType::Fifo, mode, 0)
                    .unwrap();
            }
            _ => {
                self.remove(&full);
                fs::write(&full, content).unwrap();
            }
        }
    }

    /// A link to something of the same layer; an unpacker fails if there is nothing, and then the
    /// view still shows that there should be a file.
    fn hard_link(&mut self, target: &str, full: &Path, content: &str) {
        let parts: Vec<&str> = target.split('/').collect();
        let found = self.existing(&parts);
        let aside = self.root.with_extension("aside");
        if let Some(found) = found {
            fs::hard_link(found, &aside).unwrap();
        } else {
            fs::write(&aside, content).unwrap();
        }
        self.remove(full);
        // Renaming onto another name of the same file does nothing, so the old name must be gone.
        fs::rename(&aside, full).unwrap();
        let _ = fs::remove_file(&aside);
    }

    /// What a path leads to, its parents' links followed, nothing made.
    fn existing(&self, parts: &[&str]) -> Option<PathBuf> {
        let (name, parents) = parts.split_last()?;
        let mut left: Vec<String> = parents
            .iter()
            .rev()
            .map(|part| (*part).to_owned())
            .collect();
        let mut at = self.root.to_owned();
        let mut links = 0;
        while let Some(part) = left.pop() {
            if part == ".." {
                if at != self.root {
                    at.pop();
                }
                continue;
            }
            let next = at.join(&part);
            let found = fs::symlink_metadata(&next).ok()?;
            if found.is_symlink() {
                links += 1;
                if links > LINKS_MAX {
                    return None;
                }
                let target = fs::read_link(&next).unwrap();
                let target = target.to_str().unwrap();
                if target.starts_with('/') {
                    at = self.root.to_owned();
                }
                left.extend(
                    target
                        .split('/')
                        .filter(|part| !part.is_empty())
                        .rev()
                        .map(str::to_owned),
                );
            } else {
                at = next;
            }
        }
        let full = at.join(name);
        fs::symlink_metadata(&full)
            .ok()
            .filter(|found| !found.is_dir())
            .map(|_| full)
    }

    /// Whiteouts as overlayfs has them. One beside a real entry of its layer acts below it only.
    fn finish(self) {
        let mut opaque = self.opaque;
        for whiteout in self.whiteouts {
            match fs::symlink_metadata(&whiteout) {
                Ok(found) if found.is_dir() => opaque.push(whiteout),
                Ok(_) => {}
                Err(_) => {
                    let kind = rustix::fs::FileType::CharacterDevice;
                    let mode = rustix::fs::Mode::empty();
                    rustix::fs::mknodat(rustix::fs::CWD, &whiteout, kind, mode, 0).unwrap();
                }
            }
        }
        for folder in opaque {
            let flags = rustix::fs::XattrFlags::empty();
            rustix::fs::setxattr(&folder, "trusted.overlay.opaque", b"y", flags).unwrap();
        }
    }
}

/// What stands at each path: `d`, `p`, `l TARGET` or `f CONTENT`.
fn listing(root: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut pending = vec![root.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let path = entry.path();
            // The kernel lists a whiteout in a folder that no other layer has; it opens none.
            let Ok(metadata) = fs::symlink_metadata(&path) else {
                continue;
            };
            let kind = metadata.file_type();
            let what = if kind.is_dir() {
                pending.push(path.clone());
                "d".to_owned()
            } else if kind.is_symlink() {
                format!("l {}", fs::read_link(&path).unwrap().display())
            } else if kind.is_fifo() {
                "p".to_owned()
            } else {
                format!("f {}", fs::read_to_string(&path).unwrap())
            };
            let path = path.strip_prefix(root).unwrap();
            found.insert(path.to_str().unwrap().to_owned(), what);
        }
    }
    found
}

/// The same of the merged view.
fn view(merged: &Merged<'_>, layers: &[Vec<Written>]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (number, node) in (0..).zip(merged.tree.nodes()).skip(1) {
        if !node.state.present {
            continue;
        }
        let what = match node.kind {
            None | Some(EntryKind::Directory) => "d".to_owned(),
            Some(EntryKind::Symlink(target)) => format!("l {target}"),
            Some(_) => match &layers[node.position.0 as usize][node.content as usize].1 {
                EntryKind::Fifo => "p".to_owned(),
                _ => format!("f {}:{}", node.position.0, node.content),
            },
        };
        let path = String::from_utf8(merged.tree.path(number)).unwrap();
        found.insert(path, what);
    }
    found
}

fn compare(base: &Path, layers: &[Vec<Written>]) -> Result<(), TestCaseError> {
    let mut lower = Vec::new();
    for (layer, entries) in layers.iter().enumerate() {
        let root = base.join(format!("layer{layer}"));
        fs::create_dir(&root).unwrap();
        let mut unpacker = Unpacker {
            root: &root,
            whiteouts: Vec::new(),
            opaque: Vec::new(),
        };
        for (at, (path, kind)) in entries.iter().enumerate() {
            unpacker.add(path.to_str().unwrap(), kind, &format!("{layer}:{at}"));
        }
        unpacker.finish();
        lower.insert(0, root.to_str().unwrap().to_owned());
    }
    // An overlay of lower folders only needs two of them.
    let bottom = base.join("bottom");
    fs::create_dir(&bottom).unwrap();
    lower.push(bottom.to_str().unwrap().to_owned());
    let at = base.join("mounted");
    fs::create_dir(&at).unwrap();
    let mounted = Mounted::new("overlay", &format!("lowerdir={}", lower.join(":")), &at);
    prop_assert!(mounted.is_some(), "the overlay cannot be mounted");
    let merged = merged(layers);
    prop_assert_eq!(view(&merged, layers), listing(&at));
    for (layer, entries) in (0..).zip(layers) {
        for (at, (_, kind)) in (0..).zip(entries) {
            let is_shown = merged
                .visible()
                .any(|(_, position)| position == (layer, at));
            let is_hidden = merged.hidden_by((layer, at)).is_some();
            let is_whiteout = matches!(kind, EntryKind::Whiteout(_));
            prop_assert!(is_whiteout || is_shown != is_hidden, "{}:{}", layer, at);
        }
    }
    Ok(())
}

#[test]
fn the_view_is_what_the_kernel_mounts() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_tmpfs) = Mounted::new("tmpfs", "size=64m", folder.path()) else {
        let why = "NOT COMPARED WITH THE KERNEL: mounting needs root; run this test as root";
        assert!(std::env::var_os("CI").is_none(), "{why}");
        eprintln!("{why}");
        return;
    };
    let mut runner = TestRunner::new(Config {
        cases: 300,
        failure_persistence: None,
        ..Config::default()
    });
    let case = std::cell::Cell::new(0);
    runner
        .run(&layers(), |layers| {
            case.set(case.get() + 1);
            let base = folder.path().join(format!("case{}", case.get()));
            fs::create_dir(&base).unwrap();
            let result = compare(&base, &layers);
            fs::remove_dir_all(&base).unwrap();
            result
        })
        .unwrap();
}
