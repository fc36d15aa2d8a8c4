//! The part of a reply that is proposed.

use abi::Value;
use det::{Contract, Expectation, Form, extract_under, stated_program};

use super::json_span::{Document, document};
use crate::stated_text;

/// Returns what `reply` states under `contract`: the answer alone, or the program or the JSON document without the text
/// around it. A reply that states nothing of the form is returned whole, so that the judgement can say so.
#[must_use]
pub fn stated(contract: &Contract, reply: &str) -> Value {
    if let Expectation::Cases { language, entry, .. } | Expectation::Exam { language, entry, .. } =
        contract.expectation()
    {
        let program = stated_program(reply, language).defining(entry).text(reply);
        return Value::Text(program.unwrap_or_else(|| reply.to_owned()));
    }
    let part = match contract.form() {
        Form::Json => match document(reply) {
            Document::Stated(document) => Some(Value::text(document)),
            Document::Several | Document::Absent => None,
        },
        _ => extract_under(reply, contract).map(det::Answer::to_value),
    };
    part.unwrap_or_else(|| Value::text(reply))
}

/// Returns the finding against a proposal in words. A reply with several JSON documents is named as that, because a
/// judgement finds only that the whole of it is not one document.
#[must_use]
pub fn finding_in_words(form: Form, proposed: &Value, finding: &str) -> String {
    match form {
        Form::Json if document(&stated_text(proposed)) == Document::Several => {
            "the reply has JSON documents that differ, or takes its document back, so it states none; give one"
                .to_owned()
        }
        _ => finding.to_owned(),
    }
}
