//! Attention: the blocks of many rows side by side, and then their join. Keys and values of many rows.

use neural::{AttentionSpec, BLOCK, KvLayout, PAGE, PageSlots, QueryRun, StateDtype};

use crate::backend::{ELEMENT_THREADS, GpuBackend, flag, number, uint};
use crate::device::{Argument, Buffer};
use crate::rows::{GpuPage, GpuRows};

// The kernels take a page as one block of the contract.
const _: () = assert!(PAGE == BLOCK && PAGE == 64);

/// The most words that the parts of all blocks may take. A long prompt is computed in slices of rows.
const MOST_WORDS: usize = 1 << 24;

/// The number of rows of a tile, and the widest head that the kernel of tiles takes, as the kernels' text says.
const QUERIES: usize = 8;
const MOST_HEAD_DIM: usize = 256;

/// The words that a block has beside its weighted values: largest score, sum, and a flag.
const BLOCK_WORDS: usize = 3;

/// The pages of all runs, and where each row finds its own.
struct Rows<'a> {
    pages: Vec<&'a Buffer>,
    /// For each row its position, and the number and the place of the first page of its sequence.
    words: Vec<u32>,
    /// The most pages that a row sees.
    most: usize,
}

/// Returns the first position that a query sees.
fn first_seen(position: usize, window: Option<usize>) -> usize {
    window.map_or(0, |window| (position + 1).saturating_sub(window))
}

impl<'a> Rows<'a> {
    /// # Panics
    /// If the pages do not hold every position that a query sees.
    fn new(window: Option<usize>, runs: &[QueryRun<'a, GpuPage>]) -> Self {
        let mut rows = Self { pages: Vec::new(), words: Vec::new(), most: 1 };
        for run in runs {
            let (first_page, place) = (run.pages.first_page, rows.pages.len());
            rows.pages.extend(run.pages.pages.iter().map(|page| &*page.0));
            let held = first_page * PAGE..(first_page + run.pages.pages.len()) * PAGE;
            let end = run.first_query + run.rows;
            let earliest = first_seen(run.first_query, window);
            assert!(run.rows == 0 || (held.start <= earliest && end <= held.end), "pages for every position");
            for position in run.first_query..end {
                let seen = position / PAGE - first_seen(position, window) / PAGE + 1;
                rows.most = rows.most.max(seen);
                rows.words.extend([number(position), number(first_page), number(place)]);
            }
        }
        rows
    }
}

/// Returns the attention of every row, `[rows, heads * head_dim]`.
pub(crate) fn attend(
    backend: &GpuBackend,
    spec: &AttentionSpec,
    queries: &GpuRows,
    runs: &[QueryRun<'_, GpuPage>],
    sinks: Option<&Buffer>,
) -> GpuRows {
    let (heads, head_dim) = (spec.heads, spec.layout.head_dim);
    assert_eq!(queries.width, heads * head_dim, "width of the queries");
    assert_eq!(queries.rows, runs.iter().map(|run| run.rows).sum::<usize>(), "the rows of all runs");
    // The kernels take a window of 0 as none. No model has one.
    let window = spec.window.filter(|window| *window > 0);
    let rows = Rows::new(window, runs);
    let places = backend.kept_words(&rows.words);
    let words = heads * rows.most * (head_dim + BLOCK_WORDS);
    let slice = (MOST_WORDS / words.max(1)).max(1);
    let (run, window) = (uint(rows.most), uint(window.unwrap_or(0)));
    let in_tiles = head_dim <= MOST_HEAD_DIM && queries.rows >= 4 * runs.len();
    let mut written = backend.fresh(queries.count());
    for first_row in (0..queries.rows).step_by(slice) {
        let count = slice.min(queries.rows - first_row);
        let mut arguments = vec![
            queries.argument(),
            Argument::Table(&rows.pages),
            Argument::Buffer(&places),
            uint(heads),
            uint(spec.layout.kv_heads),
            uint(head_dim),
            flag(spec.layout.state == StateDtype::Bf16),
            run,
            uint(first_row),
        ];
        let (kernel, tiles) = if in_tiles {
            arguments.push(uint(count));
            ("attend_tiles", count.div_ceil(QUERIES))
        } else {
            ("attend_blocks", count)
        };
        arguments.extend([window, Argument::Float(spec.scale)]);
        let parts = backend.launch(kernel, tiles * heads * rows.most, count * words, &arguments);
        let arguments = [
            Argument::Buffer(&parts),
            // A model without sinks has none to read; any buffer stands in their place.
            Argument::Buffer(sinks.unwrap_or(&parts)),
            Argument::Buffer(&places),
            uint(heads),
            uint(head_dim),
            run,
            uint(first_row),
            window,
            flag(sinks.is_some()),
        ];
        backend.change("join_blocks", count * heads, &mut [&mut written], &arguments);
    }
    GpuRows::new(queries.width, queries.rows, written)
}

/// Writes rows of keys and values into pages that nobody else holds.
pub(crate) fn store(
    backend: &GpuBackend,
    pages: &mut [(&mut Buffer, PageSlots)],
    layout: KvLayout,
    keys: &GpuRows,
    values: &GpuRows,
) {
    let width = layout.kv_heads * layout.head_dim;
    assert!(keys.width == width && values.width == width, "width of keys and values");
    let mut places = Vec::new();
    for (page, (buffer, slots)) in pages.iter().enumerate() {
        assert_eq!(buffer.bytes(), layout.page_bytes(), "the layout of the page");
        assert!(slots.first_slot + slots.count <= PAGE, "slots of one page");
        let rows = slots.first_row + slots.count;
        assert!(rows <= keys.rows && rows <= values.rows, "rows of keys and values");
        for row in 0..slots.count {
            places.extend([page, slots.first_slot + row, slots.first_row + row].map(number));
        }
    }
    let kernel = match layout.state {
        StateDtype::F32 => "store_f32",
        StateDtype::Bf16 => "store_bf16",
    };
    let (kept, count) = (backend.kept_words(&places), places.len() / 3 * width);
    let arguments = [
        keys.argument(),
        values.argument(),
        Argument::Buffer(&kept),
        uint(layout.kv_heads),
        uint(layout.head_dim),
        uint(count),
    ];
    let mut written: Vec<&mut Buffer> = pages.iter_mut().map(|(buffer, _)| &mut **buffer).collect();
    backend.change(kernel, count.div_ceil(ELEMENT_THREADS), &mut written, &arguments);
}
