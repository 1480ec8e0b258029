//! Rewritings that keep what a script does.
//!
//! Each family is one way in which somebody hides the same acts: other quotes, other names, an
//! encoding around the whole, another interpreter that starts it, another place it lies in.
//! Everything is enumerated or drawn with a fixed seed, so two runs try the same.

mod encode;
mod others;
mod python;
mod random;
mod shell;

use model::Language;
use read::language;

use crate::case::Case;

/// A fixture.
#[derive(Debug, Clone)]
pub struct Script {
    /// What it is about.
    pub class: String,
    /// Its file name.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The language its name says.
    pub language: Option<Language>,
}

/// A script, rewritten.
#[derive(Debug, Clone)]
pub struct Rewriting {
    /// Of which family.
    pub family: &'static str,
    /// Which way of it.
    pub name: String,
    /// The result.
    pub case: Case,
}

/// One family: what it is called, what it can rewrite, and all its ways of doing so.
pub struct Family {
    /// Its name in tables.
    pub name: &'static str,
    /// The languages it rewrites.
    pub language: Language,
    /// Every way, named; none if the script has nothing for it.
    pub rewrite: fn(&Script) -> Vec<(String, Case)>,
}

/// All families.
const FAMILIES: &[&[Family]] = &[shell::FAMILIES, python::FAMILIES, others::FAMILIES];

impl Script {
    /// A fixture of a class.
    pub fn new(class: &str, name: &str, text: &str) -> Self {
        Self {
            class: class.to_owned(),
            name: name.to_owned(),
            text: text.to_owned(),
            language: language::of_extension(name.as_bytes()),
        }
    }

    /// As it is.
    pub fn case(&self) -> Case {
        Case::of_file(&self.name, &self.text)
    }

    /// The same file with another text.
    pub fn with(&self, text: &str) -> Case {
        Case::of_file(&self.name, text)
    }

    /// A number that is this script's own and the same in every run.
    pub fn seed(&self) -> u64 {
        random::hash(&[
            self.class.as_bytes(),
            self.name.as_bytes(),
            self.text.as_bytes(),
        ])
    }
}

/// Every rewriting of a script; with `quick`, one of each family.
pub fn rewritings(script: &Script, quick: bool) -> Vec<Rewriting> {
    let mut all = Vec::new();
    for family in FAMILIES.iter().copied().flatten() {
        if Some(family.language) != script.language {
            continue;
        }
        let mut ways = (family.rewrite)(script);
        if quick && !ways.is_empty() {
            let mut random = random::Random::new(script.seed());
            let at = random.below(ways.len());
            ways = vec![ways.swap_remove(at)];
        }
        all.extend(ways.into_iter().map(|(name, case)| Rewriting {
            family: family.name,
            name,
            case,
        }));
    }
    all
}
