//! The backend: the operations of `neural`, computed with the kernels of this crate.

use std::ops::Range;

use neural::{
    Activation, AttentionSpec, Backend, ExpertMask, ExpertShare, KvLayout, NormConfig, PAGE, PageRun,
    PageSlots, Pairing, RouterConfig, StoredMatrix, WeightedRow,
};
use thiserror::Error;

use crate::environment::{EnvironmentError, check_environment};
use crate::isa::{Isa, IsaError, SupportedIsa};
use crate::math::sigmoid;
use crate::matrix::PackedMatrix;
use crate::page::Page;
use crate::rotation::Rotation;
use crate::threads::{Threads, ThreadsError};
use crate::{attention, elementwise, half, norm, router};

/// The reason why a [`CpuBackend`] cannot be created on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BackendError {
    /// The machine lacks the instruction set.
    #[error(transparent)]
    Isa(#[from] IsaError),
    /// The calling thread does not compute IEEE arithmetic.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// The threads cannot be started.
    #[error(transparent)]
    Threads(#[from] ThreadsError),
}

/// The [`Backend`] that computes on the CPU. Its bits depend neither on the instruction set nor on the number
/// of threads.
#[derive(Clone, Debug)]
pub struct CpuBackend {
    isa: SupportedIsa,
    threads: Threads,
}

impl CpuBackend {
    /// Creates a backend that uses the instruction set `isa` and computes on the calling thread.
    ///
    /// # Errors
    /// [`BackendError::Isa`] if the machine lacks the instruction set, and [`BackendError::Environment`] if
    /// the calling thread does not compute IEEE arithmetic.
    pub fn new(isa: Isa) -> Result<Self, BackendError> {
        check_environment()?;
        Ok(Self { isa: isa.supported()?, threads: Threads::default() })
    }

    /// Returns this backend with `count` threads of its own. With a count of 1 it computes on the calling
    /// thread.
    ///
    /// # Errors
    /// [`BackendError::Threads`] if `count` is 0 or above [`MAX_THREADS`](crate::MAX_THREADS), if the system
    /// cannot start the threads, or if one of them does not compute IEEE arithmetic.
    pub fn on_threads(self, count: usize) -> Result<Self, BackendError> {
        Ok(Self { threads: Threads::new(count)?, ..self })
    }

    /// Returns the number of threads that the backend computes on; 1 means the calling thread.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads.count()
    }

    /// Creates a backend that uses the widest instruction set of this machine and computes on the calling
    /// thread.
    ///
    /// # Errors
    /// [`BackendError::Environment`] if the calling thread does not compute IEEE arithmetic.
    pub fn best() -> Result<Self, BackendError> {
        Self::new(SupportedIsa::best().get())
    }

    /// Returns the instruction set that the kernels of this backend use.
    #[must_use]
    pub fn isa(&self) -> Isa {
        self.isa.get()
    }
}

/// The activations of [`CpuBackend`], of shape `[rows, width]`, in f32, stored row by row.
pub struct CpuRows {
    width: usize,
    values: Vec<f32>,
}

impl CpuRows {
    fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.width..][..self.width]
    }
}

impl Backend for CpuBackend {
    type Rows = CpuRows;
    type Matrix = PackedMatrix;
    type Vector = Vec<f32>;
    type Page = Page;
    type Rotation = Rotation;
    type FiniteRecord = Option<usize>;

    fn describe(&self) -> String {
        format!("cpu/{}/{}", self.isa(), self.threads())
    }

    fn pack(&self, matrix: StoredMatrix<'_>) -> PackedMatrix {
        PackedMatrix::pack(matrix)
    }

    fn vector(&self, values: &[f32]) -> Vec<f32> {
        values.to_vec()
    }

    fn rows(&self, width: usize, values: Vec<f32>) -> CpuRows {
        assert!(values.len().is_multiple_of(width), "whole rows of {width}");
        CpuRows { width, values }
    }

    fn read(&self, rows: &CpuRows) -> Vec<f32> {
        rows.values.clone()
    }

    fn embed(&self, table: &PackedMatrix, tokens: &[u32]) -> CpuRows {
        let mut values = Vec::with_capacity(tokens.len() * table.inputs());
        tokens.iter().for_each(|token| table.output_into(*token as usize, &mut values));
        CpuRows { width: table.inputs(), values }
    }

    fn norm(&self, norm: &NormConfig, weight: &Vec<f32>, x: &CpuRows) -> CpuRows {
        let mut values = vec![0.0; x.values.len()];
        norm::norm_rows(self.isa, norm, weight, &x.values, &mut values);
        CpuRows { width: x.width, values }
    }

    fn matmul(&self, matrix: &PackedMatrix, x: &CpuRows) -> CpuRows {
        assert_eq!(x.width, matrix.inputs(), "width of the activations");
        CpuRows { width: matrix.outputs(), values: matrix.shared_product(self.isa, &self.threads, &x.values) }
    }

