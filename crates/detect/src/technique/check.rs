//! How techniques are tested: acts in, the details of the findings out.

use bstr::BStr;
use model::{
    Behavior, ConfigFacts, Fact, Field, Finding, ImageConfig, Language, Program, Protocol, Reach,
    Stream, Value, Verdict, config::StartField,
};

use crate::Detector;
use crate::owner::Owners;
use crate::reporter::Reporter;
use crate::subject::{FileRef, FileSubject, ImageFacts, Origin, Subject, Tree};

/// Nobody owns what is in it.
static NOBODY: Owners = Owners::none();

/// An image with nothing in it but `/etc`.
pub struct Bare;

impl Tree for Bare {
    fn resolve(&self, _path: &BStr) -> Option<FileRef> {
        None
    }

    fn entry(&self, _path: &BStr) -> Option<FileRef> {
        None
    }

    fn exists(&self, path: &BStr) -> bool {
        path == "/etc" || path == "/rootfs/etc"
    }

    fn hidden_by(&self, _file: FileRef) -> Option<u32> {
        None
    }
}

/// Findings of a detector over a program that the container starts.
pub fn full<D: for<'a> Detector<Subject<'a>>>(detector: &D, acts: &[Behavior]) -> Vec<Finding> {
    let program = Program {
        language: Language::Shell,
        declared: true,
        steps: Vec::new(),
        acts: acts.iter().cloned().map(Behavior::bare).collect(),
    };
    with_program(
        detector,
        &program,
        &Reach::Start {
            chain: vec!["Entrypoint".to_owned()],
        },
    )
}

/// Findings of a detector over a program reached in a given way.
pub fn with_program<D: for<'a> Detector<Subject<'a>>>(
    detector: &D,
    program: &Program,
    reach: &Reach,
) -> Vec<Finding> {
    let (config, config_facts) = (ImageConfig::default(), ConfigFacts::default());
    let image = bare_image(&config, &config_facts);
    let origin = Origin::Field(Field::Start(StartField::Entrypoint));
    let subject = Subject {
        image: &image,
        origin,
        reach,
        program,
    };
    let mut findings = Vec::new();
    let mut reporter = Reporter::of_program(&subject, detector.rule(), &mut findings);
    detector.detect(&subject, &mut reporter);
    findings
}

/// Verdicts on the facts of a file reached in a given way.
pub fn of_file<D: for<'a> Detector<FileSubject<'a>>>(
    detector: &D,
    facts: &[Fact],
    reach: &Reach,
) -> Vec<Verdict> {
    let (config, config_facts) = (ImageConfig::default(), ConfigFacts::default());
    let image = bare_image(&config, &config_facts);
    let subject = FileSubject {
        image: &image,
        origin: Origin::File(FileRef { layer: 0, file: 0 }),
        reach,
        facts: facts.iter().collect(),
    };
    let mut findings = Vec::new();
    let mut reporter = Reporter::of_file(&subject, detector.rule(), &mut findings);
    detector.detect(&subject, &mut reporter);
    findings.iter().map(Finding::verdict).collect()
}

fn bare_image<'a>(config: &'a ImageConfig, config_facts: &'a ConfigFacts) -> ImageFacts<'a> {
    ImageFacts {
        names: &[],
        config,
        config_facts,
        layers: &[],
        diff_ids: &[],
        tree: &Bare,
        owners: &NOBODY,
        named_directly: false,
    }
}

/// Details of the findings that weigh at least as suspicious.
pub fn findings<D: for<'a> Detector<Subject<'a>>>(detector: &D, acts: &[Behavior]) -> Vec<String> {
    let weighs = |finding: &Finding| finding.verdict() >= Verdict::Unwanted;
    full(detector, acts)
        .into_iter()
        .filter(weighs)
        .map(|finding| finding.detail)
        .collect()
}

/// An outgoing TCP connection.
pub fn connect(connection: u32, host: &str, port: &str) -> Behavior {
    Behavior::Connect {
        connection,
        protocol: Protocol::Tcp,
        host: Value::literal(host),
        port: Value::literal(port),
    }
}

/// A program started with literal arguments.
pub fn execute(program: &str, arguments: &[&str], input: Stream) -> Behavior {
    Behavior::Execute {
        program: Value::literal(program),
        arguments: arguments
            .iter()
            .map(|&argument| Value::literal(argument))
            .collect(),
        input,
        output: Stream::Inherited,
    }
}
