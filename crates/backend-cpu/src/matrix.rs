//! Packed weights and the product with them.
//!
//! A matrix of `outputs` rows is stored in panels of sixteen outputs; a panel holds, for each input in
//! ascending order, the sixteen weights side by side. The inputs are summed in segments of `SEGMENT`. In a
//! segment an output has one accumulator, which starts at +0 and takes `fma(weight, x, accumulator)` in
//! ascending order of inputs. The total of an output starts as the sum of the first segment, and those of the
//! others are added in ascending order. How many rows and panels are in flight at a time is a matter of
//! registers and changes nothing.

use std::ops::Range;

use neural::{LANES, SEGMENT, StoredMatrix, StoredValues};

use crate::isa::{SupportedIsa, kernel};
use crate::lanes::{HalfLanes, Lanes, Stored};
use crate::threads::Threads;

/// Rows for each part from which on rows are shared out, and not outputs: some tiles of rows.
const MANY_ROWS: usize = 12;

/// A weight matrix in panels of sixteen outputs, in the type that it was stored in.
pub struct PackedMatrix {
    outputs: usize,
    inputs: usize,
    panels: Panels,
}

enum Panels {
    F32(Vec<Lanes>),
    Bf16(Vec<HalfLanes>),
}

impl PackedMatrix {
    /// Packs `matrix`. Outputs beyond a multiple of sixteen are padded with zeros that no result reads.
    #[must_use]
    pub fn pack(matrix: StoredMatrix<'_>) -> Self {
        let (outputs, inputs) = (matrix.outputs(), matrix.inputs());
        let panels = match matrix.values() {
            StoredValues::F32(bytes) => {
                let mut panels = vec![Lanes::ZERO; outputs.div_ceil(LANES) * inputs];
                scatter(bytes.as_chunks::<4>().0, inputs, |at, lane, weight| {
                    panels[at].0[lane] = f32::from_le_bytes(*weight);
                });
                Panels::F32(panels)
            }
            StoredValues::Bf16(bytes) => {
                let mut panels = vec![HalfLanes([0; LANES]); outputs.div_ceil(LANES) * inputs];
                scatter(bytes.as_chunks::<2>().0, inputs, |at, lane, weight| {
                    panels[at].0[lane] = u16::from_le_bytes(*weight);
                });
                Panels::Bf16(panels)
            }
        };
        Self { outputs, inputs, panels }
    }

    /// Returns the number of outputs of a product with this matrix.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Returns the number of inputs of a product with this matrix.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// `x`, `[rows, inputs]`, times the transposed matrix: `[rows, outputs]`.
    ///
    /// # Panics
    /// If the length of `x` is not a multiple of the inputs.
    #[must_use]
    pub fn product(&self, isa: SupportedIsa, x: &[f32]) -> Vec<f32> {
        self.shared_product(isa, &Threads::default(), x)
    }

    /// As [`product`](Self::product), shared out between threads: over rows where there are many, over panels
    /// of outputs where there are few.
    pub(crate) fn shared_product(&self, isa: SupportedIsa, threads: &Threads, x: &[f32]) -> Vec<f32> {
        assert!(x.len().is_multiple_of(self.inputs), "rows of {} inputs", self.inputs);
        let rows = x.len() / self.inputs;
        let mut out = vec![0.0; rows * self.outputs];
        let count = self.outputs.div_ceil(LANES);
        let parts = threads.parts(rows * self.outputs * self.inputs);
        if parts == 1 {
            self.panel_product(isa, 0..count, x, &mut out);
        } else if rows >= parts * MANY_ROWS {
            let rows = rows.div_ceil(parts);
            threads.each_part(&mut out, rows * self.outputs, |part, out| {
                let x = &x[part * rows * self.inputs..][..out.len() / self.outputs * self.inputs];
                self.panel_product(isa, 0..count, x, out);
            });
        } else {
            self.by_panels(isa, threads, count.div_ceil(parts), x, &mut out);
        }
        out
    }

    /// Each part computes `panels` panels for all rows, into a place of its own.
    fn by_panels(&self, isa: SupportedIsa, threads: &Threads, panels: usize, x: &[f32], out: &mut [f32]) {
        let rows = x.len() / self.inputs;
        let width = panels * LANES;
        let mut apart = vec![0.0; rows * self.outputs];
        threads.each_part(&mut apart, rows * width, |part, out| {
            let first = part * panels;
            self.panel_product(isa, first..(first + panels).min(self.outputs.div_ceil(LANES)), x, out);
        });
        for (part, apart) in apart.chunks(rows * width).enumerate() {
            let width_here = apart.len() / rows;
            for (row, values) in apart.chunks_exact(width_here).enumerate() {
                out[row * self.outputs + part * width..][..width_here].copy_from_slice(values);
            }
        }
    }

    /// The product with some of the panels, `[rows, outputs of those panels]`.
    fn panel_product(&self, isa: SupportedIsa, panels: Range<usize>, x: &[f32], out: &mut [f32]) {
        let outputs = self.outputs.min(panels.end * LANES) - panels.start * LANES;
        let shape = Shape { outputs, inputs: self.inputs, rows: x.len() / self.inputs };
        let stored = panels.start * self.inputs..panels.end * self.inputs;
        match &self.panels {
            Panels::F32(panels) => product_f32(isa, shape, &panels[stored], x, out),
            Panels::Bf16(panels) => product_bf16(isa, shape, &panels[stored], x, out),
        }
    }

