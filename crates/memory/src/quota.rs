//! The quota, and the shares into which it is cut.

use crate::MemoryError;

/// The bytes of one page of the database.
pub(crate) const PAGE_BYTES: u64 = 4096;
/// The bytes that the journal needs for one page: the page, its number and its checksum.
const JOURNAL_PAGE_BYTES: u64 = PAGE_BYTES + 8;
/// Room for the header of the journal, which fills one sector of the disk; 64 KiB is the largest sector of SQLite.
const HEADER_BYTES: u64 = 64 << 10;

/// The fewest pages that are left free.
const LEAST_MARGIN: u64 = 16;

/// The smallest quota in bytes with which a store is made. A smaller one has no room for the tables, the governance
/// entry and a journal that replaces them.
pub const MIN_QUOTA: u64 = 1 << 20;

/// The most bytes that the files of a store may have together, at every moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quota(u64); // Invariant: from MIN_QUOTA to MOST.

/// The largest quota in bytes: the numbers of pages stay far from what SQLite and 64 bits can hold.
const MOST: u64 = 1 << 40;

impl Quota {
    /// The default of the reference: 100 MiB.
    pub const REFERENCE: Self = Self(100 << 20);

    /// Returns the quota of this many bytes.
    ///
    /// # Errors
    /// Fails with [`MemoryError::QuotaTooSmall`] below [`MIN_QUOTA`]. A quota above 1 TiB counts as 1 TiB.
    pub fn new(bytes: u64) -> Result<Self, MemoryError> {
        if bytes < MIN_QUOTA {
            return Err(MemoryError::QuotaTooSmall { quota: bytes, least: MIN_QUOTA });
        }
        Ok(Self(bytes.min(MOST)))
    }

    /// Returns the quota in bytes.
    #[must_use]
    pub fn bytes(self) -> u64 {
        self.0
    }

    /// Returns the most pages that the database may have. If a write replaced every one of them, the database and the
    /// journal would just fit the quota.
    #[must_use]
    pub fn pages(self) -> u64 {
        (self.0 - HEADER_BYTES) / (PAGE_BYTES + JOURNAL_PAGE_BYTES)
    }

    /// Returns the most pages that are in use after a write that adds something. The pages above are left for removals,
    /// which need some before they free others.
    pub(crate) fn filled_pages(self) -> u64 {
        self.pages() - self.margin()
    }

    /// Returns a sixteenth of the pages, or more if the text index needs more for merging its smallest parts.
    fn margin(self) -> u64 {
        (self.pages() / 16).max(LEAST_MARGIN)
    }

    /// Returns the number of pages in use from which on a write removes entries.
    pub(crate) fn tidy_pages(self) -> u64 {
        self.filled_pages() - self.margin()
    }

    /// Returns the bytes of the largest entry that is accepted: a sixteenth of the room for data.
    #[must_use]
    pub fn entry_bytes(self) -> u64 {
        self.filled_pages() * PAGE_BYTES / 16
    }

    /// Returns the most bytes that pinned entries may need if an ordinary caller pins: a quarter of the room for data.
    #[must_use]
    pub fn pinned_bytes(self) -> u64 {
        self.filled_pages() * PAGE_BYTES / 4
    }

    /// Returns the most bytes that pinned entries may need if a steward pins: half of the room for data. The rest can
    /// always be removed, so pins cannot stop the store.
    #[must_use]
    pub fn steward_pinned_bytes(self) -> u64 {
        self.filled_pages() * PAGE_BYTES / 2
    }

    /// Returns the bytes that an entry needs in the file by estimate, if `bytes` count for it: as many again for its words,
    /// and 512 for its rows.
    #[must_use]
    pub fn estimate(bytes: u64) -> u64 {
        2 * bytes + 512
    }
}

#[cfg(test)]
mod tests {
    use super::{HEADER_BYTES, JOURNAL_PAGE_BYTES, MIN_QUOTA, PAGE_BYTES, Quota};

    #[test]
    fn a_full_database_and_a_full_journal_fit() {
        for bytes in [MIN_QUOTA, 3_000_001, 100 << 20, u64::MAX] {
            let quota = Quota::new(bytes).expect("large enough");
            let pages = quota.pages();
            assert!(HEADER_BYTES + pages * (PAGE_BYTES + JOURNAL_PAGE_BYTES) <= quota.bytes());
            assert!(HEADER_BYTES + (pages + 1) * (PAGE_BYTES + JOURNAL_PAGE_BYTES) > quota.bytes());
            assert!(quota.tidy_pages() < quota.filled_pages() && quota.filled_pages() < pages);
        }
        assert!(Quota::new(MIN_QUOTA - 1).is_err());
    }
}
