//! Traps watch without changing a bit, and change exactly what they are for.

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use backend_cpu::CpuBackend;
use battery::{Parts, only_experts};
use common::{FAMILIES, best, bits, expected, file, model};
use neural::{
    EntropyTap, ExpertMask, Injection, Isolation, Model, NoTraps, Session, SessionError, Traps, Want,
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
                let isolated = run(&whole, ids, chunk, &mut Isolation(mask.clone()));
                let apart = run(&part(family, kept), ids, ids.len(), &mut NoTraps);
                assert!(isolated == apart, "{family} with experts {kept:?} in chunks of {chunk}");
                if chunk == 1 {
                    seen.push(isolated);
                }
            }
        }
        // A mask that allows all changes nothing; the others do, and differently.
        let all = ExpertMask::new(8, &[0, 1, 2, 3, 4, 5, 6, 7]).expect("a mask");
        assert!(run(&whole, ids, 7, &mut Isolation(all)) == everything, "{family}");
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
        let mut traps = Isolation(mask.expect("a mask"));
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
