//! The numerics contract as plain loops: a backend to read, and to test with.
//!
//! [`PlainBackend`] computes each operation of `docs/numerics.md` in the order that the contract fixes, one row at a
//! time, in safe scalar code without threads. Weights and activations lie row by row. No thought is given to speed, so
//! what a file says is what the contract says:
//!
//! | operation | file |
//! |---|---|
//! | segments, products, the fold of sixteen lanes | `plain/sums.rs` |
//! | exponential, logistic functions, rounding to bf16 | `plain/functions.rs` |
//! | norms | `plain/norm.rs` |
//! | rotary embedding | `plain/rotation.rs` |
//! | pages of keys and values | `plain/page.rs` |
//! | attention | `plain/attention.rs` |
//! | the choice of experts | `plain/router.rs` |
//!
//! The battery `plain_backend` compares it with the CPU's kernels, logits, keys and values, bit for bit.

mod attention;
mod functions;
mod norm;
mod page;
mod rotation;
mod router;
mod sums;

use std::ops::Range;

use crate::backend::{AttentionSpec, Backend, ExpertShare, KvLayout, PageRun, PageSlots, WeightedRow};
use crate::config::{Activation, NormConfig, Pairing, RouterConfig};
use crate::tensors::StoredMatrix;
use crate::traps::ExpertMask;

use functions::{nearest_bf16, sigmoid, silu, within};
use sums::dot;

pub use page::PlainPage;
pub use rotation::PlainRotation;

/// A backend in plain scalar loops, which gives the same bits as every other backend of this numerics
/// version.
///
/// Use it to read the numerics contract, and to test what is built on a backend: sessions, traps, sequences
/// and generation. A model of some millions of weights takes milliseconds for a token.
///
/// The arithmetic of the calling thread must be that of IEEE 754, which this backend does not check.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainBackend;

/// The activations of [`PlainBackend`], of shape `[rows, width]`, in f32, stored row by row.
#[derive(Clone, Debug)]
pub struct PlainRows {
    width: usize,
    values: Vec<f32>,
}

/// A weight matrix of [`PlainBackend`], of shape `[outputs, inputs]`, row by row. Its values are widened
/// exactly from the format that they were stored in.
#[derive(Clone, Debug)]
pub struct PlainMatrix {
    inputs: usize,
    weights: Vec<f32>,
}

impl PlainRows {
    fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.width)
    }

    fn rows_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.values.chunks_exact_mut(self.width)
    }

    fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.width..(row + 1) * self.width]
    }

    fn row_mut(&mut self, row: usize) -> &mut [f32] {
        &mut self.values[row * self.width..(row + 1) * self.width]
    }

    /// Replaces each value by a function of it alone.
    fn map(&mut self, function: impl Fn(f32) -> f32) {
        self.values.iter_mut().for_each(|value| *value = function(*value));
    }
}

impl PlainMatrix {
    /// Returns the weights of each output, in ascending order of the outputs.
    fn outputs(&self) -> impl Iterator<Item = &[f32]> {
        self.weights.chunks_exact(self.inputs)
    }
}

impl Backend for PlainBackend {
    type Rows = PlainRows;
    type Matrix = PlainMatrix;
    type Vector = Vec<f32>;
    type Page = PlainPage;
    type Rotation = PlainRotation;
    type FiniteRecord = Option<usize>;

    fn describe(&self) -> String {
        "plain".to_owned()
    }

    fn pack(&self, matrix: StoredMatrix<'_>) -> PlainMatrix {
        let mut weights = Vec::with_capacity(matrix.values().len());
        matrix.values().widen_into(0, matrix.values().len(), &mut weights);
        PlainMatrix { inputs: matrix.inputs(), weights }
    }

    fn vector(&self, values: &[f32]) -> Vec<f32> {
        values.to_vec()
    }

    fn rows(&self, width: usize, values: Vec<f32>) -> PlainRows {
        assert!(values.len().is_multiple_of(width), "whole rows of {width}");
        PlainRows { width, values }
    }

    fn read(&self, rows: &PlainRows) -> Vec<f32> {
        rows.values.clone()
    }

    fn embed(&self, table: &PlainMatrix, tokens: &[u32]) -> PlainRows {
        let width = table.inputs;
        let row = |token: &u32| &table.weights[*token as usize * width..][..width];
        PlainRows { width, values: tokens.iter().flat_map(row).copied().collect() }
    }

    fn norm(&self, norm: &NormConfig, weight: &Vec<f32>, x: &PlainRows) -> PlainRows {
        // A weight that is shorter than a row is that of one head, and each head is normalised by itself.
        let parts = x.values.chunks_exact(weight.len());
        PlainRows { width: x.width, values: parts.flat_map(|part| norm::norm(norm, weight, part)).collect() }
    }

    fn matmul(&self, matrix: &PlainMatrix, x: &PlainRows) -> PlainRows {
        assert_eq!(x.width, matrix.inputs, "width of the activations");
        let product = |row: &[f32]| matrix.outputs().map(|weights| dot(weights, row)).collect::<Vec<f32>>();
        let width = matrix.outputs().count();
        PlainRows { width, values: x.rows().flat_map(product).collect() }
    }

