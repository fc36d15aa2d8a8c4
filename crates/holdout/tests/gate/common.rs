//! A root, a notary and drivers for tests.

use abi::{Digest, Value};
use holdout::{
    Confined, Drawn, Experiment, ExperimentError, Laboratory, Notary, NotaryError, Options, Report, Sealed,
    Spec,
};
use sandbox::{Interpreter, Launcher, Limits, Pool, Python, SandboxError};

/// The root of this test program.
pub(crate) struct Root;

// SAFETY: the trait has no memory contract. What enters beside this value is part of the tests.
#[allow(unsafe_code, reason = "a test program vouches for its own expectations")]
unsafe impl det::TrustRoot for Root {}

pub(crate) fn launcher() -> Result<Launcher, SandboxError> {
    Launcher::from_this_program(Python::find("python3")?, Limits::DEFAULT)
}

pub(crate) fn cpython() -> Confined {
    Confined::new(Pool::new(launcher().expect("python3"), 2))
}

/// Returns a driver of the built-in interpreter.
pub(crate) fn monty() -> Confined {
    let launcher = Launcher::from_this_program(Interpreter::Monty, Limits::DEFAULT);
    Confined::new(Pool::new(launcher.expect("the path of this program"), 2))
}

/// A notary whose seeds are fixed, so that tests repeat.
pub(crate) struct Fixed(pub(crate) u8);

impl Notary for Fixed {
    fn seal(&mut self, sealed: &Sealed) -> Result<Drawn, NotaryError> {
        let head = Digest::hash_parts("nmk.test.head.v1", [sealed.candidate.as_bytes().as_slice()]);
        Ok(Drawn { head, entropy: [self.0; 32] })
    }
}

/// Returns the value of a JSON text, in which a specification is as readable as in TOML.
pub(crate) fn parsed(json: &str) -> Value {
    det::parse_json(json).expect("JSON")
}

pub(crate) fn spec(json: &str) -> Spec {
    Spec::from_value(parsed(json)).expect("a specification")
}

pub(crate) fn examined(spec: &Spec, candidate: &str) -> Result<Report, ExperimentError> {
    examined_with(spec, candidate, Options::default(), 1)
}

pub(crate) fn examined_with(
    spec: &Spec,
    candidate: &str,
    options: Options,
    seed: u8,
) -> Result<Report, ExperimentError> {
    examined_by(&cpython(), spec, candidate, options, seed)
}

pub(crate) fn examined_by(
    python: &Confined,
    spec: &Spec,
    candidate: &str,
    options: Options,
    seed: u8,
) -> Result<Report, ExperimentError> {
    examined_in([python, python], spec, candidate, options, seed)
}

/// Examines a candidate that the first driver runs, with the code of the specification in the second.
pub(crate) fn examined_in(
    [runs, helps]: [&Confined; 2],
    spec: &Spec,
    candidate: &str,
    options: Options,
    seed: u8,
) -> Result<Report, ExperimentError> {
    let laboratory = Laboratory { candidate: runs, helper: Some(helps) };
    Experiment::new(spec, candidate, laboratory, options, Fixed(seed)).run(&Root)
}

/// Returns the stage and the reason of a refusal, or `admitted`.
pub(crate) fn outcome(report: &Report) -> String {
    match &report.refusal {
        None => "admitted".to_owned(),
        Some(refusal) => format!("{} {}", refusal.stage.word(), refusal.reason),
    }
}

/// Returns a TOML value as a value of this project.
pub(crate) fn value_of(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::text(text.as_str()),
        toml::Value::Integer(int) => Value::Int(*int),
        toml::Value::Float(float) => Value::Float(abi::Float::new(*float).expect("a number")),
        toml::Value::Boolean(truth) => Value::Bool(*truth),
        toml::Value::Array(items) => Value::List(items.iter().map(value_of).collect()),
        toml::Value::Table(table) => {
            Value::map(table.iter().map(|(name, item)| (name.as_str(), value_of(item))))
        }
        toml::Value::Datetime(_) => panic!("a specification has no dates"),
    }
}
