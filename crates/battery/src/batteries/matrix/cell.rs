//! One cell of the invariance matrix: one way to compute a sequence.

use std::sync::Arc;

use neural::{Backend, Model, NoTraps, Session, Snapshot, Traps, Turn, Want, prefill_together_trapped};
use synthetic::{Random, bits};

use crate::error::BatteryError;
use crate::inputs::Inputs;

pub(super) const THREADS: [usize; 4] = [1, 2, 3, 8];
pub(super) const BATCHES: [usize; 3] = [1, 2, 5];
pub(super) const CHUNKS: [usize; 5] = [1, 3, 7, 64, usize::MAX];
pub(super) const CACHES: [Cache; 3] = [Cache::Cold, Cache::Hit, Cache::Disk];
pub(super) const BETWEEN: [Between; 4] = [Between::Nothing, Between::Park, Between::Fork, Between::Rewind];
pub(super) const AHEAD: [usize; 5] = [0, 1, 2, 3, 4];
pub(super) const TRAPS: [Armed; 3] = [Armed::None, Armed::Disarmed, Armed::AtRest];

/// The place from which a session gets the first half of the sequence.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cache {
    /// The session itself computes the first half.
    Cold,
    /// The session is a fork of another one that computed the first half.
    Hit,
    /// The session is restored from a file in another process.
    Disk,
}

/// The event that a session goes through half-way.
#[derive(Clone, Copy)]
pub(super) enum Between {
    Nothing,
    /// The session becomes a snapshot and is restored from it.
    Park,
    /// The session is forked; the original computes other tokens, and the fork goes on.
    Fork,
    /// The session computes other tokens and is rewound.
    Rewind,
}

/// The traps of every pass: none, a plane that is not armed, or an armed plane whose traps change nothing.
#[derive(Clone, Copy)]
pub(super) enum Armed {
    None,
    Disarmed,
    AtRest,
}

/// One way to compute a sequence: for each factor, the index of its value in the lists above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) isa: usize,
    pub(super) threads: usize,
    pub(super) batch: usize,
    pub(super) chunk: usize,
    pub(super) cache: usize,
    pub(super) between: usize,
    pub(super) ahead: usize,
    pub(super) traps: usize,
}

/// The number of factors, which are the fields of a [`Cell`].
pub(super) const FACTORS: usize = 8;

/// Returns the number of values of each factor on a machine with `isas` instruction sets.
pub(super) fn sizes(isas: usize) -> [usize; FACTORS] {
    [isas, THREADS.len(), BATCHES.len(), CHUNKS.len(), CACHES.len(), BETWEEN.len(), AHEAD.len(), TRAPS.len()]
}

impl Cell {
    /// Returns the cell of a number, whose digits to the bases `sizes` are the indices of the values.
    pub(super) fn from_number(mut number: usize, sizes: &[usize; FACTORS]) -> Self {
        let mut next = |size: usize| {
            let digit = number % size;
            number /= size;
            digit
        };
        let [isa, threads, batch, chunk, cache, between, ahead, traps] = sizes.map(&mut next);
        Self { isa, threads, batch, chunk, cache, between, ahead, traps }
    }

    /// Returns the number of the cell that has these digits.
    pub(super) fn number(digits: &[usize; FACTORS], sizes: &[usize; FACTORS]) -> usize {
        digits.iter().zip(sizes).rev().fold(0, |number, (digit, size)| number * size + digit)
    }
}

/// The first half of a sequence, as another session or a file holds it.
pub(super) struct Prefix<B: Backend> {
    /// A session that holds the first half and can be forked.
    pub(super) hit: Session<B>,
    /// A snapshot of a session that holds the first half; `None` outside the process that restores it.
    pub(super) disk: Option<Snapshot>,
}

impl<B: Backend> Prefix<B> {
    /// Computes the session that others fork: in chunks of 5 to a position beyond the half, and then rewound
    /// to it.
    pub(super) fn new(
        model: &Arc<Model<B>>,
        inputs: &Inputs,
        disk: Option<Snapshot>,
    ) -> Result<Self, BatteryError> {
        let (half, mut hit) = (inputs.len() / 2, Session::open(model));
        inputs.feed(&mut hit, half + 3, 5, &mut NoTraps)?;
        hit.rewind(half)?;
        Ok(Self { hit, disk })
    }
}

