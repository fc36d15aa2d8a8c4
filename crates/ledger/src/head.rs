//! The signed head, which says how many entries are acknowledged.

use abi::{Digest, Value};

use crate::HeadFault;
use crate::chain::Tip;
use crate::format::HEAD_DOMAIN;
use crate::keys::{PublicKey, SigningKey};
use crate::signed::{self, Claim};

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
        let int = |number: u64| Value::Int(i64::try_from(number).expect("a ledger is shorter than 2^63"));
        let fields =
            vec![("count", int(self.count)), ("chain", self.chain.to_value()), ("length", int(self.length))];
        signed::seal(HEAD_DOMAIN, fields, key)
    }

    /// Reads a head and checks that the key `pinned` signed it.
    pub(crate) fn open(bytes: &[u8], pinned: &PublicKey) -> Result<Self, HeadFault> {
        Self::claim(bytes)?.checked(pinned)
    }

    /// Reads a head, and does not check its signature.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, HeadFault> {
        Self::claim(bytes).map(|claim| claim.content)
    }

    fn claim(bytes: &[u8]) -> Result<Claim<Self>, HeadFault> {
        Claim::parse(HEAD_DOMAIN, bytes, |fields| {
            Ok(Self {
                count: fields.number("count")?,
                chain: fields.digest("chain")?,
                length: fields.number("length")?,
            })
        })
    }
}
