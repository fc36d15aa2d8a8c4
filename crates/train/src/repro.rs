//! The check that training runs repeat: twice, resumed, and different if they must differ.

use crate::TrainError;
use crate::adamw::Moments;
use crate::checkpoint;
use crate::codec::Codec;
use crate::run::{Plan, Run};
use std::path::Path;

/// The results of comparing several runs of one plan, bit for bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Findings {
    /// True if another run of the same plan on another number of threads gave the same bits.
    pub repeated: bool,
    /// True if a run that was saved, dropped and resumed half-way gave the same bits.
    pub resumed: bool,
    /// True if a run that was resumed without the optimiser's averages gave other bits, which shows that the
    /// comparison can fail.
    pub forgetful_differs: bool,
}

impl Findings {
    /// Returns true if all three comparisons had the expected result.
    #[must_use]
    pub fn hold(self) -> bool {
        self.repeated && self.resumed && self.forgetful_differs
    }
}

fn bits(run: &Run) -> Vec<u32> {
    run.state().values.iter().map(|value| value.to_bits()).collect()
}

fn advance(mut run: Run, steps: u64) -> Result<Run, TrainError> {
    for _ in 0..steps {
        run.step()?;
    }
    Ok(run)
}

/// Runs `steps` steps of a plan in several ways, and compares the bits of the parameters. The folder
/// `scratch` is for the saved state.
///
/// # Errors
/// [`TrainError`] if a run fails.
pub fn check(plan: &Plan, tokenizer: &[u8], steps: u64, scratch: &Path) -> Result<Findings, TrainError> {
    let codec = || Codec::from_json(tokenizer);
    let reference = bits(&advance(Run::new(plan.clone(), codec()?), steps)?);
    let alone = Plan { threads: 1, ..plan.clone() };
    let repeated = bits(&advance(Run::new(alone, codec()?), steps)?) == reference;

    std::fs::create_dir_all(scratch).map_err(TrainError::file(scratch))?;
    let path = scratch.join("state.safetensors");
    let half = advance(Run::new(plan.clone(), codec()?), steps / 2)?;
    checkpoint::save_state(&path, half.state())?;
    let rest = steps - steps / 2;
    let resumed = bits(&advance(Run::resume(plan.clone(), codec()?, &path)?, rest)?) == reference;

    let mut state = half.state().clone();
    state.moments = Moments::new(half.schema().total());
    checkpoint::save_state(&path, &state)?;
    let forgetful = bits(&advance(Run::resume(plan.clone(), codec()?, &path)?, rest)?);
    Ok(Findings { repeated, resumed, forgetful_differs: forgetful != reference })
}
