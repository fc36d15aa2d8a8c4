//! The state in bf16: one set of bits whatever the schedule, near to that of f32 and not it.
//!
//! The residual is rounded after each block, and keys and values where they are written; that those are all the
//! places is shown by putting the rounding there by hand.

mod common;

use std::sync::Arc;

use backend_cpu::CpuBackend;
use battery::{Fault, Faulty, ModelChoice, Parts};
use common::synthetic::{ODD, Random, WIDE};
use common::{FAMILIES, backends, best, bits, expected, model, relative_difference};
use neural::{
    Backend, ExpertShare, Model, NoTraps, NonFinite, REWIND_HORIZON, Session, SessionError, Site, Snapshot,
    SnapshotError, State, Traps, Turn, Want, prefill_together,
};

fn half<B: Backend>(model: Arc<Model<B>>) -> Arc<Model<B>> {
    Arc::new(model.in_state(State::Bf16))
}

fn embedded(backend: CpuBackend) -> Arc<Model<CpuBackend>> {
    let parts = Parts::of(&ModelChoice::Embedded).expect("the one in the crate").remove(0);
    Arc::new(Model::load(&parts.config, &parts.shards[0], backend).expect("the embedded model"))
}

/// The logits at every position, in chunks of `chunk` tokens.
fn run<B: Backend, T: Traps<B>>(model: &Arc<Model<B>>, ids: &[u32], chunk: usize, traps: &mut T) -> Vec<f32> {
    let mut session = Session::open(model);
    let logits = ids.chunks(chunk).map(|ids| session.prefill_trapped(ids, Want::All, traps));
    logits.flat_map(|logits| logits.expect("a valid chunk").values().to_vec()).collect()
}

fn plain<B: Backend>(model: &Arc<Model<B>>, ids: &[u32], chunk: usize) -> Vec<u32> {
    bits(&run(model, ids, chunk, &mut NoTraps))
}

/// Every instruction set and number of threads over every chunk, parked, forked, rewound and restored.
fn check_schedules(of: impl Fn(CpuBackend) -> Arc<Model<CpuBackend>>, ids: &[u32], parks: &[usize]) {
    let one = half(of(best()));
    let reference = plain(&one, ids, ids.len());
    let threaded = [2, 3, 8].map(|threads| best().on_threads(threads).expect("threads"));
    for backend in backends().into_iter().chain(threaded) {
        let model = half(of(backend));
        for chunk in [1, 3, 7, 64, ids.len()] {
            let what = model.backend().describe();
            assert!(plain(&model, ids, chunk) == reference, "{what} in chunks of {chunk}");
        }
    }
    let vocab = one.config().vocab_size;
    for &to in parks {
        let mut session = Session::open(&one);
        session.prefill(&ids[..to], Want::Last).expect("ids");
        let snapshot =
            Snapshot::from_bytes(session.snapshot().as_bytes().to_vec()).expect("what was written");
        let restored = Session::restore(&one, &snapshot).expect("a snapshot of this model");
        let fork = session.fork();
        session.prefill(&vec![0; ids.len() - to], Want::Last).expect("another continuation");
        session.rewind(to).expect("within the horizon");
        // Beyond the horizon pages behind windows are gone.
        let same = session.snapshot() == snapshot;
        assert!(same || ids.len() > REWIND_HORIZON, "rewound to {to}");
        for (what, mut session) in [("rewound", session), ("forked", fork), ("restored", restored)] {
            let after = session.prefill(&ids[to..], Want::All).expect("the same continuation");
            assert!(bits(after.values()) == reference[to * vocab..], "{what} at {to}");
        }
    }
}

#[test]
fn every_schedule_has_the_bits_of_the_one_pass() {
    for family in ["cohere2_moe", "gpt_oss", "mixtral"] {
        let ids = &expected(family)[3].ids;
        check_schedules(|backend| model(family, backend), ids, &[1, 7, 8, 9, 33, 60]);
    }
    let ids = Random(12).tokens(100, 1024);
    check_schedules(embedded, &ids, &[1, 63, 64, 65, 99]);
    // Past windows whose pages are dropped, in sizes that are no multiples of a panel.
    check_schedules(|backend| ODD.model(backend), &Random(11).tokens(400, ODD.vocab), &[144, 256, 384, 399]);
    check_schedules(|backend| WIDE.model(backend), &Random(15).tokens(70, WIDE.vocab), &[64]);
}

