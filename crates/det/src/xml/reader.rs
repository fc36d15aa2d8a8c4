//! The reader of an XML document: its place in the text, and the steps that all parts share.

use alloc::vec::Vec;

use super::chars::{is_char, is_name, is_name_start, is_space};
use super::scope::Scope;
use super::{Fault, Step};

/// The largest number of pieces of a document: tags, attributes, texts, references, comments, instructions.
const MAX_PIECES: usize = 1_000_000;

pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pieces: usize,
    /// Names of the elements that are open, from the root inwards.
    pub(super) open: Vec<&'a str>,
    pub(super) scope: Scope<'a>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, pieces: 0, open: Vec::new(), scope: Scope::new() }
    }

    /// Reads a name, with a namespace prefix or without one.
    pub(super) fn qualified_name(&mut self) -> Step<&'a str> {
        let start = self.at;
        self.name()?;
        if self.take(":") {
            self.name()?;
        }
        Ok(&self.text[start..self.at])
    }

    /// Reads a name without a colon.
    pub(super) fn name(&mut self) -> Step<&'a str> {
        let rest = self.rest();
        if rest.starts_with(':') {
            return Err(Fault("a colon stands between a prefix and a name, and nowhere else"));
        }
        if !rest.starts_with(is_name_start) {
            return Err(Fault("a name should begin here"));
        }
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        self.at += end;
        Ok(&rest[..end])
    }

    /// Skips all characters up to and including `end`. The fault says `unended` if `end` does not follow.
    pub(super) fn until(&mut self, end: &str, unended: &'static str) -> Step<()> {
        let length = self.rest().find(end).ok_or(Fault(unended))?;
        self.pass(length)?;
        self.at += end.len();
        Ok(())
    }

    /// Skips `length` bytes. Fails at the first of their characters that XML does not allow.
    pub(super) fn pass(&mut self, length: usize) -> Step<()> {
        if let Some(at) = self.rest()[..length].find(|c| !is_char(c)) {
            self.at += at;
            return Err(Fault("the character is not allowed in XML"));
        }
        self.at += length;
        Ok(())
    }

    pub(super) fn piece(&mut self) -> Step<()> {
        self.pieces += 1;
        if self.pieces > MAX_PIECES {
            Err(Fault("the document has more than 1000000 pieces"))
        } else {
            Ok(())
        }
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn take(&mut self, token: &str) -> bool {
        let is_next = self.rest().starts_with(token);
        self.at += if is_next { token.len() } else { 0 };
        is_next
    }

    pub(super) fn skip_space(&mut self) -> bool {
        let before = self.at;
        self.at = self.text.len() - self.rest().trim_start_matches(is_space).len();
        self.at > before
    }
}
