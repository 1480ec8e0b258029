//! Databases as their tools write them, and damaged ones.

use proptest::prelude::*;

use super::*;

/// The claims of a database: path, package and version, digest, whether it is configuration.
fn claims(path: &str, content: &str) -> Vec<(String, String, Option<String>, bool)> {
    let database = read(BStr::new(path), content.as_bytes()).unwrap();
    assert_eq!(database.gaps, Vec::<String>::new(), "{path}");
    let mut claims = Vec::new();
    database.files.claims.each(|claim| {
        let package = &database.files.packages[claim.package as usize];
        claims.push((
            claim.path.to_string(),
            format!("{} {}", package.name, package.version),
            claim.digest.map(|digest| digest.to_string()),
            claim.is_configuration,
        ));
    });
    claims
}

#[test]
fn only_databases_are_taken_for_databases() {
    for path in [
        "var/lib/dpkg/status",
        "var/lib/dpkg/status.d/base-files",
        "var/lib/dpkg/status.d/base-files.md5sums",
        "var/lib/dpkg/info/libc6:amd64.md5sums",
        "var/lib/dpkg/info/libc6:amd64.list",
        "var/lib/dpkg/diversions",
        "lib/apk/db/installed",
        "usr/lib/apk/db/installed",
        "var/lib/rpm/Packages",
        "usr/lib/sysimage/rpm/rpmdb.sqlite",
        "usr/lib/python3/site-packages/wheel-0.45.dist-info/RECORD",
    ] {
        assert!(is_database(BStr::new(path)), "{path}");
    }
    for path in [
        "var/lib/dpkg/info/libc6.postinst",
        "var/lib/dpkg/status-old",
        "tmp/var/lib/dpkg/status",
        "lib/apk/db/scripts.tar",
        "RECORD",
    ] {
        assert!(!is_database(BStr::new(path)), "{path}");
    }
}

#[test]
fn dpkg_names_the_package_by_the_file() {
    let found = claims(
        "var/lib/dpkg/info/openssh-server:amd64.md5sums",
        "d41d8cd98f00b204e9800998ecf8427e  usr/sbin/sshd\n\
         900150983cd24fb0d6963f7d28e17f72  usr/share/a file\n",
    );
    let digest = |hex: &str| Some(format!("md5:{hex}"));
    let package = "openssh-server ".to_owned();
    let expected = [
        ("usr/sbin/sshd", "d41d8cd98f00b204e9800998ecf8427e"),
        ("usr/share/a file", "900150983cd24fb0d6963f7d28e17f72"),
    ]
    .map(|(path, hex)| (path.to_owned(), package.clone(), digest(hex), false));
    assert_eq!(found, expected);
}

#[test]
fn a_list_of_dpkg_names_files_and_folders() {
    let found = claims(
        "var/lib/dpkg/info/cron.list",
        "/.\n/etc\n/etc/cron.d\n/etc/cron.d/e2\n/usr\n/usr/sbin\n/usr/sbin/cron\n",
    );
    let paths: Vec<_> = found.iter().map(|claim| claim.0.as_str()).collect();
    assert_eq!(paths, ["etc/cron.d/e2", "usr/sbin/cron"]);
}

#[test]
fn dpkg_says_versions_and_configuration_in_its_status() {
    let found = claims(
        "var/lib/dpkg/status",
        "Package: cron\nStatus: install ok installed\nVersion: 3.0pl1-162\nConffiles:\n \
         /etc/default/cron 900150983cd24fb0d6963f7d28e17f72\n /etc/old newconffile\n\
         Description: a\n b c\n\nPackage: other\nVersion: 1\n",
    );
    let cron = "cron 3.0pl1-162".to_owned();
    let digest = "md5:900150983cd24fb0d6963f7d28e17f72".to_owned();
    let expected = [
        (
            "etc/default/cron".to_owned(),
            cron.clone(),
            Some(digest),
            true,
        ),
        ("etc/old".to_owned(), cron, None, true),
    ];
    assert_eq!(found, expected);
}

