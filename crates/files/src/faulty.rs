//! A disk in memory that fails when a test tells it to.

mod survivors;

use std::io::{self, Cursor, ErrorKind, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{Disk, Kind, MemoryDisk, MemoryLock, Opened};

use survivors::Survivors;

/// The way in which an operation of a [`FaultyDisk`] goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The operation fails because the disk is full, and nothing was done.
    Full,
    /// Half of a write is done before it fails because the disk is full. Other operations fail as with
    /// [`Full`](Self::Full).
    Short,
    /// The operation fails because of the device, and nothing was done.
    Device,
    /// The operation fails because of the device, after everything was done.
    Late,
    /// Half of a write is done, and success is reported. No real disk may do that: this fault checks that a
    /// test would notice.
    Lie,
    /// The machine stops. Half of a write is done, and every later operation fails.
    Stop,
}

/// The error code `EIO` of a device that fails.
const DEVICE_FAILS: i32 = 5;

impl Fault {
    /// Returns the error that an operation with this fault returns.
    fn error(self) -> io::Error {
        match self {
            Self::Full | Self::Short => ErrorKind::StorageFull.into(),
            Self::Device | Self::Late | Self::Lie => io::Error::from_raw_os_error(DEVICE_FAILS),
            Self::Stop => io::Error::other("the machine stops"),
        }
    }
}

/// A disk in memory with the failures of a real one. Clones share the same files.
///
/// Each operation of [`Disk`], and each read from an open file, counts as one operation. A test lets the disk
/// fail at a numbered operation, once or from then on, and repeats the same work for every number and every
/// [`Fault`]. [`after_crash`](Self::after_crash) returns a disk that a machine could find if it stopped now:
/// everything that was synced, and any part of the rest.
#[derive(Clone, Debug, Default)]
pub struct FaultyDisk {
    /// The files as a running process sees them.
    live: MemoryDisk,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// The number of operations so far.
    operations: u32,
    failures: Vec<Failure>,
    /// True once the machine has stopped by [`Fault::Stop`].
    stopped: bool,
    survivors: Survivors,
}

/// A fault that is planned for an operation.
#[derive(Clone, Copy, Debug)]
struct Failure {
    /// The number of the operation.
    at: u32,
    fault: Fault,
    /// True if all later operations go wrong too.
    lasting: bool,
}

impl FaultyDisk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets one operation go wrong with `fault`, after `operations` more operations that do not.
    pub fn fail_after(&self, operations: u32, fault: Fault) {
        self.plan(operations, fault, false);
    }

    /// Lets every operation go wrong with `fault` until [`heal`](Self::heal), after `operations` more that do
    /// not.
    pub fn fail_from(&self, operations: u32, fault: Fault) {
        self.plan(operations, fault, true);
    }

    fn plan(&self, operations: u32, fault: Fault, lasting: bool) {
        let mut state = self.state();
        let at = state.operations.saturating_add(operations);
        state.failures.push(Failure { at, fault, lasting });
    }

    /// Cancels every planned fault, as if somebody had made room. A machine that has stopped does not start
    /// again.
    pub fn heal(&self) {
        self.state().failures.clear();
    }

    /// Returns the number of operations so far, failed ones included.
    #[must_use]
    pub fn operations(&self) -> u32 {
        self.state().operations
    }

    /// Returns true if the machine has stopped by [`Fault::Stop`], so that every operation fails.
    #[must_use]
    pub fn has_stopped(&self) -> bool {
        self.state().stopped
    }

    /// Returns a disk that a machine could find if it stopped now, without locks and without planned faults.
    ///
    /// Everything that was synced is there. Of the rest any part may be there, in any order, and a write may
    /// be torn: `draw` decides by returning a number below its argument, which is at least 1.
    #[must_use]
    pub fn after_crash(&self, draw: &mut dyn FnMut(usize) -> usize) -> Self {
        let files = self.state().survivors.draw(draw);
        let live = self.live.folders_only();
        for (path, content) in &files {
            live.write(path, 0, content).expect("a disk in memory writes from the start of a file");
        }
        let state = State { survivors: Survivors::from_files(files), ..State::default() };
        Self { live, state: Arc::new(Mutex::new(state)) }
    }

    /// Counts an operation and returns its fault, if one is planned. Fails if the machine has stopped.
    fn next(&self) -> io::Result<Option<Fault>> {
        let mut state = self.state();
        let number = state.operations;
        state.operations += 1;
        if state.stopped {
            return Err(io::Error::other("the machine has stopped"));
        }
        let due = |failure: &&Failure| failure.at == number || (failure.lasting && failure.at < number);
        let fault = state.failures.iter().find(due).map(|failure| failure.fault);
        state.stopped = fault == Some(Fault::Stop);
        Ok(fault)
    }

    /// Calls `act`, or fails with the fault that is planned for this operation, before or after the call.
    fn attempt<T>(&self, act: impl FnOnce(&MemoryDisk) -> io::Result<T>) -> io::Result<T> {
        match self.next()? {
            None | Some(Fault::Lie) => act(&self.live),
            Some(Fault::Late) => act(&self.live).and(Err(Fault::Late.error())),
            Some(fault) => Err(fault.error()),
        }
    }
}

