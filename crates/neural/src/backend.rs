//! The operations that a backend computes.
//!
//! The decoder is written against [`Backend`] and says in which order operations follow each other;
//! a backend says how each is computed, and computes it in the order of `docs/numerics.md`, so that two
//! backends of one numerics version give the same bits. Packing of weights, the layout of activations and
//! of pages are the backend's own.
//!
//! Shapes are `[rows, width]`, row-major as far as they can be observed. Handing an operation a shape it
//! does not fit is a bug of the decoder: backends panic, callers check input before.

use crate::config::{Activation, NormConfig, Pairing, RouterConfig};
use crate::numerics::PAGE;
use crate::state::State;
use crate::tensors::StoredMatrix;
use crate::traps::ExpertMask;

/// Layout of one layer's keys and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KvLayout {
    /// Key and value heads.
    pub kv_heads: usize,
    /// Width of a head.
    pub head_dim: usize,
    /// What they are kept in.
    pub state: State,
}

impl KvLayout {
    /// Bytes of a page: keys and values of `PAGE` positions.
    #[must_use]
    pub fn page_bytes(&self) -> usize {
        2 * PAGE * self.kv_heads * self.head_dim * self.state.bytes()
    }
}

/// One attention call: which positions the queries have and what they see.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttentionSpec {
    /// Query heads; a multiple of the layout's `kv_heads`.
    pub heads: usize,
    /// The layer's keys and values.
    pub layout: KvLayout,
    /// Factor on every score.
    pub scale: f32,
    /// A query at `p` sees keys in `(p - window, p]`; all up to `p` when `None`.
    pub window: Option<usize>,
    /// Position of the first query row; row `r` is at `first_query + r`.
    pub first_query: usize,
}

/// Consecutive pages of one layer. Page `i` holds positions from `(first_page + i) * PAGE` on.
#[derive(Clone, Copy, Debug)]
pub struct PageRun<'a, P> {
    /// Absolute number of the first page.
    pub first_page: usize,
    /// The pages, ascending.
    pub pages: &'a [&'a P],
}

/// Rows of keys and values to be written into one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSlots {
    /// First row of the activations that is written.
    pub first_row: usize,
    /// Slot of that row: its position modulo `PAGE`.
    pub first_slot: usize,
    /// Number of rows; `first_slot + count` is at most `PAGE`.
    pub count: usize,
}

/// An expert that a row uses and the factor on its output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExpertShare {
    /// Index of the expert.
    pub expert: usize,
    /// Factor on its output; not a number when the router's scores were not finite.
    pub weight: f32,
}

/// A row that an expert's output is added to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightedRow {
    /// The row.
    pub row: usize,
    /// Factor on what is added.
    pub weight: f32,
}

