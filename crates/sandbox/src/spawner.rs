//! The thread that starts all workers.
//!
//! A worker asks the kernel to be killed when its parent ends. Linux counts the thread that started it as the parent, so
//! one thread that never ends starts them all.

use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};

type Request = (Command, Sender<std::io::Result<Child>>);

/// Starts `command` from the one thread that lives as long as the process.
pub(crate) fn spawn(command: Command) -> std::io::Result<Child> {
    static THREAD: OnceLock<Sender<Request>> = OnceLock::new();
    let thread = THREAD.get_or_init(|| {
        let (sender, requests) = channel::<Request>();
        // Where no thread can be started, the sender has nobody to talk to and every request fails.
        let started = std::thread::Builder::new().name("sandbox-spawner".to_owned()).spawn(move || {
            for (mut command, reply) in requests {
                drop(reply.send(command.spawn()));
            }
        });
        drop(started);
        sender
    });
    let gone = || std::io::Error::other("the thread that starts workers is gone");
    let (reply, child) = channel();
    thread.send((command, reply)).map_err(|_| gone())?;
    child.recv().map_err(|_| gone())?
}
