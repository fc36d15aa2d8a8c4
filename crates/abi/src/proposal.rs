//! What an untrusted plane offers.

use alloc::string::String;

use crate::{Digest, Value};

/// Where something came from. A statement, recorded with what it is about; it grants nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A model whose weights this machine read.
    LocalModel {
        /// Digest of the configuration and the weights.
        model: Digest,
    },
    /// A model behind an endpoint, of which only the name is known.
    RemoteModel {
        /// The model's name, as the endpoint was asked for it.
        name: String,
    },
    /// A primitive of the deterministic plane.
    Primitive {
        /// Digest of the primitive.
        digest: Digest,
    },
    /// The person who runs the program.
    User,
}

impl Origin {
    /// The origin as it is sealed into the ledger.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::LocalModel { model } => tagged("local_model", "model", model.to_value()),
            Self::RemoteModel { name } => tagged("remote_model", "name", Value::text(name.as_str())),
            Self::Primitive { digest } => tagged("primitive", "digest", digest.to_value()),
            Self::User => Value::map([("origin", Value::text("user"))]),
        }
    }
}

fn tagged(origin: &str, key: &str, value: Value) -> Value {
    Value::map([("origin", Value::text(origin)), (key, value)])
}

/// A value and where it came from. Anyone can make one; it grants nothing.
#[derive(Clone, Debug)]
pub struct Proposal<T> {
    /// What is proposed.
    pub value: T,
    /// Who proposes it.
    pub origin: Origin,
}

impl<T> Proposal<T> {
    /// The same origin over another form of the value.
    pub fn map<U>(self, form: impl FnOnce(T) -> U) -> Proposal<U> {
        Proposal { value: form(self.value), origin: self.origin }
    }
}
