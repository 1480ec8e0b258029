//! Who owns the files of an image: what its package databases claim, laid over the merged view.
//!
//! A database is part of the image, and whoever made the image can have changed it. So ownership
//! takes nothing away: a file that is as a distribution's package brought it makes a weak sign
//! weigh one step less, a file that is not is a sign of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bstr::{BStr, BString};
use model::{
    Claim, Confidence, ContentKind, Diversion, EntryKind, Fact, FileDigest, FileRecord, Finding,
    LayerFacts, Manager, PackageFiles, Severity,
};

use crate::subject::{FileRef, Tree};

/// How a file stands to the package that owns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its digest is the one the package says.
    Intact,
    /// Nothing to compare: configuration, or the database or the layer says no digest.
    Uncompared,
    /// Its digest is another one.
    Changed,
}

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// Whose database names it.
    pub manager: Manager,
    /// Its name.
    pub name: String,
    /// Its version, if a database says it.
    pub version: String,
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, version, .. } = self;
        let space = if version.is_empty() { "" } else { " " };
        write!(f, "{name}{space}{version}")
    }
}

/// A file that is not what its package says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path that the package owns.
    pub path: BString,
    /// The digest it says.
    pub expected: FileDigest,
    /// The digest of what is there.
    pub found: FileDigest,
    /// The file of the package database that says it.
    pub database: FileRef,
    /// Whether the path now is a link to the file.
    pub is_linked: bool,
    /// Whether its layer changes so much at once that somebody treated all programs alike (strips
    /// them, brings the folder of another release): see [`BULK_FILES`] and [`WHOLE_PACKAGE`].
    pub is_bulk: bool,
    /// How many programs of this package its layer changes, and how many of them come before it.
    pub of: usize,
    /// See [`Change::of`].
    pub rank: usize,
}

/// From so many changed ELF files of so many packages in one layer, the change is taken for a
/// treatment of all: a planted program comes with few others.
pub const BULK_FILES: usize = 16;
/// See [`BULK_FILES`].
pub const BULK_PACKAGES: usize = 4;
/// A package of at least so many ELF files, nine of ten of which one layer changes, was replaced
/// as a whole, by another release of it.
pub const WHOLE_PACKAGE: usize = 5;

/// Who owns what in one image.
#[derive(Debug)]
pub struct Owners {
    owners: Vec<Owner>,
    files: BTreeMap<FileRef, (u32, Standing)>,
    changes: BTreeMap<FileRef, Change>,
}

impl Owners {
    /// Nobody owns anything.
    pub const fn none() -> Self {
        Self {
            owners: Vec::new(),
            files: BTreeMap::new(),
            changes: BTreeMap::new(),
        }
    }

    /// Lays what the databases of the merged view claim over its files.
    pub fn of(layers: &[Option<Arc<LayerFacts>>], tree: &dyn Tree) -> Self {
        let mut survey = Survey {
            layers,
            tree,
            diversions: BTreeMap::new(),
            owners: BTreeMap::new(),
            configuration: BTreeSet::new(),
            links: Vec::new(),
            found: Self::none(),
        };
        let (visible, hidden): (Vec<_>, Vec<_>) = databases(layers)
            .into_iter()
            .partition(|(file, _)| tree.hidden_by(*file).is_none());
        survey.divert(&visible);
        let versions = versions(&visible);
        for (file, database) in &visible {
            survey.database(*file, database, &versions);
        }
        survey.follow_links();
        survey.earlier_releases(&hidden);
        survey.mark_bulk();
        survey.rank();
        survey.found
    }

    /// The package that owns a file, and how the file stands to it.
    pub fn get(&self, file: FileRef) -> Option<(&Owner, Standing)> {
        let (owner, standing) = self.files.get(&file)?;
        Some((self.owners.get(*owner as usize)?, *standing))
    }

    /// How a file differs from what its package says.
    pub fn change(&self, file: FileRef) -> Option<(&Owner, &Change)> {
        let (owner, _) = self.get(file)?;
        Some((owner, self.changes.get(&file)?))
    }

