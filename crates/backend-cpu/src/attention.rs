//! Attention by blocks of absolute positions.
//!
//! A block gives a maximum, a sum of exponentials and a weighted sum of values, each in a fixed order;
//! blocks are joined in ascending order. Keys that a query does not see are skipped, and so are blocks
//! without any, so what lies in their slots does not matter.

use std::ops::Range;

use neural::{AttentionSpec, BLOCK, LANES, PAGE, PageRun, SEGMENT, StateDtype};

use crate::isa::kernel;
use crate::lanes::{HalfLanes, Lanes, Stored, larger, sum};
use crate::math::exp;
use crate::page::{InPage, Page, Slots};

/// The number of panels of sixteen positions in a block of attention.
const PANELS: usize = BLOCK / LANES;

kernel! {
    /// Computes the attention of `queries`, `[rows, heads * head_dim]`, over the pages, into `out`. Of all
    /// heads of all rows in order, `out` takes those from number `first` on, and ends after whole heads. If
    /// there are sinks, that of each head joins after the last block.
    pub(crate) fn attend(
        spec: &AttentionSpec,
        queries: &[f32],
        pages: PageRun<'_, Page>,
        sinks: Option<&[f32]>,
        first: usize,
        out: &mut [f32],
    );
    portable: any_state,
    avx2: any_state,
    avx512: any_state,
}

#[inline(always)]
fn any_state(
    spec: &AttentionSpec,
    queries: &[f32],
    pages: PageRun<'_, Page>,
    sinks: Option<&[f32]>,
    first: usize,
    out: &mut [f32],
) {
    match spec.layout.state {
        StateDtype::F32 => heads::<Lanes>(spec, queries, pages, sinks, first, out),
        StateDtype::Bf16 => heads::<HalfLanes>(spec, queries, pages, sinks, first, out),
    }
}

#[inline(always)]
fn heads<S: InPage>(
    spec: &AttentionSpec,
    queries: &[f32],
    pages: PageRun<'_, Page>,
    sinks: Option<&[f32]>,
    first: usize,
    out: &mut [f32],
) {
    let head_dim = spec.layout.head_dim;
    let shared_by = spec.heads / spec.layout.kv_heads;
    let mut scratch = vec![0.0; head_dim];
    let slots: Vec<&Slots<S>> = pages.pages.iter().map(|page| S::slots(page)).collect();
    let queries = queries[first * head_dim..].chunks_exact(head_dim);
    for (number, (query, out)) in queries.zip(out.chunks_exact_mut(head_dim)).enumerate() {
        let (row, head) = ((first + number) / spec.heads, (first + number) % spec.heads);
        let keys = HeadKeys { spec, first_page: pages.first_page, slots: &slots, head: head / shared_by };
        let seen = seen(spec, spec.first_query + row);
        let mut weight = one_head(&keys, query, seen, &mut scratch, out);
        if let Some(sinks) = sinks {
            weight = sink(weight, out, sinks[head]);
        }
        for out in out.iter_mut() {
            *out = *out / weight.sum + weight.poison;
        }
    }
}

/// Returns the positions that a query at `position` sees.
#[inline(always)]
fn seen(spec: &AttentionSpec, position: usize) -> Range<usize> {
    let first = spec.window.map_or(0, |window| (position + 1).saturating_sub(window));
    first..position + 1
}

struct HeadKeys<'a, S: Stored> {
    spec: &'a AttentionSpec,
    first_page: usize,
    /// The slots of each page, in ascending order.
    slots: &'a [&'a Slots<S>],
    /// Index of the key and value head.
    head: usize,
}

impl<S: Stored> HeadKeys<'_, S> {
    /// Returns the keys and the values of the block that starts at position `start`.
    #[inline(always)]
    fn block(&self, start: usize) -> (&[S], &[S::Number]) {
        let page = self.slots[start / PAGE - self.first_page];
        let (layout, slot) = (self.spec.layout, start % PAGE);
        (page.keys(layout, self.head, slot), page.values(layout, self.head, slot))
    }
}

#[inline(always)]
fn one_head<S: Stored>(
    keys: &HeadKeys<'_, S>,
    query: &[f32],
    seen: Range<usize>,
    scratch: &mut [f32],
    out: &mut [f32],
) -> Weight {
    let first = seen.start / BLOCK * BLOCK;
    let mut total = one_block(keys, query, first, &seen, out);
    let mut start = first + BLOCK;
    while start < seen.end {
        let block = one_block(keys, query, start, &seen, scratch);
        total = join(total, out, block, scratch);
        start += BLOCK;
    }
    total
}

/// Joins a sink, which is a score without a value, into the total.
#[inline(always)]
fn sink(total: Weight, out: &mut [f32], score: f32) -> Weight {
    let largest = larger(total.largest, score);
    let (old, new) = (exp(total.largest - largest), exp(score - largest));
    out.iter_mut().for_each(|out| *out *= old);
    Weight { largest, sum: total.sum * old + new, poison: total.poison }
}

/// The maximum score and the sum of exponentials of one or more blocks.
#[derive(Clone, Copy)]
struct Weight {
    largest: f32,
    sum: f32,
    /// -0 while every score was finite, NaN after one that was not.
    poison: f32,
}

