//! The cost signal: the load of the machine, from readings that may be missing.

use crate::Unit;

/// For each resource, the reading at which it is full, before the settings are checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostSettings {
    /// Ready and held tasks at which the queue is full.
    pub queue_soft_cap: f64,
    /// Load per core at which the processors are full.
    pub load_saturate: f64,
    /// Share of memory up to which memory in use costs nothing; below 1.
    pub mem_floor: f64,
    /// Share of the accelerator in use at which it is full.
    pub gpu_saturate: f64,
}

impl CostSettings {
    /// The settings of the reference design, and the defaults of this one.
    pub const REFERENCE: Self =
        Self { queue_soft_cap: 8.0, load_saturate: 1.0, mem_floor: 0.5, gpu_saturate: 0.85 };
}

/// Checked cost settings. Holding one proves that every divisor in [`pressure`](Self::pressure) is positive
/// and finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostModel(CostSettings); // Invariant: what `CostModel::new` checks.

/// The reason why cost settings are refused; each variant names the setting.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum CostError {
    /// A setting is a divisor and not a positive finite number.
    #[error("{setting} is {value}; state a positive finite number")]
    NotPositive {
        /// The name of the setting.
        setting: &'static str,
        /// The number given.
        value: f64,
    },
    /// The memory floor is not in `[0, 1)`.
    #[error("mem_floor is {value}; state a share from 0 to below 1")]
    MemoryFloor {
        /// The number given.
        value: f64,
    },
}

/// The readings that the caller took from the machine. A reading that it could not take is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Readings {
    /// Load average over one minute.
    pub load1: Option<f64>,
    /// Number of processor cores.
    pub cores: Option<u32>,
    /// Memory in use, in percent.
    pub memory_percent: Option<f64>,
    /// Number of tasks that are ready to run.
    pub ready: Option<u32>,
    /// Number of tasks that wait for a part of their job's budget.
    pub held: Option<u32>,
    /// Accelerator in use, in percent.
    pub gpu_percent: Option<f64>,
}

/// A resource of the machine that can be the scarcest one, and so set the cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// The processors.
    Load,
    /// The memory.
    Memory,
    /// The queue of tasks.
    Queue,
    /// The accelerator.
    Gpu,
}

impl Resource {
    /// The name of the resource in audit records. One word for each variant.
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

/// The pressure on each resource, rounded to thousandths. A resource without a reading has 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pressure {
    /// The processors.
    pub load: Unit,
    /// The memory.
    pub memory: Unit,
    /// The queue of tasks.
    pub queue: Unit,
    /// The accelerator.
    pub gpu: Unit,
}

impl Pressure {
    /// Returns the cost signal: the highest pressure, and the resource that has it. Among equals the first of
    /// load, memory, queue and gpu is returned.
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
    /// Checks `settings`, and returns them as a model that computes pressures.
    ///
    /// # Errors
    /// Returns a [`CostError`] that names the setting and its value.
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

    /// Computes the pressure on each resource. A reading that is missing or NaN counts as 0.
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

/// Limits a reading to `[0, 1]` and rounds it to thousandths.
fn share(reading: Option<f64>) -> Unit {
    let rounded = reading.map_or(0.0, |reading| (reading.clamp(0.0, 1.0) * 1000.0).round() / 1000.0);
    Unit::new(rounded).unwrap_or(Unit::ZERO)
}
