//! The description of a battery.

use std::sync::Arc;

use backend_cpu::CpuBackend;
use gpu::GpuBackend;
use neural::{Fault, Faulty, Model};
use synthetic::Random;

use crate::error::BatteryError;
use crate::runner::Options;
use crate::subject::Subject;
use crate::tally::Tally;

/// A check that one sequence has the same bits in many schedules, with the faults that must make it fail.
pub(crate) struct Battery {
    /// The name of the battery on the command line and in reports.
    pub(crate) name: &'static str,
    /// Returns the reason why the battery cannot be run on these subjects; `None` if it can.
    pub(crate) needs: fn(&[Subject]) -> Option<&'static str>,
    /// The faults that the battery must notice on every subject on which they can show.
    pub(crate) faults: &'static [Fault],
    /// A change that must have an effect on the bits, because otherwise equal bits would mean nothing.
    pub(crate) effect: Option<Effect>,
    /// Returns a number of positions that every session of the battery reaches on a subject at least. Faults
    /// of windows show only past the window.
    pub(crate) reaches: fn(&Subject) -> usize,
    /// Returns subjects on which the battery runs beside those that the options ask for.
    pub(crate) further: fn(&Options, &mut Random) -> Result<Vec<Subject>, BatteryError>,
    /// The check itself, for a backend without and with a fault.
    pub(crate) run: Run,
}

/// A change that must have an effect on the bits.
pub(crate) struct Effect {
    /// The name of the change in reports.
    pub(crate) name: &'static str,
    /// Returns true if the change makes bits differ on a subject.
    pub(crate) shows: fn(&Subject) -> Result<bool, BatteryError>,
}

/// The way in which a battery is run.
pub(crate) enum Run {
    /// The check runs on each subject by itself.
    Each(Checks),
    /// The check runs on all subjects together.
    Together {
        /// The check on the backend as it is.
        sound: Together,
        /// A check of each subject by itself, on a backend with a fault.
        each: Checks,
    },
}

/// One check on every backend. A check is one function over any backend, which [`on_every_backend`] names for
/// each.
pub(crate) struct Checks {
    pub(crate) cpu: Each<CpuBackend>,
    pub(crate) cpu_with_fault: Each<Faulty<CpuBackend>>,
    pub(crate) gpu: Each<GpuBackend>,
    pub(crate) gpu_with_fault: Each<Faulty<GpuBackend>>,
}

/// Makes the [`Checks`] of a function that is generic over the backend.
macro_rules! on_every_backend {
    ($check:ident) => {
        $crate::battery::Checks { cpu: $check, cpu_with_fault: $check, gpu: $check, gpu_with_fault: $check }
    };
}

pub(crate) use on_every_backend;

/// A check of one subject, given its model on some backend.
pub(crate) type Each<B> = fn(&Arc<Model<B>>, &mut Trial<'_>) -> Result<(), BatteryError>;

/// A check of all subjects. It reports the number of cells that are done, and the number of all cells.
pub(crate) type Together =
    fn(&[Subject], &Options, &mut dyn FnMut(usize, usize), &mut Tally) -> Result<(), BatteryError>;

/// The subject, the options and the tally of one check.
pub(crate) struct Trial<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) options: &'a Options,
    pub(crate) random: &'a mut Random,
    pub(crate) tally: &'a mut Tally,
}

/// Returns `None`, for batteries that can be run on any subjects.
pub(crate) fn nothing(_: &[Subject]) -> Option<&'static str> {
    None
}

/// Returns the number of all inputs, for batteries whose sessions go through all of them.
pub(crate) fn all_inputs(subject: &Subject) -> usize {
    subject.inputs.len()
}

/// Returns no subjects, for batteries that run only on those that the options ask for.
pub(crate) fn none_further(_: &Options, _: &mut Random) -> Result<Vec<Subject>, BatteryError> {
    Ok(Vec::new())
}
