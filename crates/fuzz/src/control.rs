//! A bug that is there on purpose.

/// The input that [`planted`] breaks on begins with these bytes.
pub const PLANTED: &[u8; 4] = b"nmk!";

/// Panics on input that begins with [`PLANTED`]. Each byte is a branch of its own: who sees what code was
/// reached finds them one after the other, who does not see it has to guess all at once.
///
/// # Panics
/// That is what it is for.
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
