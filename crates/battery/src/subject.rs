//! The subject of a battery: a model, its inputs, and the bits that every schedule must give.

use std::sync::Arc;

use backend_cpu::CpuBackend;
use neural::{Backend, Fault, Faulty, Model, NoTraps, PAGE, Session, Snapshot, StateDtype};
use synthetic::Random;

use crate::checkpoints::NamedCheckpoint;
use crate::error::BatteryError;
use crate::inputs::Inputs;

/// A model with random inputs, and the bits that every schedule must give for them.
pub(crate) struct Subject {
    pub(crate) checkpoint: NamedCheckpoint,
    pub(crate) model: Arc<Model<CpuBackend>>,
    pub(crate) inputs: Inputs,
    /// The bits of the logits at every position, computed in chunks that end only at injected rows.
    pub(crate) logits: Vec<u32>,
    /// The snapshot of the session that gave these logits.
    pub(crate) snapshot: Snapshot,
}

impl Subject {
    /// Computes a sequence of `length` positions, or of the model's context if that is shorter.
    pub(crate) fn new(
        checkpoint: NamedCheckpoint,
        state: StateDtype,
        length: usize,
        random: &mut Random,
    ) -> Result<Self, BatteryError> {
        let model = checkpoint.load(state, CpuBackend::best()?)?;
        let config = model.config();
        let length = length.min(config.max_positions);
        let inputs = Inputs::random(random, length, config.vocab_size, config.hidden_size);
        let mut session = Session::open(&model);
        let logits = inputs.feed(&mut session, length, length, &mut NoTraps)?;
        let snapshot = session.snapshot();
        Ok(Self { checkpoint, model, inputs, logits, snapshot })
    }

    /// Loads the same model on another backend.
    pub(crate) fn on<B: Backend>(&self, backend: B) -> Result<Arc<Model<B>>, BatteryError> {
        self.checkpoint.load(self.state(), backend)
    }

    /// Loads the same model on a backend with a fault.
    pub(crate) fn with_fault<B: Backend>(
        &self,
        inner: B,
        fault: Fault,
    ) -> Result<Arc<Model<Faulty<B>>>, BatteryError> {
        self.on(Faulty { inner, fault })
    }

    /// Returns the name of the subject in reports: that of the checkpoint, with `in bf16` after it if the
    /// state is bf16.
    pub(crate) fn name(&self) -> String {
        match self.state() {
            StateDtype::F32 => self.checkpoint.name.clone(),
            StateDtype::Bf16 => format!("{} in bf16", self.checkpoint.name),
        }
    }

    pub(crate) fn state(&self) -> StateDtype {
        self.model.state()
    }

    pub(crate) fn vocab(&self) -> usize {
        self.model.config().vocab_size
    }

    /// Returns the shortest window of the sliding layers; `None` if no layer slides.
    pub(crate) fn window(&self) -> Option<usize> {
        self.model.config().layers.iter().filter_map(|layer| layer.window).min()
    }

    /// Returns true if this is the embedded model with its state in f32, whose answers are frozen.
    pub(crate) fn is_embedded(&self) -> bool {
        self.checkpoint.is_embedded() && self.state() == StateDtype::F32
    }

    /// Returns the positions at which schedules are most likely to break, in ascending order, among them 0
    /// and the last one.
    pub(crate) fn park_points(&self) -> Vec<usize> {
        let length = self.inputs.len();
        let window = self.window().unwrap_or(PAGE);
        let mut points = vec![0, 1, length / 2, length - 1, window - 1, window, window + 1, 2 * window];
        points.retain(|point| *point < length);
        points.sort_unstable();
        points.dedup();
        points
    }
}
