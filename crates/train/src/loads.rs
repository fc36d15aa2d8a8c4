//! The load of the experts: how many tokens the router sends to each.

use crate::TrainError;
use crate::codec::Codec;
use crate::corpus::{self, Task};
use crate::model::{Model, Rows};
use crate::params::Tensors;

/// Returns the number of tokens that went to each expert, layer by layer of the sparse layers, over
/// `per_task` held-out items of every task.
///
/// # Errors
/// [`TrainError`] if the model or the tokenizer refuses an item.
pub fn measure(
    model: &Model,
    tensors: &Tensors,
    codec: &Codec,
    per_task: usize,
) -> Result<Vec<Vec<usize>>, TrainError> {
    let mut sum: Vec<Vec<usize>> = Vec::new();
    for (task, _) in Task::MIX {
        for item in corpus::held_out(task, per_task, true) {
            let ids = codec.item(&item)?.ids;
            let loads = model.forward(tensors, Rows { ids: &ids, length: ids.len() })?.loads;
            if sum.is_empty() {
                sum = loads;
            } else {
                sum.iter_mut().flatten().zip(loads.iter().flatten()).for_each(|(sum, load)| *sum += load);
            }
        }
    }
    Ok(sum)
}