/// Computes the sequence `inputs` in the way that `cell` says. Returns the bits of the logits of all
/// positions that were computed here, which leave out a first half that came from `prefix`, and the session
/// after the last position.
pub(super) fn compute<B: Backend, T: Traps<B>>(
    model: &Arc<Model<B>>,
    inputs: &Inputs,
    prefix: &Prefix<B>,
    cell: Cell,
    traps: &mut dyn FnMut() -> T,
) -> Result<(Vec<u32>, Session<B>), BatteryError> {
    let (length, half) = (inputs.len(), inputs.len() / 2);
    let mut run = Run::new(model, inputs, cell, traps);
    let mut session = match CACHES[cell.cache] {
        Cache::Cold => Session::open(model),
        Cache::Hit => prefix.hit.fork(),
        Cache::Disk => {
            // Cells of the disk run in the process that was given the snapshot.
            let snapshot = prefix.disk.as_ref().ok_or(BatteryError::NoWorker)?;
            restored(model, snapshot)?
        }
    };
    let mut found = Vec::new();
    while session.position() < half {
        found.extend(run.chunk(&mut session, half)?);
    }
    session = match BETWEEN[cell.between] {
        Between::Nothing => session,
        Between::Park => restored(model, &session.snapshot())?,
        Between::Fork => {
            let fork = session.fork();
            session.prefill(&[0, 1, 2], Want::Last)?;
            fork
        }
        Between::Rewind => {
            session.prefill(&[2, 1, 0], Want::Last)?;
            session.rewind(half)?;
            session
        }
    };
    while session.position() < length {
        found.extend(match AHEAD[cell.ahead] {
            0 => run.chunk(&mut session, length)?,
            most => run.verified(&mut session, length, most)?,
        });
    }
    Ok((found, session))
}

fn restored<B: Backend>(model: &Arc<Model<B>>, snapshot: &Snapshot) -> Result<Session<B>, BatteryError> {
    let read = Snapshot::from_bytes(snapshot.as_bytes().to_vec())?;
    Ok(Session::restore(model, &read)?)
}

/// A sequence that is being computed, with others beside it in every pass.
struct Run<'a, B: Backend, T> {
    inputs: &'a Inputs,
    chunk: usize,
    /// The sessions that are computed beside it in the same passes.
    others: Vec<Session<B>>,
    /// The traps of the sequence first, then those of the others.
    traps: Vec<T>,
    random: Random,
}

impl<'a, B: Backend, T: Traps<B>> Run<'a, B, T> {
    fn new(model: &Arc<Model<B>>, inputs: &'a Inputs, cell: Cell, traps: &mut dyn FnMut() -> T) -> Self {
        let batch = BATCHES[cell.batch];
        let others = (1..batch).map(|_| Session::open(model)).collect();
        let traps = (0..batch).map(|_| traps()).collect();
        Self { inputs, chunk: CHUNKS[cell.chunk], others, traps, random: Random::new(7) }
    }

    /// Computes the next chunk, at most up to position `to`, and returns the bits of its logits.
    fn chunk(&mut self, session: &mut Session<B>, to: usize) -> Result<Vec<u32>, BatteryError> {
        let from = session.position();
        let inputs = self.inputs;
        match inputs.rows.get(&from) {
            Some(row) => {
                let logits = session.inject_trapped(row, Want::All, &mut self.traps[0])?;
                Ok(bits(logits.values()))
            }
            None => self.pass(session, inputs.tokens(from, to, self.chunk)),
        }
    }

    /// Computes the next token and a draft after it in one pass. The last token of the draft is wrong and is
    /// rolled back. Returns the bits of the logits of the right tokens.
    fn verified(
        &mut self,
        session: &mut Session<B>,
        to: usize,
        most: usize,
    ) -> Result<Vec<u32>, BatteryError> {
        let from = session.position();
        let mut tokens = self.inputs.tokens(from, to, most + 1).to_vec();
        let Some(last) = tokens.len().checked_sub(1).filter(|last| *last > 0) else {
            return self.chunk(session, to);
        };
        tokens[last] ^= 1;
        let mut found = self.pass(session, &tokens)?;
        found.truncate(found.len() / tokens.len() * last);
        session.rewind(from + last)?;
        self.traps[0].rewound(from + last);
        Ok(found)
    }

    /// Computes one pass over `tokens` with all others beside it, and returns the bits of the logits.
    fn pass(&mut self, session: &mut Session<B>, tokens: &[u32]) -> Result<Vec<u32>, BatteryError> {
        if self.others.is_empty() {
            let logits = session.prefill_trapped(tokens, Want::All, &mut self.traps[0])?;
            return Ok(bits(logits.values()));
        }
        let vocab = session.model().config().vocab_size;
        let room = session.model().config().max_positions;
        let mut given: Vec<Vec<u32>> = Vec::new();
        for other in &mut self.others {
            if other.position() + 3 > room {
                *other = Session::open(&Arc::clone(other.model()));
            }
            let count = 1 + self.random.below(3);
            given.push(self.random.tokens(count, vocab));
        }
        let mut turns = vec![Turn { session, tokens, want: Want::All }];
        let others = self.others.iter_mut().zip(&given);
        turns.extend(others.map(|(session, tokens)| Turn { session, tokens, want: Want::Last }));
        // The sequence has any place in the pass.
        let place = self.random.below(turns.len());
        turns.swap(0, place);
        self.traps.swap(0, place);
        let mut logits = prefill_together_trapped(&mut turns, &mut self.traps);
        self.traps.swap(0, place);
        Ok(bits(logits.swap_remove(place)?.values()))
    }
}
