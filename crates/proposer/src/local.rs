//! A model that runs on this machine, with its tokenizer and chat template.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use abi::{Conversation, Thinking};
use neural::{Backend, EntryHead, Model, Session, StateDtype, Want};
use text::{ChatError, ChatTemplate, Excess, Tokenizer};

use crate::checkpoint::{Checkpoint, tokenizer_path};
use crate::constrained::SchemaCache;
use crate::error::{LoadError, ProposeError, absent};
use crate::forbidden_text::CompiledText;
use crate::likelihood::mean_nll;

/// A proposer whose weights this machine has read, with a tokenizer and a chat template that fit the weights.
///
/// A local model proposes text and grants nothing. Its answers can be reproduced: the same request gives the
/// same tokens.
pub struct LocalModel<B: Backend> {
    name: String,
    model: Arc<Model<B>>,
    tokenizer: Tokenizer,
    chat: ChatTemplate,
    end_tokens: Vec<u32>,
    stated_max_new: Option<usize>,
    schedule: Schedule,
    pub(crate) forbidden: CompiledText,
    pub(crate) entry: Option<Arc<EntryHead>>,
    pub(crate) schemas: SchemaCache,
}

/// The division of an answer's work into forward passes. The answer is the same for every schedule; only the
/// time differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The number of tokens of the prompt in one pass. None computes all of them in one pass.
    pub chunk: Option<NonZeroUsize>,
    /// The largest number of tokens that are drafted ahead by a look-up in the text so far and verified in
    /// one pass. 0 turns drafting off.
    pub ahead: usize,
}

impl<B: Backend> LocalModel<B> {
    /// Loads a model from the bytes of `config.json`, `tokenizer.json` and one safetensors file.
    /// Conversations are written in the built-in form of [`ChatTemplate::from_tokenizer`]. The model's name
    /// is `local` until [`named`](Self::named) sets another.
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

    /// Joins weights that are loaded already with a tokenizer. Conversations are written in the built-in form
    /// of [`ChatTemplate::from_tokenizer`].
    ///
    /// # Errors
    /// [`LoadError::Tokenizer`] if the tokenizer is refused, does not fit the vocabulary of the model, or
    /// lacks a special token of the built-in form of conversations.
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
            stated_max_new: None,
            schedule: Schedule::default(),
            forbidden: CompiledText::default(),
            entry: None,
            schemas: SchemaCache::default(),
        }
    }

    /// Loads the model folder `path`, as [`Checkpoint::read`] does, and names the model after the folder.
    /// Conversations are written by the folder's chat template, or in the built-in form of
    /// [`ChatTemplate::from_tokenizer`] if the folder has none.
    ///
    /// # Errors
    /// Fails as [`Checkpoint::read`] and [`from_parts`](Self::from_parts) do. [`LoadError::File`] if there is
    /// no `tokenizer.json`. [`LoadError::Chat`] or [`LoadError::NoTemplate`] if no conversation can be
    /// written.
    pub fn from_dir(path: &Path, backend: B) -> Result<Self, LoadError> {
        let checkpoint = Checkpoint::read(path)?;
        let Some(tokenizer) = &checkpoint.tokenizer else {
            let path = tokenizer_path(path);
            return Err(LoadError::File { path, source: absent() });
        };
        let model = checkpoint.model(backend)?;
        let tokenizer = Tokenizer::from_json(tokenizer, model.config().vocab_size)?;
        let chat = checkpoint.chat_template(path, &tokenizer)?;
        let mut model = Self::new(Arc::new(model), tokenizer, chat);
        model.end_tokens.extend(checkpoint.generation.end_tokens.unwrap_or_default());
        model.stated_max_new = checkpoint.generation.max_new_tokens;
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

    /// Returns the same model with another schedule. Its answers stay the same.
    #[must_use]
    pub fn scheduled(self, schedule: Schedule) -> Self {
        Self { schedule, ..self }
    }

    /// Returns a model with the same weights that stores its residual, keys and values as `state`. That model
    /// gives other answers and has another digest.
    #[must_use]
    pub fn in_state(self, state: StateDtype) -> Self {
        Self { model: Arc::new(self.model.in_state(state)), ..self }
    }

    /// Writes prompts from now on with another choice whether the model shall think.
    ///
    /// # Errors
    /// [`ChatError`] if the chat template cannot be told so. The model is then unchanged.
    pub fn set_thinking(&mut self, thinking: Thinking) -> Result<(), ChatError> {
        self.chat = self.chat.with_thinking(&self.tokenizer, thinking)?;
        Ok(())
    }

    /// Writes prompts from now on behind other messages.
    ///
    /// # Errors
    /// [`ChatError`] if the chat template cannot write them. The model is then unchanged.
    pub fn set_conversation(&mut self, conversation: Conversation) -> Result<(), ChatError> {
        self.chat = self.chat.with_conversation(&self.tokenizer, conversation)?;
        Ok(())
    }

    /// Returns the same model with an entry head: a classifier that reads from the pass over each prompt
    /// which capability the prompt asks for. The record of the draft has the result.
    #[must_use]
    pub fn with_entry_head(self, head: EntryHead) -> Self {
        Self { entry: Some(Arc::new(head)), ..self }
    }

    /// Returns the schedule by which answers are computed. The default is one pass for the prompt and no
    /// drafting.
    #[must_use]
    pub fn schedule(&self) -> Schedule {
        self.schedule
    }

    /// Returns the name of the model, which is for people only; the digest of the model identifies it.
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

    /// Returns the chat template, which turns a prompt and facts into token ids.
    #[must_use]
    pub fn chat(&self) -> &ChatTemplate {
        &self.chat
    }

    /// Returns the ids of the tokens that end an answer: those of the model's files and of its chat template.
    #[must_use]
    pub fn end_tokens(&self) -> &[u32] {
        &self.end_tokens
    }

    /// Returns the largest number of tokens of an answer that the model's files state. None if they state none.
    #[must_use]
    pub fn stated_max_new(&self) -> Option<usize> {
        self.stated_max_new
    }

    /// Returns the token ids after which an answer to `prompt` is generated. `facts` is the body of the facts
    /// block, empty if there are no facts.
    ///
    /// # Errors
    /// [`ProposeError::EmptyPrompt`] if the prompt has nothing but white space, [`ProposeError::Tokenizer`]
    /// if a text cannot be encoded.
    pub fn prompt_ids(&self, facts: &str, prompt: &str) -> Result<Vec<u32>, ProposeError> {
        require_words(prompt)?;
        Ok(self.chat.render(&self.tokenizer, facts, prompt)?)
    }

    /// Returns the excess of a prompt with its facts and the messages before it, if they have far more than `most` tokens,
    /// without encoding all of them.
    ///
    /// # Errors
    /// [`ProposeError::Tokenizer`] if a text cannot be encoded.
    pub fn excess(&self, facts: &str, prompt: &str, most: usize) -> Result<Option<Excess>, ProposeError> {
        let messages = self.chat.conversation().messages().iter();
        // A template may trim a text.
        let texts = messages.map(|message| message.content.as_str()).chain([facts, prompt]).map(str::trim);
        Ok(self.tokenizer.excess(&texts.collect::<Vec<_>>(), most)?)
    }

    /// Returns the mean negative log-likelihood of the prompt's own tokens in nats, at least 0. The
    /// likelihood of each token is taken given the tokens before it in the user's turn, without facts. A
    /// larger value means a text that is less like the training data.
    ///
    /// # Errors
    /// Fails as [`prompt_ids`](Self::prompt_ids) does, and with [`ProposeError::Session`] if the prompt
    /// exceeds the context.
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
