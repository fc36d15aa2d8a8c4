//! What an untrusted plane offers.

use alloc::string::String;

use crate::{Body, Canonical, Digest, MapWriter, Value};

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
        Canonical::map(|map| self.write(map)).to_value().expect("an origin is one flat map")
    }

    /// Writes the fields of [`to_value`](Self::to_value).
    pub fn write(&self, map: &mut MapWriter<'_>) {
        match self {
            Self::LocalModel { model } => {
                map.digest("model", model);
                map.text("origin", "local_model");
            }
            Self::RemoteModel { name } => {
                map.text("name", name);
                map.text("origin", "remote_model");
            }
            Self::Primitive { digest } => {
                map.digest("digest", digest);
                map.text("origin", "primitive");
            }
            Self::User => map.text("origin", "user"),
        }
    }
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
