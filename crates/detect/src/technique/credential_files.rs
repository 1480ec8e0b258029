//! Theft of credentials: files that hold them are read and sent away.

use model::{Confidence, Provenance, Rule, Severity};

use super::flow::{file_of, leaks};
use super::vocabulary::as_sure_as_it_runs;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct CredentialFiles;

static RULE: Rule = Rule {
    id: "credential/files",
    title: "Sends credentials away",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1552.001", "T1041"],
    what: "The content of a file that holds keys, tokens or passwords (~/.ssh, ~/.aws, ~/.docker/config.json, ~/.kube/config, /etc/shadow, wallets, browsers' profiles …) reaches a connection, a request or a name that is looked up.",
    why: "Whoever gets them can go on to the registries, clouds, clusters and hosts that they open.",
    benign: "Backups send such files to a host that the user names, which is rated low. Tools that log in use a key without sending it.",
    next: "Replace every credential that the container could read. Block the address and look for it in your logs.",
};

/// Ends of the paths of files that hold credentials.
const FILES: &[&str] = &[
    "/.aws/credentials",
    "/.aws/config",
    "/.docker/config.json",
    "/.dockercfg",
    "/.kube/config",
    "/.git-credentials",
    "/.netrc",
    "/.pgpass",
    "/.my.cnf",
    "/.npmrc",
    "/.pypirc",
    "/.vault-token",
    "/.config/gh/hosts.yml",
    "/.azure/accesstokens.json",
    "/.azure/msal_token_cache.json",
    "/.bitcoin/wallet.dat",
    "/.s3cfg",
    "/.boto",
    "/.terraform.d/credentials.tfrc.json",
    "/.gem/credentials",
    "/.cargo/credentials.toml",
    "/.m2/settings.xml",
    "/.password-store",
    "/.bash_history",
    "/.mysql_history",
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/kubernetes/admin.conf",
    "/etc/rancher/k3s/k3s.yaml",
    "/kubelet/kubeconfig",
    "/wallet.dat",
    "/login data",
    "/logins.json",
    "/key4.db",
    "/cookies.sqlite",
    "/.ssh",
    "/.aws",
    "/.gnupg",
    "/.kube",
    "/.docker",
    "/.azure",
    "/.config/gcloud",
];

/// Folders in which every file is one.
const FOLDERS: &[&str] = &[
    "/.config/gcloud/",
    "/.ethereum/keystore/",
    "/.electrum/wallets/",
    "/.gnupg/",
    "/.config/solana/",
    "/etc/kubernetes/pki/",
    "/var/lib/kubelet/pki/",
];

/// Names of private keys, wherever they lie.
const KEYS: &[&str] = &["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"];

/// Whether a path is that of a file (or a folder) that holds credentials.
pub fn holds_credentials(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let path = path.trim_end_matches(['/', '*']);
    let name = path.rsplit('/').next().unwrap_or(path);
    let slashed = format!("/{}", path.trim_start_matches("~/").trim_start_matches('/'));
    let in_ssh = slashed.contains("/.ssh/")
        && !name.ends_with(".pub")
        && !matches!(name, "known_hosts" | "config" | "authorized_keys");
    FILES.iter().any(|file| slashed.ends_with(file))
        || FOLDERS.iter().any(|folder| slashed.contains(folder))
        || KEYS.contains(&name)
        || in_ssh
        || slashed.starts_with("/etc/ssh/ssh_host_") && !name.ends_with(".pub")
}

impl Detector<Subject<'_>> for CredentialFiles {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for leak in leaks(subject.program) {
            let path = leak.data.from.iter().filter_map(file_of);
            let Some(path) = path.into_iter().find(|path| holds_credentials(path)) else {
                continue;
            };
            let confidence = if leak.stays_inside() {
                Confidence::Low
            } else {
                leak.confidence()
            };
            let detail = format!("Sends {path} to {}.", leak.destination());
            reporter.act(
                leak.act,
                Sign::new(detail).confidence(as_sure_as_it_runs(subject, confidence)),
            );
        }
    }
}

/// Whether a source is a file that holds credentials.
pub fn is_credential(from: &Provenance) -> bool {
    file_of(from).is_some_and(holds_credentials)
}

#[cfg(test)]
mod tests {
    use model::{Behavior as B, Value};

    use super::*;
    use crate::technique::check::{connect, findings};

    fn sent(path: &str, host: &str, port: &str) -> usize {
        let data = Value::unknown(Provenance::File(path.to_owned()));
        let acts = [
            connect(1, host, port),
            B::Send {
                connection: 1,
                data,
            },
        ];
        findings(&CredentialFiles, &acts).len()
    }

    #[test]
    fn keys_that_are_sent_away_hit() {
        for path in [
            "/root/.ssh/id_ed25519",
            "{HOME}/.aws/credentials",
            "~/.docker/config.json",
            "/etc/shadow",
            "/root/.ssh/",
            "/home/{?}/.ssh/{?}",
            ".kube/config",
        ] {
            assert_eq!(sent(path, "192.0.2.1", "80"), 1, "{path}");
        }
        let mut url = Value::literal("http://c2.example.invalid/?d=");
        url.append(&Value::unknown(Provenance::File("/etc/shadow".to_owned())));
        assert_eq!(
            findings(&CredentialFiles, &[B::Fetch { url, to: None }]).len(),
            1
        );
    }

    #[test]
    fn other_files_and_own_hosts_miss() {
        assert_eq!(sent("/root/.ssh/id_rsa.pub", "192.0.2.1", "80"), 0);
        assert_eq!(sent("/etc/hosts", "192.0.2.1", "80"), 0);
        assert_eq!(sent("/root/.ssh/known_hosts", "192.0.2.1", "80"), 0);
        assert_eq!(sent("/root/.kube/config", "node1.example.com", "22"), 0);
        assert_eq!(sent("/etc/shadow", "127.0.0.1", "80"), 0);
        assert_eq!(sent("/root/.aws/credentials", "{TARGET}", "80"), 0);
    }
}
