//! The number by which entries are kept: how recently, how often and for how much an entry is worth keeping.

/// The time by which one unit of worth, or one doubling of the uses, is worth more recency: a day, in milliseconds.
const STEP_MS: i64 = 24 * 60 * 60 * 1000;

/// Returns the retention of an entry. The entries with the least retention are removed first.
///
/// The number is the time of the last use in milliseconds, plus a day for each unit of worth and for each doubling of the
/// uses. For example, an entry of worth 2 is kept as if it had been used two days later.
///
/// ```
/// use memory::retention;
///
/// assert!(retention(1_000, 0, 0) < retention(2_000, 0, 0));
/// assert!(retention(2_000, 0, 0) < retention(1_000, 1, 0));
/// assert_eq!(retention(0, 1, 0), retention(0, 0, 1));
/// ```
#[must_use]
pub fn retention(accessed_ms: i64, worth: u8, uses: i64) -> i64 {
    let doublings = i64::from(uses.max(0).unsigned_abs().saturating_add(1).ilog2());
    accessed_ms.saturating_add((i64::from(worth) + doublings) * STEP_MS)
}
