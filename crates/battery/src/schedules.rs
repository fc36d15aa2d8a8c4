//! What each battery does to a sequence whose tokens are given.

use std::collections::BTreeMap;
use std::sync::Arc;

use neural::{
    Backend, EntropyTap, ExpertMask, Gateway, GatewayWeights, Injection, Isolation, Model, NoTraps, Session,
    Snapshot, TrapPlane, Traps,
};

use crate::batteries::Options;
use crate::bench::{Bench, Tally, bits, clean, differing, failed, load};
use crate::models::{NoModel, only_experts};

/// Width of the gateways' bottleneck.
const BOTTLENECK: usize = 4;

/// Parked at a point in three ways, its first owner gone, and gone on.
pub(crate) fn park<B: Backend>(
    model: &Arc<Model<B>>,
    bench: &Bench,
    tally: &mut Tally,
) -> Result<(), NoModel> {
    let (sequence, length) = (&bench.sequence, bench.sequence.len());
    for point in bench.park_points() {
        let mut session = Session::open(model);
        let before = sequence.feed(&mut session, point, length, &mut NoTraps)?;
        let (forked, parked) = (session.fork(), session.snapshot());
        // Somebody else goes on elsewhere meanwhile, and comes back.
        session.prefill(&[0, 1, 2], neural::Want::Last).map_err(failed)?;
        session.rewind(point).map_err(failed)?;
        let parked = Snapshot::from_bytes(parked.as_bytes().to_vec());
        let parked = parked.and_then(|parked| Session::restore(model, &parked));
        let parked = parked.map_err(|error| NoModel(error.to_string()))?;
        for mut resumed in [session, forked, parked] {
            let after = sequence.feed(&mut resumed, length, length, &mut NoTraps)?;
            tally.compare(&[&before[..], &after].concat(), &resumed, bench);
        }
    }
    Ok(())
}

/// Drafts that are wrong, verified in one pass, rolled back, and the right tokens after them.
pub(crate) fn rollback<B: Backend>(
    model: &Arc<Model<B>>,
    bench: &Bench,
    drafts: &[usize],
    options: &Options,
    tally: &mut Tally,
) -> Result<(), NoModel> {
    let (sequence, length, vocab) = (&bench.sequence, bench.sequence.len(), bench.vocab());
    let room = bench.model.config().max_positions;
    let points = if options.quick { vec![length / 2, length - 1] } else { bench.park_points() };
    for point in points {
        let mut base = Session::open(model);
        sequence.feed(&mut base, point, length, &mut NoTraps)?;
        for count in drafts.iter().copied().filter(|count| point + count <= room) {
            let mut session = base.fork();
            let wrong: Vec<u32> = (0..count).map(|at| ((at * 7 + 1) % vocab) as u32).collect();
            session.prefill(&wrong, neural::Want::All).map_err(failed)?;
            session.rewind(point).map_err(failed)?;
            let after = sequence.feed(&mut session, length, length, &mut NoTraps)?;
            tally.compare(&after, &session, bench);
        }
    }
    Ok(())
}

/// Routing restricted to some experts, against the decoder that has only those.
pub(crate) fn isolation<B: Backend>(
    model: &Arc<Model<B>>,
    bench: &Bench,
    tally: &mut Tally,
) -> Result<(), NoModel> {
    let router = &bench.model.config().router;
    for kept in subsets(bench) {
        let mask = ExpertMask::new(router.experts, &kept).filter(|mask| mask.count() >= router.chosen);
        let (Some(mask), Some(parts)) = (mask, only_experts(&bench.parts, &kept)) else {
            tally.possible += 1;
            continue;
        };
        let (sequence, length) = (&bench.sequence, bench.sequence.len());
        let mut apart = Session::open(&load(&parts, bench.state(), clean()?)?);
        let expected = sequence.feed(&mut apart, length, length, &mut NoTraps)?;
        // Their histories say what was masked, and only that.
        let mut isolated = Session::open(model);
        let mut traps = Isolation::everywhere(mask);
        let found = sequence.feed(&mut isolated, length, 7, &mut traps)?;
        tally.require(isolated.edits().count() == length && apart.edits().count() == 0);
        tally.residual_bits += differing(&found, &expected);
        tally.residual_bits += differing_pages(&isolated.snapshot(), &apart.snapshot());
    }
    Ok(())
}

