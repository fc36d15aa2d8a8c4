//! The fitting of a gateway while the model is frozen.

use candle_core::Tensor;
use neural::{InjectorParts, Reach};

use super::gateway::{self, PLACES, Told};
use super::items::{self, LARGEST, Lesson, is_untaught};
use crate::TrainError;
use crate::adamw::{self, Moments, Settings, Stride};
use crate::batch::Shard;
use crate::checkpoint::State;
use crate::model::{Model, Rows};
use crate::ops::loss::cross_entropy;
use crate::params::{Schema, Tensors};
use crate::rng::Rng;
use crate::shipped::Shipped;

/// The number of items of one step.
pub(super) const BATCH: usize = 8;

/// The frozen model in the training's own decoder, with the tokenizer and the digest of the one that ships.
pub(super) struct Frozen<'a> {
    pub(super) shipped: &'a Shipped,
    pub(super) model: Model,
    pub(super) weights: Tensors,
}

/// The settings of one fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    pub(super) layer: usize,
    pub(super) reach: Reach,
    pub(super) rate: f64,
    pub(super) lesson: Lesson,
    pub(super) steps: u64,
    pub(super) seed: u64,
    /// True if each injected value is a random one that has nothing to do with the answer, which makes a placebo.
    pub(super) is_placebo: bool,
}

/// Returns the parts of a gateway that was fitted to bare counts, and the mean loss of its last steps, in nats per
/// token of an answer.
pub(super) fn fit(frozen: &Frozen<'_>, fit: &Fit) -> Result<(InjectorParts, f64), TrainError> {
    let width = frozen.model.config().hidden_size;
    let schema = gateway::schema(width);
    let values = schema.initial(fit.seed);
    let moments = Moments::new(schema.total());
    let mut state = State { plan: 0, done: 0, values, moments };
    let settings = Settings { peak: fit.rate, floor: 0.05, warmup: 20, decay: 0.0, clip: 1.0 };
    let (mut last, mut counted) = (0.0, 0.0);
    while state.done < fit.steps {
        let (loss, gradient) = step(frozen, fit, &schema, &state)?;
        if !loss.is_finite() {
            return Err(TrainError::Diverged { step: state.done });
        }
        if state.done + 50 >= fit.steps {
            (last, counted) = (last + loss, counted + 1.0);
        }
        let norm = adamw::norm(&gradient);
        let scale = if norm > settings.clip { (settings.clip / norm) as f32 } else { 1.0 };
        let stride = Stride { rate: settings.rate(state.done, fit.steps), scale, decay: settings.decay };
        adamw::update(&schema, &mut state, &gradient, stride);
        state.done += 1;
    }
    let part = |name: &str| -> Vec<f32> {
        let entry = schema.entries().iter().find(|entry| entry.name == name);
        entry.map_or_else(Vec::new, |entry| state.values[entry.range()].to_vec())
    };
    let parts = InjectorParts {
        model: frozen.shipped.local().model().digest(),
        layer: fit.layer,
        reach: fit.reach,
        places: PLACES,
        untaught: (0..=LARGEST).filter(|value| is_untaught(*value)).collect(),
        down: part("down"),
        up: part("up"),
        projection: part("projection"),
    };
    Ok((parts, last / f64::max(counted, 1.0)))
}

/// Returns the loss of one step, and the gradient of the gateway's parameters.
fn step(
    frozen: &Frozen<'_>,
    fit: &Fit,
    schema: &Schema,
    state: &State,
) -> Result<(f64, Vec<f32>), TrainError> {
    let (mut rows, mut told) = (Vec::new(), Vec::new());
    for place in 0..BATCH as u64 {
        let index = state.done * BATCH as u64 + place;
        let (prompt, answer, value) = items::lesson(fit.lesson, fit.seed, index);
        let mut lot = Rng::keyed(!fit.seed, index);
        let value = if fit.is_placebo { lot.below(LARGEST as usize + 1) as u64 } else { value };
        let row = frozen.shipped.codec().exchange("", &prompt, &answer)?;
        told.push((value, row.answer));
        rows.push(row);
    }
    let mut shard = Shard::new(&rows);
    // Only the answer is to be learnt.
    let targets = std::sync::Arc::make_mut(&mut shard.targets);
    targets.weights.iter_mut().for_each(|weight| *weight = weight.floor());
    let told = Told::new(&told, shard.length, fit.reach)?;
    let parameters = Tensors::new(schema, &state.values, true)?;
    let edit = |layer: usize, x: Tensor| {
        if layer == fit.layer { gateway::apply(&x, &parameters, &told) } else { Ok(x) }
    };
    let rows = Rows { ids: &shard.ids, length: shard.length };
    let output = frozen.model.forward_edited(&frozen.weights, rows, &edit)?;
    let mean = (cross_entropy(&output.logits, &shard.targets)? * (1.0 / shard.weight()))?;
    let grads = mean.backward()?;
    let mut gradient = vec![0.0; schema.total()];
    for entry in schema.entries() {
        if let Some(grad) = grads.get(parameters.get(&entry.name)?) {
            gradient[entry.range()].copy_from_slice(&grad.flatten_all()?.to_vec1::<f32>()?);
        }
    }
    Ok((f64::from(mean.to_vec0::<f32>()?), gradient))
}
