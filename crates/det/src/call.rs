//! Calls of primitives, as contracts name them.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use abi::Value;

use crate::{ContractError, measure};

/// The deepest nesting of calls in an expectation, the outermost call included.
const MAX_DEPTH: usize = 8;

/// An operand of a [`Call`]: a literal value, or the result of another call.
#[derive(Clone, Debug)]
pub enum Operand {
    /// A literal value, for example a word or a number that was read from the question.
    Literal(Value),
    /// The result of another call, which is computed first.
    Call(Box<Call>),
}

/// A call of a primitive (a pure function of crate `prims`) with typed operands.
///
/// Holding one proves that the primitive exists, that the operands fit its parameters, and that calls nest at
/// most eight deep. The call names a computation and holds no result: [`evaluate`](Self::evaluate) computes
/// the result anew for each judgement.
///
/// ```
/// use det::{Call, Operand, Value};
///
/// let word = Operand::Literal(Value::text("strawberry"));
/// let letter = Operand::Literal(Value::text("r"));
/// let count = Call::new("letter_count", vec![word, letter])?;
/// assert_eq!(count.to_string(), "letter_count(strawberry, r)");
/// assert!(matches!(count.evaluate(), Ok(Value::Int(3))));
/// # Ok::<(), det::ContractError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Call {
    primitive: &'static prims::Primitive, // Invariant: the operands fit its parameters.
    operands: Vec<Operand>,
}

impl Call {
    /// Returns the call of the primitive named `name`, with one operand for each of its parameters, in their
    /// order.
    ///
    /// # Errors
    /// [`ContractError::UnknownPrimitive`] if no primitive has that name, [`ContractError::Operands`] if the
    /// operands do not fit its parameters in number or type, and [`ContractError::TooDeep`] if calls nest
    /// more than eight deep.
    pub fn new(name: &str, operands: Vec<Operand>) -> Result<Self, ContractError> {
        let primitive =
            prims::find(name).ok_or_else(|| ContractError::UnknownPrimitive { name: name.to_string() })?;
        let types: Vec<_> = operands.iter().map(Operand::type_name).collect();
        primitive.check_types(&types).map_err(ContractError::Operands)?;
        let call = Self { primitive, operands };
        if call.depth() > MAX_DEPTH {
            return Err(ContractError::TooDeep { limit: MAX_DEPTH });
        }
        Ok(call)
    }

    /// Returns the primitive that the call names, which has the version, the digest and the signature.
    #[must_use]
    pub fn primitive(&self) -> &'static prims::Primitive {
        self.primitive
    }

    /// Returns the operands of the call, in the order of the primitive's parameters.
    #[must_use]
    pub fn operands(&self) -> &[Operand] {
        &self.operands
    }

    /// Computes the result of the call, innermost calls first. The result is the same on every machine.
    ///
    /// # Errors
    /// A primitive has no result for its operands, for example because a sum overflows.
    pub fn evaluate(&self) -> Result<Value, prims::CallError> {
        let operands: Result<Vec<Value>, _> = self.operands.iter().map(Operand::evaluate).collect();
        self.primitive.call(&operands?)
    }

    /// Returns the bytes of all values that stand in the call, which bound its work.
    pub(crate) fn operand_bytes(&self) -> usize {
        let inner = self.operands.iter().map(|operand| match operand {
            Operand::Literal(value) => measure(value).bytes,
            Operand::Call(call) => call.operand_bytes(),
        });
        inner.sum()
    }

    /// Returns the most steps that all primitives of the call take beside reading their operands.
    pub(crate) fn steps(&self) -> u64 {
        let inner = self.operands.iter().map(|operand| match operand {
            Operand::Literal(_) => 0,
            Operand::Call(call) => call.steps(),
        });
        inner.fold(self.primitive.steps, u64::saturating_add)
    }

    // Recursion is bounded: an operand is a call that `new` accepted, so it nests at most MAX_DEPTH deep.
    fn depth(&self) -> usize {
        let inner = self.operands.iter().map(|operand| match operand {
            Operand::Literal(_) => 0,
            Operand::Call(call) => call.depth(),
        });
        1 + inner.max().unwrap_or(0)
    }
}

impl Operand {
    fn type_name(&self) -> &'static str {
        match self {
            Self::Literal(value) => value.type_name(),
            Self::Call(call) => call.primitive.returns.word(),
        }
    }

    fn evaluate(&self) -> Result<Value, prims::CallError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Call(call) => call.evaluate(),
        }
    }

    fn to_label(&self) -> String {
        match self {
            Self::Call(call) => call.to_string(),
            Self::Literal(Value::Text(text)) => text.clone(),
            Self::Literal(Value::Int(int)) => int.to_string(),
            Self::Literal(Value::Bool(truth)) => truth.to_string(),
            Self::Literal(Value::List(items)) => {
                let items: Vec<String> = items.iter().map(label).collect();
                alloc::format!("[{}]", items.join(", "))
            }
            Self::Literal(other) => other.type_name().to_string(),
        }
    }
}

/// Returns the label of a member of a list. Lists of lists are named by their type.
fn label(item: &Value) -> String {
    match item {
        Value::Int(int) => int.to_string(),
        other => other.type_name().to_string(),
    }
}

/// Writes a label for people, for example `add(letter_count(strawberry, r), 4)`. Texts are not escaped, so
/// a caller escapes the label where its text could be read as something else.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operands: Vec<String> = self.operands.iter().map(Operand::to_label).collect();
        write!(f, "{}({})", self.primitive.name, operands.join(", "))
    }
}
