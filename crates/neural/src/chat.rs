//! The sequence that a conversation becomes.
//!
//! `[<|facts|> FACTS <|/facts|>] <|user|> PROMPT <|assistant|>`, and the answer ends at `<|end|>`. Without
//! facts the first three parts are absent, so the ids are those of the bare prompt.

use crate::tokenizer::{Tokenizer, TokenizerError};

/// The special tokens of the template, by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChatTemplate {
    user: u32,
    assistant: u32,
    end: u32,
    facts: u32,
    facts_end: u32,
}

impl ChatTemplate {
    /// Looks the special tokens up by name.
    ///
    /// # Errors
    /// [`TokenizerError::MissingToken`] or [`TokenizerError::ForgeableToken`], naming the token.
    pub fn of(tokenizer: &Tokenizer) -> Result<Self, TokenizerError> {
        Ok(Self {
            user: tokenizer.special("<|user|>")?,
            assistant: tokenizer.special("<|assistant|>")?,
            end: tokenizer.special("<|end|>")?,
            facts: tokenizer.special("<|facts|>")?,
            facts_end: tokenizer.special("<|/facts|>")?,
        })
    }

    /// The id that ends an answer.
    #[must_use]
    pub fn end(&self) -> u32 {
        self.end
    }

    /// The ids of a whole prompt; `facts` empty for none.
    ///
    /// # Errors
    /// [`TokenizerError::Encode`] if a text cannot be encoded.
    pub fn render(
        &self,
        tokenizer: &Tokenizer,
        facts: &str,
        prompt: &str,
    ) -> Result<Vec<u32>, TokenizerError> {
        let mut ids = Vec::new();
        if !facts.is_empty() {
            ids.push(self.facts);
            ids.extend(tokenizer.encode(facts)?);
            ids.push(self.facts_end);
        }
        ids.extend(self.user_turn(tokenizer, prompt)?);
        ids.push(self.assistant);
        Ok(ids)
    }

    /// `<|user|> PROMPT`.
    pub(crate) fn user_turn(&self, tokenizer: &Tokenizer, prompt: &str) -> Result<Vec<u32>, TokenizerError> {
        let mut ids = vec![self.user];
        ids.extend(tokenizer.encode(prompt)?);
        Ok(ids)
    }
}
