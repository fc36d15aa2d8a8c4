//! One set of bits on every instruction set and any number of threads, whatever the schedule.
//!
//! The raw bits of all logits are compared with those of the widest instruction set in one pass, over
//! sequences that run past blocks, windows and the point where pages are dropped. `crates/neural/tests` shows
//! on the plain backend that the schedule of sessions changes no bit; here it must not matter which kernel
//! runs.

mod common;

use std::sync::Arc;

use backend_cpu::CpuBackend;
use common::{backends, best, fixture, shaped};
use neural::{
    Backend, EntryClass, EntryHead, EntryParts, EntryTap, Fault, Faulty, Model, Session, Snapshot,
    StateDtype, Turn, Want, prefill_together,
};
use synthetic::{EMBEDDED, ODD, Random, Schedules, Sequence, Shape, WIDE, bits, parity};

/// A session that schedules drive.
struct Driven(Session<CpuBackend>);

impl Sequence for Driven {
    fn feed(&mut self, tokens: &[u32]) -> Vec<u32> {
        bits(self.0.prefill(tokens, Want::All).expect("tokens of the vocabulary").values())
    }

    fn rewind(&mut self, to: usize) {
        self.0.rewind(to).expect("within the horizon");
    }

    fn fork(&self) -> Self {
        Self(self.0.fork())
    }

    fn restored(&self) -> Self {
        let bytes = self.0.snapshot().as_bytes().to_vec();
        let snapshot = Snapshot::from_bytes(bytes).expect("what was written");
        Self(Session::restore(self.0.model(), &snapshot).expect("a snapshot of this model"))
    }
}

fn one_pass(model: &Arc<Model<CpuBackend>>, ids: &[u32]) -> Vec<u32> {
    Driven(Session::open(model)).feed(ids)
}

/// Returns every instruction set on one thread, and the widest on several.
fn backends_and_threads() -> Vec<CpuBackend> {
    let threaded = [2, 3, 8].map(|threads| best().on_threads(threads).expect("threads"));
    backends().into_iter().chain(threaded).collect()
}

/// Compares every backend in every schedule with the widest instruction set in one pass, in both states.
fn check(schedules: Schedules<'_>, model: impl Fn(CpuBackend) -> Arc<Model<CpuBackend>>) {
    for state in StateDtype::ALL {
        let of = |backend| Arc::new(model(backend).in_state(state));
        let reference = one_pass(&of(best()), schedules.ids);
        for backend in backends_and_threads() {
            let model = of(backend);
            let what = format!("{} in {state}", model.backend().describe());
            schedules.check(&what, &reference, || Driven(Session::open(&model)));
        }
    }
}

#[test]
fn fixtures_have_one_set_of_bits() {
    for family in parity::FAMILIES {
        let ids = &parity::expected(family)[3].ids;
        let schedules = Schedules { ids, chunks: &[1, 3, 7, ids.len()], parks: &[1, 8, 33, 60] };
        check(schedules, |backend| fixture(family, backend));
    }
}

#[test]
fn odd_sizes_have_one_set_of_bits_past_dropped_pages() {
    let ids = &Random::new(11).tokens(400, ODD.vocab);
    let schedules = Schedules { ids, chunks: &[1, 3, 7, 64, 400], parks: &[144, 256, 384, 399] };
    check(schedules, |backend| shaped(&ODD, backend));
}

#[test]
fn the_embedded_shape_has_one_set_of_bits() {
    let ids = &Random::new(12).tokens(100, EMBEDDED.vocab);
    let schedules = Schedules { ids, chunks: &[1, 100], parks: &[1, 63, 64, 65, 99] };
    check(schedules, |backend| shaped(&EMBEDDED, backend));
}

#[test]
fn threads_share_out_single_rows_and_leave_every_bit() {
    let ids = &Random::new(15).tokens(70, WIDE.vocab);
    let schedules = Schedules { ids, chunks: &[1, 3, 64, 70], parks: &[64] };
    check(schedules, |backend| shaped(&WIDE, backend));
}

#[test]
fn each_fault_changes_bits() {
    let ids = Random::new(11).tokens(100, ODD.vocab);
    let reference = one_pass(&shaped(&ODD, best()), &ids);
    for fault in Fault::ALL {
        let model = shaped(&ODD, Faulty { inner: best(), fault });
        let found = Session::open(&model).prefill(&ids, Want::All).expect("tokens of the vocabulary");
        assert!(bits(found.values()) != reference, "{fault:?} is not noticed");
    }
}

