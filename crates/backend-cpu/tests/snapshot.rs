//! A session that is written and read again has every bit of the one that it was; nothing else is read.

mod common;

use std::sync::Arc;

use backend_cpu::CpuBackend;
use battery::{Fault, Faulty};
use common::synthetic::{ODD, Random};
use common::{FAMILIES, backends, best, bits, expected, model};
use neural::abi::Digest;
use neural::{Backend, Model, PAGE, Session, Snapshot, SnapshotError, State, Step, Want};

const LENGTH: std::ops::Range<usize> = 16..24;
const DIGEST: std::ops::Range<usize> = 24..56;
/// Where the parts of a snapshot of [`ODD`] begin; the numerics version has 14 bytes.
mod at {
    pub(super) const NUMERICS: usize = 88;
    pub(super) const POSITION: usize = 106;
    pub(super) const SIZES: usize = 114;
    pub(super) const FIRST_PAGES: usize = 134;
    pub(super) const HISTORY: usize = 158;
}
/// Bytes of a page of [`ODD`].
const PAGE_BYTES: usize = 2 * PAGE * 10 * 4;

/// A session at `ids.len()`, fed in chunks.
fn session<B: Backend>(model: &Arc<Model<B>>, ids: &[u32], chunk: usize) -> Session<B> {
    let mut session = Session::open(model);
    ids.chunks(chunk).for_each(|chunk| {
        session.prefill(chunk, Want::Last).expect("ids of the vocabulary");
    });
    session
}

/// Through the bytes and back.
fn restored<B: Backend>(model: &Arc<Model<B>>, session: &Session<B>) -> Session<B> {
    let written = session.snapshot();
    let read = Snapshot::from_bytes(written.as_bytes().to_vec()).expect("what was written");
    assert_eq!(read, written);
    Session::restore(model, &read).expect("a snapshot of this model")
}

/// Both sessions hold the same and answer the same from here on.
fn check_same(a: &mut Session<CpuBackend>, b: &mut Session<CpuBackend>, ids: &[u32]) {
    assert_eq!(a.position(), b.position());
    assert!(a.history().eq(b.history()));
    assert_eq!(a.snapshot().digest(), b.snapshot().digest(), "at {}", a.position());
    if !ids.is_empty() {
        let [a_next, b_next] = [&mut *a, &mut *b].map(|one| one.prefill(ids, Want::All).expect("ids"));
        assert!(bits(a_next.values()) == bits(b_next.values()), "from {} on", a.position() - ids.len());
        assert_eq!(a.snapshot().digest(), b.snapshot().digest(), "at {}", a.position());
    }
}

#[test]
fn at_each_edge_the_restored_session_is_the_session() {
    let model = ODD.model(best());
    let ids = Random(11).tokens(420, ODD.vocab);
    // Pages of 64, windows of 21, pages dropped from 21 + 256 + 63 on.
    for position in
        [0, 1, 2, 20, 21, 22, 42, 50, 63, 64, 65, 127, 128, 129, 276, 277, 278, 339, 340, 341, 400]
    {
        let mut whole = session(&model, &ids[..position], 400);
        let mut again = restored(&model, &whole);
        check_same(&mut whole, &mut again, &ids[position..position + 20]);
        for to in [position, position.saturating_sub(1), position.saturating_sub(250)] {
            whole.rewind(to).expect("within the horizon");
            again.rewind(to).expect("within the horizon");
            check_same(&mut whole, &mut again, &[]);
        }
        check_same(&mut whole, &mut again, &ids[..5]);
    }
}

#[test]
fn every_family_goes_on_from_a_snapshot() {
    for family in FAMILIES {
        let ids = &expected(family)[3].ids;
        let model = model(family, best());
        for position in [1, ids.len() / 2] {
            let mut whole = session(&model, &ids[..position], ids.len());
            let mut again = restored(&model, &whole);
            check_same(&mut whole, &mut again, &ids[position..]);
        }
    }
}

