//! The traps on the choice of the tokens of one answer.

mod look_ahead;

use constrain::SchemaConstraint;
use neural::{Backend, Commit, PassSite, TokenMask, Traps};

use crate::answer_region::AnswerRegion;
use crate::interrupt::Interrupt;

/// The traps on the choice of the tokens of one answer: the forbidden text and the schema. A token may be
/// chosen if both allow it. Without either, every token may.
#[derive(Clone, Default)]
pub(crate) struct AnswerTraps<'a> {
    pub(crate) interrupt: Option<Interrupt>,
    pub(crate) shaped: Option<ShapedAnswer<'a>>,
    joined: TokenMask,
}

/// The constraint of an answer, which begins where the answer begins.
#[derive(Clone)]
pub(crate) struct ShapedAnswer<'a> {
    pub(crate) constraint: SchemaConstraint,
    region: AnswerRegion<'a>,
    mask: TokenMask,
}

impl<'a> ShapedAnswer<'a> {
    pub(crate) fn new(constraint: SchemaConstraint, region: AnswerRegion<'a>) -> Self {
        Self { constraint, region, mask: TokenMask::default() }
    }

    /// Returns the tokens that may not be chosen next. None among thoughts, where every token may.
    fn mask(&mut self) -> Option<&TokenMask> {
        if !self.constraint.is_empty() {
            return Some(self.constraint.mask());
        }
        if !self.region.is_answering() {
            return None;
        }
        self.mask.clone_from(self.constraint.mask());
        self.region.marks().iter().for_each(|mark| self.mask.allow(*mark));
        if self.region.may_be_blank() {
            self.constraint.blanks().iter().for_each(|blank| self.mask.allow(*blank));
        }
        Some(&self.mask)
    }

    fn commit(&mut self, position: usize, token: u32) -> Commit {
        let is_before = self.constraint.is_empty()
            && (!self.region.is_answering()
                || self.region.marks().contains(&token)
                || self.region.may_be_blank() && self.constraint.blanks().contains(&token));
        if is_before {
            self.region.take(position, token);
            return Commit::Visible;
        }
        self.constraint.commit(position, token)
    }

    fn retract(&mut self, to: usize) {
        self.region.retract(to);
        self.constraint.retract(to);
    }
}

impl<'a> AnswerTraps<'a> {
    pub(crate) fn new(interrupt: Option<Interrupt>, shaped: Option<ShapedAnswer<'a>>) -> Self {
        Self { interrupt, shaped, joined: TokenMask::default() }
    }

    /// Returns true if neither trap is there, so that the decoder can run without traps.
    pub(crate) fn is_empty(&self) -> bool {
        self.interrupt.is_none() && self.shaped.is_none()
    }
}

impl<B: Backend> Traps<B> for AnswerTraps<'_> {
    fn ignores(&self, _: PassSite) -> bool {
        true
    }

    fn weigh(&mut self, _: usize, logits: &[f32]) {
        if let Some(interrupt) = &mut self.interrupt {
            interrupt.weigh(logits);
        }
    }

    fn mask(&mut self, _: usize) -> Option<&TokenMask> {
        match (&mut self.interrupt, &mut self.shaped) {
            (Some(interrupt), Some(shaped)) => match look_ahead::mask(interrupt, shaped) {
                Some(joined) => {
                    self.joined = joined;
                    Some(&self.joined)
                }
                None => interrupt.mask(),
            },
            (interrupt, shaped) => {
                let forbidden = interrupt.as_mut().and_then(Interrupt::mask);
                shaped.as_mut().and_then(ShapedAnswer::mask).or(forbidden)
            }
        }
    }

    /// Under a schema, the look ahead leaves out what leads nowhere.
    fn reconsider(&mut self, _: usize, wanted: u32) -> Option<usize> {
        let is_free = self.shaped.is_none();
        self.interrupt.as_mut().filter(|_| is_free)?.reconsider(wanted)
    }

    fn commit(&mut self, position: usize, token: u32) -> Commit {
        let spoken = self.interrupt.as_mut().map_or(Commit::Visible, |trap| trap.commit(position, token));
        let written = self.shaped.as_mut().map_or(Commit::Visible, |trap| trap.commit(position, token));
        spoken.stricter(written)
    }

    /// A stop sequence would cut a document, so only the end of the whole text ends it.
    fn finish(&mut self, cut: usize) -> bool {
        let is_free = self.shaped.is_none() || cut == 0;
        is_free && self.interrupt.as_ref().is_none_or(|trap| trap.may_end(cut))
    }

    fn retracted(&mut self, to: usize) {
        if let Some(trap) = &mut self.interrupt {
            trap.retract(to);
        }
        if let Some(trap) = &mut self.shaped {
            trap.retract(to);
        }
    }
}

#[cfg(test)]
mod tests;
