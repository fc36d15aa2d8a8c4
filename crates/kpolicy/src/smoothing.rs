//! The smoothed cost: samples of the machine's load, without their jumps.

use crate::{NotUnit, Unit};

/// The settings by which samples are smoothed, as they are written down. [`Smoothed::new`] checks them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Smoothing {
    /// The share of a new sample in the mean of the samples: 1 forgets the earlier ones.
    pub weight: f64,
    /// The width of the hysteresis. A cost falls only when the mean lies further below it than this.
    pub band: f64,
}

impl Smoothing {
    /// The default: a sample counts half, and the cost lags a falling load by a twentieth.
    pub const DEFAULT: Self = Self { weight: 0.5, band: 0.05 };
}

/// The setting of a [`Smoothing`] that is out of range.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum SmoothingError {
    /// The weight is 0, or not a number from 0 to 1.
    #[error("weight is {0}; state a number above 0 and up to 1")]
    Weight(f64),
    /// The band is not a number from 0 to 1.
    #[error("band: {0}")]
    Band(NotUnit),
}

/// A sample of the machine's load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// The cost that a cost model computed from readings.
    Cost(Unit),
    /// A sensor failed, so nobody knows the load. The name of the sensor is kept for records.
    Broken(&'static str),
}

/// The cost after smoothing. It is 1 until the first sample and while a sensor is broken, so that nobody
/// spends on a machine whose load is not known.
#[derive(Clone, Copy, Debug)]
pub struct Smoothed {
    weight: f64,
    band: f64,
    /// The mean of the samples, newer ones counting more. None before the first sample.
    mean: Option<f64>,
    cost: Unit,
    broken: Option<&'static str>,
}

impl Smoothed {
    /// Returns a cost that has seen no sample.
    ///
    /// # Errors
    /// Returns a [`SmoothingError`] that names the setting that is out of range.
    pub fn new(settings: Smoothing) -> Result<Self, SmoothingError> {
        let Smoothing { weight, band } = settings;
        if !(weight > 0.0 && weight <= 1.0) {
            return Err(SmoothingError::Weight(weight));
        }
        let band = Unit::new(band).map_err(SmoothingError::Band)?.get();
        Ok(Self { weight, band, mean: None, cost: Unit::ONE, broken: None })
    }

    /// Takes a sample, and returns the cost after it.
    ///
    /// The cost lies between the mean of the samples and the mean plus the band. So it rises at once with the
    /// mean, and small falls do not move it. A broken sensor counts as a full machine, also in the mean, so the
    /// cost falls only step by step after it.
    pub fn take(&mut self, sample: Sample) -> Unit {
        let (reading, broken) = match sample {
            Sample::Cost(cost) => (cost.get(), None),
            Sample::Broken(sensor) => (1.0, Some(sensor)),
        };
        let mean = match (self.mean, broken) {
            (Some(mean), None) => mean + self.weight * (reading - mean),
            _ => reading,
        };
        let before = if self.mean.is_none() { mean } else { self.cost.get() };
        // Thousandths, so that the mean of a full machine becomes 1 and does not only approach it.
        let rounded = (before.clamp(mean, mean + self.band) * 1000.0).round() / 1000.0;
        self.cost = Unit::clamped(rounded).unwrap_or(Unit::ONE);
        (self.mean, self.broken) = (Some(mean), broken);
        self.cost
    }

    /// Returns the cost after the last sample.
    #[must_use]
    pub const fn cost(&self) -> Unit {
        self.cost
    }

    /// Returns the name of the sensor that was broken in the last sample. None if it had a cost.
    #[must_use]
    pub const fn broken(&self) -> Option<&'static str> {
        self.broken
    }
}
