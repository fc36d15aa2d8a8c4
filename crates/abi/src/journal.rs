//! The journal: the trait through which the history is stored, and the entries of that history.

use alloc::vec::Vec;

use crate::{Body, Digest, TaskId, Value};

/// The kind of event that an [`Entry`] records.
///
/// Most kinds are events in the life of a job: its opening, admissions, proposals and judgements, and its
/// end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A job was opened, with its contract, least level, budget and rights.
    Opened,
    /// A task passed the gates of admission.
    Admitted,
    /// A running task stopped to wait for further tasks that it asked for.
    Parked,
    /// A proposer, such as a model, proposed a value for a task.
    Proposed,
    /// A proposal was judged; the body has the verdict of `det`.
    Judged,
    /// A policy decided how many attempts to spend on a step; the body has the decision.
    Decided,
    /// A primitive computed a value for a task.
    Computed,
    /// A task ended without passing; the body has the cause.
    Failed,
    /// A judged value was committed as the answer of its job.
    Committed,
    /// A job ended without an answer; the body has the reason.
    Abstained,
    /// A content and the specification of its exam were fixed by their digests, before the exam's seed was drawn.
    Sealed,
    /// The hold-out gate examined a content that was sealed before; the body has the digest of the record.
    Examined,
    /// The content of a blob was removed; the body has its digest and the reason.
    Forgotten,
}

impl EntryKind {
    /// Every kind of entry, in the order in which the kinds are declared.
    pub const ALL: [Self; 13] = [
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
        Self::Sealed,
        Self::Examined,
        Self::Forgotten,
    ];

    /// Returns the word that stands for the kind in the ledger and in reports, for example `opened`.
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
            Self::Sealed => "sealed",
            Self::Examined => "examined",
            Self::Forgotten => "forgotten",
        }
    }
}

/// One event to be recorded, before a [`Journal`] has given it a place in the history.
///
/// Holding one proves nothing: an entry is a statement of its writer. The body is a [`Value`], or a
/// [`Canonical`](crate::Canonical) encoding that was written directly.
#[derive(Clone, Debug)]
pub struct Entry<B = Value> {
    /// The kind of event, which decides what the body contains.
    pub kind: EntryKind,
    /// The task that the event is about.
    pub task: TaskId,
    /// The digests of everything that the event depends on: results of other tasks, prompt, contract, facts.
    pub inputs: Vec<Digest>,
    /// The details of the event, in the form that the kind of the entry has.
    pub body: B,
}

impl<B: Body> Entry<B> {
    /// Returns the entry with its body as a value, as a reader of the journal gets it. Returns None if
    /// [`Body::to_value`] does.
    #[must_use]
    pub fn with_value_body(&self) -> Option<Entry> {
        let body = self.body.to_value()?;
        Some(Entry { kind: self.kind, task: self.task, inputs: self.inputs.clone(), body })
    }
}

/// The acknowledgement of one appended entry: a durable signed head covers the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The number of the entry in the history, from 0.
    pub index: u64,
    /// The digest of the entry, by which the next entry names it.
    pub entry: Digest,
    /// The chain digest up to and including the entry, which stands for the whole history so far.
    pub head: Digest,
}

/// An append-only history of entries, with blobs beside it that the entries name by digest.
///
/// The scheduler writes through this trait and does not know the ledger. An implementation promises that an
/// entry with a receipt survives a crash.
pub trait Journal {
    /// The error of a write that did not become durable.
    type Error: core::error::Error;

    /// Appends `entries` in order, all or none of them, and returns their receipts in the same order. The
    /// call returns once a durable head covers them all. `entries` must not be empty.
    ///
    /// # Errors
    /// No entry was acknowledged then, and the history is unchanged.
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
    /// The bytes were not stored, and no entry may name their digest.
    fn store_blob(&mut self, bytes: &[u8]) -> Result<Digest, Self::Error>;
}
