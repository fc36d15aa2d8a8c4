//! The content of blobs as text, and the words for content that is not there.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use abi::{Digest, EntryKind, Value, counted, decode};
use ledger::{StoredEntry, VerifyError};

use crate::excerpt;

/// The blobs of one ledger, of which some were forgotten.
#[derive(Debug)]
pub(super) struct Texts {
    folder: PathBuf,
    /// The reason of each forgetting, by the digest of the blob.
    forgotten: BTreeMap<Digest, String>,
}

/// The reason why a text cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// No entry names such a text.
    Unnamed,
    /// A plan was refused before anything was kept of it.
    Refused,
    /// The blob was forgotten, for a reason that its entry states.
    Forgotten { reason: String },
    /// The blob is not in the folder, and no entry says that it was forgotten.
    Missing,
    /// The bytes of the blob are not those of its digest.
    Changed,
    /// The file system refuses the blob.
    Unreadable { why: String },
    /// The blob has no text and no value.
    NoText { bytes: usize },
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unnamed => f.write_str("(no task of this job has a prompt)"),
            Self::Refused => f.write_str("(the job was refused before its prompt was kept)"),
            Self::Forgotten { reason } => write!(f, "(forgotten: {reason})"),
            Self::Missing => {
                f.write_str("(missing: its blob is not there, and was not forgotten; see nmk ledger verify)")
            }
            Self::Changed => {
                f.write_str("(changed: its blob does not have its digest; see nmk ledger verify)")
            }
            Self::Unreadable { why } => write!(f, "(its blob cannot be read: {why})"),
            Self::NoText { bytes } => write!(f, "({}, no text)", counted(*bytes, "byte")),
        }
    }
}

impl Texts {
    /// Takes note of the blobs that were forgotten, by all entries of the ledger in `folder`.
    pub(super) fn new(folder: &Path, entries: &[StoredEntry]) -> Self {
        let ends = entries.iter().filter(|stored| stored.entry.kind == EntryKind::Forgotten);
        let forgotten = ends.filter_map(|stored| {
            let body = &stored.entry.body;
            let reason = body.get("reason").and_then(Value::as_text).map(excerpt::one_line);
            Some((body.get("digest")?.as_digest()?, reason.unwrap_or_default()))
        });
        Self { folder: folder.to_owned(), forgotten: forgotten.collect() }
    }

    fn bytes(&self, digest: Digest) -> Result<Vec<u8>, Lack> {
        ledger::blob(&self.folder, &digest).map_err(|error| match (error, self.forgotten.get(&digest)) {
            (VerifyError::NoBlob { .. }, Some(reason)) => Lack::Forgotten { reason: reason.clone() },
            (VerifyError::NoBlob { .. }, None) => Lack::Missing,
            (VerifyError::Blob { .. }, _) => Lack::Changed,
            (other, _) => Lack::Unreadable { why: excerpt::one_line(&other.to_string()) },
        })
    }

    /// Returns the value in a blob, or the reason why it cannot be shown.
    pub(super) fn value(&self, digest: Digest) -> Result<Value, Lack> {
        let bytes = self.bytes(digest)?;
        decode(&bytes).map_err(|_| Lack::NoText { bytes: bytes.len() })
    }

    /// Returns a text as it is, and a value as JSON, or the reason why it cannot be shown.
    pub(super) fn text(&self, digest: Digest) -> Result<String, Lack> {
        let bytes = self.bytes(digest)?;
        match decode(&bytes) {
            Ok(value) => Ok(factloop::stated_text(&value)),
            Err(_) => {
                String::from_utf8(bytes).map_err(|error| Lack::NoText { bytes: error.as_bytes().len() })
            }
        }
    }
}
