//! Attention of one query row, by blocks of absolute positions.

use std::ops::Range;

use super::functions::exp;
use super::page::PlainPage;
use super::sums::{dot, fold, max};
use crate::backend::{AttentionSpec, PageRun};
use crate::numerics::{BLOCK, LANES, PAGE};

/// The keys and values of one head, by absolute position.
#[derive(Clone, Copy)]
struct Head<'a> {
    pages: &'a PageRun<'a, PlainPage>,
    number: usize,
}

/// A softmax over some positions: the largest score, the sum of `exp(score - largest)`, and the sum of the
/// values with these weights.
struct Share {
    largest: f32,
    sum: f32,
    weighted: Vec<f32>,
}

/// Returns the attention of a query at `position`, `[heads, head_dim]`, in the same shape. If a score is not
/// finite, the result of its head is NaN.
pub(super) fn attend(
    spec: &AttentionSpec,
    position: usize,
    query: &[f32],
    pages: &PageRun<'_, PlainPage>,
    sinks: Option<&[f32]>,
) -> Vec<f32> {
    let first = spec.window.map_or(0, |window| (position + 1).saturating_sub(window));
    let heads = query.chunks_exact(spec.layout.head_dim).enumerate();
    let of_head = |(number, query): (usize, &[f32])| {
        let shared_by = spec.heads / spec.layout.kv_heads;
        let head = Head { pages, number: number / shared_by };
        let sink = sinks.map(|sinks| sinks[number]);
        match total(head, query, spec.scale, first..position + 1) {
            Some(total) => divided(total, sink),
            None => vec![f32::NAN; query.len()],
        }
    };
    heads.flat_map(of_head).collect()
}

/// Returns the softmax over the positions `seen`, block after block; `None` if a score is not finite.
///
/// Blocks begin at multiples of `BLOCK`, so the positions of a block do not depend on the query.
fn total(head: Head<'_>, query: &[f32], scale: f32, seen: Range<usize>) -> Option<Share> {
    let mut total: Option<Share> = None;
    for block in seen.start / BLOCK..seen.end.div_ceil(BLOCK) {
        let positions = (block * BLOCK).max(seen.start)..((block + 1) * BLOCK).min(seen.end);
        let share = from_block(head, query, scale, positions)?;
        total = Some(match total {
            None => share,
            Some(total) => joined(total, &share),
        });
    }
    total
}

/// Returns the softmax over the positions of one block that are seen.
fn from_block(head: Head<'_>, query: &[f32], scale: f32, positions: Range<usize>) -> Option<Share> {
    let scores: Vec<f32> = positions.clone().map(|at| scale * dot(head.key(at), query)).collect();
    if scores.iter().any(|score| !score.is_finite()) {
        return None;
    }
    // The lane of a key is its position modulo sixteen.
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for (at, score) in positions.clone().zip(&scores) {
        lanes[at % LANES] = max(lanes[at % LANES], *score);
    }
    let largest = fold(lanes, max);
    let mut lanes = [0.0; LANES];
    let mut weighted = vec![0.0; query.len()];
    for (at, score) in positions.zip(&scores) {
        let share = exp(score - largest);
        lanes[at % LANES] += share;
        for (sum, value) in weighted.iter_mut().zip(head.value(at)) {
            *sum = share.mul_add(*value, *sum);
        }
    }
    Some(Share { largest, sum: fold(lanes, |a, b| a + b), weighted })
}

/// Joins a later block into the total: both are brought to the larger of their largest scores.
fn joined(total: Share, block: &Share) -> Share {
    let largest = max(total.largest, block.largest);
    let (old, new) = (exp(total.largest - largest), exp(block.largest - largest));
    let pairs = total.weighted.iter().zip(&block.weighted);
    Share {
        largest,
        sum: block.sum.mul_add(new, total.sum * old),
        weighted: pairs.map(|(total, block)| block.mul_add(new, total * old)).collect(),
    }
}

/// Divides the weighted values by the sum, into which a sink has entered: a score that has no value.
fn divided(total: Share, sink: Option<f32>) -> Vec<f32> {
    let Share { largest, mut sum, mut weighted } = total;
    if let Some(score) = sink {
        let most = max(largest, score);
        let old = exp(largest - most);
        sum = sum * old + exp(score - most);
        weighted.iter_mut().for_each(|value| *value *= old);
    }
    weighted.iter().map(|value| value / sum).collect()
}

impl<'a> Head<'a> {
    fn key(self, position: usize) -> &'a [f32] {
        self.page(position).key(self.number, position % PAGE)
    }

    fn value(self, position: usize) -> &'a [f32] {
        self.page(position).value(self.number, position % PAGE)
    }

    fn page(self, position: usize) -> &'a PlainPage {
        self.pages.pages[position / PAGE - self.pages.first_page]
    }
}
