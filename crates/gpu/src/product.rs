//! Products of rows with one matrix, or with up to three in one launch.

use std::sync::Arc;

use neural::LANES;

use crate::backend::{GpuBackend, flag, uint};
use crate::device::Argument;
use crate::matrix::GpuMatrix;
use crate::rows::GpuRows;

/// The number of rows of a tile, which share one reading of the weights.
pub(crate) const TILE_ROWS: usize = 8;
/// The number of rows of a wide tile, and of the outputs of one of its blocks.
pub(crate) const WIDE: (usize, usize) = (32, 128);
/// The most matrices of one launch.
const MOST_MATRICES: usize = 3;

/// Returns the product of each matrix and `x`.
pub(crate) fn all_products(backend: &GpuBackend, matrices: &[&GpuMatrix], x: &GpuRows) -> Vec<GpuRows> {
    let alike = matrices.chunk_by(|one, next| one.halves == next.halves);
    let launched = alike.flat_map(|alike| alike.chunks(MOST_MATRICES));
    launched.flat_map(|launched| products(backend, launched, x)).collect()
}

/// Returns the products of `x` and one to three matrices of one number format, from one launch.
pub(crate) fn products(backend: &GpuBackend, matrices: &[&GpuMatrix], x: &GpuRows) -> Vec<GpuRows> {
    let (rows, inputs, halves) = (x.rows, x.width, matrices[0].halves);
    assert!(matrices.iter().all(|matrix| matrix.inputs == inputs), "width of the activations");
    assert!(matrices.len() <= MOST_MATRICES, "matrices of one launch");
    // A matrix that is not there has no outputs, and any buffer stands in its place.
    let weights = |number: usize| Argument::Buffer(&matrices.get(number).unwrap_or(&matrices[0]).buffer);
    let outputs = |number: usize| matrices.get(number).map_or(0, |matrix| matrix.outputs);
    let mut arguments = vec![weights(0), weights(1), weights(2), x.argument(), uint(inputs)];
    arguments.extend([uint(outputs(0)), uint(outputs(1)), uint(outputs(2)), uint(rows)]);
    let (kernel, height, width) = match (rows, halves) {
        (1, true) => ("product_row_bf16", 1, LANES),
        (1, false) => ("product_row_f32", 1, LANES),
        (rows, halves) => {
            arguments.push(flag(halves));
            if rows >= WIDE.0 && has_whole_groups(inputs, halves) {
                ("product_wide", WIDE.0, WIDE.1)
            } else {
                ("product_tile", TILE_ROWS, LANES)
            }
        }
    };
    let parts: usize = matrices.iter().map(|matrix| matrix.outputs.div_ceil(width)).sum();
    // Each product begins at a multiple of four elements.
    let words = |matrix: &GpuMatrix| (rows * matrix.outputs).next_multiple_of(4);
    let all = matrices.iter().map(|matrix| words(matrix)).sum();
    let buffer = Arc::new(backend.launch(kernel, parts * rows.div_ceil(height), all, &arguments));
    let mut first = 0;
    let product = |matrix: &&GpuMatrix| {
        let own = GpuRows { width: matrix.outputs, rows, first, buffer: Arc::clone(&buffer) };
        first += words(matrix);
        own
    };
    matrices.iter().map(product).collect()
}

/// Returns true if the inputs of a matrix fill all groups of sixteen bytes.
pub(crate) fn has_whole_groups(inputs: usize, halves: bool) -> bool {
    inputs.is_multiple_of(if halves { 8 } else { 4 })
}
