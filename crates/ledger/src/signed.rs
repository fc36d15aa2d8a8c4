//! Signed statements: a canonical map with a key and a signature over everything else in it.

use abi::{Value, decode, encode};

use crate::HeadFault;
use crate::fields::{Fields, Misfit};
use crate::format::VERSION;
use crate::keys::{PublicKey, SIGNATURE_BYTES, SigningKey};

/// Returns the statement `fields`, signed with `key` under `domain`. Version and key are added.
pub(crate) fn seal(domain: &str, mut fields: Vec<(&'static str, Value)>, key: &SigningKey) -> Vec<u8> {
    fields.push(("version", Value::Int(VERSION)));
    fields.push(("key", Value::Bytes(key.public().as_bytes().to_vec())));
    let signature = key.sign(&message(domain, &Value::map(fields.clone())));
    fields.push(("signature", Value::Bytes(signature.to_vec())));
    encode(&Value::map(fields))
}

/// A statement that was read from disk, whose signature has not been checked.
pub(crate) struct Claim<T> {
    /// The content of the statement.
    pub(crate) content: T,
    key: PublicKey,
    signature: [u8; SIGNATURE_BYTES],
    message: Vec<u8>,
}

impl<T> Claim<T> {
    /// Reads a statement under `domain`, whose own fields `content` takes. Fails unless every field is as the format has
    /// it, and there is no other one.
    pub(crate) fn parse(
        domain: &str,
        bytes: &[u8],
        content: impl FnOnce(&mut Fields) -> Result<T, Misfit>,
    ) -> Result<Self, HeadFault> {
        let value = decode(bytes).map_err(HeadFault::NotCanonical)?;
        if let Some(Value::Int(found)) = value.get("version")
            && *found > VERSION
        {
            return Err(HeadFault::NewerVersion { found: *found });
        }
        let mut unsigned = value.clone();
        if let Value::Map(fields) = &mut unsigned {
            fields.remove("signature");
        }
        let message = message(domain, &unsigned);
        let read = || {
            let mut fields = Fields::from_value(value)?;
            if fields.int("version")? != VERSION {
                return Err(Misfit("version"));
            }
            let content = content(&mut fields)?;
            let key = PublicKey::from_bytes(fields.bytes("key")?);
            let signature = fields.bytes("signature")?;
            fields.end()?;
            Ok(Self { content, key, signature, message })
        };
        read().map_err(|Misfit(field)| HeadFault::Shape { field })
    }

    /// Returns the content, after checking that the key `pinned` signed it.
    pub(crate) fn checked(self, pinned: &PublicKey) -> Result<T, HeadFault> {
        if self.key != *pinned {
            return Err(HeadFault::ForeignKey { found: self.key, pinned: *pinned });
        }
        if !pinned.verifies(&self.message, &self.signature) {
            return Err(HeadFault::Signature);
        }
        Ok(self.content)
    }
}

/// Returns the bytes that the signature of a statement covers: the domain, a zero byte, and the map without signature.
fn message(domain: &str, unsigned: &Value) -> Vec<u8> {
    let mut message = domain.as_bytes().to_vec();
    message.push(0);
    message.extend(encode(unsigned));
    message
}
