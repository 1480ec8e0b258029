//! Theft of a machine's cloud credentials: asked of the metadata service and sent away.

use model::{Behavior, Confidence, Provenance, Rule, Severity};

use super::flow::leaks;
use super::vocabulary::{as_sure_as_it_runs, host_of};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct CloudMetadata;

static RULE: Rule = Rule {
    id: "credential/cloud-metadata",
    title: "Asks the cloud for the machine's credentials",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1552.005"],
    what: "Credentials are fetched from the metadata service of a cloud (169.254.169.254, metadata.google.internal, 100.100.100.200, 169.254.170.2) and sent to a host that is not the cloud's. Fetching them alone is reported as information.",
    why: "They open the cloud's API with the role of the machine, which often is far wider than the container's task.",
    benign: "Libraries of the clouds fetch them to sign their own requests.",
    next: "Revoke the role's sessions and look in the cloud's audit log what was done with them.",
};

/// Hosts that answer for metadata.
const HOSTS: &[&str] = &[
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "metadata.google.internal",
    "metadata",
    "100.100.100.200",
    "metadata.tencentyun.com",
    "169.254.0.23",
    "fd00:ec2::254",
    "0xa9fea9fe",
    "2852039166",
    "instance-data",
];

/// Parts of the paths under which credentials stand.
const PATHS: &[&str] = &[
    "security-credentials",
    "/iam/",
    "/token",
    "oauth2",
    "user-data",
    "/v2/credentials",
    "/v1/credentials",
    "ram/",
    "cam/",
    "/opc/",
    "kube-env",
    "{",
];

/// Whether a URL is one that returns credentials of the machine.
fn returns_credentials(url: &str) -> bool {
    let host = host_of(url).trim_end_matches('.');
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = path.split_once('/').map_or("", |(_, path)| path);
    let path = format!("/{path}");
    HOSTS.iter().any(|known| known.eq_ignore_ascii_case(host))
        && PATHS.iter().any(|part| path.contains(part))
}

impl Detector<Subject<'_>> for CloudMetadata {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Behavior::Fetch { url, .. } = &act.behavior else {
                continue;
            };
            if returns_credentials(&url.text) {
                let sign = Sign::new(format!("Fetches {url}."));
                reporter.act(
                    act,
                    sign.severity(Severity::Info).confidence(Confidence::Low),
                );
            }
        }
        for leak in leaks(subject.program) {
            let from_there = |from: &Provenance| matches!(from, Provenance::Fetched(url) if returns_credentials(url));
            if !leak.comes_from(from_there) || leak.stays_inside() || leak.goes_to_a_cloud() {
                continue;
            }
            let detail = format!(
                "Sends what the metadata service returns to {}.",
                leak.destination()
            );
            reporter.act(
                leak.act,
                Sign::new(detail).confidence(as_sure_as_it_runs(subject, leak.confidence())),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Value;

    use super::*;
    use crate::technique::check::{connect, findings, full};

    const ROLE: &str = "http://169.254.169.254/latest/meta-data/iam/security-credentials/role";

    fn fetch(url: &str) -> Behavior {
        Behavior::Fetch {
            url: Value::literal(url),
            to: None,
        }
    }

    fn sent(url: &str, host: &str) -> usize {
        let data = Value::unknown(Provenance::Fetched(url.to_owned()));
        let acts = [
            fetch(url),
            connect(1, host, "80"),
            Behavior::Send {
                connection: 1,
                data,
            },
        ];
        findings(&CloudMetadata, &acts).len()
    }

    #[test]
    fn credentials_that_are_sent_on_hit() {
        assert_eq!(sent(ROLE, "192.0.2.1"), 1);
        let google = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token";
        assert_eq!(sent(google, "c2.example.invalid"), 1);
    }

    #[test]
    fn using_them_is_information() {
        assert!(findings(&CloudMetadata, &[fetch(ROLE)]).is_empty());
        assert_eq!(full(&CloudMetadata, &[fetch(ROLE)]).len(), 1);
        assert_eq!(sent(ROLE, "s3.amazonaws.com"), 0);
        assert_eq!(
            sent(
                "http://169.254.169.254/latest/meta-data/instance-id",
                "192.0.2.1"
            ),
            0
        );
        let other = "http://example.com/iam/security-credentials/";
        assert!(full(&CloudMetadata, &[fetch(other)]).is_empty());
    }
}
