//! Tokens drafted ahead and verified in one pass.
//!
//! A drafter guesses tokens, and the model computes the logits behind all guesses in one pass. A guess is
//! kept exactly if it equals the token that would have been chosen there. The logits at a position do not
//! depend on the pass that computed them, so drafts change the number of passes and nothing else, even if the
//! drafter returns nonsense.

mod lookup;
mod smaller;

pub use lookup::LookupDrafter;
pub use smaller::ModelDrafter;

use crate::backend::Backend;
use crate::decoder::Want;
use crate::session::{Logits, REWIND_HORIZON, Session, SessionError};
use crate::traps::Traps;

/// The most drafted tokens that one pass verifies. The number is bounded so that a rejected draft can be
/// rolled back within [`REWIND_HORIZON`].
pub const MOST_AHEAD: usize = REWIND_HORIZON / 4;

/// A source of drafted tokens, which are guesses at the next tokens of an answer. A drafter is not trusted:
/// it can cost time, but cannot change an answer.
pub trait Drafter {
    /// Returns up to `most` token ids that may follow `tokens`, which are the prompt and the answer so far.
    /// An empty draft is allowed. The caller cuts a draft that is too long, and one with an id outside the
    /// vocabulary before that id.
    fn draft(&mut self, tokens: &[u32], most: usize) -> Vec<u32>;
}

/// A drafter, and the most tokens that it may draft for one pass.
pub struct Ahead<'a> {
    /// The source of the drafted tokens.
    pub drafter: &'a mut dyn Drafter,
    /// The most tokens to draft for one pass. A value above [`MOST_AHEAD`] counts as [`MOST_AHEAD`].
    pub most: usize,
}

impl Ahead<'_> {
    /// Asks for a draft and cuts it to at most `room` ids, each below `vocab_size`.
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

/// The cost of an answer in passes, and the number of drafted tokens that were of use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Number of passes through the model after those that computed the prompt.
    pub passes: usize,
    /// Number of drafted tokens that a pass verified.
    pub drafted: usize,
    /// Number of verified tokens that are what the model would have chosen, and were kept.
    pub accepted: usize,
    /// Number of drafted tokens that were cut before any pass, because the draft was too long or had an id
    /// outside the vocabulary.
    pub refused: usize,
}

/// Appends `token` and `draft` to the session, and returns the logits after each of them. If the pass gives
/// values that are not finite, the draft is emptied and `token` is computed alone, because the draft may be
/// the cause.
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
