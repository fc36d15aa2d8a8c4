//! The hold-out gate over this program's ledger: specifications in files, the notary, and records.

mod earlier;
mod notary;
mod record;
mod report;
mod spec_file;

use holdout::{Cpython, Experiment, ExperimentError, Laboratory, Options, Report, Spec};
use sandbox::{Launcher, Limits, Pool, Python, SandboxError};

pub(crate) use earlier::{Judged, earlier};
pub(crate) use notary::{LedgerNotary, RecordedNotary};
pub use record::RecordError;
pub(crate) use record::{read as read_record, written};
pub(crate) use report::{report, shown};
pub use spec_file::SpecFileError;
pub(crate) use spec_file::read as read_spec;

/// The workers that are kept ready.
const READY: usize = 2;

/// Returns the driver that runs Python, by the interpreter with this name or path.
///
/// # Errors
/// [`SandboxError`] if the interpreter cannot be used.
pub(crate) fn driver(python: &std::path::Path) -> Result<Cpython, SandboxError> {
    let launcher = Launcher::from_this_program(Python::find(python)?, Limits::DEFAULT)?;
    Ok(Cpython::new(Pool::new(launcher, READY)))
}

/// Examines one candidate.
///
/// # Errors
/// [`ExperimentError`] if the experiment says nothing about the candidate.
pub(crate) fn examine(
    spec: &Spec,
    candidate: &str,
    driver: &Cpython,
    options: Options,
    notary: impl holdout::Notary,
    root: &impl det::TrustRoot,
) -> Result<Report, ExperimentError> {
    let laboratory = Laboratory { candidate: driver, helper: Some(driver) };
    Experiment::new(spec, candidate, laboratory, options, notary).run(root)
}