    fn gather(&self, x: &PlainRows, rows: &[usize]) -> PlainRows {
        PlainRows { width: x.width, values: rows.iter().flat_map(|row| x.row(*row)).copied().collect() }
    }

    fn activate(&self, activation: &Activation, gate: &PlainRows, up: &PlainRows) -> PlainRows {
        assert_eq!(gate.values.len(), up.values.len(), "gate and up of one shape");
        let element = |(gate, up): (&f32, &f32)| match *activation {
            Activation::Silu => silu(*gate) * up,
            Activation::Clamped { alpha, limit } => {
                // The gate is clamped on one side only.
                let gate = if *gate > limit { limit } else { *gate };
                (within(limit, *up) + 1.0) * (gate * sigmoid(alpha * gate))
            }
        };
        PlainRows { width: gate.width, values: gate.values.iter().zip(&up.values).map(element).collect() }
    }

    fn accumulate(&self, sum: &mut PlainRows, targets: &[WeightedRow], y: &PlainRows) {
        assert_eq!(y.values.len(), targets.len() * sum.width, "one row for each target");
        for (target, y) in targets.iter().zip(y.rows()) {
            for (sum, y) in sum.row_mut(target.row).iter_mut().zip(y) {
                *sum = target.weight.mul_add(*y, *sum);
            }
        }
    }

    fn add(&self, x: &mut PlainRows, y: &PlainRows) {
        assert_eq!(x.values.len(), y.values.len(), "terms of one shape");
        x.values.iter_mut().zip(&y.values).for_each(|(x, y)| *x += y);
    }

    fn add_bias(&self, x: &mut PlainRows, bias: &Vec<f32>) {
        assert_eq!(x.width, bias.len(), "one bias for each output");
        x.rows_mut().for_each(|row| row.iter_mut().zip(bias).for_each(|(x, bias)| *x += bias));
    }

    fn clamp(&self, x: &mut PlainRows, limit: f32) {
        x.map(|x| within(limit, x));
    }

    fn gate(&self, x: &mut PlainRows, gate: &PlainRows) {
        assert_eq!((gate.width, x.values.len()), (1, gate.values.len() * x.width), "one gate for each row");
        for (row, gate) in x.rows_mut().zip(&gate.values) {
            row.iter_mut().for_each(|x| *x *= sigmoid(*gate));
        }
    }

    fn scale(&self, x: &mut PlainRows, factor: f32) {
        x.map(|x| x * factor);
    }

    fn round_bf16(&self, x: &mut PlainRows) {
        x.map(nearest_bf16);
    }

    fn rotation(&self, frequencies: &[f32], magnitude: f64, positions: &[Range<usize>]) -> PlainRotation {
        PlainRotation::new(frequencies, magnitude, positions)
    }

    fn rotate(&self, x: &mut PlainRows, pairing: Pairing, rotation: &PlainRotation) {
        x.rows_mut().enumerate().for_each(|(row, x)| rotation.rotate(row, pairing, x));
    }

    fn route(
        &self,
        router: &RouterConfig,
        mask: Option<&ExpertMask>,
        outputs: &PlainRows,
    ) -> Vec<Vec<ExpertShare>> {
        outputs.rows().map(|row| router::route(router, mask, row)).collect()
    }

    fn page(&self, layout: KvLayout) -> PlainPage {
        PlainPage::empty(layout)
    }

    fn store(
        &self,
        page: &mut PlainPage,
        layout: KvLayout,
        slots: PageSlots,
        keys: &PlainRows,
        values: &PlainRows,
    ) {
        assert_eq!(page.layout(), layout, "the layout of the page");
        for number in 0..slots.count {
            let row = slots.first_row + number;
            page.write(slots.first_slot + number, keys.row(row), values.row(row));
        }
    }

    fn page_bits(&self, page: &PlainPage, out: &mut Vec<u8>) {
        page.write_bits(out);
    }

    fn page_from_bits(&self, layout: KvLayout, bits: &[u8]) -> PlainPage {
        PlainPage::from_bits(layout, bits)
    }

    fn attend(
        &self,
        spec: &AttentionSpec,
        queries: &PlainRows,
        pages: PageRun<'_, PlainPage>,
        sinks: Option<&Vec<f32>>,
    ) -> PlainRows {
        let rows = queries.rows().enumerate();
        let attended = rows.flat_map(|(row, query)| {
            attention::attend(spec, spec.first_query + row, query, &pages, sinks.map(Vec::as_slice))
        });
        PlainRows { width: queries.width, values: attended.collect() }
    }

    fn finite_record(&self, _places: usize) -> Option<usize> {
        None
    }

    fn record_finite(&self, record: &mut Option<usize>, place: usize, x: &PlainRows) {
        if !x.values.iter().all(|value| value.is_finite()) {
            record.get_or_insert(place);
        }
    }

    fn first_non_finite(&self, record: &Option<usize>) -> Option<usize> {
        *record
    }
}
