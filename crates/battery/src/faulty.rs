//! The real backend with one thing wrong: what a comparison of bits must notice.

use backend_cpu::{CpuBackend, CpuRows, PackedMatrix, Page, Rotation};
use neural::{
    Activation, AttentionSpec, Backend, ExpertMask, ExpertShare, KvLayout, NormConfig, PageRun, PageSlots,
    Pairing, RouterConfig, State, StoredMatrix, StoredValues, WeightedRow,
};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The lowest bit of one stored key element.
    FlippedKeyBit,
    /// The lowest bit of one stored value element.
    FlippedValueBit,
    /// Products are summed in descending order of inputs.
    ReorderedSum,
    /// Sliding windows see one key less.
    ShorterWindow,
    /// The expert of highest index that a row chose adds nothing.
    SkippedExpert,
    /// The keys and values of the last, partly filled page are written one slot further.
    WrongRingIndex,
    /// The embedding of token [`POISON`] is infinite: it stops a run instead of changing bits.
    InfiniteEmbedding,
    /// The residual is not rounded where it is kept in bf16: nothing is wrong in f32.
    UpcastResidual,
    /// The page furthest behind a window, which is there to be rewound to, is empty.
    DroppedJournalPage,
    /// Each token is read as its neighbour; the vocabulary has an even number of them.
    SwappedEmbedding,
}

/// The token of [`Fault::InfiniteEmbedding`].
pub const POISON: u32 = 60;

impl Fault {
    /// Those that change bits.
    pub const ALL: [Self; 6] = [
        Self::FlippedKeyBit,
        Self::FlippedValueBit,
        Self::ReorderedSum,
        Self::ShorterWindow,
        Self::SkippedExpert,
        Self::WrongRingIndex,
    ];

    /// Those that change bits where the state is kept in bf16.
    pub const ALL_BF16: [Self; 7] = [
        Self::FlippedKeyBit,
        Self::FlippedValueBit,
        Self::ReorderedSum,
        Self::ShorterWindow,
        Self::SkippedExpert,
        Self::WrongRingIndex,
        Self::UpcastResidual,
    ];

    /// All that can be asked for.
    pub const NAMED: [Self; 9] = [
        Self::FlippedKeyBit,
        Self::FlippedValueBit,
        Self::ReorderedSum,
        Self::ShorterWindow,
        Self::SkippedExpert,
        Self::WrongRingIndex,
        Self::UpcastResidual,
        Self::DroppedJournalPage,
        Self::SwappedEmbedding,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FlippedKeyBit => "flipped_key_bit",
            Self::FlippedValueBit => "flipped_value_bit",
            Self::ReorderedSum => "reordered_sum",
            Self::ShorterWindow => "shorter_window",
            Self::SkippedExpert => "skipped_expert",
            Self::WrongRingIndex => "wrong_ring_index",
            Self::InfiniteEmbedding => "infinite_embedding",
            Self::UpcastResidual => "upcast_residual",
            Self::DroppedJournalPage => "dropped_journal_page",
            Self::SwappedEmbedding => "swapped_embedding",
        }
    }
}

/// A backend with a fault.
pub struct Faulty {
    /// The backend as it should be.
    pub inner: CpuBackend,
    /// What is wrong with it.
    pub fault: Fault,
}

/// A matrix and itself with the inputs in reverse.
pub struct BothWays {
    ascending: PackedMatrix,
    descending: PackedMatrix,
}

impl Faulty {
    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    /// Row 5 of a chunk with a flipped bit in its first element: the lowest that is kept.
    fn flipped(&self, rows: &CpuRows, layout: KvLayout) -> CpuRows {
        let width = layout.kv_heads * layout.head_dim;
        let lowest = match layout.state {
            State::F32 => 1,
            State::Bf16 => 1 << 16,
        };
        let mut values = self.inner.read(rows);
        if let Some(value) = values.get_mut(5 * width) {
            *value = f32::from_bits(value.to_bits() ^ lowest);
        }
        self.inner.rows(width, values)
    }
}

fn reversed_rows(values: &[f32], width: usize) -> Vec<f32> {
    values.chunks_exact(width).flat_map(|row| row.iter().rev()).copied().collect()
}

impl Backend for Faulty {
    type Rows = CpuRows;
    type Matrix = BothWays;
    type Vector = Vec<f32>;
    type Page = Page;
    type Rotation = Rotation;

    fn describe(&self) -> String {
        format!("{} with {:?}", self.inner.describe(), self.fault)
    }

    fn pack(&self, matrix: StoredMatrix<'_>) -> BothWays {
        let mut values = Vec::new();
        matrix.values().widen_into(0, matrix.values().len(), &mut values);
        let reversed = reversed_rows(&values, matrix.inputs());
        let bytes: Vec<u8> = reversed.iter().flat_map(|value| value.to_le_bytes()).collect();
        let descending = StoredMatrix::new(matrix.outputs(), matrix.inputs(), StoredValues::F32(&bytes));
        let descending = PackedMatrix::pack(descending.expect("the same weights"));
        BothWays { ascending: self.inner.pack(matrix), descending }
    }

