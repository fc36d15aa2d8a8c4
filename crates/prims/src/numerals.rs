//! Numbers as they are written: in another base, and in Roman numerals.

use alloc::string::String;
use alloc::vec::Vec;

use abi::Value;

use crate::operands::{int, natural, one_int, one_text, outside, text};
use crate::{CallError, Kind, Primitive, Record, Sample};

pub(crate) const TO_BASE: Primitive = Primitive {
    name: "to_base",
    version: 1,
    parameters: &[int("n"), int("base")],
    returns: Kind::Text,
    summary: "the digits of n in a base from 2 to 36, with small letters behind 9; n is not negative",
    example: &[Sample::Int(10), Sample::Int(2)],
    eval: to_base,
    steps: 256,
    record: Record::sampled(
        105_000,
        "n from 0 to 1999, and 1000 numbers of up to 62 bits, in all 35 bases",
        "the value that the digits have, and that the first one is not 0",
    ),
};

pub(crate) const FROM_BASE: Primitive = Primitive {
    name: "from_base",
    version: 1,
    parameters: &[text("digits"), int("base")],
    returns: Kind::Int,
    summary: "the number that has these digits in a base from 2 to 36, in capital or small letters",
    example: &[Sample::Text("1010"), Sample::Int(2)],
    eval: from_base,
    steps: 1 << 18,
    record: Record::sampled(
        105_000,
        "the digits of n from 0 to 1999, and of 1000 numbers of up to 62 bits, in all 35 bases",
        "the number that the digits were made of",
    ),
};

pub(crate) const ROMAN: Primitive = Primitive {
    name: "roman",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::Text,
    summary: "the Roman numeral of n, from 1 to 3999",
    example: &[Sample::Int(1994)],
    eval: roman,
    steps: 64,
    record: Record::exhaustive(
        3_999,
        "n from 1 to 3999",
        "a table of the ones, tens, hundreds and thousands",
    ),
};

pub(crate) const FROM_ROMAN: Primitive = Primitive {
    name: "from_roman",
    version: 1,
    parameters: &[text("numeral")],
    returns: Kind::Int,
    summary: "the number that a Roman numeral in capital letters stands for, in its usual form",
    example: &[Sample::Text("MCMXCIV")],
    eval: from_roman,
    steps: 1 << 18,
    record: Record::exhaustive(
        22_871,
        "texts of 1 to 5 of the seven letters, and the numerals of 1 to 3999 with more",
        "a table of the ones, tens, hundreds and thousands; no other text is a numeral",
    ),
};

fn base_of(primitive: &'static str, base: i64) -> Result<u32, CallError> {
    let base = u32::try_from(base).ok().filter(|base| (2..=36).contains(base));
    base.ok_or(outside(primitive, "a base from 2 to 36"))
}

fn to_base(operands: &[Value]) -> Result<Value, CallError> {
    let [Value::Int(n), Value::Int(base)] = operands else { unreachable!("the signature was checked") };
    let (mut left, base) = (natural("to_base", *n)?, base_of("to_base", *base)?);
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(left % u64::from(base)).expect("a remainder is below the base");
        digits.push(char::from_digit(digit, base).expect("a digit of the base"));
        left /= u64::from(base);
        if left == 0 {
            return Ok(Value::Text(digits.into_iter().rev().collect::<String>()));
        }
    }
}

fn from_base(operands: &[Value]) -> Result<Value, CallError> {
    let [digits @ Value::Text(_), Value::Int(base)] = operands else {
        unreachable!("the signature was checked")
    };
    let base = base_of("from_base", *base)?;
    let digits = one_text("from_base", core::slice::from_ref(digits))?;
    if digits.is_empty() {
        return Err(outside("from_base", "a digit or more"));
    }
    let mut number = 0_i64;
    for digit in digits.chars() {
        let digit = digit.to_digit(base).ok_or(outside("from_base", "digits of the base"))?;
        let more = number.checked_mul(i64::from(base)).and_then(|tens| tens.checked_add(i64::from(digit)));
        number = more.ok_or(CallError::Overflow { primitive: "from_base" })?;
    }
    Ok(Value::Int(number))
}

/// The signs of Roman numerals, with the four and the nine of each power of ten.
const SIGNS: [(i64, &str); 13] = [
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
];

fn numeral(mut left: i64) -> String {
    let mut written = String::new();
    for (value, sign) in SIGNS {
        while left >= value {
            written.push_str(sign);
            left -= value;
        }
    }
    written
}

fn roman(operands: &[Value]) -> Result<Value, CallError> {
    match one_int(operands) {
        n @ 1..=3999 => Ok(Value::Text(numeral(n))),
        _ => Err(outside("roman", "a number from 1 to 3999")),
    }
}

fn from_roman(operands: &[Value]) -> Result<Value, CallError> {
    let text = one_text("from_roman", operands)?;
    let mut rest = text;
    let mut number = 0_i64;
    for (value, sign) in SIGNS {
        while let Some(shorter) = rest.strip_prefix(sign) {
            rest = shorter;
            number += value;
        }
    }
    // `IIII` and `VX` are taken apart above, and are not how the number is written.
    let is_usual = rest.is_empty() && (1..=3999).contains(&number) && numeral(number) == text;
    if is_usual {
        Ok(Value::Int(number))
    } else {
        Err(outside("from_roman", "a Roman numeral in its usual form"))
    }
}
