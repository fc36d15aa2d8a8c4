use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use abi::{Digest, Entry, EntryKind, JobId, Journal, TaskId, Value, decode};
use ledger::format::BLOB_DOMAIN;
use ledger::{
    EntryFault, HeadFault, HeadPosition, Ledger, MemoryDisk, Settled, SigningKey, SizeLimits, StoredEntry,
    Verified, VerifyError, read_on, repair_on, verify_on,
};

use super::history;
use crate::sealed::{self, Chain, KEY_SEED};

/// The blobs that exist in every ledger of this target, so that entries can name them.
pub(crate) const BLOBS: [&[u8]; 2] = [b"one", b"two"];

const FOLDER: &str = "/ledger";

/// The modes of an input. The first byte is the mode, and says what the other bytes are.
pub(crate) mod mode {
    /// The length of the head (u16), the head, and the entries: the files of a ledger as they are.
    pub(crate) const FILES: u8 = 0;
    /// The amount by which the head overstates count and length (i8 each), then payloads, each after its
    /// length (u16). They are chained and signed, as a thief of the key would do it.
    pub(crate) const PAYLOADS: u8 = 1;
    /// The same as [`PAYLOADS`], but payloads that are values get the fields of their place in the chain.
    pub(crate) const FITTING: u8 = 2;
    /// A list of entries as in the target `history`, which the writer is given.
    pub(crate) const WRITTEN: u8 = 3;
}

/// Checks that the reader, the verifier and the writer of ledgers agree. A ledger that was not signed with
/// the key must be refused, and the writer must write an accepted one in the same bytes.
pub(super) fn ledger(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    match first % 4 {
        mode::FILES => files(rest),
        mode::WRITTEN => written(rest),
        mode => sealed(rest, mode == mode::FITTING),
    }
}

/// Checks a head and entries as they are in the input.
fn files(bytes: &[u8]) {
    let (head, entries) = run(bytes);
    let disk = disk_of(head, entries);
    if let (Ok(verified), _) = examine(&disk) {
        // Only the holder of the key can make an accepted head, so it must be the one that the key makes.
        let [count, length] =
            [verified.count, verified.length].map(|number| i64::try_from(number).expect("an i64"));
        assert_eq!(sealed::head(count, verified.head, length), head, "a head that was never sealed");
    }
}

/// Checks payloads that are chained and signed, whatever they say.
fn sealed(bytes: &[u8], fitting: bool) {
    let Some((&[more, longer], mut rest)) = bytes.split_first_chunk() else { return };
    let mut chain = Chain::empty();
    let mut before = Chain::empty();
    while !rest.is_empty() {
        let (payload, after) = run(rest);
        before = Chain { entries: chain.entries.clone(), ..chain };
        match decode(payload) {
            Ok(value) if fitting => chain.push_fitting(value),
            _ => chain.push(payload),
        }
        rest = after;
    }
    let [more, longer] = [more, longer].map(|byte| i64::from(byte.cast_signed()));
    let length = i64::try_from(chain.entries.len()).expect("an i64");
    let head = sealed::head(chain.count + more, chain.chain, length + longer);
    let (verified, _) = examine(&disk_of(&head, &chain.entries));
    assert!(verified.is_err() || (more, longer) == (0, 0), "a head that overstates its entries passes");
    interrupted(&before, &chain.entries, head, verified.ok());
}

/// The same ledger as a writer leaves it that stops before the last of its heads replaces the one before.
fn interrupted(before: &Chain, entries: &[u8], announced: Vec<u8>, whole: Option<Verified>) {
    let length = i64::try_from(before.entries.len()).expect("an i64");
    let old = sealed::head(before.count, before.chain, length);
    if examine(&disk_of(&old, &before.entries)).0.is_err() {
        return;
    }
    for cut in [0, 1] {
        let entries = &entries[..entries.len().saturating_sub(cut)];
        let disk = announcing(&old, entries, announced.clone());
        if verify(&disk, None).is_ok() {
            assert_eq!(
                (entries.len(), &announced),
                (before.entries.len(), &old),
                "an append under way passes"
            );
        }
        let opened = Ledger::open_on(disk.clone(), &folder(), key(), SizeLimits::default());
        let Ok((ledger, report)) = opened else { continue };
        assert!(report.settled.finished == 0 || cut == 0, "a torn append was finished");
        drop(ledger);
        let settled = verify(&disk, None);
        if let (Some(whole), 0, true) = (whole, cut, report.settled.finished > 0) {
            assert_eq!(
                settled.map(|verified| verified.head).ok(),
                Some(whole.head),
                "another append was finished"
            );
        }
    }
}

/// A disk with a head, and an announced one beside it.
fn announcing(head: &[u8], entries: &[u8], announced: Vec<u8>) -> MemoryDisk {
    let mut files = disk_of(head, entries).files();
    files.insert(folder().join("head.new"), announced);
    MemoryDisk::from_files(files)
}

