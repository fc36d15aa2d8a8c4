//! Numerals against the numbers that they were made of.

use std::collections::BTreeMap;

use prims::Value;

use crate::trial::{Proof, Trial, as_int, as_text, words};

pub(crate) const PROOFS: &[Proof] = &[
    Proof {
        name: "to_base",
        run: |trial| {
            each_number(trial, |trial, n, base| {
                trial.judge(&[Value::Int(n), Value::Int(base)], |found| {
                    let Ok(digits) = found else { return false };
                    let digits = as_text(digits);
                    let begins_well = digits == "0" || (!digits.starts_with('0') && !digits.is_empty());
                    begins_well && value(digits, base) == Some(n.into())
                });
            });
        },
        // Capital letters.
        wrong: |_, right| right.map(|digits| Value::text(as_text(&digits).to_uppercase())),
    },
    Proof {
        name: "from_base",
        run: |trial| {
            each_number(trial, |trial, n, base| {
                let (mut left, mut digits) = (n, String::new());
                while left > 0 || digits.is_empty() {
                    digits.insert(0, DIGITS.chars().nth((left % base) as usize).expect("a digit"));
                    left /= base;
                }
                trial.check(&[Value::text(digits), Value::Int(base)], Some(Value::Int(n)));
            });
        },
        // Decimal digits, whatever the base.
        wrong: |operands, right| match as_text(&operands[0]).parse() {
            Ok(n) => Ok(Value::Int(n)),
            Err(_) => right,
        },
    },
    Proof {
        name: "roman",
        run: |trial| {
            (1..=3999).for_each(|n| trial.check(&[Value::Int(n)], Some(Value::text(table(n as usize)))));
        },
        // Without the nines of the hundreds.
        wrong: |_, right| right.map(|numeral| Value::text(as_text(&numeral).replace("CM", "DCCCC"))),
    },
    Proof {
        name: "from_roman",
        run: |trial| {
            let numerals: BTreeMap<String, i64> = (1..=3999).map(|n| (table(n as usize), n)).collect();
            for text in words(&['I', 'V', 'X', 'L', 'C', 'D', 'M'], 1, 5) {
                let number = numerals.get(&text).map(|n| Value::Int(*n));
                trial.check(&[Value::text(text)], number);
            }
            for (text, n) in numerals.iter().filter(|(text, _)| text.len() > 5) {
                trial.check(&[Value::text(text.as_str())], Some(Value::Int(*n)));
            }
        },
        // Fours and nines of equal signs are taken too.
        wrong: |operands, right| if as_text(&operands[0]) == "IIII" { Ok(Value::Int(4)) } else { right },
    },
];

const DIGITS: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

fn each_number(trial: &mut Trial<'_>, mut check: impl FnMut(&mut Trial<'_>, i64, i64)) {
    for n in 0..2_000 {
        (2..=36).for_each(|base| check(trial, n, base));
    }
    for _ in 0..1_000 {
        let n = trial.natural();
        (2..=36).for_each(|base| check(trial, n, base));
    }
}

/// Returns the value of digits, by the powers of the base.
fn value(digits: &str, base: i64) -> Option<i128> {
    let mut power = 1_i128;
    let mut sum = 0;
    for digit in digits.chars().rev() {
        let digit = DIGITS.find(digit).filter(|digit| (*digit as i64) < base)?;
        sum += digit as i128 * power;
        power *= i128::from(base);
    }
    Some(sum)
}

/// Returns a numeral by its decimal digits.
fn table(n: usize) -> String {
    const ONES: [&str; 10] = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    const TENS: [&str; 10] = ["", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC"];
    const HUNDREDS: [&str; 10] = ["", "C", "CC", "CCC", "CD", "D", "DC", "DCC", "DCCC", "CM"];
    const THOUSANDS: [&str; 4] = ["", "M", "MM", "MMM"];
    [THOUSANDS[n / 1000], HUNDREDS[n / 100 % 10], TENS[n / 10 % 10], ONES[n % 10]].concat()
}

#[test]
fn digits_beyond_64_bits_are_refused() {
    let call = |digits: &str, base| {
        let operands = [Value::text(digits), Value::Int(base)];
        prims::find("from_base").expect("a primitive").call(&operands).map(|value| as_int(&value))
    };
    assert_eq!(call("9223372036854775807", 10), Ok(i64::MAX));
    assert!(call("9223372036854775808", 10).is_err());
    assert_eq!(call("FF", 16), Ok(255));
    for (digits, base) in [("", 10), ("2", 2), ("-1", 10), ("1 0", 2), ("1", 1), ("1", 37)] {
        assert!(call(digits, base).is_err(), "{digits:?} in base {base}");
    }
}
