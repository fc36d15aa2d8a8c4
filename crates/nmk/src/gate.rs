//! The hold-out gate over this program's ledger: specifications in files, the notary, and records.

mod drivers;
mod earlier;
mod examination;
mod notary;
mod record;
mod report;
mod spec_file;

use holdout::{Experiment, ExperimentError, Options, Report, Spec};

pub(crate) use drivers::{Drivers, ExecutorName, PYTHON};
pub(crate) use earlier::{Judged, earlier, history};
pub(crate) use examination::{Checked, Executors, Gate};
pub(crate) use notary::{LedgerNotary, RecordedNotary};
pub use record::RecordError;
pub(crate) use record::{Record, read as read_record, written};
pub(crate) use report::{difference, report, shown};
pub use spec_file::SpecFileError;
pub(crate) use spec_file::read as read_spec;

/// Examines one candidate.
///
/// # Errors
/// [`ExperimentError`] if the experiment says nothing about the candidate.
pub(crate) fn examine(
    spec: &Spec,
    candidate: &str,
    drivers: &Drivers,
    options: Options,
    notary: impl holdout::Notary,
    root: &impl det::TrustRoot,
) -> Result<Report, ExperimentError> {
    Experiment::new(spec, candidate, drivers.laboratory(), options, notary).run(root)
}

/// Makes the exam of a record again, with the seed that it has.
///
/// # Errors
/// Fails as [`examine`] does.
pub(crate) fn examine_again(
    record: &Record,
    drivers: &Drivers,
    root: &impl det::TrustRoot,
) -> Result<Report, ExperimentError> {
    // Before its exam nothing is drawn. A candidate that was refused there must be refused there again, and one that comes as
    // far as an exam now differs by that.
    let drawn = record.drawn.unwrap_or(holdout::Drawn { head: record.spec.digest(), entropy: [0; 32] });
    examine(&record.spec, &record.candidate, drivers, record.options, RecordedNotary(drawn), root)
}
