//! What reading and judging came to, added up over packages.

use std::collections::{BTreeMap, BTreeSet};

use model::{ContentKind, Fact, FileRecord, Language, LayerFacts, Report, Verdict};
use read::language;

use crate::corpus::Package;
use crate::result::{Alarm, Benign, GapCount, LONGEST, RuleCount, Slow, View};

use super::meter::Reading;

/// How many of the slowest files are kept.
const SLOWEST: usize = 20;

/// Counts of some packages; two can be joined.
#[derive(Default)]
pub struct Tally {
    benign: Benign,
    gaps: BTreeMap<String, (u64, String)>,
    /// Alarms by what makes them the same.
    alarms: BTreeMap<(String, String, String, Option<u32>, String), Alarm>,
}

impl Tally {
    /// Notes a package that could not be read at all.
    pub fn unread(&mut self, package: &Package, error: &str) {
        self.benign
            .unread
            .push((package.name.clone(), error.to_owned()));
    }

    /// Counts the files of a package and the time each took.
    pub fn files(&mut self, package: &Package, facts: &LayerFacts, readings: &[Reading]) {
        self.benign.packages += 1;
        let registry = package.registry.name().to_owned();
        self.benign
            .registries
            .entry(registry.clone())
            .or_default()
            .packages += 1;
        let mut next = facts.facts.iter().peekable();
        for (at, (record, reading)) in facts.files.iter().zip(readings).enumerate() {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            let own = next.next_if(|known| known.file == at);
            if record.kind != model::EntryKind::File {
                continue;
            }
            let own = own.map_or(&[][..], |known| &known.facts);
            let reader = reader(record, own);
            #[expect(clippy::cast_precision_loss, reason = "nanoseconds of one file")]
            let seconds = reading.nanoseconds as f64 / 1e9;
            self.benign.files += 1;
            self.benign.bytes += record.size;
            self.benign.seconds += seconds;
            let of_registry = self.benign.registries.entry(registry.clone()).or_default();
            let of_reader = self.benign.readers.entry(reader.clone()).or_default();
            for amount in [of_registry, of_reader] {
                amount.files += 1;
                amount.bytes += record.size;
                amount.seconds += seconds;
            }
            if seconds > LONGEST {
                self.benign.too_slow += 1;
            }
            self.slow(
                package,
                facts,
                at,
                Slow {
                    seconds,
                    bytes: record.size,
                    reader,
                    path: String::new(),
                    why: String::new(),
                },
            );
        }
    }

    /// Keeps a file if it is among the slowest.
    fn slow(&mut self, package: &Package, facts: &LayerFacts, at: u32, mut slow: Slow) {
        let slowest = &mut self.benign.slowest;
        let is_slow = slowest.len() < SLOWEST
            || slowest
                .last()
                .is_some_and(|last| last.seconds < slow.seconds);
        if !is_slow {
            return;
        }
        let path = facts
            .files
            .get(at as usize)
            .map(|record| record.path.to_string());
        slow.path = format!("{}: {}", package.name, path.unwrap_or_default());
        slow.why = why(facts, at);
        slowest.push(slow);
        slowest.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
        slowest.truncate(SLOWEST);
    }

    /// Counts a package's verdict as an image, and its gaps.
    pub fn package(&mut self, package: &Package, report: &Report) {
        *self
            .benign
            .package_verdicts
            .entry(report.verdict)
            .or_default() += 1;
        for gap in &report.gaps {
            let path = gap.place.path.clone().unwrap_or_default();
            let known = self.gaps.entry(blanked(&gap.reason.0)).or_default();
            known.0 += 1;
            if known.1.is_empty() {
                known.1 = format!("{}: {path}", package.name);
            }
        }
    }

    /// Counts the verdict of one file named by itself.
    pub fn own(&mut self, _package: &Package, report: &Report, _file: usize) {
        *self.benign.own_verdicts.entry(report.verdict).or_default() += 1;
    }

    /// Counts findings by rule, and keeps those that weigh.
    pub fn findings(&mut self, package: &Package, report: &Report, view: View) {
        if view == View::Own {
            for finding in &report.findings {
                let count: &mut RuleCount =
                    self.benign.rules.entry(finding.rule.clone()).or_default();
                *count.findings.entry(finding.verdict()).or_default() += 1;
                if count.example.is_empty() {
                    let path = finding.place.path.clone().unwrap_or_default();
                    count.example = format!("{}: {path}", package.name);
                }
            }
        }
        for alarm in super::alarms(package, report, view) {
            self.alarm(alarm);
        }
    }

    fn alarm(&mut self, alarm: Alarm) {
        let key = (
            alarm.package.clone(),
            alarm.path.clone(),
            alarm.rule.clone(),
            alarm.line,
            alarm.evidence.clone(),
        );
        match self.alarms.get_mut(&key) {
            Some(known) => {
                known.verdict = known.verdict.max(alarm.verdict);
                known.views.extend(alarm.views);
            }
            None => {
                self.alarms.insert(key, alarm);
            }
        }
    }