/// Computes the block at `start`: writes its weighted values to `out`, and returns their weight.
#[inline(always)]
fn one_block<S: Stored>(
    keys: &HeadKeys<'_, S>,
    query: &[f32],
    start: usize,
    seen: &Range<usize>,
    out: &mut [f32],
) -> Weight {
    let (panels, values) = keys.block(start);
    let from = seen.start.saturating_sub(start);
    let to = (seen.end - start).min(BLOCK);
    let mut scores = scores(panels, query, keys.spec.scale);
    let weight = weigh(&mut scores, from, to);
    let values = Values::<S> { values, shares: &scores, slots: from..to, width: query.len() };
    let rest = values.weighted::<64>(out);
    let rest = values.weighted::<32>(rest);
    let rest = values.weighted::<LANES>(rest);
    values.weighted::<1>(rest);
    weight
}

/// The values of a block, `[slots, width]`, and the weight of each.
struct Values<'a, S: Stored> {
    values: &'a [S::Number],
    shares: &'a [Lanes; PANELS],
    /// The slots that the query sees, one at least.
    slots: Range<usize>,
    width: usize,
}

impl<S: Stored> Values<'_, S> {
    /// Writes the sums of weights times values, over ascending slots, into `out`, the last elements of a row.
    /// The sums are computed `N` at a time and stay in registers. Returns the elements that are left.
    #[inline(always)]
    fn weighted<'o, const N: usize>(&self, out: &'o mut [f32]) -> &'o mut [f32] {
        let first = self.width - out.len();
        let (whole, rest) = out.as_chunks_mut::<N>();
        for (part, out) in whole.iter_mut().enumerate() {
            let mut sums = [0.0; N];
            for slot in self.slots.clone() {
                let share = self.shares[slot / LANES].0[slot % LANES];
                let values = &self.values[slot * self.width + first + part * N..][..N];
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum = share.mul_add(S::value(*value), *sum);
                }
            }
            *out = sums;
        }
        rest
    }
}

/// Returns the scaled products of the query with the keys of a block, summed by segments as those of a
/// matrix.
#[inline(always)]
fn scores<S: Stored>(panels: &[S], query: &[f32], scale: f32) -> [Lanes; PANELS] {
    let head_dim = query.len();
    let panels: [&[S]; PANELS] = std::array::from_fn(|panel| &panels[panel * head_dim..][..head_dim]);
    let mut scores = segment(&panels, query, 0..head_dim.min(SEGMENT));
    for start in (SEGMENT..head_dim).step_by(SEGMENT) {
        let sums = segment(&panels, query, start..head_dim.min(start + SEGMENT));
        for (score, sum) in scores.iter_mut().zip(sums) {
            *score = score.plus(sum);
        }
    }
    for score in &mut scores {
        score.0.iter_mut().for_each(|score| *score *= scale);
    }
    scores
}

/// Returns the products over some of the elements: one accumulator for each key, ascending elements.
#[inline(always)]
fn segment<S: Stored>(panels: &[&[S]; PANELS], query: &[f32], elements: Range<usize>) -> [Lanes; PANELS] {
    let panels: [&[S]; PANELS] = std::array::from_fn(|panel| &panels[panel][elements.clone()]);
    let mut sums = [Lanes::ZERO; PANELS];
    for (element, query) in query[elements].iter().enumerate() {
        for (sum, panel) in sums.iter_mut().zip(&panels) {
            *sum = sum.fma(panel[element].widen(), *query);
        }
    }
    sums
}

/// Turns the scores of slots `from..to` into `exp(score - largest)`, and sums them up: lane by lane over
/// ascending panels, then by the fixed tree.
#[inline(always)]
fn weigh(scores: &mut [Lanes; PANELS], from: usize, to: usize) -> Weight {
    let mut most = Lanes([f32::NEG_INFINITY; LANES]);
    let mut poison = Lanes([-0.0; LANES]);
    for (panel, score) in scores.iter().enumerate() {
        for lane in 0..LANES {
            let slot = panel * LANES + lane;
            let seen = slot >= from && slot < to;
            let score = score.0[lane];
            most.0[lane] = if seen { larger(most.0[lane], score) } else { most.0[lane] };
            // 0 times a finite score is a zero; times any other it is not a number.
            poison.0[lane] = if seen { poison.0[lane] + score * 0.0 } else { poison.0[lane] };
        }
    }
    let largest = most.fold(larger);
    let mut sums = Lanes::ZERO;
    for (panel, score) in scores.iter_mut().enumerate() {
        for lane in 0..LANES {
            let slot = panel * LANES + lane;
            let seen = slot >= from && slot < to;
            let share = exp(score.0[lane] - largest);
            score.0[lane] = share;
            sums.0[lane] = if seen { sums.0[lane] + share } else { sums.0[lane] };
        }
    }
    Weight { largest, sum: sums.fold(sum), poison: negative_zero(poison.fold(sum)) }
}

/// Returns -0 for a zero of either sign, so that adding it changes no bit. NaN stays NaN.
#[inline(always)]
fn negative_zero(poison: f32) -> f32 {
    if poison == 0.0 { -0.0 } else { poison }
}

/// Joins a later block into the total. Both are first scaled to the larger of the two maxima.
#[inline(always)]
fn join(total: Weight, out: &mut [f32], block: Weight, values: &[f32]) -> Weight {
    let largest = larger(total.largest, block.largest);
    let (old, new) = (exp(total.largest - largest), exp(block.largest - largest));
    for (out, value) in out.iter_mut().zip(values) {
        *out = value.mul_add(new, *out * old);
    }
    Weight { largest, sum: block.sum.mul_add(new, total.sum * old), poison: total.poison + block.poison }
}
