//! Batteries of traps, which must change nothing at rest and only what they are for otherwise.

use std::collections::BTreeMap;
use std::sync::Arc;

use backend_cpu::CpuBackend;
use neural::{
    Backend, EntropyTap, ExpertMask, Fault, Gateway, GatewayWeights, Injection, Isolation, Model, NoTraps,
    Session, TrapPlane, Traps,
};

use crate::battery::{Battery, Effect, Run, Trial, all_inputs, none_further, nothing, on_every_backend};
use crate::checkpoints::NamedCheckpoint;
use crate::error::BatteryError;
use crate::subject::Subject;
use crate::tally::{differing, differing_pages};

/// The battery that checks that a trap plane changes no bit while it is not armed or its traps add nothing,
/// and that an active one gives the same bits for any split into chunks.
pub(super) const TRAP_PLANE: Battery = Battery {
    name: "trap_plane",
    needs: nothing,
    faults: &Fault::ALL_BF16,
    effect: Some(Effect { name: "alive_gateway", shows: alive_plane_changes_bits }),
    reaches: all_inputs,
    further: none_further,
    run: Run::Each(on_every_backend!(plane)),
};

/// The battery that checks that routing restricted to some experts has the bits of a model that has only
/// those experts.
pub(super) const EXPERT_ISOLATION: Battery = Battery {
    name: "expert_isolation",
    needs: one_file,
    faults: &Fault::ALL_BF16,
    effect: Some(Effect { name: "mask_has_an_effect", shows: mask_changes_bits }),
    reaches: all_inputs,
    further: none_further,
    run: Run::Each(on_every_backend!(isolation)),
};

/// The battery that checks that the gateway which tells the model a result changes no bit while it is not
/// armed, or as long as its weights are zero.
pub(super) const MODE_B_IDENTITY: Battery = Battery {
    name: "mode_b_identity",
    needs: nothing,
    faults: &Fault::ALL_BF16,
    effect: Some(Effect { name: "alive_injector", shows: injector_changes_bits }),
    reaches: all_inputs,
    further: none_further,
    run: Run::Each(on_every_backend!(mode_b)),
};

/// The battery that checks that a tap which watches every router changes no bit.
pub(super) const ENTROPY_TAP: Battery = Battery {
    name: "entropy_tap",
    needs: nothing,
    faults: &Fault::ALL_BF16,
    effect: None,
    reaches: all_inputs,
    further: none_further,
    run: Run::Each(on_every_backend!(entropy)),
};

/// The width of the bottleneck of the gateways.
const BOTTLENECK: usize = 4;

fn one_file(subjects: &[Subject]) -> Option<&'static str> {
    let whole = subjects.iter().any(|subject| subject.checkpoint.files.shards.len() == 1);
    (!whole).then_some("the checkpoint of fewer experts is made from one file")
}

fn isolation<B: Backend>(model: &Arc<Model<B>>, trial: &mut Trial<'_>) -> Result<(), BatteryError> {
    let (subject, inputs) = (trial.subject, &trial.subject.inputs);
    let (router, length) = (&subject.model.config().router, inputs.len());
    for kept in subsets(subject) {
        let mask = ExpertMask::new(router.experts, &kept).filter(|mask| mask.count() >= router.chosen);
        let (Some(mask), Some(files)) = (mask, subject.checkpoint.files.only_experts(&kept)) else {
            trial.tally.possible += 1;
            continue;
        };
        let fewer = NamedCheckpoint { name: subject.checkpoint.name.clone(), files };
        let mut apart = Session::open(&fewer.load(subject.state(), CpuBackend::best()?)?);
        let expected = inputs.feed(&mut apart, length, length, &mut NoTraps)?;
        let mut isolated = Session::open(model);
        let mut traps = Isolation::everywhere(mask);
        let found = inputs.feed(&mut isolated, length, 7, &mut traps)?;
        // The histories differ in that one says what was masked, and in nothing else.
        trial.tally.require(isolated.edits().count() == length && apart.edits().count() == 0);
        trial.tally.residual_bits += differing(&found, &expected);
        trial.tally.residual_bits += differing_pages(&isolated.snapshot(), &apart.snapshot());
    }
    Ok(())
}

/// Returns three subsets of the experts, each of which is tried as the only experts.
fn subsets(subject: &Subject) -> [Vec<usize>; 3] {
    let router = &subject.model.config().router;
    let mut every_other: Vec<usize> = (0..router.experts).rev().step_by(2).collect();
    every_other.sort_unstable();
    [(0..router.chosen.max(2)).collect(), every_other, (1..router.experts).collect()]
}

fn mask_changes_bits(subject: &Subject) -> Result<bool, BatteryError> {
    let router = &subject.model.config().router;
    let [_, _, kept] = subsets(subject);
    let mask = ExpertMask::new(router.experts, &kept).filter(|mask| mask.count() >= router.chosen);
    let Some(mask) = mask else { return Ok(false) };
    changes_bits(subject, &mut Isolation::everywhere(mask))
}

/// Checks that traps which must change nothing give the bits of the subject, in several splits into chunks.
fn at_rest<B: Backend, T: Traps<B>>(
    model: &Arc<Model<B>>,
    trial: &mut Trial<'_>,
    traps: &mut dyn FnMut(&B) -> T,
) -> Result<(), BatteryError> {
    let length = trial.subject.inputs.len();
    for chunk in [7, 64, length] {
        let mut session = Session::open(model);
        let mut traps = traps(model.backend());
        let found = trial.subject.inputs.feed(&mut session, length, chunk, &mut traps)?;
        trial.tally.compare(&found, &session, trial.subject);
    }
    Ok(())
}

