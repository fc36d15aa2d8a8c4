//! The planes wired together: a model, a ledger and the loop between them.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use abi::Proposer;
use factloop::{AskError, Progress, Report, RunError, Settings};
use ledger::{Ledger, LedgerError, OpenReport, SigningKey};
use sched::{DriveError, History};

use crate::config::{Config, Spending};
use crate::contract_file::Chosen;
use crate::model::{Model, ModelFailure, Unfamiliar};
use crate::operations::OperationError;
use crate::structured::{self, Structured, StructuredError};
use crate::{Error, surroundings};

/// How often and how long another writer is waited for: two seconds, which a short answer takes.
const LOCK_ATTEMPTS: u32 = 40;
const LOCK_WAIT: Duration = Duration::from_millis(50);

/// A kernel that is ready to be asked. While it lives, no other writer has its ledger.
#[derive(Debug)]
pub struct Kernel {
    model: Model,
    ledger: Ledger,
    opened: OpenReport,
    settings: Settings,
}

impl Kernel {
    /// Opens the model and the ledger that `config` chooses, the model first: where it is refused, the
    /// ledger is not touched.
    ///
    /// # Errors
    /// [`Error`] naming what is refused, where, and what to do.
    pub fn open(config: &Config) -> Result<Self, Error> {
        let model = Model::open(config)?;
        Self::with_model(model, config)
    }

    /// Puts `model` over the ledger that `config` chooses.
    ///
    /// # Errors
    /// The ledger or its key is refused.
    pub fn with_model(model: Model, config: &Config) -> Result<Self, Error> {
        let key = signing_key(&config.key)?;
        let (ledger, opened) =
            open_ledger(&config.ledger, &key).map_err(|cause| refused(&config.ledger, cause))?;
        Ok(Self { model, ledger, opened, settings: settings(config) })
    }

    /// Answers `prompt`, or says why not. What is answered is sealed into the ledger before it is returned.
    ///
    /// # Errors
    /// [`Error`] where there is no report: bad input, or the model or the ledger failed.
    pub fn ask(&mut self, prompt: &str) -> Result<Report, Error> {
        self.ask_watched(prompt, &mut |_| {})
    }

    /// As [`ask`](Self::ask), telling `observer` what happens meanwhile. What it hears is unproven.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub fn ask_watched(
        &mut self,
        prompt: &str,
        observer: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Report, Error> {
        self.model.check(prompt, self.settings.max_new)?;
        let job = surroundings::draw_job()?;
        let Self { model, ledger, settings, .. } = self;
        let answered = factloop::ask(model, ledger, job, prompt, settings, observer);
        answered.map_err(|error| self.failure(error))
    }

    /// Answers `prompt` under a contract of the caller's, or says why not.
    ///
    /// # Errors
    /// [`Error`] where there is no report: bad input, or the model or the ledger failed.
    pub(crate) fn ask_under(self, prompt: &str, chosen: &Chosen) -> Result<Structured, Error> {
        self.model.check(prompt, self.settings.max_new)?;
        let job = surroundings::draw_job()?;
        let Self { model, mut ledger, settings, .. } = self;
        let place = model.identity().name;
        let identity = model.identity();
        let model = Arc::new(Mutex::new(model));
        let asked = structured::ask(&model, identity, &mut ledger, job, prompt, chosen, settings.max_new);
        asked.map_err(|error| match error {
            StructuredError::Ledger(cause) => refused(ledger.path(), cause),
            StructuredError::Refused(refusal) => Error::Kernel(refusal.to_string()),
            StructuredError::Operation(OperationError::Model(failure)) => model_failure(place, failure),
            StructuredError::Operation(other) => Error::Operation(other.to_string()),
        })
    }

    /// Whether `prompt` is far from what the embedded model knows; never so with another model.
    ///
    /// # Errors
    /// The model overflows on the prompt.
    pub fn unfamiliar(&self, prompt: &str) -> Result<Option<Unfamiliar>, Error> {
        self.model.unfamiliar(prompt).map_err(|failure| self.model_failure(failure))
    }

    /// The ledger.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What was found when the ledger was opened.
    #[must_use]
    pub fn opened(&self) -> OpenReport {
        self.opened
    }

    fn failure(&self, error: AskError<ModelFailure, LedgerError>) -> Error {
        match error {
            AskError::EmptyPrompt => Error::EmptyPrompt,
            AskError::Run(RunError::Proposer(failure)) => self.model_failure(failure),
            AskError::Run(other) => Error::Kernel(other.to_string()),
            AskError::Drive(DriveError::Journal(cause)) => refused(self.ledger.path(), cause),
            AskError::Drive(other) => Error::Kernel(other.to_string()),
        }
    }

    fn model_failure(&self, failure: ModelFailure) -> Error {
        model_failure(self.model.identity().name, failure)
    }
}

pub(crate) fn model_failure(place: String, failure: ModelFailure) -> Error {
    match failure {
        ModelFailure::Local(cause) => Error::Generation { place, cause },
        ModelFailure::Remote(error) => Error::Remote(error),
    }
}

/// Opens the ledger, waiting a little for a writer that is about to end.
pub(crate) fn open_ledger(folder: &Path, key: &SigningKey) -> Result<(Ledger, OpenReport), LedgerError> {
    patiently(|| Ledger::open(folder, key))
}

/// As [`open_ledger`], with what the ledger says of its jobs, read on the way.
pub(crate) fn open_with_history(
    folder: &Path,
    key: &SigningKey,
) -> Result<(Ledger, OpenReport, History), LedgerError> {
    patiently(|| {
        let mut history = History::default();
        // A history that contradicts itself is for `nmk ledger trace` to tell; nothing is built on it here.
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

/// The key at `path`, made from the system's entropy where there is none yet.
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

/// At most one more attempt, and none where the cost is 1: with a least of 1 no cost could veto.
fn policy() -> kpolicy::Policy {
    let settings = kpolicy::Settings { k_min: 0, k_max: 1, ..kpolicy::Settings::REFERENCE };
    kpolicy::Policy::new(settings).expect("the reference's settings with a narrower width")
}
