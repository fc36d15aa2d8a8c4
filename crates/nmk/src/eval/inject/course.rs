//! The questions under each arm: replies, readings of the replies, and the verdicts of the kernel.

use std::time::Duration;

use abi::{JobId, Origin, Proposal, TaskId, Value};
use backend_cpu::CpuBackend;
use det::{Contract, ContractDraft, Expectation, Form, Validators};
use factloop::Routed;
use factloop::operations::stated;
use proposer::LocalModel;
use serde_json::{Value as Json, json};

use super::{Arm, Bits, Given, Injectors, Mode, Outcome, Question, Reply, Sums, bits, reply};
use crate::Error;

/// An evaluation under way.
pub(crate) struct Course<'a> {
    model: &'a LocalModel<CpuBackend>,
    injectors: &'a Injectors,
    /// The questions, each with the reading of its bare form.
    questions: Vec<(&'a Question, Routed)>,
    max_new: u32,
    /// The replies of the model alone.
    base: Vec<Reply>,
    /// The arms so far, in the order in which they were measured.
    pub(crate) sums: Vec<Sums>,
    /// The satisfied verdicts about wrong answers, and all satisfied ones.
    pub(crate) judged: (usize, usize),
}

impl<'a> Course<'a> {
    /// Reads the questions.
    ///
    /// # Errors
    /// [`Error::Kernel`] if the grammar does not read one.
    pub(crate) fn new(
        model: &'a LocalModel<CpuBackend>,
        injectors: &'a Injectors,
        questions: &'a [Question],
        max_new: u32,
    ) -> Result<Self, Error> {
        let read = |question: &'a Question| match factloop::route(&question.bare) {
            Some(routed) => Ok((question, routed)),
            None => {
                Err(Error::Kernel(format!("a question of the evaluation is not read: {}", question.bare)))
            }
        };
        let questions = questions.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { model, injectors, questions, max_new, base: Vec::new(), sums: Vec::new(), judged: (0, 0) })
    }

    /// Answers all questions under one arm.
    ///
    /// # Errors
    /// [`Error`] if the model refuses a question.
    pub(crate) fn measure(&mut self, arm: Arm) -> Result<(), Error> {
        let mut sums = Sums::new(arm);
        for (question, routed) in &self.questions {
            let reply = reply(self.model, self.injectors, (question, routed), arm, self.max_new)?;
            let found = stated(&routed.contract, &reply.text);
            let is = |number: i64| det::equal(&found, &Value::Int(number));
            let value = arm.given.value(question);
            let is_right = is(question.answer(question.known));
            sums.tokens += (reply.prompt.len() + reply.tokens.len()) as u64;
            sums.outcomes.push(Outcome {
                operation: question.operation,
                follows: is(question.answer(value)),
                is_right,
                states_value: is(value),
                value,
            });
            if satisfies(question, found)? {
                self.judged.1 += 1;
                self.judged.0 += usize::from(!is_right);
            }
            if arm.mode == Mode::Base {
                self.base.push(reply);
            }
        }
        self.sums.push(sums);
        Ok(())
    }

    /// Notes how long the last arm took.
    pub(crate) fn took(&mut self, time: Duration) {
        if let Some(sums) = self.sums.last_mut() {
            sums.seconds = time.as_secs_f64();
        }
    }

    /// Compares the logits of every question bit for bit, with the wrong value injected.
    ///
    /// # Errors
    /// [`Error`] if the model refuses a sequence.
    pub(crate) fn bits(&self) -> Result<Bits, Error> {
        let mut sum = Bits::default();
        for ((question, _), base) in self.questions.iter().zip(&self.base) {
            sum += bits(self.model, self.injectors, question.other, base)?;
        }
        Ok(sum)
    }

    /// Returns the answers of the model alone as if the wrong value had been given: how often they follow it by chance.
    pub(crate) fn chance(&self) -> Sums {
        let arm = Arm { mode: Mode::Base, given: Given::Other };
        let mut sums = Sums::new(arm);
        for ((question, routed), base) in self.questions.iter().zip(&self.base) {
            let found = stated(&routed.contract, &base.text);
            let is = |number: i64| det::equal(&found, &Value::Int(number));
            sums.outcomes.push(Outcome {
                operation: question.operation,
                follows: is(question.answer(question.other)),
                is_right: is(question.answer(question.known)),
                states_value: is(question.other),
                value: question.other,
            });
        }
        sums
    }

    /// Returns the answers of mode B to wrong values of two digits, apart for values that no training step injected.
    pub(crate) fn untaught(&self) -> Json {
        let untaught = &self.injectors.trained.parts().untaught;
        let arm = Arm { mode: Mode::Residual, given: Given::Far };
        let Some(sums) = self.sums.iter().find(|sums| sums.arm == arm) else { return Json::Null };
        let share = |wanted: bool| {
            let is_new = |outcome: &&Outcome| {
                let value = u64::try_from(outcome.value).unwrap_or(u64::MAX);
                !outcome.operation.is_operand() && untaught.contains(&value) == wanted
            };
            let outcomes: Vec<bool> =
                sums.outcomes.iter().filter(is_new).map(|outcome| outcome.follows).collect();
            let share = holdout::Share::from_outcomes(&outcomes);
            json!({ "items": share.trials, "rate": share.rate(), "ci": share.interval() })
        };
        json!({ "taught": share(false), "untaught": share(true) })
    }
}

/// Returns true if the kernel's verdict is that `found` is the answer to the question. The contract is a proposer's, so
/// that nothing above the level property can be concluded. A question that the grammar does not read has no verdict.
fn satisfies(question: &Question, found: Value) -> Result<bool, Error> {
    let Some(routed) = factloop::route(&question.prompt) else { return Ok(false) };
    let origin = Origin::Primitive { digest: routed.fact.primitive().digest() };
    let value = ContractDraft { form: Form::Integer, expectation: Expectation::Computed(routed.answer) };
    let broken = |error: &dyn std::fmt::Display| Error::Kernel(error.to_string());
    let contract =
        Contract::proposed(Proposal { value, origin: origin.clone() }).map_err(|error| broken(&error))?;
    let task = TaskId { job: JobId(0), number: 0 };
    let subject = Proposal { value: found, origin };
    let judged = det::judge(&Validators::builtin(), task, &contract, Vec::new(), subject);
    Ok(judged.map_err(|error| broken(&error))?.verdict().is_satisfied())
}
