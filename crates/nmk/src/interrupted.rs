//! Jobs that a process left open when it ended: the next writer ends them, with a cause.

use std::collections::BTreeSet;

use abi::{JobId, Journal};
use ledger::{JobClaim, Ledger, LedgerError};
use sched::{BlobDigests, Record};

use crate::{Error, surroundings};

/// The cause that the history gives for such a job.
const CAUSE: &str = "the process ended before the job did";

/// Ends every job that is open in the ledger and that no living process works on. Returns their number.
///
/// Also removes the claims of processes that were killed before they opened their job, or after they ended it.
///
/// # Errors
/// [`LedgerError`] if the ledger cannot be read or appended to.
pub(crate) fn close(ledger: &mut Ledger) -> Result<usize, LedgerError> {
    let mut jobs: BTreeSet<JobId> = ledger.claimed()?.into_iter().collect();
    jobs.extend(ledger.open_jobs());
    let mut claims = Vec::new();
    for job in jobs {
        // A job that is claimed belongs to a process that still runs.
        if let Some(claim) = ledger.claim(job)? {
            claims.push((job, claim));
        }
    }
    if claims.is_empty() {
        return Ok(0);
    }
    // The process may have ended its job since the ledger was opened, or another one may have closed it.
    ledger.refresh()?;
    let open: BTreeSet<JobId> = ledger.open_jobs().collect();
    let closing = |job| {
        Record::Abstained { job, reason: CAUSE.to_owned(), at: None }.into_entry(&BlobDigests::default())
    };
    let entries: Vec<_> =
        claims.iter().map(|(job, _)| *job).filter(|job| open.contains(job)).map(closing).collect();
    if !entries.is_empty() {
        ledger.append(&entries)?;
    }
    Ok(entries.len())
}

/// Draws the number of a new job, and claims it for this process.
///
/// A number has 64 random bits, so the history need not be searched for it: among a million jobs, a draw meets a taken
/// number with a probability below 10^-13, and `nmk ledger trace` reports a job that was opened twice.
///
/// # Errors
/// [`Error`] if the system gives no entropy, or the ledger's folder cannot be written.
pub(crate) fn begin(ledger: &Ledger) -> Result<(JobId, JobClaim), Error> {
    loop {
        let job = surroundings::draw_job()?;
        let claim = ledger.claim(job).map_err(|cause| crate::engine::refused(ledger.path(), cause))?;
        if let Some(claim) = claim {
            return Ok((job, claim));
        }
    }
}
