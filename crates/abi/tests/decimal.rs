//! Decimals: the type of a number is the one that holds it exactly, and a decimal has one form.

use abi::{Decimal, DecodeError, Value, decode, encode};
use proptest::prelude::*;

fn number(text: &str) -> Value {
    Value::from_number(text).unwrap_or_else(|| panic!("{text} is a number"))
}

/// Returns the number in words: its type, and its digits or bits.
fn shown(value: &Value) -> String {
    match value {
        Value::Int(int) => format!("int {int}"),
        Value::Float(float) => format!("float {:?}", float.get()),
        Value::Decimal(decimal) => format!("decimal {decimal}"),
        other => panic!("{other:?} is no number"),
    }
}

/// Returns the significant digits and the exponent of a float's exact value.
fn expansion(float: f64) -> (String, i64) {
    let text = format!("{:.1100e}", float.abs());
    let (digits, exponent) = text.split_once('e').expect("an exponent");
    let digits = digits.replace('.', "");
    (digits, exponent.parse::<i64>().expect("an integer") - 1100)
}

#[test]
fn each_number_has_the_type_that_holds_it() {
    for (text, expected) in [
        ("1", "int 1"),
        ("-0", "int 0"),
        ("1.0", "float 1.0"),
        ("1e0", "float 1.0"),
        ("0.5", "float 0.5"),
        ("-0.0", "float -0.0"),
        ("0e999999999999999999999", "float 0.0"),
        ("0.1", "decimal 0.1"),
        ("-0.10", "decimal -0.1"),
        ("9007199254740993", "int 9007199254740993"),
        ("9007199254740993.0", "int 9007199254740993"),
        ("9223372036854775807", "int 9223372036854775807"),
        ("9223372036854775808", "float 9.223372036854776e18"),
        ("-9223372036854775809", "decimal -9223372036854775809"),
        ("12345678901234567890", "decimal 12345678901234567890"),
        ("1e22", "float 1e22"),
        ("1e23", "decimal 1e23"),
        ("1e400", "decimal 1e400"),
        ("-1.5e-400", "decimal -1.5e-400"),
        ("5e-324", "decimal 5e-324"),
        ("123456789012345678901234567890", "decimal 1.2345678901234567890123456789e29"),
        ("0.00000012345", "decimal 0.00000012345"),
        ("0.000000012345", "decimal 1.2345e-8"),
    ] {
        assert_eq!(shown(&number(text)), expected, "{text}");
    }
    for text in [
        "",
        "-",
        "+1",
        "1e",
        "1e--5",
        "0x1",
        "1.2.3",
        "e5",
        ".",
        "1e99999999999",
        "1e-9999999999999999999",
        "NaN",
    ] {
        assert!(Value::from_number(text).is_none(), "{text}");
    }
}

#[test]
fn every_edge_of_the_floats_is_exact() {
    let edges = [
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        2.225_073_858_507_201e-308,
        1e22,
        0.1,
        123_456.789,
        f64::EPSILON,
    ];
    for float in edges {
        for (float, up) in [(float, 0), (f64::from_bits(float.to_bits() - 1), 1)] {
            let (digits, exponent) = expansion(float);
            let Some(Value::Float(read)) = Value::from_digits(false, &digits, exponent) else {
                panic!("{float:e} (edge {up}) is a float");
            };
            assert_eq!(read.get().to_bits(), float.to_bits());
            // One more digit far behind makes it another number.
            let beside = Value::from_digits(false, &format!("{digits}1"), exponent - 1);
            assert!(matches!(beside, Some(Value::Decimal(_))), "{float:e}");
        }
    }
}

#[test]
fn only_the_one_form_is_a_decimal() {
    for (digits, exponent) in [("10", 0), ("01", -1), ("", 0), ("1a", -1), ("5", -1), ("1", 0), ("١", -1)] {
        assert!(Decimal::new(false, digits, exponent).is_none(), "{digits}e{exponent}");
    }
    let encoded = |sign: u8, exponent: i32, digits: &str| {
        let length = u32::try_from(digits.len()).expect("short").to_le_bytes();
        [&[9, sign], &exponent.to_le_bytes()[..], &length, digits.as_bytes()].concat()
    };
    assert!(decode(&encoded(1, -1, "1")).is_ok());
    let wrong =
        [(2, -1, "1"), (0, -2, "10"), (0, -1, "01"), (0, 0, ""), (0, -1, "5"), (1, 1, "7"), (0, 0, "1x")];
    for (sign, exponent, digits) in wrong {
        let refused = decode(&encoded(sign, exponent, digits)).err();
        assert_eq!(refused, Some(DecodeError::NotADecimal { at: 0 }), "{sign} {digits}e{exponent}");
    }
}

proptest! {
    #[test]
    fn a_float_is_found_by_its_exact_digits(bits in any::<u64>()) {
        let float = f64::from_bits(bits);
        prop_assume!(float.is_finite());
        let (digits, exponent) = expansion(float);
        let read = Value::from_digits(float.is_sign_negative(), &digits, exponent);
        let Some(Value::Float(read)) = read else { panic!("{float:e}: {read:?}") };
        prop_assert_eq!(read.get().to_bits(), bits);
    }

    #[test]
    fn a_number_is_a_float_exactly_if_the_nearest_float_is_the_number(
        digits in "[1-9][0-9]{0,25}", places in -330..330_i64,
    ) {
        let float: f64 = format!("{digits}e{places}").parse().expect("a number");
        let plain = |digits: &str, exponent: i64| {
            let trimmed = digits.trim_end_matches('0');
            (trimmed.to_owned(), exponent + i64::try_from(digits.len() - trimmed.len()).expect("short"))
        };
        let is_exact = float.is_finite() && {
            let (expanded, exponent) = expansion(float);
            plain(expanded.trim_start_matches('0'), exponent) == plain(&digits, places)
        };
        let value = Value::from_digits(false, &digits, places).expect("digits");
        prop_assert_eq!(matches!(value, Value::Float(_)), is_exact, "{:?}", value);
    }

    #[test]
    fn a_number_is_read_back_from_its_words_and_its_bytes(
        sign in any::<bool>(), digits in "[0-9]{1,40}", places in -400..400_i64,
    ) {
        let value = Value::from_digits(sign, &digits, places).expect("digits");
        if let Value::Decimal(decimal) = &value {
            prop_assert_eq!(shown(&number(&decimal.to_string())), shown(&value));
            let again = Decimal::new(decimal.is_negative(), decimal.digits(), decimal.exponent());
            prop_assert_eq!(again.as_ref(), Some(decimal));
        }
        let bytes = encode(&value);
        prop_assert_eq!(shown(&decode(&bytes).expect("canonical")), shown(&value));
    }
}
