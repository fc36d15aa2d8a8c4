//! Packed weight matrices and the product with them.
//!
//! A matrix of `outputs` rows is stored in panels of sixteen outputs; a panel holds, for each input in
//! ascending order, the sixteen weights side by side. The inputs are summed in segments of `SEGMENT`. In a
//! segment an output has one accumulator, which starts at +0 and takes `fma(weight, x, accumulator)` in
//! ascending order of inputs. The total of an output starts as the sum of the first segment, and those of the
//! others are added in ascending order. How many rows and panels are in flight at a time is a matter of
//! registers and changes nothing; `tiles` chooses.

mod tiles;

use std::ops::Range;

use neural::{LANES, StoredMatrix, StoredValues};

use crate::isa::SupportedIsa;
use crate::lanes::{HalfLanes, Lanes, Stored};
use crate::threads::Threads;

use tiles::{Shape, product_bf16, product_f32};

/// The number of rows for each part from which on the rows are shared out between threads; with fewer, the
/// outputs are.
const MANY_ROWS: usize = 12;

/// The weight matrix of the CPU backend, in panels of sixteen outputs and in the number format that it was
/// stored in.
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
    /// Packs a weight matrix into panels. If the number of outputs is no multiple of sixteen, the last panel
    /// is padded with zeros that no result reads.
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

    /// Returns the number of outputs of a product with this matrix, which are its rows.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Returns the number of inputs of a product with this matrix, which are its columns.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Returns the product of `x`, `[rows, inputs]`, and the transposed matrix, `[rows, outputs]`, computed
    /// on the calling thread.
    ///
    /// # Panics
    /// If the length of `x` is not a multiple of the inputs.
    #[must_use]
    pub fn product(&self, isa: SupportedIsa, x: &[f32]) -> Vec<f32> {
        self.shared_product(isa, &Threads::default(), x)
    }

    /// Returns the same as [`product`](Self::product), shared out between threads. Many rows are shared out
    /// row by row, few rows by panels of outputs.
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

    /// Computes the product in parts of `panels` panels for all rows, each into a place of its own, and joins
    /// them.
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

    /// Computes the product with some of the panels, `[rows, outputs of those panels]`.
    fn panel_product(&self, isa: SupportedIsa, panels: Range<usize>, x: &[f32], out: &mut [f32]) {
        let outputs = self.outputs.min(panels.end * LANES) - panels.start * LANES;
        let shape = Shape { outputs, inputs: self.inputs, rows: x.len() / self.inputs };
        let stored = panels.start * self.inputs..panels.end * self.inputs;
        match &self.panels {
            Panels::F32(panels) => product_f32(isa, shape, &panels[stored], x, out),
            Panels::Bf16(panels) => product_bf16(isa, shape, &panels[stored], x, out),
        }
    }

    /// Appends the weights of one output, widened exactly to f32.
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

/// Calls `put` with the index in the panels, the lane and the weight, for each weight row by row.
fn scatter<T>(weights: &[T], inputs: usize, mut put: impl FnMut(usize, usize, &T)) {
    for (output, row) in weights.chunks_exact(inputs).enumerate() {
        let panel = output / LANES * inputs;
        for (input, weight) in row.iter().enumerate() {
            put(panel + input, output % LANES, weight);
        }
    }
}
