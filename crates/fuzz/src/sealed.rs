//! A second writer of ledgers, written only from the description in `ledger::format`.
//!
//! This writer signs everything that it is given. So mutated entries get past the check of the signature, to
//! the code behind it.

use abi::{Digest, Value, encode};
use ed25519_compact::{KeyPair, Seed};
use ledger::format::{CHAIN_DOMAIN, ENTRY_DOMAIN, GENESIS_DOMAIN, HEAD_DOMAIN, VERSION};

/// The seed of the key that signs every head written here.
pub(crate) const KEY_SEED: [u8; 32] = [7; 32];

/// A chain of entries, with their frames, as the file of entries holds them.
pub(crate) struct Chain {
    pub(crate) entries: Vec<u8>,
    pub(crate) count: i64,
    pub(crate) chain: Digest,
    pub(crate) last: Digest,
}

impl Chain {
    /// Creates a chain without entries.
    pub(crate) fn empty() -> Self {
        let genesis = Digest::hash(GENESIS_DOMAIN, b"");
        Self { entries: Vec::new(), count: 0, chain: genesis, last: genesis }
    }

    /// Adds a frame with this payload, whether it is a valid entry or not.
    pub(crate) fn push(&mut self, payload: &[u8]) {
        let length = u32::try_from(payload.len()).expect("an input is shorter than 2^32");
        self.last = Digest::hash(ENTRY_DOMAIN, payload);
        let parts = [self.chain.as_bytes().as_slice(), self.last.as_bytes()];
        self.chain = Digest::hash_parts(CHAIN_DOMAIN, parts);
        self.entries.extend(length.to_le_bytes());
        self.entries.extend(payload);
        self.entries.extend(self.chain.as_bytes());
        self.count += 1;
    }

    /// Adds an entry after setting the two fields that depend on its place in the chain, `index` and `prev`.
    pub(crate) fn push_fitting(&mut self, mut entry: Value) {
        if let Value::Map(fields) = &mut entry {
            fields.insert("index".to_owned(), Value::Int(self.count));
            fields.insert("prev".to_owned(), self.last.to_value());
        }
        self.push(&encode(&entry));
    }
}

/// Returns a signed head with these values, whether they are true or not.
pub(crate) fn head(count: i64, chain: Digest, length: i64) -> Vec<u8> {
    let fields = [
        ("version", Value::Int(VERSION)),
        ("count", Value::Int(count)),
        ("chain", chain.to_value()),
        ("length", Value::Int(length)),
    ];
    signed(HEAD_DOMAIN, &fields)
}

/// Returns a signed statement of these fields and the key, whatever they say.
pub(crate) fn signed(domain: &str, fields: &[(&str, Value)]) -> Vec<u8> {
    let pair = KeyPair::from_seed(Seed::new(KEY_SEED));
    let mut fields = fields.to_vec();
    fields.push(("key", Value::Bytes(pair.pk.to_vec())));
    let unsigned = encode(&Value::map(fields.clone()));
    let message = [domain.as_bytes(), &[0], &unsigned].concat();
    fields.push(("signature", Value::Bytes(pair.sk.sign(message, None).to_vec())));
    encode(&Value::map(fields))
}
