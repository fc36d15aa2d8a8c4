//! A root, a notary and drivers for tests.

use abi::{Digest, Value};
use holdout::{
    Cpython, Drawn, Experiment, ExperimentError, Laboratory, Notary, NotaryError, Options, Report, Sealed,
    Spec,
};
use sandbox::{Launcher, Limits, Pool, Python, SandboxError};

/// The root of this test program.
pub(crate) struct Root;

#[allow(unsafe_code, reason = "a test program vouches for its own expectations")]
unsafe impl det::TrustRoot for Root {}

pub(crate) fn launcher() -> Result<Launcher, SandboxError> {
    Launcher::from_this_program(Python::find("python3")?, Limits::DEFAULT)
}

pub(crate) fn cpython() -> Cpython {
    Cpython::new(Pool::new(launcher().expect("python3"), 2))
}

/// A notary whose seeds are fixed, so that tests repeat.
pub(crate) struct Fixed(pub(crate) u8);

impl Notary for Fixed {
    fn seal(&mut self, sealed: &Sealed) -> Result<Drawn, NotaryError> {
        let head = Digest::hash_parts("nmk.test.head.v1", [sealed.candidate.as_bytes().as_slice()]);
        Ok(Drawn { head, entropy: [self.0; 32] })
    }
}

/// Returns the specification of a JSON text, in which a specification is as readable as in TOML.
pub(crate) fn spec(json: &str) -> Spec {
    Spec::from_value(det::parse_json(json).expect("JSON")).expect("a specification")
}

pub(crate) fn examined(spec: &Spec, candidate: &str) -> Result<Report, ExperimentError> {
    let python = cpython();
    let laboratory = Laboratory { candidate: &python, helper: Some(&python) };
    Experiment::new(spec, candidate, laboratory, Options::default(), Fixed(1)).run(&Root)
}

/// Returns the stage and the reason of a refusal, or `admitted`.
pub(crate) fn outcome(report: &Report) -> String {
    match &report.refusal {
        None => "admitted".to_owned(),
        Some(refusal) => format!("{} {}", refusal.stage.word(), refusal.reason),
    }
}

#[allow(dead_code, reason = "tests of counterexamples use it")]
pub(crate) fn ints(items: &[i64]) -> Vec<Value> {
    items.iter().map(|int| Value::Int(*int)).collect()
}
