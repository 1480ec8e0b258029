//! RPM packages: the scripts in the header, which run as root, and the payload.
//!
//! Source: the RPM file format documentation, version 4 (lead, signature, header, payload), and
//! `rpmtag.h` for the tags.

use model::Language;

use super::compressed;
use crate::artifact::{Artifact, Member, Reader, Told};
use crate::{kind, language};

/// Bytes of the lead.
const LEAD: usize = 96;

/// The scripts: tag of the text, tag of the interpreter, and the name of the section in a spec.
const SCRIPTS: &[(u32, u32, &str)] = &[
    (1023, 1085, "%pre"),
    (1024, 1086, "%post"),
    (1025, 1087, "%preun"),
    (1026, 1088, "%postun"),
    (1065, 1092, "%trigger"),
    (1079, 1091, "%verifyscript"),
    (1151, 1153, "%pretrans"),
    (1152, 1154, "%posttrans"),
    (5066, 5067, "%filetrigger"),
    (5076, 5077, "%transfiletrigger"),
];

/// Most strings of one tag that are looked at.
const MOST_STRINGS: usize = 4_096;

/// Opens an RPM package.
pub fn open(reader: &mut Reader, artifact: &Artifact) {
    let Some(signature) = Header::at(artifact.content, LEAD) else {
        return;
    };
    let Some(start) = signature.end.checked_next_multiple_of(8) else {
        return;
    };
    let Some(header) = Header::at(artifact.content, start) else {
        return;
    };
    for (tag, interpreter, name) in SCRIPTS {
        let programs = header.strings(*interpreter);
        for (n, script) in header.strings(*tag).into_iter().enumerate() {
            // One interpreter may stand for all, or none for the shell.
            let program = programs
                .get(n)
                .or(programs.first())
                .copied()
                .unwrap_or(b"/bin/sh");
            let steps = artifact.further(format!("rpm: {name}"));
            let mut member = Member::new(*name, steps);
            member.told = Told::Program(of_program(program));
            reader.member(&member, &mut &*script);
        }
    }
    let payload = artifact.content.get(header.end..).unwrap_or_default();
    let holder = Artifact {
        path: artifact.path,
        executable: false,
        content: payload,
        steps: artifact.steps.clone(),
        told: Told::Nothing,
    };
    match kind::of_content(payload) {
        model::ContentKind::Cpio => super::cpio::open(reader, &holder),
        kind if kind::is_packed(kind) => compressed::open(reader, &holder, kind),
        _ => {}
    }
}

/// The language an interpreter's path names; `<lua>` is the one inside rpm.
fn of_program(program: &[u8]) -> Language {
    let name = String::from_utf8_lossy(program);
    let name = name.trim_matches(['<', '>']);
    let name = name.rsplit('/').next().unwrap_or(name);
    language::of_interpreter(name).unwrap_or(Language::Other)
}

/// A header structure: an index of tags and the store they point into.
struct Header<'a> {
    index: &'a [u8],
    store: &'a [u8],
    end: usize,
}

impl<'a> Header<'a> {
    /// The header that starts at `at`.
    fn at(content: &'a [u8], at: usize) -> Option<Self> {
        let number = |at: usize| -> Option<usize> {
            let bytes = content.get(at..)?.first_chunk::<4>()?;
            usize::try_from(u32::from_be_bytes(*bytes)).ok()
        };
        if !content.get(at..)?.starts_with(b"\x8e\xad\xe8\x01") {
            return None;
        }
        let (entries, bytes) = (number(at + 8)?, number(at + 12)?);
        let index = at + 16;
        let store = index.checked_add(entries.checked_mul(16)?)?;
        let end = store.checked_add(bytes)?;
        Some(Self {
            index: content.get(index..store)?,
            store: content.get(store..end)?,
            end,
        })
    }

    /// The strings of a tag; one that holds none has none.
    fn strings(&self, tag: u32) -> Vec<&'a [u8]> {
        let (entries, _) = self.index.as_chunks::<16>();
        for [t0, t1, t2, t3, rest @ ..] in entries {
            let (fields, _) = rest.as_chunks::<4>();
            let [kind, offset, count] = fields else {
                continue;
            };
            let kind = u32::from_be_bytes(*kind);
            // STRING, STRING_ARRAY, I18NSTRING
            if u32::from_be_bytes([*t0, *t1, *t2, *t3]) != tag || !matches!(kind, 6 | 8 | 9) {
                continue;
            }
            let offset = usize::try_from(u32::from_be_bytes(*offset)).unwrap_or(usize::MAX);
            let count = usize::try_from(u32::from_be_bytes(*count)).unwrap_or(usize::MAX);
            let store = self.store.get(offset..).unwrap_or_default();
            return store
                .split(|&b| b == 0)
                .take(count.min(MOST_STRINGS))
                .collect();
        }
        Vec::new()
    }
}
