//! The planes wired together: a model, a ledger and the plans of jobs between them.

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

/// The number and length of the waits of a second writer waits for the first one: two seconds in all, which a short answer takes.
const LOCK_ATTEMPTS: u32 = 40;
const LOCK_WAIT: Duration = Duration::from_millis(50);

/// A model over a ledger, ready to be asked. While an engine lives, no other writer has its ledger.
#[derive(Debug)]
pub struct Engine {
    model: AnyModel,
    ledger: Ledger,
    opened: OpenReport,
    settings: Settings,
}

impl Engine {
    /// Opens the model and the ledger that `config` chooses, the model first. If the model is refused, the ledger
    /// is not touched.
    ///
    /// # Errors
    /// [`Error`] that names what is refused, where, and what to do.
    pub fn open(config: &Config) -> Result<Self, Error> {
        let model = AnyModel::open(config)?;
        Self::with_model(model, config)
    }

    /// Puts `model` over the ledger that `config` chooses.
    ///
    /// # Errors
    /// [`Error`] if the ledger or its key is refused.
    pub fn with_model(model: AnyModel, config: &Config) -> Result<Self, Error> {
        let key = signing_key(&config.key)?;
        let (ledger, opened) =
            open_ledger(&config.ledger, &key).map_err(|cause| refused(&config.ledger, cause))?;
        Ok(Self { model, ledger, opened, settings: settings(config) })
    }

    /// Answers `prompt`, or says why not. The ledger holds an answer before this function returns it.
    ///
    /// # Errors
    /// [`Error`] if there is no report: the prompt cannot be asked, or the model or the ledger failed.
    pub fn ask(&mut self, prompt: &str) -> Result<JobReport, Error> {
        self.ask_watched(prompt, &mut |_| {})
    }

    /// Does what [`ask`](Self::ask) does, and tells `observer` what happens meanwhile. Pieces of text that the
    /// observer hears are unproven.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
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

    /// Answers `prompt` under a contract of the caller's, or says why not.
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

    /// Returns how far `prompt` is from what the embedded model knows, if it is far. Of other models nothing is
    /// known.
    ///
    /// # Errors
    /// [`Error`] if the model overflows on the prompt.
    pub fn unfamiliar(&self, prompt: &str) -> Result<Option<Unfamiliar>, Error> {
        self.model.unfamiliar(prompt).map_err(|failure| model_failure(self.model.identity().name, failure))
    }

    /// Returns the ledger that this engine writes, open for appends.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Returns what opening the ledger found: how many bytes were cut, for example.
    #[must_use]
    pub fn opened(&self) -> OpenReport {
        self.opened
    }

    fn failure(&self, error: JobError<impl Into<TaskError>, LedgerError>) -> Error {
        job_failure(self.model.identity().name, self.ledger.path(), error)
    }
}

/// The error of a command whose job could not be run to its end. `model` is the name of the model and `ledger` the
/// folder of the ledger.
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

fn model_failure(place: String, failure: ModelFailure) -> Error {
    match failure {
        ModelFailure::Local(cause) => Error::Generation { place, cause },
        ModelFailure::Remote(error) => Error::Remote(error),
        ModelFailure::Prompt(error) => Error::Operation(error.to_string()),
    }
}

/// Opens the ledger, and waits a little for a writer that is about to end.
pub(crate) fn open_ledger(folder: &Path, key: &SigningKey) -> Result<(Ledger, OpenReport), LedgerError> {
    patiently(|| Ledger::open(folder, key))
}

/// Does what [`open_ledger`] does, and returns the jobs of the ledger too, which it reads on the way.
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

/// Returns the key at `path`, and makes it from the system's entropy if there is none yet.
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

/// The policy of a question: at most one more attempt, and none at a cost of 1. With a least of one attempt, no cost
/// could veto it.
fn policy() -> kpolicy::Policy {
    let settings = kpolicy::Settings { k_min: 0, k_max: 1, ..kpolicy::Settings::REFERENCE };
    kpolicy::Policy::new(settings).expect("the reference's settings with a narrower width")
}
