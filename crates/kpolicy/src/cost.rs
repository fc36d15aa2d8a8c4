//! The cost signal: the load of the machine, from readings that may be missing.

use crate::Unit;

/// For each resource of the machine, the reading at which it counts as full. [`CostModel::new`] checks them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostSettings {
    /// The number of ready and held tasks at which the queue counts as full.
    pub queue_soft_cap: f64,
    /// The load average per core at which the processors count as full.
    pub load_saturate: f64,
    /// The share of memory in use, from 0 to below 1, up to which memory costs nothing.
    pub mem_floor: f64,
    /// The share of the accelerator in use at which it counts as full.
    pub gpu_saturate: f64,
}

impl CostSettings {
    /// The settings of the reference implementation, which are also the defaults here.
    pub const REFERENCE: Self =
        Self { queue_soft_cap: 8.0, load_saturate: 1.0, mem_floor: 0.5, gpu_saturate: 0.85 };
}

/// Checked [`CostSettings`]. Holding one proves that every divisor in [`pressure`](Self::pressure) is
/// positive and finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostModel(CostSettings); // Invariant: what `CostModel::new` checks.

/// The reason why [`CostSettings`] are refused. Each variant names the setting.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum CostError {
    /// A setting by which a reading is divided is not a positive finite number.
    #[error("{setting} is {value}; state a positive finite number")]
    NotPositive {
        /// The name of the setting, as the field of [`CostSettings`] spells it.
        setting: &'static str,
        /// The value of the setting, which is zero, negative, infinite or NaN.
        value: f64,
    },
    /// `mem_floor` is not a number from 0 to below 1.
    #[error("mem_floor is {value}; state a share from 0 to below 1")]
    MemoryFloor {
        /// The value of `mem_floor`, which is outside the range.
        value: f64,
    },
}

/// Readings that the caller took from the machine. A reading that could not be taken is None.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Readings {
    /// The load average over one minute: the average number of runnable tasks.
    pub load1: Option<f64>,
    /// The number of processor cores, by which the load average is divided.
    pub cores: Option<u32>,
    /// The share of the processors in use, in percent. The load average lags a minute behind it.
    pub cpu_percent: Option<f64>,
    /// The share of time in which some task waited for a processor, in percent.
    pub cpu_stall_percent: Option<f64>,
    /// The share of the memory in use, in percent.
    pub memory_percent: Option<f64>,
    /// The share of time in which some task waited for memory, in percent.
    pub memory_stall_percent: Option<f64>,
    /// The number of tasks that are ready to run.
    pub ready: Option<u32>,
    /// The number of tasks that wait for budget which running tasks of their job may return.
    pub held: Option<u32>,
    /// The share of the accelerator in use, in percent.
    pub gpu_percent: Option<f64>,
}

/// A resource of the machine. The fullest one sets the cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// The processors, by their load average.
    Load,
    /// The memory, by the share in use.
    Memory,
    /// The scheduler's queue, by the number of tasks in it.
    Queue,
    /// The accelerator, by the share in use.
    Gpu,
}

impl Resource {
    /// Returns the word that stands for the resource in audit records, for example `memory`.
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

/// The pressure on each resource: 0 is idle and 1 is full, in steps of a thousandth. A resource without a
/// reading has 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pressure {
    /// The pressure on the processors: the largest of load average, use and stalls.
    pub load: Unit,
    /// The pressure on the memory: its use, which counts from [`CostSettings::mem_floor`] on, or stalls.
    pub memory: Unit,
    /// The pressure on the scheduler's queue of tasks.
    pub queue: Unit,
    /// The pressure on the accelerator, from its share in use.
    pub gpu: Unit,
}

impl Pressure {
    /// Returns the cost signal: the pressure on the fullest resource, and that resource. Of equally full
    /// ones, the first of load, memory, queue and gpu is returned.
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
    /// Returns a [`CostError`] that names the first setting that is out of range, and its value.
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

    /// Returns the pressure on each resource. A reading that is missing or NaN counts as 0.
    #[must_use]
    pub fn pressure(&self, readings: &Readings) -> Pressure {
        let CostSettings { queue_soft_cap, load_saturate, mem_floor, gpu_saturate } = self.0;
        let tasks = f64::from(readings.ready.unwrap_or(0)) + f64::from(readings.held.unwrap_or(0));
        let per_core = |load: f64| readings.cores.map(|cores| load / f64::from(cores));
        Pressure {
            load: share(readings.load1.and_then(per_core).map(|load| load / load_saturate))
                .max(percent(readings.cpu_percent))
                .max(percent(readings.cpu_stall_percent)),
            memory: share(readings.memory_percent.map(|used| (used / 100.0 - mem_floor) / (1.0 - mem_floor)))
                .max(percent(readings.memory_stall_percent)),
            queue: share(Some(tasks / queue_soft_cap)),
            gpu: share(readings.gpu_percent.map(|used| used / 100.0 / gpu_saturate)),
        }
    }
}

/// Returns the share that a reading in percent states.
fn percent(reading: Option<f64>) -> Unit {
    share(reading.map(|percent| percent / 100.0))
}

/// Limits a reading to the range from 0 to 1 and rounds it to thousandths. A missing reading gives 0.
fn share(reading: Option<f64>) -> Unit {
    let rounded = reading.map_or(0.0, |reading| (reading.clamp(0.0, 1.0) * 1000.0).round() / 1000.0);
    Unit::new(rounded).unwrap_or(Unit::ZERO)
}
