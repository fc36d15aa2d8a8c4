//! A target with a deliberate bug, which checks the fuzzing engines themselves.

/// The first bytes of every input on which [`planted`] panics.
pub const PLANTED: &[u8; 4] = b"nmk!";

/// A target that panics on input that begins with [`PLANTED`]. An engine that does not find this input has
/// shown nothing.
///
/// Each byte is a branch of its own. An engine that sees the reached code finds the bytes one after the
/// other; an engine that does not must guess all of them at once.
///
/// # Panics
/// If the input begins with [`PLANTED`], which is the planted bug.
pub fn planted(bytes: &[u8]) {
    let mut reached = 0;
    for (byte, wanted) in bytes.iter().zip(PLANTED) {
        if byte != wanted {
            return;
        }
        reached += 1;
    }
    assert!(reached < PLANTED.len(), "the planted bug was found");
}
