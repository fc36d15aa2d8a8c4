//! Batteries of sessions that are parked, resumed and rewound.

use std::sync::Arc;

use neural::{Backend, Fault, Model, NoTraps, Session, Snapshot, StateDtype, Want};
use synthetic::{FAR, Random};

use crate::battery::{Battery, Run, Trial, all_inputs, none_further, nothing, on_every_backend};
use crate::checkpoints::NamedCheckpoint;
use crate::error::BatteryError;
use crate::runner::Options;
use crate::subject::Subject;

/// The battery that checks that a session which is parked at a point and resumed has the same bits as one
/// that was never parked. It is parked as a snapshot, as a fork, and by a detour with a rewind.
pub(super) const KV_PARK_RESUME: Battery = Battery {
    name: "kv_park_resume",
    needs: nothing,
    faults: &Fault::ALL_BF16,
    effect: None,
    reaches: all_inputs,
    further: none_further,
    run: Run::Each(on_every_backend!(park)),
};

/// The battery that checks that wrong drafts of a few tokens, which are rolled back, leave no trace in
/// logits, keys or values.
pub(super) const SPECULATE_ROLLBACK: Battery = Battery {
    name: "speculate_rollback",
    needs: nothing,
    faults: &Fault::ALL_BF16,
    effect: None,
    reaches: all_inputs,
    further: none_further,
    run: Run::Each(on_every_backend!(short_rollback)),
};

/// The battery that checks the same for rollbacks longer than windows, over pages that were dropped behind
/// them.
pub(super) const RING_CROSS_ROLLBACK: Battery = Battery {
    name: "ring_cross_rollback",
    needs: a_window,
    faults: &{
        let [a, b, c, d, e, f, g] = Fault::ALL_BF16;
        [a, b, c, d, e, f, g, Fault::DroppedJournalPage]
    },
    effect: None,
    reaches: all_inputs,
    further: far,
    run: Run::Each(on_every_backend!(long_rollback)),
};

/// The number of positions of a sequence that goes past a window of 4,096, so that pages behind the window
/// are dropped and rewound over.
const FAR_LENGTH: usize = 4_500;

fn a_window(subjects: &[Subject]) -> Option<&'static str> {
    let slides = subjects.iter().any(|subject| subject.window().is_some());
    (!slides).then_some("no layer of the model has a window")
}

fn far(options: &Options, random: &mut Random) -> Result<Vec<Subject>, BatteryError> {
    if options.quick || !options.models.has_every_family() {
        return Ok(Vec::new());
    }
    let far = |state| Subject::new(NamedCheckpoint::random("window_4096", &FAR), state, FAR_LENGTH, random);
    StateDtype::ALL.into_iter().map(far).collect()
}

/// Parks a session at each point in three ways, lets the original compute other tokens, and goes on.
fn park<B: Backend>(model: &Arc<Model<B>>, trial: &mut Trial<'_>) -> Result<(), BatteryError> {
    let (inputs, length) = (&trial.subject.inputs, trial.subject.inputs.len());
    for point in trial.subject.park_points() {
        let mut session = Session::open(model);
        let before = inputs.feed(&mut session, point, length, &mut NoTraps)?;
        let (forked, parked) = (session.fork(), session.snapshot());
        session.prefill(&[0, 1, 2], Want::Last)?;
        session.rewind(point)?;
        let read = Snapshot::from_bytes(parked.as_bytes().to_vec())?;
        let restored = Session::restore(model, &read)?;
        for mut resumed in [session, forked, restored] {
            let after = inputs.feed(&mut resumed, length, length, &mut NoTraps)?;
            trial.tally.compare(&[&before[..], &after].concat(), &resumed, trial.subject);
        }
    }
    Ok(())
}

fn short_rollback<B: Backend>(model: &Arc<Model<B>>, trial: &mut Trial<'_>) -> Result<(), BatteryError> {
    rollback(model, trial, &[1, 2, 4, 8])
}

fn long_rollback<B: Backend>(model: &Arc<Model<B>>, trial: &mut Trial<'_>) -> Result<(), BatteryError> {
    rollback(model, trial, &[64, 128, 255])
}

/// Computes wrong drafts of these lengths in one pass, rolls them back, and computes the right tokens.
fn rollback<B: Backend>(
    model: &Arc<Model<B>>,
    trial: &mut Trial<'_>,
    drafts: &[usize],
) -> Result<(), BatteryError> {
    let (subject, inputs) = (trial.subject, &trial.subject.inputs);
    let (length, room) = (inputs.len(), subject.model.config().max_positions);
    let points = if trial.options.quick { vec![length / 2, length - 1] } else { subject.park_points() };
    for point in points {
        let mut base = Session::open(model);
        inputs.feed(&mut base, point, length, &mut NoTraps)?;
        for count in drafts.iter().copied().filter(|count| point + count <= room) {
            let mut session = base.fork();
            let wrong: Vec<u32> = (0..count).map(|at| ((at * 7 + 1) % subject.vocab()) as u32).collect();
            session.prefill(&wrong, Want::All)?;
            session.rewind(point)?;
            let after = inputs.feed(&mut session, length, length, &mut NoTraps)?;
            trial.tally.compare(&after, &session, subject);
        }
    }
    Ok(())
}