#[test]
fn a_snapshot_does_not_depend_on_chunks_instructions_rewinds_or_forks() {
    let ids = Random(11).tokens(400, ODD.vocab);
    let reference = ODD.model(best());
    for length in [3, 130, 400] {
        let expected = session(&reference, &ids[..length], 400).snapshot();
        for chunk in [1, 7, 64] {
            assert!(session(&reference, &ids[..length], chunk).snapshot() == expected, "chunks of {chunk}");
        }
        for backend in backends() {
            let model = ODD.model(backend);
            assert!(session(&model, &ids[..length], 64).snapshot() == expected);
            // What one instruction set wrote the others go on from.
            let mut whole = session(&reference, &ids[..length], 400);
            let mut again = Session::restore(&model, &expected).expect("the same model");
            let next = [whole.decode(5), again.decode(5)].map(|next| bits(next.expect("a token").values()));
            assert!(next[0] == next[1]);
        }
    }
    // Slots that a rewind left behind are not seen, nor what a fork wrote.
    let mut long = session(&reference, &ids[..200], 400);
    let mut fork = long.fork();
    long.rewind(70).expect("within the horizon");
    assert!(long.snapshot() == session(&reference, &ids[..70], 400).snapshot());
    fork.decode(1).expect("a token");
    long.prefill(&ids[70..130], Want::Last).expect("ids");
    assert!(long.snapshot() == session(&reference, &ids[..130], 400).snapshot());
}

#[test]
fn injected_rows_are_restored_with_their_history() {
    let model = ODD.model(best());
    let ids = Random(9).tokens(66, ODD.vocab);
    let mut injected = Session::open(&model);
    injected.inject(&model.embeddings(&ids).expect("ids"), Want::Last).expect("rows");
    let mut again = restored(&model, &injected);
    check_same(&mut injected, &mut again, &ids[..10]);
    // The pages are those of the tokens; only the history names what was injected.
    let tokens = session(&model, &ids, 66).snapshot();
    injected.rewind(66).expect("within the horizon");
    let injected = injected.snapshot();
    let pages = |snapshot: &Snapshot| {
        let bytes = snapshot.as_bytes();
        bytes[bytes.len() - 3 * 2 * PAGE_BYTES..].to_vec()
    };
    assert!(pages(&tokens) == pages(&injected));
    assert_ne!(tokens.digest(), injected.digest());
    assert!(injected.history().iter().all(|step| matches!(step, Step::Row(_))));
}

#[test]
fn every_flipped_bit_is_refused() {
    let model = ODD.model(best());
    let mut mixed = session(&model, &[7, 8], 2);
    mixed.inject(&model.embeddings(&[9]).expect("an id"), Want::Last).expect("a row");
    let mut bytes = mixed.snapshot().as_bytes().to_vec();
    for bit in 0..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        let refusal = Snapshot::from_bytes(bytes.clone()).expect_err("a flipped bit");
        match bit / 8 {
            byte if byte < LENGTH.start => assert!(matches!(refusal, SnapshotError::NotSnapshot { .. })),
            byte if byte < LENGTH.end => assert!(matches!(refusal, SnapshotError::Length { .. })),
            _ => assert!(matches!(refusal, SnapshotError::Changed { .. }), "bit {bit}: {refusal}"),
        }
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(Snapshot::from_bytes(bytes).is_ok());
}

