//! Shards: rows of about the same length, cut from blocks of consecutive items.

use crate::TrainError;
use crate::codec::{Codec, Encoded, PAD};
use crate::corpus;
use crate::ops::loss::Targets;
use crate::rng::Rng;
use std::sync::Arc;

/// Weight of a prompt or facts token in the loss; an answer token counts one.
pub const PROMPT_WEIGHT: f32 = 0.1;

/// How the corpus is cut into optimiser steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Shards of one step; their number fixes the order of the gradient sum.
    pub shards: usize,
    /// Most tokens of a shard, padding included.
    pub tokens: usize,
    /// Shards of a block, a multiple of `shards`; longer blocks pad less.
    pub block: usize,
}

/// Equally long rows with their targets.
#[derive(Debug, Clone)]
pub struct Shard {
    /// Row after row, short rows filled up.
    pub ids: Vec<u32>,
    /// Length of a row.
    pub length: usize,
    /// What each position should predict.
    pub targets: Arc<Targets>,
}

impl Shard {
    /// Packs rows, the longest of which gives the length.
    #[must_use]
    pub fn new(rows: &[Encoded]) -> Self {
        let length = rows.iter().map(|row| row.ids.len()).max().unwrap_or(0);
        let (mut ids, mut targets) = (Vec::new(), Targets::default());
        for row in rows {
            for at in 0..length {
                ids.push(row.ids.get(at).copied().unwrap_or(PAD));
                targets.ids.push(row.ids.get(at + 1).copied().unwrap_or(PAD));
                let answer = at + 1 >= row.answer;
                let weight = if answer { 1.0 } else { PROMPT_WEIGHT };
                targets.weights.push(if at + 1 < row.ids.len() { weight } else { 0.0 });
            }
        }
        Self { ids, length, targets: Arc::new(targets) }
    }

    /// Sum of the target weights.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.targets.weights.iter().map(|w| f64::from(*w)).sum()
    }
}

/// The shards of block `block` of the corpus of `seed`, in the order of training.
pub fn block(codec: &Codec, cut: Cut, seed: u64, block: u64) -> Result<Vec<Shard>, TrainError> {
    let mut rows = gather(codec, cut, seed, block)?;
    rows.sort_by_key(|row| row.ids.len());
    let mut shards = pack(&rows, cut);
    let mut rng = Rng::keyed(seed ^ 0x0062_6c6f_636b, block);
    for at in (1..shards.len()).rev() {
        shards.swap(at, rng.below(at + 1));
    }
    Ok(shards)
}

/// Items of a block: always the same count, so that item numbers follow from block numbers.
fn gather(codec: &Codec, cut: Cut, seed: u64, block: u64) -> Result<Vec<Encoded>, TrainError> {
    let count = (cut.block * cut.tokens / ITEM_TOKENS) as u64;
    (block * count..(block + 1) * count).map(|index| codec.item(&corpus::training(seed, index))).collect()
}

/// A cautious guess of an item's length, so that a block never needs more shards than it has.
const ITEM_TOKENS: usize = 31;

/// Cuts sorted rows into exactly `cut.block` shards of about equal size in tokens.
fn pack(rows: &[Encoded], cut: Cut) -> Vec<Shard> {
    let total: usize = rows.iter().map(|row| row.ids.len()).sum();
    let mut shards = Vec::new();
    let (mut from, mut seen) = (0, 0);
    for (at, row) in rows.iter().enumerate() {
        seen += row.ids.len();
        if seen * cut.block >= total * (shards.len() + 1) {
            shards.push(Shard::new(&rows[from..=at]));
            from = at + 1;
        }
    }
    shards
}
