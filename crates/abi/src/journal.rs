//! The journal: the trait through which history is kept, and the entries of that history.

use alloc::vec::Vec;

use crate::{Body, Digest, TaskId, Value};

/// The kind of event that an entry records.
///
/// The kinds make the life of a job: an opening, admissions, proposals and judgements, and an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A job was opened, with its contract, least level, budget and rights.
    Opened,
    /// A task passed the gates.
    Admitted,
    /// A task waits for tasks of its own asking.
    Parked,
    /// A proposer's output.
    Proposed,
    /// The verdict of `det` on a proposal.
    Judged,
    /// The policy's decision to spend or not to spend.
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
    /// Every kind of entry, in the order of the events of a job's life.
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

    /// Returns the word that stands for the kind in the ledger and in reports.
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

/// One event to remember, before a journal has given it a place.
///
/// Holding one proves nothing: an entry is a statement of its writer. The body is a [`Value`], or the
/// encoding of one that was written directly.
#[derive(Clone, Debug)]
pub struct Entry<B = Value> {
    /// The kind of event.
    pub kind: EntryKind,
    /// The task that the event is about.
    pub task: TaskId,
    /// Digests of everything that went into the event: dependencies, prompt, contract, facts.
    pub inputs: Vec<Digest>,
    /// The details, whose form the kind decides.
    pub body: B,
}

impl<B: Body> Entry<B> {
    /// Returns the entry with its body as a value, as a reader of the journal gets it. None if
    /// [`Body::to_value`] is None.
    #[must_use]
    pub fn with_value_body(&self) -> Option<Entry> {
        let body = self.body.to_value()?;
        Some(Entry { kind: self.kind, task: self.task, inputs: self.inputs.clone(), body })
    }
}

/// The acknowledgement of one entry: a durable signed head covers the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Number of the entry, from 0.
    pub index: u64,
    /// Digest of the entry.
    pub entry: Digest,
    /// Digest of the chain up to and with the entry.
    pub head: Digest,
}

/// An append-only history of entries, with blobs beside it that the entries name by digest.
///
/// The scheduler writes through this trait and does not know the ledger. Whoever implements it promises that
/// a receipt outlives a crash.
pub trait Journal {
    /// The error of a write that was not made durable.
    type Error: core::error::Error;

    /// Appends `entries` in order, all or none of them, and returns their receipts in the same order. The
    /// call returns once a durable head covers them all. `entries` has at least one entry.
    ///
    /// # Errors
    /// No entry was acknowledged, and the history is unchanged.
    fn append<B: Body>(&mut self, entries: &[Entry<B>]) -> Result<Vec<Receipt>, Self::Error>;

    /// Returns the position of the entry, in the failed call, that no later call could append either: it is too
    /// long, nests too deeply, or names a blob that is not there. For an error of
    /// [`store_blob`](Self::store_blob) whose bytes can never be stored, the position is 0. Returns None if the
    /// journal itself failed, so that the same call may succeed later.
    fn refused_entry(error: &Self::Error) -> Option<usize>;

    /// Keeps `bytes` as a blob and returns its digest, which is [`Digest::hash_blob`] of the bytes. The blob is
    /// durable once the next append returns. Keeping the same bytes again changes nothing.
    ///
    /// # Errors
    /// The bytes were not kept, and no entry may name their digest.
    fn store_blob(&mut self, bytes: &[u8]) -> Result<Digest, Self::Error>;
}
