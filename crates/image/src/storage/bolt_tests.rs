//! Tests of the module beside this file.

use super::*;
use proptest::prelude::*;
use std::io::Write;

const PAGE: usize = 1024;

fn meta(page: u64, transaction: u64, root: u64) -> Vec<u8> {
    let mut out = vec![0; PAGE];
    out[0..8].copy_from_slice(&page.to_le_bytes());
    out[8] = 4;
    out[16..20].copy_from_slice(&MAGIC.to_le_bytes());
    out[20..24].copy_from_slice(&VERSION.to_le_bytes());
    out[24..28].copy_from_slice(&(PAGE as u32).to_le_bytes());
    out[32..40].copy_from_slice(&root.to_le_bytes());
    out[64..72].copy_from_slice(&transaction.to_le_bytes());
    let sum = fnv1a(&out[16..72]);
    out[72..80].copy_from_slice(&sum.to_le_bytes());
    out
}

/// A leaf page of (flags, key, value), not padded.
fn leaf(id: u64, elements: &[(u32, &[u8], Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(id.to_le_bytes());
    out.extend(LEAF_FLAG.to_le_bytes());
    out.extend((elements.len() as u16).to_le_bytes());
    out.extend(0_u32.to_le_bytes());
    let mut data: Vec<u8> = Vec::new();
    for (index, (flags, key, value)) in elements.iter().enumerate() {
        let position = (elements.len() - index) * 16 + data.len();
        out.extend(flags.to_le_bytes());
        out.extend((position as u32).to_le_bytes());
        out.extend((key.len() as u32).to_le_bytes());
        out.extend((value.len() as u32).to_le_bytes());
        data.extend(*key);
        data.extend(value);
    }
    out.extend(data);
    out
}

fn branch(id: u64, children: &[(&[u8], u64)]) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(id.to_le_bytes());
    out.extend(BRANCH_FLAG.to_le_bytes());
    out.extend((children.len() as u16).to_le_bytes());
    out.extend(0_u32.to_le_bytes());
    let mut data: Vec<u8> = Vec::new();
    for (index, (key, child)) in children.iter().enumerate() {
        let position = (children.len() - index) * 16 + data.len();
        out.extend((position as u32).to_le_bytes());
        out.extend((key.len() as u32).to_le_bytes());
        out.extend(child.to_le_bytes());
        data.extend(*key);
    }
    out.extend(data);
    out
}

fn file(pages: &[Vec<u8>]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    for page in pages {
        let mut page = page.clone();
        page.resize(page.len().next_multiple_of(PAGE), 0);
        file.write_all(&page).unwrap();
    }
    file
}

/// Root page 2 is a branch to leaves 3 and 4; `m` is an inline bucket.
fn sample() -> Vec<Vec<u8>> {
    let mut inline = vec![0; 16];
    inline.extend(leaf(0, &[(0, b"deep", b"value".to_vec())]));
    vec![
        meta(0, 7, 2),
        meta(1, 6, 99),
        branch(2, &[(b"a", 3), (b"m", 4)]),
        leaf(3, &[(0, b"a", b"1".to_vec()), (0, b"b", b"2".to_vec())]),
        leaf(4, &[(BUCKET_FLAG, b"m", inline), (0, b"z", b"3".to_vec())]),
    ]
}

fn keys(file: &File) -> Result<Vec<Vec<u8>>, BoltError> {
    Database::read(file, |database| {
        let mut keys = Vec::new();
        database.root().for_each(|key, value| {
            keys.push(key.to_vec());
            if let Value::Bucket(bucket) = value {
                bucket.for_each(|key, _| {
                    keys.push(key.to_vec());
                    Ok(())
                })?;
            }
            Ok(())
        })?;
        Ok(keys)
    })
}

#[test]
fn branches_leaves_and_inline_buckets_are_read() {
    let file = file(&sample());
    let names: [&[u8]; 5] = [b"a", b"b", b"m", b"deep", b"z"];
    assert_eq!(keys(&file).unwrap(), names);
    let found = Database::read(&file, |database| {
        for (key, value) in [(b"a", b"1"), (b"b", b"2"), (b"z", b"3")] {
            assert_eq!(database.root().bytes(key)?.unwrap(), value);
        }
        assert!(database.root().bytes(b"c")?.is_none());
        assert!(database.bucket(&[b"m", b"deep"])?.is_none());
        database.bucket(&[b"m"])?.unwrap().bytes(b"deep")
    });
    assert_eq!(found.unwrap().unwrap(), b"value");
}

#[test]
fn the_newest_valid_meta_page_is_chosen() {
    let mut pages = sample();
    pages[1] = meta(1, 8, 3);
    assert_eq!(keys(&file(&pages)).unwrap().len(), 2);
    pages[1][72] ^= 1;
    assert_eq!(keys(&file(&pages)).unwrap().len(), 5);
    pages[1] = meta(1, 8, 3);
    pages[0][72] ^= 1;
    assert_eq!(keys(&file(&pages)).unwrap().len(), 2);
    pages[1][72] ^= 1;
    assert!(matches!(keys(&file(&pages)), Err(BoltError::Damaged(_))));
}

#[test]
fn circles_and_wild_references_end() {
    let mut pages = sample();
    pages[2] = branch(2, &[(b"a", 2), (b"m", 2)]);
    assert!(keys(&file(&pages)).is_err());
    pages[2] = branch(2, &[(b"a", u64::MAX)]);
    assert!(keys(&file(&pages)).is_err());
    let circle = file(&[meta(0, 7, 2), meta(1, 6, 2), branch(2, &[(b"a", 2)])]);
    let outcome = Database::read(&circle, |database| database.root().bytes(b"x"));
    assert!(matches!(outcome, Err(BoltError::Damaged(_))));
}

proptest! {
    #[test]
    fn damage_anywhere_never_panics(
        changes in proptest::collection::vec((2 * PAGE..5 * PAGE, any::<u8>()), 1..40),
        cut in 0..5 * PAGE,
    ) {
        let mut bytes = Vec::new();
        for page in sample() {
            let mut page = page;
            page.resize(PAGE, 0);
            bytes.extend(page);
        }
        for (at, value) in changes {
            // Close to the headers, where it hurts.
            bytes[at / PAGE * PAGE + at % PAGE % 128] = value;
        }
        let _ = keys(&file(&[bytes.clone()]));
        bytes.truncate(cut);
        let mut short = tempfile::tempfile().unwrap();
        short.write_all(&bytes).unwrap();
        let _ = keys(&short);
    }
}
