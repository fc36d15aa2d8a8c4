//! Notes of what was read, which the next write writes along.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Transaction, params};

use crate::error::Fault;
use crate::retention;

/// The most keys of which uses are noted between two writes. The uses of further keys are not counted.
const MOST: usize = 256;

/// The uses of one entry since the last write.
#[derive(Clone, Copy, Debug)]
struct Use {
    last_ms: i64,
    times: i64,
}

/// The uses of entries since the last write of this store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recency {
    uses: BTreeMap<String, Use>,
}

impl Recency {
    /// Notes that an entry was used.
    pub(crate) fn note(&mut self, key: &str, now_ms: i64) {
        if let Some(noted) = self.uses.get_mut(key) {
            noted.last_ms = noted.last_ms.max(now_ms);
            noted.times = noted.times.saturating_add(1);
        } else if self.uses.len() < MOST {
            self.uses.insert(key.to_owned(), Use { last_ms: now_ms, times: 1 });
        }
    }

    /// Forgets all notes, after they were committed.
    pub(crate) fn clear(&mut self) {
        self.uses.clear();
    }

    /// Writes the notes. A key that has no entry any more is passed over.
    pub(crate) fn write(&self, transaction: &Transaction<'_>) -> Result<(), Fault> {
        if self.uses.is_empty() {
            return Ok(());
        }
        let mut find =
            transaction.prepare_cached("SELECT id, accessed, worth, uses FROM entries WHERE key = ?1")?;
        let mut update = transaction
            .prepare_cached("UPDATE entries SET accessed = ?2, uses = ?3, retention = ?4 WHERE id = ?1")?;
        for (key, noted) in &self.uses {
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
            let found: Option<(i64, i64, u8, i64)> = find.query_row([key], read).optional()?;
            let Some((id, accessed, worth, uses)) = found else { continue };
            let (accessed, uses) = (accessed.max(noted.last_ms), uses.saturating_add(noted.times));
            update.execute(params![id, accessed, uses, retention(accessed, worth, uses)])?;
        }
        Ok(())
    }
}
