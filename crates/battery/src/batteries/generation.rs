//! Batteries of answers under an interrupt, and of answers that take turns.

use std::num::NonZeroUsize;
use std::sync::Arc;

use neural::{
    Ahead, Backend, Decoding, Fault, GenerateSpec, Generation, LookupDrafter, Model, NoTraps, Sampler,
    SamplingSpec, SequenceId, SequenceLimits, SequenceScheduler, SequenceSpec, Session, SessionError,
    Snapshot, TrapPlane, Traps, Want, generate_in,
};
use proposer::{ForbiddenAutomaton, Interrupt};
use synthetic::Random;
use text::TokenBytes;

use crate::battery::{Battery, Effect, Run, Trial, none_further, nothing, on_every_backend};
use crate::error::BatteryError;
use crate::subject::Subject;

/// The battery that checks that forbidden text is never generated, and that every [`Schedule`] generates the
/// same text in its place.
pub(super) const DETERMINISTIC_INTERRUPT: Battery = Battery {
    name: "deterministic_interrupt",
    needs: nothing,
    faults: &Fault::ALL_BF16,
    effect: Some(Effect { name: "said_when_allowed", shows: wanted_when_allowed }),
    reaches: an_answer,
    further: none_further,
    run: Run::Each(on_every_backend!(interrupt)),
};

/// The battery that checks the sequence scheduler: answers that take turns over one model, and are held and
/// resumed at random, have the same bits as each of them alone.
pub(super) const LANES: Battery = Battery {
    name: "sequence_scheduler",
    needs: nothing,
    faults: &Fault::ALL_BF16,
    effect: Some(Effect { name: "another_stream", shows: streams_differ }),
    reaches: an_answer,
    further: none_further,
    run: Run::Each(on_every_backend!(sequences)),
};

/// The number of new tokens of each answer.
const MAX_NEW: usize = 24;

/// A way to generate the same answer: the tokens of the prompt in one pass (0 for all of them), and the most
/// tokens drafted ahead.
type Schedule = (usize, usize);

const SCHEDULES: [Schedule; 4] = [(0, 0), (1, 0), (7, 2), (0, 4)];

/// Returns the number of positions that every session of an answer reaches at least: a prompt, and all new
/// tokens but the last.
fn an_answer(_: &Subject) -> usize {
    MAX_NEW
}

fn sampler(stream: u64) -> Sampler {
    let drawn = SamplingSpec { temperature: 1.0, top_k: None, top_p: None, min_p: None, seed: 3, stream };
    Sampler::new(drawn).unwrap_or(Sampler::GREEDY)
}

/// An answer: its tokens, the digests of the logits that they were chosen from, and the session after it.
struct Answer {
    ids: Vec<u32>,
    /// The tokens, then the digests, as words of 32 bits that are compared.
    words: Vec<u32>,
    held: Snapshot,
}

impl Answer {
    fn new(generation: &Generation, held: Snapshot) -> Self {
        let ids: Vec<u32> = generation.tokens.iter().map(|token| token.id).collect();
        let digests = generation.tokens.iter().flat_map(|token| {
            let (words, _) = token.logits.as_bytes().as_chunks::<4>();
            words.iter().map(|word| u32::from_le_bytes(*word)).collect::<Vec<_>>()
        });
        Self { words: ids.iter().copied().chain(digests).collect(), ids, held }
    }

    /// Generates an answer in a fresh session, with the whole prompt in one pass and without drafts.
    fn alone<B: Backend>(model: &Arc<Model<B>>, prompt: &[u32], stream: u64) -> Result<Self, SessionError> {
        let mut session = Session::open(model);
        let spec = GenerateSpec { prompt, max_new: MAX_NEW, end_tokens: &[] };
        let mut decoding = Decoding::with(sampler(stream));
        let (generation, _) = generate_in(&mut session, &spec, &mut decoding, &mut NoTraps, &mut |_| {})?;
        Ok(Self::new(&generation, session.snapshot()))
    }

