//! A model, a sequence, and the bits that every schedule must have.

use std::collections::BTreeMap;
use std::sync::Arc;

use backend_cpu::CpuBackend;
use fastrand::Rng;
use neural::{Backend, Logits, Model, NoTraps, Session, SessionError, Snapshot, State, Traps, Want};

use crate::models::{NoModel, Parts};

/// What stands at each position: a token, or where there is one a row that is injected in its place.
#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    pub(crate) ids: Vec<u32>,
    pub(crate) rows: BTreeMap<usize, Vec<f32>>,
}

impl Sequence {
    /// Random tokens, and a few random rows with zeros of both signs.
    pub(crate) fn drawn(rng: &mut Rng, length: usize, vocab: usize, width: usize) -> Self {
        let ids: Vec<u32> = (0..length).map(|_| rng.u32(..vocab as u32)).collect();
        let row = |rng: &mut Rng| {
            let value = |rng: &mut Rng| match rng.u8(..4) {
                0 => -0.0,
                1 => 0.0,
                _ => rng.f32() * 2.0 - 1.0,
            };
            (0..width).map(|_| value(rng)).collect::<Vec<f32>>()
        };
        let mut rows = BTreeMap::new();
        for place in [length / 5, length / 2, length - 2] {
            rows.insert(place, row(rng));
        }
        Self { ids, rows }
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The tokens from `from` on, up to the next row and to `most` of them.
    pub(crate) fn tokens(&self, from: usize, to: usize, most: usize) -> &[u32] {
        let row = self.rows.range(from..to).next().map_or(to, |(position, _)| *position);
        &self.ids[from..row.min(from.saturating_add(most))]
    }

    /// Takes a session on to position `to` in chunks, and returns the bits of the logits at every position.
    pub(crate) fn feed<B: Backend, T: Traps<B>>(
        &self,
        session: &mut Session<B>,
        to: usize,
        chunk: usize,
        traps: &mut T,
    ) -> Result<Vec<u32>, NoModel> {
        let mut found = Vec::new();
        while session.position() < to {
            let from = session.position();
            let logits = match self.rows.get(&from) {
                Some(row) => session.inject_trapped(row, Want::All, traps),
                None => session.prefill_trapped(self.tokens(from, to, chunk), Want::All, traps),
            };
            found.extend(bits(&logits.map_err(failed)?));
        }
        Ok(found)
    }
}

/// A model, a random sequence and the bits that every schedule must have.
pub(crate) struct Bench {
    pub(crate) parts: Parts,
    pub(crate) model: Arc<Model<CpuBackend>>,
    pub(crate) sequence: Sequence,
    /// The bits of the logits at every position, in one chunk.
    pub(crate) reference: Vec<u32>,
    /// The session that gave them.
    pub(crate) held: Snapshot,
}

impl Bench {
    pub(crate) fn new(parts: Parts, state: State, length: usize, rng: &mut Rng) -> Result<Self, NoModel> {
        let model = load(&parts, state, clean()?)?;
        let config = model.config();
        let length = length.min(config.max_positions);
        let sequence = Sequence::drawn(rng, length, config.vocab_size, config.hidden_size);
        let mut session = Session::open(&model);
        let reference = sequence.feed(&mut session, length, length, &mut NoTraps)?;
        let held = session.snapshot();
        Ok(Self { parts, model, sequence, reference, held })
    }

    /// What it is called in reports.
    pub(crate) fn name(&self) -> String {
        match self.model.state() {
            State::F32 => self.parts.name.clone(),
            State::Bf16 => format!("{} in bf16", self.parts.name),
        }
    }

    pub(crate) fn state(&self) -> State {
        self.model.state()
    }

    pub(crate) fn vocab(&self) -> usize {
        self.model.config().vocab_size
    }

    /// The window of its sliding layers, if it has any.
    pub(crate) fn window(&self) -> Option<usize> {
        self.model.config().layers.iter().filter_map(|layer| layer.window).min()
    }

