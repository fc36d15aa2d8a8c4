//! The tip of the hash chain.

use std::sync::LazyLock;

use abi::{Digest, Domain, Receipt};

use crate::format::{CHAIN_DOMAIN, ENTRY_DOMAIN, FRAME_BYTES, GENESIS_DOMAIN};

/// Where a chain stands: what the next entry follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tip {
    /// Entries so far.
    pub(crate) count: u64,
    /// Digest of the last entry.
    pub(crate) last: Digest,
    /// Chain digest.
    pub(crate) chain: Digest,
    /// Bytes of their frames.
    pub(crate) length: u64,
}

impl Tip {
    /// The tip of no entries.
    pub(crate) fn genesis() -> Self {
        let genesis = Digest::of(GENESIS_DOMAIN, b"");
        Self { count: 0, last: genesis, chain: genesis, length: 0 }
    }

    /// The tip after an entry with this payload.
    pub(crate) fn after(&self, payload: &[u8]) -> Self {
        static ENTRY: LazyLock<Domain> = LazyLock::new(|| Domain::new(ENTRY_DOMAIN));
        static CHAIN: LazyLock<Domain> = LazyLock::new(|| Domain::new(CHAIN_DOMAIN));
        let last = ENTRY.digest([payload]);
        let parts = [self.chain.as_bytes().as_slice(), last.as_bytes()];
        let frame = u64::try_from(payload.len() + FRAME_BYTES).expect("a frame is shorter than 2^64");
        Self { count: self.count + 1, last, chain: CHAIN.digest(parts), length: self.length + frame }
    }

    /// The receipt of the last entry.
    pub(crate) fn receipt(&self) -> Receipt {
        Receipt { index: self.count - 1, entry: self.last, head: self.chain }
    }
}
