//! The part of a reply that is proposed.

use abi::Value;
use det::{Contract, Form, extract_under};

use super::json_span::json_span;

/// Returns what `reply` states under `contract`: the answer alone, or the JSON document without the text
/// around it. A reply that states nothing of the form is returned whole, so that the judgement can say so.
pub(super) fn stated(contract: &Contract, reply: &str) -> Value {
    let part = match contract.form() {
        Form::Json => json_span(reply).map(Value::text),
        _ => extract_under(reply, contract).map(det::Answer::to_value),
    };
    part.unwrap_or_else(|| Value::text(reply))
}
