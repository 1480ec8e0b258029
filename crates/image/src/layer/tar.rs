//! Walking a tar front to back, with its extensions applied and every allocation bounded.
//!
//! Own code, because what an extension header claims must not decide how much is allocated, and
//! because the choices between readings of a header must be those of the container runtimes
//! (Go's `archive/tar`), with a word wherever another reader would see other files.

use std::io::{self, Read};

use bstr::BString;

use super::content::Content;
use super::header::{self, BLOCK, Header};
use super::pax;
use super::sparse::{self, Extent};

/// Longest body of an extension header, in bytes: Go's bound too, so nothing longer can run.
const EXTENSION_MAX: u64 = 1 << 20;
/// Most things said about one entry.
const PROBLEMS_MAX: usize = 8;
/// Largest size an octal field can say.
const OCTAL_MAX: u64 = 0o77_777_777_777;
/// Bytes skipped at once.
const SKIP: usize = 32 << 10;

/// Why the walk cannot go on.
#[derive(Debug)]
pub enum Stop {
    /// The bytes below could not be read.
    Input(io::Error),
    /// They are no tar, or a damaged one: what and where, as a fragment.
    Damaged(String),
    /// The first block is no header at all.
    NotTar,
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Input(error)
    }
}

/// One entry, extensions applied.
#[derive(Debug)]
pub struct Member {
    /// The header. Its `name` and `link` are final, its `size` is the length as stored.
    pub header: Header,
    /// Length of the content with holes.
    pub size: u64,
    /// Extended attributes.
    pub xattrs: Vec<(BString, BString)>,
    /// What is wrong with it, as fragments.
    pub problems: Vec<String>,
    pub(super) extents: Option<Vec<Extent>>,
}

impl Member {
    /// Whether it is stored with holes.
    pub const fn is_sparse(&self) -> bool {
        self.extents.is_some()
    }

    /// Whether the type has content: everything but links, devices, folders and pipes, as POSIX
    /// asks to treat unknown types as files.
    pub const fn has_content(&self) -> bool {
        has_content(self.header.flag)
    }
}

const fn has_content(flag: u8) -> bool {
    !matches!(flag, b'1'..=b'6')
}

/// What extension headers said about the entry to come.
#[derive(Default)]
struct Extensions {
    records: pax::Records,
    long_name: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
    problems: Vec<String>,
}

impl Extensions {
    fn problem(&mut self, problem: impl Into<String>) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem.into());
        }
    }
}

/// A tar being read.
pub struct Reader<R> {
    input: R,
    position: u64,
    /// Content of the current entry not yet read, in bytes as stored.
    left: u64,
    /// Zeros up to the next block.
    padding: u64,
    /// Bytes of holes that may still be handed out.
    pub(super) holes: u64,
    pub(super) out_of_holes: bool,
    ended: bool,
}

impl<R: Read> Reader<R> {
    /// Reads a tar from `input`; all its sparse files together may have `holes` bytes of holes.
    pub const fn new(input: R, holes: u64) -> Self {
        Self {
            input,
            position: 0,
            left: 0,
            padding: 0,
            holes,
            out_of_holes: false,
            ended: false,
        }
    }

    /// Bytes read so far.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Whether the marker that ends an archive was read.
    pub const fn has_end_marker(&self) -> bool {
        self.ended
    }

    /// Gives up the current entry's content, for an input that can seek: so many bytes further the
    /// next header stands.
    pub fn jump(&mut self) -> u64 {
        let skipped = self.left.saturating_add(self.padding);
        self.position = self.position.saturating_add(skipped);
        self.left = 0;
        self.padding = 0;
        skipped
    }

    /// What is read from.
    pub const fn input_mut(&mut self) -> &mut R {
        &mut self.input
    }

    /// Whether the last sparse file asked for more zeros than all may have.
    pub const fn ran_out_of_holes(&mut self) -> bool {
        std::mem::replace(&mut self.out_of_holes, false)
    }

    /// What was read from, for what follows the archive.
    pub fn into_inner(self) -> R {
        self.input
    }

    /// The next entry, or nothing at the end.
    ///
    /// # Errors
    /// If the walk cannot go on; what came before is sound.
    pub fn next_member(&mut self) -> Result<Option<Member>, Stop> {
        let mut extensions = Extensions::default();
        loop {
            self.skip_content()?;
            let Some(block) = self.header_block()? else {
                return Ok(None);
            };
            let at = self.position - BLOCK as u64;
            let header = header::parse(&block).map_err(|problem| {
                Stop::Damaged(format!("in the tar header at byte {at}, {problem}"))
            })?;
            self.left = if has_content(header.flag) {
                header.size
            } else {
                0
            };
            self.pad();
            match header.flag {
                b'x' | b'g' | b'L' | b'K' => self.extension(&header, &mut extensions)?,
                _ => return self.member(header, &block, extensions).map(Some),
            }
        }
    }

