//! The chain of digests over the entries.

use std::sync::LazyLock;

use abi::{Digest, Domain, Receipt};

use crate::format::{CHAIN_DOMAIN, ENTRY_DOMAIN, FRAME_BYTES, GENESIS_DOMAIN};

/// The end of a chain, to which the next entry is appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tip {
    /// The number of entries in the chain.
    pub(crate) count: u64,
    /// The digest of the last entry, or the genesis digest if there is none.
    pub(crate) last: Digest,
    /// The chain digest after the last entry.
    pub(crate) chain: Digest,
    /// The length of the frames of all entries, in bytes.
    pub(crate) length: u64,
}

impl Tip {
    /// Returns the tip of a ledger without entries.
    pub(crate) fn genesis() -> Self {
        let genesis = Digest::hash(GENESIS_DOMAIN, b"");
        Self { count: 0, last: genesis, chain: genesis, length: 0 }
    }

    /// Returns the tip after one more entry, whose payload this is.
    pub(crate) fn after(&self, payload: &[u8]) -> Self {
        static ENTRY: LazyLock<Domain> = LazyLock::new(|| Domain::new(ENTRY_DOMAIN));
        static CHAIN: LazyLock<Domain> = LazyLock::new(|| Domain::new(CHAIN_DOMAIN));
        let last = ENTRY.digest([payload]);
        let parts = [self.chain.as_bytes().as_slice(), last.as_bytes()];
        let frame = u64::try_from(payload.len() + FRAME_BYTES).expect("a frame is shorter than 2^64");
        Self { count: self.count + 1, last, chain: CHAIN.digest(parts), length: self.length + frame }
    }

    /// Returns the receipt of the last entry. The chain must not be empty.
    pub(crate) fn receipt(&self) -> Receipt {
        Receipt { index: self.count - 1, entry: self.last, head: self.chain }
    }
}
