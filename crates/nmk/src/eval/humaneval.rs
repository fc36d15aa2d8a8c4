//! The gate on problems in the HumanEval format: which can be examined, and what the gate finds that the problem's own
//! tests do not.

mod problem;

use abi::Value;
use det::TrustRoot;
use holdout::{Confined, Driver, ExperimentError, Options, Program, Share, Spec, SpecError, mutants};
use sandbox::{Fault, SandboxError, Signature};
use serde_json::{Value as Json, json};

use crate::eval::Repeatable;
use crate::gate::{Drivers, examine};

pub(crate) use problem::{Problem, read};

/// Runs the tests of a problem, and describes the calls that they make.
const OBSERVE: &str = include_str!("observe.py");

/// The choices of one evaluation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choices {
    /// The wrong programs that are made of each solution.
    pub(crate) mutants: u32,
    /// The draws of each exam.
    pub(crate) draws: u32,
}

/// The findings about one problem.
#[derive(Debug, Default)]
pub(crate) struct Finding {
    pub(crate) task: String,
    /// The reason why no specification was derived, or why no exam said anything. None if one did.
    pub(crate) inexpressible: Option<Inexpressible>,
    /// The reason why the problem's own solution was refused. None if it was admitted, or never judged.
    pub(crate) refused: Option<String>,
    /// For each wrong program: true if the problem's tests refuse it, and true if the gate does.
    pub(crate) mutants: Vec<(bool, bool)>,
    /// The instances that were left out because the solution raised on them.
    pub(crate) undefined: u32,
}

/// The reason why a problem cannot be examined.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Inexpressible {
    /// The tests do not run against the problem's own solution, or call it in a way that no specification can say.
    #[error("its tests: {0}")]
    Calls(Fault),
    /// The types of its calls are no types of a specification.
    #[error("its types: {0}")]
    Types(#[from] SpecError),
    /// The solution is no oracle.
    #[error("its solution: {0}")]
    Exam(ExperimentError),
}

/// Evaluates one problem.
///
/// # Errors
/// [`SandboxError`] if no program can be run here.
pub(crate) fn evaluate(
    problem: &Problem,
    drivers: &Drivers,
    choices: Choices,
    root: &impl TrustRoot,
) -> Result<Finding, SandboxError> {
    let mut finding = Finding { task: problem.task.clone(), ..Finding::default() };
    let solution = problem.solution();
    let driver = drivers.helper();
    let spec = match derived(problem, &solution, driver, choices.draws)? {
        Ok(spec) => spec,
        Err(why) => {
            finding.inexpressible = Some(why);
            return Ok(finding);
        }
    };
    let options =
        Options { most_mutants: 0, may_be_the_oracle: true, leave_out_undefined: true, ..Options::default() };
    let judged = |source: &str| match examine(&spec, source, drivers, options, Repeatable, root) {
        Err(ExperimentError::Sandbox(error)) => Err(error),
        other => Ok(other),
    };
    match judged(&solution)? {
        Err(error) => {
            finding.inexpressible = Some(Inexpressible::Exam(error));
            return Ok(finding);
        }
        Ok(report) => {
            finding.undefined = report.undefined;
            finding.refused =
                report.refusal.map(|refusal| format!("{}: {}", refusal.stage.word(), refusal.what));
        }
    }
    for (_, source) in mutants(driver, &solution, choices.mutants)? {
        let by_tests = !passes(problem, &source, driver)?;
        let by_gate = match judged(&source)? {
            Ok(report) => report.admission.is_none(),
            // The specification failed on this one alone, so that the gate says nothing against it.
            Err(_) => false,
        };
        finding.mutants.push((by_tests, by_gate));
    }
    Ok(finding)
}

/// Derives a specification from the calls that the problem's tests make. The inner error says why there is none.
fn derived(
    problem: &Problem,
    solution: &str,
    driver: &Confined,
    draws: u32,
) -> Result<Result<Spec, Inexpressible>, SandboxError> {
    let observed = match called(problem, solution, "nmk_observe", driver)? {
        Ok(observed) => observed,
        Err(fault) => return Ok(Err(Inexpressible::Calls(fault))),
    };
    let part = |key| observed.get(key).cloned().unwrap_or(Value::Null);
    let entry = &problem.entry;
    let oracle = format!("{solution}\n\ndef oracle(*arguments):\n    return {entry}(*arguments)\n");
    let exam = Value::map([
        ("n", Value::Int(i64::from(draws))),
        ("min_distinct", Value::Int(1)),
        ("min_kill_rate", Value::Int(0)),
        ("tolerance", det::Float::new(1e-9).map_or(Value::Null, Value::Float)),
    ]);
    let source = Value::map([
        ("entry", Value::text(entry.as_str())),
        ("args", part("args")),
        ("returns", part("returns")),
        ("oracle", Value::map([("python", Value::Text(oracle))])),
        ("exam", exam),
    ]);
    Ok(Spec::from_value(source).map_err(Inexpressible::from))
}

