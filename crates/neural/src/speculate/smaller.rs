//! Drafts by a smaller model.

use std::sync::Arc;

use crate::backend::Backend;
use crate::decoder::Want;
use crate::model::Model;
use crate::sampling::Sampler;
use crate::session::{Session, SessionError};
use crate::speculate::Drafter;

/// A [`Drafter`] that generates with another model of the same vocabulary, and the same draw at each
/// position. It keeps its own session, and rewinds it to the longest common prefix with the tokens of each
/// call.
pub struct ModelDrafter<B: Backend> {
    session: Session<B>,
    sampler: Sampler,
    /// The tokens that the session holds.
    held: Vec<u32>,
    failure: Option<SessionError>,
}

impl<B: Backend> ModelDrafter<B> {
    /// Creates a drafter that runs `model`. With the `sampler` of the answer itself, more of its drafts are
    /// kept.
    #[must_use]
    pub fn new(model: &Arc<Model<B>>, sampler: Sampler) -> Self {
        Self { session: Session::open(model), sampler, held: Vec::new(), failure: None }
    }

    /// Returns the error that ended the last draft early: a history beyond the model's context or vocabulary,
    /// or values that are not finite. Returns `None` if the last draft did not fail.
    #[must_use]
    pub fn failure(&self) -> Option<SessionError> {
        self.failure
    }

    /// Rewinds to the longest common prefix with `tokens`. The last of `tokens` is computed anew in any case.
    fn rewind(&mut self, tokens: &[u32]) {
        let pairs = self.held.iter().zip(&tokens[..tokens.len() - 1]);
        let common = pairs.take_while(|(held, token)| held == token).count();
        if self.session.rewind(common).is_err() {
            self.session = Session::open(&Arc::clone(self.session.model()));
        }
        self.held.truncate(self.session.position());
    }

    fn extend(&mut self, tokens: &[u32], most: usize, draft: &mut Vec<u32>) -> Result<(), SessionError> {
        self.rewind(tokens);
        let mut fed = tokens[self.held.len()..].to_vec();
        while draft.len() < most {
            let logits = self.session.prefill(&fed, Want::Last)?;
            self.held.append(&mut fed);
            let id = self.sampler.choose(&logits, 0, self.session.position());
            draft.push(id);
            fed.push(id);
        }
        Ok(())
    }
}

impl<B: Backend> Drafter for ModelDrafter<B> {
    fn draft(&mut self, tokens: &[u32], most: usize) -> Vec<u32> {
        let mut draft = Vec::new();
        self.failure = if tokens.is_empty() { None } else { self.extend(tokens, most, &mut draft).err() };
        draft
    }
}
