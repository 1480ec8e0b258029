//! A page of text of a given width, filled from top to bottom.

use owo_colors::{OwoColorize, Style};
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm, wrap};

use crate::render::Look;

/// Narrowest text column: below it wrapping makes things worse.
const MIN_WIDTH: usize = 40;

/// Column at which the values of labelled lines start, after the indent.
const LABEL_WIDTH: usize = 10;

/// The page.
pub struct Page {
    text: String,
    /// How it is to look.
    pub look: Look,
    last_blank: bool,
}

impl Page {
    /// An empty page.
    pub fn new(look: Look) -> Self {
        let look = Look {
            width: look.width.max(MIN_WIDTH),
            ..look
        };
        Self {
            text: String::new(),
            look,
            last_blank: true,
        }
    }

    /// Adds a line as it is, however long.
    pub fn raw(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        self.last_blank = false;
    }

    /// Adds an empty line, never two in a row nor at the top.
    pub fn blank(&mut self) {
        if !self.last_blank {
            self.text.push('\n');
            self.last_blank = true;
        }
    }

    /// An empty line between images and summary, if there is more than one line of images.
    pub fn gap_before_summary(&mut self) {
        if self.text.lines().count() > 1 {
            self.blank();
        }
    }

    /// Adds wrapped text: `first` stands before its first line, `rest` before the others.
    pub fn paragraph(&mut self, first: &str, rest: &str, text: &str, style: Style) {
        let options = options(self.look.width)
            .initial_indent(first)
            .subsequent_indent(rest);
        for line in wrap(text, options) {
            let body = line.trim_start();
            let indent = &line[..line.len() - body.len()];
            self.raw(&format!("{indent}{}", body.style(style)));
        }
    }

    /// Adds `label  value`, the value wrapped in its own column.
    pub fn labelled(&mut self, label: &str, text: &str, style: Style) {
        let indent = 4;
        let column = indent + LABEL_WIDTH;
        let width = self.look.width.saturating_sub(column).max(1);
        let mut label = Some(label);
        for line in wrap(text, options(width)) {
            let head = format!("{:LABEL_WIDTH$}", label.take().unwrap_or_default());
            self.raw(&format!("    {}{}", head.dimmed(), line.style(style)));
        }
    }

    /// Adds lines of code under a label, each cut to the width, or wrapped if `whole`.
    pub fn code(&mut self, label: &str, lines: &[String], whole: bool) {
        let width = self.look.width.saturating_sub(4 + LABEL_WIDTH + 2).max(1);
        let mut label = Some(label);
        for line in lines {
            let parts = if whole {
                let parts = wrap(line, options(width));
                parts.into_iter().map(|part| part.into_owned()).collect()
            } else {
                vec![cut(line, width)]
            };
            for part in parts {
                let head = format!("{:LABEL_WIDTH$}", label.take().unwrap_or_default());
                self.raw(&format!("    {}{} {part}", head.dimmed(), "│".dimmed()));
            }
        }
    }

    /// The text.
    pub fn finish(self) -> String {
        if self.look.color {
            self.text
        } else {
            anstream::adapter::strip_str(&self.text).to_string()
        }
    }
}

/// How text is wrapped: greedily and at blanks, so that paths and URLs stay whole where they can;
/// only a word longer than a line is broken.
fn options<'a>(width: usize) -> Options<'a> {
    Options::new(width)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
}

/// `line` cut to `width` columns, with `…` if anything was cut.
pub fn cut(line: &str, width: usize) -> String {
    use unicode_width::UnicodeWidthChar;
    let width_of = |c: char| c.width().unwrap_or(0);
    if line.chars().map(width_of).sum::<usize>() <= width {
        return line.to_owned();
    }
    let mut left = width.saturating_sub(1);
    let mut out = String::new();
    for c in line.chars() {
        let Some(rest) = left.checked_sub(width_of(c)) else {
            break;
        };
        left = rest;
        out.push(c);
    }
    out.push('…');
    out
}
