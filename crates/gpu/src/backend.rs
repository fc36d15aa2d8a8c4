//! The backend: the operations of `neural`, each as launches of kernels.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use neural::{
    Activation, AttentionSpec, Backend, ExpertMask, ExpertShare, GatedWeights, KvLayout, NormConfig, PageRun,
    PageSlots, Pairing, QueryRun, RouterConfig, StoredMatrix, WeightedRow, experts_one_by_one,
};

use crate::device::{Argument, Buffer, Device, DeviceError, Launch};
use crate::experts::Alike;
use crate::matrix::{GpuMatrix, panels};
use crate::router::{MOST_EXPERTS, Routed};
use crate::rows::{FiniteRecord, GpuPage, GpuRotation, GpuRows};
use crate::{attention, experts, norm, product, router};

/// The number of threads in a block of a kernel that takes one element a thread.
pub(crate) const ELEMENT_THREADS: usize = 256;
/// The most blocks that look for values that are not finite. Each of them writes one word.
const MOST_FLAGS: usize = 64;
/// The most lists of words that are kept on the device for later calls.
const MOST_KEPT: usize = 256;

/// The [`Backend`] that computes on a [`Device`]. Its bits are those of every other backend of this numerics
/// version.
///
/// An operation whose device fails panics with the [`DeviceError`], because no operation of a backend can be
/// refused. Ask [`check_room`](Self::check_room) before a model is loaded.
#[derive(Clone)]
pub struct GpuBackend {
    device: Arc<dyn Device>,
    /// Lists of words that lie on the device, because every layer of a pass asks for the same ones.
    kept: Arc<Mutex<HashMap<Vec<u32>, Arc<Buffer>>>>,
    /// True to fill matrices with random weights instead of the given ones, for measurements of speed.
    pub(crate) random_weights: bool,
}

impl GpuBackend {
    /// Creates a backend on a device, which must have passed [`check::arithmetic`](crate::check::arithmetic()).
    #[must_use]
    pub fn new(device: Arc<dyn Device>) -> Self {
        Self { device, kept: Arc::default(), random_weights: false }
    }

    /// Returns the device that the backend computes on, for example to check it.
    #[must_use]
    pub fn device(&self) -> &dyn Device {
        &*self.device
    }

    /// Checks that weights of `needed` bytes fit into the memory of the device that is free.
    ///
    /// # Errors
    /// [`DeviceError::Model`] if they do not fit.
    pub fn check_room(&self, needed: u64) -> Result<(), DeviceError> {
        let free = self.device.free_bytes()?;
        if needed > free { Err(DeviceError::Model { needed, free }) } else { Ok(()) }
    }

    pub(crate) fn upload(&self, bytes: &[u8]) -> Buffer {
        done(self.device.upload(bytes))
    }

    pub(crate) fn upload_floats(&self, values: &[f32]) -> Buffer {
        self.upload(&values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
    }

    pub(crate) fn upload_words(&self, values: &[u32]) -> Buffer {
        self.upload(&values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
    }

    /// Uploads words, or returns a buffer that has the same ones. Nobody writes to it.
    pub(crate) fn kept_words(&self, words: &[u32]) -> Arc<Buffer> {
        // The map is whole even if a thread panicked between two calls.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(buffer) = kept.get(words) {
            return Arc::clone(buffer);
        }
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        let buffer = Arc::new(self.upload_words(words));
        kept.insert(words.to_vec(), Arc::clone(&buffer));
        buffer
    }

    /// Returns a buffer of `words` words with any contents.
    pub(crate) fn fresh(&self, words: usize) -> Buffer {
        done(self.device.fresh(4 * words))
    }

    pub(crate) fn read_words(&self, buffer: &Buffer) -> Vec<u32> {
        let mut words = Vec::with_capacity(buffer.bytes() / 4);
        let mut take =
            |piece: &[u8]| words.extend(piece.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)));
        done(self.device.read_part(buffer, 0, buffer.bytes(), &mut take));
        words
    }

    /// Runs a kernel into a fresh buffer of `words` words.
    pub(crate) fn launch(
        &self,
        kernel: &str,
        blocks: usize,
        words: usize,
        arguments: &[Argument<'_>],
    ) -> Buffer {
        let mut written = self.fresh(words);
        self.change(kernel, blocks, &mut [&mut written], arguments);
        written
    }

    /// Runs a kernel that changes a buffer, or a list of them.
    pub(crate) fn change(
        &self,
        kernel: &str,
        blocks: usize,
        written: &mut [&mut Buffer],
        arguments: &[Argument<'_>],
    ) {
        if blocks > 0 {
            done(self.device.run(&Launch::new(kernel, blocks, arguments), written));
        }
    }

    /// Runs a kernel in which a thread takes an element, into fresh rows.
    fn elements(&self, kernel: &str, (rows, width): (usize, usize), arguments: &[Argument<'_>]) -> GpuRows {
        let blocks = (rows * width).div_ceil(ELEMENT_THREADS);
        GpuRows::new(width, rows, self.launch(kernel, blocks, rows * width, arguments))
    }

    /// Adds the rows of one call, no two of which go to the same row of the sum.
    fn accumulate_distinct(
        &self,
        sum: &GpuRows,
        targets: &[WeightedRow],
        first: usize,
        y: &GpuRows,
    ) -> GpuRows {
        let mut places = vec![u32::MAX; sum.rows];
        let mut weights = vec![0.0; y.rows];
        for (place, target) in targets.iter().enumerate() {
            places[target.row] = number(first + place);
            weights[first + place] = target.weight;
        }
        let (places, weights) = (self.upload_words(&places), self.upload_floats(&weights));
        let arguments = [
            sum.argument(),
            Argument::Buffer(&places),
            Argument::Buffer(&weights),
            y.argument(),
            uint(sum.width),
            uint(sum.count()),
        ];
        self.elements("accumulate", (sum.rows, sum.width), &arguments)
    }
}

impl std::fmt::Debug for GpuBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("GpuBackend").field(&self.device.describe()).finish()
    }
}

