//! A pass over the frames of a file, with every check that needs no blobs.

use std::io::{self, Read};

use crate::chain::Tip;
use crate::format::{FRAME_BYTES, MAX_ENTRY_BYTES};
use crate::record::{announced, parse, stated_chain};
use crate::{EntryFault, StoredEntry};

/// A reader of frames up to a given length. It keeps one entry in memory at a time, and checks each against
/// the one before it.
pub(crate) struct Scan<R> {
    source: R,
    /// The length that the head covers, in bytes.
    end: u64,
    tip: Tip,
}

/// The reason why a pass stopped early.
pub(crate) enum Stopped {
    /// The file system refused a read.
    Io(io::Error),
    /// The next entry does not follow from the entries before it, or is not an entry.
    Fault(EntryFault),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<EntryFault> for Stopped {
    fn from(fault: EntryFault) -> Self {
        Self::Fault(fault)
    }
}

impl<R: Read> Scan<R> {
    /// Returns a reader of the frames from `tip` to `end`. The first byte of `source` is the one after the tip.
    pub(crate) fn new(source: R, tip: Tip, end: u64) -> Self {
        Self { source, end, tip }
    }

    /// Returns the end of the chain after the last entry that was read and found right.
    pub(crate) fn tip(&self) -> &Tip {
        &self.tip
    }

    /// Returns the next entry, or `None` at the end that the head covers.
    pub(crate) fn next(&mut self) -> Result<Option<StoredEntry>, Stopped> {
        if self.tip.length == self.end {
            return Ok(None);
        }
        let payload = self.payload()?;
        let record = parse(&payload)?;
        if record.index != self.tip.count {
            return Err(EntryFault::Index { found: record.index }.into());
        }
        if record.previous != self.tip.last {
            return Err(EntryFault::Previous { found: record.previous }.into());
        }
        let after = self.tip.after(&payload);
        if stated_chain(self.array()?) != after.chain {
            return Err(EntryFault::Chain.into());
        }
        let before = std::mem::replace(&mut self.tip, after);
        Ok(Some(StoredEntry {
            index: before.count,
            offset: before.length,
            digest: after.last,
            head: after.chain,
            entry: record.entry,
        }))
    }

    /// Returns the next payload. Its length is checked before memory is reserved for it.
    fn payload(&mut self) -> Result<Vec<u8>, Stopped> {
        let left = self.end - self.tip.length;
        let overhead = FRAME_BYTES as u64;
        if left < overhead {
            return Err(EntryFault::Frame { length: 0, left }.into());
        }
        let length = announced(self.array()?);
        match usize::try_from(length) {
            Ok(bytes) if bytes <= MAX_ENTRY_BYTES && length <= left - overhead => {
                let mut payload = vec![0; bytes];
                self.source.read_exact(&mut payload)?;
                Ok(payload)
            }
            _ => Err(EntryFault::Frame { length, left }.into()),
        }
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.source.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
