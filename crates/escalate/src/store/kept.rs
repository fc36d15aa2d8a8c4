//! One function of a store, as bytes.

use abi::{Digest, Value};

const KIND: &str = "nmk.primitive.v2";

/// A function that was admitted, with the record of its exam and how it came about.
///
/// Only the record is evidence, and only after its signature was checked. The other fields repeat what the record says, so
/// that it is found, or tell how the function came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The name of the function.
    pub entry: String,
    /// Digest of the specification.
    pub specification: Digest,
    /// Digest of the code.
    pub code: Digest,
    /// The executor that ran the function in its exam, for example `cpython`.
    pub executor: String,
    /// The rung on which the function was found, for example `greedy`; `given` where nobody searched for it.
    pub rung: String,
    /// The number of the attempt, from 1; 0 where nobody searched for it.
    pub attempt: u32,
    /// The name of the model that wrote it. Empty if none did.
    pub model: String,
    /// The bytes of the gate's record.
    pub record: Vec<u8>,
}

/// The reason why bytes are no function of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeptError(pub(super) &'static str);

impl Kept {
    /// Returns the digest by which the ledger names the record.
    #[must_use]
    pub fn record_digest(&self) -> Digest {
        Digest::hash_blob(&self.record)
    }

    /// Returns the bytes of the function's file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        abi::encode(&Value::map([
            ("kind", Value::text(KIND)),
            ("entry", Value::text(self.entry.as_str())),
            ("specification", self.specification.to_value()),
            ("code", self.code.to_value()),
            ("executor", Value::text(self.executor.as_str())),
            ("rung", Value::text(self.rung.as_str())),
            ("attempt", Value::Int(i64::from(self.attempt))),
            ("model", Value::text(self.model.as_str())),
            ("record", Value::Bytes(self.record.clone())),
        ]))
    }

    /// Reads the bytes of a function's file. Nothing in it is believed.
    ///
    /// # Errors
    /// [`KeptError`] with the fault.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeptError> {
        let value = abi::decode(bytes).map_err(|_| KeptError("its bytes are no canonical value"))?;
        if value.get("kind").and_then(Value::as_text) != Some(KIND) {
            return Err(KeptError("it has another kind"));
        }
        let text = |key| value.get(key).and_then(Value::as_text).map(str::to_owned);
        let attempt =
            value.get("attempt").and_then(Value::as_int).and_then(|attempt| u32::try_from(attempt).ok());
        let record = value.get("record").and_then(Value::as_bytes).map(<[u8]>::to_vec);
        let missing = KeptError("a part is missing or has another type");
        let kept = Self {
            entry: text("entry").ok_or(missing)?,
            specification: value.get("specification").and_then(Value::as_digest).ok_or(missing)?,
            code: value.get("code").and_then(Value::as_digest).ok_or(missing)?,
            executor: text("executor").ok_or(missing)?,
            rung: text("rung").ok_or(missing)?,
            attempt: attempt.ok_or(missing)?,
            model: text("model").ok_or(missing)?,
            record: record.ok_or(missing)?,
        };
        let words = [&kept.entry, &kept.executor, &kept.rung, &kept.model];
        if words.iter().any(|word| word.chars().any(char::is_control)) {
            return Err(KeptError("a name in it has control characters"));
        }
        // One function has one file, because the file's name is the digest of its bytes.
        if kept.to_bytes() == bytes { Ok(kept) } else { Err(KeptError("it has other parts besides")) }
    }
}