/// Returns the result of a device.
///
/// # Panics
/// If the device failed.
fn done<T>(result: Result<T, DeviceError>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn number(value: usize) -> u32 {
    u32::try_from(value).expect("a number of 32 bits")
}

/// Returns a whole number as an argument. Elements are counted in 32 bits, and so are threads past the last.
pub(crate) fn uint(value: usize) -> Argument<'static> {
    assert!(value < u32::MAX as usize - ELEMENT_THREADS, "a number of elements below 2^32");
    Argument::Uint(number(value))
}

pub(crate) fn flag(value: bool) -> Argument<'static> {
    Argument::Uint(u32::from(value))
}

impl Backend for GpuBackend {
    type Rows = GpuRows;
    type Matrix = GpuMatrix;
    type Vector = Buffer;
    type Page = GpuPage;
    type Rotation = GpuRotation;
    type FiniteRecord = FiniteRecord;

    fn describe(&self) -> String {
        self.device.describe()
    }

    fn pack(&self, matrix: StoredMatrix<'_>) -> GpuMatrix {
        let (outputs, inputs) = (matrix.outputs(), matrix.inputs());
        let (buffer, halves) = if self.random_weights {
            self.random_weights(&matrix)
        } else {
            let (packed, halves) = panels(&matrix);
            (self.upload(&packed), halves)
        };
        GpuMatrix { outputs, inputs, halves, buffer }
    }

    fn vector(&self, values: &[f32]) -> Buffer {
        self.upload_floats(values)
    }

    fn rows(&self, width: usize, values: Vec<f32>) -> GpuRows {
        assert!(values.len().is_multiple_of(width), "whole rows of {width}");
        GpuRows::new(width, values.len() / width, self.upload_floats(&values))
    }

    fn read(&self, rows: &GpuRows) -> Vec<f32> {
        let mut values = Vec::with_capacity(rows.count());
        let mut take =
            |piece: &[u8]| values.extend(piece.as_chunks().0.iter().map(|word| f32::from_le_bytes(*word)));
        done(self.device.read_part(&rows.buffer, 4 * rows.first, 4 * rows.count(), &mut take));
        values
    }

    fn embed(&self, table: &GpuMatrix, tokens: &[u32]) -> GpuRows {
        let ids = self.upload_words(tokens);
        let (rows, width) = (tokens.len(), table.inputs);
        let (weights, ids) = (Argument::Buffer(&table.buffer), Argument::Buffer(&ids));
        let arguments = [weights, ids, uint(width), uint(rows * width), flag(table.halves)];
        self.elements("embed", (rows, width), &arguments)
    }

    fn norm(&self, norm: &NormConfig, weight: &Buffer, x: &GpuRows) -> GpuRows {
        norm::norm(self, norm, weight, x)
    }

    fn add_norm(&self, x: &mut GpuRows, y: &GpuRows, norm: &NormConfig, weight: &Buffer) -> GpuRows {
        norm::add_norm(self, x, y, norm, weight)
    }

    fn norm_rotate(
        &self,
        norm: &NormConfig,
        weight: &Buffer,
        (pairing, rotation): (Pairing, &GpuRotation),
        x: &GpuRows,
    ) -> GpuRows {
        norm::norm_rotate(self, norm, weight, (pairing, rotation), x)
    }

