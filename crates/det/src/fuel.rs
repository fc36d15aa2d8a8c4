//! Fuel: the bound on the work of one judgement.
//!
//! A judgement spends fuel for everything that takes time: reading a document, comparing values, following a
//! schema, matching a pattern, looking for secrets. Fuel is counted in steps and not in seconds, so the same
//! judgement ends in the same way on every machine.
//!
//! One step stands for a few nanoseconds of one core. The slowest subject that is known is printed by
//! `cargo bench -p nmk-det`, and takes less than two seconds; an ordinary one spends a thousandth of the fuel.

/// The steps of one judgement. 2^28 let a document of 16 MiB be read, checked and compared once, and stop work
/// that grows faster than the document within two seconds.
pub const JUDGEMENT_FUEL: u64 = 1 << 28;

/// The fuel that is left. Whoever does work that a subject or a contract can make long takes one and spends
/// steps before the work, so that no work is done without fuel for it.
#[derive(Debug)]
pub(crate) struct Fuel {
    left: u64,
}

/// The fuel has ended, so the work was not done and nothing may be concluded from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spent;

impl Fuel {
    /// Returns the fuel of one judgement.
    pub(crate) fn for_judgement() -> Self {
        Self { left: JUDGEMENT_FUEL }
    }

    /// Returns fuel that does not end, for work whose caller has bounded it already.
    pub(crate) fn endless() -> Self {
        Self { left: u64::MAX }
    }

    /// Takes `steps` from the fuel. Fails if fewer are left, and then takes all of them, so that a judgement
    /// which ran out once does not go on.
    pub(crate) fn spend(&mut self, steps: u64) -> Result<(), Spent> {
        match self.left.checked_sub(steps) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(Spent)
            }
        }
    }

    /// Takes `steps` for each of `count` things.
    pub(crate) fn spend_for(&mut self, count: usize, steps: u64) -> Result<(), Spent> {
        self.spend((count as u64).saturating_mul(steps))
    }
}
