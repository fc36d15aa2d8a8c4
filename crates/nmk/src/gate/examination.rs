//! The gate for one specification: a candidate is examined once, and the ledger keeps what came of it.

use std::path::Path;

use abi::{Digest, Entry, EntryKind, Journal, TaskId, Value};
use det::TrustRoot;
use holdout::{Drawn, ExperimentError, Options, Spec};
use ledger::SigningKey;

use super::{Drivers, ExecutorName, LedgerNotary, RecordedNotary};
use crate::book::{Book, OpenedBook};
use crate::cli::Outcome;
use crate::config::Config;
use crate::engine::{refused, signing_key};
use crate::{Error, gate, surroundings};

/// The executors of a gate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Executors<'a> {
    /// The executor of candidates. None for the one that the specification demands, or else CPython.
    pub(crate) executor: Option<ExecutorName>,
    /// True if the built-in interpreter runs candidates too, and is compared.
    pub(crate) compares: bool,
    /// The machine's own interpreter.
    pub(crate) python: &'a Path,
}

impl Executors<'_> {
    /// Returns the executor of candidates under `spec`.
    pub(crate) fn of(&self, spec: &Spec) -> ExecutorName {
        let demanded = || ExecutorName::from_word(&spec.executor()?.name);
        self.executor.or_else(demanded).unwrap_or(ExecutorName::Cpython)
    }
}

/// The verdict on one candidate.
pub(crate) struct Checked {
    pub(crate) report: Value,
    /// The canonical bytes of the record.
    pub(crate) record: Vec<u8>,
    /// The digest by which the ledger has the record. None if no ledger is kept.
    pub(crate) digest: Option<Digest>,
    /// True if the exam had taken place before.
    pub(crate) is_repeated: bool,
    /// The difference between two executors, where both were asked for and there is one.
    pub(crate) difference: Option<String>,
}

impl Checked {
    pub(crate) fn json(&self) -> serde_json::Value {
        let mut object = factloop::to_json(&self.report);
        object["record"] = self.digest.map_or(serde_json::Value::Null, |digest| digest.to_string().into());
        object["repeated"] = self.is_repeated.into();
        object["difference"] = self.difference.as_deref().into();
        object
    }

    pub(crate) fn outcome(&self) -> Outcome {
        match self.report.get("admitted").and_then(Value::as_bool) {
            Some(true) => Outcome::Done,
            _ => Outcome::Negative,
        }
    }
}

/// The gate for one specification, with the ledger open and workers ready.
pub(crate) struct Gate {
    spec: Spec,
    options: Options,
    config: Config,
    book: Book,
    key: Option<SigningKey>,
    drivers: Drivers,
    /// The other executor, where both are asked for.
    other: Option<Drivers>,
    earlier: Vec<gate::Judged>,
    /// The number of exams under the specification that were drawn before.
    drawn_before: u32,
}

impl Gate {
    /// Opens the ledger that `config` chooses, and starts workers for candidates under `spec`.
    ///
    /// # Errors
    /// [`Error`] if the machine cannot isolate a candidate, or the ledger is refused.
    pub(crate) fn open(
        spec: Spec,
        executors: &Executors<'_>,
        options: Options,
        config: Config,
    ) -> Result<Self, Error> {
        let Executors { compares, python, .. } = *executors;
        if let (true, Some(demanded)) = (compares, spec.executor()) {
            let (demanded, found) = (demanded.to_string(), "a comparison of both".to_owned());
            return Err(ExperimentError::Executor { demanded, found }.into());
        }
        let executor = executors.of(&spec);
        let drivers = Drivers::new(executor, python)?;
        let other = if compares { Some(Drivers::new(ExecutorName::Monty, python)?) } else { None };
        let OpenedBook { book, .. } = Book::open(&config)?;
        let (key, (earlier, drawn_before)) = match book.kept() {
            None => (None, (Vec::new(), 0)),
            Some(_) => {
                let history = gate::history(&config.ledger, spec.digest()).map_err(|cause| {
                    Error::GateHistory { path: config.ledger.clone(), cause: Box::new(cause) }
                })?;
                (Some(signing_key(&config)?), history)
            }
        };
        Ok(Self { spec, options, config, book, key, drivers, other, earlier, drawn_before })
    }

    /// Returns true if the candidate is run by both executors.
    pub(crate) fn compares(&self) -> bool {
        self.other.is_some()
    }

    /// Has admissions signed by a key that ends with the process, where no ledger is kept.
    ///
    /// # Errors
    /// [`Error`] if the system gives no entropy.
    pub(crate) fn signed_at_least_here(mut self) -> Result<Self, Error> {
        if self.key.is_none() {
            let key = SigningKey::from_seed(surroundings::draw_bytes()?);
            let refused = |cause| Error::LedgerKey { path: self.config.key.clone(), cause };
            self.key = Some(key.map_err(refused)?);
        }
        Ok(self)
    }

    /// Returns the public key of what signs admissions. None if nothing does.
    pub(crate) fn public_key(&self) -> Option<[u8; 32]> {
        self.key.as_ref().map(|key| *key.public().as_bytes())
    }

