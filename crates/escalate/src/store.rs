//! The store of admitted functions, each with the record of its admission, in a folder.
//!
//! ```text
//! admitted/SPECIFICATION-CONTENT   one function: its record, and how it came about
//! pending/SPECIFICATION-JOB        a search that began and has not ended
//! revoked/SPECIFICATION-CODE       code that counts no more under its specification, with the reason
//! trusted                          the keys of other machines whose records count here, one a line
//! lock                             held while the folder is changed
//! ```
//!
//! A file is written whole or not at all, under the digest of its content. The store believes nothing: who takes a function
//! from it checks the record's signature first.

mod error;
mod kept;

use std::path::{Path, PathBuf};
use std::time::Duration;

use abi::{Digest, JobId, Value};
use files::{Disk, FolderDisk, list, read_up_to, replace, with_context};

pub use error::StoreError;
pub use kept::{Kept, KeptError};

/// The most functions that a store holds.
const MOST_KEPT: usize = 4096;
/// The most bytes that the functions of a store take together.
const MOST_BYTES: u64 = 256 << 20;
/// The largest file of a store, in bytes.
const MOST_FILE: usize = 16 << 20;
/// The time that a writer waits for another one.
const WAIT: Duration = Duration::from_secs(10);
/// The kind of a revocation's file.
const REVOKED: &str = "nmk.primitive.revoked.v2";

/// The limits of a store.
#[derive(Clone, Copy, Debug)]
pub struct StoreLimits {
    /// The most functions.
    pub kept: usize,
    /// The most bytes that they take together.
    pub bytes: u64,
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self { kept: MOST_KEPT, bytes: MOST_BYTES }
    }
}

/// The outcome of keeping a function.
#[derive(Clone, Debug)]
pub enum Keeping {
    /// The function is in the store now, under this digest.
    New(Digest),
    /// Another function for the same specification and executor was there, and stays.
    There(Box<Kept>),
}

/// A function of a store, or the reason why its file cannot be read.
#[derive(Debug)]
pub struct Listed {
    /// The name of the file.
    pub file: String,
    /// The function.
    pub kept: Result<Kept, StoreError>,
}

/// A store of admitted functions.
#[derive(Clone, Debug)]
pub struct Store<D: Disk = FolderDisk> {
    disk: D,
    folder: PathBuf,
    limits: StoreLimits,
}

impl Store {
    /// Opens the store in `folder`, which is created if it is missing.
    ///
    /// # Errors
    /// [`StoreError`] if the folder is a link or the file system refuses.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let disk = with_context("create", folder, FolderDisk::create(folder))?;
        Ok(Self::on(disk, folder, StoreLimits::default()))
    }

    /// Opens the store in `folder` if there is one. Nothing is created.
    ///
    /// # Errors
    /// [`StoreError`] if the folder is a link or the file system refuses.
    pub fn find_in(folder: &Path) -> Result<Option<Self>, StoreError> {
        let disk = with_context("open", folder, FolderDisk::open(folder))?;
        Ok(disk.map(|disk| Self::on(disk, folder, StoreLimits::default())))
    }
}

impl<D: Disk> Store<D> {
    /// Returns the store in `folder` of `disk`.
    #[must_use]
    pub fn on(disk: D, folder: &Path, limits: StoreLimits) -> Self {
        Self { disk, folder: folder.to_owned(), limits }
    }

    /// Returns the disk that has the store.
    #[must_use]
    pub fn disk(&self) -> &D {
        &self.disk
    }

    /// Returns the folder of the store.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps a function, unless one for the same specification and executor is there already. The file is durable before
    /// this function returns.
    ///
    /// # Errors
    /// [`StoreError::Revoked`] if the code was revoked here, [`StoreError::Full`] if the store is full, and the errors of
    /// the file system. Nothing is changed then.
    pub fn keep(&self, kept: &Kept) -> Result<Keeping, StoreError> {
        let _lock = self.lock()?;
        if let Some(why) = self.revoked(&kept.specification, &kept.code)? {
            return Err(StoreError::Revoked { entry: kept.entry.clone(), why });
        }
        match self.find(&kept.specification, &kept.executor) {
            Ok(Some(there)) => return Ok(Keeping::There(Box::new(there))),
            // A file that was altered is no function, and keeps no place.
            Ok(None) | Err(StoreError::Altered { .. }) => {}
            Err(error) => return Err(error),
        }
        self.add(kept).map(Keeping::New)
    }

    /// Keeps a function, also where another one for the same specification and executor is there, which does not count.
    ///
    /// # Errors
    /// The errors of [`keep`](Self::keep).
    pub fn keep_beside(&self, kept: &Kept) -> Result<Digest, StoreError> {
        let _lock = self.lock()?;
        match self.revoked(&kept.specification, &kept.code)? {
            Some(why) => Err(StoreError::Revoked { entry: kept.entry.clone(), why }),
            None => self.add(kept),
        }
    }

