//! One set of bits, whatever the schedule and the instructions.
//!
//! The raw bits of all logits are compared, over sequences that run past blocks, windows and the point where
//! pages are dropped. A comparison of bits is worth what it notices, so the same one must fail for a backend
//! with one thing wrong, and the logits must depend on what they should depend on.

mod common;

use std::sync::Arc;

use battery::{Fault, Faulty};
use common::synthetic::{EMBEDDED, ODD, Random, Shape, WIDE};
use common::{FAMILIES, backends, best, bits, expected, model};
use neural::{Backend, Model, Session, SessionError, Want};

/// The bits of the logits at every position, in chunks of `chunk` tokens.
fn run<B: Backend>(model: &Arc<Model<B>>, ids: &[u32], chunk: usize) -> Vec<u32> {
    let mut session = Session::open(model);
    let logits = ids.chunks(chunk).map(|chunk| session.prefill(chunk, Want::All).expect("a valid chunk"));
    logits.flat_map(|logits| bits(logits.values())).collect()
}

fn check_schedules<B: Backend>(model: &Arc<Model<B>>, ids: &[u32], reference: &[u32], chunks: &[usize]) {
    for chunk in chunks {
        let found = run(model, ids, *chunk);
        assert!(found == reference, "{} in chunks of {chunk}", model.backend().describe());
    }
}

#[test]
fn fixtures_have_one_set_of_bits_over_chunks_and_instruction_sets() {
    for family in FAMILIES {
        let ids = &expected(family)[3].ids;
        let reference = run(&model(family, best()), ids, ids.len());
        for backend in backends() {
            check_schedules(&model(family, backend), ids, &reference, &[1, 3, 7, ids.len()]);
        }
    }
}

#[test]
fn odd_sizes_have_one_set_of_bits_past_dropped_pages() {
    let ids = Random(11).tokens(400, ODD.vocab);
    let reference = run(&ODD.model(best()), &ids, ids.len());
    for backend in backends() {
        check_schedules(&ODD.model(backend), &ids, &reference, &[1, 3, 7, 64, ids.len()]);
    }
}

#[test]
fn the_embedded_shape_has_one_set_of_bits() {
    let ids = Random(12).tokens(70, EMBEDDED.vocab);
    let reference = run(&EMBEDDED.model(best()), &ids, ids.len());
    for backend in backends() {
        check_schedules(&EMBEDDED.model(backend), &ids, &reference, &[1, ids.len()]);
    }
}

#[test]
fn threads_share_out_work_and_leave_every_bit() {
    for (shape, length, chunks) in [(&WIDE, 150, &[1, 3, 64, 150][..]), (&EMBEDDED, 70, &[3, 70])] {
        let ids = Random(15).tokens(length, shape.vocab);
        let reference = run(&shape.model(best()), &ids, ids.len());
        for threads in [2, 3, 8] {
            let backend = best().on_threads(threads).expect("threads");
            assert_eq!(backend.threads(), threads);
            check_schedules(&shape.model(backend), &ids, &reference, chunks);
        }
    }
    for family in FAMILIES {
        let ids = &expected(family)[3].ids;
        let reference = run(&model(family, best()), ids, ids.len());
        let backend = best().on_threads(3).expect("threads");
        check_schedules(&model(family, backend), ids, &reference, &[ids.len()]);
    }
}

#[test]
fn a_number_of_threads_that_cannot_be_is_refused() {
    for count in [0, 257] {
        let said = best().on_threads(count).expect_err("no such number").to_string();
        assert!(said.contains(&count.to_string()) && said.contains("1 to 256"), "{said}");
    }
    assert_eq!(best().on_threads(1).expect("the caller's").threads(), 1);
}

#[test]
fn each_fault_changes_bits() {
    let ids = Random(11).tokens(100, ODD.vocab);
    let reference = run(&ODD.model(best()), &ids, ids.len());
    for fault in Fault::ALL {
        let found = run(&ODD.model(Faulty { inner: best(), fault }), &ids, ids.len());
        assert!(found != reference, "{fault:?} is not noticed");
    }
}

#[test]
fn the_last_row_is_the_last_of_all_rows() {
    let model = EMBEDDED.model(best());
    let ids = Random(13).tokens(40, EMBEDDED.vocab);
    let all = Session::open(&model).prefill(&ids, Want::All).expect("a valid chunk");
    let last = Session::open(&model).prefill(&ids, Want::Last).expect("a valid chunk");
    assert_eq!(bits(all.row(39)), bits(last.row(0)));
    assert_eq!(all.digest(39), last.digest(0));
    assert_ne!(all.digest(38), last.digest(0));
}

#[test]
fn logits_depend_on_the_history_and_on_nothing_after_it() {
    let model = EMBEDDED.model(best());
    let ids = Random(14).tokens(30, EMBEDDED.vocab);
    let mut other = ids.clone();
    other[20] = (other[20] + 1) % 1024;
    let (a, b) = (run(&model, &ids, 30), run(&model, &other, 30));
    let row = |bits: &[u32], row: usize| bits[row * 1024..(row + 1) * 1024].to_vec();
    for position in 0..30 {
        assert_eq!(row(&a, position) == row(&b, position), position < 20, "position {position}");
    }
}

/// Rewinds to `to` and runs the rest of `ids` again, in a fork first.
fn check_rewind(session: &mut Session<backend_cpu::CpuBackend>, ids: &[u32], to: usize, reference: &[u32]) {
    let vocab = ODD.vocab;
    let mut fork = session.fork();
    for session in [&mut fork, session] {
        session.rewind(to).expect("within the horizon");
        let other = vec![0; ids.len() - to];
        session.prefill(&other, Want::Last).expect("another continuation");
        session.rewind(to).expect("within the horizon");
        let again = session.prefill(&ids[to..], Want::All).expect("the same continuation");
        assert!(bits(again.values()) == reference[to * vocab..], "rewound to {to}");
    }
}

#[test]
fn rewinds_and_forks_leave_every_bit() {
    let ids = Random(11).tokens(400, ODD.vocab);
    let model = ODD.model(best());
    let reference = run(&model, &ids, ids.len());
    let mut session = Session::open(&model);
    session.prefill(&ids, Want::Last).expect("a valid chunk");
    for to in [399, 384, 383, 350, 320, 256, 200, 144] {
        check_rewind(&mut session, &ids, to, &reference);
    }
}

#[test]
fn a_rewind_beyond_what_is_held_is_refused_and_harmless() {
    let ids = Random(11).tokens(400, ODD.vocab);
    let model = ODD.model(best());
    let mut session = Session::open(&model);
    session.prefill(&ids, Want::Last).expect("a valid chunk");
    assert_eq!(session.rewind(401), Err(SessionError::RewindAhead { to: 401, position: 400 }));
    let Err(SessionError::RewindTooFar { to: 10, earliest }) = session.rewind(10) else {
        panic!("position 10 is behind the windows");
    };
    assert!(earliest <= 400 - neural::REWIND_HORIZON, "{earliest}");
    assert_eq!(session.position(), 400);
    session.rewind(earliest).expect("the earliest is held");
    let shapes: &Shape = &ODD;
    let again = session.prefill(&ids[earliest..], Want::All).expect("the same continuation");
    let reference = run(&model, &ids, ids.len());
    assert!(bits(again.values()) == reference[earliest * shapes.vocab..]);
}
