//! Folders that are removed together with the test that made them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// An empty folder for one test, which is removed with its content when this value is dropped.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Creates a folder below `parent` whose name begins with `name` and is unique: processes and tests that
    /// run side by side get different folders.
    ///
    /// # Errors
    /// An I/O error if the folder cannot be created, or if a folder that an earlier process left in its place
    /// cannot be removed.
    pub fn new(parent: impl AsRef<Path>, name: &str) -> io::Result<Self> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = parent.as_ref().join(format!("{name}-{}-{number}", std::process::id()));
        if path.exists() {
            std::fs::remove_dir_all(&path)?;
        }
        std::fs::create_dir_all(&path)?;
        Ok(Self { path })
    }

    /// Returns the path of the folder, which exists until this value is dropped.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path of a file or folder within this folder, which need not exist yet.
    #[must_use]
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left in a folder for temporary files harms nobody.
        drop(std::fs::remove_dir_all(&self.path));
    }
}
