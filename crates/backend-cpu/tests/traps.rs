//! Traps watch without changing a bit, and change exactly what they are for.

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use backend_cpu::{CpuBackend, CpuRows};
use battery::{Fault, Faulty, POISON, Parts, only_experts};
use common::synthetic::ODD;
use common::{FAMILIES, best, bits, expected, file, model};
use neural::{
    Backend, EntropyTap, ExpertMask, ExpertShare, Gateway, GatewayWeights, Injection, Isolation, Model,
    NoTraps, Session, SessionError, TrapPlane, Traps, Want,
};

/// The bits of all logits of a sequence in chunks, with traps.
fn run<T: Traps<CpuBackend>>(
    model: &Arc<Model<CpuBackend>>,
    ids: &[u32],
    chunk: usize,
    traps: &mut T,
) -> Vec<u32> {
    let mut session = Session::open(model);
    let chunks = ids.chunks(chunk);
    let logits = chunks.map(|ids| session.prefill_trapped(ids, Want::All, traps).expect("a fixture"));
    logits.flat_map(|logits| bits(logits.values())).collect()
}

/// The checkpoint of a family with some of its experts and no others.
fn part(family: &str, kept: &[usize]) -> Arc<Model<CpuBackend>> {
    let (config, weights) = (file(family, "config.json"), file(family, "model.safetensors"));
    let whole = Parts { name: family.to_owned(), config, shards: vec![weights] };
    let Parts { config, shards, .. } = only_experts(&whole, kept).expect("a checkpoint in one file");
    Arc::new(Model::load(&config, &shards[0], best()).expect("a smaller model"))
}

