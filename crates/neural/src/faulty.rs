//! A backend that computes as a sound one does, but makes one deliberate mistake.
//!
//! A comparison of bits is worth what it notices. So each test and battery that compares bits runs on a
//! [`Faulty`] backend too, and must fail there.

mod fault;

use std::ops::Range;

use crate::backend::{AttentionSpec, Backend, ExpertShare, KvLayout, PageRun, PageSlots, WeightedRow};
use crate::config::{Activation, NormConfig, Pairing, RouterConfig};
use crate::numerics::PAGE;
use crate::state_dtype::StateDtype;
use crate::tensors::{StoredMatrix, StoredValues};
use crate::traps::ExpertMask;

pub use fault::Fault;

/// A backend that computes as another one does, but makes one deliberate mistake. A check that compares bits
/// must fail on it; models are never run on it otherwise.
#[derive(Clone, Debug)]
pub struct Faulty<B> {
    /// The sound backend that does all the work.
    pub inner: B,
    /// The mistake that this backend makes.
    pub fault: Fault,
}

/// A matrix of the sound backend, with a second copy of it if the fault needs one.
pub struct FaultyMatrix<B: Backend> {
    sound: B::Matrix,
    /// Number of inputs, and the same matrix with its inputs in reverse; `None` if the fault does not need
    /// it.
    reversed: Option<(usize, B::Matrix)>,
}

/// Index of the row of a chunk in which a bit is flipped.
const FLIPPED_ROW: usize = 5;

impl<B: Backend> Faulty<B> {
    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    /// Returns keys or values with a flipped bit in one element: the lowest bit that is kept.
    fn flipped(&self, rows: &B::Rows, layout: KvLayout) -> B::Rows {
        let width = layout.kv_heads * layout.head_dim;
        let lowest = match layout.state {
            StateDtype::F32 => 1,
            StateDtype::Bf16 => 1 << 16,
        };
        let mut values = self.inner.read(rows);
        if let Some(value) = values.get_mut(FLIPPED_ROW * width) {
            *value = f32::from_bits(value.to_bits() ^ lowest);
        }
        self.inner.rows(width, values)
    }
}

fn reversed_rows(values: &[f32], width: usize) -> Vec<f32> {
    values.chunks_exact(width).flat_map(|row| row.iter().rev()).copied().collect()
}

impl<B: Backend> Backend for Faulty<B> {
    type Rows = B::Rows;
    type Matrix = FaultyMatrix<B>;
    type Vector = B::Vector;
    type Page = B::Page;
    type Rotation = B::Rotation;
    type FiniteRecord = B::FiniteRecord;

    fn describe(&self) -> String {
        format!("{} with {:?}", self.inner.describe(), self.fault)
    }

    fn pack(&self, matrix: StoredMatrix<'_>) -> FaultyMatrix<B> {
        let reversed = self.is(Fault::ReorderedSum).then(|| {
            let mut values = Vec::new();
            matrix.values().widen_into(0, matrix.values().len(), &mut values);
            let reversed = reversed_rows(&values, matrix.inputs());
            let bytes: Vec<u8> = reversed.iter().flat_map(|value| value.to_le_bytes()).collect();
            let stored = StoredMatrix::new(matrix.outputs(), matrix.inputs(), StoredValues::F32(&bytes));
            (matrix.inputs(), self.inner.pack(stored.expect("the same finite weights")))
        });
        FaultyMatrix { sound: self.inner.pack(matrix), reversed }
    }

    fn vector(&self, values: &[f32]) -> B::Vector {
        self.inner.vector(values)
    }

    fn rows(&self, width: usize, values: Vec<f32>) -> B::Rows {
        self.inner.rows(width, values)
    }

    fn read(&self, rows: &B::Rows) -> Vec<f32> {
        self.inner.read(rows)
    }

    fn embed(&self, table: &FaultyMatrix<B>, tokens: &[u32]) -> B::Rows {
        if self.is(Fault::SwappedEmbedding) {
            let neighbours: Vec<u32> = tokens.iter().map(|token| token ^ 1).collect();
            return self.inner.embed(&table.sound, &neighbours);
        }
        let rows = self.inner.embed(&table.sound, tokens);
        if !self.is(Fault::InfiniteEmbedding) {
            return rows;
        }
        let mut values = self.inner.read(&rows);
        let width = values.len() / tokens.len();
        for (row, _) in tokens.iter().enumerate().filter(|(_, token)| **token == Fault::POISON) {
            values[row * width] = f32::INFINITY;
        }
        self.inner.rows(width, values)
    }

    fn norm(&self, norm: &NormConfig, weight: &B::Vector, x: &B::Rows) -> B::Rows {
        self.inner.norm(norm, weight, x)
    }

