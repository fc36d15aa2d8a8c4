//! Numbers of contracts and subjects are compared as they were written, in every keyword and in answers.

mod common;

use common::{Root, judged};
use det::{Contract, ExpectedFrom, Float, Form, Level, Schema, Value, equal, extract, parse_json};
use proptest::prelude::*;

fn admits(schema: &str, subject: &str) -> bool {
    let schema = Schema::parse(schema).unwrap_or_else(|error| panic!("{schema}: {error}"));
    schema.check(&parse_json(subject).unwrap()).is_ok()
}

#[test]
fn no_keyword_rounds() {
    let table: [(&str, &[&str], &[&str]); 16] = [
        (
            r#"{"const":12345678901234567890}"#,
            &["12345678901234567890", "1234567890123456789e1"],
            &["12345678901234567891", "1.2345678901234567e19"],
        ),
        (
            r#"{"const":0.1}"#,
            &["0.1", "0.10", "1e-1"],
            &["0.1000000000000000055511151231257827", "0.10000000000000001"],
        ),
        (r#"{"const":1}"#, &["1", "1.0", "1e0", "10e-1"], &["1.00000000000000000001", "true"]),
        (r#"{"const":-0.0}"#, &["0", "-0", "0.0", "0e5"], &["1e-400"]),
        (
            r#"{"enum":[9007199254740993,0.3]}"#,
            &["9007199254740993", "9007199254740993.0", "0.3"],
            &["9007199254740992", "9007199254740994", "0.30000000000000004"],
        ),
        (
            r#"{"minimum":9223372036854775808}"#,
            &["9223372036854775808", "9223372036854775809"],
            &["9223372036854775807"],
        ),
        (r#"{"maximum":0.1}"#, &["0.1", "0.09999999999999999999"], &["0.10000000000000000001"]),
        (r#"{"exclusiveMinimum":1e400}"#, &["1e401", "1.0000001e400"], &["1e400", "1e399"]),
        (r#"{"exclusiveMaximum":-1e-400}"#, &["-1e-399", "-1"], &["-1e-400", "0"]),
        (r#"{"minimum":0.5}"#, &["0.5", "0.50000000000000000001"], &["0.49999999999999999999"]),
        (r#"{"multipleOf":0.01}"#, &["0.07", "4.35", "1e400", "0"], &["0.075", "0.010000000000000000001"]),
        (r#"{"multipleOf":3}"#, &["12345678901234567890", "-9"], &["12345678901234567891", "1e400"]),
        (r#"{"multipleOf":12345678901234567890}"#, &["24691357802469135780"], &["12345678901234567891"]),
        (
            r#"{"type":"integer"}"#,
            &["12345678901234567890", "1e400", "12345678901234567890.0"],
            &["0.1", "1e-400", "12345678901234567890.5"],
        ),
        (
            r#"{"uniqueItems":true}"#,
            &["[12345678901234567890,12345678901234567891]", "[0.1,0.10000000000000001]"],
            &["[0.1,0.10]", "[1e400,10e399]", "[1,1.0]", "[0,-0.0]"],
        ),
        (r#"{"const":{"a":[0.1]}}"#, &[r#"{"a":[0.10]}"#], &[r#"{"a":[0.2]}"#]),
    ];
    for (schema, good, bad) in table {
        for subject in good {
            assert!(admits(schema, subject), "{schema} refuses {subject}");
        }
        for subject in bad {
            assert!(!admits(schema, subject), "{schema} admits {subject}");
        }
    }
}

#[test]
fn an_answer_is_the_number_that_was_written() {
    let tenth = parse_json("0.1").unwrap();
    let expecting = |value| Contract::expecting(Form::Number, value, ExpectedFrom::User, &Root).unwrap();
    let shown = |contract: &Contract, reply: &str| {
        let answer = extract(reply, Form::Number).expect("an answer").to_value();
        judged(contract, answer).unwrap().verdict().shows(Level::Oracle)
    };
    let contract = expecting(tenth);
    assert!(shown(&contract, "Answer: 0.1") && shown(&contract, "Answer: 0.100"));
    assert!(!shown(&contract, "Answer: 0.10000000000000001") && !shown(&contract, "Answer: 0.2"));
    let long = expecting(parse_json("12345678901234567890").unwrap());
    assert!(shown(&long, "12345678901234567890") && !shown(&long, "12345678901234567891"));
    assert!(extract("Answer: 0.1\nAnswer: 0.10000000000000001", Form::Number).is_none());
    assert!(extract("Answer: 0.1\nAnswer: 0.10", Form::Number).is_some());
    assert!(extract("It is 0.000000012345.\nAnswer: 0.000000012345", Form::Number).is_some());
    assert!(extract("It is 12345678901234567891.\nAnswer: 12345678901234567890", Form::Number).is_none());
}

#[test]
fn a_float_from_memory_is_not_the_decimal_it_is_near_to() {
    let near = Value::Float(Float::new(0.1).unwrap());
    assert!(!equal(&near, &parse_json("0.1").unwrap()));
    let exact = "0.1000000000000000055511151231257827021181583404541015625";
    assert!(equal(&near, &parse_json(exact).unwrap()));
}

/// Returns a number of few digits in several writings that all mean the same.
fn writings() -> impl Strategy<Value = (i128, i32, Vec<String>)> {
    (-99_999_999_999_999_999_999_i128..99_999_999_999_999_999_999, -6..6_i32).prop_map(
        |(digits, exponent)| {
            let written = vec![
                format!("{digits}e{exponent}"),
                format!("{digits}0e{}", exponent - 1),
                format!("{digits}.000E{exponent}"),
            ];
            (digits, exponent, written)
        },
    )
}

proptest! {
    #[test]
    fn all_writings_of_a_number_are_equal_and_no_others((digits, exponent, written) in writings(), add in 1..3_i128) {
        let values: Vec<Value> = written.iter().map(|text| parse_json(text).unwrap()).collect();
        for value in &values {
            prop_assert!(equal(value, &values[0]));
        }
        let other = parse_json(&format!("{}e{exponent}", digits + add)).unwrap();
        prop_assert!(!equal(&values[0], &other));
        let schema = Schema::parse(&format!(r#"{{"exclusiveMinimum":{}}}"#, written[0])).unwrap();
        prop_assert!(schema.check(&other).is_ok() && schema.check(&values[1]).is_err());
    }

    #[test]
    fn multiples_agree_with_whole_numbers(divisor in 1..5000_i128, places in 0..4_i32, number in any::<i64>(), zeros in 0..4_i32) {
        // Both sides times 10^8 are whole.
        let scale = |digits: i128, exponent: i32| digits * 10_i128.pow(u32::try_from(8 + exponent).unwrap());
        let expected = scale(number.into(), zeros - 3) % scale(divisor, -places) == 0;
        let schema = Schema::parse(&format!(r#"{{"multipleOf":{divisor}e-{places}}}"#)).unwrap();
        let subject = parse_json(&format!("{number}e{}", zeros - 3)).unwrap();
        prop_assert_eq!(schema.check(&subject).is_ok(), expected);
    }
}
