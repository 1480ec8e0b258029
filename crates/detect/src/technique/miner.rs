//! A miner: computing power of whoever runs the image, for somebody else's account.

use model::{Act, Behavior, Class, Confidence, Language, Reach, Rule, Severity, Value};

use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct Miner;

static RULE: Rule = Rule {
    id: "impact/miner",
    title: "Mines for somebody else's account",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1496.001"],
    what: "A command line or a configuration names a mining pool and an account. It is recognised by what it says, not by the program's name.",
    why: "Whoever runs the image pays for the power and the cores; the account's owner keeps what is mined.",
    benign: "An image that says in its name, title or description that it mines is reported as unwanted, not as malicious. A sample configuration without an account is not reported.",
    next: "Stop it, and look who else runs images that name this account or pool.",
};

impl Detector<Subject<'_>> for Miner {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Behavior::Mine { pool, account, .. } = &act.behavior else {
                continue;
            };
            if is_placeholder(account) && pool.text.is_empty() {
                continue;
            }
            reporter.act(act, sign(subject, act, pool, account));
        }
    }
}

fn sign(subject: &Subject<'_>, act: &Act, pool: &Value, account: &Value) -> Sign {
    let pool_name = if pool.text.is_empty() {
        "a pool that cannot be told"
    } else {
        &pool.text
    };
    let account_name = if account.text.is_empty() {
        "an account that cannot be told"
    } else {
        &account.text
    };
    let mut sign = Sign::new(format!("Mines at {pool_name} for {account_name}."));
    let configured = subject.program.language == Language::MinerConfig
        || act.steps.is_empty() && !subject.runs_by_itself();
    sign.confidence = Some(match subject.reach {
        Reach::Past => Confidence::Low,
        _ if account.is_supplied() || is_placeholder(account) => Confidence::Low,
        Reach::Start { .. } | Reach::Schedule { .. } => Confidence::High,
        _ if configured => Confidence::Medium,
        _ => Confidence::High,
    });
    if subject.image.is_labelled_miner() {
        sign.class = Class::Unwanted;
    }
    sign
}

/// Samples say where the account goes instead of naming one.
fn is_placeholder(account: &Value) -> bool {
    let text = account.text.to_ascii_lowercase();
    text.is_empty()
        || text.contains("your")
        || text.contains("wallet")
        || text.contains("address")
        || text.starts_with(['<', '{', '%', '$'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::technique::check::findings;

    fn mine(pool: &str, account: &str) -> [Behavior; 1] {
        [Behavior::Mine {
            pool: Value::literal(pool),
            account: Value::literal(account),
            algorithm: Value::default(),
        }]
    }

    #[test]
    fn an_account_is_needed() {
        assert_eq!(
            findings(&Miner, &mine("pool.example:3333", "4abcdef")).len(),
            1
        );
        assert!(findings(&Miner, &mine("pool.example:3333", "YOUR_WALLET_ADDRESS")).is_empty());
        assert!(findings(&Miner, &mine("pool.example:3333", "")).is_empty());
    }
}
