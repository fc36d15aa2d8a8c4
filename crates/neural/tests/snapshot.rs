//! A session that is written and read again has every bit of the one that was written.

mod common;

use std::sync::Arc;

use common::{faulty, fed, fixture, shaped};
use neural::{Backend, Fault, Model, PAGE, PlainBackend, Session, Snapshot, StateDtype, Step, Want};
use synthetic::{ODD, Random, bits, parity};

/// Bytes of a page of [`ODD`].
const PAGE_BYTES: usize = 2 * PAGE * 10 * 4;

/// Returns the session that is restored from the bytes of `session`.
fn restored<B: Backend>(model: &Arc<Model<B>>, session: &Session<B>) -> Session<B> {
    let written = session.snapshot();
    let read = Snapshot::from_bytes(written.as_bytes().to_vec()).expect("what was written");
    assert_eq!(read, written);
    Session::restore(model, &read).expect("a snapshot of this model")
}

/// Checks that both sessions hold the same, and give the same logits for `ids`.
fn check_same(a: &mut Session<PlainBackend>, b: &mut Session<PlainBackend>, ids: &[u32]) {
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
    let model = shaped(&ODD);
    let ids = Random::new(11).tokens(420, ODD.vocab);
    // Pages of 64, windows of 21, pages dropped from 21 + 256 + 63 on.
    for position in
        [0, 1, 2, 20, 21, 22, 42, 50, 63, 64, 65, 127, 128, 129, 276, 277, 278, 339, 340, 341, 400]
    {
        let mut whole = fed(&model, &ids[..position], 400);
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
    for family in parity::FAMILIES {
        let ids = &parity::expected(family)[3].ids;
        let model = fixture(family);
        for position in [1, ids.len() / 2] {
            let mut whole = fed(&model, &ids[..position], ids.len());
            let mut again = restored(&model, &whole);
            check_same(&mut whole, &mut again, &ids[position..]);
        }
    }
}

#[test]
fn a_snapshot_does_not_depend_on_chunks_rewinds_or_forks() {
    let ids = Random::new(11).tokens(400, ODD.vocab);
    for state in StateDtype::ALL {
        let model = Arc::new(shaped(&ODD).in_state(state));
        for length in [3, 130, 400] {
            let expected = fed(&model, &ids[..length], 400).snapshot();
            for chunk in [1, 7, 64] {
                assert!(fed(&model, &ids[..length], chunk).snapshot() == expected, "chunks of {chunk}");
            }
        }
        // Slots that a rewind left behind are not seen, nor what a fork wrote.
        let mut long = fed(&model, &ids[..200], 400);
        let mut fork = long.fork();
        long.rewind(70).expect("within the horizon");
        assert!(long.snapshot() == fed(&model, &ids[..70], 400).snapshot());
        fork.decode(1).expect("a token");
        long.prefill(&ids[70..130], Want::Last).expect("ids");
        assert!(long.snapshot() == fed(&model, &ids[..130], 400).snapshot());
    }
}

#[test]
fn a_faulty_backend_changes_the_snapshot() {
    let ids = Random::new(11).tokens(100, ODD.vocab);
    let sound = fed(&shaped(&ODD), &ids, 100).snapshot();
    for fault in Fault::ALL {
        assert!(fed(&faulty(&ODD, fault), &ids, 100).snapshot() != sound, "{fault:?} is not noticed");
    }
}

#[test]
fn injected_rows_are_restored_with_their_history() {
    let model = shaped(&ODD);
    let ids = Random::new(9).tokens(66, ODD.vocab);
    let mut injected = Session::open(&model);
    injected.inject(&model.embeddings(&ids).expect("ids"), Want::Last).expect("rows");
    let mut again = restored(&model, &injected);
    check_same(&mut injected, &mut again, &ids[..10]);
    // The pages are those of the tokens; only the history names what was injected.
    let tokens = fed(&model, &ids, 66).snapshot();
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
