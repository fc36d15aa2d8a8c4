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

/// The task of a generation: the prompt, the bound on new tokens and the end tokens.
#[derive(Clone, Copy, Debug)]
pub struct GenerateSpec<'a> {
    /// Ids of the whole prompt, one at least.
    pub prompt: &'a [u32],
    /// The most tokens to generate. Prompt and new tokens together fit the model's context.
    pub max_new: usize,
    /// Ids that end the answer; empty to go on past any end token.
    pub end_tokens: &'a [u32],
}

/// The choice of tokens, and the split into passes. The chosen tokens depend on `sampler`, on `stops` and on the traps;
/// the other fields change only the passes.
pub struct Decoding<'a> {
    /// The choice at each position.
    pub sampler: Sampler,
    /// Sequences of bytes that end the answer, and the bytes of each token by its id. A token that the table does
    /// not have has no bytes.
    pub stops: Option<(&'a StopSequences, &'a [Vec<u8>])>,
    /// Tokens of the prompt that are computed in one pass; all of them if `None`.
    pub chunk: Option<NonZeroUsize>,
    /// The drafter of tokens that one pass verifies; if `None`, each pass gives one token.
    pub ahead: Option<Ahead<'a>>,
}

impl Decoding<'_> {
    /// Creates a decoding with one token for each pass, chosen by `sampler`, and no stop sequences.
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

/// The reason why an answer ended, or why it paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// An end token, a stop sequence or the bound on new tokens ended the answer.
    Stop(Stop),
    /// A trap halted the answer; tokens that were not committed are not part of it.
    Halted,
    /// A trap parked the answer; the session can go on from the last token.
    Parked,
}

/// A generated answer. The tokens go up to the end token, which is not one of them, or up to the token that completes a
/// stop sequence, which is. Tokens that traps did not commit are not part of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// The tokens in order.
    pub tokens: Vec<GeneratedToken>,
    /// The reason of the end; a stop sequence ends an answer as an end token does.
    pub ended: Ended,
    /// The stop sequence that ended the answer, whose text is the bytes before it.
    pub stopped: Option<StopMatch>,
}

/// Generates greedily in a fresh session: each token is the one with the largest logit. `on_token` is called with each
/// token as it is chosen, but not with the end token.
///
/// # Errors
/// [`SessionError::ContextOverflow`] before the first pass if prompt and new tokens do not fit the context, and every
/// error of [`Session::prefill`].
pub fn generate<B: Backend>(
    model: &Arc<Model<B>>,
    spec: &GenerateSpec<'_>,
    on_token: &mut dyn FnMut(GeneratedToken),
) -> Result<Generation, SessionError> {
    let mut decoding = Decoding::with(Sampler::GREEDY);
    Ok(generate_in(&mut Session::open(model), spec, &mut decoding, &mut NoTraps, on_token)?.0)
}

/// Appends the prompt to `session` and generates after it, with traps at the sites of every pass and choice. `on_token`
/// is called with the tokens of the answer at commit points.
///
/// Afterwards the session holds the prompt and every chosen token but the last one, which may be an end token. Drafted
/// tokens that were not chosen are rolled back. If traps dropped held tokens, the session holds the prompt and the
/// answer.
///
/// # Errors
/// As [`generate`], [`SessionError::FewExperts`], and [`SessionError::NothingAllowed`] if traps forbid every token. If no
/// token was shown, the session is then unchanged. Otherwise the session holds the prompt and the tokens that `on_token`
/// was called with, perhaps without the last one; [`Session::position`] tells.
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