    /// Returns the digest of the specification.
    pub(crate) fn specification(&self) -> Digest {
        self.spec.digest()
    }

    /// Sets the number of the attempt at the gap that the next candidate is, behind the exams that were drawn before this gate
    /// was opened: those of other searches, and those that were cut off, have spent their part of alpha.
    pub(crate) fn set_attempt(&mut self, attempt: u32) {
        self.options.attempt = self.drawn_before.saturating_add(attempt);
    }

    /// Judges a candidate, or finds the verdict that it was given before.
    pub(crate) fn check(&mut self, candidate: &str, root: &impl TrustRoot) -> Result<Checked, Error> {
        let digest = det::subject_digest(&Value::text(candidate));
        if let Some((mut checked, record)) = self.found(digest, root) {
            let first = (&record.report, &record.evidence);
            checked.difference = self.difference(candidate, record.drawn, first, root)?;
            return Ok(checked);
        }
        let failed = |cause| refused(&self.config.ledger, cause);
        let blobs = [candidate.as_bytes().to_vec(), abi::encode(self.spec.source())];
        let [own, spec] = blobs.map(|bytes| self.book.store_blob(&bytes));
        let blobs = [own.map_err(failed)?, spec.map_err(failed)?];
        let task = TaskId { job: surroundings::draw_job()?, number: 0 };
        let notary = LedgerNotary { book: &mut self.book, task, entry: self.spec.entry(), blobs };
        let report = gate::examine(&self.spec, candidate, &self.drivers, self.options, notary, root)?;
        let record = gate::written(&report, &self.spec, candidate, self.key.as_ref());
        let failed = |cause| refused(&self.config.ledger, cause);
        let record_digest = self.book.store_blob(&record).map_err(failed)?;
        let outcome = match &report.refusal {
            None => "admitted".to_owned(),
            Some(refusal) => format!("not admitted: {} · {}", refusal.stage.word(), refusal.reason),
        };
        let body = Value::map([
            ("at", surroundings::time_of_day().map_or(Value::Null, Value::Int)),
            ("entry", Value::text(self.spec.entry())),
            ("outcome", Value::Text(outcome)),
            ("blobs", Value::List([record_digest, blobs[0], blobs[1]].map(Digest::to_value).into())),
            ("candidate", digest.to_value()),
            ("executor", Value::text(self.drivers.executor.word())),
            ("specification", self.spec.digest().to_value()),
            ("record", record_digest.to_value()),
            ("admitted", Value::Bool(report.admission.is_some())),
        ]);
        let entry = Entry { kind: EntryKind::Examined, task, inputs: Vec::new(), body };
        self.book.append(&[entry]).map_err(failed)?;
        let kept = self.book.kept().is_some();
        if kept {
            let executor = Some(self.drivers.executor);
            self.earlier.push(gate::Judged { candidate: digest, record: record_digest, executor });
        }
        let (drawn, evidence) = (report.drawn, report.evidence.clone());
        let report = gate::report(&report, &self.spec);
        let difference = self.difference(candidate, drawn, (&report, &evidence), root)?;
        let digest = kept.then_some(record_digest);
        Ok(Checked { report, record, digest, is_repeated: false, difference })
    }

    /// Returns the difference of the other executor, on the same instances. None without another, or without a difference.
    fn difference(
        &self,
        candidate: &str,
        drawn: Option<Drawn>,
        first: (&Value, &Value),
        root: &impl TrustRoot,
    ) -> Result<Option<String>, Error> {
        let Some(other) = &self.other else { return Ok(None) };
        // Where the verdict came before the exam, nothing was drawn, and a fixed seed is as good as any: this exam decides
        // nothing.
        let fixed = Drawn { head: self.spec.digest(), entropy: [0; 32] };
        let notary = RecordedNotary(drawn.unwrap_or(fixed));
        let second = gate::examine(&self.spec, candidate, other, self.options, notary, root)?;
        Ok(gate::difference(first, (&gate::report(&second, &self.spec), &second.evidence)))
    }

    /// Returns the verdict that the ledger has on a candidate. A record that was forgotten counts for nothing, and so
    /// does an admission that this ledger's key did not sign.
    fn found(&self, candidate: Digest, root: &impl TrustRoot) -> Option<(Checked, gate::Record)> {
        // Executors may run one candidate differently, so each has its own verdict.
        let executor = Some(self.drivers.executor);
        let is_same = |judged: &&gate::Judged| judged.candidate == candidate && judged.executor == executor;
        let judged = self.earlier.iter().rev().find(is_same)?;
        let bytes = ledger::blob(&self.config.ledger, &judged.record).ok()?;
        let record = gate::read_record(&bytes).ok()?;
        let admitted = record.is_admitted(vec![*self.key.as_ref()?.public().as_bytes()], root).ok()?;
        if record.report.get("admitted").and_then(Value::as_bool) != Some(admitted) {
            return None;
        }
        let (report, digest) = (record.report.clone(), Some(judged.record));
        let checked = Checked { report, record: bytes, digest, is_repeated: true, difference: None };
        Some((checked, record))
    }
}
