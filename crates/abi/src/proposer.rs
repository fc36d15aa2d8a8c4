//! The proposer: the trait through which a model offers text.

use alloc::string::String;
use alloc::vec::Vec;

use crate::{Conversation, Decoding, Digest, Proposal, TrapRecord};

/// A request for one generated text: the prompt, the facts that the model may use, and a bound on tokens.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The user's words, verbatim.
    pub prompt: &'a str,
    /// The body of the facts block, one line `label = value` for each fact. If it is empty, the proposer must
    /// behave exactly as for the prompt alone.
    pub facts: &'a str,
    /// The text of the JSON Schema that the answer will be judged by. None if it is judged by none. A proposer may use
    /// it to state such an answer, and may ignore it.
    pub schema: Option<&'a str>,
    /// The largest number of tokens to generate, at least 1.
    pub max_new: u32,
    /// The rule by which the tokens are to be chosen.
    pub decoding: Decoding,
}

/// The reason why a generation stopped, which the ledger records with the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The model ended its answer by an end token.
    End,
    /// The largest number of tokens that was allowed has been generated, or the context of the model is full.
    Length,
    /// A content filter of the endpoint ended the answer or withheld it.
    ContentFilter,
    /// The model refused to answer, and the endpoint says so. The text of the draft is the refusal.
    Refusal,
    /// The model called a tool instead of answering.
    ToolCall,
}

impl Stop {
    const ALL: [Self; 5] = [Self::End, Self::Length, Self::ContentFilter, Self::Refusal, Self::ToolCall];

    /// Returns true if the model ended its answer by itself, so that nothing of the answer is missing.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self == Self::End
    }

    /// Returns the word that stands for the reason in the ledger, for example `end`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::Length => "length",
            Self::ContentFilter => "content_filter",
            Self::Refusal => "refusal",
            Self::ToolCall => "tool_call",
        }
    }

    /// Returns the reason that `word` stands for, or None if there is no such reason.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stop| stop.word() == word)
    }
}

/// The choice whether a model thinks aloud before it answers, for models that can be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Thinking {
    /// The model does as its template or its endpoint has it.
    #[default]
    Auto,
    /// The model is told to think.
    On,
    /// The model is told not to think, or to think as little as it can.
    Off,
}

impl Thinking {
    /// Returns the word that stands for the choice in flags and in the ledger, for example `auto`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::On => "on",
            Self::Off => "off",
        }
    }

    /// Returns the choice that `word` stands for, or None if there is no such choice.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Auto, Self::On, Self::Off].into_iter().find(|thinking| thinking.word() == word)
    }
}

/// The number of tokens that a generation used, and who counted them. Budgets are charged by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// The draft's own tokens, counted as they were generated.
    Counted,
    /// The figure of the endpoint that generated the text.
    Stated(u64),
    /// An estimate, because the endpoint gave no figure.
    Estimated(u64),
}

impl Usage {
    /// The bytes of text for which an estimate counts one token. Tokens of ordinary text are longer, so the
    /// estimate is rather too high.
    const BYTES_A_TOKEN: usize = 3;

    /// Returns the estimate for a text of which only the length is known: one token for each three bytes, at most
    /// the `max_new` that were asked for, and all of those if the text ended at that limit.
    #[must_use]
    pub fn estimate(text: &str, stop: Stop, max_new: u32) -> Self {
        let by_length = text.len().div_ceil(Self::BYTES_A_TOKEN) as u64;
        Self::Estimated(match stop {
            Stop::Length => u64::from(max_new),
            _ => by_length.min(u64::from(max_new)),
        })
    }
}

