//! What each battery does while tokens are chosen.

use std::num::NonZeroUsize;
use std::sync::Arc;

use fastrand::Rng;
use neural::abi::{Proposer, Request};
use neural::{
    Ahead, Backend, Decoding, GenerateSpec, Generation, LaneId, LaneLimits, LaneSpec, Lanes, LookupDrafter,
    Model, NoTraps, Sampler, SamplingSpec, Session, SessionError, Snapshot, State, TrapPlane, Traps,
    generate_in,
};
use proposer::{ForbiddenAutomaton, Interrupt, LocalModel};
use serde_json::{Value, json};
use text::TokenBytes;

use crate::bench::{Bench, Tally, clean, failed, load};
use crate::models::{ModelChoice, NoModel, Parts};

/// Frozen answers of the embedded model.
const FROZEN: &str = include_str!("../../../fixtures/embedded/coherence.json");

/// New tokens of an answer.
const MAX_NEW: usize = 24;

/// Positions that every session of an answer reaches: a prompt, and all tokens but the last.
pub(crate) const LEAST_LENGTH: usize = MAX_NEW;

/// A way to generate: tokens of the prompt in a pass, and tokens drafted ahead.
type Schedule = (usize, usize);

const SCHEDULES: [Schedule; 4] = [(0, 0), (1, 0), (7, 2), (0, 4)];

fn sampler(stream: u64) -> Sampler {
    let drawn = SamplingSpec { temperature: 1.0, top_k: None, top_p: None, min_p: None, seed: 3, stream };
    Sampler::new(drawn).unwrap_or(Sampler::GREEDY)
}

/// Choices, the logits behind them, and the session after them.
struct Said {
    words: Vec<u32>,
    ids: Vec<u32>,
    held: Snapshot,
}

impl Said {
    fn of(generation: &Generation, held: Snapshot) -> Self {
        let ids: Vec<u32> = generation.tokens.iter().map(|token| token.id).collect();
        let digests = generation.tokens.iter().flat_map(|token| {
            let (words, _) = token.logits.as_bytes().as_chunks::<4>();
            words.iter().map(|word| u32::from_le_bytes(*word)).collect::<Vec<_>>()
        });
        Self { words: ids.iter().copied().chain(digests).collect(), ids, held }
    }
}

fn say<B: Backend, T: Traps<B>>(
    session: &mut Session<B>,
    prompt: &[u32],
    (chunk, most): Schedule,
    traps: &mut T,
) -> Result<Said, SessionError> {
    let spec = GenerateSpec { prompt, max_new: MAX_NEW, end_tokens: &[] };
    let mut drafter = LookupDrafter { longest: 3 };
    let ahead = (most > 0).then_some(Ahead { drafter: &mut drafter, most });
    let mut decoding = Decoding { chunk: NonZeroUsize::new(chunk), ahead, ..Decoding::with(sampler(0)) };
    let (generation, _) = generate_in(session, &spec, &mut decoding, traps, &mut |_| {})?;
    Ok(Said::of(&generation, session.snapshot()))
}

/// One or two bytes for each token.
fn token_bytes(vocab: usize) -> TokenBytes {
    let bytes = |id: usize| {
        let first = b'a' + (id % 26) as u8;
        if id.is_multiple_of(5) { vec![first, b'a' + (id / 5 % 26) as u8] } else { vec![first] }
    };
    TokenBytes::new((0..vocab).map(bytes).collect())
}

fn text(bytes: &TokenBytes, said: &Said) -> Vec<u8> {
    said.ids.iter().flat_map(|id| bytes.of(*id)).copied().collect()
}

fn forbidding(pattern: &str, bytes: &TokenBytes) -> Result<Arc<ForbiddenAutomaton>, NoModel> {
    let forbidden = ForbiddenAutomaton::new(&[], &[pattern], bytes.clone(), &[]);
    forbidden.map(Arc::new).map_err(|error| NoModel(error.to_string()))
}

fn interrupted<B: Backend>(forbidden: &Arc<ForbiddenAutomaton>) -> TrapPlane<B, Interrupt> {
    TrapPlane { interrupt: Some(Interrupt::new(forbidden)), ..TrapPlane::default() }.armed()
}

/// Something that it says of its own accord, which is then forbidden.
fn wanted(bench: &Bench, prompt: &[u32], bytes: &TokenBytes) -> Result<Vec<u8>, NoModel> {
    let free = say(&mut Session::open(&bench.model), prompt, (0, 0), &mut NoTraps).map_err(failed)?;
    Ok(text(bytes, &free)[3..5].to_vec())
}

