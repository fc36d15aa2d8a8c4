//! The proposers that can be chosen, as one type.

use std::fmt;
use std::path::Path;

use abi::{Digest, Draft, Identity, Proposal, Proposer, Request};
use backend_cpu::CpuBackend;
use neural::{EntryHead, StateDtype};
use proposer::{ForbiddenText, ForbiddenTextError, LocalModel, ProposeError};
use serde::Deserialize;

use crate::Error;
use crate::compute::Compute;
use crate::config::{Config, ModelChoice};
use crate::remote::{ApiKey, Proxy, RemoteError, RemoteProposer};
use crate::surroundings;

/// A model that is ready to be asked. It proposes; it decides nothing.
pub enum Model {
    /// The one in the binary.
    Embedded(Box<LocalModel<CpuBackend>>),
    /// One from a folder.
    Folder(Box<LocalModel<CpuBackend>>),
    /// One behind an endpoint.
    Remote(Box<RemoteProposer>),
}

/// Why a model gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum ModelFailure {
    /// A local one.
    #[error(transparent)]
    Local(#[from] ProposeError),
    /// A remote one.
    #[error(transparent)]
    Remote(#[from] RemoteError),
}

/// Why nothing can be forbidden.
#[derive(Debug, thiserror::Error)]
pub enum ForbidError {
    /// Words or patterns are refused, or the model's tokens have no bytes.
    #[error(transparent)]
    ForbiddenText(#[from] ForbiddenTextError),
    /// The choice of tokens is not ours.
    #[error(
        "a model behind an endpoint chooses its tokens itself; --forbid and --forbid-pattern need a local one"
    )]
    Remote,
}

/// From where on a prompt is far from what the embedded model knows, as measured on held-out prompts.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Calibration {
    /// The largest mean negative log-likelihood, in nats a token, that counts as near.
    pub threshold: f64,
    /// The share of familiar prompts that lie beyond it all the same.
    pub false_alarm_rate: f64,
}

/// A prompt that is far from what the embedded model knows.
#[derive(Clone, Copy, Debug)]
pub struct Unfamiliar {
    /// How far, in nats a token.
    pub distance: f64,
    /// The line that it crossed.
    pub calibration: Calibration,
}

impl Model {
    /// Makes ready what `config` chooses. Nothing is sent to an endpoint yet.
    ///
    /// # Errors
    /// [`Error`] naming the folder, or the variable of the key.
    pub fn open(config: &Config) -> Result<Self, Error> {
        let mut model = Self::chosen(config)?;
        model.forbid(&config.forbid.text()).map_err(Error::Forbid)?;
        Ok(model)
    }

    fn chosen(config: &Config) -> Result<Self, Error> {
        match &config.model {
            ModelChoice::Embedded => embedded(config.compute).map(|model| Self::Embedded(Box::new(model))),
            ModelChoice::Folder(folder) => {
                from_folder(folder, config.compute).map(|model| Self::Folder(Box::new(model)))
            }
            ModelChoice::Endpoint { endpoint, name } => {
                let variable = &config.remote.key_variable;
                let key = match surroundings::variable(variable) {
                    Some(content) => ApiKey::from_variable(variable, &content)?,
                    None => None,
                };
                let (limits, proxy) = (config.remote.limits, Proxy::from_variables(surroundings::variable));
                let remote = RemoteProposer::new(endpoint.clone(), name.clone(), key, limits, proxy.as_ref());
                Ok(Self::Remote(Box::new(remote)))
            }
        }
    }

    /// Refuses a prompt that cannot be answered, before anything is written down.
    ///
    /// # Errors
    /// The prompt is empty, or does not fit the context with `max_new` tokens after it.
    pub fn check(&self, prompt: &str, max_new: u32) -> Result<(), Error> {
        if prompt.trim().is_empty() {
            return Err(Error::EmptyPrompt);
        }
        let Some(local) = self.local() else { return Ok(()) };
        let place = || local.name().to_owned();
        let ids =
            local.prompt_ids("", prompt).map_err(|cause| Error::Generation { place: place(), cause })?;
        let (tokens, capacity) = (ids.len(), local.model().config().max_positions);
        if tokens.saturating_add(max_new as usize) > capacity {
            return Err(Error::PromptTooLong { tokens, max_new, capacity });
        }
        Ok(())
    }