#[test]
fn dpkg_diverts_in_three_lines() {
    let content = b"/bin/sh\n/bin/sh.distrib\ndash\n/usr/bin/x\n/usr/bin/x.real\n:\n";
    let database = read(BStr::new("var/lib/dpkg/diversions"), content).unwrap();
    let shown = database.files.diversions.iter();
    let shown: Vec<_> = shown
        .map(|d| format!("{} {} {:?}", d.from, d.to, d.by))
        .collect();
    assert_eq!(
        shown,
        [
            "bin/sh bin/sh.distrib \"dash\"",
            "usr/bin/x usr/bin/x.real \"\""
        ]
    );
}

#[test]
fn apk_names_folders_and_files() {
    // The digests of "" and "abc".
    let found = claims(
        "lib/apk/db/installed",
        "C:Q1xyz=\nP:busybox\nV:1.36.1-r5\nA:x86_64\nF:bin\nR:busybox\na:0:0:755\n\
         Z:Q12jmj7l5rSw0yVb/vlWAYkK/YBwk=\nR:second\nF:etc\nM:0:0:1777\nR:securetty\n\
         Z:Q1qZk+NkcGgWq6PiVxeFDCbJzQ2J0=\n\nP:musl\nV:1.2.4-r2\nF:\nR:root\n\
         Z:Q1qZk+NkcGgWq6PiVxeFDCbJzQ2J0=\n\n",
    );
    let empty = Some("sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709".to_owned());
    let abc = Some("sha1:a9993e364706816aba3e25717850c26c9cd0d89d".to_owned());
    let claim = |path: &str, package: &str, digest: &Option<String>, configuration| {
        (
            path.to_owned(),
            package.to_owned(),
            digest.clone(),
            configuration,
        )
    };
    assert_eq!(
        found,
        [
            claim("bin/busybox", "busybox 1.36.1-r5", &empty, false),
            claim("bin/second", "busybox 1.36.1-r5", &None, false),
            claim("etc/securetty", "busybox 1.36.1-r5", &abc, true),
            claim("root", "musl 1.2.4-r2", &abc, false),
        ]
    );
}

#[test]
fn pip_records_are_relative_and_quoted() {
    let found = claims(
        "usr/lib/python3.12/site-packages/tool_x-2.1.dist-info/RECORD",
        "../../../bin/tool,sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0,200\n\
         \"tool/a,\"\"b\"\".py\",sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0,3\n\
         tool/__pycache__/a.cpython-312.pyc,,\n",
    );
    let abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let claim = |path: &str, digest: Option<&str>| {
        (
            path.to_owned(),
            "tool_x 2.1".to_owned(),
            digest.map(str::to_owned),
            false,
        )
    };
    let site = "usr/lib/python3.12/site-packages/tool";
    assert_eq!(
        found,
        [
            claim("usr/bin/tool", Some(abc)),
            claim(&format!("{site}/a,\"b\".py"), Some(abc)),
            claim(&format!("{site}/__pycache__/a.cpython-312.pyc"), None),
        ]
    );
}

#[test]
fn conda_paths_are_of_the_environment() {
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let found = claims(
        "opt/conda/envs/a/conda-meta/tool-1.2-h0_0.json",
        &format!(
            r#"{{"name": "tool", "version": "1.2", "paths_data": {{"paths": [
            {{"_path": "bin/tool", "sha256": "00", "sha256_in_prefix": "{abc}"}},
            {{"_path": "lib/a.so", "path_type": "softlink", "sha256": "{abc}"}}]}}}}"#
        ),
    );
    let claim = |path: &str, digest| {
        let path = format!("opt/conda/envs/a/{path}");
        (path, "tool 1.2".to_owned(), digest, false)
    };
    let sha256 = Some(format!("sha256:{abc}"));
    assert_eq!(found, [claim("bin/tool", sha256), claim("lib/a.so", None)]);
    assert!(claims("opt/conda/conda-meta/state.json", "{}").is_empty());
}

#[test]
fn npm_names_what_is_installed() {
    let content = r#"{"packages": {"node_modules/axios": {"version": "1.7.2"},
        "node_modules/a/node_modules/@scope/b": {"version": "2.0.0"}}}"#;
    let path = BStr::new("app/node_modules/.package-lock.json");
    let files = read(path, content.as_bytes()).unwrap().files;
    let names: Vec<_> = files
        .packages
        .iter()
        .map(|p| format!("{} {}", p.name, p.version))
        .collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&"axios 1.7.2".to_owned()));
    assert!(names.contains(&"@scope/b 2.0.0".to_owned()));
}

