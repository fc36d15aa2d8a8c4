//! The dashboard on a terminal, drawn anew whenever the ledger has grown.

use std::io::{IsTerminal, Read};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

use super::Unverified;
use super::text;
use super::view::{Selection, View};
use crate::cli::Outcome;
use crate::command::ledger::unreadable;
use crate::console::Console;
use crate::jobs::Chronicle;
use crate::{Error, surroundings};

/// The time between two looks at the ledger.
const PAUSE: Duration = Duration::from_millis(500);
/// The file of a ledger that each append replaces.
const HEAD: &str = "head";
/// The bytes that ctrl-c and ctrl-d send to a terminal that gives each key at once.
const INTERRUPT: u8 = 3;
const END: u8 = 4;

/// Reads the jobs of the ledger, or says why it does not verify.
type Look<'l> = dyn Fn() -> Result<Result<Chronicle, Unverified>, Error> + 'l;

/// Shows the dashboard until a key ends it. A ledger that does not verify ends it too.
pub(super) fn watch(
    folder: &Path,
    selection: &Selection,
    look: &Look<'_>,
    console: &mut Console<'_>,
) -> Result<Outcome, Error> {
    let keys = match console.is_terminal().then(Keys::listen).flatten() {
        Some(keys) => keys,
        None => {
            let what = "--watch needs a terminal for its input and output; leave it out".to_owned();
            return Err(Error::Usage { what, help: "nmk jobs --help".to_owned() });
        }
    };
    let (mut drawn, mut seen) = (false, Vec::new());
    loop {
        // Every append replaces the head, so the entries are read again only if it has changed.
        let head = std::fs::read(folder.join(HEAD)).unwrap_or_default();
        if !drawn || head != seen {
            let chronicle = match look()? {
                Ok(chronicle) => chronicle,
                Err(Unverified(reason)) => {
                    console.note(&format!("nmk: verification failed: {reason}"));
                    return Ok(Outcome::Negative);
                }
            };
            let view = View::new(&chronicle, selection, |job| ledger::is_claimed(folder, job));
            let view = view.map_err(|cause| unreadable(folder, cause))?;
            draw(folder, &view, console)?;
            (drawn, seen) = (true, head);
        }
        if keys.ends() {
            return Ok(Outcome::Done);
        }
    }
}

/// Draws the first lines, as many as the terminal has room for.
fn draw(folder: &Path, view: &View<'_>, console: &mut Console<'_>) -> Result<(), Error> {
    let (rows, width) = (surroundings::rows().unwrap_or(24).saturating_sub(2), console.width());
    let lines = text::lines(folder, view);
    let mut shown: Vec<String> =
        lines.iter().take(rows).map(|line| crate::wrap::cut(line, width).to_owned()).collect();
    shown.push("press q to end".to_owned());
    Ok(console.redraw(&shown)?)
}

/// The keys of a terminal, each given at once. The terminal is as before when this is dropped.
struct Keys {
    before: Termios,
    pressed: Receiver<u8>,
}

impl Keys {
    /// Begins to listen. Returns None if standard input is no terminal.
    fn listen() -> Option<Self> {
        let input = std::io::stdin();
        if !input.is_terminal() {
            return None;
        }
        let before = tcgetattr(input.as_fd()).ok()?;
        let mut single = before.clone();
        // Ctrl-c comes as a key too: a signal would end the program before the terminal is as it was.
        single.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG);
        (single.special_codes[SpecialCodeIndex::VMIN], single.special_codes[SpecialCodeIndex::VTIME]) =
            (1, 0);
        tcsetattr(input.as_fd(), OptionalActions::Now, &single).ok()?;
        let (sender, pressed) = channel();
        // The thread ends with the process, or with the first key after the receiver is gone.
        thread::spawn(move || {
            for byte in std::io::stdin().lock().bytes().map_while(Result::ok) {
                if sender.send(byte).is_err() {
                    break;
                }
            }
        });
        Some(Self { before, pressed })
    }

    /// Waits for a moment. Returns true if a key ended the dashboard, or no key can come any more.
    fn ends(&self) -> bool {
        match self.pressed.recv_timeout(PAUSE) {
            Ok(key) => matches!(key, b'q' | b'Q' | INTERRUPT | END),
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => true,
        }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // A terminal that is gone needs no restoring.
        tcsetattr(std::io::stdin().as_fd(), OptionalActions::Now, &self.before).unwrap_or(());
    }
}
