//! Failing code for prompts of repair: a function that is nearly the right one, and a call that shows it.

use super::compose::followers;
use super::datum::Datum;
use super::operation::Operation;
use super::pipeline::{Operand, Pipeline};
use super::prompt::Failure;
use super::table::operations;
use crate::held_out::Split;
use crate::rng::Rng;

/// Code that fails, and one way in which it does.
#[derive(Debug, Clone)]
pub struct Failing {
    /// The source of the function.
    pub code: String,
    /// The call on which it fails.
    pub failure: Failure,
}

/// The draws among which the shortest counterexample is chosen.
const DRAWS: usize = 30;

/// Returns code of this name that fails where `right` does not, or `None` if chance finds none.
pub(super) fn failing(right: &Pipeline, name: &str, rng: &mut Rng, split: Split) -> Option<Failing> {
    if rng.percent(12) {
        return misnamed(right, name, rng, split);
    }
    let wrong = mutated(right, rng)?;
    let code = wrong.source(name);
    let found = (0..DRAWS).filter_map(|_| {
        let arguments = right.draw(rng, split);
        let (expected, got) = (right.call(&arguments)?, wrong.call(&arguments)?);
        // Empty lists of both kinds look the same to Python.
        let differs = det::python_value(&expected.value()) != det::python_value(&got.value());
        differs.then(|| (size(&arguments), arguments, expected, got))
    });
    let (_, arguments, expected, got) = found.min_by_key(|(size, ..)| *size)?;
    Some(Failing { code, failure: Failure::Returns((values(&arguments), expected.value()), got.value()) })
}

fn values(arguments: &[Datum]) -> Vec<abi::Value> {
    arguments.iter().map(Datum::value).collect()
}

fn size(arguments: &[Datum]) -> usize {
    det::python_call("", &values(arguments)).len()
}

/// Returns code whose argument has another name than the body uses.
fn misnamed(right: &Pipeline, name: &str, rng: &mut Rng, split: Split) -> Option<Failing> {
    let others = ["items", "value", "word", "data", "string", "number", "line"];
    let other = others[rng.below(others.len())];
    // With a second step, Python would see an assignment to the name and raise another exception.
    if right.steps.len() > 1 || right.parameters().contains(&other) {
        return None;
    }
    let (head, _) =
        right.source(name).split_once('\n').map(|(head, body)| (head.to_owned(), body.to_owned()))?;
    let mut wrong = right.clone();
    wrong.input = other;
    let (_, body) =
        wrong.source(name).split_once('\n').map(|(head, body)| (head.to_owned(), body.to_owned()))?;
    let arguments = right.draw(rng, split);
    let result = right.call(&arguments)?;
    let failure = Failure::Raises((values(&arguments), result.value()), "NameError".to_owned());
    Some(Failing { code: format!("{head}\n{body}"), failure })
}

/// Returns a function that differs from another one in one place.
fn mutated(right: &Pipeline, rng: &mut Rng) -> Option<Pipeline> {
    let mut wrong = right.clone();
    match rng.below(10) {
        0 | 1 if wrong.steps.len() == 2 => {
            wrong.steps.remove(rng.below(2));
            let lost = right.parameters().len() != wrong.parameters().len();
            let fits = wrong.steps[0].operation.takes.kind() == right.steps[0].operation.takes.kind();
            (fits && !lost).then_some(wrong)
        }
        2 if wrong.steps.len() == 2 => {
            wrong.steps.swap(0, 1);
            let fits = wrong.steps[0].operation.takes.kind() == right.steps[0].operation.takes.kind()
                && followers(wrong.steps[0].operation)
                    .iter()
                    .any(|next| next.name == wrong.steps[1].operation.name);
            let moves =
                wrong.steps.iter().filter(|step| matches!(step.operand, Operand::Argument(_))).count() > 1;
            (fits && !moves).then_some(wrong)
        }
        3 | 4 => {
            let at = rng.below(wrong.steps.len());
            let Operand::Constant(Datum::Int(int)) = wrong.steps[at].operand else { return None };
            let other = if rng.percent(50) { int + 1 } else { int - 1 };
            wrong.steps[at].operand = Operand::Constant(Datum::Int(other));
            (other > 0).then_some(wrong)
        }
        _ => {
            let at = rng.below(wrong.steps.len());
            let siblings = siblings(wrong.steps[at].operation);
            if siblings.is_empty() {
                return None;
            }
            wrong.steps[at].operation = siblings[rng.below(siblings.len())];
            Some(wrong)
        }
    }
}

/// Returns the operations that take and give the same kinds as another one.
fn siblings(operation: &'static Operation) -> Vec<&'static Operation> {
    let fits = |other: &&'static Operation| {
        other.name != operation.name
            && other.takes.kind() == operation.takes.kind()
            && other.gives == operation.gives
            && std::mem::discriminant(&other.second) == std::mem::discriminant(&operation.second)
    };
    operations().filter(fits).collect()
}
