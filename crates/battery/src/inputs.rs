//! The inputs of a session, one for each position.

use std::collections::BTreeMap;

use neural::{Backend, Session, Traps, Want};
use synthetic::{Random, bits};

use crate::error::BatteryError;

/// The input of a session at each position: a token, or at some positions a row that is injected in its
/// place.
#[derive(Clone, Debug)]
pub(crate) struct Inputs {
    pub(crate) ids: Vec<u32>,
    pub(crate) rows: BTreeMap<usize, Vec<f32>>,
}

impl Inputs {
    /// Creates random tokens, and a few random rows in which zeros of both signs occur.
    pub(crate) fn random(random: &mut Random, length: usize, vocab: usize, width: usize) -> Self {
        let ids = random.tokens(length, vocab);
        let mut row = || {
            let value = |_| match random.below(4) {
                0 => -0.0,
                1 => 0.0,
                _ => random.symmetric(),
            };
            (0..width).map(value).collect::<Vec<f32>>()
        };
        let rows = [length / 5, length / 2, length - 2].map(|position| (position, row())).into();
        Self { ids, rows }
    }

    /// Returns the number of positions that have an input.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Returns the tokens from position `from` to position `to`, but not beyond the next injected row, and at
    /// most `most` of them.
    pub(crate) fn tokens(&self, from: usize, to: usize, most: usize) -> &[u32] {
        let row = self.rows.range(from..to).next().map_or(to, |(position, _)| *position);
        &self.ids[from..row.min(from.saturating_add(most))]
    }

    /// Feeds a session up to position `to` in chunks, and returns the bits of the logits at every position
    /// that it computed.
    pub(crate) fn feed<B: Backend, T: Traps<B>>(
        &self,
        session: &mut Session<B>,
        to: usize,
        chunk: usize,
        traps: &mut T,
    ) -> Result<Vec<u32>, BatteryError> {
        let mut found = Vec::new();
        while session.position() < to {
            let from = session.position();
            let logits = match self.rows.get(&from) {
                Some(row) => session.inject_trapped(row, Want::All, traps),
                None => session.prefill_trapped(self.tokens(from, to, chunk), Want::All, traps),
            };
            found.extend(bits(logits?.values()));
        }
        Ok(found)
    }
}
