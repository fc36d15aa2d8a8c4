//! One optimiser step: shards run on worker threads, and their gradients are summed in the order of the
//! shards.

use crate::TrainError;
use crate::batch::Shard;
use crate::model::{Model, Rows};
use crate::ops::loss::cross_entropy;
use crate::params::{Schema, Tensors};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The weight of the load-balance loss beside the cross-entropy.
const BALANCE: f64 = 0.01;

/// The gradient of a step, with its loss and the load of the experts.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient {
    /// The gradient of each parameter, as a flat vector in the order of the [schema](Schema).
    pub values: Vec<f32>,
    /// The weighted mean cross-entropy, in nats per token.
    pub loss: f64,
    /// The number of rows that went to each expert, layer by layer of the sparse layers.
    pub loads: Vec<Vec<usize>>,
}

/// Returns the gradient of the weighted mean loss over the shards, for the parameters `values`. The bits do
/// not depend on the number of threads.
///
/// # Errors
/// [`TrainError`] if a forward or backward pass fails.
pub fn gradient(
    model: &Model,
    schema: &Schema,
    values: &[f32],
    shards: &[Shard],
    threads: usize,
) -> Result<Gradient, TrainError> {
    let tensors = Tensors::new(schema, values, true)?;
    let weight: f64 = shards.iter().map(Shard::weight).sum();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(shard) = shards.get(at) else { return done };
            done.push((at, shard_gradient(model, schema, &tensors, shard, weight, shards.len())));
        }
    };
    let mut parts = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut parts = work();
        for other in others {
            parts.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        parts
    });
    parts.sort_by_key(|(at, _)| *at);
    let mut sum: Option<Gradient> = None;
    for (_, part) in parts {
        let part = part?;
        sum = Some(match sum {
            None => part,
            Some(sum) => add(sum, &part),
        });
    }
    sum.ok_or(TrainError::Diverged { step: 0 })
}

/// Adds the gradient of one more shard to a sum.
fn add(mut sum: Gradient, part: &Gradient) -> Gradient {
    for (s, p) in sum.values.iter_mut().zip(&part.values) {
        *s += p;
    }
    for (s, p) in sum.loads.iter_mut().flatten().zip(part.loads.iter().flatten()) {
        *s += p;
    }
    sum.loss += part.loss;
    sum
}

/// Returns the gradient of one shard.
fn shard_gradient(
    model: &Model,
    schema: &Schema,
    tensors: &Tensors,
    shard: &Shard,
    weight: f64,
    shards: usize,
) -> Result<Gradient, TrainError> {
    let output = model.forward(tensors, Rows { ids: &shard.ids, length: shard.length })?;
    let mean = (cross_entropy(&output.logits, &shard.targets)? * (1.0 / weight))?;
    let balance = (output.balance * (BALANCE / shards as f64))?;
    let grads = (&mean + balance)?.backward()?;
    let mut values = vec![0f32; schema.total()];
    for entry in schema.entries() {
        if let Some(grad) = grads.get(tensors.get(&entry.name)?) {
            values[entry.range()].copy_from_slice(&grad.flatten_all()?.to_vec1::<f32>()?);
        }
    }
    Ok(Gradient { values, loss: f64::from(mean.to_vec0::<f32>()?), loads: output.loads })
}
