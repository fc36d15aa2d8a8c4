//! Edits a ledger in every way and says which edits `verify` does not notice; writes the same edits down for
//! a second verifier.
//!
//! `tamper --edits N --folder DIR`: DIR gets a ledger of 200 entries, the public key, and `batch`, one line
//! for each check; standard output gets `ok` or `fail REASON` for each line, in order, after a word that says
//! what is expected of it and the name of the case. The first N checks edit bytes. The others edit by structure:
//! ledgers of their own in DIR with names, kinds and modes of files, heads, checkpoints, blobs and keys that somebody changed, and
//! histories that the holder of the key sealed although the format forbids them.

mod checkpoints;
mod heads;
mod keys;
mod resealed;
#[path = "../../../fuzz/src/sealed.rs"]
#[allow(dead_code, reason = "the fuzzer uses all of it")]
mod sealed;
mod structure;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use ledger::{
    Digest, Entry, EntryKind, JobId, Journal, Ledger, MemoryDisk, SigningKey, SizeLimits, TaskId, Value,
    verify_on,
};
use lexopt::ValueExt;

const ENTRIES: usize = 200;

type Files = BTreeMap<PathBuf, Vec<u8>>;
type Failure = Box<dyn std::error::Error>;

/// One check: the ledger with edits, and whether it must pass.
struct Case {
    /// File, offset, bytes removed (none for the whole file), bytes put in.
    edits: Vec<(PathBuf, usize, Option<usize>, Vec<u8>)>,
    head: Option<Digest>,
    passes: bool,
}

fn main() -> Result<(), Failure> {
    let (edits, folder) = arguments()?;
    let key = SigningKey::from_seed([7; 32])?;
    let base = Path::new("/ledger");
    let whole = history(&key, base, "said")?;
    write(&folder, &whole, base, &key)?;
    let cases = cases(&whole, base, &key, edits)?;
    let mut batch = String::new();
    let mut out = String::new();
    for (number, case) in cases.iter().enumerate() {
        let _ = write!(batch, "{}", folder.join("ledger").display());
        if let Some(head) = case.head {
            let _ = write!(batch, "\thead={head}");
        }
        let mut files = whole.clone();
        for (path, offset, remove, insert) in &case.edits {
            let name = path.strip_prefix(base)?.display();
            let hex: String = insert.iter().map(|byte| format!("{byte:02x}")).collect();
            let removed = remove.map_or("-".to_owned(), |count| count.to_string());
            let _ = write!(batch, "\t{name} {offset} {removed} {hex}");
            apply(&mut files, path, *offset, *remove, insert);
        }
        batch.push('\n');
        let verdict = verify_on(&MemoryDisk::from_files(files), base, key.public(), case.head);
        let expected = if case.passes { "pass" } else { "refuse" };
        let told =
            verdict.map_or_else(|error| format!("fail {error}"), |found| format!("ok {}", found.count));
        let _ = writeln!(out, "{expected}\tedit {number}\t{}", told.replace(['\n', '\t'], " "));
    }
    let mut structural = structure::cases(&folder.join("structure"))?;
    structural.extend(resealed::cases(&folder.join("resealed"))?);
    structural.extend(checkpoints::cases(&folder.join("checkpoints"))?);
    structural.extend(keys::cases(&folder.join("keys"))?);
    for case in &structural {
        let _ = writeln!(batch, "{}", case.line());
        let expected = if case.passes { "pass" } else { "refuse" };
        let _ = writeln!(out, "{expected}\t{}\t{}", case.name, case.told().replace(['\n', '\t'], " "));
    }
    std::fs::write(folder.join("batch"), batch)?;
    print!("{out}");
    Ok(())
}

