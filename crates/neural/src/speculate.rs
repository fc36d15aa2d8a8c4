//! Tokens drafted ahead and verified in one pass.
//!
//! A drafter guesses; the model computes the logits behind every guess at once, and a guess is kept exactly
//! if it is the token that would have been chosen there. The logits at a position do not depend on the pass
//! they came from, so drafts change the number of passes and nothing else, whatever the drafter returns.

mod lookup;
mod smaller;

pub use lookup::LookupDrafter;
pub use smaller::ModelDrafter;

use crate::backend::Backend;
use crate::decoder::Want;
use crate::session::{Logits, REWIND_HORIZON, Session, SessionError};
use crate::traps::Traps;

/// The most tokens that are verified in one pass; what is rolled back is within the horizon of a rewind.
pub const MOST_AHEAD: usize = REWIND_HORIZON / 4;

/// An untrusted source of guesses.
pub trait Drafter {
    /// Up to `most` ids that may follow `tokens`, the prompt and the answer so far. Anything may be returned:
    /// what is too long is cut, what is not in the vocabulary is cut before it, and what is wrong costs time.
    fn draft(&mut self, tokens: &[u32], most: usize) -> Vec<u32>;
}

/// Who drafts, and how far.
pub struct Ahead<'a> {
    /// The source of guesses.
    pub drafter: &'a mut dyn Drafter,
    /// The most tokens to draft for one pass; above [`MOST_AHEAD`] it is [`MOST_AHEAD`].
    pub most: usize,
}

impl Ahead<'_> {
    /// A draft that may be verified: at most `room` ids, each below `vocab_size`.
    pub(crate) fn draft(
        &mut self,
        tokens: &[u32],
        room: usize,
        vocab_size: usize,
        effort: &mut Effort,
    ) -> Vec<u32> {
        let most = self.most.min(MOST_AHEAD).min(room);
        if most == 0 {
            return Vec::new();
        }
        let mut draft = self.drafter.draft(tokens, most);
        let returned = draft.len();
        draft.truncate(most);
        if let Some(unknown) = draft.iter().position(|id| *id as usize >= vocab_size) {
            draft.truncate(unknown);
        }
        effort.refused += returned - draft.len();
        draft
    }
}

/// What an answer took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Passes through the model after those over the prompt.
    pub passes: usize,
    /// Drafted tokens that were verified.
    pub drafted: usize,
    /// Drafted tokens that were kept.
    pub accepted: usize,
    /// Drafted tokens that were not looked at: too many, or from the first that is not in the vocabulary on.
    pub refused: usize,
}

/// Appends `token` and `draft`, and returns the logits after each of them. A draft that takes the model out of
/// the finite numbers is emptied, because without it there may be nothing wrong.
pub(crate) fn verify<B: Backend, T: Traps<B>>(
    session: &mut Session<B>,
    token: u32,
    draft: &mut Vec<u32>,
    traps: &mut T,
    effort: &mut Effort,
) -> Result<Logits, SessionError> {
    effort.passes += 1;
    if !draft.is_empty() {
        effort.drafted += draft.len();
        let chunk: Vec<u32> = std::iter::once(token).chain(draft.iter().copied()).collect();
        match session.prefill_trapped(&chunk, Want::All, traps) {
            Err(SessionError::NonFinite(_)) => draft.clear(),
            verified => return verified,
        }
        effort.passes += 1;
    }
    session.prefill_trapped(&[token], Want::Last, traps)
}