/// Checks entries that the writer takes or refuses.
fn written(bytes: &[u8]) {
    let Some(entries) = history::entries(bytes) else { return };
    let (disk, mut ledger) = empty();
    if entries.is_empty() || ledger.append(&entries).is_err() {
        return;
    }
    let (verified, read) = examine(&disk_of_files(disk.files()));
    let verified = verified.unwrap_or_else(|error| panic!("written and refused: {error}"));
    assert_eq!((verified.count, verified.head), (ledger.count(), ledger.head()));
    let read = read.expect("what was verified");
    for (stored, entry) in read.iter().zip(&entries) {
        assert_eq!(format!("{:?}", stored.entry), format!("{entry:?}"));
    }
}

type Read = Result<Vec<StoredEntry>, VerifyError>;

/// Compares the results of the verifier, the reader and the writer on one ledger.
fn examine(disk: &MemoryDisk) -> (Result<Verified, VerifyError>, Read) {
    let before = disk.files();
    let verified = verify(disk, None);
    assert!(disk.files() == before, "the verifier changed something");
    let read: Read = read_on(disk, &folder()).and_then(Iterator::collect);
    match (&verified, &read) {
        (Ok(verified), Ok(read)) => accepted(disk, verified, read),
        (Ok(_), Err(error)) => panic!("verified, and not readable: {error}"),
        (Err(error), Ok(_)) => assert!(!concerns_reader(error), "read, and refused: {error}"),
        (Err(error), Err(_)) => assert!(!error.to_string().is_empty()),
    }
    opened(before, &verified);
    (verified, read)
}

/// Checks a ledger that was verified and read.
fn accepted(disk: &MemoryDisk, verified: &Verified, read: &[StoredEntry]) {
    assert_eq!(read.len() as u64, verified.count);
    let heads = read.iter().map(|stored| stored.head);
    let head = heads.clone().next_back().unwrap_or(Chain::empty().chain);
    assert_eq!(head, verified.head);
    let place = |head| verify(disk, Some(head)).ok().and_then(|verified| verified.expected);
    assert_eq!(place(head), Some(HeadPosition::Current));
    assert_eq!(place(Digest::hash(BLOB_DOMAIN, b"another")), None, "an unknown head is in the chain");
    if let Some(first) = heads.clone().next().filter(|_| read.len() > 1) {
        assert_eq!(place(first), Some(HeadPosition::Earlier { count: 1 }));
    }
    // The writer writes the same entries in the same bytes. It refuses only entries with forgotten blobs.
    let (again, mut ledger) = empty();
    let entries: Vec<Entry> = read.iter().map(|stored| stored.entry.clone()).collect();
    if entries.is_empty() || ledger.append(&entries).is_err() {
        assert!(entries.is_empty() || verified.forgotten > 0, "the writer would not write this");
        return;
    }
    for name in ["head", "entries"] {
        let path = folder().join(name);
        assert!(again.files().get(&path) == disk.files().get(&path), "the writer writes {name} otherwise");
    }
}

/// Returns true if the reader must refuse the ledger too. The reader checks neither signatures nor blobs.
fn concerns_reader(error: &VerifyError) -> bool {
    match error {
        VerifyError::Entry { fault, .. } => !is_content(fault),
        VerifyError::Head { fault, .. } => {
            !matches!(fault, HeadFault::ForeignKey { .. } | HeadFault::Signature)
        }
        VerifyError::NoLedger { .. }
        | VerifyError::NoHead { .. }
        | VerifyError::NoEntries { .. }
        | VerifyError::ShorterThanHead { .. } => true,
        _ => false,
    }
}

/// Returns true if the fault of an entry is about a blob or a job, and not about its bytes and its place.
fn is_content(fault: &EntryFault) -> bool {
    matches!(
        fault,
        EntryFault::JobEnded { .. }
            | EntryFault::BlobMissing { .. }
            | EntryFault::BlobChanged { .. }
            | EntryFault::Shape { field: "blobs" | "digest" }
    )
}