#[test]
fn sequences_have_in_one_pass_what_they_have_alone() {
    let model = half(ODD.model(best()));
    let sequences = [70, 3, 129].map(|length| Random(length as u64).tokens(length, ODD.vocab));
    let mut sessions = [(); 3].map(|()| Session::open(&model));
    let turns = sessions.iter_mut().zip(&sequences);
    let mut turns: Vec<_> =
        turns.map(|(session, tokens)| Turn { session, tokens, want: Want::All }).collect();
    for (found, ids) in prefill_together(&mut turns).into_iter().zip(&sequences) {
        assert!(bits(found.expect("ids").values()) == plain(&model, ids, ids.len()));
    }
}

/// The experts that each row uses, layer after layer.
#[derive(Default)]
struct Chosen(Vec<Vec<Vec<usize>>>);

impl<B: Backend> Traps<B> for Chosen {
    fn routed(&mut self, _: &B, _: usize, _: usize, _: &B::Rows, chosen: &[Vec<ExpertShare>]) {
        let of_row = |shares: &Vec<ExpertShare>| shares.iter().map(|share| share.expert).collect();
        self.0.push(chosen.iter().map(of_row).collect());
    }
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let product =
        |a: &[f32], b: &[f32]| -> f64 { a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum() };
    product(a, b) / (product(a, a) * product(b, b)).sqrt()
}

/// Where two experts nearly tie, the rounding can choose the other one, and that position moves by as much as the
/// experts differ, and those that see it a little. Up to there the logits move by the rounding alone.
#[test]
fn the_rounding_changes_bits_and_little_else() {
    let (mut compared, mut positions) = (0, 0);
    for family in FAMILIES {
        let wide = model(family, best());
        let narrow = half(Arc::clone(&wide));
        for ids in expected(family).into_iter().map(|case| case.ids) {
            let (mut of_wide, mut of_narrow) = (Chosen::default(), Chosen::default());
            let in_f32 = run(&wide, &ids, ids.len(), &mut of_wide);
            let in_bf16 = run(&narrow, &ids, ids.len(), &mut of_narrow);
            let same = |row: &usize| of_wide.0.iter().zip(&of_narrow.0).all(|(a, b)| a[*row] == b[*row]);
            let rows = (0..ids.len()).take_while(same).count();
            (compared, positions) = (compared + rows, positions + ids.len());
            let vocab = wide.config().vocab_size;
            if rows > 0 {
                let far = relative_difference(&in_bf16[..rows * vocab], &in_f32[..rows * vocab]);
                assert!((1e-3..0.1).contains(&far), "{family}: {far} standard deviations over {rows} rows");
            }
            let cosine = cosine(&in_f32, &in_bf16);
            assert!((0.96..1.0 - 1e-7).contains(&cosine), "{family}, {} rows: {cosine}", ids.len());
        }
        // Back in f32 it is what it was.
        let ids = &expected(family)[3].ids;
        assert!(plain(&Arc::new(narrow.in_state(State::F32)), ids, 64) == plain(&wide, ids, 64), "{family}");
    }
    assert!(compared * 3 > positions, "{compared} of {positions} positions come before another expert");
}

/// The residual rounded after each block.
struct ByHand;

impl<B: Backend> Traps<B> for ByHand {
    fn block(&mut self, backend: &B, _: usize, _: usize, rows: &mut B::Rows) {
        backend.round_bf16(rows);
    }
}

#[test]
fn the_residual_is_rounded_after_each_block_and_nowhere_else() {
    for family in FAMILIES {
        let ids = &expected(family)[3].ids;
        let reference = plain(&half(model(family, best())), ids, 64);
        let faulty = || Faulty { inner: best(), fault: Fault::UpcastResidual };
        assert!(plain(&half(model(family, faulty())), ids, 64) != reference, "{family}: not noticed");
        // `ByHand` asks the backend itself, whose fault is that it does not.
        struct Inner(CpuBackend);
        impl Traps<Faulty> for Inner {
            fn block(&mut self, _: &Faulty, _: usize, _: usize, rows: &mut backend_cpu::CpuRows) {
                self.0.round_bf16(rows);
            }
        }
        let by_hand = run(&half(model(family, faulty())), ids, 64, &mut Inner(best()));
        assert!(bits(&by_hand) == reference, "{family}");
        // Where it is rounded already, that changes nothing.
        assert!(bits(&run(&half(model(family, best())), ids, 64, &mut ByHand)) == reference, "{family}");
    }
}

