//! The models that a user can choose, as one type of proposer.

use std::fmt;
use std::path::Path;

use abi::bounds::MAX_RECORDED_TOKENS;
use abi::{Conversation, Digest, Draft, Identity, Proposal, Proposer, Request, Step, Thinking};
use backend_cpu::CpuBackend;
use neural::{EntryHead, StateDtype};
use proposer::{Constrained, ForbiddenText, ForbiddenTextError, LocalModel, ProposeError};
use serde::Deserialize;
use text::ChatError;

use crate::Error;
use crate::compute::Compute;
use crate::config::{Config, ModelChoice};
use crate::remote::{ApiKey, Between, Proxy, RemoteError, RemoteProposer};
use crate::shipped::Shipped;
use crate::{PromptError, PromptLength, PromptPlace, authorities, surroundings};

/// A model that is ready to be asked: one that is shipped, one from a folder, or one behind an endpoint.
///
/// A model only proposes, and decides nothing.
pub enum AnyModel {
    /// The model that is shipped in the binary.
    Embedded(Box<LocalModel<CpuBackend>>),
    /// The model that writes Python functions, which is shipped in the binary too.
    Coder(Box<LocalModel<CpuBackend>>),
    /// A model from a folder in the layout of the Hugging Face Hub.
    Folder(Box<LocalModel<CpuBackend>>),
    /// A model behind an OpenAI-compatible endpoint.
    Remote(Box<RemoteProposer>),
}

/// The parameters that carry a choice of thinking.
const THINKING: [&str; 2] = ["reasoning_effort", "chat_template_kwargs"];

/// The reason why a model generated no text for a request.
#[derive(Debug, thiserror::Error)]
pub enum ModelFailure {
    /// A local model could not generate an answer.
    #[error(transparent)]
    Local(#[from] ProposeError),
    /// A request to the endpoint of a remote model failed.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The prompt and the answer do not fit the model's context together, or the prompt is empty.
    #[error(transparent)]
    Prompt(Box<Error>),
}

/// The reason why words or patterns cannot be forbidden to a model.
#[derive(Debug, thiserror::Error)]
pub enum ForbidError {
    /// A word or a pattern is refused, or the bytes of the model's tokens cannot be determined.
    #[error(transparent)]
    ForbiddenText(#[from] ForbiddenTextError),
    /// The model is behind an endpoint, which chooses the tokens itself.
    #[error(
        "a model behind an endpoint chooses its tokens itself; --forbid, --forbid-word and --forbid-pattern need a local one"
    )]
    Remote,
}

/// The threshold of distance above which a prompt counts as unfamiliar to the embedded model, as measured on
/// held-out prompts.
///
/// The distance of a prompt is the mean negative log-likelihood of its tokens.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Calibration {
    /// The largest distance of a familiar prompt, in nats per token.
    pub threshold: f64,
    /// The share of familiar prompts, from 0 to 1, whose distance is above the threshold all the same.
    pub false_alarm_rate: f64,
}

/// A warning that a prompt is unlike the training data of the embedded model, so that answers may be poor.
#[derive(Clone, Copy, Debug)]
pub struct Unfamiliar {
    /// The distance of the prompt, in nats per token.
    pub distance: f64,
    /// The calibration with the threshold that the distance exceeds.
    pub calibration: Calibration,
}

impl AnyModel {
    /// Returns the model that `config` chooses, ready to be asked. Nothing is sent to an endpoint yet.
    ///
    /// # Errors
    /// [`Error`] names the folder, the variable of the key, or the forbidden text that is refused.
    pub fn open(config: &Config) -> Result<Self, Error> {
        let mut model = Self::chosen(config)?;
        model.forbid(&config.forbid.text()).map_err(Error::Forbid)?;
        let place = model.identity().name;
        model
            .set_conversation(&config.conversation)
            .map_err(|cause| Error::Conversation { place: place.clone(), cause })?;
        model.set_thinking(config.thinking).map_err(|cause| Error::Thinking { place, cause })?;
        Ok(model)
    }

