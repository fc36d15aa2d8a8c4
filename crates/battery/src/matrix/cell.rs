//! One way to compute a sequence.

use std::sync::Arc;

use fastrand::Rng;
use neural::{Backend, Model, Session, Snapshot, Traps, Turn, Want, prefill_together_trapped};

use crate::bench::{Sequence, bits, failed};
use crate::models::NoModel;

pub(super) const THREADS: [usize; 4] = [1, 2, 3, 8];
pub(super) const BATCHES: [usize; 3] = [1, 2, 5];
pub(super) const CHUNKS: [usize; 5] = [1, 3, 7, 64, usize::MAX];
pub(super) const CACHES: [Cache; 3] = [Cache::Cold, Cache::Hit, Cache::Disk];
pub(super) const BETWEEN: [Between; 4] = [Between::Nothing, Between::Park, Between::Fork, Between::Rewind];
pub(super) const AHEAD: [usize; 5] = [0, 1, 2, 3, 4];
pub(super) const TRAPS: [Armed; 3] = [Armed::None, Armed::Disarmed, Armed::AtRest];

/// Where the first half of the sequence comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cache {
    /// It is computed.
    Cold,
    /// Another session holds it.
    Hit,
    /// A file holds it, and another process goes on from it.
    Disk,
}

/// What happens half-way.
#[derive(Clone, Copy)]
pub(super) enum Between {
    Nothing,
    /// The session becomes bytes and is restored from them.
    Park,
    /// The session is forked, and the one that it was forked from goes elsewhere.
    Fork,
    /// The session goes elsewhere and comes back.
    Rewind,
}

/// What listens.
#[derive(Clone, Copy)]
pub(super) enum Armed {
    None,
    Disarmed,
    AtRest,
}

/// One way, as places in the lists above.
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

/// Number of factors.
pub(super) const FACTORS: usize = 8;

/// How many values each factor has.
pub(super) fn sizes(isas: usize) -> [usize; FACTORS] {
    [isas, THREADS.len(), BATCHES.len(), CHUNKS.len(), CACHES.len(), BETWEEN.len(), AHEAD.len(), TRAPS.len()]
}

impl Cell {
    pub(super) fn of_number(mut number: usize, sizes: &[usize; FACTORS]) -> Self {
        let mut next = |size: usize| {
            let digit = number % size;
            number /= size;
            digit
        };
        let [isa, threads, batch, chunk, cache, between, ahead, traps] = sizes.map(&mut next);
        Self { isa, threads, batch, chunk, cache, between, ahead, traps }
    }

    pub(super) fn number(digits: &[usize; FACTORS], sizes: &[usize; FACTORS]) -> usize {
        digits.iter().zip(sizes).rev().fold(0, |number, (digit, size)| number * size + digit)
    }
}

/// Where a half may come from, beside being computed.
pub(super) struct Prefix<B: Backend> {
    /// A session that holds it.
    pub(super) hit: Session<B>,
    /// A snapshot of it.
    pub(super) disk: Option<Snapshot>,
}

impl<B: Backend> Prefix<B> {
    /// The session that others hit: computed in chunks of 5, gone on, and come back.
    pub(super) fn new(
        model: &Arc<Model<B>>,
        sequence: &Sequence,
        disk: Option<Snapshot>,
    ) -> Result<Self, NoModel> {
        let (half, mut hit) = (sequence.len() / 2, Session::open(model));
        sequence.feed(&mut hit, half + 3, 5, &mut neural::NoTraps)?;
        hit.rewind(half).map_err(failed)?;
        Ok(Self { hit, disk })
    }
}

