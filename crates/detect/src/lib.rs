//! From facts to findings: one technique, one file.
//!
//! [`judge`] places every fact of an image, finds out how it comes to run ([`reach`]) and shows it
//! to every detector of its kind. The lists below are all the registration there is: a new
//! technique is its own file in `technique/` and one line here. Nothing in this crate sees bytes,
//! languages or files, and no detector can fail.

pub mod autostart;
pub mod owner;
pub mod reach;
pub mod reporter;
pub mod subject;
pub mod technique;

use std::collections::BTreeSet;

use model::place::TEXT_INSIDE;
use model::{Confidence, Fact, Finding, Reach, Rule, Severity};

pub use owner::{Change, Owner, Owners, Standing};
pub use reporter::{Detector, Reporter, Sign};
pub use subject::{FileRef, FileSubject, ImageFacts, Origin, Subject, Tree};

use reach::Reaches;

/// Version of ATT&CK that the rules' technique IDs are of.
pub const ATTACK_VERSION: &str = "18";

/// Detectors that look at one program.
pub const PROGRAM_DETECTORS: &[&dyn for<'a> Detector<Subject<'a>>] = &[
    &technique::account::Account,
    &technique::bind_shell::BindShell,
    &technique::change_root::ChangeRoot,
    &technique::cloud_metadata::CloudMetadata,
    &technique::credential_files::CredentialFiles,
    &technique::cron::Cron,
    &technique::decode_and_run::DecodeAndRun,
    &technique::dns_channel::DnsChannel,
    &technique::docker_socket::DockerSocket,
    &technique::event_hook::EventHook,
    &technique::fetch_and_run::FetchAndRun,
    &technique::file_hiding::FileHiding,
    &technique::flood::Flood,
    &technique::host_device::HostDevice,
    &technique::host_namespace::HostNamespace,
    &technique::host_write::HostWrite,
    &technique::init_service::InitService,
    &technique::irc::Irc,
    &technique::kernel_helper::CorePattern,
    &technique::kernel_helper::UeventHelper,
    &technique::kernel_module::KernelModule,
    &technique::library_preload::LibraryPreload,
    &technique::log_wiping::LogWiping,
    &technique::login_script::LoginScript,
    &technique::mass_scan::MassScan,
    &technique::memory_execution::MemoryExecution,
    &technique::memory_program::MemoryProgram,
    &technique::miner::Miner,
    &technique::miner_tuning::MinerTuning,
    &technique::package_hook::PackageHook,
    &technique::pam::Pam,
    &technique::process_hiding::ProcessHiding,
    &technique::proxyware::Proxyware,
    &technique::python_startup::PythonStartup,
    &technique::ransom::Ransom,
    &technique::release_agent::ReleaseAgent,
    &technique::reverse_shell::ReverseShell,
    &technique::rival_killing::RivalKilling,
    &technique::run_picture::RunPicture,
    &technique::runtime_overwrite::RuntimeOverwrite,
    &technique::security_tools::SecurityTools,
    &technique::self_deletion::SelfDeletion,
    &technique::service_account_token::ServiceAccountToken,
    &technique::set_uid_shell::SetUidShell,
    &technique::ssh_key::SshKey,
    &technique::sshd_config::SshdConfig,
    &technique::sudo_rule::SudoRule,
    &technique::systemd_unit::SystemdUnit,
    &technique::tunnel::Tunnel,
    &technique::web_poll::WebPoll,
    &technique::web_shell::WebShell,
    &technique::whole_environment::WholeEnvironment,
    &technique::wiper::Wiper,
    &technique::worm::Worm,
];

/// Detectors that look at the facts of one file or field that are no programs.
pub const FILE_DETECTORS: &[&dyn for<'a> Detector<FileSubject<'a>>] = &[
    &technique::appended_program::AppendedProgram,
    &technique::changed_program::ChangedProgram,
    &technique::disguised_program::DisguisedProgram,
    &technique::flood_bot::FloodBot,
    &technique::hooking_library::HookingLibrary,
    &technique::kernel_rootkit::KernelRootkit,
    &technique::lookalike_program::LookalikeProgram,
    &technique::miner_binary::MinerBinary,
    &technique::misspelt_package::MisspeltPackage,
    &technique::packed_program::PackedProgram,
    &technique::planted_library::PlantedLibrary,
    &technique::pool_address::PoolAddress,
    &technique::secret::Secret,
    &technique::set_uid_shell::SetUidShell,
    &technique::yara_match::YaraMatch,
];