    fn chosen(config: &Config) -> Result<Self, Error> {
        match &config.model {
            ModelChoice::Embedded => embedded(config.compute).map(|model| Self::Embedded(Box::new(model))),
            ModelChoice::Coder => shipped(Shipped::Coder, config.compute)
                .map(|model| Self::Coder(Box::new(model.in_state(config.compute.state)))),
            ModelChoice::Folder(folder) => {
                from_folder(folder, config.compute).map(|model| Self::Folder(Box::new(model)))
            }
            ModelChoice::Endpoint { endpoint, name } => {
                let variable = &config.remote.key_variable;
                let key = match surroundings::variable(variable) {
                    Some(content) => ApiKey::from_variable(variable, &content)?,
                    None => None,
                };
                let limits = config.remote.limits;
                // An endpoint on this machine is reached without a proxy, so no variable can stand in the way.
                let proxy = match endpoint.is_loopback() {
                    true => None,
                    false => Proxy::from_variables(surroundings::variable)?,
                };
                let (name, is_named) = (name.clone().unwrap_or_default(), name.is_some());
                let mut remote = RemoteProposer::new(endpoint.clone(), name, key, limits, proxy.as_ref())
                    .speaking(config.remote.dialect)
                    .attended(attend);
                if endpoint.is_encrypted()
                    && let Some(authorities) = authorities::trusted(config.remote.ca_file.as_deref())?
                {
                    remote = remote.trusting(&authorities, proxy.as_ref());
                }
                if !is_named {
                    let only = remote.only_model()?;
                    surroundings::tell(&format!("nmk: the endpoint has one model, which is asked: {only}"));
                    remote = remote.named(only);
                }
                Ok(Self::Remote(Box::new(remote)))
            }
        }
    }

    /// Returns a model of the embedded architecture with other weights, the bytes of a safetensors file, under a name.
    ///
    /// # Errors
    /// [`Error`] if the weights do not fit the architecture, or the machine cannot compute as `compute` asks.
    pub(crate) fn from_weights(name: &str, weights: &[u8], compute: Compute) -> Result<Self, Error> {
        let backend = compute.backend()?;
        let parts =
            LocalModel::from_parts(embedded::CONFIG.as_bytes(), embedded::TOKENIZER, weights, backend);
        let model = parts.map_err(|cause| Error::Model { place: name.to_owned(), cause })?;
        let model = model.named(name).scheduled(compute.schedule()).in_state(compute.state);
        Ok(Self::Folder(Box::new(model)))
    }

    /// Returns the largest number of tokens of one answer: `chosen`, or the most that the model can generate and a
    /// ledger can record if nothing is chosen.
    #[must_use]
    pub fn limit(&self, chosen: Option<u32>) -> u32 {
        let most = |local: &LocalModel<CpuBackend>| {
            let stated = local.stated_max_new().unwrap_or(usize::MAX);
            let context = local.model().config().max_positions;
            u32::try_from(stated.min(context).min(MAX_RECORDED_TOKENS)).unwrap_or(u32::MAX)
        };
        chosen.or_else(|| self.local().map(most)).unwrap_or(u32::MAX)
    }

    /// Checks that a prompt can be answered, before anything is recorded.
    ///
    /// # Errors
    /// [`Error`] if the prompt is empty, or if it does not fit the context with `chosen` tokens after it, or with
    /// one token if nothing is chosen.
    pub fn check(&self, prompt: &str, chosen: Option<u32>) -> Result<(), Error> {
        self.room(&Request {
            prompt,
            facts: "",
            schema: None,
            max_new: chosen.unwrap_or(1),
            decoding: abi::Decoding::Greedy,
        })
        .and_then(|(tokens, room)| {
            let (max_new, capacity) = (chosen.unwrap_or(1), tokens.saturating_add(room));
            let fits = room >= max_new as usize;
            let length = PromptLength { tokens, fitting_bytes: None };
            if fits { Ok(()) } else { Err(Error::PromptTooLong { length, max_new, capacity }) }
        })
    }

    /// Returns true if the facts take at most a quarter of the model's context, and a prompt that fits alone fits with
    /// them. `chosen` tokens are to come after the prompt, or one if nothing is chosen.
    pub(crate) fn has_room_for(&self, facts: &str, prompt: &str, chosen: Option<u32>) -> bool {
        let max_new = chosen.unwrap_or(1);
        let decoding = abi::Decoding::Greedy;
        let of = |facts| self.room(&Request { prompt, facts, schema: None, max_new, decoding });
        // A prompt that does not fit alone is refused elsewhere, and needs no facts.
        let (Ok((alone, room)), Ok((together, left))) = (of(""), of(facts)) else { return false };
        let capacity = alone.saturating_add(room);
        together.saturating_sub(alone) <= capacity / 4 && left >= max_new as usize
    }

