//! Programs: what a contract with cases demands, in the words of a prompt.

use det::{Contract, Expectation};

/// The most cases that a prompt tells. A contract may have more, and all of them are run.
const MAX_TOLD: usize = 32;

/// Returns the demand of a contract with cases, for the end of a prompt: the function, and the cases that are not held
/// out. None if the contract demands no program.
#[must_use]
pub fn program_demand(contract: &Contract) -> Option<String> {
    let Expectation::Cases { language, entry, cases } = contract.expectation() else { return None };
    let told = cases.iter().filter(|case| !case.is_held_out).take(MAX_TOLD);
    let told: Vec<String> = told.map(|case| case.shown(entry)).collect();
    let of_cases = match told.as_slice() {
        [] => String::new(),
        told => format!(", for which this must hold:\n{}", told.join("\n")),
    };
    Some(format!(
        "Answer with one program in {language}, in one fenced block, and nothing else. It must define the function \
         {entry}{of_cases}"
    ))
}
