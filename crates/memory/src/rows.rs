//! Rows of the table, read and checked.

use abi::{Digest, decode};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::entry::{Entry, Listed, digest};
use crate::error::Fault;
use crate::schema::LOOSE;

/// The columns of an entry, in the order in which [`entry`] reads them.
pub(crate) const COLUMNS: &str =
    "entries.key, kind, pinned, worth, created, updated, accessed, uses, digest, value";

/// A row whose value was not looked at yet.
pub(crate) struct Raw {
    entry: Entry,
    value: Vec<u8>,
}

/// Reads the columns of [`COLUMNS`].
pub(crate) fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let digest: [u8; 32] = row.get(8)?;
    let pinned: i64 = row.get(2)?;
    let entry = Entry {
        key: row.get(0)?,
        kind: row.get(1)?,
        value: abi::Value::Null,
        digest: Digest::from_bytes(digest),
        worth: row.get(3)?,
        pinned: pinned != LOOSE,
        created_ms: row.get(4)?,
        updated_ms: row.get(5)?,
        accessed_ms: row.get(6)?,
        uses: row.get(7)?,
    };
    Ok(Raw { entry, value: row.get(9)? })
}

impl Raw {
    /// Returns the entry, if its content has the digest that was stored with it.
    pub(crate) fn checked(self) -> Result<Entry, Fault> {
        let Self { mut entry, value } = self;
        let damaged = || Fault::Damaged(format!("the entry `{}` is not what was stored", entry.key));
        if digest(&entry.key, &entry.kind, &value) != entry.digest {
            return Err(damaged());
        }
        entry.value = decode(&value).map_err(|_| damaged())?;
        Ok(entry)
    }
}

/// Returns the entry with this key.
pub(crate) fn entry(connection: &Connection, key: &str) -> Result<Option<Entry>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM entries WHERE key = ?1");
    let found = connection.prepare_cached(&sql)?.query_row([key], raw).optional()?;
    found.map(Raw::checked).transpose()
}

/// Returns the first `most` entries without their values: the pinned ones first, and the last changed ones first.
pub(crate) fn listed(connection: &Connection, most: u32) -> Result<Vec<Listed>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT key, kind, pinned, worth, bytes, updated, accessed, uses FROM entries
         ORDER BY pinned DESC, updated DESC, id DESC LIMIT ?1",
    )?;
    let rows = statement.query_map([most], |row| {
        Ok(Listed {
            key: row.get(0)?,
            kind: row.get(1)?,
            pinned: row.get::<_, i64>(2)? != LOOSE,
            worth: row.get(3)?,
            bytes: row.get(4)?,
            updated_ms: row.get(5)?,
            accessed_ms: row.get(6)?,
            uses: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
