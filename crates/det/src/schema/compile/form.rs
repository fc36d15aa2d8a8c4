//! The forms of the values that keywords have.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use abi::Value;

use crate::schema::rule::{Sizes, Type};

pub(super) const TYPES: &str = "null, boolean, integer, number, string, array, object, or a list of them";
pub(super) const LIST: &str = "a list";
pub(super) const NAMES: &str = "a list of names";
pub(super) const SIZE: &str = "an integer, 0 or more";
pub(super) const NUMBER: &str = "a number";
pub(super) const TEXT: &str = "a text";
pub(super) const TRUTH: &str = "true or false";
pub(super) const DIVISOR: &str = "a number above 0 whose significant digits fit into 64 bits";

pub(super) fn types(value: &Value) -> Option<Vec<Type>> {
    let one = |value: &Value| match value {
        Value::Text(word) => Type::ALL.into_iter().find(|(_, known)| known == word).map(|(found, _)| found),
        _ => None,
    };
    match value {
        Value::List(words) if !words.is_empty() && words.len() <= Type::ALL.len() => {
            words.iter().map(one).collect()
        }
        word => one(word).map(|found| vec![found]),
    }
}

pub(super) fn names(value: &Value) -> Option<Vec<String>> {
    value.as_list()?.iter().map(|item| item.as_text().map(String::from)).collect()
}

/// Returns a size, which may be written as a float without a fraction. One beyond 64 bits is as good as the
/// largest that fits, because no subject is that large.
pub(super) fn size(value: &Value) -> Option<u64> {
    match value {
        Value::Int(count) => u64::try_from(*count).ok(),
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and not negative")]
        Value::Float(float) if float.get() >= 0.0 && crate::number::is_whole(value) => {
            Some(float.get() as u64)
        }
        Value::Decimal(decimal) if decimal.exponent() >= 0 && !decimal.is_negative() => Some(u64::MAX),
        _ => None,
    }
}

impl Sizes {
    pub(super) fn is_unbounded(self) -> bool {
        self.least.is_none() && self.most.is_none()
    }
}