    /// Writes the file of a function. The lock is held.
    fn add(&self, kept: &Kept) -> Result<Digest, StoreError> {
        let bytes = kept.to_bytes();
        let names = self.names(ADMITTED)?;
        let mut taken = bytes.len() as u64;
        for name in &names {
            let path = self.folder.join(ADMITTED).join(name);
            taken += with_context("look at", &path, self.disk.length(&path))?.unwrap_or(0);
        }
        if names.len() >= self.limits.kept || taken > self.limits.bytes || bytes.len() > MOST_FILE {
            return Err(StoreError::Full { folder: self.folder.clone(), kept: names.len(), bytes: taken });
        }
        let digest = Digest::hash_blob(&bytes);
        self.write(ADMITTED, &format!("{}-{digest}", kept.specification), &bytes)?;
        Ok(digest)
    }

    /// Returns the first function for a specification that `executor` ran in its exam. None if there is none.
    ///
    /// # Errors
    /// [`StoreError::Altered`] if no function is there and a file for the specification was altered, and the errors of the
    /// file system.
    pub fn find(&self, specification: &Digest, executor: &str) -> Result<Option<Kept>, StoreError> {
        self.find_all(specification, executor)
            .map(|mut all| if all.is_empty() { None } else { Some(all.remove(0)) })
    }

    /// Returns every function for a specification that `executor` ran in its exam and that was not revoked.
    ///
    /// # Errors
    /// The errors of [`find`](Self::find).
    pub fn find_all(&self, specification: &Digest, executor: &str) -> Result<Vec<Kept>, StoreError> {
        let prefix = format!("{specification}-");
        let (mut altered, mut found) = (None, Vec::new());
        for name in self.names(ADMITTED)?.iter().filter(|name| name.starts_with(&prefix)) {
            let kept = match self.read(name) {
                Ok(kept) => kept,
                Err(error @ StoreError::Altered { .. }) => {
                    altered = altered.or(Some(error));
                    continue;
                }
                Err(error) => return Err(error),
            };
            if kept.executor == executor && self.revoked(specification, &kept.code)?.is_none() {
                found.push(kept);
            }
        }
        match altered {
            Some(error) if found.is_empty() => Err(error),
            _ => Ok(found),
        }
    }

