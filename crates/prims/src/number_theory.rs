//! Powers, multiples, combinations and digits of whole numbers.

use abi::Value;

use crate::arithmetic::{divisor, power as power_of};
use crate::operands::{fitted, int, natural, one_int, outside, two_ints};
use crate::{CallError, Kind, Primitive, Record, Sample};

pub(crate) const LCM: Primitive = Primitive {
    name: "lcm",
    version: 1,
    parameters: &[int("a"), int("b")],
    returns: Kind::Int,
    summary: "the least common multiple of |a| and |b|; 0 if one of them is 0",
    example: &[Sample::Int(4), Sample::Int(6)],
    eval: lcm,
    steps: 256,
    record: Record::exhaustive(
        14_641,
        "a and b from -60 to 60",
        "the first multiple of |a| that |b| divides",
    ),
};

pub(crate) const FACTORIAL: Primitive = Primitive {
    name: "factorial",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::Int,
    summary: "the product of the numbers from 1 to n, which is not negative; 1 for 0",
    example: &[Sample::Int(5)],
    eval: factorial,
    steps: 64,
    record: Record::exhaustive(
        30,
        "n from 0 to 29",
        "products of 128 bits, of which those beyond 64 bits are refused",
    ),
};

pub(crate) const BINOMIAL: Primitive = Primitive {
    name: "binomial",
    version: 1,
    parameters: &[int("n"), int("k")],
    returns: Kind::Int,
    summary: "how many sets of k things can be chosen out of n; neither is negative",
    example: &[Sample::Int(5), Sample::Int(2)],
    eval: binomial,
    steps: 1 << 12,
    record: Record::exhaustive(6_561, "n and k from 0 to 80", "sums of Pascal's triangle in 128 bits"),
};

pub(crate) const POWER: Primitive = Primitive {
    name: "power",
    version: 1,
    parameters: &[int("base"), int("exponent")],
    returns: Kind::Int,
    summary: "the base to the power of an exponent, which is not negative; 1 for 0 to the power of 0",
    example: &[Sample::Int(2), Sample::Int(10)],
    eval: power,
    steps: 256,
    record: Record::exhaustive(
        2_870,
        "bases from -20 to 20 and exponents from 0 to 69",
        "products in 128 bits, one factor at a time",
    ),
};

pub(crate) const POWER_MODULO: Primitive = Primitive {
    name: "power_modulo",
    version: 1,
    parameters: &[int("base"), int("exponent"), int("modulus")],
    returns: Kind::Int,
    summary: "the remainder, not negative, of base to the power of exponent by a modulus above 0",
    example: &[Sample::Int(3), Sample::Int(200), Sample::Int(13)],
    eval: power_modulo,
    steps: 1 << 10,
    record: Record::exhaustive(
        24_600,
        "bases from -20 to 20, exponents from 0 to 19 and moduli from 1 to 30",
        "one factor at a time, with a remainder after each",
    ),
};

pub(crate) const REMAINDER: Primitive = Primitive {
    name: "remainder",
    version: 1,
    parameters: &[int("a"), int("b")],
    returns: Kind::Int,
    summary: "the remainder, not negative, of a divided by b, which is above 0",
    example: &[Sample::Int(17), Sample::Int(5)],
    eval: remainder,
    steps: 8,
    record: Record::exhaustive(
        20_050,
        "a from -200 to 200 and b from 1 to 50",
        "adding and subtracting b again and again",
    ),
};

pub(crate) const INTEGER_SQRT: Primitive = Primitive {
    name: "integer_sqrt",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::Int,
    summary: "the largest number whose square is at most n; n is not negative",
    example: &[Sample::Int(144)],
    eval: integer_sqrt,
    steps: 256,
    record: Record::sampled(
        110_000,
        "n from 0 to 99999, and 10000 numbers beside squares of up to 62 bits",
        "the squares of the root and of the next number in 128 bits",
    ),
};

pub(crate) const FIBONACCI: Primitive = Primitive {
    name: "fibonacci",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::Int,
    summary: "the Fibonacci number F(n), with F(0) = 0 and F(1) = 1; n is not negative",
    example: &[Sample::Int(10)],
    eval: fibonacci,
    steps: 128,
    record: Record::exhaustive(
        120,
        "n from 0 to 119",
        "the identity F(2k) = F(k) (2 F(k+1) - F(k)) and its twin, in 128 bits",
    ),
};

