//! The streams of a command: results to one stream, everything about them to the other.

use std::fmt;
use std::io::{self, ErrorKind, Write};

use crate::surroundings;

/// The two streams of a command, and if a terminal reads each of them.
pub struct Console<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    /// True if standard output is a terminal, which obeys control characters.
    terminal: bool,
    /// True if somebody watches standard error.
    watched: bool,
    /// True if a progress line stands on standard error.
    dirty: bool,
}

impl fmt::Debug for Console<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("terminal", &self.terminal).field("watched", &self.watched).finish()
    }
}

impl<'a> Console<'a> {
    /// Returns the console over the standard streams of this process.
    pub fn from_process(out: &'a mut dyn Write, err: &'a mut dyn Write) -> Self {
        let (terminal, watched) = (surroundings::is_read_by_a_person(), surroundings::is_watched());
        Self { out, err, terminal, watched, dirty: false }
    }

    /// Writes a result. A reader that has gone away is no error: it has what it wanted.
    pub(crate) fn result(&mut self, text: &str) -> io::Result<()> {
        let text = if self.terminal { printable(text) } else { text.to_owned() };
        match writeln!(self.out, "{text}").and_then(|()| self.out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    /// Writes a line about the result. Losing one is no reason to fail.
    pub(crate) fn note(&mut self, line: &str) {
        self.clear();
        drop(writeln!(self.err, "{}", printable(line)));
    }

    /// Replaces the progress line, where somebody watches.
    pub(crate) fn progress(&mut self, line: &str) {
        if self.watched {
            drop(write!(self.err, "\r\x1b[K{}", printable(line)).and_then(|()| self.err.flush()));
            self.dirty = true;
        }
    }

    /// Takes the progress line away.
    pub(crate) fn clear(&mut self) {
        if std::mem::take(&mut self.dirty) {
            drop(write!(self.err, "\r\x1b[K").and_then(|()| self.err.flush()));
        }
    }
}

/// `text` with control characters other than line feed and tab made visible: a model's words could
/// otherwise move the cursor, or write over what stands above.
fn printable(text: &str) -> String {
    let visible = |c: char| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c };
    text.chars().map(visible).collect()
}