#[test]
fn a_number_of_threads_that_cannot_be_is_refused() {
    for count in [0, 257] {
        let refusal = best().on_threads(count).expect_err("no such number").to_string();
        assert!(refusal.contains(&count.to_string()) && refusal.contains("1 to 256"), "{refusal}");
    }
    assert_eq!(best().on_threads(1).expect("the caller's").threads(), 1);
    assert_eq!(best().on_threads(3).expect("threads").threads(), 3);
}

/// Compares sequences that go through passes together, a few tokens each, with each by itself.
fn check_batches(shape: &Shape, lengths: &[usize], backends: Vec<CpuBackend>) {
    let mut random = Random::new(21);
    let sequences: Vec<Vec<u32>> = lengths.iter().map(|length| random.tokens(*length, shape.vocab)).collect();
    let alone = shaped(shape, best());
    let expected: Vec<Vec<u32>> = sequences.iter().map(|ids| one_pass(&alone, ids)).collect();
    for backend in backends {
        let model = shaped(shape, backend);
        let mut sessions: Vec<Session<CpuBackend>> = lengths.iter().map(|_| Session::open(&model)).collect();
        let mut found = vec![Vec::new(); lengths.len()];
        while sessions.iter().zip(lengths).any(|(session, length)| session.position() < *length) {
            let (mut turns, mut places) = (Vec::new(), Vec::new());
            for (place, (session, ids)) in sessions.iter_mut().zip(&sequences).enumerate() {
                let rest = &ids[session.position()..];
                let count = rest.len().min(random.below(30));
                if count > 0 {
                    places.push(place);
                    turns.push(Turn { session, tokens: &rest[..count], want: Want::All });
                }
            }
            for (place, logits) in places.into_iter().zip(prefill_together(&mut turns)) {
                found[place].extend(bits(logits.expect("a valid turn").values()));
            }
        }
        assert!(found == expected, "batches on {}", model.backend().describe());
    }
}

#[test]
fn batches_have_the_bits_of_each_sequence_alone() {
    check_batches(&ODD, &[400, 1, 70, 64, 130], backends());
    check_batches(&WIDE, &[9, 2, 6], vec![best().on_threads(3).expect("threads")]);
}

#[test]
fn a_snapshot_of_one_instruction_set_is_that_of_every_other() {
    let ids = Random::new(11).tokens(400, ODD.vocab);
    for length in [3, 130, 400] {
        let mut whole = Driven(Session::open(&shaped(&ODD, best())));
        whole.feed(&ids[..length]);
        let snapshot = whole.0.snapshot();
        let next = whole.feed(&[5]);
        for backend in backends() {
            let model = shaped(&ODD, backend);
            let mut again = Driven(Session::open(&model));
            ids[..length].chunks(64).for_each(|ids| drop(again.feed(ids)));
            assert!(again.0.snapshot() == snapshot, "{}", model.backend().describe());
            let restored = Session::restore(&model, &snapshot).expect("the same model");
            assert!(Driven(restored).feed(&[5]) == next, "{}", model.backend().describe());
        }
    }
}

/// Returns a head of random numbers that may ask for one capability.
fn entry_head(model: &Model<CpuBackend>) -> Arc<EntryHead> {
    let mut random = Random::new(11);
    let mut draw = |count: usize| (0..count).map(|_| random.symmetric()).collect::<Vec<f32>>();
    let (width, hidden) = (model.config().hidden_size, 5);
    let parts = EntryParts {
        model: model.digest(),
        layer: 2,
        classes: vec![EntryClass { capability: "fact:gcd".to_owned(), threshold: 0.5 }],
        mean: draw(width),
        scale: draw(width),
        hidden: draw(hidden * width),
        hidden_bias: draw(hidden),
        output: draw(2 * hidden),
        output_bias: draw(2),
    };
    Arc::new(EntryHead::new(parts, model).expect("a head of the model"))
}

#[test]
fn a_tap_reads_the_same_on_every_instruction_set() {
    let ids = Random::new(5).tokens(130, ODD.vocab);
    let confidence = |backend| {
        let model = shaped(&ODD, backend);
        let mut tap = EntryTap::new(&entry_head(&model), ids.len() - 1);
        let read = Session::open(&model).prefill_trapped(&ids, Want::Last, &mut tap);
        read.expect("tokens of the vocabulary");
        tap.reading().expect("the position was passed").confidence.to_bits()
    };
    let expected = confidence(best());
    assert!(backends_and_threads().into_iter().all(|backend| confidence(backend) == expected));
}