    /// Forbids words and patterns in every answer from now on, instead of what was forbidden before.
    ///
    /// # Errors
    /// [`ForbidError`]: they are refused, or nobody can keep a remote model from saying them.
    pub fn forbid(&mut self, text: &ForbiddenText) -> Result<(), ForbidError> {
        match self {
            Self::Embedded(model) | Self::Folder(model) => Ok(model.forbid(text)?),
            Self::Remote(_) if text.is_empty() => Ok(()),
            Self::Remote(_) => Err(ForbidError::Remote),
        }
    }

    /// Whether `prompt` is far from what the embedded model knows. Of other models nothing is known.
    ///
    /// # Errors
    /// The model overflows on the prompt.
    pub fn unfamiliar(&self, prompt: &str) -> Result<Option<Unfamiliar>, ModelFailure> {
        let Self::Embedded(model) = self else { return Ok(None) };
        let calibration: Calibration =
            serde_json::from_str(embedded::CALIBRATION).expect("the shipped calibration is tested");
        let distance = model.mean_prompt_nll(prompt)?;
        Ok((distance > calibration.threshold).then_some(Unfamiliar { distance, calibration }))
    }

    /// The state in which it is the model of this digest, if there is one.
    #[must_use]
    pub fn state_of(&self, digest: &Digest) -> Option<StateDtype> {
        let model = self.local()?.model();
        StateDtype::ALL.into_iter().find(|state| model.digest_in(*state) == *digest)
    }

    /// The model of the same weights that keeps `state`; a remote one as it is.
    #[must_use]
    pub fn in_state(self, state: StateDtype) -> Self {
        match self {
            Self::Embedded(model) => Self::Embedded(Box::new(model.in_state(state))),
            Self::Folder(model) => Self::Folder(Box::new(model.in_state(state))),
            Self::Remote(model) => Self::Remote(model),
        }
    }

    fn local(&self) -> Option<&LocalModel<CpuBackend>> {
        match self {
            Self::Embedded(model) | Self::Folder(model) => Some(model),
            Self::Remote(_) => None,
        }
    }
}

fn embedded(compute: Compute) -> Result<LocalModel<CpuBackend>, Error> {
    let parts = LocalModel::from_parts(
        embedded::CONFIG.as_bytes(),
        embedded::TOKENIZER,
        embedded::WEIGHTS,
        compute.backend()?,
    );
    let model = parts.map_err(|cause| Error::Model { place: "embedded".to_owned(), cause })?;
    let head = EntryHead::from_safetensors(embedded::ENTRY_HEAD, model.model());
    let model = model.with_entry_head(head.expect("the shipped head is tested against the shipped model"));
    Ok(model.named("embedded").scheduled(compute.schedule()).in_state(compute.state))
}

fn from_folder(folder: &Path, compute: Compute) -> Result<LocalModel<CpuBackend>, Error> {
    if folder.is_file() {
        return Err(Error::ModelIsAFile { path: folder.to_owned() });
    }
    if !folder.is_dir() {
        return Err(Error::NoModel { path: folder.to_owned() });
    }
    LocalModel::from_dir(folder, compute.backend()?)
        .map(|model| model.scheduled(compute.schedule()).in_state(compute.state))
        .map_err(|cause| Error::Model { place: folder.display().to_string(), cause })
}

impl Proposer for Model {
    type Error = ModelFailure;

    fn identity(&self) -> Identity {
        match self {
            Self::Embedded(model) | Self::Folder(model) => model.identity(),
            Self::Remote(model) => model.identity(),
        }
    }

    fn propose(
        &mut self,
        request: &Request<'_>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Proposal<Draft>, ModelFailure> {
        Ok(match self {
            Self::Embedded(model) | Self::Folder(model) => model.propose(request, progress)?,
            Self::Remote(model) => model.propose(request, progress)?,
        })
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Embedded(_) => "Embedded",
            Self::Folder(_) => "Folder",
            Self::Remote(_) => "Remote",
        };
        f.debug_tuple(kind).field(&self.identity().name).finish()
    }
}
