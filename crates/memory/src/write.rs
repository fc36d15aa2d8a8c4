//! Writes: one transaction each, which commits everything or leaves everything as it was.

use std::path::Path;

use abi::{MAX_DEPTH, encode};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::connection::limit;
use crate::entry::{Draft, Stored, counted_bytes, digest};
use crate::error::Fault;
use crate::quota::Quota;
use crate::recency::Recency;
use crate::room::{flush, make, merge, remove, used_pages};
use crate::schema::{LOOSE, PINNED, VERSION};
use crate::words::indexed;
use crate::{MemoryError, Steward, retention};

/// The most attempts at one write. Each removes four times as much as the one before, so the last one may empty the store.
const ATTEMPTS: u32 = 7;

/// The part of a connection that writes need.
pub(crate) struct Writer<'a> {
    pub(crate) connection: &'a mut Connection,
    pub(crate) path: &'a Path,
    pub(crate) quota: Quota,
    pub(crate) recency: &'a mut Recency,
}

impl Writer<'_> {
    /// Runs `body` in a transaction, and again with a higher number while there is no page left for it.
    ///
    /// If the last attempt fails, or the first one for another reason, nothing is changed.
    pub(crate) fn attempt<T>(
        &mut self,
        attempts: u32,
        mut body: impl FnMut(&Transaction<'_>, u32) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut attempt = 0;
        loop {
            match self.once(|transaction| body(transaction, attempt)) {
                Err(fault) if fault.is_full() && attempt + 1 < attempts => attempt += 1,
                Err(fault) if fault.is_full() => return Err(self.full()),
                ended => return ended,
            }
        }
    }

    /// Returns the reason for which there was no page: the quota, or the disk, on which the smallest write fails too.
    fn full(&self) -> Fault {
        match self.connection.pragma_update(None, "user_version", VERSION) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => self.disk_full(),
            _ => MemoryError::NoRoom.into(),
        }
    }

    fn disk_full(&self) -> Fault {
        MemoryError::DiskFull { path: self.path.to_path_buf() }.into()
    }

    fn once<T>(&mut self, body: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        limit(&transaction, self.quota, self.path)?;
        self.recency.write(&transaction)?;
        let done = body(&transaction)?;
        flush(&transaction)?;
        // Pages are written to the database by the commit alone, so the disk is full if there is no room for them then.
        match transaction.commit() {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {
                return Err(self.disk_full());
            }
            committed => committed?,
        }
        self.recency.clear();
        Ok(done)
    }

    /// Stores an entry, and removes others if there is no room for it.
    pub(crate) fn put(
        &mut self,
        draft: &Draft,
        steward: Option<&Steward>,
        now_ms: i64,
    ) -> Result<Stored, Fault> {
        let quota = self.quota;
        let value = checked_value(draft, quota)?;
        let bytes = counted_bytes(draft.key.as_str(), draft.kind.as_str(), &value);
        self.attempt(ATTEMPTS, |transaction, attempt| {
            let evicted = make(transaction, quota, draft.key.as_str(), bytes, attempt)?;
            let row = Row::from_draft(draft, &value, now_ms);
            let Written { replaced, pinned } = row.write(transaction)?;
            if pinned {
                check_pins(transaction, quota, steward)?;
            }
            merge(transaction, bytes)?;
            check_filled(transaction, quota)?;
            Ok(Stored { bytes, replaced, evicted })
        })
    }
}

/// Returns the encoded value of a draft that one entry may have.
pub(crate) fn checked_value(draft: &Draft, quota: Quota) -> Result<Vec<u8>, MemoryError> {
    let depth = draft.value.depth();
    if depth > MAX_DEPTH {
        return Err(MemoryError::TooDeep { depth, most: MAX_DEPTH });
    }
    let value = encode(&draft.value);
    let bytes = counted_bytes(draft.key.as_str(), draft.kind.as_str(), &value);
    match quota.entry_bytes() {
        most if bytes > most => Err(MemoryError::EntryTooLarge { bytes, most }),
        _ => Ok(value),
    }
}

