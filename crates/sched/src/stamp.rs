//! One capability for one use.

use crate::{Capability, Rights};

/// What a prompt's request came to: at most one capability, for at most one use.
///
/// A request is untrusted; it becomes a stamp only where the capability is among the rights that its asker holds.
/// Stamping always replaces what was there, with nothing too, so that no stamp outlives the prompt it was made
/// for. It cannot be copied: a copy would be a second use.
#[derive(Debug, Default)]
pub struct Stamp {
    held: Option<Capability>,
}

impl Stamp {
    /// Replaces what is held by what is requested, or by nothing: where nothing is requested, and where `rights`
    /// do not hold it. Returns what is held now.
    pub fn stamp(&mut self, requested: Option<Capability>, rights: &Rights) -> Option<&Capability> {
        self.held = requested.filter(|capability| rights.contains(capability));
        self.held()
    }

    /// The capability of which one use is left.
    #[must_use]
    pub fn held(&self) -> Option<&Capability> {
        self.held.as_ref()
    }

    /// Takes the one use of `capability`. False where it is not held, which takes nothing.
    #[must_use]
    pub fn take(&mut self, capability: &Capability) -> bool {
        self.held.take_if(|held| held == capability).is_some()
    }
}
