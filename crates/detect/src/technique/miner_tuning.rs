//! Tuning for mining: huge pages and processor registers.

use model::{Behavior, Confidence, Rule, Severity};

use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct MinerTuning;

static RULE: Rule = Rule {
    id: "impact/miner-tuning",
    title: "Tunes the machine for mining",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1496.001"],
    what: "Code writes model-specific registers of the processor (as miners do to switch prefetchers off), or sets huge pages and mines, kills rivals or runs fetched code.",
    why: "The registers belong to the host: writing them slows and may destabilise everything that runs there.",
    benign: "Databases set huge pages; that alone is not reported. Hardware tools write registers, and are run by hand.",
    next: "Do not run the image privileged. Look what else it starts.",
};

impl Detector<Subject<'_>> for MinerTuning {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        let acts = &subject.program.acts;
        let company = acts.iter().any(|act| match &act.behavior {
            Behavior::Mine { .. } => true,
            Behavior::Evaluate { code, .. } => code.fetched_from().is_some(),
            Behavior::Execute { program, .. } => program.fetched_from().is_some(),
            Behavior::Kill { target } => super::rival_killing::is_rival(&target.text),
            _ => false,
        });
        for act in acts {
            let sign = match &act.behavior {
                Behavior::WriteMsr { register } if !register.text.is_empty() => {
                    Sign::new(format!("Writes the processor's register {register}."))
                }
                Behavior::SetKernelParameter { name, value }
                    if name.text.contains("nr_hugepages") =>
                {
                    let confidence = if company {
                        Confidence::Medium
                    } else {
                        Confidence::Low
                    };
                    Sign::new(format!("Sets {name} to {value}.")).confidence(confidence)
                }
                _ => continue,
            };
            reporter.act(act, sign);
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Value;

    use super::*;
    use crate::technique::check::findings;

    #[test]
    fn huge_pages_need_company() {
        let pages = Behavior::SetKernelParameter {
            name: Value::literal("vm.nr_hugepages"),
            value: Value::literal("128"),
        };
        assert!(findings(&MinerTuning, std::slice::from_ref(&pages)).is_empty());
        let kill = Behavior::Kill {
            target: Value::literal("xmrig"),
        };
        assert_eq!(findings(&MinerTuning, &[pages, kill]).len(), 1);
        let register = Behavior::WriteMsr {
            register: Value::literal("0x1a4"),
        };
        assert_eq!(findings(&MinerTuning, &[register]).len(), 1);
    }
}
