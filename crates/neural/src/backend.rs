//! The operations that a backend computes.
//!
//! The decoder is written against [`Backend`] and fixes the order in which operations follow each other. A
//! backend computes each operation in the order of `docs/numerics.md`, so that two backends of one numerics
//! version give the same bits. Packing of weights and the layout of activations and pages are the backend's
//! own.
//!
//! Shapes are `[rows, width]`, row by row as far as they can be observed. A shape that does not fit an
//! operation is a bug of the decoder: the backend panics. The decoder checks all input before it calls a
//! backend.

use std::ops::Range;

use crate::attention::attend_one_by_one;
use crate::config::{Activation, NormConfig, Pairing, RouterConfig};
use crate::experts::experts_one_by_one;
use crate::numerics::PAGE;
use crate::state_dtype::StateDtype;
use crate::tensors::StoredMatrix;
use crate::traps::ExpertMask;
use crate::weights::GatedWeights;

/// The layout of the pages that hold one layer's keys and values. A page holds [`PAGE`]
/// positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KvLayout {
    /// Number of heads of keys and values in the layer.
    pub kv_heads: usize,
    /// Width of one head: the number of values of a key in it.
    pub head_dim: usize,
    /// The number format in which keys and values are stored.
    pub state: StateDtype,
}

impl KvLayout {
    /// Returns the number of bytes of a page, which holds the keys and the values of `PAGE` positions.
    #[must_use]
    pub fn page_bytes(&self) -> usize {
        2 * PAGE * self.kv_heads * self.head_dim * self.state.bytes()
    }
}

/// The parameters of one call of [`Backend::attend`]: the positions of the queries, and the keys that each of
/// them sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttentionSpec {
    /// Number of query heads, a multiple of the layout's `kv_heads`.
    pub heads: usize,
    /// The layout of the layer's pages.
    pub layout: KvLayout,
    /// The factor that every product of a query and a key is multiplied by.
    pub scale: f32,
    /// The number of latest positions that a query sees: at `p` it sees keys in `(p - window, p]`. With
    /// `None` it sees all keys up to `p`.
    pub window: Option<usize>,
    /// Position of the first query row. Row `r` is at `first_query + r`.
    pub first_query: usize,
}

/// Consecutive pages of one layer. Page `i` of the run holds the positions from `(first_page + i) * PAGE` on.
#[derive(Clone, Copy, Debug)]
pub struct PageRun<'a, P> {
    /// Number of the first page, counted from position 0 of the sequence.
    pub first_page: usize,
    /// The pages, in ascending order of their positions.
    pub pages: &'a [&'a P],
}

/// The rows of one sequence in a pass over several, and the pages that they see.
#[derive(Clone, Copy, Debug)]
pub struct QueryRun<'a, P> {
    /// Number of rows. The rows of a sequence follow those of the sequence before it.
    pub rows: usize,
    /// Position of the first row.
    pub first_query: usize,
    /// The pages of the layer in this sequence.
    pub pages: PageRun<'a, P>,
}

/// The rows of keys and values that one call writes into a page, and their place in that page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSlots {
    /// Index of the first row of the activations that is written.
    pub first_row: usize,
    /// Slot in the page that this row is written to: its position modulo `PAGE`.
    pub first_slot: usize,
    /// Number of rows that are written; `first_slot + count` is at most `PAGE`.
    pub count: usize,
}

/// An expert that the router chose for a row, with the factor on its output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExpertShare {
    /// Index of the expert in its layer.
    pub expert: usize,
    /// The factor that the expert's output is multiplied by. It is NaN if the router's scores were not
    /// finite.
    pub weight: f32,
}

/// A row of a sum that an expert's output is added to, with the factor on that output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightedRow {
    /// Index of the row in the sum.
    pub row: usize,
    /// The factor that the expert's output is multiplied by before it is added.
    pub weight: f32,
}

