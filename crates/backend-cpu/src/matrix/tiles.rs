//! Tiles of a product: some rows times some panels, whose accumulators stay in registers.

use std::ops::Range;

use neural::{LANES, SEGMENT};

use crate::isa::kernel;
use crate::lanes::{HalfLanes, Lanes, Stored};

/// The number of panels that are computed for all rows before the next ones are read.
const GROUP: usize = 4;

/// The sizes of a product.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) outputs: usize,
    pub(super) inputs: usize,
    pub(super) rows: usize,
}

kernel! {
    /// Writes the product of `x`, `[rows, inputs]`, with panels in f32 to `out`, `[rows, outputs]`.
    pub(super) fn product_f32(shape: Shape, panels: &[Lanes], x: &[f32], out: &mut [f32]);
    portable: product::<Lanes, 2, 2, 2>,
    avx2: product::<Lanes, 6, 2, 1>,
    avx512: product::<Lanes, 6, 4, 4>,
}

kernel! {
    /// Writes the product of `x`, `[rows, inputs]`, with panels in bf16 to `out`, `[rows, outputs]`.
    pub(super) fn product_bf16(shape: Shape, panels: &[HalfLanes], x: &[f32], out: &mut [f32]);
    portable: product::<HalfLanes, 2, 2, 2>,
    avx2: product::<HalfLanes, 6, 2, 1>,
    avx512: product::<HalfLanes, 6, 4, 4>,
}

/// Computes the product in tiles of up to `MOST` rows. One row goes over four panels, two rows go over
/// `PAIR`, four and more over `MANY`, as the registers allow. The weights of a group of panels are still in
/// the caches for its next rows.
#[inline(always)]
fn product<W: Stored, const MOST: usize, const PAIR: usize, const MANY: usize>(
    shape: Shape,
    panels: &[W],
    x: &[f32],
    out: &mut [f32],
) {
    let count = shape.outputs.div_ceil(LANES);
    for first in (0..count).step_by(GROUP) {
        let group = first..count.min(first + GROUP);
        let mut row = 0;
        while row < shape.rows {
            row += match MOST.min(shape.rows - row) {
                1 => across::<W, 1, GROUP>(shape, panels, group.clone(), x, row, out),
                // Three rows by fewer than four panels were measured to be slower than two rows and then one.
                3 if MANY == GROUP && group.len() > 1 => {
                    across::<W, 3, GROUP>(shape, panels, group.clone(), x, row, out)
                }
                2 | 3 => across::<W, 2, PAIR>(shape, panels, group.clone(), x, row, out),
                4 => across::<W, 4, MANY>(shape, panels, group.clone(), x, row, out),
                5 => across::<W, 5, MANY>(shape, panels, group.clone(), x, row, out),
                _ => across::<W, 6, MANY>(shape, panels, group.clone(), x, row, out),
            };
        }
    }
}

/// Computes `R` rows from `row` on over a group of panels, `P` panels at a time; the last time there may be
/// fewer. Returns `R`.
#[inline(always)]
fn across<W: Stored, const R: usize, const P: usize>(
    shape: Shape,
    panels: &[W],
    group: Range<usize>,
    x: &[f32],
    row: usize,
    out: &mut [f32],
) -> usize
where
    SideBySide<R>: Zipped<R>,
{
    for panel in group.clone().step_by(P) {
        match P.min(group.end - panel) {
            4 => tile::<W, R, 4>(shape, panels, panel, x, row, out),
            3 => tile::<W, R, 3>(shape, panels, panel, x, row, out),
            2 => tile::<W, R, 2>(shape, panels, panel, x, row, out),
            _ => tile::<W, R, 1>(shape, panels, panel, x, row, out),
        }
    }
    R
}

/// Computes one tile of `R` rows by `P` panels.
#[inline(always)]
fn tile<W: Stored, const R: usize, const P: usize>(
    shape: Shape,
    panels: &[W],
    panel: usize,
    x: &[f32],
    row: usize,
    out: &mut [f32],
) where
    SideBySide<R>: Zipped<R>,
    SideBySide<P>: Zipped<P>,
{
    let Shape { outputs, inputs, .. } = shape;
    let mut totals = [[Lanes::ZERO; P]; R];
    for start in (0..inputs).step_by(SEGMENT) {
        let count = SEGMENT.min(inputs - start);
        let weights = std::array::from_fn(|p| &panels[(panel + p) * inputs + start..][..count]);
        let rows = std::array::from_fn(|r| &x[(row + r) * inputs + start..][..count]);
        let sums = segment::<W, R, P>(weights, rows);
        if start == 0 {
            totals = sums;
        } else {
            add(&mut totals, &sums);
        }
    }
    for (r, totals) in totals.iter().enumerate() {
        let line = &mut out[(row + r) * outputs..][..outputs];
        for (p, total) in totals.iter().enumerate() {
            let line = &mut line[(panel + p) * LANES..];
            let kept = line.len().min(LANES);
            line[..kept].copy_from_slice(&total.0[..kept]);
        }
    }
}

/// Returns the sums over one segment: one accumulator for each row and output, from +0.
#[inline(always)]
fn segment<W: Stored, const R: usize, const P: usize>(
    weights: [&[W]; P],
    rows: [&[f32]; R],
) -> [[Lanes; P]; R]
where
    SideBySide<R>: Zipped<R>,
    SideBySide<P>: Zipped<P>,
{
    let mut sums = [[Lanes::ZERO; P]; R];
    for (weights, x) in SideBySide::<P>::zipped(weights).zip(SideBySide::<R>::zipped(rows)) {
        for p in 0..P {
            let wide = weights[p].widen();
            for r in 0..R {
                sums[r][p] = sums[r][p].fma(wide, *x[r]);
            }
        }
    }
    sums
}

/// Adds the sums of a segment to the totals.
#[inline(always)]
fn add<const R: usize, const P: usize>(totals: &mut [[Lanes; P]; R], sums: &[[Lanes; P]; R]) {
    for (totals, sums) in totals.iter_mut().zip(sums) {
        for (total, sum) in totals.iter_mut().zip(sums) {
            *total = total.plus(*sum);
        }
    }
}

/// A name for `N` slices that are read at the same index.
struct SideBySide<const N: usize>;

/// Iterates over `N` slices by index, ascending. The iterators of the slices are zipped, because then no
/// index is checked in the loop that takes most of the time of a pass.
trait Zipped<const N: usize> {
    fn zipped<'a, T: 'a>(slices: [&'a [T]; N]) -> impl Iterator<Item = [&'a T; N]>;
}

macro_rules! zipped {
    ($count:literal: $first:ident $($other:ident)* => $all:pat) => {
        impl Zipped<$count> for SideBySide<$count> {
            #[inline(always)]
            fn zipped<'a, T: 'a>(slices: [&'a [T]; $count]) -> impl Iterator<Item = [&'a T; $count]> {
                let [$first $(, $other)*] = slices;
                $first.iter()$(.zip($other))*.map(|$all| [$first $(, $other)*])
            }
        }
    };
}

zipped!(1: a => a);
zipped!(2: a b => (a, b));
zipped!(3: a b c => ((a, b), c));
zipped!(4: a b c d => (((a, b), c), d));
zipped!(5: a b c d e => ((((a, b), c), d), e));
zipped!(6: a b c d e f => (((((a, b), c), d), e), f));
