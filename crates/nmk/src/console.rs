//! The console: the two streams of a command, one for results and one for everything about them.

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clap::ColorChoice;
use clap::builder::StyledStr;

use crate::wrap::wrapped;
use crate::{excerpt, surroundings};

/// The columns that are taken where a terminal does not tell them.
const UNKNOWN_WIDTH: usize = 80;

/// The two streams of a command, and for each if a person reads it at a terminal.
pub struct Console<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    /// True if standard output is a terminal, so that control characters must not reach it.
    terminal: bool,
    /// True if standard error is a terminal, so that progress can be shown there.
    watched: bool,
    /// True if standard error is a terminal, so that its lines are broken at the width.
    is_read: bool,
    progress: ProgressLine,
    /// The stream on which the last line has no end yet, because more of it will come.
    open: Option<Open>,
    /// True if what is written to standard output may be coloured.
    coloured_out: bool,
    /// True if what is written to standard error may be coloured.
    coloured_err: bool,
}

/// A stream whose last line has no end yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Out,
    Err,
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
        Self {
            out,
            err,
            terminal,
            watched,
            is_read: watched,
            progress: ProgressLine::default(),
            open: None,
            coloured_out: false,
            coloured_err: false,
        }
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
        let line = self.fitted(&format!("nmk: {}", printable(line)));
        drop(writeln!(self.err, "{name}{}", line.trim_start_matches("nmk:")));
    }

    /// Writes a result to standard output. A reader that has closed the stream is not an error.
    pub(crate) fn result(&mut self, text: &str) -> io::Result<()> {
        self.clear();
        let text = if self.terminal { printable(text) } else { text.to_owned() };
        write_line(self.out, &text)
    }

    /// Writes a result in words to standard output. At a terminal its lines are broken at the width, and in a pipe they
    /// stay whole, for programs. A reader that has closed the stream is not an error.
    pub(crate) fn prose(&mut self, text: &str) -> io::Result<()> {
        match self.terminal {
            true => self.result(&wrapped(&printable(text), self.width())),
            false => self.result(text),
        }
    }

    /// Writes lines to a terminal at standard output in place of everything that it shows.
    pub(crate) fn redraw(&mut self, lines: &[String]) -> io::Result<()> {
        let lines: String = lines.iter().map(|line| format!("{}\x1b[K\n", printable(line))).collect();
        // From the top left corner line by line, and the rest of the screen is erased: nothing flickers.
        write!(self.out, "\x1b[H{lines}\x1b[J").and_then(|()| self.out.flush())
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

    /// Writes a part of a result to standard output, which is a terminal, as it comes. The next line of another kind
    /// begins behind it. A failure to write is met again when the rest of the result is written.
    pub(crate) fn stream(&mut self, part: &str) {
        self.open_line(Open::Out);
        drop(write!(self.out, "{}", printable(part)).and_then(|()| self.out.flush()));
    }

    /// Writes the rest of a result, whose beginning was streamed, and ends its line.
    pub(crate) fn end_stream(&mut self, rest: &str) -> io::Result<()> {
        self.open_line(Open::Out);
        self.open = None;
        write_line(self.out, &printable(rest))
    }

    /// Writes a part of a note to standard error as it comes, behind `title` where the note begins.
    pub(crate) fn stream_note(&mut self, title: &str, part: &str) {
        if self.open_line(Open::Err) {
            drop(write!(self.err, "{title}"));
        }
        drop(write!(self.err, "{}", printable(part)).and_then(|()| self.err.flush()));
    }

    /// Makes room for a line that grows on one of the streams. Returns true if the line is new.
    fn open_line(&mut self, stream: Open) -> bool {
        if self.open == Some(stream) {
            return false;
        }
        self.clear();
        self.open = Some(stream);
        true
    }

    /// Returns true if standard error is a terminal.
    pub(crate) fn is_watched(&self) -> bool {
        self.watched
    }

    /// Returns true if standard output is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Returns the columns of the terminal, or 80 where standard output is none.
    pub(crate) fn width(&self) -> usize {
        if self.terminal { surroundings::columns().unwrap_or(UNKNOWN_WIDTH) } else { UNKNOWN_WIDTH }
    }

    /// Writes a line about the result to standard error, broken at the width of a terminal there. A failure to write is
    /// ignored.
    pub(crate) fn note(&mut self, line: &str) {
        self.end_line();
        let line = self.fitted(&printable(line));
        let mut is_shown = self.progress.lock();
        drop(erase(&mut is_shown, self.err).and_then(|()| writeln!(self.err, "{line}")));
    }

    /// Returns lines for standard error, broken at its width if it is a terminal.
    fn fitted(&self, text: &str) -> String {
        if !self.is_read {
            return text.to_owned();
        }
        wrapped(text, surroundings::columns_of_progress().unwrap_or(UNKNOWN_WIDTH))
    }

    /// Shows a progress line in place of the last one, if standard error is a terminal. Shows none while a line of text
    /// grows there, because that is progress too.
    pub(crate) fn progress(&mut self, line: &str) {
        if self.watched && self.open.is_none() {
            self.progress.show(line, self.err);
        }
    }

    /// Returns the progress line, if standard error is a terminal, for threads that cannot have the console.
    pub(crate) fn progress_line(&self) -> Option<ProgressLine> {
        self.watched.then(|| self.progress.clone())
    }

    /// Shows no progress from now on.
    pub(crate) fn hide_progress(&mut self) {
        self.watched = false;
    }

    /// Removes the progress line, if there is one, and ends a line that was growing.
    pub(crate) fn clear(&mut self) {
        self.end_line();
        self.clear_progress();
    }

    /// Removes the progress line, if there is one.
    pub(crate) fn clear_progress(&mut self) {
        drop(erase(&mut self.progress.lock(), self.err));
    }

    fn end_line(&mut self) {
        match self.open.take() {
            Some(Open::Out) => drop(write_line(self.out, "")),
            Some(Open::Err) => drop(writeln!(self.err)),
            None => {}
        }
    }
}

/// The progress line at the end of standard error, which any thread may draw anew.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProgressLine {
    /// True if the line is on the screen now. The lock is held while anything is written to the line.
    is_shown: Arc<Mutex<bool>>,
}

impl ProgressLine {
    /// Shows a line in place of the last one, on the standard error of this process.
    pub(crate) fn tell(&self, line: &str) {
        self.show(line, &mut io::stderr());
    }

    fn show(&self, line: &str, err: &mut dyn Write) {
        // A line that the terminal breaks could not be removed.
        let most = surroundings::columns_of_progress().unwrap_or(UNKNOWN_WIDTH).saturating_sub(1);
        let line: String = printable(line).chars().take(most).collect();
        let mut is_shown = self.lock();
        drop(write!(err, "\r\x1b[K{line}").and_then(|()| err.flush()));
        *is_shown = true;
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.is_shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes a progress line that is on the screen.
fn erase(is_shown: &mut bool, err: &mut dyn Write) -> io::Result<()> {
    match std::mem::take(is_shown) {
        true => write!(err, "\r\x1b[K").and_then(|()| err.flush()),
        false => Ok(()),
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