/// The kernels under the decoder: one method for each operation of the forward pass.
///
/// Every operation is a pure function of its arguments, bit for bit. Row `r` of a result depends only on row
/// `r` of the inputs, and in attention also on the pages. So a row has the same result for any number of rows
/// in a call.
pub trait Backend: Send + Sync + 'static {
    /// The type of activations, f32 of shape `[rows, width]`, in the backend's own layout.
    type Rows: Send + Sync;
    /// The type of a weight matrix, packed for the kernels of this backend.
    type Matrix: Send + Sync;
    /// The type of a vector of f32 weights, for example of a norm.
    type Vector: Send + Sync;
    /// The type of a page, which holds keys and values of `PAGE` positions of one layer.
    type Page: Clone + Send + Sync;
    /// The type of a rotation, which holds the sines and cosines of consecutive positions.
    type Rotation: Send + Sync;
    /// The type of a record of the places in a pass at which values were not finite.
    type FiniteRecord: Send;

    /// Returns the name of the backend and of the instructions that it uses, for reports, for example
    /// `cpu/avx2/4`.
    fn describe(&self) -> String;

    /// Packs a weight matrix into the backend's own layout. The values stay exactly the same.
    fn pack(&self, matrix: StoredMatrix<'_>) -> Self::Matrix;

    /// Copies a vector of f32 weights into the backend's own storage.
    fn vector(&self, values: &[f32]) -> Self::Vector;

    /// Creates activations of shape `[rows, width]` from `values`, row by row. The length of `values` is a
    /// multiple of `width`.
    fn rows(&self, width: usize, values: Vec<f32>) -> Self::Rows;

    /// Returns the values of activations as a plain list, row by row, for example to compare bits.
    fn read(&self, rows: &Self::Rows) -> Vec<f32>;

    /// Returns, for each of `tokens`, the row of the embedding matrix `table` with that number, widened
    /// exactly. Every token is below the number of rows.
    fn embed(&self, table: &Self::Matrix, tokens: &[u32]) -> Self::Rows;

    /// Returns `x` normalised and multiplied by `weight`, row by row. If `weight` is shorter than a row, the
    /// row is cut into parts of that length, and each part is normalised by itself.
    fn norm(&self, norm: &NormConfig, weight: &Self::Vector, x: &Self::Rows) -> Self::Rows;

    /// Adds `y` to `x`, and returns the norm of the sum, as [`add`](Self::add) and [`norm`](Self::norm) do. The
    /// weight is as long as a row.
    fn add_norm(
        &self,
        x: &mut Self::Rows,
        y: &Self::Rows,
        norm: &NormConfig,
        weight: &Self::Vector,
    ) -> Self::Rows {
        self.add(x, y);
        self.norm(norm, weight, x)
    }

    /// Returns `x` normalised and then rotated, as [`norm`](Self::norm) and [`rotate`](Self::rotate) do. The
    /// weight is as long as a row or as one head.
    fn norm_rotate(
        &self,
        norm: &NormConfig,
        weight: &Self::Vector,
        (pairing, rotation): (Pairing, &Self::Rotation),
        x: &Self::Rows,
    ) -> Self::Rows {
        let mut y = self.norm(norm, weight, x);
        self.rotate(&mut y, pairing, rotation);
        y
    }

    /// Returns the product of `x`, `[rows, inputs]`, and the transposed matrix, `[rows, outputs]`.
    fn matmul(&self, matrix: &Self::Matrix, x: &Self::Rows) -> Self::Rows;

    /// Returns the product of `x` and each matrix, as [`matmul`](Self::matmul) returns it. A backend may compute
    /// them at once.
    fn matmul_all(&self, matrices: &[&Self::Matrix], x: &Self::Rows) -> Vec<Self::Rows> {
        matrices.iter().map(|matrix| self.matmul(matrix, x)).collect()
    }

    /// Returns copies of the rows of `x` with the indices `rows`, in that order.
    fn gather(&self, x: &Self::Rows, rows: &[usize]) -> Self::Rows;

    /// Returns the result of the activation function for `gate` and `up`, element by element.
    fn activate(&self, activation: &Activation, gate: &Self::Rows, up: &Self::Rows) -> Self::Rows;

    /// Adds weighted rows of `y` to rows of `sum`: for each `i`, row `targets[i].row` of `sum` becomes
    /// `fma(targets[i].weight, y[i], sum)`.
    fn accumulate(&self, sum: &mut Self::Rows, targets: &[WeightedRow], y: &Self::Rows);

    /// Returns for each row of `x`, whose width is `width`, the weighted sum of the outputs of its experts.
    /// `chosen` has for each row the experts in ascending order with their factors. The sum starts at +0 and
    /// takes the experts in that order, each by a fused multiply-add.
    ///
    /// A backend may compute all experts of a pass at once. By default they are computed one after the other.
    fn experts(
        &self,
        experts: &[GatedWeights<Self>],
        activation: &Activation,
        chosen: &[Vec<ExpertShare>],
        width: usize,
        x: &Self::Rows,
    ) -> Self::Rows
    where
        Self: Sized,
    {
        experts_one_by_one(self, experts, activation, chosen, width, x)
    }

    /// Returns what [`experts`](Self::experts) returns for the choice that [`route`](Self::route) makes from the
    /// router's outputs, without a mask. A backend on a device may keep the choice there.
    fn routed_experts(
        &self,
        router: &RouterConfig,
        outputs: &Self::Rows,
        experts: &[GatedWeights<Self>],
        activation: &Activation,
        width: usize,
        x: &Self::Rows,
    ) -> Self::Rows
    where
        Self: Sized,
    {
        self.experts(experts, activation, &self.route(router, None, outputs), width, x)
    }

    /// Adds `y` to `x`, element by element; the result is in `x`.
    fn add(&self, x: &mut Self::Rows, y: &Self::Rows);

    /// Adds `bias` to every row of `x`; the result is in `x`.
    fn add_bias(&self, x: &mut Self::Rows, bias: &Self::Vector);

    /// Clamps every element of `x` to `limit` in magnitude; the result is in `x`.
    fn clamp(&self, x: &mut Self::Rows, limit: f32);

    /// Multiplies row `r` of `x` by `sigmoid(gate[r])`, where `gate` has one column; the result is in `x`.
    fn gate(&self, x: &mut Self::Rows, gate: &Self::Rows);

    /// Multiplies every element of `x` by `factor`; the result is in `x`.
    fn scale(&self, x: &mut Self::Rows, factor: f32);

    /// Rounds every element of `x` to bf16, to nearest with ties to even; the result is in `x`. A value
    /// beyond the largest bf16 becomes infinite, and NaN stays NaN.
    fn round_bf16(&self, x: &mut Self::Rows);

    /// Returns the rotation for these positions, range after range. Each pair of elements turns by one of
    /// `frequencies`, in radians for each position; cosines and sines are multiplied by `magnitude`.
    fn rotation(&self, frequencies: &[f32], magnitude: f64, positions: &[Range<usize>]) -> Self::Rotation;

    /// Rotates every head in `x`, in place: row `r` by the angles of the position with index `r` in the
    /// rotation. A head has two elements for each frequency of the rotation.
    fn rotate(&self, x: &mut Self::Rows, pairing: Pairing, rotation: &Self::Rotation);

    /// Returns the experts that the router chooses for each row, in ascending order, from its outputs `[rows,
    /// experts]`. With a mask, the result is that of a router that has only the allowed experts.
    fn route(
        &self,
        router: &RouterConfig,
        mask: Option<&ExpertMask>,
        outputs: &Self::Rows,
    ) -> Vec<Vec<ExpertShare>>;

    /// Creates a page for a layer of this layout, in which no position is written yet.
    fn page(&self, layout: KvLayout) -> Self::Page;

    /// Writes the rows that `slots` names of keys and values, each `[rows, kv_heads * head_dim]`, into a
    /// page. If the layout keeps bf16, both are rounded as by [`round_bf16`](Self::round_bf16).
    fn store(
        &self,
        page: &mut Self::Page,
        layout: KvLayout,
        slots: PageSlots,
        keys: &Self::Rows,
        values: &Self::Rows,
    );

    /// Writes rows into several pages, each as [`store`](Self::store) writes one. A backend may write all of
    /// them at once.
    fn store_all(
        &self,
        pages: Vec<(&mut Self::Page, PageSlots)>,
        layout: KvLayout,
        keys: &Self::Rows,
        values: &Self::Rows,
    ) {
        for (page, slots) in pages {
            self.store(page, layout, slots, keys, values);
        }
    }

    /// Appends the bits of a page to `out`: numbers in f32 or bf16 as the layout says, little-endian. Keys
    /// come first, in panels of positions, `[kv_heads, PAGE / LANES, head_dim, LANES]`. Values follow,
    /// `[kv_heads, PAGE, head_dim]`.
    fn page_bits(&self, page: &Self::Page, out: &mut Vec<u8>);

    /// Returns the page that has these bits, in the form that [`page_bits`](Self::page_bits) writes. Their
    /// number must be [`KvLayout::page_bytes`].
    fn page_from_bits(&self, layout: KvLayout, bits: &[u8]) -> Self::Page;

    /// Returns the attention of the queries `[rows, heads * head_dim]` over the pages, in the same shape. The
    /// pages must hold every position that a query sees. If a score is not finite, the result of that row and
    /// head is NaN. If there are sinks, there is one score for each head: it takes part in the softmax of the
    /// head, and adds no value.
    fn attend(
        &self,
        spec: &AttentionSpec,
        queries: &Self::Rows,
        pages: PageRun<'_, Self::Page>,
        sinks: Option<&Self::Vector>,
    ) -> Self::Rows;

    /// Returns the attention of the rows of several sequences, each as [`attend`](Self::attend) returns it. The
    /// spec's `first_query` has no meaning here: each run has its own. A backend may compute all runs at once;
    /// by default they are computed one after the other.
    fn attend_all(
        &self,
        spec: &AttentionSpec,
        queries: &Self::Rows,
        runs: &[QueryRun<'_, Self::Page>],
        sinks: Option<&Self::Vector>,
    ) -> Self::Rows
    where
        Self: Sized,
    {
        attend_one_by_one(self, spec, queries, runs, sinks)
    }

    /// Creates a record for a pass in which `places` places are recorded.
    fn finite_record(&self, places: usize) -> Self::FiniteRecord;

    /// Records for a place of the pass if every value of `x` is finite: no infinity and no NaN. Each place is
    /// recorded once.
    fn record_finite(&self, record: &mut Self::FiniteRecord, place: usize, x: &Self::Rows);

    /// Returns the first place that was recorded with a value that is not finite; `None` if there is none. A
    /// backend on a device waits here for everything that was recorded.
    fn first_non_finite(&self, record: &Self::FiniteRecord) -> Option<usize>;
}
