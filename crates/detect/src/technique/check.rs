//! How techniques are tested: acts in, the details of the findings out.

use bstr::BStr;
use model::{
    Behavior, ConfigFacts, Field, Finding, ImageConfig, Language, Program, Protocol, Reach, Stream,
    Value, config::StartField,
};

use crate::Detector;
use crate::reporter::Reporter;
use crate::subject::{FileRef, ImageFacts, Origin, Subject, Tree};

/// An image with nothing in it but `/etc`.
pub struct Bare;

impl Tree for Bare {
    fn resolve(&self, _path: &BStr) -> Option<FileRef> {
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
    let image = ImageFacts {
        names: &[],
        config: &config,
        config_facts: &config_facts,
        layers: &[],
        diff_ids: &[],
        tree: &Bare,
        named_directly: false,
    };
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

/// Details of the findings that weigh at least as suspicious.
pub fn findings<D: for<'a> Detector<Subject<'a>>>(detector: &D, acts: &[Behavior]) -> Vec<String> {
    let weighs = |finding: &Finding| finding.verdict() >= model::Verdict::Unwanted;
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
