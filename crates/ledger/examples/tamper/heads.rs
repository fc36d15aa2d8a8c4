//! Ledgers whose head somebody put back or replaced, and announcements that were not ended.

use std::fs;
use std::path::Path;

use ledger::{Entry, EntryKind, JobId, Journal, Ledger, SigningKey, TaskId, Value};

use crate::Failure;
use crate::structure::{Cases, SEED, Sound, place};

/// Heads of other times and of other ledgers, and what they cover.
pub(crate) fn heads(cases: &mut Cases) -> Result<(), Failure> {
    let count = cases.sound.heads.len() - 1;
    let newest = cases.sound.newest;
    for at in 0..count {
        cases.add(&format!("head {at} is put back"), false, |folder, sound| {
            Ok(fs::write(folder.join("head"), &sound.heads[at])?)
        })?;
        // Blobs that were forgotten later are missing from the older history, up to the last forgetting.
        let passes = !(3..count - 1).contains(&at);
        cases.add(&format!("the ledger is put back to head {at}"), passes, |folder, sound| {
            sound.put_back(folder, at)?;
            let entries = fs::read(folder.join("entries"))?;
            Ok(fs::write(folder.join("entries"), &entries[..sound.lengths[at]])?)
        })?;
        cases.expecting(newest, false);
        cases.add(&format!("all but the checkpoint is put back to head {at}"), false, |folder, sound| {
            fs::write(folder.join("head"), &sound.heads[at])?;
            let entries = fs::read(folder.join("entries"))?;
            Ok(fs::write(folder.join("entries"), &entries[..sound.lengths[at]])?)
        })?;
    }
    for extra in [1, 36, 100] {
        cases.add(&format!("{extra} bytes follow"), false, |folder, _| {
            let mut entries = fs::read(folder.join("entries"))?;
            entries.extend(vec![0; extra]);
            Ok(fs::write(folder.join("entries"), entries)?)
        })?;
    }
    cases.add("nothing is left but the head", false, |folder, _| {
        Ok(fs::write(folder.join("entries"), b"")?)
    })?;
    cases.add("the head of another ledger of the same key", false, |folder, _| {
        let other = folder.with_extension("other");
        let (mut ledger, _) = Ledger::open(&other, &SigningKey::from_seed(SEED)?)?;
        let task = TaskId { job: JobId(2), number: 0 };
        ledger.append(&[Entry { kind: EntryKind::Decided, task, inputs: Vec::new(), body: Value::Null }])?;
        Ok(fs::copy(other.join("head"), folder.join("head")).map(drop)?)
    })
}

/// A function that makes an announcement out of the heads of the sound ledger.
type Announced = Box<dyn Fn(&Sound) -> Vec<u8>>;

/// Announced appends that were not ended, and announcements that somebody else made.
pub(crate) fn announcements(cases: &mut Cases) -> Result<(), Failure> {
    let last = cases.sound.heads.len() - 1;
    let stopped = |folder: &Path, sound: &Sound, length: usize, announced: &[u8]| -> Result<(), Failure> {
        sound.put_back(folder, last - 1)?;
        let entries = fs::read(folder.join("entries"))?;
        fs::write(folder.join("entries"), &entries[..length])?;
        Ok(fs::write(folder.join("head.new"), announced)?)
    };
    let (before, after) = (cases.sound.lengths[last - 1], cases.sound.lengths[last]);
    for (what, length) in
        [("whole", after), ("torn", after - 9), ("begun", before + 1), ("announced", before)]
    {
        cases.add(&format!("an append that is {what}"), false, |folder, sound| {
            stopped(folder, sound, length, &sound.heads[last])
        })?;
    }
    // Such an append is refused in either case; whether the next writer finishes it depends on the blob.
    cases.add("an append that is whole, whose blob is gone", false, |folder, sound| {
        stopped(folder, sound, after, &sound.heads[last])?;
        Ok(fs::remove_file(place(folder, sound.again))?)
    })?;
    cases.add("an append that is whole, whose blob was changed", false, |folder, sound| {
        stopped(folder, sound, after, &sound.heads[last])?;
        Ok(fs::write(place(folder, sound.again), "agaim")?)
    })?;
    let strange: [(&str, Announced); 5] = [
        ("nothing", Box::new(|_| Vec::new())),
        ("half of one", Box::new(move |sound| sound.heads[last][..80].to_vec())),
        ("an older head", Box::new(move |sound| sound.heads[1].clone())),
        (
            "a changed head",
            Box::new(move |sound| [&sound.heads[last][..40], &[0], &sound.heads[last][41..]].concat()),
        ),
        ("more than a head", Box::new(move |sound| [sound.heads[last].as_slice(), &[0; 1024]].concat())),
    ];
    for (what, announced) in &strange {
        for length in [before, after] {
            cases.add(&format!("{what} is announced, at {length} bytes"), false, |folder, sound| {
                stopped(folder, sound, length, &announced(sound))
            })?;
        }
    }
    cases.add("the head itself is announced", true, |folder, sound| {
        Ok(fs::write(folder.join("head.new"), &sound.heads[last])?)
    })?;
    cases.add("the head itself is announced, and bytes follow", false, |folder, sound| {
        stopped(folder, sound, after, &sound.heads[last - 1])
    })
}
