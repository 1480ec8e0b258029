//! Package databases as rpm itself writes them: built here, with rpm's own tools, and damaged.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail loudly"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use bstr::BStr;
use model::{FileDigest, Manager};
use read::package;
use sha2::{Digest, Sha256};

/// Files of the package besides those that are looked at: enough for rows that take many pages.
const FILLERS: usize = 900;

const SPEC: &str = "
Name: door
Version: 1.5
Release: 3
Summary: A package for tests
License: None
BuildArch: noarch
%description
A package for tests.
%install
mkdir -p %{buildroot}/usr/sbin %{buildroot}/etc %{buildroot}/usr/share/door %{buildroot}/var/log
printf 'the program' > %{buildroot}/usr/sbin/doord
ln %{buildroot}/usr/sbin/doord %{buildroot}/usr/sbin/door
ln -s doord %{buildroot}/usr/sbin/linked
printf 'settings' > %{buildroot}/etc/door.conf
printf 'written later' > %{buildroot}/var/log/door
printf 'free' > %{buildroot}/usr/share/door/free
for n in $(seq FILLERS); do printf $n > %{buildroot}/usr/share/door/file-$n; done
%files
/usr/sbin/*
/usr/share/door
%config(noreplace) /etc/door.conf
%ghost /var/log/door
%verify(not filedigest) /usr/share/door/free
";

/// Runs a program and returns what it prints.
fn run(words: &[&str]) -> Vec<u8> {
    let output = Command::new(words[0])
        .args(&words[1..])
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask setup` installs it", words[0]));
    assert!(
        output.status.success(),
        "{words:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// The databases of a system with the package in it, by their path in an image.
fn databases() -> &'static BTreeMap<&'static str, Vec<u8>> {
    static MADE: OnceLock<BTreeMap<&'static str, Vec<u8>>> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rpm");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let package = build(&folder);
        let sqlite = install(&folder, &package);
        let headers = headers(&sqlite);
        let bdb = berkeley(&folder, &headers);
        let read = |path: PathBuf| fs::read(path).unwrap();
        [
            (
                "var/lib/rpm/rpmdb.sqlite",
                read(sqlite.join("rpmdb.sqlite")),
            ),
            ("usr/lib/sysimage/rpm/Packages.db", ndb(&headers)),
            ("var/lib/rpm/Packages", read(bdb)),
        ]
        .into()
    })
}

fn build(folder: &Path) -> String {
    let spec = folder.join("door.spec");
    fs::write(&spec, SPEC.replace("FILLERS", &FILLERS.to_string())).unwrap();
    let top = format!("_topdir {}", folder.display());
    run(&[
        "rpmbuild",
        "--quiet",
        "--define",
        &top,
        "-bb",
        spec.to_str().unwrap(),
    ]);
    let package = folder.join("RPMS/noarch/door-1.5-3.noarch.rpm");
    package.to_str().unwrap().to_owned()
}

fn install(folder: &Path, package: &str) -> PathBuf {
    let database = folder.join("sqlite");
    let path = database.to_str().unwrap();
    let rpm = ["rpm", "--dbpath", path, "--define", "_db_backend sqlite"];
    run(&[&rpm[..], &["--initdb"]].concat());
    let options = [
        "--install",
        "--justdb",
        "--nodeps",
        "--ignorearch",
        "--nosignature",
    ];
    run(&[&rpm[..], &options, &[package]].concat());
    database
}

/// The headers of a database, as rpm exports them.
fn headers(database: &Path) -> Vec<Vec<u8>> {
    let path = database.to_str().unwrap();
    let exported = run(&["rpmdb", "--dbpath", path, "--exportdb"]);
    let mut headers = Vec::new();
    let mut rest = &exported[..];
    while let Some(header) = rest.strip_prefix(b"\x8e\xad\xe8\x01\0\0\0\0") {
        let long = |at: usize| u32::from_be_bytes(header[at..at + 4].try_into().unwrap()) as usize;
        let (blob, left) = header.split_at(8 + long(0) * 16 + long(4));
        headers.push(blob.to_vec());
        rest = left;
    }
    assert!(!headers.is_empty(), "rpmdb exported nothing");
    headers
}

/// The same headers in a Berkeley DB, which rpm no longer writes: made by Berkeley DB's own tool.
fn berkeley(folder: &Path, headers: &[Vec<u8>]) -> PathBuf {
    let mut lines =
        "VERSION=3\nformat=bytevalue\ntype=hash\ndb_pagesize=4096\nHEADER=END\n".to_owned();
    lines.push_str(" 00000000\n 07000000\n");
    for (number, header) in (1_u32..).zip(headers) {
        let key = model::digest::hex(&number.to_le_bytes());
        lines.push_str(&format!(" {key}\n {}\n", model::digest::hex(header)));
    }
    lines.push_str("DATA=END\n");
    let (text, database) = (folder.join("Packages.text"), folder.join("Packages"));
    fs::write(&text, lines).unwrap();
    let [text, path] = [&text, &database].map(|path| path.to_str().unwrap());
    run(&["db5.3_load", "-f", text, path]);
    database
}

/// The same headers as `lib/backend/ndb/rpmpkg.c` lays them out: Debian's rpm is built without.
fn ndb(headers: &[Vec<u8>]) -> Vec<u8> {
    let long = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    let mut file = [
        &b"RpmP"[..],
        &long(0),
        &long(1),
        &long(1),
        &long(2),
        &[0; 12],
    ]
    .concat();
    let mut blobs = Vec::new();
    // An empty slot between those in use, as an erased package leaves.
    file.extend([&b"Slot"[..], &[0; 12]].concat());
    for (number, header) in (1..).zip(headers) {
        let block = (4_096 + blobs.len()) / 16;
        let start = blobs.len();
        blobs.extend([&b"BlbS"[..], &long(number), &long(7), &long(header.len())].concat());
        blobs.extend(header);
        while !(blobs.len() + 12).is_multiple_of(16) {
            blobs.push(0);
        }
        blobs.extend([&long(0)[..], &long(header.len()), b"BlbE"].concat());
        let blocks = (blobs.len() - start) / 16;
        file.extend([&b"Slot"[..], &long(number), &long(block), &long(blocks)].concat());
    }
    while file.len() < 4_096 {
        file.extend([&b"Slot"[..], &[0; 12]].concat());
    }
    [file, blobs].concat()
}

#[test]
fn all_three_databases_say_the_same() {
    let sha256 = |text: &str| Some(FileDigest::Sha256(Sha256::digest(text).into()));
    for (path, content) in databases() {
        let database = package::read(BStr::new(path), content).unwrap();
        assert_eq!(database.gaps, Vec::<String>::new(), "{path}");
        let files = database.files;
        assert_eq!(files.manager, Manager::Rpm);
        assert_eq!(files.packages.len(), 1, "{path}");
        assert_eq!(files.packages[0].name, "door");
        assert_eq!(files.packages[0].version, "1.5-3");
        let mut claims = BTreeMap::new();
        files.claims.each(|claim| {
            claims.insert(
                claim.path.to_string(),
                (claim.digest, claim.is_configuration),
            );
        });
        let claim = |path: &str| claims.get(path).copied();
        assert_eq!(
            claim("usr/sbin/doord"),
            Some((sha256("the program"), false)),
            "{path}"
        );
        assert_eq!(
            claim("usr/sbin/door"),
            Some((sha256("the program"), false)),
            "{path}"
        );
        assert_eq!(
            claim("etc/door.conf"),
            Some((sha256("settings"), true)),
            "{path}"
        );
        assert_eq!(claim("usr/share/door/free"), Some((None, false)), "{path}");
        assert_eq!(
            claim("usr/share/door/file-777"),
            Some((sha256("777"), false)),
            "{path}"
        );
        // A link, a ghost and a folder have no content to compare.
        for none in ["usr/sbin/linked", "var/log/door", "usr/share/door"] {
            assert_eq!(claim(none), None, "{path}");
        }
        assert_eq!(claims.len(), FILLERS + 4, "{path}");
    }
}

/// Knuth's MMIX generator: every run damages the same bytes.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> usize {
        let Self(state) = self;
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) as usize
    }
}

#[test]
fn damage_is_told_and_never_more() {
    for (path, content) in databases() {
        let path = BStr::new(path);
        for end in (1..content.len()).step_by(content.len() / 40) {
            let cut = package::read(path, &content[..end]).unwrap();
            let whole = cut.files.claims.len() == FILLERS as u64 + 4;
            assert!(whole || !cut.gaps.is_empty(), "{path} cut at {end}");
        }
        let mut numbers = Numbers(1);
        for _ in 0..100 {
            let mut damaged = content.clone();
            for _ in 0..8 {
                let at = numbers.next() % damaged.len();
                damaged[at] = numbers.next() as u8;
            }
            let at = numbers.next() % 128;
            damaged[at] = numbers.next() as u8;
            let database = package::read(path, &damaged).unwrap();
            assert!(database.files.claims.len() < 100_000);
        }
    }
}

#[test]
fn a_log_that_was_not_written_back_is_a_gap() {
    let path = BStr::new("var/lib/rpm/rpmdb.sqlite-wal");
    assert!(package::read(path, b"").unwrap().gaps.is_empty());
    assert_eq!(
        package::read(path, b"\x37\x7f\x06\x82").unwrap().gaps.len(),
        1
    );
}
