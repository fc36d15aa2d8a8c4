//! Bounds on the size of a ledger.

/// Bounds on the size of a ledger, which its writer does not exceed.
///
/// An append or a blob that would exceed a bound is refused with
/// [`LedgerError::Capped`](crate::LedgerError::Capped). Forgetting a blob is always possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeLimits {
    /// The largest size of all entries together, in bytes.
    pub entries: u64,
    /// The largest size of all blobs together, in bytes.
    pub blobs: u64,
    /// The number of entries after which a writer writes a checkpoint. The next process reads at most this many entries
    /// and those of one append when it opens the ledger.
    pub unchecked: u64,
}

impl Default for SizeLimits {
    /// Returns bounds of 4 GiB for the entries and of 16 GiB for the blobs, and a checkpoint after 64 entries.
    fn default() -> Self {
        Self { entries: 4 << 30, blobs: 16 << 30, unchecked: 64 }
    }
}
