//! Injection: rows that are added to the residual after a block.

use std::collections::BTreeMap;

use abi::Digest;

use crate::backend::Backend;
use crate::traps::{PassSite, Traps, added};

/// Domain of the digest of an injection's changes.
const EDIT_DOMAIN: &str = "nmk.edit.injection.v1";

/// A [trap](Traps) that adds given rows to the residual after one block, by absolute position. At a position
/// without a row, or with a row of zeros, the residual stays the same, bit for bit, negative zeros included.
#[derive(Clone, Debug, Default)]
pub struct Injection {
    /// Index of the block after which the rows are added, from 0.
    pub layer: usize,
    /// The rows to add, by position. Each must have the model's width.
    pub rows: BTreeMap<usize, Vec<f32>>,
}

impl<B: Backend> Traps<B> for Injection {
    fn ignores(&self, site: PassSite) -> bool {
        site != PassSite::Block(self.layer)
    }

    fn block(&mut self, backend: &B, layer: usize, first: usize, rows: &mut B::Rows) {
        if layer != self.layer {
            return;
        }
        let Some(width) = self.rows.values().next().map(Vec::len) else { return };
        let mut values = backend.read(rows);
        let count = values.len() / width;
        let mut touched = false;
        for (position, row) in self.rows.range(first..first + count) {
            touched = true;
            let place = &mut values[(position - first) * width..][..width];
            place.iter_mut().zip(row).for_each(|(value, row)| *value = added(*value, *row));
        }
        if touched {
            *rows = backend.rows(width, values);
        }
    }

    fn edit(&self, position: usize) -> Option<Digest> {
        let row = self.rows.get(&position).filter(|row| row.iter().any(|value| *value != 0.0))?;
        let values: Vec<u8> = row.iter().flat_map(|value| value.to_le_bytes()).collect();
        let layer = (self.layer as u64).to_le_bytes();
        Some(Digest::hash_parts(EDIT_DOMAIN, [&layer[..], &values]))
    }
}
