//! The size limits of results that are judged and stored.

use abi::Value;
use det::Measure;

use crate::Cause;

/// The largest result that is judged: 16 MiB in its canonical encoding. The ledger stores blobs up to this
/// length. A task whose result is larger fails with [`Cause::Oversize`].
pub const MAX_RESULT_BYTES: usize = 16 << 20;
/// The deepest nesting of lists and maps in a result that is judged. A task whose result nests deeper fails
/// with [`Cause::Oversize`].
pub const MAX_RESULT_DEPTH: usize = abi::MAX_DEPTH;

/// Returns an error unless each value is within both limits.
///
/// This check runs first, because everything after it is recursive and would overflow the stack on a value
/// that nests too deeply.
pub(crate) fn fit(values: &[&Value]) -> Result<(), Cause> {
    for value in values {
        let Measure { depth, bytes } = det::measure(value);
        if depth > MAX_RESULT_DEPTH || bytes > MAX_RESULT_BYTES {
            return Err(Cause::Oversize { bytes, depth });
        }
    }
    Ok(())
}
