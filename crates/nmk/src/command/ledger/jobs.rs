//! Jobs as the entries of a ledger tell of them, for people.

use std::collections::BTreeMap;

use abi::{Digest, Entry, EntryKind, JobId, Origin, Value};
use det::Contract;
use factloop::{Reading, read};
use ledger::StoredEntry;

use super::texts::{Lack, Texts};

/// A job, with the digests of the blobs that have its texts.
#[derive(Debug, Default)]
pub(super) struct ToldJob {
    /// The time at which its process says that it opened the job, in milliseconds since 1970. Nobody checks it.
    pub(super) at: Option<i64>,
    /// The digest of the contract.
    contract: Option<Digest>,
    /// The blobs of the inputs of its tasks, in the order of their admission.
    inputs: Vec<Digest>,
    /// The blob of the first prompt that a model was sent.
    sent: Option<Digest>,
    /// True if the job was opened, and not refused before.
    is_opened: bool,
    /// The models that proposed something.
    pub(super) models: Vec<String>,
    /// The blobs of the latest proposals, by the number of their task.
    proposals: BTreeMap<u32, Digest>,
    /// The end of the job; none while it is open.
    pub(super) end: Option<End>,
    /// The exam, where the job is one of the hold-out gate.
    pub(super) exam: Option<Exam>,
}

/// An exam of the hold-out gate.
#[derive(Debug, Default)]
pub(super) struct Exam {
    /// The name of the function.
    pub(super) entry: String,
    /// The outcome in a few words. None if the exam did not end.
    pub(super) outcome: Option<String>,
    /// The digest of the record.
    pub(super) record: Option<Digest>,
}

/// The end of a job.
#[derive(Debug)]
pub(super) enum End {
    /// An answer was committed at a level. The blob has its value; an old ledger may not name it.
    Committed { level: String, value: Option<Digest> },
    /// The job ended without an answer, for this reason.
    Abstained { reason: String },
}

impl ToldJob {
    /// Takes the next entry of the job.
    pub(super) fn take(&mut self, Entry { kind, task, body, .. }: &Entry) {
        let digest = |key: &str| body.get(key).and_then(Value::as_digest);
        let text = |key: &str| body.get(key).and_then(Value::as_text).unwrap_or_default().to_owned();
        match kind {
            EntryKind::Opened => {
                self.is_opened = true;
                self.at = body.get("at").and_then(Value::as_int);
                self.contract = digest("contract");
            }
            EntryKind::Admitted => self.inputs.extend(digest("subject_blob")),
            EntryKind::Sealed => {
                self.at = body.get("at").and_then(Value::as_int);
                self.exam = Some(Exam { entry: text("entry"), ..Exam::default() });
            }
            EntryKind::Examined => {
                self.at = self.at.or(body.get("at").and_then(Value::as_int));
                let (entry, outcome) = (text("entry"), Some(text("outcome")));
                self.exam = Some(Exam { entry, outcome, record: digest("record") });
            }
            EntryKind::Proposed | EntryKind::Computed => {
                if let Some(blob) = digest("subject_blob") {
                    self.proposals.insert(task.number, blob);
                }
                self.generated(body);
            }
            EntryKind::Committed => {
                let value = self.proposals.get(&task.number).copied();
                self.end = Some(End::Committed { level: text("level"), value });
            }
            EntryKind::Abstained => {
                self.at = self.at.or(body.get("at").and_then(Value::as_int));
                self.inputs.extend(digest("subject_blob"));
                self.end = Some(End::Abstained { reason: text("reason") });
            }
            _ => {}
        }
    }

    /// Notes the model and the prompt of a proposal.
    fn generated(&mut self, body: &Value) {
        let record = body.get("record");
        let remote = match body.get("origin").map(Origin::from_value) {
            Some(Ok(Origin::RemoteModel { name })) => Some(name),
            _ => None,
        };
        let named = record.and_then(|record| record.get("model")).and_then(Value::as_text);
        if let Some(model) = remote.or(named.map(str::to_owned))
            && !self.models.contains(&model)
        {
            self.models.push(model);
        }
        let prompt = record.and_then(|record| record.get("blobs")?.get("prompt")?.as_digest());
        self.sent = self.sent.or(prompt);
    }

    /// Returns the prompt of the job as its user stated it, or else as a model was sent it.
    pub(super) fn prompt(&self, texts: &Texts) -> Result<String, Lack> {
        let mut lack = if self.is_opened { Lack::Unnamed } else { Lack::Refused };
        for blob in &self.inputs {
            match texts.value(*blob) {
                Ok(input) => {
                    if let Some(prompt) = input.get("prompt").and_then(Value::as_text) {
                        return Ok(prompt.to_owned());
                    }
                }
                Err(Lack::NoText { .. }) => {}
                Err(other) => lack = other,
            }
        }
        self.sent.map_or(Err(lack), |blob| texts.text(blob))
    }

    /// Returns how this program reads the prompt. None unless that reading has the contract that the job had.
    pub(super) fn reading(&self, prompt: &str) -> Option<String> {
        let Reading::Question(routed) = read(prompt) else { return None };
        let is_same = |contract: &Contract| Some(contract.digest()) == self.contract;
        is_same(&routed.contract).then_some(routed.reading)
    }
}

/// Returns the jobs of these entries with their ids, in the order in which their first entries stand.
pub(super) fn jobs<'a>(entries: impl Iterator<Item = &'a StoredEntry>) -> Vec<(JobId, ToldJob)> {
    let mut jobs: Vec<(JobId, ToldJob)> = Vec::new();
    let mut places = BTreeMap::new();
    for stored in entries {
        // A blob that was forgotten is no step of a job.
        if stored.entry.kind == EntryKind::Forgotten {
            continue;
        }
        let job = stored.entry.task.job;
        let place = *places.entry(job).or_insert_with(|| {
            jobs.push((job, ToldJob::default()));
            jobs.len() - 1
        });
        jobs[place].1.take(&stored.entry);
    }
    jobs
}
