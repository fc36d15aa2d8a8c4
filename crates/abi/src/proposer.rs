//! The trait through which a model proposes.

use alloc::string::String;
use alloc::vec::Vec;

use crate::{Digest, Proposal, TrapRecord};

/// What a proposer is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The user's words, verbatim.
    pub prompt: &'a str,
    /// The body of the facts block, one `label = value` line each; empty for none, in which case
    /// the proposer must do exactly what it would do for the bare prompt.
    pub facts: &'a str,
    /// The most tokens to generate, at least 1.
    pub max_new: u32,
}

/// Why generation stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The model ended its answer.
    End,
    /// `max_new` tokens were generated.
    Length,
}

impl Stop {
    /// Returns the word that stands for the reason in the ledger.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::Length => "length",
        }
    }

    /// Returns the reason that `word` stands for, or None if there is no such reason.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::End, Self::Length].into_iter().find(|stop| stop.word() == word)
    }
}

/// A generated text and the record of its generation.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The decoded text, up to and without the end token.
    pub text: String,
    /// The generated token ids; empty when the proposer does not know them (a remote one).
    pub tokens: Vec<u32>,
    /// Digest of the logits from which each token was chosen; as long as `tokens`.
    pub logit_digests: Vec<Digest>,
    /// Why it ended.
    pub stop: Stop,
    /// What the traps of the generation forbade and read.
    pub traps: TrapRecord,
}

/// Who proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The model's name.
    pub name: String,
    /// Digest of configuration and weights, where they are known.
    pub model_digest: Option<Digest>,
    /// Whether the same request gives the same bits again.
    pub reproducible: bool,
}

/// An untrusted source of text: a local model or an endpoint.
pub trait Proposer {
    /// What can go wrong while proposing. A refusal to answer is text, not an error.
    type Error: core::error::Error;

    /// Who this is.
    fn identity(&self) -> Identity;

    /// Generates an answer. `progress` is called with each piece of text as it appears.
    ///
    /// # Errors
    /// Whatever kept the proposer from producing a whole draft.
    fn propose(
        &mut self,
        request: &Request<'_>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Proposal<Draft>, Self::Error>;
}

impl<P: Proposer + ?Sized> Proposer for &mut P {
    type Error = P::Error;

    fn identity(&self) -> Identity {
        (**self).identity()
    }

    fn propose(
        &mut self,
        request: &Request<'_>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Proposal<Draft>, P::Error> {
        (**self).propose(request, progress)
    }
}
