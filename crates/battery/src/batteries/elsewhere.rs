//! A battery of sessions that are parked on one backend and resumed on another.

use std::sync::Arc;

use neural::{Backend, Fault, Model, NoTraps, PlainBackend, Session, Snapshot};

use crate::battery::{Battery, Run, Trial, all_inputs, none_further, nothing, on_every_backend};
use crate::error::BatteryError;
use crate::tally::differing_bytes;

/// The battery that checks that a session which was parked on the CPU or on the plain backend resumes on the
/// backend under test, and the other way round, as if it had never moved.
pub(super) const PARKED_ELSEWHERE: Battery = Battery {
    name: "parked_elsewhere",
    needs: nothing,
    faults: &Fault::ALL_BF16,
    effect: None,
    reaches: all_inputs,
    further: none_further,
    run: Run::Each(on_every_backend!(elsewhere)),
};

fn elsewhere<B: Backend>(model: &Arc<Model<B>>, trial: &mut Trial<'_>) -> Result<(), BatteryError> {
    let plain = trial.subject.on(PlainBackend)?;
    let cpu = Arc::clone(&trial.subject.model);
    moved(&cpu, model, trial)?;
    moved(model, &cpu, trial)?;
    moved(&plain, model, trial)?;
    moved(model, &plain, trial)
}

/// Computes half of the sequence on one backend and the rest on another, where the bytes of the parked session
/// are the only thing that passes between them. The session must park again to the very same bytes.
fn moved<B: Backend, C: Backend>(
    from: &Arc<Model<B>>,
    to: &Arc<Model<C>>,
    trial: &mut Trial<'_>,
) -> Result<(), BatteryError> {
    let (subject, length) = (trial.subject, trial.subject.inputs.len());
    let mut session = Session::open(from);
    let before = subject.inputs.feed(&mut session, length / 2, length, &mut NoTraps)?;
    let parked = session.snapshot();
    let read = Snapshot::from_bytes(parked.as_bytes().to_vec())?;
    let mut resumed = Session::restore(to, &read)?;
    trial.tally.residual_bits += differing_bytes(resumed.snapshot().as_bytes(), parked.as_bytes());
    let after = subject.inputs.feed(&mut resumed, length, length, &mut NoTraps)?;
    trial.tally.compare(&[before, after].concat(), &resumed, subject);
    Ok(())
}
