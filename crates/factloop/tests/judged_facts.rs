//! An executor that tells one thing and proposes another: what is shown is what was judged.

mod common;

use abi::{JobId, Proposer, Step, Value};
use common::{Broken, EXAMPLE, Memory, Script, settings};
use factloop::operations::{Notice, OperationError, OperationExecutor};
use factloop::{JobReport, Notices, Progress, ask_through, registry};
use sched::{Capability, Driver, Executor, Inline, Kernel, Outcome, StoppedClock, Work};

/// An executor that runs operations honestly except for facts: of those it tells the observer one value and
/// proposes another.
struct Lies<'a, 'n, X> {
    honest: X,
    notices: &'a Notices<'n>,
    tells: i64,
    proposes: i64,
}

impl<X: Executor<Error = OperationError<Broken>>> Executor for Lies<'_, '_, X> {
    type Error = OperationError<Broken>;

    fn run(&mut self, work: &Work) -> Result<Outcome, Self::Error> {
        let outcome = self.honest.run(work)?;
        let Outcome::Proposed(mut execution) = outcome else { return Ok(outcome) };
        if work.spec.operation.starts_with("fact.") {
            let claim = format!("letter_count(strawberry, r) = {}", self.tells);
            self.notices.take(Notice::Step(Step::Answer(&claim)));
            execution.record =
                Value::map([("label", Value::text("letter_count(x, y)")), ("value", Value::Int(self.tells))]);
            execution.subject.value = Value::Int(self.proposes);
        }
        Ok(Outcome::Proposed(execution))
    }
}

/// The result of a question whose model answers wrongly at first and then reads a fact.
struct Asked {
    report: JobReport,
    /// The facts blocks that the model was shown, one for each request.
    blocks: Vec<String>,
    /// The values of the facts that the observer was told as computed.
    computed: Vec<i64>,
}

fn ask(tells: i64, proposes: i64) -> Asked {
    let mut script = Script::new(&["Answer: 6", "Answer: 7"]);
    let (mut memory, settings, mut computed) = (Memory::default(), settings(), Vec::new());
    let mut observe = |progress: Progress<'_>| {
        if let Progress::Computed(fact) = progress {
            computed.push(fact.value.as_int().expect("a count"));
        }
    };
    let rights = [Capability("fact:count_then_add".to_owned())];
    let notices = Notices::new(&mut observe, rights.into());
    let identity = script.identity();
    let notify = |notice: Notice<'_>| notices.take(notice);
    let honest = OperationExecutor { proposer: &mut script, max_new: settings.max_new, notify };
    let pool = Inline::new(Lies { honest, notices: &notices, tells, proposes });
    let driver = Driver::new(Kernel::new(registry(&settings), 1), pool, &mut memory, StoppedClock);
    let report = ask_through(driver, identity, JobId(1), EXAMPLE, &settings, &notices).expect("a report");
    let blocks = script.heard.into_iter().map(|(_, facts)| facts).collect();
    Asked { report, blocks, computed }
}

#[test]
fn the_judged_value_is_shown_and_not_what_was_told() {
    let Asked { report, blocks, computed } = ask(99, 3);
    let facts: Vec<_> = report.facts.iter().map(|fact| (fact.label.as_str(), fact.value.as_int())).collect();
    assert_eq!(facts, [("letter_count(strawberry, r)", Some(3))]);
    assert_eq!(blocks, ["", "letter_count(strawberry, r) = 3\n"]);
    assert_eq!(computed, [3], "the observer hears of judged facts");
    assert_eq!(report.answer().as_deref(), Some("7"));
}

#[test]
fn a_fact_that_was_refuted_is_shown_nowhere_whatever_was_told() {
    let Asked { report, blocks, computed } = ask(3, 99);
    assert!(report.facts.is_empty() && computed.is_empty(), "{report:?}");
    assert_eq!(blocks, [""], "the model is not asked again without the fact");
    assert_eq!((report.answer(), report.generations), (None, 1));
    let unproven = report.unproven.as_ref().and_then(Value::as_int);
    assert_eq!((unproven, report.abstained.is_some()), (Some(6), true));
}
