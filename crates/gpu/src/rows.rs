//! Activations, pages and rotations of the backend, which lie on the device.

use std::sync::Arc;

use crate::device::{Argument, Buffer};

/// The activations of [`GpuBackend`](crate::GpuBackend), of shape `[rows, width]`, in f32, row by row.
pub struct GpuRows {
    pub(crate) width: usize,
    pub(crate) rows: usize,
    /// Index of the first element in the buffer, a multiple of four. Results of one launch may share a buffer.
    pub(crate) first: usize,
    pub(crate) buffer: Arc<Buffer>,
}

impl GpuRows {
    /// Returns rows that have a buffer of their own.
    pub(crate) fn new(width: usize, rows: usize, buffer: Buffer) -> Self {
        Self { width, rows, first: 0, buffer: Arc::new(buffer) }
    }

    /// Returns these rows as an argument of a kernel.
    pub(crate) fn argument(&self) -> Argument<'_> {
        Argument::Part(&self.buffer, 4 * self.first)
    }

    /// Returns the number of elements in all rows.
    pub(crate) fn count(&self) -> usize {
        self.rows * self.width
    }
}

/// A page of [`GpuBackend`](crate::GpuBackend): keys and values of `PAGE` positions of one layer, as the bytes
/// of a snapshot. Clones share the memory, and the one that is written next gets memory of its own.
#[derive(Clone)]
pub struct GpuPage(pub(crate) Arc<Buffer>);

/// A rotation of [`GpuBackend`](crate::GpuBackend): cosines and sines of the positions of rows, each
/// `[positions, pairs]`, which the host computed.
pub struct GpuRotation {
    pub(crate) pairs: usize,
    pub(crate) cosines: Buffer,
    pub(crate) sines: Buffer,
}

/// A record of [`GpuBackend`](crate::GpuBackend) for one pass: some words for each place, which are 0 unless a value
/// there was not finite.
pub struct FiniteRecord(pub(crate) Buffer);
