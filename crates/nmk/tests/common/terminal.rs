//! A pseudo terminal, at which the program believes that a person sits.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// A pseudo terminal: the program has one side, and the test reads from the other what a person would see.
pub struct Terminal {
    side: OwnedFd,
    /// The side of the person, for keys.
    keys: File,
    /// The parts that were shown, each as it came.
    parts: Receiver<Vec<u8>>,
    /// The parts that were received already.
    seen: Vec<u8>,
}

impl Terminal {
    /// Opens a terminal.
    pub fn open() -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo terminal");
        grantpt(&ours).and_then(|()| unlockpt(&ours)).expect("a pseudo terminal");
        let name = ptsname(&ours, Vec::new()).expect("its name");
        let side = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("its side");
        let (sender, parts) = channel();
        let keys = File::from(ours.try_clone().expect("the side again"));
        let mut reader = File::from(ours);
        thread::spawn(move || {
            let mut some = [0; 4096];
            // Reading fails when the last program has closed its side.
            while let Ok(count @ 1..) = reader.read(&mut some) {
                // Nobody waits for it where a test does not look.
                drop(sender.send(some[..count].to_vec()));
            }
        });
        Self { side, keys, parts, seen: Vec::new() }
    }

    /// Returns the side of the program, for one of its streams.
    pub fn side(&self) -> Stdio {
        self.side.try_clone().expect("the side again").into()
    }

    /// Types `keys`, as a person would.
    pub fn press(&mut self, keys: &[u8]) {
        self.keys.write_all(keys).expect("the terminal takes keys");
    }

    /// Returns all that was shown, once every program has closed its side.
    pub fn seen(self) -> Vec<u8> {
        let Self { side, parts, mut seen, .. } = self;
        drop(side);
        seen.extend(parts.into_iter().flatten());
        seen
    }

    /// Waits until the terminal has shown `text`. Returns all that was shown so far.
    ///
    /// # Panics
    /// If the text does not come within a minute.
    pub fn wait_for(&mut self, text: &str) -> String {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let shown = String::from_utf8_lossy(&self.seen).into_owned();
            if shown.contains(text) {
                return shown;
            }
            let left = end.saturating_duration_since(Instant::now());
            let part = self.parts.recv_timeout(left);
            self.seen.extend(part.unwrap_or_else(|_| panic!("`{text}` does not come after {shown:?}")));
        }
    }
}
