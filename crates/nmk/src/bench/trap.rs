//! What traps cost, against the decoder that has none.
//!
//! One process, one model, one history; every round runs each kind once, in an order that rotates, and is
//! compared within itself. The same decoder once more shows what such a comparison is worth on this machine.

use std::sync::Arc;

use backend_cpu::CpuBackend;
use neural::{EntropyTap, Injection, Model, NoTraps, Session, SessionError, Traps, Want};
use serde_json::json;

use super::clock::tried;
use super::subject::after;
use super::{Cell, Effort, Figure, Group, Ratio, Report, Row, Subject};
use crate::Error;
use crate::selftest::noise;

/// What runs beside the plain decoder, in the order of the report.
const KINDS: [&str; 4] = ["none", "none again", "injection at rest", "entropy tap"];

/// Measures on `threads` threads.
pub(crate) fn measure(
    subject: &Subject,
    threads: usize,
    effort: Effort,
    watch: &mut dyn FnMut(&str),
) -> Result<Report, Error> {
    let model = subject.on(threads)?;
    let context = effort.choose(192, 16).min(model.config().max_positions / 2).max(1);
    let tokens = noise(model.config().vocab_size, context + effort.choose(64, 8));
    let (before, rest) = tokens.split_at(context);
    let rest = &rest[..rest.len().min(model.config().max_positions - context)];
    let mut bench = Bench { model: &model, before, rounds: effort.choose(400, 3), watch };
    let failed = |cause| subject.failed(cause);
    let decode = bench.rounds("decode", &rest[..rest.len().min(8)], 1).map_err(failed)?;
    let prefill = bench.rounds("prefill", rest, rest.len()).map_err(failed)?;
    let mut conditions = subject.conditions(&model);
    conditions.extend([
        ("threads", json!(threads)),
        ("context", json!(context)),
        ("rounds", json!(bench.rounds)),
    ]);
    Ok(Report { conditions, groups: vec![decode, prefill] })
}

struct Bench<'a> {
    model: &'a Arc<Model<CpuBackend>>,
    /// What the session holds before each run.
    before: &'a [u32],
    rounds: usize,
    watch: &'a mut dyn FnMut(&str),
}

impl Bench<'_> {
    /// Runs `tokens` with each kind of traps in each round, `chunk` at a time.
    fn rounds(&mut self, name: &'static str, tokens: &[u32], chunk: usize) -> Result<Group, SessionError> {
        let mut session = after(self.model, self.before)?;
        let (mut seconds, mut ratios) = (KINDS.map(|_| Vec::new()), KINDS.map(|_| Vec::new()));
        for round in 0..=self.rounds {
            if round.is_multiple_of(16) {
                (self.watch)(&format!("{name}, round {round} of {}", self.rounds));
            }
            let mut times = [0.0; KINDS.len()];
            for turn in 0..KINDS.len() {
                let kind = (turn + round) % KINDS.len();
                times[kind] = run(kind, &mut session, tokens, chunk)?;
                session.rewind(self.before.len())?;
            }
            // The first makes the pages that the others write into.
            if round > 0 {
                for (kind, time) in times.iter().enumerate() {
                    seconds[kind].push(*time * 1e6 / tokens.len() as f64);
                    ratios[kind].push(time / times[0]);
                }
            }
        }
        let row = |((kind, seconds), ratios)| {
            let time = ("token_us", Cell::Figure(Figure::of(seconds)));
            let against = ("against_none", Cell::Ratio(Ratio::of(ratios)));
            let cells = if kind == KINDS[0] { vec![time] } else { vec![time, against] };
            Row { settings: vec![("traps", json!(kind)), ("chunk", json!(chunk))], cells }
        };
        let rows = KINDS.into_iter().zip(seconds).zip(ratios).map(row);
        Ok(Group { name, rows: rows.collect() })
    }
}

/// Seconds that one run takes with traps of a kind, which are made before.
fn run(
    kind: usize,
    session: &mut Session<CpuBackend>,
    tokens: &[u32],
    chunk: usize,
) -> Result<f64, SessionError> {
    match KINDS[kind] {
        "injection at rest" => pass(session, tokens, chunk, &mut Injection::default()),
        "entropy tap" => pass(session, tokens, chunk, &mut EntropyTap::default()),
        _ => pass(session, tokens, chunk, &mut NoTraps),
    }
}

fn pass<T: Traps<CpuBackend>>(
    session: &mut Session<CpuBackend>,
    tokens: &[u32],
    chunk: usize,
    traps: &mut T,
) -> Result<f64, SessionError> {
    let mut chunks = tokens.chunks(chunk);
    let run = || chunks.try_for_each(|tokens| session.prefill_trapped(tokens, Want::Last, traps).map(drop));
    Ok(tried(run)?.0)
}
