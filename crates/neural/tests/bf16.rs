//! A model that keeps its state in bf16 computes what is near to f32, rounded at two places.
//!
//! The residual is rounded after each block, and keys and values where they are written; that those are all
//! the places is shown by putting the rounding there by hand.

mod common;

use std::sync::Arc;

use common::{alone, faulty, fixture, half, load, shaped};
use neural::{
    Backend, ExpertShare, Fault, Faulty, Model, NonFinite, PlainBackend, PlainRows, Session, SessionError,
    Site, SnapshotError, StateDtype, Traps, Want,
};
use synthetic::{ODD, Random, bits, parity, relative_difference};

/// Returns the logits at every position with traps.
fn run<B: Backend, T: Traps<B>>(model: &Arc<Model<B>>, ids: &[u32], traps: &mut T) -> Vec<f32> {
    let logits = Session::open(model).prefill_trapped(ids, Want::All, traps);
    logits.expect("tokens of the vocabulary").values().to_vec()
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

/// The rounding alone moves the logits by little, up to a position where two experts nearly tie. There the
/// rounding can choose the other expert: the logits of that position move by as much as the experts differ,
/// later ones a little.
#[test]
fn the_rounding_changes_bits_and_little_else() {
    let (mut compared, mut positions) = (0, 0);
    for family in parity::FAMILIES {
        let wide = fixture(family);
        let narrow = half(&wide);
        for ids in parity::expected(family).into_iter().map(|case| case.ids) {
            let (mut of_wide, mut of_narrow) = (Chosen::default(), Chosen::default());
            let in_f32 = run(&wide, &ids, &mut of_wide);
            let in_bf16 = run(&narrow, &ids, &mut of_narrow);
            let in_f64: Vec<f64> = in_f32.iter().map(|logit| f64::from(*logit)).collect();
            let same = |row: &usize| of_wide.0.iter().zip(&of_narrow.0).all(|(a, b)| a[*row] == b[*row]);
            let rows = (0..ids.len()).take_while(same).count();
            (compared, positions) = (compared + rows, positions + ids.len());
            let vocab = wide.config().vocab_size;
            if rows > 0 {
                let far = relative_difference(&in_bf16[..rows * vocab], &in_f64[..rows * vocab]);
                assert!((1e-3..0.1).contains(&far), "{family}: {far} standard deviations over {rows} rows");
            }
            let cosine = cosine(&in_f32, &in_bf16);
            assert!((0.96..1.0 - 1e-7).contains(&cosine), "{family}, {} rows: {cosine}", ids.len());
        }
        // Back in f32 it is what it was.
        let ids = &parity::expected(family)[3].ids;
        assert!(alone(&Arc::new(narrow.in_state(StateDtype::F32)), ids) == alone(&wide, ids), "{family}");
    }
    assert!(compared * 3 > positions, "{compared} of {positions} positions come before another expert");
}

/// Rounds the residual after each block, whatever the backend of the pass does.
struct ByHand;

impl Traps<PlainBackend> for ByHand {
    fn block(&mut self, backend: &PlainBackend, _: usize, _: usize, rows: &mut PlainRows) {
        backend.round_bf16(rows);
    }
}

impl Traps<Faulty<PlainBackend>> for ByHand {
    fn block(&mut self, faulty: &Faulty<PlainBackend>, _: usize, _: usize, rows: &mut PlainRows) {
        faulty.inner.round_bf16(rows);
    }
}

#[test]
fn the_residual_is_rounded_after_each_block_and_nowhere_else() {
    for family in parity::FAMILIES {
        let ids = &parity::expected(family)[3].ids;
        let (sound, fault) = (half(&fixture(family)), Fault::UpcastResidual);
        let upcast = half(&load(&parity::checkpoint(family), Faulty { inner: PlainBackend, fault }));
        let reference = alone(&sound, ids);
        assert!(alone(&upcast, ids) != reference, "{family}: not noticed");
        assert!(bits(&run(&upcast, ids, &mut ByHand)) == reference, "{family}");
        // Where it is rounded already, that changes nothing.
        assert!(bits(&run(&sound, ids, &mut ByHand)) == reference, "{family}");
    }
}

#[test]
fn in_f32_there_is_no_rounding_to_leave_out() {
    let ids = Random::new(11).tokens(100, ODD.vocab);
    assert!(alone(&faulty(&ODD, Fault::UpcastResidual), &ids) == alone(&shaped(&ODD), &ids));
}

#[test]
fn a_residual_beyond_the_largest_bf16_names_its_layer() {
    let model = fixture("mixtral");
    let mut row = vec![0.0; model.config().hidden_size];
    row[0] = f32::MAX;
    Session::open(&model).inject(&row, Want::Last).expect("finite in f32");
    let mut session = Session::open(&half(&model));
    let refusal = session.inject(&row, Want::Last);
    let expected = NonFinite { site: Site::Layer(0), first: 0, last: 0 };
    assert_eq!(refusal, Err(SessionError::NonFinite(expected)));
    assert_eq!((session.position(), session.memory().pages), (0, 0));
}

#[test]
fn sessions_take_half_and_fit_no_model_of_the_other_state() {
    let wide = shaped(&ODD);
    let narrow = half(&wide);
    let digests = StateDtype::ALL.map(|state| wide.digest_in(state));
    assert_eq!([wide.digest(), narrow.digest()], digests);
    assert_ne!(digests[0], digests[1]);
    assert_eq!(half(&narrow).digest(), digests[1]);

    let ids = Random::new(1).tokens(130, ODD.vocab);
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