    fn text(&self, bytes: &TokenBytes) -> Vec<u8> {
        self.ids.iter().flat_map(|id| bytes.get(*id)).copied().collect()
    }
}

fn generate<B: Backend, T: Traps<B>>(
    session: &mut Session<B>,
    prompt: &[u32],
    (chunk, most): Schedule,
    traps: &mut T,
) -> Result<Answer, SessionError> {
    let spec = GenerateSpec { prompt, max_new: MAX_NEW, end_tokens: &[] };
    let mut drafter = LookupDrafter { longest: 3 };
    let ahead = (most > 0).then_some(Ahead { drafter: &mut drafter, most });
    let mut decoding = Decoding { chunk: NonZeroUsize::new(chunk), ahead, ..Decoding::with(sampler(0)) };
    let (generation, _) = generate_in(session, &spec, &mut decoding, traps, &mut |_| {})?;
    Ok(Answer::new(&generation, session.snapshot()))
}

/// Returns the bytes of each token of a vocabulary of this size: one or two letters.
fn token_bytes(vocab: usize) -> TokenBytes {
    let bytes = |id: usize| {
        let first = b'a' + (id % 26) as u8;
        if id.is_multiple_of(5) { vec![first, b'a' + (id / 5 % 26) as u8] } else { vec![first] }
    };
    TokenBytes::new((0..vocab).map(bytes).collect())
}

fn forbidding(pattern: &str, bytes: &TokenBytes) -> Result<Arc<ForbiddenAutomaton>, BatteryError> {
    Ok(Arc::new(ForbiddenAutomaton::new(&[], &[pattern], bytes.clone(), &[])?))
}

