//! Someone edits a ledger without its key. Every edit is found, and named where it was made.

mod common;

use std::fs;
use std::path::Path;

use common::{Scratch, copy, entry, files, fill, frames, key, open};
use ledger::format::{CHAIN_DOMAIN, ENTRY_DOMAIN, GENESIS_DOMAIN, HEAD_DOMAIN};
use ledger::{
    Digest, EntryFault, HeadFault, Journal, Ledger, LedgerError, Value, VerifyError, blob, read, verify,
};

const MASKS: [u8; 3] = [0x01, 0x80, 0xff];

fn refusal(folder: &Path) -> VerifyError {
    verify(folder, key(1).public(), None).expect_err("a changed ledger must not pass")
}

/// Returns the index of the frame in which a byte of the file of entries lies.
fn index_of(frames: &[Vec<u8>], at: usize) -> u64 {
    let ends = frames.iter().scan(0, |end, frame| {
        *end += frame.len();
        Some(*end)
    });
    ends.take_while(|end| *end <= at).count() as u64
}

#[test]
fn every_byte_of_the_entries() {
    let scratch = Scratch::new();
    fill(&scratch.ledger(), 1, 3);
    let path = scratch.ledger().join("entries");
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        for mask in MASKS {
            let mut changed = whole.clone();
            changed[at] ^= mask;
            fs::write(&path, &changed).unwrap();
            match refusal(&scratch.ledger()) {
                VerifyError::Entry { index, .. } => assert_eq!(index, index_of(&frames(&whole), at)),
                other => panic!("byte {at}: {other}"),
            }
        }
    }
    let broken = Ledger::open(&scratch.ledger(), &key(1)).expect_err("nothing is built on it");
    assert!(matches!(broken, LedgerError::Broken(VerifyError::Entry { .. })), "{broken}");
    fs::write(&path, &whole).unwrap();
    assert_eq!(verify(&scratch.ledger(), key(1).public(), None).unwrap().count, 3);
}

#[test]
fn every_byte_of_the_head_and_the_blobs() {
    let scratch = Scratch::new();
    fill(&scratch.ledger(), 1, 2);
    let mut ledger = open(&scratch.ledger(), 1);
    ledger.store_blob(b"no entry names this one").unwrap();
    ledger.append(&[entry(2, Value::Null)]).unwrap();
    drop(ledger);
    for path in files(&scratch.ledger()) {
        let whole = fs::read(&path).unwrap();
        if path.ends_with("entries") {
            continue;
        }
        for (at, mask) in (0..whole.len()).flat_map(|at| MASKS.map(|mask| (at, mask))) {
            let mut changed = whole.clone();
            changed[at] ^= mask;
            fs::write(&path, &changed).unwrap();
            refusal(&scratch.ledger());
        }
        fs::write(&path, &whole).unwrap();
    }
    assert_eq!(verify(&scratch.ledger(), key(1).public(), None).unwrap().blobs, 2);
}

#[test]
fn every_truncation_and_every_missing_file() {
    let scratch = Scratch::new();
    fill(&scratch.ledger(), 1, 2);
    for path in files(&scratch.ledger()).iter().filter(|path| !path.ends_with("lock")) {
        let whole = fs::read(path).unwrap();
        for length in 0..whole.len() {
            fs::write(path, &whole[..length]).unwrap();
            let error = refusal(&scratch.ledger());
            if path.ends_with("entries") {
                assert!(matches!(error, VerifyError::ShorterThanHead { .. }), "{length}: {error}");
            }
        }
        for extra in [0x00, 0xff] {
            fs::write(path, [whole.as_slice(), &[extra]].concat()).unwrap();
            refusal(&scratch.ledger());
        }
        fs::remove_file(path).unwrap();
        refusal(&scratch.ledger());
        fs::write(path, &whole).unwrap();
    }
    verify(&scratch.ledger(), key(1).public(), None).unwrap();
}

/// Returns the frames with their chain digests computed again, as someone without the key could do it.
fn rechained(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut chain = Digest::hash(GENESIS_DOMAIN, b"");
    let mut bytes = Vec::new();
    for frame in frames {
        let (kept, _) = frame.split_at(frame.len() - 32);
        let entry = Digest::hash(ENTRY_DOMAIN, &kept[4..]);
        chain = Digest::hash_parts(CHAIN_DOMAIN, [chain.as_bytes().as_slice(), entry.as_bytes()]);
        bytes.extend_from_slice(kept);
        bytes.extend_from_slice(chain.as_bytes());
    }
    bytes
}