    fn gather(&self, x: &CpuRows, rows: &[usize]) -> CpuRows {
        let mut values = Vec::with_capacity(rows.len() * x.width);
        rows.iter().for_each(|row| values.extend_from_slice(x.row(*row)));
        CpuRows { width: x.width, values }
    }

    fn activate(&self, activation: &Activation, gate: &CpuRows, up: &CpuRows) -> CpuRows {
        assert_eq!(gate.values.len(), up.values.len(), "gate and up of one shape");
        let mut values = vec![0.0; gate.values.len()];
        elementwise::activate(self.isa, activation, &gate.values, &up.values, &mut values);
        CpuRows { width: gate.width, values }
    }

    fn accumulate(&self, sum: &mut CpuRows, targets: &[WeightedRow], y: &CpuRows) {
        assert_eq!(y.values.len(), targets.len() * sum.width, "one row for each target");
        elementwise::accumulate(self.isa, sum.width, &mut sum.values, targets, &y.values);
    }

    fn add(&self, x: &mut CpuRows, y: &CpuRows) {
        assert_eq!(x.values.len(), y.values.len(), "terms of one shape");
        x.values.iter_mut().zip(&y.values).for_each(|(x, y)| *x += y);
    }

    fn add_bias(&self, x: &mut CpuRows, bias: &Vec<f32>) {
        assert_eq!(x.width, bias.len(), "one bias for each output");
        for row in x.values.chunks_exact_mut(bias.len()) {
            row.iter_mut().zip(bias).for_each(|(x, bias)| *x += bias);
        }
    }

    fn clamp(&self, x: &mut CpuRows, limit: f32) {
        x.values.iter_mut().for_each(|x| *x = elementwise::clamped(*x, limit));
    }

    fn gate(&self, x: &mut CpuRows, gate: &CpuRows) {
        assert_eq!((gate.width, x.values.len()), (1, gate.values.len() * x.width), "one gate for each row");
        for (row, gate) in x.values.chunks_exact_mut(x.width).zip(&gate.values) {
            let share = sigmoid(*gate);
            row.iter_mut().for_each(|x| *x *= share);
        }
    }

    fn scale(&self, x: &mut CpuRows, factor: f32) {
        x.values.iter_mut().for_each(|x| *x *= factor);
    }

    fn round_bf16(&self, x: &mut CpuRows) {
        x.values.iter_mut().for_each(|x| *x = half::widen(half::round(*x)));
    }

    fn rotation(&self, frequencies: &[f32], magnitude: f64, positions: &[Range<usize>]) -> Rotation {
        Rotation::new(frequencies, magnitude, positions)
    }

    fn rotate(&self, x: &mut CpuRows, pairing: Pairing, rotation: &Rotation) {
        rotation.apply(&mut x.values, pairing);
    }

    fn route(
        &self,
        router: &RouterConfig,
        mask: Option<&ExpertMask>,
        outputs: &CpuRows,
    ) -> Vec<Vec<ExpertShare>> {
        outputs.values.chunks_exact(outputs.width).map(|row| router::route(router, mask, row)).collect()
    }

    fn page(&self, layout: KvLayout) -> Page {
        Page::new(layout)
    }

    fn store(&self, page: &mut Page, layout: KvLayout, slots: PageSlots, keys: &CpuRows, values: &CpuRows) {
        page.store(layout, slots, &keys.values, &values.values);
    }

    fn page_bits(&self, page: &Page, out: &mut Vec<u8>) {
        page.write_bits(out);
    }

    fn page_from_bits(&self, layout: KvLayout, bits: &[u8]) -> Page {
        Page::from_bits(layout, bits)
    }

    fn attend(
        &self,
        spec: &AttentionSpec,
        queries: &CpuRows,
        pages: PageRun<'_, Page>,
        sinks: Option<&Vec<f32>>,
    ) -> CpuRows {
        let mut values = vec![0.0; queries.values.len()];
        let head_dim = spec.layout.head_dim;
        let (count, sinks) = (queries.values.len() / head_dim, sinks.map(Vec::as_slice));
        let seen = pages.pages.len() * PAGE;
        let parts = self.threads.parts(2 * count * seen * head_dim).min(count);
        let heads = count.div_ceil(parts.max(1)).max(1);
        self.threads.each_part(&mut values, heads * head_dim, |part, out| {
            let pages = PageRun { first_page: pages.first_page, pages: pages.pages };
            attention::attend(self.isa, spec, &queries.values, pages, sinks, part * heads, out);
        });
        CpuRows { width: queries.width, values }
    }

    fn finite_record(&self, _places: usize) -> Option<usize> {
        None
    }

    fn record_finite(&self, record: &mut Option<usize>, place: usize, x: &CpuRows) {
        // All of them, rather than up to the first that is not: that takes no branch for each.
        if !x.values.iter().fold(true, |finite, value| finite & value.is_finite()) {
            record.get_or_insert(place);
        }
    }

    fn first_non_finite(&self, record: &Option<usize>) -> Option<usize> {
        *record
    }
}
