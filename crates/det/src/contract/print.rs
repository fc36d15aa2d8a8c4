//! The canonical value of a contract, written.

use alloc::string::String;
use alloc::vec::Vec;

use abi::{Digest, Float, Value};

use super::{Contract, ContractOrigin};
use crate::demands::Demands;
use crate::{Call, Case, Expectation, Expected, ExpectedFrom, Operand, Tolerance};

const CASES: &str = "nmk.cases.v1";

impl Contract {
    /// Returns the canonical value of the contract, which the ledger stores and which
    /// [`digest`](Self::digest) covers.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let origin = match self.origin {
            ContractOrigin::Kernel => "kernel",
            ContractOrigin::Proposer => "proposer",
        };
        let mut fields = demands(&self.demands);
        fields.extend([
            ("form", Value::text(self.form.word())),
            ("expectation", expectation(&self.expectation)),
            ("origin", Value::text(origin)),
        ]);
        Value::map(fields)
    }
}

/// Returns the fields of those demands that the contract makes. An absent demand has no field, so that a
/// contract made before that kind of demand was invented keeps its digest.
fn demands(demands: &Demands) -> Vec<(&'static str, Value)> {
    let texts = |texts: &[String]| Value::List(texts.iter().map(|text| Value::text(text.as_str())).collect());
    let mut fields = Vec::new();
    if let Some(schema) = &demands.schema {
        fields.push(("schema", schema.to_value().clone()));
    }
    if !demands.keys.is_empty() {
        fields.push(("keys", texts(&demands.keys)));
    }
    if !demands.parts.is_empty() {
        fields.push(("parts", texts(&demands.parts)));
    }
    if !demands.lints.is_empty() {
        let words = demands.lints.iter().map(|lint| Value::text(lint.word())).collect();
        fields.push(("lints", Value::List(words)));
    }
    fields
}

fn expectation(expectation: &Expectation) -> Value {
    match expectation {
        Expectation::Nothing => Value::Null,
        Expectation::Computed(call) => Value::map([("computed", self::call(call))]),
        Expectation::Given { value, from } => {
            Value::map([("given", value.clone()), ("origin", voucher(*from))])
        }
        Expectation::CheckedBy { validator } => Value::map([("checked_by", Value::text(validator.as_str()))]),
        Expectation::Cases { language, entry, cases } => Value::map([
            ("cases", Value::List(cases.iter().map(case).collect())),
            ("entry", Value::text(entry.as_str())),
            ("language", Value::text(language.as_str())),
        ]),
        Expectation::Exam { language, entry, specification } => Value::map([
            ("entry", Value::text(entry.as_str())),
            ("language", Value::text(language.as_str())),
            ("specification", specification.to_value()),
        ]),
    }
}

/// Returns the digest by which verdicts name the cases that a program was run on.
pub(crate) fn cases_digest(cases: &[Case]) -> Digest {
    Digest::hash_value(CASES, &Value::List(cases.iter().map(case).collect()))
}

/// Returns the value of a case. What is not stated has no field, as with the demands.
fn case(case: &Case) -> Value {
    let expected = match &case.expected {
        Expected::Returns(value) => ("expected", value.clone()),
        Expected::Raises(kind) => ("raises", Value::text(kind.as_str())),
    };
    let mut fields = Vec::from([
        ("arguments", Value::List(case.arguments.clone())),
        expected,
        ("origin", voucher(case.from)),
    ]);
    if case.tolerance != Tolerance::NONE {
        fields.push(("tolerance", Float::new(case.tolerance.get()).map_or(Value::Null, Value::Float)));
    }
    if case.is_held_out {
        fields.push(("held_out", Value::Bool(true)));
    }
    Value::map(fields)
}

fn voucher(from: ExpectedFrom) -> Value {
    match from {
        ExpectedFrom::User => Value::map([("from", Value::text("user"))]),
        ExpectedFrom::Exam(digest) => {
            Value::map([("from", Value::text("exam")), ("transcript", digest.to_value())])
        }
        ExpectedFrom::Proposer => Value::map([("from", Value::text("proposer"))]),
    }
}

/// Recursion is bounded, because calls nest at most as deeply as [`Call::new`] accepts.
fn call(call: &Call) -> Value {
    let operand = |operand: &Operand| match operand {
        Operand::Literal(value) => Value::map([("literal", value.clone())]),
        Operand::Call(inner) => Value::map([("call", self::call(inner))]),
    };
    Value::map([
        ("primitive", call.primitive().digest().to_value()),
        ("name", Value::text(call.primitive().name)),
        ("operands", Value::List(call.operands().iter().map(operand).collect())),
    ])
}
