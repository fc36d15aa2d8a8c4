//! The notary: seals a candidate before the exam is drawn, and gives the randomness of the exam.

use abi::Digest;

const SEED_DOMAIN: &str = "nmk.exam.seed.v1";

/// The two digests that are fixed before the seed of an exam is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Digest of the candidate, as [`det::subject_digest`] computes it.
    pub candidate: Digest,
    /// Digest of the specification.
    pub specification: Digest,
}

/// The randomness of an exam, of which the seed is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The head of the history that has the sealed digests.
    pub head: Digest,
    /// Bytes of the system's entropy, drawn after the head was signed.
    pub entropy: [u8; 32],
}

impl Drawn {
    /// Returns the seed of the exam: the digest of both parts.
    #[must_use]
    pub fn seed(&self) -> [u8; 32] {
        *Digest::hash_parts(SEED_DOMAIN, [self.head.as_bytes().as_slice(), &self.entropy]).as_bytes()
    }
}

/// The reason why nothing was sealed, so that no exam can take place.
#[derive(Debug, thiserror::Error)]
#[error("the candidate could not be sealed: {what}")]
pub struct NotaryError {
    /// The reason, in words for people.
    pub what: String,
}

/// Seals candidates, and draws the randomness of their exams afterwards.
pub trait Notary {
    /// Writes both digests where they cannot be changed afterwards, then draws.
    ///
    /// # Errors
    /// [`NotaryError`] if the digests did not become durable, or no entropy was had. No exam takes place then.
    fn seal(&mut self, sealed: &Sealed) -> Result<Drawn, NotaryError>;
}
