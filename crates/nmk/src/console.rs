//! The console: the two streams of a command, one for results and one for everything about them.

use std::fmt;
use std::io::{self, ErrorKind, Write};

use clap::ColorChoice;
use clap::builder::StyledStr;

use crate::{excerpt, surroundings};

/// The two streams of a command, and for each if a person reads it at a terminal.
pub struct Console<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    /// True if standard output is a terminal, so that control characters must not reach it.
    terminal: bool,
    /// True if standard error is a terminal, so that progress can be shown there.
    watched: bool,
    /// True if a progress line is on the screen now.
    dirty: bool,
    /// True if what is written to standard output may be coloured.
    coloured_out: bool,
    /// True if what is written to standard error may be coloured.
    coloured_err: bool,
}

impl fmt::Debug for Console<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("terminal", &self.terminal).field("watched", &self.watched).finish()
    }
}

impl<'a> Console<'a> {
    /// Returns a console over the given streams, which are the standard output and error of this process.
    pub fn from_process(out: &'a mut dyn Write, err: &'a mut dyn Write) -> Self {
        let (terminal, watched) = (surroundings::is_read_by_a_person(), surroundings::is_watched());
        Self { out, err, terminal, watched, dirty: false, coloured_out: false, coloured_err: false }
    }

    /// Decides for each stream if it is coloured, as the user chose, and by its terminal and the environment otherwise.
    pub(crate) fn colour(&mut self, choice: ColorChoice) {
        let is_coloured = |terminal| match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && !surroundings::forbids_colour(),
        };
        (self.coloured_out, self.coloured_err) = (is_coloured(self.terminal), is_coloured(self.watched));
    }

    /// Writes the help of a command, which is a result.
    pub(crate) fn help(&mut self, help: &StyledStr) -> io::Result<()> {
        match self.coloured_out {
            // The help is text of this program, so its escapes are its own.
            true => write_line(self.out, help.ansi().to_string().trim_end()),
            false => self.result(help.to_string().trim_end()),
        }
    }

    /// Writes the help of a command to standard error, because something else was expected.
    pub(crate) fn help_instead(&mut self, help: &StyledStr) {
        match self.coloured_err {
            true => drop(writeln!(self.err, "{}", help.ansi().to_string().trim_end())),
            false => self.note(help.to_string().trim_end()),
        }
    }

    /// Writes the line of an error to standard error.
    pub(crate) fn error(&mut self, line: &str) {
        self.clear();
        let name = if self.coloured_err { "\x1b[1;31mnmk:\x1b[0m" } else { "nmk:" };
        drop(writeln!(self.err, "{name} {}", printable(line)));
    }

    /// Writes a result to standard output. A reader that has closed the stream is not an error.
    pub(crate) fn result(&mut self, text: &str) -> io::Result<()> {
        let text = if self.terminal { printable(text) } else { text.to_owned() };
        write_line(self.out, &text)
    }

    /// Writes bytes to standard output as they are; on a terminal, as [`result`](Self::result) writes text. A reader that
    /// has closed the stream is not an error.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.terminal {
            return self.result(String::from_utf8_lossy(bytes).trim_end_matches('\n'));
        }
        match self.out.write_all(bytes).and_then(|()| self.out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    /// Returns true if standard output is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Returns the columns of the terminal, or 80 where standard output is none.
    pub(crate) fn width(&self) -> usize {
        const UNKNOWN: usize = 80;
        if self.terminal { surroundings::columns().unwrap_or(UNKNOWN) } else { UNKNOWN }
    }

    /// Writes a line about the result to standard error. A failure to write is ignored.
    pub(crate) fn note(&mut self, line: &str) {
        self.clear();
        drop(writeln!(self.err, "{}", printable(line)));
    }

    /// Shows a progress line in place of the last one, if standard error is a terminal.
    pub(crate) fn progress(&mut self, line: &str) {
        if self.watched {
            drop(write!(self.err, "\r\x1b[K{}", printable(line)).and_then(|()| self.err.flush()));
            self.dirty = true;
        }
    }

    /// Removes the progress line, if there is one.
    pub(crate) fn clear(&mut self) {
        if std::mem::take(&mut self.dirty) {
            drop(write!(self.err, "\r\x1b[K").and_then(|()| self.err.flush()));
        }
    }
}

/// Writes a line to standard output. A reader that has closed the stream is not an error.
fn write_line(out: &mut dyn Write, line: &str) -> io::Result<()> {
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Returns `text` with control characters other than line feed and tab escaped, and with marks that change the direction
/// of text. A model's words could otherwise move the cursor, or show in another order than they stand.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || c == '\t' || !excerpt::is_unsafe(c) {
            shown.push(c)
        } else {
            shown.extend(c.escape_unicode())
        }
    }
    shown
}