    /// Lowers weak signs in a file that is as a distribution's package brought it: by one step,
    /// never those that are certain or of critical severity. None is taken away.
    pub fn lower(&self, file: FileRef, findings: &mut [Finding]) {
        let Some((owner, Standing::Intact)) = self.get(file) else {
            return;
        };
        if !owner.manager.is_system() {
            return;
        }
        for finding in findings {
            if finding.confidence == Confidence::Medium && finding.severity < Severity::Critical {
                finding.confidence = Confidence::Low;
                finding.detail.push_str(&format!(
                    " The file is as the package {owner} brought it, so this weighs less."
                ));
            }
        }
    }
}

type Database<'a> = (FileRef, &'a PackageFiles);

/// Every file of a package database, in the order of the layers.
fn databases(layers: &[Option<Arc<LayerFacts>>]) -> Vec<Database<'_>> {
    let mut all = Vec::new();
    for (layer, facts) in (0..).zip(layers) {
        for of_file in facts.iter().flat_map(|facts| &facts.facts) {
            let file = FileRef {
                layer,
                file: of_file.file,
            };
            all.extend(of_file.facts.iter().filter_map(|fact| match fact {
                Fact::Packages(files) => Some((file, files.as_ref())),
                _ => None,
            }));
        }
    }
    all
}

/// Versions by package: dpkg names files after packages and says versions elsewhere.
fn versions<'a>(databases: &[Database<'a>]) -> BTreeMap<(Manager, &'a str), &'a str> {
    let named = databases.iter().flat_map(|(_, database)| {
        let packages = database.packages.iter();
        packages.map(|package| ((database.manager, &*package.name), &*package.version))
    });
    named.filter(|(_, version)| !version.is_empty()).collect()
}

/// A path that a package owns and that is a link now.
struct Link {
    owner: u32,
    path: BString,
    expected: FileDigest,
    database: FileRef,
}

/// Laying claims over files.
struct Survey<'a> {
    layers: &'a [Option<Arc<LayerFacts>>],
    tree: &'a dyn Tree,
    diversions: BTreeMap<&'a BStr, &'a Diversion>,
    owners: BTreeMap<Owner, u32>,
    /// What some package has for configuration.
    configuration: BTreeSet<FileRef>,
    links: Vec<Link>,
    found: Owners,
}

impl<'a> Survey<'a> {
    fn divert(&mut self, databases: &[Database<'a>]) {
        let all = databases
            .iter()
            .flat_map(|(_, database)| &database.diversions);
        self.diversions = all
            .map(|diversion| (diversion.from.as_ref(), diversion))
            .collect();
    }

    fn record(&self, file: FileRef) -> Option<&'a FileRecord> {
        let layer = self.layers.get(file.layer as usize)?.as_ref()?;
        layer.files.get(file.file as usize)
    }

    /// Whether anybody will ask for the owner: of programs and of what has facts.
    fn is_asked_for(&self, file: FileRef, record: &FileRecord) -> bool {
        let has_facts = |facts: &LayerFacts| {
            let known = &facts.facts;
            known
                .binary_search_by_key(&file.file, |facts| facts.file)
                .is_ok()
        };
        record.content.is_program()
            || self
                .layers
                .get(file.layer as usize)
                .and_then(Option::as_ref)
                .is_some_and(|facts| has_facts(facts))
    }

    /// The digest of a file by the function that `like` is of, if it was taken.
    fn digest(&self, file: FileRef, record: &FileRecord, like: FileDigest) -> Option<FileDigest> {
        if matches!(like, FileDigest::Sha256(_)) {
            return record.sha256.map(FileDigest::Sha256);
        }
        let old = &self.layers.get(file.layer as usize)?.as_ref()?.old_digests;
        let at = old
            .binary_search_by_key(&file.file, |(file, _)| *file)
            .ok()?;
        let (_, digests) = old.get(at)?;
        Some(match like {
            FileDigest::Md5(_) => FileDigest::Md5(digests.md5),
            _ => FileDigest::Sha1(digests.sha1),
        })
    }