/// The kernels under the decoder.
///
/// Every operation is a pure function of its arguments, bit for bit, whatever the number of rows that it
/// is called with: row `r` of a result depends on row `r` of the inputs only (and, in attention, on pages).
pub trait Backend: Send + Sync + 'static {
    /// Activations of shape `[rows, width]`, f32.
    type Rows: Send + Sync;
    /// A packed weight matrix.
    type Matrix: Send + Sync;
    /// A vector of weights, f32.
    type Vector: Send + Sync;
    /// Keys and values of `PAGE` positions of one layer.
    type Page: Clone + Send + Sync;
    /// Sines and cosines of consecutive positions.
    type Rotation: Send + Sync;

    /// Name of the backend and of the instructions it uses, for people.
    fn describe(&self) -> String;

    /// Packs a weight matrix.
    fn pack(&self, matrix: StoredMatrix<'_>) -> Self::Matrix;

    /// Takes a vector of weights.
    fn vector(&self, values: &[f32]) -> Self::Vector;

    /// Activations from `values`, whose length is a multiple of `width`.
    fn rows(&self, width: usize, values: Vec<f32>) -> Self::Rows;

    /// The values of activations, row by row.
    fn read(&self, rows: &Self::Rows) -> Vec<f32>;

    /// Rows `tokens` of the matrix, exactly. Every token is below its outputs.
    fn embed(&self, table: &Self::Matrix, tokens: &[u32]) -> Self::Rows;

    /// `x` normalised and multiplied by `weight`, row by row, or where `weight` is shorter than a row, which
    /// is a multiple of it, part by part.
    fn norm(&self, norm: &NormConfig, weight: &Self::Vector, x: &Self::Rows) -> Self::Rows;

    /// `x` times the transposed matrix: `[rows, inputs]` to `[rows, outputs]`.
    fn matmul(&self, matrix: &Self::Matrix, x: &Self::Rows) -> Self::Rows;

    /// Copies of the given rows of `x`, in the given order.
    fn gather(&self, x: &Self::Rows, rows: &[usize]) -> Self::Rows;

    /// The activation of `gate` and `up`, element by element.
    fn activate(&self, activation: &Activation, gate: &Self::Rows, up: &Self::Rows) -> Self::Rows;

    /// Row `targets[i].row` of `sum` becomes `fma(targets[i].weight, y[i], sum)`.
    fn accumulate(&self, sum: &mut Self::Rows, targets: &[WeightedRow], y: &Self::Rows);

    /// `x + y`, element by element, into `x`.
    fn add(&self, x: &mut Self::Rows, y: &Self::Rows);

    /// `x + bias`, row by row, into `x`.
    fn add_bias(&self, x: &mut Self::Rows, bias: &Self::Vector);

    /// `x` within `limit` in magnitude, element by element.
    fn clamp(&self, x: &mut Self::Rows, limit: f32);

    /// Row `r` of `x` times `sigmoid(gate[r])`, into `x`; `gate` has one column.
    fn gate(&self, x: &mut Self::Rows, gate: &Self::Rows);

    /// `x * factor`, element by element, into `x`.
    fn scale(&self, x: &mut Self::Rows, factor: f32);

    /// `x` rounded to bf16, to nearest, ties to even, element by element, into `x`: infinite beyond the largest
    /// bf16, and what is not a number stays so.
    fn round_bf16(&self, x: &mut Self::Rows);

    /// The rotation of positions `first..first + count` by `frequencies` (radians per position), its cosines
    /// and sines times `magnitude`.
    fn rotation(&self, frequencies: &[f32], magnitude: f64, first: usize, count: usize) -> Self::Rotation;

    /// Rotates every head of width `2 * frequencies` in `x`, row `r` by the rotation's position `r`.
    fn rotate(&self, x: &mut Self::Rows, pairing: Pairing, rotation: &Self::Rotation);

    /// The experts of each row, ascending by expert, from the router's outputs `[rows, experts]`; where a mask
    /// is given, as if the others were not there.
    fn route(
        &self,
        router: &RouterConfig,
        mask: Option<&ExpertMask>,
        outputs: &Self::Rows,
    ) -> Vec<Vec<ExpertShare>>;

    /// An empty page.
    fn page(&self, layout: KvLayout) -> Self::Page;

    /// Writes rows of keys and values, each `[rows, kv_heads * head_dim]`, into a page, rounded as by
    /// [`round_bf16`](Self::round_bf16) where the layout keeps bf16.
    fn store(
        &self,
        page: &mut Self::Page,
        layout: KvLayout,
        slots: PageSlots,
        keys: &Self::Rows,
        values: &Self::Rows,
    );

    /// Appends the bits of a page, f32 or bf16 as the layout says, little-endian: keys `[kv_heads, PAGE / LANES, head_dim, LANES]`, a panel
    /// of positions after the other, then values `[kv_heads, PAGE, head_dim]`.
    fn page_bits(&self, page: &Self::Page, out: &mut Vec<u8>);

    /// The page that has these bits, which are [`KvLayout::page_bytes`] many bytes.
    fn page_of_bits(&self, layout: KvLayout, bits: &[u8]) -> Self::Page;

    /// Attention of the queries `[rows, heads * head_dim]` over the pages, of the same shape. A score that
    /// is not finite makes the row's head not a number. The pages hold every position that a query sees.
    /// `sinks` has one score for each head, which takes its share of the softmax and has no value.
    fn attend(
        &self,
        spec: &AttentionSpec,
        queries: &Self::Rows,
        pages: PageRun<'_, Self::Page>,
        sinks: Option<&Self::Vector>,
    ) -> Self::Rows;

    /// Whether every value is finite.
    fn all_finite(&self, x: &Self::Rows) -> bool;
}
