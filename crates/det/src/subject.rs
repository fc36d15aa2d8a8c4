//! Subjects of judgements: proposals together with the digests by which verdicts name them.

use abi::{Canonical, Digest, Domain, Origin, Proposal, Value, encode};

use crate::{JudgeError, nesting};

/// The domain `nmk.subject.v1` of the digests by which verdicts name values.
const SUBJECT: Domain = Domain::from_context_key([
    0xcc, 0x22, 0xf7, 0x1c, 0x6b, 0xbc, 0x1a, 0x0d, 0x97, 0xf1, 0x92, 0xb9, 0xf3, 0xb3, 0x71, 0xe4, 0xdf,
    0x62, 0x6a, 0x86, 0x02, 0x3e, 0x39, 0xa6, 0x2d, 0xda, 0x95, 0xd6, 0x27, 0x7e, 0x2d, 0x1a,
]);
/// The domain `nmk.origin.v1` of the digests by which verdicts name origins.
const ORIGIN: Domain = Domain::from_context_key([
    0xa9, 0xf3, 0x79, 0xb9, 0x33, 0x42, 0xd0, 0x77, 0xa4, 0xbf, 0x78, 0xb5, 0x4e, 0x0d, 0x9d, 0xf7, 0xf3,
    0xd2, 0x5c, 0x2d, 0xb7, 0x86, 0x8e, 0xd8, 0x90, 0xb0, 0xdc, 0x39, 0x7e, 0x9f, 0x58, 0xac,
]);

/// A proposal that is about to be judged, with the digest by which its verdict will name it.
///
/// A caller who needs the digest before the judgement makes a subject first, so that the digest is computed
/// only once. Holding one proves that the value nests at most [`abi::MAX_DEPTH`] deep and that the digest is
/// the value's. It does not prove that anybody judged the value.
#[derive(Clone, Debug)]
pub struct Subject {
    value: Value, // Invariant: nests at most `MAX_DEPTH` deep.
    origin: Origin,
    digest: Digest, // Invariant: the value's.
}

impl Subject {
    /// Takes a proposal to be judged, and computes the digest of its value.
    ///
    /// # Errors
    /// [`JudgeError::TooDeep`] if the value nests deeper than [`abi::MAX_DEPTH`]. The proposal is dropped
    /// then.
    pub fn new(proposal: Proposal<Value>) -> Result<Self, JudgeError> {
        Self::bounded(proposal).map_err(|depth| JudgeError::TooDeep { depth })
    }

    /// Returns the subject, or the depth of the value as the error if it nests too deeply.
    pub(crate) fn bounded(proposal: Proposal<Value>) -> Result<Self, usize> {
        let value = nesting::bounded(proposal.value, abi::MAX_DEPTH)?;
        let digest = subject_digest(&value);
        Ok(Self { value, origin: proposal.origin, digest })
    }

    /// Returns the proposed value. Nobody has judged it yet.
    ///
    /// The value cannot be changed in place, because the stored digest would then be wrong.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Returns the origin that the proposal states, such as a model. The verdict records a digest of it.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the digest of the value, as [`subject_digest`] computes it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    pub(crate) fn into_value(self) -> Value {
        self.value
    }
}

/// Returns the digest by which verdicts and admission records name a value.
#[must_use]
pub fn subject_digest(value: &Value) -> Digest {
    SUBJECT.digest([encode(value).as_slice()])
}

/// Returns the digest by which verdicts name the origin of a proposal.
pub(crate) fn origin_digest(origin: &Origin) -> Digest {
    let canonical = Canonical::map(|map| origin.write(map));
    ORIGIN.digest([canonical.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::{Domain, ORIGIN, SUBJECT};

    #[test]
    fn context_keys_are_those_of_the_domains_names() {
        assert_eq!(SUBJECT, Domain::new("nmk.subject.v1"));
        assert_eq!(ORIGIN, Domain::new("nmk.origin.v1"));
    }
}
