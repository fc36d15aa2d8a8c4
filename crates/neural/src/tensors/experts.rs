//! Tensors that hold the matrices of all experts of a layer.

use super::{StoredMatrix, StoredValues};

/// A tensor `[experts, rows, columns]` that holds a matrix of each expert of a layer.
///
/// The rows are the outputs of the matrix, or its inputs: the family says which.
pub(crate) struct StoredExperts<'a> {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) values: StoredValues<'a>,
}

impl<'a> StoredExperts<'a> {
    /// Returns `count` rows of an expert's matrix, from row `from` on, as a matrix whose outputs are those rows.
    pub(crate) fn rows(&self, expert: usize, from: usize, count: usize) -> StoredMatrix<'a> {
        let first = (expert * self.rows + from) * self.columns;
        let values = self.values.range(first, first + count * self.columns);
        StoredMatrix { outputs: count, inputs: self.columns, values }
    }

    /// Returns the columns `from, from + step, ...` of an expert's matrix, each turned into a row.
    pub(crate) fn transposed(&self, expert: usize, from: usize, step: usize) -> Transposed {
        let (bytes, size) = match self.values {
            StoredValues::F32(bytes) => (bytes, 4),
            StoredValues::Bf16(bytes) => (bytes, 2),
        };
        let first = expert * self.rows * self.columns;
        let columns = (from..self.columns).step_by(step);
        let outputs = columns.len();
        let mut turned = Vec::with_capacity(outputs * self.rows * size);
        for column in columns {
            for input in 0..self.rows {
                let at = (first + input * self.columns + column) * size;
                turned.extend_from_slice(&bytes[at..at + size]);
            }
        }
        Transposed { outputs, inputs: self.rows, wide: size == 4, bytes: turned }
    }
}

/// A matrix that was turned so that its outputs come first.
pub(crate) struct Transposed {
    outputs: usize,
    inputs: usize,
    /// True for f32, false for bf16.
    wide: bool,
    bytes: Vec<u8>,
}

impl Transposed {
    fn values(&self) -> StoredValues<'_> {
        if self.wide { StoredValues::F32(&self.bytes) } else { StoredValues::Bf16(&self.bytes) }
    }

    pub(crate) fn matrix(&self) -> StoredMatrix<'_> {
        StoredMatrix { outputs: self.outputs, inputs: self.inputs, values: self.values() }
    }

    /// Returns the values, widened to f32.
    pub(crate) fn vector(&self) -> Vec<f32> {
        let (values, mut widened) = (self.values(), Vec::new());
        values.widen_into(0, values.len(), &mut widened);
        widened
    }
}