    fn matmul(&self, matrix: &FaultyMatrix<B>, x: &B::Rows) -> B::Rows {
        let Some((width, reversed)) = &matrix.reversed else {
            return self.inner.matmul(&matrix.sound, x);
        };
        let rows = self.inner.rows(*width, reversed_rows(&self.inner.read(x), *width));
        self.inner.matmul(reversed, &rows)
    }

    fn gather(&self, x: &B::Rows, rows: &[usize]) -> B::Rows {
        self.inner.gather(x, rows)
    }

    fn activate(&self, activation: &Activation, gate: &B::Rows, up: &B::Rows) -> B::Rows {
        self.inner.activate(activation, gate, up)
    }

    fn accumulate(&self, sum: &mut B::Rows, targets: &[WeightedRow], y: &B::Rows) {
        self.inner.accumulate(sum, targets, y);
    }

    fn add(&self, x: &mut B::Rows, y: &B::Rows) {
        self.inner.add(x, y);
    }

    fn add_bias(&self, x: &mut B::Rows, bias: &B::Vector) {
        self.inner.add_bias(x, bias);
    }

    fn clamp(&self, x: &mut B::Rows, limit: f32) {
        self.inner.clamp(x, limit);
    }

    fn gate(&self, x: &mut B::Rows, gate: &B::Rows) {
        self.inner.gate(x, gate);
    }

    fn scale(&self, x: &mut B::Rows, factor: f32) {
        self.inner.scale(x, factor);
    }

    fn round_bf16(&self, x: &mut B::Rows) {
        if !self.is(Fault::UpcastResidual) {
            self.inner.round_bf16(x);
        }
    }

    fn rotation(&self, frequencies: &[f32], magnitude: f64, positions: &[Range<usize>]) -> B::Rotation {
        self.inner.rotation(frequencies, magnitude, positions)
    }

    fn rotate(&self, x: &mut B::Rows, pairing: Pairing, rotation: &B::Rotation) {
        self.inner.rotate(x, pairing, rotation);
    }

    fn route(
        &self,
        router: &RouterConfig,
        mask: Option<&ExpertMask>,
        outputs: &B::Rows,
    ) -> Vec<Vec<ExpertShare>> {
        let mut rows = self.inner.route(router, mask, outputs);
        if self.is(Fault::SkippedExpert) {
            rows.iter_mut().for_each(|shares| shares.truncate(router.chosen - 1));
        }
        rows
    }

    fn page(&self, layout: KvLayout) -> B::Page {
        self.inner.page(layout)
    }

    fn store(
        &self,
        page: &mut B::Page,
        layout: KvLayout,
        mut slots: PageSlots,
        keys: &B::Rows,
        values: &B::Rows,
    ) {
        if self.is(Fault::WrongRingIndex) && slots.count > 1 {
            slots.first_slot = (slots.first_slot + 1).min(PAGE - slots.count);
        }
        match self.fault {
            Fault::FlippedKeyBit => {
                self.inner.store(page, layout, slots, &self.flipped(keys, layout), values)
            }
            Fault::FlippedValueBit => {
                self.inner.store(page, layout, slots, keys, &self.flipped(values, layout))
            }
            _ => self.inner.store(page, layout, slots, keys, values),
        }
    }

    fn page_bits(&self, page: &B::Page, out: &mut Vec<u8>) {
        self.inner.page_bits(page, out);
    }

    fn page_from_bits(&self, layout: KvLayout, bits: &[u8]) -> B::Page {
        self.inner.page_from_bits(layout, bits)
    }

    fn attend(
        &self,
        spec: &AttentionSpec,
        queries: &B::Rows,
        pages: PageRun<'_, B::Page>,
        sinks: Option<&B::Vector>,
    ) -> B::Rows {
        let mut spec = *spec;
        if self.is(Fault::ShorterWindow) {
            spec.window = spec.window.map(|window| window - 1);
        }
        if self.is(Fault::DroppedJournalPage) && spec.window.is_some() && pages.first_page > 0 {
            let empty = self.inner.page(spec.layout);
            let mut held = pages.pages.to_vec();
            held[0] = &empty;
            return self.inner.attend(&spec, queries, PageRun { pages: &held, ..pages }, sinks);
        }
        self.inner.attend(&spec, queries, pages, sinks)
    }

    fn finite_record(&self, places: usize) -> B::FiniteRecord {
        self.inner.finite_record(places)
    }

    fn record_finite(&self, record: &mut B::FiniteRecord, place: usize, x: &B::Rows) {
        self.inner.record_finite(record, place, x);
    }

    fn first_non_finite(&self, record: &B::FiniteRecord) -> Option<usize> {
        self.inner.first_non_finite(record)
    }
}
