//! Recovery after a game: the ledger is opened again, as the next process would, and compared with what was
//! observed.

use std::collections::BTreeMap;
use std::path::Path;

use abi::JobId;
use files::FaultyDisk;
use ledger::{Ledger, SigningKey, SizeLimits};
use sched::{History, PastState, TaskState};

use super::{FOLDER, Observed};
use crate::world::{Violation, check};

/// Opens and verifies the ledger again, as the next process would, and compares its history with what was
/// observed. Every commit that was reported as durable must be there. If the machine did not stop, the state
/// of every task must be there too. Returns true if the ledger was opened from a checkpoint.
pub(super) fn recover(
    disk: &FaultyDisk,
    key: &SigningKey,
    observed: &Observed,
    stopped: bool,
) -> Result<bool, Violation> {
    let folder = Path::new(FOLDER);
    let opened = Ledger::open_on(disk.clone(), folder, key, SizeLimits::default());
    let (ledger, report) =
        opened.map_err(|error| Violation(format!("the ledger does not open after the end: {error}")))?;
    let open_jobs: Vec<JobId> = ledger.open_jobs().collect();
    drop(ledger);
    let verified = ledger::verify_on(disk, folder, key.public(), None);
    verified.map_err(|error| Violation(format!("the ledger does not hold after the end: {error}")))?;
    let mut history = History::default();
    let mut entries = BTreeMap::new();
    let stored = ledger::read_on(disk, folder).map_err(|error| Violation(error.to_string()))?;
    for entry in stored {
        let entry = entry.map_err(|error| Violation(error.to_string()))?;
        history
            .take(&entry.entry)
            .map_err(|error| Violation(format!("the history contradicts itself: {error}")))?;
        entries.insert(entry.digest, entry.head);
    }
    let unfinished: Vec<JobId> = history.unfinished().collect();
    check(open_jobs == unfinished, || {
        format!("the writer takes {open_jobs:?} for open, the history says {unfinished:?}")
    })?;
    for (job, (entry, result, head)) in &observed.acknowledged {
        let kept = entries.get(entry) == Some(head);
        check(kept, || format!("the acknowledged commit of {job} is gone"))?;
        let end = history.job(*job).and_then(|past| past.end.clone());
        let same = matches!(&end, Some(sched::JobEnd::Committed { result: found, .. }) if found == result);
        check(same, || format!("{job} was answered, its history says {end:?}"))?;
    }
    if !stopped && observed.flushed {
        for (task, state) in &observed.states {
            let past = history.job(task.job).and_then(|job| job.tasks.get(&task.number));
            let found = past.map(|past| past.state);
            check(found == Some(recorded(*state)), || {
                format!("{task} is {state}, its history says {found:?}")
            })?;
        }
        check(history.unfinished().next().is_none(), || {
            "a job ended and its history does not say so".to_owned()
        })?;
    }
    Ok(report.unread > 0)
}

/// Returns the state that the history must show for a task in this state.
fn recorded(state: TaskState) -> PastState {
    match state {
        TaskState::Passed => PastState::Passed,
        TaskState::Repaired => PastState::Repaired,
        TaskState::Committed => PastState::Committed,
        TaskState::Refuted => PastState::Refuted,
        TaskState::Failed => PastState::Failed,
        TaskState::Cancelled => PastState::Cancelled,
        TaskState::Waiting | TaskState::Ready | TaskState::Running | TaskState::Parked => PastState::Pending,
        TaskState::Validating => PastState::Proposed,
        TaskState::Repairing => PastState::Repairing,
    }
}
