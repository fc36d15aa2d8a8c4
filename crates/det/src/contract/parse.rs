//! The canonical value of a contract, read back.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use abi::Value;

use super::{Contract, ContractOrigin};
use crate::demands::Demands;
use crate::{
    Call, Case, ContractError, Expectation, Expected, ExpectedFrom, Form, Lint, Operand, Schema, Tolerance,
    TrustRoot, measure,
};

type Parsed<T> = Result<T, ContractError>;

impl Contract {
    /// Reads a contract from its canonical value: the inverse of [`to_value`](Self::to_value). The holder of
    /// the root vouches anew for each value whose stated voucher is a user or an exam.
    ///
    /// # Errors
    /// [`ContractError::Unreadable`] names the field that does not fit: the value is not a contract of this
    /// version, has other fields, nests deeper than a canonical value may, or names another version of a
    /// primitive. An unknown primitive, unfit operands and a form that cannot state the expected value have
    /// errors of their own.
    pub fn from_value(value: &Value, _root: &impl TrustRoot) -> Parsed<Self> {
        // A value that was built in memory may nest so deeply that the walks below overflow the stack.
        if measure(value).depth > abi::MAX_DEPTH {
            return Err(unreadable("nesting"));
        }
        let form = Form::from_word(field(value, "form", Value::as_text)?).ok_or(unreadable("form"))?;
        let origin = match field(value, "origin", Value::as_text)? {
            "kernel" => ContractOrigin::Kernel,
            "proposer" => ContractOrigin::Proposer,
            _ => return Err(unreadable("origin")),
        };
        let expectation = expectation(field(value, "expectation", Some)?)?;
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

/// Returns the value under `field`, as `read` reads it. Fails if there is none, or none of that type.
fn field<'a, T>(
    value: &'a Value,
    field: &'static str,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Parsed<T> {
    value.get(field).and_then(read).ok_or(unreadable(field))
}

fn demands(value: &Value) -> Parsed<Demands> {
    let texts = |name: &'static str| -> Parsed<Vec<String>> {
        if value.get(name).is_none() {
            return Ok(Vec::new());
        }
        let text = |item: &Value| item.as_text().map(String::from).ok_or(unreadable(name));
        field(value, name, Value::as_list)?.iter().map(text).collect()
    };
    let schema = match value.get("schema") {
        Some(source) => Some(Schema::from_value(source.clone()).map_err(|_| unreadable("schema"))?),
        None => None,
    };
    let lint = |word: String| Lint::from_word(&word).ok_or(unreadable("lints"));
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
    let text = |name| field(value, name, Value::as_text).map(String::from);
    if value.get("checked_by").is_some() {
        return Ok(Expectation::CheckedBy { validator: text("checked_by")? });
    }
    if value.get("specification").is_some() {
        let specification = field(value, "specification", Value::as_digest)?;
        return Ok(Expectation::Exam { language: text("language")?, entry: text("entry")?, specification });
    }
    let cases = field(value, "cases", Value::as_list)?.iter().map(case).collect::<Parsed<_>>()?;
    Ok(Expectation::Cases { language: text("language")?, entry: text("entry")?, cases })
}

fn case(value: &Value) -> Parsed<Case> {
    let arguments = field(value, "arguments", Value::as_list)?.to_vec();
    let expected = match value.get("raises") {
        Some(kind) => Expected::Raises(kind.as_text().map(String::from).ok_or(unreadable("raises"))?),
        None => Expected::Returns(field(value, "expected", Some)?.clone()),
    };
    let tolerance = match value.get("tolerance") {
        Some(Value::Float(tolerance)) => Tolerance::new(tolerance.get()).ok_or(unreadable("tolerance"))?,
        Some(_) => return Err(unreadable("tolerance")),
        None => Tolerance::NONE,
    };
    let is_held_out = value.get("held_out").and_then(Value::as_bool).unwrap_or(false);
    Ok(Case { arguments, expected, tolerance, is_held_out, from: voucher(value)? })
}

fn voucher(value: &Value) -> Parsed<ExpectedFrom> {
    let origin = field(value, "origin", Some)?;
    match field(origin, "from", Value::as_text)? {
        "user" => Ok(ExpectedFrom::User),
        "proposer" => Ok(ExpectedFrom::Proposer),
        "exam" => field(origin, "transcript", Value::as_digest).map(ExpectedFrom::Exam),
        _ => Err(unreadable("origin")),
    }
}

/// Recursion is bounded by the nesting of the value, which was measured. [`Call::new`] refuses calls that
/// nest too deeply for a contract.
fn call(value: &Value) -> Parsed<Call> {
    let operand = |operand: &Value| match (operand.get("literal"), operand.get("call")) {
        (Some(literal), None) => Ok(Operand::Literal(literal.clone())),
        (None, Some(inner)) => Ok(Operand::Call(Box::new(call(inner)?))),
        _ => Err(unreadable("operands")),
    };
    let operands = field(value, "operands", Value::as_list)?.iter().map(operand).collect::<Parsed<_>>()?;
    let call = Call::new(field(value, "name", Value::as_text)?, operands)?;
    let recorded = field(value, "primitive", Value::as_digest)?;
    if call.primitive().digest() == recorded { Ok(call) } else { Err(unreadable("primitive")) }
}
