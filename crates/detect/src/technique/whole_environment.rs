//! Theft of the environment: all variables, in which images are handed their secrets, are sent away.

use std::collections::BTreeSet;

use model::{Confidence, Provenance, Rule, Severity};

use super::flow::{Leak, leaks};
use super::vocabulary::as_sure_as_it_runs;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct WholeEnvironment;

static RULE: Rule = Rule {
    id: "credential/environment",
    title: "Sends the environment away",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1552", "T1041"],
    what: "All environment variables (env, printenv, os.environ, process.env, /proc/self/environ), or several variables that hold secrets of different services, are sent to a host that the program names.",
    why: "Containers are handed passwords, tokens and keys in their environment.",
    benign: "Error reporters send single variables, and to a host that the user names.",
    next: "Replace every secret that the container was handed. Block the address and look for it in your logs.",
};

/// Words in the names of variables that hold secrets, one for each service.
const SECRETS: &[&str] = &[
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "GITLAB_TOKEN",
    "CI_JOB_TOKEN",
    "NPM_TOKEN",
    "NODE_AUTH_TOKEN",
    "PYPI_TOKEN",
    "TWINE_PASSWORD",
    "DOCKER_PASSWORD",
    "DOCKERHUB_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "AZURE_CLIENT_SECRET",
    "VAULT_TOKEN",
    "SLACK_TOKEN",
    "OPENAI_API_KEY",
    "STRIPE_SECRET_KEY",
    "DATABASE_URL",
    "POSTGRES_PASSWORD",
    "MYSQL_ROOT_PASSWORD",
    "SSH_PRIVATE_KEY",
];

/// Fewest secrets of different services that have no common use.
const SEVERAL: usize = 3;

impl Detector<Subject<'_>> for WholeEnvironment {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for leak in leaks(subject.program) {
            let (what, most) = if leak.comes_from(is_environment) {
                ("all environment variables".to_owned(), Confidence::High)
            } else if let Some(names) = several(&leak) {
                (names, Confidence::Medium)
            } else {
                continue;
            };
            if leak.stays_inside() {
                continue;
            }
            let confidence = leak.confidence().min(most);
            let detail = format!("Sends {what} to {}.", leak.destination());
            reporter.act(
                leak.act,
                Sign::new(detail).confidence(as_sure_as_it_runs(subject, confidence)),
            );
        }
    }
}

/// Whether a source is the whole environment.
fn is_environment(from: &Provenance) -> bool {
    match from {
        Provenance::Environment(name) => name.is_empty(),
        Provenance::Output(name) => matches!(name.as_str(), "env" | "printenv" | "export"),
        Provenance::File(path) => path.starts_with("/proc/") && path.ends_with("/environ"),
        _ => false,
    }
}

/// The secrets of different services among the data's sources.
fn several(leak: &Leak<'_>) -> Option<String> {
    let names: BTreeSet<&str> = leak
        .data
        .from
        .iter()
        .filter_map(|from| match from {
            Provenance::Environment(name) if SECRETS.contains(&name.as_str()) => {
                Some(name.as_str())
            }
            _ => None,
        })
        .collect();
    let names: Vec<&str> = names.into_iter().collect();
    (names.len() >= SEVERAL).then(|| names.join(", "))
}

#[cfg(test)]
mod tests {
    use model::{Behavior as B, Value};

    use super::*;
    use crate::technique::check::{connect, findings};

    fn sent(from: &[Provenance], host: &str) -> usize {
        let data = from
            .iter()
            .cloned()
            .fold(Value::unknown(Provenance::Unknown), Value::with_source);
        let acts = [
            connect(1, host, "443"),
            B::Send {
                connection: 1,
                data,
            },
        ];
        findings(&WholeEnvironment, &acts).len()
    }

    #[test]
    fn the_whole_environment_hits() {
        for from in [
            Provenance::Environment(String::new()),
            Provenance::Output("env".to_owned()),
            Provenance::File("/proc/self/environ".to_owned()),
        ] {
            assert_eq!(sent(&[from], "c2.example.invalid"), 1);
        }
        let secrets = ["AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "NPM_TOKEN"]
            .map(|name| Provenance::Environment(name.to_owned()));
        assert_eq!(sent(&secrets, "192.0.2.1"), 1);
    }

    #[test]
    fn single_variables_miss() {
        let token = Provenance::Environment("GITHUB_TOKEN".to_owned());
        assert_eq!(sent(&[token], "api.example.com"), 0);
        let all = Provenance::Environment(String::new());
        assert_eq!(sent(&[all], "collector"), 0);
    }
}
