//! The tap that remembers one row of a pass.

use std::sync::Arc;

use super::{EntryHead, EntryReading, EntryRequest};
use crate::backend::Backend;
use crate::traps::{PassSite, Traps};

/// A tap on the prefill: it remembers the residual of the prompt's last position after the head's layer, in
/// whichever chunk that position comes, and changes nothing. It remembers the first pass over that position until
/// [`Traps::rewound`] takes it back, and hears nothing in between.
#[derive(Clone, Debug)]
pub struct EntryTap {
    head: Arc<EntryHead>,
    last: usize,
    residual: Option<Vec<f32>>,
}

impl EntryTap {
    /// A tap for a prompt whose last token has the absolute position `last`.
    #[must_use]
    pub fn new(head: &Arc<EntryHead>, last: usize) -> Self {
        Self { head: Arc::clone(head), last, residual: None }
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

impl<B: Backend> Traps<B> for EntryTap {
    fn ignores(&self, site: PassSite) -> bool {
        self.residual.is_some() || site != PassSite::Block(self.head.parts().layer)
    }

    fn block(&mut self, backend: &B, layer: usize, first: usize, rows: &mut B::Rows) {
        // A pass that is heard for the sake of another trap is met here too.
        if Traps::<B>::ignores(self, PassSite::Block(layer)) {
            return;
        }
        let Some(row) = self.last.checked_sub(first) else { return };
        // How many rows there are only their values say.
        let width = self.head.parts().mean.len();
        let values = backend.read(rows);
        self.residual = values.chunks_exact(width).nth(row).map(<[f32]>::to_vec);
    }

    fn rewound(&mut self, to: usize) {
        if to <= self.last {
            self.residual = None;
        }
    }
}
