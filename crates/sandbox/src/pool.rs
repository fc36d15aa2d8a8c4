//! A pool of workers that are started before they are needed.

use std::sync::mpsc::{Receiver, sync_channel};

use crate::{Launcher, SandboxError, Worker};

/// Keeps workers ready, which a thread starts one after the other.
///
/// A worker leaves the pool once, and never comes back: what ran in it may have changed it.
#[derive(Debug)]
pub struct Pool {
    ready: Receiver<Result<Worker, SandboxError>>,
    launcher: Launcher,
}

impl Pool {
    /// Returns a pool that keeps up to `size` workers ready; with 0, each is started when it is asked for.
    #[must_use]
    pub fn new(launcher: Launcher, size: usize) -> Self {
        let (sender, ready) = sync_channel(size.saturating_sub(1));
        let starts = launcher.clone();
        if size > 0 {
            // Where no thread can be started, the channel has no sender, and each worker is started on demand.
            drop(std::thread::Builder::new().name("sandbox-pool".to_owned()).spawn(move || {
                // The thread ends with the pool. It goes on after an error, which may pass, as fast as it is asked.
                while sender.send(starts.start()).is_ok() {}
            }));
        }
        Self { ready, launcher }
    }

    /// Returns the launcher of the pool's workers.
    #[must_use]
    pub fn launcher(&self) -> &Launcher {
        &self.launcher
    }

    /// Returns a worker in which nothing has run yet.
    ///
    /// # Errors
    /// [`SandboxError`] if it could not be started.
    pub fn take(&self) -> Result<Worker, SandboxError> {
        self.ready.recv().unwrap_or_else(|_| self.launcher.start())
    }
}
