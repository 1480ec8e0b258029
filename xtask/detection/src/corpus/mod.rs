//! The benign corpus: packages that honest people publish, fetched once and kept unpacked.
//!
//! Which packages is data (`benign.toml`). Each is fetched with its registry's ordinary client,
//! unpacked below `target/`, and its archive's digest noted. A package that is gone is said.

mod debian;
mod npm;
mod pypi;
mod unpack;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The list, from the folder of this crate.
const LIST: &str = include_str!("../../benign.toml");

/// Downloads at once: enough to hide waiting, few enough to be a polite guest.
const DOWNLOADS: usize = 3;

/// `benign.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    group: Vec<Group>,
}

/// Packages of one kind that are in the corpus for one reason.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    registry: Registry,
    /// Why they are hard; for the reader of the list.
    #[serde(rename = "about")]
    _about: String,
    /// The heaviest verdict that is right for them; `clean` unless said.
    #[serde(default)]
    expected: Expected,
    /// Names, separated by white space; `NAME==VERSION` pins one.
    packages: String,
}

/// Where a package comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Registry {
    /// A binary package of the Debian that runs the bench, with its maintainer scripts.
    Debian,
    /// A wheel.
    PypiWheel,
    /// A source distribution, which has the tests that wheels lack.
    PypiSource,
    /// A package of npm.
    Npm,
    /// A folder named on the command line.
    Folder,
}

impl Registry {
    /// Its word in paths and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debian => "debian",
            Self::PypiWheel => "pypi-wheel",
            Self::PypiSource => "pypi-source",
            Self::Npm => "npm",
            Self::Folder => "folder",
        }
    }
}

/// The heaviest verdict that is right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// No sign may weigh.
    #[default]
    Clean,
    /// It is openly a miner, or something as unwanted.
    Unwanted,
}

/// One package, unpacked.
#[derive(Debug, Clone)]
pub struct Package {
    /// Where it is from.
    pub registry: Registry,
    /// Its name.
    pub name: String,
    /// The heaviest verdict that is right.
    pub expected: Expected,
    /// The folder it lies in, as the root of an image.
    pub root: PathBuf,
    /// What was fetched.
    pub archive: Option<Archive>,
}

/// What was fetched for a package.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Archive {
    /// Name of the file, with its version.
    pub file: String,
    /// Its SHA-256, in hex.
    pub sha256: String,
}

/// The corpus as far as it could be built.
#[derive(Default)]
pub struct Corpus {
    /// The packages that are there.
    pub packages: Vec<Package>,
    /// The packages that are not: registry, name, why.
    pub missing: Vec<(Registry, String, String)>,
}

/// Fetches and unpacks what is not in `folder` yet. With `only`, packages whose registry/name
/// contains one of these; without `fetch`, what is not there is missing.
///
/// # Errors
/// If the list cannot be read or the folder not be written.
pub fn build(folder: &Path, only: &[String], fetch: bool) -> Result<Corpus> {
    let list: List = toml::from_str(LIST).context("benign.toml")?;
    let wanted = wanted(&list, folder, only);
    let absent: Vec<&Wanted> = wanted.iter().filter(|one| !is_there(&one.place)).collect();
    let debs = folder.join("downloads");
    if fetch && !absent.is_empty() {
        println!("fetching {} of {} packages", absent.len(), wanted.len());
        let of_debian = |one: &&&Wanted| one.group.registry == Registry::Debian;
        let names: Vec<&str> = absent
            .iter()
            .filter(of_debian)
            .map(|one| one.name)
            .collect();
        debian::download_all(&names, &debs)?;
    }
    let done = AtomicUsize::new(0);
    let one = |one: &Wanted| {
        let result = package(one, &debs, fetch);
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if fetch && !absent.is_empty() && done.is_multiple_of(100) {
            println!("  {done} of {}", wanted.len());
        }
        (one.group.registry, one.name.to_owned(), result)
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(DOWNLOADS)
        .build()?;
    let results: Vec<_> = pool.install(|| wanted.par_iter().map(one).collect());
    let mut corpus = Corpus::default();
    for (registry, name, result) in results {
        match result {
            Ok(package) => corpus.packages.push(package),
            Err(error) => corpus.missing.push((registry, name, format!("{error:#}"))),
        }
    }
    Ok(corpus)
}

/// A package of the list, and the folder it goes to.
struct Wanted<'a> {
    group: &'a Group,
    name: &'a str,
    place: PathBuf,
}

/// The packages of the list, each once.
fn wanted<'a>(list: &'a List, folder: &Path, only: &[String]) -> Vec<Wanted<'a>> {
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut places = BTreeSet::new();
    for group in &list.group {
        for name in group.packages.split_whitespace() {
            let place = folder.join(group.registry.name()).join(name);
            let full = format!("{}/{name}", group.registry.name());
            let is_meant = only.is_empty() || only.iter().any(|part| full.contains(part));
            if is_meant && places.insert(place.clone()) {
                wanted.push(Wanted { group, name, place });
            }
        }
    }
    wanted
}

/// A folder of the machine as one more package.
pub fn folder(path: &Path) -> Package {
    Package {
        registry: Registry::Folder,
        name: path.display().to_string(),
        expected: Expected::Clean,
        root: path.to_owned(),
        archive: None,
    }
}

const NOTE: &str = "archive.json";
const ROOT: &str = "root";

fn is_there(place: &Path) -> bool {
    place.join(NOTE).is_file() && place.join(ROOT).is_dir()
}

fn package(wanted: &Wanted, debs: &Path, may_fetch: bool) -> Result<Package> {
    let Wanted { group, name, place } = wanted;
    if !is_there(place) {
        if !may_fetch {
            bail!("it was not fetched yet");
        }
        fetch(group.registry, name, place, debs)?;
    }
    let note = fs::read(place.join(NOTE))?;
    Ok(Package {
        registry: group.registry,
        name: (*name).to_owned(),
        expected: group.expected,
        root: place.join(ROOT),
        archive: Some(serde_json::from_slice(&note)?),
    })
}

/// Fetches a package into a folder of its own, unpacks it and notes its digest last, so that what
/// was interrupted is done again.
fn fetch(registry: Registry, name: &str, place: &Path, debs: &Path) -> Result<()> {
    if place.exists() {
        fs::remove_dir_all(place)?;
    }
    let (download, root) = (place.join("download"), place.join(ROOT));
    fs::create_dir_all(&download)?;
    fs::create_dir_all(&root)?;
    let fetched = match registry {
        Registry::Debian => debian::fetch(name, debs, &download, &root),
        Registry::PypiWheel => pypi::wheel(name, &download, &root),
        Registry::PypiSource => pypi::source(name, &download, &root),
        Registry::Npm => npm::fetch(name, &download, &root),
        Registry::Folder => bail!("a folder is not fetched"),
    };
    match fetched {
        Ok(archive) => {
            fs::write(place.join(NOTE), serde_json::to_vec_pretty(&archive)?)?;
            fs::remove_dir_all(&download)?;
            Ok(())
        }
        Err(error) => {
            fs::remove_dir_all(place)?;
            Err(error)
        }
    }
}
