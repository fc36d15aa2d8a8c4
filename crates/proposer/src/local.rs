//! A model of this machine with its tokenizer and chat template.

use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use neural::{Backend, EntryHead, Model, Session, StateDtype, Want};
use text::{ChatTemplate, Tokenizer};

use crate::checkpoint::{Checkpoint, tokenizer_path};
use crate::error::{LoadError, ProposeError};
use crate::forbidden_text::CompiledText;
use crate::likelihood::mean_nll;

/// A proposer whose weights this machine has read. The model's tokenizer, chat template and weights fit each other. A
/// local model proposes text and grants nothing.
pub struct LocalModel<B: Backend> {
    name: String,
    model: Arc<Model<B>>,
    tokenizer: Tokenizer,
    chat: ChatTemplate,
    end_tokens: Vec<u32>,
    schedule: Schedule,
    pub(crate) forbidden: CompiledText,
    pub(crate) entry: Option<Arc<EntryHead>>,
}

/// The split of an answer into forward passes. The answer is the same for every schedule; only the time differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// Tokens of the prompt in one pass; none for all of them in one.
    pub chunk: Option<NonZeroUsize>,
    /// The most tokens that are drafted by a look-up and verified in one pass; 0 for none.
    pub ahead: usize,
}

impl<B: Backend> LocalModel<B> {
    /// Loads a model from the bytes of `config.json`, `tokenizer.json` and one safetensors file. The name is `local`
    /// until [`named`](Self::named) sets another.
    ///
    /// # Errors
    /// [`LoadError`] if a part is refused, or if the parts do not fit each other.
    pub fn from_parts(
        config_json: &[u8],
        tokenizer_json: &[u8],
        weights: &[u8],
        backend: B,
    ) -> Result<Self, LoadError> {
        Self::from_model(&Arc::new(Model::load(config_json, weights, backend)?), tokenizer_json)
    }

    /// Joins weights that are loaded already with a tokenizer; the chat template is our own shape.
    ///
    /// # Errors
    /// [`LoadError::Tokenizer`] if the tokenizer is refused, does not fit the vocabulary of the model, or lacks a
    /// special token of our own shape.
    pub fn from_model(model: &Arc<Model<B>>, tokenizer_json: &[u8]) -> Result<Self, LoadError> {
        let tokenizer = Tokenizer::from_json(tokenizer_json, model.config().vocab_size)?;
        let chat = ChatTemplate::from_tokenizer(&tokenizer)?;
        Ok(Self::new(Arc::clone(model), tokenizer, chat))
    }

    fn new(model: Arc<Model<B>>, tokenizer: Tokenizer, chat: ChatTemplate) -> Self {
        let mut end_tokens = model.config().end_tokens.clone();
        end_tokens.extend(chat.end());
        Self {
            name: "local".to_owned(),
            model,
            tokenizer,
            chat,
            end_tokens,
            schedule: Schedule::default(),
            forbidden: CompiledText::default(),
            entry: None,
        }
    }

    /// Loads the model folder `path`, as [`Checkpoint::read`] does, and names the model after the folder. Conversations
    /// have the shape of the folder's chat template, or our own shape if the folder has none.
    ///
    /// # Errors
    /// As [`Checkpoint::read`] and [`from_parts`](Self::from_parts). [`LoadError::File`] if there is no
    /// `tokenizer.json`. [`LoadError::Chat`] or [`LoadError::NoTemplate`] if no conversation can be written.
    pub fn from_dir(path: &Path, backend: B) -> Result<Self, LoadError> {
        let checkpoint = Checkpoint::read(path)?;
        let Some(tokenizer) = &checkpoint.tokenizer else {
            let path = tokenizer_path(path);
            return Err(LoadError::File { path, source: io::ErrorKind::NotFound.into() });
        };
        let model = checkpoint.model(backend)?;
        let tokenizer = Tokenizer::from_json(tokenizer, model.config().vocab_size)?;
        let chat = checkpoint.chat_template(path, &tokenizer)?;
        let mut model = Self::new(Arc::new(model), tokenizer, chat);
        model.end_tokens.extend(checkpoint.generation.end_tokens.unwrap_or_default());
        Ok(match path.file_name() {
            Some(name) => model.named(&name.to_string_lossy()),
            None => model,
        })
    }

    /// Returns the same model under another name, which only people read.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// Returns the same model with another schedule; the answers stay the same.
    #[must_use]
    pub fn scheduled(self, schedule: Schedule) -> Self {
        Self { schedule, ..self }
    }

    /// Returns the model of the same weights that keeps its residual, keys and values in `state`. That model gives other
    /// answers and has another digest.
    #[must_use]
    pub fn in_state(self, state: StateDtype) -> Self {
        Self { model: Arc::new(self.model.in_state(state)), ..self }
    }

    /// Returns the same model with an entry head, which reads from each prompt's pass what the prompt asks for. The
    /// request is in the record of the draft.
    #[must_use]
    pub fn with_entry_head(self, head: EntryHead) -> Self {
        Self { entry: Some(Arc::new(head)), ..self }
    }

    /// Returns the schedule that answers are computed in; the default is one pass for the prompt and no drafts.
    #[must_use]
    pub fn schedule(&self) -> Schedule {
        self.schedule
    }

    /// Returns the name of the model, which identifies nothing; the digest of the model does.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the loaded weights and configuration, for callers that open sessions themselves.
    #[must_use]
    pub fn model(&self) -> &Arc<Model<B>> {
        &self.model
    }

    /// Returns the tokenizer, whose ids are all rows of the model's embedding.
    #[must_use]
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// Returns the chat template, which turns a prompt and facts into ids.
    #[must_use]
    pub fn chat(&self) -> &ChatTemplate {
        &self.chat
    }

    /// Returns the ids that end an answer: those of the model's files, and `<|end|>` in our own shape.
    #[must_use]
    pub fn end_tokens(&self) -> &[u32] {
        &self.end_tokens
    }

    /// Returns the ids that an answer to `prompt` is generated from; `facts` is empty if there are none.
    ///
    /// # Errors
    /// [`ProposeError::EmptyPrompt`] if the prompt has no words, [`ProposeError::Tokenizer`] if a text cannot be
    /// encoded.
    pub fn prompt_ids(&self, facts: &str, prompt: &str) -> Result<Vec<u32>, ProposeError> {
        require_words(prompt)?;
        Ok(self.chat.render(&self.tokenizer, facts, prompt)?)
    }

    /// Returns the mean negative log-likelihood of the prompt's own tokens in nats, at least 0. Each token is judged
    /// given those before it in the user's turn, without facts. A larger value is further from the training data.
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

fn require_words(prompt: &str) -> Result<(), ProposeError> {
    if prompt.trim().is_empty() { Err(ProposeError::EmptyPrompt) } else { Ok(()) }
}