    /// Appends the weights of one output, widened exactly.
    pub(crate) fn output_into(&self, output: usize, out: &mut Vec<f32>) {
        let (panel, lane) = (output / LANES * self.inputs, output % LANES);
        match &self.panels {
            Panels::F32(panels) => {
                out.extend(panels[panel..panel + self.inputs].iter().map(|lanes| lanes.0[lane]))
            }
            Panels::Bf16(panels) => {
                out.extend(panels[panel..panel + self.inputs].iter().map(|lanes| lanes.widen().0[lane]));
            }
        }
    }
}

/// Calls `put` with the place in the panels, the lane and the weight, row by row.
fn scatter<T>(weights: &[T], inputs: usize, mut put: impl FnMut(usize, usize, &T)) {
    for (output, row) in weights.chunks_exact(inputs).enumerate() {
        let panel = output / LANES * inputs;
        for (input, weight) in row.iter().enumerate() {
            put(panel + input, output % LANES, weight);
        }
    }
}

#[derive(Clone, Copy)]
struct Shape {
    outputs: usize,
    inputs: usize,
    rows: usize,
}

kernel! {
    fn product_f32(shape: Shape, panels: &[Lanes], x: &[f32], out: &mut [f32]);
    portable: product::<Lanes, 2, 2, 4>,
    avx2: product::<Lanes, 3, 2, 4>,
    avx512: product::<Lanes, 6, 4, 8>,
}

kernel! {
    fn product_bf16(shape: Shape, panels: &[HalfLanes], x: &[f32], out: &mut [f32]);
    portable: product::<HalfLanes, 2, 2, 4>,
    avx2: product::<HalfLanes, 3, 2, 4>,
    avx512: product::<HalfLanes, 6, 4, 8>,
}

/// Tiles of up to `R` rows by `P` panels; one row by itself goes over `WIDE` panels.
#[inline(always)]
fn product<W: Stored, const R: usize, const P: usize, const WIDE: usize>(
    shape: Shape,
    panels: &[W],
    x: &[f32],
    out: &mut [f32],
) {
    if shape.rows == 1 {
        sweep::<W, 1, WIDE>(shape, panels, x, out)
    } else {
        sweep::<W, R, P>(shape, panels, x, out)
    }
}

#[inline(always)]
fn sweep<W: Stored, const R: usize, const P: usize>(shape: Shape, panels: &[W], x: &[f32], out: &mut [f32]) {
    let count = shape.outputs.div_ceil(LANES);
    let whole = count / P * P;
    for panel in (0..whole).step_by(P) {
        column::<W, R, P>(shape, panels, panel, x, out);
    }
    for panel in whole..count {
        column::<W, R, 1>(shape, panels, panel, x, out);
    }
}

/// All rows for `P` panels from `panel` on.
#[inline(always)]
fn column<W: Stored, const R: usize, const P: usize>(
    shape: Shape,
    panels: &[W],
    panel: usize,
    x: &[f32],
    out: &mut [f32],
) {
    let whole = shape.rows / R * R;
    for row in (0..whole).step_by(R) {
        tile::<W, R, P>(shape, panels, panel, x, row, out);
    }
    // What is left has tiles of its own: a batch of a few sequences, or of the rows that chose an expert, has no
    // other rows, and weights are read once for all of a tile.
    let mut row = whole;
    while row < shape.rows {
        row += match shape.rows - row {
            1 => tile::<W, 1, P>(shape, panels, panel, x, row, out),
            2 => tile::<W, 2, P>(shape, panels, panel, x, row, out),
            3 => tile::<W, 3, P>(shape, panels, panel, x, row, out),
            4 => tile::<W, 4, P>(shape, panels, panel, x, row, out),
            _ => tile::<W, 5, P>(shape, panels, panel, x, row, out),
        };
    }
}

/// `R` rows by `P` panels; returns `R`.
#[inline(always)]
fn tile<W: Stored, const R: usize, const P: usize>(
    shape: Shape,
    panels: &[W],
    panel: usize,
    x: &[f32],
    row: usize,
    out: &mut [f32],
) -> usize {
    let Shape { outputs, inputs, .. } = shape;
    let weights: [&[W]; P] = std::array::from_fn(|p| &panels[(panel + p) * inputs..][..inputs]);
    let rows: [&[f32]; R] = std::array::from_fn(|r| &x[(row + r) * inputs..][..inputs]);
    let mut totals = segment(&weights, &rows, 0..inputs.min(SEGMENT));
    for start in (SEGMENT..inputs).step_by(SEGMENT) {
        let sums = segment(&weights, &rows, start..inputs.min(start + SEGMENT));
        for (totals, sums) in totals.iter_mut().zip(&sums) {
            for (total, sum) in totals.iter_mut().zip(sums) {
                *total = total.plus(*sum);
            }
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
    R
}

/// The sums over the inputs of one segment: one accumulator for each output and row, from +0.
#[inline(always)]
fn segment<W: Stored, const R: usize, const P: usize>(
    weights: &[&[W]; P],
    rows: &[&[f32]; R],
    inputs: Range<usize>,
) -> [[Lanes; P]; R] {
    let weights: [&[W]; P] = std::array::from_fn(|p| &weights[p][inputs.clone()]);
    let rows: [&[f32]; R] = std::array::from_fn(|r| &rows[r][inputs.clone()]);
    let mut sums = [[Lanes::ZERO; P]; R];
    for input in 0..inputs.len() {
        for p in 0..P {
            let wide = weights[p][input].widen();
            for r in 0..R {
                sums[r][p] = sums[r][p].fma(wide, rows[r][input]);
            }
        }
    }
    sums
}
