//! Traps watch without changing a bit, and change exactly what they are for.

mod common;

use common::gateways::{gateway, small_weights};
use common::{PlainModel, faulty, fixture, load, run_trapped as run};
use neural::{
    Backend, EntropyTap, ExpertMask, ExpertShare, Fault, Injection, Isolation, MlpConfig, NoTraps,
    PlainBackend, PlainRows, REWIND_HORIZON, Session, SessionError, TrapPlane, Traps, Want,
};
use synthetic::{ODD, parity};

/// Returns the model of a family with some of its experts and no others.
fn part(family: &str, kept: &[usize]) -> PlainModel {
    let fewer = parity::checkpoint(family).only_experts(kept).expect("a checkpoint in one file");
    load(&fewer, PlainBackend)
}

#[test]
fn isolation_is_the_decoder_that_has_only_those_experts() {
    for family in parity::FAMILIES {
        let whole = fixture(family);
        let ids = &parity::expected(family)[3].ids;
        let everything = run(&whole, ids, ids.len(), &mut NoTraps);
        let mut seen = vec![everything.clone()];
        for kept in [&[0, 2, 3, 7][..], &[1, 4, 5, 6], &[5, 6, 7]] {
            let mask = ExpertMask::new(8, kept).expect("a mask");
            let apart = run(&part(family, kept), ids, ids.len(), &mut NoTraps);
            for chunk in [1, 7, ids.len()] {
                let isolated = run(&whole, ids, chunk, &mut Isolation::everywhere(mask.clone()));
                assert!(isolated == apart, "{family} with experts {kept:?} in chunks of {chunk}");
                if chunk == 1 {
                    seen.push(isolated);
                }
            }
        }
        // A mask that allows all changes nothing; the others do, and differently.
        let all = ExpertMask::new(8, &[0, 1, 2, 3, 4, 5, 6, 7]).expect("a mask");
        assert!(run(&whole, ids, 7, &mut Isolation::everywhere(all)) == everything, "{family}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 4, "{family}: masks change what is computed");
    }
}

#[test]
fn a_mask_that_leaves_too_few_experts_is_refused_and_harmless() {
    let model = fixture("olmoe");
    let mut session = Session::open(&model);
    session.prefill(&[5, 6], Want::Last).expect("a fixture");
    for mask in [ExpertMask::new(8, &[0, 1]), ExpertMask::new(9, &[0, 1, 2])] {
        let mut traps = Isolation::everywhere(mask.expect("a mask"));
        let error = session.prefill_trapped(&[7], Want::Last, &mut traps).expect_err("too few");
        assert!(matches!(error, SessionError::FewExperts { chosen: 3, .. }), "{error}");
        assert_eq!(session.position(), 2);
    }
    assert!(ExpertMask::new(8, &[]).is_none() && ExpertMask::new(8, &[8]).is_none());
}

#[test]
fn an_entropy_tap_sees_every_router_and_changes_nothing() {
    for family in parity::FAMILIES {
        let model = fixture(family);
        let ids = &parity::expected(family)[2].ids;
        let plain = run(&model, ids, ids.len(), &mut NoTraps);
        let mut taps: Vec<EntropyTap> = Vec::new();
        for chunk in [1, 5, ids.len()] {
            let mut tap = EntropyTap::default();
            assert!(run(&model, ids, chunk, &mut tap) == plain, "{family} in chunks of {chunk}");
            tap.seen.sort_by_key(|(layer, position, _)| (*layer, *position));
            taps.push(tap);
        }
        let seen = |tap: &EntropyTap| -> Vec<(usize, usize, u64)> {
            tap.seen.iter().map(|(layer, position, entropy)| (*layer, *position, entropy.to_bits())).collect()
        };
        assert_eq!(seen(&taps[0]), seen(&taps[1]));
        assert_eq!(seen(&taps[0]), seen(&taps[2]));
        let sparse =
            model.config().layers.iter().filter(|layer| matches!(layer.mlp, MlpConfig::Sparse { .. }));
        assert_eq!(taps[0].seen.len(), sparse.count() * ids.len());
        let entropies: Vec<f64> = taps[0].seen.iter().map(|(_, _, entropy)| *entropy).collect();
        assert!(entropies.iter().all(|entropy| (0.0..=1.0).contains(entropy)));
        assert!(entropies.iter().any(|entropy| *entropy != entropies[0]), "{family}");
    }
}

#[test]
fn isolation_by_position_does_not_depend_on_chunks_and_is_in_the_history() {
    for family in parity::FAMILIES {
        let model = fixture(family);
        let ids = &parity::expected(family)[3].ids;
        let (from, to, vocab) = (ids.len() / 3, 2 * ids.len() / 3, model.config().vocab_size);
        let mask = ExpertMask::new(8, &[1, 4, 5, 6]).expect("a mask");
        let isolation = || Isolation::new(mask.clone(), from..to);
        let plain = run(&model, ids, ids.len(), &mut NoTraps);
        let whole = run(&model, ids, ids.len(), &mut isolation());
        assert!(whole[..from * vocab] == plain[..from * vocab] && whole != plain, "{family}");
        for chunk in [1, 7, 16] {
            assert!(run(&model, ids, chunk, &mut isolation()) == whole, "{family} in chunks of {chunk}");
        }
        let session = |traps: &mut Isolation| {
            let mut session = Session::open(&model);
            session.prefill_trapped(ids, Want::Last, traps).expect("a fixture");
            session
        };
        let mut edited = session(&mut isolation());
        let edits: Vec<usize> = edited.edits().map(|(position, _)| position).collect();
        assert_eq!(edits, (from..to).collect::<Vec<_>>(), "{family}");
        let snapshot = edited.snapshot();
        assert_eq!(snapshot.edits().len(), to - from);
        let restored = Session::restore(&model, &snapshot).expect("its own");
        assert!(restored.edits().eq(edited.edits()) && restored.snapshot() == snapshot, "{family}");
        let other = session(&mut Isolation::new(ExpertMask::new(8, &[0, 2, 3]).expect("a mask"), from..to));
        assert!(other.edits().ne(edited.edits()), "{family}: another mask is another edit");
        let all = ExpertMask::new(8, &[0, 1, 2, 3, 4, 5, 6, 7]).expect("a mask");
        assert_eq!(session(&mut Isolation::everywhere(all)).edits().count(), 0);
        let position = edited.position();
        if position - from < REWIND_HORIZON {
            edited.rewind(from + 1).expect("within the horizon");
            assert_eq!(edited.edits().count(), 1, "{family}");
            let fork = edited.fork();
            edited.rewind(from).expect("within the horizon");
            assert_eq!((edited.edits().count(), fork.edits().count()), (0, 1));
        }
    }
}

/// Traps that are asked at every site, also where they say that they ignore it.
struct Asked(TrapPlane<PlainBackend>);

impl Traps<PlainBackend> for Asked {
    fn entry(&mut self, backend: &PlainBackend, first: usize, rows: &mut PlainRows) {
        self.0.entry(backend, first, rows);
    }

    fn block(&mut self, backend: &PlainBackend, layer: usize, first: usize, rows: &mut PlainRows) {
        self.0.block(backend, layer, first, rows);
    }

    fn experts(&self, layer: usize, position: usize) -> Option<&ExpertMask> {
        self.0.experts(layer, position)
    }

    fn routed(
        &mut self,
        backend: &PlainBackend,
        layer: usize,
        first: usize,
        outputs: &PlainRows,
        chosen: &[Vec<ExpertShare>],
    ) {
        self.0.routed(backend, layer, first, outputs, chosen);
    }
}

#[test]
fn traps_ignore_no_site_at_which_they_act() {
    let model = fixture("olmoe");
    let ids = &parity::expected("olmoe")[3].ids;
    let width = model.config().hidden_size;
    let plain = run(&model, ids, 7, &mut NoTraps);
    let rows = || (3..20).map(|at| (at, small_weights(at as u64, width))).collect();
    let mask = || ExpertMask::new(8, &[0, 2, 3, 7]).expect("a mask");
    let up = small_weights(6, width * 6);
    let made = |part: usize| {
        let of = |this: usize| part == this || part == 4;
        let gateways = if of(0) { gateway(&model, &up, 2..30, None).gateways } else { Vec::new() };
        TrapPlane {
            gateways,
            injection: of(1).then(|| Injection { layer: 0, rows: rows() }),
            isolation: of(2).then(|| Isolation::new(mask(), 5..25)),
            entropy: of(3).then(EntropyTap::default),
            ..TrapPlane::default()
        }
    };
    for part in 0..5 {
        for armed in [false, true] {
            let (mut traps, mut asked) = (made(part), Asked(made(part)));
            (traps.armed, asked.0.armed) = (armed, armed);
            let found = run(&model, ids, 7, &mut traps);
            assert!(found == run(&model, ids, 7, &mut asked), "part {part}, armed: {armed}");
            assert_eq!(found != plain, armed && part != 3, "part {part}, armed: {armed}");
            let seen = |plane: &TrapPlane<PlainBackend>| plane.entropy.as_ref().map(|tap| tap.seen.clone());
            assert_eq!(seen(&traps), seen(&asked.0));
        }
    }
}

/// Remembers what it was told to forget.
#[derive(Default)]
struct Told(Vec<usize>);

impl<B: Backend> Traps<B> for Told {
    fn rewound(&mut self, to: usize) {
        self.0.push(to);
    }
}

#[test]
fn a_pass_that_fails_leaves_nothing_in_its_traps() {
    let model = faulty(&ODD, Fault::InfiniteEmbedding);
    let (mut session, mut told) = (Session::open(&model), Told::default());
    session.prefill_trapped(&[1, 2], Want::Last, &mut told).expect("finite");
    let failed = session.prefill_trapped(&[3, Fault::POISON], Want::Last, &mut told);
    assert!(matches!(failed, Err(SessionError::NonFinite(_))), "{failed:?}");
    assert_eq!(told.0, [2]);
}
