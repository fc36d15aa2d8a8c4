//! The record of a generation: everything that a replay needs to run it again and to compare the two.

use alloc::vec::Vec;
use core::fmt;

use crate::fields::Fields;
use crate::{Decoding, Digest, Draft, FieldError, Identity, Stop, Thinking, TrapRecord, Usage, Value};

const VERSION: &str = "version";
const MODEL: &str = "model";
const MODEL_DIGEST: &str = "model_digest";
const REPRODUCIBLE: &str = "reproducible";
const DECODING: &str = "decoding";
const MAX_NEW: &str = "max_new";
const STOP: &str = "stop";
const TOKENS: &str = "tokens";
const LOGITS: &str = "logits";
const USAGE: &str = "usage";
const COUNTED: &str = "counted";
const TRAPS: &str = "traps";
const BLOBS: &str = "blobs";
const PROMPT: &str = "prompt";
const FACTS: &str = "facts";
const REPLY: &str = "reply";
const THOUGHTS: &str = "thoughts";
const CONVERSATION: &str = "conversation";
const THINKING: &str = "thinking";
const PROMPT_TOKENS: &str = "prompt_tokens";

/// The record of one generation of text by a model, which the ledger stores in the entry of the proposal.
///
/// The record is a statement of the untrusted plane, and no judgement depends on it. `nmk ledger replay` runs
/// the generation again from it and reports the first token, or digest of logits, that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenerationRecord {
    /// The model that generated the text, as it identifies itself.
    pub model: Identity,
    /// The rule by which tokens were chosen.
    pub decoding: Decoding,
    /// The largest number of tokens that the generation was allowed.
    pub max_new: u32,
    /// The choice whether the model was to think aloud. A replay makes the same choice.
    pub thinking: Thinking,
    /// The reason why the generation stopped.
    pub stop: Stop,
    /// The generated token ids; empty if the model does not report them, as a remote one.
    pub tokens: Vec<u32>,
    /// The digests of the logits from which the tokens were chosen, one for each token.
    pub logits: Vec<Digest>,
    /// The number of tokens that the generation used, and who counted them.
    pub usage: Usage,
    /// The number of tokens of the whole prompt, as the model states it. None if it states none.
    pub prompt_tokens: Option<u64>,
    /// The traps of the generation.
    pub traps: TrapRecord,
    /// The digests of the texts that are stored as blobs beside the ledger's entries.
    pub blobs: GenerationBlobs,
}

/// The digests of the texts of a generation, as [`Digest::hash_blob`] makes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GenerationBlobs {
    /// The digest of the prompt, exactly as the user wrote it.
    pub prompt: Digest,
    /// The digest of the body of the facts block. None if the model was shown no facts.
    pub facts: Option<Digest>,
    /// The digest of the whole reply. None if the proposal is the whole reply, which is stored as the entry's
    /// subject.
    pub reply: Option<Digest>,
    /// The digest of the thoughts, which are no part of the reply. None if the model wrote none.
    pub thoughts: Option<Digest>,
    /// The digest of the messages before the prompt, as JSON text. None if there were none.
    pub conversation: Option<Digest>,
}

/// The reason why a value is not a record of a generation that this version can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GenerationRecordError {
    /// The record was written in a version that this program does not read.
    Version {
        /// The version of the record. Records of version 1 had no version key.
        found: i64,
    },
    /// A field of the record is missing, has another type or is unknown.
    Field(FieldError),
}

impl fmt::Display for GenerationRecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version { found } => write!(
                f,
                "the record of the generation has version {found}, and this program reads version {}: use the \
                 program that wrote it",
                GenerationRecord::VERSION
            ),
            Self::Field(error) => write!(f, "the record of the generation is refused: {error}"),
        }
    }
}

impl core::error::Error for GenerationRecordError {}

