//! Graders of replies in prose: an exact answer, a document of a schema with facts, or a verifier that is run.

use abi::{JobId, Origin, Proposal, TaskId, Value};
use det::{Contract, ExpectedFrom, Finding, Form, Outcome, Schema, TrustRoot, Validators, judge, parse_json};
use factloop::operations::stated;
use factloop::stated_text;
use holdout::{Driver, Program};
use sandbox::{SandboxError, Signature};

use crate::gate::Drivers;

/// The judgement on one reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Right,
    Wrong,
    /// The reply states no answer of the form that was asked for.
    Unanswered,
}

/// The reason why a reply cannot be graded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GradeError {
    /// The item has no grader that is known here.
    #[error("it is no grader: {what}")]
    Grader { what: &'static str },
    /// The verifier of the item cannot be run.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

/// The means of grading replies: the validators of `det`, and a confined Python for verifiers.
pub(crate) struct Graders<'a, R> {
    pub(crate) drivers: &'a Drivers,
    pub(crate) root: &'a R,
}

impl<R: TrustRoot> Graders<'_, R> {
    /// Grades a reply.
    ///
    /// # Errors
    /// [`GradeError`] if the description is none of a grader, or its verifier cannot be run.
    pub(crate) fn mark(&self, grader: &Value, reply: &str) -> Result<Mark, GradeError> {
        let unknown = |what| GradeError::Grader { what };
        if let Some(verifier) = grader.get("verifier") {
            let verifier = verifier.as_text().ok_or(unknown("its verifier is no text"))?;
            return self.verified(verifier, reply);
        }
        let Some(schema) = grader.get("schema") else {
            let word = grader.get("form").and_then(Value::as_text).ok_or(unknown("it has no form"))?;
            let form =
                form(word).ok_or(unknown("its form is none of integer, number, yes_no, text, json"))?;
            let expected = grader.get("expected").cloned().ok_or(unknown("nothing is expected"))?;
            let contract = Contract::expecting(form, expected, ExpectedFrom::User, self.root)
                .map_err(|_| unknown("what is expected has another form"))?;
            return Ok(judged(&contract, reply));
        };
        let schema = Schema::from_value(schema.clone()).map_err(|_| unknown("its schema is refused"))?;
        let contract = Contract::from_form(Form::Json)
            .with_schema(schema)
            .map_err(|_| unknown("its schema is refused"))?;
        let facts = grader.get("facts").cloned().and_then(Value::into_map);
        let facts = facts.ok_or(unknown("it has no facts beside its schema"))?;
        let Some(document) = document(reply) else { return Ok(Mark::Unanswered) };
        let holds =
            facts.iter().all(|(key, fact)| document.get(key).is_some_and(|stated| det::equal(stated, fact)));
        match judged(&contract, reply) {
            Mark::Right if holds => Ok(Mark::Right),
            _ => Ok(Mark::Wrong),
        }
    }

    /// Has a verifier look at the document of a reply. It accepts by returning True, and in no other way.
    fn verified(&self, verifier: &str, reply: &str) -> Result<Mark, GradeError> {
        let Some(document) = document(reply) else { return Ok(Mark::Unanswered) };
        let mut process = self.drivers.helper().start()?;
        let signature = Signature::PLAIN;
        let loaded = process.load(Program { source: verifier, entry: "verify", signature: &signature });
        loaded.map_err(|_| GradeError::Grader { what: "its verifier does not load" })?;
        Ok(match process.call(&[document]) {
            Ok(Value::Bool(true)) => Mark::Right,
            _ => Mark::Wrong,
        })
    }
}

/// Returns the form of an answer that graders know by this word.
fn form(word: &str) -> Option<Form> {
    let forms = [Form::Integer, Form::Number, Form::YesNo, Form::Text, Form::Json];
    forms.into_iter().find(|form| form.word() == word)
}

/// Returns the JSON document that a reply states. None if it states none, or several.
fn document(reply: &str) -> Option<Value> {
    let contract = Contract::from_form(Form::Json);
    parse_json(&stated_text(&stated(&contract, reply))).ok()
}

/// Judges what a reply states under a contract.
fn judged(contract: &Contract, reply: &str) -> Mark {
    let subject = Proposal { value: stated(contract, reply), origin: Origin::User };
    let task = TaskId { job: JobId(0), number: 0 };
    match judge(&Validators::builtin(), task, contract, Vec::new(), subject) {
        Err(_) => Mark::Unanswered,
        Ok(judged) => match judged.verdict().outcome() {
            Outcome::Satisfied => Mark::Right,
            Outcome::Refuted(Finding::Mismatch { .. }) => Mark::Wrong,
            Outcome::Refuted(_) => Mark::Unanswered,
        },
    }
}
