//! Verdicts that were given before: a candidate has one exam under a specification.

use std::path::Path;

use abi::{Digest, EntryKind, Value};
use ledger::VerifyError;

use super::ExecutorName;

/// An exam that the ledger knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged {
    pub(crate) candidate: Digest,
    /// Digest of the record among the ledger's blobs.
    pub(crate) record: Digest,
    /// The executor that ran the candidate. None where the entry names one that this program lacks.
    pub(crate) executor: Option<ExecutorName>,
}

/// Returns the exams under a specification that the ledger in `folder` knows, the oldest first.
///
/// # Errors
/// [`VerifyError`] if the ledger cannot be read.
pub(crate) fn earlier(folder: &Path, specification: Digest) -> Result<Vec<Judged>, VerifyError> {
    history(folder, specification).map(|(judged, _)| judged)
}

/// Returns the exams as [`earlier`] does, and the number of those that were drawn, also where one was cut off.
///
/// # Errors
/// The errors of [`earlier`].
pub(crate) fn history(folder: &Path, specification: Digest) -> Result<(Vec<Judged>, u32), VerifyError> {
    let (mut judged, mut drawn) = (Vec::new(), 0_u32);
    for stored in ledger::read(folder)? {
        let entry = stored?.entry;
        let digest = |key| entry.body.get(key).and_then(Value::as_digest);
        if entry.kind == EntryKind::Sealed && digest("specification") == Some(specification) {
            drawn = drawn.saturating_add(1);
        }
        if entry.kind != EntryKind::Examined {
            continue;
        }
        if digest("specification") != Some(specification) {
            continue;
        }
        if let (Some(candidate), Some(record)) = (digest("candidate"), digest("record")) {
            // Entries that name none are from before there was a choice.
            let executor = entry.body.get("executor").and_then(Value::as_text).unwrap_or("cpython");
            judged.push(Judged { candidate, record, executor: ExecutorName::from_word(executor) });
        }
    }
    Ok((judged, drawn))
}
