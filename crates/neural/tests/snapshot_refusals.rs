//! Bytes that are no snapshot of a session of this model are refused, and each refusal says why.

mod common;

use std::ops::Range;

use common::{fed, half, load, shaped};
use neural::abi::Digest;
use neural::{PAGE, PlainBackend, Session, Snapshot, SnapshotError, StateDtype, Want};
use synthetic::{ODD, Random, bits};

const LENGTH: Range<usize> = 16..24;
const DIGEST: Range<usize> = 24..56;
/// The bytes at which the parts of a snapshot of [`ODD`] begin; the numerics version has 14 bytes.
mod at {
    pub(super) const NUMERICS: usize = 88;
    pub(super) const POSITION: usize = 106;
    pub(super) const SIZES: usize = 114;
    pub(super) const FIRST_PAGES: usize = 134;
    pub(super) const HISTORY: usize = 158;
}
/// Bytes of a page of [`ODD`].
const PAGE_BYTES: usize = 2 * PAGE * 10 * 4;

#[test]
fn every_flipped_bit_is_refused() {
    let model = shaped(&ODD);
    let mut mixed = fed(&model, &[7, 8], 2);
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
    let model = shaped(&ODD);
    let bytes = fed(&model, &Random::new(2).tokens(130, ODD.vocab), 130).snapshot().as_bytes().to_vec();
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

/// Returns the bytes after an edit, with the length and digest that they then have.
fn forged(bytes: &[u8], edit: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    edit(&mut bytes);
    let length = bytes.len() as u64;
    bytes[LENGTH].copy_from_slice(&length.to_le_bytes());
    let digest = Digest::hash("nmk.snapshot.v1", &bytes[DIGEST.end..]);
    bytes[DIGEST].copy_from_slice(digest.as_bytes());
    bytes
}

fn other_numerics(found: &str) -> SnapshotError {
    SnapshotError::OtherNumerics { found: found.to_owned(), expected: StateDtype::F32.numerics() }
}

fn put(bytes: &mut [u8], at: usize, with: &[u8]) {
    bytes[at..at + with.len()].copy_from_slice(with);
}

#[test]
fn what_no_session_writes_is_refused_though_its_digest_is_right() {
    let model = shaped(&ODD);
    let bytes = fed(&model, &[7, 8, 9], 3).snapshot().as_bytes().to_vec();
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
    let model = shaped(&ODD);
    let snapshot = fed(&model, &[7, 8, 9], 3).snapshot();
    let other = load(&ODD.checkpoint(8), PlainBackend);
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
fn a_changed_key_changes_what_follows() {
    let model = shaped(&ODD);
    let mut whole = fed(&model, &[7, 8, 9], 3);
    let snapshot = whole.snapshot();
    let forged = forged(snapshot.as_bytes(), |bytes| bytes[at::HISTORY + 15 + 2] ^= 0x40);
    let forged = Snapshot::from_bytes(forged).expect("the digest is made to fit");
    let mut other = Session::restore(&model, &forged).expect("the shape is that of the model");
    let next = [&mut whole, &mut other].map(|one| bits(one.decode(5).expect("a token").values()));
    assert_ne!(next[0], next[1]);
    let refusal = forged.require(snapshot.digest()).expect_err("not the same");
    assert!(matches!(refusal, SnapshotError::OtherSnapshot { .. }));
    assert!(snapshot.clone().require(snapshot.digest()).is_ok());
}

#[test]
fn messages_are_one_line() {
    let digest = Digest::hash("nmk.test.v1", b"");
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

#[test]
fn a_snapshot_whose_numbers_or_numerics_are_of_the_other_state_is_refused() {
    let model = half(&shaped(&ODD));
    let mut session = Session::open(&model);
    session.prefill(&[7, 8, 9], Want::Last).expect("ids");
    let bytes = session.snapshot().as_bytes().to_vec();
    // Name, length and digest; digest of the model; numerics version after its length.
    let (covered, name) = (56, 56 + 32 + 4);
    let ends = name + "nmk-numerics-2-bf16".len();
    assert_eq!(&bytes[name..ends], b"nmk-numerics-2-bf16");
    let sealed = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let digest = neural::abi::Digest::hash("nmk.snapshot.v1", &bytes[covered..]);
        bytes[24..covered].copy_from_slice(digest.as_bytes());
        Snapshot::from_bytes(bytes)
    };
    assert_eq!(sealed(&bytes).expect("as it was").as_bytes(), bytes);
    // The last slot that was written, of the last element of the last value.
    let last = bytes.len() - (neural::PAGE - 3) * 10 * 2 - 2;
    let mut infinite = bytes.clone();
    infinite[last..last + 2].copy_from_slice(&0x7f80_u16.to_le_bytes());
    let refusal = sealed(&infinite).expect_err("no session wrote it");
    assert!(
        matches!(refusal, SnapshotError::Malformed { part: "number of a page", offset } if offset == last)
    );
    let mut stale = bytes.clone();
    stale[last + 2] = 1;
    let refusal = sealed(&stale).expect_err("no session wrote it");
    assert!(matches!(refusal, SnapshotError::Malformed { part: "unwritten part of a page", .. }));
    // As numbers of f32 there are half as many.
    let mut other = bytes.clone();
    other[ends - 1] = b'7';
    let refusal = sealed(&other).expect_err("other pages");
    assert!(matches!(refusal, SnapshotError::Malformed { part: "length of the pages", .. }));
    let mut other = bytes;
    other[name] = b'N';
    let refusal = Session::restore(&model, &sealed(&other).expect("well formed")).err();
    let (found, expected) = ("Nmk-numerics-2-bf16".to_owned(), "nmk-numerics-2-bf16".to_owned());
    assert_eq!(refusal, Some(SnapshotError::OtherNumerics { found, expected }));
}
