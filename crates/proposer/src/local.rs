//! A model of this machine with its tokenizer and chat template.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use neural::{Backend, EntryHead, Model, ModelError, Session, SessionError, State, Want};
use text::{ChatError, ChatTemplate, Tokenizer, TokenizerError};
use thiserror::Error;

use crate::checkpoint::{Checkpoint, tokenizer_path};
use crate::forbidden_text::Silence;
use crate::likelihood::mean_nll;

/// Why a local model is not loaded.
#[derive(Debug, Error)]
pub enum LoadError {
    /// A file of the folder cannot be read.
    #[error("cannot read {}: {source}; a model folder holds config.json, tokenizer.json and model.safetensors", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The weights are in a format that is not read.
    #[error("{} is not read: the weights must be in safetensors, in the Hub's layout; fetch or convert them, or serve \
             the model and pass `--model http://...`", path.display())]
    OtherFormat {
        /// The file.
        path: PathBuf,
    },
    /// An index of shards, or the defaults of generation, are not as they should be.
    #[error("{} is refused: {why}; fetch the file again", path.display())]
    Index {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Configuration or weights are refused.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The tokenizer is refused.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The chat template is refused.
    #[error("{} is refused: {cause}", path.display())]
    Chat {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: ChatError,
    },
    /// Nothing says how a conversation is written.
    #[error(
        "{} has no chat template: neither chat_template.jinja nor `chat_template` in tokenizer_config.json is there, and \
         {missing}; fetch the model's own files", path.display()
    )]
    NoTemplate {
        /// The folder.
        path: PathBuf,
        /// Which token of our own shape is missing.
        missing: TokenizerError,
    },
}

/// Why a local model gave no answer.
#[derive(Debug, Error)]
pub enum ProposeError {
    /// The prompt has no words.
    #[error("the prompt is empty; say what you want to know")]
    EmptyPrompt,
    /// No new token was asked for.
    #[error("0 new tokens were asked for; ask for one at least")]
    NothingAsked,
    /// A text could not be converted.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The sequence does not fit, or the model overflows.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// A proposer whose weights this machine read. It proposes text and grants nothing.
pub struct LocalModel<B: Backend> {
    name: String,
    model: Arc<Model<B>>,
    tokenizer: Tokenizer,
    chat: ChatTemplate,
    end_tokens: Vec<u32>,
    schedule: Schedule,
    pub(crate) silence: Silence,
    pub(crate) entry: Option<Arc<EntryHead>>,
}

/// In which passes an answer is computed. What is answered does not depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// Tokens of the prompt that are computed in one pass; all without.
    pub chunk: Option<NonZeroUsize>,
    /// Tokens that are drafted from what was said before and verified in one pass; 0 for none.
    pub ahead: usize,
}

impl<B: Backend> LocalModel<B> {
    /// Loads a model from the bytes of `config.json`, `tokenizer.json` and one safetensors file. Its name is
    /// `local` until [`named`](Self::named) gives it another.
    ///
    /// # Errors
    /// [`LoadError`] if a part is refused, or if the parts do not fit each other.
    pub fn from_parts(
        config_json: &[u8],
        tokenizer_json: &[u8],
        weights: &[u8],
        backend: B,
    ) -> Result<Self, LoadError> {
        Self::of_model(&Arc::new(Model::load(config_json, weights, backend)?), tokenizer_json)
    }

    /// As [`from_parts`](Self::from_parts), of weights that are loaded.
    ///
    /// # Errors
    /// [`LoadError::Tokenizer`] if the tokenizer is refused or does not fit.
    pub fn of_model(model: &Arc<Model<B>>, tokenizer_json: &[u8]) -> Result<Self, LoadError> {
        let tokenizer = Tokenizer::from_json(tokenizer_json, model.config().vocab_size)?;
        let chat = ChatTemplate::of(&tokenizer)?;
        Ok(Self::of(Arc::clone(model), tokenizer, chat))
    }

    fn of(model: Arc<Model<B>>, tokenizer: Tokenizer, chat: ChatTemplate) -> Self {
        let mut end_tokens = model.config().end_tokens.clone();
        end_tokens.extend(chat.end());
        Self {
            name: "local".to_owned(),
            model,
            tokenizer,
            chat,
            end_tokens,
            schedule: Schedule::default(),
            silence: Silence::default(),
            entry: None,
        }
    }

