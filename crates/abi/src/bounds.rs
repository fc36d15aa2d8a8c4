//! The bounds of what is stored, as one table.
//!
//! Each constant is derived from another, from the largest entry and the largest blob of a ledger down to a task's
//! name. So what passes the first check on its way to the ledger passes all later ones; `tests/bounds.rs` walks the
//! chain. A value that is too large fails its own task, and a text that only explains is [`cut`] instead.
//!
//! ```text
//! MAX_ENTRY_BYTES          what a reader of the ledger accepts
//!   ENTRY_FRAME_BYTES      keys, numbers, words and single digests of an entry
//!   MAX_INPUTS             digests of an entry: MAX_DEPENDENCIES + MAX_CHILDREN + MAX_STATED_INPUTS + 2
//!   MAX_RESULT_BLOBS + 2   digests of blobs that an entry names
//!   MAX_NAMES_BYTES        the names of an entry
//!   MAX_RECORD_BYTES       the rest: an executor's account of a run
//!     MAX_RECORDED_TOKENS  tokens of a local generation, with the digests of their logits
//!     MAX_TEXT_BYTES       findings, causes and reasons, which are cut
//! MAX_BLOB_BYTES           what a reader of the ledger accepts beside the entries
//!   MAX_RESULT_BYTES       a proposed value, a task's input, a contract, a saved frame
//!   MAX_PROMPT_BYTES       a prompt, which is a blob of its own
//! MAX_DEPTH                what a decoder follows
//!   MAX_RECORD_DEPTH       an entry and its body lie around a record
//! ```

use alloc::borrow::Cow;
use alloc::format;

use crate::decode::MAX_DEPTH;
use crate::{Body, Entry};

/// The longest payload of a ledger's entry, in bytes. Everything below is derived from it.
pub const MAX_ENTRY_BYTES: usize = 1 << 20;
/// The most bytes that one blob beside the entries of a ledger may have.
pub const MAX_BLOB_BYTES: usize = 16 << 20;

/// The bytes of one digest in an entry: a tag, a length and 32 bytes.
pub const DIGEST_ITEM_BYTES: usize = 1 + 4 + 32;
/// The bytes of one task number in an entry: a tag and 8 bytes.
pub const NUMBER_ITEM_BYTES: usize = 1 + 8;
/// The room for everything in an entry whose size is fixed: keys, numbers, words and single digests.
pub const ENTRY_FRAME_BYTES: usize = 4 << 10;

/// The most tasks of a plan that one of its tasks may wait for.
pub const MAX_DEPENDENCIES: usize = 4096;
/// The most tasks that one run of a task may ask for.
pub const MAX_CHILDREN: usize = 4096;
/// The most further inputs that an executor may state for its proposal.
pub const MAX_STATED_INPUTS: usize = 1024;
/// The most digests in the list of inputs of an entry: those of the dependencies and the replies, those that an
/// executor states, the refuted proposal of a repair, and the task's own input.
pub const MAX_INPUTS: usize = MAX_DEPENDENCIES + MAX_CHILDREN + MAX_STATED_INPUTS + 2;
/// The most blobs that an executor's account may refer to. The proposal is one more, and so is a contract.
pub const MAX_RESULT_BLOBS: usize = 256;

/// The longest name of a task or an operation, and of a model or a capability, in bytes.
pub const MAX_NAME_BYTES: usize = 1024;
/// The longest suffix that a repair adds to the name of its task, in bytes: `.repair4294967295`.
pub const REPAIR_SUFFIX_BYTES: usize = 17;
/// The most capabilities that a job may hold at the same time.
pub const MAX_RIGHTS: usize = 128;
/// The room for all names in one entry. The entry with the most is a job's opening, with its capabilities.
pub const MAX_NAMES_BYTES: usize = (MAX_RIGHTS + 4) * (5 + MAX_NAME_BYTES + REPAIR_SUFFIX_BYTES);

