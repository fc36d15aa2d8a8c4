//! The trait through which history is kept.

use alloc::vec::Vec;

use crate::{Body, Digest, TaskId, Value};

/// What an entry records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A job was opened: its contract, least level, budget, rights.
    Opened,
    /// A task passed the gates.
    Admitted,
    /// A task waits for tasks of its own asking.
    Parked,
    /// A proposer's output.
    Proposed,
    /// What `det` said of a proposal.
    Judged,
    /// What the policy decided to spend.
    Decided,
    /// A value that a primitive computed.
    Computed,
    /// A task ended without passing, and why.
    Failed,
    /// A judged value was committed.
    Committed,
    /// The job ended without a commit.
    Abstained,
    /// The content of a blob was given up; its digest stays.
    Forgotten,
}

impl EntryKind {
    /// Every kind, in the order of their codes.
    pub const ALL: [Self; 11] = [
        Self::Opened,
        Self::Admitted,
        Self::Parked,
        Self::Proposed,
        Self::Judged,
        Self::Decided,
        Self::Computed,
        Self::Failed,
        Self::Committed,
        Self::Abstained,
        Self::Forgotten,
    ];

    /// The word that stands for the kind in the ledger.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Admitted => "admitted",
            Self::Parked => "parked",
            Self::Proposed => "proposed",
            Self::Judged => "judged",
            Self::Decided => "decided",
            Self::Computed => "computed",
            Self::Failed => "failed",
            Self::Committed => "committed",
            Self::Abstained => "abstained",
            Self::Forgotten => "forgotten",
        }
    }
}

/// One thing to remember, before the ledger has given it a place. Its body is a value, or one that was
/// encoded already.
#[derive(Clone, Debug)]
pub struct Entry<B = Value> {
    /// What it records.
    pub kind: EntryKind,
    /// The task it is about.
    pub task: TaskId,
    /// Digests of everything that went in: dependencies, prompt, contract, facts.
    pub inputs: Vec<Digest>,
    /// The details, as the kind demands.
    pub body: B,
}

impl<B: Body> Entry<B> {
    /// The entry with its body as a value, as it is read back. None where [`Body::to_value`] is.
    #[must_use]
    pub fn to_read(&self) -> Option<Entry> {
        let body = self.body.to_value()?;
        Some(Entry { kind: self.kind, task: self.task, inputs: self.inputs.clone(), body })
    }
}

/// An acknowledgement: the entry is covered by a durable signed head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Number of the entry, from 0.
    pub index: u64,
    /// Digest of the entry.
    pub entry: Digest,
    /// Digest of the chain up to and with the entry.
    pub head: Digest,
}

/// An append-only history with blobs beside it.
pub trait Journal {
    /// What can go wrong while writing.
    type Error: core::error::Error;

    /// Appends `entries` in order, all or none, and returns their receipts in order once a durable head
    /// covers them all. `entries` holds at least one.
    ///
    /// # Errors
    /// Nothing was acknowledged; the history is as it was.
    fn append<B: Body>(&mut self, entries: &[Entry<B>]) -> Result<Vec<Receipt>, Self::Error>;

    /// Keeps `bytes` as a blob and returns its digest, which is [`Digest::of_blob`] of the bytes. The blob is
    /// durable once the next append returns. Keeping the same bytes again changes nothing.
    ///
    /// # Errors
    /// The bytes were not kept.
    fn keep(&mut self, bytes: &[u8]) -> Result<Digest, Self::Error>;
}