#[test]
fn cut_longer_and_rearranged_snapshots_are_refused() {
    let model = ODD.model(best());
    let bytes = session(&model, &Random(2).tokens(130, ODD.vocab), 130).snapshot().as_bytes().to_vec();
    for length in (0..400).chain((400..bytes.len()).step_by(31)).chain([bytes.len() - 1]) {
        let refusal = Snapshot::from_bytes(bytes[..length].to_vec()).expect_err("a cut");
        assert_eq!(matches!(refusal, SnapshotError::NotSnapshot { .. }), length < LENGTH.end, "{length}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(matches!(Snapshot::from_bytes(longer), Err(SnapshotError::Length { .. })));
    let mut exchanged = bytes.clone();
    let (left, right) = exchanged.split_at_mut(bytes.len() - PAGE_BYTES);
    left[bytes.len() - 2 * PAGE_BYTES..].swap_with_slice(right);
    assert!(matches!(Snapshot::from_bytes(exchanged), Err(SnapshotError::Changed { .. })));
    let mut tokens = bytes;
    tokens[at::HISTORY..at::HISTORY + 10].rotate_left(5);
    assert!(matches!(Snapshot::from_bytes(tokens), Err(SnapshotError::Changed { .. })));
}

/// The bytes edited, with the length and digest of what they are then.
fn forged(bytes: &[u8], edit: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    edit(&mut bytes);
    let length = bytes.len() as u64;
    bytes[LENGTH].copy_from_slice(&length.to_le_bytes());
    let digest = Digest::of("nmk.snapshot.v1", &bytes[DIGEST.end..]);
    bytes[DIGEST].copy_from_slice(digest.as_bytes());
    bytes
}

fn other_numerics(found: &str) -> SnapshotError {
    SnapshotError::OtherNumerics { found: found.to_owned(), expected: State::F32.numerics() }
}

fn put(bytes: &mut [u8], at: usize, with: &[u8]) {
    bytes[at..at + with.len()].copy_from_slice(with);
}

#[test]
fn what_no_session_writes_is_refused_though_its_digest_is_right() {
    let model = ODD.model(best());
    let bytes = session(&model, &[7, 8, 9], 3).snapshot().as_bytes().to_vec();
    assert_eq!(forged(&bytes, |_| ()), bytes, "the format is as it is written down");
    let pages = at::HISTORY + 15;
    // The last position of the first layer's keys, and the first slot behind the position.
    let (nan, stale) = (pages + 2 * 4, pages + 3 * 4);
    let cases: [(&str, usize, &[u8]); 22] = [
        ("numerics version", at::NUMERICS, &[0, 0, 0, 0]),
        ("numerics version", at::NUMERICS, &[65, 0, 0, 0]),
        ("numerics version", at::NUMERICS, &[255, 255, 255, 0]),
        ("numerics version", at::NUMERICS + 4, &[0xff]),
        ("position", at::POSITION, &[255; 8]),
        ("step of the history", at::POSITION, &[4]),
        ("length of the pages", at::POSITION, &[2]),
        ("number of layers", at::SIZES, &[0]),
        ("number of layers", at::SIZES, &[255; 4]),
        ("first page of a layer", at::SIZES + 2, &[255]),
        ("number of heads", at::SIZES + 4, &[255; 4]),
        ("length of the pages", at::SIZES + 4, &[2]),
        ("width of a head", at::SIZES + 8, &[0]),
        ("size of a page", at::SIZES + 12, &[32]),
        ("size of a panel", at::SIZES + 16, &[8]),
        ("first page of a layer", at::FIRST_PAGES, &[2]),
        ("length of the pages", at::FIRST_PAGES, &[1]),
        ("step of the history", at::HISTORY, &[4]),
        ("number of a page", nan, &f32::NAN.to_le_bytes()),
        ("number of a page", nan, &f32::NEG_INFINITY.to_le_bytes()),
        ("unwritten part of a page", stale, &[1]),
        ("unwritten part of a page", stale, &(-0.0_f32).to_le_bytes()),
    ];
    let refused = |case: &str, part: &str, bytes: Vec<u8>| match Snapshot::from_bytes(bytes) {
        Err(SnapshotError::Malformed { part: found, .. }) => assert_eq!(found, part, "{case}"),
        other => panic!("{case}, {part}: {:?}", other.map(|snapshot| snapshot.digest())),
    };
    for (number, (part, at, with)) in cases.into_iter().enumerate() {
        refused(&format!("case {number}"), part, forged(&bytes, |bytes| put(bytes, at, with)));
    }
    refused("shorter", "length of the pages", forged(&bytes, |bytes| bytes.truncate(bytes.len() - 1)));
    refused("longer", "length of the pages", forged(&bytes, |bytes| bytes.push(0)));
    // No bytes, however many pages of whatever size: nothing is multiplied beyond its type.
    let none = forged(&bytes, |bytes| {
        put(bytes, at::SIZES + 4, &(1_u32 << 24).to_le_bytes());
        put(bytes, at::SIZES + 8, &(1_u32 << 24).to_le_bytes());
        (0..3).for_each(|layer| put(bytes, at::FIRST_PAGES + 8 * layer, &[1]));
        bytes.truncate(pages);
    });
    let none = Snapshot::from_bytes(none).expect("no page is missing");
    let refusal = Session::restore(&model, &none).err();
    assert!(matches!(refusal, Some(SnapshotError::Unfit { part: "number of heads", .. })), "{refusal:?}");
}

#[test]
fn a_snapshot_of_another_model_numerics_or_shape_is_refused() {
    let model = ODD.model(best());
    let snapshot = session(&model, &[7, 8, 9], 3).snapshot();
    let other = Arc::new(Model::load(&ODD.config(), &ODD.weights(8), best()).expect("a synthetic model"));
    let refusal = Session::restore(&other, &snapshot).err();
    let expected = SnapshotError::OtherModel { found: model.digest(), model: other.digest() };
    assert_eq!(refusal, Some(expected));

    let bytes = snapshot.as_bytes();
    let restore = |edit: &dyn Fn(&mut Vec<u8>)| {
        let forged = Snapshot::from_bytes(forged(bytes, |bytes| edit(bytes))).expect("well formed");
        Session::restore(&model, &forged).err().expect("refused")
    };
    let numerics = restore(&|bytes| put(bytes, at::NUMERICS + 4, b"N"));
    assert_eq!(numerics, other_numerics("Nmk-numerics-2"));
    let unfit = |part, found, allowed| SnapshotError::Unfit { part, found, allowed };
    assert_eq!(restore(&|bytes| put(bytes, at::HISTORY + 1, &[61])), unfit("token", 61, 60));
    let layer = restore(&|bytes| {
        put(bytes, at::FIRST_PAGES + 8, &[1]);
        bytes.truncate(bytes.len() - PAGE_BYTES);
    });
    assert_eq!(layer, unfit("first page of a layer", 1, 0));
    let fewer = restore(&|bytes| {
        put(bytes, at::SIZES, &[2]);
        bytes.drain(at::FIRST_PAGES..at::FIRST_PAGES + 8);
        bytes.truncate(bytes.len() - PAGE_BYTES);
    });
    assert_eq!(fewer, unfit("number of layers", 2, 3));
    let long = restore(&|bytes| {
        put(bytes, at::POSITION, &(576_u64).to_le_bytes());
        let history = at::HISTORY..at::HISTORY + 15;
        bytes.splice(history, [0; 576 * 5]);
        bytes.truncate(at::HISTORY + 576 * 5);
        bytes.resize(bytes.len() + 9 * 3 * PAGE_BYTES, 0);
    });
    assert_eq!(long, unfit("position", 576, 512));
}

#[test]
fn a_changed_key_changes_what_follows_and_a_faulty_backend_its_snapshot() {
    let model = ODD.model(best());
    let mut whole = session(&model, &[7, 8, 9], 3);
    let snapshot = whole.snapshot();
    let forged = forged(snapshot.as_bytes(), |bytes| bytes[at::HISTORY + 15 + 2] ^= 0x40);
    let forged = Snapshot::from_bytes(forged).expect("the digest is made to fit");
    let mut other = Session::restore(&model, &forged).expect("the shape is that of the model");
    let next = [&mut whole, &mut other].map(|one| bits(one.decode(5).expect("a token").values()));
    assert_ne!(next[0], next[1]);
    let refusal = forged.require(snapshot.digest()).expect_err("not the same");
    assert!(matches!(refusal, SnapshotError::OtherSnapshot { .. }));
    assert!(snapshot.clone().require(snapshot.digest()).is_ok());

    let ids = Random(11).tokens(100, ODD.vocab);
    let sound = session(&model, &ids, 100).snapshot();
    for fault in Fault::ALL {
        let faulty = ODD.model(Faulty { inner: best(), fault });
        assert!(session(&faulty, &ids, 100).snapshot() != sound, "{fault:?} is not noticed");
    }
}

#[test]
fn messages_are_one_line() {
    let digest = Digest::of("nmk.test.v1", b"");
    for error in [
        SnapshotError::NotSnapshot { bytes: 3 },
        SnapshotError::Length { bytes: 3, stated: 4 },
        SnapshotError::Changed { found: digest, stated: digest },
        SnapshotError::Malformed { part: "position", offset: 106 },
        SnapshotError::OtherSnapshot { found: digest, expected: digest },
        SnapshotError::OtherModel { found: digest, model: digest },
        other_numerics("other\nline"),
        SnapshotError::Unfit { part: "position", found: 2, allowed: 1 },
    ] {
        assert_eq!(error.to_string().lines().count(), 1, "{error}");
    }
}