/// Bits in which the keys and values of sessions with other histories differ.
fn differing_pages(found: &Snapshot, expected: &Snapshot) -> u64 {
    let pairs = found.layers().zip(expected.layers());
    let bits = pairs.map(|((_, a), (_, b))| {
        let differing = a.iter().zip(b).map(|(a, b)| u64::from((a ^ b).count_ones())).sum::<u64>();
        differing + a.len().abs_diff(b.len()) as u64 * 8
    });
    bits.sum()
}

/// The experts that are left in turn.
pub(crate) fn subsets(bench: &Bench) -> [Vec<usize>; 3] {
    let router = &bench.model.config().router;
    let mut every_other: Vec<usize> = (0..router.experts).rev().step_by(2).collect();
    every_other.sort_unstable();
    [(0..router.chosen.max(2)).collect(), every_other, (1..router.experts).collect()]
}

/// With traps that must change nothing.
pub(crate) fn at_rest<B: Backend, T: Traps<B>>(
    model: &Arc<Model<B>>,
    bench: &Bench,
    traps: &mut dyn FnMut(&B) -> T,
    tally: &mut Tally,
) -> Result<(), NoModel> {
    let length = bench.sequence.len();
    for chunk in [7, 64, length] {
        let mut session = Session::open(model);
        let mut traps = traps(model.backend());
        let found = bench.sequence.feed(&mut session, length, chunk, &mut traps)?;
        tally.compare(&found, &session, bench);
    }
    Ok(())
}

/// The plane disarmed with all of it installed, and armed with all of it at rest.
pub(crate) fn plane<B: Backend>(
    model: &Arc<Model<B>>,
    bench: &Bench,
    tally: &mut Tally,
) -> Result<(), NoModel> {
    let mut disarmed = |backend: &B| TrapPlane { armed: false, ..installed(backend, bench, 0.5) };
    at_rest(model, bench, &mut disarmed, tally)?;
    at_rest(model, bench, &mut |backend: &B| resting(backend, bench), tally)?;
    // What is alive is the same for any chunks too.
    let length = bench.sequence.len();
    let mut whole = Session::open(&bench.model);
    let mut traps = installed(bench.model.backend(), bench, 0.5);
    let expected = bench.sequence.feed(&mut whole, length, length, &mut traps)?;
    for chunk in [3, 64] {
        let mut session = Session::open(model);
        let mut traps = installed(model.backend(), bench, 0.5);
        let found = bench.sequence.feed(&mut session, length, chunk, &mut traps)?;
        tally.compare_with(&found, &session.snapshot(), &expected, &whole.snapshot());
    }
    Ok(())
}

/// Whether a plane that is alive changes bits.
pub(crate) fn alive(bench: &Bench) -> Result<bool, NoModel> {
    let mut session = Session::open(&bench.model);
    let length = bench.sequence.len();
    let mut traps = installed(bench.model.backend(), bench, 0.5);
    let found = bench.sequence.feed(&mut session, length, length, &mut traps)?;
    Ok(differing(&found, &bench.reference) > 0)
}

/// A result injector that is disabled, and one that is enabled and has learned nothing.
pub(crate) fn mode_b<B: Backend>(
    model: &Arc<Model<B>>,
    bench: &Bench,
    tally: &mut Tally,
) -> Result<(), NoModel> {
    let mut disabled = |backend: &B| TrapPlane {
        armed: false,
        gateways: vec![injector(backend, bench, 0.5)],
        ..TrapPlane::<B>::default()
    };
    at_rest(model, bench, &mut disabled, tally)?;
    let mut untrained = |backend: &B| {
        TrapPlane { gateways: vec![injector(backend, bench, 0.0)], ..TrapPlane::<B>::default() }.armed()
    };
    at_rest(model, bench, &mut untrained, tally)?;
    let width = bench.model.config().hidden_size;
    for zero in [0.0, -0.0] {
        let rows = BTreeMap::from([(1, vec![zero; width]), (bench.sequence.len() / 2, vec![zero; width])]);
        at_rest(model, bench, &mut |_| Injection { layer: 0, rows: rows.clone() }, tally)?;
    }
    Ok(())
}

