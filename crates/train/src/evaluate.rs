//! Accuracy under greedy decoding, read off one forward pass per item.
//!
//! Greedy decoding gives exactly the expected answer if and only if, at every position of the
//! answer, the likeliest token given the expected ones before it is the expected one.

use crate::TrainError;
use crate::batch::Shard;
use crate::codec::{Codec, Encoded};
use crate::corpus::Item;
use crate::model::{Model, Rows};
use crate::params::Tensors;

/// Rows of a forward pass of the evaluation.
const ROWS: usize = 16;

/// For each item, whether greedy decoding gives its answer.
pub fn correct(
    model: &Model,
    tensors: &Tensors,
    codec: &Codec,
    items: &[Item],
) -> Result<Vec<bool>, TrainError> {
    let rows: Vec<Encoded> = items.iter().map(|item| codec.item(item)).collect::<Result<_, _>>()?;
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|at| rows[*at].ids.len());
    let mut right = vec![false; rows.len()];
    for group in order.chunks(ROWS) {
        let packed: Vec<Encoded> = group.iter().map(|at| rows[*at].clone()).collect();
        let shard = Shard::new(&packed);
        let logits = model.forward(tensors, Rows { ids: &shard.ids, length: shard.length })?.logits;
        let best = logits.argmax(1)?.to_vec1::<u32>()?;
        for (row, at) in group.iter().enumerate() {
            let encoded = &rows[*at];
            let predicted = &best[row * shard.length..][..encoded.ids.len()];
            right[*at] = (encoded.answer..encoded.ids.len()).all(|p| predicted[p - 1] == encoded.ids[p]);
        }
    }
    Ok(right)
}