/// Forbidden bytes are never said, in any schedule the same is said instead; nothing forbidden changes nothing, and
/// everything forbidden is an error that leaves the session as it was.
pub(crate) fn interrupt<B: Backend>(
    model: &Arc<Model<B>>,
    bench: &Bench,
    tally: &mut Tally,
) -> Result<(), NoModel> {
    let (prompt, bytes) = (&bench.sequence.ids[..20], token_bytes(bench.vocab()));
    let wanted = wanted(bench, prompt, &bytes)?;
    let forbidden = forbidding(&String::from_utf8_lossy(&wanted), &bytes)?;
    let mut traps = interrupted(&forbidden);
    let expected = say(&mut Session::open(&bench.model), prompt, (0, 0), &mut traps).map_err(failed)?;
    let nothing = forbidding("[^a-z]", &bytes)?;
    let free = say(&mut Session::open(&bench.model), prompt, (0, 0), &mut NoTraps).map_err(failed)?;
    for schedule in SCHEDULES {
        let found = say(&mut Session::open(model), prompt, schedule, &mut interrupted(&forbidden));
        let found = found.map_err(failed)?;
        tally.compare_with(&found.words, &found.held, &expected.words, &expected.held);
        let said = text(&bytes, &found);
        tally.require(!said.windows(wanted.len()).any(|window| window == wanted));
        let found = say(&mut Session::open(model), prompt, schedule, &mut interrupted(&nothing));
        let found = found.map_err(failed)?;
        tally.compare_with(&found.words, &found.held, &free.words, &free.held);
    }
    let everything = forbidding("[a-z]", &bytes)?;
    let mut session = Session::open(model);
    session.prefill(&prompt[..5], neural::Want::Last).map_err(failed)?;
    let before = session.snapshot();
    let refused = say(&mut session, prompt, (7, 0), &mut interrupted(&everything));
    tally.require(matches!(refused, Err(SessionError::NothingAllowed { position: 25 })));
    tally.compare_with(&[], &session.snapshot(), &[], &before);
    Ok(())
}

/// Whether what is forbidden would have been said.
pub(crate) fn unmasked(bench: &Bench) -> Result<bool, NoModel> {
    let (prompt, bytes) = (&bench.sequence.ids[..20], token_bytes(bench.vocab()));
    let wanted = wanted(bench, prompt, &bytes)?;
    let free = say(&mut Session::open(&bench.model), prompt, (7, 2), &mut NoTraps).map_err(failed)?;
    Ok(text(&bytes, &free).windows(wanted.len()).any(|window| window == wanted))
}

/// Lanes that are held and resumed at random, against each alone.
pub(crate) fn lanes<B: Backend>(
    model: &Arc<Model<B>>,
    bench: &Bench,
    rng: &mut Rng,
    tally: &mut Tally,
) -> Result<(), NoModel> {
    let ids = &bench.sequence.ids;
    let prompts: Vec<&[u32]> = (0..5).map(|_| &ids[rng.usize(..10)..rng.usize(11..45)]).collect();
    let quantum = NonZeroUsize::new(rng.usize(1..4)).unwrap_or(NonZeroUsize::MIN);
    let memory = 3 * bench.model.session_bytes(45 + MAX_NEW, 65);
    let mut lanes: Lanes<'_, B, NoTraps> = Lanes::new(model, LaneLimits { memory, quantum });
    let mut drafters = vec![LookupDrafter { longest: 2 }; prompts.len()];
    let mut running: Vec<(LaneId, &[u32])> = Vec::new();
    for ((stream, prompt), drafter) in (0..).zip(&prompts).zip(&mut drafters) {
        let generate = GenerateSpec { prompt, max_new: MAX_NEW, end_tokens: &[] };
        let ahead = Some(Ahead { drafter, most: rng.usize(..4) });
        let chunk = NonZeroUsize::new(rng.usize(..9));
        let decoding = Decoding { chunk, ahead, ..Decoding::with(sampler(stream)) };
        let priority = NonZeroUsize::new(rng.usize(1..4)).unwrap_or(NonZeroUsize::MIN);
        let spec = LaneSpec { generate, decoding, traps: NoTraps, priority };
        running.push((lanes.admit(spec).map_err(|error| NoModel(error.to_string()))?, prompt));
    }
    let numbers: Vec<(LaneId, u64)> =
        running.iter().zip(0..).map(|((id, _), stream)| (*id, stream)).collect();
    while !running.is_empty() {
        match rng.u8(..6) {
            0 => {
                lanes.hold(running[rng.usize(..running.len())].0);
            }
            1 => {
                for (id, _) in &running {
                    lanes.resume(*id);
                }
            }
            _ => {
                lanes.turn(&mut |_, _| {});
            }
        }
        let mut left = Vec::new();
        for (id, prompt) in running {
            let Some(outcome) = lanes.take(id) else {
                left.push((id, prompt));
                continue;
            };
            let (generation, _) = outcome.answer.map_err(failed)?;
            let found = Said::of(&generation, outcome.session.snapshot());
            let stream = numbers.iter().find(|(known, _)| *known == id).map_or(0, |(_, stream)| *stream);
            let mut alone = Session::open(&bench.model);
            let spec = GenerateSpec { prompt, max_new: MAX_NEW, end_tokens: &[] };
            let mut decoding = Decoding::with(sampler(stream));
            let done = generate_in(&mut alone, &spec, &mut decoding, &mut NoTraps, &mut |_| {});
            let expected = Said::of(&done.map_err(failed)?.0, alone.snapshot());
            tally.compare_with(&found.words, &found.held, &expected.words, &expected.held);
        }
        running = left;
    }
    Ok(())
}