#[test]
fn each_fault_changes_bits() {
    let ids = Random(11).tokens(100, ODD.vocab);
    let reference = plain(&half(ODD.model(best())), &ids, ids.len());
    for fault in Fault::ALL_BF16 {
        let faulty = half(ODD.model(Faulty { inner: best(), fault }));
        assert!(plain(&faulty, &ids, ids.len()) != reference, "{fault:?} is not noticed");
    }
    // In f32 there is nothing to leave out.
    let upcast = ODD.model(Faulty { inner: best(), fault: Fault::UpcastResidual });
    assert!(plain(&upcast, &ids, ids.len()) == plain(&ODD.model(best()), &ids, ids.len()));
}

#[test]
fn a_residual_beyond_the_largest_bf16_names_its_layer() {
    let model = model("mixtral", best());
    let mut row = vec![0.0; model.config().hidden_size];
    row[0] = f32::MAX;
    Session::open(&model).inject(&row, Want::Last).expect("finite in f32");
    let mut session = Session::open(&half(model));
    let refusal = session.inject(&row, Want::Last);
    let expected = NonFinite { site: Site::Layer(0), first: 0, last: 0 };
    assert_eq!(refusal, Err(SessionError::NonFinite(expected)));
    assert_eq!((session.position(), session.memory().pages), (0, 0));
}

#[test]
fn sessions_take_half_and_fit_no_model_of_the_other_state() {
    let wide = ODD.model(best());
    let narrow = half(Arc::clone(&wide));
    let digests = State::ALL.map(|state| wide.digest_in(state));
    assert_eq!([wide.digest(), narrow.digest()], digests);
    assert_ne!(digests[0], digests[1]);
    assert_eq!(half(Arc::clone(&narrow)).digest(), digests[1]);

    let ids = Random(1).tokens(130, ODD.vocab);
    let [of_wide, of_narrow] = [&wide, &narrow].map(|model| {
        let mut session = Session::open(model);
        session.prefill(&ids, Want::Last).expect("ids");
        session
    });
    assert_eq!(of_wide.memory().pages, 2 * of_narrow.memory().pages);
    assert_eq!(of_wide.memory().history, of_narrow.memory().history);
    assert!(of_narrow.memory().pages <= narrow.session_bytes(130, 130));
    let saved = wide.session_bytes(400, 64) - narrow.session_bytes(400, 64);
    assert!(saved * 5 > wide.session_bytes(400, 64) * 2, "nearly half of it");

    let [wider, narrower] = [of_wide.snapshot(), of_narrow.snapshot()];
    let pages = wider.as_bytes().len() - narrower.as_bytes().len() + "-bf16".len();
    assert_eq!(pages, of_narrow.memory().pages);
    for (snapshot, model) in [(&wider, &narrow), (&narrower, &wide)] {
        let refusal = Session::restore(model, snapshot).err();
        let expected = SnapshotError::OtherModel { found: snapshot.model(), model: model.digest() };
        assert_eq!(refusal, Some(expected));
    }
}

#[test]
fn a_snapshot_whose_numbers_or_numerics_are_of_the_other_state_is_refused() {
    let model = half(ODD.model(best()));
    let mut session = Session::open(&model);
    session.prefill(&[7, 8, 9], Want::Last).expect("ids");
    let bytes = session.snapshot().as_bytes().to_vec();
    // Name, length and digest; digest of the model; numerics version after its length.
    let (covered, name) = (56, 56 + 32 + 4);
    let ends = name + "nmk-numerics-2-bf16".len();
    assert_eq!(&bytes[name..ends], b"nmk-numerics-2-bf16");
    let sealed = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let digest = neural::abi::Digest::of("nmk.snapshot.v1", &bytes[covered..]);
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