    /// Two tallies as one.
    pub fn join(mut self, other: Self) -> Self {
        let (one, two) = (&mut self.benign, other.benign);
        one.files += two.files;
        one.packages += two.packages;
        one.bytes += two.bytes;
        one.seconds += two.seconds;
        one.too_slow += two.too_slow;
        one.unread.extend(two.unread);
        let amounts = [
            (&mut one.registries, two.registries),
            (&mut one.readers, two.readers),
        ];
        for (sums, others) in amounts {
            for (name, amount) in others {
                let sum = sums.entry(name).or_default();
                sum.packages += amount.packages;
                sum.files += amount.files;
                sum.bytes += amount.bytes;
                sum.seconds += amount.seconds;
            }
        }
        let verdicts = [
            (&mut one.package_verdicts, two.package_verdicts),
            (&mut one.own_verdicts, two.own_verdicts),
        ];
        for (sums, others) in verdicts {
            for (verdict, count) in others {
                *sums.entry(verdict).or_default() += count;
            }
        }
        for (rule, count) in two.rules {
            let sum = one.rules.entry(rule).or_default();
            if sum.example.is_empty() {
                sum.example = count.example;
            }
            for (verdict, findings) in count.findings {
                *sum.findings.entry(verdict).or_default() += findings;
            }
        }
        one.slowest.extend(two.slowest);
        one.slowest
            .sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
        one.slowest.truncate(SLOWEST);
        for (reason, (files, example)) in other.gaps {
            let known = self.gaps.entry(reason).or_insert((0, example));
            known.0 += files;
        }
        for alarm in other.alarms.into_values() {
            self.alarm(alarm);
        }
        self
    }

    /// The sums.
    pub fn finish(self, packages: &[Package]) -> Benign {
        let mut benign = self.benign;
        let gap = |(reason, (files, example))| GapCount {
            reason,
            files,
            example,
        };
        benign.gaps = self.gaps.into_iter().map(gap).collect();
        benign.gaps.sort_by_key(|gap| std::cmp::Reverse(gap.files));
        benign.alarms = self.alarms.into_values().collect();
        benign
            .alarms
            .sort_by_key(|alarm| std::cmp::Reverse(alarm.verdict));
        let mut seen = BTreeSet::new();
        for alarm in &benign.alarms {
            if seen.insert((&alarm.package, &alarm.path)) {
                *benign.alarmed_files.entry(alarm.verdict).or_default() += 1;
            }
        }
        let judged: u64 = benign.own_verdicts.values().sum();
        let silent = benign.files.saturating_sub(judged);
        *benign.own_verdicts.entry(Verdict::Clean).or_default() += silent;
        let archive = |package: &Package| {
            let archive = package.archive.clone()?;
            Some((archive.file, archive.sha256))
        };
        benign.archives = packages.iter().filter_map(archive).collect();
        benign.registries.retain(|_, amount| amount.packages > 0);
        benign
    }
}

/// What read a file: the front-end if one did, else its kind.
fn reader(record: &FileRecord, facts: &[Fact]) -> String {
    let program = facts.iter().find_map(|fact| match fact {
        Fact::Program(program) => Some(program),
        _ => None,
    });
    if let ContentKind::Script(language) = record.content {
        return format!("{} (script)", language.name());
    }
    if let Some(program) = program {
        let how = if program.declared { "text" } else { "guessed" };
        return format!("{} ({how})", program.language.name());
    }
    if record.content == ContentKind::Text {
        let path = record.path.to_string();
        let name = record
            .path
            .rsplit(|b| *b == b'/')
            .next()
            .unwrap_or_default();
        let named = language::of_data_path(&path).or_else(|| language::of_extension(name));
        return named.map_or("text".to_owned(), |language: Language| {
            format!("{} (text)", language.name())
        });
    }
    record.content.name().to_owned()
}

/// What may have cost time in a file.
fn why(facts: &LayerFacts, at: u32) -> String {
    let own = facts.facts.iter().find(|known| known.file == at);
    let acts: usize = own.map_or(0, |known| {
        let acts = |fact: &Fact| match fact {
            Fact::Program(program) => program.acts.len(),
            _ => 0,
        };
        known.facts.iter().map(acts).sum()
    });
    let gaps = facts.gaps.iter().filter(|gap| gap.file == Some(at));
    let gaps: Vec<_> = gaps.map(|gap| gap.reason.0.as_str()).collect();
    format!("{acts} acts; {}", gaps.join("; "))
}

/// A reason with its numbers blanked, so that reasons can be counted.
fn blanked(reason: &str) -> String {
    let mut blank = String::with_capacity(reason.len());
    for c in reason.chars() {
        let c = if c.is_ascii_digit() { '0' } else { c };
        if c != '0' || !blank.ends_with('0') {
            blank.push(c);
        }
    }
    model::text::cut(&blank, 120)
}
