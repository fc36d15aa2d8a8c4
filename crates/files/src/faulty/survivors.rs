//! The part of a disk in memory that survives a crash.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Contents and names of files as they were last synced, and the changes since then.
///
/// Folders survive from the moment in which they are created.
#[derive(Debug, Default)]
pub(super) struct Survivors {
    /// The content of every file that ever existed, by number. A file without a name cannot be reached.
    files: Vec<Content>,
    names: BTreeMap<PathBuf, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
    pending_names: Vec<Naming>,
}

/// The content of a file when it was last synced, and the changes since then, in order.
#[derive(Debug, Default)]
struct Content {
    synced: Vec<u8>,
    pending: Vec<Change>,
}

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
                // The write before this one may be lost, which leaves a gap.
                let end = at + bytes.len();
                content.resize(content.len().max(end), 0);
                content[*at..end].copy_from_slice(bytes);
            }
            Self::Truncate(length) => content.truncate(*length),
        }
    }
}

/// A change of a name: the number of the file that has the name from then on, or None if it was removed.
#[derive(Clone, Debug)]
struct Naming {
    name: PathBuf,
    file: Option<usize>,
    /// The name that the file had before, for a rename.
    from: Option<PathBuf>,
}

impl Naming {
    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self.file {
            Some(file) => names.insert(self.name.clone(), file),
            None => names.remove(&self.name),
        };
        if let Some(from) = &self.from {
            names.remove(from);
        }
    }
}

impl Survivors {
    /// Returns the record of a disk on which these files are synced.
    pub(super) fn from_files(files: BTreeMap<PathBuf, Vec<u8>>) -> Self {
        let names: BTreeMap<PathBuf, usize> = files.keys().cloned().zip(0..).collect();
        let content = |synced| Content { synced, pending: Vec::new() };
        let files = files.into_values().map(content).collect();
        Self { files, synced_names: names.clone(), names, pending_names: Vec::new() }
    }

    /// Notes that a file of this name exists. If no file had the name before, the file is new and empty.
    pub(super) fn created(&mut self, path: &Path) {
        if !self.names.contains_key(path) {
            self.files.push(Content::default());
            self.name(path, Some(self.files.len() - 1));
        }
    }

    pub(super) fn wrote(&mut self, path: &Path, offset: u64, bytes: &[u8]) {
        self.created(path);
        self.change(path, Change::Write(in_memory(offset), bytes.to_vec()));
    }

    pub(super) fn truncated(&mut self, path: &Path, length: u64) {
        self.change(path, Change::Truncate(in_memory(length)));
    }

    pub(super) fn synced(&mut self, path: &Path) {
        if let Some(file) = self.names.get(path) {
            let Content { synced, pending } = &mut self.files[*file];
            pending.drain(..).for_each(|change| change.apply(synced));
        }
    }

    /// Notes a rename: after a crash, the file has the old name, the new one or both. It cannot have neither, because
    /// a rename is one step of the file system.
    pub(super) fn renamed(&mut self, from: &Path, to: &Path) {
        let naming = Naming {
            name: to.to_path_buf(),
            file: self.names.get(from).copied(),
            from: Some(from.to_path_buf()),
        };
        naming.apply(&mut self.names);
        self.pending_names.push(naming);
    }

    pub(super) fn linked(&mut self, from: &Path, to: &Path) {
        self.name(to, self.names.get(from).copied());
    }

    pub(super) fn removed(&mut self, path: &Path) {
        self.name(path, None);
    }

    pub(super) fn folder_synced(&mut self, folder: &Path) {
        let pending = std::mem::take(&mut self.pending_names);
        let (synced, others) = pending.into_iter().partition(|naming| naming.name.parent() == Some(folder));
        self.pending_names = others;
        synced.iter().for_each(|naming: &Naming| naming.apply(&mut self.synced_names));
    }

    /// Returns the files that a crash leaves. `draw` chooses among the possibilities by returning a number
    /// below its argument.
    pub(super) fn draw(&self, draw: &mut dyn FnMut(usize) -> usize) -> BTreeMap<PathBuf, Vec<u8>> {
        let contents: Vec<Vec<u8>> = self.files.iter().map(|file| file.draw(draw)).collect();
        let mut names = self.synced_names.clone();
        for naming in &self.pending_names {
            match (draw(2), &naming.from) {
                (0, _) => {}
                (_, Some(_)) if draw(4) == 0 => Naming { from: None, ..naming.clone() }.apply(&mut names),
                _ => naming.apply(&mut names),
            }
        }
        names.into_iter().map(|(name, file)| (name, contents[file].clone())).collect()
    }

    fn name(&mut self, name: &Path, file: Option<usize>) {
        let naming = Naming { name: name.to_path_buf(), file, from: None };
        naming.apply(&mut self.names);
        self.pending_names.push(naming);
    }

    fn change(&mut self, path: &Path, change: Change) {
        if let Some(file) = self.names.get(path) {
            self.files[*file].pending.push(change);
        }
    }
}

impl Content {
    /// Returns the synced content with any part of the later changes, in any order, each write complete or
    /// torn.
    fn draw(&self, draw: &mut dyn FnMut(usize) -> usize) -> Vec<u8> {
        let mut content = self.synced.clone();
        let mut left: Vec<&Change> = self.pending.iter().collect();
        while !left.is_empty() {
            let change = left.swap_remove(draw(left.len()));
            if draw(2) == 0 {
                continue;
            }
            match change {
                Change::Write(at, bytes) if draw(2) == 1 => {
                    let torn = bytes[..draw(bytes.len() + 1)].to_vec();
                    Change::Write(*at, torn).apply(&mut content);
                }
                change => change.apply(&mut content),
            }
        }
        content
    }
}

/// Returns an offset in a file in memory. Offsets beyond the memory's size cannot occur there.
fn in_memory(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
