//! Finding what a user named among the names that a store has.

use model::text::printable;

use crate::target::Reference;
use crate::{Error, ErrorKind};

/// Fewest digits of an image ID that are taken for one.
const ID_DIGITS: usize = 4;
/// Most names listed in an error.
const LISTED: usize = 20;

/// A name as Docker normalises it: `tomcat` is `docker.io/library/tomcat:latest`. What does not
/// parse stays as it is.
pub fn canonical(name: &str) -> String {
    Reference::parse(name).map_or_else(|_| name.to_owned(), |reference| reference.to_string())
}

/// The spellings under which a store may hold what was asked for as `asked`, best first: as
/// written, as Docker normalises it, and under podman's `localhost/`.
pub fn spellings(asked: &str) -> Vec<String> {
    let mut names = vec![asked.to_owned(), canonical(asked)];
    if let Ok(reference) = Reference::parse(&format!("localhost/{asked}")) {
        names.push(reference.to_string());
    }
    names
}

/// Whether `asked` is the image ID `hex`, whole or its beginning, with or without `sha256:`.
pub fn is_id(asked: &str, hex: &str) -> bool {
    let digits = asked.strip_prefix("sha256:").unwrap_or(asked);
    digits.len() >= ID_DIGITS
        && digits.bytes().all(|b| b.is_ascii_hexdigit())
        && hex.starts_with(&digits.to_ascii_lowercase())
}

/// There is no image `asked` in `place`, which has `present`.
pub fn not_found(asked: &str, place: &str, mut present: Vec<String>) -> Error {
    present.sort_unstable();
    present.dedup();
    let message = format!(
        "there is no image `{}` in {place}",
        printable(asked.as_bytes())
    );
    let error = Error::new(ErrorKind::NotFound, message);
    if present.is_empty() {
        return error
            .advise("it has no images at all: is it the right folder and the right user's?");
    }
    let more = present.len().saturating_sub(LISTED);
    let mut list = present
        .iter()
        .take(LISTED)
        .map(|name| printable(name.as_bytes()))
        .collect::<Vec<_>>()
        .join(", ");
    if more > 0 {
        list.push_str(&format!(" and {more} more"));
    }
    error.advise(format!("it has {list}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_each_store_spells_them() {
        let spelled = spellings("app");
        assert!(spelled.contains(&"docker.io/library/app:latest".to_owned()));
        assert!(spelled.contains(&"localhost/app:latest".to_owned()));
        assert!(is_id("sha256:cb05", "cb058d8e"));
        assert!(is_id("CB058D", "cb058d8e"));
        assert!(!is_id("cb0", "cb058d8e"));
        assert!(!is_id("cb058d8f", "cb058d8e"));
    }

    #[test]
    fn the_error_lists_what_is_there() {
        let names = (0..30).map(|n| format!("image{n:02}")).collect();
        let error = not_found("x\x1b", "here", names);
        assert_eq!(error.message, "there is no image `x\\u{1b}` in here");
        assert!(error.advice.unwrap().ends_with("image19 and 10 more"));
    }
}
