//! The memory that sessions take.

use crate::backend::Backend;
use crate::history::History;
use crate::model::Model;
use crate::numerics::PAGE;
use crate::session::{REWIND_HORIZON, Session};

/// The memory of one session in bytes, beside the memory of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionMemory {
    /// Pages of keys and values that the session holds.
    pub pages: usize,
    /// Of these, pages that forks hold too.
    pub shared: usize,
    /// The history of the session: steps and edits by position.
    pub history: usize,
}

impl<B: Backend> Session<B> {
    /// Returns the memory that the session takes now, in its pages and in its history.
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
    /// Returns the most memory in bytes that a session takes on its way to `positions` positions in chunks of up to `chunk`
    /// rows. So much must be free to admit a session. Rewinds on the way do not raise the bound, and positions beyond the
    /// model's context do not count. Traps that edit a pass take 40 bytes more for each position.
    #[must_use]
    pub fn session_bytes(&self, positions: usize, chunk: usize) -> usize {
        let positions = positions.min(self.config.max_positions);
        let all = positions.div_ceil(PAGE);
        let chunk = chunk.min(positions);
        let pages = self.config.layers.iter().map(|layer| match layer.window {
            None => all,
            // The last `window + REWIND_HORIZON - 1` positions are kept before a chunk, and the chunk besides after it.
            // A run of n positions lies in at most `(n - 1) / PAGE`, rounded up, and one more pages.
            Some(window) => all.min((window + REWIND_HORIZON + chunk - 2).div_ceil(PAGE) + 1),
        });
        pages.sum::<usize>() * self.layout().page_bytes() + all * History::PAGE_BYTES
    }

    /// The most memory in bytes that a fork at an earlier position takes beside such a session: the pages that the session
    /// has dropped behind its windows since then, and the one page that both have written to.
    pub(crate) fn anchor_bytes(&self, positions: usize, chunk: usize) -> usize {
        let windowed = self.config.layers.iter().filter(|layer| layer.window.is_some()).count();
        let every = self.config.layers.len() - windowed;
        let whole = positions.min(self.config.max_positions).div_ceil(PAGE);
        let session = self.session_bytes(positions, chunk);
        let full = every * whole * self.layout().page_bytes() + whole * History::PAGE_BYTES;
        session - full + every * self.layout().page_bytes() + History::PAGE_BYTES
    }
}
