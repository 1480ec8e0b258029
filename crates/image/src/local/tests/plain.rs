//! Folders, files and root file systems.

use std::fs;

use model::{Budget, EntryKind};

use super::super::*;
use crate::Image;

use super::EXPECTED;
use super::fixture::*;

#[test]
fn a_root_file_system_is_read_as_one() {
    let files = [
        ("./", &b""[..]),
        ("./etc/passwd", b"root"),
        ("./manifest.json", b"{\"name\":\"a web application\"}"),
        ("./backup.tar", &tar_of(&[("hidden", b"x")])),
        ("./usr/bin/tool", b"tool"),
    ];
    for bytes in [tar_of(&files), gzip(&tar_of(&files))] {
        let (images, recorder) = stream(bytes).unwrap();
        assert_eq!(targets(&images), ["-"]);
        let (mut entries, damage) = recorder.of(image(&images[0]));
        assert!(damage.is_empty(), "{damage:?}");
        entries.sort();
        let names: Vec<&str> = entries
            .iter()
            .map(|one| one.split_once('=').unwrap().0)
            .collect();
        assert_eq!(
            names,
            [
                "0:backup.tar",
                "0:etc/passwd",
                "0:manifest.json",
                "0:usr/bin/tool"
            ]
        );
    }
}

#[test]
fn a_mix_of_archive_and_root_file_system_yields_both() {
    let mut files = Fixture::new("x").docker_old("app:v1");
    files.insert(3, ("etc/evil".into(), Content::Bytes(b"evil".into())));
    files.push(("root/late".into(), Content::Bytes(b"late".into())));
    let (images, recorder) = stream(pack(&files)).unwrap();
    let loose: Vec<&Image> = images
        .iter()
        .map(image)
        .filter(|image| image.target == "-")
        .collect();
    let entries = recorder.of(loose[0]).0;
    for wanted in ["etc/evil=evil", "root/late=late"] {
        assert!(
            entries.iter().any(|entry| entry.ends_with(wanted)),
            "{entries:?}"
        );
    }
    let named: Vec<&Image> = images
        .iter()
        .map(image)
        .filter(|image| image.target != "-")
        .collect();
    assert_eq!(recorder.of(named[0]).0, EXPECTED);
}

#[test]
fn a_folder_is_read_without_following_anything_out_of_it() {
    use std::os::unix::fs::symlink;
    let (_keep, folder) = scratch();
    let root = format!("{folder}/root");
    fs::create_dir_all(format!("{root}/b/deep")).unwrap();
    fs::create_dir(format!("{root}/a")).unwrap();
    save(&folder, "secret", b"outside");
    save(&root, "b/deep/file", b"content");
    save(&root, ".wh.name", b"no whiteout here");
    symlink("../secret", format!("{root}/link")).unwrap();
    symlink("..", format!("{root}/up")).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    let fifo = format!("{root}/pipe");
    rustix::fs::mknodat(rustix::fs::CWD, fifo, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let target = format!("dir:{root}");
    let (images, recorder) = read(&target).unwrap();
    assert_eq!(targets(&images), [target.as_str()]);
    let (entries, damage) = recorder.of(image(&images[0]));
    assert!(damage.is_empty(), "{damage:?}");
    assert_eq!(
        entries,
        [
            "0:.wh.name=no whiteout here",
            "0:a=",
            "0:b=",
            "0:link=",
            "0:pipe=",
            "0:up=",
            "0:b/deep=",
            "0:b/deep/file=content"
        ]
    );
    let read = &recorder.layers["folder"].0;
    assert_eq!(read[3].0.kind, EntryKind::Symlink("../secret".into()));
    assert_eq!(read[4].0.kind, EntryKind::Fifo);
}

#[test]
fn what_the_kernel_makes_up_is_not_read_and_said() {
    let (images, recorder) = read("dir:/proc").unwrap();
    let (entries, damage) = recorder.of(image(&images[0]));
    assert!(entries.is_empty());
    assert!(damage[0].contains("proc file system"), "{damage:?}");
}

#[test]
fn bounds_on_a_folder_are_said() {
    let (_keep, folder) = scratch();
    for n in 0..5 {
        save(&folder, &format!("f{n}"), &[b'x'; 100]);
    }
    for (budget, words) in [
        (
            Budget {
                layer_bytes: 250,
                ..Budget::default()
            },
            "bound of 250 bytes",
        ),
        (
            Budget {
                layer_entries: 3,
                ..Budget::default()
            },
            "bound of 3 entries",
        ),
    ] {
        let options = Options {
            budget,
            ..Options::default()
        };
        let (images, recorder) = read_with(&format!("dir:{folder}"), &options).unwrap();
        let damage = recorder.of(image(&images[0])).1;
        assert!(damage.iter().any(|one| one.contains(words)), "{damage:?}");
    }
}

#[test]
fn a_single_file_is_one_entry() {
    let (_keep, folder) = scratch();
    let path = save(&folder, "tool.sh", b"#!/bin/sh\n");
    let target = format!("file:{path}");
    let (images, recorder) = read(&target).unwrap();
    assert_eq!(targets(&images), [target.as_str()]);
    assert_eq!(
        recorder.of(image(&images[0])),
        (vec!["0:tool.sh=#!/bin/sh\n".to_owned()], vec![])
    );
}
