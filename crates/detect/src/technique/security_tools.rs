//! Impairing defences: what watches or guards the machine is stopped or removed.

use std::collections::BTreeSet;

use model::{Act, Behavior, Confidence, Rule, Severity, Value};

use super::orders::{has_word, started};
use super::vocabulary::as_sure_as_it_runs;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct SecurityTools;

static RULE: Rule = Rule {
    id: "evasion/security-tools",
    title: "Stops what guards the machine",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1562.001", "T1562.004"],
    what: "Code stops, removes or kills agents that watch for intruders (those of clouds and of security vendors), of several vendors at once; or, as a weak sign, firewalls and mandatory access control.",
    why: "A container has no business with the agents of the host, and nobody removes those of several vendors to install something honest.",
    benign: "The packages of an agent stop that agent. Installers of clusters switch SELinux and firewalls off: that alone is reported as information.",
    next: "Look at what the program does once nobody watches. See whether the agents of your hosts still run.",
};

/// Words by which the agents of a vendor are known.
const AGENTS: &[(&str, &[&str])] = &[
    (
        "Alibaba Cloud",
        &[
            "aegis",
            "aliyundun",
            "aliyun.service",
            "aliyun-service",
            "aliyun_",
            "aliyunservice",
            "stop aliyun",
            "disable aliyun",
            "aliyun stop",
            "cloudmonitor",
            "assist_daemon",
            "alisecguard",
        ],
    ),
    (
        "Tencent Cloud",
        &[
            "yunjing",
            "ydservice",
            "ydlive",
            "qcloud/",
            "barad_agent",
            "sgagent",
            "tat_agent",
        ],
    ),
    ("Huawei Cloud", &["hostguard", "hostwatch", "telescoped"]),
    (
        "Baidu Cloud",
        &[
            "bcm-agent",
            "bcm-si",
            "cloudsecurity",
            "hosteye",
            "baiducloud",
        ],
    ),
    ("Oracle Cloud", &["oracle-cloud-agent"]),
    ("CrowdStrike", &["falcon-sensor", "falcon-kernel"]),
    ("SentinelOne", &["sentinelone", "sentinelctl"]),
    ("Microsoft", &["mdatp", "omsagent"]),
    ("Carbon Black", &["cbagentd", "cbdaemon", "cbsensor"]),
    ("Wazuh", &["wazuh", "ossec"]),
    ("Falco", &["falco"]),
    ("Trend Micro", &["ds_agent"]),
    ("Sophos", &["sophos", "sav-protect"]),
    ("ESET", &["esets"]),
    ("Cylance", &["cylance"]),
    ("osquery", &["osqueryd"]),
    ("ClamAV", &["clamd", "clamav", "freshclam"]),
    ("Kaspersky", &["kesl"]),
    ("rootkit scanners", &["rkhunter", "chkrootkit"]),
    ("fail2ban", &["fail2ban"]),
    ("the audit daemon", &["auditd"]),
];

/// Those that whoever runs a machine may not want there.
const OPEN: &[&str] = &[
    "ClamAV",
    "rootkit scanners",
    "fail2ban",
    "the audit daemon",
    "osquery",
];

/// Fewest vendors whose agents no honest program stops together.
const SEVERAL: usize = 2;

/// Fewest vendors that leave no doubt.
const MANY: usize = 4;

/// What is done against agents.
fn stopped(act: &Act) -> Option<String> {
    match &act.behavior {
        Behavior::Kill { target } => Some(target.text.to_ascii_lowercase()),
        Behavior::Delete { path } => Some(path.text.to_ascii_lowercase()),
        Behavior::Execute {
            program, arguments, ..
        } => {
            const ENDS: &[&str] = &[
                "stop",
                "disable",
                "mask",
                "kill",
                "remove",
                "purge",
                "uninstall",
                "erase",
                "off",
                "unload",
                "-e",
                "del",
                "delete",
                "--del",
                "autoremove",
            ];
            let line = words(program, arguments);
            let ends = has_word(arguments, ENDS) || line.contains("uninstall");
            ends.then_some(line)
        }
        Behavior::Evaluate { code, .. } => {
            let url = code.fetched_from()?.to_ascii_lowercase();
            url.contains("uninstall").then_some(url)
        }
        _ => None,
    }
}

fn words(program: &Value, arguments: &[Value]) -> String {
    let words = std::iter::once(program).chain(arguments);
    let words: Vec<&str> = words.map(|word| word.text.as_str()).collect();
    words.join(" ").to_ascii_lowercase()
}

