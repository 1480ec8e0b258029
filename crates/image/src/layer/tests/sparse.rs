//! Sparse files in every version.

use super::handmade::*;
use super::*;

#[test]
fn sparse_files_of_all_versions_have_their_holes() {
    let expected = b"\0\0ab\0\0\0cde\0\0";
    let map = "2\n2\n2\n7\n3\n";
    let in_content = [padded(map.as_bytes()), b"abcde".to_vec()].concat();
    for tar in [
        old_gnu_sparse(&[(2, 2), (7, 3)], 12, b"abcde"),
        old_gnu_sparse(&[(2, 1), (3, 1), (7, 1), (8, 1), (9, 1)], 12, b"abcde"),
        pax_sparse(
            &[
                ("GNU.sparse.size", "12"),
                ("GNU.sparse.offset", "2"),
                ("GNU.sparse.numbytes", "2"),
                ("GNU.sparse.offset", "7"),
                ("GNU.sparse.numbytes", "3"),
                ("GNU.sparse.name", "sparse"),
            ],
            b"abcde",
        ),
        pax_sparse(
            &[
                ("GNU.sparse.name", "sparse"),
                ("GNU.sparse.size", "12"),
                ("GNU.sparse.map", "2,2,7,3"),
            ],
            b"abcde",
        ),
        pax_sparse(
            &[
                ("GNU.sparse.major", "1"),
                ("GNU.sparse.minor", "0"),
                ("GNU.sparse.name", "sparse"),
                ("GNU.sparse.realsize", "12"),
            ],
            &in_content,
        ),
    ] {
        let (seen, end) = read_plain(&archive(&[tar, member(b"after", b'0', b"x")]));
        assert_eq!(end.damage, []);
        assert_eq!(seen.paths(), ["sparse", "after"]);
        assert_eq!(seen.0[0].content, expected);
        assert_eq!(seen.0[0].entry.size, 12);
    }
}

#[test]
fn a_sparse_map_that_makes_no_sense_hides_no_bytes() {
    let tar = archive(&[
        old_gnu_sparse(&[(7, 3), (2, 2)], 12, b"abcde"),
        member(b"after", b'0', b"x"),
    ]);
    let (seen, end) = read_plain(&tar);
    assert_eq!(seen.0[0].content, b"abcde");
    assert_eq!(seen.paths(), ["sparse", "after"]);
    assert!(reasons(&end).contains("does not fit"));
}
