//! Weight matrices, packed for the kernels.

use neural::{LANES, StoredMatrix, StoredValues};

use crate::device::Buffer;

/// The number of bytes that a thread reads at once: consecutive weights of one output.
const GROUP_BYTES: usize = 16;

/// A weight matrix of [`GpuBackend`](crate::GpuBackend), in the number format in which it was stored.
///
/// Outputs lie in panels of sixteen. A panel has a group of 16 bytes of each output, side by side, and then
/// the next groups. What is missing in the last panel and in the last group is 0 and is never computed with.
pub struct GpuMatrix {
    pub(crate) outputs: usize,
    pub(crate) inputs: usize,
    /// True if weights are bf16, false if they are f32.
    pub(crate) halves: bool,
    pub(crate) buffer: Buffer,
}

/// Returns the bytes of a matrix in panels, and true if the weights are bf16.
pub(crate) fn panels(matrix: &StoredMatrix<'_>) -> (Vec<u8>, bool) {
    let (bytes, size, halves) = match matrix.values() {
        StoredValues::F32(bytes) => (bytes, 4, false),
        StoredValues::Bf16(bytes) => (bytes, 2, true),
    };
    let row_bytes = matrix.inputs() * size;
    let groups = row_bytes.div_ceil(GROUP_BYTES);
    let mut packed = vec![0; matrix.outputs().div_ceil(LANES) * groups * LANES * GROUP_BYTES];
    for (output, row) in bytes.chunks_exact(row_bytes).enumerate() {
        let panel = output / LANES * groups * LANES * GROUP_BYTES;
        for (group, values) in row.chunks(GROUP_BYTES).enumerate() {
            let at = panel + (group * LANES + output % LANES) * GROUP_BYTES;
            packed[at..at + values.len()].copy_from_slice(values);
        }
    }
    (packed, halves)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_sixteen_outputs_lie_side_by_side() {
        let values: Vec<f32> = (0..17 * 5).map(|value| value as f32).collect();
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let stored = StoredMatrix::new(17, 5, StoredValues::F32(&bytes)).expect("finite weights");
        let (packed, halves) = panels(&stored);
        let word = |at: usize| f32::from_le_bytes(packed[4 * at..4 * at + 4].try_into().expect("four bytes"));
        assert!(!halves && packed.len() == 2 * 2 * 16 * 16);
        // Output 3 has its first four inputs in the first groups, and the fifth in the second ones.
        assert_eq!([word(3 * 4), word(3 * 4 + 3), word((16 + 3) * 4)], [15.0, 18.0, 19.0]);
        assert_eq!([word((16 + 3) * 4 + 1), word(2 * 16 * 4)], [0.0, 80.0]);
    }
}
