//! The blobs that are stored beside the entries: contracts, inputs and proposals.

use foldhash::HashMap;
use std::sync::Arc;

use abi::bounds::MAX_BLOB_BYTES;
use abi::{Digest, JobId, Journal, TaskId, Value, encode};
use det::Contract;

use crate::{BlobDigests, Cause, Event, Execution, Record, Role, size};

/// The blobs that must be stored before the record that names them is appended.
#[derive(Debug, Default)]
pub(super) struct BlobStore {
    /// The contracts that are not stored yet, by their digests.
    contracts: HashMap<Digest, Arc<Contract>>,
    /// The digests of the blobs of stored contracts, by the digests of the contracts.
    stored: HashMap<Digest, Digest>,
    /// The encoded proposals, each followed by its executor's blobs, until the record of the proposal is
    /// stored.
    proposals: HashMap<TaskId, Vec<Vec<u8>>>,
    /// The encoded inputs of jobs of which no task was admitted yet. The input of a task has it afterwards.
    asked: HashMap<JobId, Vec<u8>>,
}

impl BlobStore {
    /// Keeps a contract that a record will name by its digest.
    pub(super) fn remember(&mut self, contract: Arc<Contract>) {
        let digest = contract.digest();
        if !self.stored.contains_key(&digest) {
            self.contracts.insert(digest, contract);
        }
    }

    /// Keeps what a job was asked until a task of it is admitted, or it ends. What no blob can hold is not kept.
    pub(super) fn remember_asked(&mut self, job: JobId, asked: &Value) {
        let bytes = encode(asked);
        if !matches!(asked, Value::Null) && bytes.len() <= MAX_BLOB_BYTES {
            self.asked.insert(job, bytes);
        }
    }

    /// Turns a finished run into an event, and keeps the blobs of its proposal. A result that is too large
    /// becomes a failure of the task.
    pub(super) fn proposed(&mut self, task: TaskId, execution: Execution) -> Event {
        if let Err(excess) = size::execution(&execution) {
            return Event::Failed { task, cause: Cause::Oversize(excess) };
        }
        let Execution { subject, record, mut blobs, inputs, tokens } = execution;
        blobs.insert(0, encode(&subject.value));
        self.proposals.insert(task, blobs);
        Event::Proposed { task, subject, record, inputs, tokens }
    }

    /// Stores the blobs that belong to `record` and returns their digests.
    ///
    /// If the journal fails, nothing is forgotten: the next call for the same record stores the rest.
    pub(super) fn keep_for<J: Journal>(
        &mut self,
        record: &Record,
        journal: &mut J,
    ) -> Result<BlobDigests, J::Error> {
        let mut kept = BlobDigests::default();
        match record {
            Record::Opened { contract, consulted, .. } => {
                let known = self.contracts.get(contract).cloned();
                kept.contract = self.contract(*contract, known.as_deref(), journal)?;
                if consulted.has_blob() {
                    kept.consulted = Some(journal.store_blob(&encode(&consulted.to_value()))?);
                }
            }
            Record::Abstained { job, .. } => {
                if let Some(asked) = self.asked.get(job) {
                    kept.subject = Some(journal.store_blob(asked)?);
                }
                self.asked.remove(job);
            }
            Record::Admitted { task, spec, contract, .. } => {
                self.asked.remove(&task.job);
                // The answer's contract is the job's, which the record of the opening names already.
                if spec.role != Role::Answer {
                    kept.contract = self.contract(*contract, Some(&spec.contract), journal)?;
                }
                if !matches!(spec.input, Value::Null) {
                    kept.subject = Some(journal.store_blob(&encode(&spec.input))?);
                }
            }
            Record::Proposed { task, .. } => {
                let blobs = self.proposals.get(task).map_or(&[][..], Vec::as_slice);
                let mut digests = Vec::with_capacity(blobs.len());
                for blob in blobs {
                    digests.push(journal.store_blob(blob)?);
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

    /// Forgets what was to be stored for the tasks of a job.
    pub(super) fn forget(&mut self, job: JobId) {
        self.proposals.retain(|task, _| task.job != job);
        self.asked.remove(&job);
    }

    /// Stores a contract once and returns the digest of its blob. None if the contract is not known.
    fn contract<J: Journal>(
        &mut self,
        digest: Digest,
        contract: Option<&Contract>,
        journal: &mut J,
    ) -> Result<Option<Digest>, J::Error> {
        if let Some(blob) = self.stored.get(&digest) {
            return Ok(Some(*blob));
        }
        let Some(contract) = contract else { return Ok(None) };
        let blob = journal.store_blob(&encode(&contract.to_value()))?;
        self.contracts.remove(&digest);
        self.stored.insert(digest, blob);
        Ok(Some(blob))
    }
}
