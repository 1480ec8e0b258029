//! Theft of a cluster's credentials: a pod's token, or secrets read with it, leaves the cluster.

use model::{Behavior, Confidence, Provenance, Rule, Severity};

use super::flow::{Leak, leaks};
use super::orders::started;
use super::vocabulary::{as_sure_as_it_runs, host_of};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct ServiceAccountToken;

static RULE: Rule = Rule {
    id: "credential/service-account-token",
    title: "Sends a cluster's credentials away",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1552.007", "T1528"],
    what: "The token of the pod's service account, or secrets that were read from the cluster's API, are sent to a host outside the cluster.",
    why: "The token opens the cluster's API with all that the pod may do, from anywhere that reaches it.",
    benign: "Programs of a cluster use the token towards the API server, and log in with it at a vault or a cloud's token service: neither is reported.",
    next: "Delete the pod and its token, and look in the cluster's audit log what was done with it.",
};

impl Detector<Subject<'_>> for ServiceAccountToken {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for leak in leaks(subject.program) {
            let Some(what) = what(subject, &leak) else {
                continue;
            };
            if leak.stays_inside() || leak.goes_to_a_cloud() || is_login(subject, &leak) {
                continue;
            }
            let detail = format!("Sends {what} to {}.", leak.destination());
            reporter.act(
                leak.act,
                Sign::new(detail).confidence(as_sure_as_it_runs(subject, leak.confidence())),
            );
        }
    }
}

fn what(subject: &Subject<'_>, leak: &Leak<'_>) -> Option<&'static str> {
    let is_token = |from: &Provenance| {
        matches!(from, Provenance::File(path)
            if path.contains("/serviceaccount/") && !path.ends_with("/ca.crt") && !path.ends_with("/namespace")
                || path.trim_end_matches(['/', '*']).ends_with("/serviceaccount")
                || path.contains("/secrets/eks.amazonaws.com/"))
    };
    let is_secrets = |from: &Provenance| match from {
        Provenance::Fetched(url) => url.contains("/api/v1/") && url.contains("secrets"),
        Provenance::Output(name) => name == "kubectl" && lists_secrets(subject),
        _ => false,
    };
    if leak.comes_from(is_token) {
        Some("the token of the pod's service account")
    } else if leak.comes_from(is_secrets) {
        Some("secrets of the cluster")
    } else {
        None
    }
}

fn lists_secrets(subject: &Subject<'_>) -> bool {
    let asks = |(program, arguments): (&model::Value, &[model::Value])| {
        program.base_name() == "kubectl"
            && arguments.iter().any(|word| {
                word.text
                    .split(',')
                    .any(|kind| matches!(kind, "secret" | "secrets"))
            })
    };
    subject.program.acts.iter().filter_map(started).any(asks)
}

/// Whether the same host is asked for a login with the token.
fn is_login(subject: &Subject<'_>, leak: &Leak<'_>) -> bool {
    subject.program.acts.iter().any(|act| match &act.behavior {
        Behavior::Fetch { url, .. } => {
            host_of(&url.text) == leak.destination()
                && (url.text.contains("/login")
                    || url.text.contains("/oauth")
                    || url.text.contains("/token"))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use model::Value;

    use super::*;
    use crate::technique::check::{connect, findings};

    const TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

    fn sent(from: Provenance, host: &str) -> usize {
        let acts = [
            connect(1, host, "443"),
            Behavior::Send {
                connection: 1,
                data: Value::unknown(from),
            },
        ];
        findings(&ServiceAccountToken, &acts).len()
    }

    #[test]
    fn a_token_that_leaves_the_cluster_hits() {
        assert_eq!(sent(Provenance::File(TOKEN.to_owned()), "192.0.2.1"), 1);
        let secrets = "https://kubernetes.default/api/v1/namespaces/default/secrets";
        let secrets = Provenance::Fetched(secrets.to_owned());
        assert_eq!(sent(secrets, "c2.example.invalid"), 1);
    }

    #[test]
    fn a_token_that_stays_misses() {
        for host in [
            "kubernetes.default.svc",
            "{KUBERNETES_SERVICE_HOST}",
            "vault",
            "sts.amazonaws.com",
        ] {
            assert_eq!(sent(Provenance::File(TOKEN.to_owned()), host), 0, "{host}");
        }
        let certificate = TOKEN.replace("token", "ca.crt");
        assert_eq!(sent(Provenance::File(certificate), "192.0.2.1"), 0);
    }
}