/// The largest account that an executor gives of a run, in bytes of its canonical encoding: what is left of an
/// entry when everything else in it is as large as it may be.
pub const MAX_RECORD_BYTES: usize = MAX_ENTRY_BYTES
    - ENTRY_FRAME_BYTES
    - (MAX_INPUTS + MAX_RESULT_BLOBS + 2) * DIGEST_ITEM_BYTES
    - MAX_NAMES_BYTES;
/// The deepest nesting of an executor's account. The body of the entry and the entry itself lie around it.
pub const MAX_RECORD_DEPTH: usize = MAX_DEPTH - 2;

/// The most tokens of a generation whose ids and digests of logits are recorded. A quarter of the account's room
/// is left for names, traps and digests.
pub const MAX_RECORDED_TOKENS: usize = MAX_RECORD_BYTES / 4 * 3 / (NUMBER_ITEM_BYTES + DIGEST_ITEM_BYTES);

/// The longest finding, cause or reason in an entry, in bytes. A longer one is [`cut`].
pub const MAX_TEXT_BYTES: usize = 16 << 10;

/// The largest proposed value, in bytes of its canonical encoding. The ledger keeps the encoding as a blob. The
/// same bound holds for a task's input, for a contract, and for what a parked task saves.
pub const MAX_RESULT_BYTES: usize = MAX_BLOB_BYTES;
/// The deepest nesting of a proposed value, a task's input or a contract.
pub const MAX_RESULT_DEPTH: usize = MAX_DEPTH;
/// The longest prompt after its placeholders were filled, in bytes. The ledger keeps it as a blob.
pub const MAX_PROMPT_BYTES: usize = MAX_BLOB_BYTES;
/// The most bytes of all blobs of one run together.
pub const MAX_RUN_BYTES: usize = 4 * MAX_BLOB_BYTES;

/// Returns `text`, or as much of its start as fits into `limit` bytes with a mark that says that the text was cut
/// and how long it was. A cut text is exactly known as such: the mark is the end of it.
///
/// ```
/// use abi::bounds::cut;
///
/// assert_eq!(cut("short", 100), "short");
/// assert_eq!(cut(&"x".repeat(1000), 40), format!("{}… [cut, 1000 bytes in all]", "x".repeat(12)));
/// ```
#[must_use]
pub fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit {
        return Cow::Borrowed(text);
    }
    let mark = format!("… [cut, {} bytes in all]", text.len());
    let kept = text.floor_char_boundary(limit.saturating_sub(mark.len()));
    Cow::Owned(format!("{}{mark}", &text[..kept]))
}

/// The reason why no ledger could store an entry: it is too long, or it nests too deeply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unstorable {
    /// The most bytes that the payload of the entry can have.
    pub bytes: usize,
    /// The depth of the entry's body.
    pub depth: usize,
}

impl core::fmt::Display for Unstorable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { bytes, depth } = self;
        write!(
            f,
            "its entry would have {bytes} bytes and nest {depth} deep; {MAX_ENTRY_BYTES} bytes and {} are the \
             limits",
            MAX_DEPTH - 1
        )
    }
}

/// Checks that an entry has a size that every journal can store.
///
/// # Errors
/// Returns the size of the entry, if its payload may be longer than [`MAX_ENTRY_BYTES`] or its body nests deeper
/// than a reader follows.
pub fn check_entry<B: Body>(entry: &Entry<B>) -> Result<(), Unstorable> {
    let depth = entry.body.depth();
    if depth >= MAX_DEPTH {
        return Err(Unstorable { bytes: 0, depth });
    }
    let inputs = entry.inputs.len() * DIGEST_ITEM_BYTES;
    let bytes = ENTRY_ENVELOPE_BYTES + inputs + entry.body.encoded_bytes();
    if bytes > MAX_ENTRY_BYTES { Err(Unstorable { bytes, depth }) } else { Ok(()) }
}

/// The bytes of an entry's payload without its body and its inputs, at most.
const ENTRY_ENVELOPE_BYTES: usize = 256;
