//! The tap that remembers one row of a pass.

use std::sync::Arc;

use super::{EntryHead, EntryReading, EntryRequest};
use crate::backend::Backend;
use crate::traps::{PassSite, Traps};

/// A [trap](Traps) that remembers the residual of a prompt's last position after the layer that an
/// [`EntryHead`] reads, and changes nothing.
///
/// The tap keeps the row of the first pass over that position, in whatever chunk the position comes. From
/// then on it ignores every site, until [`Traps::rewound`] takes that pass back.
#[derive(Clone, Debug)]
pub struct EntryTap {
    head: Arc<EntryHead>,
    last: usize,
    residual: Option<Vec<f32>>,
}

impl EntryTap {
    /// Creates a tap for a prompt whose last token is at the absolute position `last` of its session.
    #[must_use]
    pub fn new(head: &Arc<EntryHead>, last: usize) -> Self {
        Self { head: Arc::clone(head), last, residual: None }
    }

    /// Returns what the head reads in the remembered row. Returns `None` before a pass has reached the
    /// position, or if the row is not finite.
    #[must_use]
    pub fn reading(&self) -> Option<EntryReading> {
        self.head.read(self.residual.as_deref()?)
    }

    /// Returns the capability that the prompt asks for. Returns `None` before a pass has reached the
    /// position, if the confidence is below the threshold, or if the prompt asks for no capability.
    #[must_use]
    pub fn request(&self) -> Option<EntryRequest> {
        self.head.request(self.reading()?)
    }

    /// Returns the remembered row of the residual, which has the model's width. Returns `None` before a pass
    /// has reached the position.
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
        // A site that another trap does not ignore is run for this one too.
        if Traps::<B>::ignores(self, PassSite::Block(layer)) {
            return;
        }
        let Some(row) = self.last.checked_sub(first) else { return };
        // Rows have no length of their own: their number follows from the number of values.
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
