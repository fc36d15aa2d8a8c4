//! Two helpers for measurements of speed, beside the operations: random weights, and a product in free order.

use neural::{LANES, StoredMatrix, StoredValues};

use crate::backend::{GpuBackend, flag, uint};
use crate::device::{Argument, Buffer};
use crate::matrix::GpuMatrix;
use crate::rows::GpuRows;

impl GpuBackend {
    /// Returns a backend that packs random weights of the device's own in place of the weights that it is given,
    /// in the same shape and format. A large model for measurements of speed then needs no file and no copy.
    #[must_use]
    pub fn with_random_weights(mut self) -> Self {
        self.random_weights = true;
        self
    }

    /// Returns the words of a matrix of this shape, filled with random weights. The variance of a product's
    /// results is that of its inputs.
    pub(crate) fn random_weights(&self, matrix: &StoredMatrix<'_>) -> (Buffer, bool) {
        let halves = matches!(matrix.values(), StoredValues::Bf16(_));
        let size = if halves { 2 } else { 4 };
        let groups = (matrix.inputs() * size).div_ceil(16);
        let words = matrix.outputs().div_ceil(LANES) * groups * LANES * 4;
        let bound = (3.0 / matrix.inputs() as f32).sqrt();
        let seed = uint(matrix.outputs() % 1_000_003 + matrix.inputs());
        let arguments = [seed, flag(halves), Argument::Float(bound), uint(words)];
        (self.launch("fill_random", words.div_ceil(256), words, &arguments), halves)
    }

    /// Returns the product of one row with a matrix in bf16 in an order that is only fast. Its bits are not
    /// those of the contract: it shows what the contract's order costs.
    ///
    /// # Panics
    /// If the matrix is not in bf16, its inputs are no multiple of 8, or there is not one row.
    #[must_use]
    pub fn free_product(&self, matrix: &GpuMatrix, x: &GpuRows) -> GpuRows {
        assert!(matrix.halves && matrix.inputs.is_multiple_of(8) && x.rows == 1, "one row of whole groups");
        assert_eq!(x.width, matrix.inputs, "width of the activations");
        let arguments =
            [Argument::Buffer(&matrix.buffer), x.argument(), uint(matrix.inputs), uint(matrix.outputs)];
        let blocks = matrix.outputs.div_ceil(LANES);
        let buffer = self.launch("check_free_product", blocks, matrix.outputs, &arguments);
        GpuRows::new(matrix.outputs, 1, buffer)
    }
}
