//! Texts made while a program is run (evaluated strings, backquotes): the syntax trees made of
//! them borrow from here, and functions defined in them outlive their run.

use std::cell::OnceCell;

/// A list of texts that only grows.
#[derive(Debug, Default)]
pub struct Texts {
    text: String,
    next: OnceCell<Box<Texts>>,
}

impl Texts {
    /// Appends `text` after this one, which has to be the last, and returns the new last.
    pub fn keep(&self, text: String) -> &Self {
        let mut last = self;
        while let Some(next) = last.next.get() {
            last = next;
        }
        last.next.get_or_init(|| {
            Box::new(Self {
                text,
                next: OnceCell::new(),
            })
        })
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Drop for Texts {
    /// One after another: the list may be longer than the stack is deep.
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut text) = next {
            next = text.next.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_thousand_texts_are_kept_and_dropped() {
        let texts = Texts::default();
        let mut last = &texts;
        for n in 0..100_000 {
            last = last.keep(n.to_string());
        }
        assert_eq!(last.text(), "99999");
    }
}
