//! The store: its door for ordinary callers and for stewards.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::connection::{self, free_pages, pages};
use crate::consult::{Consultation, consult};
use crate::entry::{Draft, Entry, Listed, Stats, Stored};
use crate::error::Fault;
use crate::export::export;
use crate::governance::GOVERNANCE_KEY;
use crate::import::{Imported, import};
use crate::quota::{PAGE_BYTES, Quota};
use crate::recency::Recency;
use crate::room::{merge, remove};
use crate::schema::{LOOSE, PINNED, govern, prepare};
use crate::write::{Writer, check_pins, pinned};
use crate::{MemoryError, Steward, rows};

/// The name of the database in the folder of a store.
pub const FILE: &str = "memory.sqlite";

/// The choices of whoever opens a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The most bytes of all files in the folder. Every process passes the same one: a writer with a smaller quota
    /// than the file needs is refused.
    pub quota: Quota,
    /// The longest time for which an operation waits for other processes.
    pub busy: Duration,
}

impl Options {
    /// The defaults: 100 MiB, and five seconds.
    pub const REFERENCE: Self = Self { quota: Quota::REFERENCE, busy: Duration::from_secs(5) };
}

/// A store that is open. Threads share one by reference, and processes open their own.
///
/// Every method waits for others that write, at most as long as the options say; it fails with
/// [`MemoryError::Busy`] after that. A method that fails has changed nothing.
pub struct Store {
    inner: Mutex<Inner>,
    path: PathBuf,
    options: Options,
}

struct Inner {
    connection: Connection,
    recency: Recency,
}

