//! Blobs beside the history: contracts, inputs, proposals.

use foldhash::HashMap;
use std::sync::Arc;

use abi::{Digest, Journal, TaskId, Value, encode};
use det::Contract;

use crate::size::{MAX_RESULT_BYTES, fit};
use crate::{BlobDigests, Cause, Event, Execution, Record, Role};

/// What is to be kept with records that are yet to come.
#[derive(Debug, Default)]
pub(super) struct BlobStore {
    /// Contracts of jobs, until their blob is kept.
    contracts: HashMap<Digest, Arc<Contract>>,
    /// Blobs of contracts, by the contract's digest.
    kept: HashMap<Digest, Digest>,
    /// Encoded proposals and their executors' blobs, until the record of the proposal is sealed.
    proposals: HashMap<TaskId, Vec<Vec<u8>>>,
}

impl BlobStore {
    /// Remembers a contract whose digest a record will name.
    pub(super) fn remember(&mut self, contract: Arc<Contract>) {
        let digest = contract.digest();
        if !self.kept.contains_key(&digest) {
            self.contracts.insert(digest, contract);
        }
    }

    /// The event of a proposal, with everything set aside that is to be kept of it.
    pub(super) fn proposed(&mut self, task: TaskId, execution: Execution) -> Event {
        let Execution { subject, record, mut blobs, inputs, tokens } = execution;
        let fits = fit(&[&subject.value, &record]).and_then(|()| {
            match blobs.iter().map(Vec::len).find(|bytes| *bytes > MAX_RESULT_BYTES) {
                Some(bytes) => Err(Cause::Oversize { bytes, depth: 0 }),
                None => Ok(()),
            }
        });
        if let Err(cause) = fits {
            det::dismantle(subject.value);
            det::dismantle(record);
            return Event::Failed { task, cause };
        }
        blobs.insert(0, encode(&subject.value));
        self.proposals.insert(task, blobs);
        Event::Proposed { task, subject, record, inputs, tokens }
    }

    /// Keeps what belongs to a record.
    pub(super) fn keep_for<J: Journal>(
        &mut self,
        record: &Record,
        journal: &mut J,
    ) -> Result<BlobDigests, J::Error> {
        let mut kept = BlobDigests::default();
        match record {
            Record::Opened { contract, .. } => {
                let known = self.contracts.get(contract).cloned();
                kept.contract = self.contract(*contract, known.as_deref(), journal)?;
            }
            Record::Admitted { spec, contract, .. } => {
                // An answer's contract is its job's, which the opening has named.
                if spec.role != Role::Answer {
                    kept.contract = self.contract(*contract, Some(&spec.contract), journal)?;
                }
                if !matches!(spec.input, Value::Null) {
                    kept.subject = Some(journal.keep(&encode(&spec.input))?);
                }
            }
            Record::Proposed { task, .. } => {
                let blobs = self.proposals.get(task).map_or(&[][..], Vec::as_slice);
                let mut digests = Vec::with_capacity(blobs.len());
                for blob in blobs {
                    digests.push(journal.keep(blob)?);
                }
                self.proposals.remove(task);
                let mut digests = digests.into_iter();
                kept.subject = digests.next();
                kept.others = digests.collect();
            }
            _ => {}
        }
        Ok(kept)
    }

    fn contract<J: Journal>(
        &mut self,
        digest: Digest,
        contract: Option<&Contract>,
        journal: &mut J,
    ) -> Result<Option<Digest>, J::Error> {
        if let Some(blob) = self.kept.get(&digest) {
            return Ok(Some(*blob));
        }
        let Some(contract) = contract else { return Ok(None) };
        let blob = journal.keep(&encode(&contract.to_value()))?;
        self.contracts.remove(&digest);
        self.kept.insert(digest, blob);
        Ok(Some(blob))
    }
}
