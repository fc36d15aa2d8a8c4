//! The tap that remembers one row of a pass.

use super::{EntryHead, EntryReading, EntryRequest};
use crate::backend::Backend;
use crate::traps::Traps;

/// A tap on the prefill: it remembers the residual of the prompt's last position after the head's layer, in
/// whichever chunk that position comes, and changes nothing.
#[derive(Clone, Debug)]
pub struct EntryTap<'a> {
    head: &'a EntryHead,
    last: usize,
    residual: Option<Vec<f32>>,
}

impl<'a> EntryTap<'a> {
    /// A tap for a prompt whose last token has the absolute position `last`.
    #[must_use]
    pub fn new(head: &'a EntryHead, last: usize) -> Self {
        Self { head, last, residual: None }
    }

    /// What the head reads; none before the position was passed, or where its row is not finite.
    #[must_use]
    pub fn reading(&self) -> Option<EntryReading> {
        self.head.read(self.residual.as_deref()?)
    }

    /// What the prompt asks for; none before the position was passed, below the threshold, and where nothing is
    /// asked for.
    #[must_use]
    pub fn request(&self) -> Option<EntryRequest> {
        self.head.request(self.reading()?)
    }

    /// The remembered row, of the model's width.
    #[must_use]
    pub fn residual(&self) -> Option<&[f32]> {
        self.residual.as_deref()
    }
}

impl<B: Backend> Traps<B> for EntryTap<'_> {
    fn block(&mut self, backend: &B, layer: usize, first: usize, rows: &mut B::Rows) {
        let Some(row) = self.last.checked_sub(first).filter(|_| layer == self.head.parts().layer) else {
            return;
        };
        // How many rows there are only their values say.
        let width = self.head.parts().mean.len();
        let values = backend.read(rows);
        if let Some(values) = values.chunks_exact(width).nth(row) {
            self.residual = Some(values.to_vec());
        }
    }
}
