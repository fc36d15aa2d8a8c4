//! The replay of a ledger.
//!
//! Every judgement is made again from its stored contract and subject, and every generation of the model at
//! hand (the one that the caller chose) is run again from its stored prompt. The replay stops at the first
//! difference.

pub(crate) mod decision;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use abi::{
    Conversation, Digest, Draft, Entry, EntryKind, EntryRecord, GenerationRecord, JobId, Origin, Proposal,
    Proposer, Request, TaskId, Thinking, Value, decode, encode,
};
use det::{Contract, TrustRoot, judge};
use factloop::to_json;
use ledger::{StoredEntry, VerifyError};
use neural::StateDtype;
use proposer::ForbiddenText;
use sched::Consulted;

use decision::Again;

use crate::jobs::Chronicle;
use crate::model::ForbidError;
use crate::programs::JudgesAsMet;
use crate::{AnyModel, ModelFailure};

/// The largest number of contracts that a replay keeps in memory.
const MAX_READ: usize = 1 << 10;

/// The result of a replay, up to the first difference.
#[derive(Debug, Default)]
pub(crate) struct Replayed {
    /// The number of judgements whose verdict was the same.
    pub(crate) judgements: u64,
    /// The number of generations that were the same, in every token and every digest of logits.
    pub(crate) generations: u64,
    /// The number of decisions of the policy and the choices of templates that follow from what they were made from.
    pub(crate) decisions: u64,
    /// The number of proposals of remote models. They are not generated again; only their stored text is
    /// judged again.
    pub(crate) remote: u64,
    /// The entries that could not be replayed, each with the reason.
    pub(crate) unproven: Vec<String>,
    /// The first difference. None if there is none.
    pub(crate) difference: Option<Difference>,
}

/// The difference between a recorded judgement or generation and its replay.
#[derive(Debug)]
pub(crate) struct Difference {
    /// The number of the entry in the ledger.
    pub(crate) index: u64,
    /// The part that differs, for example `verdict` or `token`.
    pub(crate) what: &'static str,
    /// The part as the ledger has it.
    pub(crate) recorded: String,
    /// The part as the replay found it.
    pub(crate) found: String,
}

/// The reason why the model at hand did not run a generation again.
#[derive(Debug, thiserror::Error)]
enum NotAgain {
    #[error(transparent)]
    Model(ModelFailure),
    #[error(transparent)]
    Forbid(ForbidError),
    #[error(transparent)]
    Chat(text::ChatError),
}

/// Everything from which a task's judgement is made, as far as earlier entries name it.
#[derive(Default)]
struct Known {
    contract: Option<Digest>,
    subject: Option<Digest>,
    inputs: Vec<Digest>,
    origin: Option<Origin>,
}

/// The models that run generations again. Their own generations run with the type of state with which they were
/// made.
pub(crate) struct AtHand {
    /// The models, the chosen one first.
    pub(crate) models: Vec<AnyModel>,
    /// The type of state with which the chosen one also runs generations of other local models. None if it does not run
    /// them.
    pub(crate) others: Option<StateDtype>,
}

impl AtHand {
    /// Returns no model, so that no generation is run again.
    pub(crate) fn nothing() -> Self {
        Self { models: Vec::new(), others: None }
    }
}

/// Replays the ledger in `folder`, one job or all, up to the first difference.
///
/// # Errors
/// [`VerifyError`] if an entry cannot be read.
pub(crate) fn replay(
    folder: &Path,
    job: Option<JobId>,
    at_hand: AtHand,
    judges: JudgesAsMet,
    root: &impl TrustRoot,
) -> Result<Replayed, VerifyError> {
    let out = Replayed::default();
    let (read, contracts, known) = (HashMap::new(), HashMap::new(), HashMap::new());
    let jobs = Chronicle::default();
    let mut replay = Replay { folder, root, at_hand, judges, read, contracts, known, jobs, out };
    for stored in ledger::read(folder)? {
        let stored = stored?;
        replay.jobs.take(&stored);
        if job.is_none_or(|job| stored.entry.task.job == job) {
            replay.take(&stored);
        }
        if replay.out.difference.is_some() {
            break;
        }
    }
    Ok(replay.out)
}

