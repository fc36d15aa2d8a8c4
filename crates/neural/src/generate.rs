//! Generation with a record of every choice.

mod state;

use std::num::NonZeroUsize;
use std::sync::Arc;

use abi::{Digest, Stop};

use crate::backend::Backend;
use crate::model::Model;
use crate::sampling::Sampler;
use crate::session::{Session, SessionError};
use crate::speculate::{Ahead, Effort};
use crate::stops::{StopMatch, StopSequences};
use crate::traps::{NoTraps, Traps};

pub(crate) use state::{GenerationState, MOST_HELD};

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

/// How tokens are chosen, and in which passes. What is chosen depends on `sampler` and `stops` alone, and on the
/// traps.
pub struct Decoding<'a> {
    /// The choice at each position.
    pub sampler: Sampler,
    /// Sequences of bytes that end the answer, and the bytes of each token by its id. A token that the table does
    /// not have has no bytes.
    pub stops: Option<(&'a StopSequences, &'a [Vec<u8>])>,
    /// Tokens of the prompt that are computed in one pass; all without.
    pub chunk: Option<NonZeroUsize>,
    /// Who drafts tokens for one pass; without, each pass gives one token.
    pub ahead: Option<Ahead<'a>>,
}

impl Decoding<'_> {
    /// One token for each pass, drawn by `sampler`.
    #[must_use]
    pub fn with(sampler: Sampler) -> Self {
        Self { sampler, stops: None, chunk: None, ahead: None }
    }
}

/// A generated token and the digest of the logits that it was chosen from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GeneratedToken {
    /// The id.
    pub id: u32,
    /// [`Logits::digest`](crate::Logits::digest) of the row that it was chosen from, before any mask.
    pub logits: Digest,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, or a stop sequence or a trap ended it.
    Stop(Stop),
    /// A trap halted it: what it had not committed is not part of the answer.
    Halted,
    /// A trap parked it: the session can be asked to go on from the last token.
    Parked,
}

/// What was generated: up to and without the end token, or up to and with the token that completes a stop
/// sequence; what traps did not commit is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// The tokens in order.
    pub tokens: Vec<GeneratedToken>,
    /// Why it ended; a stop sequence ends an answer as an end token does.
    pub ended: Ended,
    /// The stop sequence that ended it. The answer is the bytes before it.
    pub stopped: Option<StopMatch>,
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
    let mut decoding = Decoding::with(Sampler::GREEDY);
    Ok(generate_in(&mut Session::open(model), spec, &mut decoding, &mut NoTraps, on_token)?.0)
}

/// Appends the prompt to `session` and generates after it, with traps at the sites of every pass and choice.
/// `on_token` is called with the tokens of the answer at commit points. The session then holds every token before
/// the last one that was chosen, be that an end token; what was drafted and not chosen is rolled back. Where traps
/// drop what was held, it holds the prompt and the answer.
///
/// # Errors
/// As [`generate`], [`SessionError::FewExperts`], and [`SessionError::NothingAllowed`] where traps forbid every
/// token. The session is then as it was before the call, or once there is an answer to be shown, holds the prompt
/// and what `on_token` was called with, the last of it perhaps not: that is where [`Session::position`] says.
pub fn generate_in<B: Backend, T: Traps<B>>(
    session: &mut Session<B>,
    spec: &GenerateSpec<'_>,
    decoding: &mut Decoding<'_>,
    traps: &mut T,
    on_token: &mut dyn FnMut(GeneratedToken),
) -> Result<(Generation, Effort), SessionError> {
    let mut generation = GenerationState::begin(session, spec)?;
    while generation.ended().is_none() {
        generation.pass(session, decoding, traps, on_token)?;
    }
    Ok(generation.finished())
}
