//! Tokenizers and chat templates of checkpoints.
//!
//! A [`Tokenizer`] turns text into token ids and ids into text. A [`ChatTemplate`] turns a prompt, and the
//! facts that go with it, into the ids that a model continues. [`TokenBytes`] says which bytes each token
//! stands for. [`ReasoningMarkup`] takes what a model thinks aloud apart from what it answers.
//!
//! The text of a user never becomes a special token: special tokens enter a sequence by their id, through the
//! chat template, and a tokenizer that makes one out of ordinary text is refused by name. The template of a
//! checkpoint is not trusted either. It runs once, within bounds, over placeholders, before any prompt is
//! known.

#![forbid(unsafe_code)]

mod chat;
mod reasoning;
mod token_bytes;
mod tokenizer;

pub use abi;
pub use chat::{ChatError, ChatSource, ChatTemplate};
pub use reasoning::{ReasonedReply, ReasoningMarkup, StreamedReply};
pub use token_bytes::TokenBytes;
pub use tokenizer::{Excess, Tokenizer, TokenizerError};
