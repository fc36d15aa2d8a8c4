//! A target with a bug on purpose, to check the engines themselves.

/// The first bytes of every input on which [`planted`] panics.
pub const PLANTED: &[u8; 4] = b"nmk!";

/// Panics on input that begins with [`PLANTED`].
///
/// Each byte is a branch of its own. An engine that sees the reached code finds the bytes one after the
/// other; an engine that does not must guess all of them at once.
///
/// # Panics
/// On every input that begins with [`PLANTED`].
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
