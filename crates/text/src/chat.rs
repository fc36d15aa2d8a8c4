//! Chat templates, which turn a conversation into token ids.
//!
//! Our own shape is `[<|facts|> FACTS <|/facts|>] <|user|> PROMPT <|assistant|>`, and the answer ends at
//! `<|end|>`. Without facts the first three parts are absent, so the ids are those of the bare prompt. A
//! checkpoint that comes with its own template has the shape of that template. Facts are then the system
//! message, or stand before the prompt if the template has no system message. In either shape the text of a
//! user stays text: the spelling of a special token inside a prompt is encoded as the characters it is made
//! of.

mod day;
mod error;
mod jinja;
mod json;
mod percent;
mod python;
mod rendered;
mod source;

pub use error::ChatError;
pub use source::ChatSource;

use abi::{Conversation, Thinking};

use crate::chat::rendered::RenderedTemplate;
use crate::reasoning::{ReasonedReply, ReasoningMarkup, StreamedReply};
use crate::tokenizer::{Tokenizer, TokenizerError};

/// The rule that turns a prompt into the token ids that a model continues, for one tokenizer. Holding one
/// proves that the special tokens of the rule exist, and that the text of a prompt comes out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatTemplate {
    shape: Shape,
    end: Option<u32>,
    thinking: Thinking,
    conversation: Conversation,
    markup: ReasoningMarkup,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    Own(Marks),
    Foreign { source: ChatSource, rendered: RenderedTemplate },
}

/// The special tokens of this project's own template, by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Marks {
    user: u32,
    assistant: u32,
    facts: u32,
    facts_end: u32,
}

impl ChatTemplate {
    /// Creates this project's own template from the special tokens of a tokenizer, which are looked up by
    /// their spelling.
    ///
    /// # Errors
    /// [`TokenizerError::MissingToken`] if the tokenizer lacks one of the tokens, and
    /// [`TokenizerError::ForgeableToken`] if it would make one out of ordinary text.
    pub fn from_tokenizer(tokenizer: &Tokenizer) -> Result<Self, TokenizerError> {
        let marks = Marks {
            user: tokenizer.special("<|user|>")?,
            assistant: tokenizer.special("<|assistant|>")?,
            facts: tokenizer.special("<|facts|>")?,
            facts_end: tokenizer.special("<|/facts|>")?,
        };
        let end = Some(tokenizer.special("<|end|>")?);
        Ok(Self {
            shape: Shape::Own(marks),
            end,
            thinking: Thinking::Auto,
            conversation: Conversation::default(),
            markup: ReasoningMarkup::default(),
        })
    }

    /// Creates a template from that of a checkpoint. The checkpoint's template runs here, over placeholders,
    /// and never over a prompt: [`render`](Self::render) fills the placeholders in.
    ///
    /// # Errors
    /// [`ChatError`] if the template fails, exceeds a bound, or leaves the user's text out.
    pub fn from_source(tokenizer: &Tokenizer, source: &ChatSource) -> Result<Self, ChatError> {
        Self::foreign(tokenizer, source, Thinking::Auto, Conversation::default())
    }

    fn foreign(
        tokenizer: &Tokenizer,
        source: &ChatSource,
        thinking: Thinking,
        conversation: Conversation,
    ) -> Result<Self, ChatError> {
        let rendered = RenderedTemplate::new(tokenizer, source, thinking, &conversation)?;
        let marks = tokenizer.marks().concat();
        let markup = ReasoningMarkup::from_sources(&[&source.template, &marks], &rendered.end());
        let shape = Shape::Foreign { source: source.clone(), rendered };
        Ok(Self { shape, end: tokenizer.id_of(&source.eos_token), thinking, conversation, markup })
    }

