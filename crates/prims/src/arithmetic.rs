//! Arithmetic on integers of 64 bits. A result that does not fit is an error, never a wrapped number.

use abi::Value;

use crate::operands::int;
use crate::{CallError, Kind, Primitive, Record, Sample};

const PAIRS: &str = "a and b from -150 to 150, and pairs of the numbers around powers of 2";

pub(crate) const ADD: Primitive = Primitive {
    name: "add",
    version: 1,
    parameters: &[int("a"), int("b")],
    returns: Kind::Int,
    summary: "the sum a + b",
    example: &[Sample::Int(3), Sample::Int(4)],
    eval: add,
    steps: 8,
    record: Record::exhaustive(95_930, PAIRS, "sums in 128 bits"),
};

pub(crate) const GCD: Primitive = Primitive {
    name: "gcd",
    version: 1,
    parameters: &[int("a"), int("b")],
    returns: Kind::Int,
    summary: "the greatest common divisor of |a| and |b|; gcd(0, 0) = 0",
    example: &[Sample::Int(84), Sample::Int(36)],
    eval: gcd,
    steps: 256,
    record: Record::exhaustive(
        14_641,
        "a and b from -60 to 60",
        "the largest number that divides both, found by trial",
    ),
};

pub(crate) const IS_PRIME: Primitive = Primitive {
    name: "is_prime",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::Bool,
    summary: "whether n is a prime number; false below 2",
    example: &[Sample::Int(97)],
    eval: is_prime,
    steps: 1 << 12,
    record: Record::exhaustive(100_101, "n from -100 to 100000", "the numbers that a sieve leaves"),
};

pub(crate) const MULTIPLY: Primitive = Primitive {
    name: "multiply",
    version: 1,
    parameters: &[int("a"), int("b")],
    returns: Kind::Int,
    summary: "the product a * b",
    example: &[Sample::Int(6), Sample::Int(7)],
    eval: multiply,
    steps: 8,
    record: Record::exhaustive(95_930, PAIRS, "products in 128 bits"),
};

pub(crate) const SUBTRACT: Primitive = Primitive {
    name: "subtract",
    version: 1,
    parameters: &[int("a"), int("b")],
    returns: Kind::Int,
    summary: "the difference a - b",
    example: &[Sample::Int(3), Sample::Int(4)],
    eval: subtract,
    steps: 8,
    record: Record::exhaustive(95_930, PAIRS, "differences in 128 bits"),
};

fn add(operands: &[Value]) -> Result<Value, CallError> {
    let (a, b) = pair(operands);
    a.checked_add(b).map(Value::Int).ok_or(CallError::Overflow { primitive: "add" })
}

fn subtract(operands: &[Value]) -> Result<Value, CallError> {
    let (a, b) = pair(operands);
    a.checked_sub(b).map(Value::Int).ok_or(CallError::Overflow { primitive: "subtract" })
}

fn multiply(operands: &[Value]) -> Result<Value, CallError> {
    let (a, b) = pair(operands);
    a.checked_mul(b).map(Value::Int).ok_or(CallError::Overflow { primitive: "multiply" })
}

fn gcd(operands: &[Value]) -> Result<Value, CallError> {
    let (a, b) = pair(operands);
    // Of all results only gcd(i64::MIN, 0) and gcd(i64::MIN, i64::MIN), which are 2^63, exceed i64.
    i64::try_from(divisor(a.unsigned_abs(), b.unsigned_abs()))
        .map(Value::Int)
        .map_err(|_| CallError::Overflow { primitive: "gcd" })
}

/// The algorithm of Euclid. Returns 0 for 0 and 0.
pub(crate) fn divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn is_prime(operands: &[Value]) -> Result<Value, CallError> {
    let [Value::Int(number)] = operands else { unreachable!("the signature was checked") };
    Ok(Value::Bool(u64::try_from(*number).is_ok_and(prime)))
}

fn pair(operands: &[Value]) -> (i64, i64) {
    let [Value::Int(a), Value::Int(b)] = operands else { unreachable!("the signature was checked") };
    (*a, *b)
}

/// The first twelve primes. As witnesses of the Miller-Rabin test they decide every number below 3.18e23
/// (Sorenson and Webster, "Strong pseudoprimes to twelve prime bases", 2015), and so every 64-bit number.
const WITNESSES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

/// Returns true if `n` is a prime number, by the test of Miller and Rabin.
pub(crate) fn prime(n: u64) -> bool {
    if n < 2 {
        return false;
    }
    if let Some(p) = WITNESSES.into_iter().find(|p| n.is_multiple_of(*p)) {
        return n == p;
    }
    let twos = (n - 1).trailing_zeros();
    let odd = (n - 1) >> twos;
    WITNESSES.into_iter().all(|witness| passes(witness, n, odd, twos))
}

/// Returns true if `witness` does not prove `n` composite. `n - 1` is `odd` times two to the power `twos`.
fn passes(witness: u64, n: u64, odd: u64, twos: u32) -> bool {
    let mut x = power(witness, odd, n);
    if x == 1 || x == n - 1 {
        return true;
    }
    for _ in 1..twos {
        x = multiply_modulo(x, x, n);
        if x == n - 1 {
            return true;
        }
    }
    false
}

/// Returns `base` to the power `exponent`, by repeated squaring, modulo `modulus`.
pub(crate) fn power(mut base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply_modulo(result, base, modulus);
        }
        base = multiply_modulo(base, base, modulus);
        exponent >>= 1;
    }
    result
}

fn multiply_modulo(a: u64, b: u64, modulus: u64) -> u64 {
    let product = u128::from(a) * u128::from(b) % u128::from(modulus);
    u64::try_from(product).expect("a remainder by a 64-bit modulus has 64 bits")
}