    /// Returns every function of the store, those first whose names come first. A file that cannot be read is listed with
    /// the reason.
    ///
    /// # Errors
    /// [`StoreError`] if the folder cannot be read.
    pub fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let read = |file: String| Listed { kept: self.read(&file), file };
        let mut listed: Vec<Listed> = self.names(ADMITTED)?.into_iter().map(read).collect();
        let key = |listed: &Listed| listed.kept.as_ref().ok().map(|kept| kept.entry.clone());
        listed.sort_by_key(|listed| (key(listed), listed.file.clone()));
        Ok(listed)
    }

    /// Revokes code under a specification: no record of it counts any more, its files are removed, and it is not taken in
    /// again.
    ///
    /// # Errors
    /// [`StoreError`] if the file system refuses.
    pub fn revoke(&self, specification: &Digest, code: &Digest, why: &str) -> Result<(), StoreError> {
        let _lock = self.lock()?;
        let revoked = Value::map([("kind", Value::text(REVOKED)), ("why", Value::text(why))]);
        self.write("revoked", &format!("{specification}-{code}"), &abi::encode(&revoked))?;
        // The revocation is durable now, so that a crash before the removal brings nothing back.
        for listed in self.list()? {
            if listed.kept.is_ok_and(|kept| kept.specification == *specification && kept.code == *code) {
                self.remove(ADMITTED, &listed.file)?;
            }
        }
        Ok(())
    }

    /// Removes a file that is no function, because it was altered. Returns false if there is no such file.
    ///
    /// # Errors
    /// [`StoreError`] if the file system refuses.
    pub fn remove_altered(&self, file: &str) -> Result<bool, StoreError> {
        let _lock = self.lock()?;
        let is_there = self.names(ADMITTED)?.iter().any(|name| name == file);
        let is_altered = is_there && matches!(self.read(file), Err(StoreError::Altered { .. }));
        if is_altered {
            self.remove(ADMITTED, file)?;
        }
        Ok(is_altered)
    }

    /// Returns the reason why code was revoked under a specification. None if it was not.
    ///
    /// # Errors
    /// [`StoreError`] if the file system refuses.
    pub fn revoked(&self, specification: &Digest, code: &Digest) -> Result<Option<String>, StoreError> {
        let path = self.folder.join("revoked").join(format!("{specification}-{code}"));
        let Some(bytes) = read_up_to(&self.disk, &path, MOST_FILE)? else { return Ok(None) };
        // A file that cannot be read revokes all the same.
        let why = abi::decode(&bytes).ok().and_then(|value| value.get("why")?.as_text().map(str::to_owned));
        Ok(Some(why.unwrap_or_else(|| "the reason cannot be read".to_owned())))
    }

    /// Notes that a search for a specification begins, so that an admission which is not kept when the process ends is
    /// looked for.
    ///
    /// # Errors
    /// [`StoreError`] if the file system refuses.
    pub fn begin(&self, specification: &Digest, job: JobId) -> Result<(), StoreError> {
        let _lock = self.lock()?;
        self.write("pending", &mark(specification, job), b"")
    }

    /// Notes that a search for a specification has ended, and that what it admitted is kept.
    ///
    /// # Errors
    /// [`StoreError`] if the file system refuses.
    pub fn end(&self, specification: &Digest, job: JobId) -> Result<(), StoreError> {
        let _lock = self.lock()?;
        let name = mark(specification, job);
        if self.names("pending")?.contains(&name) {
            self.remove("pending", &name)?;
        }
        Ok(())
    }

    /// Returns the specifications of searches that began and have not ended.
    ///
    /// # Errors
    /// [`StoreError`] if the file system refuses.
    pub fn pending(&self) -> Result<Vec<Digest>, StoreError> {
        let names = self.names("pending")?;
        let mut all: Vec<Digest> =
            names.iter().filter_map(|name| name.split('-').next()?.parse().ok()).collect();
        all.dedup();
        Ok(all)
    }

    /// Adds a key of another machine whose records count here.
    ///
    /// # Errors
    /// [`StoreError`] if the file system refuses.
    pub fn trust(&self, key: [u8; 32]) -> Result<(), StoreError> {
        let _lock = self.lock()?;
        let mut keys = self.trusted()?;
        if !keys.contains(&key) {
            keys.push(key);
            self.write_trusted(&keys)?;
        }
        Ok(())
    }

    /// Removes a key of another machine, whose records count here no more. Returns false if it was not there.
    ///
    /// # Errors
    /// [`StoreError`] if the file system refuses.
    pub fn withdraw(&self, key: [u8; 32]) -> Result<bool, StoreError> {
        let _lock = self.lock()?;
        let mut keys = self.trusted()?;
        let before = keys.len();
        keys.retain(|trusted| *trusted != key);
        if keys.len() == before {
            return Ok(false);
        }
        self.write_trusted(&keys)?;
        Ok(true)
    }

    fn write_trusted(&self, keys: &[[u8; 32]]) -> Result<(), StoreError> {
        let lines: String = keys.iter().map(|key| format!("{}\n", Digest::from_bytes(*key))).collect();
        Ok(replace(&self.disk, &self.folder.join("trusted"), lines.as_bytes())?)
    }

    /// Returns the keys of other machines whose records count here.
    ///
    /// # Errors
    /// [`StoreError::Trusted`] if the file has a line that is no key, and the errors of the file system.
    pub fn trusted(&self) -> Result<Vec<[u8; 32]>, StoreError> {
        let path = self.folder.join("trusted");
        let bytes = read_up_to(&self.disk, &path, MOST_FILE)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let key = |line: &str| line.parse().map(|digest: Digest| *digest.as_bytes());
        let keys = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(key);
        keys.collect::<Result<_, _>>().map_err(|_| StoreError::Trusted { path })
    }

    fn read(&self, name: &str) -> Result<Kept, StoreError> {
        let path = self.folder.join(ADMITTED).join(name);
        let altered = |what| StoreError::Altered { path: path.clone(), what: KeptError(what) };
        let bytes = read_up_to(&self.disk, &path, MOST_FILE + 1)?.ok_or_else(|| altered("it is gone"))?;
        let kept =
            Kept::from_bytes(&bytes).map_err(|what| StoreError::Altered { path: path.clone(), what })?;
        match format!("{}-{}", kept.specification, Digest::hash_blob(&bytes)) == name {
            true => Ok(kept),
            false => Err(altered("its content is not the one of its name")),
        }
    }

    fn lock(&self) -> Result<D::Lock, StoreError> {
        let path = self.folder.join("lock");
        let lock = with_context("lock", &path, self.disk.lock(&path, WAIT))?;
        lock.ok_or(StoreError::Busy { path })
    }

    fn names(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        let mut names = list(&self.disk, &self.folder.join(folder))?;
        // What a writer left behind when it stopped is no file of the store.
        names.retain(|name| name.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'));
        Ok(names)
    }

    fn write(&self, folder: &str, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let folder = self.folder.join(folder);
        if !self.disk.is_folder(&folder) {
            files::create_folder(&self.disk, &folder)?;
        }
        Ok(replace(&self.disk, &folder.join(name), bytes)?)
    }

    fn remove(&self, folder: &str, name: &str) -> Result<(), StoreError> {
        let folder = self.folder.join(folder);
        let path = folder.join(name);
        with_context("remove", &path, self.disk.remove(&path))?;
        Ok(files::sync_folder(&self.disk, &folder)?)
    }
}

const ADMITTED: &str = "admitted";

/// Returns the name of the mark of a search.
fn mark(specification: &Digest, job: JobId) -> String {
    format!("{specification}-{:032x}", job.0)
}
