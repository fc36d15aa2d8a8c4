//! One question under one condition: the real model, the real loop, and the verdict of the kernel.

use std::time::Instant;

use abi::{Decoding, Draft, Fact, JobId, Proposal, Proposer, Request, TaskId, Value};
use det::{Contract, ContractDraft, Expectation, Form, Validators};
use factloop::operations::stated;
use factloop::{AskError, Routed, Settings, block};
use kpolicy::{Signals, Unit, charge, decide};

use super::Arm;
use crate::book::Book;
use crate::engine::job_failure;
use crate::eval::question::Question;
use crate::{AnyModel, Error};

/// The amounts of policy that the arms are run with.
#[derive(Clone, Debug)]
pub(crate) struct Spend {
    /// The settings of the loop, on an idle machine and without a budget.
    pub(crate) settings: Settings,
    /// The load of the busy machine.
    pub(crate) busy: Unit,
    /// The rest of the budget that the arm of that name shares over its questions.
    pub(crate) left: f64,
}

/// The outcome of one question.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    /// True if the last reply states the right answer.
    pub(crate) is_right: bool,
    /// True if the kernel committed an answer. False for arms in which nothing is judged.
    pub(crate) is_committed: bool,
    pub(crate) generations: u32,
    /// The facts that were spent on the question.
    pub(crate) spent: u32,
    /// The tokens of all prompts and replies.
    pub(crate) tokens: u64,
    pub(crate) seconds: f64,
    /// The first reply, with the number of tokens of its prompt and of itself.
    pub(crate) first: (String, Option<u64>, u64),
}

/// Answers `question` under `arm`. The book keeps what the kernel judged.
///
/// # Errors
/// [`Error`] if the model or the book fails, or if the grammar does not read the question.
pub(crate) fn run(
    arm: Arm,
    question: &Question,
    model: &mut AnyModel,
    book: &mut Book,
    spend: &mut Spend,
) -> Result<Course, Error> {
    let routed = factloop::route(&question.prompt).ok_or_else(|| {
        Error::Kernel(format!("a question of the evaluation is not read: {}", question.prompt))
    })?;
    let begun = Instant::now();
    let course = match arm {
        Arm::Base => once(question, &routed, "", model, spend)?,
        Arm::Always | Arm::AlwaysOperandOnly => once(question, &routed, &facts(&routed)?, model, spend)?,
        Arm::GovernedOperandOnly => by_operand(question, &routed, model, spend)?,
        Arm::GovernedIdle => governed(question, &routed, model, book, spend.settings.clone())?,
        Arm::GovernedBusy => {
            let settings = Settings { cost: spend.busy, ..spend.settings.clone() };
            governed(question, &routed, model, book, settings)?
        }
        Arm::Cost(hundredths) => {
            let cost = Unit::clamped(f64::from(hundredths) / 100.0).unwrap_or(Unit::ONE);
            governed(question, &routed, model, book, Settings { cost, ..spend.settings.clone() })?
        }
        Arm::Budget => {
            let settings = Settings { budget: Some(spend.left), ..spend.settings.clone() };
            let unit = settings.policy.settings().unit_cost;
            let course = governed(question, &routed, model, book, settings)?;
            spend.left -= f64::from(course.spent) * unit;
            course
        }
    };
    Ok(Course { seconds: begun.elapsed().as_secs_f64(), ..course })
}

/// Returns the facts block of the question, computed by a primitive.
fn facts(routed: &Routed) -> Result<String, Error> {
    let value = routed.fact.evaluate().map_err(|error| Error::Kernel(error.to_string()))?;
    Ok(block(&[Fact { label: routed.fact.to_string(), value }]))
}

/// Asks the model once.
fn once(
    question: &Question,
    routed: &Routed,
    facts: &str,
    model: &mut AnyModel,
    spend: &Spend,
) -> Result<Course, Error> {
    let draft = draft(&question.prompt, facts, model, spend)?;
    Ok(Course {
        is_right: is_right(question, routed, &draft.text),
        is_committed: false,
        generations: 1,
        spent: u32::from(!facts.is_empty()),
        tokens: draft.prompt_tokens.unwrap_or(0) + draft.used(),
        seconds: 0.0,
        first: (draft.text.clone(), draft.prompt_tokens, draft.used()),
    })
}

