//! Lists against tallies of their numbers.

use prims::Value;

use crate::trial::{Proof, Trial, as_int, list, rows};

pub(crate) const PROOFS: &[Proof] = &[
    Proof {
        name: "sort_numbers",
        run: |trial| {
            lists(trial, 0, |numbers| {
                let mut sorted: Vec<i64> = Vec::new();
                for n in numbers {
                    let at = sorted.iter().position(|other| other > n).unwrap_or(sorted.len());
                    sorted.insert(at, *n);
                }
                Some(list(&sorted))
            });
        },
        // In the order of how they are written.
        wrong: |_, right| {
            right.map(|value| {
                let mut numbers: Vec<i64> = value.as_list().expect("a list").iter().map(as_int).collect();
                numbers.sort_by_key(|n| n.to_string());
                list(&numbers)
            })
        },
    },
    Proof {
        name: "total",
        run: |trial| {
            lists(trial, 0, |numbers| Some(Value::Int(tally(numbers).map(|(n, times)| n * times).sum())));
        },
        // Each number once.
        wrong: |operands, _| {
            Ok(Value::Int(
                tally(&numbers(&operands[0])).filter(|(_, times)| *times > 0).map(|(n, _)| n).sum(),
            ))
        },
    },
    Proof {
        name: "median",
        run: |trial| {
            lists(trial, 1, |numbers| {
                // The halves of whole numbers from -3 to 3 that have as many numbers below as above.
                let middle = |twice: &i64| {
                    let below = numbers.iter().filter(|n| 2 * **n < *twice).count();
                    let above = numbers.iter().filter(|n| 2 * **n > *twice).count();
                    let half = numbers.len() / 2;
                    below <= half && above <= half
                };
                // All numbers between the two in the middle are such; the median is the mean of the least and largest.
                let found: Vec<i64> = (-6..=6).filter(middle).collect();
                let twice = found[0] + found[found.len() - 1];
                (twice % 4 == 0).then_some(Value::Int(twice / 4))
            });
        },
        // The lower one of two in the middle.
        wrong: |operands, _| {
            let mut numbers = numbers(&operands[0]);
            numbers.sort_unstable();
            Ok(Value::Int(numbers[(numbers.len() - 1) / 2]))
        },
    },
    Proof {
        name: "most_common",
        run: |trial| {
            lists(trial, 1, |numbers| {
                let most = tally(numbers).map(|(_, times)| times).max().expect("seven numbers");
                let found: Vec<i64> =
                    tally(numbers).filter(|(_, times)| *times == most).map(|(n, _)| n).collect();
                (found.len() == 1).then(|| Value::Int(found[0]))
            });
        },
        // The first one of several.
        wrong: |operands, right| right.or(Ok(Value::Int(numbers(&operands[0])[0]))),
    },
    Proof {
        name: "largest",
        run: |trial| {
            lists(trial, 1, |numbers| {
                numbers.iter().find(|n| numbers.iter().all(|other| other <= n)).map(|n| Value::Int(*n))
            });
        },
        // 0 is the largest of negative numbers.
        wrong: |_, right| right.map(|value| Value::Int(as_int(&value).max(0))),
    },
    Proof {
        name: "smallest",
        run: |trial| {
            lists(trial, 1, |numbers| {
                numbers.iter().find(|n| numbers.iter().all(|other| other >= n)).map(|n| Value::Int(*n))
            });
        },
        wrong: |_, right| right.map(|value| Value::Int(as_int(&value).min(0))),
    },
];

fn lists(trial: &mut Trial<'_>, least: usize, oracle: fn(&[i64]) -> Option<Value>) {
    for numbers in rows(&[-3, -2, -1, 0, 1, 2, 3], least, 5) {
        trial.check(&[list(&numbers)], oracle(&numbers));
    }
}

fn numbers(value: &Value) -> Vec<i64> {
    value.as_list().expect("a list").iter().map(as_int).collect()
}

/// Returns how often each number from -3 to 3 occurs.
fn tally(numbers: &[i64]) -> impl Iterator<Item = (i64, i64)> + '_ {
    (-3..=3).map(|n| (n, numbers.iter().filter(|other| **other == n).count() as i64))
}

#[test]
fn large_numbers_and_long_lists_are_refused() {
    let call = |name: &str, value| prims::find(name).expect("a primitive").call(&[value]);
    assert!(call("total", list(&[i64::MAX, 1])).is_err());
    assert_eq!(call("total", list(&[i64::MAX, 1, -1])).map(|total| as_int(&total)), Ok(i64::MAX));
    assert_eq!(call("median", list(&[i64::MAX, i64::MAX])).map(|median| as_int(&median)), Ok(i64::MAX));
    assert!(call("total", list(&[0; 10_001])).is_err());
    assert!(call("largest", Value::List(vec![Value::text("1")])).is_err());
    for name in ["median", "most_common", "largest", "smallest"] {
        assert!(call(name, list(&[])).is_err(), "{name}");
    }
}