    /// Lays the claims of one file of a database.
    fn database(
        &mut self,
        file: FileRef,
        database: &'a PackageFiles,
        versions: &BTreeMap<(Manager, &str), &str>,
    ) {
        let manager = database.manager;
        let owners: Vec<u32> = database
            .packages
            .iter()
            .map(|package| {
                let version = versions.get(&(manager, &*package.name)).copied();
                self.owner(Owner {
                    manager,
                    name: package.name.clone(),
                    version: version.unwrap_or_default().to_owned(),
                })
            })
            .collect();
        database.claims.each(|claim| {
            let package = claim.package as usize;
            if let (Some(owner), Some(package)) =
                (owners.get(package), database.packages.get(package))
            {
                self.claim(file, *owner, &package.name, manager, &claim);
            }
        });
    }

    fn owner(&mut self, owner: Owner) -> u32 {
        if let Some(known) = self.owners.get(&owner) {
            return *known;
        }
        let number = u32::try_from(self.found.owners.len()).unwrap_or(u32::MAX);
        self.found.owners.push(owner.clone());
        self.owners.insert(owner, number);
        number
    }

    fn claim(
        &mut self,
        database: FileRef,
        owner: u32,
        package: &str,
        manager: Manager,
        claim: &Claim<'_>,
    ) {
        let diverted = self
            .diversions
            .get(claim.path)
            .filter(|diversion| manager == Manager::Dpkg && diversion.by != package);
        let path: &BStr = diverted.map_or(claim.path, |diversion| diversion.to.as_ref());
        let Some(entry) = self.tree.entry(path) else {
            return;
        };
        let Some(record) = self.record(entry) else {
            return;
        };
        let file = match record.kind {
            EntryKind::File => entry,
            // Of a link, apk says the digest of its target's name.
            EntryKind::Symlink(_) => {
                if let Some(expected) = claim.digest
                    && manager != Manager::Apk
                    && !claim.is_configuration
                {
                    self.links.push(Link {
                        owner,
                        path: path.to_owned(),
                        expected,
                        database,
                    });
                }
                return;
            }
            EntryKind::Hardlink(_) => match self.tree.resolve(path) {
                Some(file) => file,
                None => return,
            },
            _ => return,
        };
        let Some(record) = self.record(file) else {
            return;
        };
        if !self.is_asked_for(file, record) {
            return;
        }
        let found = claim
            .digest
            .and_then(|like| self.digest(file, record, like));
        if claim.is_configuration {
            self.configuration.insert(file);
        }
        let standing = match (claim.digest, found) {
            (Some(expected), Some(found)) if expected == found => Standing::Intact,
            (Some(_), Some(_)) if !self.configuration.contains(&file) => Standing::Changed,
            _ => Standing::Uncompared,
        };
        if !self.take(file, owner, standing, claim.is_configuration) {
            return;
        }
        match (standing, claim.digest, found) {
            (Standing::Changed, Some(expected), Some(found)) => {
                let change = Change {
                    path: path.to_owned(),
                    expected,
                    found,
                    database,
                    is_linked: false,
                    is_bulk: false,
                    of: 1,
                    rank: 0,
                };
                self.found.changes.insert(file, change);
            }
            _ => {
                self.found.changes.remove(&file);
            }
        }
    }

    /// Takes one claim on a file; whether it is the one that counts. One that the file meets
    /// counts most. One without a digest says that the file went to another package: dpkg leaves
    /// the digest of the first owner where it was.
    fn take(&mut self, file: FileRef, owner: u32, standing: Standing, configuration: bool) -> bool {
        let counts = match self.found.files.get(&file) {
            None => true,
            Some((_, Standing::Intact)) => false,
            Some((_, Standing::Changed)) if standing == Standing::Changed => false,
            Some((known, Standing::Changed)) => {
                standing == Standing::Intact || configuration || *known != owner
            }
            Some((known, Standing::Uncompared)) => match standing {
                Standing::Intact => true,
                // The list of the same package, which comes before its digests.
                Standing::Changed => *known == owner,
                Standing::Uncompared => false,
            },
        };
        if counts {
            self.found.files.insert(file, (owner, standing));
        }
        counts
    }

