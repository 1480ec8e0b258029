//! Ignore files: findings that the user knows and sets aside, each with a reason.
//!
//! They come from the command line only, never from inside an image: whoever made the image must
//! not be able to silence the scan.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use model::text::printable;
use model::{Digest, Finding, Report};
use serde::Deserialize;

use crate::clock::Day;
use crate::document::{Judged, Suppressed};

/// Longest ignore file, in bytes: some ten thousand entries.
const MAX_BYTES: u64 = 4 << 20;

/// All entries of all files.
#[derive(Debug, Default)]
pub struct Ignores {
    entries: Vec<Entry>,
}

/// One entry.
#[derive(Debug)]
struct Entry {
    rule: String,
    path: Option<String>,
    field: Option<String>,
    digest: Option<Digest>,
    reason: String,
    expires: Option<(String, Day)>,
    /// For warnings: where it stands.
    origin: String,
    used: bool,
}

/// An ignore file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    ignore: Vec<WrittenEntry>,
}

/// An entry as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEntry {
    rule: String,
    reason: String,
    path: Option<String>,
    field: Option<String>,
    digest: Option<String>,
    expires: Option<toml::Value>,
}

impl Ignores {
    /// Reads the files.
    pub fn load(paths: &[impl AsRef<Path>]) -> anyhow::Result<Self> {
        let mut all = Self::default();
        for path in paths {
            let path = path.as_ref();
            let name = path.display().to_string();
            let mut text = String::new();
            let length = File::open(path)
                .and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text))
                .with_context(|| format!("reading the ignore file {name}"))?;
            if length as u64 > MAX_BYTES {
                bail!("the ignore file {name} is longer than {MAX_BYTES} bytes: split it");
            }
            all.add(&text, &name)?;
        }
        Ok(all)
    }

    /// Adds the entries of one file.
    fn add(&mut self, text: &str, name: &str) -> anyhow::Result<()> {
        let written: Written =
            toml::from_str(text).with_context(|| format!("in the ignore file {name}"))?;
        for (index, entry) in written.ignore.into_iter().enumerate() {
            let number = index + 1;
            let entry = Entry::check(entry, format!("entry {number} of {name}"))
                .with_context(|| format!("in entry {number} of the ignore file {name}"))?;
            self.entries.push(entry);
        }
        Ok(())
    }

    /// Moves what the entries name to the suppressed findings, and judges the rest anew.
    pub fn apply(&mut self, mut judged: Judged, today: Day) -> Judged {
        let (kept, set_aside): (Vec<_>, Vec<_>) = std::mem::take(&mut judged.report.findings)
            .into_iter()
            .map(|finding| (self.find(&judged.report, &finding, today), finding))
            .partition(|(suppression, _)| suppression.is_none());
        judged.report.findings = kept.into_iter().map(|(_, finding)| finding).collect();
        if set_aside.is_empty() {
            return judged;
        }
        judged
            .suppressed
            .extend(set_aside.into_iter().filter_map(|(suppression, finding)| {
                let (reason, expires) = suppression?;
                Some(Suppressed {
                    reason,
                    expires,
                    finding,
                })
            }));
        judged.report.verdict = Report::judge(&judged.report.findings, &judged.report.gaps);
        judged
    }

    /// Reason and expiry of the first entry that names `finding`. Every entry that names it counts
    /// as used.
    fn find(
        &mut self,
        report: &Report,
        finding: &Finding,
        today: Day,
    ) -> Option<(String, Option<String>)> {
        let mut first = None;
        for entry in &mut self.entries {
            if entry.names(report, finding) {
                entry.used = true;
                if !entry.is_expired(today) && first.is_none() {
                    let expires = entry.expires.as_ref().map(|(text, _)| text.clone());
                    first = Some((entry.reason.clone(), expires));
                }
            }
        }
        first
    }

    /// What the user should know of the entries, once all reports were seen.
    pub fn warnings(&self, today: Day) -> Vec<String> {
        let mut warnings = Vec::new();
        for entry in &self.entries {
            let what = format!(
                "{}, for `{}`,",
                entry.origin,
                printable(entry.rule.as_bytes())
            );
            match &entry.expires {
                Some((date, _)) if entry.is_expired(today) => warnings.push(format!(
                    "{what} expired after {date} and is not applied: look again, then renew or \
                     remove it"
                )),
                _ if !entry.used => warnings.push(format!(
                    "{what} matched nothing in this run: remove it if the image is fixed"
                )),
                _ => {}
            }
        }
        warnings
    }
}

impl Entry {
    /// Checks an entry as written.
    fn check(written: WrittenEntry, origin: String) -> anyhow::Result<Self> {
        let expires = match written.expires {
            None => None,
            Some(toml::Value::String(text)) => Some(text),
            Some(toml::Value::Datetime(date)) => Some(date.to_string()),
            Some(other) => bail!("`expires` is a {}: write YYYY-MM-DD", other.type_str()),
        };
        let expires = match expires {
            None => None,
            Some(text) => match Day::parse(&text) {
                Some(day) => Some((text, day)),
                None => bail!(
                    "`expires` is `{}`, which is no date: write YYYY-MM-DD",
                    printable(text.as_bytes())
                ),
            },
        };
        if written.reason.trim().is_empty() {
            bail!("`reason` is empty: say why the finding may be set aside");
        }
        if written.rule.trim().is_empty() {
            bail!("`rule` is empty: `bilgewatch rules` lists them");
        }
        let digest = written.digest.map(|text| text.parse()).transpose()?;
        Ok(Self {
            rule: written.rule,
            path: written.path,
            field: written.field,
            digest,
            reason: written.reason,
            expires,
            origin,
            used: false,
        })
    }

    /// Whether the entry is about `finding`.
    fn names(&self, report: &Report, finding: &Finding) -> bool {
        let matches = |pattern: &Option<String>, value: &Option<String>| match (pattern, value) {
            (None, _) => true,
            (Some(pattern), Some(value)) => wildcard(pattern.as_bytes(), value.as_bytes()),
            (Some(_), None) => false,
        };
        // `yara/match` covers every rule of the user's own, `yara/match/NAME` one of them.
        finding
            .rule
            .strip_prefix(&self.rule)
            .is_some_and(|own| own.is_empty() || own.starts_with('/'))
            && matches(&self.path, &finding.place.path)
            && matches(&self.field, &finding.place.field)
            && self.digest.as_ref().is_none_or(|wanted| {
                [&finding.place.layer, &report.digest, &report.manifest]
                    .into_iter()
                    .flatten()
                    .any(|digest| digest == wanted)
            })
    }

    /// Whether the last day is over.
    fn is_expired(&self, today: Day) -> bool {
        self.expires.as_ref().is_some_and(|(_, last)| *last < today)
    }
}

/// Whether `text` is `pattern`, in which `*` stands for any bytes.
///
/// Greedy with one fallback, so the time is bounded by the product of the lengths.
fn wildcard(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // After the last `*` seen, and how far it has eaten.
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(p), text.get(t)) {
            (Some(b'*'), _) => {
                p += 1;
                star = Some((p, t));
            }
            (Some(a), Some(b)) if a == b => {
                p += 1;
                t += 1;
            }
            (None, None) => return true,
            (_, rest) => match star {
                Some((after, eaten)) if rest.is_some() => {
                    star = Some((after, eaten + 1));
                    p = after;
                    t = eaten + 1;
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests;
