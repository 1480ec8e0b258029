//! Proxyware: the machine's bandwidth is sold for whoever holds the account.

use model::{Class, Confidence, Rule, Severity, Value};

use super::orders::started;
use super::vocabulary::{as_sure_as_it_runs, is_odd_place};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct Proxyware;

static RULE: Rule = Rule {
    id: "impact/proxyware",
    title: "Sells the machine's bandwidth",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1496.002"],
    what: "A client that lets strangers go out through the machine is started, with the account that is paid: by its options, under whatever name.",
    why: "Strangers' traffic leaves from your address, and somebody else earns for it.",
    benign: "Some run such clients on purpose. Under its own name and from its usual place it is called unwanted, not malicious.",
    next: "See whose account is named. Remove the image if it is not yours.",
};

/// Options that only such clients have.
const OWN: &[&str] = &[
    "-tou-accept",
    "--tou-accept",
    "--agreed-terms-and-conditions",
];

/// Options by which clients of certificate authorities accept terms as well: these have no password.
const TERMS: &[&str] = &["-accept-tos", "--accept-tos"];

/// Options of a password.
const PASSWORD: &[&str] = &["-pass", "-password", "--password"];

/// Options that name the account that is paid.
const ACCOUNT: &[&str] = &[
    "-email",
    "--email",
    "--token",
    "-token",
    "-user",
    "--login",
    "-pass",
    "-password",
    "-device-name",
    "--device-name",
    "-device",
    "--apikey",
    "--uuid",
];

/// Names of clients.
const CLIENTS: &[&str] = &[
    "honeygain",
    "traffmonetizer",
    "psclient",
    "p2pclient",
    "peer2profit",
    "pawns-cli",
    "iproyal",
    "packetshare",
    "repocket",
    "earnapp",
    "proxyrack",
    "proxylite",
    "proxybase",
    "bitping",
    "earnfm",
    "mysterium",
    "bandwidth",
    "packetstream",
];

/// How many signs a start shows of being such a client, and whether by its name.
fn signs(program: &Value, arguments: &[Value]) -> (usize, bool) {
    let name = program.base_name().to_ascii_lowercase();
    let named = CLIENTS.iter().any(|client| name.starts_with(client));
    let is_any = |words: &[&str]| {
        arguments.iter().any(|word| {
            let option = word.text.split('=').next().unwrap_or_default();
            words.contains(&option)
        })
    };
    // `cli start accept --token …`
    let accepts = arguments
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a.text == "start" && b.text == "accept"))
        || is_any(TERMS) && is_any(PASSWORD);
    let count =
        usize::from(named) + usize::from(is_any(OWN) || accepts) + usize::from(is_any(ACCOUNT));
    (count, named)
}

impl Detector<Subject<'_>> for Proxyware {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Some((program, arguments)) = started(act) else {
                continue;
            };
            let (count, named) = signs(program, arguments);
            if count < 2 {
                continue;
            }
            let hidden = is_odd_place(&program.text)
                || program.fetched_from().is_some()
                || !act.steps.is_empty() && !named;
            let mut sign = Sign::new(format!(
                "Starts {program}, which lets strangers go out through this machine."
            ));
            if !hidden {
                sign.class = Class::Unwanted;
            }
            let confidence = as_sure_as_it_runs(subject, Confidence::High);
            reporter.act(act, sign.confidence(confidence));
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Stream, Verdict};

    use super::*;
    use crate::technique::check::{execute, full};

    fn verdict(line: &str) -> Verdict {
        let words: Vec<&str> = line.split(' ').collect();
        let found = full(
            &Proxyware,
            &[execute(words[0], &words[1..], Stream::Inherited)],
        );
        found
            .first()
            .map_or(Verdict::Clean, |found| found.verdict())
    }

    #[test]
    fn the_place_tells_the_open_from_the_hidden() {
        let honest = "/app/honeygain -tou-accept -email a@example.com -pass x -device y";
        assert_eq!(verdict(honest), Verdict::Unwanted);
        assert_eq!(verdict("./Cli start accept --token abc"), Verdict::Unwanted);
        let hidden = "/tmp/.cache/upd -accept-tos -email=a@example.com -password=x";
        assert_eq!(verdict(hidden), Verdict::Malicious);
    }

    #[test]
    fn other_clients_miss() {
        assert_eq!(
            verdict("certbot certonly --email a@example.com --agree-tos"),
            Verdict::Clean
        );
        assert_eq!(verdict("gitlab-runner register --token x"), Verdict::Clean);
    }
}
