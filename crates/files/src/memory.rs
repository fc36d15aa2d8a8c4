//! A disk in memory, without failures.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{Disk, Kind, Opened};

/// The permission bits of every file in memory, which belongs to its owner alone.
const PRIVATE: u32 = 0o600;

/// A disk in memory, for benchmarks and tests, which loses nothing. Clones share the same files.
///
/// A second name of a file, made by [`link`](Disk::link), gets a copy of the file: a later write changes one
/// of the two.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Told whenever a lock is released.
    released: Condvar,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<PathBuf, Vec<u8>>,
    folders: BTreeSet<PathBuf>,
    /// The files that are locked, each with the number of its lock. A file that is removed takes its lock along.
    locked: BTreeMap<PathBuf, u64>,
    /// The number of locks so far.
    locks: u64,
}

/// A lock on a file of a [`MemoryDisk`]; dropping the value releases the lock.
#[derive(Debug)]
pub struct MemoryLock {
    disk: MemoryDisk,
    path: PathBuf,
    number: u64,
}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        if state.locked.get(&self.path) == Some(&self.number) {
            state.locked.remove(&self.path);
        }
        drop(state);
        self.disk.shared.released.notify_all();
    }
}

impl MemoryDisk {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic of another thread leaves whole files, because every operation changes one file at a time.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a copy of all files: the content of each by its path.
    #[must_use]
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        self.state().files.clone()
    }

    /// Returns a disk with these files, and with the folders that contain them.
    #[must_use]
    pub fn from_files(files: BTreeMap<PathBuf, Vec<u8>>) -> Self {
        let folders = files.keys().flat_map(|path| path.ancestors().skip(1)).map(Path::to_path_buf).collect();
        Self::from_state(State { files, folders, ..State::default() })
    }

    /// Returns a disk that has the folders of this one and no files.
    pub(crate) fn folders_only(&self) -> Self {
        let folders = self.state().folders.clone();
        Self::from_state(State { folders, ..State::default() })
    }

    fn from_state(state: State) -> Self {
        Self { shared: Arc::new(Shared { state: Mutex::new(state), released: Condvar::new() }) }
    }
}

fn missing() -> io::Error {
    io::Error::from(ErrorKind::NotFound)
}

impl Disk for MemoryDisk {
    type Lock = MemoryLock;
    type Reader = Cursor<Vec<u8>>;

    fn open(&self, path: &Path) -> io::Result<Option<Opened<Self::Reader>>> {
        let content = self.state().files.get(path).cloned();
        Ok(content.map(|content| Opened { length: content.len() as u64, reader: Cursor::new(content) }))
    }

    fn length(&self, path: &Path) -> io::Result<Option<u64>> {
        Ok(self.state().files.get(path).map(|bytes| bytes.len() as u64))
    }

    fn permissions(&self, path: &Path) -> io::Result<Option<u32>> {
        Ok(self.state().files.contains_key(path).then_some(PRIVATE))
    }

    fn write(&self, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        let file = state.files.entry(path.to_path_buf()).or_default();
        let offset = usize::try_from(offset).ok().filter(|offset| *offset <= file.len());
        let offset = offset.ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
        let (over, beyond) = bytes.split_at(bytes.len().min(file.len() - offset));
        file[offset..offset + over.len()].copy_from_slice(over);
        file.extend_from_slice(beyond);
        Ok(())
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        let mut state = self.state();
        let file = state.files.get_mut(path).ok_or_else(missing)?;
        file.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Ok(())
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        if self.state().files.contains_key(path) { Ok(()) } else { Err(missing()) }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        let bytes = state.files.remove(from).ok_or_else(missing)?;
        state.locked.remove(to);
        state.files.insert(to.to_path_buf(), bytes);
        Ok(())
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<bool> {
        let mut state = self.state();
        let bytes = state.files.get(from).ok_or_else(missing)?.clone();
        if state.files.contains_key(to) {
            return Ok(false);
        }
        state.files.insert(to.to_path_buf(), bytes);
        Ok(true)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.locked.remove(path);
        state.files.remove(path).map(drop).ok_or_else(missing)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.state().folders.extend(path.ancestors().map(Path::to_path_buf));
        Ok(())
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.state().folders.contains(path)
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        let inside = |item: &&PathBuf| item.parent() == Some(path);
        let items = state.files.keys().filter(inside).chain(state.folders.iter().filter(inside));
        let names = items.filter_map(|item| Some(item.file_name()?.to_string_lossy().into_owned()));
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        Ok(names)
    }

    fn kind(&self, path: &Path) -> io::Result<Option<Kind>> {
        let state = self.state();
        let file = state.files.contains_key(path).then_some(Kind::File);
        Ok(file.or_else(|| state.folders.contains(path).then_some(Kind::Folder)))
    }

    fn lock(&self, path: &Path, wait: Duration) -> io::Result<Option<MemoryLock>> {
        let is_taken = |state: &mut State| state.locked.contains_key(path);
        let waited = self.shared.released.wait_timeout_while(self.state(), wait, is_taken);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if is_taken(&mut state) {
            return Ok(None);
        }
        state.files.entry(path.to_path_buf()).or_default();
        state.locks += 1;
        let number = state.locks;
        state.locked.insert(path.to_path_buf(), number);
        drop(state);
        Ok(Some(MemoryLock { disk: self.clone(), path: path.to_path_buf(), number }))
    }

    fn holds(&self, lock: &MemoryLock, path: &Path) -> io::Result<bool> {
        Ok(self.state().locked.get(path) == Some(&lock.number))
    }

    fn is_locked(&self, path: &Path) -> io::Result<bool> {
        Ok(self.state().locked.contains_key(path))
    }
}
