//! The description of a battery.

use std::sync::Arc;

use backend_cpu::CpuBackend;
use neural::{Fault, Faulty, Model};
use synthetic::Random;

use crate::error::BatteryError;
use crate::runner::Options;
use crate::subject::Subject;
use crate::tally::Tally;

/// A claim about schedules, how it is checked, and what must break it.
pub(crate) struct Battery {
    /// The name on the command line and in reports.
    pub(crate) name: &'static str,
    /// Returns why the battery cannot be run on these subjects; none where it can.
    pub(crate) needs: fn(&[Subject]) -> Option<&'static str>,
    /// Faults that must be noticed wherever they can show.
    pub(crate) faults: &'static [Fault],
    /// A change that must have an effect, so that its absence means something.
    pub(crate) effect: Option<Effect>,
    /// The least number of positions that the sessions of the battery reach on a subject, at least.
    pub(crate) reaches: fn(&Subject) -> usize,
    /// Returns subjects on which the battery runs beside those that were asked for.
    pub(crate) further: fn(&Options, &mut Random) -> Result<Vec<Subject>, BatteryError>,
    /// The check.
    pub(crate) run: Run,
}

/// A change that must have an effect.
pub(crate) struct Effect {
    /// The name in reports.
    pub(crate) name: &'static str,
    /// Returns true if bits differ.
    pub(crate) shows: fn(&Subject) -> Result<bool, BatteryError>,
}

/// The way in which a battery is checked. A check is one function over any backend; it is named here twice, once for the backend as it
/// is and once for the backend with a fault.
pub(crate) enum Run {
    /// Each subject by itself.
    Each {
        /// The check on the backend.
        sound: Each<CpuBackend>,
        /// The check on the backend with a fault.
        faulty: Each<Faulty<CpuBackend>>,
    },
    /// All subjects together.
    Together {
        /// The check on the backend.
        sound: Together,
        /// A check of each subject on the backend with a fault.
        faulty: Each<Faulty<CpuBackend>>,
    },
}

/// A check of one subject, whose model is that of the checkpoint on some backend.
pub(crate) type Each<B> = fn(&Arc<Model<B>>, &mut Trial<'_>) -> Result<(), BatteryError>;

/// A check of all subjects, which says how many of its cells are done, and of how many.
pub(crate) type Together =
    fn(&[Subject], &Options, &mut dyn FnMut(usize, usize), &mut Tally) -> Result<(), BatteryError>;

/// The inputs and the tally of a check of one subject.
pub(crate) struct Trial<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) options: &'a Options,
    pub(crate) random: &'a mut Random,
    pub(crate) tally: &'a mut Tally,
}

/// For batteries that run on any subjects.
pub(crate) fn nothing(_: &[Subject]) -> Option<&'static str> {
    None
}

/// For batteries whose sessions go through all inputs.
pub(crate) fn all_inputs(subject: &Subject) -> usize {
    subject.inputs.len()
}

/// For batteries that run on the subjects that were asked for alone.
pub(crate) fn none_further(_: &Options, _: &mut Random) -> Result<Vec<Subject>, BatteryError> {
    Ok(Vec::new())
}
