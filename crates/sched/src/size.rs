//! The size limits of results that are judged and stored.

use abi::Value;
use det::Measure;

use crate::Cause;

/// The largest result that is judged, in bytes of its canonical encoding. The ledger stores blobs up to this
/// length. A larger result fails its own task.
pub const MAX_RESULT_BYTES: usize = 16 << 20;
/// The deepest nesting of a result that is judged. A deeper result fails its own task.
pub const MAX_RESULT_DEPTH: usize = abi::MAX_DEPTH;

/// Checks that each value is within the limits. This runs first, because everything after it is recursive and
/// would overflow the stack on a value that nests too deeply.
pub(crate) fn fit(values: &[&Value]) -> Result<(), Cause> {
    for value in values {
        let Measure { depth, bytes } = det::measure(value);
        if depth > MAX_RESULT_DEPTH || bytes > MAX_RESULT_BYTES {
            return Err(Cause::Oversize { bytes, depth });
        }
    }
    Ok(())
}
