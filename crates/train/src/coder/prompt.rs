//! The prompts that the coder is trained on, which are those of the ladder.

use abi::Value;
use det::python_call;
use escalate::{Asked, Fault, Gap, fault_of, prompt};

/// A call that a function is shown with: its arguments and the right result.
pub type Sample = (Vec<Value>, Value);

/// A way in which a function failed.
#[derive(Debug, Clone)]
pub enum Failure {
    /// The call of this sample returns another value.
    Returns(Sample, Value),
    /// The call of this sample raises an exception of this type.
    Raises(Sample, String),
}

/// Returns the prompt that asks for a function, or for the repair of failing code.
#[must_use]
pub fn render(gap: &Gap, failing: Option<(&str, &Failure)>) -> String {
    match failing {
        None => prompt(gap, &Asked::Write),
        Some((code, failure)) => prompt(gap, &Asked::Repair { code, fault: &finding(&gap.entry, failure) }),
    }
}

fn finding(entry: &str, failure: &Failure) -> String {
    match failure {
        Failure::Returns((arguments, right), wrong) => {
            let fault = Fault { what: "", got: Some((arguments, wrong)), expected: Some(right) };
            fault_of(entry, &fault)
        }
        Failure::Raises((arguments, _), exception) => {
            format!("For {} it raises {exception}.", python_call(entry, arguments))
        }
    }
}