/// Whether a trained injector that is enabled changes bits, and another result changes others.
pub(crate) fn injects(bench: &Bench) -> Result<bool, NoModel> {
    let (model, length) = (&bench.model, bench.sequence.len());
    let mut injector = injector(model.backend(), bench, 0.5);
    let mut session = Session::open(model);
    let found = bench.sequence.feed(&mut session, length, length, &mut injector)?;
    Ok(differing(&found, &bench.reference) > 0)
}

/// Watches every router.
pub(crate) fn entropy<B: Backend>(
    model: &Arc<Model<B>>,
    bench: &Bench,
    tally: &mut Tally,
) -> Result<(), NoModel> {
    at_rest(model, bench, &mut |_| EntropyTap::default(), tally)
}

/// Small numbers of both signs.
fn weights(count: usize) -> Vec<f32> {
    (0..count).map(|at| ((at * 37 % 101) as f32 - 50.0) / 200.0).collect()
}

fn gateway<B: Backend>(backend: &B, bench: &Bench, up: f32) -> Gateway<B> {
    let (width, layer) = (bench.model.config().hidden_size, bench.model.config().layers.len() / 2);
    let down = weights(width * BOTTLENECK);
    let up: Vec<f32> = down.iter().map(|value| value * up).collect();
    let weights = GatewayWeights { down: &down, up: &up, scale: 1.0 };
    let made = Gateway::new(backend, (layer, 0..usize::MAX), (width, BOTTLENECK), weights);
    made.expect("weights of that shape")
}

fn injector<B: Backend>(backend: &B, bench: &Bench, up: f32) -> Gateway<B> {
    let result = [0.0, 1.0, 0.0];
    let projection = weights(bench.model.config().hidden_size * result.len());
    gateway(backend, bench, up).conditioned(backend, &projection, &result).expect("weights of that shape")
}

/// A plane with everything that acts on a pass installed, alive where `up` is not 0.
fn installed<B: Backend>(backend: &B, bench: &Bench, up: f32) -> TrapPlane<B> {
    let (width, router) = (bench.model.config().hidden_size, &bench.model.config().router);
    let row = vec![if up == 0.0 { -0.0 } else { up }; width];
    let rows = (0..bench.sequence.len()).step_by(5).map(|position| (position, row.clone())).collect();
    let from = usize::from(up != 0.0 && router.experts > router.chosen);
    let allowed: Vec<usize> = (from..router.experts).collect();
    let isolation = ExpertMask::new(router.experts, &allowed).map(Isolation::everywhere);
    let gateways = vec![gateway(backend, bench, up), injector(backend, bench, up)];
    let (injection, entropy) = (Some(Injection { layer: 0, rows }), Some(EntropyTap::default()));
    TrapPlane { gateways, injection, isolation, entropy, ..TrapPlane::default() }.armed()
}

/// The same plane disarmed: all of it alive, none of it heard.
pub(crate) fn deaf<B: Backend>(backend: &B, bench: &Bench) -> TrapPlane<B> {
    TrapPlane { armed: false, ..installed(backend, bench, 0.5) }
}

/// The same plane armed and at rest.
pub(crate) fn resting<B: Backend>(backend: &B, bench: &Bench) -> TrapPlane<B> {
    installed(backend, bench, 0.0)
}

/// Whether a mask changes bits at all.
pub(crate) fn masks(bench: &Bench) -> Result<bool, NoModel> {
    let router = &bench.model.config().router;
    let [_, _, kept] = subsets(bench);
    let Some(mask) = ExpertMask::new(router.experts, &kept).filter(|mask| mask.count() >= router.chosen)
    else {
        return Ok(false);
    };
    let mut session = Session::open(&bench.model);
    let mut found = Vec::new();
    for ids in bench.sequence.ids.chunks(64) {
        let logits =
            session.prefill_trapped(ids, neural::Want::All, &mut Isolation::everywhere(mask.clone()));
        found.extend(bits(&logits.map_err(failed)?));
    }
    Ok(differing(&found, &bench.reference) > 0)
}