impl fmt::Debug for Store {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, options, .. } = self;
        out.debug_struct("Store").field("path", path).field("options", options).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store in `folder`, which is created with its file if it is missing. A write that was killed is undone.
    ///
    /// # Errors
    /// Fails if the folder or the file is not a plain one of this user, if the file is longer than the quota permits, and
    /// if it is damaged, newer, or of another program.
    pub fn open(folder: &Path, options: &Options, now_ms: i64) -> Result<Self, MemoryError> {
        Self::over(folder, options, now_ms, || {
            let connection = connection::open(folder, FILE)?;
            connection::settle(&connection, options.busy)?;
            connection::make_durable(&connection)?;
            Ok(connection)
        })
    }

    /// Opens the store in `folder` for a caller who only reads. If there is none yet, nothing is created: the caller gets an
    /// empty store that is not on disk, and what is written to it is lost.
    ///
    /// # Errors
    /// Fails as [`open`](Self::open) does.
    pub fn open_to_read(folder: &Path, options: &Options, now_ms: i64) -> Result<Self, MemoryError> {
        if !Self::is_missing(folder) {
            return Self::open(folder, options, now_ms);
        }
        Self::over(folder, options, now_ms, || {
            let connection = connection::open_volatile()?;
            connection::settle(&connection, options.busy)?;
            Ok(connection)
        })
    }

    /// Returns true if `folder` has no store yet: the folder or the file is missing, or the file has no bytes. A place that
    /// cannot be looked at is not missing, because opening it names the fault.
    #[must_use]
    pub fn is_missing(folder: &Path) -> bool {
        connection::is_missing(folder, FILE)
    }

    /// Returns the store over the connection that `connect` makes, with the limit of pages and the tables.
    fn over(
        folder: &Path,
        options: &Options,
        now_ms: i64,
        connect: impl FnOnce() -> Result<Connection, Fault>,
    ) -> Result<Self, MemoryError> {
        let path = folder.join(FILE);
        let prepared = || -> Result<Connection, Fault> {
            let mut connection = connect()?;
            connection::limit(&connection, options.quota, &path)?;
            prepare(&mut connection, &path, now_ms)?;
            Ok(connection)
        };
        let connection = prepared().map_err(|fault| fault.named(&path, options.busy))?;
        let inner = Mutex::new(Inner { connection, recency: Recency::default() });
        Ok(Self { inner, path, options: *options })
    }

    /// Returns the path of the database.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Stores an entry. If there is no room for it, the entries that are worth least are removed.
    ///
    /// An entry that has the key already is replaced, and keeps its pin.
    ///
    /// # Errors
    /// Fails if the entry is too large, if the pins of ordinary callers are exhausted, and if there is no room.
    pub fn put(&self, draft: &Draft, now_ms: i64) -> Result<Stored, MemoryError> {
        self.write(|writer| writer.put(draft, None, now_ms))
    }

    /// Stores an entry as [`put`](Self::put) does, with the larger share of pins of a steward.
    ///
    /// # Errors
    /// Fails as `put` does.
    pub fn put_as(&self, steward: &Steward, draft: &Draft, now_ms: i64) -> Result<Stored, MemoryError> {
        self.write(|writer| writer.put(draft, Some(steward), now_ms))
    }

    /// Returns the entry with this key, and notes its use.
    ///
    /// # Errors
    /// Fails if the content is not what was stored.
    pub fn get(&self, key: &str, now_ms: i64) -> Result<Option<Entry>, MemoryError> {
        let found = self.read(|connection| rows::entry(connection, key))?;
        if let Some(entry) = &found {
            self.lock().recency.note(&entry.key, now_ms);
        }
        Ok(found)
    }

    /// Returns the first `most` entries without their values, the pinned ones first, and of each kind the last changed
    /// ones first.
    ///
    /// # Errors
    /// Fails if the database refuses.
    pub fn list(&self, most: u32) -> Result<Vec<Listed>, MemoryError> {
        self.read(|connection| rows::listed(connection, most))
    }

    /// Removes an entry that is not pinned. Returns false if no entry has the key.
    ///
    /// # Errors
    /// Fails with [`MemoryError::Pinned`] for a pinned entry, and with [`MemoryError::Governance`] for that of the store.
    pub fn delete(&self, key: &str) -> Result<bool, MemoryError> {
        self.remove(key, None)
    }

    /// Removes an entry, also a pinned one. Returns false if no entry has the key.
    ///
    /// # Errors
    /// Fails with [`MemoryError::Governance`] for the entry of the store.
    pub fn delete_as(&self, steward: &Steward, key: &str) -> Result<bool, MemoryError> {
        self.remove(key, Some(steward))
    }

    /// Pins an entry, or takes its pin back.
    ///
    /// # Errors
    /// Fails if no entry has the key, if it is the governance entry, and if no more can be pinned.
    pub fn pin_as(&self, steward: &Steward, key: &str, pin: bool) -> Result<(), MemoryError> {
        self.write(|writer| {
            let quota = writer.quota;
            writer.attempt(1, |transaction, _| {
                let (id, _) = find(transaction, key)?
                    .ok_or_else(|| Fault::from(MemoryError::NoEntry { key: key.to_owned() }))?;
                transaction
                    .prepare_cached("UPDATE entries SET pinned = ?2 WHERE id = ?1")?
                    .execute([id, if pin { PINNED } else { LOOSE }])?;
                if pin { check_pins(transaction, quota, Some(steward)) } else { Ok(()) }
            })
        })
    }

    /// Replaces the text of the governance entry.
    ///
    /// # Errors
    /// Fails if the text is larger than an entry may be.
    pub fn govern_as(&self, _steward: &Steward, text: &str, now_ms: i64) -> Result<(), MemoryError> {
        let (bytes, most) = (text.len() as u64, self.options.quota.entry_bytes());
        if bytes > most {
            return Err(MemoryError::EntryTooLarge { bytes, most });
        }
        self.write(|writer| writer.attempt(1, |transaction, _| govern(transaction, text, now_ms)))
    }

    /// Returns the entries that fit `request` best, the best first, until `tokens` are reached.
    ///
    /// The governance entry comes first and is part of the budget. Entries are found by their words and ranked by BM25; an
    /// entry that does not fit the rest of the budget is passed over. Each entry that is returned counts as used.
    ///
    /// # Errors
    /// Fails with [`MemoryError::BudgetTooSmall`] if the budget has no room for the governance entry, and if the content
    /// is not what was stored.
    pub fn consult(&self, request: &str, tokens: u64, now_ms: i64) -> Result<Consultation, MemoryError> {
        let found = self.read(|connection| consult(connection, request, tokens))?;
        let mut inner = self.lock();
        for recalled in &found.recalled {
            inner.recency.note(&recalled.entry.key, now_ms);
        }
        Ok(found)
    }

    /// Returns the state of the store in numbers.
    ///
    /// # Errors
    /// Fails if the database refuses.
    pub fn stats(&self) -> Result<Stats, MemoryError> {
        let quota = self.options.quota;
        self.read(|connection| {
            let sql = "SELECT count(*), coalesce(sum(bytes), 0) FROM entries";
            let (entries, bytes) = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let (pinned, pinned_bytes) = pinned(connection)?;
            let (pages, free) = (pages(connection)?, free_pages(connection)?);
            Ok(Stats {
                entries,
                bytes,
                pinned,
                pinned_bytes,
                pin_quota: quota.pinned_bytes(),
                quota: quota.bytes(),
                file_bytes: pages * PAGE_BYTES,
                used_bytes: pages.saturating_sub(free) * PAGE_BYTES,
                room_bytes: quota.tidy_pages() * PAGE_BYTES,
            })
        })
    }

    /// Passes every entry but the governance entry to `each`, in ascending order of keys, as of one moment.
    ///
    /// # Errors
    /// Fails if an entry is not what was stored, and with the error of `each`.
    pub fn export<E: From<MemoryError>>(&self, each: impl FnMut(Entry) -> Result<(), E>) -> Result<(), E> {
        export(&self.lock().connection, each).map_err(|error| match error {
            crate::export::Ended::Store(fault) => fault.named(&self.path, self.options.busy).into(),
            crate::export::Ended::Caller(error) => error,
        })
    }

    /// Stores the entries of lines as [`export_line`](crate::export_line) writes them: all of them or none. An entry that has
    /// the key of a line is replaced, and no other entry is removed.
    ///
    /// # Errors
    /// Fails with the number of the first line that cannot be used, or of the one after which there is no room.
    pub fn import<'l>(
        &self,
        lines: impl IntoIterator<Item = &'l str> + Clone,
        steward: Option<&Steward>,
    ) -> Result<Imported, MemoryError> {
        self.write(|writer| import(writer, lines.clone(), steward))
    }

    /// Checks the whole file: its pages, its text index, and every entry against its digest. The time grows with the
    /// file.
    ///
    /// # Errors
    /// Fails with [`MemoryError::Corrupt`] and the first fault.
    pub fn check(&self) -> Result<(), MemoryError> {
        self.read(|connection| {
            // The check of the text index trusts what this connection knows of it; a query makes it look again.
            connection.query_row("SELECT count(*) FROM words WHERE words MATCH 'a'", [], |_| Ok(()))?;
            let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
            if found != "ok" {
                return Err(Fault::Damaged(found));
            }
            let sql = format!("SELECT {} FROM entries", rows::COLUMNS);
            let mut statement = connection.prepare(&sql)?;
            for raw in statement.query_map([], rows::raw)? {
                raw?.checked()?;
            }
            Ok(())
        })
    }

    fn remove(&self, key: &str, steward: Option<&Steward>) -> Result<bool, MemoryError> {
        self.write(|writer| {
            writer.attempt(1, |transaction, _| {
                let Some((id, pinned)) = find(transaction, key)? else { return Ok(false) };
                if pinned && steward.is_none() {
                    return Err(MemoryError::Pinned { key: key.to_owned() }.into());
                }
                remove(transaction, id)?;
                merge(transaction, 0)?;
                Ok(true)
            })
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A thread that panics leaves no transaction open: dropping one undoes it.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, body: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, MemoryError> {
        let mut inner = self.lock();
        let in_one_moment = || {
            let transaction = inner.connection.transaction()?;
            body(&transaction)
        };
        in_one_moment().map_err(|fault| fault.named(&self.path, self.options.busy))
    }

    fn write<T>(&self, body: impl FnOnce(&mut Writer<'_>) -> Result<T, Fault>) -> Result<T, MemoryError> {
        let mut inner = self.lock();
        let Inner { connection, recency } = &mut *inner;
        let mut writer = Writer { connection, path: &self.path, quota: self.options.quota, recency };
        body(&mut writer).map_err(|fault| fault.named(&self.path, self.options.busy))
    }
}

/// Returns the number of the entry with this key, and true if it is pinned. Refuses the key of the store itself.
fn find(transaction: &Transaction<'_>, key: &str) -> Result<Option<(i64, bool)>, Fault> {
    if key == GOVERNANCE_KEY {
        return Err(MemoryError::Governance { key: key.to_owned() }.into());
    }
    let mut statement = transaction.prepare_cached("SELECT id, pinned FROM entries WHERE key = ?1")?;
    let found = statement.query_row([key], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? != LOOSE)));
    Ok(found.optional()?)
}
