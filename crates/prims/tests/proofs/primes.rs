//! Primes against sieves, and against trial division where a sieve is at work.

use prims::Value;

use crate::trial::{Proof, as_int, list, one_more};

pub(crate) const PROOFS: &[Proof] = &[
    Proof {
        name: "is_prime",
        run: |trial| {
            let least = least_factors(100_000);
            for n in -100..=100_000_i64 {
                let is_prime = n >= 2 && least[n as usize] == n as usize;
                trial.check(&[Value::Int(n)], Some(Value::Bool(is_prime)));
            }
        },
        // The test of Fermat to the base 2, which 341 passes.
        wrong: |operands, right| if as_int(&operands[0]) == 341 { Ok(Value::Bool(true)) } else { right },
    },
    Proof {
        name: "prime_factors",
        run: |trial| {
            let least = least_factors(50_001);
            for n in 2..=50_001_usize {
                let (mut left, mut factors) = (n, Vec::new());
                while left > 1 {
                    factors.push(least[left] as i64);
                    left /= least[left];
                }
                trial.check(&[Value::Int(n as i64)], Some(list(&factors)));
            }
        },
        // Each factor once.
        wrong: |_, right| {
            right.map(|value| {
                let mut factors: Vec<i64> = value.as_list().expect("a list").iter().map(as_int).collect();
                factors.dedup();
                list(&factors)
            })
        },
    },
    Proof {
        name: "divisor_count",
        run: |trial| {
            let mut tally = vec![0; 20_001];
            for divisor in 1..=20_000 {
                (divisor..=20_000).step_by(divisor).for_each(|multiple| tally[multiple] += 1);
            }
            (1..=20_000_i64).for_each(|n| trial.int(&[n], Some(tally[n as usize])));
        },
        // Without the number itself.
        wrong: |_, right| right.map(|value| Value::Int(as_int(&value) - 1)),
    },
    Proof {
        name: "next_prime",
        run: |trial| {
            let least = least_factors(20_100);
            let primes: Vec<i64> = (2..=20_100).filter(|n| least[*n] == *n).map(|n| n as i64).collect();
            for n in -100..=20_000_i64 {
                let next = primes.iter().find(|prime| **prime > n).expect("a prime below 20100");
                trial.int(&[n], Some(i128::from(*next)));
            }
        },
        // A prime is its own next one.
        wrong: |operands, right| if as_int(&operands[0]) == 97 { Ok(Value::Int(97)) } else { right },
    },
    Proof {
        name: "nth_prime",
        run: |trial| {
            let mut primes: Vec<i64> = Vec::new();
            for place in 1..=2_000 {
                let start = primes.last().map_or(2, |last| last + 1);
                let is_prime = |n: &i64| {
                    primes.iter().take_while(|prime| **prime * **prime <= *n).all(|prime| n % prime != 0)
                };
                let next = (start..).find(is_prime).expect("there is always another one");
                primes.push(next);
                trial.int(&[place], Some(next.into()));
            }
        },
        // Places from 0 on.
        wrong: |operands, right| if as_int(&operands[0]) == 1 { Ok(Value::Int(3)) } else { right },
    },
    Proof {
        name: "prime_count",
        run: |trial| {
            let mut count = 0;
            for n in -100..=5_000_i64 {
                let is_prime = n > 1 && (2..n).take_while(|d| d * d <= n).all(|d| n % d != 0);
                count += i128::from(is_prime);
                trial.int(&[n], Some(count));
            }
        },
        // With 1 as a prime.
        wrong: |operands, right| if as_int(&operands[0]) >= 1 { one_more(right) } else { right },
    },
];

/// Returns the least prime factor of every number up to `end`.
fn least_factors(end: usize) -> Vec<usize> {
    let mut least = vec![0; end + 1];
    for n in 2..=end {
        if least[n] == 0 {
            for multiple in (n..=end).step_by(n) {
                if least[multiple] == 0 {
                    least[multiple] = n;
                }
            }
        }
    }
    least
}
