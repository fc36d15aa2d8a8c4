//! Room for a write: the entries that are worth least are removed until there is enough.

use rusqlite::{OptionalExtension, Transaction, params};

use crate::connection::{free_pages, pages};
use crate::error::Fault;
use crate::quota::{PAGE_BYTES, Quota};

/// The pages that the text index merges with each write, and further ones for each page of the entry. A page is merged
/// about once for each fourfold growth of the index, so this keeps up with any size.
const MERGED_PAGES: u64 = 8;
const MERGED_PAGES_EACH: u64 = 8;

/// Returns the number of pages in use.
pub(crate) fn used_pages(transaction: &Transaction<'_>) -> Result<u64, Fault> {
    Ok(pages(transaction)?.saturating_sub(free_pages(transaction)?))
}

/// Makes room for an entry of `bytes` bytes with the key `key`, which is not removed itself. Returns the keys of the entries
/// that were removed.
///
/// While fewer pages are in use than the quota keeps tidy, nothing is removed. Above that, entries of about twice the bytes
/// go, because the index frees the pages of removed words later: so the use sinks back slowly. Each attempt after the first
/// one removes four times as much as the one before.
pub(crate) fn make(
    transaction: &Transaction<'_>,
    quota: Quota,
    key: &str,
    bytes: u64,
    attempt: u32,
) -> Result<Vec<String>, Fault> {
    let needed = Quota::estimate(bytes).div_ceil(PAGE_BYTES);
    let excess = (used_pages(transaction)? + needed).saturating_sub(quota.tidy_pages());
    let mut removed = Vec::new();
    if excess == 0 && attempt == 0 {
        return Ok(removed);
    }
    let wanted = match attempt {
        0 => excess.min(2 * needed),
        attempt => excess.max(needed) << (2 * attempt),
    };
    let wanted = wanted.saturating_mul(PAGE_BYTES);
    let mut freed = 0;
    while freed < wanted {
        let Some((victim, id, bytes)) = least(transaction, key)? else { break };
        remove(transaction, id)?;
        freed += Quota::estimate(bytes);
        removed.push(victim);
    }
    Ok(removed)
}

/// Returns the key, the number and the bytes of the unpinned entry that is worth least, other than `key`.
fn least(transaction: &Transaction<'_>, key: &str) -> Result<Option<(String, i64, u64)>, Fault> {
    let mut statement = transaction.prepare_cached(
        "SELECT key, id, bytes FROM entries WHERE pinned = 0 AND key <> ?1 ORDER BY retention, id LIMIT 1",
    )?;
    let found = statement.query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    Ok(found.optional()?)
}

/// Removes an entry and its words.
pub(crate) fn remove(transaction: &Transaction<'_>, id: i64) -> Result<(), Fault> {
    transaction.prepare_cached("DELETE FROM words WHERE rowid = ?1")?.execute([id])?;
    transaction.prepare_cached("DELETE FROM entries WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// Lets the text index merge a few of its parts after an entry of `bytes` bytes was written, which frees the pages of words that
/// were removed.
pub(crate) fn merge(transaction: &Transaction<'_>, bytes: u64) -> Result<(), Fault> {
    flush(transaction)?;
    let pages = MERGED_PAGES + MERGED_PAGES_EACH * bytes.div_ceil(PAGE_BYTES);
    let sql = "INSERT INTO words (words, rank) VALUES ('merge', ?1)";
    transaction.prepare_cached(sql)?.execute(params![pages])?;
    Ok(())
}

/// Lets the text index write what it has collected in memory. It would do so at the commit, where a page that is missing
/// could not be told from a full disk.
pub(crate) fn flush(transaction: &Transaction<'_>) -> Result<(), Fault> {
    transaction.prepare_cached("INSERT INTO words (words) VALUES ('flush')")?.execute([])?;
    Ok(())
}