fn arguments() -> Result<(usize, PathBuf), Failure> {
    let (mut edits, mut folder) = (20_000, None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("edits") => edits = parser.value()?.parse()?,
            lexopt::Arg::Long("folder") => folder = Some(PathBuf::from(parser.value()?)),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok((edits, folder.ok_or("--folder DIR is missing")?))
}

/// The files of a ledger of 200 entries whose bodies say `word`.
fn history(key: &SigningKey, base: &Path, word: &str) -> Result<Files, Failure> {
    let disk = MemoryDisk::default();
    let (mut ledger, _) = Ledger::open_on(disk.clone(), base, key, SizeLimits::default())?;
    for number in 0..ENTRIES {
        let mut body =
            vec![(word, Value::text(format!("answer {number}"))), ("n", Value::Int(number as i64))];
        if number % 20 == 0 {
            let blob = ledger.store_blob(format!("prompt {number}").as_bytes())?;
            body.push(("blobs", Value::List(vec![blob.to_value()])));
        }
        let kinds = &EntryKind::ALL[..EntryKind::ALL.len() - 1];
        // Every job has one entry, because nothing follows the end of a job.
        let task = TaskId { job: JobId(number as u64), number: number as u32 % 7 };
        let inputs = vec![Digest::hash("nmk.tamper.v1", &number.to_le_bytes()); number % 3];
        ledger.append(&[Entry {
            kind: kinds[number % kinds.len()],
            task,
            inputs,
            body: Value::map(body),
        }])?;
    }
    drop(ledger);
    let mut files = disk.files();
    files.retain(|path, _| !path.ends_with("lock"));
    Ok(files)
}

fn write(folder: &Path, files: &Files, base: &Path, key: &SigningKey) -> Result<(), Failure> {
    for (path, bytes) in files {
        let to = folder.join("ledger").join(path.strip_prefix(base)?);
        std::fs::create_dir_all(to.parent().ok_or("a file has a folder")?)?;
        std::fs::write(to, bytes)?;
    }
    std::fs::write(folder.join("key.pub"), format!("{}\n", key.public()))?;
    Ok(())
}

fn apply(files: &mut Files, path: &Path, offset: usize, remove: Option<usize>, insert: &[u8]) {
    match remove {
        None => drop(files.remove(path)),
        Some(count) => {
            let file = files.entry(path.to_path_buf()).or_default();
            let end = (offset + count).min(file.len());
            file.splice(offset..end, insert.iter().copied());
        }
    }
}

fn cases(whole: &Files, base: &Path, key: &SigningKey, edits: usize) -> Result<Vec<Case>, Failure> {
    let sound = || Case { edits: Vec::new(), head: None, passes: true };
    let mut cases = vec![sound()];
    let refused = |edits| Case { edits, head: None, passes: false };
    let (entries, head, checkpoint) = (base.join("entries"), base.join("head"), base.join("checkpoint"));
    let frames = frames(&whole[&entries]);
    for pair in frames.windows(2) {
        let [(at, frame), (_, next)] = pair else { continue };
        // Drop, double, swap with the next.
        cases.push(refused(vec![(entries.clone(), *at, Some(frame.len()), Vec::new())]));
        cases.push(refused(vec![(entries.clone(), *at, Some(0), frame.clone())]));
        let swapped = [next.as_slice(), frame].concat();
        cases.push(refused(vec![(entries.clone(), *at, Some(swapped.len()), swapped)]));
        // The end cut off before it.
        cases.push(refused(vec![(entries.clone(), *at, Some(whole[&entries].len() - at), Vec::new())]));
    }
    for path in whole.keys() {
        // A ledger needs no checkpoint.
        let passes = path.ends_with("checkpoint");
        cases.push(Case { edits: vec![(path.clone(), 0, None, Vec::new())], head: None, passes });
        cases.push(refused(vec![(path.clone(), whole[path].len(), Some(0), vec![0])]));
    }
    cases.push(refused(vec![(base.join("blobs/ab/stray"), 0, Some(0), b"stray".to_vec())]));
    // Sealed again: with the old head, with another's key, with the stolen key.
    let put = |files: &Files, path: &PathBuf| (path.clone(), 0, Some(whole[path].len()), files[path].clone());
    let kept = head_of(whole, base, key)?;
    let stolen = history(key, base, "forged")?;
    cases.push(refused(vec![put(&stolen, &entries)]));
    let foreign = history(&SigningKey::from_seed([8; 32])?, base, "forged")?;
    cases.push(refused(vec![put(&foreign, &entries), put(&foreign, &head)]));
    let resealed = || vec![put(&stolen, &entries), put(&stolen, &head), put(&stolen, &checkpoint)];
    // The checkpoint of the history that was replaced gives the forgery away.
    cases.push(refused(vec![put(&stolen, &entries), put(&stolen, &head)]));
    cases.push(refused(vec![put(&foreign, &checkpoint)]));
    cases.push(Case { edits: resealed(), head: None, passes: true });
    cases.push(Case { edits: resealed(), head: Some(kept), passes: false });
    cases.push(Case { edits: Vec::new(), head: Some(kept), passes: true });
    let mut rng = Rng::with_seed(1);
    let paths: Vec<&PathBuf> = whole.keys().collect();
    while cases.len() < edits {
        // Most bytes are in the entries; the head and the blobs get their share too.
        let path = if rng.u8(..4) > 0 { &entries } else { paths[rng.usize(..paths.len())] };
        if let Some(edit) = byte_edit(&mut rng, path, &whole[path]) {
            cases.push(refused(vec![edit]));
        }
    }
    cases.push(sound());
    Ok(cases)
}

fn head_of(files: &Files, base: &Path, key: &SigningKey) -> Result<Digest, Failure> {
    Ok(verify_on(&MemoryDisk::from_files(files.clone()), base, key.public(), None)?.head)
}

/// The frames of the entries, with their places.
fn frames(bytes: &[u8]) -> Vec<(usize, Vec<u8>)> {
    let mut frames = Vec::new();
    let mut at = 0;
    while let Some(prefix) = bytes[at..].first_chunk::<4>() {
        let length = u32::from_le_bytes(*prefix) as usize + 36;
        frames.push((at, bytes[at..at + length].to_vec()));
        at += length;
    }
    frames
}

/// An edit of a few bytes; none if it changes nothing.
fn byte_edit(rng: &mut Rng, path: &Path, bytes: &[u8]) -> Option<(PathBuf, usize, Option<usize>, Vec<u8>)> {
    let at = rng.usize(..bytes.len().max(1)).min(bytes.len());
    let few = rng.usize(1..6).min(bytes.len() - at);
    let part = &bytes[at..at + few];
    let (remove, insert) = match rng.u8(..7) {
        0 => (1.min(few), vec![bytes.get(at)? ^ (1 << rng.u8(..8))]),
        1 => (1.min(few), vec![rng.u8(..)]),
        2 => (few, Vec::new()),
        3 => (0, part.to_vec()),
        4 => (few, part.iter().rev().copied().collect()),
        5 => (0, vec![rng.u8(..)]),
        _ => (bytes.len() - at, Vec::new()),
    };
    let mut changed = bytes.to_vec();
    changed.splice(at..at + remove, insert.iter().copied());
    (changed != bytes).then(|| (path.to_path_buf(), at, Some(remove), insert))
}
