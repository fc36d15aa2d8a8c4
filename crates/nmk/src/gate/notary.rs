//! Notaries: the ledger, in which a candidate is sealed before its exam is drawn, and the record of an earlier exam.

use abi::{Digest, Entry, EntryKind, Journal, TaskId, Value};
use holdout::{Drawn, Notary, NotaryError, Sealed};

use crate::book::Book;
use crate::surroundings;

/// Seals candidates in a ledger, and draws from the system's entropy.
pub(crate) struct LedgerNotary<'a> {
    pub(crate) book: &'a mut Book,
    /// The task of the exam.
    pub(crate) task: TaskId,
    /// The name of the function, for people who read the ledger.
    pub(crate) entry: &'a str,
    /// The digests under which candidate and specification lie in the ledger.
    pub(crate) blobs: [Digest; 2],
}

impl Notary for LedgerNotary<'_> {
    fn seal(&mut self, sealed: &Sealed) -> Result<Drawn, NotaryError> {
        let at = surroundings::time_of_day().map_or(Value::Null, Value::Int);
        let body = Value::map([
            ("at", at),
            ("entry", Value::text(self.entry)),
            ("blobs", Value::List(self.blobs.iter().map(|digest| digest.to_value()).collect())),
            ("candidate", sealed.candidate.to_value()),
            ("specification", sealed.specification.to_value()),
        ]);
        let entry = Entry { kind: EntryKind::Sealed, task: self.task, inputs: Vec::new(), body };
        let failed = |what: String| NotaryError { what };
        let receipts = self.book.append(&[entry]).map_err(|error| failed(error.to_string()))?;
        let head = receipts.last().ok_or_else(|| failed("the ledger returned no receipt".to_owned()))?.head;
        // The entropy is drawn after the head is signed, so that nobody could choose a candidate for it.
        let entropy = surroundings::draw_bytes().map_err(|error| failed(error.to_string()))?;
        Ok(Drawn { head, entropy })
    }
}

/// Returns what an earlier exam has drawn.
pub(crate) struct RecordedNotary(pub(crate) Drawn);

impl Notary for RecordedNotary {
    fn seal(&mut self, _sealed: &Sealed) -> Result<Drawn, NotaryError> {
        Ok(self.0)
    }
}