fn interrupted<B: Backend>(forbidden: &Arc<ForbiddenAutomaton>) -> TrapPlane<B, Interrupt> {
    TrapPlane { interrupt: Some(Interrupt::new(forbidden)), ..TrapPlane::default() }.armed()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Returns two bytes that the model generates if nothing is forbidden.
fn wanted(subject: &Subject, prompt: &[u32], bytes: &TokenBytes) -> Result<Vec<u8>, BatteryError> {
    Ok(Answer::alone(&subject.model, prompt, 0)?.text(bytes)[3..5].to_vec())
}

/// Checks three kinds of forbidden text in each schedule: what the model would say, nothing that it can say,
/// and everything.
fn interrupt<B: Backend>(model: &Arc<Model<B>>, trial: &mut Trial<'_>) -> Result<(), BatteryError> {
    let subject = trial.subject;
    let (prompt, bytes) = (&subject.inputs.ids[..20], token_bytes(subject.vocab()));
    let wanted = wanted(subject, prompt, &bytes)?;
    let forbidden = forbidding(&String::from_utf8_lossy(&wanted), &bytes)?;
    let mut traps = interrupted(&forbidden);
    let expected = generate(&mut Session::open(&subject.model), prompt, (0, 0), &mut traps)?;
    let nothing = forbidding("[^a-z]", &bytes)?;
    let free = Answer::alone(&subject.model, prompt, 0)?;
    for schedule in SCHEDULES {
        let found = generate(&mut Session::open(model), prompt, schedule, &mut interrupted(&forbidden))?;
        trial.tally.compare_with(&found.words, &found.held, &expected.words, &expected.held);
        trial.tally.require(!contains(&found.text(&bytes), &wanted));
        let found = generate(&mut Session::open(model), prompt, schedule, &mut interrupted(&nothing))?;
        trial.tally.compare_with(&found.words, &found.held, &free.words, &free.held);
    }
    // Where everything is forbidden, that is an error which leaves the session as it was.
    let everything = forbidding("[a-z]", &bytes)?;
    let mut session = Session::open(model);
    session.prefill(&prompt[..5], Want::Last)?;
    let before = session.snapshot();
    let refused = generate(&mut session, prompt, (7, 0), &mut interrupted(&everything));
    trial.tally.require(matches!(refused, Err(SessionError::NothingAllowed { position: 25 })));
    trial.tally.compare_with(&[], &session.snapshot(), &[], &before);
    Ok(())
}

/// Returns true if the model generates the forbidden bytes when they are allowed, so that their absence means
/// something.
fn wanted_when_allowed(subject: &Subject) -> Result<bool, BatteryError> {
    let (prompt, bytes) = (&subject.inputs.ids[..20], token_bytes(subject.vocab()));
    let wanted = wanted(subject, prompt, &bytes)?;
    let free = generate(&mut Session::open(&subject.model), prompt, (7, 2), &mut NoTraps)?;
    Ok(contains(&free.text(&bytes), &wanted))
}

fn above_zero(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap_or(NonZeroUsize::MIN)
}

/// Checks five sequences that are held and resumed at random: each must have the bits of the same answer
/// alone.
fn sequences<B: Backend>(model: &Arc<Model<B>>, trial: &mut Trial<'_>) -> Result<(), BatteryError> {
    let (subject, random) = (trial.subject, &mut *trial.random);
    let ids = &subject.inputs.ids;
    let prompts: Vec<&[u32]> = (0..5).map(|_| &ids[random.below(10)..11 + random.below(34)]).collect();
    let quantum = above_zero(1 + random.below(3));
    let memory = 3 * subject.model.session_bytes(45 + MAX_NEW, 65);
    let mut sequences: SequenceScheduler<'_, B, NoTraps> =
        SequenceScheduler::new(model, SequenceLimits { memory, quantum });
    let mut drafters = vec![LookupDrafter { longest: 2 }; prompts.len()];
    let mut running: Vec<(SequenceId, u64, &[u32])> = Vec::new();
    for ((stream, prompt), drafter) in (0..).zip(&prompts).zip(&mut drafters) {
        let generate = GenerateSpec { prompt, max_new: MAX_NEW, end_tokens: &[] };
        let ahead = Some(Ahead { drafter, most: random.below(4) });
        let chunk = NonZeroUsize::new(random.below(9));
        let decoding = Decoding { chunk, ahead, ..Decoding::with(sampler(stream)) };
        let priority = above_zero(1 + random.below(3));
        let id = sequences.admit(SequenceSpec { generate, decoding, traps: NoTraps, priority })?;
        running.push((id, stream, prompt));
    }
    while !running.is_empty() {
        step(&mut sequences, &running, random);
        let mut left = Vec::new();
        for (id, stream, prompt) in running {
            let Some(outcome) = sequences.take(id) else {
                left.push((id, stream, prompt));
                continue;
            };
            let found = Answer::new(&outcome.answer?.0, outcome.session.snapshot());
            let expected = Answer::alone(&subject.model, prompt, stream)?;
            trial.tally.compare_with(&found.words, &found.held, &expected.words, &expected.held);
        }
        running = left;
    }
    Ok(())
}

/// Does one random step: holds a sequence, resumes all of them, or runs a turn.
fn step<B: Backend>(
    sequences: &mut SequenceScheduler<'_, B, NoTraps>,
    running: &[(SequenceId, u64, &[u32])],
    random: &mut Random,
) {
    match random.below(6) {
        0 => {
            sequences.hold(running[random.below(running.len())].0);
        }
        1 => {
            for (id, ..) in running {
                sequences.resume(*id);
            }
        }
        _ => {
            sequences.turn(&mut |_, _| {});
        }
    }
}

/// Returns true if two streams draw different answers from the same prompt, so that mixed-up sequences would
/// show.
fn streams_differ(subject: &Subject) -> Result<bool, BatteryError> {
    let prompt = &subject.inputs.ids[..20];
    let ids = |stream| Answer::alone(&subject.model, prompt, stream).map(|answer| answer.ids);
    Ok(ids(0)? != ids(1)?)
}
