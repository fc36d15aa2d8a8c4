//! Checkpoints that somebody removed, put back, took from elsewhere, or signed although they say what is not so.

use std::fs;
use std::path::Path;

use abi::{Digest, JobId, Journal, TaskId, Value, decode};
use ledger::format::{CHECKPOINT_DOMAIN, HEAD_DOMAIN};
use ledger::{Entry, EntryKind, FolderDisk, Ledger, SigningKey, SizeLimits};

use crate::Failure;
use crate::sealed::signed;
use crate::structure::{OnDisk, SEED, copy};

/// The ledger that the cases edit: the job 5 is open at its end, and the job 9 is not.
struct Sound<'a> {
    folder: &'a Path,
    /// The checkpoints after each append.
    checkpoints: Vec<Vec<u8>>,
}

/// Returns the cases, each a ledger below `root`.
pub(crate) fn cases(root: &Path) -> Result<Vec<OnDisk>, Failure> {
    let folder = root.join("sound");
    let sound = Sound { checkpoints: history(&folder, SEED, "one")?, folder: &folder };
    let newest = sound.checkpoints.last().ok_or("a checkpoint")?.clone();
    let mut found = Vec::new();
    let mut add = |name: &str, passes: bool, checkpoint: Option<Vec<u8>>| -> Result<(), Failure> {
        let folder = root.join(format!("case-{}", found.len()));
        copy(sound.folder, &folder)?;
        match checkpoint {
            Some(bytes) => fs::write(folder.join("checkpoint"), bytes)?,
            None => fs::remove_file(folder.join("checkpoint"))?,
        }
        found.push(OnDisk { name: name.to_owned(), folder, head: None, key: None, passes });
        Ok(())
    };
    add("no checkpoint", true, None)?;
    for (number, checkpoint) in sound.checkpoints.iter().enumerate() {
        add(&format!("the checkpoint after append {number}"), true, Some(checkpoint.clone()))?;
    }
    let elsewhere = history(&root.join("elsewhere"), SEED, "another")?;
    for (number, checkpoint) in elsewhere.iter().enumerate() {
        add(
            &format!("checkpoint {number} of another ledger of the same key"),
            false,
            Some(checkpoint.clone()),
        )?;
    }
    let foreign = history(&root.join("foreign"), [8; 32], "one")?;
    add("the same checkpoint, signed by another key", false, foreign.last().cloned())?;
    add("the head as the checkpoint", false, Some(fs::read(folder.join("head"))?))?;
    add("an empty checkpoint", false, Some(Vec::new()))?;
    for at in [10, newest.len() / 2, newest.len() - 1] {
        add(&format!("a checkpoint that is cut at {at}"), false, Some(newest[..at].to_vec()))?;
        let mut changed = newest.clone();
        changed[at] ^= 1;
        add(&format!("a checkpoint with another byte {at}"), false, Some(changed))?;
    }
    add("a checkpoint and a byte more", false, Some([newest.as_slice(), &[0]].concat()))?;
    for (name, passes, changes) in signed_cases() {
        let fields = fields(&newest, &changes)?;
        add(name, passes, Some(signed(CHECKPOINT_DOMAIN, &fields)))?;
    }
    let fields = fields(&newest, &[])?;
    add("a checkpoint that is signed as a head", false, Some(signed(HEAD_DOMAIN, &fields)))?;
    Ok(found)
}

/// Fields of a checkpoint with other values.
type Changes = Vec<(&'static str, Value)>;

/// Fields of a checkpoint that the holder of the key may state, and whether a verifier accepts them.
fn signed_cases() -> Vec<(&'static str, bool, Changes)> {
    let jobs = |jobs: &[i64]| Value::List(jobs.iter().map(|job| Value::Int(*job)).collect());
    let many: Vec<i64> = (0..1025).collect();
    vec![
        ("signed as it was", true, Vec::new()),
        ("another size of the blobs", true, vec![("blob_bytes", Value::Int(7))]),
        ("a negative size of the blobs", false, vec![("blob_bytes", Value::Int(-1))]),
        ("no job is open", false, vec![("open", jobs(&[]))]),
        ("another job is open", false, vec![("open", jobs(&[9]))]),
        ("a job more is open", false, vec![("open", jobs(&[5, 9]))]),
        ("the open job twice", false, vec![("open", jobs(&[5, 5]))]),
        ("jobs out of order", false, vec![("open", jobs(&[9, 5]))]),
        ("more open jobs than a checkpoint has", false, vec![("open", jobs(&many))]),
        ("open jobs that are no list", false, vec![("open", Value::Int(5))]),
        ("an entry more", false, vec![("count", Value::Int(6))]),
        ("an entry less", false, vec![("count", Value::Int(4))]),
        ("a negative count", false, vec![("count", Value::Int(-1))]),
        ("a byte more", false, vec![("length", Value::Int(1 << 20))]),
        ("no bytes", false, vec![("length", Value::Int(0))]),
        ("another last entry", false, vec![("last", Value::Bytes(vec![7; 32]))]),
        ("another chain", false, vec![("chain", Value::Bytes(vec![7; 32]))]),
        ("a short chain", false, vec![("chain", Value::Bytes(vec![7; 31]))]),
        ("a field more", false, vec![("more", Value::Null)]),
        ("version 2", false, vec![("version", Value::Int(2))]),
    ]
}

/// Returns the fields of a checkpoint without key and signature, with `changes`.
fn fields(checkpoint: &[u8], changes: &[(&'static str, Value)]) -> Result<Changes, Failure> {
    let value = decode(checkpoint).map_err(|error| error.to_string())?;
    let names = ["version", "count", "last", "chain", "length", "open", "blob_bytes"];
    let mut fields: Vec<_> =
        names.iter().map(|name| (*name, value.get(name).cloned().unwrap_or(Value::Null))).collect();
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.push((name, value.clone()));
    }
    Ok(fields)
}

/// Writes a ledger of five entries that say `word`, and returns the checkpoint after each append.
fn history(folder: &Path, seed: [u8; 32], word: &str) -> Result<Vec<Vec<u8>>, Failure> {
    let limits = SizeLimits { unchecked: 1, ..SizeLimits::default() };
    let (mut ledger, _) =
        Ledger::open_on(FolderDisk::create(folder)?, folder, &SigningKey::from_seed(seed)?, limits)?;
    let mut checkpoints = Vec::new();
    let entry = |kind, job| {
        let task = TaskId { job: JobId(job), number: 0 };
        let inputs = vec![Digest::hash("nmk.tamper.v1", word.as_bytes())];
        Entry { kind, task, inputs, body: Value::text(word) }
    };
    use EntryKind::{Abstained, Committed, Opened};
    for (kind, job) in [(Opened, 7), (Opened, 9), (Committed, 7), (Opened, 5), (Abstained, 9)] {
        ledger.append(&[entry(kind, job)])?;
        checkpoints.push(fs::read(folder.join("checkpoint"))?);
    }
    Ok(checkpoints)
}
