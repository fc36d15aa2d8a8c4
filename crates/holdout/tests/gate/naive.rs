//! A naive grader, whose verdicts stand beside those of the gate.
//!
//! The grader runs the candidate and its tests in one process, compares with `==`, and believes an exit status of 0, a
//! printed word of success, and every frame that comes back. Its process is confined like that of the gate.

use abi::Value;
use holdout::{Oracle, Spec};
use sandbox::{Fault, Launcher};

const GRADER: &str = include_str!("naive.py");
/// The word that the grader prints when all tests have passed.
const SUCCESS: &str = "PASSED";

/// Returns true if the naive grader accepts the candidate, whose tests are the samples of the specification.
pub(crate) fn accepts(launcher: &Launcher, spec: &Spec, candidate: &str) -> bool {
    let mut worker = launcher.start().expect("a worker");
    worker.load(GRADER, "grade").expect("the grader loads");
    let cases = spec
        .samples()
        .iter()
        .map(|sample| Value::List(vec![Value::List(sample.arguments.clone()), sample.returns.clone()]));
    let verifier = match spec.oracle() {
        Oracle::Verifier(source) => Value::text(source.as_str()),
        _ => Value::Null,
    };
    let arguments =
        [Value::text(candidate), Value::text(spec.entry()), Value::List(cases.collect()), verifier];
    match worker.call(&arguments) {
        Ok(printed) => printed.as_text().is_some_and(|printed| printed.contains(SUCCESS)),
        Err(Fault::Ended { what }) => what == "exit status: 0",
        Err(_) => false,
    }
}
