//! The engine: a model and a ledger, joined by the plans of jobs.

use std::path::Path;
use std::time::Duration;

use abi::Proposer;
use factloop::operations::OperationError;
use factloop::{AskError, JobReport, Progress, Settings};
use ledger::{Ledger, LedgerError, OpenReport, SigningKey};
use sched::{DriveError, History, JobError};

use crate::config::{Config, Spending};
use crate::contract_file::Chosen;
use crate::model::{AnyModel, ModelFailure, Unfamiliar};
use crate::operations::TaskError;
use crate::{Error, structured, surroundings};

/// The number of attempts to open a ledger that another writer has open. With the wait between them they take
/// two seconds in all, about as long as a short answer.
const LOCK_ATTEMPTS: u32 = 40;
const LOCK_WAIT: Duration = Duration::from_millis(50);

/// A model over a ledger, ready to be asked. While an engine exists, no other writer can open its ledger.
#[derive(Debug)]
pub struct Engine {
    model: AnyModel,
    ledger: Ledger,
    opened: OpenReport,
    settings: Settings,
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

    /// Returns an engine with `model` over the ledger that `config` chooses.
    ///
    /// # Errors
    /// [`Error`] if the ledger or its key is refused.
    pub fn with_model(model: AnyModel, config: &Config) -> Result<Self, Error> {
        let key = signing_key(&config.key)?;
        let (ledger, opened) =
            open_ledger(&config.ledger, &key).map_err(|cause| refused(&config.ledger, cause))?;
        Ok(Self { model, ledger, opened, settings: settings(config) })
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
        self.model.check(prompt, self.settings.max_new)?;
        let job = surroundings::draw_job()?;
        let Self { model, ledger, settings, .. } = self;
        factloop::ask(model, ledger, job, prompt, settings, observer).map_err(|error| match error {
            AskError::EmptyPrompt => Error::EmptyPrompt,
            AskError::Job(error) => self.failure(error),
        })
    }

    /// Answers `prompt` under a contract that the caller chose, or reports why not.
    ///
    /// # Errors
    /// [`Error`] if there is no report: the prompt cannot be asked, or the model or the ledger failed.
    pub(crate) fn ask_under(&mut self, prompt: &str, chosen: &Chosen) -> Result<JobReport, Error> {
        self.model.check(prompt, self.settings.max_new)?;
        let job = surroundings::draw_job()?;
        let Self { model, ledger, settings, .. } = self;
        let asked = structured::ask(model, ledger, job, prompt, chosen, settings.max_new);
        asked.map_err(|error| self.failure(error))
    }

    /// Returns the distance of `prompt` from the training data of the embedded model, if it is large. Returns
    /// None if it is not, and for all other models, for which no such distance was measured.
    ///
    /// # Errors
    /// [`Error`] if the prompt cannot be encoded or exceeds the model's context.
    pub fn unfamiliar(&self, prompt: &str) -> Result<Option<Unfamiliar>, Error> {
        self.model.unfamiliar(prompt).map_err(|failure| model_failure(self.model.identity().name, failure))
    }

    /// Returns the ledger that this engine writes, open for appends.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Returns the report about opening the ledger: if it was created, and how many bytes were cut.
    #[must_use]
    pub fn opened(&self) -> OpenReport {
        self.opened
    }

    fn failure(&self, error: JobError<impl Into<TaskError>, LedgerError>) -> Error {
        job_failure(self.model.identity().name, self.ledger.path(), error)
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
        JobError::Drive(DriveError::Journal(cause)) => refused(ledger, cause),
        JobError::Drive(DriveError::Refused(refusal)) => Error::Kernel(refusal.to_string()),
        JobError::Operation(error) => match error.into() {
            TaskError::Operation(OperationError::Model(failure)) => model_failure(model, failure),
            other => Error::Operation(other.to_string()),
        },
    }
}

fn model_failure(place: String, failure: ModelFailure) -> Error {
    match failure {
        ModelFailure::Local(cause) => Error::Generation { place, cause },
        ModelFailure::Remote(error) => Error::Remote(error),
        ModelFailure::Prompt(error) => Error::Operation(error.to_string()),
    }
}

/// Opens the ledger, and waits up to two seconds for another writer to end.
pub(crate) fn open_ledger(folder: &Path, key: &SigningKey) -> Result<(Ledger, OpenReport), LedgerError> {
    patiently(|| Ledger::open(folder, key))
}

/// Opens the ledger as [`open_ledger`] does, and also returns the jobs and tasks that its entries describe.
pub(crate) fn open_with_history(
    folder: &Path,
    key: &SigningKey,
) -> Result<(Ledger, OpenReport, History), LedgerError> {
    patiently(|| {
        let mut history = History::default();
        // `nmk ledger trace` reports a history that contradicts itself; nothing here is built on one.
        let (ledger, opened) = Ledger::open_watched(folder, key, &mut |stored| {
            let _ = history.take(&stored.entry);
        })?;
        Ok((ledger, opened, history))
    })
}

fn patiently<T>(mut open: impl FnMut() -> Result<T, LedgerError>) -> Result<T, LedgerError> {
    for _ in 0..LOCK_ATTEMPTS {
        match open() {
            Err(LedgerError::Locked { .. }) => std::thread::sleep(LOCK_WAIT),
            ended => return ended,
        }
    }
    open()
}

pub(crate) fn refused(path: &Path, cause: LedgerError) -> Error {
    Error::Ledger { path: path.to_owned(), cause: Box::new(cause) }
}

/// Returns the key in the file at `path`. If there is no file, a key from the system's entropy is stored
/// there first.
pub(crate) fn signing_key(path: &Path) -> Result<SigningKey, Error> {
    let seed = surroundings::draw_bytes()?;
    let key = ledger::keys::load_or_create(path, || seed);
    key.map_err(|cause| Error::LedgerKey { path: path.to_owned(), cause })
}

fn settings(config: &Config) -> Settings {
    let Spending { cost, importance, budget } = config.spending;
    Settings {
        required: config.require,
        direct: config.direct,
        max_new: config.max_new,
        policy: policy(),
        importance,
        cost,
        budget,
        granted: config.facts.clone(),
    }
}

/// Returns the policy of a question: at most one further attempt, and none at a cost of 1. If the minimum
/// were one attempt, no cost could prevent it.
fn policy() -> kpolicy::Policy {
    let settings = kpolicy::Settings { k_min: 0, k_max: 1, ..kpolicy::Settings::REFERENCE };
    kpolicy::Policy::new(settings).expect("the reference's settings with a narrower width")
}
