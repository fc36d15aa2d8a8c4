//! Experts of a few rows, in five launches for all of them.

use neural::{Activation, Backend, ExpertShare, GatedWeights, Projection, experts_one_by_one};

use crate::backend::{ELEMENT_THREADS, GpuBackend, flag, uint};
use crate::device::{Argument, Buffer};
use crate::rows::GpuRows;

/// The most pairs of a row and an expert that are computed at once. Each pair reads the weights of its expert,
/// so many rows are better served by one expert after the other.
const MOST_PAIRS: usize = 256;

/// The pairs of a pass, row after row, with the experts of each row in ascending order.
struct Pairs<'a> {
    weights: Vec<&'a GatedWeights<GpuBackend>>,
    /// The row of each pair.
    rows: Buffer,
    /// The first pair of each row, and the number of all pairs.
    starts: Buffer,
    factors: Buffer,
}

/// Returns the weighted sum of the experts of each row.
pub(crate) fn experts(
    backend: &GpuBackend,
    experts: &[GatedWeights<GpuBackend>],
    activation: &Activation,
    chosen: &[Vec<ExpertShare>],
    width: usize,
    x: &GpuRows,
) -> GpuRows {
    let count: usize = chosen.iter().map(Vec::len).sum();
    if count == 0 || count > MOST_PAIRS || !are_plain(experts) {
        return experts_one_by_one(backend, experts, activation, chosen, width, x);
    }
    assert_eq!((x.width, x.rows), (width, chosen.len()), "experts for each row");
    let pairs = Pairs::new(backend, experts, chosen);
    let gate = pairs.product(backend, |weights| &weights.gate, x, false);
    let up = pairs.product(backend, |weights| &weights.up, x, false);
    let outputs =
        pairs.product(backend, |weights| &weights.down, &backend.activate(activation, &gate, &up), true);
    let arguments = [
        Argument::Buffer(&outputs.buffer),
        Argument::Buffer(&pairs.starts),
        Argument::Buffer(&pairs.factors),
        uint(width),
        uint(chosen.len() * width),
    ];
    let blocks = (chosen.len() * width).div_ceil(ELEMENT_THREADS);
    let buffer = backend.launch("combine_experts", blocks, chosen.len() * width, &arguments);
    GpuRows { width, rows: chosen.len(), buffer }
}

/// Returns true if no projection of the experts has a bias, and all are stored in one number format. A file may
/// store each tensor in a format of its own.
fn are_plain(experts: &[GatedWeights<GpuBackend>]) -> bool {
    let mut projections = experts.iter().flat_map(|weights| [&weights.gate, &weights.up, &weights.down]);
    let halves = experts.first().is_some_and(|first| first.gate.matrix.halves);
    projections.all(|projection| projection.bias.is_none() && projection.matrix.halves == halves)
}

impl<'a> Pairs<'a> {
    fn new(
        backend: &GpuBackend,
        experts: &'a [GatedWeights<GpuBackend>],
        chosen: &[Vec<ExpertShare>],
    ) -> Self {
        let (mut weights, mut rows, mut starts, mut factors) = (Vec::new(), Vec::new(), vec![0], Vec::new());
        for (row, shares) in (0..).zip(chosen) {
            for share in shares {
                weights.push(&experts[share.expert]);
                rows.push(row);
                factors.push(share.weight);
            }
            starts.push(rows.len() as u32);
        }
        let (rows, starts) = (backend.upload_words(&rows), backend.upload_words(&starts));
        Self { weights, rows, starts, factors: backend.upload_floats(&factors) }
    }

    /// Returns the product of one projection of each pair's expert. The input is the pair's row of `x`, or with
    /// `own` the row with the number of the pair.
    fn product(
        &self,
        backend: &GpuBackend,
        projection: impl Fn(&GatedWeights<GpuBackend>) -> &Projection<GpuBackend>,
        x: &GpuRows,
        own: bool,
    ) -> GpuRows {
        let first = &projection(self.weights[0]).matrix;
        let (inputs, outputs) = (first.inputs, first.outputs);
        let matrices = self.weights.iter().map(|weights| &projection(weights).matrix);
        let alike = |matrix: &crate::GpuMatrix| (matrix.inputs, matrix.outputs, matrix.halves);
        assert!(matrices.clone().all(|matrix| alike(matrix) == alike(first)), "experts of one shape");
        assert_eq!(x.width, inputs, "width of the activations");
        let table: Vec<&Buffer> = matrices.map(|matrix| &matrix.buffer).collect();
        let kernel = if first.halves { "experts_bf16" } else { "experts_f32" };
        let arguments = [
            Argument::Table(&table),
            Argument::Buffer(&x.buffer),
            Argument::Buffer(&self.rows),
            uint(inputs),
            uint(outputs),
            flag(own),
        ];
        let blocks = table.len() * outputs.div_ceil(neural::LANES);
        let buffer = backend.launch(kernel, blocks, table.len() * outputs, &arguments);
        GpuRows { width: outputs, rows: table.len(), buffer }
    }
}
