//! Answers of a model in every schedule.

use std::num::NonZeroUsize;

use neural::{
    Ahead, Decoding, GenerateSpec, GeneratedToken, Generation, ModelDrafter, PlainBackend, Sampler,
    SamplingSpec, Session, SessionError, Traps, Want, generate_in,
};

use super::PlainModel;

/// Returns a greedy sampler and one that draws.
pub(crate) fn samplers() -> [Sampler; 2] {
    let free = SamplingSpec { temperature: 1.0, top_k: None, top_p: None, min_p: None, seed: 9, stream: 0 };
    [Sampler::GREEDY, Sampler::new(free).expect("within the ranges")]
}

/// An answer, the tokens of it that were shown, and the session after it.
pub(crate) struct Answer {
    pub(crate) generation: Generation,
    pub(crate) shown: Vec<GeneratedToken>,
    pub(crate) session: Session<PlainBackend>,
}

/// Generates in chunks of `chunk` tokens, with `most` tokens drafted ahead by the model itself.
pub(crate) fn answer<T: Traps<PlainBackend>>(
    model: &PlainModel,
    spec: &GenerateSpec<'_>,
    sampler: Sampler,
    (chunk, most): (usize, usize),
    traps: &mut T,
) -> Result<Answer, SessionError> {
    let mut session = Session::open(model);
    let mut drafter = ModelDrafter::new(model, sampler);
    let ahead = (most > 0).then_some(Ahead { drafter: &mut drafter, most });
    let mut decoding = Decoding { chunk: NonZeroUsize::new(chunk), ahead, ..Decoding::with(sampler) };
    let mut shown = Vec::new();
    let done = generate_in(&mut session, spec, &mut decoding, traps, &mut |token| shown.push(token));
    let generation = done?.0;
    Ok(Answer { generation, shown, session })
}

/// Returns the ids of tokens.
pub(crate) fn ids(tokens: &[GeneratedToken]) -> Vec<u32> {
    tokens.iter().map(|token| token.id).collect()
}

/// Checks that the session is the one that was given these ids and nothing else.
pub(crate) fn holds_exactly(session: &Session<PlainBackend>, ids: &[u32]) {
    let mut plain = Session::open(session.model());
    plain.prefill(ids, Want::Last).expect("a history");
    assert!(plain.snapshot() == session.snapshot(), "{} positions", session.position());
}
