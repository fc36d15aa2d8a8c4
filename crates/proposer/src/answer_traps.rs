//! The traps on the choice of the tokens of one answer.

use constrain::SchemaConstraint;
use neural::{Backend, Commit, PassSite, TokenMask, Traps};

use crate::interrupt::Interrupt;

/// The traps on the choice of the tokens of one answer: the forbidden text and the schema. A token may be
/// chosen if both allow it. Without either, every token may.
#[derive(Clone, Default)]
pub(crate) struct AnswerTraps {
    pub(crate) interrupt: Option<Interrupt>,
    pub(crate) constraint: Option<SchemaConstraint>,
    joined: TokenMask,
}

impl AnswerTraps {
    pub(crate) fn new(interrupt: Option<Interrupt>, constraint: Option<SchemaConstraint>) -> Self {
        Self { interrupt, constraint, joined: TokenMask::default() }
    }

    /// Returns true if neither trap is there, so that the decoder can run without traps.
    pub(crate) fn is_empty(&self) -> bool {
        self.interrupt.is_none() && self.constraint.is_none()
    }
}

impl<B: Backend> Traps<B> for AnswerTraps {
    fn ignores(&self, _: PassSite) -> bool {
        true
    }

    fn mask(&mut self, _: usize) -> Option<&TokenMask> {
        let forbidden = self.interrupt.as_mut().and_then(Interrupt::mask);
        let outside = self.constraint.as_mut().map(SchemaConstraint::mask);
        match (forbidden, outside) {
            (Some(forbidden), Some(outside)) => {
                self.joined.clone_from(outside);
                self.joined.join(forbidden);
                Some(&self.joined)
            }
            (forbidden, outside) => outside.or(forbidden),
        }
    }

    fn commit(&mut self, position: usize, token: u32) -> Commit {
        let spoken = self.interrupt.as_mut().map_or(Commit::Visible, |trap| trap.commit(position, token));
        let written = self.constraint.as_mut().map_or(Commit::Visible, |trap| trap.commit(position, token));
        spoken.stricter(written)
    }

    fn finish(&mut self, cut: usize) -> bool {
        let constraint = self.constraint.as_mut();
        self.interrupt.as_ref().is_none_or(|trap| trap.may_end(cut))
            && constraint.is_none_or(|trap| Traps::<B>::finish(trap, cut))
    }

    fn retracted(&mut self, to: usize) {
        if let Some(trap) = &mut self.interrupt {
            trap.retract(to);
        }
        if let Some(trap) = &mut self.constraint {
            trap.retract(to);
        }
    }
}