impl From<FieldError> for GenerationRecordError {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

impl GenerationRecord {
    /// The version of records that [`to_value`](Self::to_value) writes and [`from_value`](Self::from_value)
    /// reads.
    pub const VERSION: i64 = 2;

    /// Returns the record of a generation of at most `max_new` tokens, whose result is `draft` by `model`.
    #[must_use]
    pub fn from_draft(draft: &Draft, model: Identity, max_new: u32, blobs: GenerationBlobs) -> Self {
        Self {
            model,
            decoding: draft.decoding,
            max_new,
            thinking: draft.thinking,
            stop: draft.stop,
            tokens: draft.tokens.clone(),
            logits: draft.logit_digests.clone(),
            usage: draft.usage,
            prompt_tokens: draft.prompt_tokens,
            traps: draft.traps.clone(),
            blobs,
        }
    }

    /// Returns the record as the map that the ledger stores.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let digest = |digest: Option<Digest>| digest.map_or(Value::Null, Digest::to_value);
        // The keys that older records lack are there only if they say something.
        let usage = usage_value(self.usage).map(|usage| (USAGE, usage));
        let thinking = Some(self.thinking).filter(|thinking| *thinking != Thinking::Auto);
        let thinking = thinking.map(|thinking| (THINKING, Value::text(thinking.word())));
        let count = |tokens: u64| Value::Int(i64::try_from(tokens).unwrap_or(i64::MAX));
        let prompt_tokens = self.prompt_tokens.map(|tokens| (PROMPT_TOKENS, count(tokens)));
        let fields = [
            (VERSION, Value::Int(Self::VERSION)),
            (MODEL, Value::text(self.model.name.as_str())),
            (MODEL_DIGEST, digest(self.model.model_digest)),
            (REPRODUCIBLE, Value::Bool(self.model.reproducible)),
            (DECODING, self.decoding.to_value()),
            (MAX_NEW, Value::Int(i64::from(self.max_new))),
            (STOP, Value::text(self.stop.word())),
            (TOKENS, Value::List(self.tokens.iter().map(|token| Value::Int(i64::from(*token))).collect())),
            (LOGITS, Value::List(self.logits.iter().map(|digest| digest.to_value()).collect())),
            (TRAPS, self.traps.to_value()),
            (BLOBS, self.blobs.to_value()),
        ];
        Value::map(fields.into_iter().chain(usage).chain(thinking).chain(prompt_tokens))
    }

    /// Reads a record from a value: the inverse of [`to_value`](Self::to_value).
    ///
    /// # Errors
    /// [`GenerationRecordError`] if the record has another version, or if a key is missing, ill-typed or
    /// unknown; the error names the first such key.
    pub fn from_value(value: &Value) -> Result<Self, GenerationRecordError> {
        let fields = Fields::from_value(value, "")?;
        match fields.optional(VERSION).map(Value::as_int) {
            Some(Some(Self::VERSION)) => {}
            // Version 1 had no such key.
            None => return Err(GenerationRecordError::Version { found: 1 }),
            Some(Some(found)) => return Err(GenerationRecordError::Version { found }),
            Some(None) => drop(fields.read(VERSION, "an integer", Value::as_int)?),
        }
        Ok(Self::from_fields(&fields)?)
    }