/// Returns true if a program passes the problem's own tests.
fn passes(problem: &Problem, source: &str, driver: &Confined) -> Result<bool, SandboxError> {
    let said = called(problem, source, "nmk_passes", driver)?;
    Ok(said.is_ok_and(|said| said.as_bool() == Some(true)))
}

/// Runs a function of [`OBSERVE`] beside a program and the problem's tests, in a process of its own.
fn called(
    problem: &Problem,
    source: &str,
    function: &str,
    driver: &Confined,
) -> Result<Result<Value, Fault>, SandboxError> {
    let mut process = driver.start()?;
    let source = format!("{source}\n{}\n{OBSERVE}", problem.test);
    let signature = Signature::PLAIN;
    let loaded = process.load(Program { source: &source, entry: function, signature: &signature });
    Ok(loaded.and_then(|()| process.call(&[Value::text(problem.entry.as_str())])))
}

/// The reason why the inputs of EvalPlus are not used.
const NO_EVALPLUS: &str =
    "they are no part of a problem file in the HumanEval format, and no package has them";

/// The sums of an evaluation.
pub(crate) struct Summary {
    pub(crate) problems: usize,
    pub(crate) expressible: Share,
    pub(crate) canonical_admitted: Share,
    pub(crate) tests_kill: Share,
    pub(crate) gate_kill: Share,
    /// The wrong programs that only one of the two refuses: the tests, and the gate.
    pub(crate) only: (usize, usize),
    pub(crate) undefined: u64,
}

impl Summary {
    pub(crate) fn new(findings: &[Finding]) -> Self {
        let share = |hits: usize, trials: usize| Share { hits, trials };
        let expressible: Vec<&Finding> =
            findings.iter().filter(|finding| finding.inexpressible.is_none()).collect();
        let admitted = expressible.iter().filter(|finding| finding.refused.is_none()).count();
        let mutants: Vec<(bool, bool)> =
            expressible.iter().flat_map(|finding| finding.mutants.iter().copied()).collect();
        let killed = |by: fn(&(bool, bool)) -> bool| mutants.iter().filter(|mutant| by(mutant)).count();
        Self {
            problems: findings.len(),
            expressible: share(expressible.len(), findings.len()),
            canonical_admitted: share(admitted, expressible.len()),
            tests_kill: share(killed(|mutant| mutant.0), mutants.len()),
            gate_kill: share(killed(|mutant| mutant.1), mutants.len()),
            only: (killed(|mutant| mutant.0 && !mutant.1), killed(|mutant| mutant.1 && !mutant.0)),
            undefined: expressible.iter().map(|finding| u64::from(finding.undefined)).sum(),
        }
    }

    pub(crate) fn object(&self, findings: &[Finding], choices: Choices) -> Json {
        let interval = |share: Share| json!(share.interval());
        let listed = |why: &dyn Fn(&Finding) -> Option<String>| -> Vec<Json> {
            let one = |finding: &Finding| why(finding).map(|why| json!({"task": finding.task, "why": why}));
            findings.iter().filter_map(one).collect()
        };
        json!({
            "problems": self.problems,
            "draws": choices.draws,
            "mutants": self.tests_kill.trials,
            "expressible": self.expressible.rate(),
            "canonical_admitted": self.canonical_admitted.rate(),
            "tests_kill": self.tests_kill.rate(),
            "gate_kill": self.gate_kill.rate(),
            "evalplus_kill": null,
            "unproven": [format!("evalplus_kill: {NO_EVALPLUS}")],
            "intervals": {
                "expressible": interval(self.expressible),
                "canonical_admitted": interval(self.canonical_admitted),
                "tests_kill": interval(self.tests_kill),
                "gate_kill": interval(self.gate_kill),
            },
            "only_tests_kill": self.only.0,
            "only_gate_kill": self.only.1,
            "undefined_instances": self.undefined,
            "not_expressible": listed(&|finding| finding.inexpressible.as_ref().map(ToString::to_string)),
            "canonical_refused": listed(&|finding| finding.refused.clone()),
        })
    }

    pub(crate) fn lines(&self, findings: &[Finding]) -> Vec<String> {
        let count = |share: Share| format!("{} of {}: {share}", share.hits, share.trials);
        let mut lines = vec![
            format!("expressible: {}", count(self.expressible)),
            format!("own solution admitted: {}", count(self.canonical_admitted)),
            format!("wrong programs that the problem's tests refuse: {}", count(self.tests_kill)),
            format!("wrong programs that the gate refuses: {}", count(self.gate_kill)),
            format!("refused by the tests alone: {}; by the gate alone: {}", self.only.0, self.only.1),
            format!("instances left out because the solution raises on them: {}", self.undefined),
            format!("wrong programs that the inputs of EvalPlus refuse: UNPROVEN ({NO_EVALPLUS})"),
        ];
        for finding in findings {
            if let Some(why) = &finding.inexpressible {
                lines.push(format!("not expressible: {}: {why}", finding.task));
            } else if let Some(why) = &finding.refused {
                lines.push(format!("own solution refused: {}: {why}", finding.task));
            }
        }
        lines
    }
}
