//! Sums, differences, divisors and primes, compared with tables, laws and a sieve.

use prims::{CallError, Value, find};
use proptest::prelude::*;

fn binary(name: &str, a: i64, b: i64) -> Result<i64, CallError> {
    let primitive = find(name).expect("a primitive");
    primitive.call(&[Value::Int(a), Value::Int(b)]).map(|value| match value {
        Value::Int(int) => int,
        other => panic!("{name} returned {other:?}"),
    })
}

fn is_prime(n: i64) -> bool {
    match find("is_prime").expect("a primitive").call(&[Value::Int(n)]) {
        Ok(Value::Bool(prime)) => prime,
        other => panic!("is_prime({n}) returned {other:?}"),
    }
}

/// Compares a result with the expected one; None stands for a result beyond 64 bits.
fn check(name: &'static str, a: i64, b: i64, expected: Option<i64>) {
    let expected = expected.ok_or(CallError::Overflow { primitive: name });
    assert_eq!(binary(name, a, b), expected, "{name}({a}, {b})");
}

#[test]
fn results_beyond_64_bits_are_refused() {
    const MIN: i64 = i64::MIN;
    const MAX: i64 = i64::MAX;
    check("add", 2, 3, Some(5));
    check("add", MAX, 0, Some(MAX));
    check("add", MAX, 1, None);
    check("add", MIN, -1, None);
    check("add", MIN, MAX, Some(-1));
    check("subtract", 2, 3, Some(-1));
    check("subtract", MIN, 1, None);
    check("subtract", 0, MIN, None);
    check("subtract", -1, MIN, Some(MAX));
    check("subtract", MIN, MIN, Some(0));
    check("multiply", -2, 3, Some(-6));
    check("multiply", MIN, 1, Some(MIN));
    check("multiply", MIN, -1, None);
    check("multiply", 1 << 32, 1 << 31, None);
    check("multiply", 1 << 31, 1 << 31, Some(1 << 62));
    check("gcd", 12, 18, Some(6));
    check("gcd", -12, 18, Some(6));
    check("gcd", -12, -18, Some(6));
    check("gcd", 0, 0, Some(0));
    check("gcd", 0, -5, Some(5));
    check("gcd", MIN, 0, None);
    check("gcd", 0, MIN, None);
    check("gcd", MIN, MIN, None);
    check("gcd", MIN, 6, Some(2));
    check("gcd", MIN, MAX, Some(1));
    // Consecutive Fibonacci numbers need the most steps of Euclid's algorithm.
    check("gcd", 7_540_113_804_746_346_429, 4_660_046_610_375_530_309, Some(1));
}

#[test]
fn primes_agree_with_a_sieve_to_100_000() {
    const END: usize = 100_001;
    let mut composite = vec![false; END];
    for p in 2..END {
        if !composite[p] {
            (p * p..END).step_by(p).for_each(|multiple| composite[multiple] = true);
        }
    }
    for (n, composite) in composite.iter().enumerate() {
        let n = i64::try_from(n).expect("small");
        assert_eq!(is_prime(n), n >= 2 && !composite, "{n}");
        assert!(!is_prime(-n), "-{n}");
    }
}

fn check_primes(numbers: &[i64], expected: bool) {
    for n in numbers {
        assert_eq!(is_prime(*n), expected, "{n}");
    }
}

#[test]
fn known_large_numbers_are_told_apart() {
    let primes = [
        2_147_483_647, // 2^31 - 1
        2_147_483_659, // the first above 2^31
        4_294_967_291, // the last below 2^32
        4_294_967_311, // the first above 2^32
        1_000_000_007,
        1_000_000_000_039,
        67_280_421_310_721,        // divides 2^64 + 1
        2_305_843_009_213_693_951, // 2^61 - 1
        9_223_372_036_854_775_783, // the last below 2^63
    ];
    check_primes(&primes, true);
    let carmichael = [
        561,
        1105,
        1729,
        2465,
        2821,
        6601,
        8911,
        10_585,
        15_841,
        29_341,
        41_041,
        825_265,
        321_197_185,
        5_394_826_801,
        232_250_619_601,
        9_746_347_772_161,
        1_436_697_831_295_441,
    ];
    check_primes(&carmichael, false);
    // The least composite numbers that pass the test with the first k primes as witnesses.
    let strong_pseudoprimes = [
        2047,
        1_373_653,
        25_326_001,
        3_215_031_751,
        2_152_302_898_747,
        3_474_749_660_383,
        341_550_071_728_321,
        3_825_123_056_546_413_051,
    ];
    check_primes(&strong_pseudoprimes, false);
    let composites = [
        i64::MIN,
        -7,
        -1,
        0,
        1,
        4_294_967_297,             // 641 * 6700417
        4_611_685_975_477_714_963, // 2147483629 * 2147483647
        4_611_686_014_132_420_609, // (2^31 - 1)^2
        9_223_372_036_854_775_807, // 7^2 * 73 * 127 * 337 * 92737 * 649657
        9_223_372_036_854_775_781,
    ];
    check_primes(&composites, false);
}

proptest! {
    #[test]
    fn subtraction_undoes_addition(a: i64, b: i64) {
        if let Ok(sum) = binary("add", a, b) {
            prop_assert_eq!(i128::from(sum), i128::from(a) + i128::from(b));
            prop_assert_eq!(binary("subtract", sum, b), Ok(a));
        } else {
            prop_assert!(i64::try_from(i128::from(a) + i128::from(b)).is_err());
        }
    }

    #[test]
    fn the_greatest_common_divisor_keeps_its_laws(a in -1_000_000_i64.., b: i64, k in 1_i64..1000) {
        let gcd = binary("gcd", a, b).expect("a is above the least integer");
        prop_assert_eq!(binary("gcd", b, a), Ok(gcd));
        prop_assert!(gcd >= 0);
        if gcd == 0 {
            prop_assert!(a == 0 && b == 0);
        } else {
            prop_assert!(a % gcd == 0 && b % gcd == 0);
            prop_assert_eq!(binary("gcd", a / gcd, b / gcd), Ok(1));
        }
        let (a, b) = (a % 1_000_000, b % 1_000_000);
        let gcd = binary("gcd", a, b).expect("small");
        prop_assert_eq!(binary("gcd", a * k, b * k), Ok(gcd * k));
        prop_assert_eq!(binary("gcd", a + b * k, b), Ok(gcd));
    }

    #[test]
    fn a_product_is_not_prime(a in 2_i64..3_000_000_000, b in 2_i64..3_000_000_000) {
        prop_assert!(!is_prime(a * b));
    }
}