/// A generated text, with what a replay needs to compare a second generation with this one.
///
/// The text is untrusted, and so is everything else that the model reports here.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The generated answer, without the end token and without thoughts. Empty if the model stated none.
    pub text: String,
    /// The thoughts that the model wrote before or between its answer; empty if it wrote none. Nobody judges
    /// them, and they are no part of the answer.
    pub thoughts: String,
    /// The choice under which the text was generated.
    pub thinking: Thinking,
    /// The rule by which the tokens were chosen. For a model behind an endpoint, the rule that it was asked for: it may
    /// not follow it, and one that refuses the parameters goes by its own.
    pub decoding: Decoding,
    /// The messages that the model read before the prompt.
    pub conversation: Conversation,
    /// The generated token ids; empty if the proposer does not know them, as a remote one.
    pub tokens: Vec<u32>,
    /// The digests of the logits from which the tokens were chosen, one for each of `tokens`.
    pub logit_digests: Vec<Digest>,
    /// The reason why the generation stopped.
    pub stop: Stop,
    /// The number of tokens that the generation used, and who counted them.
    pub usage: Usage,
    /// The number of tokens of the whole prompt. None if the endpoint states none.
    pub prompt_tokens: Option<u64>,
    /// The traps of the generation: the text that they forbade, and the request that they read.
    pub traps: TrapRecord,
}

impl Draft {
    /// Returns the number of tokens that the generation used, which its task's budget is charged.
    #[must_use]
    pub fn used(&self) -> u64 {
        match self.usage {
            Usage::Counted => self.tokens.len() as u64,
            Usage::Stated(tokens) | Usage::Estimated(tokens) => tokens,
        }
    }
}

/// A step of a generation that has not ended. Nobody has judged it, and the draft alone counts in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// The number of tokens that were generated so far. Behind an endpoint, the number of pieces that arrived.
    Tokens(u64),
    /// The next part of the answer. No part of the markup around thoughts is in it.
    Answer(&'a str),
    /// The next part of the thoughts, which are no part of the answer.
    Thought(&'a str),
    /// The generation begins anew, and nothing that was told before counts.
    Restart,
}

/// The identity of a proposer, as reports and the ledger name it.
///
/// The identity is the proposer's own statement. If it has a digest, a replay can check that it runs the same
/// model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name of the model, as the proposer states it.
    pub name: String,
    /// The digest of configuration and weights. None for a model whose weights are not known.
    pub model_digest: Option<Digest>,
    /// True if the same request gives the same bits again.
    pub reproducible: bool,
}

/// An untrusted source of generated text: a local model, or a model behind an endpoint.
///
/// A proposer is asked for drafts and decides nothing else. Everything that it returns is a [`Proposal`].
pub trait Proposer {
    /// The error of a generation that yielded no complete draft. A model's refusal to answer is text, not an
    /// error.
    type Error: core::error::Error;

    /// Returns the identity of the proposer, under which its drafts are recorded.
    fn identity(&self) -> Identity;

    /// Generates an answer to `request`, and calls `progress` with each step as it happens. A text that is told is
    /// whole characters.
    ///
    /// # Errors
    /// Fails if the proposer could not produce a complete draft. The steps that `progress` was given do not
    /// count then.
    fn propose(
        &mut self,
        request: &Request<'_>,
        progress: &mut dyn FnMut(Step<'_>),
    ) -> Result<Proposal<Draft>, Self::Error>;

    /// Returns true if the facts of `request` leave the proposer room for its prompt and for `max_new` tokens. A proposer that
    /// does not know its room says so too.
    fn has_room(&self, request: &Request<'_>) -> bool {
        let _ = request;
        true
    }
}

impl<P: Proposer + ?Sized> Proposer for &mut P {
    type Error = P::Error;

    fn identity(&self) -> Identity {
        (**self).identity()
    }

    fn propose(
        &mut self,
        request: &Request<'_>,
        progress: &mut dyn FnMut(Step<'_>),
    ) -> Result<Proposal<Draft>, P::Error> {
        (**self).propose(request, progress)
    }

    fn has_room(&self, request: &Request<'_>) -> bool {
        (**self).has_room(request)
    }
}
