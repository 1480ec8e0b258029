//! What follows the end of a picture, a document, a sound or a film.

use model::{ContentKind, Fact};

use crate::artifact::{Artifact, Member, Reader, start_of};
use crate::{guess, kind};

/// Reads what follows the end; `true` if anything does.
pub fn open(reader: &mut Reader, artifact: &Artifact, kind: ContentKind) -> bool {
    let Some(end) = kind::shown_end(kind, artifact.content) else {
        return false;
    };
    let rest = artifact.content.get(end..).unwrap_or_default();
    let padding = rest
        .iter()
        .take_while(|b| b.is_ascii_whitespace() || **b == 0)
        .count();
    let rest = rest.get(padding..).unwrap_or_default();
    if rest.is_empty() {
        return false;
    }
    let content = kind::of_content(rest);
    let guessed = match content {
        ContentKind::Text => guess::language(&String::from_utf8_lossy(rest)),
        _ => None,
    };
    reader.fact(Fact::Trailing {
        picture: kind,
        offset: (end + padding) as u64,
        length: rest.len() as u64,
        content: guessed.map_or(content, ContentKind::Script),
        steps: artifact.steps.clone(),
        evidence: start_of(rest),
    });
    let step = format!("after the end of {}", kind.name());
    reader.member(&Member::new(*b"", artifact.further(step)), &mut &*rest);
    true
}
