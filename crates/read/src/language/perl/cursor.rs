//! Walking over Perl source: blanks, comments, documentation, quotes and here-documents.
//!
//! Source: perlsyn, perlop ("Quote and Quote-like Operators"), perlpod.

/// A place in a text.
pub struct Cursor<'t> {
    /// The text.
    pub text: &'t str,
    /// The byte to be read next.
    pub at: usize,
    /// Where the bodies of here-documents begin and end that the current line has.
    documents: Option<(usize, usize)>,
}

/// A quoted text as it stands.
#[derive(Debug, Clone, Copy)]
pub struct Quoted<'t> {
    /// What is between the marks.
    pub body: &'t str,
    /// The opening mark.
    pub mark: char,
}

impl<'t> Cursor<'t> {
    /// At the beginning of a text.
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            documents: None,
        }
    }

    /// What is left.
    pub fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next byte; 0 at the end.
    pub fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// The byte so far ahead; 0 beyond the end.
    pub fn ahead(&self, by: usize) -> u8 {
        let at = self.at.saturating_add(by);
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// The byte before; 0 at the beginning.
    pub fn behind(&self) -> u8 {
        let at = self.at.checked_sub(1);
        at.and_then(|at| self.text.as_bytes().get(at))
            .copied()
            .unwrap_or(0)
    }

    /// Goes on by bytes, to the next whole character.
    pub fn skip(&mut self, bytes: usize) {
        self.at = self
            .text
            .ceil_char_boundary((self.at + bytes).min(self.text.len()));
    }

    /// Whether nothing is left.
    pub fn is_done(&self) -> bool {
        self.at >= self.text.len()
    }

    /// Passes over blanks, comments, documentation and the bodies of here-documents.
    pub fn blanks(&mut self) {
        loop {
            match self.peek() {
                b'\n' => {
                    match self.documents {
                        Some((line_end, resume)) if self.at >= line_end => {
                            self.at = resume;
                            self.documents = None;
                        }
                        _ => self.at += 1,
                    }
                    self.documentation();
                }
                b' ' | b'\t' | b'\r' | 0x0c => self.at += 1,
                b'#' => self.pass_line(),
                0 if !self.is_done() => self.at += 1,
                b'=' if self.at == 0 => {
                    self.documentation();
                    if self.at == 0 {
                        break;
                    }
                }
                _ => break,
            }
        }
    }

    fn pass_line(&mut self) {
        let rest = self.rest().as_bytes();
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// Documentation, from a `=word` at the beginning of a line to `=cut`.
    fn documentation(&mut self) {
        let rest = self.rest();
        let begins = rest
            .strip_prefix('=')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
        if !begins {
            return;
        }
        let end = memchr::memmem::find(rest.as_bytes(), b"\n=cut");
        match end {
            Some(end) => {
                self.at += end + 5;
                self.pass_line();
            }
            None => self.at = self.text.len(),
        }
    }

    /// A word: letters, digits, `_`, and `::` or `'` between such.
    pub fn word(&mut self) -> Option<&'t str> {
        let from = self.at;
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
        if !is_letter(self.peek()) && !self.rest().starts_with("::") || self.peek().is_ascii_digit()
        {
            return None;
        }
        loop {
            if is_letter(self.peek()) {
                self.skip(1);
            } else if self.rest().starts_with("::") {
                self.at += 2;
            } else if self.peek() == b'\''
                && self.at > from
                && self.ahead(1).is_ascii_alphabetic()
                && self
                    .text
                    .get(from..self.at)
                    .is_some_and(|word| word == "main" || word.contains("::"))
            {
                self.at += 1;
            } else {
                break;
            }
        }
        self.text.get(from..self.at).filter(|word| !word.is_empty())
    }

    /// The word that stands here, without taking it.
    pub fn peek_word(&mut self) -> Option<&'t str> {
        let at = self.at;
        let word = self.word();
        self.at = at;
        word
    }

    /// Takes a text that stands here.
    pub fn take(&mut self, text: &str) -> bool {
        let is_here = self.rest().starts_with(text);
        if is_here {
            self.at += text.len();
        }
        is_here
    }

    /// Takes a keyword that stands here as a word.
    pub fn take_word(&mut self, word: &str) -> bool {
        let is_here = self.peek_word() == Some(word);
        if is_here {
            self.at += word.len();
        }
        is_here
    }

    /// Whether `=>` follows, so that a word before it is a text.
    pub fn arrow_follows(&mut self) -> bool {
        let at = self.at;
        self.blanks();
        let follows = self.rest().starts_with("=>");
        self.at = at;
        follows
    }

    /// A text between marks, of which the first stands here; brackets nest.
    pub fn quoted(&mut self) -> Option<Quoted<'t>> {
        let mark = self.rest().chars().next()?;
        self.at += mark.len_utf8();
        let close = match mark {
            '(' => ')',
            '[' => ']',
            '{' => '}',
            '<' => '>',
            other => other,
        };
        let from = self.at;
        let mut depth = 0_usize;
        let mut rest = self.rest().char_indices();
        while let Some((at, c)) = rest.next() {
            if c == '\\' && mark != '\\' {
                rest.next();
            } else if c == close && depth == 0 {
                let body = self.text.get(from..from + at)?;
                self.at = from + at + close.len_utf8();
                return Some(Quoted { body, mark });
            } else if c == close {
                depth -= 1;
            } else if c == mark {
                depth += 1;
            }
        }
        self.at = self.text.len();
        Some(Quoted {
            body: self.text.get(from..)?,
            mark,
        })
    }

    /// Letters that stand here: flags of a pattern.
    pub fn letters(&mut self) -> &'t str {
        let from = self.at;
        while self.peek().is_ascii_alphabetic() {
            self.at += 1;
        }
        self.text.get(from..self.at).unwrap_or_default()
    }

    /// The body of a here-document whose tag was just read.
    pub fn document(&mut self, tag: &str, is_indented: bool) -> &'t str {
        let from = match self.documents {
            Some((_, resume)) => resume,
            None => {
                let rest = self.rest().as_bytes();
                let end = self.at + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                self.documents = Some((end, end + 1));
                end + 1
            }
        };
        let all = self.text.get(from..).unwrap_or_default();
        let mut at = 0;
        let mut body = all.len();
        for line in all.split_inclusive('\n') {
            let plain = line.trim_end_matches(['\n', '\r']);
            let plain = if is_indented {
                plain.trim_start()
            } else {
                plain
            };
            if plain == tag {
                body = at;
                at += line.len();
                break;
            }
            at += line.len();
        }
        if let Some((_, resume)) = &mut self.documents {
            // The next body, or the code, begins behind the tag; the line's end belongs to it.
            *resume = from + at;
        }
        all.get(..body).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_passed_over() {
        let mut cursor = Cursor::new("# a\n\n=pod\n\nsystem('x')\n\n=cut\n\n  x");
        cursor.blanks();
        assert_eq!(cursor.rest(), "x");
    }

    #[test]
    fn brackets_nest_in_quotes() {
        let mut cursor = Cursor::new("{a{b}c\\}}d");
        assert_eq!(cursor.quoted().unwrap().body, "a{b}c\\}");
        assert_eq!(cursor.rest(), "d");
    }

    #[test]
    fn documents_are_taken_out_of_the_text() {
        let mut cursor = Cursor::new("; y\nbody\nE\nz");
        assert_eq!(cursor.document("E", false), "body\n");
        cursor.at = 3;
        cursor.blanks();
        assert_eq!(cursor.rest(), "z");
    }
}