struct Replay<'a, R> {
    folder: &'a Path,
    /// The root beside which the expected values of the ledger's contracts are read.
    root: &'a R,
    at_hand: AtHand,
    judges: JudgesAsMet,
    /// The contracts that were read, by the digest of their blob. None for a contract of another version.
    read: HashMap<Digest, Option<Arc<Contract>>>,
    /// The digests of the blobs of the jobs' contracts. None if the ledger names none.
    contracts: HashMap<JobId, Option<Digest>>,
    known: HashMap<TaskId, Known>,
    /// The jobs up to the entry that is looked at, from which choices of templates follow.
    jobs: Chronicle,
    out: Replayed,
}

impl<R: TrustRoot> Replay<'_, R> {
    fn take(&mut self, stored: &StoredEntry) {
        let Entry { kind, task, inputs, body } = &stored.entry;
        let known = self.known.entry(*task).or_default();
        match kind {
            EntryKind::Opened => {
                self.contracts.insert(task.job, digest(body, "contract_blob"));
                self.consultation(stored);
            }
            // An answer is admitted under the contract of its job, which the opening of the job names.
            EntryKind::Admitted => {
                let of_job = self.contracts.get(&task.job).copied().flatten();
                known.contract = digest(body, "contract_blob").or(of_job);
            }
            EntryKind::Proposed | EntryKind::Computed => {
                known.subject = digest(body, "subject_blob");
                known.inputs.clone_from(inputs);
                known.origin = body.get("origin").and_then(|origin| Origin::from_value(origin).ok());
                if *kind == EntryKind::Proposed {
                    self.generation(stored);
                }
            }
            EntryKind::Judged => self.judgement(stored),
            EntryKind::Decided => self.decision(stored),
            _ => {}
        }
    }

    /// Compares what the memory recalled for a job with its digest, which the opening of the job names. Entries of old
    /// ledgers have neither.
    fn consultation(&mut self, stored: &StoredEntry) {
        let consulted = stored.entry.body.get("consulted");
        let Some((consulted, recorded)) = consulted.and_then(|told| Some((told, digest(told, "digest")?)))
        else {
            return;
        };
        let Some(blob) = digest(consulted, "blob") else { return };
        let Some(value) = self.blob(Some(blob)) else {
            return self.unproven(stored, "what the memory recalled was forgotten, or was never kept");
        };
        let found = Consulted::from_value(&value);
        if found.as_ref().map(Consulted::digest) != Some(recorded) {
            let found = found.map_or_else(|| "no record".to_owned(), |found| found.digest().to_string());
            self.differ(stored, "what the memory recalled", recorded.to_string(), found);
        }
    }

    fn decision(&mut self, stored: &StoredEntry) {
        match decision::again(stored, &self.jobs) {
            Again::Same => self.out.decisions += 1,
            Again::Other { recorded, found } => self.differ(stored, "decision", recorded, found),
            Again::Unproven(why) => self.unproven(stored, &why.to_string()),
        }
    }

    fn unproven(&mut self, stored: &StoredEntry, why: &str) {
        self.out.unproven.push(format!("entry {}: {why}", stored.index));
    }

    /// Returns the value in the blob with this digest, or None if the blob was removed or is not a value.
    fn blob(&self, digest: Option<Digest>) -> Option<Value> {
        decode(&ledger::blob(self.folder, &digest?).ok()?).ok()
    }

    /// Returns the contract in the blob with this digest. Returns None if the blob was removed, and
    /// `Some(None)` if this version cannot read the contract.
    fn contract(&mut self, blob: Option<Digest>) -> Option<Option<Arc<Contract>>> {
        let blob = blob?;
        if let Some(known) = self.read.get(&blob) {
            return Some(known.clone());
        }
        let contract = Contract::from_value(&self.blob(Some(blob))?, self.root).ok().map(Arc::new);
        if self.read.len() >= MAX_READ {
            self.read.clear();
        }
        self.read.insert(blob, contract.clone());
        Some(contract)
    }

    fn judgement(&mut self, stored: &StoredEntry) {
        let task = stored.entry.task;
        let Some(recorded) = stored.entry.body.get("verdict") else {
            return self.unproven(stored, "it has no verdict");
        };
        let known = self.known.remove(&task).unwrap_or_default();
        let (contract, subject) = (self.contract(known.contract), self.blob(known.subject));
        let (Some(contract), Some(subject), Some(origin)) = (contract, subject, known.origin) else {
            return self.unproven(stored, "its contract or its subject was forgotten, or was never kept");
        };
        let Some(contract) = contract else {
            return self.unproven(stored, "its contract is of another version");
        };
        let proposal = Proposal { value: subject, origin };
        // The task keeps its contract: it is admitted once, and its repair is a task of its own.
        self.known.insert(task, Known { contract: known.contract, ..Known::default() });
        let validators = match self.judges.of(&contract, self.root) {
            Ok(validators) => validators,
            Err(why) => {
                let why = why.to_string();
                return self.unproven(stored, &why);
            }
        };
        match judge(validators, task, &contract, known.inputs, proposal) {
            Err(why) => self.unproven(stored, &why.to_string()),
            Ok(judged) => {
                let found = judged.verdict().to_value();
                if encode(&found) == encode(recorded) || same_elsewhere(recorded, &found) {
                    self.out.judgements += 1;
                } else if let Some(why) = other_validator(recorded, &found) {
                    self.unproven(stored, &why);
                } else {
                    self.differ(
                        stored,
                        "verdict",
                        to_json(recorded).to_string(),
                        to_json(&found).to_string(),
                    );
                }
            }
        }
    }

    /// Returns the text of the schema with this digest, which the contract of `task` has, or that of another task of its
    /// job: a draft is generated under the schema under which a later task judges it. None if no contract has it.
    fn schema(&mut self, task: TaskId, digest: Digest) -> Option<String> {
        let own = self.known.get(&task)?.contract;
        self.schema_of(own, digest).or_else(|| {
            let of_job = self.known.iter().filter(|(other, _)| other.job == task.job);
            let contracts: HashSet<_> = of_job.map(|(_, known)| known.contract).collect();
            contracts.into_iter().find_map(|contract| self.schema_of(contract, digest))
        })
    }

    /// Returns the text of the schema of a contract, if it has this digest.
    fn schema_of(&mut self, contract: Option<Digest>, digest: Digest) -> Option<String> {
        let contract = self.contract(contract)??;
        let text = to_json(contract.schema()?.to_value()).to_string();
        (Digest::hash_blob(text.as_bytes()) == digest).then_some(text)
    }

    fn differ(&mut self, stored: &StoredEntry, what: &'static str, recorded: String, found: String) {
        self.out.difference = Some(Difference { index: stored.index, what, recorded, found });
    }

    /// Returns the place of the model at hand that runs generations of the model with the digest `made_by`, and the type of
    /// state with which it does. None if none runs them.
    fn runs(&self, made_by: &Digest) -> Option<(usize, StateDtype)> {
        let AtHand { models, others } = &self.at_hand;
        let mut own = models.iter().enumerate();
        own.find_map(|(place, model)| Some((place, model.state_of(made_by)?)))
            .or_else(|| others.map(|state| (0, state)))
    }

    /// Runs a request again with the model in this place.
    fn again(
        &mut self,
        (place, state): (usize, StateDtype),
        forbidden: &ForbiddenText,
        thinking: Thinking,
        conversation: &Conversation,
        request: &Request<'_>,
    ) -> Result<Proposal<Draft>, NotAgain> {
        let mut model = self.at_hand.models.remove(place).in_state(state);
        let ready = model.forbid(forbidden).map_err(NotAgain::Forbid);
        let ready = ready.and_then(|()| model.set_conversation(conversation).map_err(NotAgain::Chat));
        let ready = ready.and_then(|()| model.set_thinking(thinking).map_err(NotAgain::Chat));
        let again = ready.and_then(|()| model.propose(request, &mut |_| {}).map_err(NotAgain::Model));
        self.at_hand.models.insert(place, model);
        again
    }

    fn generation(&mut self, stored: &StoredEntry) {
        let body = &stored.entry.body;
        // A value that is passed on keeps the origin of the model, and has no generation of its own.
        let Some(recorded) = body.get("record").filter(|record| !matches!(record, Value::Null)) else {
            return;
        };
        let made_by = match body.get("origin").map(Origin::from_value) {
            Some(Ok(Origin::RemoteModel { .. })) => return self.out.remote += 1,
            Some(Ok(Origin::LocalModel { model })) => model,
            _ => return,
        };
        let record = match GenerationRecord::from_value(recorded) {
            Ok(record) => record,
            Err(error) => return self.unproven(stored, &error.to_string()),
        };
        let Some(state) = self.runs(&made_by) else {
            let why = format!("another model made it, {made_by}; pass its folder to --model");
            return self.unproven(stored, &why);
        };
        let text = |digest: Digest| String::from_utf8(ledger::blob(self.folder, &digest).ok()?).ok();
        let facts = record.blobs.facts.map_or_else(|| Some(String::new()), text);
        let (Some(prompt), Some(facts)) = (text(record.blobs.prompt), facts) else {
            return self.unproven(stored, "its prompt was forgotten");
        };
        let earlier = |digest| {
            let value = det::parse_json(&text(digest)?).ok()?;
            Conversation::from_value(&value).ok()
        };
        let Some(conversation) =
            record.blobs.conversation.map_or_else(|| Some(Conversation::default()), earlier)
        else {
            return self.unproven(stored, "the messages before its prompt were forgotten, or cannot be read");
        };
        // A generation that no schema constrained runs again without one, whatever its contract demands.
        let schema = record.traps.schema.map(|digest| self.schema(stored.entry.task, digest));
        if let Some(None) = schema {
            return self.unproven(stored, "the schema that constrained it was forgotten, or was never kept");
        }
        let schema = schema.flatten();
        let request = Request {
            prompt: &prompt,
            facts: &facts,
            schema: schema.as_deref(),
            max_new: record.max_new,
            decoding: record.decoding,
        };
        let forbidden = record.traps.forbidden.clone().into();
        match self.again(state, &forbidden, record.thinking, &conversation, &request) {
            Err(error) => self.unproven(stored, &error.to_string()),
            Ok(again) => match difference(&record, &again.value) {
                None => self.out.generations += 1,
                Some((what, recorded, found)) => self.differ(stored, what, recorded, found),
            },
        }
    }
}