    /// Returns the tags with which the model's files say that it begins its thoughts. Empty if they name none.
    #[must_use]
    pub fn thinking_tags(&self) -> Vec<&'static str> {
        self.markup.named().collect()
    }

    /// Returns true if the template can be told whether the model shall think.
    #[must_use]
    pub fn has_thinking_switch(&self, tokenizer: &Tokenizer) -> bool {
        [Thinking::On, Thinking::Off].iter().any(|choice| self.with_thinking(tokenizer, *choice).is_ok())
    }

    /// Returns the same template with another choice whether the model shall think.
    ///
    /// # Errors
    /// [`ChatError::NoThinkingSwitch`] if the template cannot be told so, and [`ChatError`] if it fails.
    pub fn with_thinking(&self, tokenizer: &Tokenizer, thinking: Thinking) -> Result<Self, ChatError> {
        match &self.shape {
            _ if thinking == self.thinking => Ok(self.clone()),
            Shape::Foreign { source, .. } => {
                Self::foreign(tokenizer, source, thinking, self.conversation.clone())
            }
            Shape::Own(_) => Err(ChatError::NoThinkingSwitch),
        }
    }

    /// Returns the same template with other messages before each prompt. Text of a message stays text, as that of a
    /// prompt does, and no text decides what the template does: one that takes thoughts out of an earlier answer
    /// leaves them in.
    ///
    /// # Errors
    /// [`ChatError::NoConversation`] if the template is this project's own, and [`ChatError`] if it fails or leaves a
    /// message out.
    pub fn with_conversation(
        &self,
        tokenizer: &Tokenizer,
        conversation: Conversation,
    ) -> Result<Self, ChatError> {
        match &self.shape {
            _ if conversation == self.conversation => Ok(self.clone()),
            Shape::Foreign { source, .. } => Self::foreign(tokenizer, source, self.thinking, conversation),
            Shape::Own(_) => Err(ChatError::NoConversation),
        }
    }

    /// Returns the messages that stand before each prompt.
    #[must_use]
    pub fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    /// Returns the choice whether the model shall think, with which prompts are written.
    #[must_use]
    pub fn thinking(&self) -> Thinking {
        self.thinking
    }

    /// Returns the answer and the thoughts in the token ids that the model wrote after a prompt.
    ///
    /// # Errors
    /// [`TokenizerError::Decode`] if the tokenizer's decoder fails.
    pub fn read_reply(&self, tokenizer: &Tokenizer, ids: &[u32]) -> Result<ReasonedReply, TokenizerError> {
        Ok(self.markup.split(&tokenizer.decode_with_marks(ids)?))
    }

    /// Returns a reply of which nothing has come yet, for [`StreamedReply::tell_tokens`].
    #[must_use]
    pub fn streamed(&self) -> StreamedReply {
        StreamedReply::new(self.markup.clone())
    }

    /// Returns true if text after the token ids that the model wrote so far would be part of its answer. Returns
    /// false if it would be a thought.
    ///
    /// # Errors
    /// [`TokenizerError::Decode`] if the tokenizer's decoder fails.
    pub fn is_answering(&self, tokenizer: &Tokenizer, ids: &[u32]) -> Result<bool, TokenizerError> {
        // A character that no markup contains, and that is no white space, which would be trimmed.
        const PROBE: char = '\u{1}';
        let mut reply = tokenizer.decode_with_marks(ids)?;
        reply.push(PROBE);
        Ok(self.markup.split(&reply).answer.ends_with(PROBE))
    }

    /// Returns the ids of the single tokens with which this model may begin a thought, a channel, or the markup
    /// around its answer. Empty if the model was told not to think, or if its tokenizer has no such tokens.
    #[must_use]
    pub fn opening_marks(&self, tokenizer: &Tokenizer) -> Vec<u32> {
        if self.thinking == Thinking::Off {
            return Vec::new();
        }
        self.markup.opening_spellings().filter_map(|mark| tokenizer.id_of(mark)).collect()
    }

    /// Returns the id of the token that ends an answer. Returns `None` if a checkpoint's own template names
    /// no end token that the tokenizer has.
    #[must_use]
    pub fn end(&self) -> Option<u32> {
        self.end
    }

    /// Returns the token ids of a whole prompt, up to the point where the model speaks; `facts` is empty if
    /// there are none.
    ///
    /// The texts replace their placeholders, trimmed if the template trims them. Special tokens are taken
    /// only from what the template itself writes. Between two of them the template's text and the user's text
    /// are encoded together, as one text. So the ids equal those of the reference implementation if the user
    /// spells no special token, and no special token comes from the user in any case.
    ///
    /// # Errors
    /// [`TokenizerError::Encode`] if a text cannot be encoded, and [`TokenizerError::Forged`] if the
    /// tokenizer makes a special token out of a text all the same.
    pub fn render(
        &self,
        tokenizer: &Tokenizer,
        facts: &str,
        prompt: &str,
    ) -> Result<Vec<u32>, TokenizerError> {
        let marks = match &self.shape {
            Shape::Own(marks) => marks,
            Shape::Foreign { rendered, .. } => {
                return rendered.render(tokenizer, &self.conversation, facts, prompt);
            }
        };
        let mut ids = Vec::new();
        if !facts.is_empty() {
            ids.push(marks.facts);
            ids.extend(tokenizer.encode(facts)?);
            ids.push(marks.facts_end);
        }
        ids.extend(self.user_turn(tokenizer, prompt)?);
        ids.push(marks.assistant);
        Ok(ids)
    }

    /// Returns the token ids from the beginning of the user's turn up to the end of the prompt's text,
    /// without facts.
    ///
    /// # Errors
    /// [`TokenizerError`] as for [`render`](Self::render).
    pub fn user_turn(&self, tokenizer: &Tokenizer, prompt: &str) -> Result<Vec<u32>, TokenizerError> {
        match &self.shape {
            Shape::Foreign { rendered, .. } => rendered.user_turn(tokenizer, &self.conversation, prompt),
            Shape::Own(marks) => {
                let mut ids = vec![marks.user];
                ids.extend(tokenizer.encode(prompt)?);
                Ok(ids)
            }
        }
    }
}
