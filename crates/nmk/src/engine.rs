//! The engine: a model and a ledger, joined by the plans of jobs.

use std::collections::BTreeSet;
use std::path::Path;

use abi::{Proposer, counted};
use factloop::operations::OperationError;
use factloop::{AskError, JobReport, Progress, Routed, Settings, Specification};
use ledger::{KeyError, Ledger, LedgerError, OpenReport, Settled, SigningKey};
use proposer::{ConstrainError, Constrained};
use sched::{Consulted, DriveError, JobError};

use crate::book::{Book, OpenedBook};
use crate::config::{Config, MemoryConfig, Spending};
use crate::console::Console;
use crate::contract_file::Chosen;
use crate::model::{AnyModel, ModelFailure, Unfamiliar};
use crate::operations::TaskError;
use crate::recall::{Recollection, recall};
use crate::sensing::{self, Broken};
use crate::structured::Under;
use crate::{Error, PromptError, PromptPlace, interrupted, structured, surroundings};

/// A model over a ledger, ready to be asked. Any number of engines, of any number of processes, can share a ledger.
#[derive(Debug)]
pub struct Engine {
    model: AnyModel,
    book: Book,
    opened: OpenReport,
    interrupted: usize,
    settings: Settings,
    memory: MemoryConfig,
    /// The fault because of which the memory did not answer for the last job. None if it answered, or there is none.
    memory_fault: Option<String>,
    /// The largest number of tokens of one answer that the caller chose. None if the model decides it.
    chosen_max_new: Option<u32>,
    /// The sensor because of which the machine counts as full. None if its load is known.
    broken: Option<Broken>,
}

impl Engine {
    /// Opens the model and the ledger that `config` chooses, the model first. If the model is refused, the
    /// ledger is not touched.
    ///
    /// # Errors
    /// [`Error`] says what is refused, where, and what to do.
    pub fn open(config: &Config) -> Result<Self, Error> {
        let model = AnyModel::open(config)?;
        Self::with_model(model, config)
    }

    /// Puts `model` over the ledger that `config` chooses. Jobs that other processes left open when they ended are
    /// ended there.
    ///
    /// # Errors
    /// [`Error`] if the ledger or its key is refused.
    pub fn with_model(model: AnyModel, config: &Config) -> Result<Self, Error> {
        let OpenedBook { book, report, interrupted } = Book::open(config)?;
        let load = sensing::load(&config.spending);
        let settings = settings(config, model.limit(config.max_new), load.cost);
        let chosen_max_new = config.max_new;
        Ok(Self {
            model,
            book,
            opened: report,
            interrupted,
            settings,
            memory: config.memory.clone(),
            memory_fault: None,
            chosen_max_new,
            broken: load.broken,
        })
    }

    /// Answers `prompt`, or reports why not. The ledger has a durable entry of the end of the job before this
    /// function returns.
    ///
    /// # Errors
    /// [`Error`] if there is no report: the prompt cannot be asked, or the model or the ledger failed.
    pub fn ask(&mut self, prompt: &str) -> Result<JobReport, Error> {
        self.ask_watched(prompt, &mut |_| {})
    }