/// Refuses a state in which only the pages for removals are left.
pub(crate) fn check_filled(transaction: &Transaction<'_>, quota: Quota) -> Result<(), Fault> {
    flush(transaction)?;
    if used_pages(transaction)? > quota.filled_pages() { Err(Fault::Full) } else { Ok(()) }
}

/// Returns the number of pinned entries, and the bytes that they need by estimate.
pub(crate) fn pinned(connection: &Connection) -> Result<(u64, u64), Fault> {
    let mut statement = connection.prepare_cached("SELECT bytes FROM entries WHERE pinned = 1")?;
    let (mut entries, mut needed) = (0, 0_u64);
    for bytes in statement.query_map([], |row| row.get(0))? {
        entries += 1;
        needed = needed.saturating_add(Quota::estimate(bytes?));
    }
    Ok((entries, needed))
}

/// Refuses a state in which more is pinned than the caller may pin.
///
/// A caller without privilege cannot pin while a steward has pinned more than the ordinary share: the entry can still be
/// stored without a pin.
pub(crate) fn check_pins(
    transaction: &Transaction<'_>,
    quota: Quota,
    steward: Option<&Steward>,
) -> Result<(), Fault> {
    let most = if steward.is_some() { quota.steward_pinned_bytes() } else { quota.pinned_bytes() };
    let (_, bytes) = pinned(transaction)?;
    if bytes > most { Err(MemoryError::PinQuota { bytes, most }.into()) } else { Ok(()) }
}

/// The state of an entry after it was written.
pub(crate) struct Written {
    /// True if an entry with its key was replaced.
    pub(crate) replaced: bool,
    /// True if the entry is pinned now, by this write or by an earlier one.
    pub(crate) pinned: bool,
}

/// An entry as it is written.
pub(crate) struct Row<'a> {
    pub(crate) draft: &'a Draft,
    pub(crate) value: &'a [u8],
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: i64,
    pub(crate) accessed_ms: i64,
    pub(crate) uses: i64,
}

impl<'a> Row<'a> {
    fn from_draft(draft: &'a Draft, value: &'a [u8], now_ms: i64) -> Self {
        Self { draft, value, created_ms: now_ms, updated_ms: now_ms, accessed_ms: now_ms, uses: 0 }
    }

    /// Writes the entry and its words. An entry that has the key already is replaced: it keeps its pin, the time
    /// at which it was made, and its uses.
    pub(crate) fn write(&self, transaction: &Transaction<'_>) -> Result<Written, Fault> {
        let draft = self.draft;
        let (key, kind, worth) = (draft.key.as_str(), draft.kind.as_str(), draft.worth.get());
        let mut find =
            transaction.prepare_cached("SELECT id, pinned, created, uses FROM entries WHERE key = ?1")?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        let before: Option<(i64, i64, i64, i64)> = find.query_row([key], read).optional()?;
        let (mut pinned, mut created, mut uses) =
            (if draft.pin { PINNED } else { LOOSE }, self.created_ms, self.uses);
        if let Some((id, was_pinned, was_created, used)) = before {
            pinned = pinned.max(was_pinned);
            created = created.min(was_created);
            uses = uses.max(used);
            remove(transaction, id)?;
        }
        transaction
            .prepare_cached(
                "INSERT INTO entries
                 (key, kind, pinned, worth, bytes, created, updated, accessed, uses, retention, digest, value)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute(params![
                key,
                kind,
                pinned,
                worth,
                counted_bytes(key, kind, self.value),
                created,
                self.updated_ms,
                self.accessed_ms,
                uses,
                retention(self.accessed_ms, worth, uses),
                digest(key, kind, self.value).as_bytes(),
                self.value
            ])?;
        let id = transaction.last_insert_rowid();
        transaction
            .prepare_cached("INSERT INTO words (rowid, key, body) VALUES (?1, ?2, ?3)")?
            .execute(params![id, key, indexed(&draft.value)])?;
        Ok(Written { replaced: before.is_some(), pinned: pinned == PINNED })
    }
}
