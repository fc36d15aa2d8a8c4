//! Generation with a record of every choice.

use std::num::NonZeroUsize;
use std::sync::Arc;

use abi::{Digest, Stop};

use crate::backend::Backend;
use crate::decoder::Want;
use crate::model::Model;
use crate::sampling::Sampler;
use crate::session::{Logits, Session, SessionError};
use crate::speculate::{Ahead, Effort, verify};
use crate::stops::{StopMatch, StopSequences};
use crate::token_bytes::TokenBytes;

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

/// How tokens are chosen, and in which passes. What is chosen depends on `sampler` and `stops` alone.
pub struct Decoding<'a> {
    /// The choice at each position.
    pub sampler: Sampler,
    /// Bytes that end the answer, and the bytes of the model's tokens.
    pub stops: Option<(&'a StopSequences, &'a TokenBytes)>,
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
    /// [`Logits::digest`](crate::Logits::digest) of the row that it was chosen from.
    pub logits: Digest,
}

/// What was generated: up to and without the end token, or up to and with the token that completes a stop
/// sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// The tokens in order.
    pub tokens: Vec<GeneratedToken>,
    /// Why it ended; a stop sequence ends an answer as an end token does.
    pub stop: Stop,
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
    Ok(generate_in(&mut Session::open(model), spec, &mut decoding, on_token)?.0)
}

/// Appends the prompt to `session` and generates after it. The session then holds every token before the last
/// one that was chosen, be that an end token; what was drafted and not chosen is rolled back.
///
/// # Errors
/// As [`generate`]. Before the first token the session may hold a part of the prompt; after it, the prompt and
/// tokens that `on_token` was called with.
pub fn generate_in<B: Backend>(
    session: &mut Session<B>,
    spec: &GenerateSpec<'_>,
    decoding: &mut Decoding<'_>,
    on_token: &mut dyn FnMut(GeneratedToken),
) -> Result<(Generation, Effort), SessionError> {
    let (position, capacity) = (session.position(), session.model().config().max_positions);
    let position = position.saturating_add(spec.prompt.len());
    if position.saturating_add(spec.max_new) > capacity {
        return Err(SessionError::ContextOverflow { position, added: spec.max_new, capacity });
    }
    let mut logits = prefill(session, spec.prompt, decoding.chunk)?;
    let mut answer = Answer::new(spec, decoding.stops, on_token);
    let vocab_size = session.model().config().vocab_size;
    let mut effort = Effort::default();
    let mut draft = Vec::new();
    while answer.end.is_none() {
        let accepted = answer.take(&logits, &draft, &decoding.sampler, session.position() - draft.len());
        effort.accepted += accepted;
        session.rewind(session.position() - (draft.len() - accepted))?;
        if answer.end.is_none() {
            draft = match &mut decoding.ahead {
                Some(ahead) => ahead.draft(&answer.held, answer.room() - 1, vocab_size, &mut effort),
                None => Vec::new(),
            };
            logits = verify(session, answer.held[answer.held.len() - 1], &mut draft, &mut effort)?;
        }
    }
    Ok((answer.finished(), effort))
}

/// The logits after the prompt.
fn prefill<B: Backend>(
    session: &mut Session<B>,
    prompt: &[u32],
    chunk: Option<NonZeroUsize>,
) -> Result<Logits, SessionError> {
    let size = chunk.map_or(prompt.len(), NonZeroUsize::get).max(1);
    let last = prompt.chunks(size).next_back().unwrap_or_default();
    for chunk in prompt[..prompt.len() - last.len()].chunks(size) {
        session.prefill(chunk, Want::Last)?;
    }
    session.prefill(last, Want::Last)
}

/// An answer that grows.
struct Answer<'a> {
    spec: &'a GenerateSpec<'a>,
    stops: Option<(&'a StopSequences, &'a TokenBytes)>,
    on_token: &'a mut dyn FnMut(GeneratedToken),
    tokens: Vec<GeneratedToken>,
    /// The prompt and the ids of `tokens`.
    held: Vec<u32>,
    /// The bytes of `tokens`, where stop sequences are looked for.
    text: Vec<u8>,
    /// Set once nothing may follow.
    end: Option<(Stop, Option<StopMatch>)>,
}

impl<'a> Answer<'a> {
    fn new(
        spec: &'a GenerateSpec<'a>,
        stops: Option<(&'a StopSequences, &'a TokenBytes)>,
        on_token: &'a mut dyn FnMut(GeneratedToken),
    ) -> Self {
        let end = (spec.max_new == 0).then_some((Stop::Length, None));
        Self { spec, stops, on_token, tokens: Vec::new(), held: spec.prompt.to_vec(), text: Vec::new(), end }
    }

    /// Tokens that may still be chosen.
    fn room(&self) -> usize {
        self.spec.max_new - self.tokens.len()
    }

    /// Chooses at `first` and, as long as the choice is what was drafted there, at the positions after it.
    /// Returns how many drafted tokens are part of the answer, so that a later one can follow them.
    fn take(&mut self, logits: &Logits, draft: &[u32], sampler: &Sampler, first: usize) -> usize {
        for row in 0..logits.rows() {
            let id = sampler.choose(logits, row, first + row);
            self.push(GeneratedToken { id, logits: logits.digest(row) });
            if self.end.is_some() || draft.get(row) != Some(&id) {
                return row;
            }
        }
        draft.len()
    }

    fn push(&mut self, token: GeneratedToken) {
        if self.spec.end_tokens.contains(&token.id) {
            self.end = Some((Stop::End, None));
            return;
        }
        (self.on_token)(token);
        self.tokens.push(token);
        self.held.push(token.id);
        let stopped = self.stops.and_then(|(sequences, bytes)| {
            let before = self.text.len();
            self.text.extend_from_slice(bytes.of(token.id));
            sequences.find(&self.text, before)
        });
        if stopped.is_some() {
            self.end = Some((Stop::End, stopped));
        } else if self.room() == 0 {
            self.end = Some((Stop::Length, None));
        }
    }

    fn finished(self) -> Generation {
        let (stop, stopped) = self.end.unwrap_or((Stop::Length, None));
        Generation { tokens: self.tokens, stop, stopped }
    }
}
