//! Primitives: named, versioned, pure functions over values.

use alloc::vec::Vec;
use core::fmt;

use abi::{Digest, Value};

use crate::{CallError, Record};

const DOMAIN: &str = "nmk.primitive.v1";

/// The type of a primitive's operand or result. These are the only types that primitives work on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A truth value, the type of [`Value::Bool`].
    Bool,
    /// A signed 64-bit integer, the type of [`Value::Int`].
    Int,
    /// Unicode text, the type of [`Value::Text`].
    Text,
    /// A list of integers, or of such lists, the type of [`Value::List`].
    List,
}

impl Kind {
    /// Returns the word that stands for the type in contracts and messages, the same that
    /// [`Value::type_name`] returns.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Text => "text",
            Self::List => "list",
        }
    }
}

/// One parameter of a primitive: its name and the type of its operand.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The name of the parameter, as messages and `nmk prims` show it.
    pub name: &'static str,
    /// The type that an operand at this place must have.
    pub kind: Kind,
}

/// An operand of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// An integer.
    Int(i64),
    /// A text.
    Text(&'static str),
    /// A list of integers.
    List(&'static [i64]),
    /// A list of lists of integers.
    Lists(&'static [&'static [i64]]),
}

impl Sample {
    /// Returns the operand as a value.
    #[must_use]
    pub fn to_value(self) -> Value {
        let list = |items: &[i64]| Value::List(items.iter().map(|item| Value::Int(*item)).collect());
        match self {
            Self::Int(int) => Value::Int(int),
            Self::Text(text) => Value::text(text),
            Self::List(items) => list(items),
            Self::Lists(lists) => Value::List(lists.iter().map(|items| list(items)).collect()),
        }
    }
}

/// A named, versioned, pure function over values.
///
/// Only this crate makes primitives, so holding one proves that it comes from the catalog. The same operands
/// give the same result on every machine and in every run.
#[derive(Debug)]
pub struct Primitive {
    /// The name by which contracts name the primitive, unique in the catalog.
    pub name: &'static str,
    /// The version of the primitive. Every change of behaviour raises it.
    pub version: u32,
    /// The parameters, in the order of the operands.
    pub parameters: &'static [Parameter],
    /// The type of the result, if the primitive has one for its operands.
    pub returns: Kind,
    /// One line that says what the primitive computes, as `nmk prims` shows it.
    pub summary: &'static str,
    /// Operands for which the primitive has a result, as an example.
    pub example: &'static [Sample],
    /// The most steps that a call takes beside reading its operands, each of a few nanoseconds. Whoever bounds the
    /// work of a call with operands from outside reckons with them.
    pub steps: u64,
    /// The proof by which the primitive was admitted.
    pub record: Record,
    pub(crate) eval: fn(&[Value]) -> Result<Value, CallError>,
}

impl Primitive {
    /// Computes the result for these operands, which must be in the order of the parameters.
    ///
    /// # Errors
    /// Fails if the operands do not fit the parameters in number or type, or if the function has no result
    /// for them.
    pub fn call(&self, operands: &[Value]) -> Result<Value, CallError> {
        let types: Vec<_> = operands.iter().map(Value::type_name).collect();
        self.check_types(&types)?;
        (self.eval)(operands)
    }

    /// Returns the digest of name, version and signature, by which contracts and the ledger name the
    /// primitive.
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

    /// Checks that operands of these types, in order, fit the parameters. The types are named as
    /// [`Value::type_name`] names them.
    ///
    /// # Errors
    /// Fails if the number of operands differs from that of the parameters, or if a type does. The error
    /// names the first operand that does not fit.
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

/// The primitive's signature, for example `gcd(a: int, b: int) -> int`.
impl fmt::Display for Primitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.name)?;
        for (at, Parameter { name, kind }) in self.parameters.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{name}: {}", kind.word())?;
        }
        write!(f, ") -> {}", self.returns.word())
    }
}
