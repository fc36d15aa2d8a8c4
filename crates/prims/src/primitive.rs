//! What a primitive is.

use alloc::vec::Vec;

use abi::{Digest, Value};

use crate::CallError;

const DOMAIN: &str = "nmk.primitive.v1";

/// The type of an operand or a result.
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
    /// The word of `abi::Value::type_name` for the same type.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Text => "text",
        }
    }
}

/// One operand of a primitive.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The name in the documentation.
    pub name: &'static str,
    /// The type that a call must give.
    pub kind: Kind,
}

/// A named, versioned, pure function over values.
#[derive(Debug)]
pub struct Primitive {
    /// The name that contracts use.
    pub name: &'static str,
    /// Raised with every change of behaviour.
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
    /// Computes the result. The same operands give the same result on every machine.
    ///
    /// # Errors
    /// The operands do not fit the parameters, or the function has no value there.
    pub fn call(&self, operands: &[Value]) -> Result<Value, CallError> {
        let types: Vec<_> = operands.iter().map(Value::type_name).collect();
        self.admits(&types)?;
        (self.eval)(operands)
    }

    /// The digest of name, version and signature, which a contract and the ledger hold.
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
        Digest::of_value(DOMAIN, &signature)
    }

    /// Whether operands of these types, in order, fit the parameters. Types are named as
    /// [`Value::type_name`] names them.
    ///
    /// # Errors
    /// The first that does not fit, or their number.
    pub fn admits(&self, types: &[&'static str]) -> Result<(), CallError> {
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
