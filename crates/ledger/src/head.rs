//! The signed head, which says how many entries are acknowledged.

use abi::{Digest, Value, decode, encode};

use crate::HeadFault;
use crate::chain::Tip;
use crate::fields::{Fields, Misfit};
use crate::format::{HEAD_DOMAIN, VERSION};
use crate::keys::{PublicKey, SIGNATURE_BYTES, SigningKey};

/// The largest head in bytes; readers refuse a longer one.
pub(crate) const MAX_HEAD_BYTES: usize = 1024;

/// The content of a head: the end of the acknowledged history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The number of acknowledged entries.
    pub(crate) count: u64,
    /// The chain digest after the last of them.
    pub(crate) chain: Digest,
    /// The length of their frames in bytes.
    pub(crate) length: u64,
}

impl Head {
    /// Returns the head that covers every entry up to `tip`.
    pub(crate) fn from_tip(tip: &Tip) -> Self {
        Self { count: tip.count, chain: tip.chain, length: tip.length }
    }

    /// Returns the bytes of the head, signed with `key`.
    pub(crate) fn seal(&self, key: &SigningKey) -> Vec<u8> {
        let signature = key.sign(&self.message(key.public()));
        let mut fields = self.fields(key.public());
        fields.push(("signature", Value::Bytes(signature.to_vec())));
        encode(&Value::map(fields))
    }

    /// Reads a head and checks that the key `pinned` signed it.
    pub(crate) fn open(bytes: &[u8], pinned: &PublicKey) -> Result<Self, HeadFault> {
        let claim = Claim::parse(bytes)?;
        if claim.key != *pinned {
            return Err(HeadFault::ForeignKey { found: claim.key, pinned: *pinned });
        }
        if !pinned.verifies(&claim.head.message(pinned), &claim.signature) {
            return Err(HeadFault::Signature);
        }
        Ok(claim.head)
    }

    /// Reads a head, and does not check its signature.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, HeadFault> {
        Claim::parse(bytes).map(|claim| claim.head)
    }

    /// Returns the fields of the head that the signature covers.
    fn fields(&self, key: &PublicKey) -> Vec<(&'static str, Value)> {
        let int = |number: u64| Value::Int(i64::try_from(number).expect("a ledger is shorter than 2^63"));
        vec![
            ("version", Value::Int(VERSION)),
            ("count", int(self.count)),
            ("chain", self.chain.to_value()),
            ("length", int(self.length)),
            ("key", Value::Bytes(key.as_bytes().to_vec())),
        ]
    }

    /// Returns the bytes that the signature covers.
    fn message(&self, key: &PublicKey) -> Vec<u8> {
        let mut message = HEAD_DOMAIN.as_bytes().to_vec();
        message.push(0);
        message.extend(encode(&Value::map(self.fields(key))));
        message
    }
}

/// A head as it was read, whose signature has not been checked.
struct Claim {
    head: Head,
    key: PublicKey,
    signature: [u8; SIGNATURE_BYTES],
}

impl Claim {
    fn parse(bytes: &[u8]) -> Result<Self, HeadFault> {
        let value = decode(bytes).map_err(HeadFault::NotCanonical)?;
        if let Some(Value::Int(found)) = value.get("version")
            && *found > VERSION
        {
            return Err(HeadFault::NewerVersion { found: *found });
        }
        Self::from_value(value).map_err(|Misfit(field)| HeadFault::Shape { field })
    }

    fn from_value(value: Value) -> Result<Self, Misfit> {
        let mut fields = Fields::from_value(value)?;
        if fields.int("version")? != VERSION {
            return Err(Misfit("version"));
        }
        let head = Head {
            count: fields.number("count")?,
            chain: fields.digest("chain")?,
            length: fields.number("length")?,
        };
        let key = PublicKey::from_bytes(fields.bytes("key")?);
        let signature = fields.bytes("signature")?;
        fields.end()?;
        Ok(Self { head, key, signature })
    }
}