    /// A path that a package owns may lead to a file that no package owns.
    fn follow_links(&mut self) {
        for link in std::mem::take(&mut self.links) {
            let Some(file) = self.tree.resolve(link.path.as_ref()) else {
                continue;
            };
            let Some(record) = self.record(file) else {
                continue;
            };
            let is_owned = self.found.files.contains_key(&file);
            if is_owned || !record.content.is_program() {
                continue;
            }
            let Some(found) = self.digest(file, record, link.expected) else {
                continue;
            };
            if found == link.expected {
                self.take(file, link.owner, Standing::Intact, false);
                continue;
            }
            self.take(file, link.owner, Standing::Changed, false);
            let change = Change {
                path: link.path,
                expected: link.expected,
                found,
                database: link.database,
                is_linked: true,
                is_bulk: false,
                of: 1,
                rank: 0,
            };
            self.found.changes.insert(file, change);
        }
    }

    /// What a database says that a later layer hides: a file that is as it says is as the package
    /// brought it once.
    fn earlier_releases(&mut self, hidden: &[Database<'_>]) {
        if self.found.changes.is_empty() {
            return;
        }
        let changed = self.found.changes.iter();
        let by_path: BTreeMap<BString, (FileRef, FileDigest)> = changed
            .map(|(file, change)| (change.path.clone(), (*file, change.found)))
            .collect();
        for (_, database) in hidden {
            database.claims.each(|claim| {
                if let Some((file, found)) = by_path.get(claim.path)
                    && claim.digest == Some(*found)
                {
                    self.found.changes.remove(file);
                    if let Some((_, standing)) = self.found.files.get_mut(file) {
                        *standing = Standing::Uncompared;
                    }
                }
            });
        }
    }

    /// Tells a treatment of all programs from a change of one.
    fn mark_bulk(&mut self) {
        let is_elf = |file: &FileRef| {
            self.record(*file)
                .is_some_and(|record| record.content == ContentKind::Elf)
        };
        // By layer; by layer and package; by package, changed or not.
        let mut layers: BTreeMap<u32, (usize, BTreeSet<u32>)> = BTreeMap::new();
        let mut parts: BTreeMap<(u32, u32), usize> = BTreeMap::new();
        let mut wholes: BTreeMap<u32, usize> = BTreeMap::new();
        for (file, (owner, standing)) in &self.found.files {
            if *standing == Standing::Uncompared || !is_elf(file) {
                continue;
            }
            *wholes.entry(*owner).or_default() += 1;
            if *standing == Standing::Changed {
                *parts.entry((file.layer, *owner)).or_default() += 1;
                let (count, owners) = layers.entry(file.layer).or_default();
                *count += 1;
                owners.insert(*owner);
            }
        }
        for (file, change) in &mut self.found.changes {
            let owner = self.found.files.get(file).map_or(0, |(owner, _)| *owner);
            let of_layer = layers
                .get(&file.layer)
                .is_some_and(|(count, of)| *count >= BULK_FILES && of.len() >= BULK_PACKAGES);
            let part = parts.get(&(file.layer, owner)).copied().unwrap_or_default();
            let whole = wholes.get(&owner).copied().unwrap_or_default();
            change.is_bulk = of_layer || (whole >= WHOLE_PACKAGE && part * 10 >= whole * 9);
        }
    }

    /// Counts the changes of each package in each layer.
    fn rank(&mut self) {
        let Owners { files, changes, .. } = &mut self.found;
        let key = |file: &FileRef| (file.layer, files.get(file).map(|(owner, _)| *owner));
        let mut counts: BTreeMap<(u32, Option<u32>), usize> = BTreeMap::new();
        for (file, change) in changes.iter_mut() {
            let count = counts.entry(key(file)).or_default();
            change.rank = *count;
            *count += 1;
        }
        for (file, change) in changes {
            change.of = counts.get(&key(file)).copied().unwrap_or(1);
        }
    }
}
