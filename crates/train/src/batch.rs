//! Shards of training data: rows of about the same length, cut from blocks of consecutive items of the
//! corpus.

use crate::TrainError;
use crate::codec::{Codec, Corpus, Encoded, PAD};
use crate::ops::loss::Targets;
use crate::rng::Rng;
use std::sync::Arc;

/// The weight in the loss of a token in the prompt or in the facts. A token of the answer has the weight 1.
pub const PROMPT_WEIGHT: f32 = 0.1;

/// The sizes by which the corpus is cut into the shards of optimiser steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// The number of shards in one optimiser step, which fixes the order of the gradient sum.
    pub shards: usize,
    /// The most tokens of one shard, padding included.
    pub tokens: usize,
    /// The number of shards in a block, a multiple of `shards`. Rows are sorted by length within a block, so
    /// longer blocks need less padding.
    pub block: usize,
    /// A low estimate of the tokens of an item, so that a block never needs more shards than it has.
    pub item_tokens: usize,
    /// The corpus that is cut.
    pub corpus: Corpus,
}

/// A batch of rows of tokens with equal length, and the token that each position should predict.
#[derive(Debug, Clone)]
pub struct Shard {
    /// The tokens, row by row. Short rows are filled up with the padding token.
    pub ids: Vec<u32>,
    /// The number of tokens in each row, padding included.
    pub length: usize,
    /// The token that each position should predict, with its weight in the loss.
    pub targets: Arc<Targets>,
}

impl Shard {
    /// Packs encoded items into a shard, one row for each item. The longest row gives the length of all.
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

    /// Returns the sum of the weights of all targets, by which the loss is divided.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.targets.weights.iter().map(|w| f64::from(*w)).sum()
    }
}

/// Returns the shards of one block of the training corpus, in the order in which they are trained. The result
/// depends on `cut`, `seed` and `block` alone.
///
/// # Errors
/// [`TrainError`] if the tokenizer cannot encode an item.
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

/// Returns the encoded items of a block. Their number is always the same, so item numbers follow from block
/// numbers.
fn gather(codec: &Codec, cut: Cut, seed: u64, block: u64) -> Result<Vec<Encoded>, TrainError> {
    let count = (cut.block * cut.tokens / cut.item_tokens) as u64;
    (block * count..(block + 1) * count).map(|index| cut.corpus.encoded(codec, seed, index)).collect()
}

/// Cuts sorted rows into exactly `cut.block` shards with about the same number of tokens.
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
