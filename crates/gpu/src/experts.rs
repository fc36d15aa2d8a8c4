//! The experts of all rows of a pass, in a few launches. The choice stays on the device.

use neural::{Activation, GatedWeights, Projection};

use crate::backend::{ELEMENT_THREADS, GpuBackend, flag, uint};
use crate::device::{Argument, Buffer};
use crate::matrix::GpuMatrix;
use crate::product::{TILE_ROWS, WIDE, has_whole_groups};
use crate::router::{MOST_EXPERTS, Routed};
use crate::rows::GpuRows;

/// The most pairs of a row and an expert in one call, so that the products of all pairs fit beside the weights.
const MOST_PAIRS: usize = 1 << 16;

/// The number of pairs of each expert, on average, from which wide tiles are faster.
const WIDE_PAIRS: usize = 12;

/// The number of words of a tile of pairs, as the kernels' text says.
const TILE_WORDS: usize = 3;

/// The experts of a layer, which all have matrices of one shape and number format, and no biases.
pub(crate) struct Alike<'a> {
    experts: &'a [GatedWeights<GpuBackend>],
    inputs: usize,
    width: usize,
    outputs: usize,
    halves: bool,
}

impl<'a> Alike<'a> {
    /// Returns the experts if the kernels can compute them for so many pairs; `None` if the host must compute
    /// one after the other. A file may store each tensor in a format of its own.
    pub(crate) fn new(experts: &'a [GatedWeights<GpuBackend>], pairs: usize) -> Option<Self> {
        let first = experts.first()?;
        let (gate, down) = (&first.gate.matrix, &first.down.matrix);
        let alike = Self {
            experts,
            inputs: gate.inputs,
            width: gate.outputs,
            outputs: down.outputs,
            halves: gate.halves,
        };
        let fits = |projection: &Projection<GpuBackend>, inputs, outputs| {
            let GpuMatrix { inputs: own_inputs, outputs: own_outputs, halves, .. } = projection.matrix;
            projection.bias.is_none() && (own_inputs, own_outputs, halves) == (inputs, outputs, alike.halves)
        };
        let all = experts.iter().all(|weights| {
            fits(&weights.gate, alike.inputs, alike.width)
                && fits(&weights.up, alike.inputs, alike.width)
                && fits(&weights.down, alike.width, alike.outputs)
        });
        let bounded = experts.len() <= MOST_EXPERTS && pairs <= MOST_PAIRS;
        (all && bounded && pairs > 0).then_some(alike)
    }

    fn table(
        &self,
        projection: impl Fn(&GatedWeights<GpuBackend>) -> &Projection<GpuBackend>,
    ) -> Vec<&'a Buffer>
    where
        GatedWeights<GpuBackend>: 'a,
    {
        let buffer =
            |weights: &'a GatedWeights<GpuBackend>| -> &'a Buffer { &projection(weights).matrix.buffer };
        self.experts.iter().map(buffer).collect()
    }
}

/// Returns the weighted sum of the experts of each row.
pub(crate) fn experts(
    backend: &GpuBackend,
    experts: &Alike<'_>,
    activation: &Activation,
    routed: &Routed,
    x: &GpuRows,
) -> GpuRows {
    assert_eq!((x.width, x.rows), (experts.inputs, routed.rows), "experts for each row");
    let outputs = if routed.rows == 1 {
        by_pair(backend, experts, activation, routed, x)
    } else {
        by_tile(backend, experts, activation, routed, x)
    };
    let (width, count) = (experts.outputs, routed.rows * experts.outputs);
    let arguments = [
        Argument::Buffer(&outputs),
        Argument::Buffer(&routed.words),
        uint(width),
        uint(routed.chosen),
        uint(count),
    ];
    let buffer = backend.launch("combine_experts", count.div_ceil(ELEMENT_THREADS), count, &arguments);
    GpuRows::new(width, routed.rows, buffer)
}

