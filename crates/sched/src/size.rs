//! The size of what is judged and kept.

use abi::Value;
use det::Measure;

use crate::Cause;

/// The largest result that is judged, in bytes of its canonical encoding: the longest blob of the ledger.
pub const MAX_RESULT_BYTES: usize = 16 << 20;
/// The deepest result that is judged.
pub const MAX_RESULT_DEPTH: usize = abi::MAX_DEPTH;

/// Whether values are small enough, each by itself. Nothing recursive is done to them before.
pub(crate) fn fit(values: &[&Value]) -> Result<(), Cause> {
    for value in values {
        let Measure { depth, bytes } = det::measure(value);
        if depth > MAX_RESULT_DEPTH || bytes > MAX_RESULT_BYTES {
            return Err(Cause::Oversize { bytes, depth });
        }
    }
    Ok(())
}
