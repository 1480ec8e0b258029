//! Ar archives: Debian packages, whose control scripts run as root, and static libraries.
//!
//! Source: `deb(5)`, `ar(5)`; the long names of System V and of BSD.

use model::{Step, text};

use crate::artifact::{Artifact, Member, Reader};

/// Bytes of a member's header.
const HEADER: usize = 60;

/// Opens an ar archive.
pub fn open(reader: &mut Reader, artifact: &Artifact) {
    // A thin archive holds the names of its members only.
    let Some(mut rest) = artifact.content.strip_prefix(b"!<arch>\n") else {
        return;
    };
    let mut names: &[u8] = &[];
    while let Some((header, after)) = rest.split_at_checked(HEADER) {
        let field = |from: usize, to: usize| {
            std::str::from_utf8(header.get(from..to).unwrap_or_default())
                .unwrap_or_default()
                .trim()
        };
        let Ok(size) = field(48, 58).parse::<usize>() else {
            return;
        };
        let mut content = after.get(..size).unwrap_or(after);
        rest = after
            .get(size.saturating_add(size % 2)..)
            .unwrap_or_default();
        let short = header.get(..16).unwrap_or_default().trim_ascii_end();
        let name = match short {
            b"//" => {
                names = content;
                continue;
            }
            // The table of symbols.
            b"/" | b"/SYM64/" | b"__.SYMDEF" => continue,
            _ => name(short, names, &mut content),
        };
        let mut member = Member::new(name, artifact.steps.clone());
        let shown = text::printable(&member.path);
        member
            .steps
            .push(Step::new(format!("ar: {}", text::cut(&shown, 256))));
        member.executable =
            u32::from_str_radix(field(40, 48), 8).is_ok_and(|mode| mode & 0o111 != 0);
        if !content.is_empty() {
            reader.member(&member, &mut content);
        }
    }
}

/// The name of a member; BSD's long ones stand before the content.
fn name(short: &[u8], names: &[u8], content: &mut &[u8]) -> Vec<u8> {
    let digits = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<usize>().ok();
    if let Some(length) = short.strip_prefix(b"#1/").and_then(digits)
        && let Some((name, rest)) = content.split_at_checked(length)
    {
        *content = rest;
        return name.split(|&b| b == 0).next().unwrap_or_default().to_vec();
    }
    if let Some(name) = short
        .strip_prefix(b"/")
        .and_then(digits)
        .and_then(|at| names.get(at..))
    {
        let end = memchr::memchr2(b'/', b'\n', name).unwrap_or(name.len());
        return name[..end].to_vec();
    }
    short.strip_suffix(b"/").unwrap_or(short).to_vec()
}
