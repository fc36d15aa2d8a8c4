//! The signed checkpoint, from which a writer goes on without reading the entries before it.
//!
//! A checkpoint only saves time. It states a place in the chain and what a writer must know of the entries up to there.
//! It is written after the head that covers that place is durable, so a checkpoint beyond the head shows that an older
//! head was put back. A ledger without a checkpoint is read from its first entry.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use abi::{Entry, JobId, Value};
use files::Disk;

use crate::chain::Tip;
use crate::fields::{Fields, Misfit};
use crate::format::{CHECKPOINT, CHECKPOINT_DOMAIN, HEAD};
use crate::head::Head;
use crate::signed::{self, Claim};
use crate::standing::Standing;
use crate::{HeadFault, PublicKey, SigningKey, VerifyError};

/// The largest number of open jobs that a checkpoint states. With more of them, none is written.
pub(crate) const MAX_OPEN: usize = 1024;
/// The largest checkpoint in bytes; readers refuse a longer one.
pub(crate) const MAX_CHECKPOINT_BYTES: usize = 16 << 10;

/// The content of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// The place in the chain.
    pub(crate) tip: Tip,
    /// The jobs that are open there.
    pub(crate) open: BTreeSet<JobId>,
    /// The size of the blobs there in bytes, as the writer counted it: at least their true size, unless writers that
    /// stopped left blobs that no entry names.
    pub(crate) blob_bytes: u64,
}

impl Checkpoint {
    /// Returns the bytes of the checkpoint, signed with `key`.
    pub(crate) fn seal(&self, key: &SigningKey) -> Vec<u8> {
        let int = |number: u64| Value::Int(i64::try_from(number).expect("a ledger is shorter than 2^63"));
        let open = self.open.iter().map(|job| Value::Int(job.0.cast_signed())).collect();
        let fields = vec![
            ("count", int(self.tip.count)),
            ("last", self.tip.last.to_value()),
            ("chain", self.tip.chain.to_value()),
            ("length", int(self.tip.length)),
            ("open", Value::List(open)),
            ("blob_bytes", int(self.blob_bytes)),
        ];
        signed::seal(CHECKPOINT_DOMAIN, fields, key)
    }

    /// Reads a checkpoint and checks that the key `pinned` signed it.
    fn from_bytes(bytes: &[u8], pinned: &PublicKey) -> Result<Self, HeadFault> {
        Claim::parse(CHECKPOINT_DOMAIN, bytes, Self::from_fields)?.checked(pinned)
    }

    fn from_fields(fields: &mut Fields) -> Result<Self, Misfit> {
        let tip = Tip {
            count: fields.number("count")?,
            last: fields.digest("last")?,
            chain: fields.digest("chain")?,
            length: fields.number("length")?,
        };
        let open = jobs(&fields.value("open")?).ok_or(Misfit("open"))?;
        Ok(Self { tip, open, blob_bytes: fields.number("blob_bytes")? })
    }

    /// Returns the error if the head covers less than this checkpoint, whose entries were acknowledged.
    pub(crate) fn behind(&self, folder: &Path, head: &Head) -> Option<VerifyError> {
        let is_behind = head.count < self.tip.count || head.length < self.tip.length;
        is_behind.then(|| VerifyError::BehindCheckpoint {
            path: folder.join(HEAD),
            found: head.count,
            known: self.tip.count,
        })
    }
}

/// Returns the jobs of a list in ascending order of their numbers, each one once. None for any other value.
fn jobs(value: &Value) -> Option<BTreeSet<JobId>> {
    let Value::List(items) = value else { return None };
    let job = |item: &Value| match item {
        Value::Int(number) => Some(JobId(number.cast_unsigned())),
        _ => None,
    };
    let listed: Vec<JobId> = items.iter().map(job).collect::<Option<_>>()?;
    let ascends = listed.windows(2).all(|pair| pair[0] < pair[1]);
    (ascends && listed.len() <= MAX_OPEN).then(|| listed.into_iter().collect())
}

