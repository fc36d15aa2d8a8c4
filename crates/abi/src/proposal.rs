//! Proposals: values that an untrusted plane offers, with a statement of their origin.

use alloc::string::String;

use crate::fields::Fields;
use crate::{Body, Canonical, Digest, FieldError, MapWriter, Value};

/// A statement of where a value came from.
///
/// The statement is recorded with the value and grants nothing: a proposer may state any origin. A verdict
/// contains the digest of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A model that ran on this machine, from weights that it read.
    LocalModel {
        /// The digest of the configuration and the weights.
        model: Digest,
    },
    /// A model behind an endpoint, of which only the name is known.
    RemoteModel {
        /// The name of the model, as it was sent to the endpoint.
        name: String,
    },
    /// A primitive of the deterministic plane.
    Primitive {
        /// The digest of the primitive, which covers its name, version and signature.
        digest: Digest,
    },
    /// A page of the web, which anybody may have written.
    Fetched {
        /// The address from which the page came.
        address: String,
        /// The digest of the bytes that came.
        digest: Digest,
    },
    /// The person who runs the program.
    User,
}

impl Origin {
    /// Returns the origin as a flat map, as the ledger stores it.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Canonical::map(|map| self.write(map)).to_value().expect("an origin is one flat map")
    }

    /// Writes the same fields as [`to_value`](Self::to_value) to `map`, without building a value.
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
            Self::Fetched { address, digest } => {
                map.text("address", address);
                map.digest("digest", digest);
                map.text("origin", "fetched");
            }
            Self::User => map.text("origin", "user"),
        }
    }

    /// Reads an origin from a value: the inverse of [`to_value`](Self::to_value).
    ///
    /// # Errors
    /// [`FieldError`] with the key, if a key is missing, ill-typed or unknown.
    pub fn from_value(value: &Value) -> Result<Self, FieldError> {
        let fields = Fields::from_value(value, "")?;
        let digest = |key| {
            fields.only(&["origin", key])?;
            fields.read(key, "a digest", Value::as_digest)
        };
        match fields.read("origin", "a text", Value::as_text)? {
            "local_model" => Ok(Self::LocalModel { model: digest("model")? }),
            "remote_model" => {
                fields.only(&["origin", "name"])?;
                Ok(Self::RemoteModel { name: fields.read("name", "a text", Value::as_text)?.into() })
            }
            "primitive" => Ok(Self::Primitive { digest: digest("digest")? }),
            "fetched" => {
                fields.only(&["origin", "address", "digest"])?;
                let address = fields.read("address", "a text", Value::as_text)?.into();
                Ok(Self::Fetched { address, digest: fields.read("digest", "a digest", Value::as_digest)? })
            }
            "user" => fields.only(&["origin"]).map(|()| Self::User),
            other => Err(FieldError::UnknownWord { key: "origin".into(), found: other.into() }),
        }
    }
}

/// A value that somebody claims to be right, with a statement of its origin.
///
/// Anyone can make one, and holding one proves nothing. Only `det` turns a proposal into a judged value.
#[derive(Clone, Debug)]
pub struct Proposal<T> {
    /// The proposed value, which nothing has checked yet.
    pub value: T,
    /// The origin of the value, as the proposer states it; nothing checks it.
    pub origin: Origin,
}

impl<T> Proposal<T> {
    /// Returns a proposal of the result of `form` for the value, with the same origin.
    pub fn map<U>(self, form: impl FnOnce(T) -> U) -> Proposal<U> {
        Proposal { value: form(self.value), origin: self.origin }
    }
}
