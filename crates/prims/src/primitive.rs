//! Primitives: named, versioned, pure functions over values.

use alloc::vec::Vec;

use abi::{Digest, Value};

use crate::CallError;

const DOMAIN: &str = "nmk.primitive.v1";

/// The type of a primitive's operand or result, one of the types that primitives work on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A truth value.
    Bool,
    /// A signed 64-bit integer.
    Int,
    /// Unicode text.
    Text,
}

impl Kind {
    /// Returns the word for the type, which is the one that [`Value::type_name`] returns.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Text => "text",
        }
    }
}

/// The description of one operand that a primitive takes: its name and its type.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The name in the documentation.
    pub name: &'static str,
    /// The type that a call must give.
    pub kind: Kind,
}

/// A named, versioned, pure function over values.
///
/// Only this crate makes primitives, so holding one proves that it comes from the catalog. The same operands
/// give the same result on every machine and in every run.
#[derive(Debug)]
pub struct Primitive {
    /// The name that contracts use.
    pub name: &'static str,
    /// The version. Every change of behaviour raises it.
    pub version: u32,
    /// The operands, in order.
    pub parameters: &'static [Parameter],
    /// The type of the result.
    pub returns: Kind,
    /// One line for `nmk prims` and for people.
    pub summary: &'static str,
    pub(crate) eval: fn(&[Value]) -> Result<Value, CallError>,
}

impl Primitive {
    /// Computes the result at these operands, in the order of the parameters.
    ///
    /// # Errors
    /// The operands do not fit the parameters, or the function has no value there.
    pub fn call(&self, operands: &[Value]) -> Result<Value, CallError> {
        let types: Vec<_> = operands.iter().map(Value::type_name).collect();
        self.check_types(&types)?;
        (self.eval)(operands)
    }

    /// Returns the digest of name, version and signature, by which contracts and the ledger name the primitive.
    ///
    /// The digest does not cover the code: a change of behaviour shows because it raises the version.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let parameters: Vec<Value> = self
            .parameters
            .iter()
            .map(|parameter| {
                Value::map([
                    ("name", Value::text(parameter.name)),
                    ("kind", Value::text(parameter.kind.word())),
                ])
            })
            .collect();
        let signature = Value::map([
            ("name", Value::text(self.name)),
            ("version", Value::Int(i64::from(self.version))),
            ("parameters", Value::List(parameters)),
            ("returns", Value::text(self.returns.word())),
        ]);
        Digest::hash_value(DOMAIN, &signature)
    }

    /// Checks that operands of these types, in order, fit the parameters. Types are named as
    /// [`Value::type_name`] names them.
    ///
    /// # Errors
    /// The number of operands differs, or a type does; the error names the first operand that does not fit.
    pub fn check_types(&self, types: &[&'static str]) -> Result<(), CallError> {
        if types.len() != self.parameters.len() {
            return Err(CallError::Arity {
                primitive: self.name,
                expected: self.parameters.len(),
                found: types.len(),
            });
        }
        for (found, parameter) in types.iter().zip(self.parameters) {
            if *found != parameter.kind.word() {
                return Err(CallError::OperandType {
                    primitive: self.name,
                    parameter: parameter.name,
                    expected: parameter.kind.word(),
                    found,
                });
            }
        }
        Ok(())
    }
}
