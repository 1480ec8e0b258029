//! A miner's binary, told by what it is made of, however it is named.

use model::{
    Binary, Class, Confidence, Fact, Form, IndicatorType, Reach, Rule, Severity, Vocabulary,
};

use super::vocabulary::is_odd_place;
use crate::subject::shown_path;
use crate::{Detector, FileSubject, Reporter, Sign};

/// The detector.
pub struct MinerBinary;

static RULE: Rule = Rule {
    id: "impact/miner-binary",
    title: "Program that mines",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1496.001"],
    what: "A compiled program holds the messages miners exchange with pools and, beside them, several of: names of mined algorithms, constants of their code, options of miners, reports of a hash rate, a pool's address. Its name and its symbols do not matter.",
    why: "It turns the processors of whoever runs the image into somebody else's money.",
    benign: "A miner that goes by its own name and that nothing starts, or an image that says it mines, is reported as unwanted. Servers of pools speak the same protocol, but bring no options of miners.",
    next: "Find out who put it there. Look for its configuration: pool and account name who profits.",
};

impl Detector<FileSubject<'_>> for MinerBinary {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &FileSubject<'_>, reporter: &mut Reporter<'_>) {
        for fact in &subject.facts {
            let Fact::Binary { binary, steps } = fact else {
                continue;
            };
            if let Some((sign, evidence)) = sign(subject, binary) {
                reporter.at(steps.clone(), 0, &evidence, sign);
            }
        }
    }
}

/// The vocabularies of miners, and how many words of each say something.
const FAMILIES: &[(Vocabulary, usize)] = &[
    (Vocabulary::PoolProtocol, 2),
    (Vocabulary::MinerOption, 2),
    (Vocabulary::MinedAlgorithm, 2),
    (Vocabulary::MinedConstant, 1),
    (Vocabulary::MiningReport, 2),
];

fn sign(subject: &FileSubject<'_>, binary: &Binary) -> Option<(Sign, String)> {
    if !matches!(binary.form, Form::Program | Form::Library) {
        return None;
    }
    let shown: Vec<Vocabulary> = FAMILIES
        .iter()
        .filter(|(family, least)| binary.words(*family).len() >= *least)
        .map(|(family, _)| *family)
        .collect();
    let names_pool = subject.facts.iter().any(|fact| {
        matches!(fact, Fact::Indicator { indicator, .. }
            if indicator.kind == IndicatorType::Pool)
    });
    let speaks = shown.contains(&Vocabulary::PoolProtocol);
    let computes =
        shown.contains(&Vocabulary::MinedConstant) || shown.contains(&Vocabulary::MinedAlgorithm);
    let families = shown.len() + usize::from(names_pool);
    // Nodes and wallets of a currency compute its hashes, too, but speak to no pool.
    if !computes || families < 3 || !(speaks || names_pool) {
        return None;
    }
    let names: Vec<_> = shown.iter().map(|family| family.name()).collect();
    let mut sign = Sign::new(format!("Holds {}.", names.join(", ")));
    let runs = matches!(subject.reach, Reach::Start { .. } | Reach::Schedule { .. });
    let open = is_openly_named(subject);
    sign.confidence = Some(match (families, runs) {
        (4.., _) | (_, true) => Confidence::High,
        _ => Confidence::Medium,
    });
    if subject.image.is_labelled_miner() || open && !runs {
        sign.class = Class::Unwanted;
    }
    let words = shown
        .iter()
        .flat_map(|family| binary.words(*family).iter().take(3));
    let evidence = words.cloned().collect::<Vec<_>>().join(", ");
    Some((sign, evidence))
}

/// Whether the file's name says what it is, where programs are kept.
fn is_openly_named(subject: &FileSubject<'_>) -> bool {
    let Some(record) = subject.record() else {
        return false;
    };
    let path = shown_path(record);
    let name = path
        .rsplit('/')
        .next()
        .unwrap_or(&path)
        .to_ascii_lowercase();
    !is_odd_place(&path)
        && ["miner", "xmr", "monero", "mining"]
            .iter()
            .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use model::{Mark, Verdict};

    use super::*;
    use crate::technique::check::of_file;

    fn binary(words: &[(Vocabulary, &[&str])]) -> [Fact; 1] {
        let marks = words.iter().map(|(vocabulary, words)| Mark {
            vocabulary: *vocabulary,
            words: words.iter().map(|&word| word.to_owned()).collect(),
        });
        let binary = Binary {
            marks: marks.collect(),
            ..Binary::default()
        };
        [Fact::Binary {
            binary,
            steps: Vec::new(),
        }]
    }

    #[test]
    fn several_vocabularies_are_needed() {
        let protocol = (
            Vocabulary::PoolProtocol,
            &["mining.subscribe", "job_id"][..],
        );
        let algorithm = (Vocabulary::MinedAlgorithm, &["rx/0", "kawpow"][..]);
        let constant = (Vocabulary::MinedConstant, &["x"][..]);
        let option = (Vocabulary::MinerOption, &["donate-level", "rig-id"][..]);
        let judged = |words: &[_], reach: &Reach| of_file(&MinerBinary, &binary(words), reach);
        let start = Reach::Start { chain: Vec::new() };
        let all = [protocol, algorithm, constant, option];
        assert_eq!(judged(&all, &Reach::Unreferenced), [Verdict::Malicious]);
        assert_eq!(
            judged(&all[..3], &Reach::Unreferenced),
            [Verdict::Suspicious]
        );
        assert_eq!(judged(&all[..3], &start), [Verdict::Malicious]);
        // A pool's server, a node of the network, a cracker of hashes.
        assert!(judged(&[protocol, option], &start).is_empty());
        assert!(judged(&[constant, algorithm], &start).is_empty());
        assert!(judged(&[algorithm], &start).is_empty());
    }
}
