//! The load of this machine, from the sensors of its operating system.

mod nvidia;
mod pressure;

use std::num::NonZero;
use std::path::Path;
use std::thread;
use std::time::Duration;

use kpolicy::{Readings, Sample, Smoothed, Smoothing, Unit};
use sysinfo::{CpuRefreshKind, MINIMUM_CPU_UPDATE_INTERVAL, RefreshKind, System};

use crate::config::{CostSource, Spending};

/// The number of samples from which the load is taken.
const SAMPLES: u32 = 3;

/// A sensor that is there and cannot be read. Where one is, the machine counts as full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sensor of the {0} cannot be read")]
pub(crate) struct Broken(pub(crate) &'static str);

impl Broken {
    /// Returns the note that says what the broken sensor has done to decisions.
    pub(crate) fn note(&self) -> String {
        format!("note: {self}, so the machine counts as full, and nothing more was spent than must be")
    }
}

/// The load of the machine as a decision takes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) cost: Unit,
    /// The sensor because of which the cost is 1. None if the load is known.
    pub(crate) broken: Option<Broken>,
}

/// Returns the load that the configuration states, or measures it, which takes most of a second.
pub(crate) fn load(spending: &Spending) -> Load {
    match spending.cost {
        CostSource::Stated(cost) => Load { cost, broken: None },
        CostSource::Machine => measured(spending),
    }
}

fn measured(spending: &Spending) -> Load {
    let model = spending.model();
    let mut smoothed = Smoothed::new(Smoothing::DEFAULT).expect("the default is valid");
    let mut sensors = Sensors::new();
    for _ in 0..SAMPLES {
        let read = sensors.as_mut().map_err(|broken| *broken).and_then(Sensors::read);
        smoothed.take(match read {
            Ok(readings) => Sample::Cost(model.pressure(&readings).cost().0),
            Err(Broken(sensor)) => Sample::Broken(sensor),
        });
    }
    Load { cost: smoothed.cost(), broken: smoothed.broken().map(Broken) }
}

/// The sensors of the machine.
pub(crate) struct Sensors {
    system: System,
}

impl Sensors {
    /// Returns the sensors, of which [`read`](Self::read) reads the time from now on.
    ///
    /// # Errors
    /// Returns [`Broken`] if the operating system tells nothing.
    pub(crate) fn new() -> Result<Self, Broken> {
        let kinds = RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing().with_usage());
        let system = System::new_with_specifics(kinds).map_err(|_| Broken("system"))?;
        Ok(Self { system })
    }

    /// Returns the readings of the time since the last call. The call waits until that is long enough to be measured.
    ///
    /// # Errors
    /// Returns [`Broken`] if a sensor is there and cannot be read. One that the machine does not have is left out.
    pub(crate) fn read(&mut self) -> Result<Readings, Broken> {
        thread::sleep(MINIMUM_CPU_UPDATE_INTERVAL.max(Duration::from_millis(200)));
        self.system.refresh_cpu_usage();
        self.system.refresh_memory();
        let cores = u32::try_from(self.system.cpus().len()).ok().and_then(NonZero::new);
        let (total, available) = (self.system.total_memory(), self.system.available_memory());
        let confined = self.system.cgroup_limits().map(|limits| (limits.total_memory, limits.free_memory));
        let used = used_percent(total, available).ok_or(Broken("memory"))?;
        let used =
            confined.and_then(|(total, free)| used_percent(total, free)).map_or(used, |own| own.max(used));
        Ok(Readings {
            load1: Some(number(System::load_average().map_err(|_| Broken("load"))?.one, "load")?),
            cores: Some(cores.ok_or(Broken("processors"))?.get()),
            cpu_percent: Some(number(f64::from(self.system.global_cpu_usage()), "processors")?),
            cpu_stall_percent: pressure::some_avg10(Path::new("/proc/pressure/cpu"))?,
            memory_percent: Some(used),
            memory_stall_percent: pressure::some_avg10(Path::new("/proc/pressure/memory"))?,
            gpu_percent: larger(
                pressure::gpu_busy(Path::new("/sys/class/drm"))?,
                nvidia::busy(Path::new(nvidia::DRIVER), &nvidia::ASK)?,
            ),
            ..Readings::default()
        })
    }
}

/// Returns the larger of two readings, as far as there are any.
fn larger(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    one.into_iter().chain(other).reduce(f64::max)
}

/// Returns the pressure of tasks that are ready and find no free worker, or that are held. It is nothing on a machine whose
/// load is stated: the statement counts for all of it.
pub(crate) fn queue(spending: &Spending, ready: u32, held: u32) -> Unit {
    match spending.cost {
        CostSource::Stated(_) => Unit::ZERO,
        CostSource::Machine => {
            let waiting = Readings { ready: Some(ready), held: Some(held), ..Readings::default() };
            spending.model().pressure(&waiting).queue
        }
    }
}

/// Returns the share of memory in use, in percent. None if there is none at all, or more free than there is.
fn used_percent(total: u64, free: u64) -> Option<f64> {
    let used = total.checked_sub(free).filter(|_| total > 0)?;
    Some(used as f64 / total as f64 * 100.0)
}

fn number(reading: f64, sensor: &'static str) -> Result<f64, Broken> {
    if reading.is_finite() && reading >= 0.0 { Ok(reading) } else { Err(Broken(sensor)) }
}

#[cfg(test)]
mod tests {
    use kpolicy::Unit;

    use super::{Broken, larger, number, queue, used_percent};
    use crate::config::{CostSource, Spending};

    #[test]
    fn waiting_tasks_are_a_pressure_where_the_load_is_measured() {
        let stated = Spending::reference();
        let measured = Spending { cost: CostSource::Machine, ..stated };
        assert_eq!(queue(&stated, 9, 9), Unit::ZERO);
        assert_eq!(queue(&measured, 2, 2), Unit::HALF);
        assert_eq!(queue(&measured, 20, 0), Unit::ONE);
        assert_eq!((larger(None, None), larger(Some(1.0), Some(2.0))), (None, Some(2.0)));
    }

    #[test]
    fn what_cannot_be_is_no_reading() {
        assert_eq!(used_percent(0, 0), None);
        assert_eq!(used_percent(10, 20), None);
        assert_eq!(used_percent(100, 25), Some(75.0));
        for reading in [f64::NAN, -1.0, f64::INFINITY] {
            assert_eq!(number(reading, "load"), Err(Broken("load")));
        }
        assert_eq!(number(0.5, "load"), Ok(0.5));
    }
}
