//! Text of a page as it is collected: cleaned, and never longer than its limit.

use crate::excerpt;

/// A text that grows up to a limit. Runs of white space become one space or one line end, characters that a terminal
/// must not be sent are dropped.
#[derive(Debug)]
pub(super) struct Collected {
    text: String,
    chars: usize,
    most: usize,
    /// The white space that stands before the next character, if one follows.
    pending: Pending,
    is_cut: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pending {
    Nothing,
    Space,
    Line,
}

impl Collected {
    pub(super) fn new(most: usize) -> Self {
        Self { text: String::new(), chars: 0, most, pending: Pending::Nothing, is_cut: false }
    }

    /// Returns true if the limit is reached and more came.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Appends running text.
    pub(super) fn push_words(&mut self, words: &str) {
        for c in words.chars() {
            match c {
                c if c.is_whitespace() => self.pending = self.pending.max(Pending::Space),
                c => self.push(c),
            }
            if self.is_cut {
                return;
            }
        }
    }

    /// Appends text whose spaces and line ends matter.
    pub(super) fn push_preformatted(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' => self.end_line(),
                '\r' => {}
                '\t' => (0..4).for_each(|_| self.push_space()),
                c if c.is_whitespace() => self.push_space(),
                c => self.push(c),
            }
            if self.is_cut {
                return;
            }
        }
    }

    /// Ends the line, if it has begun.
    pub(super) fn end_line(&mut self) {
        self.pending = Pending::Line;
    }

    /// Appends a space that is kept as it is, after the line end that may be pending.
    fn push_space(&mut self) {
        if !self.text.is_empty() {
            self.put(' ');
        }
    }

    fn push(&mut self, c: char) {
        if excerpt::is_unsafe(c) {
            return;
        }
        if self.pending == Pending::Space && !self.text.is_empty() {
            self.pending = Pending::Nothing;
            self.put(' ');
        }
        self.put(c);
    }

    fn put(&mut self, c: char) {
        if self.pending == Pending::Line && !self.text.is_empty() {
            self.add('\n');
        }
        self.pending = Pending::Nothing;
        self.add(c);
    }

    fn add(&mut self, c: char) {
        if self.chars >= self.most {
            self.is_cut = true;
            return;
        }
        self.text.push(c);
        self.chars += 1;
    }
}