/// Returns the first difference between a generation's record and its replay, as the name of the part, the
/// part as recorded, and the part as found. The parts are tokens, digests of logits, and the request read
/// from the prompt.
fn difference(record: &GenerationRecord, again: &Draft) -> Option<(&'static str, String, String)> {
    first_difference("token", &record.tokens, &again.tokens)
        .or_else(|| first_difference("logits of a token", &record.logits, &again.logit_digests))
        .or_else(|| {
            let shown = |entry: &Option<EntryRecord>| match entry {
                None => "nothing".to_owned(),
                Some(EntryRecord { capability, confidence_ppm, threshold_ppm }) => {
                    format!("{capability} at {confidence_ppm} ppm, threshold {threshold_ppm} ppm")
                }
            };
            let (recorded, found) = (&record.traps.entry, &again.traps.entry);
            (recorded != found).then(|| ("request of the prompt", shown(recorded), shown(found)))
        })
}

fn first_difference<T: PartialEq + ToString>(
    what: &'static str,
    recorded: &[T],
    found: &[T],
) -> Option<(&'static str, String, String)> {
    let longest = recorded.len().max(found.len());
    let at = (0..longest).find(|at| recorded.get(*at) != found.get(*at))?;
    let shown = |item: Option<&T>| item.map_or("nothing".to_owned(), T::to_string);
    Some((what, format!("{} at {at}", shown(recorded.get(at))), shown(found.get(at))))
}