/// Returns the checkpoint of the ledger in `folder`, or `None` if there is none.
///
/// A caller that also reads the head reads it afterwards: then the head covers the checkpoint, whatever writers do.
///
/// # Errors
/// [`VerifyError::Checkpoint`] if the file is no checkpoint that the key `pinned` signed.
pub(crate) fn read(
    disk: &impl Disk,
    folder: &Path,
    pinned: &PublicKey,
) -> Result<Option<Checkpoint>, VerifyError> {
    let path = folder.join(CHECKPOINT);
    let Some(bytes) = files::read_up_to(disk, &path, MAX_CHECKPOINT_BYTES + 1)? else { return Ok(None) };
    let checkpoint = Checkpoint::from_bytes(&bytes, pinned);
    checkpoint.map(Some).map_err(|fault| VerifyError::Checkpoint { path, fault })
}

/// A comparison of a checkpoint with the history that is read from its first entry.
pub(crate) struct Comparison {
    checkpoint: Option<Checkpoint>,
    standing: Standing,
    /// True once the history has passed the place of the checkpoint and is as it says.
    met: bool,
}

impl Comparison {
    pub(crate) fn new(checkpoint: Option<Checkpoint>) -> Self {
        let mut comparison = Self { checkpoint, standing: Standing::default(), met: false };
        comparison.compare(&Tip::genesis());
        comparison
    }

    /// Takes the next entry, after which the end of the chain is `tip`.
    pub(crate) fn take(&mut self, entry: &Entry, tip: &Tip) {
        if self.checkpoint.is_some() {
            self.standing.take(entry);
            self.compare(tip);
        }
    }

    fn compare(&mut self, tip: &Tip) {
        let is_here =
            |checkpoint: &Checkpoint| checkpoint.tip == *tip && checkpoint.open == self.standing.open;
        self.met |= self.checkpoint.as_ref().is_some_and(is_here);
    }

    /// Returns the error of a checkpoint that is not on the chain, which ended at `head`.
    pub(crate) fn end(&self, folder: &Path, head: &Head) -> Result<(), VerifyError> {
        match &self.checkpoint {
            Some(checkpoint) if !self.met => {
                Err(checkpoint.behind(folder, head).unwrap_or_else(|| elsewhere(folder, checkpoint)))
            }
            _ => Ok(()),
        }
    }
}

/// Returns the error of a checkpoint that says otherwise than the history.
pub(crate) fn elsewhere(folder: &Path, checkpoint: &Checkpoint) -> VerifyError {
    VerifyError::OtherCheckpoint { path: place(folder), count: checkpoint.tip.count }
}

/// Returns the path of the checkpoint.
pub(crate) fn place(folder: &Path) -> PathBuf {
    folder.join(CHECKPOINT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed([seed; 32]).expect("a seed")
    }

    #[test]
    fn a_checkpoint_reads_back_and_no_other_bytes_do() {
        let tip = Tip::genesis().after(b"a payload").after(b"another");
        let open = [3, 9, u64::MAX].map(JobId).into();
        let checkpoint = Checkpoint { tip, open, blob_bytes: 77 };
        let sealed = checkpoint.seal(&key(1));
        assert_eq!(Checkpoint::from_bytes(&sealed, key(1).public()), Ok(checkpoint));
        assert!(matches!(
            Checkpoint::from_bytes(&sealed, key(2).public()),
            Err(HeadFault::ForeignKey { .. })
        ));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            Checkpoint::from_bytes(&changed, key(1).public()).expect_err("a changed byte");
            Checkpoint::from_bytes(&sealed[..at], key(1).public()).expect_err("a cut");
        }
        // A head has other fields, and a signature under another domain.
        let head = Head::from_tip(&tip).seal(&key(1));
        Checkpoint::from_bytes(&head, key(1).public()).expect_err("a head");
    }

    #[test]
    fn the_largest_checkpoint_fits_its_bound() {
        let open: BTreeSet<JobId> = (0..MAX_OPEN as u64).map(|number| JobId(number << 50)).collect();
        let tip = Tip { count: u64::MAX >> 1, length: u64::MAX >> 1, ..Tip::genesis() };
        let checkpoint = Checkpoint { tip, open, blob_bytes: u64::MAX >> 1 };
        let sealed = checkpoint.seal(&key(1));
        assert!(sealed.len() <= MAX_CHECKPOINT_BYTES, "{} bytes", sealed.len());
        assert_eq!(Checkpoint::from_bytes(&sealed, key(1).public()), Ok(checkpoint));
    }
}
