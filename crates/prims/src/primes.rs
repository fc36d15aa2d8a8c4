//! Prime numbers: factors, divisors, and the row of the primes.

use alloc::vec;
use alloc::vec::Vec;

use abi::Value;

use crate::arithmetic::prime;
use crate::operands::{fitted, int, list_value, one_int, outside};
use crate::{CallError, Kind, Primitive, Record, Sample};

/// The largest number that is taken apart, by trial division up to its root.
const MAX_FACTORED: i64 = 1_000_000_000_000;
/// The largest number up to which primes are counted.
const MAX_COUNTED: i64 = 2_000_000;
/// The largest place in the row of the primes. The prime there is 1299709.
const MAX_PLACE: i64 = 100_000;

pub(crate) const PRIME_FACTORS: Primitive = Primitive {
    name: "prime_factors",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::List,
    summary: "the primes whose product is n, from 2 to 1000000000000, in ascending order, repeated ones too",
    example: &[Sample::Int(84)],
    eval: prime_factors,
    steps: 1 << 22,
    record: Record::exhaustive(50_000, "n from 2 to 50001", "the least prime factors that a sieve finds"),
};

pub(crate) const DIVISOR_COUNT: Primitive = Primitive {
    name: "divisor_count",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::Int,
    summary: "how many positive numbers divide n, from 1 to 1000000000000, 1 and n included",
    example: &[Sample::Int(12)],
    eval: divisor_count,
    steps: 1 << 22,
    record: Record::exhaustive(20_000, "n from 1 to 20000", "a tally of the multiples of every number"),
};

pub(crate) const NEXT_PRIME: Primitive = Primitive {
    name: "next_prime",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::Int,
    summary: "the smallest prime number above n",
    example: &[Sample::Int(97)],
    eval: next_prime,
    steps: 1 << 20,
    record: Record::exhaustive(20_101, "n from -100 to 20000", "the numbers that a sieve leaves"),
};

pub(crate) const NTH_PRIME: Primitive = Primitive {
    name: "nth_prime",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::Int,
    summary: "the prime number at place n, from 1 to 100000, where 2 is at place 1",
    example: &[Sample::Int(10)],
    eval: nth_prime,
    steps: 1 << 24,
    record: Record::exhaustive(2_000, "n from 1 to 2000", "trial division by the primes before"),
};

pub(crate) const PRIME_COUNT: Primitive = Primitive {
    name: "prime_count",
    version: 1,
    parameters: &[int("n")],
    returns: Kind::Int,
    summary: "how many prime numbers are at most n, which is at most 2000000",
    example: &[Sample::Int(100)],
    eval: prime_count,
    steps: 1 << 24,
    record: Record::exhaustive(5_101, "n from -100 to 5000", "trial division by every number up to the root"),
};

fn prime_factors(operands: &[Value]) -> Result<Value, CallError> {
    match one_int(operands) {
        n @ 2..=MAX_FACTORED => Ok(list_value(factors(n))),
        _ => Err(outside("prime_factors", "a number from 2 to 1000000000000")),
    }
}

/// Trial division by 2 and the odd numbers: what is left below the square of the divisor is a prime.
fn factors(mut left: i64) -> Vec<i64> {
    let (mut found, mut divisor) = (Vec::new(), 2);
    while divisor * divisor <= left {
        while left % divisor == 0 {
            found.push(divisor);
            left /= divisor;
        }
        divisor += if divisor == 2 { 1 } else { 2 };
    }
    if left > 1 {
        found.push(left);
    }
    found
}

/// The product, over the different prime factors, of one more than their exponents (Euler).
fn divisor_count(operands: &[Value]) -> Result<Value, CallError> {
    let n = one_int(operands);
    if !(1..=MAX_FACTORED).contains(&n) {
        return Err(outside("divisor_count", "a number from 1 to 1000000000000"));
    }
    let factors = factors(n);
    fitted("divisor_count", factors.chunk_by(|a, b| a == b).map(|run| run.len() + 1).product::<usize>())
}

fn next_prime(operands: &[Value]) -> Result<Value, CallError> {
    let mut candidate = one_int(operands).max(1);
    loop {
        candidate = candidate.checked_add(1).ok_or(CallError::Overflow { primitive: "next_prime" })?;
        // Of 64-bit numbers, less than 1600 in a row are composite.
        if u64::try_from(candidate).is_ok_and(prime) {
            return Ok(Value::Int(candidate));
        }
    }
}

/// The sieve of Eratosthenes: true at every prime up to `limit`.
fn sieve(limit: usize) -> Vec<bool> {
    let mut is_prime = vec![true; limit + 1];
    is_prime[..limit.min(1) + 1].fill(false);
    let mut p = 2;
    while p * p <= limit {
        if is_prime[p] {
            (p * p..=limit).step_by(p).for_each(|multiple| is_prime[multiple] = false);
        }
        p += 1;
    }
    is_prime
}

fn nth_prime(operands: &[Value]) -> Result<Value, CallError> {
    let n = one_int(operands);
    let place = usize::try_from(n).ok().filter(|_| (1..=MAX_PLACE).contains(&n));
    let place = place.ok_or(outside("nth_prime", "a place from 1 to 100000"))?;
    let mut limit = 16;
    loop {
        let mut primes = sieve(limit).into_iter().enumerate().filter(|(_, is_prime)| *is_prime);
        if let Some((prime, _)) = primes.nth(place - 1) {
            return fitted("nth_prime", prime);
        }
        limit *= 2;
    }
}

fn prime_count(operands: &[Value]) -> Result<Value, CallError> {
    let n = one_int(operands);
    if n > MAX_COUNTED {
        return Err(outside("prime_count", "a number up to 2000000"));
    }
    let limit = usize::try_from(n).unwrap_or(0);
    fitted("prime_count", sieve(limit).into_iter().filter(|is_prime| *is_prime).count())
}
