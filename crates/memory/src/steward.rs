//! The privilege over pins and the governance entry.

/// The privilege to pin beyond the ordinary share, to undo pins, and to change the governance entry.
///
/// Holding one proves nothing about the holder. A program makes one where a person who owns the store gives the command,
/// and passes none to code that serves a model: a search for [`for_owner`](Self::for_owner) finds every such place.
#[derive(Debug)]
pub struct Steward(());

impl Steward {
    /// Returns the privilege, for a command that the owner of the store gave.
    #[must_use]
    pub fn for_owner() -> Self {
        Self(())
    }
}
