//! Attention: the blocks of many rows side by side, and then their join.

use neural::{AttentionSpec, BLOCK, PAGE, PageRun, StateDtype};

use crate::backend::{GpuBackend, flag, uint};
use crate::device::{Argument, Buffer};
use crate::rows::{GpuPage, GpuRows};

// The kernels take a page as one block of the contract.
const _: () = assert!(PAGE == BLOCK && PAGE == 64);

/// The most words that the parts of all blocks may take. A long prompt is computed in slices of rows.
const MOST_WORDS: usize = 1 << 24;

/// The words that a block has beside its weighted values: largest score, sum, and a flag.
const BLOCK_WORDS: usize = 3;

/// Writes the attention of every query into `written`, `[rows, heads * head_dim]`.
///
/// # Panics
/// If the pages do not hold every position that a query sees.
pub(crate) fn attend(
    backend: &GpuBackend,
    spec: &AttentionSpec,
    queries: &GpuRows,
    pages: PageRun<'_, GpuPage>,
    sinks: Option<&Buffer>,
    written: &mut Buffer,
) {
    let (heads, head_dim) = (spec.heads, spec.layout.head_dim);
    assert_eq!(queries.width, heads * head_dim, "width of the queries");
    let run = pages.pages.len();
    let earliest = spec.window.map_or(0, |window| (spec.first_query + 1).saturating_sub(window));
    let end = spec.first_query + queries.rows;
    let held = pages.first_page * PAGE..(pages.first_page + run) * PAGE;
    assert!(queries.rows == 0 || (held.start <= earliest && end <= held.end), "pages for every position");
    let buffers: Vec<&Buffer> = pages.pages.iter().map(|page| &*page.0).collect();
    let words = heads * run * (head_dim + BLOCK_WORDS);
    let slice = (MOST_WORDS / words.max(1)).max(1);
    let window = uint(spec.window.unwrap_or(0));
    for first_row in (0..queries.rows).step_by(slice) {
        let rows = slice.min(queries.rows - first_row);
        let place = [uint(pages.first_page), uint(first_row), uint(spec.first_query)];
        let arguments = [
            Argument::Buffer(&queries.buffer),
            Argument::Table(&buffers),
            uint(heads),
            uint(spec.layout.kv_heads),
            uint(head_dim),
            flag(spec.layout.state == StateDtype::Bf16),
            uint(run),
            place[0],
            place[1],
            place[2],
            window,
            Argument::Float(spec.scale),
        ];
        let parts = backend.launch("attend_blocks", rows * heads * run, rows * words, &arguments);
        let arguments = [
            Argument::Buffer(&parts),
            // A model without sinks has none to read; any buffer stands in their place.
            Argument::Buffer(sinks.unwrap_or(&parts)),
            uint(heads),
            uint(head_dim),
            uint(run),
            place[0],
            place[1],
            place[2],
            window,
            flag(sinks.is_some()),
        ];
        backend.change("join_blocks", rows * heads, written, &arguments);
    }
}
