//! A session has one set of bits, whatever the schedule.
//!
//! The raw bits of all logits are compared, over sequences that run past blocks, windows and the point where
//! pages are dropped. A comparison of bits is worth what it notices, so the same one must fail for a backend
//! with one thing wrong, and the logits must depend on what they should depend on.

mod common;

use std::sync::Arc;

use common::{Driven, PlainModel, alone, faulty, fixture, half, shaped};
use neural::{Fault, GenerateSpec, REWIND_HORIZON, Session, SessionError, StateDtype, Want, generate};
use synthetic::{ODD, Random, Schedules, Sequence, bits, parity};

fn check(model: &PlainModel, ids: &[u32], chunks: &[usize], parks: &[usize]) {
    let what = format!("{:?} in {}", model.config().family, model.state());
    Schedules { ids, chunks, parks }.check(&what, &alone(model, ids), || Driven(Session::open(model)));
}

#[test]
fn fixtures_have_one_set_of_bits() {
    for family in parity::FAMILIES {
        let ids = &parity::expected(family)[3].ids;
        for state in StateDtype::ALL {
            check(&Arc::new(fixture(family).in_state(state)), ids, &[1, 7], &[1, 8, 33]);
        }
    }
}

#[test]
fn odd_sizes_have_one_set_of_bits_past_dropped_pages() {
    let ids = Random::new(11).tokens(400, ODD.vocab);
    for state in StateDtype::ALL {
        let model = Arc::new(shaped(&ODD).in_state(state));
        check(&model, &ids, &[1, 3, 64], &[144, 200, 256, 320, 350, 383, 384, 399]);
    }
}

#[test]
fn each_fault_changes_bits() {
    let ids = Random::new(11).tokens(100, ODD.vocab);
    let reference = alone(&shaped(&ODD), &ids);
    for fault in Fault::ALL {
        assert!(alone(&faulty(&ODD, fault), &ids) != reference, "{fault:?} is not noticed");
    }
    let reference = alone(&half(&shaped(&ODD)), &ids);
    for fault in Fault::ALL_BF16 {
        assert!(alone(&half(&faulty(&ODD, fault)), &ids) != reference, "{fault:?} is not noticed in bf16");
    }
}

#[test]
fn the_last_row_is_the_last_of_all_rows() {
    let model = shaped(&ODD);
    let ids = Random::new(13).tokens(40, ODD.vocab);
    let all = Session::open(&model).prefill(&ids, Want::All).expect("a valid chunk");
    let last = Session::open(&model).prefill(&ids, Want::Last).expect("a valid chunk");
    assert_eq!(bits(all.row(39)), bits(last.row(0)));
    assert_eq!(all.digest(39), last.digest(0));
    assert_ne!(all.digest(38), last.digest(0));
}

#[test]
fn logits_depend_on_the_history_and_on_nothing_after_it() {
    let model = shaped(&ODD);
    let ids = Random::new(14).tokens(30, ODD.vocab);
    let mut other = ids.clone();
    other[20] = (other[20] + 1) % ODD.vocab as u32;
    let (a, b) = (alone(&model, &ids), alone(&model, &other));
    for (position, (a, b)) in a.chunks(ODD.vocab).zip(b.chunks(ODD.vocab)).enumerate() {
        assert_eq!(a == b, position < 20, "position {position}");
    }
}

#[test]
fn rewinds_of_one_session_and_its_forks_leave_every_bit() {
    let ids = Random::new(11).tokens(400, ODD.vocab);
    let model = shaped(&ODD);
    let reference = alone(&model, &ids);
    let mut session = Driven(Session::open(&model));
    session.feed(&ids);
    for to in [399, 384, 383, 350, 320, 256, 200, 144] {
        let mut fork = session.fork();
        for session in [&mut fork, &mut session] {
            session.rewind(to);
            session.feed(&vec![0; ids.len() - to]);
            session.rewind(to);
            assert!(session.feed(&ids[to..]) == reference[to * ODD.vocab..], "rewound to {to}");
        }
    }
}

#[test]
fn a_rewind_beyond_what_is_held_is_refused_and_harmless() {
    let ids = Random::new(11).tokens(400, ODD.vocab);
    let model = shaped(&ODD);
    let mut session = Session::open(&model);
    session.prefill(&ids, Want::Last).expect("a valid chunk");
    assert_eq!(session.rewind(401), Err(SessionError::RewindAhead { to: 401, position: 400 }));
    let Err(SessionError::RewindTooFar { to: 10, earliest }) = session.rewind(10) else {
        panic!("position 10 is behind the windows");
    };
    assert!(earliest <= 400 - REWIND_HORIZON, "{earliest}");
    assert_eq!(session.position(), 400);
    session.rewind(earliest).expect("the earliest is held");
    let again = session.prefill(&ids[earliest..], Want::All).expect("the same continuation");
    assert!(bits(again.values()) == alone(&model, &ids)[earliest * ODD.vocab..]);
}

#[test]
fn a_refused_step_leaves_the_session_as_it_was() {
    let model = shaped(&ODD);
    let ids = Random::new(3).tokens(40, ODD.vocab);
    let mut session = Session::open(&model);
    session.prefill(&ids[..20], Want::Last).expect("valid tokens");
    let vocab_size = ODD.vocab;
    let refusals = [
        (vec![], SessionError::Empty),
        (vec![1, 61], SessionError::TokenOutOfVocabulary { token: 61, index: 1, vocab_size }),
        (vec![u32::MAX], SessionError::TokenOutOfVocabulary { token: u32::MAX, index: 0, vocab_size }),
        (vec![1; 493], SessionError::ContextOverflow { position: 20, added: 493, capacity: 512 }),
    ];
    for (tokens, refusal) in refusals {
        assert_eq!(session.prefill(&tokens, Want::All), Err(refusal));
        assert_eq!(session.position(), 20);
    }
    let rest = session.prefill(&ids[20..], Want::Last).expect("valid tokens");
    let whole = Session::open(&model).prefill(&ids, Want::Last).expect("valid tokens");
    assert_eq!(bits(rest.values()), bits(whole.values()));
}

#[test]
fn the_context_can_be_filled_and_not_exceeded() {
    let model = shaped(&ODD);
    let prompt = Random::new(4).tokens(500, ODD.vocab);
    let run =
        |max_new| generate(&model, &GenerateSpec { prompt: &prompt, max_new, end_tokens: &[] }, &mut |_| {});
    assert_eq!(run(12).expect("512 positions").tokens.len(), 12);
    assert_eq!(run(13), Err(SessionError::ContextOverflow { position: 500, added: 13, capacity: 512 }));
    assert_eq!(run(usize::MAX).expect_err("too many").to_string().matches("context").count(), 1);
}