    fn matmul(&self, matrix: &GpuMatrix, x: &GpuRows) -> GpuRows {
        product::products(self, &[matrix], x).pop().expect("one product")
    }

    fn matmul_all(&self, matrices: &[&GpuMatrix], x: &GpuRows) -> Vec<GpuRows> {
        product::all_products(self, matrices, x)
    }

    fn gather(&self, x: &GpuRows, rows: &[usize]) -> GpuRows {
        assert!(rows.iter().all(|row| *row < x.rows), "rows of the activations");
        let numbers = self.upload_words(&rows.iter().copied().map(number).collect::<Vec<u32>>());
        let (from, numbers) = (x.argument(), Argument::Buffer(&numbers));
        let arguments = [from, numbers, uint(x.width), uint(rows.len() * x.width)];
        self.elements("gather", (rows.len(), x.width), &arguments)
    }

    fn activate(&self, activation: &Activation, gate: &GpuRows, up: &GpuRows) -> GpuRows {
        assert_eq!(gate.count(), up.count(), "gate and up of one shape");
        let (shape, count) = ((gate.rows, gate.width), uint(gate.count()));
        let (gate, up) = (gate.argument(), up.argument());
        match *activation {
            Activation::Silu => self.elements("activate_silu", shape, &[gate, up, count]),
            Activation::Clamped { alpha, limit } => {
                let numbers = [Argument::Float(alpha), Argument::Float(limit)];
                self.elements("activate_clamped", shape, &[gate, up, count, numbers[0], numbers[1]])
            }
        }
    }

    fn accumulate(&self, sum: &mut GpuRows, targets: &[WeightedRow], y: &GpuRows) {
        assert_eq!((y.width, y.rows), (sum.width, targets.len()), "one row for each target");
        assert!(targets.iter().all(|target| target.row < sum.rows), "rows of the sum");
        // Rows that come ascending are distinct, and are added by one launch.
        let mut first = 0;
        for run in targets.chunk_by(|one, next| one.row < next.row) {
            *sum = self.accumulate_distinct(sum, run, first, y);
            first += run.len();
        }
    }

    fn experts(
        &self,
        experts: &[GatedWeights<Self>],
        activation: &Activation,
        chosen: &[Vec<ExpertShare>],
        width: usize,
        x: &GpuRows,
    ) -> GpuRows {
        let pairs = chosen.iter().map(Vec::len).sum();
        match (Alike::new(experts, pairs), Routed::upload(self, chosen)) {
            (Some(alike), Some(routed)) => experts::experts(self, &alike, activation, &routed, x),
            _ => experts_one_by_one(self, experts, activation, chosen, width, x),
        }
    }

    fn routed_experts(
        &self,
        router: &RouterConfig,
        outputs: &GpuRows,
        experts: &[GatedWeights<Self>],
        activation: &Activation,
        width: usize,
        x: &GpuRows,
    ) -> GpuRows {
        let alike = Alike::new(experts, x.rows * router.chosen).filter(|_| router.experts <= MOST_EXPERTS);
        let Some(alike) = alike else {
            let chosen = router::route(self, router, None, outputs);
            return experts_one_by_one(self, experts, activation, &chosen, width, x);
        };
        experts::experts(self, &alike, activation, &router::choose(self, router, None, outputs), x)
    }

    fn add(&self, x: &mut GpuRows, y: &GpuRows) {
        assert_eq!(x.count(), y.count(), "terms of one shape");
        let arguments = [x.argument(), y.argument(), uint(x.count())];
        *x = self.elements("add", (x.rows, x.width), &arguments);
    }

    fn add_bias(&self, x: &mut GpuRows, bias: &Buffer) {
        assert_eq!(4 * x.width, bias.bytes(), "one bias for each output");
        let (from, bias) = (x.argument(), Argument::Buffer(bias));
        *x = self.elements("add_bias", (x.rows, x.width), &[from, bias, uint(x.width), uint(x.count())]);
    }

    fn clamp(&self, x: &mut GpuRows, limit: f32) {
        let arguments = [x.argument(), Argument::Float(limit), uint(x.count())];
        *x = self.elements("clamp_to", (x.rows, x.width), &arguments);
    }

    fn gate(&self, x: &mut GpuRows, gate: &GpuRows) {
        assert_eq!((gate.width, gate.rows), (1, x.rows), "one gate for each row");
        let (from, gate) = (x.argument(), gate.argument());
        *x = self.elements("gate_rows", (x.rows, x.width), &[from, gate, uint(x.width), uint(x.count())]);
    }