    /// The positions at which schedules are known to break, 0 and the last among them.
    pub(crate) fn park_points(&self) -> Vec<usize> {
        let length = self.sequence.len();
        let window = self.window().unwrap_or(neural::PAGE);
        let mut points = vec![0, 1, length / 2, length - 1, window - 1, window, window + 1, 2 * window];
        points.retain(|point| *point < length);
        points.sort_unstable();
        points.dedup();
        points
    }
}

/// Comparisons so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) cases: u64,
    pub(crate) possible: u64,
    pub(crate) residual_bits: u64,
}

impl Tally {
    /// Logits and session of a whole run against the bench's. `found` are the logits from some position on.
    pub(crate) fn compare<B: Backend>(&mut self, found: &[u32], session: &Session<B>, bench: &Bench) {
        let from = bench.reference.len().saturating_sub(found.len());
        self.compare_with(found, &session.snapshot(), &bench.reference[from..], &bench.held);
    }

    /// Any bits and a session against others.
    pub(crate) fn compare_with(
        &mut self,
        found: &[u32],
        held: &Snapshot,
        reference: &[u32],
        expected: &Snapshot,
    ) {
        self.cases += 1;
        self.possible += 1;
        self.residual_bits += differing(found, reference) + differing_state(held, expected);
    }

    /// Something that has no bits is not as it must be.
    pub(crate) fn require(&mut self, met: bool) {
        self.cases += 1;
        self.possible += 1;
        self.residual_bits += u64::from(!met);
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.possible += other.possible;
        self.residual_bits += other.residual_bits;
    }
}

/// Bits in which two sequences of words differ. What is missing differs in all of its bits.
pub(crate) fn differing(found: &[u32], reference: &[u32]) -> u64 {
    let missing = found.len().abs_diff(reference.len()) as u64 * 32;
    found.iter().zip(reference).map(|(a, b)| u64::from((a ^ b).count_ones())).sum::<u64>() + missing
}

/// Bits in which two sessions differ, over all keys and values that both hold, and one for another history. Which
/// pages behind a window are still held may differ.
pub(crate) fn differing_state(found: &Snapshot, expected: &Snapshot) -> u64 {
    let same = found.history() == expected.history() && found.edits() == expected.edits();
    let page_bytes = found.page_bytes();
    let mut bits = u64::from(!same || page_bytes != expected.page_bytes());
    for ((first, pages), (other_first, other_pages)) in found.layers().zip(expected.layers()) {
        let start = first.max(other_first);
        let held = |first: usize, pages| held_from(start - first, pages, page_bytes);
        let (pages, other_pages): (&[u8], &[u8]) = (held(first, pages), held(other_first, other_pages));
        let pairs = pages.iter().zip(other_pages);
        bits += pairs.map(|(a, b)| u64::from((a ^ b).count_ones())).sum::<u64>();
        bits += pages.len().abs_diff(other_pages.len()) as u64 * 8;
    }
    bits
}

/// The pages from `positions` after the first on.
fn held_from(positions: usize, pages: &[u8], page_bytes: usize) -> &[u8] {
    pages.get(positions / neural::PAGE * page_bytes..).unwrap_or_default()
}

pub(crate) fn clean() -> Result<CpuBackend, NoModel> {
    CpuBackend::best().map_err(|error| NoModel(error.to_string()))
}

pub(crate) fn load<B: Backend>(parts: &Parts, state: State, backend: B) -> Result<Arc<Model<B>>, NoModel> {
    let shards: Vec<&[u8]> = parts.shards.iter().map(Vec::as_slice).collect();
    let model = Model::load_shards(&parts.config, &shards, backend);
    let model = model.map_err(|error| NoModel(format!("{}: {error}", parts.name)))?;
    Ok(Arc::new(if state == State::F32 { model } else { model.in_state(state) }))
}

pub(crate) fn failed(error: SessionError) -> NoModel {
    NoModel(error.to_string())
}

pub(crate) fn bits(logits: &Logits) -> Vec<u32> {
    logits.values().iter().map(|value| value.to_bits()).collect()
}
