//! A scratch folder with a small ledger in it.
#![allow(dead_code, reason = "each scenario uses its part")]

use std::fs;
use std::path::{Path, PathBuf};

use ledger::{Digest, Entry, EntryKind, JobId, Journal, Ledger, SigningKey, TaskId, Value};

/// A folder for one test, which is removed when the value is dropped.
pub(crate) struct Scratch(synthetic::Scratch);

impl Scratch {
    pub(crate) fn new() -> Self {
        Self(synthetic::Scratch::new(env!("CARGO_TARGET_TMPDIR"), "ledger").unwrap())
    }

    /// Returns the path of the ledger's folder, beside which tests may keep other files.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.0.join("ledger")
    }

    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32]).unwrap()
}

pub(crate) fn entry(number: u32, body: Value) -> Entry {
    // The last kind says that a blob is gone, which a body of any shape does not.
    let kind = EntryKind::ALL[number as usize % (EntryKind::ALL.len() - 1)];
    let inputs = vec![Digest::hash("nmk.test.v1", &number.to_le_bytes()); number as usize % 3];
    // Nothing follows the end of a job, so each number has a job of its own.
    let job = JobId(u64::MAX - 7 - u64::from(number));
    Entry { kind, task: TaskId { job, number }, inputs, body }
}

pub(crate) fn open(folder: &Path, seed: u8) -> Ledger {
    Ledger::open(folder, &key(seed)).unwrap().0
}

/// Writes a ledger of `count` entries, one append each, the first naming a blob. Returns the heads after each
/// entry, that of the genesis first.
pub(crate) fn fill(folder: &Path, seed: u8, count: u32) -> Vec<Digest> {
    let mut ledger = open(folder, seed);
    let mut heads = vec![ledger.head()];
    let blob = ledger.store_blob(b"How many r are in strawberry?").unwrap();
    for number in 0..count {
        let body = match number {
            0 => Value::map([("blobs", Value::List(vec![blob.to_value()]))]),
            _ => Value::map([("said", Value::text("7")), ("number", Value::Int(i64::from(number)))]),
        };
        heads.push(ledger.append(&[entry(number, body)]).unwrap()[0].head);
    }
    heads
}

/// Splits the file of entries into its frames, one for each entry.
pub(crate) fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let mut rest = bytes;
    while let Some(prefix) = rest.first_chunk::<4>() {
        let (frame, after) = rest.split_at(u32::from_le_bytes(*prefix) as usize + 36);
        frames.push(frame.to_vec());
        rest = after;
    }
    frames
}

/// Returns the paths of all files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let path = item.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
