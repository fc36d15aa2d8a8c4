//! A simulated disk that keeps synced data, and any part of the rest after a crash.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use fastrand::Rng;
use ledger::Disk;

/// A change of a file's content.
#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write(at, bytes) => {
                let end = at + bytes.len();
                content.resize(content.len().max(end), 0);
                content[*at..end].copy_from_slice(bytes);
            }
            Self::Truncate(length) => content.truncate(*length),
        }
    }
}

/// A change of a folder's names.
#[derive(Clone, Debug)]
enum Naming {
    Set(PathBuf, usize),
    Unset(PathBuf),
}

/// A file: its synced content, its present content, and the changes between them.
#[derive(Clone, Debug, Default)]
struct File {
    synced: Vec<u8>,
    content: Vec<u8>,
    pending: Vec<Change>,
}

/// The state of the disk.
#[derive(Debug, Default)]
struct State {
    files: Vec<File>,
    names: BTreeMap<PathBuf, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
    pending_names: Vec<Naming>,
    folders: BTreeSet<PathBuf>,
    locked: BTreeSet<PathBuf>,
    /// Changes until the machine stops.
    until_crash: Option<u32>,
    /// Changes until one fails for lack of space.
    until_full: Option<u32>,
    crashed: bool,
}

/// A disk in memory that fails as real ones do. Clones share the same disk.
#[derive(Clone, Debug, Default)]
pub struct SimDisk {
    state: Rc<RefCell<State>>,
}

/// A lock on a file of a [`SimDisk`], held until the value is dropped.
#[derive(Debug)]
pub struct SimLock {
    disk: SimDisk,
    path: PathBuf,
}

impl Drop for SimLock {
    fn drop(&mut self) {
        self.disk.state.borrow_mut().locked.remove(&self.path);
    }
}

impl SimDisk {
    /// Makes the machine stop after this many more changes. Every later change fails.
    pub fn crash_after(&self, changes: u32) {
        self.state.borrow_mut().until_crash = Some(changes);
    }

    /// Makes one change fail for lack of space, after this many more changes.
    pub fn full_after(&self, changes: u32) {
        self.state.borrow_mut().until_full = Some(changes);
    }

    /// Cancels the failures that have not happened yet. A stopped machine stays stopped.
    pub fn heal(&self) {
        let mut state = self.state.borrow_mut();
        (state.until_crash, state.until_full) = (None, None);
    }

    /// Returns true if the machine has stopped, so that every change fails.
    #[must_use]
    pub fn has_crashed(&self) -> bool {
        self.state.borrow().crashed
    }

    /// Returns a disk as the machine may find it after a crash at this moment.
    ///
    /// Synced data is there. Any part of the other changes may be there, in any order, and each of them may
    /// be cut short.
    #[must_use]
    pub fn after_crash(&self, rng: &mut Rng) -> Self {
        let state = self.state.borrow();
        let files = state.files.iter().map(|file| survivor(file, rng)).collect();
        let mut names = state.synced_names.clone();
        for naming in &state.pending_names {
            if rng.bool() {
                apply(naming, &mut names);
            }
        }
        let folders = state.folders.clone();
        let after = State { files, synced_names: names.clone(), names, folders, ..State::default() };
        Self { state: Rc::new(RefCell::new(after)) }
    }

    /// Counts one change. Fails if this is the change that is to fail.
    fn change(&self) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        if state.crashed {
            return Err(io::Error::other("the machine has stopped"));
        }
        if let Some(left) = state.until_crash {
            state.until_crash = left.checked_sub(1);
            if left == 0 {
                state.crashed = true;
                return Err(io::Error::other("the machine stops"));
            }
        }
        if let Some(left) = state.until_full {
            state.until_full = left.checked_sub(1);
            if left == 0 {
                return Err(io::Error::from(ErrorKind::StorageFull));
            }
        }
        Ok(())
    }

    /// Changes the content of a file.
    fn alter(&self, path: &Path, change: Change) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        let id = *state.names.get(path).ok_or_else(missing)?;
        let file = &mut state.files[id];
        change.apply(&mut file.content);
        file.pending.push(change);
        Ok(())
    }

    /// Changes the names of a folder.
    fn name(&self, naming: Naming) {
        let mut state = self.state.borrow_mut();
        apply(&naming, &mut state.names);
        state.pending_names.push(naming);
    }

    /// Creates an empty file unless there is one with this name.
    fn make(&self, path: &Path) {
        if self.state.borrow().names.contains_key(path) {
            return;
        }
        let mut state = self.state.borrow_mut();
        state.files.push(File::default());
        let id = state.files.len() - 1;
        drop(state);
        self.name(Naming::Set(path.to_path_buf(), id));
    }
}

