//! The cost signal: how loaded the machine is, from readings that may be missing.

use crate::Unit;

/// Where each resource begins to cost and where it is full, before it is checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostSettings {
    /// Tasks ready or held at which the queue is full.
    pub queue_soft_cap: f64,
    /// Load per core at which the processors are full.
    pub load_saturate: f64,
    /// Share of memory in use up to which memory costs nothing; below 1.
    pub mem_floor: f64,
    /// Share of the accelerator in use at which it is full.
    pub gpu_saturate: f64,
}

impl CostSettings {
    /// The settings of the reference.
    pub const REFERENCE: Self =
        Self { queue_soft_cap: 8.0, load_saturate: 1.0, mem_floor: 0.5, gpu_saturate: 0.85 };
}

/// Cost settings that divide by nothing but positive numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostModel(CostSettings); // Invariant: what `CostModel::new` checks.

/// Why cost settings are not a model.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum CostError {
    /// A point of saturation is not a positive finite number.
    #[error("{setting} is {value}; state a positive finite number")]
    NotPositive {
        /// Name of the setting.
        setting: &'static str,
        /// The number stated.
        value: f64,
    },
    /// The memory floor is not in `[0, 1)`.
    #[error("mem_floor is {value}; state a share from 0 to below 1")]
    MemoryFloor {
        /// The number stated.
        value: f64,
    },
}

/// What the caller read from the machine; what it could not read is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Readings {
    /// Load average over one minute.
    pub load1: Option<f64>,
    /// Processor cores.
    pub cores: Option<u32>,
    /// Memory in use, in percent.
    pub memory_percent: Option<f64>,
    /// Tasks that are ready to run.
    pub ready: Option<u32>,
    /// Tasks that are held back.
    pub held: Option<u32>,
    /// Accelerator in use, in percent.
    pub gpu_percent: Option<f64>,
}

/// A resource that can be the scarcest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Processors.
    Load,
    /// Memory.
    Memory,
    /// The queue of tasks.
    Queue,
    /// The accelerator.
    Gpu,
}

impl Resource {
    /// The word that stands for the resource in audits.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Memory => "memory",
            Self::Queue => "queue",
            Self::Gpu => "gpu",
        }
    }
}

/// How full each resource is, in steps of a thousandth; 0 where nothing was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pressure {
    /// Processors.
    pub load: Unit,
    /// Memory.
    pub memory: Unit,
    /// The queue of tasks.
    pub queue: Unit,
    /// The accelerator.
    pub gpu: Unit,
}

impl Pressure {
    /// The cost signal: the pressure on the scarcest resource, and which that is (the first of
    /// load, memory, queue and gpu among equals).
    #[must_use]
    pub fn cost(&self) -> (Unit, Resource) {
        let others =
            [(self.memory, Resource::Memory), (self.queue, Resource::Queue), (self.gpu, Resource::Gpu)];
        others.into_iter().fold(
            (self.load, Resource::Load),
            |most, other| {
                if other.0 > most.0 { other } else { most }
            },
        )
    }
}

impl CostModel {
    /// Checks `settings`.
    ///
    /// # Errors
    /// [`CostError`] naming the setting.
    pub fn new(settings: CostSettings) -> Result<Self, CostError> {
        let positive = [
            ("queue_soft_cap", settings.queue_soft_cap),
            ("load_saturate", settings.load_saturate),
            ("gpu_saturate", settings.gpu_saturate),
        ];
        for (setting, value) in positive {
            if !(value > 0.0 && value.is_finite()) {
                return Err(CostError::NotPositive { setting, value });
            }
        }
        if !(0.0..1.0).contains(&settings.mem_floor) {
            return Err(CostError::MemoryFloor { value: settings.mem_floor });
        }
        Ok(Self(settings))
    }

    /// The pressure that `readings` show. A reading that is missing, NaN or of nothing counts as 0.
    #[must_use]
    pub fn pressure(&self, readings: &Readings) -> Pressure {
        let CostSettings { queue_soft_cap, load_saturate, mem_floor, gpu_saturate } = self.0;
        let tasks = f64::from(readings.ready.unwrap_or(0)) + f64::from(readings.held.unwrap_or(0));
        let per_core = |load: f64| readings.cores.map(|cores| load / f64::from(cores));
        Pressure {
            load: share(readings.load1.and_then(per_core).map(|load| load / load_saturate)),
            memory: share(readings.memory_percent.map(|used| (used / 100.0 - mem_floor) / (1.0 - mem_floor))),
            queue: share(Some(tasks / queue_soft_cap)),
            gpu: share(readings.gpu_percent.map(|used| used / 100.0 / gpu_saturate)),
        }
    }
}

fn share(reading: Option<f64>) -> Unit {
    let rounded = reading.map_or(0.0, |reading| (reading.clamp(0.0, 1.0) * 1000.0).round() / 1000.0);
    Unit::new(rounded).unwrap_or(Unit::ZERO)
}
