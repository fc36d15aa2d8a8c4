//! The benchmark of answers under a JSON Schema, beside the same decoder without one.
//!
//! Every round generates as many tokens with the schema as without, in one process and after the same history. The
//! decoder without a schema runs twice; the second run shows how exact such a comparison is on this machine.

use std::sync::Arc;

use backend_cpu::CpuBackend;
use constrain::{CompiledSchema, SchemaConstraint, Vocabulary};
use neural::{Decoding, GenerateSpec, Model, NoTraps, Sampler, Session, SessionError, Traps, generate_in};
use serde_json::json;
use text::TokenBytes;

use super::clock::tried;
use super::subject::after;
use super::{Cell, Effort, Figure, Group, Ratio, Row};

/// The schema of the answers. No document of it ends within the tokens that are measured.
const SCHEMA: &str = r#"{"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 4000}},
    "additionalProperties": false}"#;
/// The characters that a vocabulary which is made here has a token for.
const PRINTABLE: std::ops::RangeInclusive<u8> = b' '..=b'~';
/// The tokens of one run.
const NEW: usize = 16;
const ROUNDS: usize = 120;
const KINDS: [&str; 3] = ["none", "none again", "schema"];

/// Measures answers of `model` after `before`. `bytes` are those of its tokens; a vocabulary is made if there are none.
/// Returns None if the model has too few tokens to write JSON with.
pub(super) fn group(
    model: &Arc<Model<CpuBackend>>,
    bytes: Option<TokenBytes>,
    before: &[u32],
    effort: Effort,
) -> Result<Option<Group>, SessionError> {
    let (size, ends) = (model.config().vocab_size, &model.config().end_tokens);
    let bytes = bytes.or_else(|| made(size, ends));
    let vocabulary = bytes.and_then(|bytes| Vocabulary::new(&bytes, ends, size).ok());
    let Some(compiled) = vocabulary.and_then(|vocabulary| CompiledSchema::compile(SCHEMA, &vocabulary).ok())
    else {
        return Ok(None);
    };
    let mut session = after(model, before)?;
    let rounds = effort.choose(ROUNDS, 2);
    let (mut seconds, mut ratios) = (KINDS.map(|_| Vec::new()), KINDS.map(|_| Vec::new()));
    for round in 0..=rounds {
        let mut times = [0.0; KINDS.len()];
        for turn in 0..KINDS.len() {
            // The order goes round, so that each kind follows each other one.
            let kind = if round % 2 == 0 { round + turn } else { round + KINDS.len() - turn } % KINDS.len();
            times[kind] = match KINDS[kind] {
                "schema" => run(&mut session, before, &mut SchemaConstraint::new(&compiled))?,
                _ => run(&mut session, before, &mut NoTraps)?,
            };
        }
        // The first round makes the pages that the others write into.
        if round > 0 {
            for (kind, time) in times.iter().enumerate() {
                seconds[kind].push(time * 1e6 / NEW as f64);
                ratios[kind].push(time / times[0]);
            }
        }
    }
    let row = |((kind, seconds), ratios): ((&str, Vec<f64>), Vec<f64>)| {
        let mut cells = vec![("token_processor_us", Cell::Figure(Figure::from_runs(seconds)))];
        if kind != KINDS[0] {
            cells.push(("against_none", Cell::Ratio(Ratio::from_rounds(ratios))));
        }
        Row { settings: vec![("traps", json!(kind)), ("rounds", json!(rounds))], cells }
    };
    let rows = KINDS.into_iter().zip(seconds).zip(ratios).map(row).collect();
    Ok(Some(Group { name: "constrained", rows }))
}

/// Generates the tokens of one run after `before`, takes them back, and returns the processor seconds.
fn run<T: Traps<CpuBackend>>(
    session: &mut Session<CpuBackend>,
    before: &[u32],
    traps: &mut T,
) -> Result<f64, SessionError> {
    let spec = GenerateSpec { prompt: &before[..1], max_new: NEW, end_tokens: &[] };
    let mut decoding = Decoding::with(Sampler::GREEDY);
    let took = tried(|| generate_in(session, &spec, &mut decoding, traps, &mut |_| {}))?.0;
    session.rewind(before.len())?;
    Ok(took.processor_seconds)
}

/// Returns a vocabulary of printable characters, and of pairs of letters for the other tokens. `ends` have no bytes.
/// None if the tokens are too few.
fn made(size: usize, ends: &[u32]) -> Option<TokenBytes> {
    let letters = |number: usize| vec![b'a' + (number / 26 % 26) as u8, b'a' + (number % 26) as u8];
    let mut texts = PRINTABLE.map(|byte| vec![byte]).chain((0..).map(letters));
    let is_end = |id: usize| ends.iter().any(|end| *end as usize == id);
    let bytes = (0..size).map(|id| if is_end(id) { Vec::new() } else { texts.next().unwrap_or_default() });
    let bytes: Vec<Vec<u8>> = bytes.collect();
    (size >= PRINTABLE.count() + ends.len()).then(|| TokenBytes::new(bytes))
}
