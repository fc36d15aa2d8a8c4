//! Verdicts that were read back from a disk.
//!
//! What storage returns is a claim. It becomes a [`Judged`] value again only when the content at hand
//! has the digest that an admission record names, and the record is signed by a key in a trust store.

use alloc::string::ToString;
use alloc::vec::Vec;

use abi::{Digest, Proposal, TaskId, Value};
use ed25519_compact::{PublicKey, Signature};

use crate::mint::{admitted, subject_digest};
use crate::{Contract, ContractOrigin, Judged, ReadmitError, TrustRoot, nesting};

const DOMAIN: &str = "nmk.admission.v1";

/// A chance of one, in parts per million.
const CERTAIN_PPM: u32 = 1_000_000;

/// What the hold-out gate recorded when it admitted a content. Plain data: it claims, it proves nothing.
#[derive(Clone, Debug)]
pub struct AdmissionRecord {
    /// Digest of the admitted content, as [`subject_digest`] makes it.
    pub subject: Digest,
    /// Digest of the contract under which it was examined.
    pub contract: Digest,
    /// Independent draws of the exam, all passed.
    pub draws: u64,
    /// The chance of passing by luck at the stated bound, in parts per million; above none and below all
    /// of them, or the record bounds nothing.
    pub alpha_ppm: u32,
    /// The ed25519 public key that signs.
    pub signer: [u8; 32],
}

impl AdmissionRecord {
    /// The bytes that are signed: the digest of the whole record under its own domain.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_parts(
            DOMAIN,
            [
                self.subject.as_bytes().as_slice(),
                self.contract.as_bytes(),
                &self.draws.to_le_bytes(),
                &self.alpha_ppm.to_le_bytes(),
                &self.signer,
            ],
        )
    }
}

/// The keys whose admissions are believed. Made only with a trust root.
#[derive(Debug)]
pub struct TrustStore {
    keys: Vec<[u8; 32]>,
}

impl TrustStore {
    /// A store of ed25519 public keys.
    #[must_use]
    pub fn new(keys: Vec<[u8; 32]>, _root: &impl TrustRoot) -> Self {
        Self { keys }
    }
}

/// Makes `content` judged again, at `Proven`, for `task` under `contract`.
///
/// # Errors
/// A proposer wrote the contract, the record bounds nothing or is about other content or another
/// contract, or it is not signed by a key in the store.
pub fn readmit(
    content: Proposal<Value>,
    contract: &Contract,
    task: TaskId,
    record: &AdmissionRecord,
    signature: &[u8; 64],
    store: &TrustStore,
) -> Result<Judged<Value>, ReadmitError> {
    let origin = content.origin;
    let content =
        nesting::bounded(content.value, abi::MAX_DEPTH).map_err(|depth| ReadmitError::TooDeep { depth })?;
    if contract.origin() == ContractOrigin::Proposer {
        return Err(ReadmitError::ProposersContract);
    }
    if record.draws == 0 || !(1..CERTAIN_PPM).contains(&record.alpha_ppm) {
        return Err(ReadmitError::NoBound);
    }
    let found = subject_digest(&content);
    if found != record.subject {
        return Err(ReadmitError::OtherContent { recorded: record.subject, found });
    }
    let found = contract.digest();
    if found != record.contract {
        return Err(ReadmitError::OtherContract { recorded: record.contract, found });
    }
    if !store.keys.contains(&record.signer) {
        return Err(ReadmitError::UnknownSigner);
    }
    let digest = record.digest();
    PublicKey::new(record.signer)
        .verify(digest.as_bytes(), &Signature::new(*signature))
        .map_err(|_| ReadmitError::BadSignature)?;
    let signer = Digest::from_bytes(record.signer).to_string();
    Ok(admitted(content, &origin, found, task, &signer, digest))
}
