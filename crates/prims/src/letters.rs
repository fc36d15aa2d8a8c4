//! Counting letters.

use abi::Value;

use crate::CallError;

pub(crate) fn letter_count(operands: &[Value]) -> Result<Value, CallError> {
    let [Value::Text(text), Value::Text(letter)] = operands else {
        unreachable!("the signature was checked")
    };
    let mut chars = letter.chars();
    let (Some(letter), None) = (chars.next(), chars.next()) else {
        return Err(CallError::OutOfDomain { primitive: "letter_count", demand: "a single letter" });
    };
    if !letter.is_alphabetic() {
        return Err(CallError::OutOfDomain { primitive: "letter_count", demand: "a letter of an alphabet" });
    }
    let count = text.chars().filter(|&c| c.to_lowercase().eq(letter.to_lowercase())).count();
    i64::try_from(count).map(Value::Int).map_err(|_| CallError::Overflow { primitive: "letter_count" })
}
