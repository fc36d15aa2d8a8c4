//! The tables, their version, and the steps from an older version to this one.

use abi::{Value, encode};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::MemoryError;
use crate::entry::{counted_bytes, digest};
use crate::error::Fault;
use crate::governance::{GOVERNANCE, GOVERNANCE_KEY, GOVERNANCE_KIND};

/// The mark of our files in their header, so that a database of another program is told apart: `nmkm`.
const APPLICATION: i64 = 0x6e6d_6b6d;
/// The version of the tables, which the header of the file states.
pub(crate) const VERSION: i64 = 1;
/// The values of the column `pinned`.
pub(crate) const LOOSE: i64 = 0;
pub(crate) const PINNED: i64 = 1;
const GOVERNING: i64 = 2;

/// The table of entries. The value is its last column, so that a reader of the others does not pass over it.
const ENTRIES: &str = "CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    pinned INTEGER NOT NULL,
    worth INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    accessed INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    retention INTEGER NOT NULL,
    digest BLOB NOT NULL,
    value BLOB NOT NULL
) STRICT";
const BY_RETENTION: &str = "CREATE INDEX by_retention ON entries (retention) WHERE pinned = 0";
const BY_PIN: &str = "CREATE INDEX by_pin ON entries (bytes) WHERE pinned = 1";
const BY_UPDATE: &str = "CREATE INDEX by_update ON entries (pinned, updated)";
/// The text index. It has no copy of the text, and forgets a row by its number.
const WORDS: &str = "CREATE VIRTUAL TABLE words USING fts5(key, body, content='', contentless_delete=1)";

/// The settings of the text index: it merges its parts only where it is told to, a few pages at a time. By itself it would
/// merge a whole level at once, which needs as many free pages as the level has.
const SETTINGS: &str = "INSERT INTO words (words, rank) VALUES ('automerge', 0), ('crisismerge', 1999)";

/// A step from one version to the next.
pub(crate) type Step = fn(&Transaction<'_>) -> rusqlite::Result<()>;
/// The steps from each older version; the first one leads from version 1 to 2.
const STEPS: &[Step] = &[];

/// Brings the file to this version: creates the tables of a new one, takes the missing steps of an older one.
pub(crate) fn prepare(connection: &mut Connection, path: &std::path::Path, now_ms: i64) -> Result<(), Fault> {
    // One transaction, because another process may prepare the file between two reads.
    let read = connection.transaction()?;
    let found = version(&read, path, VERSION)?;
    drop(read);
    if found == VERSION {
        return check_tables(connection, path);
    }
    // Another process may have prepared the file meanwhile, so the version is read again under the lock.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    match version(&transaction, path, VERSION)? {
        0 => create(&transaction, now_ms)?,
        found => migrate(&transaction, found, STEPS)?,
    }
    transaction.commit()?;
    Ok(())
}

/// Returns the version of the file, which is 0 for an empty one. Refuses a newer file, and one of another program.
fn version(connection: &Connection, path: &std::path::Path, known: i64) -> Result<i64, Fault> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, found) = (number("application_id")?, number("user_version")?);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match application {
        0 if found == 0 && tables == 0 => Ok(0),
        APPLICATION if found > known => {
            Err(MemoryError::Newer { path: path.to_path_buf(), found, known }.into())
        }
        APPLICATION if found > 0 => Ok(found),
        _ => Err(MemoryError::Foreign { path: path.to_path_buf() }.into()),
    }
}

fn create(transaction: &Transaction<'_>, now_ms: i64) -> Result<(), Fault> {
    for table in [ENTRIES, BY_RETENTION, BY_PIN, BY_UPDATE, WORDS, SETTINGS] {
        transaction.execute_batch(table)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    govern(transaction, GOVERNANCE, now_ms)
}

/// Writes the governance entry.
pub(crate) fn govern(transaction: &Transaction<'_>, text: &str, now_ms: i64) -> Result<(), Fault> {
    let value = encode(&Value::text(text));
    let (key, kind) = (GOVERNANCE_KEY, GOVERNANCE_KIND);
    transaction.execute(
        "INSERT INTO entries (key, kind, pinned, worth, bytes, created, updated, accessed, uses, retention, digest, value)
         VALUES (?1, ?2, ?3, 0, ?4, ?5, ?5, ?5, 0, 0, ?6, ?7)
         ON CONFLICT (key) DO UPDATE SET bytes = ?4, updated = ?5, digest = ?6, value = ?7",
        params![
            key,
            kind,
            GOVERNING,
            counted_bytes(key, kind, &value),
            now_ms,
            digest(key, kind, &value).as_bytes(),
            value
        ],
    )?;
    Ok(())
}

/// Takes the steps from version `found` on, and writes the version after them.
pub(crate) fn migrate(transaction: &Transaction<'_>, found: i64, steps: &[Step]) -> Result<(), Fault> {
    let first = usize::try_from(found - 1).unwrap_or(usize::MAX);
    for step in steps.get(first..).unwrap_or_default() {
        step(transaction)?;
    }
    transaction.pragma_update(None, "user_version", 1 + steps.len() as i64)?;
    Ok(())
}

/// Refuses a file whose tables are not ours, for example one with a trigger that somebody added.
fn check_tables(connection: &Connection, path: &std::path::Path) -> Result<(), Fault> {
    let damaged = |what: &str| Fault::Damaged(what.to_owned());
    for (name, wanted) in [
        ("entries", ENTRIES),
        ("by_retention", BY_RETENTION),
        ("by_pin", BY_PIN),
        ("by_update", BY_UPDATE),
        ("words", WORDS),
    ] {
        let sql = "SELECT sql FROM sqlite_schema WHERE name = ?1";
        let found: Option<String> = connection.query_row(sql, [name], |row| row.get(0)).optional()?;
        if found.as_deref() != Some(wanted) {
            return Err(damaged(&format!("its table {name} is not that of this version")));
        }
    }
    let others: i64 = connection.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')",
        [],
        |row| row.get(0),
    )?;
    if others > 0 {
        return Err(MemoryError::Foreign { path: path.to_path_buf() }.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rusqlite::Connection;

    use super::{VERSION, migrate, prepare, version};
    use crate::MemoryError;
    use crate::error::Fault;

    #[test]
    fn the_missing_steps_are_taken_and_no_other() {
        let mut connection = Connection::open_in_memory().expect("memory");
        prepare(&mut connection, Path::new("m"), 0).expect("a new file");
        let steps: &[super::Step] = &[
            |transaction| transaction.execute_batch("CREATE TABLE second (a)"),
            |transaction| transaction.execute_batch("CREATE TABLE third (a)"),
        ];
        for from in [1, 2] {
            let transaction = connection.transaction().expect("a transaction");
            if from == 2 {
                transaction.execute_batch("CREATE TABLE second (a)").expect("the first step was taken");
            }
            migrate(&transaction, from, steps).expect("the steps");
            assert_eq!(version(&transaction, Path::new("m"), 3).expect("a version"), 3);
            transaction.execute_batch("SELECT * FROM second, third").expect("both tables");
            transaction.rollback().expect("rolled back");
        }
        let found = version(&connection, Path::new("m"), VERSION - 1).expect_err("a newer file");
        let Fault::Refused(error) = found else { panic!("{found:?}") };
        assert!(matches!(*error, MemoryError::Newer { found: VERSION, .. }), "{error}");
    }
}