    /// Loads the model folder `path`, as [`Checkpoint::read`] does, and names the model after the folder. Its
    /// conversations have the shape of the folder's chat template, or ours where it has none.
    ///
    /// # Errors
    /// As [`Checkpoint::read`], [`LoadError::File`] where there is no `tokenizer.json`, [`LoadError::Chat`] or
    /// [`LoadError::NoTemplate`] where no conversation can be written, and as [`from_parts`](Self::from_parts).
    pub fn from_dir(path: &Path, backend: B) -> Result<Self, LoadError> {
        let checkpoint = Checkpoint::read(path)?;
        let Some(tokenizer) = &checkpoint.tokenizer else {
            let path = tokenizer_path(path);
            return Err(LoadError::File { path, source: io::ErrorKind::NotFound.into() });
        };
        let model = checkpoint.model(backend)?;
        let tokenizer = Tokenizer::from_json(tokenizer, model.config().vocab_size)?;
        let chat = checkpoint.chat_template(path, &tokenizer)?;
        let mut model = Self::of(Arc::new(model), tokenizer, chat);
        model.end_tokens.extend(checkpoint.generation.end_tokens.unwrap_or_default());
        Ok(match path.file_name() {
            Some(name) => model.named(&name.to_string_lossy()),
            None => model,
        })
    }

    /// The same model under another name.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// The same model in other passes.
    #[must_use]
    pub fn scheduled(self, schedule: Schedule) -> Self {
        Self { schedule, ..self }
    }

    /// The same model with its residual, keys and values kept in `state`: other answers, under another digest.
    #[must_use]
    pub fn in_state(self, state: State) -> Self {
        Self { model: Arc::new(self.model.in_state(state)), ..self }
    }

    /// The same model with a head that reads what each prompt asks for; its request is in the record of the draft.
    #[must_use]
    pub fn with_entry_head(self, head: EntryHead) -> Self {
        Self { entry: Some(Arc::new(head)), ..self }
    }

    /// In which passes it answers.
    #[must_use]
    pub fn schedule(&self) -> Schedule {
        self.schedule
    }

    /// Its name, for people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The weights and configuration, to open sessions on.
    #[must_use]
    pub fn model(&self) -> &Arc<Model<B>> {
        &self.model
    }

    /// The tokenizer.
    #[must_use]
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// The chat template.
    #[must_use]
    pub fn chat(&self) -> &ChatTemplate {
        &self.chat
    }

    /// Ids that end an answer: those that the model's files say, and `<|end|>` of our own shape.
    #[must_use]
    pub fn end_tokens(&self) -> &[u32] {
        &self.end_tokens
    }

    /// The ids that an answer to `prompt` is generated from; `facts` empty for none.
    ///
    /// # Errors
    /// [`ProposeError::EmptyPrompt`] if the prompt has no words, [`ProposeError::Tokenizer`] if a text cannot
    /// be encoded.
    pub fn prompt_ids(&self, facts: &str, prompt: &str) -> Result<Vec<u32>, ProposeError> {
        require_words(prompt)?;
        Ok(self.chat.render(&self.tokenizer, facts, prompt)?)
    }

    /// Mean negative log-likelihood of the prompt's own tokens in nats, each given those before it in the
    /// user's turn without facts. Larger is further from what the model was trained on; at least 0.
    ///
    /// # Errors
    /// As [`prompt_ids`](Self::prompt_ids), and [`ProposeError::Session`] if the prompt exceeds the context.
    pub fn mean_prompt_nll(&self, prompt: &str) -> Result<f64, ProposeError> {
        require_words(prompt)?;
        let ids = self.chat.user_turn(&self.tokenizer, prompt)?;
        let (_, inputs) = ids.split_last().ok_or(ProposeError::EmptyPrompt)?;
        if inputs.is_empty() {
            return Err(ProposeError::EmptyPrompt);
        }
        let logits = Session::open(&self.model).prefill(inputs, Want::All)?;
        Ok(mean_nll(&logits, &ids[1..]))
    }
}

pub(crate) fn require_words(prompt: &str) -> Result<(), ProposeError> {
    if prompt.trim().is_empty() { Err(ProposeError::EmptyPrompt) } else { Ok(()) }
}