/// Returns true if two verdicts on a program differ in nothing but what ran it.
fn same_elsewhere(recorded: &Value, found: &Value) -> bool {
    let rest = |verdict: &Value| {
        let mut fields = verdict.clone().into_map()?;
        fields.remove("executor").map(|_| encode(&Value::Map(fields)))
    };
    rest(recorded).is_some_and(|recorded| rest(found) == Some(recorded))
}

/// Returns the reason why two verdicts cannot be compared: one validator made them in two versions, or two interpreters
/// ran the program.
fn other_validator(recorded: &Value, found: &Value) -> Option<String> {
    let executor = |verdict: &Value| Some(verdict.get("executor")?.as_text()?.to_owned());
    if let (Some(then), Some(now)) = (executor(recorded), executor(found))
        && then != now
    {
        return Some(format!("{then} ran its program, and this machine has {now}"));
    }
    let validator = |verdict: &Value| {
        let name = verdict.get("validator").and_then(Value::as_text)?.to_owned();
        Some((name, verdict.get("validator_version").and_then(Value::as_int)?))
    };
    let ((name, version), (now, newer)) = (validator(recorded)?, validator(found)?);
    (name == now && version != newer).then(|| {
        format!("version {version} of the validator `{name}` judged it, and this program has version {newer}")
    })
}

fn digest(body: &Value, key: &str) -> Option<Digest> {
    body.get(key).and_then(Value::as_digest)
}
