//! The prompts that the coder is trained on, which are those of the ladder.

use abi::Value;
use det::{python_call, python_value};

/// A call that a function is shown with: its arguments and the right result.
pub type Sample = (Vec<Value>, Value);

/// The most samples in one prompt.
const SAMPLES: usize = 3;

/// A way in which a function failed.
#[derive(Debug, Clone)]
pub enum Failure {
    /// The call of this sample returns another value.
    Returns(Sample, Value),
    /// The call of this sample raises an exception of this type.
    Raises(Sample, String),
}

/// The parts of a specification that a prompt shows.
#[derive(Debug, Clone, Copy)]
pub struct Gap<'a> {
    /// The name of the function.
    pub entry: &'a str,
    /// The names of its arguments.
    pub parameters: &'a [&'a str],
    /// The description of what it does.
    pub description: &'a str,
    /// Calls with their results.
    pub samples: &'a [Sample],
}

/// Returns the prompt that asks for a function, or for the repair of failing code.
#[must_use]
pub fn render(gap: &Gap<'_>, failing: Option<(&str, &Failure)>) -> String {
    let mut lines = vec![
        format!("Write the Python function {}({}).", gap.entry, gap.parameters.join(", ")),
        gap.description.to_owned(),
    ];
    let mut shown: Vec<(String, String)> = gap
        .samples
        .iter()
        .map(|(arguments, result)| (python_call(gap.entry, arguments), python_value(result)))
        .collect();
    shown.sort_by_key(|(call, result)| call.len() + result.len());
    for (call, result) in shown.into_iter().take(SAMPLES) {
        lines.push(format!(">>> {call}"));
        lines.push(result);
    }
    if let Some((code, failure)) = failing {
        lines.push("This code is wrong:".to_owned());
        lines.push(code.trim_end().to_owned());
        lines.push(finding(gap.entry, failure));
        lines.push("Reply with the corrected function only.".to_owned());
    } else {
        lines.push("Reply with the function only.".to_owned());
    }
    lines.join("\n")
}

fn finding(entry: &str, failure: &Failure) -> String {
    match failure {
        Failure::Returns((arguments, right), wrong) => format!(
            "For {} it returns {}, and {} is right.",
            python_call(entry, arguments),
            python_value(wrong),
            python_value(right)
        ),
        Failure::Raises((arguments, _), exception) => {
            format!("For {} it raises {exception}.", python_call(entry, arguments))
        }
    }
}