/// Whether a sequence that drew from another stream says something else.
pub(crate) fn streams(bench: &Bench) -> Result<bool, NoModel> {
    let prompt = &bench.sequence.ids[..20];
    let mut said = Vec::new();
    for stream in [0, 1] {
        let spec = GenerateSpec { prompt, max_new: MAX_NEW, end_tokens: &[] };
        let mut decoding = Decoding::with(sampler(stream));
        let mut session = Session::open(&bench.model);
        let done = generate_in(&mut session, &spec, &mut decoding, &mut NoTraps, &mut |_| {});
        said.push(Said::of(&done.map_err(failed)?.0, session.snapshot()).ids);
    }
    Ok(said[0] != said[1])
}

/// An answer that is frozen: what was asked, what was said, and a part of it that makes sense.
struct Frozen {
    prompt: String,
    facts: String,
    sense: String,
    text: String,
}

fn frozen() -> Result<Vec<Frozen>, NoModel> {
    let items: Vec<Value> = serde_json::from_str(FROZEN).map_err(|error| NoModel(error.to_string()))?;
    let read = |item: &Value| {
        let part = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Frozen { prompt: part("prompt"), facts: part("facts"), sense: part("sense"), text: part("text") }
    };
    Ok(items.iter().map(read).collect())
}

/// What the embedded model says on this backend to everything that was asked.
fn answers<B: Backend>(model: &Arc<Model<B>>, asked: &[Frozen]) -> Result<Vec<String>, NoModel> {
    let model = LocalModel::from_model(model, embedded::TOKENIZER);
    let mut model = model.map_err(|error| NoModel(error.to_string()))?;
    let answer = |asked: &Frozen| {
        let request = Request { prompt: &asked.prompt, facts: &asked.facts, max_new: 48 };
        let said = model.propose(&request, &mut |_| {}).map_err(|error| NoModel(error.to_string()))?;
        Ok(said.value.text)
    };
    asked.iter().map(answer).collect()
}

/// The embedded model says what it said when its answers were frozen, which made sense: each has in it what the
/// question calls for.
pub(crate) fn coherence<B: Backend>(model: &Arc<Model<B>>, tally: &mut Tally) -> Result<(), NoModel> {
    let frozen = frozen()?;
    for (said, frozen) in answers(model, &frozen)?.iter().zip(&frozen) {
        tally.require(!frozen.sense.is_empty() && frozen.text.contains(&frozen.sense));
        let pairs = said.bytes().zip(frozen.text.bytes());
        tally.residual_bits += pairs.map(|(a, b)| u64::from((a ^ b).count_ones())).sum::<u64>();
        tally.residual_bits += said.len().abs_diff(frozen.text.len()) as u64 * 8;
    }
    tally.require(frozen.len() >= 8);
    Ok(())
}

/// The file of frozen answers as the shipped model would answer now, to be looked at before it is kept.
///
/// # Errors
/// The model cannot be loaded, or does not answer.
pub fn freeze() -> Result<String, NoModel> {
    let frozen = frozen()?;
    let [parts] = &Parts::of(&ModelChoice::Embedded)?[..] else { return Ok(String::new()) };
    let texts = answers(&load(parts, State::F32, clean()?)?, &frozen)?;
    let item = |(asked, text): (&Frozen, String)| {
        let Frozen { prompt, facts, sense, .. } = asked;
        json!({"prompt": prompt, "facts": facts, "sense": sense, "text": text})
    };
    let items: Vec<Value> = frozen.iter().zip(texts).map(item).collect();
    serde_json::to_string_pretty(&items).map_err(|error| NoModel(error.to_string()))
}