pub(crate) const DIGIT_SUM: Primitive = Primitive {
    name: "digit_sum",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::Int,
    summary: "the sum of the decimal digits of n, which is not negative",
    example: &[Sample::Int(2024)],
    eval: digit_sum,
    steps: 32,
    record: Record::sampled(
        110_000,
        "n from 0 to 99999, and 10000 numbers of up to 62 bits",
        "the characters of n as it is written",
    ),
};

fn lcm(operands: &[Value]) -> Result<Value, CallError> {
    let (a, b) = two_ints(operands);
    let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
    if a == 0 || b == 0 {
        return Ok(Value::Int(0));
    }
    fitted("lcm", u128::from(a / divisor(a, b)) * u128::from(b))
}

fn factorial(operands: &[Value]) -> Result<Value, CallError> {
    let n = natural("factorial", one_int(operands))?;
    let mut product = 1_i64;
    for factor in 2..=n {
        // 21! exceeds 64 bits, so the loop ends there at the latest.
        let next = i64::try_from(factor).ok().and_then(|factor| product.checked_mul(factor));
        product = next.ok_or(CallError::Overflow { primitive: "factorial" })?;
    }
    Ok(Value::Int(product))
}

/// The product of (n - i) / (i + 1) for i below k, each quotient of which is a binomial coefficient and so whole. With
/// 2k at most n the products at least double, so that 64 of them exceed 64 bits.
fn binomial(operands: &[Value]) -> Result<Value, CallError> {
    let (n, k) = two_ints(operands);
    let (n, k) = (natural("binomial", n)?, natural("binomial", k)?);
    let Some(others) = n.checked_sub(k) else { return Ok(Value::Int(0)) };
    let mut product = 1_u128;
    for i in 0..k.min(others) {
        product = product * u128::from(n - i) / u128::from(i + 1);
        if i64::try_from(product).is_err() {
            return Err(CallError::Overflow { primitive: "binomial" });
        }
    }
    fitted("binomial", product)
}

fn power(operands: &[Value]) -> Result<Value, CallError> {
    let (base, exponent) = two_ints(operands);
    let demand = "an exponent from 0 to 4294967295";
    let exponent = u32::try_from(exponent).map_err(|_| outside("power", demand))?;
    base.checked_pow(exponent).map(Value::Int).ok_or(CallError::Overflow { primitive: "power" })
}

fn power_modulo(operands: &[Value]) -> Result<Value, CallError> {
    let [Value::Int(base), Value::Int(exponent), Value::Int(modulus)] = operands else {
        unreachable!("the signature was checked")
    };
    let modulus = above_0("power_modulo", *modulus)?;
    let base = base.rem_euclid(modulus).unsigned_abs();
    let modulus = modulus.unsigned_abs();
    fitted("power_modulo", power_of(base, natural("power_modulo", *exponent)?, modulus) % modulus)
}

fn remainder(operands: &[Value]) -> Result<Value, CallError> {
    let (a, b) = two_ints(operands);
    Ok(Value::Int(a.rem_euclid(above_0("remainder", b)?)))
}

fn above_0(primitive: &'static str, n: i64) -> Result<i64, CallError> {
    if n > 0 { Ok(n) } else { Err(outside(primitive, "a divisor above 0")) }
}

fn integer_sqrt(operands: &[Value]) -> Result<Value, CallError> {
    fitted("integer_sqrt", natural("integer_sqrt", one_int(operands))?.isqrt())
}

fn fibonacci(operands: &[Value]) -> Result<Value, CallError> {
    let n = natural("fibonacci", one_int(operands))?;
    let overflow = CallError::Overflow { primitive: "fibonacci" };
    // F(92) is the last one of 64 bits.
    if n > 92 {
        return Err(overflow);
    }
    let (mut number, mut next) = (0_u64, 1_u64);
    for _ in 0..n {
        (number, next) = (next, number + next);
    }
    fitted("fibonacci", number)
}

fn digit_sum(operands: &[Value]) -> Result<Value, CallError> {
    let mut left = natural("digit_sum", one_int(operands))?;
    let mut sum = 0;
    while left > 0 {
        sum += left % 10;
        left /= 10;
    }
    fitted("digit_sum", sum)
}
