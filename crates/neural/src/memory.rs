//! The memory that sessions take.

use crate::backend::Backend;
use crate::history::History;
use crate::model::Model;
use crate::numerics::PAGE;
use crate::session::{REWIND_HORIZON, Session};

/// Memory of a session, in bytes, beside the model's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionMemory {
    /// Pages of keys and values that it holds.
    pub pages: usize,
    /// Of these, pages that forks hold too.
    pub shared: usize,
    /// What its positions were made from, and what traps changed at them.
    pub history: usize,
}

impl<B: Backend> Session<B> {
    /// The memory that it takes now.
    #[must_use]
    pub fn memory(&self) -> SessionMemory {
        let (mut pages, mut shared) = (0, 0);
        for table in &self.tables {
            let bytes = table.layout().page_bytes();
            pages += table.pages().len() * bytes;
            shared += table.shared() * bytes;
        }
        SessionMemory { pages, shared, history: self.history.bytes() }
    }
}

impl<B: Backend> Model<B> {
    /// The most memory in bytes that a session takes on its way to `positions` positions in chunks of up to
    /// `chunk` rows: what must be free to admit one. Rewinds on the way do not raise it. Positions beyond the
    /// model's context are none. Traps that change what is computed take 40 bytes more for each position.
    #[must_use]
    pub fn session_bytes(&self, positions: usize, chunk: usize) -> usize {
        let positions = positions.min(self.config.max_positions);
        let all = positions.div_ceil(PAGE);
        let chunk = chunk.min(positions);
        let pages = self.config.layers.iter().map(|layer| match layer.window {
            None => all,
            // Before a chunk the last `window + REWIND_HORIZON - 1` positions are kept, after it those and the
            // chunk; a run of n positions lies in at most `(n - 1) / PAGE`, rounded up, and one more pages.
            Some(window) => all.min((window + REWIND_HORIZON + chunk - 2).div_ceil(PAGE) + 1),
        });
        pages.sum::<usize>() * self.layout().page_bytes() + all * History::PAGE_BYTES
    }

    /// The most memory in bytes that the state at an earlier position of such a session takes beside it: pages that
    /// the session dropped behind its windows since, and the one that both have written to.
    pub(crate) fn anchor_bytes(&self, positions: usize, chunk: usize) -> usize {
        let windowed = self.config.layers.iter().filter(|layer| layer.window.is_some()).count();
        let every = self.config.layers.len() - windowed;
        let whole = positions.min(self.config.max_positions).div_ceil(PAGE);
        let session = self.session_bytes(positions, chunk);
        let full = every * whole * self.layout().page_bytes() + whole * History::PAGE_BYTES;
        session - full + every * self.layout().page_bytes() + History::PAGE_BYTES
    }
}