    /// The content of the entry that [`Self::next_member`] returned last.
    pub const fn content<'a>(&'a mut self, member: &'a Member) -> Content<'a, R> {
        Content::new(self, member)
    }

    /// Skips what is left of the current entry's content.
    ///
    /// # Errors
    /// If the input ends before it.
    pub fn skip_content(&mut self) -> Result<(), Stop> {
        let mut buffer = [0; SKIP];
        while self.left > 0 {
            if self.read_content(&mut buffer)? == 0 {
                return Err(self.early_end());
            }
        }
        let mut padding = std::mem::take(&mut self.padding);
        while padding > 0 {
            let n = usize::try_from(padding).unwrap_or(SKIP).min(SKIP);
            match self.read_raw(buffer.get_mut(..n).unwrap_or_default())? {
                // An archive cut inside the last padding has lost nothing.
                0 => break,
                n => padding = padding.saturating_sub(n as u64),
            }
        }
        Ok(())
    }

    fn early_end(&self) -> Stop {
        Stop::Damaged(format!("the tar ends early, at byte {}", self.position))
    }

    fn pad(&mut self) {
        self.padding = self.left.wrapping_neg() % BLOCK as u64;
    }

    fn read_raw(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.input.read(buffer) {
                Ok(n) => {
                    self.position = self.position.saturating_add(n as u64);
                    return Ok(n);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Stored content of the current entry, never past its end.
    pub(super) fn read_content(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let n = self.read_raw(buffer.get_mut(..n).unwrap_or_default())?;
        self.left = self.left.saturating_sub(n as u64);
        Ok(n)
    }

    /// One block; how much of it there was.
    fn block(&mut self) -> io::Result<([u8; BLOCK], usize)> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while let Some(rest) = block.get_mut(filled..)
            && !rest.is_empty()
        {
            match self.read_raw(rest)? {
                0 => break,
                n => filled += n,
            }
        }
        Ok((block, filled))
    }

    /// A block that is a header with a right checksum, or nothing at the end.
    fn header_block(&mut self) -> Result<Option<[u8; BLOCK]>, Stop> {
        if self.ended {
            return Ok(None);
        }
        let at = self.position;
        let (block, filled) = self.block()?;
        if filled == 0 {
            return Ok(None);
        }
        if filled == BLOCK && header::is_zero(&block) {
            return self.end_marker(at);
        }
        if filled == BLOCK && header::has_valid_checksum(&block) {
            return Ok(Some(block));
        }
        Err(match (at, filled) {
            (0, _) => Stop::NotTar,
            (_, BLOCK) => {
                Stop::Damaged(format!("the tar header at byte {at} has a wrong checksum"))
            }
            _ => self.early_end(),
        })
    }

    /// Two blocks of zeros end an archive; so does one at the very end.
    fn end_marker(&mut self, at: u64) -> Result<Option<[u8; BLOCK]>, Stop> {
        let (second, _) = self.block()?;
        if header::is_zero(&second) {
            self.ended = true;
            return Ok(None);
        }
        Err(Stop::Damaged(format!(
            "a single block of zeros at byte {at} is followed by more: some readers stop there and some do not"
        )))
    }

    /// The body of an extension header, or nothing if it is too long to be read.
    fn body(&mut self) -> Result<Option<Vec<u8>>, Stop> {
        if self.left > EXTENSION_MAX {
            return Ok(None);
        }
        let mut body = vec![0; usize::try_from(self.left).unwrap_or(0)];
        let mut filled = 0;
        while let Some(rest) = body.get_mut(filled..)
            && !rest.is_empty()
        {
            match self.read_content(rest)? {
                0 => return Err(self.early_end()),
                n => filled += n,
            }
        }
        Ok(Some(body))
    }

    fn extension(&mut self, header: &Header, extensions: &mut Extensions) -> Result<(), Stop> {
        let length = header.size;
        let Some(body) = self.body()? else {
            extensions.problem(format!(
                "an extension header of {length} bytes in front of it is longer than container runtimes read"
            ));
            return Ok(());
        };
        match header.flag {
            b'L' => extensions.long_name = Some(header::text(&body).to_vec()),
            b'K' => extensions.long_link = Some(header::text(&body).to_vec()),
            flag => {
                let (records, problem) = pax::Records::parse(&body);
                if let Some(problem) = problem {
                    extensions.problem(problem);
                }
                if flag == b'x' {
                    extensions.records = records;
                } else if records.decides_content() {
                    // Container runtimes ignore global headers.
                    extensions.problem(
                        "a global PAX header sets its path or size: two readers would see different files",
                    );
                }
            }
        }
        Ok(())
    }

    fn member(
        &mut self,
        mut header: Header,
        block: &[u8; BLOCK],
        mut extensions: Extensions,
    ) -> Result<Member, Stop> {
        let records = std::mem::take(&mut extensions.records);
        if let Some(size) = records.size
            && has_content(header.flag)
        {
            if size != header.size && size <= OCTAL_MAX {
                extensions.problem(format!(
                    "its PAX header says {size} bytes and its tar header {}: two readers would see different files",
                    header.size
                ));
            }
            header.size = size;
            self.left = size;
            self.pad();
        }
        apply_names(&mut header, &records, &mut extensions);
        header.uid = records.uid.unwrap_or(header.uid);
        header.gid = records.gid.unwrap_or(header.gid);
        header.mtime = records.mtime.unwrap_or(header.mtime);
        for field in std::mem::take(&mut header.unreadable) {
            extensions.problem(format!("the field {field} of its tar header is no number"));
        }
        let mut member = Member {
            size: header.size,
            xattrs: records.xattrs,
            problems: extensions.problems,
            extents: None,
            header,
        };
        if member.has_content() {
            self.map_holes(&mut member, block, &records.sparse)?;
        } else {
            member.size = 0;
        }
        Ok(member)
    }

    /// Finds out whether the content is stored with holes. A map that makes no sense is said, and
    /// the content then is what is stored.
    fn map_holes(
        &mut self,
        member: &mut Member,
        block: &[u8; BLOCK],
        sparse: &pax::Sparse,
    ) -> Result<(), Stop> {
        let (found, size) = if member.header.flag == b'S' {
            (self.old_gnu_map(block)?, sparse::real_size(block))
        } else if sparse.is_inline() {
            let pairs = sparse::pairs(&sparse.map).ok_or("the sparse map is malformed");
            (pairs, sparse.size)
        } else if sparse.is_in_content() {
            (self.content_map()?, sparse.size)
        } else {
            return Ok(());
        };
        let sound = found.and_then(|extents| {
            let end = extents
                .last()
                .map_or(0, |&(at, length)| at.saturating_add(length));
            let size = size.unwrap_or(end);
            if sparse::is_sound(&extents, size, self.left) {
                Ok((extents, size))
            } else {
                Err("the sparse map does not fit the stored bytes")
            }
        });
        match sound {
            Ok((extents, size)) => {
                member.size = size;
                member.extents = Some(extents);
            }
            Err(problem) => {
                member.size = self.left;
                member
                    .problems
                    .push(format!("{problem}; the bytes are read as stored"));
            }
        }
        Ok(())
    }

    fn old_gnu_map(
        &mut self,
        block: &[u8; BLOCK],
    ) -> Result<Result<Vec<Extent>, &'static str>, Stop> {
        let (mut extents, mut more) = sparse::of_header(block);
        while more {
            // Extension blocks are not counted in the header's size.
            let (block, filled) = self.block()?;
            if filled < BLOCK {
                return Err(self.early_end());
            }
            let (further, again) = sparse::of_extension(&block);
            if extents.len() <= sparse::EXTENTS_MAX {
                extents.extend(further);
            }
            more = again;
        }
        Ok(if extents.len() > sparse::EXTENTS_MAX {
            Err("the sparse map is too long")
        } else {
            Ok(extents)
        })
    }

    fn content_map(&mut self) -> Result<Result<Vec<Extent>, &'static str>, Stop> {
        let mut map = sparse::ContentMap::default();
        loop {
            if self.left < BLOCK as u64 {
                return Ok(Err("the sparse map ends early"));
            }
            let (block, filled) = self.block()?;
            if filled < BLOCK {
                return Err(self.early_end());
            }
            self.left -= BLOCK as u64;
            match map.take(&block) {
                Ok(None) => {}
                Ok(Some(extents)) => return Ok(Ok(extents)),
                Err(problem) => return Ok(Err(problem)),
            }
        }
    }
}

/// Names in Go's order: the header's, PAX's, GNU's long ones, a sparse file's real one.
fn apply_names(header: &mut Header, records: &pax::Records, extensions: &mut Extensions) {
    let names = [
        (&records.path, &extensions.long_name),
        (&records.link, &extensions.long_link),
    ];
    let differ = names
        .iter()
        .any(|(pax, gnu)| pax.is_some() && gnu.is_some() && pax != gnu);
    let long_name = extensions.long_name.take().filter(|name| !name.is_empty());
    let long_link = extensions.long_link.take().filter(|name| !name.is_empty());
    if let Some(name) = long_name.or_else(|| records.path.clone()) {
        header.name = name;
    }
    if let Some(link) = long_link.or_else(|| records.link.clone()) {
        header.link = link;
    }
    if let Some(name) = &records.sparse.name
        && (records.sparse.is_inline() || records.sparse.is_in_content())
    {
        header.name.clone_from(name);
    }
    if differ {
        extensions.problem(
            "its PAX and GNU headers give it different names: two readers would see different files",
        );
    }
}
