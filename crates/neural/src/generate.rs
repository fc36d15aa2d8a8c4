//! Greedy generation with a record of every choice.

use std::sync::Arc;

use abi::{Digest, Stop};

use crate::backend::Backend;
use crate::decoder::Want;
use crate::model::Model;
use crate::session::{Session, SessionError};

/// What is generated from.
#[derive(Clone, Copy, Debug)]
pub struct GenerateSpec<'a> {
    /// Ids of the whole prompt, one at least.
    pub prompt: &'a [u32],
    /// The most tokens to generate. The prompt and these fit the model's context together.
    pub max_new: usize,
    /// Ids that end the answer; empty to run on past any end token.
    pub end_tokens: &'a [u32],
}

/// A generated token and the digest of the logits that it was chosen from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GeneratedToken {
    /// The id.
    pub id: u32,
    /// [`Logits::digest`](crate::Logits::digest) of the row whose largest logit it has.
    pub logits: Digest,
}

/// What was generated, up to and without the end token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// The tokens in order.
    pub tokens: Vec<GeneratedToken>,
    /// Why it ended.
    pub stop: Stop,
}

/// Generates in a fresh session, each token the one with the largest logit. `on_token` is called with each
/// token as it is chosen; the end token is not one of them.
///
/// # Errors
/// [`SessionError::ContextOverflow`] before anything runs if prompt and new tokens do not fit the context, and
/// whatever [`Session::prefill`] refuses.
pub fn generate<B: Backend>(
    model: &Arc<Model<B>>,
    spec: &GenerateSpec<'_>,
    on_token: &mut dyn FnMut(GeneratedToken),
) -> Result<Generation, SessionError> {
    let capacity = model.config().max_positions;
    let position = spec.prompt.len();
    if position.saturating_add(spec.max_new) > capacity {
        return Err(SessionError::ContextOverflow { position, added: spec.max_new, capacity });
    }
    let mut session = Session::open(model);
    let mut logits = session.prefill(spec.prompt, Want::Last)?;
    let mut tokens = Vec::with_capacity(spec.max_new);
    while tokens.len() < spec.max_new {
        let token = GeneratedToken { id: logits.argmax(0), logits: logits.digest(0) };
        if spec.end_tokens.contains(&token.id) {
            return Ok(Generation { tokens, stop: Stop::End });
        }
        on_token(token);
        tokens.push(token);
        if tokens.len() < spec.max_new {
            logits = session.decode(token.id)?;
        }
    }
    Ok(Generation { tokens, stop: Stop::Length })
}