fn draft(prompt: &str, facts: &str, model: &mut AnyModel, spend: &Spend) -> Result<Draft, Error> {
    let max_new = spend.settings.max_new;
    let request = Request { prompt, facts, schema: None, max_new, decoding: Decoding::Greedy };
    match model.propose(&request, &mut |_| {}) {
        Ok(proposal) => Ok(proposal.value),
        Err(failure) => Err(crate::engine::model_failure(model.identity().name, failure)),
    }
}

/// Runs the fact loop, whose validator knows the answer by a primitive.
fn governed(
    question: &Question,
    routed: &Routed,
    model: &mut AnyModel,
    book: &mut Book,
    settings: Settings,
) -> Result<Course, Error> {
    let (job, _claim) = book.begin()?;
    let name = model.identity().name;
    let asked = factloop::ask(model, book, job, &question.prompt, &settings, &mut |_| {});
    let report = asked.map_err(|error| match error {
        AskError::EmptyPrompt => Error::Kernel("a question of the evaluation is empty".to_owned()),
        AskError::Job(error) => job_failure(name, std::path::Path::new(""), error),
    })?;
    let tokens = |generated: &factloop::Generated| generated.prompt_tokens.unwrap_or(0) + generated.tokens;
    let first = report.generated.first();
    let reply = report.reply.as_deref().unwrap_or_default();
    Ok(Course {
        is_right: is_right(question, routed, reply),
        is_committed: report.is_committed(),
        generations: report.generations,
        spent: report.k,
        tokens: report.generated.iter().map(tokens).sum(),
        seconds: 0.0,
        first: first.map_or_else(
            || (String::new(), None, 0),
            |first| (first.reply.clone(), first.prompt_tokens, first.tokens),
        ),
    })
}

/// Has the operand of the question judged apart, and asks the question with the verified operand where the model's own
/// was refuted and the policy spends. The answer itself is not judged, so it has the level property at most.
fn by_operand(
    question: &Question,
    routed: &Routed,
    model: &mut AnyModel,
    spend: &Spend,
) -> Result<Course, Error> {
    let operand_prompt = question.operand_prompt.as_deref().unwrap_or(&question.prompt);
    let operand = draft(operand_prompt, "", model, spend)?;
    let is_known = holds_operand(routed, &operand.text)?;
    let Settings { policy, importance, risk, cost, budget, .. } = spend.settings.clone();
    let signals = Signals { disagreement: Some(Unit::ONE), cost, risk, importance, ..Signals::QUIET };
    let admitted = charge(&decide(&policy, &signals), budget).map_or(0, |charge| charge.admitted);
    let facts = if is_known || admitted == 0 { String::new() } else { facts(routed)? };
    let course = once(question, routed, &facts, model, spend)?;
    Ok(Course {
        generations: course.generations + 1,
        tokens: course.tokens + operand.prompt_tokens.unwrap_or(0) + operand.used(),
        first: (operand.text.clone(), operand.prompt_tokens, operand.used()),
        ..course
    })
}

/// Returns true if the kernel's verdict is that `reply` states the operand. The contract is a proposer's, so that nothing
/// above the level property can be concluded.
fn holds_operand(routed: &Routed, reply: &str) -> Result<bool, Error> {
    let origin = abi::Origin::Primitive { digest: routed.fact.primitive().digest() };
    let value =
        ContractDraft { form: Form::Integer, expectation: Expectation::Computed(routed.fact.clone()) };
    let broken = |error: &dyn std::fmt::Display| Error::Kernel(error.to_string());
    let contract =
        Contract::proposed(Proposal { value, origin: origin.clone() }).map_err(|error| broken(&error))?;
    let subject = Proposal { value: stated(&contract, reply), origin };
    let task = TaskId { job: JobId(0), number: 0 };
    let judged = det::judge(&Validators::builtin(), task, &contract, Vec::new(), subject);
    Ok(judged.map_err(|error| broken(&error))?.verdict().is_satisfied())
}

/// Returns true if the reply states the answer that the generator of the question computed.
fn is_right(question: &Question, routed: &Routed, reply: &str) -> bool {
    let stated: Value = stated(&routed.contract, reply);
    det::equal(&stated, &question.expected)
}
