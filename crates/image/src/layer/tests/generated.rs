//! Generated archives: against the tar crate, and damaged at random.

use proptest::prelude::*;

use super::*;

/// Entries that the tar crate can write.
#[derive(Debug, Clone)]
struct Written {
    path: String,
    kind: u8,
    content: Vec<u8>,
    mode: u32,
    id: u64,
}

fn written() -> impl Strategy<Value = Written> {
    let name = prop_oneof!["[a-z]{1,8}", "[a-zé]{90,120}"];
    (
        proptest::collection::vec(name, 1..5),
        0..4_u8,
        proptest::collection::vec(any::<u8>(), 0..1500),
        0..0o7777_u32,
        prop_oneof![0..70_000_u64, (1 << 30)..(1_u64 << 40)],
    )
        .prop_map(|(names, kind, content, mode, id)| Written {
            path: names.join("/"),
            kind,
            content,
            mode,
            id,
        })
}

fn write_with_crate(entries: &[Written]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for written in entries {
        let mut header = ::tar::Header::new_gnu();
        header.set_mode(written.mode);
        header.set_uid(written.id);
        header.set_gid(written.id);
        header.set_mtime(written.id);
        header.set_size(0);
        match written.kind {
            0 => {
                header.set_size(written.content.len() as u64);
                builder
                    .append_data(&mut header, &written.path, written.content.as_slice())
                    .unwrap();
            }
            1 => {
                header.set_entry_type(::tar::EntryType::Directory);
                builder
                    .append_data(&mut header, &written.path, io::empty())
                    .unwrap();
            }
            kind => {
                header.set_entry_type(match kind {
                    2 => ::tar::EntryType::Symlink,
                    _ => ::tar::EntryType::Link,
                });
                builder
                    .append_link(&mut header, &written.path, format!("t/{}", written.path))
                    .unwrap();
            }
        }
    }
    builder.into_inner().unwrap()
}

proptest! {
    #[test]
    fn well_formed_archives_read_as_with_the_tar_crate(entries in proptest::collection::vec(written(), 0..8)) {
        let bytes = write_with_crate(&entries);
        let (seen, end) = read_plain(&bytes);
        prop_assert_eq!(&end.damage, &[]);
        let mut other = ::tar::Archive::new(bytes.as_slice());
        let mut ours = seen.0.iter();
        for theirs in other.entries().unwrap() {
            let mut theirs = theirs.unwrap();
            let ours = ours.next().unwrap();
            prop_assert_eq!(ours.entry.path.as_slice(), &*theirs.path_bytes());
            prop_assert_eq!(u64::from(ours.entry.mode), u64::from(theirs.header().mode().unwrap()));
            prop_assert_eq!(ours.entry.uid, theirs.header().uid().unwrap());
            prop_assert_eq!(ours.entry.mtime.cast_unsigned(), theirs.header().mtime().unwrap());
            let target = match &ours.entry.kind {
                EntryKind::Symlink(target) | EntryKind::Hardlink(target) => Some(target.to_vec()),
                _ => None,
            };
            prop_assert_eq!(target, theirs.link_name_bytes().map(|name| name.to_vec()));
            let mut content = Vec::new();
            io::copy(&mut theirs, &mut content).unwrap();
            prop_assert_eq!(&ours.content, &content);
        }
        prop_assert!(ours.next().is_none());
    }

    #[test]
    fn damage_never_panics_and_is_never_silent(
        entries in proptest::collection::vec(written(), 1..4),
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let whole = write_with_crate(&entries);
        let layer = Layer { diff_id: Some(digest_of(Algorithm::Sha256, &whole)), ..plain_layer() };
        let mut bytes = whole.clone();
        for (at, byte) in hits {
            let at = at.index(bytes.len());
            bytes[at] ^= byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        let budget = Budget { layer_bytes: 1 << 22, ..Budget::default() };
        let (_, end) = read_as(&bytes, &layer, &budget);
        prop_assert_eq!(end.damage.is_empty(), bytes == whole);
    }
}
