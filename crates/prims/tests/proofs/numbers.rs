//! Arithmetic against 128 bits and against slower ways.

use prims::Value;

use crate::trial::{Proof, Trial, as_int, one_more};

pub(crate) const PROOFS: &[Proof] = &[
    Proof {
        name: "add",
        run: |trial| pairs(trial, |a, b| a + b),
        wrong: |operands, _| Ok(Value::Int(as_int(&operands[0]).wrapping_add(as_int(&operands[1])))),
    },
    Proof {
        name: "subtract",
        run: |trial| pairs(trial, |a, b| a - b),
        wrong: |operands, _| Ok(Value::Int(as_int(&operands[0]).saturating_sub(as_int(&operands[1])))),
    },
    Proof {
        name: "multiply",
        run: |trial| pairs(trial, |a, b| a * b),
        wrong: |operands, _| Ok(Value::Int(as_int(&operands[0]).wrapping_mul(as_int(&operands[1])))),
    },
    Proof {
        name: "gcd",
        run: |trial| {
            square(trial, 60, |a, b| {
                let divides = |d: &i128| a % d == 0 && b % d == 0;
                (1..=60).rev().find(divides).filter(|_| (a, b) != (0, 0)).unwrap_or(0)
            });
        },
        // The sign of an operand remains.
        wrong: |operands, right| {
            if as_int(&operands[0]) < 0 && as_int(&operands[1]) == 0 {
                Ok(operands[0].clone())
            } else {
                right
            }
        },
    },
    Proof {
        name: "lcm",
        run: |trial| {
            square(trial, 60, |a, b| match (a.abs(), b.abs()) {
                (0, _) | (_, 0) => 0,
                (a, b) => (1..).map(|k| k * a).find(|multiple| multiple % b == 0).expect("a * b is one"),
            });
        },
        wrong: |operands, _| Ok(Value::Int((as_int(&operands[0]) * as_int(&operands[1])).abs())),
    },
    Proof {
        name: "factorial",
        run: |trial| {
            let mut product = 1_i128;
            for n in 0..30_i64 {
                product *= i128::from(n.max(1));
                trial.int(&[n], Some(product));
            }
        },
        wrong: |operands, right| if as_int(&operands[0]) == 0 { Ok(Value::Int(0)) } else { right },
    },
    Proof {
        name: "binomial",
        run: |trial| {
            let mut row = vec![1_i128];
            for n in 0..=80_i64 {
                for k in 0..=80_i64 {
                    trial.int(&[n, k], Some(row.get(k as usize).copied().unwrap_or(0)));
                }
                let inner = row.windows(2).map(|pair| pair[0] + pair[1]).collect::<Vec<_>>();
                row = [vec![1], inner, vec![1]].concat();
            }
        },
        // With repetition.
        wrong: |operands, right| {
            if as_int(&operands[1]) > as_int(&operands[0]) { Ok(Value::Int(1)) } else { right }
        },
    },
    Proof {
        name: "power",
        run: |trial| {
            for base in -20..=20_i64 {
                let mut product = Some(1_i128);
                for exponent in 0..70 {
                    trial.int(&[base, exponent], product);
                    product = product.and_then(|product| product.checked_mul(base.into()));
                }
            }
        },
        wrong: |operands, right| if as_int(&operands[1]) == 63 { one_more(right) } else { right },
    },
    Proof {
        name: "power_modulo",
        run: |trial| {
            for base in -20..=20_i64 {
                for modulus in 1..=30_i64 {
                    let mut left = 1 % i128::from(modulus);
                    for exponent in 0..20 {
                        trial.int(&[base, exponent, modulus], Some(left));
                        left = (left * i128::from(base)).rem_euclid(modulus.into());
                    }
                }
            }
        },
        // The remainder by 1 of a power of 0 is forgotten.
        wrong: |operands, right| if as_int(&operands[1]) == 0 { Ok(Value::Int(1)) } else { right },
    },
    Proof {
        name: "remainder",
        run: |trial| {
            for a in -200..=200_i64 {
                for b in 1..=50_i64 {
                    let mut left = i128::from(a);
                    while left < 0 {
                        left += i128::from(b);
                    }
                    while left >= i128::from(b) {
                        left -= i128::from(b);
                    }
                    trial.int(&[a, b], Some(left));
                }
            }
        },
        // The sign of the machine's remainder.
        wrong: |operands, _| Ok(Value::Int(as_int(&operands[0]) % as_int(&operands[1]))),
    },
    Proof {
        name: "integer_sqrt",
        run: |trial| {
            let check = |trial: &mut Trial<'_>, n: i64| {
                trial.judge(&[Value::Int(n)], |found| {
                    let root = found.as_ref().map_or(-1, |root| i128::from(as_int(root)));
                    root >= 0 && root * root <= i128::from(n) && i128::from(n) < (root + 1) * (root + 1)
                });
            };
            (0..100_000).for_each(|n| check(trial, n));
            for _ in 0..10_000 {
                let root = trial.below(1 << 31) as i64;
                let beside = trial.below(3) as i64 - 1;
                check(trial, (root * root + beside).max(0));
            }
        },
        // The root in binary64, which rounds.
        wrong: |operands, right| {
            let n = as_int(&operands[0]);
            if n > 1 << 52 { Ok(Value::Int((n as f64).sqrt() as i64)) } else { right }
        },
    },
    Proof {
        name: "fibonacci",
        run: |trial| (0..120).for_each(|n| trial.int(&[n], Some(doubled(n).0))),
        // The row that begins with 1.
        wrong: |operands, right| if as_int(&operands[0]) == 0 { Ok(Value::Int(1)) } else { right },
    },
    Proof {
        name: "digit_sum",
        run: |trial| {
            let check = |trial: &mut Trial<'_>, n: i64| {
                let digits = n.to_string().bytes().map(|digit| i128::from(digit - b'0')).sum();
                trial.int(&[n], Some(digits));
            };
            (0..100_000).for_each(|n| check(trial, n));
            for _ in 0..10_000 {
                let n = trial.natural();
                check(trial, n);
            }
        },
        // The digital root.
        wrong: |operands, _| {
            Ok(Value::Int(match as_int(&operands[0]) {
                0 => 0,
                n => 1 + (n - 1) % 9,
            }))
        },
    },
];

