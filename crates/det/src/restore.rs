//! A contract read back from its canonical value.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use abi::{Digest, Value};

use crate::contract::{Call, Case, Contract, ContractOrigin, Expectation, ExpectedFrom, Form, Operand};
use crate::demands::Demands;
use crate::{ContractError, Lint, Schema, TrustRoot};

type Restored<T> = Result<T, ContractError>;

impl Contract {
    /// The contract whose canonical value this is: the inverse of [`to_value`](Self::to_value). What it
    /// says was vouched for by a user or an exam, the root vouches for again.
    ///
    /// # Errors
    /// The value is no contract, or one that names a primitive of another version.
    pub fn of_value(value: &Value, _root: &impl TrustRoot) -> Restored<Self> {
        let form = Form::of_word(text(value, "form")?).ok_or(unreadable("form"))?;
        let origin = match text(value, "origin")? {
            "kernel" => ContractOrigin::Kernel,
            "proposer" => ContractOrigin::Proposer,
            _ => return Err(unreadable("origin")),
        };
        let expectation = expectation(value.get("expectation").ok_or(unreadable("expectation"))?)?;
        let restored = Self::restored(form, expectation, demands(value)?, origin)?;
        // Whatever the canonical value has beyond what was read, the digest would be another.
        if abi::encode(&restored.to_value()) == abi::encode(value) {
            Ok(restored)
        } else {
            Err(unreadable("fields"))
        }
    }
}

fn unreadable(field: &'static str) -> ContractError {
    ContractError::Unreadable { field }
}

fn text<'a>(value: &'a Value, field: &'static str) -> Restored<&'a str> {
    match value.get(field) {
        Some(Value::Text(text)) => Ok(text),
        _ => Err(unreadable(field)),
    }
}

fn list<'a>(value: &'a Value, field: &'static str) -> Restored<&'a [Value]> {
    match value.get(field) {
        Some(Value::List(items)) => Ok(items),
        _ => Err(unreadable(field)),
    }
}

fn digest(value: &Value, field: &'static str) -> Restored<Digest> {
    match value.get(field) {
        Some(Value::Bytes(bytes)) => {
            bytes.as_slice().try_into().map(Digest::from_bytes).map_err(|_| unreadable(field))
        }
        _ => Err(unreadable(field)),
    }
}

fn demands(value: &Value) -> Restored<Demands> {
    let texts = |field: &'static str| -> Restored<Vec<String>> {
        if value.get(field).is_none() {
            return Ok(Vec::new());
        }
        let one = |item: &Value| match item {
            Value::Text(text) => Ok(text.clone()),
            _ => Err(unreadable(field)),
        };
        list(value, field)?.iter().map(one).collect()
    };
    let schema = match value.get("schema") {
        Some(source) => Some(Schema::of_value(source.clone()).map_err(|_| unreadable("schema"))?),
        None => None,
    };
    let lint = |word: String| Lint::of_word(&word).ok_or(unreadable("lints"));
    let lints = texts("lints")?.into_iter().map(lint).collect::<Restored<_>>()?;
    Ok(Demands { schema, keys: texts("keys")?, parts: texts("parts")?, lints })
}

fn expectation(value: &Value) -> Restored<Expectation> {
    if let Value::Null = value {
        return Ok(Expectation::Nothing);
    }
    if let Some(called) = value.get("computed") {
        return Ok(Expectation::Computed(call(called)?));
    }
    if let Some(given) = value.get("given") {
        return Ok(Expectation::Given { value: given.clone(), from: from(value)? });
    }
    if value.get("checked_by").is_some() {
        return Ok(Expectation::CheckedBy { validator: String::from(text(value, "checked_by")?) });
    }
    let case = |case: &Value| {
        let arguments = list(case, "arguments")?.to_vec();
        let expected = case.get("expected").ok_or(unreadable("expected"))?.clone();
        Ok(Case { arguments, expected, from: from(case)? })
    };
    let cases = list(value, "cases")?.iter().map(case).collect::<Restored<_>>()?;
    let (language, entry) = (String::from(text(value, "language")?), String::from(text(value, "entry")?));
    Ok(Expectation::Cases { language, entry, cases })
}

fn from(value: &Value) -> Restored<ExpectedFrom> {
    let origin = value.get("origin").ok_or(unreadable("origin"))?;
    match text(origin, "from")? {
        "user" => Ok(ExpectedFrom::User),
        "proposer" => Ok(ExpectedFrom::Proposer),
        "exam" => digest(origin, "transcript").map(ExpectedFrom::Exam),
        _ => Err(unreadable("origin")),
    }
}

/// Reads a call. Recursion is bounded by `Call::new`, which refuses deep nesting, and by the value's own.
fn call(value: &Value) -> Restored<Call> {
    let operand = |operand: &Value| match (operand.get("literal"), operand.get("call")) {
        (Some(literal), None) => Ok(Operand::Literal(literal.clone())),
        (None, Some(inner)) => Ok(Operand::Call(Box::new(call(inner)?))),
        _ => Err(unreadable("operands")),
    };
    let operands = list(value, "operands")?.iter().map(operand).collect::<Restored<_>>()?;
    let restored = Call::new(text(value, "name")?, operands)?;
    let recorded = digest(value, "primitive")?;
    if restored.primitive().digest() == recorded { Ok(restored) } else { Err(unreadable("primitive")) }
}