    fn vector(&self, values: &[f32]) -> Vec<f32> {
        values.to_vec()
    }

    fn rows(&self, width: usize, values: Vec<f32>) -> CpuRows {
        self.inner.rows(width, values)
    }

    fn read(&self, rows: &CpuRows) -> Vec<f32> {
        self.inner.read(rows)
    }

    fn embed(&self, table: &BothWays, tokens: &[u32]) -> CpuRows {
        if self.is(Fault::SwappedEmbedding) {
            let neighbours: Vec<u32> = tokens.iter().map(|token| token ^ 1).collect();
            return self.inner.embed(&table.ascending, &neighbours);
        }
        let rows = self.inner.embed(&table.ascending, tokens);
        if !self.is(Fault::InfiniteEmbedding) {
            return rows;
        }
        let mut values = self.inner.read(&rows);
        let width = values.len() / tokens.len();
        for (row, _) in tokens.iter().enumerate().filter(|(_, token)| **token == POISON) {
            values[row * width] = f32::INFINITY;
        }
        self.inner.rows(width, values)
    }

    fn norm(&self, norm: &NormConfig, weight: &Vec<f32>, x: &CpuRows) -> CpuRows {
        self.inner.norm(norm, weight, x)
    }

    fn matmul(&self, matrix: &BothWays, x: &CpuRows) -> CpuRows {
        if !self.is(Fault::ReorderedSum) {
            return self.inner.matmul(&matrix.ascending, x);
        }
        let width = matrix.descending.inputs();
        let reversed = reversed_rows(&self.inner.read(x), width);
        self.inner.matmul(&matrix.descending, &self.inner.rows(width, reversed))
    }

    fn gather(&self, x: &CpuRows, rows: &[usize]) -> CpuRows {
        self.inner.gather(x, rows)
    }

    fn activate(&self, activation: &Activation, gate: &CpuRows, up: &CpuRows) -> CpuRows {
        self.inner.activate(activation, gate, up)
    }

    fn add_bias(&self, x: &mut CpuRows, bias: &Vec<f32>) {
        self.inner.add_bias(x, bias);
    }

    fn clamp(&self, x: &mut CpuRows, limit: f32) {
        self.inner.clamp(x, limit);
    }

    fn gate(&self, x: &mut CpuRows, gate: &CpuRows) {
        self.inner.gate(x, gate);
    }

    fn accumulate(&self, sum: &mut CpuRows, targets: &[WeightedRow], y: &CpuRows) {
        self.inner.accumulate(sum, targets, y);
    }

    fn add(&self, x: &mut CpuRows, y: &CpuRows) {
        self.inner.add(x, y);
    }

    fn scale(&self, x: &mut CpuRows, factor: f32) {
        self.inner.scale(x, factor);
    }

    fn round_bf16(&self, x: &mut CpuRows) {
        if !self.is(Fault::UpcastResidual) {
            self.inner.round_bf16(x);
        }
    }

    fn rotation(&self, frequencies: &[f32], magnitude: f64, first: usize, count: usize) -> Rotation {
        self.inner.rotation(frequencies, magnitude, first, count)
    }

    fn rotate(&self, x: &mut CpuRows, pairing: Pairing, rotation: &Rotation) {
        self.inner.rotate(x, pairing, rotation);
    }

    fn route(
        &self,
        router: &RouterConfig,
        mask: Option<&ExpertMask>,
        outputs: &CpuRows,
    ) -> Vec<Vec<ExpertShare>> {
        let mut rows = self.inner.route(router, mask, outputs);
        if self.is(Fault::SkippedExpert) {
            rows.iter_mut().for_each(|shares| shares.truncate(router.chosen - 1));
        }
        rows
    }

    fn page(&self, layout: KvLayout) -> Page {
        self.inner.page(layout)
    }

    fn store(&self, page: &mut Page, layout: KvLayout, slots: PageSlots, keys: &CpuRows, values: &CpuRows) {
        let mut slots = slots;
        if self.is(Fault::WrongRingIndex) && slots.count > 1 {
            slots.first_slot = (slots.first_slot + 1).min(neural::PAGE - slots.count);
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

    fn page_bits(&self, page: &Page, out: &mut Vec<u8>) {
        self.inner.page_bits(page, out);
    }

    fn page_of_bits(&self, layout: KvLayout, bits: &[u8]) -> Page {
        self.inner.page_of_bits(layout, bits)
    }

    fn attend(
        &self,
        spec: &AttentionSpec,
        queries: &CpuRows,
        pages: PageRun<'_, Page>,
        sinks: Option<&Vec<f32>>,
    ) -> CpuRows {
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

    fn all_finite(&self, x: &CpuRows) -> bool {
        self.inner.all_finite(x)
    }
}