#[test]
fn every_structural_edit() {
    let scratch = Scratch::new();
    fill(&scratch.ledger(), 1, 5);
    let path = scratch.ledger().join("entries");
    let whole = fs::read(&path).unwrap();
    let frames = frames(&whole);
    let mut edits = Vec::new();
    for one in 0..frames.len() {
        let mut deleted = frames.clone();
        deleted.remove(one);
        let mut doubled = frames.clone();
        doubled.insert(one, frames[one].clone());
        edits.extend([deleted, doubled]);
        for other in 0..one {
            let mut swapped = frames.clone();
            swapped.swap(one, other);
            let mut overwritten = frames.clone();
            overwritten[one] = frames[other].clone();
            edits.extend([swapped, overwritten]);
        }
    }
    for edit in edits {
        for bytes in [edit.concat(), rechained(&edit)] {
            fs::write(&path, bytes).unwrap();
            refusal(&scratch.ledger());
        }
    }
}

#[test]
fn a_shorter_or_another_chain_under_the_old_head() {
    let scratch = Scratch::new();
    fill(&scratch.ledger(), 1, 3);
    fill(&scratch.beside("other"), 1, 3);
    let path = scratch.ledger().join("entries");
    let whole = frames(&fs::read(&path).unwrap());
    fs::write(&path, whole[..2].concat()).unwrap();
    assert!(matches!(refusal(&scratch.ledger()), VerifyError::ShorterThanHead { .. }));

    // The same length and count, sound in itself, and not what was signed.
    let mut changed = whole.clone();
    let seven = changed[2].windows(6).position(|run| run == b"\x05\x01\0\0\x007").unwrap();
    changed[2][seven + 5] = b'8';
    fs::write(&path, rechained(&changed)).unwrap();
    assert!(matches!(refusal(&scratch.ledger()), VerifyError::OtherChain { count: 3, found_count: 3, .. }));
}

#[test]
fn a_foreign_key() {
    let scratch = Scratch::new();
    fill(&scratch.ledger(), 2, 3);
    let error = refusal(&scratch.ledger());
    assert!(matches!(error, VerifyError::Head { fault: HeadFault::ForeignKey { .. }, .. }), "{error}");
    let error = Ledger::open(&scratch.ledger(), &key(1)).expect_err("the ledger is another's");
    assert!(matches!(error, LedgerError::Broken(VerifyError::Head { .. })), "{error}");
}

/// Replaces fields of the ledger's head by `pairs`, and signs it with the key of `seed`.
fn forged(folder: &Path, pairs: &[(&str, Value)], seed: u8) {
    let path = folder.join("head");
    let mut map = abi::decode(&fs::read(&path).unwrap()).unwrap().into_map().expect("a map");
    map.remove("signature");
    map.extend(pairs.iter().map(|(key, value)| (String::from(*key), value.clone())));
    let mut message = [HEAD_DOMAIN.as_bytes(), b"\0"].concat();
    message.extend(abi::encode(&Value::Map(map.clone())));
    let pair = ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::new([seed; 32]));
    let signature = pair.sk.sign(&message, None);
    map.insert("signature".into(), Value::Bytes(signature.to_vec()));
    fs::write(&path, abi::encode(&Value::Map(map))).unwrap();
}

#[test]
fn heads_that_claim_what_they_should_not() {
    let scratch = Scratch::new();
    fill(&scratch.ledger(), 1, 3);
    let original = fs::read(scratch.ledger().join("head")).unwrap();
    let length = fs::metadata(scratch.ledger().join("entries")).unwrap().len() as i64;
    let check = |pairs: &[(&str, Value)], seed, words: &str| {
        fs::write(scratch.ledger().join("head"), &original).unwrap();
        forged(&scratch.ledger(), pairs, seed);
        let error = refusal(&scratch.ledger()).to_string();
        assert!(error.contains(words), "{error}");
    };
    check(&[], 2, "signature does not hold");
    check(&[("version", Value::Int(2))], 2, "use a newer nmk");
    check(&[("version", Value::Int(0))], 1, "`version`");
    check(&[("count", Value::Int(-1))], 1, "`count`");
    check(&[("count", Value::Int(2))], 1, "the head signs 2");
    check(&[("chain", Value::Bytes(vec![0; 31]))], 1, "`chain`");
    check(&[("length", Value::Int(length - 1))], 1, "bad frame");
    check(&[("length", Value::Int(i64::MAX))], 1, "acknowledged entries are gone");
    check(&[("more", Value::Null)], 1, "`unknown`");
}

