//! The measurement of an injector under the forward pass that ships: how often the answer follows the value.

use holdout::Share;
use neural::{Injector, Session, Want};

use super::items::{Injected, Operation, Values, draw, reply};
use super::make::Plan;
use crate::TrainError;
use crate::codec::END;
use crate::entry::Side;
use crate::shipped::Shipped;

/// The answers of one operation that follow a random injected value.
#[derive(Clone, Copy, Debug)]
pub struct Followed {
    /// The arithmetic that the questions ask for.
    pub operation: Operation,
    /// The values that were injected.
    pub values: Values,
    /// The share of the answers that state exactly what follows from the injected value.
    pub followed: Share,
}

/// Measures questions of each kind in `questions` on one side, with random values.
///
/// # Errors
/// [`TrainError`] if the model refuses a question.
pub(super) fn judge(
    model: &Shipped,
    injector: &Injector,
    (side, questions): (Side, &[(Operation, Values)]),
    plan: &Plan,
) -> Result<Vec<Followed>, TrainError> {
    let row = |(operation, values): &(Operation, Values)| {
        let questions: Vec<Injected> =
            (0..plan.items).map(|index| draw(side, *operation, *values, plan.seed, index)).collect();
        let outcomes = questions.iter().map(|question| follows(model, injector, question));
        let outcomes = outcomes.collect::<Result<Vec<bool>, TrainError>>()?;
        Ok(Followed { operation: *operation, values: *values, followed: Share::from_outcomes(&outcomes) })
    };
    questions.iter().map(row).collect()
}

/// Returns true if greedy decoding gives exactly the answer that follows from the value.
fn follows(model: &Shipped, injector: &Injector, question: &Injected) -> Result<bool, TrainError> {
    let local = model.local().model();
    let (ids, _) = model.codec().question("", &question.prompt)?;
    let mut wanted = model.codec().plain(&reply(question.answer))?;
    wanted.push(END);
    let mut gateway = injector.gateway(local.backend(), question.value, ids.len())?;
    let all = [&ids[..], &wanted[..]].concat();
    let logits = Session::open(local).prefill_trapped(&all, Want::All, &mut gateway)?;
    Ok((ids.len()..all.len()).all(|at| logits.argmax(at - 1) == all[at]))
}
