//! Generation of an answer, with a record of every chosen token.

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

/// The task of a generation: the prompt, the bound on new tokens, and the tokens that end the answer.
#[derive(Clone, Copy, Debug)]
pub struct GenerateSpec<'a> {
    /// Token ids of the whole prompt, one at least.
    pub prompt: &'a [u32],
    /// The most tokens to generate. Prompt and new tokens together must fit the model's context.
    pub max_new: usize,
    /// Token ids that end the answer. With an empty list the answer goes on past any end token.
    pub end_tokens: &'a [u32],
}

/// The way that tokens are chosen, and the split of the work into passes. The chosen tokens depend on
/// `sampler`, on `stops` and on the traps; the other fields change only the number and size of the passes.
pub struct Decoding<'a> {
    /// The rule that chooses a token from the logits at each position.
    pub sampler: Sampler,
    /// The sequences of bytes that end the answer, and the bytes of each token by its id. A token beyond the
    /// end of that table has no bytes. With `None` no sequence ends the answer.
    pub stops: Option<(&'a StopSequences, &'a [Vec<u8>])>,
    /// The most tokens of the prompt that one pass computes; with `None`, one pass computes all of them.
    pub chunk: Option<NonZeroUsize>,
    /// The drafter that guesses tokens ahead, which one pass then verifies. With `None` each pass gives one
    /// token.
    pub ahead: Option<Ahead<'a>>,
}

impl Decoding<'_> {
    /// Returns a decoding that chooses by `sampler`, computes the prompt in one pass and one token in each
    /// pass after it, and has no stop sequences.
    #[must_use]
    pub fn with(sampler: Sampler) -> Self {
        Self { sampler, stops: None, chunk: None, ahead: None }
    }
}

/// A generated token, with the digest of the logits that it was chosen from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GeneratedToken {
    /// The id of the token in the vocabulary.
    pub id: u32,
    /// The digest of the row of logits that the token was chosen from, before any mask, as
    /// [`Logits::digest`](crate::Logits::digest) gives it.
    pub logits: Digest,
}

/// The reason why an answer ended, or why it was paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// An end token, a stop sequence or the bound on new tokens ended the answer.
    Stop(Stop),
    /// A trap ended the answer at its last commit point; later tokens are not part of it.
    Halted,
    /// A trap paused the answer; the session can go on from the last token.
    Parked,
}

/// A generated answer. Its tokens do not include an end token, but include the token that completes a stop
/// sequence. Tokens that traps did not commit are not part of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// The tokens of the answer, in order.
    pub tokens: Vec<GeneratedToken>,
    /// The reason why the answer ended. A stop sequence ends an answer as an end token does.
    pub ended: Ended,
    /// The stop sequence that ended the answer; its text is the bytes before that sequence. `None` if the
    /// answer ended otherwise.
    pub stopped: Option<StopMatch>,
}

/// Generates greedily in a fresh session: each token is the one with the largest logit. The call passes each
/// token of the answer to `on_token` as soon as it is chosen; an end token is not passed.
///
/// # Errors
/// [`SessionError::ContextOverflow`] before the first pass if prompt and new tokens do not fit the context,
/// and every error of [`Session::prefill`].
pub fn generate<B: Backend>(
    model: &Arc<Model<B>>,
    spec: &GenerateSpec<'_>,
    on_token: &mut dyn FnMut(GeneratedToken),
) -> Result<Generation, SessionError> {
    let mut decoding = Decoding::with(Sampler::GREEDY);
    Ok(generate_in(&mut Session::open(model), spec, &mut decoding, &mut NoTraps, on_token)?.0)
}

/// Appends the prompt to `session` and generates an answer after it. The decoder calls `traps` at the sites
/// of every pass and after every choice. The tokens of the answer are passed to `on_token` as soon as they
/// are committed: a token may be held until [`Traps::commit`] makes it visible. Returns the answer, and the
/// passes that it took.
///
/// Afterwards the session holds the prompt and every chosen token but the last one, which may be an end
/// token. Drafted tokens that were not chosen are rolled back. If traps dropped held tokens, the session
/// holds the prompt and the answer.
///
/// # Errors
/// [`SessionError`] as for [`generate`], [`SessionError::FewExperts`] if traps leave too few experts, and
/// [`SessionError::NothingAllowed`] if traps forbid every token. If no token was passed to `on_token`, the
/// session is then unchanged. Otherwise the session holds the prompt and the tokens that were passed, perhaps
/// without the last one; [`Session::position`] tells.
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
