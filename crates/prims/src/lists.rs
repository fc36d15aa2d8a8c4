//! Lists of whole numbers: order, sums, and what occurs most.

use alloc::vec::Vec;

use abi::Value;

use crate::operands::{fitted, list, list_value, one_list, outside};
use crate::{CallError, Kind, Primitive, Record, Sample};

const SHORT: &str = "lists of 0 to 5 numbers from -3 to 3";
const SHORT_NOT_EMPTY: &str = "lists of 1 to 5 numbers from -3 to 3";

pub(crate) const SORT_NUMBERS: Primitive = Primitive {
    name: "sort_numbers",
    version: 1,
    parameters: &[list("numbers")],
    returns: Kind::List,
    summary: "the numbers of a list in ascending order",
    example: &[Sample::List(&[3, 1, 2])],
    eval: sort_numbers,
    steps: 1 << 20,
    record: Record::exhaustive(19_608, SHORT, "insertion of one number after the other"),
};

pub(crate) const TOTAL: Primitive = Primitive {
    name: "total",
    version: 1,
    parameters: &[list("numbers")],
    returns: Kind::Int,
    summary: "the sum of the numbers of a list; 0 for none",
    example: &[Sample::List(&[3, 1, 2])],
    eval: total,
    steps: 1 << 16,
    record: Record::exhaustive(19_608, SHORT, "a tally of how often each number occurs"),
};

pub(crate) const MEDIAN: Primitive = Primitive {
    name: "median",
    version: 1,
    parameters: &[list("numbers")],
    returns: Kind::Int,
    summary: "the middle of the numbers in order, or the mean of the two in the middle if it is whole",
    example: &[Sample::List(&[9, 1, 4])],
    eval: median,
    steps: 1 << 20,
    record: Record::exhaustive(19_607, SHORT_NOT_EMPTY, "the numbers that have as many below as above"),
};

pub(crate) const MOST_COMMON: Primitive = Primitive {
    name: "most_common",
    version: 1,
    parameters: &[list("numbers")],
    returns: Kind::Int,
    summary: "the number that occurs most often in a list, if it is one alone",
    example: &[Sample::List(&[4, 7, 4])],
    eval: most_common,
    steps: 1 << 20,
    record: Record::exhaustive(19_607, SHORT_NOT_EMPTY, "a tally of how often each number occurs"),
};

pub(crate) const LARGEST: Primitive = Primitive {
    name: "largest",
    version: 1,
    parameters: &[list("numbers")],
    returns: Kind::Int,
    summary: "the largest number of a list, which is not empty",
    example: &[Sample::List(&[3, 9, 2])],
    eval: largest,
    steps: 1 << 16,
    record: Record::exhaustive(19_607, SHORT_NOT_EMPTY, "the member that no other one exceeds"),
};

pub(crate) const SMALLEST: Primitive = Primitive {
    name: "smallest",
    version: 1,
    parameters: &[list("numbers")],
    returns: Kind::Int,
    summary: "the smallest number of a list, which is not empty",
    example: &[Sample::List(&[3, 9, 2])],
    eval: smallest,
    steps: 1 << 16,
    record: Record::exhaustive(19_607, SHORT_NOT_EMPTY, "the member that exceeds no other one"),
};

fn sorted(primitive: &'static str, operands: &[Value]) -> Result<Vec<i64>, CallError> {
    let mut numbers = one_list(primitive, operands)?;
    numbers.sort_unstable();
    Ok(numbers)
}

fn sort_numbers(operands: &[Value]) -> Result<Value, CallError> {
    Ok(list_value(sorted("sort_numbers", operands)?))
}

fn total(operands: &[Value]) -> Result<Value, CallError> {
    // At most 10000 numbers of 64 bits have a sum of 78 bits.
    fitted("total", one_list("total", operands)?.into_iter().map(i128::from).sum::<i128>())
}

fn median(operands: &[Value]) -> Result<Value, CallError> {
    let numbers = sorted("median", operands)?;
    let middle = numbers.len() / 2;
    if numbers.is_empty() {
        return Err(none("median"));
    }
    if numbers.len() % 2 == 1 {
        return Ok(Value::Int(numbers[middle]));
    }
    let sum = i128::from(numbers[middle - 1]) + i128::from(numbers[middle]);
    if sum % 2 != 0 {
        return Err(outside("median", "a median that is a whole number"));
    }
    fitted("median", sum / 2)
}

fn most_common(operands: &[Value]) -> Result<Value, CallError> {
    let numbers = sorted("most_common", operands)?;
    let runs = || numbers.chunk_by(|a, b| a == b);
    let most = runs().map(<[i64]>::len).max().ok_or(none("most_common"))?;
    let mut found = runs().filter(|run| run.len() == most);
    match (found.next(), found.next()) {
        (Some(run), None) => Ok(Value::Int(run[0])),
        _ => Err(outside("most_common", "one number that occurs more often than every other")),
    }
}

fn largest(operands: &[Value]) -> Result<Value, CallError> {
    one_list("largest", operands)?.into_iter().max().map(Value::Int).ok_or(none("largest"))
}

fn smallest(operands: &[Value]) -> Result<Value, CallError> {
    one_list("smallest", operands)?.into_iter().min().map(Value::Int).ok_or(none("smallest"))
}

fn none(primitive: &'static str) -> CallError {
    outside(primitive, "a list that is not empty")
}
