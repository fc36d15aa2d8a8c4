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
    let mut judged = Vec::new();
    for stored in ledger::read(folder)? {
        let entry = stored?.entry;
        if entry.kind != EntryKind::Examined {
            continue;
        }
        let digest = |key| entry.body.get(key).and_then(Value::as_digest);
        if digest("specification") != Some(specification) {
            continue;
        }
        if let (Some(candidate), Some(record)) = (digest("candidate"), digest("record")) {
            // Entries that name none are from before there was a choice.
            let executor = entry.body.get("executor").and_then(Value::as_text).unwrap_or("cpython");
            judged.push(Judged { candidate, record, executor: ExecutorName::from_word(executor) });
        }
    }
    Ok(judged)
}
