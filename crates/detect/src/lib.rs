//! From facts to findings: one technique, one file.
//!
//! [`judge`] places every fact of an image, finds out how it comes to run ([`reach`]) and shows it
//! to every detector of its kind. The lists below are all the registration there is: a new
//! technique is its own file in `technique/` and one line here. Nothing in this crate sees bytes,
//! languages or files, and no detector can fail.

pub mod owner;
pub mod reach;
pub mod reporter;
pub mod subject;
pub mod technique;

use std::collections::BTreeSet;

use model::{Confidence, Fact, Finding, Reach, Rule, Severity};

pub use owner::{Change, Owner, Owners, Standing};
pub use reporter::{Detector, Reporter, Sign};
pub use subject::{FileRef, FileSubject, ImageFacts, Origin, Subject, Tree};

use reach::Reaches;

/// Version of ATT&CK that the rules' technique IDs are of.
pub const ATTACK_VERSION: &str = "18";

/// Detectors that look at one program.
pub const PROGRAM_DETECTORS: &[&dyn for<'a> Detector<Subject<'a>>] = &[
    &technique::bind_shell::BindShell,
    &technique::change_root::ChangeRoot,
    &technique::cron::Cron,
    &technique::decode_and_run::DecodeAndRun,
    &technique::fetch_and_run::FetchAndRun,
    &technique::host_namespace::HostNamespace,
    &technique::host_write::HostWrite,
    &technique::library_preload::LibraryPreload,
    &technique::login_script::LoginScript,
    &technique::miner::Miner,
    &technique::miner_tuning::MinerTuning,
    &technique::reverse_shell::ReverseShell,
    &technique::rival_killing::RivalKilling,
    &technique::run_picture::RunPicture,
    &technique::ssh_key::SshKey,
    &technique::systemd_unit::SystemdUnit,
];

/// Detectors that look at one file.
pub const FILE_DETECTORS: &[&dyn for<'a> Detector<FileSubject<'a>>] = &[
    &technique::appended_program::AppendedProgram,
    &technique::changed_program::ChangedProgram,
    &technique::disguised_program::DisguisedProgram,
    &technique::lookalike_program::LookalikeProgram,
    &technique::misspelt_package::MisspeltPackage,
    &technique::pool_address::PoolAddress,
];

/// Every rule, sorted by id.
pub fn rules() -> Vec<&'static Rule> {
    let of_programs = PROGRAM_DETECTORS.iter().map(|detector| detector.rule());
    let of_files = FILE_DETECTORS.iter().map(|detector| detector.rule());
    let mut rules: Vec<_> = of_programs.chain(of_files).collect();
    rules.sort_by_key(|rule| rule.id);
    rules
}

/// All findings of an image, heaviest first.
pub fn judge(image: &ImageFacts<'_>) -> Vec<Finding> {
    let reaches = Reaches::of(image);
    let mut findings = Vec::new();
    for origin in origins(image).into_iter().chain(plain_programs(image)) {
        let reach = reaches.get(&origin);
        let mut here = Vec::new();
        for program in reach::programs(image, &origin) {
            let subject = Subject {
                image,
                origin: origin.clone(),
                reach,
                program,
            };
            for detector in PROGRAM_DETECTORS {
                let mut reporter = Reporter::of_program(&subject, detector.rule(), &mut here);
                detector.detect(&subject, &mut reporter);
            }
        }
        if let Origin::File(file) = &origin {
            let subject = FileSubject {
                image,
                file: *file,
                reach,
                facts: image.facts(*file),
            };
            for detector in FILE_DETECTORS {
                let mut reporter = Reporter::of_file(&subject, detector.rule(), &mut here);
                detector.detect(&subject, &mut reporter);
            }
        }
        corroborate(&mut here);
        if let Origin::File(file) = &origin {
            image.owners.lower(*file, &mut here);
        }
        findings.append(&mut here);
    }
    findings.sort_by(|one, other| order(one).cmp(&order(other)));
    findings.dedup_by(|later, earlier| later.id == earlier.id && later.place == earlier.place);
    findings
}

/// Every file and field that has facts.
fn origins(image: &ImageFacts<'_>) -> Vec<Origin> {
    let fields: BTreeSet<_> = image
        .config_facts
        .facts
        .iter()
        .map(|(field, _)| field.clone())
        .collect();
    let mut origins: Vec<_> = fields.into_iter().map(Origin::Field).collect();
    for (index, layer) in image.layers.iter().enumerate() {
        let (Ok(index), Some(layer)) = (u32::try_from(index), layer) else {
            continue;
        };
        origins.extend(layer.facts.iter().map(|f| {
            Origin::File(FileRef {
                layer: index,
                file: f.file,
            })
        }));
    }
    origins
}

/// Programs that have no facts of their own: their path and their owner may still say something.
fn plain_programs<'a>(image: &'a ImageFacts<'_>) -> impl Iterator<Item = Origin> + 'a {
    let layers = (0..).zip(image.layers);
    let files = layers.flat_map(|(layer, facts)| {
        let files = facts.iter().flat_map(|facts| &facts.files);
        let programs = (0..)
            .zip(files)
            .filter(|(_, record)| record.content.is_program());
        programs.map(move |(file, _)| FileRef { layer, file })
    });
    files
        .filter(|file| image.facts(*file).is_empty())
        .map(Origin::File)
}

/// Heaviest first, then by place: the same for the same input.
fn order(finding: &Finding) -> impl Ord + '_ {
    let weight = (finding.verdict(), finding.severity, finding.confidence);
    (
        std::cmp::Reverse(weight),
        &finding.rule,
        &finding.place,
        &finding.evidence,
    )
}

/// Two techniques of high severity in one program that runs by itself are no coincidence: each
/// that was rated as rarely honest becomes certain.
fn corroborate(findings: &mut [Finding]) {
    let weighs = |finding: &Finding| {
        let runs = matches!(finding.reach, Reach::Start { .. } | Reach::Schedule { .. });
        runs && finding.severity >= Severity::High && finding.confidence >= Confidence::Medium
    };
    let techniques: BTreeSet<_> = findings
        .iter()
        .filter(|f| weighs(f))
        .map(|f| f.rule.clone())
        .collect();
    if techniques.len() < 2 {
        return;
    }
    for finding in findings
        .iter_mut()
        .filter(|finding| weighs(finding) && finding.confidence == Confidence::Medium)
    {
        let others = techniques
            .iter()
            .filter(|rule| **rule != finding.rule)
            .cloned()
            .collect::<Vec<_>>();
        finding.confidence = Confidence::High;
        finding.detail.push_str(&format!(
            " The same program also shows {}.",
            others.join(", ")
        ));
    }
}

/// The indicators that stand in an image's facts, for tying images together.
pub fn indicators(image: &ImageFacts<'_>, findings: &[Finding]) -> BTreeSet<model::Indicator> {
    let mut all = BTreeSet::new();
    for origin in origins(image) {
        for fact in reach::facts(image, &origin) {
            if let Fact::Indicator { indicator, .. } = fact {
                all.insert(indicator.clone());
            }
        }
        let path_or_field = subject::place(image, &origin, Vec::new(), 0);
        let found_here = |f: &&Finding| {
            f.place.path == path_or_field.path
                && f.place.field == path_or_field.field
                && f.severity >= Severity::Medium
        };
        if findings.iter().any(|finding| found_here(&finding)) {
            for program in reach::programs(image, &origin) {
                technique::vocabulary::indicators_of(program, &mut all);
            }
        }
    }
    all
}