impl Disk for FaultyDisk {
    type Lock = MemoryLock;
    type Reader = FaultyReader;

    fn open(&self, path: &Path) -> io::Result<Option<Opened<FaultyReader>>> {
        let opened = self.attempt(|live| live.open(path))?;
        Ok(opened.map(|Opened { reader, length }| Opened {
            reader: FaultyReader { disk: self.clone(), bytes: reader },
            length,
        }))
    }

    fn length(&self, path: &Path) -> io::Result<Option<u64>> {
        self.attempt(|live| live.length(path))
    }

    fn permissions(&self, path: &Path) -> io::Result<Option<u32>> {
        self.attempt(|live| live.permissions(path))
    }

    fn write(&self, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let (written, told) = match self.next()? {
            None => (bytes, Ok(())),
            Some(Fault::Lie) => (half(bytes), Ok(())),
            Some(fault @ Fault::Late) => (bytes, Err(fault.error())),
            Some(fault @ (Fault::Short | Fault::Stop)) => (half(bytes), Err(fault.error())),
            Some(fault @ (Fault::Full | Fault::Device)) => return Err(fault.error()),
        };
        self.live.write(path, offset, written)?;
        self.state().survivors.wrote(path, offset, written);
        told
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        self.attempt(|live| {
            live.truncate(path, length)?;
            self.state().survivors.truncated(path, length);
            Ok(())
        })
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.attempt(|live| {
            live.sync(path)?;
            self.state().survivors.synced(path);
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.attempt(|live| {
            live.rename(from, to)?;
            self.state().survivors.renamed(from, to);
            Ok(())
        })
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<bool> {
        self.attempt(|live| {
            let linked = live.link(from, to)?;
            if linked {
                self.state().survivors.linked(from, to);
            }
            Ok(linked)
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.attempt(|live| {
            live.remove(path)?;
            self.state().survivors.removed(path);
            Ok(())
        })
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.attempt(|live| live.create_folder(path))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.attempt(|_| {
            self.state().survivors.folder_synced(path);
            Ok(())
        })
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.live.is_folder(path)
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        self.attempt(|live| live.names(path))
    }

    fn kind(&self, path: &Path) -> io::Result<Option<Kind>> {
        self.attempt(|live| live.kind(path))
    }

    fn lock(&self, path: &Path, wait: Duration) -> io::Result<Option<MemoryLock>> {
        self.attempt(|live| {
            let lock = live.lock(path, wait)?;
            self.state().survivors.created(path);
            Ok(lock)
        })
    }

    fn holds(&self, lock: &MemoryLock, path: &Path) -> io::Result<bool> {
        self.attempt(|live| live.holds(lock, path))
    }

    fn is_locked(&self, path: &Path) -> io::Result<bool> {
        self.attempt(|live| live.is_locked(path))
    }
}

fn half(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len() / 2]
}

/// A file of a [`FaultyDisk`] that is open for reading. Every read counts as an operation of the disk.
#[derive(Debug)]
pub struct FaultyReader {
    disk: FaultyDisk,
    bytes: Cursor<Vec<u8>>,
}

impl Read for FaultyReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let bytes = &mut self.bytes;
        self.disk.attempt(|_| bytes.read(out))
    }
}
