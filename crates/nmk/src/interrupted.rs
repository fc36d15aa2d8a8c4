//! Jobs that a process left open when it ended: the next writer ends them, with a cause.

use std::collections::{BTreeMap, BTreeSet};

use abi::{JobId, Journal};
use ledger::{JobClaim, Ledger, LedgerError};
use sched::{BlobDigests, Record};

use crate::{Error, surroundings};

/// The cause that the history gives for such a job.
pub(crate) const CAUSE: &str = "the process ended before the job did";

/// Ends every job that is open in the ledger and that no living process works on. Returns their number.
///
/// Also removes the claims of processes that were killed before they opened their job, or after they ended it.
///
/// # Errors
/// [`LedgerError`] if the ledger cannot be read or appended to.
pub(crate) fn close(ledger: &mut Ledger) -> Result<usize, LedgerError> {
    let mut jobs: BTreeSet<JobId> = ledger.claimed()?.into_iter().collect();
    jobs.extend(ledger.open_jobs());
    let mut claims = BTreeMap::new();
    for job in jobs {
        // A job that is claimed belongs to a process that still runs.
        if let Some(claim) = ledger.claim(job)? {
            claims.insert(job, claim);
        }
    }
    let closing = |job| {
        Record::Abstained { job, reason: CAUSE.to_owned(), at: None }.into_entry(&BlobDigests::default())
    };
    while !claims.is_empty() {
        // The process may have ended its job since the ledger was opened, or another one may have closed it.
        ledger.refresh()?;
        let open: BTreeSet<JobId> = ledger.open_jobs().collect();
        claims.retain(|job, _| open.contains(job));
        let entries: Vec<_> = claims.keys().copied().map(closing).collect();
        if entries.is_empty() {
            break;
        }
        match ledger.append(&entries) {
            Ok(_) => return Ok(entries.len()),
            // Somebody removed files of claims, and another process closes the job too. Each round leaves one job out.
            Err(LedgerError::JobEnded { job } | LedgerError::ClaimLost { job, .. }) => {
                drop(claims.remove(&job));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(0)
}

/// Draws the number of a new job, and claims it for this process.
///
/// A number has 64 random bits, so the history need not be searched for it: among a million jobs, a draw meets a taken
/// number with a probability below 10^-13, and `nmk ledger trace` reports a job that was opened twice.
///
/// # Errors
/// [`Error`] if the system gives no entropy, or the ledger's folder cannot be written.
pub(crate) fn begin(ledger: &mut Ledger) -> Result<(JobId, JobClaim), Error> {
    loop {
        let job = surroundings::draw_job()?;
        let claim = ledger.claim(job).map_err(|cause| crate::engine::refused(ledger.path(), cause))?;
        if let Some(claim) = claim {
            return Ok((job, claim));
        }
    }
}