/// Every rule, sorted by id.
pub fn rules() -> Vec<&'static Rule> {
    let of_programs = PROGRAM_DETECTORS.iter().map(|detector| detector.rule());
    let of_files = FILE_DETECTORS.iter().map(|detector| detector.rule());
    let mut rules: Vec<_> = of_programs.chain(of_files).collect();
    rules.sort_by_key(|rule| rule.id);
    // A technique may look at programs and at files.
    rules.dedup_by_key(|rule| rule.id);
    rules
}

/// All findings of an image, heaviest first.
pub fn judge(image: &ImageFacts<'_>) -> Vec<Finding> {
    let reaches = Reaches::of(image);
    let mut findings = Vec::new();
    for origin in origins(image) {
        let reach = reaches.get(&origin);
        let mut here = Vec::new();
        for program in reach::programs(image, &origin) {
            // What runs a compiled program does not run the texts in it.
            let is_text_inside = program.steps.iter().any(|step| step.0 == TEXT_INSIDE);
            let reach = if is_text_inside {
                &Reach::Unreferenced
            } else {
                reach
            };
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
        let subject = FileSubject {
            image,
            reach,
            facts: reach::facts(image, &origin),
            origin,
        };
        for detector in FILE_DETECTORS {
            let mut reporter = Reporter::of_file(&subject, detector.rule(), &mut here);
            detector.detect(&subject, &mut reporter);
        }
        corroborate(&mut here);
        if let Some(file) = subject.file() {
            image.owners.lower(file, &mut here);
        }
        findings.append(&mut here);
    }
    findings.sort_by(|one, other| order(one).cmp(&order(other)));
    findings.dedup_by(|later, earlier| later.id == earlier.id && later.place == earlier.place);
    findings
}

/// Every file and field that has facts, every program and every file that runs as its owner: of
/// these, path, owner and mode may say something.
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
        let with_facts = layer.facts.iter().map(|f| f.file);
        let programs = (0..)
            .zip(&layer.files)
            .filter(|(_, record)| record.content.is_program() || record.mode & 0o4000 != 0)
            .map(|(file, _)| file);
        let files: BTreeSet<u32> = with_facts.chain(programs).collect();
        origins.extend(
            files
                .into_iter()
                .map(|file| Origin::File(FileRef { layer: index, file })),
        );
    }
    origins
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
/// that was rated as rarely honest becomes certain. So does a single one among two different ways
/// to hide, weak as each of these is alone.
fn corroborate(findings: &mut [Finding]) {
    let runs =
        |finding: &Finding| matches!(finding.reach, Reach::Start { .. } | Reach::Schedule { .. });
    let weighs = |finding: &Finding| {
        runs(finding)
            && finding.severity >= Severity::High
            && finding.confidence >= Confidence::Medium
    };
    let hides = |finding: &Finding| {
        runs(finding)
            && finding.severity >= Severity::Medium
            && finding.rule.starts_with("evasion/")
    };
    let rules = |chosen: &dyn Fn(&Finding) -> bool| -> BTreeSet<String> {
        let chosen = findings.iter().filter(|finding| chosen(finding));
        chosen.map(|finding| finding.rule.clone()).collect()
    };
    let (techniques, hiding) = (rules(&weighs), rules(&hides));
    let together: BTreeSet<String> = match (techniques.len(), hiding.len()) {
        (2.., _) => techniques,
        (1, 2..) => techniques.union(&hiding).cloned().collect(),
        _ => return,
    };
    for finding in findings
        .iter_mut()
        .filter(|finding| weighs(finding) && finding.confidence == Confidence::Medium)
    {
        let others = together
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