fn plane<B: Backend>(model: &Arc<Model<B>>, trial: &mut Trial<'_>) -> Result<(), BatteryError> {
    let (subject, inputs) = (trial.subject, &trial.subject.inputs);
    at_rest(model, trial, &mut |backend: &B| disarmed_plane(backend, subject))?;
    at_rest(model, trial, &mut |backend: &B| resting_plane(backend, subject))?;
    let length = inputs.len();
    let mut whole = Session::open(&subject.model);
    let mut traps = full_plane(subject.model.backend(), subject, 0.5);
    let expected = inputs.feed(&mut whole, length, length, &mut traps)?;
    for chunk in [3, 64] {
        let mut session = Session::open(model);
        let mut traps = full_plane(model.backend(), subject, 0.5);
        let found = inputs.feed(&mut session, length, chunk, &mut traps)?;
        trial.tally.compare_with(&found, &session.snapshot(), &expected, &whole.snapshot());
    }
    Ok(())
}

fn alive_plane_changes_bits(subject: &Subject) -> Result<bool, BatteryError> {
    changes_bits(subject, &mut full_plane(subject.model.backend(), subject, 0.5))
}

fn mode_b<B: Backend>(model: &Arc<Model<B>>, trial: &mut Trial<'_>) -> Result<(), BatteryError> {
    let subject = trial.subject;
    let mut disabled = |backend: &B| TrapPlane {
        armed: false,
        gateways: vec![injector(backend, subject, 0.5)],
        ..TrapPlane::<B>::default()
    };
    at_rest(model, trial, &mut disabled)?;
    let mut untrained = |backend: &B| {
        TrapPlane { gateways: vec![injector(backend, subject, 0.0)], ..TrapPlane::<B>::default() }.armed()
    };
    at_rest(model, trial, &mut untrained)?;
    let width = subject.model.config().hidden_size;
    for zero in [0.0, -0.0] {
        let rows = [1, subject.inputs.len() / 2].map(|position| (position, vec![zero; width]));
        let rows = BTreeMap::from(rows);
        at_rest(model, trial, &mut |_| Injection { layer: 0, rows: rows.clone() })?;
    }
    Ok(())
}

fn injector_changes_bits(subject: &Subject) -> Result<bool, BatteryError> {
    changes_bits(subject, &mut injector(subject.model.backend(), subject, 0.5))
}

fn entropy<B: Backend>(model: &Arc<Model<B>>, trial: &mut Trial<'_>) -> Result<(), BatteryError> {
    at_rest(model, trial, &mut |_| EntropyTap::default())
}

/// Returns true if the logits with these traps differ from those without.
fn changes_bits<T: Traps<CpuBackend>>(subject: &Subject, traps: &mut T) -> Result<bool, BatteryError> {
    let (mut session, length) = (Session::open(&subject.model), subject.inputs.len());
    let found = subject.inputs.feed(&mut session, length, length, traps)?;
    Ok(differing(&found, &subject.logits) > 0)
}

/// Returns small numbers of both signs, to serve as weights.
fn weights(count: usize) -> Vec<f32> {
    (0..count).map(|at| ((at * 37 % 101) as f32 - 50.0) / 200.0).collect()
}

fn gateway<B: Backend>(backend: &B, subject: &Subject, up: f32) -> Gateway<B> {
    let config = subject.model.config();
    let (width, layer) = (config.hidden_size, config.layers.len() / 2);
    let down = weights(width * BOTTLENECK);
    let up: Vec<f32> = down.iter().map(|value| value * up).collect();
    let weights = GatewayWeights { down: &down, up: &up, scale: 1.0 };
    let made = Gateway::new(backend, (layer, 0..usize::MAX), (width, BOTTLENECK), weights);
    made.expect("weights of that shape")
}

/// Returns a gateway that is told a result, scaled by `up`; with 0 it adds nothing.
fn injector<B: Backend>(backend: &B, subject: &Subject, up: f32) -> Gateway<B> {
    let result = [0.0, 1.0, 0.0];
    let projection = weights(subject.model.config().hidden_size * result.len());
    gateway(backend, subject, up).conditioned(backend, &projection, &result).expect("weights of that shape")
}

/// Returns an armed plane with every trap that acts on a pass. If `up` is 0, its traps change nothing.
fn full_plane<B: Backend>(backend: &B, subject: &Subject, up: f32) -> TrapPlane<B> {
    let (width, router) = (subject.model.config().hidden_size, &subject.model.config().router);
    let row = vec![if up == 0.0 { -0.0 } else { up }; width];
    let rows = (0..subject.inputs.len()).step_by(5).map(|position| (position, row.clone())).collect();
    let from = usize::from(up != 0.0 && router.experts > router.chosen);
    let allowed: Vec<usize> = (from..router.experts).collect();
    let isolation = ExpertMask::new(router.experts, &allowed).map(Isolation::everywhere);
    let gateways = vec![gateway(backend, subject, up), injector(backend, subject, up)];
    let (injection, entropy) = (Some(Injection { layer: 0, rows }), Some(EntropyTap::default()));
    TrapPlane { gateways, injection, isolation, entropy, ..TrapPlane::default() }.armed()
}

/// Returns a plane that is not armed, whose traps would change bits.
pub(super) fn disarmed_plane<B: Backend>(backend: &B, subject: &Subject) -> TrapPlane<B> {
    TrapPlane { armed: false, ..full_plane(backend, subject, 0.5) }
}

/// Returns an armed plane whose traps change nothing.
pub(super) fn resting_plane<B: Backend>(backend: &B, subject: &Subject) -> TrapPlane<B> {
    full_plane(backend, subject, 0.0)
}