    /// Returns the number of tokens of a prompt, and the number of tokens for which the context has room after it.
    fn room(&self, request: &Request<'_>) -> Result<(usize, usize), Error> {
        let Request { prompt, facts, .. } = *request;
        if prompt.trim().is_empty() {
            return Err(PromptError::Empty { place: PromptPlace::CommandLine }.into());
        }
        let Some(local) = self.local() else { return Ok((0, usize::MAX)) };
        let place = || local.name().to_owned();
        let refused = |cause| Error::Generation { place: place(), cause };
        let (max_new, capacity) = (request.max_new, local.model().config().max_positions);
        // To encode megabytes takes many seconds, and the context is full after a few thousand tokens.
        if let Some(text::Excess { tokens, fitting_bytes }) =
            local.excess(facts, prompt, capacity).map_err(refused)?
        {
            let length = PromptLength { tokens, fitting_bytes: Some(fitting_bytes) };
            return Err(Error::PromptTooLong { length, max_new, capacity });
        }
        let tokens = local.prompt_ids(facts, prompt).map_err(refused)?.len();
        let length = PromptLength { tokens, fitting_bytes: None };
        let room = capacity.checked_sub(tokens).ok_or(Error::PromptTooLong { length, max_new, capacity })?;
        Ok((tokens, room))
    }

    /// Tells the model whether to think aloud before it answers.
    ///
    /// # Errors
    /// [`ChatError`] if the chat template of a local model cannot be told so. The model is then unchanged.
    pub fn set_thinking(&mut self, thinking: Thinking) -> Result<(), ChatError> {
        match self {
            Self::Embedded(model) | Self::Coder(model) | Self::Folder(model) => model.set_thinking(thinking),
            Self::Remote(model) => {
                model.set_thinking(thinking);
                Ok(())
            }
        }
    }

    /// Lets the model read these messages before each prompt from now on.
    ///
    /// # Errors
    /// [`ChatError`] if the chat template of a local model cannot write them. The model is then unchanged.
    pub fn set_conversation(&mut self, conversation: &Conversation) -> Result<(), ChatError> {
        match self {
            Self::Embedded(model) | Self::Coder(model) | Self::Folder(model) => {
                model.set_conversation(conversation.clone())
            }
            Self::Remote(model) => {
                model.set_conversation(conversation.clone());
                Ok(())
            }
        }
    }

    /// Forbids words and patterns in every answer from now on. They replace those that were forbidden before.
    ///
    /// # Errors
    /// `ForbidError` if a word or a pattern is refused, or if the model is a remote one.
    pub fn forbid(&mut self, text: &ForbiddenText) -> Result<(), ForbidError> {
        match self {
            Self::Embedded(model) | Self::Coder(model) | Self::Folder(model) => Ok(model.forbid(text)?),
            Self::Remote(_) if text.is_empty() => Ok(()),
            Self::Remote(_) => Err(ForbidError::Remote),
        }
    }

    /// Compiles a JSON Schema for the tokens of this model, and returns how answers under it are constrained. None
    /// for a model behind an endpoint, which chooses its tokens itself.
    pub fn constrain(&mut self, schema: &str) -> Option<Constrained> {
        match self {
            Self::Embedded(model) | Self::Coder(model) | Self::Folder(model) => Some(model.constrain(schema)),
            Self::Remote(_) => None,
        }
    }

    /// Returns the distance of `prompt` from the training data of the embedded model, if it is large. Returns
    /// None if it is not, and for all other models, for which no such distance was measured.
    ///
    /// # Errors
    /// [`ModelFailure`] if the prompt cannot be encoded or exceeds the model's context.
    pub fn unfamiliar(&self, prompt: &str) -> Result<Option<Unfamiliar>, ModelFailure> {
        let Self::Embedded(model) = self else { return Ok(None) };
        let calibration: Calibration =
            serde_json::from_str(embedded::CALIBRATION).expect("the shipped calibration is tested");
        let distance = model.mean_prompt_nll(prompt)?;
        Ok((distance > calibration.threshold).then_some(Unfamiliar { distance, calibration }))
    }

    /// Returns the type of state with which this model has the digest `digest`. Returns None if no type gives
    /// that digest, or if the model is a remote one.
    #[must_use]
    pub fn state_of(&self, digest: &Digest) -> Option<StateDtype> {
        let model = self.local()?.model();
        StateDtype::ALL.into_iter().find(|state| model.digest_in(*state) == *digest)
    }

    /// Returns a model with the same weights whose state is stored as `state`. A remote model is returned
    /// unchanged.
    #[must_use]
    pub fn in_state(self, state: StateDtype) -> Self {
        match self {
            Self::Embedded(model) => Self::Embedded(Box::new(model.in_state(state))),
            Self::Coder(model) => Self::Coder(Box::new(model.in_state(state))),
            Self::Folder(model) => Self::Folder(Box::new(model.in_state(state))),
            Self::Remote(model) => Self::Remote(model),
        }
    }

    /// Returns true if the model is behind an endpoint.
    pub(crate) fn is_remote(&self) -> bool {
        matches!(self, Self::Remote(_))
    }

