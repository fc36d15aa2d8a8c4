//! Admissions by the hold-out gate: their records, and the check of a record that was stored.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use abi::Digest;
use ed25519_compact::{PublicKey, Signature};

use crate::assess::Assessment;
use crate::validator::{ADMISSION, ADMISSION_VERSION};
use crate::{Contract, ContractOrigin, Level, Outcome, ReadmitError, TrustRoot};

const DOMAIN: &str = "nmk.admission.v2";

/// The probability of a certain event, in parts per million.
pub(crate) const CERTAIN_PPM: u32 = 1_000_000;

/// The record that the hold-out gate makes when it admits a content, for example a program that passed its
/// exam.
///
/// A record is plain data: anyone can write one, and it proves nothing by itself. [`readmit`](crate::readmit)
/// believes it when the content and the contract at hand have the digests that it names, and a key of the
/// [`TrustStore`] signed its [`digest`](Self::digest).
#[derive(Clone, Debug)]
pub struct AdmissionRecord {
    /// Digest of the admitted content, as [`subject_digest`](crate::subject_digest) computes it.
    pub subject: Digest,
    /// Digest of the contract under which the content was examined.
    pub contract: Digest,
    /// The number of independent draws of the exam, all of which the content passed; at least 1.
    pub draws: u64,
    /// The chance, in parts per million, that a content which fails more often than the stated bound passes
    /// by luck. A record with 0 or 1,000,000 bounds nothing and is refused.
    pub alpha_ppm: u32,
    /// Digest of the gate's own record of the exam: seeds, instances, wrong programs, isolation and versions.
    pub evidence: Digest,
    /// The ed25519 public key of the one who signs the record.
    pub signer: [u8; 32],
}

impl AdmissionRecord {
    /// Returns the digest over every field of the record, under its own domain. Its bytes are what is signed.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::hash_parts(
            DOMAIN,
            [
                self.subject.as_bytes().as_slice(),
                self.contract.as_bytes(),
                &self.draws.to_le_bytes(),
                &self.alpha_ppm.to_le_bytes(),
                self.evidence.as_bytes(),
                &self.signer,
            ],
        )
    }
}

/// The public keys whose signatures on admission records an application believes.
///
/// Only the holder of a [`TrustRoot`] can make a store.
#[derive(Debug)]
pub struct TrustStore {
    keys: Vec<[u8; 32]>,
}

impl TrustStore {
    /// Returns a store of these ed25519 public keys, for which the holder of the root vouches.
    #[must_use]
    pub fn new(keys: Vec<[u8; 32]>, _root: &impl TrustRoot) -> Self {
        Self { keys }
    }
}

/// Returns the digest of `record` if the record admits the subject with the digest `found` under `contract` and a key in
/// the store signed it. Otherwise returns the first thing that does not fit.
pub(crate) fn check(
    found: Digest,
    contract: &Contract,
    record: &AdmissionRecord,
    signature: &[u8; 64],
    store: &TrustStore,
) -> Result<Digest, ReadmitError> {
    if contract.origin() == ContractOrigin::Proposer {
        return Err(ReadmitError::ProposersContract);
    }
    if record.draws == 0 || !(1..CERTAIN_PPM).contains(&record.alpha_ppm) {
        return Err(ReadmitError::NoBound);
    }
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
    Ok(digest)
}

/// Returns the assessment of a content that `signer` admitted: satisfied, at level `Proven`.
pub(crate) fn assessment(signer: [u8; 32]) -> Assessment {
    Assessment {
        level: Level::Proven,
        outcome: Outcome::Satisfied,
        validator: ADMISSION.into(),
        validator_version: ADMISSION_VERSION,
        vouched_by: voucher(signer),
        trial: None,
    }
}

/// Returns the text that names the signer of an admission as the one who vouches for it.
pub(crate) fn voucher(signer: [u8; 32]) -> Cow<'static, str> {
    alloc::format!("admission:{}", Digest::from_bytes(signer)).into()
}