/// Applies a change to a list of names.
fn apply(naming: &Naming, names: &mut BTreeMap<PathBuf, usize>) {
    match naming {
        Naming::Set(path, id) => drop(names.insert(path.clone(), *id)),
        Naming::Unset(path) => drop(names.remove(path)),
    }
}

/// A file as it may be found after a crash.
fn survivor(file: &File, rng: &mut Rng) -> File {
    let mut content = file.synced.clone();
    let mut pending = file.pending.clone();
    rng.shuffle(&mut pending);
    for change in pending {
        match change {
            Change::Write(at, mut bytes) if rng.bool() => {
                if rng.bool() {
                    bytes.truncate(rng.usize(..=bytes.len()));
                }
                Change::Write(at, bytes).apply(&mut content);
            }
            Change::Truncate(_) if rng.bool() => change.apply(&mut content),
            _ => {}
        }
    }
    File { synced: content.clone(), content, pending: Vec::new() }
}

fn missing() -> io::Error {
    io::Error::from(ErrorKind::NotFound)
}

impl Disk for SimDisk {
    type Lock = SimLock;

    fn read(&self, path: &Path, offset: u64, limit: usize) -> io::Result<Option<Vec<u8>>> {
        let state = self.state.borrow();
        let Some(id) = state.names.get(path) else { return Ok(None) };
        let content = &state.files[*id].content;
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(content.len());
        let end = start.saturating_add(limit).min(content.len());
        Ok(Some(content[start..end].to_vec()))
    }

    fn length(&self, path: &Path) -> io::Result<Option<u64>> {
        let state = self.state.borrow();
        Ok(state.names.get(path).map(|id| state.files[*id].content.len() as u64))
    }

    fn write(&self, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.make(path);
        let at = usize::try_from(offset).map_err(|_| missing())?;
        match self.change() {
            Ok(()) => self.alter(path, Change::Write(at, bytes.to_vec())),
            Err(error) => {
                // A failed write may have written a part of its bytes.
                self.alter(path, Change::Write(at, bytes[..bytes.len() / 2].to_vec()))?;
                Err(error)
            }
        }
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        self.change()?;
        self.alter(path, Change::Truncate(usize::try_from(length).unwrap_or(usize::MAX)))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.change()?;
        let mut state = self.state.borrow_mut();
        let id = *state.names.get(path).ok_or_else(missing)?;
        let file = &mut state.files[id];
        file.synced.clone_from(&file.content);
        file.pending.clear();
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.change()?;
        let id = *self.state.borrow().names.get(from).ok_or_else(missing)?;
        // A journalling file system makes a rename in one change: the new name stands for the file.
        self.name(Naming::Set(to.to_path_buf(), id));
        self.name(Naming::Unset(from.to_path_buf()));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.change()?;
        self.name(Naming::Unset(path.to_path_buf()));
        Ok(())
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.change()?;
        self.state.borrow_mut().folders.extend(path.ancestors().map(Path::to_path_buf));
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.change()?;
        let mut state = self.state.borrow_mut();
        let pending = std::mem::take(&mut state.pending_names);
        for naming in pending {
            let (Naming::Set(name, _) | Naming::Unset(name)) = &naming;
            if name.parent() == Some(path) {
                apply(&naming, &mut state.synced_names);
            } else {
                state.pending_names.push(naming);
            }
        }
        Ok(())
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.state.borrow().folders.contains(path)
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        let state = self.state.borrow();
        let inside = |item: &&PathBuf| item.parent() == Some(path);
        let items = state.names.keys().filter(inside).chain(state.folders.iter().filter(inside));
        let names = items.filter_map(|item| Some(item.file_name()?.to_string_lossy().into_owned()));
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        Ok(names)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<SimLock>> {
        self.change()?;
        self.make(path);
        let free = self.state.borrow_mut().locked.insert(path.to_path_buf());
        Ok(free.then(|| SimLock { disk: self.clone(), path: path.to_path_buf() }))
    }

    fn is_locked(&self, path: &Path) -> io::Result<bool> {
        Ok(self.state.borrow().locked.contains(path))
    }
}
