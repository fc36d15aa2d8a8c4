//! Bounds on the size of a ledger.

/// Bounds on the size of a ledger, which the writer does not exceed.
///
/// An append or a blob that would exceed a bound is refused with [`LedgerError::Capped`](crate::LedgerError::Capped). Forgetting a blob is always
/// possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeLimits {
    /// Largest size of all entries, in bytes.
    pub entries: u64,
    /// Largest size of all blobs, in bytes.
    pub blobs: u64,
}

impl Default for SizeLimits {
    /// Returns caps of 4 GiB for the entries and of 16 GiB for the blobs.
    fn default() -> Self {
        Self { entries: 4 << 30, blobs: 16 << 30 }
    }
}
