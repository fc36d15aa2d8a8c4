//! The choice of experts by a kernel, and its form on the device.

use neural::{Backend, ExpertMask, ExpertShare, PlainBackend, RouterConfig, Scores};

use crate::backend::{GpuBackend, flag, uint};
use crate::device::{Argument, Buffer};
use crate::rows::GpuRows;

/// The most experts of a layer that the kernels choose among, as their text says.
pub(crate) const MOST_EXPERTS: usize = 1024;

/// The experts that each row chose, in ascending order: two words for each, its index and its factor.
pub(crate) struct Routed {
    pub(crate) words: Buffer,
    pub(crate) rows: usize,
    /// Number of experts of each row.
    pub(crate) chosen: usize,
}

/// Lets a kernel choose the experts of each row.
pub(crate) fn choose(
    backend: &GpuBackend,
    router: &RouterConfig,
    mask: Option<&ExpertMask>,
    outputs: &GpuRows,
) -> Routed {
    assert_eq!(outputs.width, router.experts, "one output for each expert");
    let allowed = mask.map(|mask| {
        backend.upload_words(&mask.allowed().iter().map(|allowed| u32::from(*allowed)).collect::<Vec<u32>>())
    });
    let kind = match router.scores {
        Scores::Softmax => 0,
        Scores::Sigmoid => 1,
        Scores::SoftmaxOfChosen => 2,
    };
    let arguments = [
        outputs.argument(),
        // Without a mask there is nothing to read; any buffer stands in its place.
        Argument::Buffer(allowed.as_ref().unwrap_or(&outputs.buffer)),
        uint(router.experts),
        uint(router.chosen),
        uint(kind),
        flag(router.renormalise),
        flag(mask.is_some()),
    ];
    let words = backend.launch("route", outputs.rows, outputs.rows * 2 * router.chosen, &arguments);
    Routed { words, rows: outputs.rows, chosen: router.chosen }
}

/// Returns the chosen experts of each row, in ascending order, with the factors on their outputs.
pub(crate) fn route(
    backend: &GpuBackend,
    router: &RouterConfig,
    mask: Option<&ExpertMask>,
    outputs: &GpuRows,
) -> Vec<Vec<ExpertShare>> {
    let allowed = mask.map_or(router.experts, |mask| mask.allowed().iter().filter(|use_it| **use_it).count());
    if router.experts > MOST_EXPERTS || allowed < router.chosen {
        // The host has the same bits, and no bounds.
        let outputs = PlainBackend.rows(outputs.width, backend.read(outputs));
        return PlainBackend.route(router, mask, &outputs);
    }
    let routed = choose(backend, router, mask, outputs);
    let share = |[expert, weight]: &[u32; 2]| ExpertShare {
        expert: *expert as usize,
        weight: f32::from_bits(*weight),
    };
    let words = backend.read_words(&routed.words);
    words.chunks_exact(2 * routed.chosen).map(|row| row.as_chunks().0.iter().map(share).collect()).collect()
}

impl Routed {
    /// Uploads a choice that the host made; `None` if the rows have no experts, or not as many each.
    pub(crate) fn upload(backend: &GpuBackend, shares: &[Vec<ExpertShare>]) -> Option<Self> {
        let chosen = shares.first().map_or(0, Vec::len);
        if chosen == 0 || shares.iter().any(|row| row.len() != chosen) {
            return None;
        }
        let words = |share: &ExpertShare| [share.expert as u32, share.weight.to_bits()];
        let words: Vec<u32> = shares.iter().flatten().flat_map(words).collect();
        Some(Self { words: backend.upload_words(&words), rows: shares.len(), chosen })
    }
}