#[test]
fn isolation_is_the_decoder_that_has_only_those_experts() {
    for family in FAMILIES {
        let whole = model(family, best());
        let ids = &expected(family)[3].ids;
        let everything = run(&whole, ids, ids.len(), &mut NoTraps);
        let mut seen = vec![everything.clone()];
        for kept in [&[0, 2, 3, 7][..], &[1, 4, 5, 6], &[5, 6, 7]] {
            let mask = ExpertMask::new(8, kept).expect("a mask");
            for chunk in [1, 7, ids.len()] {
                let isolated = run(&whole, ids, chunk, &mut Isolation::everywhere(mask.clone()));
                let apart = run(&part(family, kept), ids, ids.len(), &mut NoTraps);
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
    let model = model("olmoe", best());
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
    for family in FAMILIES {
        let model = model(family, best());
        let ids = &expected(family)[2].ids;
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
        let sparse = model
            .config()
            .layers
            .iter()
            .filter(|layer| matches!(layer.mlp, neural::MlpConfig::Sparse { .. }));
        assert_eq!(taps[0].seen.len(), sparse.count() * ids.len());
        let entropies: Vec<f64> = taps[0].seen.iter().map(|(_, _, entropy)| *entropy).collect();
        assert!(entropies.iter().all(|entropy| (0.0..=1.0).contains(entropy)));
        assert!(entropies.iter().any(|entropy| *entropy != entropies[0]), "{family}");
    }
}

#[test]
fn an_injection_is_the_identity_at_rest_and_alive_otherwise() {
    let model = model("mixtral", best());
    let ids = &expected("mixtral")[2].ids;
    let width = model.config().hidden_size;
    let plain = run(&model, ids, ids.len(), &mut NoTraps);
    let injection =
        |row: Vec<f32>, position: usize| Injection { layer: 1, rows: BTreeMap::from([(position, row)]) };
    for zero in [0.0, -0.0] {
        for chunk in [1, ids.len()] {
            let mut rest = injection(vec![zero; width], 9);
            assert!(run(&model, ids, chunk, &mut rest) == plain, "{zero} in chunks of {chunk}");
        }
    }
    let mut row = vec![0.0; width];
    row[3] = 0.5;
    let whole = run(&model, ids, ids.len(), &mut injection(row.clone(), 9));
    let vocab = model.config().vocab_size;
    assert!(whole[..9 * vocab] == plain[..9 * vocab], "nothing before it changes");
    assert!(whole[9 * vocab..10 * vocab] != plain[9 * vocab..10 * vocab], "its own position does");
    for chunk in [1, 3, 10] {
        assert!(run(&model, ids, chunk, &mut injection(row.clone(), 9)) == whole, "chunks of {chunk}");
    }
}

/// Small weights of a gateway, the same for a seed.
fn drawn(seed: u64, count: usize) -> Vec<f32> {
    let mut random = common::synthetic::Random(seed);
    (0..count).map(|_| (random.tokens(1, 2001)[0] as f32 - 1000.0) / 4000.0).collect()
}

fn gateway(
    model: &Model<CpuBackend>,
    up: &[f32],
    positions: std::ops::Range<usize>,
    result: Option<&[f32]>,
) -> TrapPlane<CpuBackend> {
    let (width, bottleneck) = (model.config().hidden_size, 6);
    let down = drawn(5, width * bottleneck);
    let weights = GatewayWeights { down: &down, up, scale: 1.5 };
    let made = Gateway::new(model.backend(), (1, positions), (width, bottleneck), weights);
    let mut made = made.expect("a gateway");
    if let Some(result) = result {
        let projection = drawn(7, width * result.len());
        made = made.conditioned(model.backend(), &projection, result).expect("a result");
    }
    TrapPlane { gateways: vec![made], ..TrapPlane::default() }.armed()
}

#[test]
fn a_gateway_is_the_identity_at_rest_and_alive_otherwise() {
    for family in FAMILIES {
        let model = model(family, best());
        let ids = &expected(family)[2].ids;
        let (width, vocab) = (model.config().hidden_size, model.config().vocab_size);
        let plain = run(&model, ids, ids.len(), &mut NoTraps);
        let (rest, up) = (vec![0.0; width * 6], drawn(6, width * 6));
        for result in [None, Some(&[1.0, -2.0, 0.25][..])] {
            for chunk in [1, ids.len()] {
                let mut traps = gateway(&model, &rest, 0..usize::MAX, result);
                assert!(run(&model, ids, chunk, &mut traps) == plain, "{family} at rest");
                assert_eq!(traps.edit(3), None);
            }
            let from = ids.len() / 2;
            let alive = run(&model, ids, ids.len(), &mut gateway(&model, &up, from..usize::MAX, result));
            assert!(alive[..from * vocab] == plain[..from * vocab], "{family}: nothing before it changes");
            assert!(alive[from * vocab..(from + 1) * vocab] != plain[from * vocab..(from + 1) * vocab]);
            for chunk in [1, 3, 7] {
                let found = run(&model, ids, chunk, &mut gateway(&model, &up, from..usize::MAX, result));
                assert!(found == alive, "{family} in chunks of {chunk}");
            }
            // Installed and not armed, it is not there.
            let mut deaf = TrapPlane { armed: false, ..gateway(&model, &up, 0..usize::MAX, result) };
            assert!(run(&model, ids, 7, &mut deaf) == plain, "{family} disarmed");
        }
        // Another result is another addition: the injector is alive.
        let told = |result: &[f32]| run(&model, ids, 7, &mut gateway(&model, &up, 2..9, Some(result)));
        assert!(told(&[1.0, 0.0]) != told(&[0.0, 1.0]), "{family}");
    }
}

#[test]
fn negative_zeros_survive_what_is_at_rest() {
    let model = model("mixtral", best());
    let (backend, width) = (model.backend(), model.config().hidden_size);
    let mut rows = drawn(11, 3 * width);
    rows.iter_mut().step_by(3).for_each(|value| *value = -0.0);
    let rest = vec![0.0; width * 6];
    let mut plane = gateway(&model, &rest, 0..usize::MAX, Some(&[2.0]));
    plane.injection = Some(Injection { layer: 1, rows: BTreeMap::from([(1, vec![-0.0; width])]) });
    let mut found = backend.rows(width, rows.clone());
    plane.block(backend, 1, 0, &mut found);
    assert_eq!(bits(&backend.read(&found)), bits(&rows));
    // The plain sum would have lost them.
    assert_ne!(bits(&rows.iter().map(|value| value + 0.0).collect::<Vec<f32>>()), bits(&rows));
}

#[test]
fn gateways_of_another_shape_are_refused() {
    let model = model("mixtral", best());
    let (backend, width) = (model.backend(), model.config().hidden_size);
    let good = drawn(1, width * 2);
    let mut spoilt = good.clone();
    spoilt[3] = f32::NAN;
    for (down, up, part) in
        [(&good[1..], &good[..], "down"), (&good, &good[1..], "up"), (&good, &spoilt, "up")]
    {
        let weights = GatewayWeights { down, up, scale: 1.0 };
        let error = Gateway::new(backend, (0, 0..9), (width, 2), weights).err().expect("refused");
        assert_eq!(error.part, part);
    }
    let make = || {
        let weights = GatewayWeights { down: &good, up: &good, scale: 1.0 };
        Gateway::new(backend, (0, 0..9), (width, 2), weights).expect("a gateway")
    };
    for (projection, result, part) in [
        (&good[..3], &[1.0, 2.0][..], "projection"),
        (&good, &[1.0, f32::INFINITY], "result"),
        (&[], &[], "projection"),
    ] {
        let error = make().conditioned(backend, projection, result).err().expect("refused");
        assert_eq!(error.part, part, "{error}");
    }
}

#[test]
fn isolation_by_position_does_not_depend_on_chunks_and_is_in_the_history() {
    for family in FAMILIES {
        let model = model(family, best());
        let ids = &expected(family)[3].ids;
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
        if position - from < neural::REWIND_HORIZON {
            edited.rewind(from + 1).expect("within the horizon");
            assert_eq!(edited.edits().count(), 1, "{family}");
            let fork = edited.fork();
            edited.rewind(from).expect("within the horizon");
            assert_eq!((edited.edits().count(), fork.edits().count()), (0, 1));
        }
    }
}

/// Traps that are asked at every site, whatever they say.
struct Asked(TrapPlane<CpuBackend>);

impl Traps<CpuBackend> for Asked {
    fn entry(&mut self, backend: &CpuBackend, first: usize, rows: &mut CpuRows) {
        self.0.entry(backend, first, rows);
    }

    fn block(&mut self, backend: &CpuBackend, layer: usize, first: usize, rows: &mut CpuRows) {
        self.0.block(backend, layer, first, rows);
    }

    fn experts(&self, layer: usize, position: usize) -> Option<&ExpertMask> {
        self.0.experts(layer, position)
    }

    fn routed(
        &mut self,
        backend: &CpuBackend,
        layer: usize,
        first: usize,
        outputs: &CpuRows,
        chosen: &[Vec<ExpertShare>],
    ) {
        self.0.routed(backend, layer, first, outputs, chosen);
    }
}

#[test]
fn traps_say_no_site_is_nothing_to_them_that_is() {
    let model = model("olmoe", best());
    let ids = &expected("olmoe")[3].ids;
    let width = model.config().hidden_size;
    let plain = run(&model, ids, 7, &mut NoTraps);
    let rows = || (3..20).map(|at| (at, drawn(at as u64, width))).collect();
    let mask = || ExpertMask::new(8, &[0, 2, 3, 7]).expect("a mask");
    let up = drawn(6, width * 6);
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
            let seen = |plane: &TrapPlane<CpuBackend>| plane.entropy.as_ref().map(|tap| tap.seen.clone());
            assert_eq!(seen(&traps), seen(&asked.0));
        }
    }
}

/// What it was told to forget.
#[derive(Default)]
struct Told(Vec<usize>);

impl<B: Backend> Traps<B> for Told {
    fn rewound(&mut self, to: usize) {
        self.0.push(to);
    }
}

#[test]
fn a_pass_that_fails_leaves_nothing_in_its_traps() {
    let model = ODD.model(Faulty { inner: best(), fault: Fault::InfiniteEmbedding });
    let (mut session, mut told) = (Session::open(&model), Told::default());
    session.prefill_trapped(&[1, 2], Want::Last, &mut told).expect("finite");
    let failed = session.prefill_trapped(&[3, POISON], Want::Last, &mut told);
    assert!(matches!(failed, Err(SessionError::NonFinite(_))), "{failed:?}");
    assert_eq!(told.0, [2]);
}