    fn from_fields(fields: &Fields<'_>) -> Result<Self, FieldError> {
        fields.only(&[
            VERSION,
            MODEL,
            MODEL_DIGEST,
            REPRODUCIBLE,
            DECODING,
            MAX_NEW,
            STOP,
            TOKENS,
            LOGITS,
            USAGE,
            THINKING,
            PROMPT_TOKENS,
            TRAPS,
            BLOBS,
        ])?;
        let count = |value: &Value| value.as_int().and_then(|int| u64::try_from(int).ok());
        let thinking = |word: &str| Thinking::from_word(word).filter(|thinking| *thinking != Thinking::Auto);
        let thinking = fields.optional(THINKING).map(|_| fields.word(THINKING, thinking)).transpose()?;
        let prompt_tokens =
            fields.optional(PROMPT_TOKENS).map(|_| fields.read(PROMPT_TOKENS, "a count", count));
        let number = |value: &Value| value.as_int().and_then(|int| u32::try_from(int).ok());
        Ok(Self {
            model: Identity {
                name: fields.read(MODEL, "a text", Value::as_text)?.into(),
                model_digest: fields.nullable(MODEL_DIGEST, "a digest or null", Value::as_digest)?,
                reproducible: fields.read(REPRODUCIBLE, "a bool", Value::as_bool)?,
            },
            decoding: Decoding::from_value(fields.value(DECODING)?)?,
            max_new: fields.read(MAX_NEW, "an integer from 0 to 2^32 - 1", number)?,
            thinking: thinking.unwrap_or_default(),
            stop: fields.word(STOP, Stop::from_word)?,
            tokens: fields.list(TOKENS, "a list of token ids", number)?,
            logits: fields.list(LOGITS, "a list of digests", Value::as_digest)?,
            usage: fields.optional(USAGE).map_or(Ok(Usage::Counted), usage_from_value)?,
            prompt_tokens: prompt_tokens.transpose()?,
            traps: TrapRecord::from_value(fields.value(TRAPS)?)?,
            blobs: GenerationBlobs::from_value(fields.value(BLOBS)?)?,
        })
    }
}

/// Returns the value of a figure that somebody else states or that is estimated. Tokens that were counted are in
/// the record themselves, so nothing stands for them.
fn usage_value(usage: Usage) -> Option<Value> {
    let (word, tokens) = match usage {
        Usage::Counted => return None,
        Usage::Stated(tokens) => ("endpoint", tokens),
        Usage::Estimated(tokens) => ("estimate", tokens),
    };
    let tokens = i64::try_from(tokens).unwrap_or(i64::MAX);
    Some(Value::map([(COUNTED, Value::text(word)), (TOKENS, Value::Int(tokens))]))
}

fn usage_from_value(value: &Value) -> Result<Usage, FieldError> {
    let fields = Fields::from_value(value, USAGE)?;
    fields.only(&[COUNTED, TOKENS])?;
    let count = |value: &Value| value.as_int().and_then(|int| u64::try_from(int).ok());
    let tokens = fields.read(TOKENS, "a count", count)?;
    fields.word(COUNTED, |word| match word {
        "endpoint" => Some(Usage::Stated(tokens)),
        "estimate" => Some(Usage::Estimated(tokens)),
        _ => None,
    })
}

impl GenerationBlobs {
    fn to_value(self) -> Value {
        let digest = |digest: Option<Digest>| digest.map_or(Value::Null, Digest::to_value);
        let Self { prompt, facts, reply, thoughts, conversation } = self;
        let fields = [(PROMPT, prompt.to_value()), (FACTS, digest(facts)), (REPLY, digest(reply))];
        let others = [(THOUGHTS, thoughts), (CONVERSATION, conversation)];
        let others = others.into_iter().filter_map(|(key, digest)| Some((key, digest?.to_value())));
        Value::map(fields.into_iter().chain(others))
    }

    fn from_value(value: &Value) -> Result<Self, FieldError> {
        let fields = Fields::from_value(value, BLOBS)?;
        fields.only(&[PROMPT, FACTS, REPLY, THOUGHTS, CONVERSATION])?;
        let optional = |key| fields.optional(key).map(|_| fields.read(key, "a digest", Value::as_digest));
        Ok(Self {
            prompt: fields.read(PROMPT, "a digest", Value::as_digest)?,
            facts: fields.nullable(FACTS, "a digest or null", Value::as_digest)?,
            reply: fields.nullable(REPLY, "a digest or null", Value::as_digest)?,
            thoughts: optional(THOUGHTS).transpose()?,
            conversation: optional(CONVERSATION).transpose()?,
        })
    }
}