    /// Returns the model if it runs on this machine.
    pub(crate) fn local_mut(&mut self) -> Option<&mut LocalModel<CpuBackend>> {
        match self {
            Self::Embedded(model) | Self::Coder(model) | Self::Folder(model) => Some(model),
            Self::Remote(_) => None,
        }
    }

    fn local(&self) -> Option<&LocalModel<CpuBackend>> {
        match self {
            Self::Embedded(model) | Self::Coder(model) | Self::Folder(model) => Some(model),
            Self::Remote(_) => None,
        }
    }
}

/// Waits where an endpoint asks for it, and tells a person what happens between two requests.
fn attend(between: Between<'_>) {
    match between {
        Between::Wait { time, is_stated, status, said } => {
            let seconds = time.as_secs_f64();
            let why = match is_stated {
                true => format!("asks to wait {seconds} s"),
                false => format!("is busy and states no wait, so it is asked again in {seconds} s"),
            };
            surroundings::tell(&format!("nmk: the endpoint {why}, HTTP {status}: `{said}`"));
            std::thread::sleep(time);
        }
        // Nobody asked for the other parameters, so nobody misses them.
        Between::Without { parameter: "the choice of thinking", said } => {
            surroundings::tell(&format!("nmk: the endpoint takes no choice of thinking: `{said}`"));
        }
        Between::Without { parameter, said } if THINKING.contains(&parameter) => {
            surroundings::tell(&format!(
                "nmk: the endpoint does not take `{parameter}` as it was sent: `{said}`"
            ));
        }
        Between::Without { .. } => {}
        Between::UnknownEnd { word } => {
            surroundings::tell(&format!(
                "nmk: the endpoint ended the reply with the unknown finish_reason `{word}`, which is taken for a whole \
                 answer"
            ));
        }
        Between::Moved { endpoint } => {
            surroundings::tell(&format!("nmk: nothing answers below this address; {endpoint} is tried"));
        }
    }
}

/// Returns a model that is shipped in the binary, in the state in which it was trained.
fn shipped(shipped: Shipped, compute: Compute) -> Result<LocalModel<CpuBackend>, Error> {
    let backend = compute.backend()?;
    let parts = LocalModel::from_parts(shipped.config(), shipped.tokenizer(), shipped.weights(), backend);
    let model = parts.map_err(|cause| Error::Model { place: shipped.name().to_owned(), cause })?;
    Ok(model.named(shipped.name()).scheduled(compute.schedule()))
}

fn embedded(compute: Compute) -> Result<LocalModel<CpuBackend>, Error> {
    let model = shipped(Shipped::Embedded, compute)?;
    let head = EntryHead::from_safetensors(embedded::ENTRY_HEAD, model.model());
    let model = model.with_entry_head(head.expect("the shipped head is tested against the shipped model"));
    // The head belongs to the model in its first state, so the other state comes last.
    Ok(model.in_state(compute.state))
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

impl Proposer for AnyModel {
    type Error = ModelFailure;

    fn identity(&self) -> Identity {
        match self {
            Self::Embedded(model) | Self::Coder(model) | Self::Folder(model) => model.identity(),
            Self::Remote(model) => model.identity(),
        }
    }

    fn has_room(&self, request: &Request<'_>) -> bool {
        self.has_room_for(request.facts, request.prompt, Some(request.max_new))
    }

    fn propose(
        &mut self,
        request: &Request<'_>,
        progress: &mut dyn FnMut(Step<'_>),
    ) -> Result<Proposal<Draft>, ModelFailure> {
        let refused = |error| ModelFailure::Prompt(Box::new(error));
        let (tokens, room) = self.room(request).map_err(refused)?;
        if room == 0 {
            let (max_new, capacity) = (request.max_new, tokens);
            let length = PromptLength { tokens, fitting_bytes: None };
            return Err(refused(Error::PromptTooLong { length, max_new, capacity }));
        }
        // An answer ends where the context is full, at the latest.
        let room = u32::try_from(room).unwrap_or(u32::MAX);
        let request = &Request { max_new: request.max_new.min(room), ..*request };
        Ok(match self {
            Self::Embedded(model) | Self::Coder(model) | Self::Folder(model) => {
                model.propose(request, progress)?
            }
            Self::Remote(model) => model.propose(request, progress)?,
        })
    }
}

impl fmt::Debug for AnyModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Embedded(_) => "Embedded",
            Self::Coder(_) => "Coder",
            Self::Folder(_) => "Folder",
            Self::Remote(_) => "Remote",
        };
        f.debug_tuple(kind).field(&self.identity().name).finish()
    }
}
