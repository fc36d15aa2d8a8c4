//! A pseudo terminal, at which the program believes that a person sits.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// A pseudo terminal: the program has one side, and the test reads from the other what a person would see.
pub struct Terminal {
    side: OwnedFd,
    seen: Receiver<Vec<u8>>,
}

impl Terminal {
    /// Opens a terminal.
    pub fn open() -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo terminal");
        grantpt(&ours).and_then(|()| unlockpt(&ours)).expect("a pseudo terminal");
        let name = ptsname(&ours, Vec::new()).expect("its name");
        let side = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("its side");
        let (sender, seen) = channel();
        let mut reader = File::from(ours);
        thread::spawn(move || {
            let (mut all, mut some) = (Vec::new(), [0; 4096]);
            // Reading fails when the last program has closed its side.
            while let Ok(count @ 1..) = reader.read(&mut some) {
                all.extend_from_slice(&some[..count]);
            }
            // Nobody waits for it where a test does not look.
            drop(sender.send(all));
        });
        Self { side, seen }
    }

    /// Returns the side of the program, for one of its streams.
    pub fn side(&self) -> Stdio {
        self.side.try_clone().expect("the side again").into()
    }

    /// Returns all that was shown, once every program has closed its side.
    pub fn seen(self) -> Vec<u8> {
        drop(self.side);
        self.seen.recv().expect("what was shown")
    }
}