#[test]
fn blobs_that_are_missing_or_strangers() {
    let scratch = Scratch::new();
    fill(&scratch.ledger(), 1, 2);
    let named = files(&scratch.ledger().join("blobs")).remove(0);
    let digest: Digest = named.file_name().unwrap().to_str().unwrap().parse().unwrap();
    assert_eq!(blob(&scratch.ledger(), &digest).unwrap(), b"How many r are in strawberry?");

    fs::rename(&named, scratch.beside("blob")).unwrap();
    let error = refusal(&scratch.ledger());
    let missing = EntryFault::BlobMissing { digest };
    assert!(matches!(error, VerifyError::Entry { index: 0, fault, .. } if fault == missing), "{error}");
    assert!(matches!(blob(&scratch.ledger(), &digest), Err(VerifyError::NoBlob { .. })));

    fs::write(&named, b"other").unwrap();
    let changed = EntryFault::BlobChanged { digest };
    assert!(matches!(refusal(&scratch.ledger()), VerifyError::Entry { fault, .. } if fault == changed));
    let error = open(&scratch.ledger(), 1).store_blob(b"How many r are in strawberry?").expect_err("changed");
    assert!(matches!(error, LedgerError::BlobChanged { .. }), "{error}");

    fs::rename(scratch.beside("blob"), &named).unwrap();
    fs::write(named.with_file_name("note.txt"), b"hello").unwrap();
    assert!(matches!(refusal(&scratch.ledger()), VerifyError::Blob { .. }));
}

#[test]
fn a_rollback_shows_against_a_head_kept_elsewhere_and_not_without() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let early = fill(&folder, 1, 2);
    copy(&folder, &scratch.beside("older"));
    let late = open(&folder, 1).append(&[entry(2, Value::Null)]).unwrap()[0].head;
    let pinned = *key(1).public();

    let places = [early[0], early[1], early[2], late].map(|head| {
        let verified = verify(&folder, &pinned, Some(head)).expect("each was a head");
        verified.expected.expect("one was expected")
    });
    let earlier = |count| ledger::HeadPosition::Earlier { count };
    assert_eq!(places, [earlier(0), earlier(1), earlier(2), ledger::HeadPosition::Current]);

    let older = scratch.beside("older");
    assert_eq!(verify(&older, &pinned, None).expect("a rollback passes by itself").count, 2);
    let error = verify(&older, &pinned, Some(late)).expect_err("the kept head is gone");
    assert!(matches!(error, VerifyError::UnknownHead { expected, .. } if expected == late), "{error}");
}

#[test]
fn a_history_sealed_again_with_the_stolen_key_shows_against_a_kept_head_only() {
    let scratch = Scratch::new();
    let kept = *fill(&scratch.ledger(), 1, 3).last().unwrap();
    let mut forged = open(&scratch.beside("forged"), 1);
    forged.append(&[entry(0, Value::text("never happened"))]).unwrap();
    let pinned = *key(1).public();
    verify(&scratch.beside("forged"), &pinned, None).expect("the key signs anything");
    verify(&scratch.beside("forged"), &pinned, Some(kept)).expect_err("the kept head is not in it");
}

#[test]
fn reading_stops_at_the_first_change() {
    let scratch = Scratch::new();
    fill(&scratch.ledger(), 1, 3);
    let path = scratch.ledger().join("entries");
    let mut bytes = fs::read(&path).unwrap();
    let second = frames(&bytes)[0].len();
    bytes[second + 60] ^= 1;
    fs::write(&path, bytes).unwrap();
    let read: Vec<_> = read(&scratch.ledger()).unwrap().collect();
    assert_eq!(read.len(), 2);
    assert!(read[0].is_ok() && read[1].is_err());
}
