//! The choice of experts, which a kernel makes and the host reads.

use neural::{ExpertMask, ExpertShare, RouterConfig, Scores};

use crate::backend::{GpuBackend, flag, uint};
use crate::device::Argument;
use crate::rows::GpuRows;

/// The word in a place that no expert takes.
const NO_EXPERT: u32 = u32::MAX;

/// Returns the chosen experts of each row, in ascending order, with the factors on their outputs.
pub(crate) fn route(
    backend: &GpuBackend,
    router: &RouterConfig,
    mask: Option<&ExpertMask>,
    outputs: &GpuRows,
) -> Vec<Vec<ExpertShare>> {
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
        Argument::Buffer(&outputs.buffer),
        // Without a mask there is nothing to read; any buffer stands in its place.
        Argument::Buffer(allowed.as_ref().unwrap_or(&outputs.buffer)),
        uint(router.experts),
        uint(router.chosen),
        uint(kind),
        flag(router.renormalise),
        flag(mask.is_some()),
    ];
    let (before, stride) = (2 * router.experts, 2 * router.experts + 2 * router.chosen);
    let routed = backend.launch("route", outputs.rows, outputs.rows * stride, &arguments);
    let share = |[expert, weight]: &[u32; 2]| {
        let weight = f32::from_bits(*weight);
        (*expert != NO_EXPERT).then_some(ExpertShare { expert: *expert as usize, weight })
    };
    let of_row = |row: &[u32]| row[before..].as_chunks().0.iter().filter_map(share).collect();
    backend.read_words(&routed).chunks_exact(stride).map(of_row).collect()
}