/// Checks the writer: it opens a ledger that is accepted, and appends to it. It leaves every other ledger unchanged,
/// and a repair makes one good that only has bytes beyond its head.
fn opened(before: BTreeMap<PathBuf, Vec<u8>>, verified: &Result<Verified, VerifyError>) {
    let disk = disk_of_files(before.clone());
    let opened = Ledger::open_on(disk.clone(), &folder(), key(), SizeLimits::default());
    match (verified, opened) {
        (Ok(verified), Ok((mut ledger, report))) => {
            assert_eq!((report.count, report.settled), (verified.count, Settled::default()));
            // The history may have ended any job, and an entry that forgets is about none.
            let task = TaskId { job: JobId(0), number: 0 };
            let body = Value::map([("digest", Digest::hash(BLOB_DOMAIN, b"nobody's").to_value())]);
            let entry = Entry { kind: EntryKind::Forgotten, task, inputs: Vec::new(), body };
            let receipt = ledger.append(&[entry]).expect("one entry more")[0];
            assert_eq!(receipt.index, verified.count);
            drop(ledger);
            assert_eq!(verify(&disk, None).map(|verified| verified.head).ok(), Some(receipt.head));
        }
        (Ok(_), Err(error)) => panic!("verified, and not opened: {error}"),
        (Err(VerifyError::BeyondHead { bytes, .. }), opened) => {
            assert!(opened.is_err(), "bytes that nobody announced were taken for something");
            let repaired =
                repair_on(&disk, &folder(), key().public()).expect("what follows the head is set aside");
            assert_eq!(repaired.bytes, *bytes);
            let verified = verify(&disk, None);
            assert!(verified.is_ok(), "what was repaired is refused: {verified:?}");
        }
        (Err(_), Ok((ledger, _))) => drop(ledger),
        (Err(_), Err(_)) => {
            let mut after = disk.files();
            after.remove(&folder().join("lock"));
            assert!(after == before, "a ledger that was refused was changed");
        }
    }
    let must_refuse = matches!(verified, Err(VerifyError::Head { .. } | VerifyError::OtherChain { .. }))
        || matches!(verified, Err(VerifyError::Entry { fault, .. }) if !is_content(fault));
    let disk = disk_of_files(before);
    let refused = Ledger::open_on(disk, &folder(), key(), SizeLimits::default()).is_err();
    assert!(refused || !must_refuse, "opened, and refused: {verified:?}");
}

fn verify(disk: &MemoryDisk, expected: Option<Digest>) -> Result<Verified, VerifyError> {
    verify_on(disk, &folder(), key().public(), expected)
}

/// Creates an empty ledger that holds the blobs of this target.
fn empty() -> (MemoryDisk, Ledger<MemoryDisk>) {
    let disk = MemoryDisk::default();
    let (mut ledger, _) =
        Ledger::open_on(disk.clone(), &folder(), key(), SizeLimits::default()).expect("an empty place");
    for bytes in BLOBS {
        ledger.store_blob(bytes).expect("a disk in memory");
    }
    (disk, ledger)
}

fn key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::from_seed(KEY_SEED).expect("a seed that is not zero"))
}

fn folder() -> PathBuf {
    PathBuf::from(FOLDER)
}

fn disk_of(head: &[u8], entries: &[u8]) -> MemoryDisk {
    let mut files = blobs();
    for (name, bytes) in [("head", head), ("entries", entries)] {
        files.insert(folder().join(name), bytes.to_vec());
    }
    MemoryDisk::from_files(files)
}

/// Returns a disk with these files, without the lock file that a writer left.
fn disk_of_files(mut files: BTreeMap<PathBuf, Vec<u8>>) -> MemoryDisk {
    files.remove(&folder().join("lock"));
    MemoryDisk::from_files(files)
}

fn blobs() -> BTreeMap<PathBuf, Vec<u8>> {
    let place = |bytes: &[u8]| {
        let name = Digest::hash(BLOB_DOMAIN, bytes).to_string();
        Path::new(FOLDER).join("blobs").join(&name[..2]).join(name)
    };
    BLOBS.map(|bytes| (place(bytes), bytes.to_vec())).into()
}

/// Returns the bytes after a length (u16), as far as they are there, and the bytes after them.
fn run(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.split_first_chunk() {
        Some((length, rest)) => rest.split_at(usize::from(u16::from_le_bytes(*length)).min(rest.len())),
        None => (&[], &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A seed that is refused at the first check tests only that check.
    #[test]
    fn the_seeds_come_as_far_as_they_are_meant_to() {
        let seeds = crate::binary_seeds();
        let seed = |name: &str| {
            let found = seeds.iter().find(|(path, _)| path == name);
            found.map(|(_, bytes)| &bytes[1..]).expect("a seed of that name")
        };
        let (head, entries) = run(seed("ledger/files"));
        let (verified, _) = examine(&disk_of(head, entries));
        assert_eq!(verified.map(|verified| (verified.count, verified.forgotten)).ok(), Some((3, 1)));
        let (head, entries) = run(seed("ledger/beyond"));
        let (verified, _) = examine(&disk_of(head, entries));
        assert!(matches!(verified, Err(VerifyError::BeyondHead { bytes: 4, .. })));
        let written = history::entries(seed("ledger/written")).expect("entries");
        assert!(empty().1.append(&written).is_ok());
    }

    #[test]
    fn a_second_writer_from_the_description_writes_the_same_head() {
        let (disk, mut ledger) = empty();
        let task = TaskId { job: JobId(1), number: 1 };
        let entry = Entry { kind: EntryKind::Decided, task, inputs: Vec::new(), body: Value::Null };
        ledger.append(&[entry]).expect("a disk in memory");
        let files = disk.files();
        let length = files[&folder().join("entries")].len();
        let head = sealed::head(1, ledger.head(), i64::try_from(length).expect("an i64"));
        assert_eq!(files[&folder().join("head")], head);
    }
}
