//! The schemas that constrain the answers of one model.

use std::sync::Arc;

use abi::Digest;
use constrain::{CompiledSchema, ConstrainError, Vocabulary};
use neural::Backend;
use text::TokenBytes;

use crate::local::LocalModel;

/// The tokens of a model as a trie, and the automaton of the last schema. Both are made when they are needed.
#[derive(Default)]
pub(crate) struct SchemaCache {
    vocabulary: Option<Result<Arc<Vocabulary>, ConstrainError>>,
    last: Option<(Digest, Result<Arc<CompiledSchema>, ConstrainError>)>,
}

/// The way in which the answers under one schema are constrained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constrained {
    /// Answers satisfy the schema, except for the keywords that the notes name.
    Within {
        /// Sentences for people about the keywords of the schema that the automaton does not know.
        notes: Vec<String>,
    },
    /// Answers are not constrained, and only judged.
    Free {
        /// The reason why no automaton was made.
        why: ConstrainError,
    },
}

impl<B: Backend> LocalModel<B> {
    /// Compiles a JSON Schema for the tokens of this model, and returns how answers under it are constrained. A
    /// later request with the same schema uses the result.
    pub fn constrain(&mut self, schema: &str) -> Constrained {
        match self.compiled(schema) {
            Ok(compiled) => Constrained::Within { notes: compiled.notes().to_vec() },
            Err(why) => Constrained::Free { why },
        }
    }

    /// Returns the automaton of a schema over the tokens of this model, the same one for the same schema.
    pub(crate) fn compiled(&mut self, schema: &str) -> Result<Arc<CompiledSchema>, ConstrainError> {
        let digest = Digest::hash_blob(schema.as_bytes());
        match &self.schemas.last {
            Some((last, compiled)) if *last == digest => compiled.clone(),
            _ => {
                let vocabulary = self.vocabulary();
                let compiled = vocabulary.and_then(|vocabulary| CompiledSchema::compile(schema, &vocabulary));
                self.schemas.last = Some((digest, compiled.clone()));
                compiled
            }
        }
    }

    fn vocabulary(&mut self) -> Result<Arc<Vocabulary>, ConstrainError> {
        if let Some(vocabulary) = &self.schemas.vocabulary {
            return vocabulary.clone();
        }
        let size = self.model().config().vocab_size;
        let vocabulary = TokenBytes::from_tokenizer(self.tokenizer())
            .map_err(|error| ConstrainError::Tokens(error.to_string()))
            .and_then(|bytes| Vocabulary::new(&bytes, self.end_tokens(), size));
        self.schemas.vocabulary.insert(vocabulary).clone()
    }
}
