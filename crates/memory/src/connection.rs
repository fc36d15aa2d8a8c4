//! The connection to the database: where it lies, and the settings on which the quota rests.

use std::path::Path;
use std::time::Duration;

use files::{Disk, FolderDisk, with_context};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::MemoryError;
use crate::error::Fault;
use crate::quota::{PAGE_BYTES, Quota};

/// The pages that a connection keeps in memory, in KiB.
const CACHE_KIB: i64 = 8 << 10;

/// Opens the file `name` in `folder`, which are created if they are missing, closed to other users.
///
/// A folder that is a link, and a file that is no plain file of the folder's owner, are refused by name.
pub(crate) fn open(folder: &Path, name: &str) -> Result<Connection, Fault> {
    let disk = with_context("open", folder, FolderDisk::create(folder)).map_err(MemoryError::from)?;
    for name in [name.to_owned(), format!("{name}-journal")] {
        let path = folder.join(&name);
        with_context("open", &path, disk.kind(&path)).map_err(MemoryError::from)?;
    }
    let path = folder.join(name);
    // SQLite gives a new file the rights that the process gives to every file, and the journal those of the file.
    with_context("open", &path, disk.write(&path, 0, &[])).map_err(MemoryError::from)?;
    // A relative name that begins with `file:` would be read as an address.
    let named = if path.is_relative() { Path::new(".").join(&path) } else { path.clone() };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(named, flags)?)
}

/// Returns true if `folder` has no memory yet: the folder, the file or all of its bytes are missing. A place that cannot be
/// looked at is not missing, because opening it names the fault.
pub(crate) fn is_missing(folder: &Path, name: &str) -> bool {
    let disk = match FolderDisk::open(folder) {
        Ok(None) => return true,
        Ok(Some(disk)) => disk,
        Err(_) => return false,
    };
    let length = |name: &str| disk.length(&folder.join(name));
    match length(name) {
        Ok(None) => true,
        // A journal beside an empty file undoes a write when the file is opened.
        Ok(Some(0)) => matches!(length(&format!("{name}-journal")), Ok(None)),
        Ok(Some(_)) | Err(_) => false,
    }
}

/// Opens an empty database that lies in the memory of the process alone.
pub(crate) fn open_volatile() -> Result<Connection, Fault> {
    Ok(Connection::open_in_memory()?)
}

/// Makes the settings that hold for every connection.
///
/// `busy` is the longest time that an operation waits for other processes.
pub(crate) fn settle(connection: &Connection, busy: Duration) -> Result<(), Fault> {
    connection.busy_timeout(busy)?;
    // A file that somebody else wrote is data: it cannot make functions run or turn protections off.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // What is temporary is kept in memory: a file for it would lie outside the folder, and outside the quota.
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    // A page that is written before the commit costs the journal another header, which the quota does not count.
    connection.pragma_update(None, "cache_spill", false)?;
    Ok(())
}

/// Makes the settings by which a write that was acknowledged survives a loss of power.
pub(crate) fn make_durable(connection: &Connection) -> Result<(), Fault> {
    // The journal is removed with each commit, and EXTRA makes its removal durable: a journal that came back after a loss
    // of power would undo a write that was acknowledged.
    let journal: String =
        connection.pragma_update_and_check(None, "journal_mode", "delete", |row| row.get(0))?;
    if journal != "delete" {
        return Err(Fault::Damaged(format!("its journal is of the kind {journal}")));
    }
    connection.pragma_update(None, "synchronous", "extra")?;
    connection.pragma_update(None, "fullfsync", true)?;
    Ok(())
}

/// Sets the limit of pages, and returns an error if the file has more already.
pub(crate) fn limit(connection: &Connection, quota: Quota, path: &Path) -> Result<(), Fault> {
    let (wanted, pages) = (quota.pages(), pages(connection)?);
    if pages > wanted {
        return Err(MemoryError::FileAboveQuota {
            path: path.to_path_buf(),
            bytes: pages * PAGE_BYTES,
            most: wanted * PAGE_BYTES,
            quota: quota.bytes(),
        }
        .into());
    }
    let set: i64 = connection.pragma_update_and_check(None, "max_page_count", wanted, |row| row.get(0))?;
    if u64::try_from(set) == Ok(wanted) { Ok(()) } else { Err(Fault::Full) }
}

/// Returns the number of pages of the database, with those that a transaction under way adds.
pub(crate) fn pages(connection: &Connection) -> Result<u64, Fault> {
    count(connection, "PRAGMA page_count")
}

/// Returns the number of pages of the database that are not in use.
pub(crate) fn free_pages(connection: &Connection) -> Result<u64, Fault> {
    count(connection, "PRAGMA freelist_count")
}

fn count(connection: &Connection, sql: &str) -> Result<u64, Fault> {
    let count: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    u64::try_from(count).map_err(|_| Fault::Damaged("it states a negative number of pages".to_owned()))
}