    /// Answers `prompt` as [`ask`](Self::ask) does, and calls `observer` with each thing that happens
    /// meanwhile. Nobody has judged the pieces of text that the observer is given.
    ///
    /// # Errors
    /// Fails as [`ask`](Self::ask) does.
    pub fn ask_watched(
        &mut self,
        prompt: &str,
        observer: &mut dyn FnMut(Progress<'_>),
    ) -> Result<JobReport, Error> {
        if !is_computed(self.settings.direct, prompt, &self.settings.denied) {
            self.model.check(prompt, self.chosen_max_new)?;
        }
        let consulted = self.consult(prompt);
        let (job, _claim) = self.book.begin()?;
        let Self { model, book, settings, .. } = self;
        settings.consulted = Some(consulted);
        settings.at = surroundings::time_of_day();
        factloop::ask(model, book, job, prompt, settings, observer).map_err(|error| match error {
            AskError::EmptyPrompt => PromptError::Empty { place: PromptPlace::CommandLine }.into(),
            AskError::Job(error) => self.failure(error),
        })
    }

    /// Answers `prompt`, under a contract if the caller chose one, and calls `observer` as
    /// [`ask_watched`](Self::ask_watched) does.
    ///
    /// # Errors
    /// Fails as [`ask`](Self::ask) does.
    pub(crate) fn ask_shown(
        &mut self,
        prompt: &str,
        under: Option<Under<'_>>,
        observer: &mut dyn FnMut(Progress<'_>),
    ) -> Result<JobReport, Error> {
        match under {
            Some(under) => self.ask_under(prompt, under, observer),
            None => self.ask_watched(prompt, observer),
        }
    }

    /// Answers `prompt` under a contract that the caller chose, or reports why not.
    ///
    /// # Errors
    /// [`Error`] if there is no report: the prompt cannot be asked, or the model or the ledger failed.
    fn ask_under(
        &mut self,
        prompt: &str,
        under: Under<'_>,
        observer: &mut dyn FnMut(Progress<'_>),
    ) -> Result<JobReport, Error> {
        self.model.check(prompt, self.chosen_max_new)?;
        let consulted = self.consult(prompt);
        let (job, _claim) = self.book.begin()?;
        let Self { model, book, settings, .. } = self;
        let asked = structured::ask(model, book, (job, consulted), prompt, under, settings.max_new, observer);
        asked.map_err(|error| self.failure(error))
    }

    /// Consults the memory for a job that asks `prompt`, and keeps the fault of one that did not answer.
    fn consult(&mut self, prompt: &str) -> Consulted {
        let Recollection { consulted, fault } =
            recall(&self.memory, &[prompt], &self.model, self.chosen_max_new);
        self.memory_fault = fault;
        consulted
    }

    /// Returns the fault because of which the memory did not answer for the last job. None if it answered, or if there is no
    /// memory.
    #[must_use]
    pub fn memory_fault(&self) -> Option<&str> {
        self.memory_fault.as_deref()
    }

    /// Returns what the constraint on answers under the schema of `chosen` leaves to the judge, as sentences. Empty if
    /// it leaves nothing, if there is no schema, or if the model chooses its tokens elsewhere.
    pub(crate) fn unconstrained(&mut self, chosen: &Chosen) -> Vec<String> {
        let schema = chosen.contract.schema().map(|schema| factloop::to_json(schema.to_value()).to_string());
        match schema.and_then(|schema| self.model.constrain(&schema)) {
            Some(Constrained::Within { notes }) => notes,
            Some(Constrained::Free { why }) => {
                vec![format!("the answer is not constrained while it is generated, and only judged: {why}")]
            }
            None => Vec::new(),
        }
    }

    /// Returns true if the model could not be held to the schema of a contract because no document satisfies it.
    pub(crate) fn no_document_satisfies(&mut self, chosen: &Chosen) -> bool {
        let schema = chosen.contract.schema().map(|schema| factloop::to_json(schema.to_value()).to_string());
        let constrained = schema.and_then(|schema| self.model.constrain(&schema));
        matches!(constrained, Some(Constrained::Free { why: ConstrainError::Unsatisfiable(_) }))
    }

    /// Returns the distance of `prompt` from the training data of the embedded model, if it is large. Returns
    /// None if it is not, and for all other models, for which no such distance was measured.
    ///
    /// # Errors
    /// [`Error`] if the prompt cannot be encoded or exceeds the model's context.
    pub fn unfamiliar(&self, prompt: &str) -> Result<Option<Unfamiliar>, Error> {
        self.model.unfamiliar(prompt).map_err(|failure| model_failure(self.model.identity().name, failure))
    }

    /// Returns true if the model is behind an endpoint, which need not count its tokens meanwhile.
    pub(crate) fn is_remote(&self) -> bool {
        self.model.is_remote()
    }

    /// Returns the sensor because of which the machine counts as full. None if its load is known.
    pub(crate) fn broken_sensor(&self) -> Option<Broken> {
        self.broken
    }

    /// Returns the ledger that this engine writes, open for appends. None if it keeps none.
    #[must_use]
    pub fn ledger(&self) -> Option<&Ledger> {
        self.book.kept()
    }

    /// Returns what opening the ledger found: an append that a writer did not end, for example.
    #[must_use]
    pub fn opened(&self) -> OpenReport {
        self.opened
    }

    /// Returns the number of jobs that other processes had left open, and that opening the engine ended.
    #[must_use]
    pub fn interrupted(&self) -> usize {
        self.interrupted
    }

    /// Returns the folder of the ledger, for errors; an empty path if none is kept.
    fn place(&self) -> &Path {
        self.book.kept().map_or(Path::new(""), Ledger::path)
    }

    fn failure(&self, error: JobError<impl Into<TaskError>, LedgerError>) -> Error {
        job_failure(self.model.identity().name, self.place(), error)
    }
}

/// Returns the error of a command whose job could not be run to its end. `model` is the name of the model and
/// `ledger` the folder of the ledger.
pub(crate) fn job_failure(
    model: String,
    ledger: &Path,
    error: JobError<impl Into<TaskError>, LedgerError>,
) -> Error {
    match error {
        JobError::Drive(DriveError::Journal(cause) | DriveError::Unstorable { error: cause, .. }) => {
            refused(ledger, cause)
        }
        JobError::Drive(DriveError::TooLarge(unstorable)) => Error::Kernel(unstorable.to_string()),
        JobError::Drive(DriveError::Refused(refusal)) => Error::Kernel(refusal.to_string()),
        JobError::Operation(error) => match error.into() {
            TaskError::Operation(OperationError::Model(failure)) => model_failure(model, failure),
            other => Error::Operation(other.to_string()),
        },
    }
}

pub(crate) fn model_failure(place: String, failure: ModelFailure) -> Error {
    match failure {
        ModelFailure::Local(cause) => Error::Generation { place, cause },
        ModelFailure::Remote(error) => Error::Remote(error),
        ModelFailure::Prompt(error) => Error::Operation(error.to_string()),
    }
}

/// A ledger that was opened for writing.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) ledger: Ledger,
    pub(crate) report: OpenReport,
    /// The number of jobs that other processes had left open, and that are ended now.
    pub(crate) interrupted: usize,
}

/// Opens the ledger, and ends the jobs that nobody works on any more.
pub(crate) fn open_ledger(folder: &Path, key: &SigningKey) -> Result<Opened, LedgerError> {
    let (mut ledger, report) = Ledger::open(folder, key)?;
    let interrupted = interrupted::close(&mut ledger)?;
    Ok(Opened { ledger, report, interrupted })
}

/// Tells what a command found and settled in its ledger: appends and jobs that other processes did not end.
/// Does nothing if no ledger is kept.
pub(crate) fn tell(ledger: Option<&Ledger>, interrupted: usize, console: &mut Console<'_>) {
    let Some(ledger) = ledger else { return };
    let Settled { finished, set_aside_bytes, .. } = ledger.settled();
    if finished > 0 {
        console.note(&format!(
            "nmk: an append was announced, complete and not acknowledged; now acknowledged: {}",
            counted(finished, "entry")
        ));
    }
    if set_aside_bytes > 0 {
        let aside = ledger.path().join("aside");
        console.note(&format!(
            "nmk: an append was announced and is not there as announced; what was beyond the head ({}) lies in {} now, \
             and is no part of the history",
            counted(set_aside_bytes, "byte"),
            aside.display()
        ));
    }
    if interrupted > 0 {
        let jobs = counted(interrupted, "job");
        console.note(&format!("nmk: {jobs} closed in the ledger, left open when a process ended"));
    }
}

pub(crate) fn refused(path: &Path, cause: LedgerError) -> Error {
    Error::Ledger { path: path.to_owned(), cause: Box::new(cause) }
}

/// Returns the key of the configuration. If there is no file, a key from the system's entropy is stored there first, unless
/// the ledger is there already: its key is another one.
pub(crate) fn signing_key(config: &Config) -> Result<SigningKey, Error> {
    let path = config.key.as_path();
    let is_there = |path: &Path| path.try_exists().unwrap_or(true);
    // What is no folder holds no head; the ledger's own error names it.
    if config.ledger.join("head").try_exists().unwrap_or(false)
        && !is_there(path)
        && !is_there(&path.with_added_extension("pub"))
    {
        return Err(Error::NoKey { path: path.to_owned(), ledger: config.ledger.clone() });
    }
    load_key(path)
}

/// Returns the key in the file at `path`, in which one from the system's entropy is stored first if it is missing.
pub(crate) fn load_key(path: &Path) -> Result<SigningKey, Error> {
    let seed = surroundings::draw_bytes()?;
    let key = ledger::keys::load_or_create(path, || seed);
    key.map_err(|cause| match cause {
        KeyError::File(cause) if cause.irregular().is_none() => {
            Error::KeyPlace { path: path.to_owned(), cause }
        }
        cause => Error::LedgerKey { path: path.to_owned(), cause },
    })
}

/// Returns true if a primitive answers the prompt, so that no model is sent it and none needs room for it.
pub(crate) fn is_computed(direct: bool, prompt: &str, denied: &BTreeSet<Specification>) -> bool {
    let is_direct = |routed: Routed| routed.is_direct() && !denied.contains(&routed.specification);
    direct && factloop::route(prompt).is_some_and(is_direct)
}

fn settings(config: &Config, max_new: u32, cost: kpolicy::Unit) -> Settings {
    let Spending { mode, importance, risk, budget, .. } = config.spending;
    Settings {
        mode,
        required: config.require,
        direct: config.direct,
        max_new,
        policy: config.spending.question_policy(),
        importance,
        cost,
        risk,
        budget,
        granted: config.facts.clone(),
        denied: config.denied.clone(),
        at: None,
        consulted: None,
    }
}
