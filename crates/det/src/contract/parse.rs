//! The canonical value of a contract, read back.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use abi::{Digest, Value};

use super::{Contract, ContractOrigin};
use crate::demands::Demands;
use crate::{Call, Case, ContractError, Expectation, ExpectedFrom, Form, Lint, Operand, Schema, TrustRoot};

type Parsed<T> = Result<T, ContractError>;

impl Contract {
    /// Reads a contract from its canonical value: the inverse of [`to_value`](Self::to_value). The holder
    /// of the root vouches anew for each value that a user or an exam is said to vouch for.
    ///
    /// # Errors
    /// The value is not a contract of this version, or names a primitive of another version.
    pub fn of_value(value: &Value, _root: &impl TrustRoot) -> Parsed<Self> {
        let form = Form::from_word(text(value, "form")?).ok_or(unreadable("form"))?;
        let origin = match text(value, "origin")? {
            "kernel" => ContractOrigin::Kernel,
            "proposer" => ContractOrigin::Proposer,
            _ => return Err(unreadable("origin")),
        };
        let expectation = expectation(value.get("expectation").ok_or(unreadable("expectation"))?)?;
        let contract = Self::new(form, expectation.fitting(form)?, demands(value)?, origin);
        // A value with more in it than was read belongs to another digest, so it is no contract.
        if abi::encode(&contract.to_value()) == abi::encode(value) {
            Ok(contract)
        } else {
            Err(unreadable("fields"))
        }
    }
}

fn unreadable(field: &'static str) -> ContractError {
    ContractError::Unreadable { field }
}

fn text<'a>(value: &'a Value, field: &'static str) -> Parsed<&'a str> {
    match value.get(field) {
        Some(Value::Text(text)) => Ok(text),
        _ => Err(unreadable(field)),
    }
}

fn list<'a>(value: &'a Value, field: &'static str) -> Parsed<&'a [Value]> {
    match value.get(field) {
        Some(Value::List(items)) => Ok(items),
        _ => Err(unreadable(field)),
    }
}

fn digest(value: &Value, field: &'static str) -> Parsed<Digest> {
    match value.get(field) {
        Some(Value::Bytes(bytes)) => {
            bytes.as_slice().try_into().map(Digest::from_bytes).map_err(|_| unreadable(field))
        }
        _ => Err(unreadable(field)),
    }
}

fn demands(value: &Value) -> Parsed<Demands> {
    let texts = |field: &'static str| -> Parsed<Vec<String>> {
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
    let lints = texts("lints")?.into_iter().map(lint).collect::<Parsed<_>>()?;
    Ok(Demands { schema, keys: texts("keys")?, parts: texts("parts")?, lints })
}

fn expectation(value: &Value) -> Parsed<Expectation> {
    if let Value::Null = value {
        return Ok(Expectation::Nothing);
    }
    if let Some(called) = value.get("computed") {
        return Ok(Expectation::Computed(call(called)?));
    }
    if let Some(given) = value.get("given") {
        return Ok(Expectation::Given { value: given.clone(), from: voucher(value)? });
    }
    if value.get("checked_by").is_some() {
        return Ok(Expectation::CheckedBy { validator: String::from(text(value, "checked_by")?) });
    }
    let case = |case: &Value| {
        let arguments = list(case, "arguments")?.to_vec();
        let expected = case.get("expected").ok_or(unreadable("expected"))?.clone();
        Ok(Case { arguments, expected, from: voucher(case)? })
    };
    let cases = list(value, "cases")?.iter().map(case).collect::<Parsed<_>>()?;
    let (language, entry) = (String::from(text(value, "language")?), String::from(text(value, "entry")?));
    Ok(Expectation::Cases { language, entry, cases })
}

fn voucher(value: &Value) -> Parsed<ExpectedFrom> {
    let origin = value.get("origin").ok_or(unreadable("origin"))?;
    match text(origin, "from")? {
        "user" => Ok(ExpectedFrom::User),
        "proposer" => Ok(ExpectedFrom::Proposer),
        "exam" => digest(origin, "transcript").map(ExpectedFrom::Exam),
        _ => Err(unreadable("origin")),
    }
}

/// Recursion is bounded by the nesting of the value, which the caller decoded. [`Call::new`] refuses calls
/// that nest too deeply.
fn call(value: &Value) -> Parsed<Call> {
    let operand = |operand: &Value| match (operand.get("literal"), operand.get("call")) {
        (Some(literal), None) => Ok(Operand::Literal(literal.clone())),
        (None, Some(inner)) => Ok(Operand::Call(Box::new(call(inner)?))),
        _ => Err(unreadable("operands")),
    };
    let operands = list(value, "operands")?.iter().map(operand).collect::<Parsed<_>>()?;
    let call = Call::new(text(value, "name")?, operands)?;
    let recorded = digest(value, "primitive")?;
    if call.primitive().digest() == recorded { Ok(call) } else { Err(unreadable("primitive")) }
}
