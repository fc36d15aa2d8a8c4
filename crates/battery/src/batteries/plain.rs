//! A battery that compares the CPU's kernels with the numerics contract in plain loops.

use std::sync::Arc;

use neural::{Backend, Fault, Model, NoTraps, PlainBackend, Session, StateDtype};
use synthetic::{Random, WIDE};

use crate::battery::{Battery, Run, Trial, all_inputs, nothing, on_every_backend};
use crate::checkpoints::NamedCheckpoint;
use crate::error::BatteryError;
use crate::runner::Options;
use crate::subject::Subject;

/// The battery that checks that every logit, key and value of the CPU backend has the bits that
/// `neural::PlainBackend` computes, which is written from the numerics contract alone.
pub(super) const PLAIN_BACKEND: Battery = Battery {
    name: "plain_backend",
    needs: nothing,
    faults: &Fault::ALL_BF16,
    effect: None,
    reaches: all_inputs,
    further: wide,
    run: Run::Each(on_every_backend!(compare)),
};

/// The number of positions for a model whose sums have several segments, the last one shorter.
const WIDE_LENGTH: usize = 24;

fn wide(options: &Options, random: &mut Random) -> Result<Vec<Subject>, BatteryError> {
    if !options.models.has_every_family() {
        return Ok(Vec::new());
    }
    let wide = |state| Subject::new(NamedCheckpoint::random("wide", &WIDE), state, WIDE_LENGTH, random);
    StateDtype::ALL.into_iter().map(wide).collect()
}

fn compare<B: Backend>(model: &Arc<Model<B>>, trial: &mut Trial<'_>) -> Result<(), BatteryError> {
    let (subject, length) = (trial.subject, trial.subject.inputs.len());
    let mut plain = Session::open(&subject.checkpoint.load(subject.state(), PlainBackend)?);
    let expected = subject.inputs.feed(&mut plain, length, length, &mut NoTraps)?;
    let mut session = Session::open(model);
    let found = subject.inputs.feed(&mut session, length, length, &mut NoTraps)?;
    trial.tally.compare_with(&found, &session.snapshot(), &expected, &plain.snapshot());
    Ok(())
}