    fn scale(&self, x: &mut GpuRows, factor: f32) {
        let arguments = [x.argument(), Argument::Float(factor), uint(x.count())];
        *x = self.elements("scale_by", (x.rows, x.width), &arguments);
    }

    fn round_bf16(&self, x: &mut GpuRows) {
        let arguments = [x.argument(), uint(x.count())];
        *x = self.elements("round_bf16", (x.rows, x.width), &arguments);
    }

    fn rotation(&self, frequencies: &[f32], magnitude: f64, positions: &[Range<usize>]) -> GpuRotation {
        // A platform's sine is its own, so the host computes the table with the pinned one.
        let angle = |position: usize, frequency: f32| f64::from(position as f32 * frequency);
        let positions = positions.iter().cloned().flatten();
        let angles = positions
            .flat_map(|position| frequencies.iter().map(move |frequency| angle(position, *frequency)));
        let rounded = |value: f64| (value * magnitude) as f32;
        let (cosines, sines): (Vec<f32>, Vec<f32>) =
            angles.map(|angle| (rounded(libm::cos(angle)), rounded(libm::sin(angle)))).unzip();
        let (cosines, sines) = (self.upload_floats(&cosines), self.upload_floats(&sines));
        GpuRotation { pairs: frequencies.len(), cosines, sines }
    }

    fn rotate(&self, x: &mut GpuRows, pairing: Pairing, rotation: &GpuRotation) {
        norm::rotate(self, x, pairing, rotation);
    }

    fn route(
        &self,
        router: &RouterConfig,
        mask: Option<&ExpertMask>,
        outputs: &GpuRows,
    ) -> Vec<Vec<ExpertShare>> {
        router::route(self, router, mask, outputs)
    }

    fn page(&self, layout: KvLayout) -> GpuPage {
        GpuPage(Arc::new(done(self.device.zeroed(layout.page_bytes()))))
    }

    fn store(
        &self,
        page: &mut GpuPage,
        layout: KvLayout,
        slots: PageSlots,
        keys: &GpuRows,
        values: &GpuRows,
    ) {
        self.store_all(vec![(page, slots)], layout, keys, values);
    }

    fn store_all(
        &self,
        mut pages: Vec<(&mut GpuPage, PageSlots)>,
        layout: KvLayout,
        keys: &GpuRows,
        values: &GpuRows,
    ) {
        let mut written = Vec::new();
        for (page, slots) in &mut pages {
            if Arc::get_mut(&mut page.0).is_none() {
                page.0 = Arc::new(done(self.device.copy(&page.0)));
            }
            written.push((Arc::get_mut(&mut page.0).expect("a page that nobody else holds"), *slots));
        }
        attention::store(self, &mut written, layout, keys, values);
    }

    fn page_bits(&self, page: &GpuPage, out: &mut Vec<u8>) {
        out.extend(done(self.device.read(&page.0)));
    }

    fn page_from_bits(&self, layout: KvLayout, bits: &[u8]) -> GpuPage {
        assert_eq!(bits.len(), layout.page_bytes(), "the bits of one page");
        GpuPage(Arc::new(self.upload(bits)))
    }

    fn attend(
        &self,
        spec: &AttentionSpec,
        queries: &GpuRows,
        pages: PageRun<'_, GpuPage>,
        sinks: Option<&Buffer>,
    ) -> GpuRows {
        let run = QueryRun { rows: queries.rows, first_query: spec.first_query, pages };
        attention::attend(self, spec, queries, &[run], sinks)
    }

    fn attend_all(
        &self,
        spec: &AttentionSpec,
        queries: &GpuRows,
        runs: &[QueryRun<'_, GpuPage>],
        sinks: Option<&Buffer>,
    ) -> GpuRows {
        attention::attend(self, spec, queries, runs, sinks)
    }

    fn finite_record(&self, places: usize) -> FiniteRecord {
        FiniteRecord(done(self.device.zeroed(4 * places * MOST_FLAGS)))
    }

    fn record_finite(&self, record: &mut FiniteRecord, place: usize, x: &GpuRows) {
        let first = place * MOST_FLAGS;
        assert!(4 * (first + MOST_FLAGS) <= record.0.bytes(), "a place of the pass");
        let blocks = x.count().div_ceil(ELEMENT_THREADS).min(MOST_FLAGS);
        let arguments = [x.argument(), uint(x.count()), uint(blocks), uint(first)];
        self.change("record_finite", blocks, &mut [&mut record.0], &arguments);
    }

    fn first_non_finite(&self, record: &FiniteRecord) -> Option<usize> {
        let words = self.read_words(&record.0);
        words.iter().position(|found| *found != 0).map(|word| word / MOST_FLAGS)
    }
}