/// The bits of the logits from where they are computed on, and the session at the end.
pub(super) fn compute<B: Backend, T: Traps<B>>(
    model: &Arc<Model<B>>,
    sequence: &Sequence,
    prefix: &Prefix<B>,
    cell: Cell,
    traps: &mut dyn FnMut() -> T,
) -> Result<(Vec<u32>, Session<B>), NoModel> {
    let (length, half) = (sequence.len(), sequence.len() / 2);
    let mut run = Run::new(model, sequence, cell, traps);
    let mut session = match CACHES[cell.cache] {
        Cache::Cold => Session::open(model),
        Cache::Hit => prefix.hit.fork(),
        Cache::Disk => {
            let snapshot = prefix.disk.as_ref().ok_or_else(|| NoModel("there is no snapshot".to_owned()))?;
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
            session.prefill(&[0, 1, 2], Want::Last).map_err(failed)?;
            fork
        }
        Between::Rewind => {
            session.prefill(&[2, 1, 0], Want::Last).map_err(failed)?;
            session.rewind(half).map_err(failed)?;
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

fn restored<B: Backend>(model: &Arc<Model<B>>, snapshot: &Snapshot) -> Result<Session<B>, NoModel> {
    let read = Snapshot::from_bytes(snapshot.as_bytes().to_vec());
    let session = read.and_then(|read| Session::restore(model, &read));
    session.map_err(|error| NoModel(error.to_string()))
}

/// A sequence under way, with others beside it.
struct Run<'a, B: Backend, T> {
    sequence: &'a Sequence,
    chunk: usize,
    /// Those beside it.
    others: Vec<Session<B>>,
    /// Its traps, and those of the others.
    traps: Vec<T>,
    rng: Rng,
}

impl<'a, B: Backend, T: Traps<B>> Run<'a, B, T> {
    fn new(model: &Arc<Model<B>>, sequence: &'a Sequence, cell: Cell, traps: &mut dyn FnMut() -> T) -> Self {
        let batch = BATCHES[cell.batch];
        let others = (1..batch).map(|_| Session::open(model)).collect();
        let traps = (0..batch).map(|_| traps()).collect();
        Self { sequence, chunk: CHUNKS[cell.chunk], others, traps, rng: Rng::with_seed(7) }
    }

    /// The next chunk, not beyond `to`.
    fn chunk(&mut self, session: &mut Session<B>, to: usize) -> Result<Vec<u32>, NoModel> {
        let from = session.position();
        match self.sequence.rows.get(&from) {
            Some(row) => {
                let logits = session.inject_trapped(row, Want::All, &mut self.traps[0]);
                Ok(bits(&logits.map_err(failed)?))
            }
            None => {
                let sequence = self.sequence;
                self.pass(session, sequence.tokens(from, to, self.chunk))
            }
        }
    }

    /// The next token and a draft after it, the last of which is wrong, verified in one pass.
    fn verified(&mut self, session: &mut Session<B>, to: usize, most: usize) -> Result<Vec<u32>, NoModel> {
        let from = session.position();
        let mut tokens = self.sequence.tokens(from, to, most + 1).to_vec();
        let Some(last) = tokens.len().checked_sub(1).filter(|last| *last > 0) else {
            return self.chunk(session, to);
        };
        tokens[last] ^= 1;
        let mut found = self.pass(session, &tokens)?;
        found.truncate(found.len() / tokens.len() * last);
        session.rewind(from + last).map_err(failed)?;
        self.traps[0].rewound(from + last);
        Ok(found)
    }

    /// One pass over `tokens`, with as many others beside it as there are.
    fn pass(&mut self, session: &mut Session<B>, tokens: &[u32]) -> Result<Vec<u32>, NoModel> {
        if self.others.is_empty() {
            let logits = session.prefill_trapped(tokens, Want::All, &mut self.traps[0]);
            return Ok(bits(&logits.map_err(failed)?));
        }
        let vocab = session.model().config().vocab_size as u32;
        let room = session.model().config().max_positions;
        let mut given: Vec<Vec<u32>> = Vec::new();
        for other in &mut self.others {
            if other.position() + 3 > room {
                *other = Session::open(&Arc::clone(other.model()));
            }
            given.push((0..self.rng.usize(1..=3)).map(|_| self.rng.u32(..vocab)).collect());
        }
        let mut turns = vec![Turn { session, tokens, want: Want::All }];
        let others = self.others.iter_mut().zip(&given);
        turns.extend(others.map(|(session, tokens)| Turn { session, tokens, want: Want::Last }));
        // It is not always the first.
        let place = self.rng.usize(..turns.len());
        turns.swap(0, place);
        self.traps.swap(0, place);
        let mut logits = prefill_together_trapped(&mut turns, &mut self.traps);
        self.traps.swap(0, place);
        Ok(bits(&logits.swap_remove(place).map_err(failed)?))
    }
}