#[test]
fn pacman_keeps_a_compressed_hierarchy() {
    use std::io::Write;
    let hierarchy = "#mtree\n/set type=file uid=0 gid=0 mode=644\n./.PKGINFO size=3\n\
        ./usr time=1.0 type=dir\n./usr/bin/a\\040b time=1.0 size=3 \
        sha256digest=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n\
        ./usr/bin/link type=link link=a\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(hierarchy.as_bytes()).unwrap();
    let path = BStr::new("var/lib/pacman/local/two-words-1.0-3/mtree");
    let database = read(path, &gzip.finish().unwrap()).unwrap();
    let mut seen = Vec::new();
    let files = database.files;
    files
        .claims
        .each(|c| seen.push((c.path.to_string(), c.digest.is_some())));
    assert_eq!(seen, [("usr/bin/a b".to_owned(), true)]);
    assert_eq!(files.packages[0].name, "two-words");
    assert_eq!(files.packages[0].version, "1.0-3");

    let found = claims(
        "var/lib/pacman/local/two-words-1.0-3/files",
        "%FILES%\netc/\netc/a.conf\n\n%BACKUP%\netc/a.conf\t900150983cd24fb0d6963f7d28e17f72\n",
    );
    assert_eq!(found.len(), 1);
    assert!(found[0].3 && found[0].2.is_some());
}

#[test]
fn lines_that_are_not_understood_are_a_gap() {
    for (path, content) in [
        ("var/lib/dpkg/info/a.md5sums", "no digest at all\n"),
        ("var/lib/dpkg/status", "Version: 1\n"),
        ("var/lib/dpkg/diversions", "/one\n/two\n"),
        ("lib/apk/db/installed", "P:a\nV:1\nnonsense\n"),
        ("conda-meta/a.json", "{"),
        ("var/lib/rpm/Packages", "text"),
        ("var/lib/rpm/Packages.db", "RpmP"),
        ("var/lib/rpm/rpmdb.sqlite", "SQLite format 3\0"),
    ] {
        let database = read(BStr::new(path), content.as_bytes()).unwrap();
        assert_eq!(database.gaps.len(), 1, "{path}");
    }
}

#[test]
fn older_digests_are_those_of_the_bytes() {
    let mut hashes = OldHashes::default();
    hashes.update(b"a");
    hashes.update(b"bc");
    let digests = hashes.finish();
    assert_eq!(
        model::digest::hex(&digests.md5),
        "900150983cd24fb0d6963f7d28e17f72"
    );
    assert_eq!(
        model::digest::hex(&digests.sha1),
        "a9993e364706816aba3e25717850c26c9cd0d89d"
    );
}

proptest! {
    #[test]
    fn any_bytes_are_survived(content: Vec<u8>, start in 0..5_usize) {
        let starts: [&[u8]; 5] = [
            b"",
            b"P:a\nV:1\nF:b\nR:c\nZ:Q1",
            b"Package: a\nConffiles:\n ",
            b"RpmP\0\0\0\0\0\0\0\0\x01\0\0\0",
            b"SQLite format 3\0\x02\0\x01\x01\0",
        ];
        let content = [starts[start], &content].concat();
        for path in [
            "var/lib/dpkg/status",
            "var/lib/dpkg/info/a.list",
            "var/lib/dpkg/info/a.md5sums",
            "var/lib/dpkg/diversions",
            "lib/apk/db/installed",
            "var/lib/rpm/Packages",
            "var/lib/rpm/Packages.db",
            "var/lib/rpm/rpmdb.sqlite",
            "a/b-1.dist-info/RECORD",
            "a/b-1.egg-info/installed-files.txt",
            "var/lib/pacman/local/a-1-1/mtree",
            "var/lib/pacman/local/a-1-1/files",
            "conda-meta/a.json",
            "node_modules/.package-lock.json",
        ] {
            prop_assert!(read(BStr::new(path), &content).is_some());
        }
    }
}