/// Returns the numbers of an activation function as arguments: its kind, and two numbers of the second kind.
fn kind(activation: &Activation) -> [Argument<'static>; 3] {
    let (kind, alpha, limit) = match *activation {
        Activation::Silu => (0, 0.0, 0.0),
        Activation::Clamped { alpha, limit } => (1, alpha, limit),
    };
    [uint(kind), Argument::Float(alpha), Argument::Float(limit)]
}

/// Returns the output of each pair, pair by pair. Each pair reads the weights of its expert.
fn by_pair(
    backend: &GpuBackend,
    experts: &Alike<'_>,
    activation: &Activation,
    routed: &Routed,
    x: &GpuRows,
) -> Buffer {
    let Alike { inputs, width, outputs, halves, .. } = *experts;
    let pairs = routed.rows * routed.chosen;
    let (gates, ups) = (experts.table(|weights| &weights.gate), experts.table(|weights| &weights.up));
    let [kind, alpha, limit] = kind(activation);
    let arguments = [
        Argument::Table(&gates),
        Argument::Table(&ups),
        x.argument(),
        Argument::Buffer(&routed.words),
        uint(inputs),
        uint(width),
        uint(routed.chosen),
        kind,
        alpha,
        limit,
    ];
    let (gate, down) =
        if halves { ("gate_pairs_bf16", "down_pairs_bf16") } else { ("gate_pairs_f32", "down_pairs_f32") };
    let gated = backend.launch(gate, pairs * panels(width), pairs * width, &arguments);
    let downs = experts.table(|weights| &weights.down);
    let arguments = [
        Argument::Table(&downs),
        Argument::Buffer(&gated),
        Argument::Buffer(&routed.words),
        uint(width),
        uint(outputs),
    ];
    backend.launch(down, pairs * panels(outputs), pairs * outputs, &arguments)
}

/// Returns the output of each pair, pair by pair. Pairs of one expert are computed side by side.
fn by_tile(
    backend: &GpuBackend,
    experts: &Alike<'_>,
    activation: &Activation,
    routed: &Routed,
    x: &GpuRows,
) -> Buffer {
    let Alike { inputs, width, outputs, halves, .. } = *experts;
    let (pairs, count) = (routed.rows * routed.chosen, experts.experts.len());
    let is_wide =
        pairs >= WIDE_PAIRS * count && has_whole_groups(inputs, halves) && has_whole_groups(width, halves);
    let (size, gate, down) =
        if is_wide { (WIDE.0, "gate_wide", "down_wide") } else { (TILE_ROWS, "gate_tiles", "down_tiles") };
    let parts = |outputs: usize| if is_wide { outputs.div_ceil(WIDE.1) } else { panels(outputs) };
    // Each expert has one tile at most that is not full.
    let most_tiles = (pairs / size + count).min(pairs);
    let arguments = [Argument::Buffer(&routed.words), uint(count), uint(pairs), uint(most_tiles), uint(size)];
    let groups = backend.launch("group_pairs", 1, 1 + TILE_WORDS * most_tiles + pairs, &arguments);
    let (gates, ups) = (experts.table(|weights| &weights.gate), experts.table(|weights| &weights.up));
    let [kind, alpha, limit] = kind(activation);
    let arguments = [
        Argument::Table(&gates),
        Argument::Table(&ups),
        x.argument(),
        Argument::Buffer(&groups),
        uint(inputs),
        uint(width),
        uint(routed.chosen),
        uint(most_tiles),
        flag(halves),
        kind,
        alpha,
        limit,
    ];
    let gated = backend.launch(gate, most_tiles * parts(width), pairs * width, &arguments);
    let downs = experts.table(|weights| &weights.down);
    let arguments = [
        Argument::Table(&downs),
        Argument::Buffer(&gated),
        Argument::Buffer(&groups),
        uint(width),
        uint(outputs),
        uint(most_tiles),
        flag(halves),
    ];
    backend.launch(down, most_tiles * parts(outputs), pairs * outputs, &arguments)
}

fn panels(outputs: usize) -> usize {
    outputs.div_ceil(neural::LANES)
}