/// Guards that honest installers switch off as well.
fn guard(act: &Act) -> Option<&'static str> {
    let (program, arguments) = match &act.behavior {
        Behavior::SetKernelParameter { name, value }
            if name.text == "kernel.randomize_va_space" && value.text == "0" =>
        {
            return Some("address space randomisation");
        }
        _ => started(act)?,
    };
    let has = |words: &[&str]| has_word(arguments, words);
    match program.base_name() {
        "setenforce" if has(&["0", "Permissive", "permissive"]) => Some("SELinux"),
        "ufw" if has(&["disable"]) => Some("the firewall"),
        "iptables" | "ip6tables" if has(&["-F", "--flush", "-X"]) => Some("the firewall"),
        "nft" if has(&["flush"]) => Some("the firewall"),
        "apparmor_parser" if has(&["-R"]) => Some("AppArmor"),
        "aa-teardown" | "aa-disable" => Some("AppArmor"),
        "auditctl" if has(&["-D"]) || has(&["-e"]) && has(&["0"]) => Some("auditing"),
        "systemctl" | "service" | "chkconfig" | "update-rc.d" | "rc-service" | "rc-update"
            if has(&["stop", "disable", "mask", "off", "del", "remove"]) =>
        {
            let names = |name: &str| {
                arguments
                    .iter()
                    .any(|word| word.text.trim_end_matches(".service") == name)
            };
            if ["firewalld", "iptables", "ufw", "nftables"]
                .into_iter()
                .any(names)
            {
                Some("the firewall")
            } else if names("apparmor") {
                Some("AppArmor")
            } else if ["rsyslog", "syslog", "syslog-ng"].into_iter().any(names) {
                Some("the system's log")
            } else {
                None
            }
        }
        _ => None,
    }
}

impl Detector<Subject<'_>> for SecurityTools {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        let (mut vendors, mut guards) = (BTreeSet::new(), BTreeSet::new());
        let (mut first_agent, mut first_guard) = (None, None);
        for act in &subject.program.acts {
            let line = stopped(act);
            let vendor = line.and_then(|line| {
                AGENTS
                    .iter()
                    .find(|(_, names)| names.iter().any(|name| line.contains(name)))
            });
            if let Some((vendor, _)) = vendor {
                first_agent.get_or_insert(act);
                vendors.insert(*vendor);
            } else if let Some(guard) = guard(act) {
                first_guard.get_or_insert(act);
                guards.insert(guard);
            }
        }
        if let Some(act) = first_agent {
            let is_guarded = vendors.iter().any(|vendor| !OPEN.contains(vendor));
            let confidence = match vendors.len() {
                _ if !is_guarded => Confidence::Low,
                MANY.. => Confidence::High,
                SEVERAL.. => Confidence::Medium,
                _ => Confidence::Low,
            };
            let list: Vec<&str> = vendors.into_iter().collect();
            let sign = Sign::new(format!(
                "Stops what watches for intruders: {}.",
                list.join(", ")
            ));
            reporter.act(
                act,
                sign.confidence(as_sure_as_it_runs(subject, confidence)),
            );
        }
        if let Some(act) = first_guard {
            let list: Vec<&str> = guards.into_iter().collect();
            let sign = Sign::new(format!("Switches off {}.", list.join(", ")));
            reporter.act(
                act,
                sign.severity(Severity::Low).confidence(Confidence::Low),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Stream, Verdict};

    use super::*;
    use crate::technique::check::{execute, findings, full};

    fn run(line: &str) -> Behavior {
        let words: Vec<&str> = line.split(' ').collect();
        execute(words[0], &words[1..], Stream::Inherited)
    }

    #[test]
    fn agents_of_several_vendors_hit() {
        let acts = [
            run("systemctl stop aliyun.service"),
            run("/usr/local/qcloud/stargate/admin/uninstall.sh"),
        ];
        assert_eq!(findings(&SecurityTools, &acts).len(), 1);
        let kill = Behavior::Kill {
            target: Value::literal("AliYunDun"),
        };
        let acts = [kill, run("service falcon-sensor stop")];
        assert_eq!(findings(&SecurityTools, &acts).len(), 1);
    }

    #[test]
    fn installers_and_packages_miss() {
        let acts = [
            run("setenforce 0"),
            run("systemctl disable firewalld"),
            run("iptables -F"),
            run("service wazuh-agent stop"),
            run("rm /etc/yum.repos.d/aliyun.repo"),
        ];
        assert!(findings(&SecurityTools, &acts).is_empty());
        let weak = full(&SecurityTools, &acts[..1]);
        assert_eq!(weak[0].verdict(), Verdict::Clean);
        assert!(full(&SecurityTools, &[run("systemctl start falco")]).is_empty());
    }
}
