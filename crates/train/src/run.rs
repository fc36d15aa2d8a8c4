//! A training run: its plan, its steps, and its state between two steps.

use crate::TrainError;
use crate::adamw::{self, Moments, Settings, Stride};
use crate::batch::{self, Cut, Shard};
use crate::checkpoint::{self, State};
use crate::codec::{Codec, Corpus};
use crate::config::Config;
use crate::held_out;
use crate::model::Model;
use crate::params::Schema;
use crate::step;
use std::path::Path;

/// The plan of a training run: everything that determines its bits, and the number of threads.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The configuration of the model that is trained.
    pub config: Config,
    /// The seed of the corpus and of the first values.
    pub seed: u64,
    /// Number of optimiser steps of the whole run, over which the learning rate falls.
    pub steps: u64,
    /// The sizes by which the corpus is cut into steps.
    pub cut: Cut,
    /// The settings of the optimiser.
    pub settings: Settings,
    /// Number of worker threads. The bits of the run do not depend on it.
    pub threads: usize,
}

impl Plan {
    /// Returns the plan with which the shipped model was trained, on `threads` threads.
    #[must_use]
    pub fn shipped(threads: usize) -> Self {
        let settings = Settings { peak: 3e-3, floor: 0.02, warmup: 200, decay: 0.1, clip: 1.0 };
        let cut = Cut { shards: 4, tokens: 1024, block: 64, item_tokens: 31, corpus: Corpus::Talk };
        Self { config: Config::shipped(), seed: 1, steps: 7_200, cut, settings, threads }
    }

    /// Returns the plan with which the model `coder` was trained, on `threads` threads.
    #[must_use]
    pub fn coder(threads: usize) -> Self {
        let shipped = Self::shipped(threads);
        let cut =
            Cut { tokens: 512, block: 128, item_tokens: CODE_TOKENS, corpus: Corpus::Code, ..shipped.cut };
        let settings = Settings { peak: 2.5e-3, ..shipped.settings };
        Self { steps: CODER_STEPS, cut, settings, ..shipped }
    }

    /// Returns a number that differs between plans that give different bits. The number of threads is not
    /// part of it.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        held_out::text_hash(&format!("{:?}", Self { threads: 0, ..self.clone() }), 0)
    }

    /// Returns true if this is a plan for the miniature configuration.
    #[must_use]
    pub fn is_tiny(&self) -> bool {
        self.config == Config::tiny()
    }

    /// Returns a plan for the miniature configuration on the corpus of functions.
    #[must_use]
    pub fn tiny_coder(threads: usize) -> Self {
        let tiny = Self::tiny(threads);
        let cut = Cut { item_tokens: CODE_TOKENS, corpus: Corpus::Code, ..tiny.cut };
        Self { cut, ..tiny }
    }

    /// Returns a plan for the miniature configuration, whose run takes only seconds.
    #[must_use]
    pub fn tiny(threads: usize) -> Self {
        let settings = Settings { peak: 3e-3, floor: 0.02, warmup: 5, decay: 0.05, clip: 1.0 };
        let cut = Cut { shards: 4, tokens: 256, block: 16, item_tokens: 31, corpus: Corpus::Talk };
        Self { config: Config::tiny(), seed: 1, steps: 100, cut, settings, threads }
    }
}

/// Number of optimiser steps of the model `coder`.
const CODER_STEPS: u64 = 3_500;
/// A low estimate of the tokens of an item in the corpus of functions.
const CODE_TOKENS: usize = 140;

/// The results of one optimiser step, for the loss curve and the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Number of optimiser steps that are finished, this one included.
    pub done: u64,
    /// The weighted mean cross-entropy of the step, in nats per token.
    pub loss: f64,
    /// The norm of the gradient before clipping.
    pub norm: f64,
    /// The learning rate of the step.
    pub rate: f64,
    /// Number of tokens in the step, padding included.
    pub tokens: usize,
    /// The number of rows that went to each expert, layer by layer of the sparse layers.
    pub loads: Vec<Vec<usize>>,
}

/// A training run between two steps, with its parameters and the state of its optimiser.
pub struct Run {
    plan: Plan,
    model: Model,
    schema: Schema,
    codec: Codec,
    state: State,
    block: Option<(u64, Vec<Shard>)>,
}

impl Run {
    /// Creates a run at its start, with the random first values of its seed.
    #[must_use]
    pub fn new(plan: Plan, codec: Codec) -> Self {
        let schema = Schema::new(&plan.config);
        let values = schema.initial(plan.seed);
        let moments = Moments::new(schema.total());
        let state = State { plan: plan.fingerprint(), done: 0, values, moments };
        Self { model: Model::new(plan.config.clone()), schema, codec, state, plan, block: None }
    }

    /// Creates a run that continues from a saved state.
    ///
    /// # Errors
    /// [`TrainError`] if the state cannot be read, or belongs to another plan.
    pub fn resume(plan: Plan, codec: Codec, path: &Path) -> Result<Self, TrainError> {
        let mut run = Self::new(plan, codec);
        run.state = checkpoint::load_state(path, &run.schema)?;
        if run.state.plan != run.plan.fingerprint() {
            return Err(TrainError::OtherPlan { path: path.to_owned() });
        }
        Ok(run)
    }

    /// Returns the state of the run after the last finished step.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Returns the layout of the parameters in the flat vector of the state.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Returns the shards of the next step.
    fn shards(&mut self) -> Result<Vec<Shard>, TrainError> {
        let steps_per_block = (self.plan.cut.block / self.plan.cut.shards) as u64;
        let (number, place) = (self.state.done / steps_per_block, self.state.done % steps_per_block);
        if self.block.as_ref().is_none_or(|(current, _)| *current != number) {
            let shards = batch::block(&self.codec, self.plan.cut, self.plan.seed, number)?;
            self.block = Some((number, shards));
        }
        let from = place as usize * self.plan.cut.shards;
        let shards = self.block.iter().flat_map(|(_, shards)| shards);
        Ok(shards.skip(from).take(self.plan.cut.shards).cloned().collect())
    }

    /// Makes one optimiser step and returns its results.
    ///
    /// # Errors
    /// [`TrainError`] if the gradient is not finite, or the corpus cannot be encoded.
    pub fn step(&mut self) -> Result<Progress, TrainError> {
        let shards = self.shards()?;
        let done = self.state.done;
        let gradient =
            step::gradient(&self.model, &self.schema, &self.state.values, &shards, self.plan.threads)?;
        let norm = adamw::norm(&gradient.values);
        if !norm.is_finite() {
            return Err(TrainError::Diverged { step: done });
        }
        let settings = self.plan.settings;
        let scale = (settings.clip / norm.max(settings.clip)) as f32;
        let rate = settings.rate(done, self.plan.steps);
        let stride = Stride { rate, scale, decay: settings.decay };
        adamw::update(&self.schema, &mut self.state, &gradient.values, stride);
        self.state.done += 1;
        let tokens = shards.iter().map(|shard| shard.ids.len()).sum();
        Ok(Progress { done: done + 1, loss: gradient.loss, norm, rate, tokens, loads: gradient.loads })
    }
}
