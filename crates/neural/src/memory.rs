//! The memory that a session takes beside its model.

use crate::backend::Backend;
use crate::history::History;
use crate::model::Model;
use crate::numerics::PAGE;
use crate::session::{REWIND_HORIZON, Session};

/// The memory that one session takes, in bytes, without the memory of its model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionMemory {
    /// Bytes of the pages of keys and values that the session holds, shared ones included.
    pub pages: usize,
    /// Bytes of those pages that forks of the session hold too. They are part of `pages`, and are in memory
    /// only once.
    pub shared: usize,
    /// Bytes of the session's history: its tokens or injected rows, and the edits of traps, by position.
    pub history: usize,
}

impl<B: Backend> Session<B> {
    /// Returns the memory that the session takes now, in its pages and in its history. The call reads sizes
    /// only and copies nothing.
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
    /// Returns the most memory in bytes that a session takes while it grows to `positions` positions in
    /// chunks of up to `chunk` rows. A caller that has so many bytes free can admit the session. Rewinds do
    /// not raise the bound, and positions beyond the model's context do not count. Traps that edit a pass
    /// take 40 bytes more for each edited position.
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

    /// Returns the most memory in bytes that a fork at an earlier position takes beside a session of this
    /// size: the pages that the session has dropped behind its windows since then, and the one page that both
    /// have written to.
    pub(crate) fn anchor_bytes(&self, positions: usize, chunk: usize) -> usize {
        let windowed = self.config.layers.iter().filter(|layer| layer.window.is_some()).count();
        let every = self.config.layers.len() - windowed;
        let whole = positions.min(self.config.max_positions).div_ceil(PAGE);
        let session = self.session_bytes(positions, chunk);
        let full = every * whole * self.layout().page_bytes() + whole * History::PAGE_BYTES;
        session - full + every * self.layout().page_bytes() + History::PAGE_BYTES
    }
}