fn square(trial: &mut Trial<'_>, end: i64, oracle: fn(i128, i128) -> i128) {
    for a in -end..=end {
        for b in -end..=end {
            trial.int(&[a, b], Some(oracle(a.into(), b.into())));
        }
    }
}

/// Small numbers in all pairs, and all pairs of the numbers beside powers of 2.
fn pairs(trial: &mut Trial<'_>, oracle: fn(i128, i128) -> i128) {
    square(trial, 150, oracle);
    let powers = (8..64).step_by(5).map(|power| 1_i128 << power);
    let beside = powers.flat_map(|power| [-power - 1, -power, -power + 1, power - 1, power, power + 1]);
    let ends =
        [i128::from(i64::MIN), i128::from(i64::MIN) + 1, i128::from(i64::MAX) - 1, i128::from(i64::MAX)];
    let all: Vec<i64> = beside.chain(ends).filter_map(|n| i64::try_from(n).ok()).collect();
    for a in &all {
        for b in &all {
            trial.int(&[*a, *b], Some(oracle((*a).into(), (*b).into())));
        }
    }
}

/// Returns F(n) and F(n + 1), by halving n.
fn doubled(n: i64) -> (i128, i128) {
    if n == 0 {
        return (0, 1);
    }
    let (a, b) = doubled(n / 2);
    let (even, odd) = (a * (2 * b - a), a * a + b * b);
    if n % 2 == 0 { (even, odd) } else { (odd, even + odd) }
}
